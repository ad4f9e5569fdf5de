"""Search beside LIKE in the same run: latency, relevance, size, cost of an update.

    python -m bench.search [--articles N] [--corpus FILE.jsonl.gz] [--json FILE]

Runs in a database of its own: SQLite in a temporary folder, or an EMPTY database
named by BENCH_DATABASE_URL. Without a corpus the articles are made of syllables
and compounds as frequent as in real text; only a corpus says something about
relevance. Absolute times depend on the machine: rely on the ratios.
"""

import argparse
import gzip
import itertools
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta

COMMON = 12  # queries of each class of words
KNOWN = 60  # articles looked for by their own words
LIKE_QUERIES = 12  # LIKE is slow; it gets the first of each class
PER_PAGE = 10
RIMES = (
    "a á à ạ an án ang ành ăn âm ân ấp e ê ết em i ì ia inh o ó ong ông ơ ơi ở u ú ua "
    "ương ườ ưa ưng uy uyên yên ao áo au ai ay ây iêu iếp oan"
)


def main(argv: list[str] | None = None) -> int:
    """Run in a process with its own database."""
    parser = argparse.ArgumentParser(prog="bench.search", description=__doc__)
    parser.add_argument("--articles", type=int, default=0, help="5000, or the corpus")
    parser.add_argument("--corpus")
    parser.add_argument("--json")
    options = parser.parse_args(argv)
    if __name__ != "__main__":
        arguments = sys.argv[1:] if argv is None else argv
        return subprocess.run([sys.executable, "-m", __name__, *arguments]).returncode
    with tempfile.TemporaryDirectory(prefix="portal-bench-search-") as folder:
        os.environ["DATA_DIR"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
        os.environ.pop("DATABASE_URL", None)
        if url := os.environ.get("BENCH_DATABASE_URL"):
            os.environ["DATABASE_URL"] = url
        import django

        django.setup()
        report = run(options)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(report, file, ensure_ascii=False, indent=1)
    return 0


# Articles ------------------------------------------------------------------------


def corpus_rows(path: str):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def synthetic_rows(count: int):
    """Yield articles of two-syllable words whose frequencies follow Zipf's law."""
    rng = random.Random(1)
    onsets = re.findall(
        r"\w+", "b c ch d đ g gi h kh l m n ng nh ph qu r s t th tr v x"
    )
    rimes = re.findall(r"\w+", RIMES)
    syllables = [onset + rime for onset in onsets for rime in rimes]
    words = [" ".join(rng.choices(syllables, k=2)) for _ in range(12_000)]
    weights = list(itertools.accumulate(1 / (n + 8) for n in range(len(words))))
    now = datetime(2026, 11, 1, tzinfo=UTC)

    def text(size):
        return " ".join(rng.choices(words, cum_weights=weights, k=size)).capitalize()

    for n in range(count):
        yield {
            "title": text(rng.randint(4, 8)),
            "lead": text(20) + ".",
            "body": ".\n".join(text(30) for _ in range(rng.randint(4, 14))),
            "category": f"Chuyên mục {n % 10}",
            "published_at": (now - timedelta(minutes=n * 40)).isoformat(),
        }


def load(rows, limit: int) -> int:
    from django.core.management import call_command

    from news.models import Article, Category

    call_command("migrate", interactive=False, verbosity=0)
    if Article.objects.exists():
        raise SystemExit("BENCH_DATABASE_URL: the database must be empty.")
    categories: dict[str, Category] = {}

    def article(row) -> Article:
        name = row["category"]
        if name not in categories:
            categories[name] = Category.objects.create(name=name)
        html = "".join(f"<p>{p}</p>" for p in row["body"].split("\n"))
        return Article(
            title=row["title"][:300],
            slug="bai",
            category=categories[name],
            sapo=row["lead"][:2000],
            body=html,
            body_html=html,
            body_text=row["body"],
            state="published",
            published_at=datetime.fromisoformat(row["published_at"]),
        )

    count = 0
    for batch in _batches(rows, limit):
        count += len(Article.objects.bulk_create(map(article, batch)))
    return count


def _batches(rows, limit: int, size: int = 500):
    rows = itertools.islice(rows, limit or None)
    while batch := list(itertools.islice(rows, size)):
        yield batch


# Questions -----------------------------------------------------------------------


def questions() -> tuple[dict[str, list[str]], dict[str, list[tuple[str, int]]]]:
    """Return classes of words, and words of one known article with its id."""
    from collections import Counter

    from news.models import Article
    from search import text

    rng = random.Random(7)
    ids = list(Article.objects.values_list("pk", flat=True))
    sample = list(Article.objects.filter(pk__in=rng.sample(ids, min(len(ids), 400))))
    pairs: Counter[tuple[str, str]] = Counter()
    known: dict[str, list[tuple[str, int]]] = {
        "title, no accents": [],
        "4 words of title": [],
        "5 words of body": [],
    }
    for article in sample:
        body = text.exact_tokens(article.body_text)
        pairs.update(set(itertools.pairwise(body)))
        if len(known["5 words of body"]) < KNOWN and len(body) > 40:
            title = text.fold(article.title).split()
            start = rng.randrange(len(body) - 5)
            five = text.fold_tokens(body[start : start + 5])
            for name, words in zip(known, (title, title[:4], five), strict=True):
                known[name].append((" ".join(words), article.pk))
    ranked = [" ".join(pair) for pair, _ in pairs.most_common()]
    common = ranked[: COMMON * 4 : 4]
    middle = ranked[len(ranked) // 40 :: max(1, len(ranked) // 40 // COMMON)][:COMMON]
    classes = {
        "one common syllable": [pair.split()[0] for pair in common],
        "a common pair": common,
        "a rarer pair": middle,
        "a pair, no accents": [text.fold(pair) for pair in common],
        "two pairs": [f"{a} {b}" for a, b in zip(common, middle, strict=False)],
        "a phrase": [f'"{pair}"' for pair in common],
    }
    return classes, known


def by_like(words: str) -> None:
    """What a portal without an index does: total and newest page by LIKE."""
    from django.db.models import Q

    from news.models import Article

    plain = words.replace('"', "")
    found = Article.objects.published().filter(
        Q(title__icontains=plain)
        | Q(sapo__icontains=plain)
        | Q(body_text__icontains=plain)
    )
    found.count()
    list(found.newest_first().values_list("pk", flat=True)[:PER_PAGE])


# Measuring -----------------------------------------------------------------------


def timed(function, *arguments, **named) -> tuple[float, object]:
    """Return milliseconds and the answer."""
    begun = time.perf_counter()
    answer = function(*arguments, **named)
    return (time.perf_counter() - begun) * 1000, answer


def percentile(values: list[float], part: float) -> float:
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * part))]


