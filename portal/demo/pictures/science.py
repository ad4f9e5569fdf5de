"""Laboratory, machines and networks."""

# Coordinates read best in rows.
# fmt: off

import itertools
import math

from .canvas import Canvas, mix
from .people import bars, curve, person

INK, TEAL, GOLD, RED = "#0a2630", "#1d7f86", "#efb65a", "#c2452f"


def _flask(c: Canvas, x, y, s, liquid, level=0.45):
    """An Erlenmeyer flask standing on y."""
    c.soft([(x - 0.5 * s, y - 0.06 * s), (x + 0.75 * s, y + 0.1 * s)], INK, 0.4, 12,
            "ellipse")
    outline = [(x - 0.13 * s, y - 1.25 * s), (x + 0.13 * s, y - 1.25 * s),
            (x + 0.13 * s, y - 0.82 * s), (x + 0.52 * s, y - 0.08 * s),
            (x + 0.46 * s, y), (x - 0.46 * s, y), (x - 0.52 * s, y - 0.08 * s),
            (x - 0.13 * s, y - 0.82 * s)]
    c.polygon(outline, "#e9f6f4", 0.38)
    half = 0.13 + 0.39 * (1 - (level * 0.82 - 0.08) / 0.74)
    top = y - level * 0.82 * s
    c.shaded([(x - half * s, top), (x + half * s, top), (x + 0.52 * s, y - 0.08 * s),
            (x + 0.46 * s, y), (x - 0.46 * s, y), (x - 0.52 * s, y - 0.08 * s)],
            (0, mix(liquid, "#ffffff", 0.22)), (1, mix(liquid, INK, 0.25)), alpha=0.92)
    c.ellipse(x, top, half * s, 0.05 * s, mix(liquid, "#ffffff", 0.45))
    for k in range(5):
        c.ellipse(x + c.random.uniform(-0.3, 0.3) * s,
                y - c.random.uniform(0.06, level * 0.6) * s, (0.018 + 0.006 * k) * s,
                fill="#ffffff", alpha=0.55)
    c.line([(x - 0.36 * s, y - 0.1 * s), (x - 0.1 * s, y - 0.66 * s)], "#ffffff",
            0.035 * s, 0.6)
    c.line([*outline, outline[0]], "#ffffff", 0.016 * s, 0.55)
    c.rect(x - 0.17 * s, y - 1.29 * s, 0.34 * s, 0.07 * s, "#f2fbfa", 0.8, 0.03 * s)


def _tube(c: Canvas, x, y, w, h, liquid, level):
    c.rect(x - w / 2, y - h, w, h, "#eaf6f5", 0.42, w / 2)
    c.shaded_rect(x - w / 2 + 3, y - h * level, w - 6, h * level - 3,
            (0, mix(liquid, "#ffffff", 0.25)), (1, mix(liquid, INK, 0.2)),
            radius=w / 2 - 3)
    c.rect(x - w * 0.3, y - h * 0.93, w * 0.14, h * 0.8, "#ffffff", 0.55, 4)
    c.rect(x - w * 0.62, y - h - 5, w * 1.24, 13, "#f4fbfa", 0.85, 6)


def laboratory(c: Canvas):
    c.sky((0, "#d8ebe8"), (0.65, "#a9d0cd"), (1, "#8fc0bf"))
    for y in (210, 420):
        c.rect(0, y, 1800, 16, "#6fa5a6")
        x = 40
        while x < 1780:
            w, h = c.random.uniform(40, 110), c.random.uniform(70, 165)
            colour = c.random.choice(("#3d8a8d", "#dcebe6", "#e9b867", "#c45c45",
                    "#bfdcd6", "#2b6670"))
            c.rect(x, y - h, w, h, mix(colour, "#a9d0cd", 0.25), radius=10)
            c.rect(x + w * 0.3, y - h - 16, w * 0.4, 20, mix(colour, "#173b44", 0.3),
                    radius=4)
            c.rect(x + 8, y - h * 0.65, w - 16, h * 0.3, "#f4faf7", 0.7)
            x += w + c.random.uniform(10, 46)
    c.glow(1450, 160, 900, 700, "#fffdf2", 0.85)
    c.blur(13)
    c.shaded_rect(-5, 850, 1810, 360, (0, "#f3f7f3"), (0.1, "#d9e6e2"), (1, "#8fb1b0"))
    c.rect(0, 846, 1800, 8, "#ffffff")
    c.soft([(0, 860), (1800, 900)], "#ffffff", 0.5, 20)
    # test-tube rack
    c.shadow(120, 905, 500, 36, 0.45, 16)
    c.shaded_rect(130, 860, 470, 70, (0, "#c58d56"), (1, "#8c5c35"), radius=10)
    for k, (colour, level) in enumerate((("#1d8a8f", 0.62), ("#efb04a", 0.5),
            ("#c8452f", 0.7), ("#3f9d78", 0.42), ("#2a6f9a", 0.58))):
        _tube(c, 190 + k * 88, 905, 52, 330, colour, level)
    c.shaded_rect(120, 705, 490, 36, (0, "#d39d66"), (1, "#a06d41"), radius=8)
    _flask(c, 1000, 950, 400, "#1f8f96", 0.5)
    _flask(c, 760, 985, 250, "#efae45", 0.6)
    _flask(c, 1270, 1000, 290, "#cc4a33", 0.42)
    # burette stand
    c.rect(1480, 230, 22, 720, "#42636b")
    c.shadow(1390, 945, 300, 30, 0.4, 14)
    c.shaded_rect(1380, 930, 300, 34, (0, "#5b7d85"), (1, "#2c4950"), radius=8)
    c.rect(1400, 400, 200, 22, "#42636b", radius=8)
    _tube(c, 1420, 760, 46, 430, "#3aa39a", 0.55)
    _flask(c, 1425, 930, 118, "#79c7b7", 0.4)
    # leaf sample in a dish
    c.soft([(1490, 1050), (1790, 1130)], INK, 0.4, 12, "ellipse")
    c.ellipse(1630, 1070, 140, 46, "#f6fbfa")
    c.ellipse(1630, 1064, 120, 36, "#cfe6de")
    c.polygon([(1550, 1068), (1600, 1044), (1665, 1046), (1712, 1062), (1660, 1082),
            (1600, 1084)], "#3f8f55")
    c.line([(1552, 1068), (1708, 1062)], "#a9d38f", 4)


