"""deploy/nginx.conf with a real nginx in front of the real server."""

import gzip
import http.client
import http.server
import json
import re
import shutil
import socket
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path

import brotli
import pytest

from portal.generation import Edition
from tests.headers import complaints
from tests.journeys.conftest import AGENT, ROOT, Server, free_port
from tests.journeys.nginx import BROTLI, NGINX, Answer, Nginx, ask, filled_in
from tests.journeys.test_server import TOKEN, eventually

PAGES = ["/", "/tin-nong/", "/lich-cong-tac/", "/so-do-trang/"]
# What differs and why: the moment, the program, the connection, and what nginx makes of
# a file's time and length.
OWN = {"date", "server", "connection", "keep-alive", "etag", "last-modified"}
MAKE = """
import json
from datetime import timedelta
from django.db import transaction
from django.utils import timezone
from tests.factories import make_article
soon = timezone.now() + timedelta(seconds={seconds})
with transaction.atomic():  # category and article: one edition, not two
    article = make_article(title={title!r}, published_at=soon)
print(json.dumps([article.pk, article.get_absolute_url()]))
"""


class Site(Server):
    """The server with its nginx; `ask` goes through nginx, `directly` does not."""

    def __init__(self, folder: Path, static_root: str):
        self.front_port = free_port()
        super().__init__(
            folder,
            DEMO="0",
            DATABASE_URL="",
            STATIC_ROOT=static_root,
            SITE_URL=f"http://127.0.0.1:{self.front_port}",
            TRUSTED_PROXIES="1",
            PAGE_DISK_MB="64",
        )
        self.data = folder / "data"
        self.pages = self.data / "pages"
        self.data.mkdir()
        (self.data / "static").symlink_to(static_root)
        self.nginx = Nginx(
            folder / "nginx",
            filled_in(self.data, self.port, self.front_port),
            self.front_port,
        )

    def ask(self, path, method="GET", **headers):
        return ask(self.front_port, path, method, **headers)

    def directly(self, path, method="GET", **headers):
        host = f"127.0.0.1:{self.front_port}"
        proxied = {"Host": host, "X_Forwarded_Proto": "http", **headers}
        return ask(self.port, path, method, **proxied)

    def make(self, title="Bài viết", seconds=-60):
        return self.python(MAKE.format(title=title, seconds=seconds))

    def has(self, path) -> bool:
        """Say whether nginx answers with a page from disk, asking until it does."""
        return eventually(lambda: self.ask(path).is_from_disk)

    def current(self) -> Edition:
        """The edition that nginx shows, a second behind at most."""
        return Edition.named((self.pages / "current").readlink().name)

    @contextmanager
    def down(self):
        self.stop()
        try:
            yield
        finally:
            self.start()


@pytest.fixture(scope="module")
def site(tmp_path_factory, static_root):
    if NGINX is None:
        pytest.skip("không có nginx (Debian: apt-get install nginx-light)")
    site = Site(tmp_path_factory.mktemp("nginx"), static_root)
    with site.running(), site.nginx.running():
        site.make("Bài đầu tiên")
        yield site


def comparable(answer) -> dict:
    """Headers with what means the same made equal."""
    found = {k: v for k, v in answer.headers.items() if k not in OWN}
    if "content-security-policy" in found:  # its parts have no order
        parts = found["content-security-policy"].split(";")
        found["content-security-policy"] = sorted(part.strip() for part in parts)
    if "content-type" in found:
        found["content-type"] = found["content-type"].replace('"', "")
    if found.get("content-type", "").startswith("text/html"):
        # A page prints the counter of visits and its time, which move by themselves:
        # two renderings need not be equally long. For HEAD see has_its_length.
        found["content-length"] = "content-length" in found
    return found


def has_its_length(ask, path, coding) -> bool:
    """Say whether HEAD names the length of the body, once both are of one page."""
    return eventually(
        lambda: (
            ask(path, "HEAD", Accept_Encoding=coding).headers["content-length"]
            == str(len(ask(path, Accept_Encoding=coding).body))
        )
    )


