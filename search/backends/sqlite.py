"""SQLite: a contentless FTS5 table of token bags; its rowid is the date.

`rowid` = minute of publication * 16, plus 1 while taken: newest first needs no
sort and a range of dates is a range of rowids. FTS5 of SQLite 3.40 cannot delete
from a contentless table by rowid, so the old bags are made again from search_text.
"""

# Statements are put together from our own pieces; what readers type travels as
# parameters.
# ruff: noqa: S608

import json

from django.db import DatabaseError

from search import text
from search.backends.base import SearchBackend
from search.documents import Document, bag
from search.matching import Match

SLOTS = 16  # rowids of one minute; a crowded minute runs into the next

_CREATE = (
    """CREATE TABLE search_doc (
        rowid INTEGER PRIMARY KEY,
        article_id INTEGER NOT NULL UNIQUE,
        pub INTEGER NOT NULL,
        cats TEXT NOT NULL
    )""",
    """CREATE TABLE search_text (
        article_id INTEGER PRIMARY KEY,
        tf TEXT NOT NULL, lf TEXT NOT NULL, te TEXT NOT NULL, le TEXT NOT NULL,
        bf TEXT NOT NULL, ff TEXT NOT NULL, be TEXT NOT NULL, fe TEXT NOT NULL
    )""",
    # The tokens are made in Python: the ascii tokenizer parts them at blanks and
    # takes every other letter as it is, so none can become two (a phrase, which
    # detail=column refuses).
    """CREATE VIRTUAL TABLE search_fts USING fts5(
        t, s, k, content='', detail=column, columnsize=0,
        tokenize="ascii tokenchars '_'"
    )""",
    """CREATE TABLE search_state (
        name TEXT PRIMARY KEY, value TEXT NOT NULL
    ) WITHOUT ROWID""",
)
_DROP = ("search_state", "search_fts", "search_text", "search_doc")
_INSERT = "INSERT INTO search_fts (rowid, t, s, k) VALUES (%s, %s, %s, %s)"
_DELETE = (
    "INSERT INTO search_fts (search_fts, rowid, t, s, k) "
    "VALUES ('delete', %s, %s, %s, %s)"
)


