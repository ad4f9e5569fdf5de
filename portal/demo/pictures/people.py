"""Flat figures and furniture that several scenes share."""

# Coordinates read best in rows.
# fmt: off

import math

from .canvas import Canvas, mix

SKINS = ("#e0b08c", "#d9a47e", "#c98f6b")
SHIRTS = ("#f3f6f5", "#cfe0e0", "#2f6f78", "#b8402f", "#e0b04f", "#234a58")
HAIR = "#1c2226"


def person(c: Canvas, x, y, s, shirt=None, hair=HAIR, back=False, long_hair=None):
    """Head and shoulders; (x, y) is the middle of the shoulders' lower edge."""
    rng = c.random
    shirt = shirt or rng.choice(SHIRTS)
    skin = rng.choice(SKINS)
    long_hair = rng.random() < 0.45 if long_hair is None else long_hair
    head_y = y - 0.98 * s
    if long_hair:
        c.ellipse(x, head_y + 0.16 * s, 0.3 * s, 0.42 * s, hair)
    body = [
        (x - 0.56 * s, y),
        (x - 0.55 * s, y - 0.3 * s),
        (x - 0.44 * s, y - 0.5 * s),
        (x - 0.16 * s, y - 0.6 * s),
        (x + 0.16 * s, y - 0.6 * s),
        (x + 0.44 * s, y - 0.5 * s),
        (x + 0.55 * s, y - 0.3 * s),
        (x + 0.56 * s, y),
    ]
    c.rect(x - 0.1 * s, y - 0.78 * s, 0.2 * s, 0.28 * s, mix(skin, "#7a4a34", 0.2))
    c.shaded(body, (0, mix(shirt, "#ffffff", 0.12)), (1, mix(shirt, "#0b2630", 0.28)))
    if back:
        c.ellipse(x, head_y, 0.25 * s, 0.29 * s, hair)
        return
    c.ellipse(x, head_y - 0.04 * s, 0.265 * s, 0.3 * s, hair)
    c.ellipse(x, head_y + 0.05 * s, 0.215 * s, 0.245 * s, skin)
    c.ellipse(x - 0.03 * s, head_y - 0.17 * s, 0.22 * s, 0.12 * s, hair)
    c.polygon(
        [(x - 0.13 * s, y - 0.6 * s), (x, y - 0.42 * s), (x + 0.13 * s, y - 0.6 * s)],
        mix(shirt, "#ffffff", 0.75),
    )


def crowd_from_behind(c: Canvas, y, s, gap, tone="#12343e", jitter=0.12):
    """A row of listeners seen from behind, with the backs of their seats."""
    rng = c.random
    x = -rng.uniform(0, gap)
    while x < c.width + gap:
        if rng.random() > 0.08:
            shirt = mix(rng.choice(SHIRTS), tone, 0.55)
            dy = rng.uniform(-jitter, jitter) * s
            person(c, x + rng.uniform(-8, 8), y + dy, s, shirt, mix(HAIR, tone, 0.4),
                    back=True)
        x += gap
    x = -gap / 2
    while x < c.width + gap:
        c.shaded_rect(x - gap * 0.44, y - s * 0.34, gap * 0.88, s * 0.9,
                (0, mix("#a5382c", tone, 0.25)), (1, mix("#5d1f1d", tone, 0.4)),
                radius=s * 0.12)
        x += gap


def flowers(c: Canvas, x, y, s):
    """A low arrangement of flowers as it stands on every rostrum."""
    rng = c.random
    for _ in range(26):
        turn = rng.uniform(math.pi, 2 * math.pi)
        reach = s * rng.uniform(0.2, 1)
        c.ellipse(x + reach * math.cos(turn), y + reach * 0.55 * math.sin(turn),
                s * 0.16, s * 0.1, mix("#2d6b45", "#6fa35a", rng.random()))
    for _ in range(17):
        turn = rng.uniform(math.pi, 2 * math.pi)
        reach = s * rng.uniform(0, 0.85)
        colour = rng.choice(("#e8503e", "#f6c453", "#fbeee0", "#ef8a6a"))
        c.ellipse(x + reach * math.cos(turn), y + reach * 0.5 * math.sin(turn),
                s * 0.13, fill=colour)


def plant(c: Canvas, x, y, s, pot="#c9b28c"):
    """A pot plant in the corner of an office."""
    for k in range(9):
        turn = math.pi * (0.12 + 0.76 * k / 8)
        tip = (x + s * math.cos(turn), y - s * (0.6 + 0.75 * math.sin(turn)))
        mid = (x + s * 0.32 * math.cos(turn), y - s * 0.75)
        tone = mix("#1f5f47", "#5c9a5c", (k % 3) / 2)
        c.polygon([(x, y - s * 0.3), (mid[0] - s * 0.1, mid[1]), tip,
                (mid[0] + s * 0.1, mid[1] + s * 0.1)], tone)
    c.shaded([(x - s * 0.32, y - s * 0.36), (x + s * 0.32, y - s * 0.36),
            (x + s * 0.22, y + s * 0.22), (x - s * 0.22, y + s * 0.22)],
            (0, mix(pot, "#ffffff", 0.2)), (1, mix(pot, "#3a2a1a", 0.35)))


def bars(c: Canvas, x, y, w, h, count, colours, base=0.25):
    """A column chart standing on the line y."""
    rng = c.random
    step = w / count
    for k in range(count):
        high = h * (base + (1 - base) * (k + 1) / count * rng.uniform(0.72, 1))
        c.rect(x + k * step + step * 0.16, y - high, step * 0.68, high,
                colours[k % len(colours)], radius=min(5, step * 0.15))


def curve(c: Canvas, x, y, w, h, colour, width=5, dots=True, rise=0.7):
    """A line chart inside the box whose lower left corner is (x, y)."""
    rng = c.random
    points = []
    for k in range(9):
        at = k / 8
        points.append((x + w * at, y - h * (0.12 + rise * at + rng.uniform(-0.1,
                0.12))))
    c.line(points, colour, width)
    if dots:
        for px, py in points:
            c.ellipse(px, py, width * 1.3, fill=colour)


def ring(c: Canvas, x, y, r, parts, hole, thick=0.38):
    """A ring chart; parts are (share 0..1, colour), `hole` the colour inside."""
    start = -math.pi / 2
    for share, colour in parts:
        end = start + share * 2 * math.pi
        steps = max(3, int(share * 60))
        arc = [(x + r * math.cos(start + (end - start) * k / steps),
                y + r * math.sin(start + (end - start) * k / steps)) for k
                in range(steps + 1)]
        c.polygon([(x, y), *arc], colour)
        start = end
    c.ellipse(x, y, r * (1 - thick), fill=hole)
