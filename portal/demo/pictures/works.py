"""What is made, measured and watched over: goods, works, instruments."""

# Coordinates read best in rows.
# fmt: off

import itertools
import math

from .canvas import Canvas, mix
from .landscapes import palm, ripples
from .people import person

INK, TEAL, RED = "#0a2630", "#1d7f86", "#b8402f"


def factory(c: Canvas):
    """A bright production line with robot arms and boxes."""
    c.sky((0, "#dbe8e6"), (0.55, "#eef3ec"), (1, "#b9cccb"))
    for k in range(9):
        x = 60 + k * 210
        c.line([(x, 0), (900 + (x - 900) * 0.5, 330)], "#c3d5d4", 10)
    for y, w in ((60, 10), (150, 8), (220, 6)):
        c.line([(0, y), (1800, y)], "#c3d5d4", w)
    for x in (250, 640, 1160, 1550):
        c.line([(x, 0), (x, 120)], "#8fa9aa", 5)
        c.polygon([(x - 90, 160), (x - 40, 120), (x + 40, 120), (x + 90, 160)],
                "#31565f")
        c.rect(x - 84, 160, 168, 14, "#fffbe8")
        c.soft([(x - 80, 170), (x + 80, 170), (x + 330, 900), (x - 330, 900)],
                "#fffdf0", 0.3, 40)
    for x in range(80, 1800, 290):
        c.shaded_rect(x, 330, 230, 210, (0, "#a9d3d6"), (1, "#d9ebe4"), radius=6)
        c.line([(x + 115, 330), (x + 115, 540)], "#f3f7f4", 8)
    c.blur(7)
    c.shaded([(0, 640), (1800, 640), (1800, 1200), (0, 1200)], (0, "#c9d6d2"),
            (1, "#8fa6a5"))
    c.rect(0, 1010, 1800, 10, "#f0b95a")
    c.soft([(0, 860), (1800, 930)], INK, 0.4, 20)
    c.shaded_rect(-5, 760, 1810, 46, (0, "#47656c"), (1, "#1f3b43"))
    c.shaded_rect(-5, 806, 1810, 60, (0, "#d5dfdc"), (1, "#93a9a9"))
    for x in range(30, 1800, 90):
        c.ellipse(x, 836, 20, fill="#5d7b81")
        c.ellipse(x, 836, 8, fill="#dfe8e6")
    for x in (180, 900, 1620):
        c.rect(x - 18, 866, 36, 170, "#6f8b8f")
    for k, x in enumerate((90, 420, 760, 1080, 1420, 1690)):
        tone = ("#d2a36a", "#c8935a")[k % 2]
        c.shadow(x - 70, 740, 160, 24, 0.4, 10)
        c.shaded_rect(x - 75, 630, 150, 130, (0, mix(tone, "#ffffff", 0.2)), (1, tone),
                radius=6)
        c.rect(x - 14, 630, 28, 130, "#e9cfa0")
        c.rect(x + 22, 700, 42, 42, "#ffffff", radius=4)
        for i in range(4):
            for j in range(4):
                if (i * 3 + j * 5 + k) % 3:
                    c.rect(x + 26 + i * 9, 704 + j * 9, 8, 8, INK)
    for base, side, colour in ((590, 1, "#e2703f"), (1260, -1, "#2f9a98")):
        joints = [(base, 560), (base - side * 130, 330), (base + side * 110, 230),
                (base + side * 170, 420)]
        c.shaded_rect(base - 80, 560, 160, 200, (0, "#35555e"), (1, "#16323b"),
                radius=14)
        for (a, b), wide in zip(itertools.pairwise(joints), (74, 60, 44),
                strict=False):
            c.line([(a[0] + 7, a[1] + 9), (b[0] + 7, b[1] + 9)], mix(colour, INK, 0.4),
                    wide)
            c.line([a, b], colour, wide)
            c.line([(a[0] - 6, a[1] - 8), (b[0] - 6, b[1] - 8)],
                    mix(colour, "#ffffff", 0.35), wide * 0.2)
        for x, y in joints[:3]:
            c.ellipse(x, y, 44, fill="#173c47")
            c.ellipse(x, y, 27, fill="#eef4f2")
            c.ellipse(x, y, 10, fill="#173c47")
        x, y = joints[3]
        c.rect(x - 34, y - 10, 68, 40, "#173c47", radius=8)
        c.line([(x - 24, y + 28), (x - 46, y + 70), (x - 40, y + 100)], "#2c5560", 13)
        c.line([(x + 24, y + 28), (x + 46, y + 70), (x + 40, y + 100)], "#2c5560", 13)
        c.shaded_rect(x - 40, y + 76, 80, 78, (0, "#f3d6a0"), (1, "#c8935a"), radius=5)
    person(c, 930, 1210, 250, "#1f6f78", back=True)
    c.ellipse(930, 940, 76, 52, "#f3c44a")
    c.rect(846, 950, 168, 16, "#e0ab30", radius=8)