def run(options) -> dict:
    from django.db import connection

    from news.models import Article, Category
    from search import indexing
    from search.backends import for_alias
    from search.request import NEWEST, RELEVANCE, SearchRequest, parse_words

    rows = corpus_rows(options.corpus) if options.corpus else None
    limit = options.articles or (0 if rows else 5000)
    count = load(rows or synthetic_rows(limit), limit)
    before = database_bytes(connection)
    build_ms, _ = timed(indexing.rebuild)
    index_bytes = database_bytes(connection) - before
    text_bytes = sum(
        len(f"{title}{lead}{body}".encode())
        for title, lead, body in Article.objects.values_list(
            "title", "sapo", "body_text"
        ).iterator()
    )
    backend = for_alias("default")

    def search(words, order=NEWEST, **asked):
        request = SearchRequest(
            words=parse_words(words), order=order, per_page=PER_PAGE, **asked
        )
        return backend.search(Article.objects.published(), request)

    report = {
        "engine": connection.vendor,
        "articles": count,
        "text_mb": round(text_bytes / 2**20, 1),
        "index_mb": round(index_bytes / 2**20, 1),
        "build_ms_per_article": round(build_ms / count, 2),
        "latency": {},
        "known": {},
    }
    print(
        f"{connection.vendor}, {count} articles, {report['text_mb']} MB of text; "
        f"index {report['index_mb']} MB, built in "
        f"{report['build_ms_per_article']} ms an article"
    )
    classes, known = questions()
    print(
        f"\n{'p50 / p95 ms':22}{'newest':>15}{'best match':>15}{'LIKE':>15}{'ratio':>8}"
    )
    for name, asked in classes.items():
        newest, best, like = [], [], []
        for number, words in enumerate(asked):
            # Interleaved, so that all meet the same machine.
            newest.append(timed(search, words)[0])
            best.append(timed(search, words, RELEVANCE)[0])
            if number < LIKE_QUERIES:
                like.append(timed(by_like, words)[0])
        report["latency"][name] = show(name, newest, best, like)
    everything = [words for asked in classes.values() for words in asked]
    category = Category.objects.first().pk
    newest_day = Article.objects.latest("published_at").published_at.date()
    year = newest_day - timedelta(days=365)
    for name, filters in {
        "no filter": {},
        "page 10": {"page": 10},
        "category": {"category_ids": (category,)},
        "year": {"first_day": year},
        "category and month": {
            "category_ids": (category,),
            "first_day": newest_day - timedelta(days=30),
        },
    }.items():
        newest = [timed(search, words, **filters)[0] for words in everything]
        best = [timed(search, words, RELEVANCE, **filters)[0] for words in everything]
        report["latency"][name] = show(name, newest, best)
    print(f"\n{'known item':22}{'MRR@10':>15}{'recall@10':>15}{'p50 / p95 ms':>15}")
    for name, items in known.items():
        report["known"][name] = show_known(name, items, lambda w: search(w, RELEVANCE))
    report["update_ms"] = update_cost(Article)
    print("\nupdate of one article, p50 / p95 ms: {} / {}".format(*report["update_ms"]))
    return report


