"""Files of pictures and attachments that no row names, and rows whose file is gone.

A file is written before its row is committed; a process killed in between leaves it
without one. It is never shown to anybody, and takes room only.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from news.models import Attachment, Image
from news.storage import private_storage, rendition_storage

# Of everything that is being uploaded the file is younger, its row not yet there.
MIN_AGE_SECONDS = 24 * 3600
_PRIVATE = ("originals", "attachments")


@dataclass(frozen=True)
class Found:
    strays: list[Path]
    missing: list[str]  # names that a row holds, relative to their storage


def look(min_age_seconds: float = MIN_AGE_SECONDS) -> Found:
    """Compare files with rows; reads every row of a picture and an attachment once."""
    private, public = Path(private_storage().location), rendition_storage().location
    public = Path(public)
    # Files first: one whose row comes meanwhile is then known, not stray.
    there = {path for name in _PRIVATE for path in _files(private / name)}
    there |= set(_files(public))
    wanted = {private / name for name in _originals()}
    wanted |= {public / name for name in _renditions()}
    oldest = time.time() - min_age_seconds
    strays = sorted(path for path in there - wanted if _made(path) <= oldest)
    missing = sorted(str(p) for p in wanted - there if not p.exists())
    return Found(strays, missing)


def remove(strays: Iterable[Path]) -> None:
    for path in strays:
        path.unlink(missing_ok=True)


def _originals() -> Iterator[str]:
    for model in (Image, Attachment):
        yield from model._base_manager.values_list("file", flat=True).iterator()


def _renditions() -> Iterator[str]:
    rows = Image._base_manager.values_list("renditions", flat=True)
    for renditions in rows.iterator():
        for sizes in (renditions or {}).values():
            yield from (name for key, name in sizes.items() if key not in ("w", "h"))


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _made(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")
