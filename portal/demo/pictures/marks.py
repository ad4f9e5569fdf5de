"""Emblem, banner and the small marks of linked sites: our own designs."""

# Coordinates read best in rows.
# fmt: off

import itertools
import math

from PIL import Image, ImageDraw

from .canvas import Canvas, mix
from .landscapes import junk, ripples, tower

INK, DEEP, TEAL, GOLD, RED = "#0a2630", "#0b3c49", "#1d7f86", "#efc065", "#b5372b"


def _cut_round(image: Image.Image) -> Image.Image:
    """The circle that fills the square; everything outside is transparent."""
    big = Image.new("L", (image.width * 2, image.height * 2))
    ImageDraw.Draw(big).ellipse((2, 2, big.width - 3, big.height - 3), fill=255)
    image = image.convert("RGBA")
    image.putalpha(big.resize(image.size, Image.Resampling.BOX))
    return image


def emblem() -> Image.Image:
    """Sun over the bay inside an orbit, in a gold ring; 800 x 800 with alpha."""
    c = Canvas("emblem", 800, 800)
    c.sky((0, DEEP), (1, "#0f5562"))
    c.ellipse(400, 400, 398, fill=GOLD)
    c.ellipse(400, 400, 376, fill="#fff6df")
    c.ellipse(400, 400, 360, fill=DEEP)
    for k in range(48):
        turn = k / 48 * 2 * math.pi
        r = 337
        c.ellipse(400 + r * math.cos(turn), 400 + r * math.sin(turn), 5, fill=GOLD)
    c.shaded_ellipse(400, 400, 312, 312, (0, "#1d7f86"), (0.5, "#f3d398"),
            (0.58, "#f9e7c0"), (1, "#f9e7c0"))
    c.ellipse(400, 372, 100, fill="#d8432f")
    for k in range(13):
        turn = math.pi * (1 + k / 12)
        c.line([(400 + 120 * math.cos(turn), 372 + 120 * math.sin(turn)),
                (400 + 165 * math.cos(turn), 372 + 165 * math.sin(turn))], "#fff1cf", 9)
    for x, w, h, colour in ((215, 88, 170, "#2f8a8c"), (585, 92, 190, "#2f8a8c"),
            (310, 76, 130, "#14606b"), (500, 74, 118, "#14606b")):
        c.polygon(tower(c, x, 465, w, h), colour)
    sea = []
    for k in range(61):
        a = math.pi * (0.135 - 1.27 * 0) + (math.pi * 0.73) * k / 60
        sea.append((400 + 312 * math.cos(a), 400 + 312 * math.sin(a)))
    edge = [(400 - 312 + 624 * k / 40, 455 + 10 * math.sin(k / 40 * 6 * math.pi)) for k
            in range(41)]
    mask = [p for p in edge if (p[0] - 400) ** 2 + (p[1] - 400) ** 2 <= 312**2]
    right, left = mask[-1], mask[0]
    a0 = math.atan2(right[1] - 400, right[0] - 400)
    a1 = math.atan2(left[1] - 400, left[0] - 400)
    arc = [(400 + 312 * math.cos(a0 + (a1 - a0) * k / 60),
            400 + 312 * math.sin(a0 + (a1 - a0) * k / 60)) for k in range(61)]
    c.polygon([*mask, *arc], "#0f5562")
    for row, y in enumerate((520, 580, 640)):
        half = math.sqrt(312**2 - (y - 400) ** 2) - 34
        wave = [(400 - half + 2 * half * k / 60, y + 9 * math.sin(
                k / 60 * (6 - row) * 2 * math.pi)) for k in range(61)]
        c.line(wave, ("#7fd0c5", "#4fb3ac", "#2f9a98")[row], 13)
    for degrees in (-32, 32):
        t = math.radians(degrees)
        orbit = []
        for k in range(81):
            a = k / 80 * 2 * math.pi
            px, py = 292 * math.cos(a), 104 * math.sin(a)
            orbit.append((400 + px * math.cos(t) - py * math.sin(t),
                    420 + px * math.sin(t) + py * math.cos(t)))
        c.line(orbit, "#fff6df", 10)
        c.ellipse(*orbit[8 if degrees > 0 else 34], 22, fill=GOLD)
    return _cut_round(c.finish(grain=0, vignette=0))


