"""Pictures of the library: what is accepted, and the renditions readers get.

Everything is made in memory first and written afterwards, so a refused upload
leaves no row and no half file. An uploaded file is never kept as it came: the
original is turned upright and encoded again, which takes away its metadata (the
place where a photograph was taken, foremost) and whatever else it carried.
"""

import hashlib
import io
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image as Pillow

from news.decode import decoded
from news.models import Image
from news.storage import original_path, private_storage, rendition_storage
from news.text import clean_line

WIDTHS = (480, 800, 1200)  # px: phone, tablet or dense phone, the text column twice
OG_SIZE = (1200, 630)  # px, what Facebook and Zalo ask for
LOGO_SIZE = (400, 400)  # px, at most; emblems and logos with transparency
JPEG_QUALITY = 82
ORIGINAL_QUALITY = 92  # of what is kept, from which everything else is made
# The first that keeps a phone's picture within PHONE_MAX_BYTES: of 15 photographs
# one needs the second. Larger renditions get the first.
AVIF_QUALITIES = (60, 50, 40)
AVIF_SPEED = 8  # 6 saves 12 % of bytes for 4 x the time
PHONE_WIDTH = 800  # px: what a phone takes for a picture over its whole width
PHONE_MAX_BYTES = 60_000  # 0.3 s at 1.6 Mbit/s

# A 50 Mpx picture takes some 450 MB while it is cut: one at a time in each worker.
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class _Made:
    """What is written for one picture; names relative to their storages."""

    original: bytes
    suffix: str
    width: int
    height: int
    files: dict[str, bytes]
    renditions: dict[str, dict]


def create_image(file, *, title, user=None, alt="", caption="", credit="") -> Image:
    """Put a picture into the library; ValidationError when it is refused.

    `file` is anything with `read()`. Large pictures take about a second.
    """
    image = prepare(
        file, title=title, user=user, alt=alt, caption=caption, credit=credit
    )
    _save(image)
    return image


def prepare(file, *, title, user=None, alt="", caption="", credit="") -> Image:
    """Write the files of a picture and return it without its row.

    For several pictures at once: making them takes seconds, and no transaction
    should be open meanwhile. The caller saves it, or calls `remove_files`.
    """
    image = Image(
        title=title,
        uploaded_by=user,
        default_alt=alt,
        default_caption=caption,
        credit=credit,
    )
    data = _read(file)
    image.file_hash = hashlib.sha256(data).hexdigest()
    image.full_clean(exclude=["file"])
    _write_files(image, data)
    return image


def remove_files(image: Image) -> None:
    """Remove the files of a picture whose row was not stored."""
    original, renditions = _file_names(image)
    private_storage().delete(original)
    _remove(renditions)


def small_jpeg(data: bytes, width: int) -> bytes:
    """Return a picture anew as a small JPEG; ValidationError when it is none."""
    with _one_at_a_time:
        sized = _at_width(_flat(decoded(data)), width)
        return _encoded(sized, "JPEG", quality=JPEG_QUALITY)


def without_metadata(file, format: str) -> bytes:
    """Return a picture anew, as JPEG or PNG; ValidationError when it is refused."""
    data = _read(file)
    with _one_at_a_time:
        picture = decoded(data)
        if format == "JPEG":
            return _encoded(_flat(picture), format, quality=ORIGINAL_QUALITY)
        return _encoded(picture, format)


def replace(image: Image, file) -> None:
    """Put another file under the same picture; its uses keep their words."""
    data = _read(file)
    old = _file_names(image)
    image.file_hash = hashlib.sha256(data).hexdigest()
    _write(image, data)
    _delete_after_commit(old, _file_names(image))


def rebuild(image: Image) -> None:
    """Make all renditions again from the kept original (focal point moved)."""
    with image.file.open("rb") as file:
        data = file.read()
    old = _file_names(image)
    made = _make(data, (image.focal_x, image.focal_y), token=image.file.name)
    written = _save_all(made.files)
    try:
        image.renditions = made.renditions
        image.save()
    except BaseException:
        _remove(name for name in written if name not in old[1])
        raise
    _delete_after_commit(old, _file_names(image))


