"""Whatever is asked of a public address or of the beacon, the answer is a plain one.

At least 5,000 requests through the one WSGI application, the same in every run: each
nasty value at each place of each address that the URL conf has, then combinations drawn
with a seed (FUZZ_SEED gives another), then what hypothesis thinks of. None is answered
with 5xx, none takes two seconds of processor time, none gets a cookie or a header line
of the visitor's making.
"""

import contextlib
import json
import os
import random
import sys
import time
import traceback
from contextlib import contextmanager
from urllib.parse import quote_from_bytes

import pytest
from django.core.signals import got_request_exception
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.wsgi import application
from tests.door import Reader
from tests.public_site import PublicSite, fill, parts

pytestmark = pytest.mark.django_db

SEED = int(os.environ.get("FUZZ_SEED", "20261126"))
DRAWN = 1000
LIMIT_SECONDS = 2.0  # for one answer, of the processor and by the clock

NASTY = [
    b"",
    b"\x00",
    b"a\x00b",
    b"x" * 10_000,
    b"-1",
    b"0",
    b"1",
    b"1_0",
    b"+1",
    b" 1",
    b"1.0",
    b"1e9",
    b"NaN",
    b"\xd9\xa3",  # three, in Arabic digits
    b"\xef\xbc\x91",  # one, full width
    b"\xc2\xb2",  # isdigit(), but no int()
    b"2147483648",
    b"9223372036854775808",
    b"9" * 5000,  # int() refuses more than 4,300 digits
    b"0001",
    b"9999",
    b"53",
    b"31/02/2026",
    b"00/00/0000",
    b"01/01/0001",
    b"31/12/9999",
    b"9999-12-31",
    b"0001-01-01",
    b"'; DROP TABLE news_article; --",
    b'"',
    '"chưa đóng'.encode(),
    b"* OR title:x NEAR(a b) ^a {t s}:b -c",
    b"a AND OR NOT",
    b"(" * 2000,
    b"%",
    b"%00%ff%",
    b"\\",
    b"../../etc/passwd",
    b"..%2f..%2fetc%2fpasswd",
    b"/",
    b"//evil.example/",
    b"<script>alert(1)</script>",
    b"{{ 7*7 }}{% debug %}",
    b"\xed\xa0\x80",  # a lone surrogate
    b"\xff\xfe",
    b"\xc0\xaf",  # "/", overlong
    b"\xf4\x90\x80\x80",  # beyond the last code point
    "🙂‮gnol".encode(),
    "ＨＡ　ＮＯＩ".encode(),
    b"a\r\nSet-Cookie: x=1",
    "ﷺ".encode() * 200,  # grows eighteenfold when normalised
    ("a" + "\u0301" * 500).encode(),
    b";" * 1000,
    b"&" * 1000,
]
KEYS = ["q", "chuyen-muc", "tu-ngay", "den-ngay", "sap-xep", "trang", "p", "la"]
METHODS = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "HEAD"]
METHODS += ["FOO", "get", "", "G" * 5000, "GET\x00"]
HEADERS = [
    {"host": value}
    for value in (
        *(
            "evil.example",
            "",
            "a b",
            "testserver:99999",
            "testserver:x",
            "[::1",
            "[::1]",
        ),
        *("testserver, evil.example", "x" * 5000, "\x00", "\xff", "testserver."),
    )
]
HEADERS += [
    {"cookie": "sessionid=\x00; csrftoken=" + "x" * 5000},
    {"cookie": "sessionid=" + "a" * 32 + "; csrftoken=\xff; messages=\xed\xa0\x80"},
    {"cookie": "=;;;=;" * 500},
    {"cookie": 'nocount="1'},
    {"accept_encoding": "br;q=x, gzip;;;,"},
    {"accept_encoding": "*" * 5000},
    {"accept": "\x00", "accept_language": "\xff" * 100},
    {"if_none_match": "W/" + '"' * 1000},
    {"if_modified_since": "yesterday"},
    {"if_modified_since": "Fri, 31 Dec 9999 23:59:59 GMT"},
    {"if_modified_since": "Mon, 01 Jan 0001 00:00:00 GMT"},
    {"if_modified_since": "Sun, 06 Nov 999999999999999999999 08:49:37 GMT"},
    {"range": "bytes=0-0,-1,5-2"},
    {"range": "bytes=" + "9" * 5000 + "-"},
    {"x_forwarded_for": "::::, 1.2.3"},
    {"x_forwarded_host": "evil.example", "x_forwarded_proto": "gopher"},
    {"authorization": "Basic !!!"},
    {"user_agent": "\x00\xff" * 1000, "referer": "http://[evil.example"},
    {"origin": "http://[::1", "sec_fetch_site": "\xff"},
    {"x_request_id": "a\r\nb" + "x" * 10_000},
]
MORE = [
    {"CONTENT_TYPE": "text/plain; charset=no-such"},
    {"CONTENT_TYPE": "text/plain; charset=\x00"},
    {"CONTENT_TYPE": "application/x-www-form-urlencoded; charset=utf-7"},
    {"CONTENT_TYPE": "multipart/form-data"},
    {"CONTENT_TYPE": "multipart/form-data; boundary=" + "x" * 5000},
    *({"CONTENT_LENGTH": n} for n in ("-1", "x", "1_0", "٣", "9" * 5000, "512")),
    {"REMOTE_ADDR": "not an address"},
    {"REMOTE_ADDR": ""},
    {"wsgi.url_scheme": "https"},
    {"SCRIPT_NAME": "/x"},
]
FORM = {"CONTENT_TYPE": "application/x-www-form-urlencoded"}
MULTIPART = {"CONTENT_TYPE": "multipart/form-data; boundary=x"}
FIELD = b'Content-Disposition: form-data; name="a'
BODIES = [
    (FORM, b"answer=x&version=1_0&note=\x00"),
    (FORM, b"&".join(b"a%d=1" % n for n in range(2500))),
    (FORM, b"note=" + b"x" * (6 * 2**20)),
    (MULTIPART, b""),
    (MULTIPART, b"--x"),
    (MULTIPART, b"--x\r\n" + FIELD + b'"\r\n\r\n\xff\r\n--x--'),
    (MULTIPART, b"--x\r\n" + FIELD + b'"; filename="../x\x00.php"\r\n'
     b"Content-Transfer-Encoding: base64\r\n\r\n!!!\r\n--x--\r\n"),
    (MULTIPART, b"--x\r\n" + b"Header: y\r\n" * 2000 + b"\r\n--x--"),
    ({"CONTENT_TYPE": "application/json"}, b"[" * 100_000),
]  # fmt: skip