@pytest.mark.parametrize("path", PAGES)
def test_a_page_from_disk_is_the_page_of_the_application(site, path):
    assert site.has(path)
    for coding, decode in (("identity", bytes), ("gzip", gzip.decompress)):
        for method in ("GET", "HEAD"):
            ours = site.directly(path, method, Accept_Encoding=coding)
            kept = site.ask(path, method, Accept_Encoding=coding)
            assert kept.is_from_disk and not ours.is_from_disk
            assert kept.status == ours.status == 200
            assert comparable(kept) == comparable(ours), (coding, method)
            assert "last-modified" not in kept.headers
        assert kept.body == b""
        assert has_its_length(site.ask, path, coding)
        assert has_its_length(site.directly, path, coding)
        whole = site.ask(path, Accept_Encoding=coding)
        assert decode(whole.body).rstrip().endswith(b"</html>")
        again = site.ask(
            path, Accept_Encoding=coding, If_None_Match=whole.headers["etag"]
        )
        assert (again.status, again.body) == (304, b"")
        assert again.headers["cache-control"] == whole.headers["cache-control"]


def test_static_files_have_the_headers_of_the_application(site):
    home = site.ask("/").body.decode()
    hashed = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', home))
    assert any(path.endswith(".css") for path in hashed)
    assert any(path.endswith(".js") for path in hashed)
    assert any(path.endswith(".svg") for path in hashed)
    plain = ["/static/img/favicon.svg", "/static/css/base.css"]
    for path in [*sorted(hashed), *plain]:
        for coding in ("identity", "gzip"):
            ours = site.directly(path, Accept_Encoding=coding)
            ours.headers.pop("accept-ranges", None)  # nobody needs a part of one
            kept = site.ask(path, Accept_Encoding=coding)
            assert (kept.status, kept.body) == (200, ours.body)
            assert comparable(kept) == comparable(ours), (path, coding)
            assert kept.is_from_disk


@pytest.mark.parametrize("kind", ["avif", "jpg", "png"])
def test_pictures_have_the_headers_of_the_application(site, kind):
    file = site.data / "media" / "640" / "ab" / f"abcdef0123456789.{kind}"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"a picture")
    path = f"/media/640/ab/{file.name}"
    ours, kept = site.directly(path), site.ask(path)
    assert kept.body == ours.body == b"a picture"
    assert comparable(kept) == comparable(ours)
    assert kept.headers["last-modified"] != ours.headers["last-modified"]


@pytest.mark.parametrize(
    "path",
    [
        *("/media/private/x.svg", "/media/../secret_key", "/static/../secret_key"),
        *("/media/640/ab/abcdef0123456789.svg", "/static/khong-co.css"),
        *("/pages/current/index.html", "/current/index.html", "/secret_key"),
    ],
)
def test_nothing_else_of_the_folder_is_served(site, path):
    (site.data / "media" / "private").mkdir(parents=True, exist_ok=True)
    (site.data / "media" / "private" / "x.svg").write_text("<svg/>")
    assert site.ask(path).status == 404


@pytest.mark.parametrize(
    "request_",
    [
        {"path": "/tin-nong/?trang=1"},
        {"path": "/tin-nong/?"},
        {"path": "//tin-nong/"},
        {"path": "/x/../tin-nong/"},
        {"path": "/tin%2Dnong/"},
        {"path": "/tin-nong/", "Cookie": "sessionid=x"},
        {"path": "/tin-nong/", "Cookie": "a=b; csrftoken=x"},
        {"path": "/tin-nong/", "Authorization": "Basic eDp5"},
        {"path": "/tin-nong/", "method": "POST"},
    ],
    ids=str,
)
def test_what_could_mean_another_answer_goes_to_the_application(site, request_):
    assert site.has("/tin-nong/")
    answer = site.ask(**request_)
    assert "etag" not in answer.headers or not answer.is_from_disk
    assert site.ask("/tin-nong/", Cookie="nocount=1; xsessionid=y").is_from_disk


