"""A file is there whole or not at all."""

import errno
import re
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from news.storage import WholeFileStorage, attachment_path, original_path


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


@pytest.mark.parametrize(
    "ending", ["", ".JPG", ".ph p", ".é", ".\0", ".x" * 9, "/..", "."]
)
def test_of_a_name_that_somebody_typed_nothing_but_its_ending_is_kept(ending):
    for folder, path in (
        ("originals", original_path),
        ("attachments", attachment_path),
    ):
        made = path(None, f"../tên{ending}")
        assert re.fullmatch(
            rf"{folder}/[0-9a-f]{{2}}/[0-9a-f]{{32}}(\.[a-z0-9]+)?", made
        )


@pytest.mark.parametrize("alias", ["default", "private"])
def test_pictures_and_attachments_are_kept_that_way(alias):
    assert isinstance(storages[alias], WholeFileStorage)
