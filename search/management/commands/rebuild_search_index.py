"""Rebuild the search index, or say how it differs from the articles."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from search import attachment_text, indexing

SHOWN = 20  # ids named of each kind of drift


class Command(BaseCommand):
    @property
    def help(self):
        return _(
            "Index every published article. Safe while the site runs; interrupted, it "
            "goes on where it stopped. --check changes nothing and names drift "
            "(exit 1). --files reads attached files instead."
        )

    def add_arguments(self, parser):
        parser.add_argument(
            "--check", action="store_true", help=_("name drift, exit 1")
        )
        parser.add_argument(
            "--from-scratch", action="store_true", help=_("empty the index first")
        )
        parser.add_argument(
            "--files",
            action="store_true",
            help=_("read attached files: those not yet read and those refused"),
        )

    def handle(self, *args, check, from_scratch, files, **options):
        if check:
            return self.check_drift()
        if files:
            return self.read_files()
        done = indexing.rebuild(self.show, from_scratch=from_scratch)
        self.stdout.write(_("%(count)d articles are indexed.") % {"count": done})

    def show(self, done: int, total: int) -> None:
        text = _("%(done)d of %(total)d") % {"done": done, "total": total}
        end = "\r" if self.stdout.isatty() else "\n"
        self.stdout.write(text, ending=end)
        self.stdout.flush()

    def read_files(self):
        attachment_text.forget_refused()
        total = attachment_text.waiting().count()
        done = attachment_text.read_waiting(lambda done: self.show(done, total))
        self.stdout.write(_("%(count)d files were read.") % {"count": done})

    def check_drift(self):
        drift = indexing.check(self.show)
        for name, ids in (
            (_("Not in the index"), drift.missing),
            (_("Out of date in the index"), drift.stale),
            (_("In the index but not published"), drift.superfluous),
        ):
            if ids:
                shown = ", ".join(map(str, ids[:SHOWN])) + (" …" * (len(ids) > SHOWN))
                self.stdout.write(f"{name}: {len(ids)} ({shown})")
        if drift.is_outdated:
            self.stdout.write(_("The index was made by another version."))
        if drift.damage:
            self.stdout.write(
                _("The index is damaged: %(error)s") % {"error": drift.damage}
            )
        if drift:
            raise CommandError(_("Run: manage.py rebuild_search_index"), returncode=1)
        self.stdout.write(_("The index agrees with the articles."))
