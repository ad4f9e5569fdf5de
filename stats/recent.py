"""What was read in the last 7, 30, 90 and 365 finished days, summed up ahead.

A page with lists of a year would read half a million rows of PageDay for each look
at it. Finished days do not change, so the sums are made once a day by housekeeping;
they can be made anew at any time and are never the source of anything.
"""

import time
from datetime import date

from django.db import connection, transaction
from django.db.models import Max, Sum

from . import clock, registry
from .counting import DOWNLOAD
from .models import Day, GroupRecent, PageRecent
from .top import ARTICLE

LONGEST = max(PageRecent.PERIODS)
_COLUMNS = [f"views_{days}" for days in PageRecent.PERIODS]
LOOK_SECONDS = 60
# Where figures by page do not add up to the day (see `verify`), once an hour will do.
REPAIR_SECONDS = 3600

_looked: float | None = None
_made: float | None = None


def keep_up() -> None:
    """Make the sums anew when they are not those of yesterday; called every second."""
    global _looked, _made
    now = time.monotonic()
    if _looked is not None and now - _looked < LOOK_SECONDS:
        return
    _looked = now
    until = clock.days_before(clock.today(), 1)
    found = PageRecent.objects.aggregate(until=Max("until"))["until"]
    is_wrong = found != until or not _adds_up(until)
    if is_wrong and (found != until or _made is None or now - _made > REPAIR_SECONDS):
        rebuild(until)
        _made = now


def _adds_up(until: date) -> bool:
    """Whether the sums hold what the days hold: some are counted after midnight."""
    days = Day.objects.filter(day__range=(first_day(until, LONGEST), until))
    pages = PageRecent.objects.exclude(kind=DOWNLOAD)
    return (days.aggregate(n=Sum("views"))["n"] or 0) == (
        pages.aggregate(n=Sum("views_365"))["n"] or 0
    )


def first_day(until: date, days: int) -> date:
    return clock.days_before(until, days - 1)


def rebuild(until: date) -> int:
    """Replace all sums by those of the days up to `until`; returns how many."""
    sums = ", ".join(
        f"SUM(CASE WHEN day >= %s THEN views ELSE 0 END) AS views_{days}"
        for days in PageRecent.PERIODS
    )
    first_days = [
        connection.ops.adapt_datefield_value(first_day(until, days))
        for days in PageRecent.PERIODS
    ]
    last = connection.ops.adapt_datefield_value(until)
    # Read before writing: SQLite's only write lock is not held for the long part.
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT kind, object_id, {sums} FROM stats_page_day"  # noqa: S608
            " WHERE day BETWEEN %s AND %s GROUP BY kind, object_id",
            [*first_days, min(first_days), last],
        )
        rows = [
            PageRecent(
                kind=kind,
                object_id=object_id,
                until=until,
                **dict(zip(_COLUMNS, map(int, figures), strict=True)),
            )
            for kind, object_id, *figures in cursor.fetchall()
        ]
    groups = _groups(rows)
    with transaction.atomic():
        PageRecent.objects.all().delete()
        PageRecent.objects.bulk_create(rows, batch_size=500)
        GroupRecent.objects.all().delete()
        GroupRecent.objects.bulk_create(groups, batch_size=100)
    return len(rows)


def _groups(rows: list[PageRecent]) -> list[GroupRecent]:
    """The sums of articles by each facet; what was deleted has no category or unit."""
    facets, facts = registry.facets(ARTICLE), registry.facts(ARTICLE)
    if facts is None or not facets:
        return []
    parts = [f"{facet.name}_{part}" for facet in facets for part in ("key", "label")]
    known = {number: found for number, *found in facts.values_list("number", *parts)}
    nothing = [None] * len(parts)
    sums: dict[tuple[str, str], GroupRecent] = {}
    for row in rows:
        if row.kind != ARTICLE:
            continue
        found = known.get(row.object_id, nothing)
        for facet, key, label in zip(facets, found[::2], found[1::2], strict=True):
            group = sums.setdefault(
                (facet.name, key or ""),
                GroupRecent(facet=facet.name, key=key or "", label=label or ""),
            )
            for column in _COLUMNS:
                setattr(group, column, getattr(group, column) + getattr(row, column))
    return list(sums.values())
