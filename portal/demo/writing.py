"""Writes the demo's articles the way people would: drafted, then published."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

from django.core.files.base import ContentFile

from news import publishing, saving
from news.files import attach
from news.models import (
    Article,
    Author,
    Category,
    Image,
    ListEntry,
    Tag,
    Unit,
)

from . import files
from .markup import Figure, to_html
from .reading import DemoArticle
from .record import Records


@dataclass(frozen=True)
class Material:
    """What articles point to, by the names used in the content files."""

    categories: dict[str, Category]
    units: dict[str, Unit]
    images: dict[str, Image]
    writer: object
    editor: object


def write(
    records: Records, one: DemoArticle, material: Material, now: datetime
) -> Article:
    """Return the article of one content file, with everything that belongs to it."""
    tags = [_tag(records, name) for name in one.tags]
    author = _author(records, one.author) if one.author else None
    article = records.ensure(
        f"article:{one.key}",
        lambda: _article(one, material, author, tags, now),
    )
    for kind in (ListEntry.List.HOT, ListEntry.List.FOCUS):
        if position := getattr(one, kind.value):
            ends_at = now + timedelta(days=one.list_days) if one.list_days else None
            records.ensure(
                f"{kind.value}:{one.key}",
                lambda kind=kind, position=position, ends_at=ends_at: (
                    ListEntry.objects.create(
                        list=kind,
                        article=article,
                        position=position * 10,
                        ends_at=ends_at,
                    )
                ),
                lambda kind=kind: ListEntry.objects.filter(
                    list=kind, article=article
                ).first(),
            )
    return article


def _article(one: DemoArticle, material: Material, author, tags, now) -> Article:
    article = Article(
        title=one.title,
        category=material.categories[one.category],
        sapo=one.sapo,
        signature_unit=material.units.get(one.unit),
        author=author,
        source_name=one.source_name,
        source_url=one.source_url,
        expires_at=one.expires_at,
        import_key=f"demo:{one.key}",
    )
    if one.state == "published":
        article.published_at = one.published_at
    if one.cover:
        _set_cover(article, one.cover, material.images)
    saving.save_article(
        article,
        user=material.writer,
        body=to_html(one.text, lambda found: _figure(found, material.images)),
        further_categories=[material.categories[slug] for slug in one.further],
        tags=tags,
    )
    for position, file in enumerate(one.files, start=1):
        content = files.make(file.name, file.title, one.text, one.published_at)
        attach(
            article,
            ContentFile(content, name=file.name),
            title=file.title,
            position=position,
        )
    if one.state == "published":
        # By the site itself, so a strict site has its demo, too; signed below.
        publishing.publish(article, at=one.published_at)
        article.revisions.filter(author=None).update(author=material.editor)
    elif one.state == "in_review":
        publishing.submit(article, user=material.writer)
    _set_times(article, min(one.published_at, now))
    return article


def _set_cover(article: Article, cover: Figure, images: dict[str, Image]) -> None:
    article.cover = images[cover.picture]
    article.show_cover = True
    article.cover_caption = cover.caption
    article.cover_alt_kind, article.cover_alt = _alternative(cover.alt)


def _alternative(alt: str) -> tuple[str, str]:
    kind = {"=": "caption", "-": "decorative"}.get(alt, "text")
    return kind, alt if kind == "text" else ""


def _figure(found: Figure, images: dict[str, Image]) -> str:
    """A figure as the editor sends it: the picture's number and its words."""
    kind, alt = _alternative(found.alt)
    return (
        f'<figure data-image="{images[found.picture].pk}" data-alt-kind="{kind}"'
        f' data-alt="{escape(alt)}">'
        f"<figcaption>{escape(found.caption, quote=False)}</figcaption></figure>"
    )


def _set_times(article: Article, when: datetime) -> None:
    """A year of articles was not typed this minute; nothing public depends on it."""
    written = when - timedelta(hours=20)
    Article.objects.filter(pk=article.pk).update(created_at=written, updated_at=when)
    article.revisions.update(created_at=when)
    article.revisions.filter(number=1).update(created_at=written)


def _tag(records: Records, name: str) -> Tag:
    return records.ensure(
        f"tag:{name}",
        lambda: Tag.objects.create(name=name),
        lambda: Tag.objects.filter(name=name).first(),
    )


def _author(records: Records, name: str) -> Author:
    return records.ensure(
        f"author:{name}",
        lambda: Author.objects.create(name=name),
        lambda: Author.objects.filter(name=name).first(),
    )
