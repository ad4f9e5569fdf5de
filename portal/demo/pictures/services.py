"""Papers, telephones and ideas: the work that is not a hall."""

# Coordinates read best in rows.
# fmt: off

import math

from .canvas import Canvas, mix
from .landscapes import star
from .people import bars, person, plant

INK, TEAL, GOLD, RED = "#0a2630", "#1d7f86", "#efb65a", "#b5372b"


def desk(c: Canvas):
    """A desk from above: papers, seal, cup and keyboard."""

    c.sky((0, "#b98553"), (0.5, "#a87343"), (1, "#8f5f36"))
    for k in range(26):
        y = k * 48 + c.random.uniform(-12, 12)
        points = [(x, y + 8 * math.sin(x / 260 + k * 1.7)) for x
                in range(-20, 1860, 60)]
        c.line(points, mix("#8a5a32", "#c79460", c.random.random()),
                c.random.uniform(2, 7), 0.35)
    c.glow(400, 120, 1300, 900, "#fff1d0", 0.45)

    def sheet(cx, cy, w, h, degrees, fill="#fdfbf4"):
        t = math.radians(degrees)

        def at(px, py):
            return (cx + px * math.cos(t) - py * math.sin(t),
                    cy + px * math.sin(t) + py * math.cos(t))

        corners = [at(-w / 2, -h / 2), at(w / 2, -h / 2), at(w / 2, h / 2),
                at(-w / 2, h / 2)]
        c.soft([(x + 14, y + 20) for x, y in corners], "#2a1608", 0.5, 18)
        c.shaded(corners, (0, fill), (1, mix(fill, "#d9cfb8", 0.4)))
        return at

    sheet(1010, 650, 620, 850, 7, "#e8efe9")
    at = sheet(820, 600, 640, 880, -5)
    c.line([at(-250, -380), at(-70, -380)], "#6c7a7c", 10)
    c.line([at(60, -380), at(260, -380)], "#6c7a7c", 10)
    c.line([at(100, -352), at(220, -352)], "#6c7a7c", 4)
    c.line([at(-170, -270), at(170, -270)], RED, 18)
    c.line([at(-110, -232), at(110, -232)], "#6c7a7c", 10)
    for k in range(11):
        end = 260 if k % 4 != 3 else c.random.uniform(0, 160)
        c.line([at(-260 + (40 if k % 4 == 0 else 0), -160 + k * 36),
                at(end, -160 + k * 36)], "#b4bdbb", 8)
    for k in range(4):
        c.line([at(40, 290 + k * 2), at(250, 250 - k * 3)], "#2b4f8a", 3, 0.0 + 0.9)
    x, y = at(110, 310)
    for r, wide in ((92, 7), (70, 3)):
        ringed = [(x + r * math.cos(k / 20 * math.pi),
                y + r * math.sin(k / 20 * math.pi)) for k in range(41)]
        c.line(ringed, "#c8342a", wide, 0.8)
    star(c, x, y, 40, "#c8342a")
    # pen
    c.soft([(1110, 1010), (1420, 760), (1440, 780), (1130, 1030)], "#2a1608", 0.6, 10)
    c.line([(1110, 980), (1380, 740)], "#123c48", 34)
    c.line([(1116, 966), (1372, 738)], "#3f8a92", 8)
    c.line([(1090, 998), (1128, 964)], GOLD, 26)
    c.polygon([(1062, 1022), (1082, 986), (1102, 1008)], "#3a3f42")
    # cup of tea
    c.soft([(1380, 170), (1700, 470)], "#2a1608", 0.55, 22, "ellipse")
    c.ellipse(1520, 300, 160, fill="#f7f5ee")
    c.ellipse(1520, 300, 138, fill="#e3e0d4")
    c.line([(1630, 380), (1690, 430)], "#f7f5ee", 34)
    c.ellipse(1520, 300, 104, fill="#fbfaf5")
    c.shaded_ellipse(1520, 300, 90, 90, (0, "#c98b3a"), (1, "#9c5f22"))
    c.ellipse(1492, 276, 34, 20, "#f2cf8a", 0.6)
    # keyboard corner
    at = sheet(170, 330, 560, 330, -12, "#39545c")
    for row in range(5):
        for k in range(9):
            p = at(-250 + k * 56, -140 + row * 56)
            q = at(-250 + k * 56 + 46, -140 + row * 56)
            r = at(-250 + k * 56 + 46, -140 + row * 56 + 46)
            s = at(-250 + k * 56, -140 + row * 56 + 46)
            c.polygon([p, q, r, s], "#e4ece9")
    # phone and leaf
    at = sheet(1520, 830, 250, 470, 14, "#16323b")
    c.shaded([at(-112, -222), at(112, -222), at(112, 222), at(-112, 222)],
            (0, "#2f9a98"), (1, "#124f5b"))
    for k in range(4):
        c.polygon([at(-90, -180 + k * 96), at(90, -180 + k * 96), at(90, -110 + k * 96),
                at(-90, -110 + k * 96)], ("#f6fffb", "#fbe3ae", "#cdeee7",
                "#f6fffb")[k])
    plant(c, 150, 1090, 220, "#dfe6e0")


