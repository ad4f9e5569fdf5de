"""Finished public pages, answered before Django's middleware runs.

A WSGI layer: bytes and headers by path, valid for one edition of the content
(portal.generation). Only answers that the URL map marked with `public_page` are
finished (portal.pagebytes). They never depend on a cookie, so one copy serves
everybody. Each is rendered once: whoever asks meanwhile waits for it. See
docs/pages.md.
"""

import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache, wraps
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings
from django.db import Error as DatabaseError
from django.http.request import split_domain_port, validate_host
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from portal import generation, metrics
from portal.generation import Edition
from portal.pagebytes import StoredPage, answer, finish
from portal.pagedisk import PageDisk, is_writable

# Set by public_page, read and removed here; never sent to a reader.
MARK = "X-Portal-Page"
# Page N of a list is the only query that makes another stored page.
ALLOWED_KEYS = {"trang"}
# Added by other sites to links that are shared; they change nothing.
IGNORED_KEYS = {"fbclid", "gclid", "zarsrc", "mibextid"}
_PAGE_NUMBER = re.compile("[1-9][0-9]{0,3}")
# What is kept; a withdrawn article has its page too. An old address leads on.
_KEPT = {200: "store", 410: "store", 301: "aside"}
# Pages of one person each, files, and what is asked of this process and moment.
_NEVER_KEPT = (
    *("/admin/", "/xem-truoc/", "/tai-ve/", "/static/", "/media/", "/_s"),
    *("/healthz", "/readyz", "/metrics"),
)
# In the environ of a rendering that all who ask for the page wait for.
FOR_MANY = "portal.for_many"
# Of the bytes of the store, for "not found" and "moved": whoever asks for thousands of
# addresses that do not exist pushes out others like them, never a page.
ASIDE_SHARE = 1 / 16
# In the environ: how often a change has overtaken the renderings of this request. That
# of the last try is answered, and kept for nobody.
OVERTAKEN = "portal.overtaken"
TRIES = 3
# A rendering takes milliseconds. Whoever has waited so long for another's may get the
# page as it was, if that was right a second ago; in the end he renders for himself.
PATIENCE_SECONDS = 0.1
STALE_SECONDS = 1.0
WAIT_SECONDS = 5.0


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
        kept = _KEPT.get(response.status_code)
        if kept and not response.streaming:
            response[MARK] = kept if store else "pass"
        return response

    # A reader sends no form: to whoever does, 405 says more than "no CSRF cookie".
    return csrf_exempt(require_safe(marked))


@lru_cache(maxsize=256)
def is_our_host(host: str) -> bool:
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def is_plain_404(status: str, headers) -> bool:
    """Say whether this is the site's "not found", the same for every reader."""
    if not status.startswith("404"):
        return False
    said = {name.lower(): value.lower() for name, value in headers}
    is_own = "set-cookie" in said or "cookie" in said.get("vary", "")
    return not is_own and "cache-control" not in said


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


class Shelf:
    """Pages by key, the least recently used dropped beyond `max_bytes`."""

    def __init__(self, max_bytes: int):
        self.max_bytes = max_bytes
        self.size_bytes = 0
        self._pages: OrderedDict[tuple, StoredPage] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key) -> StoredPage | None:
        with self._lock:
            page = self._pages.get(key)
            if page is not None:
                self._pages.move_to_end(key)
            return page

    def put(self, key, page: StoredPage) -> None:
        with self._lock:
            old = self._pages.pop(key, None)
            self.size_bytes += page.size_bytes - (old.size_bytes if old else 0)
            self._pages[key] = page
            while self.size_bytes > self.max_bytes and self._pages:
                _, dropped = self._pages.popitem(last=False)
                self.size_bytes -= dropped.size_bytes

    def pop(self, key, default=None) -> StoredPage | None:
        with self._lock:
            page = self._pages.pop(key, None)
            if page is None:
                return default
            self.size_bytes -= page.size_bytes
            return page

    def clear(self) -> None:
        with self._lock:
            self._pages.clear()
            self.size_bytes = 0


class Flight:
    """A rendering on its way: who asks for the same page meanwhile waits here."""

    def __init__(self):
        self._landed = threading.Event()
        self.page: StoredPage | None = None
        self.is_overtaken = False

    def land(self, page: StoredPage | None = None, is_overtaken: bool = False) -> None:
        """Let go who waits: with the page, or without one to render for himself.

        Or to ask anew, for what a change has made of the page meanwhile.
        """
        if not self._landed.is_set():
            self.page, self.is_overtaken = page, is_overtaken
            self._landed.set()

    def wait(self, seconds: float) -> bool:
        return self._landed.wait(seconds)


