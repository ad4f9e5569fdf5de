"""For whoever runs the server, when no administrator can sign in any more."""

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from portal.secondfactor import devices


class Command(BaseCommand):
    @property
    def help(self):
        return _("Take apps, passkeys and recovery codes away from an account.")

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("--reason", required=True)

    def handle(self, *, username, reason, **options):
        account = get_user_model().objects.filter(username=username).first()
        if account is None:
            raise CommandError(
                _("There is no account “%(name)s”.") % {"name": username}
            )
        if not reason.strip():
            raise CommandError(_("Give a reason."))
        devices.reset(account, reason.strip())
        self.stdout.write(
            _("%(name)s has no second step any more.") % {"name": account}
        )
