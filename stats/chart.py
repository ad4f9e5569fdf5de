"""Charts as coordinates; the templates draw the SVG. No style in the markup.

Every chart stands beside a table of the same figures: the drawing is for a glance.
Coordinates are strings, because templates would print 12.5 as "12,5".
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

WIDTH, HEIGHT = 960, 300
LEFT, RIGHT, TOP, BOTTOM = 64, 14, 12, 30  # room for the labels
MAX_COLUMNS = 92  # days that tell their figures when pointed at
SPARK_WIDTH, SPARK_HEIGHT = 320, 56


@dataclass(frozen=True, slots=True)
class Line:
    name: str  # a word for the style sheet
    label: str
    points: str  # "x,y x,y ...", locale-free
    area: str = ""  # the same closed along the bottom; of the first line alone


@dataclass(frozen=True, slots=True)
class Tick:
    position: str
    value: object  # int on the left, date or hour below


@dataclass(frozen=True, slots=True)
class Column:
    """What one day or hour tells when it is pointed at."""

    x: str
    width: str
    told: str  # a line for the day or hour, then one for each figure


@dataclass(frozen=True, slots=True)
class Bar:
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Chart:
    values: list[Tick]
    below: list[Tick]
    lines: list[Line] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    width: str = str(WIDTH)
    height: str = str(HEIGHT)
    left: str = str(LEFT)
    right: str = str(WIDTH - RIGHT)
    top: str = str(TOP)
    bottom: str = str(HEIGHT - BOTTOM)
    plot_height: str = str(HEIGHT - BOTTOM - TOP)
    label_x: str = str(LEFT - 8)
    label_y: str = str(HEIGHT - BOTTOM + 20)


Series = Sequence[tuple[str, str, Sequence[int]]]  # name, label, one value a day


def line_chart(days: Sequence[date], series: Series) -> Chart:
    """Lines over the same days; the ground below the first one is filled."""
    scale = _Scale([values for _, _, values in series])
    step = (WIDTH - LEFT - RIGHT) / max(len(days) - 1, 1)
    x = [f"{LEFT + step * number:.1f}" for number in range(len(days))]
    lines = []
    for name, label, values in series:
        points = " ".join(f"{x[i]},{scale.y(v)}" for i, v in enumerate(values))
        area = ""
        if not lines and len(days) > 1:
            area = f"{x[0]},{scale.y(0)} {points} {x[-1]},{scale.y(0)}"
        lines.append(Line(name, label, points, area))
    columns = []
    if len(days) <= MAX_COLUMNS:
        columns = [
            Column(
                f"{LEFT + step * (i - 0.5):.1f}",
                f"{step:.1f}",
                _told(f"{day:%d/%m/%Y}", series, i),
            )
            for i, day in enumerate(days)
        ]
    below = [Tick(x[i], days[i]) for i in _labelled(len(days))]
    return Chart(scale.ticks(), below, lines=lines, columns=columns)


def hour_chart(series: Series) -> Chart:
    """24 bars, and a second series as a line over them."""
    (_bars, _label, bars), (name, label, line) = series
    scale = _Scale([bars, line])
    step = (WIDTH - LEFT - RIGHT) / 24
    middles = [LEFT + step * (hour + 0.5) for hour in range(24)]
    return Chart(
        scale.ticks(),
        [Tick(f"{middles[hour]:.1f}", hour) for hour in range(0, 24, 3)],
        lines=[
            Line(
                name,
                label,
                " ".join(
                    f"{x:.1f},{scale.y(v)}" for x, v in zip(middles, line, strict=True)
                ),
            )
        ],
        bars=[
            Bar(
                f"{LEFT + step * hour + step * 0.14:.1f}",
                scale.y(value),
                f"{step * 0.72:.1f}",
                f"{float(scale.y(0)) - float(scale.y(value)):.1f}",
            )
            for hour, value in enumerate(bars)
        ],
        columns=[
            Column(
                f"{LEFT + step * hour:.1f}",
                f"{step:.1f}",
                _told(f"{hour}h", series, hour),
            )
            for hour in range(24)
        ],
    )


def _told(heading: str, series: Series, place: int) -> str:
    lines = [f"{label}: {dots(values[place])}" for _, label, values in series]
    return "\n".join([heading, *lines])


def dots(number: int) -> str:
    """1389678 as "1.389.678": what Django does too, for thousands of cells."""
    return f"{number:,}".replace(",", ".")


@dataclass(frozen=True, slots=True)
class Spark:
    points: str
    area: str
    last_x: str
    last_y: str
    width: str = str(SPARK_WIDTH)
    height: str = str(SPARK_HEIGHT)


def sparkline(values: Sequence[int]) -> Spark:
    """A line without scale, for a look at how something went; never empty."""
    top = max(*values, 1) if len(values) > 1 else max([*values, 1])
    step = (SPARK_WIDTH - 8) / max(len(values) - 1, 1)
    floor = SPARK_HEIGHT - 4
    places = [
        (f"{4 + step * i:.1f}", f"{floor - (floor - 4) * v / top:.1f}")
        for i, v in enumerate(values)
    ]
    points = " ".join(f"{x},{y}" for x, y in places)
    last_x, last_y = places[-1]
    area = f"{places[0][0]},{floor} {points} {last_x},{floor}"
    return Spark(points, area, last_x, last_y)


class _Scale:
    """From values to heights, with a grid of round numbers."""

    def __init__(self, series: Sequence[Sequence[int]]):
        largest = max((max(values, default=0) for values in series), default=0)
        self.step = _step(largest)
        self.top = self.step * max(1, math.ceil(largest / self.step))

    def y(self, value: float) -> str:
        return f"{HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / self.top:.1f}"

    def ticks(self) -> list[Tick]:
        return [Tick(self.y(v), v) for v in range(0, self.top + 1, self.step)]


def _step(largest: int) -> int:
    """A round distance between the lines of the grid, four or five of them."""
    raw = max(largest / 4, 1)
    magnitude = 10 ** math.floor(math.log10(raw))
    return int(next(m * magnitude for m in (1, 2, 5, 10) if m * magnitude >= raw) or 1)


def _labelled(days: int) -> list[int]:
    """Which days are written below: some six, the last one among them."""
    every = max(1, math.ceil(days / 6))
    return sorted(range(days - 1, -1, -every))
