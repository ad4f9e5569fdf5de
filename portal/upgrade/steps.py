"""The way from the version that a link leads to, to this one.

    backup -> a copy of it beside the site -> pages of the old version from the copy
    -> migrate the copy -> the old version still shows the same -> pages of this
    version -> compare -> migrate the site in one transaction -> add the static files
    -> move the link

Until the migration nothing of the site is touched; it and the move are one instant
each. Saves that were made meanwhile stay: the site's own database is migrated, the copy
is thrown away.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.backup import making, proving, record, restoring
from portal.backup.archive import Archive, Tell
from portal.backup.databases import Database
from portal.backup.errors import Refused
from portal.backup.restoring import Place
from portal.upgrade.pages import Comparison, compare

_SHOWN_LINES = 6


class Upgrade:
    """`link` is what the service runs, such as /srv/portal/current.

    `say` gets whole sentences and `tell` progress. Raises Refused when something is
    not as it must be; the site is as it was then.
    """

    def __init__(
        self,
        link: Path,
        database: Database,
        data_dir: Path,
        say: Callable[[str], None],
        tell: Tell,
    ):
        self.link, self.database, self.data_dir = link, database, data_dir
        self.say, self.tell = say, tell
        # What the trial found, as "table.column": what the old version cannot fill,
        # and what it knows and will not find.
        self.demanded: list[str] = []
        self.gone: list[str] = []
        self.new = Path(settings.BASE_DIR)
        self.old = self._find_old()

    def _find_old(self) -> Path:
        if not self.link.is_symlink():
            raise Refused(
                _("%(path)s is no symbolic link to the version that runs.")
                % {"path": self.link}
            )
        old = self.link.resolve()
        for part in ("manage.py", ".venv/bin/python"):
            if not (old / part).exists():
                raise Refused(
                    _("%(path)s leads to %(old)s, which has no %(part)s.")
                    % {"path": self.link, "old": old, "part": part}
                )
        if old == self.new.resolve():
            raise Refused(
                _("%(path)s leads to this version already.") % {"path": self.link}
            )
        if restoring.is_unfinished(self.data_dir):
            raise Refused(_("A restore is unfinished here: run it again first."))
        return old

    def trial(self, is_stopped: bool) -> Comparison:
        """Back up, and try the new version on a copy; return what readers would see."""
        name = f"{making.NAME_BEGINS}{timezone.localtime():%Y%m%d-%H%M%S}.tar"
        path = self.data_dir / making.FOLDER / name
        made = making.make(self.database, self.data_dir, path, self.tell)
        record.made(path, len(made.missing))
        self.say(_("Backup: %(path)s") % {"path": path})
        with (
            proving.temporary_place(self.database, self.data_dir) as place,
            Archive(path) as archive,
        ):
            restoring.restore(archive, place, self.tell)
            proving.compare(archive, place, self.tell)
            found = self._try(place, is_stopped)
            record.proved(path, archive.manifest["made_at"])
        return found

    def _try(self, place: Place, is_stopped: bool) -> Comparison:
        before, after = place.data_dir / ".before", place.data_dir / ".after"
        self.say(_("Rendering every page with the present version ..."))
        self._pages(self.old, place, before)
        self.say(_("Migrating the copy ..."))
        with place.database.reading() as found:
            columns, known = set(found.columns()), found.demanded()
        self._run(self.new, place, "-m", "portal.upgrade.migrating")
        with place.database.reading() as found:
            gone, new = columns - set(found.columns()), found.demanded() - known
        tables = {table for table, _column in columns}
        # Of a table that is new, too, the old version knows nothing.
        self.demanded = sorted(f"{table}.{c}" for table, c in new if table in tables)
        self.gone = sorted(f"{table}.{c}" for table, c in gone)
        # Not its exit status: that counts broken links too, which may have been there.
        still = place.data_dir / ".still"
        done = self._program(
            self.old, place, "manage.py", "export_static", str(still), "--local"
        )
        seen = compare(before, still)
        if not is_stopped and (seen.rewritten or not seen.is_same):
            raise Refused(
                _(
                    "The present version does not show the same pages with the new "
                    "database. Stop the portal and run the command again with "
                    "--stopped:\n%(said)s"
                )
                % {"said": _last_lines(done)}
            )
        self.say(_("Rendering every page with the new version ..."))
        self._pages(self.new, place, after)
        return compare(before, after)

    def _pages(self, program: Path, place: Place, folder: Path) -> None:
        """Write every public page as `program` shows it; what is broken is told."""
        if program == self.new:
            self._run(program, place, "-m", "portal.upgrade.collecting")
        elif self._static(program, place).is_relative_to(place.data_dir):
            self._run(program, place, "manage.py", "collectstatic", "--noinput")
        done = self._program(
            program, place, "manage.py", "export_static", str(folder), "--local"
        )
        if not (folder / "index.html").is_file():
            raise self._failed(program, done)
        if done.returncode:  # broken links: they count when the other has them not
            self.say(_last_lines(done))

    def _run(self, program: Path, place: Place, *arguments: str) -> None:
        done = self._program(program, place, *arguments)
        if done.returncode:
            raise self._failed(program, done)

    def _failed(self, program: Path, done) -> Refused:
        return Refused(
            _("%(program)s failed on the copy; the site is as it was:\n%(said)s")
            % {"program": program, "said": _last_lines(done)}
        )

    def _program(self, program: Path, place: Place, *arguments: str):
        python = program / ".venv/bin/python"
        static = self._static(program, place)
        return subprocess.run(  # noqa: S603 - the two versions of this program
            [sys.executable if program == self.new else python, *arguments],
            cwd=program,
            env=proving.environment(place, STATIC_ROOT=str(static)),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    def _static(self, program: Path, place: Place) -> Path:
        """Return the static files of a version: the old one serves its own already."""
        served = Path(os.environ.get("STATIC_ROOT") or program / "staticfiles")
        if program == self.old and (served / "staticfiles.json").is_file():
            return served
        return place.data_dir / f".static-{'old' if program == self.old else 'new'}"

    def migrate(self) -> None:
        """Bring the site's own database up to date: all of it, or nothing."""
        done = self._on_the_site("portal.upgrade.migrating")
        if done.returncode:
            raise Refused(
                _("The database could not be migrated and is as it was:\n%(said)s")
                % {"said": _last_lines(done)}
            )

    def collect(self) -> None:
        """Make the site's static files, for which its readers would wait at the start.

        The start makes what is not there then, so nothing is refused for them. Those
        of the old version stay beside them under their own names.
        """
        done = self._on_the_site("portal.serve", "--static")
        if done.returncode:
            self.say(
                _(
                    "The static files could not be collected; the start of the portal "
                    "will try it again:\n%(said)s"
                )
                % {"said": _last_lines(done)}
            )

    def _on_the_site(self, module: str, *arguments: str):
        return subprocess.run(  # noqa: S603 - a module of this program
            [sys.executable, "-m", module, *arguments],
            cwd=self.new,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    def switch(self) -> bool:
        """Let the link lead to this version; False when that is the administrator's."""
        part = self.link.with_name(f".{self.link.name}.{os.getpid()}")
        try:
            part.symlink_to(self.new)
            os.replace(part, self.link)
        except OSError:  # the program's folder is not the portal's to change
            part.unlink(missing_ok=True)
            return False
        return True


def _last_lines(done) -> str:
    lines = (done.stdout + done.stderr).strip().splitlines()
    return "\n".join(lines[-_SHOWN_LINES:])