def phone_service(c: Canvas):
    """A public service used on a telephone."""

    c.sky((0, "#0f5a66"), (0.6, "#2c9a96"), (1, "#7fcdbb"))
    for k in range(5):
        c.ellipse(900, 620, 920 - k * 150, fill="#ffffff", alpha=0.05)
    for x, y, r in ((180, 240, 90), (1640, 980, 130), (1560, 180, 60),
            (260, 1010, 110)):
        c.ellipse(x, y, r, fill="#bdeee0", alpha=0.16)
    c.shaded(c.ground(c.ridge(1120, 170, 4)), (0, "#1d7c7f"), (1, "#0c4a56"), alpha=0.8)
    c.shadow(700, 170, 420, 900, 0.55, 40, 60)
    c.shaded_rect(690, 130, 420, 920, (0, "#163a44"), (1, "#081f28"), radius=62)
    c.shaded_rect(712, 154, 376, 872, (0, "#fdfbf3"), (1, "#e3efe9"), radius=44)
    c.shaded_rect(712, 154, 376, 190, (0, "#b5372b"), (1, "#d4553f"), radius=44)
    c.rect(712, 290, 376, 60, "#d4553f")
    c.rect(840, 170, 120, 22, "#2a1614", radius=11)
    c.ellipse(790, 262, 40, fill="#fbe3ae")
    star(c, 790, 262, 28, RED)
    c.rect(850, 240, 190, 18, "#fff3df", radius=9)
    c.rect(850, 272, 130, 13, "#f6c9b4", radius=7)
    for row in range(2):
        for k in range(3):
            x, y = 740 + k * 112, 384 + row * 124
            c.shadow(x + 4, y + 6, 92, 92, 0.2, 8)
            c.rect(x, y, 96, 100, "#ffffff", radius=20)
            colour = ("#1d7f86", "#efb65a", "#c8452f", "#3f9d78", "#2b6f9a",
                    "#8a5fa0")[row * 3 + k]
            c.ellipse(x + 48, y + 40, 24, fill=colour)
            c.rect(x + 22, y + 76, 52, 9, "#b9c9c6", radius=5)
    c.rect(740, 650, 320, 130, "#ffffff", radius=20)
    for k in range(3):
        done = k < 2
        c.ellipse(790 + k * 110, 700, 22, fill="#2fa07f" if done else "#d5dedb")
        if done:
            c.line([(781 + k * 110, 700), (788 + k * 110, 708), (800 + k * 110, 692)],
                    "#ffffff", 5)
        if k:
            c.line([(812 + (k - 1) * 110, 700), (768 + k * 110, 700)], "#2fa07f"
                    if k < 2 else "#d5dedb", 6)
        c.rect(764 + k * 110, 742, 54, 10, "#b9c9c6", radius=5)
    c.shaded_rect(740, 812, 320, 76, (0, "#2fa59b"), (1, "#1d7f86"), radius=38)
    c.rect(820, 842, 160, 16, "#ffffff", radius=8)
    c.rect(840, 990, 120, 10, "#9fb4b2", radius=5)
    for x, y, w, h, kind in ((250, 300, 350, 190, 0), (190, 640, 390, 210, 1),
            (1210, 240, 380, 200, 2), (1250, 620, 340, 220, 3)):
        c.shadow(x + 8, y + 14, w, h, 0.35, 22, 28)
        c.shaded_rect(x, y, w, h, (0, "#ffffff"), (1, "#eef5f1"), radius=28)
        if kind == 0:
            c.ellipse(x + 84, y + 94, 50, fill="#2fa07f")
            c.line([(x + 62, y + 96), (x + 78, y + 114), (x + 108, y + 74)], "#ffffff",
                    11)
        elif kind == 1:
            bars(c, x + 30, y + 180, 150, 130, 5, (TEAL, GOLD))
        elif kind == 2:
            c.polygon([(x + 84, y + 34), (x + 134, y + 54), (x + 128, y + 118),
                    (x + 84, y + 162), (x + 40, y + 118), (x + 34, y + 54)], "#1d7f86")
            c.line([(x + 62, y + 96), (x + 80, y + 116), (x + 110, y + 78)], "#ffffff",
                    10)
        else:
            for i in range(7):
                for j in range(7):
                    finder = (i in (0, 1, 5, 6)) and (j in (0, 1, 5,
                            6)) and not (i > 4 and j > 4)
                    if finder or c.random.random() < 0.5:
                        c.rect(x + 34 + i * 20, y + 40 + j * 20, 19, 19, INK, radius=3)
        tx = x + (160 if kind in (0, 2) else 215 if kind == 1 else 200)
        for r in range(3):
            c.rect(tx, y + 56 + r * 36, (x + w - 34 - tx) * (1, 0.8, 0.55)[r], 14,
                    ("#2c5560", "#a9bfbc", "#d3dedb")[r], radius=7)
    for a, b in (((600, 400), (690, 440)), ((580, 740), (690, 700)),
            ((1210, 340), (1110, 420)), ((1250, 740), (1110, 720))):
        for k in range(6):
            c.ellipse(a[0] + (b[0] - a[0]) * k / 5, a[1] + (
                    b[1] - a[1]) * k / 5 + 6 * math.sin(k), 6, fill="#eafff8",
                    alpha=0.8)


