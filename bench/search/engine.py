"""Measure one engine: `python -m bench.search.engine PLAN.json`, its database in the
environment. The plan is `Plan`; the result is written to its `out`.
"""

import gc
import json
import random
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from bench.search import articles, questions
from bench.search.measures import Progress, load_average, summary, timed

PER_PAGE = 10
LOADED_AT_ONCE = 1000
PATTERN = -1  # id of a row that is copied; the articles count from 1
EXACT = 10**9  # a total without a cap
ROUNDS = 3  # in which all questions are asked
WARM = 20  # questions asked before anything is measured
SLOWEST = 12  # questions named


@dataclass(frozen=True)
class Plan:
    articles: int
    corpus: str | None
    seed: int  # of known items, ambiguous words and questions
    per_kind: int  # questions of each kind; others are asked in proportion
    known: int  # articles looked for by their own words
    reference_seconds: float  # for each reference
    out: str


def main() -> int:
    with open(sys.argv[1], encoding="utf-8") as file:
        plan = Plan(**json.load(file))
    import django

    django.setup()
    try:
        report = Bench(plan).run()
    except KeyboardInterrupt:  # the command tells
        return 130
    with open(plan.out, "w", encoding="utf-8") as file:
        json.dump(report, file, ensure_ascii=False)
    return 0


def _by_question() -> defaultdict:
    return defaultdict(lambda: defaultdict(list))


def _of_medians(times: dict[str, list[float]]) -> dict[str, float]:
    return summary([statistics.median(values) for values in times.values()])


def _times_as_long(theirs: dict, ours: dict) -> dict[str, float]:
    """Compare what the same questions took, by their medians."""
    them, us = _of_medians(theirs), _of_medians(ours)
    ratios = {part: round(them[part] / us[part], 1) for part in ("p50", "p95")}
    return ratios | {"count": len(theirs)}


