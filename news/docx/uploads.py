"""Word files that wait for their review: in private storage, without a row.

nhap-word/<user>/<token>.docx, with the name it came under beside it. Whoever
uploaded a file is the only one who can name its place; what nobody reviewed within a
day goes at the next upload.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.files.base import ContentFile
from django.utils import timezone

from news.storage import private_storage
from news.text import clean_line

FOLDER = "nhap-word"
KEPT = timedelta(hours=24)
MAX_WAITING = 30  # files of one user: 1.5 GB at most
_TOKEN = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Upload:
    token: str
    name: str  # as uploaded, for people
    at: datetime


def keep(user, file) -> Upload:
    """Store an uploaded file until its review."""
    token, name = secrets.token_hex(16), clean_line(file.name or "")[:200]
    storage = private_storage()
    # The name first: a file without one would never be listed.
    storage.save(_path(user, token, "txt"), ContentFile(name.encode()))
    file.seek(0)
    storage.save(_path(user, token, "docx"), file)
    return Upload(token, name, timezone.now())


def open_file(user, token: str):
    """Return the file, open for reading; None when this user has no such file."""
    if not _TOKEN.fullmatch(token):
        return None
    try:
        return private_storage().open(_path(user, token, "docx"))
    except FileNotFoundError:
        return None


def waiting(user) -> list[Upload]:
    """Return the files of `user` that wait, the oldest first."""
    storage, found = private_storage(), []
    for token in _tokens(user.pk):
        try:
            with storage.open(_path(user, token, "txt")) as file:
                name = file.read().decode("utf-8", "replace")
            at = storage.get_modified_time(_path(user, token, "docx"))
        except FileNotFoundError:
            continue  # reviewed in another tab meanwhile, or half uploaded
        found.append(Upload(token, name, at))
    return sorted(found, key=lambda upload: (upload.at, upload.name))


def discard(user, token: str) -> None:
    if _TOKEN.fullmatch(token):
        for suffix in ("docx", "txt"):
            private_storage().delete(_path(user, token, suffix))


def remove_old() -> None:
    """Remove what nobody reviewed, of all users."""
    storage, limit = private_storage(), timezone.now() - KEPT
    for folder in _list(FOLDER)[0]:
        for name in _list(f"{FOLDER}/{folder}")[1]:
            path = f"{FOLDER}/{folder}/{name}"
            try:
                if storage.get_modified_time(path) < limit:
                    storage.delete(path)
            except FileNotFoundError:
                continue


def _path(user, token: str, suffix: str) -> str:
    return f"{FOLDER}/{int(user.pk)}/{token}.{suffix}"


def _tokens(user_pk: int) -> list[str]:
    names = [name.partition(".") for name in _list(f"{FOLDER}/{int(user_pk)}")[1]]
    return [
        token
        for token, _dot, suffix in names
        if suffix == "docx" and _TOKEN.fullmatch(token)
    ]


def _list(folder: str) -> tuple[list[str], list[str]]:
    try:
        return private_storage().listdir(folder)
    except FileNotFoundError:
        return [], []
