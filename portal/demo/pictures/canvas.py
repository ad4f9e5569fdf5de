"""A small painter on top of Pillow for the demo's illustrations.

Coordinates are those of the finished picture (1800 x 1200 unless said
otherwise); everything is painted ``OVERSAMPLE`` times larger and reduced at the
end, which is what smooths the edges. The same seed gives the same pixels on
every machine with the same Pillow: no other source of chance is used.
Not for photographs or anything an editor uploads; that is news.images.
"""

import itertools
import math
import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

OVERSAMPLE = 1.5  # 2.0 looks the same after the 1200 px rendition, costs 80 % more
SOFT_SCALE = 6  # shadows are blurred at a sixth of the size: nobody sees it

Colour = tuple[int, int, int]
Point = tuple[float, float]


def rgb(value: str | Colour) -> Colour:
    """Colour of '#rrggbb'; a tuple passes through."""
    if isinstance(value, tuple):
        return value
    return tuple(int(value[i : i + 2], 16) for i in (1, 3, 5))


def mix(a: str | Colour, b: str | Colour, part: float) -> Colour:
    """`a` with `part` (0..1) of `b` in it."""
    a, b = rgb(a), rgb(b)
    return tuple(round(x + (y - x) * part) for x, y in zip(a, b, strict=True))