def orchard(c: Canvas):
    """Oranges in a crate with the traceability label."""
    c.sky((0, "#9fd0c4"), (0.4, "#f4efcf"), (1, "#d9c98a"))
    for _ in range(26):
        x, y = c.random.uniform(0, 1800), c.random.uniform(80, 620)
        r = c.random.uniform(70, 180)
        c.ellipse(x, y, r, r * 0.9, mix("#2f7a4d", "#8fbf62", c.random.random()), 0.85)
        for _ in range(3):
            c.ellipse(x + c.random.gauss(0, r * 0.5), y + c.random.gauss(0, r * 0.5),
                    17, fill="#f19a35")
    c.glow(1300, 150, 900, 600, "#fffbe0", 0.8)
    c.blur(15)
    c.shaded_rect(-5, 900, 1810, 310, (0, "#c48d57"), (1, "#7a4c2a"))
    c.line([(0, 902), (1800, 902)], "#e3b27c", 8)
    for y in (990, 1085):
        c.line([(0, y), (1800, y + 10)], "#8f5f37", 5, 0.7)
    c.soft([(240, 980), (1460, 1120)], "#2a1608", 0.65, 34, "ellipse")
    spots = []
    for row, count in ((0, 7), (1, 6), (2, 4)):
        for k in range(count):
            spots.append((430 + row * 78 + k * 140 + c.random.uniform(-10, 10),
                    585 - row * 98 + c.random.uniform(-8, 8)))
    for x, y in sorted(spots, key=lambda p: p[1]):
        _orange(c, x, y, 86)
    for row in range(3):
        y = 640 + row * 122
        c.shadow(300, y + 8, 1160, 104, 0.35, 10)
        c.shaded_rect(290, y, 1170, 106, (0, "#e3bb85"), (0.5, "#d0a268"),
                (1, "#b07f48"), radius=6)
        for k in range(5):
            c.line([(300, y + 18 + k * 18), (1450, y + 16 + k * 19)], "#b98a52", 2, 0.6)
    for x in (300, 1390):
        c.shaded_rect(x, 610, 60, 420, (0, "#d9ad74"), (1, "#9c6d3c"), radius=6)
        for y in (680, 800, 925):
            c.ellipse(x + 30, y, 8, fill="#6d4a2b")
    c.shadow(690, 690, 370, 280, 0.4, 16)
    c.shaded_rect(680, 676, 370, 280, (0, "#ffffff"), (1, "#efeee2"), radius=18)
    c.rect(680, 676, 370, 58, "#1d7f5f", radius=18)
    c.rect(680, 710, 370, 26, "#1d7f5f")
    c.rect(712, 696, 220, 18, "#eafff2", radius=9)
    for i in range(9):
        for j in range(9):
            finder = (i < 3 or i > 5) and (j < 3 or j > 5) and not (i > 5 and j > 5)
            inner = i in (1, 7) and j in (1, 7)
            if (finder and not inner) or (not finder and c.random.random() < 0.5):
                c.rect(708 + i * 20, 756 + j * 20, 20, 20, INK)
    for k, w in enumerate((110, 90, 120, 70)):
        c.rect(912, 764 + k * 40, w, 14, ("#c8452f", "#a9bfbc", "#a9bfbc",
                "#2fa07f")[k], radius=7)
    for x, y, r in ((1560, 1000, 104), (1690, 1060, 92), (170, 1040, 98)):
        c.soft([(x - r, y + r * 0.6), (x + r * 1.3, y + r * 1.2)], "#2a1608", 0.6, 14,
                "ellipse")
        _orange(c, x, y, r)


def _orange(c: Canvas, x, y, r):
    c.ellipse(x, y, r, fill="#d9762a")
    c.shaded_ellipse(x, y, r, r, (0, "#fbb04a"), (0.6, "#ee8a2c"), (1, "#c9631e"))
    c.glow(x - r * 0.35, y - r * 0.4, r * 0.62, r * 0.62, "#fff0c4", 0.85)
    for k in range(9):
        a, d = k * 2.4, r * 0.24 * math.sqrt(k)
        c.ellipse(x + d * math.cos(a) * 1.1, y + d * math.sin(a) + 8, 2.4,
                fill="#d4701f")
    c.ellipse(x + 4, y - r * 0.86, r * 0.1, r * 0.07, "#3f6b34")
    c.polygon([(x + 6, y - r * 0.88), (x + r * 0.36, y - r * 1.22),
            (x + r * 0.72, y - r * 1.08), (x + r * 0.4, y - r * 0.9)], "#3f8f4d")


