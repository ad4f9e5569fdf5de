import gzip
import threading
from datetime import timedelta

import brotli
import pytest
from django.db import OperationalError
from django.utils import timezone

from portal import generation, pagebytes, pagecache
from portal.models import SiteSettings
from portal.pagebytes import accepts
from portal.pagecache import MARK, PageCache, cache_key
from portal.wsgi import page_cache
from tests.door import Reader
from tests.factories import make_article, make_category

pytestmark = pytest.mark.django_db


@pytest.fixture
def rendered():
    """Return how often each path was rendered below the cache."""
    return []


@pytest.fixture
def reader(rendered):
    def app(environ, start_response):
        path = environ["PATH_INFO"]
        rendered.append(path)
        headers = [("Content-Type", "text/html"), ("Vary", "Cookie")]
        if path == "/private/":
            start_response("200 OK", headers)
        elif path == "/search/":
            start_response("200 OK", [*headers, (MARK, "pass")])
        elif path == "/not-mine/":
            start_response("404 Not Found", headers)
        elif path.startswith("/missing/"):
            start_response("404 Not Found", [("Content-Type", "text/html")])
        elif path == "/moved/":
            moved = [("Location", "/here/"), (MARK, "aside")]
            start_response("301 Moved Permanently", moved)
        else:
            start_response("200 OK", [*headers, (MARK, "store")])
        return [b"<p>" + b"x" * 500, str(len(rendered)).encode()]

    cache = PageCache(app, max_bytes=50_000)
    reader = Reader(cache)
    reader.cache = cache
    generation.refresh()
    return reader


def test_second_reader_gets_the_same_bytes_without_rendering(reader, rendered):
    first, second = reader("/"), reader("/")
    assert first == second
    assert rendered == ["/"]
    assert first[0] == 200
    assert MARK not in first[1]


def test_a_change_is_visible_at_once_in_this_process(reader, rendered):
    reader("/")
    SiteSettings(name="Sở mới").save()
    generation.refresh()
    reader("/")
    assert len(rendered) == 2


def test_page_is_kept_under_the_generation_read_before_rendering(rendered):
    def app(environ, start_response):
        rendered.append(1)
        if len(rendered) == 1:  # something changes while the page is made
            SiteSettings(name="Sở mới").save()
            generation.refresh()
        start_response("200 OK", [(MARK, "store")])
        return [b"page"]

    reader = Reader(PageCache(app, 10_000))
    generation.refresh()
    reader("/")
    reader("/")
    assert len(rendered) == 2


def test_a_page_that_another_process_changes_meanwhile_is_made_anew(rendered):
    def app(environ, start_response):
        rendered.append(1)
        start_response("200 OK", [(MARK, "store")])
        if len(rendered) == 1:
            SiteSettings(name="Sở mới").save()  # another worker's: no watcher has seen
            return [b"half of the old, half of the new"]
        return [b"new"]

    reader = Reader(PageCache(app, 10_000))
    generation.refresh()
    assert [reader("/")[2], reader("/")[2]] == [b"new", b"new"]
    assert len(rendered) == 2


def test_a_page_that_changes_overtake_again_and_again_is_kept_for_nobody(rendered):
    def app(environ, start_response):
        rendered.append(1)
        SiteSettings(name=f"Sở {len(rendered)}").save()
        start_response("200 OK", [(MARK, "store")])
        return [b"page"]

    cache = PageCache(app, 10_000)
    generation.refresh()
    assert Reader(cache)("/")[::2] == (200, b"page")
    assert len(rendered) == pagecache.TRIES
    assert cache.size_bytes == 0


def test_a_page_is_given_and_kept_when_the_database_goes_meanwhile(
    rendered, monkeypatch
):
    def app(environ, start_response):
        rendered.append(1)
        start_response("200 OK", [(MARK, "store")])
        return [b"page"]

    def away():
        raise OperationalError("away")

    reader = Reader(PageCache(app, 10_000))
    generation.refresh()
    monkeypatch.setattr(generation, "stored_generation", away)
    assert [reader("/")[2], reader("/")[2]] == [b"page", b"page"]
    assert len(rendered) == 1


@pytest.mark.parametrize("path", ["/private/", "/search/", "/not-mine/"])
def test_only_what_is_marked_is_kept(reader, rendered, path):
    reader(path)
    reader(path)
    assert rendered == [path, path]


