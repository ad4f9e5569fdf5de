"""Files that nobody's row names, and files that are not what their row says."""

import gzip
import hashlib
import os
import re
import time
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import brotli
from django.conf import settings
from django.utils.translation import gettext as _

from news.docx.uploads import FOLDER as WORD_FOLDER
from news.files import TYPES
from news.models import Attachment, Image
from news.storage import private_storage, rendition_storage
from portal import generation
from portal.generation import Edition
from portal.integrity import markup
from portal.integrity.findings import Finding, Tell
from portal.integrity.visiting import Inspector, sum_of
from portal.mirror.addresses import link
from portal.mirror.folder import files_in

# news.images names a rendition after its picture's original and the content.
_RENDITION = re.compile(r"anh/[0-9a-f]{2}/([0-9a-f]{24})-[0-9]+\.(?:avif|jpg|png)")
# As uploads write them, before their row is there.
_OURS = re.compile(
    rf"{_RENDITION.pattern}|(?:originals|attachments)/[0-9a-f/]+\.[a-z0-9]+"
)
UPLOAD_SECONDS = 3600
STRAY = "stray_file"  # the kind of a finding that an interrupted upload may have left
_UPLOADED = {*TYPES, "avif", "jpg", "png"}
_WORD_FILE = re.compile(rf"{WORD_FOLDER}/[0-9]+/[0-9a-f]{{32}}\.(?:docx|txt)")
_PAGE = re.compile(r"([^/]+)/((?:[A-Za-z0-9_-]+/)*)(index\.html(?:\.gz|\.br)?)")
# Being written by a worker this very moment.
_PART_OF_PAGE = re.compile(r"(?:.*/)?\.index\.html(?:\.gz|\.br)?\.[0-9]+\.[0-9]+")
_PAGE_LINKS = {"current", "previous"}


def check_media(tell: Tell) -> list[Finding]:
    """Compare the public pictures with the renditions of the database."""
    root, known, found = Path(rendition_storage().location), set(), []
    rows = Image.objects.order_by("pk").values_list("pk", "file", "renditions")
    for number, (pk, original, renditions) in enumerate(rows.iterator()):
        if number % 100 == 0:
            tell("media", number)
        for name in _names(renditions):
            known.add(name)
            if fault := _rendition_fault(root / name, name, original):
                place = f"{settings.MEDIA_URL}{name}"
                expected = _("the picture that was made of picture %(number)d")
                found.append(Finding("media", place, fault, expected % {"number": pk}))
    return found + _unknown(root, lambda name: name in known)


def _names(renditions: dict) -> Iterator[str]:
    for rendition in renditions.values():
        yield from (v for k, v in rendition.items() if k not in ("w", "h"))


def _rendition_fault(path: Path, name: str, original: str) -> str:
    match = _RENDITION.fullmatch(name)
    try:
        content = path.read_bytes()
    except OSError:
        return _("is gone")
    bare = str(PurePosixPath(original).with_suffix(""))
    sums = {
        hashlib.sha256(token.encode() + content).hexdigest()[:24]
        for token in (original, bare)
    }
    return "" if match and match[1] in sums else _("was changed")


def check_private(tell: Tell) -> list[Finding]:
    """Name private files that no row names; their contents have seals of their own."""
    tell("private", 0)
    known = {
        *Image.objects.order_by().values_list("file", flat=True),
        *Attachment.objects.order_by().values_list("file", flat=True),
    }
    return _unknown(
        Path(private_storage().location),
        lambda name: name in known or _WORD_FILE.fullmatch(name),
    )


def _unknown(root: Path, is_known) -> list[Finding]:
    found = []
    for name in sorted(_everything_in(root)):
        if is_known(name):
            continue
        kind, path = "unknown_file", root / name
        what, expected = _("no row of the database names this file"), _("no such file")
        if _OURS.fullmatch(name):
            if _is_new(path):
                continue
            if path.suffix[1:] in _UPLOADED and not path.is_symlink():
                kind = STRAY
                what = _(
                    "no row of the database names this file; it is named as uploads "
                    "are, so it may be of one that was interrupted"
                )
                expected = _(
                    "no such file; “stray_files” names it once it is older than a "
                    "day, and “stray_files --remove” removes it"
                )
        found.append(Finding(kind, str(path), what, expected))
    return found


def _is_new(path: Path) -> bool:
    """Say whether a file may belong to an upload that goes on; its row comes after it.

    By the time of its last change of any kind, which nobody can set back.
    """
    try:
        return time.time() - path.lstat().st_ctime < UPLOAD_SECONDS
    except FileNotFoundError:
        return True


def _everything_in(root: Path) -> Iterator[str]:
    """Yield all files, and links to folders, which could lead anywhere."""
    yield from files_in(root)
    for here, folders, _files in os.walk(root):
        for name in folders:
            if Path(here, name).is_symlink():
                yield Path(here, name).relative_to(root).as_posix()


def check_pages(inspector: Inspector, tell: Tell) -> list[Finding]:
    """Compare the pages on disk with what the site makes; other files are named."""
    root, found = settings.PAGES_DIR, []
    present = generation.refresh().name
    for number, name in enumerate(sorted(_everything_in(root))):
        if number % 500 == 0:
            tell("pages", number)
        match = _PAGE.fullmatch(name)
        if _PART_OF_PAGE.fullmatch(name) or name in _PAGE_LINKS:
            continue
        if match is None or Edition.named(match[1]) is None:
            what = _("this is no page of the site")
            found.append(
                Finding("unknown_file", str(root / name), what, _("no such file"))
            )
            continue
        if fault := _page_fault(root / name, match, present, inspector):
            found.append(Finding("page_file", str(root / name), *fault))
    return found


def _page_fault(path, match, present: str, inspector) -> tuple[str, str] | None:
    address = f"/{match[2]}"
    try:
        body = _unpacked(path)
    except FileNotFoundError:
        return None  # its edition was swept away meanwhile
    except (OSError, EOFError, zlib.error, brotli.error):
        return _("cannot be read"), _("a page of the site")
    if match[1] != present:  # nobody knows what was right then, but this never is
        faults = markup.faults_of_page(
            body.decode(errors="replace"), address, inspector.vouched.explains
        )
        return faults[0][1:] if faults else None
    for _try in range(2):  # what the walk saw may have been changed since
        if inspector.made.get(address) == sum_of(body):
            return None
        inspector.inspect(address)
    if generation.refresh().name != present:
        return None  # another edition began meanwhile
    what = _("the stored page is another than the one the site makes")
    return what, _("the page at %(address)s") % {"address": link(address)}


def _unpacked(path: Path) -> bytes:
    body = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(body)
    return brotli.decompress(body) if path.suffix == ".br" else body
