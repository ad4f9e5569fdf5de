"""What the clock asks for: old sessions and failures go, idle accounts are disabled."""

from datetime import date, datetime, timedelta

from django.utils import timezone

from portal.sessions import idle, late_forms, lockout
from portal.sessions.models import Session

EVERY = timedelta(minutes=1)

_done_at: datetime | None = None
_idle_on: date | None = None


def tick(now: datetime | None = None) -> None:
    """Once a minute erase what has ended; once a local day look for idle accounts."""
    global _done_at, _idle_on
    now = now or timezone.now()
    if _done_at is None or not timedelta(0) <= now - _done_at < EVERY:
        erase_old(now)
        _done_at = now
    today = timezone.localdate(now)
    if _idle_on != today:
        idle.disable(now)
        _idle_on = today


def erase_old(now: datetime) -> None:
    """Erase sessions a day after their end, and failed sign-ins that count no more.

    Those that nobody signed in with hold no form that could come late.
    """
    Session.objects.filter(user=None, expire_date__lte=now).delete()
    Session.objects.filter(expire_date__lte=now - late_forms.KEPT).delete()
    lockout.erase_old(now)


def forget() -> None:
    """Let the next tick do everything (used by tests)."""
    global _done_at, _idle_on
    _done_at = _idle_on = None
