from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from stats import health, verify


class Command(BaseCommand):
    @property
    def help(self):
        return _(
            "Prove that the sums of the visit tables agree; exit code 1 if they do not."
        )

    def handle(self, **options):
        problems = 0
        checks = list(verify.checks())
        for check in checks:
            verdict = _("right") if check.holds else _("WRONG")
            self.stdout.write(f"{verdict:5} {check.name}")
            for line in check.differences:
                self.stdout.write(f"      {line}")
            problems += not check.holds
        health.note_verified(checks)
        if problems:
            raise CommandError(
                _("%(count)d of the sums do not agree.") % {"count": problems}
            )
