"""A thread in every worker: once a second, what changed in the other processes.

Tiny queries: the content generation, the salts of visits, the public totals. A
publication is therefore visible on all workers within a second.
"""

import logging
import threading

from django.db import DatabaseError, connection

from portal import generation

logger = logging.getLogger(__name__)
INTERVAL_SECONDS = 0.5  # half the promise, so that a late wake-up still keeps it


def tick() -> None:
    """Look once; raises DatabaseError when the database is away."""
    from stats import salts, totals

    generation.refresh()
    salts.refresh_memory()
    totals.refresh_memory()


def run(stop: threading.Event) -> None:
    failing = False
    while not stop.wait(INTERVAL_SECONDS):
        try:
            tick()
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


def start() -> threading.Event:
    """Start the thread; return the event that stops it."""
    stop = threading.Event()
    threading.Thread(target=run, args=[stop], name="watcher", daemon=True).start()
    return stop