def microscope(c: Canvas):
    c.sky((0, "#0c3f4c"), (0.6, "#15606a"), (1, "#0a2f3a"))
    for _ in range(36):
        r = c.random.uniform(18, 110)
        c.ellipse(c.random.uniform(0, 1800), c.random.uniform(0, 850), r,
                fill=c.random.choice(("#3fa7a3", "#f0c06a", "#8fd0c5", "#e07a5a")),
                alpha=c.random.uniform(0.08, 0.3))
    c.blur(10)
    c.glow(1250, 330, 700, 600, "#fbe3b0", 0.5)
    c.shaded_rect(-5, 930, 1810, 280, (0, "#2c7f86"), (0.08, "#17555f"), (1, "#082833"))
    c.soft([(430, 960), (1250, 1080)], "#03141a", 0.7, 30, "ellipse")
    light, mid, dark = "#f7faf8", "#d4e0de", "#8aa5a8"
    c.shaded_rect(470, 935, 640, 92, (0, light), (0.5, mid), (1, dark), radius=40)
    c.shaded([(930, 950), (1030, 950), (1075, 620), (1010, 380), (880, 290), (850, 350),
            (945, 430), (985, 620)], (0, light), (0.6, mid), (1, dark))
    c.shaded_rect(520, 742, 470, 44, (0, "#44626a"), (1, "#1b343c"), radius=12)
    c.rect(610, 728, 190, 14, "#bfe8e0", radius=4)
    c.rect(665, 724, 70, 12, "#e27059", radius=4)
    c.shaded_rect(640, 800, 110, 70, (0, "#5b7b82"), (1, "#24434b"), radius=14)
    c.glow(695, 745, 150, 120, "#fff2c4", 0.9)

    def tilted(cx, cy, w, h, *stops):
        t = math.radians(-24)
        pts = [(-w / 2, -h / 2), (w / 2, -h / 2), (w / 2, h / 2), (-w / 2, h / 2)]
        c.shaded([(cx + px * math.cos(t) - py * math.sin(t),
                cy + px * math.sin(t) + py * math.cos(t)) for px, py in pts], *stops)

    tilted(790, 330, 170, 290, (0, light), (0.6, mid), (1, dark))
    tilted(712, 150, 116, 170, (0, "#36545c"), (1, "#142a32"))
    tilted(672, 62, 136, 42, (0, "#58777e"), (1, "#24414a"))
    c.shaded_ellipse(820, 500, 118, 64, (0, "#5d7d84"), (1, "#1f3a42"))
    for x, lean, long in ((775, -0.35, 140), (835, 0.1, 165), (895, 0.5, 120)):
        tip = (x - 60 + lean * 60, 520 + long)
        c.shaded([(x - 28, 520), (x + 28, 520), (tip[0] + 24, tip[1]),
                (tip[0] - 24, tip[1])], (0, mid), (0.7, "#9fb5b6"), (1, GOLD))
    for y in (640, 800):
        c.shaded_ellipse(1040, y, 54, 54, (0, "#5d7d84"), (1, "#17313a"))
        c.ellipse(1040, y, 26, fill="#8fa9ac")
    # round view of cells
    c.soft([(1210, 250), (1720, 760)], "#03141a", 0.6, 30, "ellipse")
    c.ellipse(1460, 500, 256, fill="#f6ead0")
    c.shaded_ellipse(1460, 500, 240, 240, (0, "#e6f5ee"), (1, "#a9dbd0"))
    for k in range(46):
        turn, reach = k * 2.4, 30 * math.sqrt(k)
        x, y = 1460 + reach * math.cos(turn), 500 + reach * math.sin(turn)
        r = c.random.uniform(16, 25)
        if reach < 205:
            tone = c.random.choice(("#2f9a8f", "#56b39c", "#e0a04a", "#cf5a45"))
            c.ellipse(x, y, r * 1.2, r, tone, 0.75)
            c.ellipse(x - 3, y - 2, r * 0.42, fill=mix(tone, INK, 0.5))
    c.line([(1290, 370), (1360, 300)], "#ffffff", 14, 0.6)
    c.line([(760, 740), (1210, 540)], "#f6ead0", 4, 0.6)
    for k in range(3):
        x = 150 + k * 120
        c.soft([(x - 40, 965), (x + 70, 1010)], "#03141a", 0.6, 12, "ellipse")
        _tube(c, x, 990, 66, 260 - 30 * (k % 2), ("#e3a646", "#2fa59b", "#c9503b")[k],
                0.5)


