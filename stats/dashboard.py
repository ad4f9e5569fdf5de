"""What the administrators' first page shows, as one prepared value; eight queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from . import clock, referrers, registry, top
from .chart import Chart, hour_chart, line_chart
from .health import Health, health, segment_names
from .models import Day, Hour, LedgerEntry

TOP = 10
ONLINE = timedelta(minutes=5)
AVERAGE_DAYS = 30  # of the figures by hour

METRICS = {"visits": _("Visits"), "views": _("Views")}
REASONS = {
    "bot": _("Robots, by their user agent"),
    "webdriver": _("Automated browsers"),
    "rate": _("Too many reports of one visitor or one address"),
    "office": _("From the networks of our own offices"),
    "privacy": _("Readers who ask to be left out (GPC, DNT)"),
    "bad_token": _("Page token missing or false"),
    "old_token": _("Page older than 35 days"),
    "cross_site": _("Sent from another site"),
    "not_a_page": _("Not sent by a page of ours"),
    "prefetch": _("Fetched ahead, not seen"),
    "not_public": _("Page no longer public"),
    "damaged_line": _("Damaged lines of the spool"),
}


@dataclass(frozen=True, slots=True)
class CarriedOver:
    delta: int
    metric: str
    day: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class PublicTotal:
    """What the number beside every page is made of; the parts add up to it."""

    metric: str  # "visits" or "views"
    today: int
    carried_over: list[CarriedOver]
    not_added: list[CarriedOver]  # carried over in the other unit
    measured: int
    since: date | None
    corrections: int

    @property
    def carried(self) -> int:
        return sum(part.delta for part in self.carried_over)

    @property
    def total(self) -> int:
        return self.carried + self.measured + self.corrections


@dataclass(frozen=True, slots=True)
class Comparison:
    """Today beside another day, both up to the same full hour."""

    day: date
    visits: int
    change: float | None  # percent; None where the other day has nothing


@dataclass(frozen=True, slots=True)
class Hours:
    until: int  # the full hour of today that the comparisons reach
    today: int  # visits up to it
    yesterday: Comparison
    last_week: Comparison
    chart: Chart
    rows: list[tuple[int, int, int, int]]  # hour, today, yesterday, average


@dataclass(frozen=True, slots=True)
class Figures:
    days: int
    today: Day
    yesterday: Day
    public: PublicTotal
    hours: Hours
    chart: Chart
    rows: list[Day]  # newest first, today among them
    visits: int  # of the finished days, as all below
    views: int
    visitors_a_day: int
    articles: list[top.Row]
    downloads: list[top.Row]
    groups: dict[str, list[top.Row]]
    referrers: list[referrers.Group]
    dropped: list[tuple[str, int]]
    has_demo: bool
    online: int
    health: Health


def build(days: int) -> Figures:
    """The figures of today, of the `days` local days before it, and of all time."""
    now = clock.local(clock.now_ms())
    today = now.date()
    all_days = list(Day.objects.order_by("day"))  # one short row a day, for ever
    rows = window(all_days, days + 1, today)
    finished = rows[:-1]  # today's half a day would look like a fall
    visits = sum(row.visits for row in finished)
    sums = _small_sums(finished[0].day, finished[-1].day, now)
    return Figures(
        days=days,
        today=rows[-1],
        yesterday=rows[-2],
        public=public_total(all_days, today),
        hours=_hours(now),
        chart=day_chart(finished),
        rows=rows[::-1],
        visits=visits,
        views=sum(row.views for row in finished),
        visitors_a_day=round(sum(row.visitors for row in finished) / days),
        articles=top.objects(top.ARTICLE, top.last_days(top.ARTICLE, days), TOP),
        downloads=top.objects(top.DOWNLOAD, top.last_days(top.DOWNLOAD, days), TOP),
        groups=top.recent_groups(days, TOP),
        referrers=referrers.grouped(
            ((host, number) for host, _views, number in sums["host"]), visits
        ),
        dropped=dropped((reason, number) for reason, number, _ in sums["dropped"]),
        has_demo=any(row.is_demo for row in rows),
        online=sum(number for _name, number, _ in sums["online"]),
        health=health({name: (pos, at) for name, pos, at in sums["segment"]}),
    )


def window(rows: Sequence[Day], days: int, until: date) -> list[Day]:
    """One Day for each of the `days` local days up to `until`, zeros included."""
    known = {row.day: row for row in rows}
    wanted = [clock.days_before(until, ago) for ago in reversed(range(days))]
    return [known.get(day) or Day(day=day) for day in wanted]


def day_chart(rows: Sequence[Day]) -> Chart:
    return line_chart(
        [row.day for row in rows],
        [
            ("views", _("Views"), [row.views for row in rows]),
            ("visits", _("Visits"), [row.visits for row in rows]),
            ("visitors", _("Visitors"), [row.visitors for row in rows]),
        ],
    )


def public_total(
    rows: Sequence[Day], today: date, until: date | None = None
) -> PublicTotal:
    """The public total of all days in `rows` and of the ledger; one query.

    Derived as totals.read() does, from the rows that the page shows beside it; with
    `until` as it was at the end of that day.
    """
    metric = registry.public_metric()
    opening: list[CarriedOver] = []
    not_added: list[CarriedOver] = []
    corrections = 0
    rows = [row for row in rows if until is None or row.day <= until]
    for entry in LedgerEntry.objects.order_by("day", "pk"):
        if until is not None and _day_of(entry) > until:
            continue
        if _is_opening(entry):
            part = CarriedOver(
                entry.delta, entry.get_metric_display(), entry.day, entry.reason
            )
            (opening if entry.metric == metric else not_added).append(part)
        elif entry.metric == metric:
            corrections += entry.delta
    return PublicTotal(
        metric=metric,
        today=sum(getattr(row, metric) for row in rows if row.day == today),
        carried_over=opening,
        not_added=not_added,
        measured=sum(getattr(row, metric) for row in rows),
        since=rows[0].day if rows else None,
        corrections=corrections,
    )


def _day_of(entry: LedgerEntry) -> date:
    """The day an entry belongs to: the stated one, or that of its writing."""
    return entry.day or timezone.localdate(entry.created_at)


def _is_opening(entry: LedgerEntry) -> bool:
    return entry.source in {LedgerEntry.Source.OPENING, LedgerEntry.Source.DEMO}


def _hours(now: datetime) -> Hours:
    """Visits by hour; only full hours are compared, as minutes are not kept."""
    today = now.date()
    yesterday, last_week = (clock.days_before(today, ago) for ago in (1, 7))
    since = clock.days_before(today, AVERAGE_DAYS)
    by_day: dict[date, list[int]] = {}
    rows = Hour.objects.filter(day__range=(since, today))
    for day, hour, visits in rows.values_list("day", "hour", "visits"):
        by_day.setdefault(day, [0] * 24)[hour] = visits
    of_today = by_day.pop(today, [0] * 24)
    measured = max(len(by_day), 1)
    average = [round(sum(h[i] for h in by_day.values()) / measured) for i in range(24)]
    until = now.hour
    reached = sum(of_today[:until])

    def beside(day: date) -> Comparison:
        visits = sum(by_day.get(day, [])[:until])
        return Comparison(day, visits, change(reached, visits))

    of_yesterday = by_day.get(yesterday, [0] * 24)
    return Hours(
        until=until,
        today=reached,
        yesterday=beside(yesterday),
        last_week=beside(last_week),
        chart=hour_chart(
            [
                ("today", _("Today"), of_today),
                ("average", _("Average"), average),
            ],
        ),
        rows=[(i, of_today[i], of_yesterday[i], average[i]) for i in range(24)],
    )


def change(now: float, before: float) -> float | None:
    """By how many percent `now` differs; None where there is nothing to compare."""
    return 100 * (now - before) / before if before else None


def dropped(rows) -> list[tuple[str, int]]:
    """(reason in words, reports), most first; `rows` are (reason, reports)."""
    ordered = sorted(rows, key=lambda row: (-row[1], row[0]))
    return [(REASONS.get(reason, reason), number) for reason, number in ordered]


def _small_sums(first: date, last: date, now: datetime) -> dict[str, list[tuple]]:
    """Four short lists of (name, number, number) in one question.

    host: views and visits; dropped: reports by reason; online: visitors of the last
    five minutes; segment: bytes counted, and when, in milliseconds.
    """
    segments = segment_names() or [""]
    listed = ", ".join(["%s"] * len(segments))
    days = [connection.ops.adapt_datefield_value(day) for day in (first, last)]
    today = connection.ops.adapt_datefield_value(now.date())
    since = int((now - ONLINE).timestamp() * 1000)
    found: dict[str, list[tuple]] = {
        name: [] for name in ("host", "dropped", "online", "segment")
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 'host', host, SUM(views), SUM(visits) FROM stats_ref_day"  # noqa: S608
            " WHERE day BETWEEN %s AND %s GROUP BY host"
            " UNION ALL SELECT 'dropped', reason, SUM(n), 0 FROM stats_dropped_day"
            " WHERE day BETWEEN %s AND %s GROUP BY reason"
            " UNION ALL SELECT 'online', '', COUNT(*), 0 FROM stats_visitor"
            " WHERE day = %s AND last_ms >= %s"
            " UNION ALL SELECT 'segment', segment, pos, updated_ms"
            f" FROM stats_spool_pos WHERE segment IN ({listed})",
            [*days, *days, today, since, *segments],
        )
        for kind, name, one, other in cursor.fetchall():
            found[kind].append((name, int(one), int(other)))
    return found
