"""The program's own files: what they were when the site was last sealed.

The baseline lists the SHA-256 of every file of the program, of the packages it runs
with and of the collected static files. It lies in DATA_DIR/integrity and is sealed, so
whoever can write files, but does not know SECRET_KEY, cannot make another.
"""

import hashlib
import os
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.integrity import keys
from portal.integrity.findings import Finding, Tell

NAME = "baseline.json"
STATIC = "STATIC_ROOT"  # under this name in the baseline
_OWN = ("manage.py", "news", "portal", "search", "static", "stats", "templates")


def roots() -> dict[str, Path]:
    """Return {name in the baseline: file or folder}."""
    found = {name: settings.BASE_DIR / name for name in _OWN}
    found[STATIC] = settings.STATIC_ROOT
    if sys.prefix != sys.base_prefix:  # a system's own packages are the system's
        found["site-packages"] = Path(sysconfig.get_path("purelib"))
    return found


def present(tell: Tell) -> dict[str, str]:
    """Return {path: SHA-256 in hex} of all files that are there."""
    found = {}
    for name, root in roots().items():
        for path in _files(root):
            if len(found) % 500 == 0:
                tell(name, len(found))
            within = path.relative_to(root).as_posix()
            found[name if path == root else f"{name}/{within}"] = _sum(path)
    return found


def _files(root: Path) -> Iterator[Path]:
    if root.is_file():
        yield root
        return
    for here, folders, names in os.walk(root):
        # Python writes these as it runs.
        folders[:] = [name for name in folders if name != "__pycache__"]
        yield from (Path(here, name) for name in names)
        for name in folders:  # not gone into
            if Path(here, name).is_symlink():
                yield Path(here, name)


def _sum(path: Path) -> str:
    try:
        if path.is_symlink():
            return f"-> {path.readlink()}"
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return f"({error.strerror})"


def seal(tell: Tell) -> int:
    """Take the files as they are for right; return how many. Raises OSError."""
    files = present(tell)
    contents = {"made_at": timezone.now().isoformat(), "files": files}
    keys.write_sealed(NAME, contents)
    return len(files)


def is_sealed() -> bool:
    return (keys.folder() / NAME).exists()


def check(tell: Tell) -> list[Finding]:
    """Name files that were changed, added or removed since the site was sealed."""
    place = str(keys.folder() / NAME)
    try:
        baseline = keys.read_sealed(NAME)
    except keys.Forged:
        what = _("the list of the program's files was not written by the application")
        return [Finding("baseline", place, what, _("sealed with SECRET_KEY"))]
    if baseline is None:
        what = _("there is no list of the program's files")
        expected = _("“audit_site --seal” was run after the installation")
        return [Finding("baseline", place, what, expected)]
    known, now = baseline["files"], present(tell)
    found = []
    for path in sorted(known.keys() | now.keys()):
        before, after = known.get(path), now.get(path)
        if before == after:
            continue
        if before is None:
            kind, what = "program_added", _("is new")
            expected = _("no such file")
        else:
            kind = "program_removed" if after is None else "program_changed"
            what = _("is gone") if after is None else _("was changed")
            expected = _("SHA-256 %(sum)s") % {"sum": before}
        found.append(Finding(kind, path, what, expected))
    return found