def test_an_address_without_its_slash_is_led_on_by_the_application(site):
    assert site.has("/tin-nong/")
    answer = site.ask("/tin-nong")
    assert (answer.status, answer.headers["location"]) == (301, "/tin-nong/")


def test_a_withdrawn_article_is_gone_from_nginx(site):
    number, path = site.make("Sắp bị gỡ")
    assert site.has(path)
    kept = [folder for folder in site.pages.iterdir() if (folder / path[1:]).is_dir()]
    assert kept
    site.python(
        "from news.models import Article; from news import publishing;"
        f"publishing.withdraw(Article.objects.get(pk={number}), note='x'); print(1)"
    )
    assert eventually(lambda: site.ask(path).status == 410)
    assert {site.ask(path).status for _ in range(20)} == {410}
    assert not (site.pages / "previous").exists()
    with site.down():  # what readers lost does not come back in an outage either
        assert site.ask(path).status == 503
    assert eventually(lambda: not any(folder.exists() for folder in kept))


def test_a_scheduled_article_comes_by_itself(site):
    _number, path = site.make("Hẹn giờ lên trang", seconds=6)
    assert site.ask(path).status == 404
    assert site.has("/")
    made = site.python(
        "from portal import generation as g; print(g.current().generation)"
    )
    assert eventually(lambda: site.current().generation == made)
    before = site.current()
    assert eventually(lambda: "Hẹn giờ lên trang" in site.ask("/").body.decode())
    assert site.has(path) and site.has("/")
    assert "Hẹn giờ lên trang" in site.ask("/").body.decode()
    after = site.current()
    assert after.generation == before.generation
    assert after.until > before.until


def test_pages_go_on_while_the_application_is_down(site):
    _number, path = site.make("Đọc được cả khi máy chủ nghỉ")
    assert site.has(path) and site.has("/tin-tieu-diem/")
    whole = site.ask(path)
    site.make("Một tin nữa")  # a new edition, in which nobody asks for that page
    assert eventually(lambda: "Một tin nữa" in site.ask("/").body.decode())
    assert site.has("/")
    home = site.ask("/")
    with site.down():
        for _ in range(5):
            assert site.ask("/").body == home.body, "this edition"
            assert site.ask(path).body == whole.body, "the edition before"
        kept = site.ask(path, Accept_Encoding="gzip")
        assert gzip.decompress(kept.body) == whole.body
        assert comparable(site.ask(path)) == comparable(whole)
        assert site.ask(path, "HEAD").status == 200
        assert site.ask(path + "?fbclid=abc&utm_source=zalo").body == whole.body
        assert site.ask(path, Cookie="sessionid=x").body == whole.body
        static = re.search(r'href="(/static/[^"]+\.css)"', home.body.decode())[1]
        assert site.ask(static).status == 200
        for refused in (
            *(path + "?trang=2", "/tim-kiem/?q=x", "/rss/", "/admin/", "/khong-co/"),
            *("/xem-truoc/x/", "/tai-ve/1/x.pdf", "/sitemap.xml"),
        ):
            answer = site.ask(refused)
            assert answer.status == 503, refused
            assert answer.headers["retry-after"] and answer.body.startswith(b"<!doc")
            assert answer.headers["cache-control"] == "no-store"
        assert site.ask("/", "POST").status == 503
    assert eventually(lambda: site.ask("/khong-co/").status == 404)


def test_a_visit_is_counted_behind_nginx(site):
    token = TOKEN.search(site.ask("/").body.decode())[1]
    answer = ask(
        site.front_port,
        "/_s",
        "POST",
        body=json.dumps({"p": token, "r": "", "w": 0}),
        User_Agent=AGENT.format(1),
        Origin=f"http://127.0.0.1:{site.front_port}",
    )
    assert answer.status == 200
    assert answer.headers["x-visit"] == "counted"


