"""PostgreSQL: token bags as a tsvector under GIN; the text for phrases apart.

The vectors are made of our own tokens, so no dictionary, parser or extension of
the server takes part.
"""

# Statements are put together from our own pieces; what readers type travels as
# parameters.
# ruff: noqa: S608

import contextlib

from django.db import OperationalError, transaction

from news.models import Article
from search import text
from search.backends.base import SearchBackend, SearchTimeout
from search.matching import Match

STATEMENT_TIMEOUT_MS = 3000
# Rows of the index read beyond a page, for those that are not public just now.
SPARE = 20
# Articles looked at one by one: 500 take about as long as sorting 20,000 matches.
WALK = 500

_CREATE = (
    # A narrow heap: the vectors lie in TOAST, counting reads only the heap.
    """CREATE TABLE search_doc (
        article_id bigint PRIMARY KEY,
        pub timestamptz NOT NULL,
        cats bigint[] NOT NULL,
        tok tsvector NOT NULL
    ) WITH (toast_tuple_target = 128)""",
    """CREATE TABLE search_text (
        article_id bigint PRIMARY KEY,
        tf text NOT NULL, lf text NOT NULL, te text NOT NULL, le text NOT NULL,
        bf text NOT NULL, ff text NOT NULL, be text NOT NULL, fe text NOT NULL
    )""",
    "CREATE INDEX search_doc_tok ON search_doc USING gin (tok) WITH (fastupdate = off)",
    "CREATE INDEX search_doc_newest ON search_doc (pub DESC, article_id DESC)",
    "CREATE TABLE search_state (name text PRIMARY KEY, value text NOT NULL)",
)
_DROP = ("search_state", "search_text", "search_doc")


def _all_of(match: Match, where: str = "") -> str:
    """The tokens of a Match, in the title with `where`; not what it is without."""
    parts = [f"'{where}{token}'" for token in match.tokens]
    for alternatives in match.any_of:
        either = [
            " & ".join(f"'{where}{t}'" for t in tokens) for tokens in alternatives
        ]
        parts.append(" | ".join(f"({tokens})" for tokens in either))
    if match.prefix:
        parts.append(" | ".join(f"'{where}{p}':*" for p in text.prefixes(match.prefix)))
    return " & ".join(f"({part})" for part in parts)


class PostgresBackend(SearchBackend):
    tables = "search_doc d"
    newness = "SELECT d.pub FROM search_doc d WHERE d.article_id = x.article_id"
    newest_first = "d.pub DESC, d.article_id DESC"
    position = "strpos"

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
                "VALUES (%s, %s, %s::bigint[], "
                "array_to_tsvector(string_to_array(%s, ' '))) "
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
        # Tokens hold letters, digits and "_": "t:" and "c:" cannot be typed.
        tokens = [f"c:{pk}" for pk in document.category_ids]
        tokens += [f"t:{token}" for token in document.title_bag]
        tokens += document.bag
        cats = list(document.category_ids)
        return (document.article_id, document.published_at, cats, " ".join(tokens))

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
        cats = list(document.category_ids)
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

    def _newest_where(self, in_index, visible, limit, offset=0, days=None):
        """See the base. Whether they are public is asked of the newest only.

        Asked of each match before they are sorted it took 7 us a match. Of a common
        word the newest stand among the newest articles, which are looked at one by
        one: the index would give all matches to be sorted.
        """
        (conditions, params), (is_visible, asked) = in_index, visible
        order = f"ORDER BY {self.newest_first}"

        def newest(source, values, count) -> tuple[list[int], bool]:
            """Return the visible of the first rows, and whether these were all."""
            sql = (
                f"SELECT d.article_id, {is_visible} FROM (SELECT d.article_id, d.pub "
                f"FROM {source} d WHERE {conditions} {order} LIMIT %s) d {order}"
            )
            with self.connection.cursor() as cursor:
                cursor.execute(sql, [*asked, *values, *params, count])
                rows = cursor.fetchall()
            return [pk for pk, is_shown in rows if is_shown], len(rows) < count

        end = offset + limit
        if days is not None:
            within, bounds = days
            walk = (
                f"(SELECT * FROM search_doc d WHERE {within or 'true'} "
                f"{order} LIMIT {WALK})"
            )
            ids, _ = newest(walk, bounds, end)
            if len(ids) == end:
                return ids[offset:]
        looked_at = end + SPARE
        while True:
            ids, is_all = newest("search_doc", [], looked_at)
            if is_all or len(ids) >= end:
                return ids[offset:end]
            looked_at *= 4

    def expression(self, match: Match, category_ids=()):
        parts = [_all_of(match, "t:" if match.in_title else "")]
        if category_ids:
            parts.append(" | ".join(f"'c:{int(pk)}'" for pk in category_ids))
        found = " & ".join(f"({part})" for part in parts)
        return found + "".join(f" & !({_all_of(m)})" for m in match.without)

    def condition(self, expressions):
        joined = " | ".join(f"({expression})" for expression in expressions)
        return "d.tok @@ %s::tsquery", [joined]

    def range_condition(self, start, end):
        conditions, params = [], []
        if start:
            conditions.append("d.pub >= %s")
            params.append(start)
        if end:
            conditions.append("d.pub < %s")
            params.append(end)
        return " AND ".join(conditions), params

    def known(self, matches):
        return set(
            self._ids(
                "SELECT n - 1 FROM unnest(%s::tsquery[]) WITH ORDINALITY q(query, n) "
                "WHERE EXISTS (SELECT 1 FROM search_doc d WHERE d.tok @@ q.query)",
                [[self.expression(match) for match in matches]],
            )
        )
