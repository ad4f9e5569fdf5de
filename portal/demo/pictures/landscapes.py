"""Land and sea of the invented province: bay, hills, ponds, forest."""

# Coordinates read best in rows.
# fmt: off

import math

from .canvas import Canvas, mix

DEEP, TEAL, MIST = "#0b3c49", "#1d6f78", "#cfe3df"
GOLD, SAND, RED, INK = "#f0b95a", "#f7e6cb", "#b8402f", "#0a2630"


def tower(c: Canvas, x, base, w, h):
    """One limestone tower: steep sides, a round and uneven head."""
    rng = c.random
    lean = rng.uniform(-0.18, 0.18)
    bumps = [(rng.uniform(2, 9), rng.uniform(0, 6.3)) for _ in range(3)]
    points = []
    for i in range(41):
        t = -1 + i / 20
        rise = max(0.0, 1 - abs(t) ** 3.4) ** 0.62
        rough = sum(math.sin(t * rate + turn) for rate, turn in bumps) * 0.028
        y = base - h * max(0, rise * (1 + rough + lean * t * 0.6))
        points.append((x + w * (t + lean * rise * 0.25), y))
    return points


def _towers(c: Canvas, base, low, high, count, colour, foot, spread=(90, 210)):
    rng = c.random
    for i in range(count):
        x = (i + rng.uniform(0.15, 0.85)) * c.width / count
        h, w = rng.uniform(low, high), rng.uniform(*spread)
        c.shaded(tower(c, x, base, w, h), (0, colour), (1, foot))
        if rng.random() < 0.6:
            side = rng.choice((-1, 1)) * w * 0.9
            c.shaded(
                tower(c, x + side, base, w * 0.7, h * rng.uniform(0.3, 0.6)),
                (0, mix(colour, foot, 0.25)),
                (1, foot),
            )


def ripples(c: Canvas, top, bottom, colour, count, alpha=0.35, centre=None):
    """Short strokes of light on water, longer and thicker towards the viewer."""
    rng = c.random
    for _ in range(count):
        near = rng.random() ** 1.4
        y = top + (bottom - top) * near
        x = rng.uniform(0, c.width) if centre is None else rng.gauss(centre,
                60 + 170 * near)
        long = (14 + 100 * near) * rng.uniform(0.5, 1.3)
        thick = 1.5 + 5 * near
        c.ellipse(x, y, long, thick, colour, alpha * rng.uniform(0.4, 1))


def junk(c: Canvas, x, y, s, sail="#b8492f", hull="#14323a", shade="#7f2c20"):
    """A boat with three ribbed sails; `s` is its length."""
    c.soft(
        [(x - s * 0.5, y), (x + s * 0.5, y + s * 0.16)], INK, 0.45, s * 0.03, "ellipse"
    )
    for at, high, wide in ((-0.26, 0.58, 0.2), (0.05, 0.86, 0.28), (0.34, 0.5, 0.17)):
        foot = (x + s * at, y - s * 0.06)
        c.line([foot, (foot[0], y - s * high)], hull, max(2, s * 0.014))
        right = [
            (foot[0], y - s * high),
            (foot[0] + s * wide * 0.7, y - s * high * 0.72),
            (foot[0] + s * wide, y - s * 0.13),
            (foot[0] - s * 0.02, y - s * 0.12),
        ]
        c.shaded(right, (0, mix(sail, GOLD, 0.35)), (1, sail))
        for rib in range(1, 5):
            part = rib / 5
            yy = y - s * high + (s * high - s * 0.12) * part
            reach = s * wide * (0.35 + 0.65 * part)
            c.line([(foot[0], yy), (foot[0] + reach, yy + s * 0.012)], shade, s * 0.006)
    c.shaded(
        [
            (x - s * 0.5, y - s * 0.13),
            (x - s * 0.36, y - s * 0.06),
            (x + s * 0.38, y - s * 0.06),
            (x + s * 0.54, y - s * 0.12),
            (x + s * 0.42, y + s * 0.05),
            (x - s * 0.38, y + s * 0.05),
        ],
        (0, mix(hull, "#8a5a3a", 0.55)),
        (1, hull),
    )


