"""What is known of the last backup and of the last look for manipulations.

Both are parts of their own (portal.backup, portal.integrity) that keep what they found;
here it becomes times, for the health panel and the figures.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone


@dataclass(frozen=True)
class Backup:
    """Aware times; None: never."""

    at: datetime | None
    # Of which time there is a file that was restored and compared, and when it was.
    proved_of: datetime | None
    proved_at: datetime | None
    failed_at: datetime | None  # the last proof, if it failed
    missing: int = 0  # files that the newest lacks though its database names them


@dataclass(frozen=True)
class Audit:
    at: datetime | None  # None: what is kept was not written by the application
    findings: int
    is_complete: bool = True
    strays: int = 0  # of the findings: files that interrupted uploads may have left


def last_backup() -> Backup | None:
    """Return what is known of backups; None when none was ever made here."""
    try:
        from portal import backup
    except ImportError:  # a portal without that part
        return None
    known = backup.last()
    if known is None:
        return None
    return Backup(
        at=_time(known.made_at),
        proved_of=_time(known.proved_made_at),
        proved_at=_time(known.proved_at),
        failed_at=_time(known.failed_at),
        missing=known.missing,
    )


def last_audit() -> Audit | None:
    """Return what `audit_site` found last; None when it never ran here."""
    try:
        from portal.integrity import audit
    except ImportError:
        return None
    try:
        known = audit.last()
    except audit.keys.Forged:
        return Audit(None, 0)
    if known is None:
        return None
    return Audit(
        _time(known["at"]),
        known["count"],
        known["is_complete"],
        known.get("strays", 0),  # unknown to former versions
    )


def _time(value: str | datetime) -> datetime | None:
    if not value:
        return None
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found if timezone.is_aware(found) else timezone.make_aware(found)
