"""The picture library as people look through it: newest first, accents optional."""

import unicodedata
from collections.abc import Callable

from django.db.models import QuerySet

from news.models import Article, Image

PAGE = 24  # pictures; a screenful


def fold(text: str) -> str:
    """Return `text` lower-case without marks: đường -> duong."""
    text = unicodedata.normalize("NFKD", text.lower().replace("đ", "d"))
    return "".join(c for c in text if not unicodedata.combining(c))


def search(images: QuerySet, words: str) -> list[int]:
    """Return the ids of the pictures that hold all words, in the given order.

    The library is read through: 20,000 pictures take about a tenth of a second,
    and staff look for pictures some hundred times a day.
    """
    wanted = fold(words[:200]).split()
    fields = ("pk", "title", "default_caption", "credit", "default_alt")
    found = []
    for pk, *texts in images.values_list(*fields).iterator():
        text = fold(" ".join(texts))
        if all(word in text for word in wanted):
            found.append(pk)
    return found


def page(words: str, number: int) -> tuple[list[Image], bool]:
    """Return page `number` (from 0) of the library, and whether more follow."""
    images = Image.objects.order_by("-pk")
    start, stop = number * PAGE, number * PAGE + PAGE + 1
    if words.strip():
        ids = search(images, words)[start:stop]
        by_id = Image.objects.in_bulk(ids)
        rows = [by_id[pk] for pk in ids if pk in by_id]
    else:
        rows = list(images[start:stop])
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
