"""Tell the administrators by e-mail that a nightly unit of systemd failed."""

import smtplib
import socket

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _

from news import hooks
from portal import administrators
from portal.models import SiteSettings


class Command(BaseCommand):
    # The site itself may be what is broken.
    requires_system_checks = []

    @property
    def help(self):
        return _(
            "Tell the administrators by e-mail that a unit of systemd ended with an "
            "error; deploy/portal-failed@.service calls it. Ends with 1 when the mail "
            "could not be sent, to be tried again."
        )

    def add_arguments(self, parser):
        parser.add_argument("unit", metavar="UNIT")

    def handle(self, *, unit, **options):
        if not settings.SENDS_MAIL:
            self.stderr.write(_("EMAIL_URL is not set: no mail was sent."))
            return
        try:
            count = tell(unit)
        except DatabaseError as error:
            reason = (str(error).strip() or repr(error)).splitlines()[0]
            raise CommandError(
                _("The database cannot be used: %(reason)s") % {"reason": reason}
            ) from error
        except (OSError, smtplib.SMTPException) as error:
            raise CommandError(
                _("The mail could not be sent: %(why)s")
                % {"why": administrators.why(error)}
            ) from error
        self.stdout.write(_("%(count)d mails were sent.") % {"count": count})


def tell(unit: str) -> int:
    names = {
        "site": SiteSettings.load().name or hooks.site_url(),
        "unit": unit,
        "host": socket.gethostname(),
    }
    lines = [
        f"{hooks.site_url()} {timezone.localtime():%H:%M %d/%m/%Y}",
        _("On the machine %(host)s the unit %(unit)s ended with an error.") % names,
        "",
        _("What it said: journalctl -u %(unit)s -n 50") % names,
        _("Once more, when the cause is gone: systemctl start %(unit)s") % names,
    ]
    subject = _("%(site)s: %(unit)s failed") % names
    return administrators.mail(subject, "\n".join(lines))
