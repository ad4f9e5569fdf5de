"""Cold pages in one process: statements, processor time, and where it goes."""

import io
import statistics
import time
from urllib.parse import quote

from django.db import connection

from bench import site
from news import models
from portal import generation
from portal.templatetags import picture_tags, portal_tags
from portal.wsgi import django_application, page_cache
from stats import totals

WARM = 5  # renderings before anything is measured


def run(times: int) -> dict[str, dict]:
    """Measure each kind of page `times` times.

    By its name: `queries`; `render_ms`, by Django; `cold_ms`, compressed too, as a
    request that misses costs the process; `first_ms`, the same with nothing
    remembered of earlier pages but the surroundings; `bytes`. Milliseconds of the
    processor, medians; without the database's process, if it has one.
    """
    totals.FRESH_SECONDS = float("inf")  # the watcher fetches them, never a page
    generation.refresh()
    found = {}
    for name, address in site.addresses().items():
        for _ in range(WARM):
            body = _ask(django_application, address)
        found[name] = {
            "queries": _count_queries(address),
            "render_ms": _median(django_application, address, times),
            "cold_ms": _median(page_cache, address, times),
            "first_ms": _median(page_cache, address, times, _forget),
            "bytes": len(body),
        }
    return found


def _ask(application, address: str) -> bytes:
    path, _, query = address.partition("?")
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": quote(query, safe="=&"),
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_AUTHORIZATION": "past the store",
        "HTTP_ACCEPT_ENCODING": "br",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.url_scheme": "http",
    }
    got: list[str] = []
    body = application(environ, lambda status, headers, exc=None: got.append(status))
    content = b"".join(body)
    if not got[0].startswith("200"):
        raise SystemExit(f"{address}: {got[0]}")
    return content


def _median(application, address: str, times: int, before=lambda: None) -> float:
    generation.refresh()  # an edition lasts five minutes
    _ask(application, address)
    taken = []
    for _ in range(times):
        before()
        begun = time.process_time_ns()
        _ask(application, address)
        taken.append((time.process_time_ns() - begun) / 1e6)
    return round(statistics.median(taken), 3)


def _forget() -> None:
    """As in a process that has printed none of these articles before."""
    models.address.cache_clear()
    portal_tags.time_element.cache_clear()
    picture_tags._card.cache_clear()
    for remembered in ("_story", "_breadcrumb", "_pagination"):
        getattr(portal_tags, remembered).cache_clear()


def _count_queries(address: str) -> int:
    seen = []

    def note(execute, sql, params, many, context):
        seen.append(sql)
        return execute(sql, params, many, context)

    generation.refresh()
    _ask(page_cache, address)
    with connection.execute_wrapper(note):
        _ask(page_cache, address)
    return len(seen)