class Bench:
    """One database: load, build, ask, update."""

    def __init__(self, plan: Plan):
        from django.db import connection

        from bench.search.references import Budget, Plain
        from search.backends import for_alias

        self.plan = plan
        self.connection = connection
        self.backend = for_alias("default")
        self.source = articles.source(plan.articles, plan.corpus)
        self.plain = Plain()
        self.budgets = {
            name: Budget(plan.reference_seconds) for name in ("like", self.plain.name)
        }

    def run(self) -> dict:
        report = {
            "engine": self.connection.vendor,
            "articles": self.source.count,
            "source": self.source.kind,
            "seed": self.plan.seed,
            "load_average_before": load_average(),
        }
        report["load"] = self.load()
        report["version"] = self.version()
        report["build"] = self.build()
        report["size_mb"] = self.sizes()
        report |= self.latency()
        report["around_ms"] = self.around()
        report["known"] = self.known()
        report["accents"] = self.accents()
        report["same_words"] = self.same_words()
        report["update_ms"] = self.update_cost()
        report["load_average_after"] = load_average()
        return report

    # The articles --------------------------------------------------------------

    def load(self) -> dict:
        """Fill the database; one that was kept goes on where it stopped."""
        from django.core.management import call_command

        from news.models import Article

        call_command("migrate", interactive=False, verbosity=0)
        done = Article.objects.exclude(pk=PATTERN).count()
        if done > self.source.count:
            raise SystemExit(f"the kept database holds {done} articles")
        progress = Progress("articles loaded")
        begun = time.perf_counter()
        if done < self.source.count:
            rest = islice(self.source.rows, done, None)
            loader = Loader(self.connection, done)
            while rows := list(islice(rest, LOADED_AT_ONCE)):
                loader.insert(rows)
                progress(loader.last, self.source.count)
            loader.finish()
        return {"seconds": round(time.perf_counter() - begun, 1)}

    def build(self) -> dict | None:
        """Index everything; say what of it is spent making tokens.

        None when the database was kept with an index that is complete.
        """
        from search import indexing

        is_whole = self.value("SELECT count(*) FROM search_doc") == self.source.count
        if is_whole and not indexing.is_outdated():
            return None
        cpu = time.process_time()
        spent, indexed = timed(indexing.rebuild, Progress("articles indexed"))
        cpu = time.process_time() - cpu
        if not self.is_sqlite:
            with self.connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")  # as the server does a little later
        return {
            "seconds": round(spent / 1000, 1),
            "ms_per_article": round(spent / indexed, 2),
            "python_cpu_ms_per_article": round(cpu * 1000 / indexed, 2),
            "tokens_cpu_ms_per_article": self.tokens_cost(),
        }

    def tokens_cost(self, count: int = 300) -> float:
        """Return CPU milliseconds to make the tokens of one article."""
        from news.models import Article
        from search.documents import documents_of

        sample = list(Article.objects.order_by("-pk")[:count])
        begun = time.process_time()
        for document in documents_of(sample):
            _ = document.stored_texts, document.bag
        return round((time.process_time() - begun) * 1000 / len(sample), 2)

    def version(self) -> str:
        name = (
            "sqlite_version()"
            if self.is_sqlite
            else "current_setting('server_version')"
        )
        return self.value(f"SELECT {name}")

    def sizes(self) -> dict[str, float]:
        """Return megabytes (2**20): raw text, token index, all that search stores."""
        length = "length(CAST({} AS BLOB))" if self.is_sqlite else "octet_length({})"
        text = " + ".join(length.format(f) for f in ("title", "sapo", "body_text"))
        if self.is_sqlite:
            size = "SELECT sum(length(block)) FROM search_fts_data"
            stored = (
                # Pages: dbstat counts the bytes of a table in 32 bits.
                "SELECT sum(pageno) * page_size FROM dbstat, pragma_page_size "
                "WHERE aggregate = 1 AND name IN "
                "(SELECT name FROM sqlite_master WHERE tbl_name GLOB 'search_*')"
            )
        else:
            size = "SELECT pg_relation_size('search_doc_tok')"
            stored = (
                "SELECT sum(pg_total_relation_size(oid)) FROM pg_class "
                "WHERE relkind = 'r' AND relname LIKE 'search\\_%'"
            )
        return {
            "text": self.megabytes(f"SELECT sum({text}) FROM news_article"),
            "index": self.megabytes(size),
            "stored": self.megabytes(stored),
        }

    @property
    def others(self) -> int:
        """Return how many updates, ambiguous words, words with a movable tone."""
        return 4 * self.plan.per_kind

    @property
    def is_sqlite(self) -> bool:
        return self.connection.vendor == "sqlite"

    def value(self, sql: str):
        with self.connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0]

    def megabytes(self, sql: str) -> float:
        return round(float(self.value(sql)) / 2**20, 2)

    # Questions -----------------------------------------------------------------

    def search(self, words: str, order: str, cap: int | None = None, **filters):
        """Return ids of one page, as the site finds them."""
        from news.models import Article
        from search.request import SearchRequest, parse_words

        request = SearchRequest(
            words=parse_words(words), order=order, per_page=PER_PAGE, **filters
        )
        usual = self.backend.total_cap
        self.backend.total_cap = cap or usual
        try:
            result = self.backend.search(Article.objects.published(), request)
        finally:
            self.backend.total_cap = usual
        return [hit.article_id for hit in result.hits]

    def variants(self) -> dict[str, dict]:
        """Return filters by name: the largest category, a year, one of its months."""
        from django.db.models import Count
        from django.utils.timezone import localdate

        from news.models import Article

        largest = (
            Article.objects.order_by()
            .values_list("category")
            .annotate(n=Count("pk"))
            .order_by("-n")
            .first()[0]
        )
        newest = localdate(Article.objects.latest("published_at").published_at)
        year = newest.year - 1
        month = {
            "first_day": date(year, 10, 1),
            "last_day": date(year, 11, 1) - timedelta(days=1),
        }
        return {
            "no filter": {},
            "page 10": {"page": 10},
            "category": {"category_ids": (largest,)},
            "year": {"first_day": date(year, 1, 1), "last_day": date(year, 12, 31)},
            "category and month": {"category_ids": (largest,), **month},
        }

    def latency(self) -> dict:
        """Ask everything in every variant, in rounds; references while they have time.

        Of each question the median of its rounds counts, of references too: one pause
        of the machine is then no percentile.
        """
        from search.backends.base import SearchTimeout
        from search.request import NEWEST, RELEVANCE

        asked = questions.questions(
            self.source.asked, self.plan.per_kind, self.plan.seed
        )
        references = {"like": self.by_like}
        if self.has_plain:
            print(f"  building the {self.plain.name} reference", flush=True)
            self.plain.build()
            references[self.plain.name] = self.by_plain
        variants = self.variants()
        # By variant, how and question; so of the processor; by kind, how and question.
        times: dict[tuple[str, str], dict[str, list[float]]] = _by_question()
        work: dict[tuple[str, str], dict[str, list[float]]] = _by_question()
        kinds: dict[tuple[str, str], dict[str, list[float]]] = _by_question()
        # By reference and question: what it took, and what ours took beside it.
        beside: dict[str, dict[str, list[float]]] = _by_question()
        ours: dict[str, dict[str, list[float]]] = _by_question()
        slowest, timeouts = [], 0

        def ask(variant, how, words, order, cap=None):
            nonlocal timeouts
            begun, cpu = time.perf_counter(), time.process_time()
            try:
                self.search(words, order, cap, **variants[variant])
            except SearchTimeout:
                timeouts += 1
            spent = (time.perf_counter() - begun) * 1000
            work[variant, how][words].append((time.process_time() - cpu) * 1000)
            times[variant, how][words].append(spent)
            slowest.append((round(spent, 1), variant, how, words))
            return spent

        for question in asked[:WARM]:
            self.search(question.words, RELEVANCE)
        # The corpus in memory is ours: no server's collector walks through it.
        gc.collect()
        gc.freeze()
        progress = Progress("questions asked")
        for number, (kind, words) in enumerate(asked * ROUNDS):
            for variant in variants:
                newest = ask(variant, "newest", words, NEWEST)
                best = ask(variant, "best match", words, RELEVANCE)
                if variant != "no filter":
                    continue
                kinds[kind, "newest"][words].append(newest)
                kinds[kind, "best match"][words].append(best)
                if number < len(asked):
                    ask(variant, "newest, exact total", words, NEWEST, EXACT)
                for name, reference in references.items():
                    spent = self.budgets[name].spend(reference, words)
                    if spent is not None:
                        beside[name][words].append(spent)
                        ours[name][words].append(newest)
            progress(number + 1, len(asked) * ROUNDS)
        self.plain.drop()
        for name, taken in beside.items():
            times["no filter", name] = taken
        latency: dict[str, dict] = defaultdict(dict)
        for (variant, how), asked_times in times.items():
            latency[variant][how] = _of_medians(asked_times)
        cpu: dict[str, dict] = defaultdict(dict)
        for (variant, how), asked_times in work.items():
            cpu[variant][how] = _of_medians(asked_times)
        of_kinds: dict[str, dict] = defaultdict(dict)
        for (kind, how), asked_times in kinds.items():
            of_kinds[kind][how] = _of_medians(asked_times)
        return {
            "latency_ms": latency,
            # Of this process: all there is on SQLite, the smaller part elsewhere.
            "cpu_ms": cpu,
            "kinds_ms": of_kinds,
            # How many times longer a reference took for the same questions.
            "ratios": {
                name: _times_as_long(taken, ours[name])
                for name, taken in beside.items()
            },
            "timeouts": timeouts,
            "slowest": sorted(slowest, reverse=True)[:SLOWEST],
        }

    def around(self) -> dict[str, dict[str, float]]:
        """Time what surrounds a search: the ways to narrow it, what is offered."""
        from news.models import Article
        from search import spelling
        from search.facets import facets_of
        from search.filters import search_form
        from search.request import SearchRequest, parse_words
        from search.suggestions import suggest

        asked = questions.questions(
            self.source.asked, self.plan.per_kind, self.plan.seed
        )
        public = Article.objects.published()
        spent: dict[str, list[float]] = defaultdict(list)
        for _, words in asked:
            request = SearchRequest(words=parse_words(words))
            result = self.backend.search(public, request)
            form = search_form({"q": words})
            form.is_valid()
            form.tree.nested()
            milliseconds, _ = timed(facets_of, form, public, request, result)
            spent["ways to narrow"].append(milliseconds)
            slip = questions.with_slip(words)
            request = SearchRequest(words=parse_words(slip))
            milliseconds, _ = timed(spelling.suggest, public, request)
            spent["other words for a slip"].append(milliseconds)
        for row in self.source.asked[: self.others]:
            for typed in questions.while_typing(row.title):
                spent["suggestions while typing"].append(timed(suggest, typed)[0])
        return {name: summary(values) for name, values in spent.items()}

    @property
    def has_plain(self) -> bool:
        from bench.search.references import PLAIN_AT_MOST

        return self.source.count <= PLAIN_AT_MOST

    def by_like(self, words: str) -> None:
        from bench.search.references import by_like

        by_like(words, PER_PAGE)

    def by_plain(self, words: str) -> None:
        self.plain.search(words, PER_PAGE)

    # Relevance -----------------------------------------------------------------

    def known(self) -> dict[str, dict[str, float]]:
        """Look for articles by their own words, best match first."""
        from search.request import RELEVANCE

        items = questions.known_items(
            self.source.asked, self.plan.known, self.plan.seed
        )
        found = dict(self.ids_of([item.row for item in items]))
        ranks: dict[str, list[int]] = defaultdict(list)
        progress = Progress("known items looked for")
        for number, item in enumerate(items):
            wanted = found.get(item.row.title)
            if wanted is None:  # not among so few articles
                continue
            ids = self.search(item.words, RELEVANCE)
            ranks[item.kind].append(ids.index(wanted) + 1 if wanted in ids else 0)
            progress(number + 1, len(items))
        return {
            kind: {
                "mrr": round(sum(1 / r for r in found if r) / len(found), 3),
                "recall": round(sum(map(bool, found)) / len(found), 3),
                "count": len(found),
            }
            for kind, found in ranks.items()
        }

    def ids_of(self, rows: list[articles.Row]) -> Iterator[tuple[str, int]]:
        from news.models import Article

        titles = sorted({row.title[:300] for row in rows})
        for start in range(0, len(titles), 500):
            yield from Article.objects.filter(
                title__in=titles[start : start + 500]
            ).values_list("title", "pk")

    def accents(self) -> dict[str, float]:
        """Return what share of the first ten holds an ambiguous word as typed."""
        from news.models import Article
        from search import text
        from search.request import NEWEST, RELEVANCE

        words = questions.ambiguous_words(
            self.source.asked, self.others, self.plan.seed
        )
        shares: dict[str, float] = {"words": len(words)}
        for name, order in (("best match", RELEVANCE), ("newest", NEWEST)):
            right = shown = 0
            for word in words:
                ids = self.search(word, order)
                rows = Article.objects.filter(pk__in=ids).values_list(
                    "title", "sapo", "body_text"
                )
                for fields in rows:
                    shown += 1
                    right += any(f" {word} " in f" {text.exact(f)} " for f in fields)
            shares[name] = round(right / shown, 3) if shown else 0.0
        return shares

    def same_words(self) -> dict[str, int]:
        """Count other ways to type the same words that give another list of ids."""
        from search.request import NEWEST, RELEVANCE

        asked = [
            question.words
            for question in questions.questions(
                self.source.asked, self.plan.per_kind, self.plan.seed
            )
        ]
        asked += questions.with_other_tones(self.source.asked, self.others)
        compared = different = 0
        for words in asked:
            for order in (NEWEST, RELEVANCE):
                expected = self.search(words, order)
                for other in questions.same_words(words):
                    if other != words:
                        compared += 1
                        different += self.search(other, order) != expected
        return {"compared": compared, "different": different}

    # Updates -------------------------------------------------------------------

    def update_cost(self) -> dict[str, float]:
        """Change titles there and back, each index update in its own transaction."""
        from django.db import transaction

        from news.models import Article
        from search import indexing

        def index(pk):
            with transaction.atomic():
                indexing.index_articles([pk])

        ids = random.Random(self.plan.seed).sample(
            range(1, self.source.count + 1), min(self.others, self.source.count)
        )
        titles = dict(Article.objects.filter(pk__in=ids).values_list("pk", "title"))
        spent = []
        for suffix in (" mới", ""):
            for pk, title in titles.items():
                Article.objects.filter(pk=pk).update(title=title + suffix)
                spent.append(timed(index, pk)[0])
        return summary(spent)


