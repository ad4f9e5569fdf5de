"""What a file must be to become a picture: judged by its content, then decoded.

Limits are checked on the size in the header, before any pixel is decoded. A name
decides nothing. A file that is something else is told what to do with it.
"""

import io
import logging

import pi_heif
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from PIL import Image as Pillow
from PIL import ImageCms, ImageOps

logger = logging.getLogger(__name__)

MAX_PIXELS = 50_000_000
# Transparency is for emblems and logos, and costs twice the memory.
MAX_PIXELS_TRANSPARENT = 12_000_000
MAX_SIDE = 20_000  # px; no decoder is asked for stranger shapes
# For file inputs: iPhones' files have no type in some browsers, only a name.
ACCEPT = "image/*,.heic,.heif"

# Photographs of iPhones. The decoder turns them as the file's own transformation
# says, takes the primary image of several, and refuses pixels beyond the size in the
# header; Pillow is then told of no orientation, so nothing is turned twice.
pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
# In this order: AVIF before HEIF, whose boxes look alike.
_FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF", "GIF")


def decoded(data: bytes):
    """Return the first or primary image, upright, in RGB or RGBA and sRGB.

    ValidationError says why `data` is refused.
    """
    try:
        picture = Pillow.open(io.BytesIO(data), formats=_FORMATS)
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except Exception as error:
        raise ValidationError(_advice(data), code="not_a_picture") from error
    width, height = picture.size
    limit = MAX_PIXELS_TRANSPARENT if _is_transparent(picture) else MAX_PIXELS
    if width * height > limit or max(width, height) > MAX_SIDE:
        raise _too_many_pixels(limit)
    try:
        picture.load()
        picture = ImageOps.exif_transpose(picture)
        return _srgb(picture)
    except Exception as error:
        # Decoders raise nearly everything on hostile input: OSError,
        # SyntaxError, struct.error, ValueError, EOFError, zlib.error.
        raise ValidationError(str(_DAMAGED), code="damaged") from error


def _too_many_pixels(limit: int = MAX_PIXELS) -> ValidationError:
    return ValidationError(
        _("The picture has too many pixels (at most %(limit)s million). Reduce it.")
        % {"limit": limit // 1_000_000},
        code="too_many_pixels",
    )


def _is_transparent(picture) -> bool:
    # "a" is alpha that the colours are already multiplied with.
    return bool({"A", "a"} & set(picture.getbands())) or "transparency" in picture.info


def _srgb(picture):
    transparent = _is_transparent(picture)
    profile = picture.info.get("icc_profile")
    if picture.mode == "I;16":
        picture = picture.point(lambda value: value / 256).convert("L")
    elif picture.mode == "P" or (picture.mode != "CMYK" and transparent):
        picture = picture.convert("RGBA" if transparent else "RGB")
    if profile and not transparent and picture.mode in ("RGB", "L", "CMYK"):
        # Phones write Display P3; without this their reds and greens turn dull.
        try:
            picture = ImageCms.profileToProfile(
                picture,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGB",
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            logger.info("a picture's colour profile was not understood and is ignored")
    return picture.convert("RGBA" if transparent else "RGB")


# What people upload instead of a picture

_SVG = gettext_lazy(
    "This is an SVG drawing, which can carry programs. Export it as PNG and upload "
    "that."
)
_DRAWING = gettext_lazy(
    "This is a drawing of Word (EMF or WMF). In Word, click it with the right button, "
    "choose “Save as Picture”, type PNG, and upload that."
)
_PHOTOSHOP = gettext_lazy(
    "This is a Photoshop file. Export it as JPEG or PNG and upload that."
)
_RAW = gettext_lazy(
    "This is a TIFF picture or a camera's raw file. Export it as JPEG with the "
    "camera's program and upload that."
)
_BITMAP = gettext_lazy("This is a BMP picture. Save it as PNG or JPEG and upload that.")
_PDF = gettext_lazy(
    "This is a PDF. Add it to the article under “Attachments”, or save the page you "
    "need as a JPEG picture."
)
_DOCUMENT = gettext_lazy(
    "This is a document (Word, Excel or a ZIP file), not a picture. Add it to the "
    "article under “Attachments”, or open it and save its picture as PNG or JPEG."
)
_FILM = gettext_lazy(
    "This is a film, not a picture. Live photographs of an iPhone have two files: "
    "upload the one that ends in .HEIC or .JPG."
)
_DAMAGED = gettext_lazy(
    "The picture is damaged or incomplete. Copy it again from its source."
)
_OTHER = gettext_lazy(
    "This file is not a picture the site can show. Save it as JPEG or PNG and try "
    "again."
)
_STARTS = [
    (b"\xd7\xcd\xc6\x9a", _DRAWING),  # WMF with a size
    (b"\x01\x00\x09\x00", _DRAWING),  # WMF
    (b"8BPS", _PHOTOSHOP),
    (b"II*\x00", _RAW),  # TIFF, and NEF, ARW, CR2, DNG that are built on it
    (b"MM\x00*", _RAW),
    (b"IIU\x00", _RAW),  # Panasonic
    (b"IIRO", _RAW),  # Olympus
    (b"FUJIFILM", _RAW),
    (b"BM", _BITMAP),
    (b"%PDF-", _PDF),
    (b"\xd0\xcf\x11\xe0", _DOCUMENT),
    (b"PK\x03\x04", _DOCUMENT),
    (b"{\\rtf", _DOCUMENT),
    (b"\x1aE\xdf\xa3", _FILM),  # WebM, MKV
]
# Kinds of the family that begins with "ftyp"; the others are films.
_BRANDS = {
    b"crx ": _RAW,  # Canon CR3
    **dict.fromkeys((b"heic", b"heix", b"mif1", b"msf1", b"avif"), _DAMAGED),
}


def _advice(data: bytes):
    """Return a sentence that says what the refused file is, and what to do."""
    for start, sentence in _STARTS:
        if data.startswith(start):
            return str(sentence)
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"<") and b"<svg" in head:
        return str(_SVG)
    if data[40:44] == b" EMF":
        return str(_DRAWING)
    if data[4:8] == b"ftyp":
        return str(_BRANDS.get(data[8:12], _FILM))
    if data.startswith(b"RIFF") and data[8:12] == b"AVI ":
        return str(_FILM)
    return str(_OTHER)
