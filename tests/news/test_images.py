"""Pictures: what is refused, what is taken away, what is made, what is cleaned up."""

import io
import shutil
from pathlib import Path

import pi_heif
import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test import override_settings
from PIL import Image as Pillow
from PIL import ImageFile

from news import decode, images
from news.models import Image
from portal.media import _NAME, Media
from tests.door import Reader

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.once,  # what is made of a picture is Python's
]

# A photograph as an iPhone gives it: 480 x 320 pixels lying on their side, turned by
# the file's own transformation (irot) and, for older programs, by EXIF orientation 6
# too; EXIF with a place and "Secret phone"; colours in Display P3; a thumbnail; a
# second picture. Drawn with Pillow (green, a red corner, a white disc), encoded by
# heif-enc 1.15 (Debian's libheif-examples: heif-enc -q 40 -t 64 a.jpg b.jpg), the
# transformation and the colour profile written in by hand. ten_bit.heic is the same
# drawing at 120 x 80 from a 16-bit PNG (heif-enc -q 50 -b 10).
FIXTURES = Path(__file__).parent / "fixtures"
PHONE = (FIXTURES / "phone.heic").read_bytes()
TEN_BIT = (FIXTURES / "ten_bit.heic").read_bytes()
ORIENTATION, GPS, MODEL = 0x0112, 0x8825, 0x0110


@pytest.fixture(autouse=True)
def folders(settings):
    """The test run's own storages, emptied, so that what is left can be counted."""
    for name in ("media", "private"):
        shutil.rmtree(settings.DATA_DIR / name, ignore_errors=True)
    return settings.DATA_DIR


def files_in(folder) -> list[str]:
    return sorted(
        str(path.relative_to(folder))
        for name in ("media", "private")
        for path in (folder / name).rglob("*")
        if path.is_file()
    )


def picture(width=1600, height=900, colour="teal", mode="RGB"):
    return Pillow.new(mode, (width, height), colour)


def encoded(image, format="JPEG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def upload(data: bytes, name="anh.jpg"):
    return ContentFile(data, name=name)


def content(path: str, storage="default") -> bytes:
    with storages[storage].open(path) as file:
        return file.read()


def opened(path: str):
    image = Pillow.open(io.BytesIO(content(path)))
    image.load()
    return image


def test_a_photograph_gets_its_renditions():
    image = images.create_image(upload(encoded(picture())), title="Cảng")
    assert set(image.renditions) == {"480", "800", "1200", "og"}
    assert (image.width, image.height) == (1600, 900)
    for key, (width, height) in {"480": (480, 270), "1200": (1200, 675)}.items():
        rendition = image.renditions[key]
        assert (rendition["w"], rendition["h"]) == (width, height)
        assert opened(rendition["avif"]).size == (width, height)
        assert opened(rendition["jpg"]).size == (width, height)
    assert opened(image.renditions["og"]["jpg"]).size == (1200, 630)


def test_names_are_those_that_are_served():
    image = images.create_image(
        upload(encoded(picture(900, 900, (0, 0, 0, 0), "RGBA"), "PNG")), title="Dấu"
    )
    for rendition in image.renditions.values():
        for kind in {"avif", "jpg", "png"} & set(rendition):
            assert _NAME.fullmatch("/media/" + rendition[kind])


def noise(amount: int) -> bytes:
    """At 800 px and full quality, an amount of 25 makes 80 KB of AVIF, 10 makes 32."""
    grey = Pillow.effect_noise((1200, 800), amount)
    return encoded(Pillow.merge("RGB", [grey] * 3), quality=95)


def test_no_address_leads_out_of_the_folder_of_pictures(tmp_path):
    name = "640/ab/abcdef0123456789.png"
    for file in (tmp_path / "media" / name, tmp_path / name):
        file.parent.mkdir(parents=True)
        file.write_bytes(b"a picture")
    door = Media(lambda environ, start: start("404 Not Found", []) or [])
    door.root = tmp_path / "media"
    assert Reader(door)(f"/media/{name}")[0] == 200
    for way in ("../", "640/../../", "640/ab/../../../", f"/{tmp_path}/"):
        assert Reader(door)(f"/media/{way}{name}")[0] == 404


def test_a_busy_picture_loses_quality_where_a_phone_would_wait():
    image = images.create_image(upload(noise(25)), title="Đám đông")
    sizes = {
        key: len(content(image.renditions[key]["avif"])) for key in ("800", "1200")
    }
    assert sizes["800"] <= images.PHONE_MAX_BYTES
    assert sizes["1200"] > 2 * images.PHONE_MAX_BYTES, "not for phones: it stays good"


def test_a_calm_picture_keeps_its_quality():
    image = images.create_image(upload(noise(10)), title="Yên tĩnh")
    assert len(content(image.renditions["800"]["avif"])) > 25_000


@pytest.mark.parametrize(
    ("width", "widths"),
    [(300, [300]), (480, [480]), (700, [480, 700]), (900, [480, 800, 900])],
)
def test_nothing_is_made_larger_than_it_came(width, widths):
    image = images.create_image(upload(encoded(picture(width, 300))), title="Nhỏ")
    numbers = [key for key in image.renditions if key.isdigit()]
    assert [image.renditions[key]["w"] for key in numbers] == widths
    assert image.renditions["og"]["w"] <= width


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (3000, 1)])
def test_tiny_and_thin_pictures_work(size):
    image = images.create_image(upload(encoded(picture(*size), "PNG")), title="Mảnh")
    assert (image.width, image.height) == size