def test_brotli_is_sent_where_the_module_is_installed(site, tmp_path):
    if not BROTLI.exists():
        pytest.skip("không có libnginx-mod-http-brotli-static")
    port = free_port()
    text = filled_in(site.data, site.port, port).replace(
        "#brotli_static", "brotli_static"
    )
    assert site.has("/")
    with Nginx(tmp_path / "br", text, port, [BROTLI]).running():
        for path in ("/", "/static/css/base.css"):
            plain = ask(port, path).body
            packed = ask(port, path, Accept_Encoding="gzip, br")
            assert packed.headers["content-encoding"] == "br"
            assert brotli.decompress(packed.body) == plain
        kept = ask(port, "/", Accept_Encoding="br")
        ours = site.directly("/", Accept_Encoding="br")
        assert kept.is_from_disk and comparable(kept) == comparable(ours)


def test_tls_is_turned_on_as_the_file_says(site, tmp_path):
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("không có openssl (Debian: apt-get install openssl)")
    port, tls_port = free_port(), free_port()
    text = filled_in(site.data, site.port, port, tls_port)
    text = text.replace(f"{site.data}/fullchain.pem", str(tmp_path / "fullchain.pem"))
    text = text.replace(f"{site.data}/privkey.pem", str(tmp_path / "privkey.pem"))
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=127.0.0.1", "-keyout", str(tmp_path / "privkey.pem")),
            *("-out", str(tmp_path / "fullchain.pem")),
        ],
        check=True,
        capture_output=True,
    )
    assert site.has("/")
    with Nginx(tmp_path / "tls", text, port).running():
        plain = ask(port, "/tin-nong/?trang=2")
        assert plain.status == 301
        assert plain.headers["location"] == "https://127.0.0.1/tin-nong/?trang=2"
        page = ask(tls_port, "/", tls=True)
        assert page.is_from_disk
        policy = page.headers["strict-transport-security"]
        assert policy == "max-age=31536000; includeSubDomains"
        assert ask(tls_port, "/readyz", tls=True).status == 200
    assert "strict-transport-security" not in site.ask("/").headers


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """nginx whose application is not there: all that it says is its own.

    What it forgives in a burst comes back at one request a minute, so that no machine
    is too slow for a flood.
    """
    if NGINX is None:
        pytest.skip("không có nginx (Debian: apt-get install nginx-light)")
    folder = tmp_path_factory.mktemp("alone")
    port = free_port()
    text = re.sub(r"rate=\d+r/s", "rate=1r/m", filled_in(folder, free_port(), port))
    nginx = Nginx(folder / "nginx", text, port)
    with nginx.running():
        yield nginx


