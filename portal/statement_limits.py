"""How long one statement of a request may take; commands and threads have no limit.

PostgreSQL is told when a connection is made; readers and the back office have their
own (portal.lending), and one that passes from one to the other is told anew.
SQLite is asked by its own steps whether the time of the request is over, for a long
statement can only be interrupted from within. Either way an OperationalError reaches
portal.unavailable, which answers 503.
"""

import logging
import threading
import time

from django.core.signals import request_finished, request_started
from django.db import connection
from django.db.backends.signals import connection_created
from django.db.utils import DatabaseError

logger = logging.getLogger(__name__)
READER_SECONDS = 3
DESK_SECONDS = 60  # exports and figures of years
# Each call needs the interpreter's lock, for which a busy process lets wait 5 ms; so
# many steps take some 30 ms.
SQLITE_STEPS = 1_000_000

_local = threading.local()


def connect() -> None:
    """Listen to requests and connections; called once from PortalConfig.ready()."""
    uid = "portal.statement_limits"
    request_started.connect(_begin, dispatch_uid=uid)
    request_finished.connect(_end, dispatch_uid=uid)
    connection_created.connect(_made, dispatch_uid=uid)


def _begin(sender, environ=None, **kwargs) -> None:
    path = (environ or {}).get("PATH_INFO", "")
    seconds = DESK_SECONDS if path.startswith("/admin/") else READER_SECONDS
    _local.seconds = seconds
    _local.ends = time.monotonic() + seconds
    if connection.vendor == "postgresql" and connection.connection is not None:
        _tell_postgresql(connection)


def _end(sender, **kwargs) -> None:
    _local.ends = None


def _made(sender, connection, **kwargs) -> None:
    if connection.vendor == "sqlite":
        connection.connection.set_progress_handler(_is_over, SQLITE_STEPS)
        return
    connection.seconds_told = None
    _tell_postgresql(connection)


def _tell_postgresql(connection) -> None:
    seconds = getattr(_local, "seconds", None)
    if seconds == getattr(connection, "seconds_told", None):
        return
    try:
        with connection.wrap_database_errors:
            connection.connection.execute(f"SET statement_timeout = '{seconds}s'")
        connection.seconds_told = seconds
    except DatabaseError:
        # The server has gone meanwhile: the first statement connects anew.
        if not connection.in_atomic_block:
            connection.close()


def _is_over() -> bool:
    ends = getattr(_local, "ends", None)
    return ends is not None and time.monotonic() > ends
