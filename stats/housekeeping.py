"""What `portal`'s housekeeping thread does for visits, once a second on each host."""

import logging

from django.conf import settings

from . import clock, drainer, health, recent, salts, spool
from .models import Hour, Visitor

logger = logging.getLogger(__name__)

HOURS_DAYS = 400  # how long the figures by hour are kept
PURGE_EVERY_MS = 10 * 60_000

_purged_ms = 0
_salts_day = None


def tick() -> drainer.Drained:
    """Drain the spool; make salts ahead; sum up what was read; erase what is due.

    Raises DatabaseError when the database is away: nothing is lost by it.
    """
    global _salts_day, _purged_ms
    now_ms = clock.now_ms()
    today = clock.local_day(now_ms)
    if _salts_day != today:
        salts.ensure(today)
        if _salts_day is None and spool.is_volatile(settings.SPOOL_DIR):
            logger.warning(
                "%s does not outlive this container or machine: visits that wait there"
                " would be lost with it. Put DATA_DIR on a disk.",
                settings.SPOOL_DIR,
            )
        _salts_day = today
    drained = drainer.drain()
    health.note(health.LAST_DRAIN)
    if drained.clamped:
        health.note(health.LAST_WRONG_CLOCK)
    if not 0 <= now_ms - _purged_ms < PURGE_EVERY_MS:
        # After a drain: hashes of a day whose lines still wait must stay.
        purge(now_ms)
        _purged_ms = now_ms
    recent.keep_up()
    return drained


def purge(now_ms: int) -> None:
    """Erase salts and hashes after two days, hours after 400, old positions."""
    today = clock.local_day(now_ms)
    salts.erase_old(today)
    Visitor.objects.filter(day__lt=clock.days_before(today, 1)).delete()
    Hour.objects.filter(day__lt=clock.days_before(today, HOURS_DAYS)).delete()
    drainer.purge_positions(now_ms)
