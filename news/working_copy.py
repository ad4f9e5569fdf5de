"""A live article is changed in a working copy; readers see it when it is published.

The copy is an article of its own (`revision_of` is set) that goes the same way through
review, is never public itself and has the article's form, checks and preview. Its
publication writes its content into the live article, whose number, address, views and
places in lists stay, and hands over its history.
"""

import logging
from datetime import datetime
from functools import partial

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from news import body as bodies
from news import hooks, publishing, saving
from news.files import delete_unused
from news.models import Article, Attachment, Autosave
from news.workflow import Act, State

logger = logging.getLogger(__name__)
# What a copy takes from the article and gives back to it, besides the body.
CONTENT = (
    *("title", "category", "sapo"),
    *("cover", "show_cover", "cover_caption", "cover_alt", "cover_alt_kind"),
    *("signature_unit", "author", "author_text", "source_name", "source_url"),
    *("published_at", "expires_at", "review_at"),
)
_FILE = ("title", "file", "file_name", "content_type", "size_bytes", "position")


def copy_of(article: Article) -> Article | None:
    """Return the working copy of a stored article, if there is one.

    One query, none where the article was read together with it.
    """
    if Article.working_copy.is_cached(article):
        return getattr(article, "working_copy", None)
    return Article.objects.filter(revision_of=article.pk).first()


@transaction.atomic
@hooks.in_one_record
def revise(article: Article, *, user=None) -> Article:
    """Return the working copy of a live article, made now if there is none.

    A draft that belongs to the article's writer. ValidationError when the article is
    not published.
    """
    stored = saving.lock(article)
    if existing := copy_of(article):
        return existing
    publishing.check_act(Act.REVISE, stored, user, "")
    article = Article.objects.get(pk=article.pk)
    copy = Article(
        revision_of=article, slug=article.slug, created_by=article.created_by
    )
    _take_over(copy, article)
    saving.save_article(
        copy,
        user=user,
        act=Act.REVISE,
        body=_editor_body(article),
        further_categories=article.further_categories.all(),
        tags=article.tags.all(),
    )
    for file in article.attachments.all():
        same = {name: getattr(file, name) for name in _FILE}
        Attachment.objects.create(article=copy, revises=file, **same)
    saving.complete_revision(copy)
    hooks.record(Act.REVISE, user=user, object=article, note="")
    return copy


@transaction.atomic
def release(copy: Article, *, user=None, note="", act: Act = Act.PUBLISH, **content):
    """Save a copy as it is to go out; `finish` sends it. Raises ValidationError.

    Two steps, because a form stores its attachments between them.
    """
    stored = saving.lock(copy)
    publishing.check_act(act, stored, user, note)
    copy.state = State.APPROVED
    publishing.mark_emergency(copy, act, user)
    saving.save_article(copy, user=user, note=note, act=act, **content)
    publishing.check_publication(act, copy, user, stored.version)
    return copy


@transaction.atomic
@hooks.in_one_record
def finish(
    copy: Article,
    *,
    user=None,
    at: datetime | None = None,
    note: str = "",
    act: Act = Act.PUBLISH,
    public_note: str = "",
) -> Article:
    """Make a released copy the content of its article; return what was changed.

    `at` ahead leaves it waiting for that time instead and returns the copy: see
    `apply_due`. With a `public_note` the change is a major one: readers are told, and
    the date of the update and the feeds move. Without, it is minor.
    """
    copy.public_notes = [{"note": public_note}] if public_note else []
    if at is not None and at > timezone.now():
        copy.apply_at = at
        copy.save()
        hooks.record(act, user=user, object=copy, note=note)
        return copy
    # The article's own revision says the same.
    copy.revisions.filter(number=copy.version).delete()
    return apply(copy, user=user, note=note, act=act)


@transaction.atomic
@hooks.in_one_record
def publish(copy: Article, *, user=None, at=None, public_note="", note="", **content):
    """`release` and `finish` in one."""
    act = content.pop("act", Act.PUBLISH)
    release(copy, user=user, note=note, act=act, **content)
    return finish(copy, user=user, at=at, note=note, act=act, public_note=public_note)


@transaction.atomic
@hooks.in_one_record
def apply(copy: Article, *, user=None, note: str = "", act: Act = Act.PUBLISH):
    """Write the content of a released copy into its article and end the copy."""
    article = _locked_article(copy)
    if article.state not in (State.PUBLISHED, State.WITHDRAWN):
        raise ValidationError(
            _("The article itself is in the state “%(state)s”; it was not changed.")
            % {"state": article.get_state_display()},
            code="transition",
        )
    _take_over(article, copy)
    article.state = State.PUBLISHED
    article.withdrawal = article.withdrawal_notice = article.withdrawal_url = ""
    for name in ("submitted_by", "approved_by", "emergency_by", "emergency_at"):
        setattr(article, name, getattr(copy, name))
    if copy.public_notes:
        article.revised_at = timezone.now()
        told = {"at": article.revised_at.isoformat(), **copy.public_notes[0]}
        article.public_notes = [told, *article.public_notes]
    _hand_over_history(copy, article)
    saving.save_article(
        article,
        user=user,
        note=note,
        act=act,
        body=_editor_body(copy),
        further_categories=copy.further_categories.all(),
        tags=copy.tags.all(),
    )
    _hand_over_attachments(copy, article)
    saving.complete_revision(article)
    _hand_over_kept(copy, article)
    copy.delete()
    hooks.record(act, user=user, object=article, note=note)
    return article


