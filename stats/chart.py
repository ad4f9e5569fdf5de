"""A line chart as coordinates; the template draws the SVG. No style in the markup."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT = 960, 300
LEFT, RIGHT, TOP, BOTTOM = 64, 12, 12, 30  # room for the labels


@dataclass(frozen=True, slots=True)
class Line:
    name: str  # a word for the style sheet
    label: str
    points: str  # "x,y x,y ...", locale-free


@dataclass(frozen=True, slots=True)
class Tick:
    position: str
    value: object  # int on the left, date below


@dataclass(frozen=True, slots=True)
class Chart:
    lines: list[Line]
    values: list[Tick]
    days: list[Tick]
    width: str = str(WIDTH)
    height: str = str(HEIGHT)
    left: str = str(LEFT)
    right: str = str(WIDTH - RIGHT)
    bottom: str = str(HEIGHT - BOTTOM)
    label_x: str = str(LEFT - 8)
    label_y: str = str(HEIGHT - BOTTOM + 20)


def line_chart(
    days: Sequence[date], series: Sequence[tuple[str, str, Sequence[int]]]
) -> Chart:
    """Series of (name, label, one value a day), drawn over the same days."""
    step = _step(max((max(values) for _, _, values in series), default=0))
    top = step * max(1, math.ceil(max(max(v) for _, _, v in series) / step))

    def x(number: int) -> str:
        span = WIDTH - LEFT - RIGHT
        return f"{LEFT + span * number / max(len(days) - 1, 1):.1f}"

    def y(value: float) -> str:
        return f"{HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / top:.1f}"

    return Chart(
        lines=[
            Line(name, label, " ".join(f"{x(i)},{y(v)}" for i, v in enumerate(values)))
            for name, label, values in series
        ],
        values=[Tick(y(v), v) for v in range(0, top + 1, step)],
        days=[Tick(x(i), days[i]) for i in _labelled(len(days))],
    )


def _step(largest: int) -> int:
    """A round distance between the lines of the grid, four or five of them."""
    raw = max(largest / 4, 1)
    magnitude = 10 ** math.floor(math.log10(raw))
    return int(next(m * magnitude for m in (1, 2, 5, 10) if m * magnitude >= raw) or 1)


def _labelled(days: int) -> list[int]:
    """Which days are written below: some six, the last one among them."""
    every = max(1, math.ceil(days / 6))
    return sorted(range(days - 1, -1, -every))
