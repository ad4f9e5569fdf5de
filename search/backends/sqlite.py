"""SQLite: a contentless FTS5 table of token bags; its rowid is the date.

`rowid` = minute of publication * 16, plus 1 while taken: newest first needs no
sort and a range of dates is a range of rowids. FTS5 of SQLite 3.40 cannot delete
from a contentless table by rowid, so the old bags are made again from search_text.
`detail=none` keeps nothing but rowids, two fifths less than with columns; what stands
in the title has tokens of its own instead (search.documents.bag).
"""

# Statements are put together from our own pieces; what readers type travels as
# parameters.
# ruff: noqa: S608

import contextlib
import json
from datetime import UTC, datetime
from itertools import chain

from django.db import DatabaseError, OperationalError
from django.utils import timezone

from news.models import Article
from search import matching, text
from search.backends.base import (
    EXACT,
    SearchBackend,
    SearchTimeout,
    integers,
    local_bounds,
)
from search.documents import Document, bag, field_text

TEXTS_AT_ONCE = 1000  # deleted in one transaction: below a second
FEW = 100  # articles whose texts are read in the time of a walk through long lists
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
    # detail=none refuses).
    """CREATE VIRTUAL TABLE search_fts USING fts5(
        tok, content='', detail=none, columnsize=0,
        tokenize="ascii tokenchars '_:'"
    )""",
    """CREATE TABLE search_state (
        name TEXT PRIMARY KEY, value TEXT NOT NULL
    ) WITHOUT ROWID""",
)
_DROP = ("search_state", "search_fts", "search_text", "search_doc")
# How far crowded minutes have run into the following ones.
_OVERFLOW = (
    "coalesce((SELECT CAST(value AS INTEGER) FROM search_state "
    "WHERE name = 'overflow'), 0)"
)
_INSERT = "INSERT INTO search_fts (rowid, tok) VALUES (%s, %s)"
_DELETE = "INSERT INTO search_fts (search_fts, rowid, tok) VALUES ('delete', %s, %s)"


