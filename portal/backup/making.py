"""Writes a backup while the site runs.

The database comes first, as it was at one instant at which nobody counted visits; then
the files. A file that was added later is harmless; one that the database names and
that went meanwhile is noticed, and all is done once more. The backup has its name only
when it is whole and on the disk.
"""

import contextlib
import fcntl
import json
import os
import shutil
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.backup import record
from portal.backup.archive import (
    DATABASE,
    FILES,
    PART_BYTES,
    SPOOL,
    Tell,
    Writer,
    may_be_named,
)
from portal.backup.databases import Database, Reading
from portal.backup.errors import Refused
from stats import spool

LOCK = "backup.lock"
FOLDER = "backups"  # in DATA_DIR: where backups are made when nothing else is said
NAME_BEGINS = "cong-tin-"
TRIES = 3
SPARE_BYTES = 64 * 2**20  # what the running site may write meanwhile
# At the top of DATA_DIR: made anew by themselves, or of this host alone. The database
# and the spool have members of their own.
_NOT_KEPT = {"spool", "pages", "static", "integrity", FOLDER, record.NAME}


@dataclass(frozen=True)
class Made:
    """`missing` are files that the database names and that are nowhere.

    `left_out` are files with names that none of ours has and no backup can hold.
    """

    path: Path
    size: int
    files: int
    rows: int
    missing: list[str]
    left_out: list[str]


