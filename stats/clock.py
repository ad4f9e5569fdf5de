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
    return local(ms).date()


def today() -> date:
    return local_day(now_ms())


def days_before(day: date, days: int) -> date:
    return day - timedelta(days=days)
