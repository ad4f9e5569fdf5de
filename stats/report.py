"""The report of a month or a quarter, as one prepared value."""

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Sum
from django.utils.translation import gettext as _

from . import clock, dashboard, referrers, top
from .chart import Chart
from .models import Day, DroppedDay, RefDay

ARTICLES = 20
OTHERS = 15  # lines of each other list
HOSTS = 10
_ROMAN = ("I", "II", "III", "IV")  # as quarters are written
_KEY = re.compile(r"([0-9]{4})-(?:Q([1-4])|(0[1-9]|1[0-2]))")


@dataclass(frozen=True, slots=True)
class Period:
    """A month, or three months from the first of a quarter."""

    first: date
    months: int

    @classmethod
    def named(cls, key: str) -> "Period":
        """The period of "2026-10" or "2026-Q4"; ValueError for anything else."""
        match = _KEY.fullmatch(key)
        if match is None:
            raise ValueError(key)
        year, quarter, month = match.groups()
        if quarter:
            return cls(date(int(year), 3 * int(quarter) - 2, 1), 3)
        return cls(date(int(year), int(month), 1), 1)

    @classmethod
    def month_of(cls, day: date) -> "Period":
        return cls(day.replace(day=1), 1)

    @property
    def is_quarter(self) -> bool:
        return self.months == 3

    @property
    def key(self) -> str:
        if self.is_quarter:
            return f"{self.first.year}-Q{self.first.month // 3 + 1}"
        return f"{self.first:%Y-%m}"

    @property
    def last(self) -> date:
        end = self.first
        for _month in range(self.months - 1):
            end = _next_month(end)
        return end.replace(day=monthrange(end.year, end.month)[1])

    @property
    def label(self) -> str:
        if self.is_quarter:
            return _("quarter %(number)s of %(year)d") % {
                "number": _ROMAN[self.first.month // 3],
                "year": self.first.year,
            }
        return _("month %(number)d of %(year)d") % {
            "number": self.first.month,
            "year": self.first.year,
        }

    def before(self) -> "Period":
        """The period of the same length that ends before this one."""
        first = self.first
        for _month in range(self.months):
            first = (first - timedelta(days=1)).replace(day=1)
        return Period(first, self.months)

    def year_before(self) -> "Period":
        return Period(self.first.replace(year=self.first.year - 1), self.months)


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


@dataclass(frozen=True, slots=True)
class Sums:
    """What the finished days of a period come to; visitors are never added up."""

    days: int = 0
    views: int = 0
    visits: int = 0
    visitors_a_day: int = 0

    @classmethod
    def of(cls, rows: Sequence[Day]) -> "Sums":
        if not rows:
            return cls()
        return cls(
            days=len(rows),
            views=sum(row.views for row in rows),
            visits=sum(row.visits for row in rows),
            visitors_a_day=round(sum(row.visitors for row in rows) / len(rows)),
        )

    @property
    def visits_a_day(self) -> int:
        return round(self.visits / self.days) if self.days else 0

    @property
    def views_a_day(self) -> int:
        return round(self.views / self.days) if self.days else 0

    @property
    def views_a_visit(self) -> float:
        return self.views / self.visits if self.visits else 0.0


@dataclass(frozen=True, slots=True)
class Beside:
    """This period beside another one: a day's average, as lengths differ."""

    period: Period
    sums: Sums
    views: float | None  # by how many percent more a day
    visits: float | None
    visitors: float | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table: a day of a month, a month of a quarter."""

    first: date
    sums: Sums


@dataclass(frozen=True, slots=True)
class Report:
    period: Period
    until: date | None  # the last finished day in it; None before the first is over
    sums: Sums
    busiest: Day | None
    quietest: Day | None
    beside: list[Beside]
    chart: Chart | None
    lines: list[Line]
    public: dashboard.PublicTotal
    articles: list[top.Row]
    downloads: list[top.Row]
    groups: dict[str, list[top.Row]]
    referrers: list[referrers.Group]
    hosts: list[tuple[str, int]]
    dropped: list[tuple[str, int]]
    has_demo: bool

    @property
    def is_complete(self) -> bool:
        return self.until == self.period.last


def build(period: Period) -> Report:
    """The report of the finished days of `period`; seven queries."""
    yesterday = clock.days_before(clock.today(), 1)
    until = min(period.last, yesterday)
    all_days = list(Day.objects.order_by("day"))
    rows = within(all_days, period, until)
    days = (period.first, until)
    sums = Sums.of(rows)
    hosts = RefDay.objects.filter(day__range=days).values_list("host")
    hosts = list(hosts.annotate(n=Sum("visits")).order_by("-n", "host"))
    reasons = DroppedDay.objects.filter(day__range=days).values_list("reason")
    articles = top.between(top.ARTICLE, *days)
    return Report(
        period=period,
        until=until if until >= period.first else None,
        sums=sums,
        busiest=max(rows, key=lambda row: row.visits, default=None),
        quietest=min(rows, key=lambda row: row.visits, default=None),
        beside=_beside(all_days, period, sums, yesterday),
        chart=dashboard.day_chart(rows) if len(rows) > 1 else None,
        lines=_lines(rows, by_month=period.is_quarter),
        public=dashboard.public_total(all_days, clock.today(), until),
        articles=top.objects(top.ARTICLE, articles, ARTICLES),
        downloads=top.objects(top.DOWNLOAD, top.between(top.DOWNLOAD, *days), OTHERS),
        groups={
            name: found[:OTHERS]
            for name, found in top.groups(top.ARTICLE, articles).items()
        },
        referrers=referrers.grouped(hosts, sums.visits),
        hosts=hosts[:HOSTS],
        dropped=dashboard.dropped(reasons.annotate(n=Sum("n"))),
        has_demo=any(row.is_demo for row in rows),
    )


def within(rows: Sequence[Day], period: Period, until: date) -> list[Day]:
    """The measured days of a period up to `until`: from the first day counted on."""
    last = min(period.last, until)
    first = max(period.first, rows[0].day) if rows else date.max
    if last < first:
        return []
    return dashboard.window(rows, (last - first).days + 1, last)


def _beside(rows, period: Period, sums: Sums, yesterday: date) -> list[Beside]:
    """The period before, and the same of the year before, where they were counted."""
    found = []
    for other in (period.before(), period.year_before()):
        theirs = Sums.of(within(rows, other, yesterday))
        if theirs.days:
            found.append(
                Beside(
                    other,
                    theirs,
                    dashboard.change(sums.views_a_day, theirs.views_a_day),
                    dashboard.change(sums.visits_a_day, theirs.visits_a_day),
                    dashboard.change(sums.visitors_a_day, theirs.visitors_a_day),
                )
            )
    return found


def _lines(rows: Sequence[Day], by_month: bool) -> list[Line]:
    if not by_month:
        return [Line(row.day, Sums.of([row])) for row in rows]
    months: dict[date, list[Day]] = {}
    for row in rows:
        months.setdefault(row.day.replace(day=1), []).append(row)
    return [Line(first, Sums.of(days)) for first, days in months.items()]


def periods() -> list[tuple[Period, list[Period]]]:
    """Quarters with their months in which something was counted, newest first."""
    first = Day.objects.order_by("day").values_list("day", flat=True).first()
    today = clock.today()
    month = Period.month_of(first or today)
    quarters: dict[str, tuple[Period, list[Period]]] = {}
    while month.first <= today:
        quarter = Period(
            month.first.replace(month=(month.first.month - 1) // 3 * 3 + 1), 3
        )
        quarters.setdefault(quarter.key, (quarter, []))[1].insert(0, month)
        month = Period(_next_month(month.first), 1)
    return list(quarters.values())[::-1]
