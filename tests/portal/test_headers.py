"""Every kind of answer of the one WSGI application has every header, once.

And nothing that is one person's, or unfinished, may be kept by a cache on the way,
while public pages set no cookie.
"""

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import OperationalError
from whitenoise import WhiteNoise

from news import publishing
from portal import security, wsgi
from portal import views as portal_views
from portal.media import Media
from portal.security import Headers
from portal.wsgi import page_cache
from stats.beacon import Beacon
from tests.door import Reader
from tests.headers import complaints
from tests.news.conftest import login, make_user
from tests.public_site import PublicSite, fill

pytestmark = pytest.mark.django_db


class Site(PublicSite):
    """Also a withdrawn article, a static file, a picture, and somebody signed in."""

    def __init__(self, static, media):
        super().__init__()
        gone = self.gone = type(self.article).objects.get(pk=self.article.pk)
        gone.pk = None
        gone.slug = "da-go"
        gone.save()
        publishing.withdraw(gone, user=self.writer, note="sai")
        (static / "css").mkdir(parents=True)
        (static / "css" / "x.css").write_text("p { color: red }")
        self.picture = "/media/640/ab/abcdef0123456789.png"
        file = media / self.picture.removeprefix("/media/")
        file.parent.mkdir(parents=True)
        file.write_bytes(b"a picture")
        client = login(make_user("administrator", is_superuser=True))
        self.cookie = f"sessionid={client.cookies['sessionid'].value}"


@pytest.fixture
def site(tmp_path, monkeypatch):
    page_cache.clear()
    static, media = tmp_path / "static", tmp_path / "media"
    found = Site(static, media)
    # As where the files were there at the start.
    monkeypatch.setattr(wsgi.static_files, "files", {})
    wsgi.static_files.add_files(str(static), prefix="/static/")
    monkeypatch.setattr(wsgi.static_files.application, "root", media)
    yield found
    page_cache.clear()


FORM = {"CONTENT_TYPE": "application/x-www-form-urlencoded"}
# name: (status, path of a site, what else is asked)
ANSWERS = {
    "home": (200, "/", {}),
    "gzip": (200, "/tin-nong/", {"accept_encoding": "gzip"}),
    "brotli": (200, "/tin-nong/", {"accept_encoding": "br"}),
    "head": (200, "/tin-tieu-diem/", {"method": "HEAD"}),
    "search": (200, "/tim-kiem/", {"query": "q=khoa"}),
    "suggestions": (200, "/tim-kiem/goi-y/", {"query": "q=khoa"}),
    "feed": (200, "/rss/", {}),
    "article": (200, lambda s: s.article.get_absolute_url(), {}),
    "not modified": (304, "/", {"if_none_match": "*"}),
    "moved": (301, "/tin-nong", {}),
    "icon": (302, "/favicon.ico", {}),
    "not found": (404, "/khong-co/", {}),
    "withdrawn": (410, lambda s: s.gone.get_absolute_url(), {}),
    "draft": (404, lambda s: s.draft.get_absolute_url(), {}),
    "post to a page": (405, "/", {"method": "POST"}),
    "post to health": (403, "/healthz", {"method": "POST"}),
    "hostile host": (400, "/", {"host": "evil.example"}),
    "unreadable": (400, "/the/x/", {"more": {"CONTENT_TYPE": "a/b; charset=\x00"}}),
    "health": (200, "/healthz", {}),
    "ready": (200, "/readyz", {}),
    "security.txt": (200, "/.well-known/security.txt", {}),
    "static": (200, "/static/css/x.css", {}),
    "static not modified": (
        304,
        "/static/css/x.css",
        {"if_modified_since": "Fri, 31 Dec 2100 23:59:59 GMT"},
    ),
    "static missing": (404, "/static/css/y.css", {}),
    "static post": (405, "/static/css/x.css", {"method": "POST"}),
    "picture": (200, lambda s: s.picture, {}),
    "picture head": (200, lambda s: s.picture, {"method": "HEAD"}),
    "picture missing": (404, "/media/640/ab/0000000000000000.png", {}),
    "picture post": (405, lambda s: s.picture, {"method": "POST"}),
    "download": (200, lambda s: s.file.get_absolute_url(), {}),
    "download head": (200, lambda s: s.file.get_absolute_url(), {"method": "HEAD"}),
    "download of a draft": (404, lambda s: s.draft_file.get_absolute_url(), {}),
    "beacon": (200, "/_s", {}),
    "beacon report": (200, "/_s", {"method": "POST", "body": b"{}"}),
    "beacon nonsense": (400, "/_s", {"method": "POST", "body": b"["}),
    "beacon too large": (413, "/_s", {"method": "POST", "body": b"x" * 600}),
    "beacon method": (405, "/_s", {"method": "PUT"}),
}
# The same, and never kept: a form, a draft, a page of somebody's.
PRIVATE = {
    "leader": (200, lambda s: f"/xem-truoc/{s.values['token'][0]}/", {}),
    "leader's file": (
        200,
        lambda s: f"/xem-truoc/{s.values['token'][0]}/tep/{s.draft_file.pk}/",
        {},
    ),
    "leader, forged": (404, "/xem-truoc/1-x:abc/", {}),
    "leader, bad form": (
        400,
        lambda s: f"/xem-truoc/{s.values['token'][0]}/",
        {"method": "POST", "body": b"a=1&" * 2500, "more": FORM},
    ),
    "back office, stranger": (302, "/admin/", {}),
    "back office, hostile host": (400, "/admin/", {"host": "evil.example"}),
    "sign-in": (200, "/admin/login/", {}),
    "sign-in without token": (403, "/admin/login/", {"method": "POST"}),
    "back office": (200, "/admin/", {"staff": True}),
    "editor": (200, "/admin/news/article/add/", {"staff": True}),
    "draft in the editor": (
        200,
        lambda s: f"/admin/news/article/{s.draft.pk}/change/",
        {"staff": True},
    ),
    "password": (200, "/admin/password_change/", {"staff": True}),
    "scripts' words": (200, "/admin/jsi18n/", {"staff": True}),
    "missing there": (404, "/admin/khong-co/", {"staff": True}),
    "unreadable there": (400, "/admin/", {"more": {"CONTENT_TYPE": "a/b; charset=\0"}}),
}