def _minute(moment) -> int:
    return int(moment.timestamp() // 60)


def _keys(category_ids) -> str:
    return " ".join(f"c{pk}" for pk in category_ids)


def _all_of(match: Match) -> str:
    """The tokens of a Match, its column and what it is without left out."""
    parts = [f'"{token}"' for token in match.tokens]
    for alternatives in match.any_of:
        either = [" AND ".join(f'"{t}"' for t in tokens) for tokens in alternatives]
        parts.append(" OR ".join(f"({tokens})" for tokens in either))
    if match.prefix:
        parts.append(" OR ".join(f'"{p}" *' for p in text.prefixes(match.prefix)))
    return " AND ".join(f"({part})" for part in parts)


class SqliteBackend(SearchBackend):
    tables = "search_fts CROSS JOIN search_doc d ON d.rowid = search_fts.rowid"
    newness = "SELECT d.rowid FROM search_doc d WHERE d.article_id = x.article_id"
    newest_first = "search_fts.rowid DESC"
    count_order = " ORDER BY search_fts.rowid DESC"
    position = "instr"

    def create(self, schema_editor):
        for sql in _CREATE:
            schema_editor.execute(sql, None)
        schema_editor.execute(
            "INSERT INTO search_state VALUES (%s, %s)",
            ["tokenizer", str(text.TOKENIZER_VERSION)],
        )

    def drop(self, schema_editor):
        for table in _DROP:
            schema_editor.execute(f"DROP TABLE IF EXISTS {table}", None)

    def write(self, documents):
        # FTS5 writes a segment whenever a rowid is not above the one before it.
        documents = sorted(documents, key=lambda document: document.published_at)
        known = self.stored([document.article_id for document in documents])
        with self.connection.cursor() as cursor:
            for document in documents:
                old = known.get(document.article_id)
                if old != self.fingerprint(document):
                    self._replace(cursor, document, old)

    def _replace(self, cursor, document: Document, old: tuple | None):
        rowid = None
        if old is not None:
            rowid = self._forget(cursor, document.article_id, old)
        if old is None or old[0] != self.fingerprint(document)[0]:
            rowid = self._free_rowid(cursor, document)
        pub, cats, *_ = self.fingerprint(document)
        cursor.execute(
            "INSERT INTO search_doc (rowid, article_id, pub, cats) "
            "VALUES (%s, %s, %s, %s)",
            [rowid, document.article_id, pub, cats],
        )
        cursor.execute(
            "INSERT INTO search_text VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [document.article_id, *document.stored_texts],
        )
        bags = " ".join(document.title_bag), " ".join(document.bag)
        cursor.execute(_INSERT, [rowid, *bags, _keys(document.category_ids)])

    def _forget(self, cursor, article_id: int, old: tuple) -> int:
        """Take one article out of all tables; return the rowid it had."""
        _, cats, *exact = old
        fields = [column.split() for column in exact]
        folded = [text.fold_tokens(tokens) for tokens in fields]
        cursor.execute(
            "SELECT rowid FROM search_doc WHERE article_id = %s", [article_id]
        )
        rowid = cursor.fetchone()[0]
        bags = " ".join(bag(fields[:1], folded[:1])), " ".join(bag(fields, folded))
        cursor.execute(_DELETE, [rowid, *bags, _keys(cats.split())])
        cursor.execute("DELETE FROM search_doc WHERE rowid = %s", [rowid])
        cursor.execute("DELETE FROM search_text WHERE article_id = %s", [article_id])
        return rowid

    def _free_rowid(self, cursor, document: Document) -> int:
        first = _minute(document.published_at) * SLOTS
        cursor.execute(
            "WITH RECURSIVE slot(id) AS (SELECT %s UNION ALL "
            "SELECT id + 1 FROM slot JOIN search_doc ON rowid = id) "
            "SELECT max(id) FROM slot",
            [first],
        )
        rowid = cursor.fetchone()[0]
        overflow = rowid - (first + SLOTS - 1)
        if overflow > 0 and overflow > self._overflow():
            self.set_state("overflow", str(overflow))
        return rowid

    def _overflow(self) -> int:
        """Return how far crowded minutes have run into the following ones."""
        return int(self.get_state("overflow") or 0)

    def remove(self, article_ids):
        known = self.stored(list(article_ids))
        with self.connection.cursor() as cursor:
            for article_id, old in known.items():
                self._forget(cursor, article_id, old)

    def clear(self):
        with self.connection.cursor() as cursor:
            cursor.execute("INSERT INTO search_fts (search_fts) VALUES ('delete-all')")
            cursor.execute("DELETE FROM search_doc")
            cursor.execute("DELETE FROM search_text")
        self.set_state("overflow", None)

    def stored(self, article_ids):
        marks = ",".join(["%s"] * len(article_ids))
        with self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT d.article_id, d.pub, d.cats, x.te, x.le, x.be, x.fe "
                "FROM search_doc d JOIN search_text x ON x.article_id = d.article_id "
                f"WHERE d.article_id IN ({marks})",
                article_ids,
            )
            return {article_id: tuple(rest) for article_id, *rest in cursor.fetchall()}

    def fingerprint(self, document):
        cats = " ".join(map(str, document.category_ids))
        pub = int(document.published_at.timestamp())
        return (pub, cats, *document.exact_texts)

    def find_damage(self):
        try:
            with self.connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO search_fts (search_fts) VALUES ('integrity-check')"
                )
        except DatabaseError as error:
            return str(error)
        return ""

    def tidy(self):
        """Merge the segments a bulk load leaves, in steps that hold no lock long."""
        with self.connection.cursor() as cursor:
            for _ in range(200):
                cursor.execute("SELECT total_changes()")
                before = cursor.fetchone()[0]
                cursor.execute(
                    "INSERT INTO search_fts (search_fts, rank) VALUES ('merge', 500)"
                )
                cursor.execute("SELECT total_changes()")
                if cursor.fetchone()[0] - before < 2:
                    break

    def expression(self, match: Match, category_ids=()):
        column = "t" if match.in_title else "s"
        parts = [f"{column} : ({_all_of(match)})"]
        if category_ids:
            keys = " OR ".join(f'"c{int(pk)}"' for pk in category_ids)
            parts.append(f"k : ({keys})")
        found = " AND ".join(f"({part})" for part in parts)
        for other in match.without:
            found = f"({found}) NOT (s : ({_all_of(other)}))"
        return found

    def condition(self, expressions):
        return "search_fts MATCH %s", [" OR ".join(f"({e})" for e in expressions)]

    def range_condition(self, start, end):
        conditions, params = [], []
        if start:
            conditions.append("search_fts.rowid >= %s")
            params.append(_minute(start) * SLOTS)
        if end:
            conditions.append("search_fts.rowid < %s")
            params.append(_minute(end) * SLOTS + self._overflow())
        return " AND ".join(conditions), params

    def known(self, matches):
        return set(
            self._ids(
                "SELECT key FROM json_each(%s) WHERE EXISTS "
                "(SELECT 1 FROM search_fts WHERE search_fts MATCH value)",
                [json.dumps([self.expression(match) for match in matches])],
            )
        )