@pytest.mark.parametrize(
    ("coding", "decode"),
    [("br", brotli.decompress), ("gzip", gzip.decompress), ("identity", bytes)],
)
def test_each_reader_gets_an_encoding_he_understands(reader, coding, decode):
    plain = reader("/")[2]
    _, headers, body = reader("/", accept_encoding=coding)
    assert decode(body) == plain
    assert headers.get("Content-Encoding", "identity") == coding
    assert headers["Vary"] == "Accept-Encoding"
    assert headers["Content-Length"] == str(len(body))


def test_matching_etag_gives_304_without_body(reader):
    _, headers, _ = reader("/", accept_encoding="br")
    status, _, body = reader(
        "/", accept_encoding="br", if_none_match=f'"other", {headers["ETag"]}'
    )
    assert (status, body) == (304, b"")
    assert reader("/", if_none_match='"other"')[0] == 200


@pytest.mark.parametrize("header", ["*", "W/{}", 'W/"x", W/{}'])
def test_etags_are_compared_weakly(reader, header):
    etag = reader("/")[1]["ETag"]
    assert reader("/", if_none_match=header.format(etag))[0] == 304


@pytest.mark.parametrize("query", ["trang=x", "trang=01", "trang=1&trang=2", "trang="])
def test_odd_page_numbers_are_not_kept(reader, rendered, query):
    reader("/", query=query)
    reader("/", query=query)
    assert len(rendered) == 2


def test_without_the_database_what_is_known_is_shown(reader, rendered, monkeypatch):
    reader("/")
    monkeypatch.setattr(generation, "current", raise_operational_error)
    assert reader("/")[0] == 200
    assert rendered == ["/"]


def raise_operational_error():
    raise OperationalError("away")


def test_without_the_database_a_withdrawn_page_stays_away(reader, monkeypatch):
    reader("/")
    SiteSettings(name="Sở mới").save()
    generation.refresh()
    monkeypatch.setattr(generation, "current", raise_operational_error)
    key = cache_key(
        {
            "REQUEST_METHOD": "GET",
            "HTTP_HOST": "testserver",
            "PATH_INFO": "/",
            "wsgi.url_scheme": "http",
        }
    )
    assert reader.cache.get(key) is None


def test_asking_for_the_headers_of_a_file_is_no_download():
    methods = []

    def app(environ, start_response):
        methods.append(environ["REQUEST_METHOD"])
        start_response("200 OK", [])
        return []

    Reader(PageCache(app, 0))("/tai-ve/1/a.pdf", method="HEAD")
    assert methods == ["HEAD"]


def test_head_has_the_headers_of_get_and_no_body(reader, rendered):
    status, headers, body = reader("/", method="HEAD")
    assert (status, body) == (200, b"")
    assert headers["Content-Length"] == str(len(reader("/")[2]))
    assert rendered == ["/"]


@pytest.mark.parametrize("query", ["utm_source=zalo", "fbclid=1", "utm_a=1&gclid=2"])
def test_tracking_parameters_do_not_make_another_page(reader, rendered, query):
    reader("/")
    reader("/", query=query)
    assert rendered == ["/"]


@pytest.mark.parametrize(
    "request_",
    [
        {"query": "x=1"},
        {"authorization": "Basic eDp5"},
        {"method": "POST"},
        {"host": "evil.example"},
    ],
)
def test_unusual_requests_neither_read_nor_write_the_store(reader, rendered, request_):
    reader("/")
    reader("/", **request_)
    reader("/", **request_)
    assert len(rendered) == 3


def test_page_number_is_part_of_the_key(reader, rendered):
    reader("/", query="trang=2")
    reader("/", query="trang=3")
    reader("/", query="trang=2")
    assert len(rendered) == 2


def test_store_stays_within_its_bytes(reader):
    for number in range(100):
        reader(f"/{number}/")
        assert reader.cache.size_bytes <= reader.cache.max_bytes
    assert reader.cache.size_bytes > 0


@pytest.mark.parametrize(("path", "status"), [("/missing/x/", 404), ("/moved/", 301)])
def test_what_is_not_there_and_what_moved_is_kept_until_a_change(
    reader, rendered, path, status
):
    first = reader(path)
    assert (first[0], reader(path)) == (status, first)
    assert rendered == [path]
    assert reader(path, method="HEAD")[2] == b""
    assert reader(path, if_none_match="*")[0] == status  # never "not modified"
    SiteSettings(name="Sở mới").save()
    generation.refresh()
    reader(path)
    assert rendered == [path, path]


