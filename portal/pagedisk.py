"""The second layer of the page store: finished pages as files, for nginx.

    DATA_DIR/pages/<edition>/<path>/index.html, index.html.gz, index.html.br
    DATA_DIR/pages/current -> the present edition; previous -> the one before

A file is written to another name and renamed, so no reader finds half of one. Pages
go to the folder of the edition that was read before their rendering began, and only
when it still was the present one after it: no folder holds a mixture. The watchers of
all workers move the link (`follow`). Nothing here is needed: without a disk, pages
go on from memory. See docs/pages.md.
"""

import contextlib
import fcntl
import logging
import os
import re
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path

from django.db import DatabaseError, close_old_connections

from portal import generation
from portal.generation import Edition

logger = logging.getLogger(__name__)

# What nginx.conf looks up: plain names of at most 200 bytes (a file system takes 255),
# no dot and no percent sign, so a path can never leave its folder.
_PATH = re.compile(r"/(?:[A-Za-z0-9_-]{1,200}/)*", re.ASCII)
# nginx sends these with every page, in these words; what a page says beyond them
# would be lost, so such a page is not written.
HEADERS = {
    *("content-type", "cache-control", "vary", "content-security-policy"),
    *("x-frame-options", "x-content-type-options", "referrer-policy"),
    *("cross-origin-opener-policy", "cross-origin-resource-policy"),
    *("permissions-policy", "strict-transport-security"),
}
_WORDS = {
    ("content-type", "text/html; charset=utf-8"),
    ("cache-control", "public, max-age=0, must-revalidate"),
}
_NAMES = {"gzip": "index.html.gz", "br": "index.html.br", "": "index.html"}
WAITING_MAX = 500  # pages waiting to be written; more are kept in memory alone
SWEEP_FILES = 3000  # removed at a time, so that other work goes on in between
LOCK_TRIES = 10  # of 20 ms each
_BLOCK = 4096  # bytes that a file takes at least


def is_writable(path: str, status: str, headers) -> bool:
    """Say whether nginx can answer with this page just as we do."""
    said = {(name.lower(), value) for name, value in headers}
    return (
        status.startswith("200")
        and len(path) <= 1000
        and _PATH.fullmatch(path) is not None
        and {name for name, _ in said} <= HEADERS
        and said >= _WORDS
    )