def lacks(image: Image) -> bool:
    """Whether a rendition was never made, or its file is gone or empty."""
    wanted = {str(width): ("avif", "jpg") for width in _widths(image.width)}
    wanted["og"] = ("jpg",)
    if image.file.name.endswith(".png"):  # kept so for its transparency alone
        wanted["logo"] = ("avif", "png")
    return not all(
        _is_there(image.renditions.get(key, {}).get(kind))
        for key, kinds in wanted.items()
        for kind in kinds
    )


@contextmanager
def completed(image: Image) -> Iterator[None]:
    """Make what a picture lacks; inside the block the caller stores `renditions`.

    What is there keeps its address: pages that readers have open name it. Files are
    written before the block begins, so that no transaction waits for them, and go
    again when it fails. OSError: the original is gone; ValidationError: damaged.
    """
    with image.file.open("rb") as file:
        data = file.read()
    made = _make(data, (image.focal_x, image.focal_y), token=image.file.name)
    for key, new in made.renditions.items():
        old = image.renditions.get(key, {})
        new |= {kind: name for kind, name in _files_of(old) if _is_there(name)}
    image.renditions = made.renditions
    lacking = _file_names(image)[1] & made.files.keys()
    written = _save_all({name: made.files[name] for name in lacking})
    try:
        yield
    except BaseException:
        _remove(written)
        raise


def check(file) -> None:
    """Raise ValidationError when `file` would be refused; stores nothing."""
    with _one_at_a_time:
        decoded(_read(file))


def title_of(file_name: str) -> str:
    """Return a title for a picture whose uploader gave none."""
    stem = PurePosixPath(file_name.replace("\\", "/")).stem
    return clean_line(stem.replace("_", " "))[:200] or _("Picture")


def find_duplicate(file) -> Image | None:
    """Return the picture of the library that was made from the same bytes."""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return Image.objects.filter(file_hash=digest.hexdigest()).order_by("pk").first()


def forget_files(sender, instance, **kwargs) -> None:
    """Receiver of post_delete: the files go when the deletion is committed."""
    _delete_after_commit(_file_names(instance), ("", set()))


# Accepting