def innovation(c: Canvas):
    """A lamp of ideas over a group that works together."""

    c.sky((0, "#0a3a4a"), (0.6, "#126069"), (1, "#0a3140"))
    x, y = 900, 420
    c.glow(x, y, 900, 800, "#ffd98a", 0.75)
    for k in range(24):
        turn = k / 24 * 2 * math.pi
        r0, r1 = 290 + 14 * (k % 2), 350 + 50 * (k % 2)
        c.line([(x + r0 * math.cos(turn), y + r0 * math.sin(turn)),
                (x + r1 * math.cos(turn), y + r1 * math.sin(turn))], "#ffe3a0", 7, 0.75)
    nodes = [(230, 250, "#43b3a8"), (420, 520, "#e2703f"), (330, 110, "#f6d58a"),
            (1450, 150, "#e2703f"), (1590, 380, "#43b3a8"), (1390, 560, "#f6d58a"),
            (170, 470, "#f6d58a"), (1660, 590, "#cfeee6")]
    for k, (nx, ny, colour) in enumerate(nodes):
        mx, my = (nx + x) / 2, (ny + y) / 2 - 50
        c.line([(nx, ny), (mx, my), (x + (230 if nx > x else -230), y)], "#8fd9d0", 3,
                0.5)
        c.glow(nx, ny, 90, 90, colour, 0.5)
        c.ellipse(nx, ny, 46, fill="#0d4250")
        c.ellipse(nx, ny, 40, fill=colour)
        _mark(c, nx, ny, 22, k)
    c.shaded_ellipse(x, y - 10, 225, 225, (0, "#fff6da"), (1, "#ffcf6b"))
    c.shaded([(x - 150, y + 130), (x + 150, y + 130), (x + 92, y + 275),
            (x - 92, y + 275)], (0, "#ffd884"), (1, "#f3b94e"))
    c.line([(x - 70, y - 30), (x - 34, y + 60), (x, y - 20), (x + 34, y + 60),
            (x + 70, y - 30)], "#b5632b", 12)
    c.line([(x - 34, y + 60), (x - 34, y + 270)], "#b5632b", 10)
    c.line([(x + 34, y + 60), (x + 34, y + 270)], "#b5632b", 10)
    c.ellipse(x - 95, y - 100, 48, 66, "#ffffff", 0.65)
    for k in range(4):
        c.shaded_rect(x - 92 + k * 5, y + 275 + k * 30, 184 - k * 10, 26,
                (0, "#e3eceb"), (1, "#7f9a9c"), radius=13)
    c.shaded([(-20, 1210), (140, 1010), (1660, 1010), (1820, 1210)], (0, "#e0b67e"),
            (1, "#8a5c36"))
    for k, px in enumerate((250, 520, 1280, 1550)):
        person(c, px, 1040, 210, ("#f3f6f5", "#b8402f", "#2f8f96", "#e9c873")[k])
    c.shaded([(-20, 1210), (100, 1040), (1700, 1040), (1820, 1210)], (0, "#e9c08a"),
            (1, "#8a5c36"))
    for k, px in enumerate((330, 640, 1130, 1440)):
        c.polygon([(px - 80, 1080), (px + 70, 1076), (px + 86, 1160), (px - 90, 1166)],
                ("#fdfbf4", "#cfe9e3", "#fbe3ae", "#fdfbf4")[k])
        for r in range(3):
            c.line([(px - 54, 1100 + r * 19), (px + 44, 1098 + r * 19)], "#8ba6a6", 4)


def _mark(c: Canvas, x, y, r, kind):
    ink = "#0d3341"
    if kind % 4 == 0:
        for k in range(3):
            c.rect(x - r + k * r * 0.72, y + r * 0.8 - r * (0.7 + 0.45 * k), r * 0.5,
                    r * (0.7 + 0.45 * k), ink, radius=3)
    elif kind % 4 == 1:
        c.ellipse(x, y - r * 0.4, r * 0.42, fill=ink)
        c.polygon([(x - r * 0.8, y + r * 0.85), (x - r * 0.5, y + r * 0.15),
                (x + r * 0.5, y + r * 0.15), (x + r * 0.8, y + r * 0.85)], ink)
    elif kind % 4 == 2:
        c.polygon([(x - r * 0.9, y + r * 0.2), (x + r * 0.9, y - r * 0.9),
                (x + r * 0.15, y + r * 0.9), (x - r * 0.1, y + r * 0.25)], ink)
    else:
        c.rect(x - r * 0.7, y - r * 0.9, r * 1.4, r * 1.8, ink, radius=4)
        for k in range(3):
            c.rect(x - r * 0.42, y - r * 0.55 + k * r * 0.45, r * 0.84, r * 0.18,
                    "#f6f3e4", radius=2)
