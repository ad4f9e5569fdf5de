"""The interface of the engines and what they share: the flow of one search.

An engine gives its syntax (tables, the condition of a Match, the order). Every
statement that finds articles asks `_is_visible` of the queryset it is given, so a
stale row of the index can never show an article that is not public.
"""

# Statements are put together from our own pieces; what readers type travels as
# parameters.
# ruff: noqa: S608

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import chain

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet
from django.utils import timezone

from news.compiled import CompiledSelect
from news.models import Article
from search import matching, ranking, text
from search.documents import Document, field_text, periods
from search.matching import Match
from search.request import RELEVANCE, SearchHit, SearchRequest, SearchResult, Words

# Of the newest so many are looked at for words just as they were typed, step by step:
# their texts are long, and the first pages need no more.
AS_TYPED = (20, 60, 100)
# The columns of search_text that keep accents.
EXACT = ("te", "le", "be", "fe")
# So many candidates are enough to choose the best from.
ENOUGH = 100


def _ids_and_times(queryset):
    return queryset.order_by().values_list("id", "published_at")


_PUBLIC = CompiledSelect(
    lambda at: _ids_and_times(Article.objects.published(at)), times=("at",)
)


class SearchTimeout(Exception):
    """The database stopped a search that took too long."""


def local_bounds(request: SearchRequest) -> tuple[datetime | None, datetime | None]:
    """Return [start, end) of the request's local days as aware datetimes."""

    def midnight(day):
        return timezone.make_aware(datetime.combine(day, time.min))

    start = request.first_day and midnight(request.first_day)
    end = request.last_day and midnight(request.last_day + timedelta(days=1))
    return start, end


def by_filters(queryset, request: SearchRequest):
    """Narrow a queryset of articles by category and dates alone, words aside."""
    start, end = local_bounds(request)
    if start:
        queryset = queryset.filter(published_at__gte=start)
    if end:
        queryset = queryset.filter(published_at__lt=end)
    if request.category_ids:
        queryset = queryset.in_categories(request.category_ids)
    return queryset


@dataclass
class Asked:
    """One search while it is answered, and what is known of the answer already."""

    queryset: QuerySet
    request: SearchRequest
    is_visible: tuple[str, list]  # a condition and its values, made once
    total: int = 0  # once it was counted
    recent: SearchRequest | None = None  # the same in fewer days, worth a try first
    # The newest ids of each match, and how many were wanted.
    lists: dict[Match, tuple[int, list[int]]] = field(default_factory=dict)