def raw(port: int, request: bytes) -> Answer:
    """Send what no client library would."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, named, answer.read())


OWN_ERRORS = {
    "not a request": (400, b"GARBAGE\r\n\r\n"),
    "a header too large": (400, b"GET / HTTP/1.1\r\nX: " + b"x" * 9000 + b"\r\n\r\n"),
    "no host": (400, b"GET / HTTP/1.1\r\n\r\n"),
    "an address too long": (
        414,
        b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    ),
    "out of the root": (400, b"GET /../x HTTP/1.1\r\nHost: a\r\n\r\n"),
    "a NUL": (400, b"GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n"),
    "a method nobody needs": (405, b"PROPFIND / HTTP/1.1\r\nHost: a\r\n\r\n"),
    "TRACE": (405, b"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n"),
    "too much for a visit": (
        413,
        b"POST /_s HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n",
    ),
    "too much for the back office": (
        413,
        b"POST /admin/ HTTP/1.1\r\nHost: a\r\nContent-Length: 99000000\r\n\r\n",
    ),
    "a hidden file": (404, b"GET /.git/config HTTP/1.1\r\nHost: a\r\n\r\n"),
    "a hidden static file": (404, b"GET /static/.x HTTP/1.1\r\nHost: a\r\n\r\n"),
    "figures": (404, b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"),
    "no application": (
        503,
        b"GET /.well-known/security.txt HTTP/1.1\r\nHost: a\r\n\r\n",
    ),
}


@pytest.mark.parametrize("name", OWN_ERRORS)
def test_an_error_of_nginx_itself_has_every_header(alone, name):
    status, request = OWN_ERRORS[name]
    answer = raw(alone.port, request)
    assert answer.status == status
    assert complaints(list(answer.headers.items())) == []
    assert answer.headers["server"] == "nginx", "no version"
    if status == 405:
        assert answer.headers["allow"] == "GET, HEAD, POST"
    if name in ("too much for the back office", "no application"):
        assert b'lang="vi"' in answer.body


@pytest.mark.parametrize(
    ("method", "path", "burst", "also"),
    [
        ("GET", "/tim-kiem/?q=a", 60, "/tim-kiem/rss/?q=a"),
        ("GET", "/tim-kiem/goi-y/?q=a", 200, None),
        ("POST", "/admin/login/", 60, None),
        ("POST", "/_s", 100, None),
    ],
)
def test_a_flood_from_one_address_is_told_to_wait(alone, method, path, burst, also):
    """And an office that begins all at once is not."""
    answers = [ask(alone.port, path, method).status for _ in range(burst + 1)]
    assert set(answers) == {503}, "there is no application"
    for refused in filter(None, (path, also)):
        answer = ask(alone.port, refused, method)
        assert answer.status == 429
        assert "Quá nhiều yêu cầu" in answer.body.decode() or path == "/_s"
        assert answer.headers["retry-after"] == "10"
        assert complaints(list(answer.headers.items())) == []
    # Nothing else is refused: not the page that has the form, nor any other.
    assert ask(alone.port, "/admin/login/").status == 503
    assert ask(alone.port, "/").status == 503


KEY, WORDS, NAME = "khoa-cua-lanh-dao", "tu-can-tim", "MayCuaToi/1.0"
LOGGED = {"time", "request_id", "method", "path", "status", "bytes", "seconds"}


def lines(nginx: Nginx, count: int) -> list[dict]:
    """Return what is in the log, once it has so many lines: they follow the answers."""
    log = nginx.folder / "access.log"
    assert eventually(lambda: len(log.read_text().splitlines()) >= count)
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_the_log_holds_no_reader_no_words_and_no_key(site):
    before = len((site.nginx.folder / "access.log").read_text().splitlines())
    asked = [
        *("/", f"/tim-kiem/?q={WORDS}", f"/tim-kiem/goi-y/?q={WORDS}", "/_s"),
        *(f"/xem-truoc/{KEY}/", f"/xem-truoc/{KEY}/tep/1/?{WORDS}"),
        *(f"//xem-truoc//{KEY}/", f"/%78em-truoc%2F{KEY}/", f"/x/../xem-truoc/{KEY}/"),
        f"http://127.0.0.1/xem-truoc/{KEY}/?{WORDS}",
    ]
    for path in asked:
        site.ask(path, User_Agent=NAME, Referer=f"http://a.vn/{WORDS}/{KEY}")
    last = site.ask(f"/admin/login/?{WORDS}", User_Agent=NAME)
    log = lines(site.nginx, before + len(asked))[before:]
    text = json.dumps(log)
    assert not any(secret in text for secret in (KEY, WORDS, NAME, "127.0.0.1"))
    assert all(set(line) == LOGGED for line in log)
    paths = [line["path"] for line in log]
    assert paths[:3] == ["/", "/tim-kiem/", "/tim-kiem/goi-y/"]
    assert set(paths[3:-1]) == {"/xem-truoc/..."} and "/_s" not in paths
    # What the application says of this request has the same number.
    assert (log[-1]["path"], log[-1]["status"]) == ("/admin/login/", "200")
    assert log[-1]["request_id"] == last.headers["x-request-id"]


def test_what_nginx_answers_itself_is_logged_the_same_way(tmp_path):
    """And what is ordinary writes no address into the log of errors."""
    if NGINX is None:
        pytest.skip("không có nginx (Debian: apt-get install nginx-light)")
    port = free_port()
    nginx = Nginx(tmp_path / "own", filled_in(tmp_path, free_port(), port), port)
    with nginx.running():
        before = len(lines(nginx, 1))
        for line in (f"GET /xem-truoc/{KEY}/%00?{WORDS}", f"PROPFIND /xem-truoc/{KEY}"):
            raw(port, f"{line} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        raw(port, b"GET /xem-truoc/" + KEY.encode() * 999 + b" HTTP/1.1\r\n\r\n")
        away = ask(port, f"/xem-truoc/{KEY}/?{WORDS}", User_Agent=NAME)
        flood = [ask(port, f"/tim-kiem/?q={WORDS}").status for _ in range(200)]
        assert away.status == 503 and 429 in flood
        log = lines(nginx, before + 4 + len(flood))[before:]
    # In any order: what is no request is logged once its connection has closed.
    links = [line for line in log if line["path"] in ("-", "/xem-truoc/...")]
    assert sorted(line["status"] for line in links) == ["400", "405", "414", "503"]
    text = (nginx.folder / "access.log").read_text()
    assert not any(secret in text for secret in (KEY, WORDS, NAME, "127.0.0.1"))
    assert "client:" not in (nginx.folder / "error.log").read_text()


@contextmanager
def in_front_of(handler, folder):
    """nginx before an application of a few lines; gives the port of nginx."""
    if NGINX is None:
        pytest.skip("không có nginx (Debian: apt-get install nginx-light)")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as app:
        threading.Thread(target=app.serve_forever, daemon=True).start()
        port = free_port()
        text = filled_in(folder, app.server_port, port)
        with Nginx(folder / "nginx", text, port).running():
            yield port
        app.shutdown()


class Told(http.server.BaseHTTPRequestHandler):
    numbers: list[list[str]] = []

    def do_GET(self):
        self.numbers.append(self.headers.get_all("X-Request-ID"))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args):
        pass


def test_the_application_is_told_the_number_of_the_request(tmp_path):
    with in_front_of(Told, tmp_path) as port:
        assert ask(port, "/rss/", X_Request_ID="forged").status == 204
    first, last = Told.numbers[0], Told.numbers[-1]
    assert len(last) == 1 and re.fullmatch("[0-9a-f]{32}", last[0])
    assert first != last


class Ending(http.server.BaseHTTPRequestHandler):
    """An application that ends as it takes the first request of a kind."""

    asked: list[str] = []

    def answer(self):
        self.asked.append(self.command)
        if self.asked.count(self.command) == 1:
            self.close_connection = True
            return  # and says nothing
        self.send_response(204)
        self.end_headers()

    do_GET = do_POST = answer

    def log_message(self, *args):
        pass


def test_a_reading_that_an_ending_application_took_is_asked_again_and_no_form(tmp_path):
    with in_front_of(Ending, tmp_path) as port:
        Ending.asked.clear()  # its start asked for something
        assert ask(port, "/rss/").status == 204
        assert ask(port, "/rss/", method="POST").status == 503
    assert Ending.asked == ["GET", "GET", "POST"]


def test_a_file_as_large_as_the_back_office_takes_gets_through(settings):
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    limits = [int(n) * 2**20 for n in re.findall(r"client_max_body_size (\d+)m;", text)]
    assert max(limits) > settings.MAX_ATTACHMENT_BYTES
    assert max(limits) > settings.MAX_IMAGE_UPLOAD_BYTES