class PageDisk:
    """The folder of all editions, and what this process writes into it.

    At most half of `max_bytes` for one edition, all processes together; each of the
    `workers` has its share.
    """

    def __init__(self, root: Path, max_bytes: int, workers: int = 1):
        self.root = root
        self.share_bytes = max_bytes // max(workers, 1)
        self._written: dict[str, int] = {}  # bytes by edition, of this process
        self._waiting: deque = deque(maxlen=WAITING_MAX)
        self._arrived = threading.Event()
        self._failing: set[str] = set()

    # Writing

    def put(
        self,
        path: str,
        edition: Edition,
        etag: str,
        bodies: Callable[[], Mapping[str, bytes]],
    ) -> None:
        """Have a finished page written soon; never waits and never raises.

        `bodies` is called by the writer: compressing is its work, not the reader's.
        """
        if len(self._waiting) < WAITING_MAX:
            self._waiting.append((path, edition, etag, bodies))
            self._arrived.set()

    def write_waiting(self) -> int:
        """Write what waits and is of the present edition; return how many pages.

        One look at the database comes after the rendering of all of them: a change
        that was made meanwhile may be half in a page, which then stays off the disk.
        """
        self._arrived.clear()
        pages = []
        with contextlib.suppress(IndexError):
            while True:
                pages.append(self._waiting.popleft())
        if not pages:
            return 0
        generation.refresh()
        written = 0
        for path, edition, etag, bodies in pages:
            if edition == generation.current():
                # A folder swept away under our hands: its edition is over.
                missing = contextlib.suppress(FileNotFoundError)
                with self._telling("write pages"), missing:
                    written += self.write(edition, path, etag, bodies())
        return written

    def write(
        self, edition: Edition, path: str, etag: str, bodies: Mapping[str, bytes]
    ) -> bool:
        """Write one page into the folder of its edition; return False if it is not.

        `bodies` by content coding: "", "gzip", "br". Raises OSError.
        """
        folder = self.root / edition.name / path.strip("/")
        if (folder / "index.html").exists():  # another worker's, of the same edition
            return False
        size = sum(-(-len(body) // _BLOCK) * _BLOCK for body in bodies.values())
        size += _BLOCK  # the folder
        if not self._has_room(edition.name, size):
            return False
        folder.mkdir(parents=True, exist_ok=True)
        # nginx makes its ETag of this time and the length. A time of our writing would
        # be the same for two versions within a second; a sum of the words is not, and
        # a page that did not change keeps its ETag in the next edition.
        stamp = int(etag[:8], 16) & 0x7FFFFFFF
        for coding in sorted(bodies, reverse=True):  # index.html is last
            self._write_file(folder / _NAMES[coding], bodies[coding], stamp)
        return True

    def _write_file(self, target: Path, body: bytes, stamp: int) -> None:
        temporary = target.with_name(
            f".{target.name}.{os.getpid()}.{threading.get_ident()}"
        )
        try:
            with open(temporary, "wb") as file:
                file.write(body)
                file.flush()
                os.utime(file.fileno(), (stamp, stamp))
                # After a power failure nginx is there before we are.
                os.fsync(file.fileno())
            os.rename(temporary, target)
        except OSError:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise

    def _has_room(self, name: str, size: int) -> bool:
        if name not in self._written:
            self._written = {
                n: s for n, s in self._written.items() if (self.root / n).exists()
            }
        here = self._written.get(name, 0) + size
        everywhere = sum(self._written.values()) + size
        if here > self.share_bytes // 2 or everywhere > self.share_bytes:
            return False
        self._written[name] = here
        return True

    # The links

    def follow(self) -> None:
        """Let `current` lead to the present edition; any process may call it.

        Raises DatabaseError: as long as nothing is known, nothing is moved.
        """
        if self._target("current") == generation.current().name:
            return
        with self._telling("move the link of the pages"), self._alone() as is_alone:
            if not is_alone:
                return  # whoever is here moves it; the next look makes sure
            # Read again: nobody can have gone further meanwhile and be moved back.
            present = generation.refresh()
            old = self._target("current")
            if old == present.name:
                return
            try:
                self._move(old, present)
            except OSError:
                # A full disk has no room for a link, but always for one less.
                self._unlink("current")
                self._unlink("previous")
                raise

    def _move(self, old: str | None, present: Edition) -> None:
        earlier = Edition.named(old or "")
        # A number that went back is a restored backup: nobody knows what it lost.
        is_earlier = earlier and earlier.generation <= present.generation
        if is_earlier and generation.may_follow(earlier):
            self._link("previous", earlier.name)
        else:
            self._unlink("previous")
        self._link("current", present.name)

    @contextlib.contextmanager
    def _alone(self):
        """Yield whether this process alone is here; the lock ends with the process.

        Waits a moment only: a disk that hangs must not keep the watcher from looking.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            for _ in range(LOCK_TRIES):
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    time.sleep(0.02)
                else:
                    yield True
                    return
            yield False
        finally:
            os.close(handle)

    def _target(self, link: str) -> str | None:
        try:
            return os.readlink(self.root / link)
        except OSError:
            return None

    def _link(self, link: str, name: str) -> None:
        temporary = self.root / f".{link}"
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(name)
        os.rename(temporary, self.root / link)

    def _unlink(self, link: str) -> None:
        (self.root / link).unlink(missing_ok=True)

    # Removing

    def sweep(self, files: int = SWEEP_FILES) -> None:
        """Remove editions that no link leads to, so many files at a time.

        Raises DatabaseError and OSError.
        """
        if not self.root.is_dir():
            return
        # Listed first: a folder that appears meanwhile is of a later edition.
        names = set(filter(Edition.named, os.listdir(self.root)))
        names -= {self._target("current"), self._target("previous")}
        if names:
            names.discard(generation.refresh().name)
        for name in sorted(names):
            for folder, _, found in os.walk(self.root / name, topdown=False):
                for file in found:
                    os.unlink(os.path.join(folder, file))
                os.rmdir(folder)
                files -= len(found)
                if files <= 0:
                    return

    def clear(self) -> None:
        """Remove everything, the links first; raises OSError when they stay."""
        for link in ("current", "previous"):
            self._unlink(link)
        shutil.rmtree(self.root, ignore_errors=True)

    @contextlib.contextmanager
    def _telling(self, act: str):
        """Log a failure of the disk once, until the same act succeeds again."""
        try:
            yield
        except OSError as error:
            if act not in self._failing:
                logger.error("Cannot %s (%s); pages go on from memory.", act, error)
            self._failing.add(act)
        else:
            self._failing.discard(act)

    # The thread

    def run(self) -> None:
        """Write pages as they come, for ever."""
        while True:
            self._arrived.wait()
            try:
                close_old_connections()
                self.write_waiting()
            except DatabaseError:
                pass  # the watcher tells it; these pages stay in memory
            except Exception:
                logger.exception("Pages were not written to disk.")

    def start(self) -> None:
        threading.Thread(target=self.run, name="pages on disk", daemon=True).start()