def show(name, newest, best, like=()) -> dict:
    def pair(values):
        if not values:
            return ""
        return f"{percentile(values, 0.5):.1f} / {percentile(values, 0.95):.1f}"

    ratio = statistics.median(like) / statistics.median(newest) if like else None
    shown = f"{ratio:.0f}x" if ratio else ""
    print(f"{name:22}{pair(newest):>15}{pair(best):>15}{pair(like):>15}{shown:>8}")
    return {
        "newest": pair(newest),
        "best": pair(best),
        "like": pair(like),
        "ratio": ratio and round(ratio, 1),
    }


def show_known(name, items, search) -> dict:
    ranks, times = [], []
    for words, article_id in items:
        spent, result = timed(search, words)
        times.append(spent)
        ids = [hit.article_id for hit in result.hits]
        ranks.append(ids.index(article_id) + 1 if article_id in ids else 0)
    mrr = sum(1 / rank for rank in ranks if rank) / len(ranks)
    recall = sum(map(bool, ranks)) / len(ranks)
    spent = f"{percentile(times, 0.5):.1f} / {percentile(times, 0.95):.1f}"
    print(f"{name:22}{mrr:15.3f}{recall:15.3f}{spent:>15}")
    return {"mrr": round(mrr, 3), "recall": round(recall, 3)}


def update_cost(articles, times: int = 60) -> tuple[float, float]:
    """Change the title of articles, each in its own transaction, index included."""
    from django.db import transaction

    from search import indexing

    spent = []
    for article in articles.objects.order_by("?").only("pk", "title")[:times]:
        articles.objects.filter(pk=article.pk).update(title=article.title + " mới")

        def index(pk=article.pk):
            with transaction.atomic():
                indexing.index_articles([pk])

        spent.append(timed(index)[0])
    return round(percentile(spent, 0.5), 1), round(percentile(spent, 0.95), 1)


def database_bytes(connection) -> int:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT page_size * (page_count - freelist_count) FROM "
                "pragma_page_size(), pragma_page_count(), pragma_freelist_count()"
            )
        else:
            cursor.execute("SELECT pg_database_size(current_database())")
        return cursor.fetchone()[0]


if __name__ == "__main__":
    sys.exit(main())
