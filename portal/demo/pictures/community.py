"""Streets, markets, schools and wards: where people meet what the site tells."""

# Coordinates read best in rows.
# fmt: off

import math

from .canvas import Canvas, mix
from .people import SKINS, bars, person, plant

INK, TEAL, GOLD, RED = "#0a2630", "#1d7f86", "#efb65a", "#b8402f"


def _hat(c: Canvas, x, y, s):
    """A conical hat over a head whose shoulders stand on y."""
    c.polygon([(x - 0.46 * s, y - 0.98 * s), (x, y - 1.5 * s),
            (x + 0.46 * s, y - 0.98 * s)], "#f3dfae")
    c.polygon([(x, y - 1.5 * s), (x + 0.46 * s, y - 0.98 * s),
            (x + 0.1 * s, y - 0.98 * s)], "#dcc48c")


def market(c: Canvas):
    c.sky((0, "#f6d9a0"), (0.5, "#fbeed2"), (1, "#d9c39a"))
    c.glow(900, 120, 1200, 560, "#fffbea", 0.9)
    for x in range(-60, 1800, 150):
        high = c.random.uniform(210, 330)
        c.shaded_rect(x, 560 - high, 146, high + 60, (0,
                mix("#e3c08a", "#ffffff", c.random.uniform(0, 0.3))), (1, "#d2a873"))
        for k in range(2):
            c.rect(x + 24 + k * 58, 590 - high, 36, 52, "#5d8a8c", 0.8, 4)
    c.blur(7)
    stripes = (("#c8452f", "#fdf3dd"), ("#1d7f86", "#fdf3dd"), ("#d99a34", "#fdf3dd"))
    for n, left in enumerate((-60, 560, 1180)):
        c.shadow(left + 20, 620, 560, 260, 0.25, 26)
        for post in (left + 40, left + 540):
            c.rect(post, 380, 16, 620, "#8a6a45")
        person(c, left + 200, 800, 215, ("#1f6f78", "#b8402f", "#f1ead8")[n],
                long_hair=True)
        _hat(c, left + 200, 800, 215)
        person(c, left + 420, 800, 200, ("#f3f6f5", "#e0b04f", "#2f6f78")[n])
        for k in range(8):
            x0, x1 = left + k * 75, left + (k + 1) * 75
            fill = stripes[n][k % 2]
            c.shaded([(x0 + 30, 330), (x1 + 15, 330), (x1, 450), (x0, 450)],
                    (0, mix(fill, "#ffffff", 0.1)), (1, mix(fill, INK, 0.12)))
            c.ellipse(x0 + 37, 450, 37, 24, mix(fill, INK, 0.12))
        c.shaded([(left, 780), (left + 600, 780), (left + 620, 1010),
                (left - 20, 1010)], (0, "#c99562"), (1, "#8a5c36"))
        for row in range(3):
            for k in range(13):
                colour = (("#f19a35", "#e2503a", "#8fbf62"),
                        ("#5fa35a", "#f6c453", "#c8452f"), ("#8fb6c4", "#b9ccd2",
                        "#f0d9b0"))[n][(k // 5) % 3]
                x, y = left + 40 + k * 42 + row * 8, 790 + row * 44
                c.ellipse(x, y, 24, 22, mix(colour, INK, 0.15))
                c.ellipse(x - 3, y - 4, 20, 18, colour)
                c.ellipse(x - 8, y - 9, 6, 5, "#ffffff", 0.5)
    c.shaded([(0, 990), (1800, 990), (1800, 1200), (0, 1200)], (0, "#d9c7a2"),
            (1, "#a88f66"))
    x, y = 905, 780
    c.shadow(x - 110, y + 200, 230, 60, 0.5, 16)
    c.shaded_rect(x - 90, y + 130, 180, 130, (0, "#f4f7f5"), (1, "#a9babb"), radius=16)
    c.shaded_rect(x - 62, y + 150, 124, 60, (0, "#174a57"), (1, "#0c2f3a"), radius=8)
    for k in range(4):
        c.rect(x - 46 + k * 25, y + 166, 15, 28, "#5fe0c8", radius=3)
    c.rect(x - 12, y + 96, 24, 40, "#8fa3a6")
    c.shaded([(x - 150, y + 70), (x + 150, y + 70), (x + 110, y + 104),
            (x - 110, y + 104)], (0, "#f4f7f5"), (1, "#8fa3a6"))
    for k in range(5):
        c.ellipse(x - 70 + k * 35, y + 52, 28, fill="#e98a2c")
        c.ellipse(x - 78 + k * 35, y + 44, 8, fill="#fbd9a0")
    for px, shirt, long in ((260, "#2f6f78", True), (1500, "#b8402f", False)):
        person(c, px, 1260, 330, shirt, back=True, long_hair=long)
    _hat(c, 260, 1260, 330)


def xray_room(c: Canvas):
    c.sky((0, "#d5e8e8"), (0.7, "#bcd8d9"), (1, "#93b9bd"))
    c.shaded_rect(90, 120, 520, 420, (0, "#eaf5f3"), (1, "#cfe4e2"), radius=10)
    c.line([(350, 120), (350, 540)], "#b4d0d0", 8)
    c.glow(1100, 80, 900, 600, "#ffffff", 0.6)
    c.shaded([(0, 860), (1800, 860), (1800, 1200), (0, 1200)], (0, "#b9d2d3"),
            (1, "#7fa3a8"))
    c.soft([(500, 900), (1330, 1010)], INK, 0.4, 30, "ellipse")
    # arm and head of the machine
    c.rect(930, 0, 46, 330, "#8fa9ad")
    c.shaded_rect(840, 300, 226, 150, (0, "#fdfefd"), (1, "#b5c9ca"), radius=26)
    c.shaded([(880, 450), (1026, 450), (1060, 520), (846, 520)], (0, "#5d7b82"),
            (1, "#2a4850"))
    c.soft([(880, 520), (1026, 520), (1180, 800), (720, 800)], "#8ff0e4", 0.35, 14)
    c.shaded_rect(880, 340, 146, 60, (0, "#174a57"), (1, "#0c2f3a"), radius=8)
    c.line([(896, 372), (930, 372), (944, 354), (960, 388), (974, 372), (1010, 372)],
            "#5fe0c8", 5)
    # table and person lying
    c.shaded_rect(420, 800, 960, 46, (0, "#fdfefd"), (1, "#c3d5d5"), radius=20)
    c.shaded_rect(640, 846, 150, 170, (0, "#dfe9e8"), (1, "#8fa9ad"), radius=12)
    c.shaded_rect(1020, 846, 150, 170, (0, "#dfe9e8"), (1, "#8fa9ad"), radius=12)
    c.rect(470, 760, 150, 46, "#f7fbfa", radius=22)
    c.ellipse(560, 742, 52, 46, "#1c2226")
    c.ellipse(572, 748, 44, 40, SKINS[0])
    c.shaded([(615, 800), (640, 712), (900, 700), (1310, 748), (1330, 800)],
            (0, "#8fd0cb"), (1, "#3f9a9a"))
    c.ellipse(1325, 776, 28, 26, SKINS[0])
    # screen with the picture
    c.shadow(1290, 130, 430, 470, 0.35, 22)
    c.shaded_rect(1280, 116, 430, 470, (0, "#1b3f4a"), (1, "#0b232c"), radius=18)
    c.shaded_rect(1300, 136, 390, 430, (0, "#07202a"), (1, "#0d3b47"), radius=10)
    c.glow(1495, 350, 200, 230, "#5fb9c4", 0.35)
    for side in (-1, 1):
        lung = [(1495 + side * (30 + 95 * math.sin(k / 12 * math.pi)), 220 + k * 23)
                for k in range(13)]
        c.polygon(lung, "#123f4b")
        for k in range(7):
            rib = [(1495 + side * (12 + t * 13), 224 + k * 38 + 30 * math.sin(
                    t / 10 * math.pi / 1.3)) for t in range(11)]
            c.line(rib, "#cfeef0", 9, 0.8)
    for k in range(10):
        c.rect(1483, 210 + k * 30, 24, 20, "#e6f8f8", 0.9, 6)
    c.rect(1440, 586, 110, 60, "#35555e")
    c.shaded_rect(1380, 640, 230, 26, (0, "#5d7b82"), (1, "#2a4850"), radius=8)
    person(c, 1520, 1215, 360, "#f4f7f5", back=True, long_hair=True)
    for x, y, s in ((180, 640, 1.0),):
        c.polygon([(x, y - 70 * s), (x + 80 * s, y + 70 * s), (x - 80 * s, y + 70 * s)],
                "#f6c453")
        c.polygon([(x, y - 42 * s), (x + 56 * s, y + 56 * s), (x - 56 * s, y + 56 * s)],
                "#2a2420")
        for k in range(3):
            a = -math.pi / 2 + k * 2 * math.pi / 3
            fan = [(x, y + 22 * s)] + [(x + 34 * s * math.cos(a + t),
                    y + 22 * s + 34 * s * math.sin(a + t)) for t
                    in (-0.5, -0.25, 0, 0.25, 0.5)]
            c.polygon(fan, "#f6c453")
    plant(c, 120, 1060, 130)


def archive(c: Canvas):
    """Shelves of files that become data."""
    c.sky((0, "#2c4a52"), (0.6, "#3f6168"), (1, "#1b343c"))
    tones = ("#c8934f", "#b8402f", "#1d7f86", "#e3c48a", "#6d8f8a", "#d9a35a",
            "#8a5c36")
    for row in range(4):
        y = 40 + row * 220
        x = 10
        while x < 1800:
            w, h = c.random.uniform(30, 62), c.random.uniform(140, 186)
            if c.random.random() < 0.9:
                tone = mix(c.random.choice(tones), "#2c4a52", 0.25)
                c.shaded_rect(x, y + 196 - h, w - 3, h, (0, mix(tone, "#ffffff", 0.16)),
                        (1, mix(tone, INK, 0.25)), radius=4)
                c.rect(x + 6, y + 196 - h * 0.72, w - 15, h * 0.26, "#f4ead2", 0.9, 3)
                c.line([(x + 10, y + 196 - h * 0.62), (x + w - 13, y + 196 - h * 0.62)],
                        "#8a8a80", 3)
            x += w
        c.shaded_rect(0, y + 196, 1800, 24, (0, "#a9784a"), (1, "#6d4a2b"))
    for x in (0, 596, 1196, 1780):
        c.shaded_rect(x, 0, 24, 930, (0, "#8a5f38"), (1, "#5d3f25"))
    c.blur(6)
    c.glow(1180, 360, 820, 620, "#d8fff6", 0.42)
    c.shaded_rect(-5, 910, 1810, 300, (0, "#d9ad78"), (0.1, "#b07f48"), (1, "#5d3f25"))
    c.shadow(150, 880, 640, 90, 0.5, 22)
    for k in range(7):
        shift = c.random.uniform(-14, 14)
        c.shaded_rect(180 + shift, 880 - k * 34, 380, 32,
                (0, mix(tones[k], "#ffffff", 0.25)), (1, tones[k]), radius=5)
        c.rect(200 + shift, 886 - k * 34, 90, 16, "#f6eedb", radius=3)
    c.shaded_rect(600, 790, 230, 130, (0, "#f2f6f5"), (1, "#a9bcbd"), radius=14)
    c.rect(616, 812, 198, 14, "#5fe0c8", radius=7)
    c.polygon([(640, 680), (790, 672), (800, 800), (634, 804)], "#fdfbf4")
    for k in range(5):
        c.line([(660, 704 + k * 18), (776, 700 + k * 18)], "#9aa8a6", 4)
    c.shadow(990, 880, 720, 100, 0.5, 24)
    c.shaded_rect(1000, 430, 660, 430, (0, "#173c47"), (1, "#0a232c"), radius=20)
    c.shaded_rect(1022, 452, 616, 386, (0, "#f6fbf9"), (1, "#dceae6"), radius=8)
    c.shaded_rect(1022, 452, 616, 56, (0, "#1d7f86"), (1, "#15646b"), radius=8)
    c.rect(1050, 472, 260, 16, "#eafff8", radius=8)
    for k in range(5):
        y = 536 + k * 58
        c.rect(1050, y, 40, 42, ("#efb65a", "#c8452f", "#2fa59b")[k % 3], radius=6)
        c.rect(1108, y + 4, c.random.uniform(180, 320), 13, "#2c5560", radius=6)
        c.rect(1108, y + 26, c.random.uniform(120, 260), 10, "#a9bfbc", radius=5)
        c.ellipse(1590, y + 20, 18, fill="#2fa07f")
        c.line([(1582, y + 20), (1588, y + 27), (1600, y + 12)], "#ffffff", 5)
    c.shaded_rect(1270, 860, 120, 40, (0, "#5d7b82"), (1, "#2a4850"))
    c.shaded_rect(1180, 896, 300, 22, (0, "#8fa3a6"), (1, "#5d7b82"), radius=10)
    for k in range(26):
        t = k / 25
        x, y = 800 + 230 * t, 740 - 150 * t - 60 * math.sin(t * math.pi)
        s = 9 + 5 * c.random.random()
        c.rect(x, y + c.random.uniform(-50, 50), s, s,
                c.random.choice(("#8ff0e4", "#ffe3a0", "#ffffff")), 0.9, 2)


def exhibition(c: Canvas):
    """A fair of inventions with its stands."""
    c.sky((0, "#173c47"), (0.5, "#2a6570"), (1, "#d9cdb4"))
    for k in range(12):
        c.line([(k * 164, 0), (900 + (k * 164 - 900) * 0.62, 260)], "#3f8088", 7)
    for y in (60, 150, 225):
        c.line([(0, y), (1800, y)], "#3f8088", 6)
    for x in (200, 560, 900, 1240, 1600):
        c.glow(x, 170, 160, 120, "#fff6d8", 0.9)
        c.soft([(x - 40, 170), (x + 40, 170), (x + 230, 860), (x - 230, 860)],
                "#fff3d0", 0.18, 40)
    c.shaded([(0, 860), (1800, 860), (1800, 1200), (0, 1200)], (0, "#e9dfc9"),
            (1, "#b09c78"))
    stands = ((40, RED), (480, TEAL), (920, "#d99a34"), (1360, "#2b5f8a"))
    for n, (x, tone) in enumerate(stands):
        c.shadow(x, 300, 400, 570, 0.35, 20)
        c.shaded_rect(x, 270, 400, 590, (0, "#fbf8ee"), (1, "#e3dac4"), radius=6)
        c.shaded_rect(x, 250, 400, 92, (0, mix(tone, "#ffffff", 0.15)), (1, tone),
                radius=10)
        c.rect(x + 60, 282, 230, 26, "#fff6df", radius=13)
        c.shaded_rect(x + 36, 374, 328, 200, (0, mix(tone, "#ffffff", 0.55)),
                (1, mix(tone, "#ffffff", 0.78)), radius=8)
        if n == 0:
            bars(c, x + 70, 560, 250, 150, 6, (RED, "#e58a6a"))
        elif n == 1:
            for r in range(3):
                c.ellipse(x + 200, 474, 84 - r * 26, fill=(TEAL, "#8fd0cb",
                        "#f6fffb")[r])
        elif n == 2:
            c.ellipse(x + 200, 462, 62, fill="#ffd884")
            c.rect(x + 176, 516, 48, 40, "#8fa3a6", radius=8)
        else:
            for k in range(4):
                c.line([(x + 70, 420 + k * 34), (x + 70 + 250 * (
                        0.5 + 0.5 * math.sin(k * 1.7 + 1)), 420 + k * 34)], "#2b5f8a",
                        15)
        person(c, x + 110, 745, 150, ("#f3f6f5", "#e0b04f", "#1f6f78", "#b8402f")[n])
        person(c, x + 290, 745, 142, ("#1f6f78", "#f3f6f5", "#b8402f", "#f1ead8")[n])
        c.shaded_rect(x + 20, 730, 360, 140, (0, mix(tone, "#ffffff", 0.1)),
                (1, mix(tone, INK, 0.3)), radius=8)
        c.rect(x + 10, 718, 380, 22, "#fdf8ea", radius=8)
    for px, s, shirt, long in ((180, 260, "#234a58", True),
            (470, 300, "#c8452f", False), (820, 280, "#e9c873", True),
            (1150, 310, "#2f8f96", False), (1440, 270, "#f3f6f5", True),
            (1690, 300, "#7a4b6a", False)):
        c.soft([(px - s * 0.6, 1150), (px + s * 0.7, 1230)], "#3a2a14", 0.4, 20,
                "ellipse")
        person(c, px, 1230, s, shirt, back=True, long_hair=long)


def electric_bus(c: Canvas):
    c.sky((0, "#6fb6c9"), (0.5, "#d3ebe4"), (0.7, "#fbf0d6"), (1, "#fbf0d6"))
    c.glow(350, 250, 800, 500, "#fffbe8", 0.9)
    for depth, base in ((0, 690), (1, 730)):
        x = -30
        while x < 1800:
            w, h = c.random.uniform(90, 190), c.random.uniform(160, 420 - 90 * depth)
            tone = ("#a9cdcf", "#7fb0b5")[depth]
            c.shaded_rect(x, base - h, w, h + 60, (0, mix(tone, "#ffffff", 0.2)),
                    (1, tone), radius=5)
            for wy in range(int(base - h + 20), base - 20, 36):
                for wx in range(int(x + 14), int(x + w - 20), 32):
                    c.rect(wx, wy, 17, 20, "#e9f6f2", 0.6, 2)
            x += w + c.random.uniform(4, 30)
    for x in range(-20, 1860, 165):
        c.rect(x - 8, 620, 16, 150, "#6b5138")
        for dx, dy, r in ((0, -40, 74), (-44, 10, 56), (44, 10, 56)):
            c.ellipse(x + dx, 610 + dy, r, r * 0.9, mix("#3f8f5f", "#8fc47a",
                    c.random.random() * 0.7))
    c.shaded([(0, 765), (1800, 765), (1800, 860), (0, 860)], (0, "#e3d9c2"),
            (1, "#c9bc9f"))
    c.shaded([(0, 855), (1800, 855), (1800, 1200), (0, 1200)], (0, "#5d6f76"),
            (1, "#39484f"))
    c.rect(0, 850, 1800, 12, "#f3eee0")
    for x in range(-40, 1800, 260):
        c.polygon([(x, 1090), (x + 150, 1090), (x + 136, 1110), (x - 18, 1110)],
                "#f3eee0")
    c.soft([(230, 980), (1360, 1070)], "#0a1a20", 0.6, 22, "ellipse")
    c.shaded_rect(250, 500, 1090, 500, (0, "#fbfdfc"), (0.55, "#e6efed"),
            (0.56, "#2fa59b"), (1, "#15737a"), radius=54)
    c.shaded_rect(280, 470, 820, 50, (0, "#d5e2e0"), (1, "#a9bfbe"), radius=16)
    c.shaded_rect(286, 548, 900, 210, (0, "#214c58"), (1, "#123039"), radius=26)
    for k in range(5):
        c.shaded_rect(300 + k * 176, 562, 160, 182, (0, "#8fc9d2"), (1, "#d9ede6"),
                radius=14)
        if k < 4:
            person(c, 380 + k * 176, 744, 92, ("#c8452f", "#f3f6f5", "#e0b04f",
                    "#234a58")[k])
    c.shaded_rect(1200, 548, 140, 250, (0, "#8fc9d2"), (1, "#d9ede6"), radius=26)
    c.shaded_rect(830, 556, 150, 420, (0, "#3f727c"), (1, "#1c4a55"), radius=10)
    for k in range(2):
        c.shaded_rect(842 + k * 66, 572, 60, 380, (0, "#9fd0d6"), (1, "#5d9aa0"),
                radius=8)
    c.rect(1120, 500, 190, 40, "#12303a", radius=8)
    c.rect(1140, 512, 130, 15, "#ffd36b", radius=7)
    c.polygon([(560, 820), (600, 820), (585, 860), (620, 860), (555, 940), (572, 880),
            (542, 880)], "#ffe3a0")
    for x in (470, 1130):
        c.ellipse(x, 990, 86, fill="#1b262b")
        c.ellipse(x, 990, 48, fill="#c3d0d0")
        c.ellipse(x, 990, 17, fill="#35555e")
    c.ellipse(1318, 900, 24, 18, "#fff6d0")
    x = 1560
    c.soft([(x - 80, 900), (x + 120, 960)], "#0a1a20", 0.5, 14, "ellipse")
    c.shaded_rect(x - 60, 560, 130, 360, (0, "#fdfefd"), (1, "#b9c9c8"), radius=22)
    c.shaded_rect(x - 40, 590, 90, 110, (0, "#174a57"), (1, "#0c2f3a"), radius=10)
    c.polygon([(x + 8, 602), (x - 18, 652), (x + 4, 652), (x - 6, 690), (x + 26, 636),
            (x + 6, 636)], "#5fe0a8")
    c.line([(x - 60, 760), (x - 130, 800), (x - 170, 880), (x - 215, 900), (1340, 860)],
            "#22343a", 14)
    for px, s, shirt in ((1690, 150, "#b8402f"), (1760, 130, "#f3f6f5")):
        c.rect(px - s * 0.28, 850, s * 0.24, s * 0.62, "#24343c", radius=8)
        c.rect(px + s * 0.04, 850, s * 0.24, s * 0.62, "#24343c", radius=8)
        person(c, px, 880, s, shirt)