def banner() -> Image.Image:
    """The bay as a wide strip, quiet on the left where the name stands.

    Wide screens show only the middle two fifths of its height.
    """
    c = Canvas("banner", 1920, 400)
    c.sky((0, "#0d4250"), (0.55, "#2b8288"), (0.8, "#e6c48e"), (1, "#e6c48e"))
    c.glow(1420, 206, 760, 330, "#ffe6ae", 0.9)
    c.ellipse(1420, 180, 30, fill="#fffaf0")
    rng = c.random
    for base, low, high, colour, foot, count in ((246, 30, 80, "#78aaa6", "#cdbf96",
            15), (254, 44, 118, "#38797f", "#8fa58e", 9)):
        for k in range(count):
            x = 560 + (k + rng.uniform(0.1, 0.9)) * 1400 / count
            c.shaded(tower(c, x, base, rng.uniform(36, 84), rng.uniform(low, high)),
                    (0, colour), (1, foot))
        c.haze(164, base, "#f3dcae", 0, 0.35)
    c.shaded_rect(-5, 250, 1930, 154, (0, "#d9c296"), (0.3, "#4f8f90"), (1, "#0d4653"))
    ripples(c, 254, 396, "#fff2cc", 150, 0.6, 1420)
    for x, w, h in ((1800, 110, 168), (1660, 60, 92)):
        c.shaded(tower(c, x, 268, w, h), (0, "#14525e"), (1, "#3f8284"))
    junk(c, 1180, 268, 92)
    junk(c, 1545, 262, 56)
    nodes = [(690, 132), (820, 168), (960, 126), (1090, 160), (1240, 128), (1370, 150),
            (1530, 124), (1690, 146)]
    for a, b in itertools.pairwise(nodes):
        c.line([a, b], "#bff3ea", 2, 0.4)
    for x, y in nodes:
        c.glow(x, y, 26, 26, "#dffff8", 0.7)
        c.ellipse(x, y, 4, fill="#f4fffc")
    # One veil, strongest at the left edge, so that white words can be read on it.
    veil = Image.new("L", (256, 1))
    veil.putdata([round(255 * max(0.0, 1 - k / 175) ** 0.8) for k in range(256)])
    c.image.paste((9, 52, 64), (0, 0, *c.size), veil.resize(c.size,
            Image.Resampling.BILINEAR))
    return c.finish(grain=2, vignette=0)


def logo(kind: int) -> Image.Image:
    """One of eight simple marks, 400 x 400 on white."""
    c = Canvas(f"logo-{kind}", 400, 400)
    c.sky((0, "#ffffff"), (1, "#ffffff"))
    main = (TEAL, RED, "#2b5f8a", "#c98f2a", "#3f8f5f", "#7a4b8a", DEEP,
            "#c4602f")[kind]
    pale = mix(main, "#ffffff", 0.82)
    if kind % 2:
        c.rect(40, 40, 320, 320, main, radius=64)
    else:
        c.ellipse(200, 200, 164, fill=main)
    if kind == 0:  # portal: a gate
        c.line([(120, 280), (120, 180), (200, 120), (280, 180), (280, 280)], pale, 26)
        c.line([(200, 280), (200, 200)], GOLD, 26)
    elif kind == 1:  # national: a star in a ring
        c.ellipse(200, 200, 112, fill=pale)
        c.ellipse(200, 200, 96, fill=main)
        points = []
        for k in range(10):
            r = 84 if k % 2 == 0 else 34
            a = -math.pi / 2 + k * math.pi / 5
            points.append((200 + r * math.cos(a), 200 + r * math.sin(a)))
        c.polygon(points, "#ffd84a")
    elif kind == 2:  # ministry: an orbit
        for degrees in (0, 60, 120):
            t = math.radians(degrees)
            pts = [(200 + 120 * math.cos(k / 30 * math.pi) * math.cos(
                    t) - 44 * math.sin(k / 30 * math.pi) * math.sin(t),
                    200 + 120 * math.cos(k / 30 * math.pi) * math.sin(
                    t) + 44 * math.sin(k / 30 * math.pi) * math.cos(t)) for k
                    in range(61)]
            c.line(pts, pale, 9)
        c.ellipse(200, 200, 24, fill=GOLD)
    elif kind == 3:  # law: a book
        for side in (-1, 1):
            c.polygon([(200, 140), (200 + side * 110, 116), (200 + side * 110, 266),
                    (200, 290)], mix(pale, main, 0.0 if side < 0 else 0.18))
        c.line([(200, 138), (200, 288)], main, 8)
    elif kind == 4:  # innovation: a leaf and a node
        c.polygon([(110, 270), (120, 160), (200, 104), (292, 108), (286, 200),
                (230, 276)], pale)
        c.line([(118, 276), (262, 136)], main, 12)
        c.ellipse(262, 136, 20, fill=GOLD)
    elif kind == 5:  # quality: a check
        c.ellipse(200, 200, 104, fill=pale)
        c.line([(148, 202), (186, 242), (256, 160)], main, 26)
    elif kind == 6:  # services: a telephone
        c.rect(146, 100, 108, 200, pale, radius=22)
        c.rect(158, 128, 84, 130, main, radius=6)
        c.line([(178, 194), (194, 212), (224, 176)], GOLD, 12)
        c.ellipse(200, 280, 9, fill=main)
    else:  # province: bay and sun
        c.ellipse(200, 180, 54, fill=GOLD)
        c.polygon([(70, 262), (96, 190), (138, 168), (176, 262)], pale)
        c.polygon([(220, 262), (262, 158), (312, 180), (330, 262)], pale)
        for y in (284, 314):
            c.line([(84 + 232 * k / 30, y + 6 * math.sin(k / 30 * 4 * math.pi)) for k
                    in range(31)], pale, 11)
    return c.finish(grain=0, vignette=0)