def karst_bay(c: Canvas):
    c.sky((0, "#1c6a7c"), (0.28, "#7fb5b0"), (0.46, "#f6d3a4"), (0.56, "#fbe3bd"),
            (1, "#e9c99a"))
    sun = (1130, 470)
    c.glow(*sun, 900, 640, "#ffe2a8", 0.85)
    c.glow(*sun, 260, 260, "#fff6e0", 0.95)
    c.ellipse(*sun, 54, fill="#fffaf0")
    _towers(c, 690, 110, 230, 11, "#9fbfb8", "#dcd5bb", (70, 150))
    c.haze(480, 690, "#fbe3bd", 0, 0.55)
    _towers(c, 705, 170, 330, 7, "#5d979a", "#a9bfae", (90, 190))
    c.haze(520, 705, "#f9dfb6", 0, 0.5)
    c.shaded_rect(-5, 700, 1810, 505, (0, "#f3d9ae"), (0.15, "#b9cdb9"),
            (0.55, "#3b8489"), (1, "#0d4553"))
    ripples(c, 710, 1190, "#fff0cc", 260, 0.6, sun[0])
    ripples(c, 720, 1190, "#0d4553", 160, 0.25)
    for x, w, h, colour, foot in (
        (150, 250, 520, "#1b6068", "#4d8f8f"),
        (440, 150, 300, "#226a70", "#5a9998"),
        (1690, 210, 430, "#1f666d", "#549493"),
    ):
        base = 765
        c.shaded(tower(c, x, base, w, h), (0, colour), (1, foot))
        c.soft(
            [(x - w, base), (x + w, base), (x + w * 0.7, base + h * 0.5),
                    (x - w * 0.7, base + h * 0.5)],
            colour, 0.55, 18,
        )
        c.soft([(x - w, base - 10), (x + w, base + 14)], "#fbe9c8", 0.7, 9, "ellipse")
    junk(c, 1010, 880, 330)
    junk(c, 640, 765, 120)
    junk(c, 1390, 745, 84)
    for x, y in ((820, 330), (880, 300), (925, 345), (700, 380)):
        c.line([(x - 20, y - 7), (x, y), (x + 20, y - 7)], "#24606b", 4)


