"""The editorial calendar: what goes out and what ends, by local day, as values.

Days are those of TIME_ZONE. Everything comes from one statement, bounded in the
database: of each kind no more of a day is read than the page shows.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db import models
from django.db.models import Count, F, Q, QuerySet, Value, Window
from django.db.models.functions import Cast, RowNumber, TruncDate
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from news import permissions
from news.models import Article, ListEntry
from news.workflow import State

# Nobody plans outside these years; beyond 1 and 9999 there is no date at all.
FIRST_YEAR, LAST_YEAR = 2000, 2100
PER_DAY = 5  # items of a day in the month
WORKING_DAYS_AHEAD = 3


class Kind(models.TextChoices):
    OUT = "out", _("Publication")
    END = "end", _("End of an article")
    LIST_START = "list_start", _("Into hot news or focus")
    LIST_END = "list_end", _("Out of hot news or focus")
    CHANGE = "change", _("Revision of a live article")
    REVIEW = "review", _("To be looked at again")


@dataclass(frozen=True)
class Item:
    """One instant at which something changes by itself, and of what."""

    kind: Kind
    at: datetime  # local
    pk: int  # of the article, or of the list's entry
    title: str
    list: str  # the list's name, of entries only
    is_ahead: bool

    @property
    def word(self) -> str:
        """What happens, in two or three words."""
        name = {"list": self.list}
        if self.kind == Kind.OUT:
            return gettext("goes out") if self.is_ahead else gettext("went out")
        if self.kind == Kind.END:
            return gettext("ends") if self.is_ahead else gettext("is over")
        if self.kind == Kind.CHANGE:
            return gettext("revision goes out")
        if self.kind == Kind.REVIEW:
            return gettext("look at it again")
        if self.kind == Kind.LIST_START:
            return gettext("into %(list)s") % name
        return gettext("leaves %(list)s") % name

    @property
    def has_time(self) -> bool:
        """False for what is meant for the whole day."""
        return self.kind != Kind.REVIEW

    @property
    def is_entry(self) -> bool:
        return self.kind in (Kind.LIST_START, Kind.LIST_END)


@dataclass
class Day:
    date: date
    is_today: bool
    is_past: bool
    in_month: bool
    items: list[Item] = field(default_factory=list)
    count: int = 0

    @property
    def further(self) -> int:
        return self.count - len(self.items)


@dataclass(frozen=True)
class Week:
    number: int  # ISO
    days: list[Day]


@dataclass(frozen=True)
class Month:
    first: date
    weeks: list[Week]
    counts: dict[Kind, int]  # inside the month; kinds without any are left out
    is_current: bool
    previous: date | None
    next: date | None


def month(user, first: date, kinds=(), category_ids=None) -> Month:
    """The month that begins on `first`, in whole weeks; one query.

    `kinds` and `category_ids` narrow what is shown.
    """
    now = timezone.now()
    days = _grid(first, timezone.localdate(now))
    start, end = min(days), max(days) + timedelta(days=1)
    rows = _rows(user, start, end, kinds, category_ids, PER_DAY)
    counts: dict[Kind, int] = {}
    counted = set()
    for item, total in sorted(_items(rows, now), key=lambda pair: pair[0].at):
        day = days[item.at.date()]
        if len(day.items) < PER_DAY:
            day.items.append(item)
        if (day.date, item.kind) not in counted:
            counted.add((day.date, item.kind))
            day.count += total
            if day.in_month:
                counts[item.kind] = counts.get(item.kind, 0) + total
    return Month(
        first=first,
        weeks=_weeks(list(days.values())),
        counts={kind: counts[kind] for kind in Kind if kind in counts},
        is_current=first == timezone.localdate(now).replace(day=1),
        previous=_neighbour(first - timedelta(days=1)),
        next=_neighbour(first + timedelta(days=31)),
    )


def day_rows(user, day: date, kinds=(), category_ids=None) -> QuerySet:
    """What happens on one day in its order, to be paged and read by `items`."""
    end = day + timedelta(days=1)
    return _rows(user, day, end, kinds, category_ids).order_by("at", "kind", "row_pk")


def items(rows: Iterable[dict]) -> list[Item]:
    return [item for item, _total in _items(rows, timezone.now())]


def empty_days(user) -> list[date]:
    """The next working days, when nothing at all goes out on any; else none.

    Only for those who see everybody's articles: to others the plan looks empty.
    """
    if not user.has_perm("news.change_others_article"):
        return []
    ahead = (timezone.localdate() + timedelta(days=n) for n in range(1, 8))
    days = [day for day in ahead if day.weekday() < 5][:WORKING_DAYS_AHEAD]
    planned = Q()
    for day in days:
        planned |= Q(published_at__gte=_midnight(day)) & Q(
            published_at__lt=_midnight(day + timedelta(days=1))
        )
    seen = permissions.visible_articles(user, Article.objects.order_by())
    return [] if seen.filter(planned, state=State.PUBLISHED).exists() else days


def parse_month(text: str) -> date:
    """Read "2026-11" as the month's first day; raises ValueError."""
    return parse_day(f"{text}-01")