def test_a_scan_of_addresses_pushes_out_no_page(rendered):
    def app(environ, start_response):
        path = environ["PATH_INFO"]
        rendered.append(path)
        is_page = path.startswith("/page-")
        status = "200 OK" if is_page else "404 Not Found"
        start_response(status, [(MARK, "store")] if is_page else [])
        return [b"x" * 500]

    cache = PageCache(app, max_bytes=100_000)
    reader = Reader(cache)
    generation.refresh()
    pages = [f"/page-{number}/" for number in range(20)]
    for path in pages:
        reader(path)
    for number in range(1000):
        reader(f"/wp-{number}.php")
        assert cache.size_bytes <= cache.max_bytes
    del rendered[:]
    for path in pages:
        assert reader(path)[0] == 200
    assert rendered == []


# Several at once


class Kitchen:
    """An application whose renderings wait until they are let go."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.begun = threading.Semaphore(0)
        self.go_on = threading.Semaphore(0)
        self.count = 0

    def __call__(self, environ, start_response):
        self.count += 1
        answer = self.answers[min(self.count, len(self.answers)) - 1]
        self.begun.release()
        assert self.go_on.acquire(timeout=20)
        if isinstance(answer, Exception):
            raise answer
        status, headers, body = answer
        start_response(status, headers)
        return [body]


class Guest(threading.Thread):
    """A reader of his own; `answer` holds what he got, or what was raised."""

    def __init__(self, cache, path="/", **headers):
        super().__init__(daemon=True)
        self.cache, self.path, self.headers = cache, path, headers
        self.answer = None
        self.start()

    def run(self):
        try:
            self.answer = Reader(self.cache)(self.path, **self.headers)
        except Exception as error:
            self.answer = error

    def leave(self):
        self.join(timeout=20)
        assert not self.is_alive()
        return self.answer


OLD = ("200 OK", [(MARK, "store")], b"old")
NEW = ("200 OK", [(MARK, "store")], b"new")
MISSING = ("404 Not Found", [], b"missing")
GONE = ("410 Gone", [(MARK, "store")], b"gone")
MOVED = ("301 Moved Permanently", [("Location", "/x/"), (MARK, "aside")], b"moved")
ELSEWHERE = ("302 Found", [("Location", "/x/")], b"elsewhere")


@pytest.fixture
def editions(monkeypatch):
    """Let a test say which edition is the present one, for all threads."""
    state = {"now": generation.refresh(), "before": None}
    monkeypatch.setattr(generation, "current", lambda: state["now"])
    monkeypatch.setattr(generation, "edition", lambda: state["now"])
    monkeypatch.setattr(generation, "has_moved", lambda known: known != state["now"])
    monkeypatch.setattr(generation, "just_ended", lambda seconds: state["before"])

    def change(is_recent=True):
        old = state["now"]
        state["now"] = generation.Edition(old.generation + 1, old.until)
        state["before"] = old if is_recent else None

    return change


@pytest.fixture
def is_patient(monkeypatch):
    monkeypatch.setattr(pagecache, "PATIENCE_SECONDS", 20)


@pytest.fixture
def is_impatient(monkeypatch):
    monkeypatch.setattr(pagecache, "PATIENCE_SECONDS", 0)


def filled(kitchen):
    """Return a store that holds what the first rendering made."""
    cache = PageCache(kitchen, 100_000)
    kitchen.go_on.release()
    assert Reader(cache)("/")[2] == b"old"
    assert kitchen.begun.acquire(timeout=20)
    return cache


def test_who_asks_meanwhile_waits_for_the_one_rendering(editions, is_patient):
    kitchen = Kitchen(OLD)
    cache = PageCache(kitchen, 100_000)
    guests = [Guest(cache)]
    assert kitchen.begun.acquire(timeout=20)
    guests += [Guest(cache) for _ in range(5)] + [Guest(cache, method="HEAD")]
    kitchen.go_on.release()
    answers = [guest.leave() for guest in guests]
    assert [body for _, _, body in answers] == [b"old"] * 6 + [b""]
    assert kitchen.count == 1
    assert not cache._flights


def test_a_rendering_that_fails_leaves_nobody_waiting(editions, is_patient):
    kitchen = Kitchen(RuntimeError("broken"), NEW)
    cache = PageCache(kitchen, 100_000)
    first = Guest(cache)
    assert kitchen.begun.acquire(timeout=20)
    second = Guest(cache)
    kitchen.go_on.release(2)
    assert isinstance(first.leave(), RuntimeError)
    assert second.leave()[2] == b"new"
    assert not cache._flights


def test_a_rendering_without_end_is_waited_for_in_bounds(editions, monkeypatch):
    monkeypatch.setattr(pagecache, "PATIENCE_SECONDS", 0)
    monkeypatch.setattr(pagecache, "WAIT_SECONDS", 0)
    kitchen = Kitchen(OLD)
    cache = PageCache(kitchen, 100_000)
    first = Guest(cache)
    assert kitchen.begun.acquire(timeout=20)
    second = Guest(cache)  # nothing lets the first go on before this one renders too
    assert kitchen.begun.acquire(timeout=20)
    kitchen.go_on.release(2)
    assert first.leave()[2] == second.leave()[2] == b"old"


def test_the_page_as_it_was_is_given_while_a_new_one_is_made(editions, is_impatient):
    kitchen = Kitchen(OLD, NEW)
    cache = filled(kitchen)
    editions()
    first = Guest(cache)
    assert kitchen.begun.acquire(timeout=20)
    assert Guest(cache).leave()[2] == b"old"  # the first has not been let go
    kitchen.go_on.release()
    assert first.leave()[2] == b"new"
    assert Reader(cache)("/")[2] == b"new"


def test_a_page_that_landed_just_before_its_edition_ended_is_made_once(
    editions, monkeypatch
):
    kitchen = Kitchen(OLD, NEW)
    cache = PageCache(kitchen, 100_000)
    first = Guest(cache)
    assert kitchen.begun.acquire(timeout=20)
    current, asked = generation.current, []

    def slow():  # the second reader is held up between his look and his flight
        edition = current()
        if threading.current_thread() is not first and not asked:
            asked.append(edition)
            kitchen.go_on.release()
            assert first.leave()[2] == b"old"
            editions()
        return edition

    monkeypatch.setattr(generation, "current", slow)
    second = Guest(cache)
    assert second.leave()[2] == b"old"
    assert asked and kitchen.count == 1


def test_what_a_change_has_overtaken_is_made_once_more_for_all(editions, is_patient):
    kitchen = Kitchen(OLD, NEW)
    cache = PageCache(kitchen, 100_000)
    guests = [Guest(cache)]
    assert kitchen.begun.acquire(timeout=20)
    guests += [Guest(cache) for _ in range(5)]
    editions()
    kitchen.go_on.release(2)
    assert [guest.leave()[2] for guest in guests] == [b"new"] * 6
    assert kitchen.count == 2
    assert not cache._flights


def test_a_late_page_does_not_push_out_the_one_of_the_present(editions):
    begun, held, made = threading.Event(), threading.Event(), []

    def app(environ, start_response):
        made.append(OLD if not made else NEW)
        status, headers, body = made[-1]
        if body == b"old":
            begun.set()
            assert held.wait(20)
        start_response(status, headers)
        return [body]

    cache = PageCache(app, 100_000)
    late = Guest(cache)
    assert begun.wait(20)
    editions()
    assert Reader(cache)("/")[2] == b"new"
    held.set()
    assert late.leave()[2] == b"new"
    assert Reader(cache)("/")[2] == b"new"
    assert made == [OLD, NEW]


@pytest.mark.parametrize("changes", [[False], [True, True]], ids=["late", "twice"])
def test_a_page_older_than_the_last_change_is_not_given(
    editions, is_impatient, changes
):
    kitchen = Kitchen(OLD, NEW)
    cache = filled(kitchen)
    for is_recent in changes:
        editions(is_recent)
    guests = [Guest(cache)]
    assert kitchen.begun.acquire(timeout=20)
    guests.append(Guest(cache))
    kitchen.go_on.release(2)
    assert [guest.leave()[2] for guest in guests] == [b"new", b"new"]


@pytest.mark.parametrize(
    "answer", [MISSING, GONE, MOVED, ELSEWHERE], ids=lambda answer: answer[0]
)
def test_who_waits_gets_the_new_answer_where_the_page_is_no_more(
    editions, is_patient, answer
):
    kitchen = Kitchen(OLD, answer)
    cache = filled(kitchen)
    editions()
    guests = [Guest(cache)]
    assert kitchen.begun.acquire(timeout=20)
    guests.append(Guest(cache))
    kitchen.go_on.release(3)
    statuses = [guest.leave()[0] for guest in guests]
    assert statuses == [int(answer[0][:3])] * 2
    again = Reader(cache)("/")
    assert again[0] == statuses[0]
    if answer is not ELSEWHERE:
        assert kitchen.count == 2, "one rendering of each edition"


def test_scheme_is_part_of_the_key():
    environ = {"REQUEST_METHOD": "GET", "HTTP_HOST": "testserver", "PATH_INFO": "/"}
    keys = {
        cache_key({**environ, "wsgi.url_scheme": scheme})
        for scheme in ("http", "https")
    }
    assert len(keys) == 2


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("gzip, deflate, br", True),
        ("br;q=0", False),
        ("gzip;q=1.0, br; q=0.5", True),
        ("", False),
        ("brotli", False),
        ("BR", True),
    ],
)
def test_accept_encoding_is_read(header, expected):
    assert accepts(header, "br") is expected


# The real site behind the real door


@pytest.fixture
def site():
    page_cache.clear()
    generation.refresh()
    yield Reader(page_cache)
    page_cache.clear()


def test_public_pages_set_no_cookie_and_do_not_vary_on_it(site):
    article = make_article()
    category = make_category()
    generation.refresh()
    for path in ["/", article.get_absolute_url(), category.get_absolute_url()]:
        status, headers, body = site(path, cookie="nocount=1; x=y")
        assert status == 200, path
        assert "Set-Cookie" not in headers
        assert headers["Vary"] == "Accept-Encoding"
        assert headers["Cache-Control"] == "public, max-age=0, must-revalidate"
        assert site(path)[2] == body


@pytest.mark.parametrize(
    "cookie", ["csrftoken=short", "sessionid=forged", "csrftoken=x; messages=y"]
)
def test_a_forged_cookie_is_neither_answered_nor_kept(site, cookie):
    for path in ("/", "/tim-kiem/", "/khong-co/"):
        assert "Set-Cookie" not in site(path, cookie=cookie)[1]
        assert "Set-Cookie" not in site(path)[1]


def test_only_the_sign_of_staff_goes_on_to_public_pages():
    seen = []

    def app(environ, start_response):
        seen.append(environ.get("HTTP_COOKIE"))
        start_response("200 OK", [])
        return []

    reader = Reader(PageCache(app, 0))
    reader("/", cookie="sessionid=a; nocount=1; b=c")
    reader("/", cookie="sessionid=a; xnocount=1")
    reader("/admin/", cookie="sessionid=a")
    assert seen == ["nocount=1", None, "sessionid=a"]


def test_a_cookie_that_a_page_sets_is_dropped():
    """By a middleware, whatever it was that asked for the page."""

    def app(environ, start_response):
        start_response("200 OK", [(MARK, "store"), ("Set-Cookie", "sessionid=a")])
        return [b"page"]

    reader = Reader(PageCache(app, 10_000))
    generation.refresh()
    for _ in range(2):  # made, then from the store
        status, headers, _body = reader("/")
        assert status == 200
        assert "Set-Cookie" not in headers


def test_a_wrong_slug_and_a_missing_article_ask_the_database_once(
    site, django_assert_num_queries
):
    article = make_article()
    generation.refresh()
    wrong = article.get_absolute_url().replace(article.slug, "khac")
    for path, status in ((wrong, 301), ("/tin-tuc/khong-co-999999/", 404)):
        first = site(path)
        assert first[0] == status
        with django_assert_num_queries(0):
            assert site(path) == first
        assert first[1]["Cache-Control"] == "public, max-age=0, must-revalidate"


def test_withdrawn_article_is_gone_at_once(site):
    article = make_article()
    generation.refresh()
    assert site(article.get_absolute_url())[0] == 200
    article.state = "withdrawn"
    article.save()
    generation.refresh()
    assert site(article.get_absolute_url())[0] == 404


def test_scheduled_article_appears_at_its_second(site, monkeypatch):
    start = timezone.now()
    article = make_article(published_at=start + timedelta(minutes=1))
    generation.refresh()
    assert site(article.get_absolute_url())[0] == 404
    home = site("/")[2]
    assert article.title.encode() not in home
    monkeypatch.setattr(
        timezone, "now", lambda: start + timedelta(minutes=1, seconds=1)
    )
    assert site(article.get_absolute_url())[0] == 200
    assert article.title.encode() in site("/")[2]


def test_an_encoding_is_made_for_who_asks_and_kept(reader, rendered):
    compressed = []

    def note(coding, compress):
        return lambda body: compressed.append(coding) or compress(body)

    ways = {name: note(name, way) for name, way in pagebytes._COMPRESS.items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pagebytes, "_COMPRESS", ways)
        reader("/search/", accept_encoding="br")
        reader("/search/")
        assert compressed == ["br"]
        plain = reader("/")[2]
        assert compressed == ["br"]
        for _ in range(2):
            packed = reader("/", accept_encoding="gzip")[2]
        assert compressed == ["br", "gzip"]
    assert gzip.decompress(packed) == plain
    assert rendered.count("/") == 1
