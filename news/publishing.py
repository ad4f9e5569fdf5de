"""Every change of an article, one transaction each, one revision each.

The admin, the demo and imports all come through here. Who may touch which article
stands in news.permissions, which act leads where and whose hands it needs in
news.workflow; what an article must have before readers see it, here. Each act locks
the stored row and asks the table again: what a form showed may be old.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from news import body as bodies
from news import checklist, hooks, html, link_check
from news.document import Document, Figure, figure_html
from news.models import AltKind, Article, Category, Image, Placement, Revision
from news.signals import articles_changed
from news.workflow import (
    TRANSITIONS,
    Act,
    Level,
    State,
    Withdrawal,
    hands_refusal,
    state_refusal,
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


def publish(
    article: Article,
    *,
    user=None,
    at: datetime | None = None,
    note="",
    act: Act = Act.PUBLISH,
    **content,
) -> Article:
    """Make an article public at `at` (its own date, or now, by default).

    A date ahead schedules it. `content` is passed on to `save_article`, so a form
    saves and publishes in one act and one revision. A working copy is published by
    news.working_copy instead. With Act.EMERGENCY `note` says why one person alone
    publishes; it is marked until another approves.
    """

    def change(stored):
        article.published_at = at or article.published_at or timezone.now()
        article.withdrawal = article.withdrawal_notice = article.withdrawal_url = ""
        mark_emergency(article, act, user)

    return _act(article, act, change, user, note, content)


def publish_urgently(article: Article, *, user=None, note="", **content) -> Article:
    """Publish alone, marked, with the reason in `note`, for another to approve."""
    return publish(article, user=user, note=note, act=Act.EMERGENCY, **content)


def mark_emergency(article: Article, act: Act, user) -> None:
    """Remember whose publication waits for another's approval; nobody's otherwise."""
    is_urgent = act == Act.EMERGENCY
    article.emergency_by = user if is_urgent else None
    article.emergency_at = timezone.now() if is_urgent else None


def confirm(article: Article, *, user=None, note="", **content) -> Article:
    """Approve afterwards what one person published alone."""

    def change(stored):
        article.emergency_by = article.emergency_at = None

    return _act(article, Act.CONFIRM, change, user, note, content)


def schedule(article: Article, *, user=None, at: datetime, note="", **content):
    """Make an article public at a time ahead."""
    if at <= timezone.now():
        raise ValidationError(
            {"published_at": _("A scheduled time must lie ahead.")}, code="past"
        )
    return publish(article, user=user, at=at, note=note, **content)


def reschedule(
    article: Article,
    *,
    published_at: datetime,
    expires_at: datetime | None,
    user=None,
    note="",
    **content,
) -> Article:
    """Change when a published or scheduled article begins and ends, nothing else."""

    def change(stored):
        article.published_at, article.expires_at = published_at, expires_at

    return _act(article, Act.RESCHEDULE, change, user, note, content)


def submit(article: Article, *, user=None, note="", **content) -> Article:
    """Hand a draft to the editors."""

    def change(stored):
        article.submitted_by, article.approved_by = user, None

    return _act(article, Act.SUBMIT, change, user, note, content)


def recall(article: Article, *, user=None, note="", **content) -> Article:
    """Take back what was handed to the editors."""
    return _act(article, Act.RECALL, None, user, note, content)


def give_back(article: Article, *, user=None, note="", **content) -> Article:
    """Return an article to its writer; `note` says what is to be changed."""

    def change(stored):
        article.approved_by = article.apply_at = None

    return _act(article, Act.RETURN, change, user, note, content)


def approve(article: Article, *, user=None, note="", **content) -> Article:
    """Say that an article in review may be published."""

    def change(stored):
        article.approved_by = user

    return _act(article, Act.APPROVE, change, user, note, content)


def withdraw(
    article: Article,
    *,
    user=None,
    note="",
    kind: str = Withdrawal.GONE,
    notice: str = "",
    url: str = "",
    **content,
) -> Article:
    """Take an article away from readers; nothing is deleted.

    `note` is the reason for the newsroom. At its address readers find, by `kind`,
    `notice`, the page `url` (a path of this site or a full address), or that it is
    gone.
    """

    def change(stored):
        article.withdrawal = Withdrawal(kind)
        is_notice = kind == Withdrawal.NOTICE
        article.withdrawal_notice = notice if is_notice else ""
        article.withdrawal_url = _target(article, url, kind)
        article.emergency_by = article.emergency_at = None
        if is_notice and not notice.strip():
            message = _("Say to readers why the article was withdrawn.")
            raise ValidationError({"withdrawal_notice": message})

    return _act(article, Act.WITHDRAW, change, user, note, content)


def _target(article: Article, url: str, kind: str) -> str:
    """Return where readers are led; ValidationError when that is no page."""
    if kind != Withdrawal.REDIRECT:
        return ""
    url = html.link(url.strip()) or ""
    if not url.startswith(("/", "http://", "https://")):
        message = _("Give a page of this site (/...) or a full address (https://...).")
    elif url in link_check.outbound_hosts([url]):
        message = _("Readers are led to trusted domains only; see the site settings.")
    elif found := link_check.broken([url]):
        message = found[url]
    elif f"-{article.pk}/" in url:
        message = _("The article cannot lead to itself.")
    else:
        return url
    raise ValidationError({"withdrawal_url": message})


def trash(article: Article, *, user=None, note="", **content) -> Article:
    """Put an article into the bin; it can be taken out again."""
    if article.revision_of_id:
        raise ValidationError(_("A revision of a live article is dropped instead."))
    return _act(article, Act.TRASH, None, user, note, content)


def restore(article: Article, *, user=None, note="", **content) -> Article:
    """Take an article out of the bin, as a draft."""

    def change(stored):
        article.submitted_by = article.approved_by = None

    return _act(article, Act.RESTORE, change, user, note, content)


@transaction.atomic
def move(article: Article, category: Category, *, user=None) -> Article:
    """Put an article into another main section; its text is neither read nor checked.

    Conflict when somebody saved it since it was read.
    """
    stored = lock(article)
    if stored is None or stored.version != article.version:
        raise Conflict(stored or article)
    article.category, article.version = category, article.version + 1
    article.save(update_fields=["category", "version", "updated_at"])
    note = _("Moved to “%(section)s”") % {"section": category}
    write_revision(article, user=user, note=note)
    return article


def each(
    act: Callable, articles: Iterable[Article], **arguments
) -> tuple[list[Article], list[tuple[Article, ValidationError]]]:
    """Do `act` to each article that can be; return those done and those refused.

    An article that somebody saved since it was read is refused with Conflict.
    """
    done, refused = [], []
    for article in articles:
        try:
            done.append(act(article, version=article.version, **arguments))
        except ValidationError as error:
            refused.append((article, error))
    return done, refused


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


_CHANGED_BY_ACTS = (
    *("state", "published_at", "expires_at", "submitted_by", "approved_by"),
    *("emergency_by", "emergency_at", "apply_at"),
    *("withdrawal", "withdrawal_notice", "withdrawal_url"),
)


def _act(article, act: Act, change, user, note, content) -> Article:
    """Do `act` in one transaction; `change(stored)` sets what goes with the state."""
    before = {name: getattr(article, name) for name in _CHANGED_BY_ACTS}
    try:
        with transaction.atomic(), hooks.recording():
            stored = lock(article)
            check_act(act, stored or article, user, note)
            article.state = TRANSITIONS[act].target or article.state
            if change:
                change(stored)
            save_article(article, user=user, note=note, act=act, **content)
            if act in (Act.PUBLISH, Act.EMERGENCY):
                check_publication(act, article, user, stored.version if stored else 0)
            hooks.record(act, user=user, object=article, note=note)
    except BaseException:
        for name, value in before.items():
            setattr(article, name, value)
        raise
    return article


def check_act(act: Act, stored: Article, user, note: str) -> None:
    """ValidationError unless the table allows `act` on the stored row."""
    refusal = state_refusal(act, State(stored.state)) or hands_refusal(
        act, stored, user
    )
    if refusal:
        raise ValidationError(refusal, code="transition")
    if TRANSITIONS[act].needs_reason and user is not None and not note.strip():
        raise ValidationError(_("Give the reason."), code="reason")


def check_publication(act: Act, article: Article, user, base_version: int) -> None:
    """ValidationError when the publisher slips in what no second person saw.

    `base_version` is the version that stood before this save.
    """
    if user is None or (level := hooks.review_level(user)) == Level.ONE:
        return
    if level == Level.FULL and act == Act.PUBLISH:
        last = article.revisions.filter(number=base_version).first()
        written = article.revisions.get(number=article.version).content
        if last is None or _words(last.content) != _words(written):
            raise ValidationError(
                _("What was approved cannot be changed while publishing: save first.")
            )
    unknown = set(unknown_hosts(article.body))
    if not unknown:
        return
    others = article.revisions.exclude(author=user).exclude(author=None)
    seen = others.order_by("-number").values_list("content", flat=True).first()
    unseen = unknown - set(unknown_hosts(seen["body"])) if seen else unknown
    if unseen:
        raise ValidationError(
            _("Links to %(domains)s need a second person: submit the article first.")
            % {"domains": ", ".join(sorted(unseen))},
            code="links",
        )


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


def unknown_hosts(body: str) -> list[str]:
    """Return the domains that nobody vouched for and that `body` links to."""
    links = checklist.addresses_in(html.read(body))
    return sorted(set(link_check.outbound_hosts(links).values()))


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
