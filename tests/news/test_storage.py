"""A file is there whole or not at all."""

import errno
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from news.storage import WholeFileStorage


class Endless(ContentFile):
    """Content during which the disk becomes full."""

    def chunks(self, chunk_size=None):
        yield b"half of it"
        raise OSError(errno.ENOSPC, "No space left on device")


def files(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_file_for_which_there_is_no_room_leaves_nothing(tmp_path):
    storage = WholeFileStorage(location=tmp_path)
    with pytest.raises(OSError, match="No space"):
        storage.save("ab/a.pdf", Endless(b""))
    assert files(tmp_path) == {}
    storage.save("ab/a.pdf", ContentFile(b"all"))
    assert files(tmp_path) == {"a.pdf": b"all"}


def test_a_file_of_the_same_name_is_left_alone(tmp_path):
    storage = WholeFileStorage(location=tmp_path)
    storage.save("a.pdf", ContentFile(b"first"))
    with pytest.raises(OSError, match="No space"):
        storage._save("a.pdf", Endless(b""))
    assert files(tmp_path)["a.pdf"] == b"first"


@pytest.mark.parametrize("alias", ["default", "private"])
def test_pictures_and_attachments_are_kept_that_way(alias):
    assert isinstance(storages[alias], WholeFileStorage)
