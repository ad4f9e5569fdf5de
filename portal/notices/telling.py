"""Writes notices in the transaction of what they tell: both happen or neither."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from news import hooks, permissions
from news.models import Article
from news.workflow import Act, Level
from portal.models import User
from portal.notices import people
from portal.notices.models import Kind, Notice

_REASON_CHARS, _NAME_CHARS = 2000, 300  # as the columns


@dataclass(frozen=True)
class Event:
    """What happened to an article; `by` is the account whose act it was."""

    article: Article
    by: User | None = None
    by_name: str = ""
    reason: str = ""


def of_act(act: str, *, user=None, object=None, note="", **_details) -> None:
    """Tell those whom an act on an article concerns; other acts concern nobody.

    Nor does what the site itself does (user None: demo, imports), but for a released
    revision that came back.
    """
    telling = _TELLING.get(act)
    if telling is None or not isinstance(object, Article):
        return
    if user is None:
        telling = _came_back if act == Act.RETURN and object.revision_of_id else None
    if telling:
        telling(Event(object, user, str(user or ""), note))


def of_leader(
    article: Article, *, issuer, leader: str, act: Act, note="", is_done=False
) -> None:
    """Tell the issuer of a link, and the writer, what a leader answered.

    `leader` is his name as the link has it, `act` Act.APPROVE or Act.RETURN.
    `is_done`: the act was done in the issuer's name, and its writer knows by that.
    """
    event = Event(article, None, leader, note)
    if is_done:
        told = people.of_article(article, issuer.pk)
    else:
        told = _hands(article, issuer.pk)
    is_approval = act == Act.APPROVE
    tell(event, Kind.LEADER_APPROVED if is_approval else Kind.LEADER_RETURNED, told)


@transaction.atomic
def of_review_days(articles: Collection[Article]) -> int:
    """Tell writers and editors of published articles that their day has come.

    Return of how many articles somebody was told; people are asked for once.
    """
    editors = people.holding(Act.REVISE)
    ids = {article.created_by_id for article in articles} - {None}
    writers = people.with_rights(User.objects.filter(pk__in=ids))
    done = 0
    for article in articles:
        told = [u for u in editors if permissions.may(u, article, Act.REVISE)]
        told += [u for u in writers if u.pk == article.created_by_id]
        seeing = [user for user in told if permissions.may_view(user, article)]
        done += bool(tell(Event(article), Kind.REVIEW_DUE, seeing, article.review_at))
    return done


def tell(event: Event, kind: Kind, users: Iterable[User], review_day=None) -> int:
    """Write one notice to each of `users` but the one who acted; return how many."""
    article, now = event.article, timezone.now()
    notices = [
        Notice(
            user=user,
            article_id=article.revision_of_id or article.pk,
            title=article.title,
            kind=kind,
            of_revision=article.revision_of_id is not None,
            reason=event.reason[:_REASON_CHARS],
            by_name=event.by_name[:_NAME_CHARS],
            goes_out_at=_goes_out_at(article) if kind == Kind.SCHEDULED else None,
            review_day=review_day,
            created_at=now,
            mail_due_at=now if _wants_mail(user) else None,
        )
        for user in {user.pk: user for user in users}.values()
        if event.by is None or user.pk != event.by.pk
    ]
    Notice.objects.bulk_create(notices, ignore_conflicts=review_day is not None)
    return len(notices)


def _hands(article: Article, *further: int | None) -> list[User]:
    """Return its writer, whoever submitted it, and `further` accounts by number."""
    return people.of_article(
        article, article.created_by_id, article.submitted_by_id, *further
    )


def _wants_mail(user: User) -> bool:
    return bool(settings.SENDS_MAIL and user.email and user.notify_by_mail)


def _goes_out_at(article: Article):
    """When readers will see it; None when they do already."""
    at = article.apply_at if article.revision_of_id else article.published_at
    return at if at and at > timezone.now() else None


def _submitted(event: Event) -> None:
    # In the full chain nobody publishes what is not approved, so the rule itself
    # leaves those who only publish for later.
    tell(event, Kind.SUBMITTED, people.able(event.article, Act.APPROVE, Act.PUBLISH))


def _returned(event: Event) -> None:
    tell(event, Kind.RETURNED, _hands(event.article))


def _came_back(event: Event) -> None:
    """A released revision could not go out: see news.working_copy.apply_due."""
    releases = event.article.revisions.filter(act__in=[Act.PUBLISH, Act.EMERGENCY])
    releaser = releases.values_list("author", flat=True).first()
    tell(event, Kind.FAILED, _hands(event.article, releaser))


def _approved(event: Event) -> None:
    hands = _hands(event.article)
    tell(event, Kind.APPROVED, hands)
    if hooks.review_level() == Level.FULL:
        known = {user.pk for user in hands}
        able = people.able(event.article, Act.PUBLISH)
        tell(event, Kind.TO_PUBLISH, [u for u in able if u.pk not in known])


def _published(event: Event) -> None:
    # Nobody can confirm a revision that waits for its time; it is told when it is out.
    if event.article.emergency_at and event.article.revision_of_id is None:
        _published_urgently(event)
        return
    is_ahead = _goes_out_at(event.article) is not None
    tell(event, Kind.SCHEDULED if is_ahead else Kind.PUBLISHED, _hands(event.article))


def _published_urgently(event: Event) -> None:
    able = people.able(event.article, Act.CONFIRM)
    tell(event, Kind.TO_CONFIRM, able)
    known = {user.pk for user in able}
    tell(event, Kind.EMERGENCY, [u for u in _hands(event.article) if u.pk not in known])


def _withdrawn(event: Event) -> None:
    tell(event, Kind.WITHDRAWN, _hands(event.article))


_TELLING = {
    Act.SUBMIT: _submitted,
    Act.RETURN: _returned,
    Act.APPROVE: _approved,
    Act.PUBLISH: _published,
    Act.EMERGENCY: _published,
    Act.WITHDRAW: _withdrawn,
}
