"""What a backup needs of a database; `sqlite` and `postgres` have it.

Tables are read with plain SQL, not through the models: an older or a newer database
than this program's is backed up and compared as well.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings

from portal.backup.archive import Archive, Tell

# Emptied: the keys of visitors' hashes are erased after 48 hours (docs/visits.md), and
# a backup would keep them for years.
NOT_KEPT = ("stats_salt",)

Figures = dict[str, list]  # table: [rows, a sum of the hashes of its rows]


class Reading(Protocol):
    """A database as one transaction sees it."""

    def rows(self, sql: str) -> Iterator[tuple]: ...

    def columns(self) -> set[tuple[str, str]]: ...  # table, column

    # Those that whoever adds a row must name: not NULL, no default, no number given.
    def demanded(self) -> set[tuple[str, str]]: ...

    def figures(self, tell: Tell) -> Figures: ...


class Snapshot(Reading, Protocol):
    """The same as it was at one instant, to be written into a backup."""

    unpacked: int  # bytes that the database takes when it is restored

    def dump(self, write: Callable[[bytes], Any], tell: Tell) -> None: ...


class Database(Protocol):
    """What the rest of the package asks of either engine."""

    engine: str  # "sqlite" or "postgresql", as manifests name it

    def version(self) -> str: ...

    def url(self) -> str: ...

    def size(self) -> int: ...

    def is_empty(self) -> bool: ...

    def reading(self) -> AbstractContextManager[Reading]: ...

    def snapshot(
        self, work: Path, at_once: Callable[[], None]
    ) -> AbstractContextManager[Snapshot]: ...

    def unpack(self, archive: Archive, work: Path) -> None: ...

    def put_in_place(self) -> None: ...

    def problems(self) -> list[str]: ...

    def temporary(self, folder: Path) -> AbstractContextManager["Database"]: ...

    def forget_left_over(self, folder: Path) -> None: ...


def of_settings() -> Database:
    """Return the site's database."""
    from portal.backup.postgres import Postgres
    from portal.backup.sqlite import Sqlite

    found = settings.DATABASES["default"]
    if found["ENGINE"].endswith("sqlite3"):
        return Sqlite(Path(found["NAME"]))
    return Postgres.of(found)
