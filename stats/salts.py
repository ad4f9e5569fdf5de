"""The key of each local day's visitor hashes: random, shared by all workers, erased.

A kept or guessable salt would protect nobody (all IPv4 addresses can be hashed in an
hour), so it is drawn at random for each day and erased after 48 hours. Today's and
tomorrow's live in the database, in memory, and in a file only the site's user can
read beside the spool, so that a database away at midnight stops nothing.
"""

import fcntl
import json
import logging
import os
import secrets
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from . import clock
from .models import Salt

logger = logging.getLogger(__name__)

FILE_NAME = "salts.json"
_memory: dict[date, bytes] = {}
_memory_of: Path | None = None


def of_day(day: date) -> bytes:
    """The day's salt, without the database. OSError where nothing is writable."""
    if _memory_of == settings.SPOOL_DIR and day in _memory:
        return _memory[day]
    return _agree_in_file([day])[day]


def refresh_memory() -> None:
    """Keep today's and tomorrow's salt at hand: once a second, in every worker.

    Touches the database only while one of the two is missing from the file.
    """
    wanted = _wanted(clock.today())
    if _memory_of == settings.SPOOL_DIR and all(day in _memory for day in wanted):
        if len(_memory) > len(wanted):
            _forget_others(wanted)
        return
    known = _read_file()
    if all(day in known for day in wanted):
        _remember({day: known[day] for day in wanted})
    else:
        ensure()


def ensure(today: date | None = None) -> None:
    """Make today's and tomorrow's salt where missing: database, file and memory.

    Whoever inserts first decides; everybody else takes that row.
    """
    wanted = _wanted(today or clock.today())
    proposed = _agree_in_file(wanted)
    with connection.cursor() as cursor:
        for day in wanted:
            cursor.execute(
                "INSERT INTO stats_salt (day, salt) VALUES (%s, %s)"
                " ON CONFLICT (day) DO NOTHING",
                [connection.ops.adapt_datefield_value(day), proposed[day]],
            )
    rows = Salt.objects.filter(day__in=wanted).values_list("day", "salt")
    agreed = {day: bytes(salt) for day, salt in rows}
    if agreed != proposed:
        with _locked_file() as path:
            _write_file(path, _read_file() | agreed)
    _remember(agreed)


def erase_old(today: date | None = None) -> None:
    """Erase salts whose day began 48 hours ago or earlier, rows and file alike."""
    oldest = clock.days_before(today or clock.today(), 1)
    with transaction.atomic():
        Salt.objects.filter(day__lt=oldest).delete()
    with _locked_file() as path:
        known = _read_file()
        kept = {day: salt for day, salt in known.items() if day >= oldest}
        if kept != known:
            _write_file(path, kept)


def _wanted(today: date) -> list[date]:
    return [today, today + timedelta(days=1)]


def _remember(salts: dict[date, bytes]) -> None:
    global _memory_of
    if _memory_of != settings.SPOOL_DIR:
        _memory.clear()
        _memory_of = settings.SPOOL_DIR
    _memory.update(salts)


def _forget_others(wanted: list[date]) -> None:
    for day in list(_memory):
        if day not in wanted:
            _memory.pop(day, None)


def _agree_in_file(days: list[date]) -> dict[date, bytes]:
    """The salts of `days`, drawn under the file's lock where it has none."""
    with _locked_file() as path:
        known = _read_file()
        missing = [day for day in days if day not in known]
        if missing:
            known |= {day: secrets.token_bytes(32) for day in missing}
            _write_file(path, known)
    found = {day: known[day] for day in days}
    _remember(found)
    return found


@contextmanager
def _locked_file():
    settings.SPOOL_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(
        settings.SPOOL_DIR / f"{FILE_NAME}.lock", os.O_RDWR | os.O_CREAT, 0o600
    )
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield settings.SPOOL_DIR / FILE_NAME
    finally:
        os.close(lock)


def _read_file() -> dict[date, bytes]:
    path = settings.SPOOL_DIR / FILE_NAME
    try:
        stored = json.loads(path.read_text())
        return {
            date.fromisoformat(day): bytes.fromhex(salt) for day, salt in stored.items()
        }
    except FileNotFoundError:
        return {}
    except (ValueError, AttributeError, TypeError):
        logger.error("%s is damaged; its salts are drawn again", path)
        return {}


def _write_file(path: Path, salts: dict[date, bytes]) -> None:
    fresh = path.with_suffix(".new")
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "w") as file:
        json.dump({day.isoformat(): salt.hex() for day, salt in salts.items()}, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)
