"""After sunset: a school under the stars, a lighthouse, a feast on the beach."""

# Coordinates read best in rows.
# fmt: off

import math

from .canvas import Canvas, mix
from .landscapes import ripples
from .people import person


def starry_school(c: Canvas):
    """Children at a telescope by a school in the hills."""
    c.sky((0, "#0a1a3d"), (0.5, "#1d3f6e"), (0.75, "#58648c"), (1, "#c98f7a"))
    rng = c.random
    for _ in range(380):
        y = rng.uniform(0, 760)
        c.ellipse(rng.uniform(0, 1800), y, rng.uniform(0.8, 3), fill="#ffffff",
                alpha=rng.uniform(0.3, 1))
    c.soft([(100, -60), (420, -60), (1600, 760), (1150, 800)], "#d5e3ff", 0.20, 90)
    c.ellipse(1460, 210, 74, fill="#fdf3d6")
    c.glow(1460, 210, 300, 300, "#fdf3d6", 0.45)
    for dx, dy, r in ((-22, -14, 14), (20, 22, 18), (24, -24, 9)):
        c.ellipse(1460 + dx, 210 + dy, r, fill="#eaddb8")
    c.shaded(c.ground(c.ridge(820, 300, 3)), (0, "#22406a"), (1, "#6a6484"))
    c.shaded(c.ground(c.ridge(900, 200, 4)), (0, "#17335a"), (1, "#3f4a6c"))
    edge = [(x, 930 + 26 * math.sin(x / 300)) for x in range(-20, 1840, 20)]
    c.shaded(c.ground(edge), (0, "#1d4a44"), (1, "#0a2426"))
    x, y = 1250, 950
    c.glow(x + 60, y - 60, 420, 260, "#ffcf7a", 0.5)
    c.shaded_rect(x - 170, y - 190, 560, 200, (0, "#f6e0b4"), (1, "#c99a62"))
    c.polygon([(x - 220, y - 185), (x - 120, y - 320), (x + 340, y - 320),
            (x + 440, y - 185)], "#9a4a35")
    c.polygon([(x - 220, y - 185), (x - 120, y - 320), (x - 60, y - 320),
            (x - 140, y - 185)], "#b55a40")
    for k in range(4):
        c.rect(x - 130 + k * 130, y - 140, 78, 84, "#7a4a2c", radius=4)
        c.shaded_rect(x - 122 + k * 130, y - 132, 62, 68, (0, "#fff0b8"),
                (1, "#ffc766"), radius=3)
        c.line([(x - 91 + k * 130, y - 132), (x - 91 + k * 130, y - 64)], "#7a4a2c", 4)
    c.rect(x + 420, y - 420, 9, 430, "#d9d2c0")
    c.polygon([(x + 429, y - 418), (x + 520, y - 410), (x + 516, y - 352),
            (x + 429, y - 356)], "#d2342a")
    c.ellipse(x + 474, y - 384, 11, fill="#ffd84a")
    tx, ty = 640, 1010
    for dx in (-110, 0, 120):
        c.line([(tx, ty - 170), (tx + dx, ty + 60)], "#c7d2d3", 13)
    c.line([(tx - 150, ty - 90), (tx + 210, ty - 330)], "#0d2a3a", 74)
    c.line([(tx - 140, ty - 97), (tx + 205, ty - 327)], "#e9eff0", 60)
    c.line([(tx + 140, ty - 284), (tx + 214, ty - 333)], "#c8452f", 84)
    c.line([(tx - 190, ty - 64), (tx - 140, ty - 97)], "#35555e", 34)
    c.ellipse(tx, ty - 180, 28, fill="#efb65a")
    for px, s, shirt, long in ((370, 190, "#c8452f", True),
            (210, 160, "#2fa59b", False), (860, 170, "#efb65a", True),
            (1010, 150, "#8fb6e0", False)):
        c.soft([(px - s * 0.5, 1110), (px + s * 0.6, 1150)], "#04141a", 0.6, 12,
                "ellipse")
        c.rect(px - s * 0.3, 1050, s * 0.26, s * 0.5, "#16263a", radius=8)
        c.rect(px + s * 0.04, 1050, s * 0.26, s * 0.5, "#16263a", radius=8)
        person(c, px, 1085, s, shirt, back=px in (210, 1010), long_hair=long)


