"""Proves a backup: restores it into a temporary place and compares all of it.

A folder in DATA_DIR, a database of its own beside the site's; both are gone at the end,
and what a run that was killed left is removed by the next.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from portal.backup import restoring
from portal.backup.archive import FILES, PART_BYTES, SPOOL, Archive, Tell
from portal.backup.databases import Database
from portal.backup.errors import Damaged
from portal.backup.restoring import Place

_BEGINS = ".proof-"
RENDER_SECONDS = 1800  # migrating an old backup of a large site included


@contextmanager
def temporary_place(database: Database, data_dir: Path) -> Iterator[Place]:
    """Make an empty folder in DATA_DIR and an empty database; both go at the end."""
    for left in data_dir.glob(f"{_BEGINS}*"):
        shutil.rmtree(left, ignore_errors=True)
    database.forget_left_over(data_dir)
    with (
        tempfile.TemporaryDirectory(prefix=_BEGINS, dir=data_dir) as folder,
        database.temporary(Path(folder)) as empty,
    ):
        yield Place(Path(folder), empty)


def prove(path: Path, database: Database, data_dir: Path, tell: Tell) -> Archive:
    """Restore a backup beside the site, compare, and render pages from it.

    Raises Damaged where it differs from what was backed up, and Refused where it
    cannot be tried.
    """
    with Archive(path) as archive:
        with temporary_place(database, data_dir) as place:
            restoring.restore(archive, place, tell)
            compare(archive, place, tell)
            tell(_("rendering pages"))
            render(place)
        return archive


def compare(archive: Archive, place: Place, tell: Tell) -> None:
    """Raise Damaged unless a restored place holds what the manifest says."""
    if problems := place.database.problems():
        raise Damaged(
            _("The database of the backup is damaged: %(reason)s.")
            % {"reason": problems[0]}
        )
    with place.database.reading() as found:
        figures = found.figures(tell)
    told = archive.manifest["tables"]
    for table in sorted(figures.keys() | told.keys()):
        if figures.get(table) != told.get(table):
            raise Damaged(
                _("Table %(table)s differs: %(found)s instead of %(told)s.")
                % {
                    "table": table,
                    "found": figures.get(table),
                    "told": told.get(table),
                }
            )
    for name in archive.names:
        if name.startswith(FILES):
            file = place.data_dir / name.removeprefix(FILES)
        elif name.startswith(SPOOL):
            file = place.data_dir / name
        else:
            continue
        if _digest(file) != archive.manifest["members"][name][1]:
            raise Damaged(_("File %(name)s differs.") % {"name": name})


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with open(path, "rb") as file:
            while part := file.read(PART_BYTES):
                digest.update(part)
    except FileNotFoundError:
        return ""
    return digest.hexdigest()


def environment(place: Place, **more: str) -> dict[str, str]:
    """Return the environment of a program that takes `place` for its site."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATA_DIR": str(place.data_dir),
        "DATABASE_URL": place.database.url(),
        **more,
    }


def render(place: Place) -> None:
    """Let a process of its own migrate the copy and render pages; raises Damaged."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "portal.backup.rendering"],
            cwd=settings.BASE_DIR,
            env=environment(place),
            capture_output=True,
            text=True,
            timeout=RENDER_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise Damaged(
            _("No page can be rendered from the backup: %(reason)s")
            % {"reason": f"{RENDER_SECONDS} s"}
        ) from error
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise Damaged(
            _("No page can be rendered from the backup: %(reason)s")
            % {"reason": said[-1] if said else done.returncode}
        )
