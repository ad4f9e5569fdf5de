"""A small site of its own, on disk, for the tests of backups and of the upgrade."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import environ
import psycopg
import pytest
from django.conf import settings
from psycopg import sql

from bench.search import databases as made
from portal.backup import making
from portal.backup.databases import Database
from portal.backup.postgres import Postgres
from portal.backup.restoring import Place
from portal.backup.sqlite import Sqlite

ROOT = Path(__file__).resolve().parents[2]


def engine() -> str:
    name = settings.DATABASES["default"]["ENGINE"]
    return made.POSTGRESQL if name.endswith("postgresql") else made.SQLITE


@dataclass
class Site:
    data_dir: Path
    database: Database

    @property
    def place(self) -> Place:
        return Place(self.data_dir, self.database)

    def back_up(self, target: Path, tell=lambda text: None) -> making.Made:
        return making.make(self.database, self.data_dir, target, tell)

    def execute(self, statement: str) -> None:
        if isinstance(self.database, Sqlite):
            with contextlib.closing(sqlite3.connect(self.database.path)) as connection:
                connection.execute(statement)
                connection.commit()
        else:
            with self.database.connect() as connection:
                connection.execute(statement)

    def rows(self, statement: str) -> list[tuple]:
        with self.database.reading() as found:
            return list(found.rows(statement))

    def files(self) -> dict[str, bytes]:
        return {
            name: (self.data_dir / name).read_bytes()
            for name in making.kept_files(self.data_dir, self.database)
        }


def use_server_of_the_tests(patch: pytest.MonkeyPatch) -> None:
    """Let what bench makes be made on the server that the suite runs on."""
    url = os.environ.get("DATABASE_URL", "")
    if engine() == made.POSTGRESQL:
        patch.setenv("BENCH_DATABASE_URL", f"{url.rpartition('/')[0]}/postgres")


@contextlib.contextmanager
def filled_site() -> Iterator[Site]:
    """Make the site of bench.drill_backup in a folder and a database of its own."""
    with pytest.MonkeyPatch.context() as patch:
        use_server_of_the_tests(patch)
        with made.database(engine(), "portal_backup_test", None) as environment:
            inherited = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
            subprocess.run(
                [sys.executable, "-m", "bench.drill_backup", "--fill"],
                cwd=ROOT,
                env={**inherited, **environment},
                check=True,
            )
            folder = Path(environment["DATA_DIR"])
            if engine() == made.POSTGRESQL:
                found = environ.Env.db_url_config(environment["DATABASE_URL"])
                yield Site(folder, Postgres.of(found))
            else:
                yield Site(folder, Sqlite(folder / "portal.sqlite3"))


@contextlib.contextmanager
def copy_of(site: Site, folder: Path) -> Iterator[Site]:
    """Give a test a site that it may change."""
    data_dir = folder / "data"
    shutil.copytree(site.data_dir, data_dir)
    if isinstance(site.database, Sqlite):
        yield Site(data_dir, Sqlite(data_dir / "portal.sqlite3"))
        return
    with empty_database(site.database, site.database.parameters["dbname"]) as database:
        yield Site(data_dir, database)


@contextlib.contextmanager
def empty_database(beside: Postgres, template: str = "template0") -> Iterator[Postgres]:
    name = f"portal_backup_copy_{os.getpid()}_{os.urandom(3).hex()}"
    with psycopg.connect(
        **{**beside.parameters, "dbname": "postgres"}, autocommit=True
    ) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        try:
            yield Postgres({**beside.parameters, "dbname": name})
        finally:
            connection.execute(
                sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            )


@contextlib.contextmanager
def empty_place(beside: Site, data_dir: Path) -> Iterator[Site]:
    data_dir.mkdir()
    if isinstance(beside.database, Sqlite):
        yield Site(data_dir, Sqlite(data_dir / "portal.sqlite3"))
        return
    with empty_database(beside.database) as database:
        yield Site(data_dir, database)
