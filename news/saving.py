"""How an article is stored: cleaned, with its placements, and with a revision.

Everything that writes in an article ends here, in one transaction; which act leads
where stands in news.publishing.
"""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from news import body as bodies
from news import checklist, hooks, html, images
from news.document import Document, Figure, figure_html
from news.models import AltKind, Article, Image, Placement, Revision
from news.signals import articles_changed
from news.workflow import (
    Act,
    Level,
    State,
)

# Of a revision, besides keys, times and relations.
_PLAIN_FIELDS = (
    *("title", "slug", "sapo", "body"),
    *("show_cover", "cover_caption", "cover_alt", "cover_alt_kind"),
    *("author_text", "source_name", "source_url"),
)


class Conflict(ValidationError):
    """Somebody saved the article in between; nothing was written.

    The form shows `stored` beside what was typed: see news.admin.autosave.
    """

    def __init__(self, stored: Article):
        self.stored = stored
        super().__init__(
            _("This article was saved meanwhile; what is stored was not replaced."),
            code="conflict",
        )


@transaction.atomic
@hooks.in_one_record
def save_article(
    article: Article,
    *,
    user=None,
    body: str | None = None,
    note: str = "",
    act: Act | str = "",
    further_categories: Iterable | None = None,
    tags: Iterable | None = None,
    version: int | None = None,
) -> Article:
    """Clean and store an article with its placements, and write a revision.

    `body` is HTML as the editor or an import gives it; None takes article.body.
    `version` is the version the caller read: Conflict when it is no longer the
    stored one. `act` is what the revision calls it, "" a plain save. Raises
    ValidationError, and then nothing is stored; of a published article also when it
    would lack what publishing asks for.
    """
    stored = lock(article)
    if stored is None and article.pk and version is not None:
        raise ValidationError(
            _("This article was deleted in the meantime."), code="gone"
        )
    if stored is not None and version is not None and stored.version != version:
        raise Conflict(stored)
    document = html.read(article.body if body is None else body)
    _check_fields(article)
    if article.pk is None:
        article.created_by = article.created_by or user
        if document.figures():
            article.body = article.body_html = article.body_text = ""
            article.save()  # placements need its number
    placements = _sync_placements(article, document)
    article.body = document.html(_stored_figure)
    html.check_stored(article.body)
    article.body_html = bodies.public_html(document, placements)
    article.body_text = bodies.text(document, placements)
    article.version = (stored.version if stored else 0) + 1
    if stored is not None and not act:
        _void_approval(article, user)
    article.save()
    if further_categories is not None:
        article.further_categories.set(further_categories)
    if tags is not None:
        article.tags.set(tags)
    if article.state == State.PUBLISHED:
        pictures = [placements[f.placement] for f in document.figures() if f.placement]
        writing = checklist.Writing(article, document, pictures)
        if found := _sentences(writing):
            raise ValidationError(found, code="incomplete")
    write_revision(article, user=user, note=note, act=act)
    return article


def _void_approval(article: Article, user) -> None:
    """What is changed after it was approved or released was seen by nobody yet."""
    article.apply_at = None
    if article.state == State.APPROVED and hooks.review_level() != Level.ONE:
        article.state = State.IN_REVIEW
        article.submitted_by, article.approved_by = user, None


def problems(article: Article) -> list[str]:
    """What keeps a stored article from being published, as sentences."""
    return _sentences(checklist.stored(article))


def _sentences(writing: checklist.Writing) -> list[str]:
    return [item.message for item in checklist.errors(writing)]


def lock_articles_with(image: Image) -> list[Article]:
    """Return the articles that place `image`, locked until the transaction ends."""
    ids = image.placements.order_by().values("article_id")
    rows = Article.objects.select_for_update().filter(pk__in=ids)
    return list(rows.order_by("pk"))


def picture_changed(image: Image) -> int:
    """Make the bodies again that show `image`; return how many there are.

    Bodies are derived: no new version and no revision.
    """
    with transaction.atomic():
        # Locked, or a save between reading and writing here would be undone.
        articles = lock_articles_with(image)
        for article in articles:
            rebuild_body(article)
        Article.objects.bulk_update(articles, ["body_html", "body_text"], 100)
        if articles:
            articles_changed.send(Article, article_ids=[a.pk for a in articles])
    return len(articles)


def complete_picture(image: Image) -> bool:
    """Make the renditions that `image` lacks, and the bodies again that show it.

    False when somebody changed the picture meanwhile. OSError or ValidationError
    when its original is gone or damaged.
    """
    before = image.file.name, image.renditions
    try:
        with images.completed(image), transaction.atomic():
            lock_articles_with(image)
            now = Image.objects.select_for_update().filter(pk=image.pk).first()
            if now is None or (now.file.name, now.renditions) != before:
                raise _ChangedMeanwhile
            image.save(update_fields=["renditions"])
            picture_changed(image)
    except _ChangedMeanwhile:
        return False
    return True


