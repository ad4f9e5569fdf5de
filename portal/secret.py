"""The generated secret key of a site that was given none; files kept from others."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def read_or_make_secret(path: Path) -> str:
    """Return the key in `path`, made once with mode 0600.

    Two processes that start together agree: the file appears complete by a
    hard link, and whoever is second reads the first one's. Raises
    ImproperlyConfigured when the folder cannot be written.
    """
    try:
        if not path.exists():
            part = path.with_name(f".{path.name}.{os.getpid()}")
            with open(os.open(part, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(50))
            try:
                os.link(part, path)
            except FileExistsError:
                pass
            finally:
                part.unlink()
        return path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"DATA_DIR={str(path.parent)!r} không ghi được: {error.strerror}."
        ) from error


def is_open_to_all(path: Path) -> bool:
    """Say whether every account of the machine may read or change the file `path`.

    What its group may do is left to the operator: nginx's user is one of it.
    """
    try:
        return bool(path.stat().st_mode & 0o006) and bool(
            path.parent.stat().st_mode & 0o001
        )
    except OSError:
        return False
