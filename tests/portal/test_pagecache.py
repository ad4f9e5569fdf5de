import gzip
from datetime import timedelta

import brotli
import pytest
from django.db import OperationalError
from django.utils import timezone

from portal import generation
from portal.models import SiteSettings
from portal.pagecache import MARK, PageCache, accepts, cache_key
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
        elif path == "/gone/":
            start_response("404 Not Found", headers)
        else:
            start_response("200 OK", [*headers, (MARK, "store")])
        return [b"<p>" + b"x" * 500, str(len(rendered)).encode()]

    cache = PageCache(app, max_bytes=10_000)
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


@pytest.mark.parametrize("path", ["/private/", "/search/", "/gone/"])
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
    for number in range(50):
        reader(f"/{number}/")
        assert reader.cache.size_bytes <= reader.cache.max_bytes
    assert reader.cache.size_bytes > 0


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
