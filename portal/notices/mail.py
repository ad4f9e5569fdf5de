"""Sends notices by e-mail: a thread of housekeeping, never a request.

A notice is claimed before it is sent and marked afterwards, so two hosts never send
one twice; a process killed in between lets the mail go out once more when the claim
lapses, with the same Message-ID. Nothing is lost: what fails is tried again, and what
was given up is counted on the administrators' desk.
"""

import logging
import smtplib
from datetime import datetime, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from news import hooks
from portal import administrators
from portal.models import SiteSettings
from portal.notices.models import Kind, Notice

logger = logging.getLogger(__name__)

BATCH = 20  # mails of one connection
CLAIM = timedelta(minutes=10)  # longer than any server is waited for
# After each attempt; together three days, then it is given up.
PAUSES = [timedelta(minutes=m) for m in (1, 5, 15, 60, 120, 240, 480, 720, 1440, 1440)]
FAILURES_SHOWN = timedelta(days=7)
# What is wrong with one mail only; everything else is wrong with the server.
OF_ONE_MAIL = (
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPDataError,
    smtplib.SMTPNotSupportedError,
    ValueError,  # BadHeaderError and addresses that cannot be encoded
)


def send_due(now: datetime | None = None) -> int:
    """Send at most BATCH mails whose time has come; return how many went out."""
    now = now or timezone.now()
    due = Notice.objects.filter(mail_due_at__lte=now)
    waiting = due.select_related("user").order_by("mail_attempts", "mail_due_at", "pk")
    notices = list(waiting[:BATCH])
    if not notices:
        return 0
    wanted = [notice for notice in notices if _is_wanted(notice)]
    for notice in notices:
        if notice not in wanted:
            Notice.objects.filter(pk=notice.pk).update(mail_due_at=None)
    if not wanted:
        return 0
    connection = get_connection(timeout=settings.EMAIL_TIMEOUT)
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        _server_fails(error)
        for notice in wanted:
            if _claim(notice, now):
                _try_later(notice, now)
        return 0
    else:
        return _send_each(wanted, connection, now)
    finally:
        _close(connection)  # also one that was opened half-way


def _send_each(notices: list[Notice], connection, now: datetime) -> int:
    sender = SiteSettings.load().name
    sent = 0
    for notice in notices:
        if not _claim(notice, now):
            continue  # another host was quicker
        try:
            connection.send_messages([message(notice, sender)])
        except OF_ONE_MAIL as error:
            logger.warning("mail of notice %s: %s", notice.pk, type(error).__name__)
            _try_later(notice, now)
        except (OSError, smtplib.SMTPException) as error:
            _server_fails(error)
            _try_later(notice, now)
            break
        else:
            Notice.objects.filter(pk=notice.pk).update(
                mail_due_at=None, mailed_at=timezone.now()
            )
            sent += 1
    return sent


def _is_wanted(notice: Notice) -> bool:
    """Not of somebody who left, switched mail off, or has read it meanwhile."""
    user = notice.user
    may = user.is_active and user.is_staff and user.notify_by_mail and user.email
    return bool(may and settings.SENDS_MAIL and notice.read_at is None)


def _claim(notice: Notice, now: datetime) -> bool:
    mine = Notice.objects.filter(pk=notice.pk, mail_due_at=notice.mail_due_at)
    claimed = mine.update(mail_due_at=now + CLAIM, mail_attempts=F("mail_attempts") + 1)
    notice.mail_attempts += claimed
    return bool(claimed)


def _try_later(notice: Notice, now: datetime) -> None:
    """Set the next attempt, or none when there were enough."""
    done = notice.mail_attempts
    due = now + PAUSES[done - 1] if done <= len(PAUSES) else None
    Notice.objects.filter(pk=notice.pk).update(mail_due_at=due)


def _server_fails(error: Exception) -> None:
    logger.warning("mail server: %s; it is tried again", administrators.why(error))


def _close(connection) -> None:
    try:
        connection.close()
    except (OSError, smtplib.SMTPException) as error:
        logger.info("mail server: %s at the end", type(error).__name__)


def failed_count(now: datetime | None = None) -> int:
    """How many mails of the last days failed twice and have not gone out since."""
    since = (now or timezone.now()) - FAILURES_SHOWN
    return Notice.objects.filter(
        created_at__gte=since, mail_attempts__gt=1, mailed_at=None, read_at=None
    ).count()


def message(notice: Notice, site_name: str = "") -> EmailMessage:
    """Return the mail of a notice: plain text, one link."""
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    lines = [f"{notice.what}:", f"“{notice.title}”", ""]
    if notice.by_name:
        lines.append(_("By: %(name)s") % {"name": notice.by_name})
    if notice.goes_out_at:
        at = timezone.localtime(notice.goes_out_at)
        lines.append(_("Time: %(time)s") % {"time": f"{at:%H:%M %d/%m/%Y}"})
    if notice.review_day:
        lines.append(_("Day: %(day)s") % {"day": f"{notice.review_day:%d/%m/%Y}"})
    if notice.reason:
        label = _("Reason: %(reason)s") if _is_reason(notice) else _("Note: %(reason)s")
        lines.append(label % {"reason": notice.reason})
    link = hooks.site_url() + reverse("notices:open", args=[notice.pk])
    lines += ["", _("Open: %(link)s") % {"link": link}, "", "-- ", site_name]
    lines.append(
        _("You can switch these mails off on the page “Notices” of the back office.")
    )
    return EmailMessage(
        subject=notice.subject,
        body="\n".join(lines),
        to=[notice.user.email],
        headers={
            # The same for each attempt: what is repeated can be recognised.
            "Message-ID": f"<notice-{notice.pk}@{host}>",
            "Auto-Submitted": "auto-generated",
        },
    )


def _is_reason(notice: Notice) -> bool:
    return notice.kind in (
        *(Kind.RETURNED, Kind.WITHDRAWN, Kind.FAILED, Kind.EMERGENCY),
        *(Kind.TO_CONFIRM, Kind.LEADER_RETURNED),
    )
