"""What `portal`'s housekeeping thread does for visits, once a second on each host."""

import os

from django.conf import settings

from . import clock, drainer, salts
from .models import Hour, Visitor

HOURS_DAYS = 400  # how long the figures by hour are kept
PURGE_EVERY_MS = 10 * 60_000
LAST_DRAIN = "last-drain"  # its modification time is the last completed drain

_purged_ms = 0
_salts_day = None


def tick() -> drainer.Drained:
    """Drain the spool; make salts ahead; now and then erase what is due.

    Raises DatabaseError when the database is away: nothing is lost by it.
    """
    global _salts_day, _purged_ms
    now_ms = clock.now_ms()
    today = clock.local_day(now_ms)
    if _salts_day != today:
        salts.ensure(today)
        _salts_day = today
    drained = drainer.drain()
    _note_drain()
    if not 0 <= now_ms - _purged_ms < PURGE_EVERY_MS:
        # After a drain: hashes of a day whose lines still wait must stay.
        purge(now_ms)
        _purged_ms = now_ms
    return drained


def purge(now_ms: int) -> None:
    """Erase salts and hashes after two days, hours after 400, old positions."""
    today = clock.local_day(now_ms)
    salts.erase_old(today)
    Visitor.objects.filter(day__lt=clock.days_before(today, 1)).delete()
    Hour.objects.filter(day__lt=clock.days_before(today, HOURS_DAYS)).delete()
    drainer.purge_positions(now_ms)


def _note_drain() -> None:
    path = settings.SPOOL_DIR / LAST_DRAIN
    try:
        os.utime(path)
    except FileNotFoundError:
        settings.SPOOL_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