def as_path(value: bytes) -> str:
    """A server hands PATH_INFO over decoded, as latin-1 (PEP 3333)."""
    return value.decode("latin-1")


def quoted(value: bytes) -> str:
    return quote_from_bytes(value, safe="")


class Asker:
    """Asks, counts, and notes every answer that nobody should get."""

    def __init__(self):
        self.reader = Reader(application)
        self.count = 0
        self.wrong: list[str] = []
        self.slowest = (0.0, "")
        self.trace = ""

    def __call__(self, path, **request) -> int:
        self.count += 1
        self.trace = ""
        began, clock = time.process_time(), time.monotonic()
        try:
            status, _, body = self.reader(path, **request)
        except Exception:  # the server would answer with 500 itself
            status, body, self.trace = 599, b"", traceback.format_exc()
        took = time.process_time() - began
        # The clock also knows of what the database works and of every wait; of a busy
        # machine too, so what is slow once is asked again.
        if time.monotonic() - clock > LIMIT_SECONDS:
            took = max(took, self.least_by_the_clock(path, request))
        shown = f"{path[:120]!r} {str(request)[:200]}"
        self.slowest = max(self.slowest, (took, shown))
        complaint = self.complaint(path, status, body, took, str(request))
        if complaint:
            self.wrong.append(f"{complaint}: {shown}\n{self.trace[-1500:]}")
        return status

    def least_by_the_clock(self, path, request) -> float:
        took = []
        for _ in range(2):
            clock = time.monotonic()
            with contextlib.suppress(Exception):
                self.reader(path, **request)
            took.append(time.monotonic() - clock)
        return min(took)

    def complaint(self, path, status, body, took, request) -> str:
        if not 200 <= status < 500:
            return f"status {status}"
        if took > LIMIT_SECONDS:
            return f"{took:.1f} s"
        if b"evil.example" in body and "host': '" in request:
            return "the visitor's host stands in the page"
        for name, value in self.reader.sent if status < 599 else ():
            if "\r" in value or "\n" in value:
                return f"a line end in {name}"
            if name.lower() == "set-cookie" and not path.startswith("/admin/"):
                return "a cookie"
        return ""

    def keep_trace(self, **kwargs):
        self.trace = "".join(traceback.format_exception(*sys.exc_info()))

    @contextmanager
    def listening(self):
        got_request_exception.connect(self.keep_trace)
        try:
            yield self
        finally:
            got_request_exception.disconnect(self.keep_trace)


@pytest.fixture
def ask():
    application.clear()
    with Asker().listening() as asker:
        yield asker
    application.clear()


def in_paths(addresses):
    """Each nasty value at each place of each address."""
    for route, values in addresses.values():
        for part in parts(route):
            for value in NASTY:
                yield fill(route, {**values, part: as_path(value)}), {}
    around = ["/{}", "/{}/", "/media/{}", "/static/{}", "/_s{}", "/.well-known/{}"]
    around += ["/admin/{}", "/admin/news/article/{}/change/", "/media/640/ab/{}.jpg"]
    for path in around:
        for value in NASTY:
            yield path.format(as_path(value)), {}