def _minute(moment) -> int:
    return int(moment.timestamp() // 60)


# Among the categories of an article that leaves the readers' sight by itself.
ENDS = "x"


def _tokens_of(stored: tuple) -> set[str]:
    pub, cats, *exact = stored
    fields = [column.split() for column in exact]
    folded = list(map(text.fold_tokens, fields))
    return set(bag(fields, folded, cats.split(), datetime.fromtimestamp(pub, UTC)))


def _exchange(cursor, rowid: int, old: set[str], new: set[str]):
    """Lead a row of FTS5 from some tokens to others, none meaning no row.

    What stays is not written: a correction changes a few of a thousand tokens. Both
    statements run for a row that stays, since FTS5 counts its rows by them.
    """
    if old == new:
        return
    for sql, tokens, changed in ((_DELETE, old, old - new), (_INSERT, new, new - old)):
        if tokens:
            cursor.execute(sql, [rowid, " ".join(changed)])


class SqliteBackend(SearchBackend):
    tables = "search_fts CROSS JOIN search_doc d ON d.rowid = search_fts.rowid"
    newness = "SELECT d.rowid FROM search_doc d WHERE d.article_id = x.article_id"
    newest_first = "search_fts.rowid DESC"
    count_order = " ORDER BY search_fts.rowid DESC"
    # Sixty articles a page of the file; the planner takes the articles themselves,
    # which lie on a page each.
    by_id = "INDEXED BY article_desk"
    position = "instr"
    holds = "search_fts MATCH %s"
    both, either = " AND ", " OR "
    token, beginning = '"{}"', '"{}" *'

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

    @contextlib.contextmanager
    def reading(self, is_public=True):
        """See the base. Who limits the time of a request interrupts its statement."""
        try:
            yield
        except OperationalError as error:
            if str(error) == "interrupted":
                raise SearchTimeout from error
            raise

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
        pub, cats, *_ = self.fingerprint(document)
        rowid = old and self._forget_rows(cursor, document.article_id)
        tokens = _tokens_of(old) if old else set()
        if old is None or old[0] != pub:
            _exchange(cursor, rowid, tokens, set())
            rowid, tokens = self._free_rowid(cursor, document), set()
        cursor.execute(
            "INSERT INTO search_doc (rowid, article_id, pub, cats) "
            "VALUES (%s, %s, %s, %s)",
            [rowid, document.article_id, pub, cats],
        )
        cursor.execute(
            "REPLACE INTO search_text VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [document.article_id, *document.stored_texts],
        )
        _exchange(cursor, rowid, tokens, _tokens_of((pub, cats, *document.exact_texts)))

    def _forget_rows(self, cursor, article_id: int) -> int:
        """Take one article out of the tables beside FTS5; return its rowid there."""
        cursor.execute(
            "SELECT rowid FROM search_doc WHERE article_id = %s", [article_id]
        )
        rowid = cursor.fetchone()[0]
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
                rowid = self._forget_rows(cursor, article_id)
                _exchange(cursor, rowid, _tokens_of(old), set())

    def clear(self):
        """See the base. The texts stay until others take their place, or `tidy`.

        Of 500,000 articles to delete them took 23 of 31 s, in which nobody can save.
        """
        with self.connection.cursor() as cursor:
            cursor.execute("INSERT INTO search_fts (search_fts) VALUES ('delete-all')")
            cursor.execute("DELETE FROM search_doc")
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
        cats = " ".join([*map(str, document.category_ids), *[ENDS] * document.has_end])
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
        """Merge what a bulk load leaves into one segment, in short steps.

        A search looks up each of its words in every segment.
        """
        self._delete_texts_of_nobody()
        pages = -500  # the first step marks all segments as one merge
        with self.connection.cursor() as cursor:
            while True:
                cursor.execute("SELECT total_changes()")
                before = cursor.fetchone()[0]
                cursor.execute(
                    "INSERT INTO search_fts (search_fts, rank) VALUES ('merge', %s)",
                    [pages],
                )
                cursor.execute("SELECT total_changes()")
                if cursor.fetchone()[0] - before < 2:
                    break
                pages = 500

    def _delete_texts_of_nobody(self):
        """Delete what `clear` has left of articles that have not come again."""
        without = "article_id NOT IN (SELECT article_id FROM search_doc)"
        left = self._ids(f"SELECT article_id FROM search_text WHERE {without}", [])
        with self.connection.cursor() as cursor:
            for start in range(0, len(left), TEXTS_AT_ONCE):
                ids = left[start : start + TEXTS_AT_ONCE]
                cursor.execute(
                    f"DELETE FROM search_text WHERE {without} "
                    "AND article_id IN (SELECT value FROM json_each(%s))",
                    [json.dumps(ids)],
                )

    def _total(self, asked):
        """See the base. The index is asked once, and the articles only for a total.

        A look at each article takes 3 us: most of a search for common words. That there
        are more than the cap is told by what has no end and is of a minute before this
        one, which is public without a look.
        """
        request, cap = asked.request, self.total_cap + 1
        at = getattr(asked.queryset, "public_at", None)
        if at is None:
            return super()._total(asked)
        every = matching.everything(request.words)
        found, now = self.expression(every, request), _minute(at) * SLOTS
        days = local_bounds(request)
        within, bounds = self.range_condition(*days)
        rows = (
            "SELECT rowid FROM search_fts WHERE search_fts MATCH %s "
            f"AND {within or '1 = 1'}"
        )
        # At either end of a range so many may be of other days.
        unsure = 2 * self._overflow() if any(days) else 0
        lasting = self._ids(
            f"{rows} AND rowid < %s {self.count_order} LIMIT %s",
            [f'({found}) NOT ":c{ENDS}"', *bounds, now, cap + unsure],
        )
        phrases = matching.tokens_of(request.words).phrases
        if len(lasting) == cap + unsure:
            # A long phrase is read from the texts.
            is_read = any(map(self.reads_texts, phrases))
            return super()._total(asked) if is_read else cap
        tests = [asked.is_visible, *map(self._holds_phrase, phrases)]
        conditions = " AND ".join(sql for sql, _ in tests if sql)
        # Few have an end or come out later, and none of days that are over does.
        others, values = rows, [f'":c{ENDS}" AND ({found})', *bounds]
        if not days[1] or _minute(days[1]) * SLOTS + unsure > now:
            others += f" UNION ALL {rows} AND rowid >= %s"
            values += [found, *bounds, now]
        sql = (
            f"SELECT d.article_id FROM search_doc d WHERE {conditions} AND d.rowid "
            f"IN ({others} UNION ALL SELECT value FROM json_each(%s)) "
            "ORDER BY d.rowid DESC"
        )
        params = [*chain(*(values for _, values in tests)), *values]
        ids = self._ids(sql, [*params, json.dumps(lasting)])
        asked.lists[every] = len(ids) + 1, ids
        return len(ids)

    def _first(self, asked, match, limit):
        """See the base. Of few, the texts tell who holds the accents typed.

        The index has to go through the lists of common syllables to their ends, unless
        there are days, which make the way short.
        """
        if any(local_bounds(asked.request)):
            return super()._first(asked, match, limit)
        found = matching.tokens_of(asked.request.words)
        without = {form + found.accents: form for form in (found.near, found.needed)}
        form = without.get(match, match)
        if form == match or (form == found.needed and asked.total > FEW):
            return super()._first(asked, match, limit)
        few = self._newest(asked, form, FEW + 1)
        if len(few) > FEW:
            return super()._first(asked, match, limit)
        tests = [self._holds(EXACT, field_text([token])) for token in found.accents]
        conditions = " AND ".join(sql for sql, _ in tests)
        sql = (
            f"SELECT x.article_id FROM search_text x WHERE {conditions} "
            f"AND x.article_id IN ({integers(few)})"
        )
        exact = set(self._ids(sql, [*chain(*(values for _, values in tests))]))
        return [pk for pk in few if pk in exact][:limit]

    def _is_visible(self, queryset, request):
        sql, params = super()._is_visible(queryset, request)
        if getattr(queryset, "public_at", None):
            table = f"FROM {self.connection.ops.quote_name(Article._meta.db_table)} "
            sql = sql.replace(table, f"{table}{self.by_id} ", 1)
        return sql, params

    def local_year(self):
        # The same offset all year round in Việt Nam. Django's function is Python's:
        # 10 us a row.
        offset = timezone.localtime().utcoffset().total_seconds()
        year = f"strftime('%%Y', a.published_at, '{offset:+.0f} seconds')"
        return f"CAST({year} AS INTEGER)"

    def keys(self, request):
        """See the base. The range of rows of a whole year is as good as its list."""
        for keys in super().keys(request):
            if not any(key.startswith(":y") for key in keys):
                yield keys

    def range_condition(self, start, end):
        conditions, params = [], []
        if start:
            conditions.append("search_fts.rowid >= %s")
            params.append(_minute(start) * SLOTS)
        if end:
            conditions.append(f"search_fts.rowid < %s + {_OVERFLOW}")
            params.append(_minute(end) * SLOTS)
        return " AND ".join(conditions), params

    def known(self, matches):
        return set(
            self._ids(
                "SELECT key FROM json_each(%s) WHERE EXISTS "
                "(SELECT 1 FROM search_fts WHERE search_fts MATCH value)",
                [json.dumps([self.expression(match) for match in matches])],
            )
        )