def metrology(c: Canvas):
    """A balance with its weights: measuring, standards, quality."""
    c.sky((0, "#123f4c"), (0.55, "#2a7078"), (1, "#0d3440"))
    for k in range(14):
        x = 60 + k * 130
        c.line([(x, 0), (x, 860)], "#3a8188", 2, 0.35)
    for k in range(7):
        c.line([(0, 60 + k * 130), (1800, 60 + k * 130)], "#3a8188", 2, 0.35)
    c.glow(900, 400, 1000, 720, "#f6dfae", 0.5)
    c.shaded_rect(-5, 930, 1810, 280, (0, "#d3a36c"), (0.08, "#a8703f"), (1, "#5a3a22"))
    c.soft([(300, 960), (1500, 1080)], "#120a05", 0.6, 36, "ellipse")
    brass = ((0, "#ffe7ab"), (0.5, "#e3b04c"), (1, "#96652a"))
    c.shaded_rect(610, 930, 580, 70, *brass, radius=18)
    c.shaded([(760, 935), (1040, 935), (960, 860), (840, 860)], *brass)
    c.shaded_rect(876, 270, 48, 610, *brass, radius=16)
    for y in (420, 620, 800):
        c.shaded_ellipse(900, y, 46, 18, *brass)
    tilt = 0.045
    ends = [(900 - 470, 300 + 470 * tilt), (900 + 470, 300 - 470 * tilt)]
    c.line([(ends[0][0], ends[0][1] + 8), (900, 286), (ends[1][0], ends[1][1] + 8)],
            "#96652a", 32)
    c.line([ends[0], (900, 276), ends[1]], "#efc368", 24)
    c.shaded_ellipse(900, 272, 58, 58, *brass)
    c.ellipse(900, 272, 26, fill="#174a57")
    c.shaded([(888, 330), (912, 330), (903, 560), (897, 560)], (0, "#c8452f"),
            (1, "#8a2520"))
    for (x, y), load in zip(ends, ("weights", "sample"), strict=True):
        c.shaded_ellipse(x, y, 22, 22, *brass)
        py = y + 370
        for side in (-1, 1):
            c.line([(x, y), (x + side * 190, py)], "#e9d3a0", 5)
        if load == "weights":
            for wx, w, h in ((x - 92, 96, 116), (x + 10, 74, 88), (x + 92, 52, 62)):
                c.shaded_rect(wx - w / 2, py - h, w, h, (0, "#fdfdf8"),
                        (0.6, "#b9c6c7"), (1, "#7f9397"), radius=9)
                c.shaded_rect(wx - w * 0.16, py - h - w * 0.22, w * 0.32, w * 0.26,
                        (0, "#fdfdf8"), (1, "#8fa3a6"), radius=7)
        else:
            for k in range(3):
                c.shaded_rect(x - 116 + k * 80, py - 110 + 14 * (k % 2), 72,
                        110 - 14 * (k % 2), (0, "#f6e3b4"), (1, "#c99a4f"), radius=10)
                c.rect(x - 108 + k * 80, py - 76, 56, 30, "#ffffff", 0.85, 5)
        c.shaded([(x - 215, py - 4), (x + 215, py - 4), (x + 120, py + 56),
                (x - 120, py + 56)], *brass)
        c.ellipse(x, py - 4, 215, 14, "#ffe7ab")
    # calliper and dial
    c.soft([(150, 1060), (620, 1130)], "#120a05", 0.6, 12)
    c.shaded_rect(150, 1040, 480, 44, (0, "#f3f6f5"), (1, "#9fb0b2"), radius=6)
    for k in range(30):
        c.line([(176 + k * 15, 1044), (176 + k * 15, 1044 + (26 if k % 5 == 0
                else 15))], "#35525a", 2.4)
    c.polygon([(170, 1084), (214, 1084), (206, 1150)], "#b9c6c7")
    c.shaded_rect(360, 1028, 130, 70, (0, "#dfe6e5"), (1, "#8fa3a6"), radius=8)
    c.rect(376, 1042, 98, 34, "#12303a", radius=5)
    c.soft([(1350, 1040), (1680, 1180)], "#120a05", 0.6, 18, "ellipse")
    c.shaded_ellipse(1510, 1020, 150, 150, (0, "#eef2f0"), (1, "#8fa3a6"))
    c.ellipse(1510, 1020, 126, fill="#fdfbf2")
    for k in range(24):
        a = k / 24 * 2 * math.pi
        r = 96 if k % 3 else 86
        c.line([(1510 + r * math.cos(a), 1020 + r * math.sin(a)),
                (1510 + 112 * math.cos(a), 1020 + 112 * math.sin(a))], "#35525a", 4)
    c.line([(1510, 1020), (1566, 946)], RED, 8)
    c.ellipse(1510, 1020, 14, fill="#35525a")


