"""The folder of a mirror: whole at every instant, and taken up again where it stopped.

New files wait in `.mirror/new` until all are there. Then they take their places by
renames: first those that are new, which nothing leads to yet, then those that changed,
and what nothing leads to any more goes last. So no instant has a link that breaks.
"""

import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from portal.mirror.addresses import link

_FORMAT = 1
_PART_BYTES = 1 << 20
# The name is the content's hash: one of that name is never another.
_HASHED = re.compile(r"/media/.+|/static/.+\.[0-9a-f]{12}\.[a-z0-9.]+")
_END = " .\n"  # of a line of the state; a link holds no space


class Refused(Exception):
    """A sentence for the operator."""


@dataclass(frozen=True)
class Content:
    """What a run keeps: equal contents need no second rendering.

    `code` tells one version of the portal from another, `until` is the instant at
    which the content changes by itself (ISO 8601).
    """

    site_url: str
    generation: int
    code: str
    until: str
    format: int = _FORMAT


class Folder:
    """`path` must be empty, absent, or a mirror of the same site."""

    def __init__(self, path: Path, site_url: str):
        self.path = path
        self._own = path / ".mirror"
        self._new = self._own / "new"
        self._state = self._own / "state"
        self._part = self._own / "part"
        self._done: set[str] = set()
        self._trusts_names = True
        self._log = None
        self._check(site_url)

    def _check(self, site_url: str) -> None:
        if self.path.exists() and not self.path.is_dir():
            raise Refused(_("%(path)s is not a folder.") % {"path": self.path})
        if not self._own.is_dir():
            try:
                if self.path.is_dir() and any(self.path.iterdir()):
                    raise Refused(
                        _(
                            "%(path)s is not empty and no mirror of this command. "
                            "Choose a new folder: a mirror removes what does not "
                            "belong to it."
                        )
                        % {"path": self.path}
                    )
            except OSError as error:
                raise self._unreadable(error) from error
        known = self._header()
        if known and known.site_url != site_url:
            raise Refused(
                _("%(path)s is the mirror of %(other)s, not of %(site)s (SITE_URL).")
                % {"path": self.path, "other": known.site_url, "site": site_url}
            )

    def _unreadable(self, error: OSError) -> Refused:
        return Refused(
            _("%(path)s cannot be written: %(reason)s")
            % {"path": self.path, "reason": error.strerror}
        )

    @property
    def is_mirror(self) -> bool:
        return self._own.is_dir()

    @contextmanager
    def writing(self, content: Content) -> Iterator[None]:
        """Hold the folder for this process and begin, or go on with, a run."""
        try:
            self._own.mkdir(parents=True, exist_ok=True)
            lock = open(self._own / "lock", "w")  # noqa: SIM115
        except OSError as error:
            raise self._unreadable(error) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise Refused(
                    _("Another export into %(path)s is running.") % {"path": self.path}
                ) from error
            try:
                self._begin(content)
                yield
            finally:
                if self._log is not None:
                    self._log.close()

    def _header(self) -> Content | None:
        try:
            with open(self._state, encoding="utf-8") as state:
                return Content(**json.loads(state.readline()))
        except (OSError, ValueError, TypeError):
            return None

    def _begin(self, content: Content) -> None:
        known = self._header()
        if known == content:
            with open(self._state, encoding="utf-8") as state:
                # Killed while writing, the last line has no end mark: not done.
                self._done = {
                    line.removesuffix(_END) for line in state if line.endswith(_END)
                }
        else:
            shutil.rmtree(self._new, ignore_errors=True)
            beginning = json.dumps(asdict(content)) + "\n"
            self._part.write_text(beginning, encoding="utf-8")
            os.replace(self._part, self._state)
        # Line by line: what is killed has told what it did.
        self._log = open(self._state, "a", encoding="utf-8", buffering=1)  # noqa: SIM115
        self._log.write("\n")  # ends what may be half a line

    def forget(self) -> None:
        """Make the next run ask for everything."""
        self._state.unlink(missing_ok=True)
        self._trusts_names = False

    def read(self, name: str) -> bytes | None:
        """Return a file as this run left it, else as the last one did."""
        for place in (self._new, self.path):
            try:
                return (place / name).read_bytes()
            except OSError:
                pass
        return None

    def has(self, name: str) -> bool:
        return (self._new / name).is_file() or (self.path / name).is_file()

    def is_done(self, address: str, name: str) -> bool:
        """Say whether this content's file of `address` is there."""
        is_hashed = self._trusts_names and _HASHED.fullmatch(address)
        return bool(is_hashed or link(address) in self._done) and self.has(name)

    def keep(self, address: str, name: str, parts: Iterable[bytes]) -> bool:
        """Put a file aside for the mirror; say whether it is new or another."""
        with open(self._part, "wb") as file:
            for part in parts:
                file.write(part)
        waiting = self._new / name
        changed = not _same_bytes(self._part, self.path / name)
        if changed:
            waiting.parent.mkdir(parents=True, exist_ok=True)
            os.replace(self._part, waiting)
        else:
            waiting.unlink(missing_ok=True)
        self._log.write(link(address) + _END)
        return changed

    def publish(self) -> None:
        """Give every waiting file its place."""
        waiting = list(files_in(self._new))
        for is_turn in (lambda name: not (self.path / name).exists(), lambda _: True):
            for name in waiting:
                if (self._new / name).exists() and is_turn(name):
                    place = self.path / name
                    place.parent.mkdir(parents=True, exist_ok=True)
                    os.replace(self._new / name, place)
        shutil.rmtree(self._new, ignore_errors=True)

    def superfluous(self, names: set[str]) -> list[str]:
        """Return the files that are not among `names`, without the operator's own.

        What begins with a dot in the top folder (.htaccess, .well-known) stays.
        """
        return sorted(
            name
            for name in files_in(self.path)
            if not name.startswith(".") and name not in names
        )

    def remove(self, names: list[str]) -> None:
        for name in names:
            file = self.path / name
            file.unlink(missing_ok=True)
            for above in file.parents:
                if above == self.path:
                    break
                try:
                    above.rmdir()
                except OSError:  # not empty
                    break


def files_in(folder: Path) -> Iterator[str]:
    """Yield the names of all files below `folder`, relative to it."""
    for here, _folders, names in os.walk(folder):
        for name in names:
            yield Path(here, name).relative_to(folder).as_posix()


def _same_bytes(one: Path, other: Path) -> bool:
    try:
        if one.stat().st_size != other.stat().st_size:
            return False
        with open(one, "rb") as a, open(other, "rb") as b:
            while part := a.read(_PART_BYTES):
                if part != b.read(_PART_BYTES):
                    return False
        return True
    except OSError:
        return False
