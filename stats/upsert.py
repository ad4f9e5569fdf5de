"""Additive upserts: one SQL text that SQLite and PostgreSQL both understand.

Django's bulk_create(update_conflicts=True) can replace a column but not add to it,
and reading before writing would lose what another host adds meanwhile.
Table and column names come from our code, never from a request.
"""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from django.db import connection

_ARRAYS = {int: "bigint[]", str: "text[]", bool: "boolean[]", date: "date[]"}


def upsert(
    cursor,
    table: str,
    key: Sequence[str],
    rows: Sequence[tuple],
    *,
    add: Sequence[str] = (),
    replace: Sequence[str] = (),
    latest: Sequence[str] = (),
    keep: Sequence[str] = (),
) -> None:
    """Insert rows of (*key, *add, *replace, *latest, *keep); on conflict merge.

    `add` columns are added up, `replace` take the new value, `latest` the greater
    one, `keep` stay as they are. No two rows may have the same key.
    """
    merges = [f"{c} = {table}.{c} + excluded.{c}" for c in add]
    merges += [f"{c} = excluded.{c}" for c in replace]
    merges += [
        f"{c} = CASE WHEN excluded.{c} > {table}.{c}"
        f" THEN excluded.{c} ELSE {table}.{c} END"
        for c in latest
    ]
    columns = [*key, *add, *replace, *latest, *keep]
    conflict = f"({', '.join(key)}) DO UPDATE SET {', '.join(merges)}"
    _insert(cursor, table, columns, rows, conflict)


def insert_only(
    cursor, table: str, columns: Sequence[str], rows: Sequence[tuple]
) -> None:
    """Insert rows; those whose key exists are left as they are."""
    _insert(cursor, table, columns, rows, "DO NOTHING")


def _insert(cursor, table, columns, rows, conflict: str) -> None:
    if not rows:
        return
    start = f"INSERT INTO {table} ({', '.join(columns)})"
    if connection.vendor == "postgresql":
        # One array a column: thousands of single values cost its driver much more.
        arrays = ", ".join(f"%s::{_ARRAYS[type(value)]}" for value in rows[0])
        cursor.execute(
            f"{start} SELECT * FROM unnest({arrays})"  # noqa: S608 - our names
            f" ON CONFLICT {conflict}",
            [list(column) for column in zip(*rows, strict=True)],
        )
        return
    adapt = lru_cache(connection.ops.adapt_datefield_value)
    values = [
        [adapt(value) if type(value) is date else value for value in row]
        for row in rows
    ]
    places = ", ".join(["%s"] * len(columns))
    cursor.executemany(
        f"{start} VALUES ({places}) ON CONFLICT {conflict}",
        values,
    )
