"""SQLite: its own backup interface, and the rows of the copy."""

import gzip
import hashlib
import os
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from portal.backup.archive import DATABASE, PART_BYTES, Archive, Tell
from portal.backup.databases import NOT_KEPT, Figures, Reading, Snapshot
from portal.backup.errors import Damaged

_GZIP_LEVEL = 5
_COPIED_PAGES = 4096


class _SqliteReading:
    def __init__(self, connection: sqlite3.Connection):
        self._connection = connection

    def rows(self, sql: str) -> Iterator[tuple]:
        return self._connection.execute(sql)

    def columns(self) -> set[tuple[str, str]]:
        return {
            (table, column)
            for table in _tables(self._connection)
            for (column,) in self._connection.execute(
                "SELECT name FROM pragma_table_info(?)", [table]
            )
        }

    def demanded(self) -> set[tuple[str, str]]:
        return {
            (table, column)
            for table in _tables(self._connection)
            for (column,) in self._connection.execute(
                'SELECT name FROM pragma_table_xinfo(?) WHERE "notnull"'
                " AND dflt_value IS NULL AND NOT pk AND NOT hidden",
                [table],
            )
        }

    def figures(self, tell: Tell) -> Figures:
        return _figures(self._connection, tell)


class _SqliteSnapshot(_SqliteReading):
    def __init__(self, connection: sqlite3.Connection, path: Path):
        super().__init__(connection)
        self._path = path
        self.unpacked = path.stat().st_size

    def dump(self, write: Callable[[bytes], Any], tell: Tell) -> None:
        done = 0
        with (
            open(self._path, "rb") as file,
            gzip.GzipFile("", "wb", _GZIP_LEVEL, _Writing(write), mtime=0) as packed,
        ):
            while part := file.read(PART_BYTES):
                packed.write(part)
                done += len(part)
                tell(
                    _("database: %(percent)d%%")
                    % {"percent": 100 * done / self.unpacked}
                )


class _Writing:
    def __init__(self, write: Callable[[bytes], Any]):
        self.write = write

    def flush(self) -> None:
        """Nothing is kept back here."""


class Sqlite:
    engine = "sqlite"

    def __init__(self, path: Path):
        self.path = path
        # In the folder of the place it gets, so that a rename is enough.
        self._waiting = path.with_name(f".restoring-{path.name}")

    def version(self) -> str:
        return sqlite3.sqlite_version

    def url(self) -> str:
        return f"sqlite:///{self.path}"

    def size(self) -> int:
        files = (self.path, self.path.with_name(self.path.name + "-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def is_empty(self) -> bool:
        if not self.path.exists():
            return True
        with closing(_connect(self.path)) as connection:
            return not list(connection.execute("SELECT 1 FROM sqlite_master LIMIT 1"))

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        with closing(_connect(self.path)) as connection:
            connection.execute("BEGIN")
            yield _SqliteReading(connection)

    @contextmanager
    def snapshot(self, work: Path, at_once: Callable[[], None]) -> Iterator[Snapshot]:
        """Copy the database to the file `work`; its instant is that of `at_once`.

        Nobody writes at that instant, so no visit is counted meanwhile. The copy is of
        one read transaction: what others write later is neither in it nor held up.
        """
        with closing(_connect(self.path)) as source:
            with closing(_connect(self.path)) as lock:
                lock.execute("BEGIN IMMEDIATE")
                source.execute("BEGIN")
                source.execute("SELECT count(*) FROM sqlite_master").fetchone()
                at_once()
            work.unlink(missing_ok=True)
            os.close(os.open(work, os.O_CREAT | os.O_EXCL, 0o600))
            with closing(_connect(work)) as copy:
                source.backup(copy, pages=_COPIED_PAGES)
                copy.execute("PRAGMA journal_mode=DELETE")
                copy.execute("PRAGMA secure_delete=ON")
                for table in set(NOT_KEPT) & set(_tables(copy)):
                    copy.execute(f"DELETE FROM {_quoted(table)}")  # noqa: S608
        try:
            with closing(_connect(work)) as connection:
                yield _SqliteSnapshot(connection, work)
        finally:
            work.unlink(missing_ok=True)

    def unpack(self, archive: Archive, work: Path) -> None:
        """Write the archive's database beside its place; raises Damaged."""
        packed = work / "database.gz"
        packed.unlink(missing_ok=True)
        archive.unpack(DATABASE, packed)
        self._waiting.unlink(missing_ok=True)
        left = archive.manifest["unpacked"]
        try:
            with gzip.open(packed) as source, open(self._waiting, "xb") as target:
                self._waiting.chmod(0o640)
                while part := source.read(PART_BYTES):
                    left -= len(part)
                    if left < 0:
                        raise Damaged(_("The database in it is larger than it says."))
                    target.write(part)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise Damaged(_("The database in it cannot be unpacked.")) from error
        packed.unlink()

    def put_in_place(self) -> None:
        if self._waiting.exists():
            for end in ("-wal", "-shm"):  # of the empty file that was there
                self.path.with_name(self.path.name + end).unlink(missing_ok=True)
            self._waiting.replace(self.path)

    def problems(self) -> list[str]:
        with closing(_connect(self.path)) as connection:
            found = [row[0] for row in connection.execute("PRAGMA integrity_check(20)")]
            broken = list(connection.execute("PRAGMA foreign_key_check"))
        return [line for line in found if line != "ok"] + [
            f"{table} {row}: {parent}" for table, row, parent, _key in broken[:20]
        ]

    @contextmanager
    def temporary(self, folder: Path) -> Iterator["Sqlite"]:
        yield Sqlite(folder / "portal.sqlite3")

    def forget_left_over(self, folder: Path) -> None:
        """Nothing outlives the temporary folder."""


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=20, isolation_level=None)
    connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    return connection


def _quoted(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""'))


def _tables(connection: sqlite3.Connection) -> list[str]:
    """Tables that hold rows: a virtual one keeps its own in those beside it."""
    found = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        " AND sql NOT LIKE 'CREATE VIRTUAL%' AND name NOT LIKE 'sqlite_stat%'"
    )
    return sorted(name for (name,) in found)


def _figures(connection: sqlite3.Connection, tell: Tell) -> Figures:
    """Count and hash the rows of each table, in any order and in little memory."""
    found: Figures = {}
    for table in _tables(connection):
        tell(_("counting the rows of %(table)s") % {"table": table})
        rows, total = 0, 0
        for row in connection.execute(f"SELECT * FROM {_quoted(table)}"):  # noqa: S608
            digest = hashlib.blake2b(repr(row).encode(), digest_size=16).digest()
            total += int.from_bytes(digest)
            rows += 1
        found[table] = [rows, f"{total % 2**128:032x}"]
    return found
