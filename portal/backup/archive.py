"""The file of a backup: an uncompressed tar of plain files with a manifest at its end.

    database                the database: SQLite's file through gzip, or pg_dump -Fc
    spool/...               visits that were not counted yet
    files/...               what else lies in DATA_DIR
    manifest.json           size and SHA-256 of every member, figures of every table
    manifest.json.sha256    the same of the manifest, as sha256sum writes it

Any tar unpacks it. It is read with a reader of its own that knows plain files only:
no links, no devices, no sparse files, no headers of unlimited size. Opening one checks
names, sizes and manifest; `check` reads every byte. The manifest is written last, so a
file that ends early has none.
"""

import hashlib
import json
import os
import re
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from django.utils.translation import gettext as _

from portal.backup.errors import Damaged, Refused

FORMAT = 1
DATABASE, MANIFEST = "database", "manifest.json"
SUM = f"{MANIFEST}.sha256"
FILES, SPOOL = "files/", "spool/"
PART_BYTES = 1 << 20
_BLOCK = tarfile.BLOCKSIZE
_MANIFEST_MOST_BYTES = 256 * 2**20  # some two million files
_NAME_MOST_BYTES = 4096  # PATH_MAX
_CONTROL = re.compile(r"[\x00-\x1f\x7f\\]")

Tell = Callable[[str], None]


def may_be_named(name: str) -> bool:
    """Say whether a member can have this name; one that cannot would not come back."""
    path = PurePosixPath(name)
    return (
        name.isprintable()  # halves of pairs are not: bytes that are no UTF-8
        and not _CONTROL.search(name)
        and str(path) == name
        and not path.is_absolute()
        and ".." not in path.parts
    )


class Member:
    """What is written of one member: counts and hashes on its way to the file."""

    def __init__(self, file: BinaryIO):
        self._file, self._hash, self.size = file, hashlib.sha256(), 0

    def write(self, data: bytes) -> int:
        self._file.write(data)
        self._hash.update(data)
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """GzipFile asks for it; the file is brought to the disk at the end."""

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()


class Writer:
    """Writes an archive into a new seekable file."""

    def __init__(self, file: BinaryIO):
        self._file = file
        self.members: dict[str, tuple[int, str]] = {}  # name: size, SHA-256

    @contextmanager
    def member(self, name: str, mode: int = 0o600) -> Iterator[Member]:
        """Write one member; how long it becomes need not be known before."""
        start = self._file.tell()
        self._file.write(bytes(len(_header(name, 0, mode))))
        member = Member(self._file)
        yield member
        self._file.write(bytes(-member.size % _BLOCK))
        end = self._file.tell()
        self._file.seek(start)
        self._file.write(_header(name, member.size, mode))
        self._file.seek(end)
        self.members[name] = member.size, member.digest

    def finish(self, manifest: dict) -> None:
        """Write the manifest and bring everything to the disk."""
        text = json.dumps(
            {**manifest, "format": FORMAT, "members": self.members}, ensure_ascii=False
        )
        with self.member(MANIFEST) as member:
            member.write(text.encode())
        with self.member(SUM) as last:
            last.write(f"{member.digest}  {MANIFEST}\n".encode())
        self._file.write(bytes(2 * _BLOCK))
        self._file.flush()
        os.fsync(self._file.fileno())


