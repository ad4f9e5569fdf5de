"""Accounts that nobody has used for ACCOUNT_IDLE_DAYS are disabled, once a day."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from portal import audit
from portal.audit.models import Action, AuditEntry
from portal.models import DemoRecord, User

TOLD_DAYS = 7  # how long the administrators' desk names what was disabled


def disable(now: datetime | None = None) -> list[User]:
    """Disable idle accounts and return them; the last active superuser stays.

    The days count from the last sign-in, or from when the account was first found
    active: a new one and one enabled again have all of them. 0 days: never.
    """
    now = now or timezone.now()
    User.objects.filter(is_active=False).exclude(idle_from=None).update(idle_from=None)
    User.objects.filter(is_active=True, idle_from=None).update(idle_from=now)
    if not settings.ACCOUNT_IDLE_DAYS:
        return []
    disabled = []
    for user in _idle(now):
        with audit.together():
            if stays(user):
                continue
            user.is_active, user.idle_from = False, None
            user.save(update_fields=["is_active", "idle_from"])
            days = {"days": settings.ACCOUNT_IDLE_DAYS}
            note = _("not used for %(days)s days") % days
            audit.record(Action.DISABLED_IDLE, object=user, note=note)
        disabled.append(user)
    return disabled


def told() -> list[str]:
    """The names of accounts that were disabled lately and still are; one query."""
    since = timezone.now() - timedelta(days=TOLD_DAYS)
    entries = AuditEntry.objects.filter(
        action=Action.DISABLED_IDLE, created_at__gte=since
    ).order_by()
    ids = [int(pk) for pk in entries.values_list("object_id", flat=True)]
    found = User.objects.filter(pk__in=ids, is_active=False) if ids else []
    return sorted(user.username for user in found)


def end_of(user: User) -> datetime:
    """When an account that housekeeping knows will have been idle for all its days."""
    used = max(filter(None, (user.idle_from, user.last_login)))
    return used + timedelta(days=settings.ACCOUNT_IDLE_DAYS)


def unwarned(moment: datetime) -> QuerySet[User]:
    """Accounts with an address, idle at `moment`, not warned since they were used."""
    before = Q(idle_warned_at__lt=F("idle_from")) | Q(
        idle_warned_at__lt=F("last_login")
    )
    found = _idle(moment).exclude(email="")
    return found.filter(Q(idle_warned_at=None) | before)


def stays(user: User) -> bool:
    """The last active superuser is never disabled."""
    return user.is_superuser and not _others(user).exists()


def _idle(now: datetime) -> QuerySet[User]:
    """Idle accounts; superusers that signed in last come last, so that one stays."""
    since = now - timedelta(days=settings.ACCOUNT_IDLE_DAYS)
    # A demo waits to be looked at for as long as it likes.
    demo = DemoRecord.objects.filter(model=User._meta.label_lower)
    unused = Q(last_login=None, pk__in=demo.values("object_id"))
    return (
        User.objects.filter(is_active=True, idle_from__lte=since)
        .filter(Q(last_login=None) | Q(last_login__lte=since))
        .exclude(unused)
        .order_by("is_superuser", F("last_login").asc(nulls_first=True), "pk")
    )


def _others(user: User) -> QuerySet[User]:
    found = User.objects.filter(is_superuser=True, is_active=True, is_staff=True)
    return found.exclude(pk=user.pk)