def test_a_turned_photograph_stands_upright_and_forgets_where_it_was_taken():
    exif = Pillow.Exif()
    exif[ORIENTATION] = 6  # lies on its side
    exif[MODEL] = "Secret camera"
    exif[GPS] = {1: "N", 2: (20.0, 57.0, 3.0)}
    data = encoded(picture(900, 600), exif=exif, comment=b"secret comment")
    assert b"Secret camera" in data
    image = images.create_image(upload(data), title="Nằm")
    assert (image.width, image.height) == (600, 900)
    stored = content(image.file.name, "private")
    for data in [stored, *all_renditions(image)]:
        assert not Pillow.open(io.BytesIO(data)).getexif()
        for secret in (b"Secret camera", b"secret comment"):
            assert secret not in data


def all_renditions(image) -> list[bytes]:
    return [
        content(rendition[kind])
        for rendition in image.renditions.values()
        for kind in {"avif", "jpg", "png"} & set(rendition)
    ]


def test_a_transparent_emblem_keeps_a_png_and_is_white_elsewhere():
    emblem = picture(600, 600, (255, 0, 0, 0), "RGBA")
    image = images.create_image(upload(encoded(emblem, "PNG")), title="Biểu trưng")
    logo = opened(image.renditions["logo"]["png"])
    assert logo.size == (400, 400)
    assert logo.convert("RGBA").getpixel((5, 5))[3] == 0
    assert opened(image.renditions["480"]["jpg"]).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("format", "mode", "colour"),
    [
        ("PNG", "P", 3),
        ("PNG", "L", 90),
        ("PNG", "1", 1),
        ("PNG", "I;16", 40000),
        ("JPEG", "CMYK", (10, 20, 30, 40)),
        ("GIF", "P", 1),
        ("WEBP", "RGBA", (1, 2, 3, 4)),
        ("AVIF", "RGB", "navy"),
    ],
)
def test_every_usual_kind_of_picture_is_taken(format, mode, colour):
    data = encoded(picture(500, 400, colour, mode), format)
    image = images.create_image(upload(data), title=format)
    assert opened(image.renditions["480"]["jpg"]).mode == "RGB"


def test_a_photograph_of_an_iphone_is_turned_once_and_forgets_where_it_was_taken():
    assert b"Secret phone" in PHONE
    image = images.create_image(upload(PHONE, "IMG_2041.HEIC"), title="iPhone")
    assert (image.width, image.height) == (320, 480)
    assert image.file.name.endswith(".jpg")
    shown = opened(image.renditions["480"]["jpg"])
    red, green, blue = shown.getpixel((300, 20))  # the corner of the drawing
    assert red > 180
    assert max(green, blue) < 70
    for data in [content(image.file.name, "private"), *all_renditions(image)]:
        made = Pillow.open(io.BytesIO(data))
        assert not made.getexif()
        assert not made.info.get("icc_profile")
        assert b"Secret phone" not in data


def test_colours_of_a_phone_are_brought_to_those_of_screens():
    image = images.create_image(upload(PHONE), title="iPhone")
    red, green, _blue = opened(image.renditions["480"]["jpg"]).getpixel((20, 300))
    # (30, 120, 59) in Display P3 is a deeper green in sRGB.
    assert red < 15
    assert abs(green - 121) < 12


def test_ten_bits_a_colour_become_eight():
    image = images.create_image(upload(TEN_BIT), title="10 bit")
    shown = opened(image.renditions["480"]["jpg"])
    assert shown.mode == "RGB"
    red, green, blue = shown.getpixel((100, 70))
    assert abs(green - 120) < 12
    assert red < 50
    assert blue < 80


def test_a_heic_file_with_alpha_counts_as_transparent(monkeypatch):
    # pi_heif cannot write one, so its decoded picture stands for it.
    cut_out = Pillow.new("RGBa", (600, 400), (0, 0, 0, 0))
    monkeypatch.setattr(decode.Pillow, "open", lambda *args, **kwargs: cut_out)
    assert decode.decoded(b"").mode == "RGBA"