def sensor_coast(c: Canvas):
    """An automatic station on the shore, palms and beach."""
    c.sky((0, "#3591a8"), (0.45, "#b9e0da"), (0.62, "#fdf0d2"), (1, "#fdf0d2"))
    c.glow(500, 300, 900, 600, "#fffbe6", 0.9)
    c.shaded(c.ground(c.ridge(640, 120, 4), 700), (0, "#7fb4b6"), (1, "#bcd9cf"))
    c.shaded_rect(-5, 660, 1810, 360, (0, "#6fc0bd"), (0.6, "#2a8f98"), (1, "#9fd8cd"))
    ripples(c, 670, 960, "#ffffff", 170, 0.5)
    wave = [(x, 960 + 26 * math.sin(x / 190) + 14 * math.sin(x / 70)) for x
            in range(-20, 1840, 20)]
    c.polygon(c.ground([(x, y - 16) for x, y in wave]), "#eefaf4")
    c.shaded(c.ground(wave), (0, "#f2dcae"), (0.3, "#ecd09a"), (1, "#c9a468"))
    for x, y, s in ((1450, 1030, 520), (1650, 1080, 640), (1320, 1000, 380)):
        palm(c, x, y, s)
    x = 640
    c.soft([(x - 60, 1070), (x + 330, 1130)], "#5a4020", 0.5, 16, "ellipse")
    c.shaded_rect(x - 12, 300, 24, 790, (0, "#fbfdfb"), (1, "#9fb5b6"))
    for side in (-1, 1):
        c.line([(x, 800), (x + side * 170, 1090)], "#c3d2d1", 12)
    c.shadow(x - 100, 640, 210, 200, 0.3, 14)
    c.shaded_rect(x - 100, 620, 200, 200, (0, "#ffffff"), (1, "#c9d8d5"), radius=14)
    c.shaded_rect(x - 78, 644, 156, 84, (0, "#174a57"), (1, "#0c2f3a"), radius=8)
    c.line([(x - 64, 708), (x - 34, 690), (x - 8, 700), (x + 24, 670), (x + 62, 662)],
            "#5fd6c6", 6)
    c.ellipse(x - 50, 772, 14, fill="#5fd66a")
    c.rect(x - 20, 762, 90, 20, "#9fb5b6", radius=10)
    c.shaded([(x + 20, 520), (x + 220, 450), (x + 250, 540), (x + 50, 612)],
            (0, "#7fb9d6"), (1, "#143f63"))
    for k in range(1, 4):
        c.line([(x + 20 + 50 * k, 520 - 17.5 * k), (x + 50 + 50 * k, 612 - 18 * k)],
                "#cfe6ee", 4)
    c.line([(x - 170, 380), (x + 170, 380)], "#dfe8e6", 12)
    for dx in (-170, -110, -220):
        c.ellipse(x + dx, 350 + (20 if dx != -170 else -10), 28, 20, "#35555e")
    c.line([(x - 170, 380), (x - 170, 340)], "#35555e", 8)
    c.polygon([(x + 110, 320), (x + 250, 350), (x + 110, 372)], "#c8452f")
    c.line([(x + 110, 390), (x + 110, 310)], "#35555e", 8)
    c.line([(x, 300), (x, 210)], "#9fb5b6", 8)
    for k in range(1, 5):
        c.line([(x + 42 * k * math.cos(a), 215 - 42 * k * math.sin(a)) for a
                in [math.pi * (0.26 + 0.48 * i / 12) for i in range(13)]], "#ffffff", 8,
                1 - 0.18 * k)
    for bx, by, s in ((250, 780, 1.0), (1060, 740, 0.7)):
        c.soft([(bx - 60 * s, by), (bx + 60 * s, by + 40 * s)], INK, 0.4, 10, "ellipse")
        c.shaded([(bx - 46 * s, by), (bx + 46 * s, by), (bx + 34 * s, by + 30 * s),
                (bx - 34 * s, by + 30 * s)], (0, "#f6c453"), (1, "#c98f2a"))
        c.polygon([(bx - 24 * s, by), (bx - 8 * s, by - 90 * s),
                (bx + 8 * s, by - 90 * s), (bx + 24 * s, by)], "#e2703f")
        c.ellipse(bx, by - 98 * s, 12 * s, fill="#fffbe0")
