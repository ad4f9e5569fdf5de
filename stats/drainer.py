"""From spool to counters, exactly once.

Counters and segment positions change in one transaction, so a drainer killed at any
instant has done all of a batch or nothing of it. Positions are compared inside the
transaction: a second drainer finds them moved and does nothing. Increments are
additive, so drainers of several hosts may share one database.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from . import clock, counting, registry, spool
from .counting import SOURCE_MS, Limits, Source, Tally, View, VisitorState
from .lines import Hit
from .models import PageTotal, RefDay, SpoolPosition, Visitor
from .reading import Batch, read_batch
from .upsert import insert_only, upsert

logger = logging.getLogger(__name__)

HOLD_MS = 1000  # lines of other workers may still arrive within this time
KEEP_POSITIONS_MS = 48 * 3600_000  # of segments that are gone
BATCH_LINES = 2000  # one transaction: some 60 ms of SQLite's only write lock
HOSTS_A_DAY = 200
ADVISORY_LOCK = 7_312_001  # PostgreSQL: one drainer at a time over all hosts

_sources: dict[int, Source] = {}  # in this process's memory alone
_swept_ms = 0


@dataclass(slots=True)
class Drained:
    lines: int = 0
    views: int = 0
    damaged: int = 0
    clamped: int = 0
    segments_removed: int = 0


def drain(now_ms: int | None = None, hold_ms: int = HOLD_MS) -> Drained:
    """Count everything in the spool that is older than `hold_ms`.

    Raises DatabaseError when the database is away; the lines wait.
    """
    done = Drained()
    while True:
        at = clock.now_ms() if now_ms is None else now_ms
        batch = _drain_batch(at, hold_ms, done)
        if batch is None or not batch.more or not batch.spans:
            return done


def _drain_batch(now_ms: int, hold_ms: int, done: Drained) -> Batch | None:
    paths = spool.segments()
    if not paths:
        return None
    batch = read_batch(paths, positions(paths), now_ms, hold_ms, BATCH_LINES)
    if batch.spans:
        hits = _published_only(batch.hits)
        with transaction.atomic():
            if not _take_positions(batch, now_ms):
                return None  # another drainer has counted these
            tally = _count(hits, batch)
            _write(tally)
        _remember_sources(tally, now_ms)
        done.views += sum(day.views for day in tally.days.values())
    done.lines += len(batch.hits)
    done.damaged += len(batch.damaged_ms)
    done.clamped += batch.clamped
    if batch.damaged_ms or batch.clamped:
        logger.warning(
            "visit spool: %d damaged lines, %d with a wrong clock",
            len(batch.damaged_ms),
            batch.clamped,
        )
    done.segments_removed += _remove(batch)
    return batch


def positions(paths: list[Path]) -> dict[str, int]:
    """How many bytes of these segments are counted; none of a segment not begun."""
    found: dict[str, int] = {}
    for first in range(0, len(paths), 500):
        names = [path.name for path in paths[first : first + 500]]
        rows = SpoolPosition.objects.filter(segment__in=names)
        found.update(rows.values_list("segment", "pos"))
    return found


def _published_only(hits: list[Hit]) -> list[Hit]:
    """Hits of pages that are no longer public become dropped ones, with a reason."""
    wanted: dict[str, set[int]] = {}
    for hit in hits:
        if not hit.reason:
            wanted.setdefault(hit.kind, set()).add(hit.object_id)
    public = {kind: registry.public_ids(kind, ids) for kind, ids in wanted.items()}
    return [
        hit
        if hit.reason or hit.object_id in public[hit.kind]
        else Hit(ms=hit.ms, reason="not_public")
        for hit in hits
    ]


def lock_out_drainers() -> None:
    """Let no drainer of any host count until the present transaction ends."""
    # SQLite has one writer anyway, and its transactions here begin IMMEDIATE.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])


def _take_positions(batch: Batch, now_ms: int) -> bool:
    """Move the positions; False if one is not where the batch began."""
    spans = {span.name: span for span in batch.spans}
    lock_out_drainers()
    with connection.cursor() as cursor:
        # A write first: on SQLite it takes the write lock before anything is read.
        insert_only(
            cursor,
            "stats_spool_pos",
            ("segment", "pos", "updated_ms"),
            [(name, 0, now_ms) for name in sorted(spans)],
        )
    stored = SpoolPosition.objects.filter(segment__in=spans)
    if any(row.pos != spans[row.segment].start for row in stored):
        return False
    for span in batch.spans:
        SpoolPosition.objects.filter(segment=span.name).update(
            pos=span.end, updated_ms=now_ms
        )
    return True


def _count(hits: list[Hit], batch: Batch) -> Tally:
    """Apply the rules and store what they must remember; inside the transaction."""
    tally = Tally()
    keys = {(clock.local_day(h.ms), h.visitor) for h in hits if h.visitor}
    states = _load_states(keys)
    limits = Limits(_sources, settings.STATS_VISITS_PER_ADDRESS)
    counting.count(hits, states, tally, limits)
    for ms in batch.damaged_ms:
        tally.dropped[clock.local_day(ms), "damaged_line"] += 1
    _store_states({key: states[key] for key in keys if key in states})
    return tally


def _remember_sources(tally: Tally, now_ms: int) -> None:
    """Keep what is known of addresses, after the commit; forget what is over."""
    global _swept_ms
    _sources.update(tally.sources)
    if abs(now_ms - _swept_ms) > SOURCE_MS:
        _swept_ms = now_ms
        for number, source in list(_sources.items()):
            if abs(now_ms - source.begun_ms) > SOURCE_MS:
                del _sources[number]


def _load_states(keys: Iterable[counting.VisitorKey]) -> dict:
    by_day: dict[date, list[int]] = {}
    for day, visitor in keys:
        by_day.setdefault(day, []).append(visitor)
    states = {}
    for day, visitors in by_day.items():
        for first in range(0, len(visitors), 500):
            rows = Visitor.objects.filter(
                day=day, vh__in=visitors[first : first + 500]
            ).values_list("vh", "visit_ms", "last_ms", "views", "visits", "recent")
            for vh, *numbers, recent in rows:
                states[day, vh] = VisitorState(*numbers, unpack_recent(recent))
    return states


def _store_states(states: dict[counting.VisitorKey, VisitorState]) -> None:
    rows = [
        (
            day,
            visitor,
            state.visit_ms,
            state.last_ms,
            state.views,
            state.visits,
            pack_recent(state.recent),
        )
        for (day, visitor), state in sorted(states.items())
    ]
    names = ("visit_ms", "last_ms", "views", "visits", "recent")
    with connection.cursor() as cursor:
        upsert(cursor, "stats_visitor", ("day", "vh"), rows, replace=names)


def pack_recent(views: list[View]) -> str:
    """`article.12:1763900000000+5000 ...`: page, first report, milliseconds more."""
    return " ".join(
        f"{view.page}:{view.first_ms}+{view.last_ms - view.first_ms}" for view in views
    )


def unpack_recent(text: str) -> list[View]:
    views = []
    for part in text.split():
        page, _, times = part.partition(":")
        first, _, more = times.partition("+")
        views.append(View(page, int(first), int(first) + int(more)))
    return views


def _write(tally: Tally) -> None:
    """Add a tally to the tables. Rows are sorted, so that writers cannot deadlock."""
    days = [
        (
            day,
            counts.views,
            counts.visits,
            counts.visitors,
            counts.bot_views,
            counts.suspect_views,
            counts.nojs_views,
            counts.private_views,
            False,
        )
        for day, counts in sorted(tally.days.items())
    ]
    both = ("views", "visits")
    pages = [(*key, *pair) for key, pair in sorted(tally.pages.items())]
    with connection.cursor() as cursor:
        upsert(cursor, "stats_day", ("day",), days, add=DAY_COLUMNS, keep=("is_demo",))
        hours = [(*key, *pair) for key, pair in sorted(tally.hours.items())]
        upsert(cursor, "stats_hour", ("day", "hour"), hours, add=both)
        page_key = ("day", "kind", "object_id")
        upsert(cursor, "stats_page_day", page_key, pages, add=both)
        add_page_totals(cursor, pages)
        hosts = _limited(tally.hosts)
        upsert(cursor, "stats_ref_day", ("day", "host"), hosts, add=both)
        dropped = [(*key, n) for key, n in sorted(tally.dropped.items())]
        upsert(cursor, "stats_dropped_day", ("day", "reason"), dropped, add=("n",))


DAY_COLUMNS = (
    "views",
    "visits",
    "visitors",
    "bot_views",
    "suspect_views",
    "nojs_views",
    "private_views",
)


def add_page_totals(cursor, pages: Iterable[tuple]) -> None:
    """Add rows of (day, kind, id, views, visits) to the totals by object."""
    totals: dict[tuple[str, int], list] = {}
    for day, kind, object_id, views, _visits in pages:
        total = totals.setdefault((kind, object_id), [0, day])
        total[0] += views
        total[1] = max(total[1], day)
    rows = [(*key, *total) for key, total in sorted(totals.items())]
    upsert(
        cursor,
        PageTotal._meta.db_table,
        ("kind", "object_id"),
        rows,
        add=("views",),
        latest=("last_day",),
    )


def _limited(hosts: dict[tuple, list[int]]) -> list[tuple]:
    """Referring hosts, all those after the first 200 of a day as one."""
    known: dict[date, set[str]] = {}
    limited: dict[tuple, list[int]] = {}
    for (day, host), (views, visits) in sorted(hosts.items()):
        if day not in known:
            rows = RefDay.objects.filter(day=day)
            known[day] = set(rows.values_list("host", flat=True))
        if host not in known[day] and len(known[day]) >= HOSTS_A_DAY:
            host = RefDay.OTHER
        known[day].add(host)
        pair = limited.setdefault((day, host), [0, 0])
        pair[0] += views
        pair[1] += visits
    return [(*key, *pair) for key, pair in sorted(limited.items())]


def _remove(batch: Batch) -> int:
    """Remove dead segments that are counted to their end; after the commit."""
    removed = 0
    for path in batch.finished:
        try:
            path.unlink(missing_ok=True)
            removed += 1
        except OSError as error:
            logger.error("visit segment %s cannot be removed: %s", path, error)
    return removed


def purge_positions(now_ms: int) -> None:
    """Forget the positions of segments that are gone for two days.

    Not sooner: the segment may be back from a backup of the spool, or lie on another
    host of the same database whose drainer stands still.
    """
    present = {path.name for path in spool.segments(settings.SPOOL_DIR)}
    old = SpoolPosition.objects.filter(updated_ms__lt=now_ms - KEEP_POSITIONS_MS)
    gone = [
        name for name in old.values_list("segment", flat=True) if name not in present
    ]
    for first in range(0, len(gone), 500):
        SpoolPosition.objects.filter(segment__in=gone[first : first + 500]).delete()
