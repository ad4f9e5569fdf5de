"""Figures for Prometheus at /metrics: off unless METRICS=1, and for few networks.

Text format 0.0.4 of Prometheus, written by hand. Counters are of all workers together:
each adds to a row of its own in memory that was shared before they were forked
(portal.preloaded), so no lock is needed between them and none is left locked by one
that was killed. A worker started anew goes on with another row; sums only grow until
the whole server is started again, which Prometheus takes for what it is.
"""

import fcntl
import ipaddress
import mmap
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

COUNTERS = {
    # name: (metric, labels, what it says)
    "page": ("portal_requests_total", 'kind="page"', "Requests by kind."),
    "desk": ("portal_requests_total", 'kind="desk"', ""),
    "beacon": ("portal_requests_total", 'kind="beacon"', ""),
    "file": ("portal_requests_total", 'kind="file"', ""),
    "2xx": ("portal_answers_total", 'status="2xx"', "Answers by class of status."),
    "3xx": ("portal_answers_total", 'status="3xx"', ""),
    "4xx": ("portal_answers_total", 'status="4xx"', ""),
    "503": ("portal_answers_total", 'status="503"', ""),
    "5xx": ("portal_answers_total", 'status="5xx"', ""),
    "rendered": ("portal_rendered_total", "", "Answers to readers made by Django."),
    "kept": ("portal_page_cache_hits_total", "", "Pages answered from memory."),
    "refused": ("portal_refused_total", "", "Requests refused because of overload."),
}
_COLUMNS = {name: number for number, name in enumerate(COUNTERS)}
_WIDTH = len(COUNTERS)
ROWS = 512  # workers started one after the other before a row is used again


class _Shared:
    """Rows of counters in memory that forked processes share; 8 bytes each."""

    def __init__(self):
        self._memory = mmap.mmap(-1, (1 + ROWS * _WIDTH) * 8)
        self._cells = memoryview(self._memory).cast("Q")
        # Its lock ends with the process, unlike one in the memory.
        self._turn = tempfile.TemporaryFile()  # noqa: SIM115
        self._lock = threading.Lock()
        self._owner = self._first = 0

    def add(self, name: str, pid: int) -> None:
        with self._lock:
            if self._owner != pid:
                self._take_row(pid)
            self._cells[self._first + _COLUMNS[name]] += 1

    def _take_row(self, pid: int) -> None:
        fcntl.lockf(self._turn, fcntl.LOCK_EX)
        try:
            row = self._cells[0] % ROWS
            self._cells[0] += 1
        finally:
            fcntl.lockf(self._turn, fcntl.LOCK_UN)
        self._owner, self._first = pid, 1 + row * _WIDTH

    def sums(self) -> dict[str, int]:
        cells = self._cells
        return {
            name: sum(cells[1 + column + row * _WIDTH] for row in range(ROWS))
            for name, column in _COLUMNS.items()
        }


def _nothing(name: str) -> None:
    """What counting is while METRICS is off."""


count: Callable[[str], None] = _nothing
_shared: _Shared | None = None


def start() -> None:
    """Begin to count, in this process and in all that are forked from it."""
    global count, _shared
    if _shared is None:
        shared, getpid = _Shared(), os.getpid
        _shared = shared
        count = lambda name: shared.add(name, getpid())  # noqa: E731


class Counted:
    """WSGI callable: counts requests and answers of `app`."""

    def __init__(self, app):
        self.app = app

    def __call__(self, environ, start_response):
        count(_kind(environ.get("PATH_INFO", "")))

        def counted(status, headers, exc_info=None):
            count(_class(status))
            return start_response(status, headers, exc_info)

        return self.app(environ, counted)


def _kind(path: str) -> str:
    if path.startswith(("/static/", "/media/", "/tai-ve/")):
        return "file"
    if path == "/_s":
        return "beacon"
    return "desk" if path.startswith("/admin/") else "page"


def _class(status: str) -> str:
    return "503" if status.startswith("503") else f"{status[0]}xx"


# The page


@require_safe
def page(request):
    """The figures as text; 404 to who may not know that they exist."""
    if _shared is None or not _is_allowed(request.META):
        raise Http404
    response = HttpResponse(
        "\n".join(_lines()) + "\n", content_type="text/plain; version=0.0.4"
    )
    response["Cache-Control"] = "no-store"
    return response


def _is_allowed(environ: dict) -> bool:
    from stats.visitors import full_address

    try:
        address = ipaddress.ip_address(full_address(environ).strip("[]"))
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in network for network in settings.METRICS_NETWORKS)


def _lines() -> Iterator[str]:
    seen = set()
    sums = _shared.sums()
    for name, (metric, labels, what) in COUNTERS.items():
        if metric not in seen:
            yield from _head(metric, "counter", what)
            seen.add(metric)
        yield (
            f"{metric}{{{labels}}} {sums[name]}" if labels else f"{metric} {sums[name]}"
        )
    yield from _head("portal_database_up", "gauge", "Whether the database answers.")
    try:
        gauges = [*_from_database()]
    except DatabaseError:
        gauges = []
    yield f"portal_database_up {int(bool(gauges))}"
    for metric, what, value in [*gauges, *_from_disk()]:
        yield from _head(metric, "gauge", what)
        yield f"{metric} {value}"


def _head(metric: str, kind: str, what: str) -> Iterator[str]:
    yield f"# HELP {metric} {what}"
    yield f"# TYPE {metric} {kind}"


def _from_database() -> Iterator[tuple[str, str, float]]:
    from portal import generation
    from portal.models import Notice
    from stats import health

    now = timezone.now()
    yield (
        "portal_generation",
        "Number of the public content, moved by each change.",
        generation.stored_generation(),
    )
    waiting = Notice.objects.filter(mail_due_at__isnull=False).count()
    yield "portal_mails_waiting", "Notices that wait for the mail server.", waiting
    spool = health.health()
    yield "portal_spool_bytes", "Visits not counted yet, in bytes.", spool.waiting_bytes
    if spool.last_drain:
        age = (now - spool.last_drain).total_seconds()
        yield "portal_drain_age_seconds", "Since visits were last counted.", round(age)


def _from_disk() -> Iterator[tuple[str, str, float]]:
    from portal import proofs

    free = shutil.disk_usage(settings.DATA_DIR).free
    yield "portal_disk_free_bytes", "Room left for DATA_DIR.", free
    backup = proofs.last_backup()
    if backup and backup.at:
        age = (timezone.now() - backup.at).total_seconds()
        yield "portal_backup_age_seconds", "Since the last backup.", round(age)