@contextlib.contextmanager
def only_one(data_dir: Path) -> Iterator[None]:
    """Let one backup, restore or proof at a time work on this folder."""
    with open(data_dir / LOCK, "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Refused(_("Another backup or restore is running.")) from error
        yield


def make(database: Database, data_dir: Path, target: Path, tell: Tell) -> Made:
    """Write the backup `target`, a new file.

    Raises Refused (it exists, too little room, the database cannot be read) and OSError
    of a full disk; nothing is left of it then.
    """
    if target.exists():
        raise Refused(_("%(path)s is there already.") % {"path": target})
    inside = target.is_relative_to(data_dir)
    if inside and not target.is_relative_to(data_dir / FOLDER):
        raise Refused(
            _("Within DATA_DIR, backups lie in %(folder)s.")
            % {"folder": data_dir / FOLDER}
        )
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _forget_left_over(target.parent)
    _refuse_without_room(database, data_dir, target.parent)
    part = target.with_name(f".{target.name}.part")
    try:
        flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
        with open(os.open(part, flags, 0o600), "wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for left in reversed(range(TRIES)):
                made = _Making(database, data_dir, target, file, tell)
                missing, gone = made.write()
                if not (gone and left):
                    break
                file.seek(0)
                file.truncate()
            made.finish(missing)
            os.replace(part, target)
        _to_disk(target.parent)
    finally:
        part.unlink(missing_ok=True)
    return Made(
        target,
        target.stat().st_size,
        sum(name.startswith((FILES, SPOOL)) for name in made.writer.members),
        sum(rows for rows, _sum in made.figures.values()),
        missing,
        made.left_out,
    )


class _Making:
    """One try."""

    def __init__(self, database, data_dir: Path, target: Path, file, tell: Tell):
        self.database, self.data_dir, self.target = database, data_dir, target
        self.writer, self.tell = Writer(file), tell
        self.left_out: list[str] = []
        self._spool = data_dir / ".backup-spool"

    def write(self) -> tuple[list[str], list[str]]:
        """Return the files that are missing, and those of them that went meanwhile."""
        work = self.target.with_name(f".{self.target.name}.part.copy")
        self.made_at = timezone.now()
        try:
            with self.database.snapshot(work, self._link_spool) as snapshot:
                with self.writer.member(DATABASE) as member:
                    snapshot.dump(member.write, self.tell)
                for segment in sorted(self._spool.iterdir()):
                    self._add(SPOOL + segment.name, segment)
                self._add_files()
                self.figures = snapshot.figures(self.tell)
                self.unpacked = snapshot.unpacked
                self.migrations = migrations(snapshot)
                missing = self._missing(snapshot)
            gone = []
            if missing:
                with self.database.reading() as present:
                    still = set(named_files(present))
                gone = [name for name in missing if name not in still]
            return missing, gone
        finally:
            shutil.rmtree(self._spool, ignore_errors=True)

    def _link_spool(self) -> None:
        """Keep the segments of this instant, though the drainer removes them next."""
        shutil.rmtree(self._spool, ignore_errors=True)
        self._spool.mkdir(mode=0o700)
        for segment in spool.segments(self.data_dir / "spool"):
            with contextlib.suppress(FileNotFoundError):  # counted, so it may go
                os.link(segment, self._spool / segment.name)

    def _add_files(self) -> None:
        found = list(kept_files(self.data_dir, self.database))
        for number, name in enumerate(found):
            self.tell(
                _("files: %(done)d of %(total)d")
                % {"done": number, "total": len(found)}
            )
            if not may_be_named(FILES + name):
                self.left_out.append(ascii(name))
                continue
            # What was removed since matters only if a row names it.
            with contextlib.suppress(FileNotFoundError):
                self._add(FILES + name, self.data_dir / name)

    def _add(self, name: str, path: Path) -> None:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            mode = os.fstat(file.fileno()).st_mode & 0o777
            with self.writer.member(name, mode) as member:
                while part := file.read(PART_BYTES):
                    member.write(part)

    def _missing(self, snapshot: Reading) -> list[str]:
        there = self.writer.members
        return sorted(
            {name for name in named_files(snapshot) if FILES + name not in there}
        )

    def finish(self, missing: list[str]) -> None:
        self.writer.finish(
            {
                "made_at": self.made_at.isoformat(),
                "program": version(),
                "site_url": settings.SITE_URL,
                "engine": self.database.engine,
                "server": self.database.version(),
                "unpacked": self.unpacked,
                "migrations": self.migrations,
                "tables": self.figures,
                "missing": missing,
            }
        )


def version() -> str:
    """Return the version of this program."""
    text = (settings.BASE_DIR / "pyproject.toml").read_text("utf-8")
    return tomllib.loads(text)["project"]["version"]


def kept_files(data_dir: Path, database: Database) -> Iterator[str]:
    """Yield the names, in DATA_DIR, of all files that a backup holds, no links."""
    static = Path(settings.STATIC_ROOT)
    own = getattr(database, "path", None)
    for top in sorted(os.scandir(data_dir), key=lambda entry: entry.name):
        if (
            top.name in _NOT_KEPT
            or top.name.startswith(".")
            or top.name.endswith(".lock")
            or Path(top.path) == static
        ):
            continue
        if top.is_dir():  # also by a link: pictures may lie on another disk
            for here, folders, names in os.walk(top.path):
                folders.sort()
                for name in sorted(names):
                    path = Path(here, name)
                    if path.is_file() and not path.is_symlink():
                        yield path.relative_to(data_dir).as_posix()
        elif top.is_file() and not (own and top.path.startswith(str(own))):
            yield top.name


def named_files(found: Reading) -> Iterator[str]:
    """Yield the names, in DATA_DIR, of files that rows name: uploads and renditions."""
    columns = found.columns()
    for model in apps.get_models():
        for field in model._meta.get_fields():
            place = model._meta.db_table, getattr(field, "column", None)
            if isinstance(field, models.FileField) and place in columns:
                # "media" or "private" (portal.settings), wherever DATA_DIR was.
                folder = Path(field.storage.location).name
                for (name,) in found.rows(_select(*place)):
                    if name:
                        yield f"{folder}/{name}"
    if ("news_image", "renditions") in columns:
        for (value,) in found.rows(_select("news_image", "renditions")):
            value = json.loads(value) if isinstance(value, str | bytes) else value
            for rendition in value.values():
                for name in rendition.values():
                    if isinstance(name, str):
                        yield f"media/{name}"


def _select(table: str, column: str) -> str:
    return f'SELECT "{column}" FROM "{table}"'  # noqa: S608 - names of our own models


def migrations(found: Reading) -> list[list[str]]:
    """Return [app, name] of each migration that a database says was applied."""
    if ("django_migrations", "name") not in found.columns():
        raise Refused(_("The database holds no portal: there is nothing to back up."))
    rows: Iterable = found.rows("SELECT app, name FROM django_migrations ORDER BY id")
    return [[app, name] for app, name in rows]


def _refuse_without_room(database: Database, data_dir: Path, folder: Path) -> None:
    files = 0
    for name in kept_files(data_dir, database):
        with contextlib.suppress(FileNotFoundError):
            files += (data_dir / name).stat().st_size
    # SQLite's database is copied first and then packed.
    copies = 2 if database.engine == "sqlite" else 1
    refuse_without_room(folder, files + copies * database.size())


def refuse_without_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed + SPARE_BYTES:
        raise Refused(
            _("%(folder)s has too little room: %(free)d MB free, %(needed)d MB needed.")
            % {
                "folder": folder,
                "free": free // 2**20,
                "needed": (needed + SPARE_BYTES) // 2**20 + 1,
            }
        )


def _forget_left_over(folder: Path) -> None:
    """Remove what runs that were killed left behind, of those that are not running."""
    for part in folder.glob(f".{NAME_BEGINS}*.part"):
        with open(part, "rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            part.unlink(missing_ok=True)
            part.with_name(part.name + ".copy").unlink(missing_ok=True)
    for copy in folder.glob(f".{NAME_BEGINS}*.part.copy*"):
        if not copy.with_name(copy.name.partition(".part.copy")[0] + ".part").exists():
            copy.unlink(missing_ok=True)


def _to_disk(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
