"""A database of its own for each engine; gone afterwards."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

LOCAL = "postgres://postgres@127.0.0.1:5432/postgres"
SQLITE, POSTGRESQL = "sqlite", "postgresql"


def server() -> str:
    return os.environ.get("BENCH_DATABASE_URL") or LOCAL


def why_not(engine: str) -> str:
    """Return why an engine cannot be measured here; empty when it can."""
    if engine == SQLITE:
        return ""
    try:
        psycopg.connect(server(), connect_timeout=3).close()
    except psycopg.Error as error:
        return f"no PostgreSQL at BENCH_DATABASE_URL or 127.0.0.1:5432 ({error})"
    return ""


@contextlib.contextmanager
def database(engine: str, name: str, keep: str | None) -> Iterator[dict[str, str]]:
    """Make an empty database; give the environment of a process that uses it.

    With `keep`, a folder, it stays and is used again by the next run.
    """
    with contextlib.ExitStack() as stack:
        if keep:
            folder = os.path.join(keep, name)
            os.makedirs(folder, exist_ok=True)
        else:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix=name))
        environment = {"DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "bench.settings"}
        if engine == POSTGRESQL:
            if not keep:
                name = f"{name}_{os.getpid()}"
                stack.callback(_drop, name)
            _create(name)
            parts = urlsplit(server())
            environment["DATABASE_URL"] = urlunsplit(parts._replace(path=f"/{name}"))
        yield environment


def _create(name: str) -> None:
    with (
        psycopg.connect(server(), autocommit=True) as connection,
        contextlib.suppress(psycopg.errors.DuplicateDatabase),  # one that was kept
    ):
        # Vietnamese needs UTF-8, whatever the server's default is.
        connection.execute(
            sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0").format(
                sql.Identifier(name)
            )
        )


def _drop(name: str) -> None:
    with psycopg.connect(server(), autocommit=True) as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(
                sql.Identifier(name)
            )
        )
