"""What counts as a view in a real browser: seen pages, each once, of readers alone."""

import contextlib
import http.client
import json
import re
import sqlite3
import time
from itertools import count
from pathlib import Path

import psycopg
import pytest

from tests.journeys.conftest import (
    AGENT,
    ARGUMENTS,
    CHROMIUM,
    free_port,
    sign_in,
)
from tests.journeys.nginx import NGINX, Nginx, ask, filled_in
from tests.journeys.test_server import eventually

pytestmark = pytest.mark.browser
TOKEN = re.compile(r'data-visit="([^"]+)"')
AGENTS = count(700_000)
MARKED = -5  # the work calendar, which no journey here reads


class Figures:
    """The figures of a running site, without those of its own marks."""

    def __init__(self, server):
        self.server, self.marks = server, 0

    def rows(self, query: str) -> list[tuple]:
        url = self.server.environment.get("DATABASE_URL")
        if url:
            with psycopg.connect(url) as connection:
                return connection.execute(query).fetchall()
        path = Path(self.server.environment["DATA_DIR"]) / "portal.sqlite3"
        with contextlib.closing(sqlite3.connect(path)) as connection:
            return connection.execute(query).fetchall()

    def read(self) -> dict[str, int]:
        """Everything that was reported before this call, counted.

        Lines are counted in receive order: when a mark is counted, so are all before.
        """
        query = (
            "SELECT COALESCE(SUM(views), 0) FROM stats_page_day"
            f" WHERE kind = 'page' AND object_id = {MARKED}"
        )
        ((before,),) = self.rows(query)
        assert report(self.server, self.server.mark) == "counted"
        self.marks += 1
        deadline = time.monotonic() + 60
        while self.rows(query) == [(before,)]:
            assert time.monotonic() < deadline, "the mark was not counted"
            time.sleep(0.1)
        ((views, visits, nojs),) = self.rows(
            "SELECT COALESCE(SUM(views), 0), COALESCE(SUM(visits), 0),"
            " COALESCE(SUM(nojs_views), 0) FROM stats_day"
        )
        return {
            "views": int(views) - self.marks,
            "visits": int(visits) - self.marks,
            "nojs": int(nojs),
        }