def in_queries(addresses):
    """Each nasty value at every second address, with each key somewhere."""
    plain = [fill(*found) for found in addresses.values()] + ["/admin/login/", "/_s"]
    for number, path in enumerate(plain):
        for place, value in enumerate(NASTY):
            if (number + place) % 2:
                continue
            key = KEYS[(number + place // 2) % len(KEYS)]
            yield path, {"query": f"{key}={quoted(value)}"}
    for key in KEYS[:6]:
        for value in NASTY:
            yield "/tim-kiem/", {"query": f"{key}={quoted(value)}&q=khoa"}
    for value in NASTY:
        yield "/tim-kiem/goi-y/", {"query": f"q={as_path(value)}"}
        yield "/tim-kiem/rss/", {"query": f"q={quoted(value)}&q=khoa&q=%00"}
        yield "/tin-nong/", {"query": f"trang=1&trang={quoted(value)}"}
        yield "/admin/login/", {"query": f"next={quoted(value)}"}


def in_methods_and_headers(addresses):
    plain = [fill(*found) for found in addresses.values()]
    plain += [
        "/_s",
        "/khong-co/",
        "/static/x.css",
        "/media/x",
        "/admin/",
        "/admin/login/",
    ]
    for path in plain:
        for method in METHODS:
            yield path, {"method": method}
        for headers in HEADERS:
            yield path, headers
        for more in MORE:
            yield path, {"more": more}


def in_bodies(addresses):
    """Reports to the beacon; forms of the two addresses that take one."""
    own = {"origin": "http://testserver"}
    for value in NASTY:
        text = as_path(value)
        yield "/_s", {"method": "POST", "body": value, **own}
        for report in ({"p": text}, {"p": "x", "r": text}, {"p": [text], "w": text}):
            yield "/_s", {"method": "POST", "body": json.dumps(report).encode(), **own}
    for size in (0, 1, 511, 512, 513, 10_000, 3 * 2**20):
        yield "/_s", {"method": "POST", "body": b"[" * size, **own}
    for path in (fill(*addresses["news:leader"]), "/admin/login/", "/"):
        for more, body in BODIES:
            yield path, {"method": "POST", "body": body, "more": more}
    for value in NASTY:
        # A wrong version records nothing, so the link stays open for the next.
        for note, version in ((value, b"-1"), (b"x", value)):
            body = b"answer=return&note=%b&version=%b" % (
                quoted(note).encode(),
                quoted(version).encode(),
            )
            path = fill(*addresses["news:leader"])
            yield path, {"method": "POST", "body": body, "more": FORM}
    token = "a" * 32  # Django's double submit: no session is needed
    for value in NASTY:
        for name in ("username", "password", "next"):
            body = f"csrfmiddlewaretoken={token}&{name}={quoted(value)}".encode()
            yield (
                "/admin/login/",
                {
                    "method": "POST",
                    "body": body,
                    "more": FORM,
                    "cookie": f"csrftoken={token}",
                },
            )


def drawn(addresses, rng: random.Random):
    """Combinations of all of these."""
    found = list(addresses.values())
    for _ in range(DRAWN):
        route, values = rng.choice(found)
        if parts(route) and rng.random() < 0.3:
            changed = rng.choice(parts(route))
            values = {**values, changed: as_path(rng.choice(NASTY))}
        pairs = [
            f"{rng.choice(KEYS)}={quoted(rng.choice(NASTY))}"
            for _ in range(rng.randrange(4))
        ]
        request = {"query": "&".join(pairs)}
        if rng.random() < 0.2:
            request |= rng.choice(HEADERS)
        if rng.random() < 0.1:
            request["more"] = rng.choice(MORE)
        if rng.random() < 0.1:
            request["method"] = rng.choice(METHODS)
        yield fill(route, values), request


def test_no_request_gets_more_than_a_plain_answer(ask):
    addresses = PublicSite().addresses(ask.reader)
    rng = random.Random(SEED)
    for requests in (
        *(in_paths, in_queries, in_methods_and_headers, in_bodies),
        lambda addresses: drawn(addresses, rng),
    ):
        for path, request in requests(addresses):
            ask(path, **request)
    took, slowest = ask.slowest
    print(f"\nFUZZ_SEED={SEED}: {ask.count} requests, slowest {took:.2f} s: {slowest}")
    assert ask.count >= 5000
    assert not ask.wrong, f"{len(ask.wrong)} wrong:\n" + "\n".join(ask.wrong[:15])


@settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    path=st.binary(max_size=40),
    query=st.lists(
        st.tuples(st.sampled_from(KEYS), st.binary(max_size=60)), max_size=4
    ),
    header=st.tuples(
        st.sampled_from(["host", "cookie", "if_none_match", "range", "referer"]),
        st.binary(max_size=60),
    ),
    body=st.binary(max_size=600),
)
def test_anything_at_all_is_answered(ask, path, query, header, body):
    text = "&".join(f"{key}={quoted(value)}" for key, value in query)
    headers = {header[0]: as_path(header[1])}
    ask("/" + as_path(path), query=text)
    ask("/tim-kiem/", query=text)
    ask("/", query=text, **headers)
    ask("/_s", query=text, method="POST", body=body, **headers)
    assert not ask.wrong, "\n".join(ask.wrong)
