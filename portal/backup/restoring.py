"""Brings a backup into an empty place, so that a half restore never looks finished.

Everything is unpacked in DATA_DIR/.restoring, then the database is restored, then what
was unpacked takes its places by renames. While that folder is there, the portal does
not start (`is_unfinished`). Killed at any instant, the same command again finishes it.
"""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext as _

from portal.backup import making, record
from portal.backup.archive import FILES, SPOOL, Archive, Tell
from portal.backup.databases import Database
from portal.backup.errors import Refused

WORK = ".restoring"
_STATE = "state.json"
_UNPACKING, _MOVING = "unpacking", "moving"
# What a new folder may hold: made by the settings, or by commands that ended at once.
_HARMLESS = {
    *("secret_key", "static", "pages", "integrity"),
    *(making.FOLDER, record.NAME),
}


@dataclass(frozen=True)
class Place:
    """Where a site lies, or is to lie."""

    data_dir: Path
    database: Database


def is_unfinished(data_dir: Path) -> bool:
    """Say whether a restore into this folder began and did not end."""
    return (data_dir / WORK).exists()


def restore(archive: Archive, place: Place, tell: Tell) -> None:
    """Bring the whole backup into an empty place, or finish what was begun there.

    Raises Refused (not empty, another kind of database, made by a newer portal, too
    little room) and Damaged before anything is changed, OSError of a full disk.
    """
    refuse_unfit(archive, place.database)
    archive.check(tell)
    work = place.data_dir / WORK
    if _phase(work) != (_MOVING, archive.digest):
        if not work.exists():
            _refuse_unless_empty(archive, place)
        elif _phase(work)[0] == _MOVING:
            raise Refused(
                _("Another backup was being restored here: finish that one first.")
            )
        making.refuse_without_room(place.data_dir, archive.bytes)
        _unpack(archive, place, work, tell)
    tell(_("moving everything into its place"))
    _move(place, work)


def refuse_unfit(archive: Archive, database: Database) -> None:
    """Raise Refused when this program or this database cannot hold the backup."""
    found = archive.manifest
    if found["engine"] != database.engine:
        names = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
        raise Refused(
            _("The backup is of %(its)s, the site of %(own)s (DATABASE_URL).")
            % {"its": names.get(found["engine"]), "own": names[database.engine]}
        )
    known = MigrationLoader(None).disk_migrations
    newer = [key for key in map(tuple, found["migrations"]) if key not in known]
    # An app that was taken out leaves its rows behind; one that stayed does not.
    apps = {app for app, _name in known}
    if any(app in apps for app, _name in newer):
        raise Refused(
            _(
                "The backup was made by version %(version)s of the portal, which is "
                "newer than this one: install that version first."
            )
            % {"version": found["program"]}
        )


def _phase(work: Path) -> tuple[str, str]:
    try:
        stored = json.loads((work / _STATE).read_text())
        return stored["phase"], stored["digest"]
    except (OSError, ValueError, KeyError):
        return "", ""


def _note(work: Path, phase: str, archive: Archive) -> None:
    part = work / f"{_STATE}.new"
    with open(part, "w") as file:
        json.dump({"phase": phase, "digest": archive.digest}, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, work / _STATE)


def _refuse_unless_empty(archive: Archive, place: Place) -> None:
    database = place.database
    if not database.is_empty():
        raise Refused(
            _(
                "The database is not empty. A backup is restored into an empty place "
                "only: give DATABASE_URL another database, or DATA_DIR another folder."
            )
        )
    own = getattr(database, "path", None)
    for path in sorted(place.data_dir.iterdir()):
        is_harmless = (
            path.name in _HARMLESS
            or path.name.startswith(".")
            or path.name.endswith(".lock")
            or (own and str(path).startswith(str(own)))
            or path.resolve() == Path(settings.STATIC_ROOT).resolve()
            or path.resolve() == archive.path.resolve()
            # Not a link to another disk: no folder can take its place.
            or (
                path.is_dir()
                and not path.is_symlink()
                and not any(p.is_file() for p in path.rglob("*"))
            )
        )
        if not is_harmless:
            raise Refused(
                _(
                    "%(folder)s is not empty (%(name)s). A backup is restored into an "
                    "empty place only: give DATA_DIR another folder, or move what is "
                    "there away."
                )
                % {"folder": place.data_dir, "name": path.name}
            )


def _unpack(archive: Archive, place: Place, work: Path, tell: Tell) -> None:
    work.mkdir(mode=0o700, exist_ok=True)
    _note(work, _UNPACKING, archive)
    for folder in ("files", "spool"):
        shutil.rmtree(work / folder, ignore_errors=True)
        (work / folder).mkdir(mode=0o750 if folder == "files" else 0o700)
    names = [name for name in archive.names if name.startswith((FILES, SPOOL))]
    for number, name in enumerate(names):
        tell(_("files: %(done)d of %(total)d") % {"done": number, "total": len(names)})
        to = work / name
        to.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        archive.unpack(name, to)
    tell(_("restoring the database"))
    place.database.unpack(archive, work)
    os.sync()  # all of it at once: a hundred thousand fsyncs would take an hour
    _note(work, _MOVING, archive)


def _move(place: Place, work: Path) -> None:
    """Give everything its place; what has it already is not looked at again."""
    for waiting in sorted((work / "files").glob("*")):
        to = place.data_dir / waiting.name
        if to.is_dir() and not to.is_symlink():
            shutil.rmtree(to)  # it was found without files
        os.replace(waiting, to)
    if (work / "spool").exists():
        to = place.data_dir / "spool"
        if to.exists():
            shutil.rmtree(to)
        os.replace(work / "spool", to)
    place.database.put_in_place()
    os.sync()
    over = work.with_name(f"{WORK}-done")  # no half removed folder has its old name
    shutil.rmtree(over, ignore_errors=True)
    os.replace(work, over)
    shutil.rmtree(over)
