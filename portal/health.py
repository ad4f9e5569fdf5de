"""What must be in place to serve: database, migrations, disk, spool."""

import logging
import tempfile
import threading
import time

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

logger = logging.getLogger(__name__)

REMEMBERED_SECONDS = 1.0
_lock = threading.Lock()
_lately: tuple[float, list[str]] | None = None  # monotonic; what was found then


def recent_problems() -> list[str]:
    """Return `problems` of a second ago at most: a flood of questions costs one look.

    Whoever has waited a second for the look of another thread is told of no answer.
    """
    global _lately
    if not _lock.acquire(timeout=REMEMBERED_SECONDS):
        return ["database: no answer"]
    try:
        if _lately is None or time.monotonic() - _lately[0] > REMEMBERED_SECONDS:
            _lately = time.monotonic(), problems()
        return _lately[1]
    finally:
        _lock.release()


def forget() -> None:
    """Return to the state of a process that was never asked (used by tests)."""
    global _lately
    _lately = None


def problems() -> list[str]:
    """Return one short English line for each thing that is missing."""
    checks = (_database, _disk, _spool)
    return [line for check in checks if (line := check())]


def _database() -> str | None:
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        logger.warning("readyz: the database does not answer", exc_info=True)
        return "database: no answer"
    return "migrations: not all are applied" if plan else None


def _disk() -> str | None:
    return _unwritable("disk", settings.DATA_DIR)


def _spool() -> str | None:
    if not settings.SPOOL_DIR.exists():
        return None  # made at the first visit, in DATA_DIR
    return _unwritable("spool", settings.SPOOL_DIR)


def _unwritable(name: str, folder) -> str | None:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"ok")
    except OSError:
        logger.warning("readyz: cannot write to %s", folder, exc_info=True)
        return f"{name}: cannot be written"
    return None