class PageCache:
    """WSGI callable: a bounded store of finished pages in front of `app`.

    `disk` takes a copy of each page for nginx (portal.pagedisk); None without one.
    """

    def __init__(self, app: Callable, max_bytes: int, disk: PageDisk | None = None):
        self.app = app
        self.max_bytes = max_bytes
        self.disk = disk
        aside = int(max_bytes * ASIDE_SHARE)
        self._pages = Shelf(max_bytes - aside)
        self._aside = Shelf(aside)  # what is not there, and what has moved
        self._flights: dict[tuple, Flight] = {}
        self._lock = threading.Lock()

    def __call__(self, environ, start_response):
        if not environ.get("PATH_INFO", "").startswith("/admin/"):
            environ = without_cookies(environ)
        key = cache_key(environ) if self.max_bytes else None
        if key is None:
            return self.render(None, None, environ, start_response)
        page = self.get(key)
        if page is None:
            return self.fetch(key, environ, start_response)
        metrics.count("kept")
        return answer(page, environ, start_response)

    @property
    def size_bytes(self) -> int:
        return self._pages.size_bytes + self._aside.size_bytes

    def clear(self) -> None:
        self._pages.clear()
        self._aside.clear()

    def holds(self, key, edition: Edition | None) -> StoredPage | None:
        """Return the page stored for just this edition."""
        page = self._pages.get(key) or self._aside.get(key)
        return page if page is not None and page.edition == edition else None

    def get(self, key) -> StoredPage | None:
        """Return the page stored for the present edition."""
        page = self._pages.get(key) or self._aside.get(key)
        if page is None:
            return None
        try:
            fresh = page.edition == generation.current()
        except DatabaseError:  # the database is away: what was known goes on
            fresh = generation.is_last_known(page.edition)
        return page if fresh else None

    def put(self, key, page: StoredPage) -> None:
        """Keep a page, and hand it to the disk when nginx can answer with it."""
        kept, other = self._pages, self._aside
        if page.status[:3] not in ("200", "410"):
            kept, other = other, kept
        with self._lock:
            now = generation.edition()
            if page.edition != now and self.holds(key, now):
                return  # made for longer than the edition lasted: that one stays
            other.pop(key)
            kept.put(key, page)
        scheme, path, query = key
        is_ours = not query and scheme == urlsplit(settings.SITE_URL).scheme
        if self.disk and is_ours and is_writable(path, page.status, page.headers):
            self.disk.put(path, page.edition, page.etag, page.bodies.all)

    def fetch(self, key, environ, start_response):
        """Render a page that is not there, or wait for whoever already does."""
        # Read before the rendering begins: what changes meanwhile is not in it.
        try:
            edition = generation.current()
        except DatabaseError:
            return self.render(None, None, environ, start_response)
        with self._lock:
            flight = self._flights.get((key, edition))
            is_first = flight is None
            if is_first:
                flight = self._flights[key, edition] = Flight()
        if not is_first:
            page = self.wait(flight, key)
            if page is not None:
                return answer(page, environ, start_response)
            if flight.is_overtaken:
                return self.fetch_anew(key, environ, start_response)
            return self.render(key, edition, environ, start_response)
        try:
            # It may have landed between our look into the store and this one, and its
            # edition may have ended since: what was right when we were asked is right.
            page = self.holds(key, edition) or self.get(key)
            if page is not None:
                flight.land(page)
                return answer(page, environ, start_response)
            environ = {**environ, FOR_MANY: True}
            return self.render(key, edition, environ, start_response, flight)
        finally:
            flight.land()
            with self._lock:
                del self._flights[key, edition]

    def fetch_anew(self, key, environ, start_response):
        """Fetch the page of the edition that has come meanwhile."""
        tried = environ.get(OVERTAKEN, 0) + 1
        return self.fetch(key, {**environ, OVERTAKEN: tried}, start_response)

    def wait(self, flight: Flight, key) -> StoredPage | None:
        """Return the page of another's rendering; None: render for yourself.

        A copy of the edition before only while it is rendered, and only within a
        second of the change: once the answer is known, also a 404, it is that one.
        """
        if not flight.wait(PATIENCE_SECONDS):
            old = self._pages.get(key)
            before = generation.just_ended(STALE_SECONDS)
            if old is not None and old.is_found and old.edition == before:
                return old
            flight.wait(WAIT_SECONDS)
        return flight.page

    def render(self, key, edition, environ, start_response, flight=None):
        """Let Django answer; finish what is marked public, keep what may be kept."""
        got: list = []

        def hold(status, headers, exc_info=None):
            mark = next((v for k, v in headers if k == MARK), None)
            if mark is None and key is not None and is_plain_404(status, headers):
                mark = "aside"
            got[:] = [status, headers, mark]
            if mark is not None:
                return lambda data: None
            return start_response(status, headers, exc_info)

        # Django answers HEAD without the body that a later GET needs.
        as_get = environ["REQUEST_METHOD"] == "HEAD" and key is not None
        inner = {**environ, "REQUEST_METHOD": "GET"} if as_get else environ
        body = self.app(inner, hold)
        if not got or got[2] is None:
            if as_get:
                if hasattr(body, "close"):
                    body.close()
                return []
            return body
        is_kept = key is not None and got[2] != "pass"
        try:
            content = b"".join(body)
            # Asked while the request has its connection. What was rendered partly
            # before a change and partly after it is right for neither edition.
            is_overtaken = is_kept and _has_moved(edition)
        finally:
            if hasattr(body, "close"):
                body.close()
        if is_overtaken and environ.get(OVERTAKEN, 0) + 1 < TRIES:
            if flight is not None:
                flight.land(is_overtaken=True)
            return self.fetch_anew(key, environ, start_response)
        headers = [(k, v) for k, v in got[1] if k != MARK]
        page = finish(got[0], headers, content, edition)
        if is_kept:
            # Before others get it, who would all compress the same.
            page.bodies[page.coding(environ.get("HTTP_ACCEPT_ENCODING", ""))]
            if not is_overtaken:
                self.put(key, page)
            if flight is not None:
                flight.land(page)
        return answer(page, environ, start_response)


def _has_moved(edition: Edition) -> bool:
    try:
        return generation.has_moved(edition)
    except DatabaseError:  # what was known goes on
        return False
