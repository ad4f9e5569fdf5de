"""What the page of one article shows, prepared with three queries."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import BigIntegerField, Q, Value
from django.utils import timezone
from django.utils.safestring import SafeString

from news import hooks, html
from news.compiled import CompiledSelect
from news.models import AltKind, Article, Attachment, Category, Tag, address

RELATED_MAX = 5
TAGGED_CANDIDATES = 40  # most recently tagged; the newest few are shown


class Neighbour(NamedTuple):
    """What a link to another article needs; some fourteen are read for seven."""

    pk: int
    title: str
    slug: str
    published_at: datetime
    category_id: int

    def get_absolute_url(self):
        return address("news:article", self.slug, self.pk)


@dataclass(frozen=True)
class ArticlePage:
    article: Article
    path: tuple[Category, ...]  # from the topmost visible category to its own
    tags: tuple[Tag, ...]
    attachments: tuple[Attachment, ...]
    newer: Neighbour | None
    older: Neighbour | None
    related: tuple[Neighbour, ...]

    @property
    def body(self) -> SafeString:
        return html.as_safe(self.article.body_html)

    @property
    def notes(self) -> list[tuple[datetime, str]]:
        """What readers were told of major changes, the newest first."""
        return [
            (datetime.fromisoformat(one["at"]), one["note"])
            for one in self.article.public_notes
            if "at" in one  # a revision that waits for its time has none yet
        ]

    @property
    def cover_alt(self) -> str:
        """What is read instead of the lead picture; empty where nothing is."""
        if self.article.cover_alt_kind != AltKind.TEXT:
            return ""
        return self.article.cover_alt or self.article.cover.default_alt

    @property
    def creator(self) -> str:
        unit = self.article.signature_unit
        return self.article.byline or (unit.name if unit else "")

    @property
    def subject(self) -> str:
        """Category and tags as Dublin Core wants them."""
        return "; ".join(filter(None, [self.section, *(t.name for t in self.tags)]))

    @property
    def section(self) -> str:
        """The category's name; a hidden one is not told."""
        category = self.article.category
        return category.name if category.is_visible else ""


# What is printed; a column missing here costs each cold page a query more, and the
# test of its queries tells.
_PRINTED = (
    *("title", "slug", "sapo", "body_html", "published_at", "revised_at"),
    *("show_cover", "cover_caption", "cover_alt", "cover_alt_kind"),
    *("author_text", "source_name", "source_url", "public_notes"),
    *(
        f"category{above}__{name}"
        for above in ("", "__parent", "__parent__parent")
        for name in ("name", "slug", "is_visible")
    ),
    *("category", "category__parent", "category__parent__parent"),
    *(
        f"cover__{name}"
        for name in ("renditions", "focal_x", "focal_y", "default_alt", "credit")
    ),
    *("cover", "author", "author__name", "signature_unit", "signature_unit__name"),
)


def find(pk: int) -> Article | None:
    """Return the published article with everything its page prints about it."""
    if pk > BigIntegerField.MAX_BIGINT:  # no database can be asked for it
        return None
    found = _published(now=timezone.now(), pk=pk)
    return found[0] if found else None


def find_unpublished(pk: int) -> Article | None:
    """Return an article of any state, for a preview; its day may be this moment."""
    articles = _with_relations(Article.objects.filter(pk=pk))
    article = articles.defer("body", "body_text").first()
    if article is not None:
        article.published_at = article.published_at or timezone.now()
    return article


def _with_relations(articles):
    return articles.select_related(
        "category__parent__parent", "cover", "signature_unit", "author"
    )


_published = CompiledSelect(
    lambda now, pk: _with_relations(
        Article.objects.published(now)
        .filter(pk=pk)
        .annotate(view_count=hooks.views_expression("pk"))
        .order_by()
    ).only(*_PRINTED),
    numbers=("pk",),
    times=("now",),
)


def prepare(article: Article) -> ArticlePage:
    tags, attachments = _tags_and_attachments(article.pk)
    newer, older, related = _neighbours(article)
    return ArticlePage(
        article, _path(article), tags, attachments, newer, older, related
    )


