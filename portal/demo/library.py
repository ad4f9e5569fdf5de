"""Puts the drawn pictures into the site's library."""

import io
from concurrent.futures import ThreadPoolExecutor

from django.utils.translation import gettext as _

from news import images
from news.models import Image

from .pictures import NAMES, draw, marks
from .reading import table
from .record import Records

CREDIT = "Ảnh minh hoạ: Ban Biên tập"
_LOGOS = tuple(f"logo-{number}" for number in range(8))


def write(records: Records, say) -> dict[str, Image]:
    """Return all pictures of the demo by name: scenes, emblem, banner, logo-0..7."""
    names = (*NAMES, "emblem", "banner", *_LOGOS)
    words = table("pictures")
    made = {}
    # The next picture is drawn while the renditions of one are encoded.
    painter = ThreadPoolExecutor(max_workers=1)
    try:
        drawn = {
            name: painter.submit(_file, name)
            for name in names
            if records.find(f"image:{name}") is None
        }
        for number, name in enumerate(names, start=1):
            made[name] = records.ensure(
                f"image:{name}",
                lambda name=name: _image(name, drawn[name].result(), words),
            )
            if number % 10 == 0 or number == len(names):
                done = {"done": number, "total": len(names)}
                say(_("  pictures: %(done)d of %(total)d") % done)
    finally:
        painter.shutdown(cancel_futures=True)
    return made


def _file(name: str) -> io.BytesIO:
    """The picture as somebody would upload it."""
    out = io.BytesIO()
    if name == "emblem":
        marks.emblem().save(out, "PNG", compress_level=1)
    elif name in _LOGOS:
        number = int(name.removeprefix("logo-"))
        marks.logo(number).save(out, "PNG", compress_level=1)
    else:
        picture = marks.banner() if name == "banner" else draw(name)
        # Nearly without loss: news.images encodes it again.
        picture.save(out, "JPEG", quality=95, subsampling=0)
    out.seek(0)
    return out


def _image(name: str, file: io.BytesIO, words: dict) -> Image:
    said = words["logo" if name in _LOGOS else name]
    title = said["title"]
    if name in _LOGOS:
        title = f"{title} {_LOGOS.index(name) + 1}"
    return images.create_image(
        file,
        title=title,
        alt=said["alt"],
        credit=CREDIT if name in NAMES else "",
    )
