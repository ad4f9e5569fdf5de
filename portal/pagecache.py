"""Finished public pages, answered before Django's middleware runs.

A WSGI layer: bytes and headers by path, valid for one edition of the content
(portal.generation). Only answers that the URL map marked with `public_page` are
finished here: ETag, gzip and brotli made once, 304, HEAD. They never depend on
a cookie, so one copy serves everybody.
"""

import gzip
import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, wraps
from urllib.parse import parse_qsl

import brotli
from django.conf import settings
from django.db import Error as DatabaseError
from django.http.request import split_domain_port, validate_host
from django.views.decorators.http import require_safe

from portal import generation
from portal.generation import Edition

# Set by public_page, read and removed here; never sent to a reader.
MARK = "X-Portal-Page"
# Page N of a list is the only query that makes another stored page.
ALLOWED_KEYS = {"trang"}
# Added by other sites to links that are shared; they change nothing.
IGNORED_KEYS = {"fbclid", "gclid", "zarsrc", "mibextid"}
_PAGE_NUMBER = re.compile("[1-9][0-9]{0,3}")
# What is kept, and how it is answered; a withdrawn article has its page too.
_STATUS_LINES = {200: "200 OK", 410: "410 Gone"}
# Pages of one person each: the desk, and what a leader reads by a link.
_NEVER_KEPT = ("/admin/", "/xem-truoc/")
MIN_COMPRESS_BYTES = 200  # below that the encodings are larger than the page


