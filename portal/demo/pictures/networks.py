"""Servers, networks, satellites and the screens that show them."""

# Coordinates read best in rows.
# fmt: off

import itertools
import math

from .canvas import Canvas, mix
from .people import bars, curve, person, ring

TEAL, GOLD, RED = "#1d7f86", "#efb65a", "#c2452f"


def face(near, far, t, f):
    """Height of the point `t` along and `f` down a rack's face in perspective."""
    top = far[0] + (near[0] - far[0]) * t
    low = far[1] + (near[1] - far[1]) * t
    return top + (low - top) * f


def data_centre(c: Canvas):
    c.sky((0, "#04222c"), (0.5, "#0d4a55"), (1, "#04202a"))
    cx, cy = 900, 560
    c.glow(cx, cy, 620, 560, "#b9fff0", 0.7)
    n = 9
    for side in (-1, 1):
        for k in range(n, 0, -1):
            near, far = 1.62 ** (k - n + 1) * 1050, 1.62 ** (k - n) * 1050
            x0, x1 = cx + side * near, cx + side * far
            top0, top1 = cy - near * 0.66, cy - far * 0.66
            low0, low1 = cy + near * 0.7, cy + far * 0.7
            shade = mix("#7fd8cd", "#0b2c37", min(1, 0.25 + k / n))
            c.polygon([(x0, top0), (x1, top1), (x1, low1), (x0, low0)], shade)
            edge = x1 + (x0 - x1) * 0.06
            inner = x1 + (x0 - x1) * 0.94
            front, back = (top0, low0), (top1, low1)
            for u in range(16):
                a, b = u / 16 + 0.012, (u + 1) / 16 - 0.012
                quad = [(edge, face(front, back, 0.06, a)),
                        (inner, face(front, back, 0.94, a)),
                        (inner, face(front, back, 0.94, b)),
                        (edge, face(front, back, 0.06, b))]
                c.polygon(quad, mix(shade, "#020f15", 0.55 if u % 2 else 0.42))
                if k > 2:
                    for led in range(7):
                        t = 0.15 + led * 0.1
                        x = x1 + (x0 - x1) * t
                        y = face(front, back, t, (a + b) / 2)
                        r = max(1.2, (near - far) * 0.008)
                        hue = c.random.choice(("#5ff0d5", "#5ff0d5", "#5ff0d5",
                                "#ffd36b", "#ff7a5c", "#0c4a52"))
                        c.ellipse(x, y, r, fill=hue)
            c.line([(x1, top1), (x1, low1)], mix("#9ff5e6", shade, 0.3),
                    max(1, near * 0.006))
    for k in range(10):
        w = 1.62 ** (k - 8) * 900
        y = cy + w * 0.86
        if y < 1250:
            c.line([(cx - w * 0.75, y), (cx + w * 0.75, y)], "#67cfc6",
                    max(1, w * 0.004), 0.5)
    for k in range(7):
        near, far = 1.62 ** (k - 6) * 900, 1.62 ** (k - 6.5) * 900
        c.polygon([(cx - near * 0.14, cy - near * 0.66),
                (cx + near * 0.14, cy - near * 0.66), (cx + far * 0.14,
                cy - far * 0.66), (cx - far * 0.14, cy - far * 0.66)], "#eafff8")
    c.soft([(cx - 120, cy - 300), (cx + 120, cy - 300), (cx + 330, 1200),
            (cx - 330, 1200)], "#b9fff0", 0.16, 50)
    c.glow(cx, cy, 260, 240, "#f4fffb", 0.9)
    _engineer(c, 1010, 1010, 1.1)


def _engineer(c: Canvas, x, y, s):
    """A standing figure with a tablet, seen from behind."""
    c.soft([(x - 90 * s, y - 10), (x + 100 * s, y + 40)], "#020f15", 0.6, 16, "ellipse")
    for dx in (-26, 24):
        c.rect(x + dx * s - 20 * s, y - 190 * s, 40 * s, 200 * s, "#14323d", radius=10)
    c.shaded([(x - 66 * s, y - 180 * s), (x - 74 * s, y - 350 * s),
            (x - 36 * s, y - 382 * s), (x + 36 * s, y - 382 * s),
            (x + 74 * s, y - 350 * s), (x + 66 * s, y - 180 * s)], (0, "#f4f7f5"),
            (1, "#b5cfcd"))
    c.line([(x + 66 * s, y - 345 * s), (x + 104 * s, y - 268 * s),
            (x + 60 * s, y - 232 * s)], "#dfeae8", 30 * s)
    c.rect(x + 36 * s, y - 280 * s, 90 * s, 62 * s, "#0c2a34", radius=8)
    c.rect(x + 42 * s, y - 274 * s, 78 * s, 50 * s, "#7fe6d7", radius=5)
    c.rect(x - 15 * s, y - 410 * s, 30 * s, 40 * s, "#c98f6b")
    c.ellipse(x, y - 440 * s, 42 * s, 48 * s, "#1a2226")


