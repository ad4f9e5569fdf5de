"""Receive times and local days.

One function turns an instant into the site's local day, and everybody uses it:
counters, salts and tokens would otherwise disagree for seven hours a day.
Instants are whole milliseconds since 1970 UTC; the browser's clock is never read.
"""

import time
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.conf import settings

DAY_MS = 24 * 60 * 60 * 1000
# All zones of today differ from UTC by whole quarters of an hour, summer time too.
_QUARTER_MS = 15 * 60 * 1000


@lru_cache(maxsize=8)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def local(ms: int) -> datetime:
    """The instant as an aware datetime in the site's time zone."""
    whole, rest = divmod(ms, 1000)
    moment = datetime.fromtimestamp(whole, _zone(settings.TIME_ZONE))
    return moment.replace(microsecond=rest * 1000)


def local_day(ms: int) -> date:
    return local_hour(ms)[0]


def local_hour(ms: int) -> tuple[date, int]:
    """The local day of an instant and the hour of it."""
    return _local_quarter(ms // _QUARTER_MS, settings.TIME_ZONE)


@lru_cache(maxsize=4096)
def _local_quarter(number: int, _zone_name: str) -> tuple[date, int]:
    moment = local(number * _QUARTER_MS)
    return moment.date(), moment.hour


def today() -> date:
    return local_day(now_ms())


def days_before(day: date, days: int) -> date:
    return day - timedelta(days=days)
