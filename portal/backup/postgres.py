"""PostgreSQL: pg_dump and pg_restore of a version that fits the server's."""

import hashlib
import os
import re
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from django.utils.translation import gettext as _
from psycopg import sql

from portal.backup.archive import DATABASE, PART_BYTES, Archive, Tell
from portal.backup.databases import NOT_KEPT, Figures, Reading, Snapshot
from portal.backup.errors import Refused
from stats.drainer import ADVISORY_LOCK

_DEBIAN = Path("/usr/lib/postgresql")  # VERSION/bin/pg_dump
# The same text for the same row, whatever the server is set to.
_READING = (
    "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres';"
    " SET bytea_output = 'hex'; SET extra_float_digits = 1;"
    " SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0"
)
# What libpq's programs are told by the environment; a password is never an argument.
_ENVIRONMENT = {
    "dbname": "PGDATABASE",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "host": "PGHOST",
    "port": "PGPORT",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "service": "PGSERVICE",
}


class _PostgresReading:
    def __init__(self, connection: psycopg.Connection):
        self._connection = connection

    def rows(self, query: str) -> Iterator[tuple]:
        return iter(self._connection.execute(query))

    def columns(self) -> set[tuple[str, str]]:
        return set(
            self._connection.execute(
                "SELECT table_name::text, column_name::text FROM"
                " information_schema.columns WHERE table_schema = current_schema()"
            )
        )

    def demanded(self) -> set[tuple[str, str]]:
        return set(
            self._connection.execute(
                "SELECT table_name::text, column_name::text FROM"
                " information_schema.columns WHERE table_schema = current_schema()"
                " AND is_nullable = 'NO' AND column_default IS NULL"
                " AND is_identity = 'NO' AND is_generated = 'NEVER'"
            )
        )

    def figures(self, tell: Tell) -> Figures:
        return _figures(self._connection, tell)


