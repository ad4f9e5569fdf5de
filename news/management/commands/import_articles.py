"""Bring articles in from a JSON Lines file."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from news.importing import BATCH, Result, import_file

# So that a file of another kind does not fill the screen.
MAX_SHOWN = 200


class Command(BaseCommand):
    @property
    def help(self):
        return _(
            "Import articles from FILE.jsonl or FILE.jsonl.gz: one JSON object a line "
            "with id, title, lead, body (paragraphs separated by line breaks), "
            "category, published_at (ISO 8601 with time zone) and source. What is "
            "there already is passed over, so an interrupted import is simply started "
            "again. Ends with status 1 when records were refused."
        )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *, file: Path, **options):
        self.refused = 0
        try:
            result = import_file(file, self.refuse, self.progress)
        except OSError as error:
            raise CommandError(
                _("The file cannot be opened: %(reason)s") % {"reason": error}
            ) from error
        if self.refused > MAX_SHOWN:
            hidden = self.refused - MAX_SHOWN
            self.stderr.write(_("... and %(n)d more refused records") % {"n": hidden})
        if result.new_categories:
            names = ", ".join(result.new_categories)
            self.stdout.write(_("New categories: %(names)s") % {"names": names})
        self.stdout.write(self.summary(result))
        if result.bad:
            raise CommandError(
                _("%(n)d records were refused; all others are in.") % {"n": result.bad}
            )

    def refuse(self, line: int, reason: str):
        self.refused += 1
        if self.refused <= MAX_SHOWN:
            self.stderr.write(
                _("Line %(line)d: %(reason)s") % {"line": line, "reason": reason}
            )

    def progress(self, result: Result):
        if result.read and result.read % (4 * BATCH) < BATCH:
            self.stdout.write(_("%(n)d records read ...") % {"n": result.read})
            self.stdout.flush()

    @staticmethod
    def summary(result: Result) -> str:
        return _(
            "Done: %(written)d articles written, %(existing)d already there, "
            "%(bad)d refused."
        ) % {
            "written": result.written,
            "existing": result.existing,
            "bad": result.bad,
        }
