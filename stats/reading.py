"""Reading the spool: from segments on disk to hits in receive order.

The files are read and parsed before the transaction begins; what is promised to it
is, for each segment, "from here to there". Order across segments holds because no
line is handed out that a longer look into another segment could still precede.
"""

import fcntl
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from . import lines

CHUNK_BYTES = 200_000  # read at once, shared by all segments looked at: a batch or so
MIN_CHUNK_BYTES = 8 * 2**10
MAX_SEGMENTS = 64  # looked at in one batch, oldest first
FUTURE_MS = 5 * 60_000  # a line further ahead comes from a wrong clock
PAST_MS = 400 * 24 * 3600_000


@dataclass(slots=True)
class Span:
    """What one batch takes from one segment."""

    name: str
    start: int
    end: int


@dataclass(slots=True)
class Batch:
    hits: list[lines.Hit] = field(default_factory=list)
    damaged_ms: list[int] = field(default_factory=list)  # one for each bad line
    spans: list[Span] = field(default_factory=list)  # only those that moved
    finished: list[Path] = field(default_factory=list)  # dead and read to the end
    clamped: int = 0  # lines whose clock was wrong; counted now
    more: bool = False  # another batch is ready at once


@dataclass(slots=True)
class _Line:
    key: int  # receive time, never falling within a segment
    segment: int
    end: int
    hit: lines.Hit | None


@dataclass(slots=True)
class _Chunk:
    number: int
    path: Path
    start: int
    lines: list[_Line]
    complete: bool  # nothing more is in the file, whatever its writer may add
    dead: bool
    size: int


def read_batch(
    paths: list[Path],
    positions: Mapping[str, int],
    now_ms: int,
    hold_ms: int,
    limit: int,
) -> Batch:
    """At most `limit` lines older than `hold_ms`, in receive order.

    `positions` says how much of each segment is counted already; `paths` come
    oldest first, as their names begin with the time of their making.
    """
    batch = Batch()
    unread = []
    for path in paths:
        position = positions.get(path.name, 0)
        if position < _size(path):
            unread.append((path, position))
        elif _is_finished(path, position):
            batch.finished.append(path)
    look_at = MAX_SEGMENTS
    while True:
        shared_by = max(min(look_at, len(unread)), 1)
        size = max(CHUNK_BYTES // shared_by, MIN_CHUNK_BYTES)
        chunks = _read_chunks(unread[:look_at], size, now_ms)
        later = unread[look_at:]
        ready = _ready(chunks, now_ms - hold_ms)
        barrier = _barrier(chunks, later)
        taken = [line for line in ready if line.key <= barrier][:limit]
        if taken or not later:
            break
        look_at *= 2  # younger segments hold older lines: a clock stepped back
    batch.more = (
        bool(later)
        or len(taken) < len(ready)
        or not all(chunk.complete for chunk in chunks)
    )
    _fill(batch, chunks, taken, now_ms)
    return batch


def _read_chunks(
    unread: list[tuple[Path, int]], size: int, now_ms: int
) -> list[_Chunk]:
    chunks = (
        _read_chunk(number, path, position, size, now_ms)
        for number, (path, position) in enumerate(unread)
    )
    return [chunk for chunk in chunks if chunk is not None]


def _ready(chunks: list[_Chunk], latest_ms: int) -> list[_Line]:
    """Lines that are old enough, in order; of each segment the first ones."""
    lines_ = (line for chunk in chunks for line in chunk.lines)
    return sorted(
        (line for line in lines_ if line.key <= latest_ms),
        key=lambda line: (line.key, line.segment, line.end),
    )


def _barrier(chunks: list[_Chunk], later: list[tuple[Path, int]]) -> int:
    """The last instant up to which all segments have been read."""
    limits = [c.lines[-1].key for c in chunks if not c.complete and c.lines]
    if later:
        limits.append(_made_ms(later[0][0]))
    return min(limits, default=2**62)


def _made_ms(path: Path) -> int:
    digits = path.name.partition("-")[0]
    return int(digits) if digits.isdigit() else 0


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # another drainer was here
        return 0


def _is_finished(path: Path, position: int) -> bool:
    """Whether the writer is gone and all it wrote is counted."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        # In this order: a line may be written between looking and the writer's end.
        return _writer_is_gone(fd) and os.fstat(fd).st_size <= position
    finally:
        os.close(fd)


def _read_chunk(
    number: int, path: Path, start: int, size: int, now_ms: int
) -> _Chunk | None:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        dead = _writer_is_gone(fd)  # before reading: then the end is final
        data = os.pread(fd, size, start)
        file_size = os.fstat(fd).st_size
    finally:
        os.close(fd)
    at_end = start + len(data) >= file_size
    parsed = _parse(number, data, start, now_ms, final=dead and at_end)
    if not parsed and not at_end:
        # Nothing but damage as far as the chunk reaches: step over it.
        parsed = [_Line(0, number, start + len(data), None)]
    return _Chunk(number, path, start, parsed, at_end, dead, file_size)


def _writer_is_gone(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _parse(
    number: int, data: bytes, start: int, now_ms: int, final: bool
) -> list[_Line]:
    """Lines of a chunk. A damaged line is kept as None, at its neighbour's time.

    So is the place of a line from a wrong clock, which must not hold up the others.
    """
    *complete, tail = data.split(b"\n")
    parsed = []
    key, end = 0, start  # not when the segment was made: clocks step back
    for raw in complete:
        end += len(raw) + 1
        hit = lines.decode(raw)
        if hit is not None and hit.ms <= now_ms + FUTURE_MS:
            key = max(key, hit.ms)
        parsed.append(_Line(key, number, end, hit))
    if tail and final:
        # The writer died in the middle of it, so it was never acknowledged.
        parsed.append(_Line(key, number, end + len(tail), None))
    return parsed


def _fill(batch: Batch, chunks: list[_Chunk], taken: list[_Line], now_ms: int) -> None:
    ends: dict[int, int] = {}
    for line in taken:
        ends[line.segment] = line.end
        if line.hit is None:
            batch.damaged_ms.append(line.key or now_ms)
        elif now_ms - PAST_MS <= line.hit.ms <= now_ms + FUTURE_MS:
            batch.hits.append(line.hit)
        else:
            batch.hits.append(replace(line.hit, ms=now_ms))
            batch.clamped += 1
    for chunk in chunks:
        end = ends.get(chunk.number, chunk.start)
        if end != chunk.start:
            batch.spans.append(Span(chunk.path.name, chunk.start, end))
        if chunk.dead and chunk.complete and end >= chunk.size:
            batch.finished.append(chunk.path)