def with_size(data: bytes, width: int, height: int) -> bytes:
    """Return HEIC data whose header claims another size of its pictures."""
    place = data.find(b"ispe")
    while place > 0:
        sides = width.to_bytes(4, "big") + height.to_bytes(4, "big")
        data = data[: place + 8] + sides + data[place + 16 :]
        place = data.find(b"ispe", place + 4)
    return data


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (with_size(PHONE, 9000, 6000), "too_many_pixels"),
        (with_size(PHONE, 20_001, 100), "too_many_pixels"),
        (with_size(PHONE, 100, 60), "damaged"),  # more pixels than it says
        (PHONE[:-900], "not_a_picture"),
        (PHONE[:200], "not_a_picture"),
    ],
)
def test_a_hostile_heic_file_is_refused(data, code, folders, monkeypatch):
    if code == "too_many_pixels":
        monkeypatch.setattr(pi_heif.HeifImage, "load", lambda self: pytest.fail("read"))
    with pytest.raises(ValidationError) as refused:
        images.create_image(upload(data, "a.heic"), title="Xấu")
    assert refused.value.code == code
    assert files_in(folders) == []


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'<?xml version="1.0"?><svg xmlns="x"/>', "SVG"),
        (b"\xef\xbb\xbf <SVG onload=x>", "SVG"),
        (b"\x01\0\0\0" + b"\0" * 36 + b" EMF", "Save as Picture"),
        (b"\xd7\xcd\xc6\x9a\0\0", "Save as Picture"),
        (b"\x01\0\x09\0\0\3", "Save as Picture"),
        (b"8BPS\0\1", "Photoshop"),
        (b"II*\0\x08", "RAW"),
        (b"MM\0*\0\0", "RAW"),
        (b"\0\0\0\x18ftypcrx ", "RAW"),
        (b"FUJIFILMCCD-RAW 0201", "RAW"),
        (b"BM\0\0", "BMP"),
        (b"%PDF-1.7", "Tệp đính kèm"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "Tệp đính kèm"),
        (b"PK\x03\x04...", "Tệp đính kèm"),
        (b"{\\rtf1", "Tệp đính kèm"),
        (b"\0\0\0\x14ftypqt  ", "Live Photo"),
        (b"RIFF\0\0\0\0AVI LIST", "đoạn phim"),
        (b"\0\0\0\x18ftypheic\0\0", "hỏng"),
        (b"\x7fELF", "Hãy lưu thành JPEG hoặc PNG"),
    ],
)
def test_what_is_no_picture_is_told_what_it_is(data, words):
    with pytest.raises(ValidationError) as refused:
        images.check(upload(data, "anh.jpg"))
    assert words in refused.value.messages[0]


def test_the_type_is_told_by_content_and_not_by_name():
    image = images.create_image(
        upload(encoded(picture(50, 50), "PNG"), "anh.exe.jpg"), title="Tên sai"
    )
    assert image.file.name.endswith(".jpg")
    assert "anh" not in image.file.name


def bomb() -> bytes:
    """144 million pixels of one colour: a few kilobytes."""
    return encoded(Pillow.new("1", (12_000, 12_000)), "PNG")


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: SVG, "not_a_picture"),
        (lambda: b"<html><script>alert(1)</script>", "not_a_picture"),
        (lambda: b"", "not_a_picture"),
        (lambda: encoded(picture(400, 400), "BMP"), "not_a_picture"),
        (lambda: encoded(picture(400, 400), "TIFF"), "not_a_picture"),
        (bomb, "too_many_pixels"),
        (lambda: encoded(picture(8000, 6300)), "too_many_pixels"),
        (lambda: encoded(Pillow.new("1", (20_001, 2)), "PNG"), "too_many_pixels"),
        (lambda: encoded(picture(900, 900, "red"))[:-900], "damaged"),
        (lambda: encoded(Pillow.effect_noise((90, 90), 9), "PNG")[:3000], "damaged"),
    ],
    ids=[
        *("svg", "html", "empty", "bmp", "tiff", "bomb", "large", "strange shape"),
        *("cut jpeg", "cut png"),
    ],
)
def test_a_refused_upload_leaves_no_row_and_no_file(make, code, folders):
    with pytest.raises(ValidationError) as refused:
        images.create_image(upload(make()), title="Xấu")
    assert refused.value.code == code
    assert Image.objects.count() == 0
    assert files_in(folders) == []


