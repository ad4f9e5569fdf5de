"""Bring a backup into an empty place."""

import os
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from portal.backup import databases, restoring
from portal.backup.archive import Archive
from portal.backup.command import BackupCommand, local
from portal.backup.restoring import Place


class Command(BackupCommand):
    @property
    def help(self):
        return _(
            "Restore the backup FILE into an empty DATA_DIR and an empty database. "
            "Every checksum is compared before anything is written. Interrupted, the "
            "same command finishes it; until then the portal does not start."
        )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *, file: Path, **options):
        place = Place(settings.DATA_DIR, databases.of_settings())
        with self.plainly(), Archive(file.absolute()) as archive:
            restoring.restore(archive, place, self.tell)
            found = archive.manifest
        self.say(
            _("Restored: the site of %(time)s, %(files)d files, %(rows)d rows.")
            % {
                "time": local(found["made_at"]),
                "files": len(found["members"]) - 1,  # without the database
                "rows": sum(rows for rows, _sum in found["tables"].values()),
            }
        )
        if found["missing"]:
            self.stderr.write(
                _("Named by the database and not on the disk: %(count)d files.")
                % {"count": len(found["missing"])}
            )
        if os.environ.get("SECRET_KEY"):
            self.say(
                _(
                    "SECRET_KEY stands in the environment and in no backup: with "
                    "another one, links sent to leaders no longer open."
                )
            )
        self.say(_("Start the portal now: it brings the database up to date."))