def robotics(c: Canvas):
    """A robot arm at a workbench, two students watching."""
    c.sky((0, "#e9efe6"), (0.7, "#cfe0da"), (1, "#b3cdc8"))
    for x in (120, 560, 1000, 1440):
        c.shaded_rect(x, 90, 330, 430, (0, "#bfe2e4"), (1, "#f6f0d8"), radius=6)
        c.line([(x + 165, 90), (x + 165, 520)], "#f7faf6", 10)
        c.line([(x, 300), (x + 330, 300)], "#f7faf6", 10)
    c.shaded(c.ground(c.ridge(500, 90, 6), 521), (0, "#9cc7b2"), (1, "#c7dfc2"),
            alpha=0.6)
    c.glow(1300, 200, 900, 700, "#fffbe8", 0.7)
    c.blur(8)
    person(c, 420, 880, 330, "#1f7a80", long_hair=True)
    person(c, 170, 880, 310, "#f1f5f2", long_hair=False)
    c.shaded_rect(-5, 850, 1810, 70, (0, "#e0b67e"), (1, "#b98a52"))
    c.shaded_rect(-5, 918, 1810, 300, (0, "#7d5a38"), (1, "#4d3723"))
    c.soft([(880, 830), (1400, 900)], INK, 0.5, 16, "ellipse")
    c.shaded_rect(960, 770, 330, 92, (0, "#2c5560"), (1, "#123039"), radius=16)
    joints = [(1125, 770), (1250, 520), (960, 330), (800, 500)]
    for (a, b), wide in zip(itertools.pairwise(joints), (100, 82, 60),
            strict=False):
        c.line([(a[0] + 10, a[1] + 14), (b[0] + 10, b[1] + 14)], "#8a3a22", wide)
        c.line([a, b], "#e2703f", wide)
        c.line([(a[0] - 10, a[1] - 12), (b[0] - 10, b[1] - 12)], "#f39a63", wide * 0.22)
    for x, y in joints[:3]:
        c.ellipse(x, y, 62, fill="#173c47")
        c.ellipse(x, y, 40, fill="#e9f1ee")
        c.ellipse(x, y, 16, fill="#173c47")
    x, y = joints[3]
    c.rect(x - 44, y - 20, 88, 66, "#173c47", radius=12)
    for side in (-1, 1):
        c.line([(x + side * 26, y + 40), (x + side * 56, y + 96),
                (x + side * 26, y + 150)], "#2c5560", 18)
    c.shaded_rect(x - 44, y + 120, 88, 88, (0, "#2fa59b"), (1, "#17676a"), radius=8)
    c.shadow(640, 800, 330, 56, 0.35, 14)
    for k, colour in enumerate(("#e6b04c", "#c8452f", "#2b7f9a")):
        c.shaded_rect(640 + k * 104, 764, 90, 90, (0, mix(colour, "#ffffff", 0.2)),
                (1, mix(colour, INK, 0.2)), radius=8)
    c.shadow(1420, 800, 330, 60, 0.4, 14)
    c.shaded([(1440, 560), (1760, 560), (1745, 800), (1455, 800)], (0, "#173c47"),
            (1, "#0c2731"))
    c.shaded([(1458, 576), (1744, 576), (1731, 786), (1469, 786)], (0, "#0f5560"),
            (1, "#0a3944"))
    curve(c, 1490, 770, 220, 170, "#ffd36b", 6)
    bars(c, 1490, 770, 220, 110, 7, ("#5fd6c6", "#2fa59b"))
    c.shaded_rect(1400, 800, 380, 60, (0, "#c9d6d4"), (1, "#93a8a8"), radius=10)
