"""One row for each browser that is signed in."""

from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


def end_of(created_at: datetime, seen_at: datetime) -> datetime:
    """Return when a session ends: idle too long, or simply old."""
    return min(
        created_at + timedelta(hours=settings.SESSION_HOURS),
        seen_at + timedelta(minutes=settings.SESSION_IDLE_MINUTES),
    )


class SessionQuerySet(models.QuerySet):
    def going_on(self, now: datetime | None = None):
        """Sessions of accounts that have not ended, the last seen first."""
        now = now or timezone.now()
        found = self.filter(user__isnull=False, expire_date__gt=now)
        return found.order_by("-last_seen_at")


class Session(AbstractBaseSession):
    """`session_key` is the secret of its browser; pages name a session by `handle`.

    The address is kept whole: one cut short would not tell its owner a foreign one, the
    audit log has it anyway, and the row is gone a day after the session has ended.
    """

    handle = models.UUIDField(default=uuid4, unique=True, editable=False)
    # None: nobody has signed in with it yet.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=gettext_lazy("person"),
        null=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    # Of the sign-in: a new one has a new key and a new row.
    created_at = models.DateTimeField(default=timezone.now)
    # Written at most once a minute, and only for what a person does.
    last_seen_at = models.DateTimeField(default=timezone.now)
    address = models.CharField(max_length=64, blank=True)
    browser = models.CharField(max_length=20, blank=True)
    system = models.CharField(max_length=20, blank=True)

    objects = BaseSessionManager.from_queryset(SessionQuerySet)()

    class Meta(AbstractBaseSession.Meta):
        verbose_name = gettext_lazy("session")
        verbose_name_plural = gettext_lazy("sessions")
        default_permissions = ("view", "delete")
        permissions = [("release_lockout", "See and release lockouts")]

    def __str__(self):
        return self.device

    def save(self, *args, force_update=False, **kwargs):
        if force_update:  # by the store, which knows the data and nothing else
            kwargs.setdefault("update_fields", ["session_data", "user"])
        super().save(*args, force_update=force_update, **kwargs)

    @property
    def device(self) -> str:
        """The browser in words."""
        if self.browser and self.system:
            names = {"browser": self.browser, "system": self.system}
            return _("%(browser)s on %(system)s") % names
        return self.browser or self.system or _("An unknown browser")

    @classmethod
    def get_session_store_class(cls):
        from portal.sessions.store import SessionStore

        return SessionStore