def report(server, token: str) -> str:
    """Report a page as a reader of his own; return what became of it."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    with contextlib.closing(connection):
        headers = {"User-Agent": AGENT.format(next(AGENTS)), "Origin": server.url}
        connection.request("POST", "/_s", json.dumps({"p": token}), headers)
        return connection.getresponse().headers["X-Visit"]


def token_of(server, path: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    with contextlib.closing(connection):
        connection.request("GET", path)
        return TOKEN.search(connection.getresponse().read().decode())[1]


@pytest.fixture(scope="module")
def article(server) -> str:
    """The address of an article."""
    server.mark = token_of(server, "/lich-cong-tac/")
    return server.python(
        "import json; from news.models import Article;"
        "a = Article.objects.published().newest_first()[9];"
        "print(json.dumps(a.get_absolute_url()))"
    )


@pytest.fixture
def moved(server, article):
    """Return a function that tells by how much the figures moved in this test."""
    figures = Figures(server)
    before = figures.read()

    def difference() -> dict[str, int]:
        after = figures.read()
        return {name: after[name] - before[name] for name in after}

    return difference


@pytest.fixture
def open_page(new_page):
    """Return a function that opens a page of a new reader; notes his reports."""

    def opened(**options):
        page = new_page(agent=next(AGENTS), **options)
        page.reports = []
        page.on(
            "response",
            lambda answer: (
                "/_s" in answer.url
                and page.reports.append(answer.headers.get("x-visit"))
            ),
        )
        return page

    return opened


def seen(page, path: str) -> None:
    """Open a page and wait for its report."""
    with page.expect_response(re.compile("/_s$")):
        page.goto(path)


def test_a_double_click_is_one_view(open_page, moved, article):
    page = open_page()
    seen(page, article)
    home = page.locator("header a[href='/']").first
    with page.expect_response(re.compile("/_s$")):
        home.dblclick()
    with page.expect_response(re.compile("/_s$")):
        page.reload()
    assert len(page.reports) >= 3
    assert moved() == {"views": 2, "visits": 1, "nojs": 0}


def test_going_back_is_a_view(chromium, server, moved, article):
    # Playwright turns the cache of whole pages off; readers have it.
    browser = chromium.browser_type.launch(
        executable_path=CHROMIUM,
        args=ARGUMENTS,
        ignore_default_args=["--disable-back-forward-cache"],
    )
    with contextlib.closing(browser):
        page = browser.new_page(
            base_url=server.url, user_agent=AGENT.format(next(AGENTS))
        )
        asked = []
        page.on("request", lambda r: asked.append((r.resource_type, r.method)))
        seen(page, article)
        page.evaluate("window.isTheSame = true")
        seen(page, "/")
        del asked[:]
        with page.expect_response(re.compile("/_s$")) as again:
            page.go_back(wait_until="commit")
        assert page.evaluate("window.isTheSame"), "not from the back/forward cache"
        assert again.value.headers["x-visit"] == "counted"
        # Within 30 s it is the same view; afterwards another one.
        assert [kind for kind, _ in asked if kind == "document"] == []
    assert moved() == {"views": 2, "visits": 1, "nojs": 0}


@pytest.mark.parametrize(
    "state, event",
    [("hidden", "visibilitychange"), ("prerendering", "prerenderingchange")],
)
def test_a_tab_in_the_background_counts_when_it_is_seen(
    open_page, moved, article, state, event
):
    page = open_page()
    page.add_init_script(
        f"Object.defineProperty(Document.prototype, '{state}',"
        " { configurable: true, get: () => !window.isSeen });"
    )
    page.goto(article, wait_until="networkidle")
    assert page.reports == []
    with page.expect_response(re.compile("/_s$")):
        page.evaluate(
            f"window.isSeen = true; document.dispatchEvent(new Event('{event}'))"
        )
    page.evaluate(f"document.dispatchEvent(new Event('{event}'))")
    assert moved() == {"views": 1, "visits": 1, "nojs": 0}
    assert page.reports == ["counted"]


def test_what_is_fetched_ahead_is_not_counted(open_page, moved, article):
    page = open_page(bypass_csp=True)
    seen(page, "/")
    with page.expect_response(lambda answer: answer.url.endswith(article)) as ahead:
        page.evaluate(
            """(address) => {
              const link = document.createElement("link");
              Object.assign(link, { rel: "prefetch", href: address });
              document.head.append(link);
            }""",
            article,
        )
    assert ahead.value.status == 200  # the server has sent the page ...
    assert "prefetch" in ahead.value.request.all_headers()["sec-purpose"]
    assert moved() == {"views": 1, "visits": 1, "nojs": 0}  # ... nobody looked at it


def test_a_reader_without_javascript_is_counted_by_the_picture(
    open_page, moved, article
):
    page = open_page(java_script_enabled=False)
    page.goto(article, wait_until="networkidle")
    assert page.reports == ["counted"]
    assert moved() == {"views": 1, "visits": 1, "nojs": 1}


def test_staff_are_not_counted_on_public_pages(open_page, moved, article):
    page = open_page()
    sign_in(page, "phongvien")
    page.goto(article, wait_until="networkidle")
    assert page.reports == []
    # What a page of theirs without JavaScript would ask for.
    picture = page.request.get(f"/_s?p={token_of_page(page)}")
    assert picture.headers["x-visit"] == "ignored; staff"
    assert moved() == {"views": 0, "visits": 0, "nojs": 0}


def token_of_page(page) -> str:
    return page.locator("script[data-visit]").get_attribute("data-visit")


def answer_with(page, numbers: dict) -> None:
    page.route("**/_s", lambda route: route.fulfill(json=numbers))


def test_the_numbers_of_a_tab_never_go_back_on_one_day(open_page, article):
    page = open_page()
    page.goto("/", wait_until="networkidle")
    day = page.locator("[data-visits]").get_attribute("data-visits")
    today = page.locator("[data-visits-today]")
    shown = int(today.inner_text().replace(".", ""))
    # Workers are seconds apart: now one is ahead, now one behind.
    for answered, expected in ((100, 100), (50, 100), (101, 101), (-1, 101)):
        numbers = {"y": day, "d": shown + answered, "t": 10**7 + answered}
        answer_with(page, numbers)
        seen(page, article)
        page.wait_for_function(
            "(n) => document.querySelector('[data-visits-today]').textContent === n",
            arg=f"{shown + expected:,}".replace(",", "."),
        )
        total = page.locator("[data-visits-total]").inner_text()
        assert int(total.replace(".", "")) == 10**7 + expected
        page.unroute("**/_s")
    # A new day begins where it begins.
    answer_with(page, {"y": "2099-01-01", "d": 3, "t": 4})
    seen(page, article)
    page.wait_for_function(
        "document.querySelector('[data-visits-today]').textContent === '3'"
    )


CACHE = """
proxy_cache_path {folder}/kept keys_zone=all:1m;
server {{
    listen 127.0.0.1:{port};
    location / {{
        proxy_pass http://127.0.0.1:{app};
        proxy_set_header Host 127.0.0.1:{app};
        proxy_cache all;
        proxy_cache_methods GET HEAD POST;
        proxy_cache_valid any 10m;
        add_header X-Cache $upstream_cache_status always;
    }}
}}
"""


needs_nginx = pytest.mark.skipif(
    NGINX is None, reason="không có nginx (Debian: apt-get install nginx-light)"
)


@needs_nginx
def test_no_cache_in_front_keeps_an_answer(server, moved, article, tmp_path):
    port = free_port()
    text = CACHE.format(folder=tmp_path, port=port, app=server.port)
    token = token_of(server, article)
    with Nginx(tmp_path / "nginx", text, port).running():
        # The cache is on; it keeps a file a moment after it has sent it.
        assert eventually(
            lambda: ask(port, "/static/js/visits.js").headers["x-cache"] == "HIT"
        )
        for _ in range(2):
            agent = AGENT.format(next(AGENTS))
            picture = ask(port, f"/_s?p={token}", user_agent=agent)
            body = json.dumps({"p": token})
            agent = AGENT.format(next(AGENTS))
            answer = ask(port, "/_s", method="POST", body=body, user_agent=agent)
            for one in (picture, answer):
                assert one.headers["x-cache"] == "MISS"
                assert one.headers["x-visit"] == "counted"
    assert moved()["visits"] == 4


@needs_nginx
def test_a_flood_of_one_agent_ends_at_nginx(server, article, tmp_path):
    port = free_port()
    text = filled_in(tmp_path, server.port, port)
    token = token_of(server, article)
    flood, neighbour = AGENT.format(next(AGENTS)), AGENT.format(next(AGENTS))
    with Nginx(tmp_path / "nginx", text, port).running():
        answers = []
        while not answers or (answers[-1].status == 200 and len(answers) < 2000):
            answers.append(ask(port, f"/_s?p={token}", user_agent=flood))
        assert answers[-1].status == 429
        assert len(answers) > 100  # many phones may share an address
        other = ask(port, f"/_s?p={token}", user_agent=neighbour)
    assert other.headers["x-visit"] == "counted"
