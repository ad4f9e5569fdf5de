"""Additive upserts: one SQL text that SQLite and PostgreSQL both understand.

Django's bulk_create(update_conflicts=True) can replace a column but not add to it,
and reading before writing would lose what another host adds meanwhile.
Table and column names come from our code, never from a request.
"""

from collections.abc import Sequence
from datetime import date

from django.db import connection

ROWS_A_STATEMENT = 200


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
    one_row = f"({', '.join(['%s'] * len(columns))})"
    for first in range(0, len(rows), ROWS_A_STATEMENT):
        part = rows[first : first + ROWS_A_STATEMENT]
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)})"  # noqa: S608 - our names
            f" VALUES {', '.join([one_row] * len(part))} ON CONFLICT {conflict}",
            [_adapted(value) for row in part for value in row],
        )


def _adapted(value):
    if isinstance(value, date):
        return connection.ops.adapt_datefield_value(value)
    return value
