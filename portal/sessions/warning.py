"""Warns people by mail that their account will be disabled, once in each idle time.

In the thread for mail. An account is claimed before its mail goes out, so two hosts
never warn twice; what a server refuses is tried again. A process killed in between
leaves somebody without a warning: better than two of them, and an administrator
enables the account in a moment.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from news import hooks
from portal import audit
from portal.audit.models import Action
from portal.models import SiteSettings, User
from portal.notices import mail
from portal.sessions import idle

logger = logging.getLogger(__name__)

DAYS_BEFORE = 7
EVERY = timedelta(hours=3)  # so also between two attempts of one mail

_done_at: datetime | None = None


def tick(now: datetime | None = None) -> None:
    """Look every three hours whom to warn."""
    global _done_at
    now = now or timezone.now()
    if _done_at is None or not timedelta(0) <= now - _done_at < EVERY:
        _done_at = now
        send_due(now)


def forget() -> None:
    """Let the next tick look (used by tests)."""
    global _done_at
    _done_at = None


def send_due(now: datetime) -> int:
    """Warn whom nobody has warned since the last sign-in; return how many mails went.

    Where the days are few, half of them have to pass first.
    """
    ahead = timedelta(days=min(DAYS_BEFORE, settings.ACCOUNT_IDLE_DAYS // 2))
    if not (settings.SENDS_MAIL and ahead):
        return 0
    sent = 0
    for user in idle.unwarned(now + ahead):
        if idle.end_of(user) <= now or idle.stays(user) or not _claim(user, now):
            continue
        try:
            sent += get_connection(timeout=settings.EMAIL_TIMEOUT).send_messages(
                [message(user)]
            )
        except mail.OF_ONE_MAIL as error:
            _put_back(user, error)
        except OSError as error:  # smtplib's too: of the server
            _put_back(user, error)
            break
        else:
            day = {"day": _day(user)}
            note = _("by e-mail; disabled on %(day)s") % day
            audit.record(Action.WARNED_IDLE, object=user, note=note)
    return sent


def _claim(user: User, now: datetime) -> bool:
    same = User.objects.filter(pk=user.pk, idle_warned_at=user.idle_warned_at)
    return bool(same.update(idle_warned_at=now))


def _put_back(user: User, error: Exception) -> None:
    # The text of an error may repeat what was sent to the server.
    logger.warning(
        "warning of idle account %s: %s; it is tried again",
        user.pk,
        type(error).__name__,
    )
    User.objects.filter(pk=user.pk).update(idle_warned_at=user.idle_warned_at)


def message(user: User) -> EmailMessage:
    """Return the mail: plain text, one link. It goes without a wish for notices."""
    site = SiteSettings.load().name or hooks.site_url()
    words = {
        "site": site,
        "name": user.username,
        "day": _day(user),
        "days": settings.ACCOUNT_IDLE_DAYS,
        "link": hooks.site_url() + reverse("admin:index"),
    }
    subject = _("%(site)s: account %(name)s will be disabled on %(day)s") % words
    lines = [
        _("Nobody has signed in with your account %(name)s for a long time.") % words,
        _("It will be disabled on %(day)s, %(days)s days after its last use.") % words,
        "",
        _("To keep it, sign in before that day: %(link)s") % words,
        _("Once it is disabled, only an administrator can enable it again."),
        _("If you need it no more, you have nothing to do."),
        *("", "-- ", site),
    ]
    return EmailMessage(
        subject=" ".join(subject.split()),
        body="\n".join(lines),
        to=[user.email],
        headers={"Auto-Submitted": "auto-generated"},
    )


def _day(user: User) -> str:
    return f"{timezone.localtime(idle.end_of(user)):%d/%m/%Y}"