def parse_day(text: str) -> date:
    """Read "2026-11-26"; raises ValueError for all else and for far years."""
    if not text.isascii() or len(text) != len("2026-11-26"):
        raise ValueError(text)
    day = date.fromisoformat(text)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(text)
    return day


# Days


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _grid(first: date, today: date) -> dict[date, Day]:
    """All days of the weeks in which the month has one, from a Monday."""
    after = (first + timedelta(days=31)).replace(day=1)
    monday = first - timedelta(days=first.weekday())
    last = after - timedelta(days=1)
    sunday = last + timedelta(days=6 - last.weekday())
    shown = (monday + timedelta(days=n) for n in range((sunday - monday).days + 1))
    return {
        day: Day(day, day == today, day < today, first <= day <= last) for day in shown
    }


def _weeks(days: list[Day]) -> list[Week]:
    return [
        Week(days[start].date.isocalendar().week, days[start : start + 7])
        for start in range(0, len(days), 7)
    ]


def _neighbour(day: date) -> date | None:
    first = day.replace(day=1)
    return first if FIRST_YEAR <= first.year <= LAST_YEAR else None


# Rows


def _rows(user, start: date, end: date, kinds, category_ids, per_day=None) -> QuerySet:
    """One statement over all kinds, from `start` to before `end`."""
    wanted = [kind for kind in Kind if not kinds or kind in kinds]
    first, *others = [
        _dated(rows, kind, name, start, end, per_day)
        for kind, rows, name in _sources(user, category_ids)
        if kind in wanted
    ] or [_dated(Article.objects.none(), Kind.OUT, "published_at", start, end, None)]
    return first.union(*others, all=True) if others else first


def _sources(user, category_ids):
    """Yield each kind, its rows and the field of its time."""
    articles = permissions.visible_articles(user, Article.objects.order_by())
    if category_ids is not None:
        articles = articles.in_categories(category_ids)
    live = articles.filter(state=State.PUBLISHED)
    yield Kind.OUT, live, "published_at"
    yield Kind.END, live, "expires_at"
    yield Kind.CHANGE, articles.exclude(revision_of=None), "apply_at"
    yield Kind.REVIEW, live, "review_at"
    if user.has_perm("news.view_listentry"):
        entries = ListEntry.objects.order_by().filter(article__in=articles.values("pk"))
        yield Kind.LIST_START, entries, "starts_at"
        yield Kind.LIST_END, entries, "ends_at"


def _dated(rows, kind: Kind, name: str, start: date, end: date, per_day) -> QuerySet:
    """Rows as kind, row_pk, at, row_title, row_list, total (of the day and kind)."""
    is_entry = rows.model is ListEntry
    if kind == Kind.REVIEW:  # a day, which is cast to 07:00 here (midnight in UTC)
        first, after, day = start, end, F(name)
        at = Cast(name, models.DateTimeField())
    else:
        first, after, day = _midnight(start), _midnight(end), TruncDate(name)
        at = F(name)
    rows = rows.filter(**{f"{name}__gte": first, f"{name}__lt": after}).annotate(
        kind=Value(kind.value, output_field=models.CharField()),
        row_pk=F("pk"),
        at=at,
        row_title=F("article__title" if is_entry else "title"),
        row_list=F("list") if is_entry else Value("", models.CharField()),
        total=Window(Count("pk"), partition_by=day) if per_day else Value(0),
    )
    if per_day:
        place = Window(RowNumber(), partition_by=day, order_by=[F(name), F("pk")])
        rows = rows.annotate(place=place).filter(place__lte=per_day)
    return rows.values("kind", "row_pk", "at", "row_title", "row_list", "total")


def _items(rows: Iterable[dict], now: datetime) -> Iterable[tuple[Item, int]]:
    for row in rows:
        item = Item(
            kind=Kind(row["kind"]),
            at=timezone.localtime(row["at"]),
            pk=row["row_pk"],
            title=row["row_title"],
            list=str(ListEntry.List(row["row_list"]).label) if row["row_list"] else "",
            is_ahead=row["at"] > now,
        )
        yield item, row["total"]
