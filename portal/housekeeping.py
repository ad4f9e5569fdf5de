"""One thread per host, by flock: drains visits and looks after salts.

Killing it at any instant loses nothing: counters and positions move in one
transaction. When its process dies, another worker gets the lock.
"""

import fcntl
import logging
import threading

from django.conf import settings
from django.db import connection

logger = logging.getLogger(__name__)
INTERVAL_SECONDS = 1.0
RETRY_LOCK_SECONDS = 2.0


def tick() -> None:
    """Do once what is due."""
    from stats import housekeeping

    housekeeping.tick()


def run(stop: threading.Event) -> None:
    """Wait for the lock of this host, then work until stopped."""
    with open(settings.DATA_DIR / "housekeeping.lock", "w") as lock:
        while not stop.is_set():
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                stop.wait(RETRY_LOCK_SECONDS)
        failing = False
        while not stop.wait(INTERVAL_SECONDS):
            try:
                tick()
                failing = False
            except Exception:
                if not failing:
                    logger.exception("Housekeeping failed; it tries again.")
                failing = True
                connection.close()


def start() -> threading.Event:
    """Start the thread; return the event that stops it."""
    stop = threading.Event()
    threading.Thread(target=run, args=[stop], name="housekeeping", daemon=True).start()
    return stop