def public_page(view=None, *, store: bool = True):
    """Mark a view's answers, found or gone, as the same for every reader.

    With `store=False` they are finished (ETag, compression) but not kept: for
    pages with too many variants, such as search results.
    """
    if view is None:
        return lambda view: public_page(view, store=store)

    @wraps(view)
    def marked(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        if response.status_code in _STATUS_LINES and not response.streaming:
            response[MARK] = "store" if store else "pass"
        return response

    return require_safe(marked)


@dataclass(frozen=True)
class StoredPage:
    """One finished answer: headers without length and encoding, three bodies."""

    edition: Edition | None
    status: str  # "200 OK"
    headers: tuple[tuple[str, str], ...]
    etag: str
    bodies: dict[str, bytes]  # by content coding: "", "gzip", "br"

    @property
    def size_bytes(self) -> int:
        return sum(map(len, self.bodies.values())) + 1000  # headers and overhead


def finish(
    status: str, headers: list[tuple[str, str]], body: bytes, edition
) -> StoredPage:
    """Compress a body once and give it an ETag."""
    # Middleware answers a forged CSRF or session cookie with a Set-Cookie; kept in
    # the store, it would reach every reader and sign the staff out.
    dropped = {MARK.lower(), "content-length", "etag", "vary", "set-cookie"}
    kept = [(k, v) for k, v in headers if k.lower() not in dropped]
    if not any(k.lower() == "cache-control" for k, _ in kept):
        kept.append(("Cache-Control", "public, max-age=0, must-revalidate"))
    kept.append(("Vary", "Accept-Encoding"))
    bodies = {"": body}
    if len(body) >= MIN_COMPRESS_BYTES:
        bodies["gzip"] = gzip.compress(body, 6, mtime=0)
        bodies["br"] = brotli.compress(body, quality=5)
    etag = hashlib.blake2b(body, digest_size=12).hexdigest()
    return StoredPage(edition, status, tuple(kept), etag, bodies)


def answer(page: StoredPage, environ, start_response) -> list[bytes]:
    """Send a finished page: 304 on a matching ETag, the best encoding, no HEAD body."""
    accepted = environ.get("HTTP_ACCEPT_ENCODING", "")
    coding = next((c for c in ("br", "gzip") if accepts(accepted, c)), "")
    coding = coding if coding in page.bodies else ""
    etag = f'"{page.etag}{coding and "-" + coding}"'
    headers = [*page.headers]
    if page.status == _STATUS_LINES[200]:  # of others no 304 (RFC 9110, 13.2.1)
        headers.append(("ETag", etag))
        if matches(environ.get("HTTP_IF_NONE_MATCH", ""), etag):
            start_response("304 Not Modified", headers)
            return []
    if coding:
        headers.append(("Content-Encoding", coding))
    body = page.bodies[coding]
    headers.append(("Content-Length", str(len(body))))
    start_response(page.status, headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def matches(if_none_match: str, etag: str) -> bool:
    """Compare weakly, as RFC 9110 section 13.1.2 asks; "*" matches anything."""
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag in tags or tags == ["*"]


@lru_cache(maxsize=256)
def accepts(header: str, coding: str) -> bool:
    """Say whether an Accept-Encoding header names `coding` without q=0."""
    for part in header.lower().split(","):
        name, _, parameters = part.partition(";")
        if name.strip() == coding:
            return parameters.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00")
    return False


@lru_cache(maxsize=256)
def is_our_host(host: str) -> bool:
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def cache_key(environ) -> tuple | None:
    """Return what tells one stored page from another, or None: not for the store."""
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return None
    if "HTTP_AUTHORIZATION" in environ or not is_our_host(environ.get("HTTP_HOST", "")):
        return None
    path, query = environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
    if path.startswith(_NEVER_KEPT) or len(path) > 300 or len(query) > 500:
        return None
    kept = []
    for name, value in parse_qsl(query, keep_blank_values=True) if query else ():
        if name.startswith("utm_") or name in IGNORED_KEYS:
            continue
        if name not in ALLOWED_KEYS or kept or not _PAGE_NUMBER.fullmatch(value):
            return None
        kept.append((name, value))
    scheme = environ.get("wsgi.url_scheme")
    if settings.SECURE_PROXY_SSL_HEADER:
        scheme = environ.get(settings.SECURE_PROXY_SSL_HEADER[0], scheme)
    return scheme, path, tuple(kept)


def without_cookies(environ: dict) -> dict:
    """Return `environ` without cookies, except the sign of staff (stats.staff).

    Django answers a forged session or CSRF cookie with a Set-Cookie, which must
    never be part of a page that is kept for everybody.
    """
    cookies = environ.get("HTTP_COOKIE")
    if cookies is None:
        return environ
    kept = {k: v for k, v in environ.items() if k != "HTTP_COOKIE"}
    if "nocount=1" in [pair.strip() for pair in cookies.split(";")]:
        kept["HTTP_COOKIE"] = "nocount=1"
    return kept


class PageCache:
    """WSGI callable: a bounded store of finished pages in front of `app`."""

    def __init__(self, app: Callable, max_bytes: int):
        self.app = app
        self.max_bytes = max_bytes
        self.size_bytes = 0
        self._pages: OrderedDict[tuple, StoredPage] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, environ, start_response):
        if not environ.get("PATH_INFO", "").startswith("/admin/"):
            environ = without_cookies(environ)
        key = cache_key(environ)
        if key is not None:
            page = self.get(key)
            if page is not None:
                return answer(page, environ, start_response)
        return self.render(key, environ, start_response)

    def get(self, key) -> StoredPage | None:
        """Return the page stored for the present edition."""
        with self._lock:
            page = self._pages.get(key)
            if page is not None:
                self._pages.move_to_end(key)
        if page is None:
            return None
        try:
            fresh = page.edition == generation.current()
        except DatabaseError:  # the database is away: what was known goes on
            fresh = generation.is_last_known(page.edition)
        return page if fresh else None

    def put(self, key, page: StoredPage) -> None:
        with self._lock:
            old = self._pages.pop(key, None)
            self.size_bytes += page.size_bytes - (old.size_bytes if old else 0)
            self._pages[key] = page
            while self.size_bytes > self.max_bytes and self._pages:
                _, dropped = self._pages.popitem(last=False)
                self.size_bytes -= dropped.size_bytes

    def clear(self) -> None:
        with self._lock:
            self._pages.clear()
            self.size_bytes = 0

    def render(self, key, environ, start_response):
        """Let Django answer; finish and perhaps store what is marked public."""
        # Read before the rendering begins: what changes meanwhile is not in it.
        try:
            edition = generation.current() if key is not None else None
        except DatabaseError:
            key = edition = None
        got: list = []

        def capture(status, headers, exc_info=None):
            got[:] = [status, headers]
            return start_response(status, headers, exc_info)

        def hold(status, headers, exc_info=None):
            mark = next((v for k, v in headers if k == MARK), None)
            if mark is None:
                return capture(status, headers, exc_info)
            got[:] = [status, headers, mark]
            return lambda data: None

        # Django answers HEAD without the body that a later GET needs. A file is
        # not a page: asking for its headers is no download.
        is_head = environ["REQUEST_METHOD"] == "HEAD" and key is not None
        as_get = is_head and not key[1].startswith("/tai-ve/")
        inner = {**environ, "REQUEST_METHOD": "GET"} if as_get else environ
        body = self.app(inner, hold)
        if len(got) < 3:
            if as_get:
                if hasattr(body, "close"):
                    body.close()
                return []
            return body
        try:
            content = b"".join(body)
        finally:
            if hasattr(body, "close"):
                body.close()
        page = finish(got[0], got[1], content, edition)
        if key is not None and got[2] == "store" and self.max_bytes:
            self.put(key, page)
        return answer(page, environ, start_response)
