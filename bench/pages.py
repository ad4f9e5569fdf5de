"""Cold and stored pages inside one process: queries, CPU time, ratio to a hit."""

import io
import statistics
import time

from django.db import connection

from news.models import Article, Category
from portal import generation
from portal.pagecache import cache_key
from portal.wsgi import page_cache


def request(path: str) -> bytes:
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_ACCEPT_ENCODING": "br",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.url_scheme": "http",
    }
    got = []
    body = page_cache(environ, lambda status, headers, exc=None: got.append(status))
    content = b"".join(body)
    if not got[0].startswith("200"):
        raise SystemExit(f"{path}: {got[0]}")
    return content


def forget(path: str) -> None:
    page_cache._pages.pop(
        cache_key({"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "",
                   "HTTP_HOST": "127.0.0.1", "wsgi.url_scheme": "http"}), None
    )  # fmt: skip


def cpu_ms(function, times: int) -> float:
    """Return the median CPU milliseconds of one call."""
    taken = []
    for _ in range(times):
        begun = time.process_time_ns()
        function()
        taken.append((time.process_time_ns() - begun) / 1e6)
    return statistics.median(taken)


def count_queries(function) -> int:
    """Return how many statements one call sends; the request resets Django's log."""
    seen = []

    def wrapper(execute, sql, params, many, context):
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        function()
    return len(seen)


def run() -> None:
    generation.refresh()
    article = Article.objects.published().newest_first()[50]
    pages = {
        "article": article.get_absolute_url(),
        "home": "/",
        "category": Category.objects.first().get_absolute_url(),
        "hot list": "/tin-nong/",
    }
    print(f"{'page':<10}{'queries':>8}{'cold ms':>9}{'hit ms':>8}{'cold/hit':>10}")
    for name, path in pages.items():
        request(path)
        generation.refresh()

        def cold(path=path):
            forget(path)
            request(path)

        queries = count_queries(cold)
        generation.refresh()
        slow = cpu_ms(cold, 40)
        generation.refresh()
        request(path)
        fast = cpu_ms(lambda path=path: [request(path) for _ in range(20)], 40) / 20
        print(f"{name:<10}{queries:>8}{slow:>9.2f}{fast:>8.3f}{slow / fast:>9.0f}x")
