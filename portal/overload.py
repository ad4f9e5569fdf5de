"""How many requests are worked on at once, and how much each may bring.

Whoever asks for something of his own (a search) waits 0.3 s at most for his turn and
is then asked to come back: 503 with Retry-After, before Django at next to no cost. So
whoever is admitted is answered soon, however many ask, and what is cheap (stored pages,
the beacon, static files: all before Django) always finds a thread. A page that is kept
is made once for all who ask for it, so that waits longer. The back office has places of
its own and more patience; the form that is refused there is handed back, as is the
note of a leader.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal import metrics, unavailable
from portal.pagecache import FOR_MANY

logger = logging.getLogger(__name__)

# In threads: requests worked on, waiting, and waiting beyond these for a page of many.
# The last have an end, too: each address that nobody knows yet is such a page.
_SHARES = {"readers": (1, 3, 1), "desk": (1, 1, 0)}
_SECONDS = {"readers": 0.3, "desk": 10.0}  # of waiting
# For a page that is kept: it is made once, and many may wait for it. After a
# publication all that are being read are made anew at once.
FOR_MANY_SECONDS = 5.0
# A worker's first requests load what later ones find there, and those who came while
# the portal started anew are all there at once: each waits as for a page of many.
YOUNG_SECONDS = 5.0
CHEAP_THREADS = 4  # for what never waits
TELL_SECONDS = 10  # one line of the log in this time, however many were refused

MAX_QUERY = 8000  # bytes; nginx takes 8 KB for the whole first line
MAX_HEADERS = 32 * 2**10  # bytes of all values; nginx takes four times 8 KB
MAX_BODY_BYTES = 2**20  # as in deploy/nginx.conf, also without an nginx
MAX_DESK_BODY_BYTES = 60 * 2**20
_NEVER_WAIT = ("/healthz", "/readyz", "/metrics")


def server_threads(threads: int) -> int:
    """The threads of a worker in which `threads` requests of each kind are worked on.

    granian starts them when they are needed and ends them after 30 s without work.
    """
    return threads * sum(map(sum, _SHARES.values())) + CHEAP_THREADS


class Lane:
    """Places to work on requests, and to wait for one of these: first come, first.

    Some places to wait are left for what many wait for, who also wait longer.
    """

    def __init__(self, places: int, waiting: int, for_many: int, seconds: float):
        self.free, self.seconds = places, seconds
        self.waiting = {False: waiting, True: waiting + for_many}
        self.queue: deque[threading.Lock] = deque()
        self._lock = threading.Lock()

    def enter(self, for_many: bool = False) -> bool:
        """Take a place, perhaps after a while; False when there is none."""
        seconds = FOR_MANY_SECONDS if for_many else self.seconds
        with self._lock:
            if self.free:  # then nobody waits
                self.free -= 1
                return True
            if len(self.queue) >= self.waiting[for_many]:
                return False
            turn = threading.Lock()
            turn.acquire()
            self.queue.append(turn)
        if turn.acquire(timeout=seconds):
            return True
        with self._lock:
            if turn not in self.queue:  # it came in the very last moment
                return True
            self.queue.remove(turn)
            return False

    def leave(self) -> None:
        """Hand the place to who has waited longest, or free it."""
        with self._lock:
            if self.queue:
                self.queue.popleft().release()
            else:
                self.free += 1


class _Refusals:
    """Counts who was sent away; the log hears of it now and then."""

    def __init__(self):
        self._unsaid, self._told = 0, 0.0

    def note(self) -> None:
        metrics.count("refused")
        self._unsaid += 1
        if time.monotonic() - self._told > TELL_SECONDS:
            logger.warning("Too much at once: %d requests refused", self._unsaid)
            self._unsaid, self._told = 0, time.monotonic()


_refusals = _Refusals()


def _lane(name: str) -> Lane:
    return Lane(*(n * settings.THREADS for n in _SHARES[name]), _SECONDS[name])


class Readers:
    """WSGI callable before `app`: a reader's request is worked on or refused at once.

    Refused by a middleware, three times as many as can be served cost more than pages.
    """

    def __init__(self, app: Callable):
        self.app = app
        self.lane = _lane("readers")
        self.began = time.monotonic()
        self._content: bytes | None = None

    def __call__(self, environ, start_response):
        path = environ.get("PATH_INFO", "")
        if path.startswith("/admin/") or path in _NEVER_WAIT:
            return self.app(environ, start_response)
        is_young = time.monotonic() - self.began < YOUNG_SECONDS
        if not self.lane.enter(for_many=is_young or FOR_MANY in environ):
            return self._refuse(environ, start_response)
        try:
            metrics.count("rendered")
            return self.app(environ, start_response)
        finally:
            self.lane.leave()

    def _refuse(self, environ, start_response) -> list[bytes]:
        """Without a number of the request, and so made once: time is short.

        Only a leader's answer is handed back with it.
        """
        _refusals.note()
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
        if method == "POST" and path.startswith(unavailable.LEADER):
            try:
                request = WSGIRequest(environ)
            except ValueError:  # as in portal.wsgi: not a request
                request = HttpRequest()
            response = _too_large(request) or _busy(request)
        else:
            if self._content is None:
                self._content = _busy(HttpRequest()).content
            response = unavailable.response_503(self._content)
        content = response.content
        headers = [*response.items(), ("Content-Length", str(len(content)))]
        start_response(f"{response.status_code} {response.reason_phrase}", headers)
        return [] if method == "HEAD" else [content]


def _busy(request: HttpRequest) -> HttpResponse:
    return unavailable.page(request, unavailable.Reason.BUSY)


class OverloadMiddleware:
    """Refuse what is too large at once, and what is too much for the desk.

    Stands after CsrfViewMiddleware: a form of the desk is only refused when its token
    was found good, which handing it back needs.
    """

    def __init__(self, get_response):
        self.get_response = get_response
        self.lane = _lane("desk")

    def __call__(self, request):
        if (refusal := _too_large(request)) is not None:
            return refusal
        try:
            return self.get_response(request)
        finally:
            if lane := request.__dict__.pop("_lane", None):
                lane.leave()

    def process_view(self, request, view, args, kwargs):
        if not request.path.startswith("/admin/"):
            return None
        if not self.lane.enter():
            _refusals.note()
            response = _busy(request)
            response.is_told = True
            return response
        request._lane = self.lane
        return None


def _too_large(request: HttpRequest) -> HttpResponse | None:
    environ = request.META
    if len(environ.get("QUERY_STRING", "")) > MAX_QUERY:
        return _refusal(request, 414)
    headers = sum(len(v) for k, v in environ.items() if k.startswith("HTTP_"))
    if headers > MAX_HEADERS:
        return _refusal(request, 431)
    length = environ.get("CONTENT_LENGTH") or ""
    if not length:
        # A body in chunks, of which nobody knows how long it becomes.
        is_chunked = "HTTP_TRANSFER_ENCODING" in environ
        return _refusal(request, 411) if is_chunked else None
    if not (length.isascii() and length.isdigit()):
        return _refusal(request, 400)
    is_desk = request.path.startswith("/admin/")
    most = MAX_DESK_BODY_BYTES if is_desk else MAX_BODY_BYTES
    return _refusal(request, 413) if len(length) > 12 or int(length) > most else None


def _refusal(request: HttpRequest, status: int) -> HttpResponse:
    template = status if status in (413, 414) else 400
    return render(None, f"errors/{template}.html", status=status)
