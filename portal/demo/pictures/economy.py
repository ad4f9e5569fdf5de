"""Fields, energy, port and works: what science is for in the province."""

# Coordinates read best in rows.
# fmt: off

import math

from .canvas import Canvas, mix
from .landscapes import ripples
from .people import bars

INK, TEAL, GOLD, RED = "#0a2630", "#1d7f86", "#efb65a", "#b8402f"


def _turbine(c: Canvas, x, y, s, turn, colour="#fbfaf4"):
    c.shaded([(x - 0.03 * s, y), (x - 0.014 * s, y - s), (x + 0.014 * s, y - s),
            (x + 0.03 * s, y)], (0, colour), (1, mix(colour, "#7f9a9c", 0.45)))
    top = (x, y - s)
    for k in range(3):
        a = turn + k * 2 * math.pi / 3
        tip = (top[0] + 0.62 * s * math.cos(a), top[1] + 0.62 * s * math.sin(a))
        side = (0.04 * s * math.cos(a + 1.3) + 0.16 * s * math.cos(a),
                0.04 * s * math.sin(a + 1.3) + 0.16 * s * math.sin(a))
        c.polygon([top, (top[0] + side[0], top[1] + side[1]), tip], colour)
    c.ellipse(*top, 0.03 * s, fill=mix(colour, "#7f9a9c", 0.4))


def solar_farm(c: Canvas):
    c.sky((0, "#3f92b0"), (0.35, "#bfe3e0"), (0.5, "#fdf0cc"), (1, "#fdf0cc"))
    c.glow(1400, 300, 760, 560, "#fff7d8", 0.95)
    c.ellipse(1400, 300, 66, fill="#fffdf2")
    c.shaded(c.ground(c.ridge(570, 180, 3)), (0, "#86b9b8"), (1, "#cfe0cc"))
    c.shaded(c.ground(c.ridge(630, 130, 4)), (0, "#5b9c8a"), (1, "#a9c99a"))
    for x, s, t in ((240, 250, 0.3), (420, 210, 1.1), (580, 180, 0.7),
            (1640, 230, 0.2)):
        _turbine(c, x, 590, s, t)
    c.shaded([(0, 600), (1800, 600), (1800, 1200), (0, 1200)], (0, "#a9c27a"),
            (1, "#4f7d45"))
    for row in range(6):
        y = 640 + 26 * row + 20 * row**1.75
        h = 40 + 34 * row
        w = 130 + 62 * row
        x = -((row * 97) % int(w))
        while x < 1850:
            lean = h * 0.42
            quad = [(x + lean, y), (x + w * 0.93 + lean, y), (x + w * 0.93, y + h),
                    (x, y + h)]
            c.soft([(px + 6, py + h * 0.28) for px, py in quad], "#1c3a25", 0.5,
                    8 + row)
            c.rect(x + w * 0.45, y + h * 0.8, w * 0.04, h * 0.42, "#7d8d8e")
            c.shaded(quad, (0, "#7fb9d6"), (0.45, "#2a6f9a"), (1, "#143f63"))
            for k in range(1, 4):
                at = k / 4 * w * 0.93
                c.line([(x + at + lean, y), (x + at, y + h)], "#bfe0ea",
                        1.4 + 0.35 * row, 1 if row < 1 else 0.75)
            c.line([(x + lean / 2, y + h / 2), (x + w * 0.93 + lean / 2, y + h / 2)],
                    "#bfe0ea", 1.4 + 0.35 * row, 0.75)
            c.line([quad[0], quad[1]], "#f2fbfb", 2 + 0.5 * row)
            x += w * 1.06
    c.glow(1300, 640, 900, 260, "#fff3c4", 0.35)


