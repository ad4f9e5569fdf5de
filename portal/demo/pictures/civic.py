"""Halls, offices and desks: where a department works and meets people."""

# Coordinates read best in rows.
# fmt: off

import math

from .canvas import Canvas, mix
from .landscapes import star
from .people import bars, crowd_from_behind, curve, flowers, person, plant, ring

INK, TEAL, GOLD, RED = "#0a2630", "#1d7f86", "#efb65a", "#b5372b"


def _flag(c: Canvas, x, y, w, h=None):
    """The national flag on a light wind; (x, y) is its upper left corner."""

    h = h or w * 2 / 3
    top = [(x + w * k / 12, y + h * 0.05 * math.sin(k / 12 * 6.3)) for k in range(13)]
    low = [(px, py + h) for px, py in reversed(top)]
    c.shaded([*top, *low], (0, "#e2402f"), (1, "#c02a22"))
    star(c, x + w / 2, y + h * 0.51, h * 0.3)


def conference_hall(c: Canvas):
    c.sky((0, "#3a1517"), (0.3, "#6a2422"), (1, "#26191c"))
    for k in range(30):
        x = k * 62
        c.shaded_rect(x, 0, 62, 700, (0, "#8e2c26"), (1, "#b23c30"))
        c.shaded_rect(x + 34, 0, 28, 700, (0, "#6d1f1d"), (1, "#8e2c26"))
    c.shaded_rect(330, 90, 1140, 470, (0, "#0f5260"), (1, "#1d7f86"), radius=8)
    c.soft([(330, 90), (1470, 560)], "#8ff0e4", 0.10, 60, "rounded")
    c.rect(360, 120, 1080, 410, "#f5f1e4", radius=6)
    c.rect(520, 175, 760, 30, RED, radius=15)
    c.rect(620, 228, 560, 20, "#3f7f86", radius=10)
    for k, (w, x) in enumerate(((250, 420), (250, 775), (250, 1130))):
        c.rect(x, 285, w, 205, ("#d9ece8", "#fbe8c4", "#f3d6cc")[k], radius=10)
    bars(c, 445, 470, 200, 150, 6, (TEAL, "#56b3a6"))
    ring(c, 900, 388, 80, ((0.48, TEAL), (0.3, GOLD), (0.22, "#d0563f")), "#fbe8c4")
    curve(c, 1155, 470, 200, 150, RED, 7)
    _flag(c, 120, 170, 150)
    c.rect(108, 160, 10, 470, "#e8cf8f")
    c.soft([(700, -80), (1100, -80), (1500, 760), (300, 760)], "#fff3d6", 0.22, 60)
    c.shaded([(0, 640), (1800, 640), (1800, 760), (0, 760)], (0, "#a8663a"),
            (1, "#6a3a22"))
    c.rect(0, 636, 1800, 8, "#d9975d")
    c.shadow(560, 600, 900, 50, 0.5, 20)
    for x in (720, 900, 1080, 1260):
        person(c, x, 600, 112, ("#f3f6f5", "#16394a", "#f3f6f5",
                "#1f6f78")[(x // 180) % 4])
    c.shaded_rect(610, 575, 770, 95, (0, "#c9534a"), (1, "#8a2520"), radius=6)
    c.rect(610, 568, 770, 14, "#f2dcae", radius=4)
    for x in (700, 900, 1100, 1290):
        flowers(c, x, 570, 42)
    person(c, 430, 560, 125, "#16394a")
    c.shaded([(350, 545), (510, 545), (490, 700), (370, 700)], (0, "#b87a45"),
            (1, "#70431f"))
    c.ellipse(430, 620, 36, fill="#e8c56a")
    star(c, 430, 620, 24, RED)
    flowers(c, 430, 548, 60)
    for y, s, gap, tone in ((850, 118, 136, "#3a2226"), (1000, 160, 188, "#2b1b21"),
            (1210, 220, 262, "#1c1419")):
        crowd_from_behind(c, y, s, gap, tone)
    c.glow(900, 300, 900, 520, "#fff0cf", 0.22)


def city_hall(c: Canvas):
    c.sky((0, "#4f9fb4"), (0.5, "#bfe0dc"), (0.75, "#fbeacb"), (1, "#fbeacb"))
    c.glow(1450, 330, 800, 520, "#fff6dc", 0.9)
    for x, y, s in ((300, 210, 1.2), (1180, 150, 0.9), (1560, 290, 1.1)):
        for dx, dy, r in ((-90, 10, 46), (-30, -14, 66), (44, -4, 58), (104, 14, 40)):
            c.ellipse(x + dx * s, y + dy * s, r * s * 1.4, r * s * 0.66, "#ffffff",
                    0.75)
    c.shaded(c.ground(c.ridge(800, 210, 4)), (0, "#8fbdb5"), (1, "#d3d9bd"))
    wall, shade = "#f7ecd2", "#d9c39a"
    for x, w in ((180, 470), (1150, 470)):
        c.shaded_rect(x, 500, w, 420, (0, wall), (1, shade))
        c.rect(x - 16, 480, w + 32, 26, "#c1705a")
        for row in range(3):
            for k in range(5):
                wx, wy = x + 34 + k * 86, 540 + row * 122
                c.rect(wx - 6, wy - 6, 68, 92, "#fffaf0", radius=6)
                c.shaded_rect(wx, wy, 56, 80, (0, "#3d8492"), (1, "#1f5968"), radius=4)
                c.line([(wx + 28, wy), (wx + 28, wy + 80)], "#fffaf0", 4)
    c.shadow(620, 420, 560, 520, 0.35, 24)
    c.shaded_rect(620, 420, 560, 500, (0, "#fff6e0"), (1, "#e2cda5"))
    c.polygon([(580, 425), (900, 300), (1220, 425)], "#c1604a")
    c.polygon([(655, 408), (900, 314), (1145, 408)], "#f7ecd2")
    c.ellipse(900, 375, 30, fill="#d2452f")
    star(c, 900, 375, 20)
    c.rect(590, 420, 620, 22, "#fffaf0")
    c.shaded_rect(640, 480, 520, 440, (0, "#9a8a6c"), (1, "#6d6350"))
    for k in range(3):
        c.shaded_rect(690 + k * 150, 560, 120, 360, (0, "#2b6a78"), (1, "#174a57"),
                radius=8)
        c.line([(750 + k * 150, 560), (750 + k * 150, 920)], "#e3d1a6", 5)
    for k in range(6):
        x = 640 + k * 95
        c.shaded_rect(x, 470, 44, 450, (0, "#fffdf6"), (1, "#d9c8a4"))
        c.rect(x + 30, 470, 14, 450, "#c9b58c", 0.6)
        c.rect(x - 8, 462, 60, 16, "#fffaf0")
    c.rect(898, 130, 7, 180, "#e9e2d0")
    _flag(c, 905, 132, 150)
    for k in range(6):
        c.shaded_rect(590 - k * 34, 915 + k * 20, 620 + k * 68, 22, (0, "#fff8e6"),
                (1, "#cdb98f"))
    c.shaded([(0, 1030), (1800, 1030), (1800, 1200), (0, 1200)], (0, "#d8cfb2"),
            (1, "#a79d84"))
    c.shaded([(0, 930), (340, 930), (220, 1040), (0, 1040)], (0, "#7fae5f"),
            (1, "#4d8a4f"))
    c.shaded([(1460, 930), (1800, 930), (1800, 1040), (1580, 1040)], (0, "#7fae5f"),
            (1, "#4d8a4f"))
    for x, y, s in ((90, 940, 1.5), (250, 930, 1.0), (1540, 930, 1.05),
            (1710, 945, 1.55)):
        c.soft([(x - 60 * s, y + 10), (x + 90 * s, y + 50)], INK, 0.35, 14, "ellipse")
        c.rect(x - 9 * s, y - 130 * s, 18 * s, 160 * s, "#6b5138")
        for dx, dy, r in ((0, -230, 84), (-56, -170, 66), (56, -170, 66),
                (0, -150, 76)):
            c.ellipse(x + dx * s, y + dy * s, r * s, r * s * 0.92,
                    mix("#2f7a52", "#7fb46a", c.random.random() * 0.6))
        c.ellipse(x - 26 * s, y - 250 * s, 40 * s, 32 * s, "#a8cf86", 0.6)
    for x, s, shirt in ((520, 92, "#f3f6f5"), (590, 84, "#b8402f"),
            (1270, 96, "#2f6f78")):
        c.soft([(x - 30, 1078), (x + 60, 1100)], INK, 0.5, 8, "ellipse")
        c.rect(x - s * 0.3, 1000, s * 0.26, s, "#24343c", radius=8)
        c.rect(x + s * 0.05, 1000, s * 0.26, s, "#24343c", radius=8)
        person(c, x, 1025, s, shirt, back=True)


def meeting(c: Canvas):
    c.sky((0, "#e8e0cd"), (0.7, "#d9cfb8"), (1, "#bfb49c"))
    for x in (110, 470):
        c.shaded_rect(x, 90, 310, 470, (0, "#8fc9d2"), (1, "#f6ecd0"))
        for k in range(6):
            high = c.random.uniform(140, 300)
            c.rect(x + 10 + k * 50, 552 - high, 44, high,
                    mix("#6fa5a8", "#f6ecd0", 0.35))
        c.rect(x, 540, 310, 30, "#f7f2e4")
        c.line([(x + 155, 90), (x + 155, 550)], "#f7f2e4", 12)
        c.line([(x, 90), (x, 560)], "#f7f2e4", 16)
        c.line([(x + 310, 90), (x + 310, 560)], "#f7f2e4", 16)
    c.shadow(960, 90, 720, 430, 0.35, 22)
    c.rect(960, 90, 720, 430, "#123c48", radius=12)
    c.shaded_rect(976, 106, 688, 398, (0, "#f4f8f5"), (1, "#dcebe7"), radius=6)
    c.rect(1010, 136, 380, 24, RED, radius=12)
    bars(c, 1010, 478, 330, 250, 8, (TEAL, "#6cc0b4"))
    for k in range(5):
        c.rect(1390, 210 + k * 52, 40, 26, (TEAL, GOLD, "#d0563f", "#6cc0b4",
                "#2c5560")[k], radius=6)
        c.rect(1446, 216 + k * 52, c.random.uniform(90, 190), 14, "#9fb8b8", radius=7)
    c.glow(300, 260, 760, 640, "#fff8e0", 0.55)
    plant(c, 870, 600, 110)
    for k, x in enumerate((300, 560, 820, 1080, 1340, 1600)):
        person(c, x, 800, 190, ("#f3f6f5", "#1f6f78", "#f3f6f5", "#b8402f", "#dfe8e8",
                "#234a58")[k])
    c.soft([(100, 800), (1760, 880)], INK, 0.4, 24, "ellipse")
    c.shaded([(120, 790), (1720, 790), (1880, 1240), (-80, 1240)], (0, "#c98d57"),
            (0.6, "#a86b3b"), (1, "#7d4c28"))
    c.soft([(500, 800), (1100, 800), (1300, 1200), (300, 1200)], "#ffe9c4", 0.28, 60)
    for k, x in enumerate((280, 545, 820, 1090, 1360, 1620)):
        c.polygon([(x - 66, 880), (x + 60, 876), (x + 74, 950), (x - 70, 956)],
                "#fbfaf4")
        for r in range(3):
            c.line([(x - 46, 898 + r * 16), (x + 40, 896 + r * 16)], "#b9c4c2", 4)
        if k % 2:
            c.polygon([(x - 80, 830), (x + 76, 830), (x + 90, 866), (x - 94, 866)],
                    "#31525b")
    for x in (430, 960, 1490):
        flowers(c, x, 860, 66)
    for x in (150, 690, 1220, 1740):
        c.ellipse(x, 1010, 34, 12, "#f4f1e6")
        c.shaded([(x - 22, 975), (x + 22, 975), (x + 16, 1010), (x - 16, 1010)],
                (0, "#ffffff"), (1, "#cfd8d6"))
    for x, shirt in ((520, "#234a58"), (1260, "#f1ead8")):
        person(c, x, 1300, 330, shirt, back=True)


def one_stop(c: Canvas):
    """Counters of the public administration service centre."""
    c.sky((0, "#f4f1e6"), (0.55, "#e3eae4"), (1, "#c9d8d3"))
    c.shaded_rect(0, 60, 1800, 150, (0, "#b5372b"), (1, "#8f2721"))
    c.rect(430, 100, 940, 34, "#fdf1cf", radius=17)
    c.rect(620, 152, 560, 20, "#f3c46a", radius=10)
    c.ellipse(330, 134, 46, fill="#f3c46a")
    star(c, 330, 134, 32, RED)
    for k in range(4):
        x = 70 + k * 430
        c.shadow(x + 40, 262, 300, 90, 0.25, 12)
        c.shaded_rect(x + 40, 256, 290, 96, (0, "#0f5260"), (1, "#0b3c49"), radius=12)
        c.ellipse(x + 96, 304, 32, fill=GOLD)
        c.rect(x + 88 - 0, 290, 16, 28, INK, radius=4)
        c.rect(x + 146, 284, 150, 14, "#cdeee7", radius=7)
        c.rect(x + 146, 310, 110, 12, "#6cc0b4", radius=6)
        person(c, x + 185, 690, 185, ("#f6f7f5", "#cfe3e3")[k % 2])
        c.rect(x, 380, 10, 320, "#9fbcbb")
        c.rect(x + 20, 400, 350, 300, "#ffffff", 0.16, 8)
        c.line([(x + 60, 660), (x + 180, 420)], "#ffffff", 10, 0.35)
        c.shaded_rect(x + 270, 560, 110, 90, (0, "#35555e"), (1, "#16323b"), radius=8)
        c.rect(x + 318, 640, 16, 50, "#35555e")
    c.soft([(0, 700), (1800, 760)], INK, 0.3, 20)
    c.shaded_rect(-5, 680, 1810, 60, (0, "#fdfaf0"), (1, "#d9cdb0"))
    c.shaded_rect(-5, 736, 1810, 220, (0, "#c48a55"), (1, "#8b5b33"))
    for k in range(5):
        c.rect(k * 430 + 48 - 25, 736, 8, 220, "#7b4f2b", 0.7)
    c.shaded([(0, 950), (1800, 950), (1800, 1200), (0, 1200)], (0, "#dfe5dc"),
            (1, "#a9bcb6"))
    c.soft([(200, 960), (1600, 1060)], "#ffffff", 0.5, 30)
    for x, shirt, long in ((330, "#b8402f", True), (760, "#2f6f78", False),
            (1230, "#e0b04f", True)):
        c.soft([(x - 150, 1160), (x + 190, 1230)], INK, 0.4, 20, "ellipse")
        person(c, x, 1215, 320, shirt, back=True, long_hair=long)
    plant(c, 1680, 1110, 130)
    c.rect(1480, 830, 90, 330, "#e9efec", radius=14)
    c.shaded_rect(1440, 640, 170, 240, (0, "#123c48"), (1, "#0a2a34"), radius=16)
    c.shaded_rect(1454, 656, 142, 208, (0, "#43b3a8"), (1, "#1d7f86"), radius=8)
    for k in range(3):
        c.rect(1474, 690 + k * 52, 102, 34, "#f6fffb", 0.9, 8)
