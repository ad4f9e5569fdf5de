from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from stats import repair


class Command(BaseCommand):
    @property
    def help(self):
        return _(
            "Make the totals by page anew from their days. "
            "Harmless while the site runs."
        )

    def handle(self, **options):
        wrong = repair.rebuild_page_totals()
        self.stdout.write(
            _("%(count)d totals by page were put right.") % {"count": wrong}
        )
