"""PostgreSQL: token bags as a tsvector under GIN; the text for phrases apart.

The vectors are made of our own tokens, so no dictionary, parser or extension of
the server takes part.
"""

# Statements are put together from our own pieces; what readers type travels as
# parameters.
# ruff: noqa: S608

import contextlib
from dataclasses import replace

from django.db import OperationalError, transaction
from django.utils import timezone

from news.models import Article
from search import matching, text
from search.backends.base import SearchBackend, SearchTimeout, local_bounds
from search.request import SearchRequest

STATEMENT_TIMEOUT_MS = 3000
# Rows of the index read beyond a page, for those that are not public just now.
SPARE = 20
# Among so many of the newest articles those with a common word are looked for first.
RECENT = 2000

_CREATE = (
    # A narrow heap: the vectors lie in TOAST, counting reads only the heap, and the
    # more rows of a page, the shorter the lists of the index. So no bigint[], which
    # takes 29 bytes for one category.
    """CREATE TABLE search_doc (
        article_id bigint PRIMARY KEY,
        pub timestamptz NOT NULL,
        cats text NOT NULL,
        tok tsvector NOT NULL
    ) WITH (toast_tuple_target = 128)""",
    """CREATE TABLE search_text (
        article_id bigint PRIMARY KEY,
        tf text NOT NULL, lf text NOT NULL, te text NOT NULL, le text NOT NULL,
        bf text NOT NULL, ff text NOT NULL, be text NOT NULL, fe text NOT NULL
    )""",
    # An update writes some pages of a list, which housekeeping merges within a second:
    # merged by the editor who saves, each of 800 tokens is written into its own page.
    """CREATE INDEX search_doc_tok ON search_doc USING gin (tok)
        WITH (fastupdate = on, gin_pending_list_limit = 4096)""",
    "CREATE INDEX search_doc_newest ON search_doc (pub DESC, article_id DESC)",
    "CREATE TABLE search_state (name text PRIMARY KEY, value text NOT NULL)",
)
_DROP = ("search_state", "search_text", "search_doc")


def _between(moment: str, start, end) -> tuple[str, list]:
    asked = [(f"{moment} >= %s", start), (f"{moment} < %s", end)]
    asked = [(sql, bound) for sql, bound in asked if bound]
    return " AND ".join(sql for sql, _ in asked), [bound for _, bound in asked]


