"""The acts of the newsroom, one transaction each, one revision each.

The admin, the demo and imports all come through here. Who may touch which article
stands in news.permissions, which act leads where and whose hands it needs in
news.workflow, how an article is stored in news.saving. Each act locks the stored row
and asks the table again: what a form showed may be old.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from news import checklist, hooks, html, link_check, saving
from news.models import Article, Category
from news.workflow import (
    TRANSITIONS,
    Act,
    Level,
    State,
    Withdrawal,
    hands_refusal,
    state_refusal,
)


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
    elif link_check.article_number(url) == article.pk:
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

    saving.Conflict when somebody saved it since it was read.
    """
    stored = saving.lock(article)
    if stored is None or stored.version != article.version:
        raise saving.Conflict(stored or article)
    article.category, article.version = category, article.version + 1
    article.save(update_fields=["category", "version", "updated_at"])
    note = _("Moved to “%(section)s”") % {"section": category}
    saving.write_revision(article, user=user, note=note)
    return article


def each(
    act: Callable, articles: Iterable[Article], **arguments
) -> tuple[list[Article], list[tuple[Article, ValidationError]]]:
    """Do `act` to each article that can be; return those done and those refused.

    An article that somebody saved since it was read is refused with saving.Conflict.
    """
    done, refused = [], []
    for article in articles:
        try:
            done.append(act(article, version=article.version, **arguments))
        except ValidationError as error:
            refused.append((article, error))
    return done, refused


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
            stored = saving.lock(article)
            check_act(act, stored or article, user, note)
            article.state = TRANSITIONS[act].target or article.state
            if change:
                change(stored)
            saving.save_article(article, user=user, note=note, act=act, **content)
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
    is_fixed = level == Level.FULL and act == Act.PUBLISH
    if is_fixed and not saving.is_unchanged(article, since=base_version):
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


def unknown_hosts(body: str) -> list[str]:
    """Return the domains that nobody vouched for and that `body` links to."""
    links = checklist.addresses_in(html.read(body))
    return sorted(set(link_check.outbound_hosts(links).values()))
