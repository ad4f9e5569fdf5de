"""What only somebody with SECRET_KEY can write: digests, and files under a digest."""

import json
import os
from datetime import UTC, date, datetime, time
from pathlib import Path

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

_SALT = "portal.integrity"


def canonical(value) -> str:
    """Return JSON that is the same for equal values, on every database."""
    return json.dumps(
        value,
        default=_plain,
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )


def _plain(value) -> str:
    if isinstance(value, datetime | time):  # dumpdata writes milliseconds
        value = value.replace(microsecond=value.microsecond // 1000 * 1000)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date | time) else str(value)


def digest(name: str, contents, secret: str | None = None) -> str:
    """Return 64 hex digits for `contents` (what JSON holds, days and times) of `name`.

    HMAC-SHA256 with a key that is derived from SECRET_KEY.
    """
    text = canonical([name, contents])
    return salted_hmac(_SALT, text, secret=secret, algorithm="sha256").hexdigest()


def fits(found: str, name: str, contents) -> bool:
    """Say whether a digest was made of this, with SECRET_KEY or one before it."""
    return any(
        constant_time_compare(found, digest(name, contents, secret))
        for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    )


def folder() -> Path:
    """Where the sealed files lie; made when something is written."""
    return settings.DATA_DIR / "integrity"


def write_sealed(name: str, contents: dict) -> None:
    """Write DATA_DIR/integrity/`name`, whole or not at all; raises OSError."""
    path = folder() / name
    path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    part = path.with_name(f".{name}.{os.getpid()}")
    try:
        with open(part, "w", encoding="utf-8") as file:
            file.write(
                canonical({"contents": contents, "digest": digest(name, contents)})
            )
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


class Forged(Exception):
    """A sealed file was written by somebody without the key, or is damaged."""


def read_sealed(name: str) -> dict | None:
    """Return the contents of a sealed file, None where there is none.

    Raises Forged.
    """
    try:
        kept = json.loads((folder() / name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise Forged(name) from error
    contents = kept.get("contents") if isinstance(kept, dict) else None
    if not isinstance(contents, dict) or not isinstance(kept.get("digest"), str):
        raise Forged(name)
    if not fits(kept["digest"], name, contents):
        raise Forged(name)
    return contents
