"""A thread in every worker: twice a second, what changed in the other processes.

Tiny queries: the content generation, the salts of visits, the public totals. A
publication is therefore visible on all workers within a second, and in nginx, whose
link every watcher moves: that must not hang on the life of one process.
"""

import logging
import threading

from django.db import DatabaseError, connection

from portal import generation
from portal.pagedisk import PageDisk

logger = logging.getLogger(__name__)
INTERVAL_SECONDS = 0.5  # half the promise, so that a late wake-up still keeps it


def tick(disk: PageDisk | None = None) -> None:
    """Look once; raises DatabaseError when the database is away."""
    from stats import salts, totals

    generation.refresh()
    if disk is not None:
        disk.follow()
    salts.refresh_memory()
    totals.refresh_memory()


def run(stop: threading.Event, disk: PageDisk | None = None) -> None:
    failing = False
    while not stop.is_set():
        try:
            tick(disk)
            if failing:
                logger.info("The database answers again.")
            failing = False
        except DatabaseError:
            if not failing:
                logger.exception("The database is away; pages go on as stored.")
            failing = True
            connection.close()
        except Exception:
            logger.exception("The watcher failed; it goes on.")
            connection.close()
        generation.moved.wait(INTERVAL_SECONDS)  # at once after a change made here
        generation.moved.clear()


def start(disk: PageDisk | None = None) -> threading.Event:
    """Start the thread; return the event that stops it."""
    stop = threading.Event()
    threading.Thread(target=run, args=[stop, disk], name="watcher", daemon=True).start()
    return stop
