"""The administrators' pages of the visit figures over three years of an old site.

Every day up to 1,600 of the articles were read, new ones much more than old ones, by
readers from 60 sites; a year has half a million rows.
"""

import random
import statistics
import time
from datetime import date

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from news.models import Article, Attachment
from portal import generation
from stats import clock, recent

DAYS = 3 * 365
ARTICLES_A_DAY = 1600
TIMES = 15
GOAL_MS, GOAL_QUERIES = 100, 10
PAGES = {
    "dashboard, 30 days": "/admin/thong-ke/?days=30",
    "dashboard, 90 days": "/admin/thong-ke/?days=90",
    "dashboard, 365 days": "/admin/thong-ke/?days=365",
    "by unit, 365 days": "/admin/thong-ke/duoc-doc/?list=by-unit&days=365",
    "report of a month": "/admin/thong-ke/bao-cao/",
}


def run() -> None:
    days = [clock.days_before(clock.today(), ago) for ago in reversed(range(DAYS))]
    ids = list(Article.objects.order_by("published_at").values_list("pk", flat=True))
    files = list(Attachment.objects.order_by("pk").values_list("pk", flat=True)[:800])
    begun = time.perf_counter()
    rows = _write(days, ids, files)
    print(f"{rows:,} rows by page in {time.perf_counter() - begun:.0f} s")
    begun = time.perf_counter()
    kept = recent.rebuild(days[-2])
    seconds = time.perf_counter() - begun
    print(f"once a day: {kept:,} sums of the last year in {seconds:.2f} s")
    generation.refresh()
    user = get_user_model().objects.create_superuser("bench-dashboard")
    client = Client()
    client.force_login(user)
    for name, path in PAGES.items():
        _tell(name, client, path)


def _tell(name: str, client: Client, path: str) -> None:
    client.get(path, headers={"host": "127.0.0.1"})  # templates compiled
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(path, headers={"host": "127.0.0.1"})
    queries = len(asked)  # before the next request forgets them
    if answer.status_code != 200:
        raise SystemExit(f"{path}: {answer.status_code}")
    taken = []
    for _time in range(TIMES):
        begun = time.perf_counter()
        client.get(path, headers={"host": "127.0.0.1"})
        taken.append(1000 * (time.perf_counter() - begun))
    median = statistics.median(taken)
    is_met = median <= GOAL_MS and queries <= GOAL_QUERIES
    goal = ""
    if name.startswith("dashboard"):
        verdict = "met" if is_met else "NOT met"
        goal = f"; goal <= {GOAL_MS} ms, <= {GOAL_QUERIES} queries: {verdict}"
    print(
        f"{name + ':':34}{median:6.0f} ms (worst {max(taken):.0f}), "
        f"{queries} queries with session, user and notices{goal}"
    )


def _write(days: list[date], ids: list[int], files: list[int]) -> int:
    """Fill the tables of the figures anew; returns the rows by page."""
    with connection.cursor() as cursor:  # of the beacon's run, or of a kept site
        for table in (
            *("stats_page_day", "stats_page_total", "stats_day", "stats_ref_day"),
            *("stats_dropped_day", "stats_hour", "stats_visitor"),
        ):
            cursor.execute(f"DELETE FROM {table}")
    chance = random.Random(1)
    pages, sums, hosts, dropped = [], [], [], []
    for number, day in enumerate(days):
        # The site grew from three quarters of its articles to all of them.
        newest = int(len(ids) * (0.75 + 0.25 * (number + 1) / len(days))) - 1
        ages = {int(newest * chance.random() ** 3) for _ in range(ARTICLES_A_DAY)}
        read = [
            (
                day,
                "article",
                ids[newest - age],
                views := 1 + 400 // (age + 3),
                views // 2,
            )
            for age in ages
        ]
        read += [(day, "page", -1 - n, 5 + n % 40, 3) for n in range(40)]
        views = sum(row[3] for row in read)
        sums.append((day, views, views // 2, views // 3, 900, 3, 20, 0, False))
        chosen = chance.sample(files, min(60, len(files)))
        pages += read + [(day, "download", file, 1 + file % 9, 0) for file in chosen]
        hosts += [(day, f"p{n}.example.vn", 9, 1 + n % 20) for n in range(60)]
        dropped += [(day, f"reason{n}", 100 - n) for n in range(8)]
    counters = ["views", "visits"]
    _copy("stats_page_day", ["day", "kind", "object_id", *counters], pages)
    of_robots = ["bot_views", "suspect_views", "nojs_views", "private_views"]
    _copy("stats_day", ["day", *counters, "visitors", *of_robots, "is_demo"], sums)
    _copy("stats_ref_day", ["day", "host", *counters], hosts)
    _copy("stats_dropped_day", ["day", "reason", "n"], dropped)
    hours = [(day, n, 200 + n, 90 + n) for day in days[-400:] for n in range(24)]
    _copy("stats_hour", ["day", "hour", *counters], hours)
    now = clock.now_ms()
    people = [(days[-1], n, 0, now - 9000 * n, 1, 1, "") for n in range(2500)]
    last = ["visit_ms", "last_ms", *counters, "recent"]
    _copy("stats_visitor", ["day", "vh", *last], people)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO stats_page_total (kind, object_id, views, last_day)"
            " SELECT kind, object_id, SUM(views), MAX(day) FROM stats_page_day"
            " GROUP BY kind, object_id"
        )
        cursor.execute("ANALYZE")
    return len(pages)


def _copy(table: str, columns: list[str], rows: list[tuple]) -> None:
    """Write many rows in the quickest way that the database has."""
    names = ", ".join(columns)
    connection.ensure_connection()
    if connection.vendor == "postgresql":
        with (
            connection.connection.cursor() as cursor,
            cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)
        return
    places = ", ".join("?" * len(columns))
    adapted = ([str(v) if isinstance(v, date) else v for v in row] for row in rows)
    with transaction.atomic():
        connection.connection.executemany(
            f"INSERT INTO {table} ({names}) VALUES ({places})",
            adapted,
        )