class Canvas:
    """One picture being painted, from the back to the front."""

    def __init__(self, seed: str, width: int = 1800, height: int = 1200):
        self.random = random.Random(seed)
        self.width, self.height = width, height
        self.size = (round(width * OVERSAMPLE), round(height * OVERSAMPLE))
        self.image = Image.new("RGB", self.size)
        self.draw = ImageDraw.Draw(self.image)

    # Helpers of scale -----------------------------------------------------

    def _points(self, points):
        return [(x * OVERSAMPLE, y * OVERSAMPLE) for x, y in points]

    def _box(self, points, margin=0.0):
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        left = max(0, math.floor((min(xs) - margin) * OVERSAMPLE))
        top = max(0, math.floor((min(ys) - margin) * OVERSAMPLE))
        right = min(self.size[0], math.ceil((max(xs) + margin) * OVERSAMPLE) + 1)
        bottom = min(self.size[1], math.ceil((max(ys) + margin) * OVERSAMPLE) + 1)
        return (left, top, right, bottom) if right > left and bottom > top else None

    @staticmethod
    def _column(stops, height: int) -> Image.Image:
        """A one pixel wide gradient; stops are (position 0..1, colour)."""
        column = Image.new("RGB", (1, height))
        pixels = []
        stops = [(at, rgb(colour)) for at, colour in stops]
        for y in range(height):
            at = y / max(1, height - 1)
            (a, first), (b, second) = next(
                (pair for pair in itertools.pairwise(stops) if at <= pair[1][0]),
                stops[-2:],
            )
            part = 0 if b == a else max(0.0, min(1.0, (at - a) / (b - a)))
            pixels.append(mix(first, second, part))
        column.putdata(pixels)
        return column

    # Flat and shaded shapes -------------------------------------------------

    def sky(self, *stops) -> None:
        """Fill the whole picture with a vertical gradient."""
        column = self._column(stops, self.size[1])
        self.image.paste(column.resize(self.size, Image.Resampling.NEAREST))

    def polygon(self, points, fill, alpha: float = 1.0) -> None:
        if alpha >= 1:
            self.draw.polygon(self._points(points), fill=rgb(fill))
            return
        self._blend(points, fill, alpha, "polygon")

    def ellipse(self, x, y, rx, ry=None, fill="#ffffff", alpha: float = 1.0) -> None:
        ry = rx if ry is None else ry
        points = [(x - rx, y - ry), (x + rx, y + ry)]
        if alpha >= 1:
            self.draw.ellipse(self._points(points), fill=rgb(fill))
            return
        self._blend(points, fill, alpha, "ellipse")

    def rect(self, x, y, w, h, fill, alpha: float = 1.0, radius: float = 0) -> None:
        points = [(x, y), (x + w, y + h)]
        if alpha >= 1:
            self.draw.rounded_rectangle(
                self._points(points), radius=radius * OVERSAMPLE, fill=rgb(fill)
            )
            return
        self._blend(points, fill, alpha, "rounded", radius)

    def line(self, points, fill, width: float = 4, alpha: float = 1.0) -> None:
        """A line with round joints and ends."""
        if alpha < 1:
            self._blend(points, fill, alpha, "line", width)
            return
        scaled = self._points(points)
        wide = max(1, round(width * OVERSAMPLE))
        self.draw.line(scaled, fill=rgb(fill), width=wide, joint="curve")
        if wide > 4:
            r = wide / 2
            for x, y in (scaled[0], scaled[-1]):
                self.draw.ellipse((x - r, y - r, x + r, y + r), fill=rgb(fill))

    def _shape(self, draw, kind, points, extra) -> None:
        if kind == "polygon":
            draw.polygon(points, fill=255)
        elif kind == "ellipse":
            draw.ellipse(points, fill=255)
        elif kind == "line":
            draw.line(points, fill=255, width=max(1, round(extra)), joint="curve")
        else:
            draw.rounded_rectangle(points, radius=extra, fill=255)

    def _mask(self, kind, points, box, extra=0.0) -> Image.Image:
        mask = Image.new("L", (box[2] - box[0], box[3] - box[1]))
        moved = [(x - box[0], y - box[1]) for x, y in self._points(points)]
        self._shape(ImageDraw.Draw(mask), kind, moved, extra * OVERSAMPLE)
        return mask

    def _blend(self, points, fill, alpha, kind, extra=0.0) -> None:
        box = self._box(points, extra if kind == "line" else 0)
        if box is None:
            return
        mask = self._mask(kind, points, box, extra)
        self.image.paste(rgb(fill), box, mask.point(lambda v: round(v * alpha)))

    def shaded(self, points, *stops, alpha: float = 1.0, kind="polygon", radius=0):
        """A shape filled with a vertical gradient over its own height."""
        box = self._box(points)
        if box is None:
            return
        mask = self._mask(kind, points, box, radius)
        if alpha < 1:
            mask = mask.point(lambda v: round(v * alpha))
        top = min(y for _, y in points) * OVERSAMPLE
        bottom = max(y for _, y in points) * OVERSAMPLE
        column = self._column(stops, max(2, round(bottom - top)))
        start = max(0, round(box[1] - top))
        size = (box[2] - box[0], box[3] - box[1])
        part = column.crop((0, start, 1, start + size[1]))
        self.image.paste(part.resize(size, Image.Resampling.NEAREST), box, mask)

    def shaded_rect(self, x, y, w, h, *stops, radius=0, alpha=1.0) -> None:
        corners = [(x, y), (x + w, y + h)]
        self.shaded(corners, *stops, alpha=alpha, kind="rounded", radius=radius)

    def shaded_ellipse(self, x, y, rx, ry, *stops, alpha=1.0) -> None:
        corners = [(x - rx, y - ry), (x + rx, y + ry)]
        self.shaded(corners, *stops, alpha=alpha, kind="ellipse")

    # Light ------------------------------------------------------------------

    def glow(self, x, y, rx, ry=None, fill="#ffffff", alpha: float = 0.6) -> None:
        """A soft round light."""
        ry = rx if ry is None else ry
        w, h = max(2, round(2 * rx * OVERSAMPLE)), max(2, round(2 * ry * OVERSAMPLE))
        # 0 in the middle, 181 where the circle touches the edges; squared, it
        # fades like light does.
        mask = Image.radial_gradient("L").point(
            lambda v: round(255 * alpha * max(0.0, 1 - v / 178) ** 2)
        )
        mask = mask.resize((w, h), Image.Resampling.BILINEAR)
        at = (round((x - rx) * OVERSAMPLE), round((y - ry) * OVERSAMPLE))
        self.image.paste(rgb(fill), (*at, at[0] + w, at[1] + h), mask)

    def soft(
        self, points, fill="#06222b", alpha=0.35, blur=24, kind="polygon", radius=0
    ):
        """A blurred shape: a shadow, a mist, a beam of light."""
        box = self._box(points, blur * 3)
        if box is None:
            return
        size = (
            max(2, (box[2] - box[0]) // SOFT_SCALE),
            max(2, (box[3] - box[1]) // SOFT_SCALE),
        )
        mask = Image.new("L", size)
        moved = [
            ((x - box[0]) / SOFT_SCALE, (y - box[1]) / SOFT_SCALE)
            for x, y in self._points(points)
        ]
        self._shape(ImageDraw.Draw(mask), kind, moved, radius * OVERSAMPLE / SOFT_SCALE)
        mask = mask.filter(ImageFilter.GaussianBlur(blur * OVERSAMPLE / SOFT_SCALE))
        mask = mask.point(lambda v: round(v * alpha))
        full = mask.resize((box[2] - box[0], box[3] - box[1]), Image.Resampling.BICUBIC)
        self.image.paste(rgb(fill), box, full)

    def shadow(self, x, y, w, h, alpha=0.35, blur=20, radius=12, fill="#06222b"):
        self.soft([(x, y), (x + w, y + h)], fill, alpha, blur, "rounded", radius)

    def haze(self, top, bottom, fill, alpha_top=0.0, alpha_bottom=0.6) -> None:
        """A veil over the full width, its strength changing from top to bottom."""
        y0, y1 = round(top * OVERSAMPLE), round(bottom * OVERSAMPLE)
        column = Image.new("L", (1, max(1, y1 - y0)))
        span = max(1, y1 - y0 - 1)
        column.putdata(
            [
                round(255 * (alpha_top + (alpha_bottom - alpha_top) * y / span))
                for y in range(y1 - y0)
            ]
        )
        mask = column.resize((self.size[0], y1 - y0), Image.Resampling.NEAREST)
        self.image.paste(rgb(fill), (0, y0, self.size[0], y1), mask)

    def blur(self, radius: float) -> None:
        """Put everything painted so far out of focus."""
        small = self.image.reduce(4)
        small = small.filter(ImageFilter.GaussianBlur(radius * OVERSAMPLE / 4))
        self.image.paste(small.resize(self.size, Image.Resampling.BICUBIC))

    # Lines of land ------------------------------------------------------------

    def ridge(self, base, height, waves=3.0, rough=0.35, step=12) -> list[Point]:
        """The upper edge of a range of hills, from left to right."""
        rng = self.random
        parts, size, rate = [], 1.0, waves
        for _ in range(6):
            parts.append((size, rate, rng.uniform(0, 2 * math.pi)))
            size, rate = size * rough, rate * rng.uniform(1.8, 2.3)
        total = sum(part[0] for part in parts)
        points = []
        for x in range(-step, self.width + 2 * step, step):
            at = x / self.width * 2 * math.pi
            y = sum(a * math.sin(at * b / 2 + c) for a, b, c in parts) / total
            points.append((x, base - height * (0.5 + 0.5 * y)))
        return points

    def ground(self, edge, bottom=None) -> list[Point]:
        """Close an upper edge to a polygon that reaches down to `bottom`."""
        bottom = self.height if bottom is None else bottom
        return [*edge, (edge[-1][0], bottom), (edge[0][0], bottom)]

    # The end --------------------------------------------------------------------

    def finish(self, grain: int = 3, vignette: float = 0.16) -> Image.Image:
        """The finished picture: corners a little darker, a breath of grain."""
        image = self.image.resize((self.width, self.height), Image.Resampling.HAMMING)
        if vignette:
            mask = Image.radial_gradient("L").point(
                lambda v: round(255 * vignette * max(0.0, (v - 100) / 155) ** 1.5)
            )
            mask = mask.resize(image.size, Image.Resampling.BILINEAR)
            image.paste((4, 22, 30), (0, 0, *image.size), mask)
        if grain:
            tile = Image.frombytes("L", (256, 256), self.random.randbytes(65536))
            tile = tile.point(lambda v: 128 + round((v - 128) * grain / 128))
            noise = Image.new("L", image.size)
            for x in range(0, image.width, 256):
                for y in range(0, image.height, 256):
                    noise.paste(tile, (x, y))
            noise = Image.merge("RGB", (noise, noise, noise))
            image = ImageChops.add(image, noise, 1, -128)
        return image
