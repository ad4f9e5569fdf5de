"""Make a backup of the whole site while it runs, or prove one."""

import time
from argparse import ArgumentTypeError
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.backup import databases, making, proving, record, restoring
from portal.backup.archive import Archive
from portal.backup.command import BackupCommand, local, megabytes
from portal.backup.errors import Refused

SHOWN_FILES = 20


class Command(BackupCommand):
    @property
    def help(self):
        return _(
            "Write database, pictures, files and uncounted visits into one file while "
            "the site runs. TARGET is a folder, or the name of a new file; without it, "
            "DATA_DIR/backups. With --verify the backup is restored into a temporary "
            "place and compared; when TARGET is a backup, only that is done. The file "
            "holds passwords' hashes and keys: keep it like them."
        )

    def add_arguments(self, parser):
        parser.add_argument("target", nargs="?", type=Path, metavar="TARGET")
        parser.add_argument(
            "--verify", action="store_true", help=_("restore it elsewhere and compare")
        )
        parser.add_argument(
            "--keep",
            type=_at_least_one,
            metavar="N",
            help=_(
                "keep the newest N backups of the folder; the last proved one stays"
            ),
        )

    def handle(self, *, target: Path | None, verify: bool, keep: int | None, **options):
        target = (target or settings.DATA_DIR / making.FOLDER).absolute()
        with self.plainly():
            if restoring.is_unfinished(settings.DATA_DIR):
                raise Refused(_("A restore is unfinished here: run it again first."))
            if verify and target.is_file():
                self.prove(target)
                return
            path = target
            if target.is_dir() or target == settings.DATA_DIR / making.FOLDER:
                now = timezone.localtime()
                path = target / f"{making.NAME_BEGINS}{now:%Y%m%d-%H%M%S}.tar"
            self.make(path)
            if verify:
                self.prove(path)
            if keep:
                self.forget(path.parent, keep)

    def make(self, path: Path) -> None:
        began = time.monotonic()
        self.folder = path.parent
        made = making.make(databases.of_settings(), settings.DATA_DIR, path, self.tell)
        record.made(path, len(made.missing))
        self.say(
            _("%(path)s: %(files)d files, %(rows)d rows, %(size)s MB, %(seconds)d s.")
            % {
                "path": made.path,
                "files": made.files,
                "rows": made.rows,
                "size": megabytes(made.size),
                "seconds": time.monotonic() - began,
            }
        )
        self._list(
            made.left_out,
            _("Left out, because the portal names no file so: %(count)d files."),
        )
        self._list(
            made.missing,
            _("Named by the database and not on the disk: %(count)d files."),
        )

    def _list(self, names: list[str], sentence: str) -> None:
        if names:
            self.stderr.write(sentence % {"count": len(names)})
            for name in names[:SHOWN_FILES]:
                self.stderr.write(f"  {name}")

    def prove(self, path: Path) -> None:
        try:
            archive = proving.prove(
                path, databases.of_settings(), settings.DATA_DIR, self.tell
            )
        except Refused:  # a damaged one too
            record.failed()
            raise
        made_at = archive.manifest["made_at"]
        record.proved(path, made_at)
        self.say(
            _("Proved: everything of %(time)s comes back from %(path)s.")
            % {"time": local(made_at), "path": path}
        )

    def forget(self, folder: Path, keep: int) -> None:
        """Remove older backups; names sort by time."""
        found = sorted(folder.glob(f"{making.NAME_BEGINS}*.tar"), reverse=True)
        kept = [
            next((path for path in found if record.is_proved(path)), None),
            next((path for path in found if _is_whole(path)), None),
        ]
        for path in found[keep:]:
            if path not in kept:
                path.unlink()
                self.say(_("Removed: %(name)s") % {"name": path.name})


def _is_whole(path: Path) -> bool:
    """Say whether a backup has every file that its database names."""
    try:
        with Archive(path) as archive:
            return not archive.manifest["missing"]
    except Refused:
        return False


def _at_least_one(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 10_000):
        raise ArgumentTypeError(_("a number from 1"))
    return int(text)