def greenhouse(c: Canvas):
    c.sky((0, "#dff0ea"), (0.5, "#eef6e2"), (1, "#c9dfae"))
    cx, cy = 900, 500
    c.glow(cx, cy - 60, 900, 620, "#fffff2", 0.95)
    frames = [1.45**k for k in range(-6, 4)]
    for f in frames:
        w, h = 330 * f, 300 * f
        arc = [(cx + w * math.cos(a), cy + 120 * f - h * 1.25 * math.sin(a)) for a
                in [math.pi * k / 40 for k in range(41)]]
        c.line(arc, mix("#ffffff", "#7fa5a0", min(1, f / 3)), max(2, 7 * f))
        c.line([(cx - w, cy + 120 * f), (cx - w, cy + 190 * f)], "#8fb0ab",
                max(2, 7 * f))
        c.line([(cx + w, cy + 120 * f), (cx + w, cy + 190 * f)], "#8fb0ab",
                max(2, 7 * f))
    for k in range(9):
        a = math.pi * (0.1 + 0.8 * k / 8)
        ends = [(cx + 330 * f * math.cos(a), cy + 120 * f - 375 * f * math.sin(a))
                for f in (frames[0], frames[-1])]
        c.line(ends, "#a9c6c0", 3, 0.8)
    c.shaded([(cx - 20, cy + 30), (cx + 20, cy + 30), (cx + 330, 1200),
            (cx - 330, 1200)], (0, "#efe6cd"), (1, "#b89f72"))
    rows = 16
    for row in range(rows):
        f = 0.13 * 1.24**row
        y = cy + 190 * f
        for lane in (-3, -2, -1, 1, 2, 3):
            x = cx + lane * 172 * f + (26 * f if lane > 0 else -26 * f)
            if -200 < x < 2000 and y < 1350:
                c.ellipse(x, y + 22 * f, 78 * f, 22 * f,
                        mix("#7a5a38", "#d9cfa8", max(0, 1 - row / 9)))
                for leaf in range(7):
                    a = math.pi * (0.08 + 0.84 * leaf / 6)
                    tone = mix(("#3f8f4d", "#5fae5a", "#86c46a")[leaf % 3], "#e6f2d8",
                            max(0, 0.75 - row / 9))
                    lx, ly = x + 46 * f * math.cos(a), y - 44 * f * math.sin(a)
                    c.ellipse(lx, ly, 34 * f, 27 * f, tone)
                if row > 5:
                    for _ in range(2):
                        c.ellipse(x + c.random.uniform(-50, 50) * f,
                                y - c.random.uniform(0, 50) * f, 11 * f,
                                fill=c.random.choice(("#e2503a", "#f0a63f")))
    for row in range(4, 11, 3):
        f = 0.13 * 1.24**row
        y = cy - 110 * f
        c.line([(cx - 300 * f, y), (cx + 300 * f, y)], "#5f7f80", 5 * f)
        for k in range(-2, 3):
            c.soft([(cx + k * 120 * f - 8 * f, y), (cx + k * 120 * f + 8 * f, y),
                    (cx + k * 120 * f + 60 * f, y + 130 * f),
                    (cx + k * 120 * f - 60 * f, y + 130 * f)], "#ffffff", 0.5, 6)
    c.shadow(820, 990, 170, 40, 0.5, 14)
    c.shaded_rect(812, 780, 36, 230, (0, "#e9efec"), (1, "#9fb5b6"), radius=6)
    c.shaded_rect(740, 640, 190, 170, (0, "#fbfdfb"), (1, "#c3d5d2"), radius=16)
    c.shaded_rect(760, 662, 150, 92, (0, "#174a57"), (1, "#0c2f3a"), radius=8)
    bars(c, 772, 748, 126, 74, 6, ("#5fd6c6", "#ffd36b"))
    c.ellipse(790, 782, 11, fill="#5fd66a")
    c.ellipse(830, 782, 11, fill="#ffd36b")
    c.line([(835, 640), (835, 560)], "#9fb5b6", 8)
    for k in range(1, 4):
        c.line([(835 + 34 * k * math.cos(a), 560 - 34 * k * math.sin(a)) for a
                in [math.pi * (0.28 + 0.44 * i / 10) for i in range(11)]], TEAL, 7,
                0.9 - 0.2 * k)