def rice_terraces(c: Canvas):
    c.sky((0, "#8cc3c4"), (0.35, "#f4e4c3"), (1, "#f4e4c3"))
    c.glow(420, 260, 700, 420, "#fff3d6", 0.9)
    for base, height, colour, veil in (
        (430, 260, "#9cc2bb", 0.55),
        (500, 230, "#6fa7a2", 0.5),
        (590, 230, "#3f8583", 0.45),
    ):
        edge = c.ridge(base, height, 2.6)
        c.shaded(c.ground(edge, 720), (0, colour), (1, mix(colour, SAND, 0.5)))
        c.haze(base - 80, base + 120, "#f6ead0", 0, veil)
        c.shaded_rect(-5, base + 119, 1810, 300, (0, mix(colour, SAND, 0.6)), (1, SAND))
    steps = 17
    for i in range(steps):
        part = i / (steps - 1)
        base = 620 + 640 * part**1.35
        thick = 14 + 40 * part
        sway = 50 + 70 * part
        edge = []
        for x in range(-20, 1860, 20):
            at = x / 1800
            y = base - sway * math.sin(at * 4.2 + i * 0.22 + 0.6) - 34 * math.sin(
                    at * 9 + i * 0.7) * (0.4 + part)
            y -= 190 * (1 - part) * max(0, at - 0.45)
            edge.append((x, y))
        rice = ("#d9b84c", "#a9b44a", "#e2c765", "#7fa04a")[i % 4]
        rice = mix(rice, "#3d6b3a", 0.28 * part)
        bank = mix("#35643c", "#173f35", part)
        c.soft(c.ground([(x, y - 6) for x, y in edge]), "#173f35", 0.25, 8)
        c.polygon(c.ground(edge), mix(rice, "#fff3c8", 0.25))
        c.shaded(c.ground([(x, y + 5) for x, y in edge], edge[0][1] + 600), (0, rice),
                (0.35, mix(rice, bank, 0.35)), (1, bank))
        for x, y in edge[:: max(1, 3 - i // 7)]:
            for k in range(2):
                xx = x + c.random.uniform(-12, 12)
                yy = y + thick * c.random.uniform(0.25, 0.9)
                c.line([(xx, yy), (xx + 3, yy - 7 - 9 * part)],
                        mix(rice, bank, 0.45 + 0.1 * k), 1.6 + 1.6 * part)
    for x, y, s in ((1330, 585, 1.0), (1480, 630, 1.35)):
        c.shadow(x - 70 * s, y + 30 * s, 150 * s, 22 * s, 0.5, 10)
        for post in (-50, -18, 18, 50):
            c.line([(x + post * s, y), (x + post * s, y + 42 * s)], "#3b2a1f", 6 * s)
        c.rect(x - 62 * s, y - 30 * s, 124 * s, 36 * s, "#7a5232")
        c.rect(x - 12 * s, y - 24 * s, 24 * s, 30 * s, "#f2c36b")
        c.shaded([(x - 90 * s, y - 26 * s), (x - 55 * s, y - 92 * s),
                (x + 55 * s, y - 92 * s), (x + 90 * s, y - 26 * s)], (0, "#b0854e"),
                (1, "#6d4a2b"))
    palm(c, 1600, 640, 120)
    palm(c, 1230, 600, 90)


def palm(c: Canvas, x, y, s, colour="#1c4a3c"):
    top = (x + s * 0.12, y - s)
    c.line([(x, y), (x + s * 0.02, y - s * 0.5), top], "#4a3a2a", s * 0.06)
    for k in range(9):
        turn = math.pi * (0.05 + 0.9 * k / 8)
        reach = s * 0.62
        tip = (top[0] + reach * math.cos(turn), top[1] - reach * 0.45 * math.sin(
                turn) + reach * 0.28)
        mid = (top[0] + reach * 0.55 * math.cos(turn),
                top[1] - reach * 0.42 * math.sin(turn) - s * 0.03)
        c.polygon([top, (mid[0], mid[1] - s * 0.05), tip, (mid[0], mid[1] + s * 0.05)],
                mix(colour, "#6f9a4a", 0.5 * (k % 2)))


def forest(c: Canvas):
    """Mangrove at the water's edge with beams of morning light."""
    c.sky((0, "#d7e8c8"), (0.4, "#a9cfae"), (0.7, "#6fa893"), (1, "#2d6a66"))
    c.glow(1250, 180, 1000, 800, "#fffbe0", 0.95)
    for depth in range(5):
        part = depth / 4
        trunk = mix("#9cc5a6", "#123a36", part**0.8)
        leaf = mix("#b5d4ad", "#1d5a43", part**0.9)
        count = 15 - 2 * depth
        base = 760 + 60 * depth
        for i in range(count):
            x = (i + c.random.uniform(0.1, 0.9)) * 1800 / count
            wide = 9 + 9 * depth
            c.line([(x, base), (x + c.random.uniform(-30, 30), 60)], trunk, wide)
            for _root in range(5):
                reach = c.random.uniform(-1, 1) * (50 + 34 * depth)
                bend = (x + reach * 0.55, base - 60 - 14 * depth)
                c.line([(x, base - 110 - 26 * depth), bend, (x + reach, base + 16)],
                        trunk, wide * 0.42)
            for _leaf in range(9):
                lx = x + c.random.gauss(0, 90 + 20 * depth)
                ly = c.random.uniform(20, 330 - 30 * depth)
                r = c.random.uniform(34, 84)
                c.ellipse(lx, ly, r * 1.35, r * 0.8, mix(leaf, "#f2f7c9",
                        c.random.uniform(0, 0.3)), 0.9)
        c.haze(300, base + 40, mix("#e7f2d0", "#9cc8a8", part), 0.05,
                0.42 - 0.1 * depth)
    c.shaded_rect(-5, 960, 1810, 250, (0, "#8dbca2"), (0.25, "#3f807a"), (1, "#0e3f47"))
    ripples(c, 965, 1190, "#f0f5cf", 150, 0.5, 1180)
    ripples(c, 980, 1190, "#0c3840", 90, 0.4)
    for i in range(5):
        x = 1150 + i * 60
        c.soft([(x, -60), (x + 60, -60), (x - 520 + i * 150, 1000),
                (x - 760 + i * 170, 1000)], "#fffbe0", 0.20, 26)
    _junk_small(c, 560, 1040)


def _junk_small(c: Canvas, x, y):
    """A sampan with a person in a conical hat."""
    c.soft([(x - 190, y + 10), (x + 190, y + 60)], INK, 0.5, 14, "ellipse")
    c.shaded([(x - 230, y - 24), (x - 150, y + 6), (x + 150, y + 6), (x + 240, y - 30),
            (x + 170, y + 40), (x - 170, y + 40)], (0, "#6d4a30"), (1, "#2a2420"))
    c.shaded([(x + 30, y + 6), (x + 42, y - 74), (x + 78, y - 80), (x + 98, y + 6)],
            (0, "#b8402f"), (1, "#7d2a22"))
    c.polygon([(x + 12, y - 84), (x + 62, y - 124), (x + 112, y - 84)], "#f3dfae")
    c.line([(x + 88, y - 50), (x + 190, y + 70)], "#3a2d22", 6)


def ponds(c: Canvas):
    """Shrimp ponds seen from the air, aerators turning."""
    c.sky((0, "#24575a"), (1, "#3a7a5c"))
    rng = c.random
    rows, cols = 4, 5

    def corner(i, j):
        x = -260 + i * 460 + j * 66
        y = -120 + j * 360 - i * 42
        return x, y

    for j in range(rows):
        for i in range(cols):
            a, b, d, e = corner(i, j), corner(i + 1, j), corner(i + 1, j + 1), corner(i,
                    j + 1)
            gap = 34
            quad = [(a[0] + gap, a[1] + gap), (b[0] - gap, b[1] + gap),
                    (d[0] - gap, d[1] - gap), (e[0] + gap, e[1] - gap)]
            c.polygon([(x, y) for x, y in (a, b, d, e)],
                    mix("#c7b27a", "#7f9a5a", rng.random() * 0.5))
            c.soft([(x + 6, y + 8) for x, y in quad], "#0d2f33", 0.5, 10)
            hue = rng.choice(("#2f8f93", "#3f9d98", "#1f7a85", "#58ab97", "#2a8590"))
            c.shaded(quad, (0, mix(hue, "#d9f0e2", 0.28)),
                    (1, mix(hue, "#0b3c49", 0.25)))
            cx, cy = sum(p[0] for p in quad) / 4, sum(p[1] for p in quad) / 4
            for k in (-1, 1):
                x, y = cx + k * 96, cy - k * 40
                for r in (74, 54, 34):
                    c.ellipse(x, y, r, r * 0.62, "#eaf7ee", 0.16)
                for _ in range(14):
                    c.ellipse(x + rng.gauss(0, 22), y + rng.gauss(0, 13),
                            rng.uniform(3, 8), fill="#ffffff", alpha=0.85)
                c.rect(x - 26, y - 6, 52, 12, "#24434a", radius=5)
            for _ in range(7):
                x, y = cx + rng.uniform(-150, 150), cy + rng.uniform(-100, 100)
                c.ellipse(x, y, rng.uniform(14, 50), 3, "#ffffff", 0.22)
    for _ in range(46):
        i, j = rng.randrange(cols + 1), rng.random() * rows
        x, y = corner(i, j)
        r = rng.uniform(15, 30)
        c.soft([(x - r + 10, y - r + 14), (x + r + 10, y + r + 14)], "#0d2f33", 0.6, 6,
                "ellipse")
        c.ellipse(x, y, r, fill=mix("#2f6b3f", "#76a552", rng.random()))
        c.ellipse(x - r * 0.25, y - r * 0.25, r * 0.55,
                fill=mix("#5b9a50", "#a8c96a", rng.random()), alpha=0.8)
    for i, j in ((1, 1), (3, 2)):
        x, y = corner(i, j)
        c.shadow(x - 46, y - 20, 120, 76, 0.5, 12)
        c.rect(x - 56, y - 34, 112, 72, "#b8402f")
        c.polygon([(x - 56, y - 34), (x + 56, y - 34), (x + 56, y + 2),
                (x - 56, y + 2)], "#d4604a")
    c.glow(200, 60, 1100, 800, "#fff1c9", 0.35)


def tea_hills(c: Canvas):
    c.sky((0, "#6fb2b8"), (0.3, "#f7e9cb"), (1, "#f7e9cb"))
    c.glow(1350, 300, 800, 500, "#ffe9b0", 0.95)
    c.ellipse(1350, 300, 56, fill="#fff8e6")
    for base, height, colour in ((430, 200, "#a6c8c0"), (500, 190, "#75aba4")):
        c.shaded(c.ground(c.ridge(base, height, 3), 760), (0, colour), (1, SAND))
        c.haze(base - 60, base + 120, "#f9edd2", 0.0, 0.6)
    hills = ((560, 170, 0.2, "#5c9a6c"), (690, 240, 2.4, "#3f8457"),
            (880, 300, 4.3, "#266a4a"))
    for n, (base, height, turn, colour) in enumerate(hills):
        rows = 11 + 3 * n
        for i in range(rows):
            down = i * (30 + 12 * n)
            edge = []
            for x in range(-20, 1860, 20):
                at = x / 1800 * 2 * math.pi
                y = base - height * (0.5 + 0.5 * math.sin(
                        at * 0.9 + turn + i * 0.035)) + down * (
                        0.7 + 0.3 * math.cos(at + turn))
                bump = 3.2 * math.sin(x / (15 + 5 * n) + i) * (0.5 + 0.4 * n)
                edge.append((x, y + bump))
            tone = mix(colour, "#b9cf72", 0.5 - 0.42 * i / rows)
            c.polygon(c.ground([(x, y - 4 - 2 * n) for x, y in edge]),
                    mix(tone, "#f0efb0", 0.35))
            c.polygon(c.ground(edge), tone)
            c.polygon(c.ground([(x, y + 13 + 6 * n) for x, y in edge]),
                    mix(tone, "#0f3d35", 0.55))
        c.haze(base - 20, base + 240, "#f3efc9", 0.16 - 0.05 * n, 0)
    for x, y, s in ((520, 830, 1.0), (680, 800, 0.9), (1230, 900, 1.2)):
        c.soft([(x - 30 * s, y + 30 * s), (x + 50 * s, y + 56 * s)], INK, 0.5, 8,
                "ellipse")
        c.shaded([(x - 26 * s, y + 48 * s), (x - 18 * s, y - 26 * s),
                (x + 18 * s, y - 26 * s), (x + 28 * s, y + 48 * s)], (0, "#c9493a"),
                (1, "#8f2f26"))
        c.ellipse(x + 26 * s, y + 22 * s, 20 * s, 26 * s, "#c99a55")
        c.polygon([(x - 44 * s, y - 26 * s), (x, y - 62 * s), (x + 44 * s, y - 26 * s)],
                "#f5e3b5")


def fishing_harbour(c: Canvas):
    c.sky((0, "#2b5d78"), (0.3, "#d98c6a"), (0.45, "#f7c98a"), (0.55, "#fbe0ae"),
            (1, "#fbe0ae"))
    c.glow(620, 560, 900, 500, "#fff0c0", 0.9)
    c.ellipse(620, 545, 62, fill="#fff4d8")
    c.shaded(c.ground(c.ridge(590, 130, 4), 640), (0, "#8e7f86"), (1, "#d9b08c"))
    c.shaded(c.ground(c.ridge(620, 70, 6), 640), (0, "#5a6675"), (1, "#b08f80"))
    c.shaded_rect(-5, 630, 1810, 575, (0, "#f7d29a"), (0.3, "#9a8f8c"),
            (0.7, "#2c5a6b"), (1, "#0d3547"))
    ripples(c, 640, 1190, "#fff0c0", 240, 0.6, 620)
    ripples(c, 700, 1190, "#0d3547", 170, 0.3)
    boats = ((1500, 700, 0.5, "#2f7f86"), (1180, 730, 0.6, "#b8402f"),
            (300, 720, 0.55, "#2a6a8a"), (860, 830, 0.95, "#1f7a80"),
            (1420, 960, 1.45, "#b8402f"), (330, 1010, 1.3, "#22738a"))
    for x, y, s, colour in boats:
        _trawler(c, x, y, s, colour)


def _trawler(c: Canvas, x, y, s, colour):
    c.soft([(x - 210 * s, y + 10 * s), (x + 220 * s, y + 110 * s)], INK, 0.5, 20 * s,
            "ellipse")
    for at, high in ((-70, 290), (90, 220)):
        c.line([(x + at * s, y - 40 * s), (x + at * s, y - high * s)], "#23323c", 7 * s)
        c.line([(x + at * s, y - high * s), (x + 235 * s, y - 60 * s)], "#23323c",
                2 * s)
        c.line([(x + at * s, y - high * s), (x - 215 * s, y - 60 * s)], "#23323c",
                2 * s)
    c.shaded_rect(x - 150 * s, y - 140 * s, 150 * s, 105 * s, (0, "#fdf3dd"),
            (1, "#d6c3a2"), radius=6 * s)
    c.rect(x - 164 * s, y - 154 * s, 180 * s, 20 * s, mix(colour, "#ffffff", 0.15),
            radius=6 * s)
    for k in range(3):
        c.rect(x - 136 * s + k * 46 * s, y - 122 * s, 32 * s, 32 * s, "#23505e",
                radius=4 * s)
    for k in range(7):
        c.ellipse(x + (30 + k * 22) * s, y - 62 * s, 11 * s,
                fill=("#e9b04a", "#f4e4c3")[k % 2])
    hull = [(x - 225 * s, y - 72 * s), (x + 170 * s, y - 50 * s),
            (x + 265 * s, y - 92 * s), (x + 205 * s, y + 46 * s),
            (x - 180 * s, y + 46 * s)]
    c.shaded(hull, (0, mix(colour, "#ffffff", 0.22)), (0.55, colour),
            (1, mix(colour, INK, 0.55)))
    c.line([(x - 222 * s, y - 54 * s), (x + 172 * s, y - 32 * s),
            (x + 258 * s, y - 72 * s)], "#f6e7c6", 7 * s)
    fx, fy = x - 70 * s, y - 290 * s
    c.polygon([(fx, fy), (fx + 62 * s, fy + 5 * s), (fx + 58 * s, fy + 42 * s),
            (fx, fy + 40 * s)], "#d2342a")
    star(c, fx + 29 * s, fy + 21 * s, 12 * s)


def star(c: Canvas, x, y, r, fill="#ffd84a"):
    points = []
    for k in range(10):
        reach = r if k % 2 == 0 else r * 0.4
        turn = -math.pi / 2 + k * math.pi / 5
        points.append((x + reach * math.cos(turn), y + reach * math.sin(turn)))
    c.polygon(points, fill)
