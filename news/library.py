"""The picture library as people look through it: newest first, accents optional."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from news import images
from news.models import Article, Image, Placement

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


def page(words: str, number: int, pictures=None) -> tuple[list[Image], bool]:
    """Return page `number` (from 0) of the library, and whether more follow.

    `pictures` is what is looked through; the whole library by default.
    """
    pictures = Image.objects.all() if pictures is None else pictures
    pictures = pictures.order_by("-pk")
    start, stop = number * PAGE, number * PAGE + PAGE + 1
    if words.strip():
        ids = search(pictures, words)[start:stop]
        by_id = Image.objects.in_bulk(ids)
        rows = [by_id[pk] for pk in ids if pk in by_id]
    else:
        rows = list(pictures[start:stop])
    return rows[:PAGE], len(rows) > PAGE


# Where pictures are used. What else shows them, beside articles, is filled by apps
# that news must not know: for one picture each gives (its address in the back office,
# name of the object); for lists, the ids of all pictures it shows.
other_uses: list[Callable[[Image], list[tuple[str, str]]]] = []
other_pictures: list[Callable[[], set[int]]] = []


def used_elsewhere() -> set[int]:
    """Return the ids of all pictures that something else than an article shows."""
    return set().union(*(ask() for ask in other_pictures))


def only_used(pictures: QuerySet) -> QuerySet:
    return pictures.filter(_is_used())


def only_unused(pictures: QuerySet) -> QuerySet:
    return pictures.exclude(_is_used())


def _is_used() -> Q:
    placed = Placement.objects.filter(image=OuterRef("pk"))
    covers = Article.objects.filter(cover=OuterRef("pk"))
    elsewhere = Q(pk__in=used_elsewhere())
    return Q(Exists(placed)) | Q(Exists(covers)) | elsewhere


def article_counts(image_ids: Iterable[int]) -> Counter[int]:
    """Return how many articles show each of the pictures; one query."""
    image_ids = list(image_ids)
    placed = Placement.objects.filter(image__in=image_ids).order_by()
    covers = Article.objects.filter(cover__in=image_ids).order_by()
    pairs = placed.values_list("image_id", "article_id").union(
        covers.values_list("cover_id", "pk")
    )
    return Counter(image_id for image_id, _article_id in pairs)


def articles_using(image: Image) -> list[Article]:
    """Return the articles that show `image` in the body or as cover, newest first."""
    placed = Article.objects.filter(placements__image=image)
    covered = Article.objects.filter(cover=image)
    found = {a.pk: a for a in [*placed[:100], *covered[:100]]}
    return sorted(found.values(), key=lambda article: -article.pk)