def _read(file) -> bytes:
    if hasattr(file, "seek"):
        file.seek(0)
    limit = settings.MAX_IMAGE_UPLOAD_BYTES
    data = file.read(limit + 1)
    if len(data) > limit:
        raise ValidationError(
            _("The picture is larger than %(limit)s MB.") % {"limit": limit // 2**20},
            code="too_large",
        )
    return data


# Making


def _make(data: bytes, focal: tuple[int, int], token: str) -> _Made:
    with _one_at_a_time:
        picture = decoded(data)
        transparent = picture.mode == "RGBA" and picture.getextrema()[3][0] < 255
        flat = _flat(picture)
        if transparent:
            original, suffix = _encoded(picture, "PNG", optimize=True), ".png"
        else:
            original, suffix = _encoded(flat, "JPEG", quality=ORIGINAL_QUALITY), ".jpg"
        files: dict[str, bytes] = {}
        renditions: dict[str, dict] = {}

        def keep(key, sized, **encodings):
            renditions[key] = {"w": sized.width, "h": sized.height}
            for extension, content in encodings.items():
                name = _name(token, content, sized.width, extension)
                files[name] = content
                renditions[key][extension] = name

        for target in _widths(flat.width):
            sized = _at_width(flat, target)
            keep(str(target), sized, avif=_avif(sized), jpg=_jpeg(sized))
        og = _cropped(flat, OG_SIZE, focal)
        keep("og", og, jpg=_jpeg(og))
        if transparent:
            logo = picture.copy()
            logo.thumbnail(LOGO_SIZE, Pillow.Resampling.LANCZOS)
            # An emblem with shading is 120 KB as PNG and 9 KB as AVIF.
            png = _encoded(logo, "PNG", optimize=True)
            keep("logo", logo, avif=_avif(logo), png=png)
        return _Made(original, suffix, flat.width, flat.height, files, renditions)


def _flat(picture):
    """On white: JPEG knows no transparency, and both formats must look alike."""
    if picture.mode == "RGB":
        return picture
    white = Pillow.new("RGB", picture.size, "white")
    white.paste(picture, mask=picture.getchannel("A"))
    return white


def _at_width(picture, target: int):
    if target >= picture.width:
        return picture
    height = max(1, round(picture.height * target / picture.width))
    return picture.resize((target, height), Pillow.Resampling.LANCZOS, reducing_gap=3.0)


def _cropped(picture, size: tuple[int, int], focal: tuple[int, int]):
    """Cut to the shape of `size` around the focal point (percent)."""
    ratio = size[0] / size[1]
    width = min(picture.width, max(1, round(picture.height * ratio)))
    height = min(picture.height, max(1, round(picture.width / ratio)))
    left = round(picture.width * focal[0] / 100 - width / 2)
    top = round(picture.height * focal[1] / 100 - height / 2)
    left = min(max(left, 0), picture.width - width)
    top = min(max(top, 0), picture.height - height)
    cut = picture.crop((left, top, left + width, top + height))
    return _at_width(cut, size[0])


def _widths(width: int) -> tuple[int, ...]:
    """The widths made of a picture `width` px wide; the last may be larger, and
    then stands for the picture as it came.
    """
    smaller = sum(target < width for target in WIDTHS)
    return WIDTHS[: smaller + 1]


def _avif(picture) -> bytes:
    """A busy picture loses quality rather than make a phone wait."""
    for quality in AVIF_QUALITIES:
        content = _encoded(picture, "AVIF", quality=quality, speed=AVIF_SPEED)
        if picture.width > PHONE_WIDTH or len(content) <= PHONE_MAX_BYTES:
            break
    return content


def _jpeg(picture) -> bytes:
    return _encoded(picture, "JPEG", quality=JPEG_QUALITY, progressive=True)


def _encoded(picture, format: str, **options) -> bytes:
    # Nothing of picture.info is passed on: no EXIF, no comment, no thumbnail.
    clean = Pillow.new(picture.mode, picture.size)
    clean.paste(picture)
    buffer = io.BytesIO()
    clean.save(buffer, format, **options)
    return buffer.getvalue()


def _name(token: str, content: bytes, width: int, extension: str) -> str:
    # The token keeps two pictures with the same bytes apart, so that deleting
    # one leaves the other's files alone.
    digest = hashlib.sha256(token.encode() + content).hexdigest()[:24]
    return f"anh/{digest[:2]}/{digest}-{width}.{extension}"


# Writing


def _write(image: Image, data: bytes) -> None:
    _write_files(image, data)
    _save(image)


def _save(image: Image) -> None:
    try:
        image.save()
    except BaseException:
        remove_files(image)
        raise


def _write_files(image: Image, data: bytes) -> None:
    name = original_path(image, "x")
    made = _make(data, (image.focal_x, image.focal_y), token=name)
    image.width, image.height = made.width, made.height
    image.renditions = made.renditions
    name = str(PurePosixPath(name).with_suffix(made.suffix))
    try:
        private_storage().save(name, ContentFile(made.original))
        _save_all(made.files)
        image.file.name = name
    except BaseException:
        private_storage().delete(name)
        raise


def _save_all(files: dict[str, bytes]) -> list[str]:
    storage = rendition_storage()
    written = []
    try:
        for name, content in files.items():
            if storage.exists(name):
                if storage.size(name) == len(content):
                    continue
                storage.delete(name)  # half a file of a killed process
            written.append(name)
            storage.save(name, ContentFile(content))
    except BaseException:
        _remove(written)
        raise
    return written


def _file_names(image: Image) -> tuple[str, set[str]]:
    renditions = {
        name
        for rendition in image.renditions.values()
        for _kind, name in _files_of(rendition)
    }
    return image.file.name or "", renditions


def _files_of(rendition: dict) -> list[tuple[str, str]]:
    """The kinds and names of the files of one rendition."""
    return [(key, name) for key, name in rendition.items() if key not in ("w", "h")]


def _is_there(name: str | None) -> bool:
    storage = rendition_storage()
    return bool(name) and storage.exists(name) and storage.size(name) > 0


def _delete_after_commit(old: tuple[str, set[str]], new: tuple[str, set[str]]) -> None:
    def delete():
        if old[0] and old[0] != new[0]:
            private_storage().delete(old[0])
        _remove(old[1] - new[1])

    transaction.on_commit(delete)


def _remove(names: Iterable[str]) -> None:
    for name in names:
        rendition_storage().delete(name)
