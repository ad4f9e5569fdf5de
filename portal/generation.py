"""The content generation: one number in the database that every public change moves.

`bump()` runs inside the transaction of the change, so a process killed after
its commit cannot leave a withdrawn article in a cache. `edition()` is what
caches compare: it changes with the number and at every instant at which the
public set changes by itself.
"""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import OperationalError, connection, transaction
from django.db.models import F, Min
from django.utils import timezone

from news.models import Article, ListEntry, State
from portal.models import ContentState

# The visit numbers printed in a page are at most this old without JavaScript.
COUNTER_MAX_AGE = timedelta(minutes=5)


@dataclass(frozen=True)
class Edition:
    """What caches are keyed by: equal editions show the same public content."""

    generation: int
    since: datetime


# A database that hangs must not hold every reader behind one asking thread.
LOCK_SECONDS = 0.5

_lock = threading.Lock()
_known: Edition | None = None
_next_change: datetime | None = None
# The same for what readers see apart from the printed counter.
_content_since: datetime | None = None
_next_content: datetime | None = None


def bump() -> None:
    """Move the generation in the current transaction; tell this process after it."""
    if not ContentState.objects.filter(pk=1).update(
        generation=F("generation") + 1, ever_used=True
    ):
        ContentState.objects.create(pk=1, ever_used=True)
    # run_on_commit is emptied by a rollback, so a lost call cannot hide here.
    if not any(func is _after_commit for _, func, *_ in connection.run_on_commit):
        transaction.on_commit(_after_commit)


def _after_commit() -> None:
    if _known is not None:
        refresh()


def stored_generation() -> int:
    """Return the generation in the database; 0 before anything was written."""
    return (
        ContentState.objects.filter(pk=1).values_list("generation", flat=True).first()
        or 0
    )


def next_timed_change(after: datetime) -> datetime:
    """Return the next instant at which pages grow old by themselves.

    The earliest of a publication, an end, a list entry's start or end and local
    midnight.
    """
    local = timezone.localtime(after)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    times = [midnight + timedelta(days=1)]
    published = Article.objects.filter(state=State.PUBLISHED).order_by()
    for queryset, field in (
        (published, "published_at"),
        (published, "expires_at"),
        (ListEntry.objects.order_by(), "starts_at"),
        (ListEntry.objects.order_by(), "ends_at"),
    ):
        found = queryset.filter(**{f"{field}__gt": after}).aggregate(t=Min(field))["t"]
        if found:
            times.append(found)
    return min(times)


def refresh(now: datetime | None = None) -> Edition:
    """Read the generation and remember it for this process; called twice a second.

    Raises DatabaseError when the database is away, also when another thread has
    been waiting for its answer.
    """
    global _known, _next_change, _content_since, _next_content
    now = now or timezone.now()
    if not _lock.acquire(timeout=LOCK_SECONDS):
        raise OperationalError("The database has not answered another thread.")
    try:
        generation = stored_generation()
        moved = (
            _known is None
            or _known.generation != generation
            or now < _known.since  # the clock was set back
        )
        if moved or now >= _next_change:
            if moved or now >= _next_content:
                _content_since = now
            _next_content = next_timed_change(now)
            _next_change = min(_next_content, now + COUNTER_MAX_AGE)
            _known = Edition(generation, now)
        return _known
    finally:
        _lock.release()


def is_last_known(stored: Edition) -> bool:
    """Say whether a page of this edition shows the content last known here.

    What a page cache may go on showing while the database is away: the printed
    counter may be old, the articles may not.
    """
    return (
        _known is not None
        and stored.generation == _known.generation
        and stored.since >= _content_since
    )


def edition(now: datetime | None = None) -> Edition | None:
    """Return the edition that this process knows, or None when it must ask.

    None without a watcher (management commands, tests) and from the instant of
    a timed change until the watcher has looked.
    """
    now = now or timezone.now()
    known, next_change = _known, _next_change
    if known is None or next_change is None or now >= next_change:
        return None
    return known


def current(now: datetime | None = None) -> Edition:
    """Return the edition, asking the database when this process does not know."""
    known = edition(now)
    if known is not None:
        return known
    if _known is not None:
        return refresh(now)
    return Edition(stored_generation(), now or timezone.now())


def forget() -> None:
    """Return to the state of a process without a watcher (used by tests)."""
    global _known, _next_change, _content_since, _next_content
    _known = _next_change = _content_since = _next_content = None
