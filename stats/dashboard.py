"""What the administrators' page shows, as one prepared value; some seven queries."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from . import clock, registry, spool, totals
from .chart import Chart, line_chart
from .housekeeping import LAST_DRAIN
from .models import Day, DroppedDay, LedgerEntry, PageDay, SpoolPosition

TOP = 10

REASONS = {
    "bot": _("Robots, by their user agent"),
    "webdriver": _("Automated browsers"),
    "rate": _("Too many reports of one visitor in a day"),
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
class Health:
    last_drain: datetime | None
    waiting_bytes: int
    refused: int

    @property
    def is_late(self) -> bool:
        """No drain for a minute: the numbers stand still, nothing is lost."""
        if self.last_drain is None:
            return True
        return clock.local(clock.now_ms()) - self.last_drain > timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class TopPage:
    title: str
    views: int


@dataclass(frozen=True, slots=True)
class Figures:
    days: int
    today: Day
    yesterday: Day
    public: totals.Totals
    measured_visits: int
    measured_views: int
    since: date | None
    carried_over: list[CarriedOver]
    corrections: int
    chart: Chart
    rows: list[Day]  # newest first, today among them
    visitors_a_day: int
    top_articles: list[TopPage]
    dropped: list[tuple[str, int]]
    has_demo: bool
    health: Health
    reasons: dict = field(default_factory=lambda: REASONS)


def build(days: int) -> Figures:
    """The figures of today, of the `days` local days before it, and of all time."""
    rows = totals.last_days(days + 1)
    finished = rows[:-1]  # today's half a day would look like a fall
    measured = Day.objects.aggregate(visits=Sum("visits"), views=Sum("views"))
    first = Day.objects.order_by("day").values_list("day", flat=True).first()
    public = totals.current()
    ledger = list(LedgerEntry.objects.filter(metric=public.metric))
    opening = [entry for entry in ledger if _is_opening(entry)]
    return Figures(
        days=days,
        today=rows[-1],
        yesterday=rows[-2],
        public=public,
        measured_visits=measured["visits"] or 0,
        measured_views=measured["views"] or 0,
        since=first,
        carried_over=[
            CarriedOver(e.delta, e.get_metric_display(), e.day, e.reason)
            for e in opening
        ],
        corrections=sum(e.delta for e in ledger if not _is_opening(e)),
        chart=line_chart(
            [row.day for row in finished],
            [
                ("views", _("Views"), [row.views for row in finished]),
                ("visits", _("Visits"), [row.visits for row in finished]),
                ("visitors", _("Visitors"), [row.visitors for row in finished]),
            ],
        ),
        rows=rows[::-1],
        visitors_a_day=round(sum(row.visitors for row in finished) / days),
        top_articles=_top_articles(rows[0].day),
        dropped=_dropped(rows[0].day),
        has_demo=any(row.is_demo for row in rows),
        health=health(),
    )


def _is_opening(entry: LedgerEntry) -> bool:
    return entry.source in {LedgerEntry.Source.OPENING, LedgerEntry.Source.DEMO}


def _top_articles(since: date) -> list[TopPage]:
    most_read = (
        PageDay.objects.filter(kind="article", day__gte=since)
        .values_list("object_id")
        .annotate(read=Sum("views"))
        .order_by("-read", "object_id")[:TOP]
    )
    views = dict(most_read)
    titles = registry.titles("article", views.keys())
    unknown = _("Deleted article")
    return [
        TopPage(titles.get(number, f"{unknown} ({number})"), read)
        for number, read in views.items()
    ]


def _dropped(since: date) -> list[tuple[str, int]]:
    rows = (
        DroppedDay.objects.filter(day__gte=since)
        .values_list("reason")
        .annotate(number=Sum("n"))
        .order_by("-number", "reason")
    )
    return [(REASONS.get(reason, reason), number) for reason, number in rows]


def health() -> Health:
    """How far the drain is behind."""
    counted = dict(SpoolPosition.objects.values_list("segment", "pos"))
    waiting = 0
    for path in spool.segments():
        try:
            waiting += max(path.stat().st_size - counted.get(path.name, 0), 0)
        except FileNotFoundError:
            continue
    try:
        drained = (settings.SPOOL_DIR / LAST_DRAIN).stat().st_mtime
        last_drain = clock.local(int(drained * 1000))
    except FileNotFoundError:
        last_drain = None
    return Health(last_drain, waiting, spool.writer().refused)
