"""Threads per host, by flock: for files, mail, old pages, and for all other duties.

Killing them at any instant loses nothing: counters and positions move in one
transaction, a revision goes out in one, a mail is marked when it was sent. When their
process dies, another worker gets the lock. Mail has a thread of its own because a
server that hangs is waited for, and nothing else may wait with it; so have files, of
which one may take seconds to read, and the removal of old pages from the disk.
"""

import fcntl
import logging
import threading
from collections.abc import Callable

from django.conf import settings
from django.db import connection

from portal.pagedisk import PageDisk

logger = logging.getLogger(__name__)
INTERVAL_SECONDS = 1.0
MAIL_INTERVAL_SECONDS = 5.0
FILES_INTERVAL_SECONDS = 60.0
RETRY_LOCK_SECONDS = 2.0


class Duty:
    """Something due again and again; its failure is logged once and ends with it."""

    def __init__(self, name: str, do: Callable[[], object]):
        self.name, self.do = name, do
        self.is_failing = False

    def __call__(self) -> None:
        try:
            self.do()
            self.is_failing = False
        except Exception:
            if not self.is_failing:
                logger.exception("Housekeeping failed: %s. It tries again.", self.name)
            self.is_failing = True
            connection.close()


def duties() -> list[Duty]:
    """What is done every second, each whether or not the others can."""
    from news import working_copy
    from portal.notices import upkeep
    from portal.sessions import upkeep as sessions
    from search import indexing, log
    from stats import housekeeping

    return [
        Duty("visits", housekeeping.tick),
        Duty("revisions whose time has come", working_copy.apply_due),
        Duty("notices", upkeep.tick),
        Duty("sessions and idle accounts", sessions.tick),
        Duty("index of search", indexing.merge),
        Duty("old words searched for", log.erase_old),
    ]


def mail_duties() -> list[Duty]:
    from portal.notices import mail
    from portal.sessions import warning

    return [
        Duty("mail", mail.send_due),
        Duty("warnings of idle accounts", warning.tick),
    ]


def file_duties() -> list[Duty]:
    from search import attachment_text

    return [Duty("texts of attachments", attachment_text.read_waiting)]


def run(stop: threading.Event, disk: PageDisk | None = None) -> None:
    """Wait for the lock of this host, then work until stopped."""
    with open(settings.DATA_DIR / "housekeeping.lock", "w") as lock:
        while not stop.is_set():
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                stop.wait(RETRY_LOCK_SECONDS)
        _thread("files", _repeat, stop, file_duties(), FILES_INTERVAL_SECONDS)
        if disk is not None:
            old_pages = [Duty("old pages", disk.sweep)]
            _thread("old pages", _repeat, stop, old_pages, INTERVAL_SECONDS)
        if settings.SENDS_MAIL:
            _thread("mail", _repeat, stop, mail_duties(), MAIL_INTERVAL_SECONDS)
        _repeat(stop, duties(), INTERVAL_SECONDS)


def _repeat(stop: threading.Event, due: list[Duty], seconds: float) -> None:
    while not stop.wait(seconds):
        for duty in due:
            duty()


def start(disk: PageDisk | None = None) -> threading.Event:
    """Start the thread; return the event that stops it."""
    stop = threading.Event()
    _thread("housekeeping", run, stop, disk)
    return stop


def _thread(name: str, target: Callable, *args) -> None:
    threading.Thread(target=target, args=args, name=name, daemon=True).start()
