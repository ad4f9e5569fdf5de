"""Figures of single articles, for the forms and lists of those who write them."""

from dataclasses import dataclass
from datetime import date

from django.db.models import BigIntegerField, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from . import clock, totals
from .chart import Spark, sparkline
from .models import PageDay, PageTotal

DAYS = 90


@dataclass(frozen=True, slots=True)
class Reading:
    """How an article was read in the last `DAYS` days, today among them."""

    total: int  # of all time
    days: list[tuple[date, int]]  # oldest first, zeros included
    spark: Spark

    @property
    def recent(self) -> int:
        return sum(views for _day, views in self.days)


def reading(article_id: int) -> Reading:
    """The views of one article by day; two queries, both by an index."""
    today = clock.today()
    days = [clock.days_before(today, ago) for ago in reversed(range(DAYS))]
    rows = PageDay.objects.filter(
        kind="article", object_id=article_id, day__range=(days[0], today)
    )
    found = dict(rows.values_list("day", "views"))
    values = [found.get(day, 0) for day in days]
    total = totals.article_views([article_id])[article_id]
    return Reading(total, list(zip(days, values, strict=True)), sparkline(values))


def views_of(reference: str) -> Coalesce:
    """An expression: all views of the article whose id is the column `reference`."""
    rows = PageTotal.objects.filter(kind="article", object_id=OuterRef(reference))
    return Coalesce(
        Subquery(rows.values("views")), Value(0), output_field=BigIntegerField()
    )
