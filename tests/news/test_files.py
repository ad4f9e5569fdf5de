"""Attachments: told by their content, stored under generated names."""

import io
import tracemalloc
import zipfile
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import ExifTags
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo

from news import files
from news.files import TYPES, accept, attach
from news.models import State
from news.storage import private_storage
from tests.factories import make_article


def ole(*streams) -> bytes:
    """What stands in Office's old container: names in UTF-16, the rest nothing."""
    names = b"".join(name.encode("utf-16-le") + b"\0" * 64 for name in streams)
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + names


def zipped(**members) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


def office(folder: str, **extra) -> bytes:
    return zipped(
        **{"[Content_Types].xml": "<x/>", f"{folder}__document.xml": "x"}, **extra
    )


ACCEPTED = [
    (b"%PDF-1.7 ...", "Báo cáo.pdf", "pdf", "Báo cáo.pdf"),
    (b"%PDF-1.7 ...", "bao-cao.exe", "pdf", "bao-cao.pdf"),
    (office("word"), "Tờ trình.docx", "docx", "Tờ trình.docx"),
    (office("xl"), "so-lieu.zip", "xlsx", "so-lieu.xlsx"),
    (office("ppt"), "a.pptx", "pptx", "a.pptx"),
    (zipped(mimetype=TYPES["odt"]), "a.odt", "odt", "a.odt"),
    (zipped(mimetype=TYPES["ods"]), "a.bin", "ods", "a.ods"),
    (zipped(a="x"), "ho-so.zip", "zip", "ho-so.zip"),
    (zipped(a="x"), "ung-dung.apk", "zip", "ung-dung.zip"),
    (ole("WordDocument"), "Công văn.DOC", "doc", "Công văn.doc"),
    (ole("WordDocument", "Workbook"), "co-bang.doc", "doc", "co-bang.doc"),
    (ole("Workbook"), "bang.xls", "xls", "bang.xls"),
    (ole("Workbook"), "ten-sai.doc", "xls", "ten-sai.xls"),
    (ole("PowerPoint Document"), "a.ppt", "ppt", "a.ppt"),
    ("Tên,Số\nA,1\n".encode(), "bang.csv", "csv", "bang.csv"),
    ("Ghi chú".encode("utf-16"), "ghi.txt", "txt", "ghi.txt"),
]


@pytest.mark.parametrize(("data", "name", "kind", "stored"), ACCEPTED)
def test_accepted_files_are_named_for_what_they_are(data, name, kind, stored):
    accepted = accept(ContentFile(data, name=name))
    assert accepted.content_type == TYPES[kind]
    assert accepted.file_name == stored
    assert accepted.size_bytes == len(data)


def picture(format: str, mode="RGB", **options) -> bytes:
    buffer = io.BytesIO()
    Pillow.new(mode, (30, 20), "teal").save(buffer, format, **options)
    return buffer.getvalue()


def located() -> Pillow.Exif:
    """What a phone writes: lying on its side, with a note and a place."""
    exif = Pillow.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.ImageDescription] = "SECRET"
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (21.0, 1.0, 2.0)})
    return exif


NOTED = PngInfo()
NOTED.add_text("Comment", "SECRET")
PICTURES = [
    (picture("JPEG", exif=located(), comment=b"SECRET"), "anh.jpeg", "jpg"),
    (picture("JPEG", "CMYK") + b"SECRET <script>", "anh.png", "jpg"),
    (picture("PNG", exif=located(), pnginfo=NOTED), "anh.png", "png"),
    (picture("PNG", "LA", pnginfo=NOTED), "anh.jpg", "png"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("data", "name", "kind"), PICTURES)
def test_of_a_picture_nothing_but_the_picture_is_kept(data, name, kind):
    attached = attach(make_article(), ContentFile(data, name=name))
    assert (attached.file_name, attached.content_type) == (f"anh.{kind}", TYPES[kind])
    with attached.file.open() as file:
        stored = file.read()
    assert b"SECRET" in data and b"SECRET" not in stored
    assert attached.size_bytes == len(stored)
    shown = Pillow.open(io.BytesIO(stored))
    assert not shown.getexif()
    assert not {"comment", "Comment"} & set(shown.info)
    is_turned = b"Exif" in data or b"eXIf" in data
    assert shown.size == ((20, 30) if is_turned else (30, 20))
    assert ("A" in shown.mode) == (Pillow.open(io.BytesIO(data)).mode == "LA")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xff\xd8\xff\xe0 no picture", "not_a_picture"),
        (b"\x89PNG\r\n\x1a\n no picture", "not_a_picture"),
        (picture("PNG")[:-30], "damaged"),
        (picture("JPEG") + bytes(2000), "too_large"),
    ],
)
def test_a_picture_that_cannot_be_encoded_anew_is_refused(settings, data, code):
    settings.MAX_IMAGE_UPLOAD_BYTES = 2000
    with pytest.raises(ValidationError) as refused:
        accept(ContentFile(data, name="a.jpg"))
    assert refused.value.code == code


