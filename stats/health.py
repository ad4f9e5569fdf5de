"""How the counting does: for administrators who must answer for the figures."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from . import clock, spool
from .models import SpoolPosition

# Files beside the spool; the first two say by their modification time.
LAST_DRAIN = "last-drain"
LAST_WRONG_CLOCK = "last-wrong-clock"
LAST_VERIFY = "last-verify.json"
LATE = timedelta(minutes=1)
SEGMENTS = 10_000  # asked for; of more, days of a backlog, none is begun
CLOCK_WARNING = timedelta(days=7)  # how long a clock that was wrong is told of


@dataclass(frozen=True, slots=True)
class Verified:
    """What the last `stats_verify` found."""

    at: datetime
    checks: int
    wrong: list[str]  # the names of the checks that do not hold


@dataclass(frozen=True, slots=True)
class Health:
    last_drain: datetime | None
    waiting_bytes: int
    waiting_since: datetime | None  # nothing older waits in the spool
    refused: int  # reports this process could not write
    wrong_clock: datetime | None  # when lines of the future were last met
    verified: Verified | None

    @property
    def is_late(self) -> bool:
        """No drain for a minute: the numbers stand still, nothing is lost."""
        return self.last_drain is None or _now() - self.last_drain > LATE


def health(positions: Mapping[str, tuple[int, int]] | None = None) -> Health:
    """How far the drain is behind, and what else is wrong.

    `positions` are (bytes counted, milliseconds of that) by segment, if known.
    """
    if positions is None:
        rows = SpoolPosition.objects.filter(segment__in=segment_names())
        positions = {row.segment: (row.pos, row.updated_ms) for row in rows}
    waiting, since = 0, None
    for path in spool.segments():
        counted, counted_ms = positions.get(path.name, (0, 0))
        try:
            left = path.stat().st_size - counted
        except FileNotFoundError:
            continue
        if left > 0:
            waiting += left
            begun = max(counted_ms, _made_ms(path.name))
            since = min(since or begun, begun)
    return Health(
        last_drain=_noted(LAST_DRAIN),
        waiting_bytes=waiting,
        waiting_since=clock.local(since) if since else None,
        refused=spool.writer().refused,
        wrong_clock=_recent(_noted(LAST_WRONG_CLOCK)),
        verified=_verified(),
    )


def segment_names() -> list[str]:
    """The segments whose positions say how much of them waits.

    Positions of two days of removed segments stand beside them in the table.
    """
    return [path.name for path in spool.segments()[:SEGMENTS]]


def note(name: str) -> None:
    """Note that `name` has happened now."""
    path = settings.SPOOL_DIR / name
    try:
        os.utime(path)
    except FileNotFoundError:
        settings.SPOOL_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)


def note_verified(checks: Iterable) -> None:
    """Keep what a run of verify.checks() found, for the administrators' page."""
    checks = list(checks)
    found = {
        "at": clock.now_ms(),
        "checks": len(checks),
        "wrong": [str(check.name) for check in checks if not check.holds],
    }
    settings.SPOOL_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = settings.SPOOL_DIR / LAST_VERIFY
    new = path.with_suffix(f".{os.getpid()}")
    new.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    new.replace(path)


def _verified() -> Verified | None:
    try:
        text = (settings.SPOOL_DIR / LAST_VERIFY).read_text(encoding="utf-8")
        found = json.loads(text)
        return Verified(clock.local(found["at"]), found["checks"], found["wrong"])
    except (OSError, ValueError, KeyError, TypeError):
        return None  # never run, or not ours


def _made_ms(segment: str) -> int:
    digits = segment.partition("-")[0]
    return int(digits) if digits.isdigit() else 0


def _noted(name: str) -> datetime | None:
    try:
        seconds = (settings.SPOOL_DIR / name).stat().st_mtime
    except FileNotFoundError:
        return None
    return clock.local(int(seconds * 1000))


def _recent(moment: datetime | None) -> datetime | None:
    return moment if moment and _now() - moment < CLOCK_WARNING else None


def _now() -> datetime:
    return clock.local(clock.now_ms())
