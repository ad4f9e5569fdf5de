"""Plausible figures for the demonstration: a year of days, hours, pages, referrers.

The same seed, days and pages give the same rows. Demonstration days are marked and
lie before today, so `remove()` takes out exactly them; real visits are counted
beside them from the first minute.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from django.db import connection, transaction
from django.db.models import QuerySet, Sum

from . import clock, totals
from .drainer import DAY_COLUMNS, add_page_totals
from .models import Day, DroppedDay, Hour, LedgerEntry, PageDay, PageTotal, RefDay
from .upsert import upsert

# Share of a day's visits by hour: office hours, a dip at noon, a small evening.
_HOURS = (3, 2, 1, 1, 1, 3, 10, 28, 52, 61, 60, 44, 26, 38, 58, 60, 50, 34, 22, 20,
          23, 21, 13, 7)  # fmt: skip
_WEEKDAYS = (1.12, 1.15, 1.1, 1.08, 1.0, 0.52, 0.46)  # Monday first
# Days off by month and day; Tết moves with the moon and is given as spans.
_HOLIDAYS = {(1, 1), (4, 30), (5, 1), (9, 1), (9, 2)}
_TET = {2025: (date(2025, 1, 25), 9), 2026: (date(2026, 2, 14), 9),
        2027: (date(2027, 2, 4), 8), 2028: (date(2028, 1, 24), 8)}  # fmt: skip
_HOSTS = (("google.com", 60), ("coccoc.com", 14), ("facebook.com", 12),
          ("zalo.me", 8), ("bing.com", 4), ("chinhphu.vn", 3))  # fmt: skip


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day with its parts; parts add up to the whole (see `verify`)."""

    day: date
    views: int
    visits: int
    visitors: int
    bot_views: int = 0
    suspect_views: int = 0
    nojs_views: int = 0
    hours: tuple[tuple[int, int, int], ...] = ()  # hour, views, visits
    pages: tuple[tuple[str, int, int, int], ...] = ()  # kind, id, views, visits
    hosts: tuple[tuple[str, int, int], ...] = ()  # host, views, visits
    dropped: tuple[tuple[str, int], ...] = ()  # reason, n


def plausible_days(
    seed: int,
    days: int,
    pages: Sequence[tuple[str, int]],
    until: date | None = None,
    visits_a_day: int = 2300,
) -> Iterator[DayRow]:
    """`days` days ending with `until` (yesterday), busiest pages first in `pages`."""
    last = until or clock.days_before(clock.today(), 1)
    pages = list(dict.fromkeys(pages)) or [("page", -1)]
    for ago in reversed(range(days)):
        day = last - timedelta(days=ago)
        chance = random.Random(f"{seed}:{day}")
        growth = 0.78 + 0.22 * (days - ago) / days
        quiet = 0.4 if _is_holiday(day) else 1.0
        noise = chance.gauss(1, 0.06)
        visits = round(visits_a_day * growth * quiet * noise * _WEEKDAYS[day.weekday()])
        yield _day_row(day, max(visits, 12), pages, chance)


def _day_row(day: date, visits: int, pages, chance: random.Random) -> DayRow:
    views = round(visits * chance.uniform(2.1, 2.6))
    weights = [h * chance.uniform(0.85, 1.15) for h in _HOURS]
    by_hour = zip(_share(views, weights), _share(visits, weights), strict=True)
    # A few pages are read much more than the rest, and not the same ones each day.
    popularity = [chance.uniform(0.3, 1.7) / (rank + 3) for rank in range(len(pages))]
    by_page = zip(
        pages, _share(views, popularity), _share(visits, popularity), strict=True
    )
    came_from = visits * 45 // 100
    shares = _share(came_from, [weight for _, weight in _HOSTS])
    bots = round(views * chance.uniform(0.25, 0.5))
    return DayRow(
        day=day,
        views=views,
        visits=visits,
        visitors=round(visits * chance.uniform(0.74, 0.82)),
        bot_views=bots,
        suspect_views=chance.randrange(12),
        nojs_views=round(views * 0.004),
        hours=tuple((h, v, s) for h, (v, s) in enumerate(by_hour) if v or s),
        pages=tuple((*page, v, s) for page, v, s in by_page if v or s),
        hosts=tuple((h, n, n) for (h, _), n in zip(_HOSTS, shares, strict=True) if n),
        dropped=(("bot", bots),),
    )


