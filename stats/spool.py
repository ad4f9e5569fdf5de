"""The spool: every hit is one line, appended with one write(2), before it is answered.

A line that was written survives kill -9 of this process; a background fdatasync
every 100 ms bounds what a power cut can take. Each process appends to a segment of
its own and holds a shared flock on it, so "the lock can be had" means "the writer
is gone and the end of the file is final" to the drainer. Nothing needs flushing at
shutdown. Do not put anything here that identifies a reader (see `lines`).
"""

import fcntl
import logging
import os
import secrets
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from . import clock, lines

logger = logging.getLogger(__name__)

SUFFIX = ".hits"
ROTATE_BYTES = 8 * 2**20  # a restored backup reads at most this much again
ROTATE_SECONDS = 60
VOLATILE = frozenset({"tmpfs", "ramfs", "overlay"})  # file systems
SYNC_SECONDS = 0.1  # the most a power cut can take


@dataclass(slots=True)
class Segment:
    path: Path
    fd: int
    size: int = 0
    opened: float = field(default_factory=time.monotonic)


class Writer:
    """Appends lines to segments of its own in `directory`. Safe for many threads."""

    def __init__(self, directory: Path, rotate_bytes: int = ROTATE_BYTES):
        self.directory = Path(directory)
        self.rotate_bytes = rotate_bytes
        self.refused = 0  # hits not written since the process began
        self._lock = threading.Lock()
        self._sync_lock = threading.Lock()
        self._dirty = threading.Event()
        self._segment: Segment | None = None
        self._retired: list[Segment] = []
        self._syncer: threading.Thread | None = None

    def append(self, line: bytes) -> bool:
        """Write one line; False when it is not on its way to disk (never raises)."""
        with self._lock:
            try:
                segment = self._current()
                complete = os.write(segment.fd, line) == len(line)
            except OSError as error:
                return self._refuse(error)
            if not complete:  # disk full: the half line must stay the last one
                return self._refuse("short write")
            segment.size += len(line)
        if not self._dirty.is_set():  # which costs less
            self._dirty.set()
        return True

    def _current(self) -> Segment:
        segment = self._segment
        if segment is not None and not self._is_full(segment):
            return segment
        if segment is not None:
            self._retire()
        self._segment = self._open()
        if self._syncer is None or not self._syncer.is_alive():
            self._start_syncer()
        return self._segment

    def _is_full(self, segment: Segment) -> bool:
        age = time.monotonic() - segment.opened
        return segment.size >= self.rotate_bytes or age >= ROTATE_SECONDS

    def _open(self) -> Segment:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{clock.now_ms():013d}-{os.getpid()}-{secrets.token_hex(6)}{SUFFIX}"
        path = self.directory / name
        hidden = self.directory / f".{name}.new"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        fd = os.open(hidden, flags, 0o600)
        try:
            # Locked before it has its name: the drainer never sees it unlocked.
            fcntl.flock(fd, fcntl.LOCK_SH)
            os.rename(hidden, path)
        except OSError:
            os.close(fd)
            hidden.unlink(missing_ok=True)
            raise
        return Segment(path, fd)

    def _refuse(self, why) -> bool:
        if self.refused == 0:
            logger.error("visit spool %s cannot be written: %s", self.directory, why)
        self.refused += 1
        self._retire()
        return False

    def _retire(self) -> None:
        if self._segment is not None:
            self._retired.append(self._segment)
            self._segment = None

    def _start_syncer(self) -> None:
        self._syncer = threading.Thread(
            target=self._sync_forever, name="stats-spool-sync", daemon=True
        )
        try:
            self._syncer.start()
        except RuntimeError:  # the interpreter is shutting down; write(2) was enough
            self._syncer = None

    def _sync_forever(self) -> None:
        while True:
            self._dirty.wait(timeout=ROTATE_SECONDS)
            self._dirty.clear()
            time.sleep(SYNC_SECONDS)
            self.sync()

    def sync(self) -> None:
        """Bring what was written to the disk and close finished segments."""
        with self._sync_lock:
            with self._lock:
                segment = self._segment
                if segment is not None and self._is_full(segment):
                    self._retire()  # an idle process lets go of its segment too
                elif segment is not None and os.fstat(segment.fd).st_nlink == 0:
                    logger.error("visit segment %s was removed in use", segment.path)
                    self._retire()
                finished, self._retired = self._retired, []
                open_fd = self._segment.fd if self._segment else None
            for fd in [*(done.fd for done in finished), open_fd]:
                self._to_disk(fd)
            for done in finished:
                os.close(done.fd)

    def _to_disk(self, fd: int | None) -> None:
        if fd is None:
            return
        try:
            os.fdatasync(fd)
        except OSError as error:
            logger.error("visit spool %s: %s", self.directory, error)

    def close(self) -> None:
        """Finish the present segment; the next append begins another one."""
        with self._lock:
            self._retire()
        self.sync()

    def forget_after_fork(self) -> None:
        """In a forked child: the segment and the thread belong to the parent."""
        inherited = [*self._retired, *([self._segment] if self._segment else [])]
        self.__init__(self.directory, self.rotate_bytes)
        for segment in inherited:
            os.close(segment.fd)  # the parent's descriptor keeps the lock


_writer: Writer | None = None
_writer_lock = threading.Lock()


def writer() -> Writer:
    """This process's writer for the spool of the settings."""
    global _writer
    current = _writer
    if current is None or current.directory != settings.SPOOL_DIR:
        with _writer_lock:
            if _writer is None or _writer.directory != settings.SPOOL_DIR:
                _writer = Writer(settings.SPOOL_DIR)
            current = _writer
    return current


def append(hit: lines.Hit) -> bool:
    """Record a hit; only True may be acknowledged to the reader."""
    return writer().append(lines.encode(hit))


def segments(directory: Path | None = None) -> list[Path]:
    """All segments, oldest first."""
    directory = settings.SPOOL_DIR if directory is None else directory
    try:
        return sorted(path for path in directory.iterdir() if path.suffix == SUFFIX)
    except FileNotFoundError:
        return []


def is_volatile(directory: Path, mounts: str = "/proc/self/mounts") -> bool:
    """Whether files there may be gone after a restart: memory, a container's layer.

    False where the system does not tell.
    """
    directory = Path(directory).resolve()
    kinds = {}
    try:
        for line in Path(mounts).read_text().splitlines():
            _device, place, kind, *_ = line.split(" ")
            if directory.is_relative_to(place.replace("\\040", " ")):
                kinds[place] = kind
    except (OSError, ValueError):
        return False
    return kinds.get(max(kinds, key=len, default="")) in VOLATILE


def _after_fork_in_child() -> None:
    global _writer_lock
    _writer_lock = threading.Lock()
    if _writer is not None:
        _writer.forget_after_fork()


os.register_at_fork(after_in_child=_after_fork_in_child)
