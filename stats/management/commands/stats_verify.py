from django.core.management.base import BaseCommand, CommandError

from stats import verify


class Command(BaseCommand):
    help = "Prove that the sums of the visit tables agree; exit code 1 if they do not."

    def handle(self, **options):
        problems = 0
        for check in verify.checks():
            self.stdout.write(f"{'ok' if check.holds else 'WRONG':5} {check.name}")
            for line in check.differences:
                self.stdout.write(f"      {line}")
            problems += not check.holds
        if problems:
            raise CommandError(f"{problems} of the sums do not agree")
