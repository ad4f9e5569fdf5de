"""The picture library as people look through it: newest first, accents optional."""

import re
import unicodedata
from collections.abc import Callable

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from news import images
from news.models import Article, Image

PAGE = 24  # pictures; a screenful


def fold(text: str) -> str:
    """Return `text` lower-case without marks: đường -> duong."""
    text = unicodedata.normalize("NFKD", text.lower().replace("đ", "d"))
    return "".join(c for c in text if not unicodedata.combining(c))


# What cameras, phones and chat programs call their files: IMG_2041, DSC00012,
# z5012345678901_0a1b2c, 20240512_081500, Screenshot 2024-05-12.
_MACHINE_NAME = re.compile(
    r"(?:img|image|dsc[fn]?|dcim|pxl|mvimg|photo|picture|screenshot|received|fb|zalo"
    r"|anh|z|p)?[\W_]*(?:\d[\W_]*){3}(?:[0-9a-f\W_]|wa)*",
    re.IGNORECASE,
)


def readable_title(file_name: str) -> str:
    """Return a title for an uploaded file that says something to people.

    The name of a file is kept unless a machine gave it: then the day of the
    upload (local) stands there until somebody types better words.
    """
    title = images.title_of(file_name)
    if _MACHINE_NAME.fullmatch(title):
        return _("Picture uploaded on %(day)s") % {
            "day": f"{timezone.localtime():%d/%m/%Y}"
        }
    return title


def search(pictures: QuerySet, words: str) -> list[int]:
    """Return the ids of the pictures that hold all words, in the given order.

    The library is read through: 20,000 pictures take about a tenth of a second,
    and staff look for pictures some hundred times a day.
    """
    wanted = fold(words[:200]).split()
    fields = ("pk", "title", "default_caption", "credit", "default_alt")
    found = []
    for pk, *texts in pictures.values_list(*fields).iterator():
        text = fold(" ".join(texts))
        if all(word in text for word in wanted):
            found.append(pk)
    return found


def page(words: str, number: int) -> tuple[list[Image], bool]:
    """Return page `number` (from 0) of the library, and whether more follow."""
    pictures = Image.objects.order_by("-pk")
    start, stop = number * PAGE, number * PAGE + PAGE + 1
    if words.strip():
        ids = search(pictures, words)[start:stop]
        by_id = Image.objects.in_bulk(ids)
        rows = [by_id[pk] for pk in ids if pk in by_id]
    else:
        rows = list(pictures[start:stop])
    return rows[:PAGE], len(rows) > PAGE


# What else shows pictures: filled by apps that news must not know. Each gives
# (its address in the back office, name of the object) for one picture.
other_uses: list[Callable[[Image], list[tuple[str, str]]]] = []


def articles_using(image: Image) -> list[Article]:
    """Return the articles that show `image` in the body or as cover, newest first."""
    placed = Article.objects.filter(placements__image=image)
    covered = Article.objects.filter(cover=image)
    found = {a.pk: a for a in [*placed[:100], *covered[:100]]}
    return sorted(found.values(), key=lambda article: -article.pk)
