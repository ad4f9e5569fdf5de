"""Every public address with garbage in it gives a plain answer below 500."""

from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.models import Page
from portal.wsgi import page_cache
from tests.door import Reader
from tests.factories import make_article, make_category, make_list_entry, make_tag

pytestmark = pytest.mark.django_db

NASTY = [
    "",
    "\x00",
    "a\x00b",
    "x" * 10_000,
    "-1",
    "0",
    "1_0",
    "٣",
    "99999999999999999999999",
    "1e9",
    "31/02/2026",
    "00/00/0000",
    "01/01/0001",
    "31/12/9999",
    "9999-12-31",
    "'; DROP TABLE news_article; --",
    '"',
    '"chưa đóng',
    "* OR title:x NEAR(a b) ^a {t s}:b -c",
    "a AND OR NOT",
    "🙂‮gnol",
    "%",
    "../../etc/passwd",
    "<script>alert(1)</script>",
    "\ud800",
    "%ff%fe",
    "ＨＡ　ＮＯＩ",
    "a\r\nSet-Cookie: x=1",
]
KEYS = ["q", "chuyen-muc", "tu-ngay", "den-ngay", "sap-xep", "trang"]
PATHS = [
    "/{}",
    "/tin-tuc/{}/",
    "/tin-tuc/{}-1/",
    "/tin-tuc/x-{}/",
    "/chuyen-muc/{}/",
    "/chuyen-muc/{}/rss/",
    "/the/{}/",
    "/trang/{}/",
    "/tai-ve/{}/x.pdf",
    "/tai-ve/1/{}",
    "/lich-cong-tac/{}/",
    "/lich-cong-tac/{}-W1/",
    "/lich-cong-tac/2026-W{}/",
    "/sitemap-{}-1.xml",
    "/sitemap-articles-{}.xml",
    "/media/{}",
    "/static/{}",
    "/_s{}",
]
LISTS = ["/", "/tin-nong/", "/tin-tieu-diem/", "/rss/", "/sitemap.xml", "/robots.txt"]


@pytest.fixture
def site():
    make_list_entry()
    page_cache.clear()
    reader = Reader(page_cache)
    reader.lists = [
        *LISTS,
        "/lich-cong-tac/",
        "/so-do-trang/",
        make_category().get_absolute_url(),
        make_tag().get_absolute_url(),
        make_article().get_absolute_url(),
        Page.objects.create(title="Giới thiệu").get_absolute_url(),
    ]
    yield reader
    page_cache.clear()


def encoded(value: str) -> str:
    return quote(value.encode("utf-8", "surrogatepass"), safe="")


@pytest.mark.parametrize("value", NASTY, ids=lambda v: ascii(v)[:30])
def test_search_takes_anything(site, value):
    for key in KEYS:
        for extra in ("", "&q=khoa+hoc&tu-ngay=01/01/2020"):
            status, headers, _ = site(
                "/tim-kiem/", query=f"{key}={encoded(value)}{extra}"
            )
            assert status < 500, key
            assert "Set-Cookie" not in headers
    status, headers, _ = site("/tim-kiem/goi-y/", query=f"q={encoded(value)}")
    assert status == 200
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize("value", NASTY, ids=lambda v: ascii(v)[:30])
def test_every_path_takes_anything(site, value):
    # A server hands PATH_INFO over decoded, as latin-1 (PEP 3333).
    raw = value.encode("utf-8", "surrogatepass").decode("latin-1")
    for path in PATHS:
        status, _, _ = site(path.format(raw))
        assert status < 500, path
    for path in site.lists:
        status, _, _ = site(path, query=f"trang={encoded(value)}")
        assert status < 500, path


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "FOO"])
def test_other_methods_are_refused_plainly(site, method):
    for path in [
        *site.lists,
        "/tim-kiem/",
        "/tim-kiem/goi-y/",
        "/_s",
        "/media/x",
        "/static/x",
    ]:
        status, _, _ = site(path, method=method)
        assert status < 500, path


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": ""},
        {"host": "a b"},
        {"host": "testserver:99999"},
        {"cookie": "sessionid=\x00; csrftoken=" + "x" * 5000},
        {"accept_encoding": "br;q=x, gzip;;;,"},
        {"if_none_match": "W/" + '"' * 1000},
        {"if_modified_since": "yesterday"},
        {"x_forwarded_for": "::::, 1.2.3"},
        {"x_forwarded_host": "evil.example"},
        {"authorization": "Basic !!!"},
    ],
    ids=str,
)
def test_hostile_headers_are_survived(site, headers):
    for path in site.lists:
        status, _, body = site(path, **headers)
        assert status < 500, path
        assert b"evil.example" not in body


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.dictionaries(st.sampled_from([*KEYS, "x"]), st.text(max_size=60), max_size=4))
def test_any_query_is_answered(site, query):
    encoded_query = urlencode(query, errors="surrogatepass")
    searches = ("/tim-kiem/", "/tim-kiem/goi-y/", "/tim-kiem/rss/")
    for path in (*searches, *site.lists):
        assert site(path, query=encoded_query)[0] < 500