def _path(article: Article) -> tuple[Category, ...]:
    path = [article.category]
    while len(path) < 3 and path[-1].parent_id:
        path.append(path[-1].parent)
    return tuple(c for c in reversed(path) if c.is_visible)


def _build_labels(pk):
    """Tags and attachments in one query: two short lists in the same shape."""
    tags = Tag.objects.filter(articles=pk).values_list(
        Value("tag"), "pk", "name", "slug", Value(""), Value(0), Value(0)
    )
    files = Attachment.objects.filter(article=pk).values_list(
        Value("file"),
        "pk",
        "title",
        "file_name",
        "content_type",
        "size_bytes",
        "position",
    )
    return tags.order_by().union(files.order_by(), all=True)


_labels_of = CompiledSelect(_build_labels, numbers=("pk",))


def _tags_and_attachments(article_id):
    tags, files = [], []
    for kind, pk, name, text, content_type, size, position in _labels_of(pk=article_id):
        if kind == "tag":
            tags.append(Tag(pk=pk, name=name, slug=text))
        else:
            files.append(
                Attachment(
                    pk=pk,
                    title=name,
                    file_name=text,
                    content_type=content_type,
                    size_bytes=size,
                    position=position,
                )
            )
    return (
        tuple(sorted(tags, key=lambda tag: tag.name)),
        tuple(sorted(files, key=lambda file: (file.position, file.pk))),
    )


def _build_neighbours(now, at, pk, category_id):
    """The next newer and older article of the category, its newest, and those
    elsewhere that share a tag: one query, rows of Neighbour, the newest first."""
    others = Article.objects.published(now).exclude(pk=pk)
    same = others.filter(category=category_id)
    # The plain bound beside the exact one lets the index be entered there.
    newer = same.filter(Q(published_at__gt=at) | Q(pk__gt=pk), published_at__gte=at)
    older = same.filter(Q(published_at__lt=at) | Q(pk__lt=pk), published_at__lte=at)
    tagging = Article.tags.through.objects
    own_tags = tagging.filter(article=pk).values("tag")
    parts = [
        newer.order_by("published_at", "pk")[:1],
        older.order_by("-published_at", "-pk")[:1],
        same.newest_first()[: RELATED_MAX + 2],
        # Bounded, and entered by the tag: walking from the newest article until five
        # with a rare tag were met would read the whole index.
        others.exclude(category=category_id)
        .filter(
            pk__in=tagging.filter(tag__in=own_tags)
            .order_by("-pk")
            .values("article")[:TAGGED_CANDIDATES]
        )
        .newest_first()[:RELATED_MAX],
    ]
    # SQLite wants no LIMIT inside a UNION, so each part is wrapped once.
    ids = [
        Article.objects.order_by().filter(pk__in=part.values("pk")).values("pk")
        for part in parts
    ]
    return (
        Article.objects.filter(pk__in=ids[0].union(*ids[1:]))
        .values_list(*Neighbour._fields)
        .order_by("-published_at", "-pk")
    )


_neighbours_of = CompiledSelect(
    _build_neighbours, numbers=("pk", "category_id"), times=("now", "at")
)


def _neighbours(article):
    """Return the newer article, the older one, and the related.

    Related: articles of other categories that share a tag, then the category's
    own, each from the newest; the two neighbours have their own links and are not
    repeated.
    """
    at, pk = article.published_at, article.pk
    rows = [
        Neighbour(*row)
        for row in _neighbours_of(
            now=timezone.now(), at=at, pk=pk, category_id=article.category_id
        )
    ]
    own = [row for row in rows if row.category_id == article.category_id]
    after = [row for row in own if (row.published_at, row.pk) > (at, pk)]
    before = [row for row in own if (row.published_at, row.pk) < (at, pk)]
    newer, older = after[-1] if after else None, before[0] if before else None
    related = [row for row in rows if row.category_id != article.category_id]
    related += [row for row in own if row not in (newer, older)]
    return newer, older, tuple(related[:RELATED_MAX])