REFUSED = [
    (b"MZ\x90\x00 program", "a.pdf"),
    (b"<html><script>alert(1)</script>", "a.txt"),
    (b"  <svg onload=x>", "a.csv"),
    (b"<?xml version='1.0'?>", "a.txt"),
    (b"#!/bin/sh\n", "a.sh"),
    (b"plain words", "a.pdf"),
    (b"a\0b", "a.txt"),
    (b"\xff\xfe\x00", "a.txt"),
    (ole("Installer"), "a.msi"),
    (ole("Installer"), "a.doc"),
    (ole("WordDocument", "_VBA_PROJECT"), "a.doc"),
    (ole("EncryptedPackage"), "a.docx"),
    (b"<html><script>alert(1)</script>", "a.pdf"),
    (b"\n%PDF-1.7 after a blank", "a.pdf"),
    (office("word", word__activeX__activeX1="x"), "a.docx"),
    (office("word", word__vbaProject_bin="x").replace(b"_bin", b".bin"), "a.docm"),
    (b"PK\x03\x04 not a zip", "a.docx"),
    (b"GIF89a", "a.gif"),
    (b"", "a.pdf"),
]


@pytest.mark.parametrize(("data", "name"), REFUSED)
def test_other_files_are_refused(data, name):
    with pytest.raises(ValidationError):
        accept(ContentFile(data, name=name))


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (ole("WordDocument", "_VBA_PROJECT"), "macro"),
        (office("word", word__vbaProject_bin="").replace(b"_bin", b".bin"), "macro"),
        (ole("EncryptedPackage"), "mật khẩu"),
        (b"MZ\x90 program", "Hãy dùng PDF"),
    ],
)
def test_a_refusal_says_what_to_do(data, word):
    with pytest.raises(ValidationError) as refused:
        accept(ContentFile(data, name="a.docx"))
    assert word in refused.value.messages[0]


PAST, FUTURE = timezone.now() - timedelta(days=1), timezone.now() + timedelta(days=1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("overrides", "status"),
    [
        ({}, 200),
        *(
            ({"state": state}, 404)
            for state in State.values
            if state != State.PUBLISHED
        ),
        ({"published_at": FUTURE}, 404),
        ({"published_at": PAST, "expires_at": PAST + timedelta(hours=1)}, 404),
    ],
)
def test_files_of_articles_that_are_not_public_do_not_exist(client, overrides, status):
    attached = attach(make_article(**overrides), ContentFile(b"%PDF-1.7", name="a.pdf"))
    response = client.get(attached.get_absolute_url())
    assert response.status_code == status
    if status == 200:
        assert b"".join(response.streaming_content) == b"%PDF-1.7"
    wrong_name = f"/tai-ve/{attached.pk}/b.pdf"
    assert client.get(wrong_name).status_code == (302 if status == 200 else 404)
    assert client.get(f"/media/{attached.file.name}").status_code == 404


def test_an_archive_that_lies_about_its_sizes_fills_no_memory():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("mimetype", bytes(20 * 2**20))
    size, told = (20 * 2**20).to_bytes(4, "little"), (50).to_bytes(4, "little")
    file = ContentFile(buffer.getvalue().replace(size, told), name="a.odt")
    tracemalloc.start()
    with pytest.raises(ValidationError):
        accept(file)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * 2**20


def test_a_file_over_the_limit_is_refused(settings):
    settings.MAX_ATTACHMENT_BYTES = 10
    with pytest.raises(ValidationError) as refused:
        accept(ContentFile(b"%PDF-1.7 larger", name="a.pdf"))
    assert refused.value.code == "too_large"


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\Lan\\Quyết định 12.2026.pdf", "Quyết định 12-2026.pdf"),
        ("lương.pdf.exe", "lương-pdf.pdf"),
        ("a\u202efdp.exe", "afdp.pdf"),
        ('a"b<c>.pdf', "a-b-c.pdf"),
        ("x" * 300 + ".pdf", "x" * 120 + ".pdf"),
        ("....", "bai.pdf"),
        (".pdf", "pdf.pdf"),
    ],
)
def test_names_are_safe_to_send_and_to_save(name, stored):
    assert files._clean_name(name, "pdf") == stored


@pytest.mark.django_db
def test_what_is_stored_has_a_generated_name_and_goes_with_its_row(
    django_capture_on_commit_callbacks,
):
    article = make_article()
    file = ContentFile(b"%PDF-1.7 x", name="../Kế hoạch.pdf")
    attachment = attach(article, file)
    assert attachment.title == "Kế hoạch"
    assert attachment.file_name == "Kế hoạch.pdf"
    assert "Kế" not in attachment.file.name
    assert private_storage().exists(attachment.file.name)
    with django_capture_on_commit_callbacks(execute=True):
        article.delete()
    assert not private_storage().exists(attachment.file.name)