def lighthouse(c: Canvas):
    c.sky((0, "#17365a"), (0.4, "#8a6f86"), (0.6, "#f0a878"), (0.7, "#fbd9a0"),
            (1, "#fbd9a0"))
    c.glow(420, 800, 900, 460, "#ffe3ae", 0.85)
    for _ in range(70):
        c.ellipse(c.random.uniform(0, 1800), c.random.uniform(0, 360),
                c.random.uniform(0.8, 2.2), fill="#ffffff", alpha=0.7)
    for x, y, s in ((500, 360, 1.4), (1500, 480, 1.1), (760, 520, 0.8)):
        for dx, dy, r in ((-120, 8, 40), (-40, -10, 56), (50, -2, 50), (130, 10, 34)):
            c.ellipse(x + dx * s, y + dy * s, r * s * 1.9, r * s * 0.42, "#f6c9a8",
                    0.55)
    c.shaded(c.ground(c.ridge(830, 90, 5), 840), (0, "#6a6484"), (1, "#b58a86"))
    c.shaded_rect(-5, 830, 1810, 380, (0, "#f0b98a"), (0.25, "#8a7f90"),
            (0.6, "#2c567a"), (1, "#0c2b48"))
    ripples(c, 838, 1190, "#fff0cc", 220, 0.55, 420)
    ripples(c, 850, 1190, "#0c2b48", 150, 0.35)
    rock = [(980, 1200), (1010, 1040), (1090, 980), (1140, 900), (1230, 880),
            (1290, 830), (1450, 826), (1520, 880), (1600, 900), (1660, 980),
            (1760, 1010), (1800, 1090), (1820, 1200)]
    c.shaded(rock, (0, "#4a4a5c"), (1, "#151d2c"))
    for a, b in (((1140, 900), (1170, 1180)), ((1290, 832), (1330, 1190)),
            ((1520, 882), (1480, 1190)), ((1660, 980), (1620, 1190))):
        c.line([a, b], "#252c3c", 8)
    c.shaded([(1180, 880), (1250, 840), (1500, 838), (1570, 884)], (0, "#5d8a5a"),
            (1, "#2c4a40"))
    c.soft([(1370, 300), (-60, 90), (-60, 430)], "#fff3c0", 0.5, 20)
    c.soft([(1370, 300), (1900, 210), (1900, 420)], "#fff3c0", 0.35, 20)
    c.shaded([(1310, 840), (1332, 360), (1408, 360), (1430, 840)], (0, "#fdf6e6"),
            (1, "#cdb9a0"))
    for k in range(3):
        y0, y1 = 430 + k * 150, 505 + k * 150
        w0, w1 = 38 + (y0 - 360) / 480 * 22, 38 + (y1 - 360) / 480 * 22
        c.shaded([(1370 - w0, y0), (1370 + w0, y0), (1370 + w1, y1), (1370 - w1, y1)],
                (0, "#d2503a"), (1, "#a8352a"))
    c.polygon([(1370, 362), (1410, 362), (1430, 840), (1380, 840)],
            mix("#cdb9a0", "#000000", 0.1), 0.18)
    c.rect(1312, 344, 116, 20, "#35434e", radius=5)
    c.shaded_rect(1330, 262, 80, 84, (0, "#fff6d0"), (1, "#ffd878"), radius=6)
    for x in (1350, 1370, 1390):
        c.line([(x, 262), (x, 346)], "#35434e", 4)
    c.polygon([(1318, 264), (1370, 206), (1422, 264)], "#b8402f")
    c.glow(1370, 302, 210, 210, "#fff6d0", 0.9)
    c.shaded_rect(1460, 760, 120, 90, (0, "#f6e6c8"), (1, "#c9a878"))
    c.polygon([(1448, 764), (1520, 700), (1592, 764)], "#8a3a2c")
    c.rect(1500, 790, 34, 36, "#ffd878", radius=3)
    for bx, by in ((640, 620), (720, 580), (560, 660)):
        c.line([(bx - 24, by - 9), (bx, by), (bx + 24, by - 9)], "#3a3a54", 5)


def beach_festival(c: Canvas):
    c.sky((0, "#10183f"), (0.45, "#35407a"), (0.62, "#c9707a"), (0.7, "#f3b07a"),
            (1, "#f3b07a"))
    rng = c.random
    for x, y, r, tone in ((420, 230, 190, "#ffd36b"), (860, 150, 150, "#ff8a6a"),
            (1330, 250, 210, "#8ff0e4"), (1600, 120, 120, "#ffd36b")):
        c.glow(x, y, r * 1.4, r * 1.4, tone, 0.45)
        for k in range(26):
            a = k / 26 * 2 * math.pi
            for step in range(5):
                d = r * (0.3 + 0.16 * step)
                c.ellipse(x + d * math.cos(a), y + d * math.sin(a) + step * step * 1.6,
                        5.5 - 0.7 * step, fill=mix(tone, "#ffffff", 0.5 - 0.1 * step))
    c.shaded_rect(-5, 690, 1810, 230, (0, "#e9a07a"), (0.3, "#6a5f8a"), (1, "#1d3566"))
    ripples(c, 700, 900, "#ffe3a0", 150, 0.6)
    for x, w in ((200, 120), (980, 90), (1500, 130)):
        c.polygon([(x - w, 748), (x + w, 748), (x + w * 0.8, 778), (x - w * 0.8, 778)],
                "#2a2444")
        c.rect(x - w * 0.4, 716, w * 0.7, 32, "#4a3c5c", radius=4)
        for k in range(5):
            c.ellipse(x - w + k * w / 2, 738, 6, fill="#ffe3a0")
    shore = [(x, 905 + 18 * math.sin(x / 170)) for x in range(-20, 1840, 20)]
    c.polygon(c.ground([(x, y - 12) for x, y in shore]), "#f6e6d0")
    c.shaded(c.ground(shore), (0, "#d9b088"), (1, "#8a6248"))
    for row, y in ((0, 560), (1, 630)):
        points = [(x, y + 46 * math.sin(x / 1800 * math.pi * 3 + row) ** 2) for x
                in range(-20, 1840, 60)]
        c.line(points, "#2a2444", 3)
        for k, (x, py) in enumerate(points):
            tone = ("#f6a53a", "#e2503a", "#ffd36b")[k % 3]
            c.glow(x, py + 28, 60, 60, tone, 0.8)
            c.shaded_ellipse(x, py + 28, 20, 25, (0, mix(tone, "#ffffff", 0.5)),
                    (1, tone))
            c.rect(x - 8, py - 2, 16, 7, "#7a2a22")
    for y, s, gap in ((1010, 96, 88), (1090, 130, 122), (1200, 180, 176)):
        x = -rng.uniform(0, gap)
        while x < 1880:
            if rng.random() > 0.12:
                tone = mix(rng.choice(("#c8452f", "#f3e6d0", "#2f8f96", "#e0b04f",
                        "#5d5a8a")), "#241c3c", 0.5 if s < 150 else 0.35)
                person(c, x, y + rng.uniform(-10, 10), s, tone, "#17142a", back=True)
            x += gap
    c.soft([(0, 960), (1800, 1200)], "#ffb070", 0.10, 60)
