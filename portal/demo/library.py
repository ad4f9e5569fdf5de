"""Puts the drawn pictures into the site's library."""

import io

from django.utils.translation import gettext as _

from news import images
from news.models import Image

from .pictures import NAMES, draw, marks
from .reading import table
from .record import Records

CREDIT = "Ảnh minh hoạ: Ban Biên tập"
LOGOS = 8


def _png(picture) -> io.BytesIO:
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=1)
    return _rewound(out)


def _jpeg(picture) -> io.BytesIO:
    # Nearly without loss: news.images encodes it again.
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=95, subsampling=0)
    return _rewound(out)


def _rewound(out: io.BytesIO) -> io.BytesIO:
    out.seek(0)
    return out


def write(records: Records, say) -> dict[str, Image]:
    """Return all pictures of the demo by name: scenes, emblem, banner, logo-0..7."""
    titles = table("pictures")
    made = {}
    jobs = dict.fromkeys(NAMES, _scene)
    jobs |= {"emblem": _emblem, "banner": _banner}
    jobs |= {f"logo-{number}": _logo for number in range(LOGOS)}
    for number, (name, job) in enumerate(jobs.items(), start=1):
        words = titles[name.rpartition("-")[0] if name.startswith("logo-") else name]
        made[name] = records.ensure(
            f"image:{name}", lambda name=name, job=job, words=words: job(name, words)
        )
        if number % 10 == 0 or number == len(jobs):
            say(
                _("  pictures: %(done)d of %(total)d")
                % {"done": number, "total": len(jobs)}
            )
    return made


def _scene(name: str, words: dict) -> Image:
    return images.create_image(
        _jpeg(draw(name)), title=words["title"], alt=words["alt"], credit=CREDIT
    )


def _emblem(name: str, words: dict) -> Image:
    return images.create_image(
        _png(marks.emblem()), title=words["title"], alt=words["alt"]
    )


def _banner(name: str, words: dict) -> Image:
    return images.create_image(
        _jpeg(marks.banner()), title=words["title"], alt=words["alt"]
    )


def _logo(name: str, words: dict) -> Image:
    number = int(name.rpartition("-")[2])
    return images.create_image(
        _png(marks.logo(number)),
        title=f"{words['title']} {number + 1}",
        alt=words["alt"],
    )