def digital_city(c: Canvas):
    c.sky((0, "#0a2f4a"), (0.45, "#1c6a7a"), (0.72, "#e9a86a"), (1, "#f3cf98"))
    c.glow(900, 860, 1300, 560, "#ffdca0", 0.75)
    rng = c.random
    for _ in range(90):
        c.ellipse(rng.uniform(0, 1800), rng.uniform(0, 420), rng.uniform(1, 2.6),
                fill="#ffffff", alpha=rng.uniform(0.3, 0.9))
    nodes = []
    for base, low, high, colour, lit, wide in ((930, 140, 420, "#4c8a92", 0.1,
            (60, 120)), (1010, 180, 560, "#1f5b69", 0.28, (80, 150)),
            (1110, 120, 380, "#0c3645", 0.42, (110, 200))):
        x = -40
        while x < 1800:
            w, h = rng.uniform(*wide), rng.uniform(low, high)
            c.shaded_rect(x, base - h, w, h + 300, (0, mix(colour, "#f3cf98", 0.12)),
                    (1, mix(colour, "#04202a", 0.35)), radius=6)
            if rng.random() < 0.35:
                c.line([(x + w / 2, base - h), (x + w / 2, base - h - 60)], colour, 5)
                c.ellipse(x + w / 2, base - h - 60, 6, fill="#ff7a5c")
            for wy in range(int(base - h + 18), int(base) + 120, 30):
                for wx in range(int(x + 14), int(x + w - 18), 26):
                    if rng.random() < lit:
                        c.rect(wx, wy, 12, 16, rng.choice(("#ffd98a", "#ffe9b8",
                                "#8fe6dc")), 1, 2)
            if base > 950 and rng.random() < 0.55:
                nodes.append((x + w / 2, base - h - 20))
            x += w + rng.uniform(4, 26)
        c.haze(base - 260, base + 60, "#f3c48e", 0, 0.22)
    hubs = [(300, 250), (640, 150), (960, 270), (1290, 130), (1560, 300)]
    for i, hub in enumerate(hubs):
        for node in sorted(nodes, key=lambda p: abs(p[0] - hub[0]))[:4]:
            c.line([hub, node], "#8ff0e4", 2.5, 0.5)
        if i:
            c.line([hubs[i - 1], hub], "#8ff0e4", 4, 0.75)
        if i > 1:
            c.line([hubs[i - 2], hub], "#8ff0e4", 2.5, 0.4)
    for x, y in nodes:
        c.glow(x, y, 30, 30, "#aefff2", 0.9)
        c.ellipse(x, y, 7, fill="#eafffb")
    for k, (x, y) in enumerate(hubs):
        c.glow(x, y, 150, 150, "#8ff0e4", 0.75)
        c.ellipse(x, y, 50, fill="#0d4a58")
        c.ellipse(x, y, 43, fill="#f2fffc")
        _icon(c, x, y, 25, k)