@transaction.atomic
@hooks.in_one_record
def discard(copy: Article, *, user=None, note: str = "", version: int | None = None):
    """Drop a copy; what was written in it stays in the history of its article."""
    stored = saving.lock(copy)
    publishing.check_act(Act.DISCARD, stored, user, note)
    if version is not None and stored.version != version:
        raise saving.Conflict(stored)
    article = _locked_article(copy)
    _hand_over_history(copy, article)
    article.refresh_from_db(fields=["version"])
    Article.objects.filter(pk=article.pk).update(version=F("version") + 1)
    article.version += 1
    saving.write_revision(article, user=user, note=note, act=Act.DISCARD)
    _hand_over_kept(copy, article)
    copy.delete()
    hooks.record(Act.DISCARD, user=user, object=article, note=note)
    return article


def apply_due(now: datetime | None = None) -> int:
    """Apply the released copies whose time has come; return how many.

    Called every second by housekeeping. A copy that cannot be applied goes back to
    its writer with the reason, so one of them cannot hold up the others.
    """
    now = now or timezone.now()
    done = 0
    for number in _due(now):
        try:
            done += _apply_if_due(number, now)
        except ValidationError as error:
            logger.warning("working copy %s: %s", number, error.messages)
            _send_back(number, " ".join(error.messages))
    return done


def _due(now: datetime) -> list[int]:
    due = Article.objects.filter(apply_at__lte=now, revision_of__state=State.PUBLISHED)
    return list(due.order_by("apply_at", "pk").values_list("pk", flat=True))


@transaction.atomic
def _apply_if_due(number: int, now: datetime) -> bool:
    """Apply a copy unless it was changed or its article withdrawn meanwhile."""
    rows = Article.objects.select_for_update(of=("self",))
    copy = rows.filter(pk=number, apply_at__lte=now).first()
    if copy is None or _locked_article(copy).state != State.PUBLISHED:
        return False
    last = copy.revisions.select_related("author").first()
    apply(copy, user=last.author if last else None)
    return True


def _locked_article(copy: Article) -> Article:
    """Return the article of a copy as it is stored, locked before it is read."""
    return Article.objects.select_for_update(of=("self",)).get(pk=copy.revision_of_id)


@transaction.atomic
@hooks.in_one_record
def _send_back(number: int, reason: str) -> None:
    """Return a copy as it stands: what is wrong with it may be its own content."""
    copy = Article.objects.select_for_update(of=("self",)).get(pk=number)
    copy.state, copy.apply_at, copy.approved_by = State.RETURNED, None, None
    copy.version += 1
    copy.save()
    saving.write_revision(copy, note=reason, act=Act.RETURN)
    hooks.record(Act.RETURN, user=None, object=copy, note=reason)


def _take_over(target: Article, source: Article) -> None:
    for name in CONTENT:
        setattr(target, name, getattr(source, name))


def _editor_body(article: Article) -> str:
    """The body with each picture by its own number: another article may store it."""
    placements = article.placements.select_related("image")
    return bodies.editor_html(article.body, placements)


def _hand_over_history(copy: Article, article: Article) -> None:
    base = Article.objects.values_list("version", flat=True).get(pk=article.pk)
    moved = copy.revisions.update(article=article, number=F("number") + base)
    Article.objects.filter(pk=article.pk).update(version=base + moved)
    copy.leader_links.update(
        article=article,
        version=F("version") + base,
        answered_version=F("answered_version") + base,
    )


def _hand_over_kept(copy: Article, article: Article) -> None:
    """What somebody was still typing in the copy is found at its article.

    It was begun on a version of the copy: of the article's it knows none.
    """
    kept = Autosave.objects.filter(article=copy)
    kept.update(article=article, base_version=0)


def _hand_over_attachments(copy: Article, article: Article) -> None:
    """A file keeps its number, and so its public address, whatever became of it."""
    kept = set()
    for file in copy.attachments.select_related("revises"):
        if file.revises is None:
            file.article = article
            file.save()
            kept.add(file.pk)
            continue
        if file.revises.file.name != file.file.name:
            transaction.on_commit(partial(delete_unused, file.revises.file.name))
        for name in _FILE:
            setattr(file.revises, name, getattr(file, name))
        file.revises.save()
        kept.add(file.revises_id)
    for file in article.attachments.exclude(pk__in=kept):
        file.delete()