class Loader:
    """Copies a row made by the model, with other texts: the models' own way, ten
    times as slow, would take longer than everything measured.
    """

    GIVEN = ("id", "title", "sapo", "body_text", "category_id", "published_at")

    def __init__(self, connection, last: int):
        from news.models import Article, State

        self.connection = connection
        self.categories: dict[str, int] = {}
        self.last = last  # id of the newest article that is there
        self.finish()  # of a run that was stopped
        pattern = Article(
            pk=PATTERN,
            title="-",
            slug="bai",
            category_id=self.category("-"),
            body="<p>…</p>",
            body_html="<p>…</p>",
            state=State.PUBLISHED,
            published_at=articles.LAST_DAY,
        )
        Article.objects.bulk_create([pattern])  # no signal: it is not indexed
        table = Article._meta.db_table
        rest = [
            field.column
            for field in Article._meta.concrete_fields
            if field.column not in self.GIVEN
        ]
        self.sql = (
            f"INSERT INTO {table} ({', '.join([*self.GIVEN, *rest])}) "
            f"SELECT {', '.join(['%s'] * len(self.GIVEN))}, {', '.join(rest)} "
            f"FROM {table} WHERE id = {PATTERN}"
        )

    def insert(self, rows: list[articles.Row]) -> None:
        from django.db import transaction

        adapt = self.connection.ops.adapt_datetimefield_value
        with transaction.atomic(), self.connection.cursor() as cursor:
            values = []
            for row in rows:
                self.last += 1
                values.append(
                    (
                        self.last,
                        row.title[:300],
                        row.lead[:2000],
                        row.body,
                        self.category(row.category),
                        adapt(row.published_at),
                    )
                )
            cursor.executemany(self.sql, values)

    def category(self, name: str) -> int:
        from news.models import Category

        if name not in self.categories:
            category, _made = Category.objects.get_or_create(name=name)
            self.categories[name] = category.pk
        return self.categories[name]

    def finish(self) -> None:
        from news.models import Article

        Article.objects.filter(pk=PATTERN).delete()


if __name__ == "__main__":
    sys.exit(main())