def _is_holiday(day: date) -> bool:
    start, length = _TET.get(day.year, (date.max, 0))
    return (day.month, day.day) in _HOLIDAYS or 0 <= (day - start).days < length


def _share(whole: int, weights: Sequence[float]) -> list[int]:
    """`whole` cut into whole parts proportional to `weights`; parts add up."""
    scale = sum(weights)
    parts, given, reached = [], 0, 0.0
    for weight in weights:
        reached += weight
        part = round(whole * reached / scale) - given
        parts.append(part)
        given += part
    return parts


def write_days(rows: Iterable[DayRow]) -> int:
    """Write days before today, in bulk; returns how many.

    Raises ValueError for a day that is not over or has figures already.
    """
    rows = iter(rows)
    written = 0
    with transaction.atomic():
        while part := list(islice(rows, 31)):
            _write_part(part)
            written += len(part)
    transaction.on_commit(totals.forget)
    return written


def _write_part(rows: list[DayRow]) -> None:
    today = clock.today()
    if any(row.day >= today for row in rows):
        raise ValueError("demonstration days lie before today")
    if Day.objects.filter(day__in=[row.day for row in rows]).exists():
        raise ValueError("some of these days have figures already")
    Day.objects.bulk_create(
        Day(
            day=row.day,
            is_demo=True,
            **{name: getattr(row, name, 0) for name in DAY_COLUMNS},
        )
        for row in rows
    )
    pages = [(row.day, *page) for row in rows for page in row.pages]
    hours = [(row.day, *hour) for row in rows for hour in row.hours]
    hosts = [(row.day, *host) for row in rows for host in row.hosts]
    dropped = [(row.day, *entry) for row in rows for entry in row.dropped]
    both = ("views", "visits")
    with connection.cursor() as cursor:
        upsert(cursor, "stats_hour", ("day", "hour"), hours, add=both)
        page_key = ("day", "kind", "object_id")
        upsert(cursor, "stats_page_day", page_key, pages, add=both)
        upsert(cursor, "stats_ref_day", ("day", "host"), hosts, add=both)
        upsert(cursor, "stats_dropped_day", ("day", "reason"), dropped, add=("n",))
        add_page_totals(cursor, pages)


def write_demo_days(
    seed: int,
    days: int,
    pages: Sequence[tuple[str, int]],
    visits_a_day: int = 2300,
) -> int:
    """`days` plausible days up to yesterday for `pages` of (kind, id)."""
    return write_days(plausible_days(seed, days, pages, visits_a_day=visits_a_day))


def write_opening_balance(number: int, day: date, reason: str) -> None:
    """A ledger entry of the demonstration; `remove` takes it out again."""
    LedgerEntry.objects.create(source="demo", delta=number, day=day, reason=reason)
    transaction.on_commit(totals.forget)


def remove() -> int:
    """Take out all demonstration days and ledger entries; returns how many days."""
    with transaction.atomic():
        days = list(Day.objects.filter(is_demo=True).values_list("day", flat=True))
        for first in range(0, len(days), 500):
            _remove_part(days[first : first + 500])
        # The ledger's own queryset refuses; opposite rows point to the others.
        for rows in ({"undoes__source": "demo"}, {"source": "demo"}):
            QuerySet(LedgerEntry).filter(**rows).delete()
    transaction.on_commit(totals.forget)
    return len(days)


def _remove_part(days: list[date]) -> None:
    gone = (
        PageDay.objects.filter(day__in=days)
        .values_list("kind", "object_id")
        .annotate(views=Sum("views"))
    )
    rows = [(kind, number, -views, date.min) for kind, number, views in gone.iterator()]
    with connection.cursor() as cursor:
        upsert(
            cursor,
            "stats_page_total",
            ("kind", "object_id"),
            sorted(rows),
            add=("views",),
            keep=("last_day",),
        )
    PageTotal.objects.filter(views__lte=0).delete()
    for model in (Hour, PageDay, RefDay, DroppedDay, Day):
        model.objects.filter(day__in=days).delete()