def _header(name: str, size: int, mode: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, mode, int(time.time())
    return info.tobuf(tarfile.GNU_FORMAT)


def _checked(manifest: dict) -> dict[str, int]:
    """Return the sizes of all members; raises what a wrong manifest leads to."""
    kinds = {"engine": str, "program": str, "unpacked": int, "tables": dict}
    kinds |= {"migrations": list, "missing": list}
    for key, kind in kinds.items():
        _a(kind, manifest[key])
    datetime.fromisoformat(manifest["made_at"])
    for app, name in manifest["migrations"]:
        _a(str, app), _a(str, name)
    for rows, total in manifest["tables"].values():
        _a(int, rows), _a(str, total)
    return {
        name: _a(int, size)
        for name, (size, digest) in manifest["members"].items()
        if bytes.fromhex(digest)
    }


def _a(kind: type, value):
    if not isinstance(value, kind):
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


class Archive:
    """A backup that is read; `manifest` is as `Writer.finish` was given it.

    Raises Damaged when the file is not whole or holds what no backup holds, and
    Refused when it cannot be read at all.
    """

    def __init__(self, path: Path):
        self.path = path
        try:
            self._file = open(path, "rb")  # noqa: SIM115 - closed by close()
        except OSError as error:
            raise Refused(
                _("%(path)s cannot be read: %(reason)s.")
                % {"path": path, "reason": error.strerror}
            ) from error
        try:
            self._places = self._scan()  # name: offset, size, mode
            self.manifest = self._read_manifest()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *exception) -> None:
        self._file.close()

    @property
    def names(self) -> list[str]:
        return list(self.manifest["members"])

    @property
    def bytes(self) -> int:
        """How much room everything takes when it is unpacked."""
        return self.manifest["unpacked"] + sum(
            size for name, (_o, size, _m) in self._places.items() if name != DATABASE
        )

    def _damaged(self, reason: str) -> Damaged:
        return Damaged(
            _("%(path)s is no whole backup: %(reason)s.")
            % {"path": self.path, "reason": reason}
        )

    def _scan(self) -> dict[str, tuple[int, int, int]]:
        """Read every header, and nothing else; refuse what no backup holds."""
        found: dict[str, tuple[int, int, int]] = {}
        total = os.fstat(self._file.fileno()).st_size
        long_name = None
        while True:
            block = self._file.read(_BLOCK)
            if len(block) < _BLOCK:
                raise self._damaged(_("it ends too early"))
            if not any(block):
                break
            try:
                info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
            except tarfile.HeaderError as error:
                raise self._damaged(_("its contents cannot be read")) from error
            start = self._file.tell()
            if not 0 <= info.size <= total - start:
                raise self._damaged(_("it ends too early"))
            if info.type == tarfile.GNUTYPE_LONGNAME and long_name is None:
                if info.size > _NAME_MOST_BYTES:
                    raise self._damaged(_("it holds a name that is too long"))
                data = self._file.read(info.size).rstrip(b"\0")
                long_name = data.decode("utf-8", "surrogateescape")
            else:
                name = info.name if long_name is None else long_name
                long_name = None
                self._refuse_hostile(name, info.type, found)
                found[name] = start, info.size, info.mode
            self._file.seek(start + info.size + -info.size % _BLOCK)
        end = self._file.read(_BLOCK + 1)  # the second of two empty blocks
        if len(end) < _BLOCK:
            raise self._damaged(_("it ends too early"))
        if end != bytes(_BLOCK):
            raise self._damaged(_("something was added to it"))
        return found

    def _refuse_hostile(self, name: str, kind: bytes, found: dict) -> None:
        path = PurePosixPath(name)
        is_fit = (
            kind == tarfile.REGTYPE
            and name not in found
            and may_be_named(name)
            and (
                name in (DATABASE, MANIFEST, SUM)
                or (name.startswith(FILES) and len(name) > len(FILES))
                or (name.startswith(SPOOL) and len(path.parts) == 2)
            )
        )
        if not is_fit:
            raise self._damaged(
                _("it holds “%(name)s”, which no backup does")
                % {"name": ascii(name[:100])[1:-1]}
            )

    def _read_manifest(self) -> dict:
        if MANIFEST not in self._places or SUM not in self._places:
            raise self._damaged(_("its list of contents is missing"))
        if self._places[MANIFEST][1] > _MANIFEST_MOST_BYTES:
            raise self._damaged(_("its list of contents is too long"))
        data = b"".join(self._parts(MANIFEST))
        told = b"".join(self._parts(SUM)).decode(errors="replace").partition(" ")[0]
        self.digest = hashlib.sha256(data).hexdigest()
        if told != self.digest:
            raise self._damaged(_("its list of contents was changed"))
        try:
            manifest = json.loads(data)
            if manifest["format"] != FORMAT:
                raise Refused(
                    _("%(path)s was made by a newer version of the portal.")
                    % {"path": self.path}
                )
            sizes = _checked(manifest)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as e:
            raise self._damaged(_("its list of contents cannot be read")) from e
        there = {name: place[1] for name, place in self._places.items()}
        del there[MANIFEST], there[SUM]
        if sizes != there or DATABASE not in there:
            wrong = sorted(set(sizes.items()) ^ set(there.items()))
            raise self._damaged(
                _("“%(name)s” is missing, superfluous or of another size")
                % {"name": wrong[0][0] if wrong else DATABASE}
            )
        return manifest

    def _parts(self, name: str) -> Iterator[bytes]:
        offset, left, _mode = self._places[name]
        self._file.seek(offset)
        while left:
            part = self._file.read(min(left, PART_BYTES))
            if not part:
                raise self._damaged(_("it ends too early"))
            left -= len(part)
            yield part

    def read(self, name: str) -> Iterator[bytes]:
        """Yield a member; raises Damaged at its end when it is not as written."""
        digest = hashlib.sha256()
        for part in self._parts(name):
            digest.update(part)
            yield part
        if digest.hexdigest() != self.manifest["members"][name][1]:
            raise self._damaged(_("“%(name)s” was changed") % {"name": name})

    def check(self, tell: Tell) -> None:
        """Read every byte and compare it with the manifest; raises Damaged."""
        done, total = 0, sum(size for size, _sum in self.manifest["members"].values())
        for name in self.names:
            for part in self.read(name):
                done += len(part)
                tell(
                    _("checking the file: %(percent)d%%")
                    % {"percent": 100 * done / max(total, 1)}
                )

    def unpack(self, name: str, to: Path) -> None:
        """Write a member to a new file: never executable, never anybody else's."""
        mode = self._places[name][2] & 0o660 | 0o600
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with open(os.open(to, flags, mode), "wb") as file:
            for part in self.read(name):
                file.write(part)