@pytest.mark.parametrize("make", [bomb, lambda: encoded(Pillow.new("L", (20_001, 9)))])
def test_too_many_pixels_are_refused_before_one_is_decoded(make, monkeypatch):
    def decode(self):
        raise AssertionError("decoded")

    data = make()
    monkeypatch.setattr(ImageFile.ImageFile, "load", decode)
    with pytest.raises(ValidationError) as refused:
        images.create_image(upload(data), title="Bom")
    assert refused.value.code == "too_many_pixels"


def test_what_hides_in_a_picture_is_not_stored(folders):
    """A picture that is also a page, or carries a program: no byte of that is kept."""
    hidden = b"<script>alert(1)</script><?php system($_GET[0]); ?>"
    comment = io.BytesIO()
    picture(600, 400).save(comment, "JPEG", comment=hidden)
    images.create_image(upload(comment.getvalue() + hidden), title="Hai mặt")
    kept = [file for file in folders.rglob("*") if file.is_file()]
    assert len(kept) > 2
    assert not any(b"<?php" in file.read_bytes() for file in kept)
    assert not any(b"<script" in file.read_bytes() for file in kept)


def test_a_file_over_the_limit_is_refused_before_it_is_read_whole(settings):
    settings.MAX_IMAGE_UPLOAD_BYTES = 1000
    with pytest.raises(ValidationError) as refused:
        images.create_image(upload(b"\xff\xd8\xff" + b"0" * 5000), title="To")
    assert refused.value.code == "too_large"


def test_a_full_disk_leaves_no_row_and_no_half_file(folders, monkeypatch):
    storage = storages["default"]
    real, calls = type(storage).save, []

    def save(self, name, content, **kwargs):
        calls.append(name)
        if len(calls) == 4:
            raise OSError(28, "No space left on device")
        return real(self, name, content, **kwargs)

    monkeypatch.setattr(type(storage), "save", save)
    with pytest.raises(OSError, match="No space"):
        images.create_image(upload(encoded(picture())), title="Đầy đĩa")
    assert Image.objects.count() == 0
    assert files_in(folders) == []


def test_the_same_file_is_found_again():
    data = encoded(picture(60, 60))
    image = images.create_image(upload(data), title="Một")
    file = upload(data)
    assert images.find_duplicate(file) == image
    assert file.read() == data, "the file can still be read"
    assert images.find_duplicate(upload(encoded(picture(61, 60)))) is None


def test_deleting_a_picture_deletes_its_files_after_the_commit(
    folders, django_capture_on_commit_callbacks
):
    image = images.create_image(upload(encoded(picture())), title="Xoá")
    twin = images.create_image(upload(encoded(picture())), title="Giống hệt")
    before = len(files_in(folders))
    with django_capture_on_commit_callbacks() as callbacks:
        image.delete()
    assert len(files_in(folders)) == before, "a rollback must find them"
    for callback in callbacks:
        callback()
    left = files_in(folders)
    assert len(left) == before // 2
    assert all(all_renditions(twin))


def test_replacing_the_file_keeps_the_row_and_drops_the_old_files(
    folders, django_capture_on_commit_callbacks
):
    image = images.create_image(upload(encoded(picture())), title="Thay", alt="cũ")
    old = set(files_in(folders))
    with django_capture_on_commit_callbacks(execute=True):
        images.replace(image, upload(encoded(picture(700, 700, "navy"))))
    image.refresh_from_db()
    assert (image.width, image.default_alt) == (700, "cũ")
    assert not old & set(files_in(folders))
    assert len(files_in(folders)) == 1 + 2 * 2 + 1  # original, two widths, og


def test_the_preview_card_is_cut_around_the_focal_point(
    django_capture_on_commit_callbacks,
):
    wide = picture(2400, 630, "black")
    wide.paste("white", (1800, 0, 2400, 630))
    image = images.create_image(upload(encoded(wide)), title="Rộng")
    centre = opened(image.renditions["og"]["jpg"]).getpixel((1100, 300))
    image.focal_x = 100
    with django_capture_on_commit_callbacks(execute=True):
        images.rebuild(image)
    right = opened(image.renditions["og"]["jpg"]).getpixel((1100, 300))
    assert max(centre) < 40
    assert min(right) > 215


def test_a_half_written_file_of_a_killed_process_is_written_again(folders):
    image = images.create_image(upload(encoded(picture(500, 500))), title="Nửa")
    images.rebuild(image)
    path = folders / "media" / image.renditions["480"]["jpg"]
    whole = path.read_bytes()
    path.write_bytes(whole[:100])
    images.rebuild(image)
    assert path.read_bytes() == whole


@override_settings(LANGUAGE_CODE="vi")
def test_a_title_comes_from_the_file_name():
    assert images.title_of("C:\\anh\\Lễ_ký kết.JPG") == "Lễ ký kết"
    assert images.title_of(".jpg") == ".jpg"