class _PostgresSnapshot(_PostgresReading):
    def __init__(self, connection: psycopg.Connection, database: "Postgres"):
        super().__init__(connection)
        self._database = database
        self._id = connection.execute("SELECT pg_export_snapshot()").fetchone()[0]
        self.unpacked = database.size()

    def dump(self, write: Callable[[bytes], Any], tell: Tell) -> None:
        options = [f"--exclude-table-data={table}" for table in NOT_KEPT]
        done = 0
        with tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(  # noqa: S603 - found by us, no shell
                [
                    self._database.program("pg_dump"),
                    *("--format=custom", "--no-owner", "--no-privileges"),
                    *(f"--snapshot={self._id}", *options),
                ],
                env=self._database.environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
            try:
                while part := process.stdout.read(PART_BYTES):
                    write(part)
                    done += len(part)
                    tell(_("database: %(size)d MB") % {"size": done / 2**20})
                _end(process, errors, "pg_dump")
            finally:
                process.stdout.close()
                process.kill()  # after an error; it is gone otherwise
                process.wait()


@dataclass(frozen=True)
class Postgres:
    """`parameters` are those of libpq (dbname, host, port, user, password, ...)."""

    parameters: dict
    engine = "postgresql"

    @classmethod
    def of(cls, found: dict) -> "Postgres":
        """Return the database that an entry of DATABASES names."""
        named = {"NAME": "dbname", "USER": "user", "PASSWORD": "password"}
        named |= {"HOST": "host", "PORT": "port"}
        parameters = {to: str(found[key]) for key, to in named.items() if found[key]}
        options = found.get("OPTIONS", {})
        kept = {key: str(options[key]) for key in _ENVIRONMENT if options.get(key)}
        return cls({**kept, **parameters})

    def connect(self, **options) -> psycopg.Connection:
        return psycopg.connect(**self.parameters, **options)

    def environment(self) -> dict[str, str]:
        told = {_ENVIRONMENT[key]: value for key, value in self.parameters.items()}
        return {**os.environ, **told, "PGAPPNAME": "portal backup"}

    def url(self) -> str:
        found = {key: quote(value, safe="") for key, value in self.parameters.items()}
        user = found.get("user", "")
        if "password" in found:
            user += f":{found['password']}"
        place = found.get("host", "") + (f":{found['port']}" if "port" in found else "")
        return f"postgres://{user}{'@' if user else ''}{place}/{found['dbname']}"

    def version(self) -> str:
        with self.connect() as connection:
            return connection.execute("SHOW server_version").fetchone()[0]

    def program(self, name: str) -> str:
        """Return the path of pg_dump or pg_restore; raises Refused when none fits."""
        with self.connect() as connection:
            server = connection.info.server_version // 10_000
        found = {}
        for path in (*_DEBIAN.glob(f"*/bin/{name}"), shutil.which(name)):
            if path and (version := _version(path)):
                found.setdefault(version, str(path))
        # Older ones refuse; newer ones write what an older server does not know.
        fitting = sorted(version for version in found if version >= server)
        if fitting:
            return found[fitting[0]]
        if found:
            raise Refused(
                _(
                    "%(program)s is of version %(found)d, the server of version "
                    "%(server)d: install postgresql-client-%(server)d."
                )
                % {"program": name, "found": max(found), "server": server}
            )
        raise Refused(
            _("%(program)s is missing: install postgresql-client-%(server)d.")
            % {"program": name, "server": server}
        )

    def size(self) -> int:
        with self.connect() as connection:
            query = "SELECT pg_database_size(current_database())"
            return connection.execute(query).fetchone()[0]

    def is_empty(self) -> bool:
        with self.connect() as connection:
            return not _tables(connection)

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        with self.connect() as connection:
            connection.execute(_READING)
            connection.commit()
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            yield _PostgresReading(connection)
            connection.rollback()

    @contextmanager
    def snapshot(self, work: Path, at_once: Callable[[], None]) -> Iterator[Snapshot]:
        """Keep the database as it is while `at_once` is called; nobody counts then."""
        self.program("pg_dump")
        with self.connect() as connection:
            connection.execute(_READING)
            connection.commit()
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            with self.connect() as lock:
                lock.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])
                found = _PostgresSnapshot(connection, self)
                at_once()
                lock.rollback()
            yield found
            connection.rollback()

    def unpack(self, archive: Archive, work: Path) -> None:
        """Restore in one transaction: all of it is there, or nothing."""
        if not self.is_empty():
            # Killed after the commit of this very restore, before it was noted.
            with self.reading() as found:
                if found.figures(lambda text: None) == archive.manifest["tables"]:
                    return
            raise Refused(
                _("The database %(name)s is not empty.")
                % {"name": self.parameters["dbname"]}
            )
        dump = work / "database.dump"
        dump.unlink(missing_ok=True)
        archive.unpack(DATABASE, dump)
        with tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(  # noqa: S603 - found by us, no shell
                [
                    self.program("pg_restore"),
                    *("--single-transaction", "--exit-on-error"),
                    *("--no-owner", "--no-privileges"),
                    f"--dbname={self.parameters['dbname']}",
                    str(dump),
                ],
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )
            try:
                _end(process, errors, "pg_restore")
            finally:
                process.kill()
                process.wait()
        dump.unlink()

    def put_in_place(self) -> None:
        """The commit did it."""

    def problems(self) -> list[str]:
        """Nothing to ask: restoring made every constraint anew over all rows."""
        return []

    @contextmanager
    def temporary(self, folder: Path) -> Iterator["Postgres"]:
        """Make an empty database on the same server; it is dropped at the end."""
        name = f"{self._temporary_prefix(folder.parent)}{secrets.token_hex(4)}"
        try:
            with self.connect(autocommit=True) as connection:
                collate, ctype = connection.execute(
                    "SELECT datcollate, datctype FROM pg_database"
                    " WHERE datname = current_database()"
                ).fetchone()
                connection.execute(
                    sql.SQL(
                        "CREATE DATABASE {} ENCODING 'UTF8' LC_COLLATE {} LC_CTYPE {}"
                        " TEMPLATE template0"
                    ).format(sql.Identifier(name), collate, ctype)
                )
        except psycopg.errors.InsufficientPrivilege as error:
            raise Refused(
                _(
                    "A temporary database cannot be made. Run as the database's "
                    "administrator: ALTER ROLE %(user)s CREATEDB;"
                )
                % {"user": self.parameters.get("user", "portal")}
            ) from error
        try:
            yield replace(self, parameters={**self.parameters, "dbname": name})
        finally:
            self._drop([name])

    def forget_left_over(self, folder: Path) -> None:
        """Drop temporary databases of runs that were killed; `folder` is DATA_DIR."""
        prefix = self._temporary_prefix(folder)
        with self.connect() as connection:
            found = connection.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s)",
                [prefix],
            ).fetchall()
        self._drop([name for (name,) in found])

    def _temporary_prefix(self, data_dir: Path) -> str:
        # Of this folder: another host's proof may be running on the same server.
        place = hashlib.sha256(str(data_dir).encode()).hexdigest()[:8]
        return f"{self.parameters['dbname'][:36]}_kiem_tra_{place}_"

    def _drop(self, names: list[str]) -> None:
        for name in names:
            with self.connect(autocommit=True) as connection:
                connection.execute(
                    sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(
                        sql.Identifier(name)
                    )
                )


def _version(path: str | Path) -> int:
    try:
        said = subprocess.run(  # noqa: S603
            [path, "--version"], capture_output=True, text=True, timeout=20
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return 0
    number = re.search(r"\) (\d+)", said)
    return int(number[1]) if number else 0


def _end(process: subprocess.Popen, errors, program: str) -> None:
    if process.wait():
        errors.seek(0)
        said = errors.read(4000).decode(errors="replace").strip().splitlines()
        raise Refused(
            _("%(program)s failed: %(reason)s")
            % {"program": program, "reason": said[-1] if said else process.returncode}
        )


def _tables(connection: psycopg.Connection) -> list[tuple[str, str]]:
    return connection.execute(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n"
        " ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p')"
        r" AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%'"
        " ORDER BY 1, 2"
    ).fetchall()


def _figures(connection: psycopg.Connection, tell: Tell) -> Figures:
    """Let the server count and hash the rows of each table, in any order."""
    found: Figures = {}
    for schema, table in _tables(connection):
        tell(_("counting the rows of %(table)s") % {"table": table})
        if table in NOT_KEPT:
            found[table] = [0, "0"]
            continue
        rows, total = connection.execute(
            sql.SQL(
                "SELECT count(*), coalesce(sum(('x' || substr(encode("
                "sha256(convert_to(t::text, 'UTF8')), 'hex'), 1, 15))::bit(60)"
                "::bigint::numeric), 0) FROM {} t"
            ).format(sql.Identifier(schema, table))
        ).fetchone()
        found[table] = [rows, str(total)]
    return found
