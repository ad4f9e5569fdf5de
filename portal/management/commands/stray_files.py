"""`manage.py stray_files`: files of pictures and attachments without a row."""

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal import stray_files


class Command(BaseCommand):
    help = gettext_lazy(
        "Lists files of pictures and attachments that no row names (a process was "
        "killed, or the database was restored) and that are older than a day."
    )

    def add_arguments(self, parser):
        parser.add_argument("--remove", action="store_true")

    def handle(self, *, remove, **options):
        found = stray_files.look()
        for path in found.strays:
            self.stdout.write(str(path))
        for name in found.missing:
            self.stderr.write(_("A row names a file that is gone: %s") % name)
        if remove:
            stray_files.remove(found.strays)
        size = len(found.strays)
        self.stderr.write(
            _("%(count)s files without a row, removed: %(removed)s")
            % {"count": size, "removed": size if remove else 0}
        )
        if found.missing:
            raise SystemExit(1)
