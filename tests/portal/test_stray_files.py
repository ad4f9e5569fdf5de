"""Files without a row are named, and removed only when somebody asks."""

import os
import time
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from news.storage import private_storage, rendition_storage
from portal import stray_files
from tests.factories import make_image

pytestmark = pytest.mark.django_db


def put(root: str, name: str, age_hours: float = 48) -> Path:
    path = Path(root) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    made = time.time() - age_hours * 3600
    os.utime(path, (made, made))
    return path


@pytest.fixture
def stored(tmp_path, settings):
    """A picture with its files, in folders of this test."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "media", "base_url": "/media/"},
        },
        "private": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "private", "base_url": None},
        },
    }
    image = make_image()
    put(private_storage().location, image.file.name)
    for size in image.renditions.values():
        for key, name in size.items():
            if key not in ("w", "h"):
                put(rendition_storage().location, name)
    assert stray_files.look() == stray_files.Found([], [])
    return image


def test_an_old_file_without_a_row_is_a_stray(stored):
    strays = [
        put(private_storage().location, "attachments/ab/abc.pdf"),
        put(private_storage().location, "originals/ab/abc.jpg"),
        put(rendition_storage().location, "anh/ab/abcabc-480.jpg"),
    ]
    assert stray_files.look().strays == sorted(strays)


def test_what_may_still_get_its_row_is_none(stored):
    put(private_storage().location, "attachments/ab/new.pdf", age_hours=1)
    # A Word file that waits for its review has no row, and its own rules.
    put(private_storage().location, "nhap-word/1/abc.docx")
    assert stray_files.look().strays == []


def test_a_row_whose_file_is_gone_is_named(stored):
    Path(private_storage().path(stored.file.name)).unlink()
    (missing,) = stray_files.look().missing
    assert missing.endswith(stored.file.name)
    with pytest.raises(SystemExit):
        call_command("stray_files", stdout=StringIO(), stderr=StringIO())


def test_the_command_removes_when_asked_to(stored):
    stray = put(private_storage().location, "attachments/ab/abc.pdf")
    out = StringIO()
    call_command("stray_files", stdout=out, stderr=StringIO())
    assert str(stray) in out.getvalue()
    assert stray.exists()
    call_command("stray_files", "--remove", stdout=StringIO(), stderr=StringIO())
    assert not stray.exists()
    assert stray_files.look() == stray_files.Found([], [])