def port(c: Canvas):
    c.sky((0, "#2f7f9c"), (0.4, "#a9d6d6"), (0.6, "#fdeccb"), (1, "#fdeccb"))
    c.glow(380, 470, 900, 460, "#fff3d0", 0.9)
    c.shaded(c.ground(c.ridge(640, 170, 4)), (0, "#86b3b8"), (1, "#cfdccb"))
    c.shaded_rect(-5, 690, 1810, 520, (0, "#cfe0d2"), (0.3, "#4f9aa0"), (1, "#0d4653"))
    ripples(c, 700, 1180, "#fff8e0", 150, 0.5, 400)
    # ship
    colours = ("#b8402f", "#1d7f86", "#efb65a", "#2b5f8a", "#e9e2d0", "#c96a3a",
            "#3f8f6a")
    c.soft([(60, 900), (1180, 990)], INK, 0.5, 24, "ellipse")
    for col in range(13):
        top = c.random.choice((3, 4, 4, 5, 5))
        for k in range(top):
            colour = c.random.choice(colours)
            x, y = 330 + col * 62, 770 - k * 42
            c.shaded_rect(x, y - 42, 60, 40, (0, mix(colour, "#ffffff", 0.14)),
                    (1, mix(colour, INK, 0.15)))
            for r in range(1, 6):
                c.line([(x + r * 10, y - 38), (x + r * 10, y - 6)],
                        mix(colour, INK, 0.25), 1.5)
    c.shaded_rect(150, 560, 150, 220, (0, "#fbf7ec"), (1, "#d3cdbb"), radius=4)
    for k in range(4):
        c.rect(164, 584 + k * 46, 122, 20, "#2b5967", radius=3)
    c.rect(200, 500, 56, 66, RED)
    c.shaded([(60, 765), (1140, 765), (1230, 730), (1160, 905), (120, 905)],
            (0, "#1b5566"), (0.72, "#123c48"), (0.73, "#9a3527"), (1, "#6d241c"))
    c.line([(64, 782), (1185, 782)], "#f2e8d0", 5)
    # quay and cranes
    c.shaded([(900, 960), (1800, 900), (1800, 1200), (640, 1200)], (0, "#d8d2c0"),
            (1, "#8f8b80"))
    c.line([(900, 962), (1800, 902)], "#f3eee0", 10)
    for x, y, s in ((1590, 930, 0.78), (1250, 985, 1.0)):
        colour = ("#d8672f", "#c8452f")[x > 1400]
        for dx in (-95, 95):
            c.line([(x + dx * s, y + 40 * s), (x + dx * 0.72 * s, y - 560 * s)], colour,
                    24 * s)
            c.line([(x + (dx + 60) * s, y + 10 * s), (x + (dx * 0.72 + 46) * s,
                    y - 560 * s)], mix(colour, INK, 0.35), 18 * s)
        for k in (0.25, 0.62):
            yy = y + 40 * s - 600 * s * k
            c.line([(x - 90 * s, yy), (x + 90 * s, yy)], colour, 14 * s)
        c.line([(x - 90 * s, y - 110 * s), (x + 80 * s, y - 330 * s)],
                mix(colour, INK, 0.2), 9 * s)
        c.line([(x - 720 * s, y - 570 * s), (x + 270 * s, y - 570 * s)], colour, 28 * s)
        c.line([(x, y - 560 * s), (x, y - 780 * s)], colour, 20 * s)
        for end in (-700, -360, 260):
            c.line([(x, y - 780 * s), (x + end * s, y - 575 * s)],
                    mix(colour, INK, 0.25), 6 * s)
        c.rect(x - 44 * s, y - 548 * s, 90 * s, 56 * s, "#f6efe0", radius=6)
        c.line([(x - 480 * s, y - 556 * s), (x - 480 * s, y - 380 * s)], INK, 4 * s)
        c.line([(x - 420 * s, y - 556 * s), (x - 420 * s, y - 380 * s)], INK, 4 * s)
        c.shaded_rect(x - 515 * s, y - 380 * s, 130 * s, 62 * s, (0, "#f3c46a"),
                (1, "#c98f3a"))
    for k in range(4):
        for j in range(3 - k // 2):
            colour = colours[(k * 3 + j * 2) % 7]
            x, y = 1010 + k * 175, 1130 - j * 72 - k * 12
            c.shaded_rect(x, y - 72, 170, 70, (0, mix(colour, "#ffffff", 0.12)),
                    (1, mix(colour, INK, 0.25)))
            for r in range(1, 11):
                c.line([(x + r * 15.5, y - 66), (x + r * 15.5, y - 8)],
                        mix(colour, INK, 0.22), 3)


def bridge_night(c: Canvas):
    c.sky((0, "#071b36"), (0.4, "#12406a"), (0.58, "#b8624f"), (0.66, "#f0a865"),
            (1, "#f0a865"))
    for _ in range(150):
        c.ellipse(c.random.uniform(0, 1800), c.random.uniform(0, 440),
                c.random.uniform(0.8, 2.4), fill="#ffffff",
                alpha=c.random.uniform(0.3, 0.9))
    c.ellipse(1500, 180, 52, fill="#fdf3d6")
    c.glow(1500, 180, 200, 200, "#fdf3d6", 0.5)
    c.shaded(c.ground(c.ridge(790, 150, 4)), (0, "#33405e"), (1, "#8a5b5b"))
    x = 0
    while x < 1800:
        w, h = c.random.uniform(30, 80), c.random.uniform(20, 120)
        c.rect(x, 800 - h, w, h + 10, "#1a2c48")
        for _ in range(int(h / 10)):
            c.rect(x + c.random.uniform(4, w - 8), 800 - c.random.uniform(8, h), 5, 6,
                    c.random.choice(("#ffd98a", "#ffe9b8", "#f6a15a")))
        x += w + c.random.uniform(0, 20)
    c.shaded_rect(-5, 800, 1810, 410, (0, "#d58a5c"), (0.14, "#5f5a72"),
            (0.5, "#17395c"), (1, "#06182c"))
    for _ in range(240):
        lx = c.random.uniform(0, 1800)
        ly = 810 + 300 * c.random.random() ** 1.6
        c.ellipse(lx, ly, c.random.uniform(6, 40), 2.2,
                c.random.choice(("#ffd98a", "#ffb070", "#9fd6e6")),
                c.random.uniform(0.2, 0.7))
    deck = 730

    def road(x):
        return deck - 60 * math.sin(math.pi * x / 1800)

    for tower in (560, 1240):
        top = 210
        for k in range(1, 15):
            for side in (-1, 1):
                bx = tower + side * k * 32
                c.line([(tower, top + 20 + k * 9), (bx, road(bx))], "#f7dca6", 2.4,
                        0.85)
        c.shaded([(tower - 20, top), (tower + 20, top), (tower + 46, 905),
                (tower - 46, 905)], (0, "#fff1cf"), (0.5, "#d8a97a"), (1, "#4a3c4c"))
        c.rect(tower - 42, 560, 84, 18, "#e9c796")
        c.glow(tower, top + 160, 160, 330, "#ffdf9a", 0.5)
        c.soft([(tower - 40, 900), (tower + 40, 900), (tower + 26, 1180),
                (tower - 26, 1180)], "#ffcf8a", 0.6, 16)
        c.ellipse(tower, 905, 90, 16, "#3a3444")
        c.ellipse(tower, top - 12, 8, fill="#ff5a48")
    top = [(x, road(x)) for x in range(-20, 1840, 20)]
    low = [(x, y + 26) for x, y in reversed(top)]
    c.polygon([*top, *low], "#2a2f42")
    c.line(top, "#ffe3a8", 6)
    for x in range(20, 1800, 60):
        y = road(x)
        c.line([(x, y), (x, y - 34)], "#3a4156", 4)
        c.glow(x, y - 36, 34, 34, "#ffe6a8", 0.95)
        c.ellipse(x, y - 36, 5, fill="#fffaf0")
        c.soft([(x - 4, 860), (x + 4, 860), (x + 7, 1010), (x - 7, 1010)], "#ffd98a",
                0.5, 6)


def offshore_wind(c: Canvas):
    c.sky((0, "#2c7a99"), (0.4, "#9fd0d2"), (0.58, "#f9ebcd"), (1, "#f9ebcd"))
    c.glow(1250, 560, 900, 480, "#fff6dc", 0.9)
    for x, y, s in ((420, 220, 1.3), (1460, 160, 1.0), (960, 320, 0.7)):
        for dx, dy, r in ((-110, 8, 44), (-40, -12, 62), (40, -4, 54), (110, 10, 38)):
            c.ellipse(x + dx * s, y + dy * s, r * s * 1.6, r * s * 0.5, "#ffffff", 0.7)
    c.shaded_rect(-5, 680, 1810, 530, (0, "#d3e6da"), (0.2, "#5aa5a8"), (1, "#0b4454"))
    ripples(c, 690, 1190, "#ffffff", 220, 0.45, 1200)
    ripples(c, 700, 1190, "#0b4454", 150, 0.3)
    for x, y, s, t in ((1660, 690, 190, 0.1), (1500, 694, 220, 0.8),
            (1320, 700, 250, 0.4), (1080, 712, 320, 1.2), (780, 735, 430, 0.6),
            (330, 800, 640, 0.25)):
        c.soft([(x - 0.05 * s, y), (x + 0.05 * s, y), (x + 0.03 * s, y + s * 0.5),
                (x - 0.03 * s, y + s * 0.5)], "#f4f7f0", 0.5, 8)
        _turbine(c, x, y, s, t)
        c.shaded_rect(x - 0.05 * s, y - 0.06 * s, 0.1 * s, 0.1 * s, (0, "#f6c453"),
                (1, "#c98f2a"), radius=4)
        c.ellipse(x, y + 0.045 * s, 0.1 * s, 0.014 * s, "#eaf6f0", 0.8)
    x, y = 1180, 960
    c.soft([(x - 210, y + 20), (x + 230, y + 90)], INK, 0.5, 16, "ellipse")
    c.shaded([(x - 210, y - 20), (x + 190, y - 20), (x + 250, y - 50),
            (x + 190, y + 62), (x - 180, y + 62)], (0, "#c8452f"), (1, "#7a261e"))
    c.shaded_rect(x + 20, y - 130, 130, 112, (0, "#fdfaf0"), (1, "#d3d8cf"), radius=8)
    c.rect(x + 36, y - 112, 98, 34, "#1f5968", radius=5)
    c.line([(x - 90, y - 20), (x - 90, y - 150), (x - 20, y - 190)], "#e9b04a", 12)
    c.line([(x - 220, y + 40), (x - 420, y + 70)], "#ffffff", 9, 0.6)
    for bx, by in ((820, 420), (890, 380), (600, 460)):
        c.line([(bx - 22, by - 8), (bx, by), (bx + 22, by - 8)], "#2b5967", 4)
