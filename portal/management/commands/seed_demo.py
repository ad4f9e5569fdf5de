"""A believable department's site, the same every time."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from portal.demo import seeding


class Command(BaseCommand):
    @property
    def help(self):
        return _("Write the demo content; can be interrupted and repeated.")

    def add_arguments(self, parser):
        parser.add_argument(
            "--if-empty",
            action="store_true",
            help=_("Do nothing unless the site was never used."),
        )
        parser.add_argument(
            "--remove",
            action="store_true",
            help=_("Take out everything the demo wrote, visits and ledger included."),
        )

    def handle(self, *, if_empty: bool, remove: bool, **options):
        if remove and if_empty:
            raise CommandError(_("Use either --remove or --if-empty, not both."))
        if remove:
            self.remove()
        elif if_empty and not (seeding.is_empty() or seeding.is_unfinished()):
            self.stdout.write(_("The site has content; no demo content was written."))
        else:
            self.write()

    def write(self):
        written = seeding.write(self.say)
        if written:
            self.stdout.write(_("Demo content: %(n)d things written.") % {"n": written})
        else:
            self.stdout.write(_("Demo content is complete; nothing was changed."))

    def remove(self):
        kept = seeding.remove(self.say)
        for sentence in kept:
            self.stdout.write(sentence)
        self.stdout.write(_("The demo content was taken out."))

    def say(self, line: str):
        self.stdout.write(line)
        self.stdout.flush()
