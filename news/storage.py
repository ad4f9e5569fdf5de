"""Where files lie: originals and attachments are private, renditions public.

Names are generated: nothing a person typed becomes a path.
"""

import contextlib
import os
import secrets
from pathlib import PurePosixPath

from django.core.files.storage import FileSystemStorage, storages


class WholeFileStorage(FileSystemStorage):
    """Files as Django keeps them, but none that is only half there.

    Its own leaves what was written before the disk was full.
    """

    def _save(self, name, content):
        path = self.path(name)
        was_there = os.path.lexists(path)  # then Django takes another name
        try:
            return super()._save(name, content)
        except BaseException:
            if not was_there:
                with contextlib.suppress(OSError):
                    os.remove(path)
            raise


def private_storage():
    """Storage that no web server shows: uploaded originals and attachments."""
    return storages["private"]


def rendition_storage():
    """Storage behind /media/: finished renditions with content-hashed names."""
    return storages["default"]


def _generated(folder: str, filename: str) -> str:
    suffix = PurePosixPath(filename).suffix.lower()
    if not suffix[1:].isalnum() or not suffix.isascii():
        suffix = ""
    token = secrets.token_hex(16)
    return f"{folder}/{token[:2]}/{token}{suffix[:8]}"


def original_path(instance, filename: str) -> str:
    return _generated("originals", filename)


def attachment_path(instance, filename: str) -> str:
    return _generated("attachments", filename)
