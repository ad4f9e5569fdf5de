"""What others do, in the same database: LIKE, and a plain index with its own ranking.

Neither is joined to what is public, which spares them work we do.
"""

import time
from contextlib import suppress

from django.db import DatabaseError, connection, transaction
from django.db.models import Q

from news.models import Article
from search import text

PLAIN_AT_MOST = 100_000  # articles; above, building it takes too long
# Every letter PostgreSQL has to fold without a dictionary of its own.
_ACCENTED = "".join(
    c for c in map(chr, range(0xC0, 0x1F00)) if c.isalpha() and c.islower()
)
_FOLDABLE = [(c, text.fold_token(c)) for c in _ACCENTED]
_FOLDABLE = [(c, f) for c, f in _FOLDABLE if len(f) == 1 and f.isascii()]
_FROM, _TO = map("".join, zip(*_FOLDABLE, strict=True))


class Budget:
    """Lets a reference run until its seconds are used up; at least once."""

    def __init__(self, seconds: float):
        self.left = seconds

    def spend(self, function, *arguments) -> float | None:
        """Return milliseconds, or None when nothing is left."""
        if self.left <= 0:
            return None
        begun = time.perf_counter()
        function(*arguments)
        spent = time.perf_counter() - begun
        self.left -= spent
        return spent * 1000


def by_like(words: str, per_page: int) -> None:
    """Total and newest page by LIKE on title, lead and body."""
    plain = words.replace('"', "")
    found = Article.objects.published().filter(
        Q(title__icontains=plain)
        | Q(sapo__icontains=plain)
        | Q(body_text__icontains=plain)
    )
    found.count()
    list(found.newest_first().values_list("pk", flat=True)[:per_page])


class Plain:
    """Folded syllables in one index: FTS5 by bm25, or a tsvector by ts_rank."""

    def __init__(self):
        self.is_sqlite = connection.vendor == "sqlite"
        self.name = "bm25" if self.is_sqlite else "ts_rank"

    def build(self) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS bench_plain")
            for sql, params in self._sqlite() if self.is_sqlite else self._postgresql():
                cursor.execute(sql, params)

    def _sqlite(self):
        yield (
            "CREATE VIRTUAL TABLE bench_plain USING fts5(title, lead, body, "
            "content='', tokenize='unicode61 remove_diacritics 2')",
            None,
        )
        # No level of unicode61 folds the letter đ.
        fields = ", ".join(
            f"replace(replace({name}, 'đ', 'd'), 'Đ', 'd')"
            for name in ("title", "sapo", "body_text")
        )
        yield (
            "INSERT INTO bench_plain (rowid, title, lead, body) "
            f"SELECT id, {fields} FROM {Article._meta.db_table}",
            None,
        )

    def _postgresql(self):
        vector = " || ".join(
            "setweight(to_tsvector('simple', "
            f"translate(lower(normalize({name}, NFC)), %s, %s)), '{weight}')"
            for name, weight in (("title", "A"), ("sapo", "B"), ("body_text", "D"))
        )
        yield (
            f"CREATE TABLE bench_plain AS SELECT id, {vector} AS words "
            f"FROM {Article._meta.db_table}",
            [_FROM, _TO] * 3,
        )
        yield "CREATE INDEX ON bench_plain USING gin (words)", None
        yield "ANALYZE bench_plain", None

    def search(self, words: str, per_page: int) -> None:
        """Count all that hold every syllable and return the best."""
        tokens = text.fold(words).split()
        if self.is_sqlite:
            where = "bench_plain MATCH %s"
            query = " AND ".join(f'"{token}"' for token in tokens)
            columns = "rowid"
            order, params = "bm25(bench_plain, 10, 4, 1)", []
        else:
            where = "words @@ %s::tsquery"
            query = " & ".join(f"'{token}'" for token in tokens)
            columns = "id"
            order, params = "ts_rank(words, %s::tsquery) DESC", [query]
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM bench_plain WHERE {where}", [query])
            cursor.fetchone()
            cursor.execute(
                f"SELECT {columns} FROM bench_plain WHERE {where} "
                f"ORDER BY {order} LIMIT {per_page}",
                [query, *params],
            )
            cursor.fetchall()

    def drop(self) -> None:
        with suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS bench_plain")