def asked(site, table, name):
    """Return (reader, status, body) of an answer in a table, asked for twice."""
    status, path, request = table[name]
    request = dict(request)
    if request.pop("staff", False):
        request["cookie"] = site.cookie
    path = path(site) if callable(path) else path
    reader = Reader(page_cache)
    for _ in range(2):  # made, then from the store
        got, _headers, body = reader(path, **request)
        assert got == status, body[:200]
        yield reader.sent, body


def test_every_answer_has_every_header(site):
    wrong = {}
    for name in ANSWERS:
        for sent, _body in asked(site, ANSWERS, name):
            said = {key.lower(): value for key, value in sent}
            is_plain = (
                "set-cookie" not in said
                and "cookie" not in said.get("vary", "").lower()
                and "strict-transport-security" not in said  # there is no TLS here
            )
            if complaints(sent) or not is_plain:
                wrong[name] = complaints(sent), sent
    assert wrong == {}


def test_what_is_one_persons_is_kept_by_nobody(site):
    wrong = {}
    for name in PRIVATE:
        for sent, _body in asked(site, PRIVATE, name):
            said = {key.lower(): value for key, value in sent}
            kept = said.get("cache-control") != "no-store, private"
            if complaints(sent) or kept:
                wrong[name] = complaints(sent), sent
    assert wrong == {}


def test_a_page_that_failed_has_every_header(site, monkeypatch):
    def fail(error):
        def view(*args, **kwargs):
            raise error

        return view

    reader = Reader(page_cache)
    monkeypatch.setattr(portal_views.health, "problems", fail(RuntimeError("x")))
    assert reader("/readyz")[0] == 500
    assert complaints(reader.sent) == []
    monkeypatch.setattr(portal_views.health, "problems", fail(OperationalError("x")))
    status, headers, _ = reader("/readyz")
    assert status == 503 and headers["Cache-Control"] == "no-store"
    assert complaints(reader.sent) == []


@pytest.fixture
def behind_tls(site, settings, tmp_path):
    """The application as the settings of a public site make it."""
    settings.SECURE_HSTS_SECONDS = 31536000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    media = Media(get_wsgi_application())
    media.root = tmp_path / "media"
    files = WhiteNoise(media, root=tmp_path / "static", prefix="/static/")
    return Reader(Headers(Beacon(files)))


def test_behind_tls_every_answer_insists_on_it(site, behind_tls):
    wrong = {}
    for name, (_status, path, request) in (ANSWERS | PRIVATE).items():
        if name.startswith("unreadable"):
            continue  # portal.wsgi stands in front of Django for that
        request = {key: value for key, value in request.items() if key != "staff"}
        path = path(site) if callable(path) else path
        behind_tls(path, x_forwarded_proto="https", **request)
        said = {key.lower(): value for key, value in behind_tls.sent}
        hsts = said.get("strict-transport-security")
        cookies = [v for k, v in behind_tls.sent if k.lower() == "set-cookie"]
        if (
            complaints(behind_tls.sent)
            or hsts != "max-age=31536000; includeSubDomains"
            or not all("Secure" in c and "SameSite" in c for c in cookies)
        ):
            wrong[name] = behind_tls.sent
    assert wrong == {}


def test_without_tls_readers_are_led_to_it_with_every_header(behind_tls):
    for proto in (None, "http", "http, https", "HTTPS"):
        more = {} if proto is None else {"HTTP_X_FORWARDED_PROTO": proto}
        for path in ("/tin-nong/", "/admin/login/"):
            status, headers, _ = behind_tls(path, more=more)
            assert status == 301
            assert headers["Location"].startswith("https://testserver/")
            assert complaints(behind_tls.sent) == []
            assert "Strict-Transport-Security" not in headers  # RFC 6797, 7.2
        status, _, _ = behind_tls("/", more=more, host="evil.example")
        assert status == 400
        assert complaints(behind_tls.sent) == []


def test_every_public_address_sets_no_cookie_whatever_it_is_sent(site):
    reader = Reader(page_cache)
    for route, values in site.addresses(reader).values():
        path = fill(route, values)
        for cookie in ("sessionid=x; csrftoken=y; messages=z", site.cookie):
            _status, headers, body = reader(path, query="q=khoa", cookie=cookie)
            assert "Set-Cookie" not in headers, path
            assert "cookie" not in headers.get("Vary", "").lower(), path
            assert b"csrfmiddlewaretoken" not in body, path
            assert complaints(reader.sent) == [], path


def test_what_an_answer_says_itself_stays(monkeypatch):
    def own(environ, start_response):
        start_response("200 OK", [("content-security-policy", "sandbox")])
        return []

    reader = Reader(Headers(own))
    reader("/")
    policies = [v for k, v in reader.sent if k.lower() == "content-security-policy"]
    assert policies == ["sandbox"]


def test_djangos_own_answers_say_the_same_policy(client):
    """Two ways to write one policy: django-csp's, and ours for what it never sees."""
    said = client.get("/healthz")["Content-Security-Policy"]
    assert {p.strip() for p in said.split(";")} == set(security.policy().split("; "))
