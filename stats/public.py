"""What the public page of the figures shows: finished days only, which do not change.

So the page is the same from midnight to midnight, and a saved copy of it stays true:
every number on it says up to which day it reaches.
"""

from dataclasses import dataclass
from datetime import date

from . import clock, dashboard
from .chart import Chart, line_chart
from .models import Day
from .report import Period, Sums, within

CHART_DAYS = 30
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Month:
    first: date
    number: int  # of the public metric
    visitors_a_day: int
    is_whole: bool  # every day of it was counted and is over


@dataclass(frozen=True, slots=True)
class PublicFigures:
    until: date  # yesterday
    total: dashboard.PublicTotal  # as it was at the end of that day
    numbers: list[tuple[date, int]]  # the public metric of each day, newest first
    chart: Chart
    average: int
    months: list[Month]  # newest first
    has_demo: bool


def public_figures() -> PublicFigures:
    """The public total with its parts, a month by day, a year by month; two queries."""
    until = clock.days_before(clock.today(), 1)
    all_days = list(Day.objects.order_by("day"))
    total = dashboard.public_total(all_days, clock.today(), until)
    rows = dashboard.window(all_days, CHART_DAYS, until)
    numbers = [getattr(row, total.metric) for row in rows]
    measured = [r for r in rows if total.since and r.day >= total.since]
    label = dashboard.METRICS[total.metric]
    return PublicFigures(
        until=until,
        total=total,
        numbers=list(zip([row.day for row in rows], numbers, strict=True))[::-1],
        chart=line_chart([row.day for row in rows], [(total.metric, label, numbers)]),
        average=round(sum(numbers) / len(measured)) if measured else 0,
        months=_months(all_days, total.metric, until),
        has_demo=any(row.is_demo for row in all_days),
    )


def _months(rows: list[Day], metric: str, until: date) -> list[Month]:
    if not rows or rows[0].day > until:
        return []
    found, period = [], Period.month_of(until)
    while len(found) < MONTHS and period.last >= rows[0].day:
        sums = Sums.of(within(rows, period, until))
        is_whole = period.first >= rows[0].day and period.last <= until
        found.append(
            Month(period.first, getattr(sums, metric), sums.visitors_a_day, is_whole)
        )
        period = period.before()
    return found
