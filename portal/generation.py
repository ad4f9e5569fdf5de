"""The content generation: one number in the database that every public change moves.

`bump()` runs inside the transaction of the change, so a process killed after
its commit cannot leave a withdrawn article in a cache. `edition()` is what
caches compare: it changes with the number and at every instant at which the
public set changes by itself. It follows from the database and the clock alone, so
all processes name the same edition, and the folders on disk after it.
"""

import contextlib
import re
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.models import F, Min
from django.utils import timezone

from news.models import Article, ListEntry, State
from news.sitemaps import NEWS_AGE
from portal.models import ContentState

# The visit numbers printed in a page are at most this old without JavaScript.
COUNTER_MAX_AGE = timedelta(minutes=5)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAME = re.compile(r"([0-9]{1,19})-([0-9]{8}T[0-9]{12})Z")


@dataclass(frozen=True)
class Edition:
    """What caches are keyed by: equal editions show the same public content."""

    generation: int
    until: datetime  # aware; when it ends by itself

    @property
    def name(self) -> str:
        """The name of its folder on disk, for example 412-20261126T043000000000Z."""
        return f"{self.generation}-{self.until.astimezone(UTC):%Y%m%dT%H%M%S%f}Z"

    @classmethod
    def named(cls, name: str) -> "Edition | None":
        """Return the edition of a folder; None when the name is no edition's."""
        match = _NAME.fullmatch(name)
        if match is None:
            return None
        try:
            until = datetime.strptime(match[2], "%Y%m%dT%H%M%S%f")
        except ValueError:
            return None
        return cls(int(match[1]), until.replace(tzinfo=UTC))


# A database that hangs must not hold every reader behind one asking thread.
LOCK_SECONDS = 0.5

# Set when this process has committed a public change: the watcher looks at once.
moved = threading.Event()

_lock = threading.Lock()
_known: Edition | None = None
_since: datetime | None = None  # when it was found
# The same for what readers see apart from the printed counter.
_content_since: datetime | None = None
_next_content: datetime | None = None
# The edition known before, and monotonic times: of the last look, and of the last
# look that still found the edition before.
_before: Edition | None = None
_looked: float = 0.0
_before_seen: float = 0.0


def bump(takes_away: bool = False) -> None:
    """Move the generation in the current transaction; tell this process after it.

    `takes_away` says that readers may lose something by the change: what was kept
    of earlier editions is then not even shown while the application is down.
    """
    moved_on = {"generation": F("generation") + 1, "ever_used": True}
    if takes_away:
        moved_on["taken_away_at"] = F("generation") + 1
    if not ContentState.objects.filter(pk=1).update(**moved_on):
        ContentState.objects.create(
            pk=1, ever_used=True, taken_away_at=1 if takes_away else 0
        )
    # run_on_commit is emptied by a rollback, so a lost call cannot hide here.
    if not any(func is _after_commit for _, func, *_ in connection.run_on_commit):
        transaction.on_commit(_after_commit)


def renew() -> None:
    """Begin a new edition for a new version of the program; the content is the same."""
    ContentState.objects.filter(pk=1).update(generation=F("generation") + 1)


def _after_commit() -> None:
    if _known is None:
        return
    # The change is made, whatever the database says now; the watcher looks again.
    with contextlib.suppress(DatabaseError):
        refresh()
    moved.set()


def stored_generation() -> int:
    """Return the generation in the database; 0 before anything was written."""
    return (
        ContentState.objects.filter(pk=1).values_list("generation", flat=True).first()
        or 0
    )


def next_timed_change(after: datetime) -> datetime:
    """Return the next instant at which pages grow old by themselves.

    The earliest of a publication, an end, an article leaving the site map of news, a
    list entry's start or end and local midnight.
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
    recent = published.filter(published_at__gt=after - NEWS_AGE)
    if oldest := recent.aggregate(t=Min("published_at"))["t"]:
        times.append(oldest + NEWS_AGE)
    return min(times)


def _counter_ends(now: datetime) -> datetime:
    """Return the end of the five minutes by the clock that `now` lies in."""
    return now + COUNTER_MAX_AGE - (now - _EPOCH) % COUNTER_MAX_AGE


def refresh(now: datetime | None = None) -> Edition:
    """Read the generation and remember it for this process; called twice a second.

    Raises DatabaseError when the database is away, also when another thread has
    been waiting for its answer.
    """
    global _known, _since, _content_since, _next_content
    global _before, _looked, _before_seen
    if not _lock.acquire(timeout=LOCK_SECONDS):
        raise OperationalError("The database has not answered another thread.")
    try:
        now = now or timezone.now()
        looks = time.monotonic()
        generation = stored_generation()
        changed = (
            _known is None
            or _known.generation != generation
            or now < _since  # the clock was set back
        )
        if changed or now >= _known.until:
            if changed or now >= _next_content:
                _content_since = now
            _next_content = next_timed_change(now)
            _before, _before_seen = _known, _looked
            _known = Edition(generation, min(_next_content, _counter_ends(now)))
            _since = now
        _looked = looks
        return _known
    finally:
        _lock.release()


def just_ended(seconds: float) -> Edition | None:
    """Return the edition before the present one if it ended at most so long ago.

    Counted from the last look that still found it, so never too generously.
    """
    return _before if time.monotonic() - _before_seen < seconds else None


def is_last_known(stored: Edition) -> bool:
    """Say whether a page of this edition shows the content last known here.

    What a page cache may go on showing while the database is away: the printed
    counter may be old, the articles may not.
    """
    return (
        _known is not None
        and stored.generation == _known.generation
        and stored.until > _content_since
    )


def may_follow(earlier: Edition, now: datetime | None = None) -> bool:
    """Say whether pages of `earlier` show nothing that was taken from readers since.

    Raises DatabaseError.
    """
    now = now or timezone.now()
    taken = ContentState.objects.filter(pk=1, taken_away_at__gt=earlier.generation)
    ended = Article.objects.filter(
        state=State.PUBLISHED, expires_at__gte=earlier.until, expires_at__lte=now
    )
    return not (taken.exists() or ended.exists())


def edition(now: datetime | None = None) -> Edition | None:
    """Return the edition that this process knows, or None when it must ask.

    None without a watcher (management commands, tests) and from the instant of
    a timed change until the watcher has looked.
    """
    known = _known
    if known is None or (now or timezone.now()) >= known.until:
        return None
    return known


def current(now: datetime | None = None) -> Edition:
    """Return the edition, asking the database when this process does not know.

    A process without a watcher gets one that is over at once and equals no other.
    """
    known = edition(now)
    if known is not None:
        return known
    if _known is not None:
        return refresh(now)
    return Edition(stored_generation(), now or timezone.now())


def has_moved(earlier: Edition) -> bool:
    """Ask the database whether an edition that was current is over.

    By the number alone in a process without a watcher. Raises DatabaseError.
    """
    if _known is None:
        return stored_generation() != earlier.generation
    return refresh() != earlier


def forget() -> None:
    """Return to the state of a process without a watcher (used by tests)."""
    global _known, _since, _content_since, _next_content
    global _before, _looked, _before_seen
    _known = _since = _content_since = _next_content = _before = None
    _looked = _before_seen = 0.0
    moved.clear()
