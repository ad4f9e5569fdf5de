"""Hot news and focus as the back office sees them: rows in hand order, warnings.

`news.list_order` changes them. Times are aware; `at` is the instant looked at.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from news import hooks, permissions
from news.body import thumbnail_url
from news.models import Article, ListEntry
from news.workflow import State

# Rows of a list on its page; far more than anybody orders by hand.
MAX_ROWS = 200
MAX_ENDED = 20
STALE_AFTER = timedelta(days=7)
ENDS_SOON = timedelta(hours=24)


class Status(models.TextChoices):
    """Why readers see an entry, or why not."""

    SHOWN = "shown", gettext_lazy("shown")
    LATER = "later", gettext_lazy("starts later")
    ENDED = "ended", gettext_lazy("ended")
    SCHEDULED = "scheduled", gettext_lazy("the article is scheduled")
    HIDDEN = "hidden", gettext_lazy("the article is not public")


# How the admin's theme colours each.
_STYLES = {
    Status.SHOWN: "published",
    Status.LATER: "scheduled",
    Status.ENDED: "expired",
    Status.SCHEDULED: "scheduled",
    Status.HIDDEN: "returned",
}


@dataclass(frozen=True)
class Row:
    entry: ListEntry
    status: Status
    is_on_home: bool

    @property
    def style(self) -> str:
        return _STYLES[self.status]

    @property
    def may_end(self) -> bool:
        """Whether its time runs, so that it can end now."""
        return self.status not in (Status.LATER, Status.ENDED)

    @property
    def picture(self) -> str:
        """The address of a small picture, or ""."""
        cover = self.entry.article.cover
        return thumbnail_url(cover) if cover else ""


@dataclass(frozen=True)
class Board:
    """One list: what has not ended in hand order, and the last that ended."""

    name: str
    label: str
    rows: list[Row]
    further: int  # rows behind the last one shown here
    ended: list[ListEntry]
    ended_count: int
    on_home: int


@dataclass(frozen=True)
class ListWarning:
    """One thing that is wrong with a list, in a sentence without any title."""

    list: str
    sentence: str


def status(entry: ListEntry, at: datetime) -> Status:
    article = entry.article
    if entry.ends_at and entry.ends_at <= at:
        return Status.ENDED
    if entry.starts_at and entry.starts_at > at:
        return Status.LATER
    if article.is_published(at):
        return Status.SHOWN
    if article.state == State.PUBLISHED and article.published_at > at:
        return Status.SCHEDULED
    return Status.HIDDEN


def visible_entries(user):
    """The entries of articles that `user` may see."""
    seen = permissions.visible_articles(user, Article.objects.order_by())
    return ListEntry.objects.filter(article__in=seen.values("pk"))


def boards(user, at: datetime) -> list[Board]:
    """Both lists as `user` may see them; a fixed number of queries."""
    home = hooks.home_lists(at)
    return [_board(user, which, home.get(which, ()), at) for which in ListEntry.List]


def _board(user, which, home_ids, at) -> Board:
    entries = _with_articles(visible_entries(user).filter(list=which))
    lasting, ended = entries.lasting(at), entries.ended(at)
    rows, last_ended = list(lasting[: MAX_ROWS + 1]), list(ended[: MAX_ENDED + 1])
    return Board(
        name=which.value,
        label=str(which.label),
        rows=[
            Row(entry, status(entry, at), entry.article_id in home_ids)
            for entry in rows[:MAX_ROWS]
        ],
        further=lasting.count() - MAX_ROWS if len(rows) > MAX_ROWS else 0,
        ended=last_ended[:MAX_ENDED],
        ended_count=ended.count() if len(last_ended) > MAX_ENDED else len(last_ended),
        on_home=len(home_ids),
    )


def _with_articles(entries):
    bodies = ("body", "body_html", "body_text")
    return entries.select_related("article__category", "article__cover").defer(
        *(f"article__{name}" for name in bodies), "article__cover__file"
    )


# Warnings


def warnings(at: datetime | None = None) -> list[ListWarning]:
    """What is stale or wrong in both lists; one query, no title told."""
    at = at or timezone.now()
    entries = list(
        ListEntry.objects.lasting(at)
        .select_related("article")
        .only(
            *("list", "starts_at", "ends_at", "article__state"),
            *("article__published_at", "article__expires_at"),
        )[: 2 * MAX_ROWS]
    )
    found = []
    for which in ListEntry.List:
        own = [entry for entry in entries if entry.list == which]
        shown = [entry for entry in own if status(entry, at) == Status.SHOWN]
        for sentence in (*_stale(which.label, shown, at), *_withdrawn(which, own)):
            found.append(ListWarning(which.value, sentence))
    return found


def _stale(label, shown: list[ListEntry], at: datetime) -> Iterable[str]:
    name = {"list": label}
    if not shown:
        yield _("“%(list)s” is empty: readers see nothing of it.") % name
        return
    ends = [_end(entry) for entry in shown]
    if None not in ends and max(ends) <= at + ENDS_SOON:
        last = timezone.localtime(max(ends))
        sentence = _("Everything shown in “%(list)s” ends before %(time)s.")
        yield sentence % (name | {"time": f"{last:%H:%M %d/%m/%Y}"})
    newest = max(entry.article.published_at for entry in shown)
    if at - newest > STALE_AFTER:
        sentence = _("The newest article in “%(list)s” is %(days)s days old.")
        yield sentence % (name | {"days": (at - newest).days})


def _end(entry: ListEntry) -> datetime | None:
    """When readers stop seeing a shown entry: its own end or its article's."""
    ends = [end for end in (entry.ends_at, entry.article.expires_at) if end]
    return min(ends, default=None)


def _withdrawn(which, entries: list[ListEntry]) -> Iterable[str]:
    gone = (State.WITHDRAWN, State.TRASHED)
    if count := sum(entry.article.state in gone for entry in entries):
        yield ngettext(
            "%(count)s entry of “%(list)s” is of a withdrawn article.",
            "%(count)s entries of “%(list)s” are of withdrawn articles.",
            count,
        ) % {"count": count, "list": which.label}
