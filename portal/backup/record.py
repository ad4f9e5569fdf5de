"""What is known of this site's backups: DATA_DIR/backup.json, in no backup itself."""

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

NAME = "backup.json"
_PROVED_KEPT = 200  # files whose proof is remembered


@dataclass(frozen=True)
class Last:
    """Times are ISO 8601 with an offset, empty when it never happened.

    `proved` holds [file name, size in bytes, when it was made] of files that passed.
    """

    file: str = ""  # the last one that was made
    made_at: str = ""
    missing: int = 0  # files that its database names and it has not
    proved_file: str = ""
    proved_at: str = ""  # when a proof last succeeded
    proved_made_at: str = ""  # when that file was made
    failed_at: str = ""  # of the last proof, if it failed
    proved: tuple = ()

    def proved_of(self) -> datetime | None:
        """Return of when the newest proved backup is; None when there is none."""
        return datetime.fromisoformat(self.proved_made_at) if self.proved_at else None


def last() -> Last | None:
    """Return what is known; None when no backup was ever made or checked here."""
    try:
        stored = json.loads((settings.DATA_DIR / NAME).read_text())
        return Last(**{**stored, "proved": tuple(map(tuple, stored["proved"]))})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _write(known: Last) -> None:
    path = settings.DATA_DIR / NAME
    part = path.with_name(f".{NAME}.{os.getpid()}")
    part.write_text(json.dumps(asdict(known), ensure_ascii=False))
    os.replace(part, path)


def _changed(**values) -> None:
    _write(Last(**{**asdict(last() or Last()), **values}))


def made(path: Path, missing: int) -> None:
    """Remember the newest backup and how many of its files were nowhere."""
    now = timezone.now().isoformat()
    _changed(file=str(path), made_at=now, missing=missing)


def proved(path: Path, made_at: str) -> None:
    """Remember that this file, made at an ISO 8601 time, was proved now."""
    known = last() or Last()
    entry = (path.name, path.stat().st_size, made_at)
    others = tuple(one for one in known.proved if one[0] != path.name)
    values = {"failed_at": "", "proved": (*others, entry)[-_PROVED_KEPT:]}
    # An old file that is proved today is no younger for it.
    if made_at >= known.proved_made_at:
        values |= {
            "proved_file": str(path),
            "proved_at": timezone.now().isoformat(),
            "proved_made_at": made_at,
        }
    _changed(**values)


def failed() -> None:
    _changed(failed_at=timezone.now().isoformat())


def is_proved(path: Path) -> bool:
    known = last()
    size = path.stat().st_size
    return known is not None and any(
        (name, length) == (path.name, size) for name, length, _made in known.proved
    )