def _icon(c: Canvas, x, y, r, kind):
    """Five small marks: screen, person, pin, chart, shield."""
    ink = "#0d4a58"
    if kind == 0:
        c.rect(x - r, y - r * 0.8, 2 * r, 1.3 * r, ink, radius=5)
        c.rect(x - r * 0.78, y - r * 0.58, 1.56 * r, 0.86 * r, "#8ff0e4", radius=3)
        c.rect(x - r * 0.5, y + r * 0.7, r, r * 0.16, ink)
    elif kind == 1:
        c.ellipse(x, y - r * 0.42, r * 0.44, fill=ink)
        c.polygon([(x - r * 0.85, y + r * 0.85), (x - r * 0.6, y + r * 0.15),
                (x + r * 0.6, y + r * 0.15), (x + r * 0.85, y + r * 0.85)], ink)
    elif kind == 2:
        c.polygon([(x - r * 0.62, y - r * 0.1), (x, y + r),
                (x + r * 0.62, y - r * 0.1)], RED)
        c.ellipse(x, y - r * 0.32, r * 0.68, fill=RED)
        c.ellipse(x, y - r * 0.32, r * 0.28, fill="#ffffff")
    elif kind == 3:
        for k in range(4):
            c.rect(x - r + k * r * 0.54, y + r * 0.8 - r * (0.5 + 0.36 * k), r * 0.4,
                    r * (0.5 + 0.36 * k), (ink, TEAL)[k % 2], radius=3)
    else:
        c.polygon([(x, y - r), (x + r * 0.8, y - r * 0.66), (x + r * 0.72, y + r * 0.3),
                (x, y + r), (x - r * 0.72, y + r * 0.3), (x - r * 0.8, y - r * 0.66)],
                ink)
        c.line([(x - r * 0.34, y), (x - r * 0.06, y + r * 0.3),
                (x + r * 0.38, y - r * 0.32)], "#8ff0e4", 6)


def satellite_station(c: Canvas):
    c.sky((0, "#0a1f3d"), (0.5, "#1f5878"), (0.78, "#d08a6a"), (1, "#f0c288"))
    rng = c.random
    for _ in range(240):
        c.ellipse(rng.uniform(0, 1800), rng.uniform(0, 720) ** 1.0,
                rng.uniform(0.8, 2.8), fill="#ffffff", alpha=rng.uniform(0.25, 0.95))
    c.soft([(-200, 40), (500, -100), (1900, 700), (1500, 800)], "#bfe6f0", 0.16, 90)
    c.glow(1350, 900, 1000, 420, "#ffd29a", 0.8)
    c.shaded(c.ground(c.ridge(900, 190, 3)), (0, "#375f74"), (1, "#a8806e"))
    c.shaded(c.ground(c.ridge(990, 170, 4)), (0, "#1c4356"), (1, "#51606a"))
    c.shaded(c.ground(c.ridge(1100, 110, 3)), (0, "#0c2f3e"), (1, "#061c27"))
    for x, y, s in ((620, 1010, 1.0), (1260, 1040, 0.62), (1560, 1010, 0.44)):
        c.polygon([(x - 70 * s, y + 60 * s), (x - 22 * s, y - 170 * s),
                (x + 22 * s, y - 170 * s), (x + 70 * s, y + 60 * s)], "#d7dfdd")
        c.polygon([(x, y + 60 * s), (x, y - 170 * s), (x + 22 * s, y - 170 * s),
                (x + 70 * s, y + 60 * s)], "#8fa3a8")
        t = math.radians(-38)

        def at(px, py, x=x, y=y, s=s, t=t):
            return (x + (px * math.cos(t) - py * math.sin(t)) * s,
                    y - 220 * s + (px * math.sin(t) + py * math.cos(t)) * s)

        dish = [at(330 * math.cos(a), 110 * math.sin(a)) for a
                in [k * math.pi / 30 for k in range(31)]]
        c.shaded(dish, (0, "#b9c7c9"), (1, "#6f8890"))
        rim = [at(330 * math.cos(k * math.pi / 30), 58 * math.sin(k * math.pi / 30))
                for k in range(61)]
        c.shaded(rim, (0, "#9fb3b8"), (1, "#f3f4ee"))
        inner = [at(296 * math.cos(k * math.pi / 30), 46 * math.sin(k * math.pi / 30))
                for k in range(61)]
        c.shaded(inner, (0, "#6d8992"), (1, "#dfe6e2"))
        focus = at(0, -190)
        for px in (-230, 0, 230):
            c.line([at(px, 20), focus], "#e9efec", 6 * s)
        c.ellipse(*focus, 20 * s, fill=RED)
        c.glow(*focus, 90 * s, 90 * s, "#ffb08a", 0.7)
        for k in range(1, 4):
            arc = [at(170 * k * 0.6 * math.cos(a), -190 - 170 * k * 0.6 * math.sin(a))
                    for a in [math.pi * (0.32 + 0.36 * i / 14) for i in range(15)]]
            c.line(arc, "#bff3ea", 5 * s, 0.75 - 0.17 * k)
    x, y = 1300, 240
    c.glow(x, y, 190, 190, "#bff3ea", 0.5)
    c.line([(x - 150, y + 62), (x + 150, y - 62)], "#c7d2d3", 8)
    for side in (-1, 1):
        px, py = x + side * 112, y - side * 46
        c.polygon([(px - 66, py + 2), (px + 50, py - 46), (px + 66, py - 2),
                (px - 50, py + 46)], "#1f6f93")
        for k in range(1, 4):
            c.line([(px - 66 + 29 * k, py + 2 - 12 * k),
                    (px - 50 + 29 * k, py + 46 - 12 * k)], "#8fd0e0", 3)
    c.polygon([(x - 42, y - 12), (x + 18, y - 38), (x + 42, y + 14), (x - 18, y + 40)],
            GOLD)
    c.polygon([(x - 42, y - 12), (x + 18, y - 38), (x + 26, y - 20), (x - 34, y + 6)],
            "#f9dc9c")