class PostgresBackend(SearchBackend):
    tables = "search_doc d"
    newness = "SELECT d.pub FROM search_doc d WHERE d.article_id = x.article_id"
    newest_first = "d.pub DESC, d.article_id DESC"
    position = "strpos"
    holds = "d.tok @@ %s::tsquery"
    both, either = " & ", " | "
    token, beginning = "'{}'", "'{}':*"

    def create(self, schema_editor):
        for sql in _CREATE:
            schema_editor.execute(sql, None)
        with self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT 'lz4' = ANY(enumvals) FROM pg_settings "
                "WHERE name = 'default_toast_compression'"
            )
            has_lz4 = cursor.fetchone()
        if has_lz4 and has_lz4[0]:
            schema_editor.execute(
                "ALTER TABLE search_doc ALTER tok SET COMPRESSION lz4", None
            )
        schema_editor.execute(
            "INSERT INTO search_state VALUES (%s, %s)",
            ["tokenizer", str(text.TOKENIZER_VERSION)],
        )

    def drop(self, schema_editor):
        for table in _DROP:
            schema_editor.execute(f"DROP TABLE IF EXISTS {table}", None)

    def write(self, documents):
        documents = list(documents)
        known = self.stored([document.article_id for document in documents])
        changed = [
            document
            for document in documents
            if known.get(document.article_id) != self.fingerprint(document)
        ]
        if not changed:
            return
        with self.connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO search_doc (article_id, pub, cats, tok) "
                "VALUES (%s, %s, %s, array_to_tsvector(string_to_array(%s, ' '))) "
                "ON CONFLICT (article_id) DO UPDATE SET "
                "pub = EXCLUDED.pub, cats = EXCLUDED.cats, tok = EXCLUDED.tok",
                [self._doc_row(document) for document in changed],
            )
            cursor.executemany(
                "INSERT INTO search_text VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) "
                "ON CONFLICT (article_id) DO UPDATE SET "
                "tf = EXCLUDED.tf, lf = EXCLUDED.lf, bf = EXCLUDED.bf, "
                "ff = EXCLUDED.ff, te = EXCLUDED.te, le = EXCLUDED.le, "
                "be = EXCLUDED.be, fe = EXCLUDED.fe",
                [(document.article_id, *document.stored_texts) for document in changed],
            )

    def _doc_row(self, document):
        pub, cats, *_ = self.fingerprint(document)
        return (document.article_id, pub, cats, " ".join(document.bag))

    def remove(self, article_ids):
        ids = list(article_ids)
        with self.connection.cursor() as cursor:
            for table in ("search_doc", "search_text"):
                cursor.execute(f"DELETE FROM {table} WHERE article_id = ANY(%s)", [ids])

    def clear(self):
        # Not TRUNCATE: readers would wait for the end of the transaction.
        with self.connection.cursor() as cursor:
            cursor.execute("DELETE FROM search_doc")
            cursor.execute("DELETE FROM search_text")

    def tidy(self):
        """Teach the planner which tokens are common and how many articles there are."""
        with self.connection.cursor() as cursor:
            cursor.execute(f"ANALYZE search_doc, search_text, {Article._meta.db_table}")

    def merge(self):
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT gin_clean_pending_list('search_doc_tok')")

    def stored(self, article_ids):
        with self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT d.article_id, d.pub, d.cats, x.te, x.le, x.be, x.fe "
                "FROM search_doc d JOIN search_text x ON x.article_id = d.article_id "
                "WHERE d.article_id = ANY(%s)",
                [list(article_ids)],
            )
            return {article_id: tuple(rest) for article_id, *rest in cursor.fetchall()}

    def fingerprint(self, document):
        cats = " ".join(map(str, document.category_ids))
        return (document.published_at, cats, *document.exact_texts)

    @contextlib.contextmanager
    def reading(self, is_public=True):
        """Forbid the two plans that were seen to take seconds, and a third to last.

        A sequential scan takes every vector out of TOAST; SET LOCAL needs a
        transaction.
        """
        try:
            with transaction.atomic(using=self.alias):
                with self.connection.cursor() as cursor:
                    # Compiling a plan costs more than these plans take.
                    cursor.execute(
                        "SET LOCAL enable_seqscan = off; SET LOCAL jit = off"
                    )
                    if is_public:
                        cursor.execute(
                            f"SET LOCAL statement_timeout = {STATEMENT_TIMEOUT_MS}"
                        )
                yield
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) == "57014":  # query_canceled
                raise SearchTimeout from error
            raise

    def _total(self, asked):
        """See the base. GIN makes the whole list of matches before it counts the first.

        So shorter lists are asked first, which often are enough: those of the newest
        articles, and of the words side by side.
        """
        words, cap = asked.request.words, self.total_cap + 1
        near, needed = matching.tokens_of(words).near, matching.everything(words)
        asked.recent, longer = self._recent(asked.request)
        if longer and self._count(replace(asked, request=longer), needed, cap) == cap:
            return cap
        if near != needed and self._count(asked, near, cap) == cap:
            return cap
        return super()._total(asked)

    def _first(self, asked, match, limit):
        """See the base. Of common words the newest stand among the newest articles."""
        if asked.recent and asked.total > self.total_cap:
            in_index = self._in_index(asked.recent, match)
            ids = self._newest_where(in_index, asked.is_visible, limit)
            if len(ids) == limit:
                return ids
        return super()._first(asked, match, limit)

    def _recent(self, request) -> tuple[SearchRequest | None, SearchRequest | None]:
        """Return the request in the days of the newest articles that it may mean.

        And, where it has no filter, in ten times as many days; None where that is all.
        """
        condition, bounds = _between("d.pub", *local_bounds(request))
        newest = (
            f"SELECT d.pub FROM search_doc d WHERE {condition or 'true'} "
            f"ORDER BY {self.newest_first} LIMIT %s"
        )
        sql = (
            "SELECT count(*), min(pub), max(pub), (SELECT min(pub) FROM search_doc) "
            f"FROM ({newest}) AS newest"
        )
        with self.connection.cursor() as cursor:
            cursor.execute(sql, [*bounds, RECENT])
            count, *moments = cursor.fetchone()
        if count < RECENT:
            return None, None
        first, last, oldest = map(timezone.localdate, moments)
        recent = replace(request, first_day=first, last_day=request.last_day or last)
        start = last - 10 * (last - first)
        if condition or request.category_ids or start <= oldest:
            return recent, None
        return recent, replace(recent, first_day=start)

    def _newest_where(self, in_index, visible, limit):
        """See the base. Whether they are public is asked of the newest only.

        Asked of each match before they are sorted it took 7 us a match.
        """
        (conditions, params), (is_visible, asked) = in_index, visible
        order = f"ORDER BY {self.newest_first}"
        # OFFSET 0 keeps the order out of the inner query: for it and a LIMIT the
        # planner walks all articles by date, and takes every vector out of TOAST.
        found = (
            f"SELECT d.article_id, d.pub FROM search_doc d WHERE {conditions} OFFSET 0"
        )
        sql = (
            f"SELECT d.article_id, {is_visible} FROM (SELECT d.article_id, d.pub "
            f"FROM ({found}) d {order} LIMIT %s) d {order}"
        )
        looked_at = limit + SPARE
        while True:
            with self.connection.cursor() as cursor:
                cursor.execute(sql, [*asked, *params, looked_at])
                rows = cursor.fetchall()
            ids = [pk for pk, is_shown in rows if is_shown]
            if len(rows) < looked_at or len(ids) >= limit:
                return ids[:limit]
            looked_at *= 4

    def range_condition(self, start, end):
        """See the base. Compared as a sum, which no index knows.

        By the index of dates the planner takes every vector of a year out of TOAST:
        2 s of 500,000 articles. The tokens of years and months narrow instead.
        """
        return _between("d.pub + interval '0'", start, end)

    def local_year(self):
        zone = timezone.get_current_timezone_name()
        return f"extract(year FROM a.published_at AT TIME ZONE '{zone}')::int"

    def known(self, matches):
        return set(
            self._ids(
                "SELECT n - 1 FROM unnest(%s::tsquery[]) WITH ORDINALITY q(query, n) "
                "WHERE EXISTS (SELECT 1 FROM search_doc d WHERE d.tok @@ q.query)",
                [[self.expression(match) for match in matches]],
            )
        )
