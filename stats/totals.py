"""The two public numbers: derived sums, never stored, at most 5 s old.

total = SUM(days) + SUM(ledger). A second counter could disagree with the first.
"""

import logging
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import DatabaseError, close_old_connections, connection
from django.db.models import Sum

from . import clock, registry
from .models import Day, LedgerEntry, PageDay, PageTotal

logger = logging.getLogger(__name__)

# Two seconds here, one of hold-back and one between two drains: together under
# the five seconds a reader's number may be behind.
FRESH_SECONDS = 2.0
USABLE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Totals:
    today: int
    total: int
    at: datetime  # aware, in the site's time zone
    metric: str = "visits"

    @property
    def day(self) -> date:
        return self.at.date()


_lock = threading.Lock()
_cached: tuple[float, Totals] | None = None  # time.monotonic() and the value
_times_forgotten = 0


def read() -> Totals:
    """The numbers as the database has them now; one query."""
    metric = registry.public_metric()
    now = clock.local(clock.now_ms())
    column = connection.ops.quote_name(metric)  # "visits" or "views", nothing else
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT (SELECT {column} FROM stats_day WHERE day = %s),"  # noqa: S608
            f" (SELECT SUM({column}) FROM stats_day),"
            " (SELECT SUM(delta) FROM stats_ledger WHERE metric = %s)",
            [connection.ops.adapt_datefield_value(now.date()), metric],
        )
        today, measured, ledger = cursor.fetchone()
    total = int(measured or 0) + int(ledger or 0)
    return Totals(int(today or 0), total, now, metric)


def current() -> Totals:
    """The public numbers, at most 5 s old; raises DatabaseError."""
    value = _remembered(FRESH_SECONDS)
    if value is None:
        with _lock:  # one thread asks, the others wait for its answer
            value = _remembered(FRESH_SECONDS) or _refresh()
    return value


def at_hand() -> Totals | None:
    """As `current`, for callers outside Django: None instead of an error.

    A value up to 5 s old is used while another thread fetches the next one.
    """
    value = _remembered(FRESH_SECONDS)
    if value is not None:
        return value
    # Waiting is for the first answer only: while the database is away one thread
    # tries it and the others go on without numbers.
    wait = _remembered(USABLE_SECONDS) is None and _failed_at is None
    if not _lock.acquire(blocking=wait):
        return _remembered(USABLE_SECONDS)
    try:
        value = _remembered(FRESH_SECONDS)
        if value is None and not _is_failing():
            if not connection.in_atomic_block:  # only tests call it from inside one
                close_old_connections()
            value = _refresh()
        return value
    except DatabaseError as error:
        _fail(error)
        return None
    finally:
        _lock.release()


def refresh_memory() -> None:
    """Fetch the next value before somebody needs it: once a second in each worker."""
    if _remembered(FRESH_SECONDS / 2) is None:
        with _lock:
            _refresh()


def forget() -> None:
    """Make the next reader ask the database; for tests and after a ledger entry.

    An answer to a question that was asked before, and is still on its way, is not
    used either.
    """
    global _cached, _failed_at, _times_forgotten
    _cached = None
    _failed_at = None
    _times_forgotten += 1


_failed_at: float | None = None


def _remembered(seconds: float) -> Totals | None:
    """The cached value if it is young enough and of this local day."""
    if _cached is None or time.monotonic() - _cached[0] > seconds:
        return None
    return _cached[1] if _cached[1].day == clock.today() else None


def _refresh() -> Totals:
    global _cached, _failed_at
    asked, before = time.monotonic(), _times_forgotten
    value = read()
    if before == _times_forgotten:
        _cached = (asked, value)
    _failed_at = None
    return value


def _is_failing() -> bool:
    """Whether the database failed within the last second."""
    return _failed_at is not None and time.monotonic() - _failed_at < 1.0


def _fail(error: DatabaseError) -> None:
    global _failed_at
    if _failed_at is None:
        logger.warning("visit totals: %s", error)
    _failed_at = time.monotonic()
    connection.close()


def last_days(days: int, until: date | None = None) -> list[Day]:
    """One Day for each of the last `days` local days, oldest first, zeros included."""
    until = until or clock.today()
    wanted = [clock.days_before(until, ago) for ago in reversed(range(days))]
    rows = Day.objects.in_bulk(wanted)
    return [rows.get(day) or Day(day=day) for day in wanted]


def carried_over() -> list[LedgerEntry]:
    """The opening balances, which the public total shows apart with their date."""
    return list(
        LedgerEntry.objects.filter(
            source__in=[LedgerEntry.Source.OPENING, LedgerEntry.Source.DEMO]
        ).order_by("day", "pk")
    )


def ledger_sum(metric: str) -> int:
    entries = LedgerEntry.objects.filter(metric=metric)
    return entries.aggregate(sum=Sum("delta"))["sum"] or 0


def views_of(kind: str, ids: Collection[int]) -> dict[int, int]:
    """All views by object id, zeros included; one query."""
    rows = PageTotal.objects.filter(kind=kind, object_id__in=ids)
    found = dict(rows.values_list("object_id", "views"))
    return {number: found.get(number, 0) for number in ids}


def most_read(kind: str, days: int, limit: int) -> dict[int, int]:
    """The objects of a kind with most views in the last `days` local days, today too.

    Views of these days by id, most first; one query.
    """
    since = clock.days_before(clock.today(), days - 1)
    rows = PageDay.objects.filter(kind=kind, day__gte=since)
    read = rows.values_list("object_id").annotate(read=Sum("views"))
    return dict(read.order_by("-read", "-object_id")[:limit])


def article_views(ids: Collection[int]) -> dict[int, int]:
    return views_of("article", ids)