class SearchBackend:
    """One engine on one connection. Subclasses fill in what raises below."""

    # Above this the page says "more than"; counting all would cost too much.
    total_cap = 1000
    tables = ""  # FROM clause, with the index's own columns as `d`
    newness = ""  # subquery by x.article_id that grows with the date of publication
    newest_first = ""  # ORDER BY
    by_id = ""  # after the table of articles: by what to look for some ids
    count_order = ""  # where free: the newest rows are the ones kept in memory
    position = ""  # SQL function (text, part) that answers 0 when absent
    holds = ""  # SQL condition on an expression
    both, either = "", ""  # between parts of an expression
    token, beginning = "", ""  # a quoted token in it, and what begins so

    def __init__(self, alias: str):
        self.alias = alias

    @property
    def connection(self):
        return connections[self.alias]

    # Schema -----------------------------------------------------------------

    def create(self, schema_editor) -> None:
        raise NotImplementedError

    def drop(self, schema_editor) -> None:
        raise NotImplementedError

    # Writing: the caller is in a transaction --------------------------------

    def write(self, documents: Iterable[Document]) -> None:
        """Index documents, replacing what was known of their articles."""
        raise NotImplementedError

    def remove(self, article_ids: Iterable[int]) -> None:
        """Forget articles; ids that are not in the index are no mistake."""
        raise NotImplementedError

    def clear(self) -> None:
        """Forget all articles."""
        raise NotImplementedError

    def tidy(self) -> None:
        """Put the index in good order after a bulk load."""

    def merge(self) -> None:
        """Merge what updates have put aside; housekeeping does it every second."""

    def stored(self, article_ids: list[int]) -> dict[int, tuple]:
        """Return what is indexed, by article, comparable with `fingerprint()`."""
        raise NotImplementedError

    def fingerprint(self, document: Document) -> tuple:
        raise NotImplementedError

    def find_damage(self) -> str:
        """Return what the engine's own examination says; empty when sound."""
        return ""

    def indexed_ids(self, after: int, limit: int) -> list[int]:
        """Return the next `limit` indexed article ids above `after`, ascending."""
        return self._ids(
            "SELECT article_id FROM search_doc WHERE article_id > %s "
            "ORDER BY article_id LIMIT %s",
            [after, limit],
        )

    def get_state(self, name: str) -> str | None:
        """Return a remark about the index itself (tokenizer version, progress)."""
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT value FROM search_state WHERE name = %s", [name])
            row = cursor.fetchone()
        return row and row[0]

    def set_state(self, name: str, value: str | None) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute("DELETE FROM search_state WHERE name = %s", [name])
            if value is not None:
                cursor.execute(
                    "INSERT INTO search_state (name, value) VALUES (%s, %s)",
                    [name, value],
                )

    # Syntax -----------------------------------------------------------------

    def expression(self, match: Match, request: SearchRequest | None = None) -> str:
        """Return a Match in the engine's query language, every token quoted.

        With a request also its filters, as far as the index has keys for them.
        """
        where = ":t" if match.in_title else ""

        def quoted(tokens, form=self.token):
            return [form.format(where + token) for token in tokens]

        parts = quoted(match.tokens)
        for alternatives in match.any_of:
            either = [self.both.join(quoted(tokens)) for tokens in alternatives]
            parts.append(self.either.join(f"({tokens})" for tokens in either))
        if match.prefix:
            unfinished = quoted(text.prefixes(match.prefix), self.beginning)
            parts.append(self.either.join(unfinished))
        for keys in self.keys(request) if request else ():
            parts.append(self.either.join(map(self.token.format, keys)))
        return self.both.join(f"({part})" for part in parts)

    def keys(self, request: SearchRequest) -> Iterator[list[str]]:
        """Yield for each filter the keys of which an article has at least one."""
        if request.category_ids:
            yield [f":c{int(pk)}" for pk in request.category_ids]
        if found := periods(request.first_day, request.last_day):
            yield found

    def condition(self, expressions: list[str]) -> tuple[str, list]:
        """Return the SQL condition that holds when any expression does."""
        return self.holds, [self.either.join(f"({e})" for e in expressions)]

    def range_condition(self, start, end) -> tuple[str, list]:
        """Narrow by date inside the index; may be too wide, never too narrow."""
        raise NotImplementedError

    @contextlib.contextmanager
    def reading(self, is_public: bool = True) -> Iterator[None]:
        """Surround the statements of one search; a reader's are limited in time."""
        yield

    # Reading ----------------------------------------------------------------

    def search(self, queryset, request: SearchRequest) -> SearchResult:
        """Return one page of `queryset` (no other article can appear).

        Raises SearchTimeout.
        """
        find = self._by_words if request.words else self._by_filters
        try:
            with self.reading():
                ids, total = find(queryset, request)
        except EmptyResultSet:
            ids, total = [], 0
        capped = total > self.total_cap
        total = min(total, self.total_cap)
        return SearchResult(
            hits=tuple(SearchHit(article_id) for article_id in ids),
            total=total,
            total_is_capped=capped,
            page=request.page,
            pages=-(-total // request.per_page),
        )

    def _by_filters(self, queryset, request) -> tuple[list[int], int]:
        """Category and dates alone need no index of words."""
        queryset = by_filters(queryset, request)
        total = queryset.order_by()[: self.total_cap + 1].count()
        end = min(request.offset + request.per_page, total, self.total_cap)
        if end <= request.offset:
            return [], total
        page = queryset.newest_first().values_list("pk", flat=True)
        return list(page[request.offset : end]), total

    def _by_words(self, queryset, request) -> tuple[list[int], int]:
        asked = Asked(queryset, request, self._is_visible(queryset, request))
        total = asked.total = self._total(asked)
        end = min(request.offset + request.per_page, total, self.total_cap)
        if end <= request.offset:
            return [], total
        if request.order == RELEVANCE:
            best = self._ranked(asked)
        else:
            best = self._as_typed(asked, end)
        return self._in_tiers(asked, end, best)[request.offset :], total

    def _total(self, asked: Asked) -> int:
        """Count all that answer; one above the cap stands for any number."""
        every = matching.everything(asked.request.words)
        return self._count(asked, every, self.total_cap + 1)

    def _in_tiers(self, asked: Asked, end: int, best: list[int]) -> list[int]:
        """Return the first `end` of all matches: `best`, then tier after tier."""
        found = dict.fromkeys(best)
        for tier in matching.tiers(asked.request.words):
            if len(found) >= end:
                break
            # Of the better tiers all is there, so only they can come again.
            found |= dict.fromkeys(self._newest(asked, tier, end))
        return list(found)[:end]

    def _as_typed(self, asked: Asked, enough: int) -> list[int]:
        """Return which of the newest hold several words just as they were typed.

        The index knows pairs without accents and accents one by one. At least the first
        `enough`, unless so few hold them that looking on is not worth its time.
        """
        words = asked.request.words
        if not matching.has_accented_phrase(words):
            return []
        match = matching.exactly_near(words)
        found: list[int] = []
        start = 0
        for end in AS_TYPED:
            wanted = AS_TYPED[-1] if start else end  # at most two statements
            ids = self._newest(asked, match, wanted)[start:end]
            exact = self._holding_phrase(ids, words)
            found += [article_id for article_id in ids if article_id in exact]
            if len(found) >= enough or not exact:
                break
            start = end
        return found

    def _holding_phrase(self, article_ids, words: Words) -> set[int]:
        """Return those that hold the words side by side with the accents typed."""
        if not article_ids or not matching.has_accented_phrase(words):
            return set(article_ids)
        phrase = field_text(ranking.rank_phrase(words))
        test, params = self._holds(EXACT, phrase)
        sql = (
            f"SELECT x.article_id FROM search_text x WHERE {test} "
            f"AND x.article_id IN ({integers(article_ids)})"
        )
        return set(self._ids(sql, params))

    def _ranked(self, asked: Asked) -> list[int]:
        words, newest = asked.request.words, {}
        first, more = matching.candidates(words)
        for match, limit in (first | more).items():
            if match not in first and len(set(chain(*newest.values()))) >= ENOUGH:
                break
            newest[match] = self._newest(asked, match, limit)
        found = set(chain(*newest.values()))
        if not found:
            return []
        with_accents = newest[matching.exactly_near(words)]
        exactly_near = self._holding_phrase(with_accents, words)
        is_near = {*with_accents, *newest[matching.tokens_of(words).near]}
        sql = (
            f"SELECT x.article_id, ({self.newness}), x.tf, x.lf, x.te, x.le "
            f"FROM search_text x WHERE x.article_id IN ({integers(found)})"
        )
        with self.connection.cursor() as cursor:
            cursor.execute(sql)
            rows = [
                ranking.Candidate(*row, row[0] in is_near, row[0] in exactly_near)
                for row in cursor.fetchall()
            ]
        return ranking.rank(rows, words)

    def _holds(self, columns: tuple[str, ...], phrase: str) -> tuple[str, list[str]]:
        """Return the condition that one of these stored texts holds a phrase."""
        tests = [f"{self.position}(x.{column}, %s) > 0" for column in columns]
        return f"({' OR '.join(tests)})", [phrase] * len(columns)

    def _newest(self, asked: Asked, match: Match, limit: int) -> list[int]:
        """Return the first `limit` of what answers `match`, the newest first."""
        if match in asked.lists:
            length, ids = asked.lists[match]
            if limit <= length or len(ids) < length:
                return ids[:limit]
        ids = self._first(asked, match, limit)
        asked.lists[match] = limit, ids
        return ids

    def _first(self, asked: Asked, match: Match, limit: int) -> list[int]:
        """Return the same, when nothing is known of it yet."""
        in_index = self._in_index(asked.request, match)
        return self._newest_where(in_index, asked.is_visible, limit)

    def _newest_where(self, in_index, visible, limit) -> list[int]:
        """Return ids by conditions, each with its values: of the index, of articles."""
        (conditions, params), (is_visible, values) = in_index, visible
        sql = (
            f"SELECT d.article_id FROM {self.tables} WHERE {conditions} "
            f"AND {is_visible} ORDER BY {self.newest_first} LIMIT %s"
        )
        return self._ids(sql, [*params, *values, limit])

    def _count(self, asked: Asked, match: Match, cap: int) -> int:
        """Count up to `cap`."""
        sql, params = self._select("1", asked, match)
        sql = f"SELECT count(*) FROM ({sql}{self.count_order} LIMIT %s) AS found"
        return self._ids(sql, [*params, cap])[0]

    def select(self, columns, queryset, request, match: Match):
        """Build the statement under every search: (sql, params), unordered."""
        visible = self._is_visible(queryset, request)
        return self._select(columns, Asked(queryset, request, visible), match)

    def _select(self, columns, asked: Asked, match: Match):
        conditions, params = self._in_index(asked.request, match)
        visible, values = asked.is_visible
        sql = f"SELECT {columns} FROM {self.tables} WHERE {conditions} AND {visible}"
        return sql, [*params, *values]

    def _in_index(self, request, match) -> tuple[str, list]:
        """Return what the index itself can tell of the articles in `match`."""
        conditions, params = [], []
        for sql, values in (
            self.condition([self.expression(match, request)]),
            self.range_condition(*local_bounds(request)),
            *map(self._holds_phrase, matching.tokens_of(request.words).phrases),
        ):
            if sql:
                conditions.append(sql)
                params += values
        return " AND ".join(conditions), params

    def _is_visible(self, queryset, request) -> tuple[str, list]:
        """Ask the articles themselves: in the queryset, and on the local days.

        A scalar subquery is asked for each match by primary key. A join, EXISTS
        or the days in its WHERE let a planner begin with the articles or with
        another index: 100 times as long was seen.
        """
        if at := getattr(queryset, "public_at", None):
            visible, params = _PUBLIC.statement(at=at)
        else:
            rows = _ids_and_times(queryset).query
            visible, params = rows.get_compiler(connection=self.connection).as_sql()
        days, values = ["1 = 1"], []
        for operator, bound in zip((">=", "<"), local_bounds(request), strict=True):
            if bound:
                days.append(f"v.published_at {operator} %s")
                values.append(self.connection.ops.adapt_datetimefield_value(bound))
        sql = (
            f"(SELECT CASE WHEN {' AND '.join(days)} THEN 1 END "
            f"FROM ({visible}) v WHERE v.id = d.article_id) = 1"
        )
        return sql, [*values, *params]

    @staticmethod
    def reads_texts(phrase: tuple[str, ...]) -> bool:
        """Say whether the index alone cannot tell who holds a phrase."""
        return len(phrase) > 2

    def _holds_phrase(self, phrase: tuple[str, ...]) -> tuple[str, list]:
        """Confirm a phrase in the stored text; a pair in the index is enough of two."""
        if not self.reads_texts(phrase):
            return "", []
        test, params = self._holds(("tf", "lf", "bf", "ff"), field_text(phrase))
        sql = (
            "EXISTS (SELECT 1 FROM search_text x "
            f"WHERE x.article_id = d.article_id AND {test})"
        )
        return sql, params

    def newest(self, queryset, request: SearchRequest, limit: int) -> list[int]:
        """Return the newest articles that answer, accents and the page aside.

        Raises SearchTimeout.
        """
        with self.reading():
            if not request.words:
                rows = by_filters(queryset, request).newest_first()
                return list(rows.values_list("pk", flat=True)[:limit])
            asked = Asked(queryset, request, self._is_visible(queryset, request))
            return self._newest(asked, matching.everything(request.words), limit)

    def groups(
        self, queryset, request: SearchRequest, limit: int
    ) -> list[tuple[int, int, int]]:
        """Count up to `limit` of what answers: [(main category, local year, number)].

        Raises SearchTimeout.
        """
        if request.words:
            every = matching.everything(request.words)
            sql, params = self.select("d.article_id AS id", queryset, request, every)
            sql, params = f"{sql}{self.count_order} LIMIT %s", [*params, limit]
        else:
            rows = by_filters(queryset, request).order_by().values("id")[:limit]
            sql, params = rows.query.get_compiler(connection=self.connection).as_sql()
        sql = (
            f"SELECT a.category_id, {self.local_year()} AS year, count(*) FROM ({sql}) "
            f"AS found CROSS JOIN {Article._meta.db_table} a {self.by_id} "
            "WHERE a.id = found.id GROUP BY 1, 2"
        )
        with self.reading(), self.connection.cursor() as cursor:
            cursor.execute(sql, params)
            return cursor.fetchall()

    def local_year(self) -> str:
        """Return the SQL of the local year in which the article `a` came out."""
        raise NotImplementedError

    def found_by_files(self, article_ids: list[int], words: Words) -> list[int]:
        """Return those that lack some of the words, attached files left aside."""
        forms, params = [], []
        for form in (words, *words.variants):
            groups = [(token,) for token in form.loose] + list(form.phrases)
            test = f"{self.position}(x.tf || x.lf || x.bf, %s) > 0"
            forms.append(" AND ".join([test] * len(groups)))
            params += [field_text(text.fold_tokens(group)) for group in groups]
        sql = (
            "SELECT x.article_id FROM search_text x WHERE x.article_id IN "
            f"({integers(article_ids)}) AND x.ff <> '' AND NOT ({' OR '.join(forms)})"
        )
        return self._ids(sql, params)

    def newest_ids(
        self, queryset, matches: list[Match], limit: int, is_public: bool = False
    ) -> list[int]:
        """Return which articles of `queryset` answer any match, the newest first."""
        in_index = self.condition([self.expression(match) for match in matches])
        try:
            visible = self._is_visible(queryset, SearchRequest())
        except EmptyResultSet:
            return []
        with self.reading(is_public):
            return self._newest_where(in_index, visible, limit)

    # Other readings of what was typed: search.spelling ------------------------

    def known(self, matches: list[Match]) -> set[int]:
        """Return the places in `matches` of those some indexed article answers.

        One statement for hundreds; the article need not be public.
        """
        raise NotImplementedError

    def counts(
        self, queryset, asked: list[tuple[SearchRequest, Match]], cap: int
    ) -> list[int]:
        """Count each Match among what its request may find, up to `cap`."""
        statements, params = [], []
        for request, match in asked:
            sql, values = self.select("1", queryset, request, match)
            statements.append(f"SELECT count(*) FROM ({sql} LIMIT %s) AS found")
            params += [*values, cap]
        return self._ids(" UNION ALL ".join(statements), params)

    def samples(self, queryset, request, match: Match, limit: int) -> list[str]:
        """Return the newest that answer as exact tokens; of a body the beginning."""
        asked = Asked(queryset, request, self._is_visible(queryset, request))
        ids = self._newest(asked, match, limit)
        columns = "x.te || x.le || substr(x.be, 1, 6000)"
        sql = f"SELECT {columns} FROM search_text x WHERE x.article_id IN "
        return self._ids(f"{sql} ({integers(ids)})", []) if ids else []

    def _ids(self, sql: str, params: list) -> list[int]:
        with self.connection.cursor() as cursor:
            cursor.execute(sql, params)
            return [row[0] for row in cursor.fetchall()]


def integers(ids: Iterable[int]) -> str:
    return ",".join(str(int(article_id)) for article_id in ids)
