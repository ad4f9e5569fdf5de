"""What waits for one person: piles of articles, and what readers did not find.

A few rows and a count of each.

A fixed number of queries, and each of them ends early: LENGTH rows, counts to MOST.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from news import permissions
from news.models import Article, Revision, State
from news.workflow import Act
from search import log

LENGTH = 6  # rows in each pile
MOST = 99  # a longer pile is only “more than 99”
ENDS_SOON = timedelta(days=7)
SOUGHT_DAYS = 7
_REASON_CHARS = 120


@dataclass(frozen=True)
class Row:
    """One line of a pile: an article (or words), whose it is, what there is to say."""

    title: str
    url: str
    small: str
    reason: str = ""


@dataclass(frozen=True)
class Pile:
    """Some articles that wait, and how many there are in all."""

    name: str
    title: str
    empty: str  # what is said when nothing waits; "": then the pile is left out
    url: str  # "" when no list shows exactly these
    articles: list[Article]
    count: int  # MOST + 1: more than MOST
    rows: list[Row]

    @property
    def count_text(self) -> str:
        if self.count > MOST:
            return _("more than %(count)s") % {"count": MOST}
        return str(self.count)

    @property
    def has_more(self) -> bool:
        return self.count > len(self.rows)


def prepare(user) -> list[Pile]:
    """Return the piles of `user`; one without words for empty only when it is not."""
    piles = []
    if user.has_perm("news.review_article") or user.has_perm("news.publish_article"):
        piles += _of_editors(user)
    if user.has_perm("news.add_article"):
        piles += _of_writers(user)
    if user.has_perm("news.view_article"):
        piles += _by_time(user)
    if user.has_perm("search.view_soughtwords"):
        piles.append(_not_found())
    return [pile for pile in piles if pile.rows or pile.empty]


def _of_editors(user) -> Iterable[Pile]:
    waiting = permissions.waiting_articles(user, _articles())
    yield _pile(
        "waiting",
        _("Waiting for me"),
        _("Nothing waits."),
        waiting.order_by("updated_at", "pk"),
        "forme=waiting",
        _waiting,
    )
    urgent = permissions.unconfirmed_articles(user, _articles())
    yield _pile(
        "urgent",
        _("Published in an emergency: approve afterwards"),
        "",
        urgent.order_by("emergency_at", "pk"),
        "forme=waiting",
        _urgent,
    )


def _of_writers(user) -> Iterable[Pile]:
    seen = permissions.visible_articles(user, _articles())
    returned = permissions.returned_to(user, _articles())
    yield _returned(returned.order_by("-updated_at"))
    drafts = seen.filter(created_by=user, state=State.DRAFT)
    yield _pile(
        "drafts",
        _("My drafts"),
        _("No draft. Begin with “Write an article”."),
        drafts.order_by("-updated_at"),
        "writer=me&state=draft",
        _draft,
    )


def _by_time(user) -> Iterable[Pile]:
    now = timezone.now()
    seen = permissions.visible_articles(user, _articles())
    # A union: over 100,000 articles neither engine answers the same with OR.
    ids = Article.objects.order_by().values("pk")
    ahead = ids.scheduled(now).union(ids.filter(apply_at__isnull=False))
    yield _pile(
        "scheduled",
        _("Scheduled"),
        _("Nothing is scheduled."),
        seen.filter(pk__in=ahead).order_by(Coalesce("apply_at", "published_at"), "pk"),
        "state=scheduled",
        _scheduled,
    )
    tended = permissions.tended_articles(user, _articles())
    due = tended.filter(state=State.PUBLISHED, review_at__lte=timezone.localdate(now))
    yield _pile(
        "stale",
        _("To be looked at again"),
        "",
        due.order_by("review_at", "pk"),
        "",
        _stale,
    )
    ending = tended.published(now).filter(expires_at__lte=now + ENDS_SOON)
    yield _pile(
        "ending",
        _("Ending within seven days"),
        "",
        ending.order_by("expires_at", "pk"),
        "",
        _ending,
    )


def _not_found() -> Pile:
    """What readers looked for in vain, the most often first; one query."""
    found = log.not_found(SOUGHT_DAYS, MOST + 1)
    rows = [
        Row(
            words,
            f"{reverse('search')}?{urlencode({'q': words})}",
            ngettext("%(count)d time", "%(count)d times", count) % {"count": count},
        )
        for words, count in found[:LENGTH]
    ]
    address = reverse("admin:search_soughtwords_changelist")
    return Pile(
        name="not-found",
        title=_("Searched for and not found, last seven days"),
        empty="",
        url=f"{address}?period={SOUGHT_DAYS}&found=nothing",
        articles=[],
        count=len(found),
        rows=rows,
    )


def _articles():
    return Article.objects.select_related(
        "created_by", "category", "submitted_by", "emergency_by"
    ).defer("body", "body_html", "body_text", "category__description")


def _pile(name, title, empty, articles, query, row) -> Pile:
    first = list(articles[: LENGTH + 1])
    count = len(first)
    if count > LENGTH:
        count = articles.order_by()[: MOST + 1].count()
    shown = first[:LENGTH]
    url = f"{reverse('admin:news_article_changelist')}?{query}" if query else ""
    rows = [row(article) for article in shown]
    return Pile(name, title, empty, url, shown, count, rows)


def _row(article, *small, reason="") -> Row:
    url = reverse("admin:news_article_change", args=[article.pk])
    parts = [str(article.category), *map(str, filter(None, small))]
    if article.revision_of_id:
        parts.insert(0, _("revision of a live article"))
    return Row(article.title, url, " · ".join(parts), reason)


def _moment(at) -> str:
    return f"{timezone.localtime(at):%d/%m/%Y %H:%M}"


def _waiting(article) -> Row:
    by = article.submitted_by or article.created_by
    is_approved = article.state == State.APPROVED
    state = _("approved, to be published") if is_approved else ""
    return _row(article, state, by, _moment(article.updated_at))


def _urgent(article) -> Row:
    return _row(article, article.emergency_by, _moment(article.emergency_at))


def _draft(article) -> Row:
    return _row(article, _moment(article.updated_at))


def _scheduled(article) -> Row:
    at = article.apply_at or article.published_at
    return _row(article, article.created_by, _moment(at))


def _stale(article) -> Row:
    day = _("day set: %(day)s") % {"day": f"{article.review_at:%d/%m/%Y}"}
    return _row(article, article.created_by, day)


def _ending(article) -> Row:
    return _row(article, article.created_by, _moment(article.expires_at))


def _returned(articles) -> Pile:
    """Returned to the writer, with who returned it and the beginning of why."""
    newest = Revision.objects.filter(article=OuterRef("pk"), act=Act.RETURN)
    newest = newest.order_by("-number").values("pk")[:1]
    articles = articles.annotate(returned_by=Subquery(newest))
    pile = _pile(
        "returned",
        _("Returned to me"),
        _("Nothing was returned."),
        articles,
        "forme=returned",
        _draft,
    )
    ids = [article.returned_by for article in pile.articles if article.returned_by]
    acts = Revision.objects.select_related("author").defer("content").in_bulk(ids)
    rows = [_returned_row(a, acts.get(a.returned_by)) for a in pile.articles]
    return replace(pile, rows=rows)


def _returned_row(article, revision: Revision | None) -> Row:
    if revision is None:
        return _draft(article)
    reason = " ".join(revision.note.split())
    if len(reason) > _REASON_CHARS:
        reason = reason[:_REASON_CHARS].rstrip() + "…"
    return _row(article, revision.author, _moment(article.updated_at), reason=reason)