def operations_centre(c: Canvas):
    """A wall of screens and three people at the desk before it."""
    c.sky((0, "#061d28"), (0.6, "#0c3b48"), (1, "#04151d"))
    c.glow(900, 420, 1250, 640, "#2fb5ad", 0.35)
    panel = "#0b3643"
    boxes = [(90, 110, 430, 250), (90, 390, 430, 250), (560, 110, 680, 530),
            (1280, 110, 430, 250), (1280, 390, 430, 250)]
    for x, y, w, h in boxes:
        c.shadow(x - 8, y - 8, w + 16, h + 16, 0.6, 20, fill="#27b3a8")
        c.shaded_rect(x, y, w, h, (0, "#0f4a58"), (1, panel), radius=10)
        c.rect(x + 18, y + 16, w * 0.4, 12, "#8fd9d0", 0.8, 6)
    bars(c, 115, 340, 380, 180, 10, ("#37b7ab", "#7fe0d2"))
    curve(c, 120, 615, 370, 170, "#ffcf6b", 6)
    curve(c, 120, 620, 370, 150, "#37b7ab", 5, False, 0.4)
    ring(c, 1400, 245, 88, ((0.46, "#37b7ab"), (0.27, "#ffcf6b"), (0.17, "#e2603f"),
            (0.1, "#8fd9d0")), "#0d404d")
    for k, w in enumerate((140, 110, 160, 90)):
        c.rect(1525, 180 + k * 40, w, 14, ("#37b7ab", "#ffcf6b", "#e2603f",
                "#8fd9d0")[k], radius=7)
    for k in range(6):
        c.rect(1310, 440 + k * 31, 370, 16, "#154f5c", radius=8)
        c.rect(1310, 440 + k * 31, 370 * c.random.uniform(0.3, 0.95), 16,
                ("#37b7ab", "#ffcf6b")[k % 2], radius=8)
    # the map of the invented province
    rng = c.random
    shape = []
    for k in range(48):
        turn = k / 48 * 2 * math.pi
        reach = 205 + 42 * math.sin(turn * 3 + 1) + 26 * math.sin(
                turn * 5) + rng.uniform(-9, 9)
        shape.append((900 + reach * 1.25 * math.cos(turn),
                380 + reach * math.sin(turn)))
    c.shaded(shape, (0, "#1f8a88"), (1, "#13606b"))
    c.line([*shape, shape[0]], "#8ff0e4", 4, 0.9)
    spots = [(740, 330), (840, 270), (960, 330), (1040, 440), (880, 480), (1010, 250),
            (790, 430)]
    for a, b in itertools.pairwise(spots):
        c.line([a, b], "#ffe3a0", 3, 0.6)
    for k, (x, y) in enumerate(spots):
        c.glow(x, y, 60, 60, "#ffd97a", 0.85)
        c.ellipse(x, y, 9 + 3 * (k % 3), fill=("#fff3cf", "#ff7a5c")[k == 2])
    c.shaded([(-20, 1200), (60, 930), (1740, 930), (1820, 1200)], (0, "#1c5763"),
            (0.1, "#0d3743"), (1, "#03131a"))
    for x in (330, 900, 1470):
        c.shaded_rect(x - 190, 740, 380, 210, (0, "#10313c"), (1, "#0a232d"), radius=12)
        c.shaded_rect(x - 178, 752, 356, 186, (0, "#2c9a98"), (1, "#14606b"), radius=8)
        for k in range(5):
            c.rect(x - 150, 776 + k * 30, c.random.uniform(80, 260), 12, "#d8fff6",
                    0.55, 6)
        person(c, x + 30, 1205, 340, ("#e7efee", "#2d6f86", "#b8432f")[(x // 500) % 3],
                back=True)