class _ChangedMeanwhile(Exception):
    """Ends a transaction whose work is out of date."""


def rebuild_body(article: Article) -> None:
    """Make body_html and body_text from the stored body; does not save."""
    document = html.read(article.body)
    placements = {p.pk: p for p in article.placements.select_related("image")}
    article.body_html = bodies.public_html(document, placements)
    article.body_text = bodies.text(document, placements)


def write_revision(article: Article, *, user=None, note="", act="") -> Revision:
    return Revision.objects.create(
        article=article,
        number=article.version,
        state=article.state,
        act=act,
        content=content_of(article),
        note=note,
        author=user,
    )


def complete_revision(article: Article) -> None:
    """Write into the newest revision what was saved after it: attachments."""
    article.revisions.filter(number=article.version).update(content=content_of(article))


def content_of(article: Article) -> dict:
    """Return every field of the form by name, as JSON can hold it."""
    content = own_fields(article)
    for name in ("further_categories", "tags"):
        pks = getattr(article, name).values_list("pk", flat=True)
        content[name] = sorted(pks)
    content["placements"] = list(
        article.placements.values("id", "image", "caption", "alt", "alt_kind")
    )
    content["attachments"] = list(
        article.attachments.values("id", "title", "file", "file_name", "position")
    )
    return content


def own_fields(article: Article) -> dict:
    """The part of `content_of` that stands in the article's own row; no query."""
    content = {name: getattr(article, name) for name in _PLAIN_FIELDS}
    for name in ("category", "cover", "signature_unit", "author"):
        content[name] = getattr(article, f"{name}_id")
    for name in ("published_at", "expires_at", "revised_at", "review_at"):
        value = getattr(article, name)
        content[name] = value.isoformat() if value else None
    return content


def is_unchanged(article: Article, *, since: int) -> bool:
    """Whether the words of the stored `article` are those of its version `since`."""
    if article.version == since:
        return True
    numbers = (since, article.version)
    found = article.revisions.filter(number__in=numbers)
    contents = list(found.values_list("content", flat=True))
    return len(contents) == 2 and _words(contents[0]) == _words(contents[1])


def _words(content: dict) -> dict:
    """What readers read of a revision: everything but the times."""
    times = {"published_at", "expires_at", "revised_at", "review_at"}
    return {name: value for name, value in content.items() if name not in times}


def lock(article: Article) -> Article | None:
    """Return the stored row, locked until the end of the transaction."""
    if article.pk is None:
        return None
    rows = Article.objects.select_for_update(of=("self",)).filter(pk=article.pk)
    return rows.defer("body", "body_html", "body_text").first()


def _check_fields(article: Article) -> None:
    """What full_clean does, without its queries: foreign keys are objects here."""
    keys = [field.name for field in article._meta.fields if field.is_relation]
    article.clean_fields(exclude=[*keys, "body", "slug", "import_key"])
    article.clean()
    if article.state == State.PUBLISHED and article.published_at is None:
        raise ValidationError(
            {"published_at": _("A published article needs a day and a time.")}
        )


def _sync_placements(article, document: Document) -> dict[int, Placement]:
    """Make the placements of the article those of the document; by number.

    A figure with a picture number comes from the editor and brings its words; one
    with a placement number alone is kept as it is.
    """
    figures = document.figures()
    if article.pk is None:
        return {}  # new and without pictures
    old = {p.pk: p for p in article.placements.select_related("image")}
    images = Image.objects.in_bulk({f.image for f in figures if f.image})
    kept: dict[int, Placement] = {}
    for figure in figures:
        placement = old.get(figure.placement)
        if placement is None or placement.pk in kept:  # pasted twice: two uses
            placement = Placement(article=article)
        if image := images.get(figure.image):
            _set_words(placement, figure, image)
        elif figure.image or placement.pk is None:
            figure.placement = figure.image = None  # no such picture: no figure
            continue
        kept[placement.pk] = placement
        figure.placement = placement.pk
    gone = set(old) - set(kept)
    if gone:
        article.placements.filter(pk__in=gone).delete()
    return kept


def words_of(figure: Figure, image: Image) -> dict[str, str]:
    """Return the words that a figure of the editor brings to its placement."""
    alt = figure.alt
    if figure.alt_kind == AltKind.TEXT and not alt:
        alt = image.default_alt
    return {"caption": figure.caption, "alt_kind": figure.alt_kind, "alt": alt}


def _set_words(placement: Placement, figure: Figure, image: Image) -> None:
    after = words_of(figure, image) | {"image_id": image.pk}
    before = {name: getattr(placement, name) for name in after}
    placement.image = image
    for name, value in after.items():
        setattr(placement, name, value)
    placement.clean_fields(exclude=["article", "image"])
    if placement.pk is None or before != after:
        placement.save()


def _stored_figure(figure: Figure) -> str:
    return figure_html(figure) if figure.placement else ""
