"""Rows for tests: a test states only what matters to it."""

import itertools
from datetime import timedelta

from django.utils import timezone

from news.models import Article, Category, Image, ListEntry, State, Tag, Unit

_numbers = itertools.count(1)


def make_category(**overrides) -> Category:
    number = next(_numbers)
    overrides.setdefault("name", f"Chuyên mục {number}")
    return Category.objects.create(**overrides)


def make_article(**overrides) -> Article:
    """Return a published article of an hour ago, saved without the sanitiser."""
    number = next(_numbers)
    overrides.setdefault("title", f"Bài viết số {number}")
    overrides.setdefault("sapo", "Sapo của bài viết.")
    overrides.setdefault("body_text", "Nội dung của bài viết.")
    overrides.setdefault("body", f"<p>{overrides['body_text']}</p>")
    overrides.setdefault("body_html", overrides["body"])
    overrides.setdefault("state", State.PUBLISHED)
    overrides.setdefault("published_at", timezone.now() - timedelta(hours=1))
    further = overrides.pop("further_categories", [])
    tags = overrides.pop("tags", [])
    if "category" not in overrides:
        overrides["category"] = make_category()
    article = Article.objects.create(**overrides)
    if further:
        article.further_categories.set(further)
    if tags:
        article.tags.set(tags)
    return article


def make_tag(**overrides) -> Tag:
    overrides.setdefault("name", f"thẻ {next(_numbers)}")
    return Tag.objects.create(**overrides)


def make_unit(**overrides) -> Unit:
    overrides.setdefault("name", f"Đơn vị {next(_numbers)}")
    return Unit.objects.create(**overrides)


def make_list_entry(**overrides) -> ListEntry:
    overrides.setdefault("list", ListEntry.List.HOT)
    if "article" not in overrides:
        overrides["article"] = make_article()
    return ListEntry.objects.create(**overrides)


def make_image(**overrides) -> Image:
    """Return a row whose files do not exist; news.images makes real ones."""
    number = next(_numbers)
    overrides.setdefault("title", f"Ảnh {number}")
    overrides.setdefault("file", f"originals/ab/{number:032x}.jpg")
    overrides.setdefault("width", 1800)
    overrides.setdefault("height", 1200)
    overrides.setdefault("file_hash", f"{number:064x}")
    overrides.setdefault(
        "renditions",
        {
            str(width): {
                "avif": f"anh/ab/{number:016x}-{width}.avif",
                "jpg": f"anh/ab/{number:016x}-{width}.jpg",
                "w": width,
                "h": width * 2 // 3,
            }
            for width in (480, 800, 1200)
        },
    )
    return Image.objects.create(**overrides)
