"""The sums that must agree; each check names what differs. Read-only."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import F, Q, Sum
from django.utils.translation import gettext as _

from . import clock, totals
from .counting import DOWNLOAD
from .housekeeping import HOURS_DAYS
from .models import Day, Hour, LedgerEntry, PageDay, PageTotal

SHOWN = 10  # differences named of each check


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    differences: list[str]

    @property
    def holds(self) -> bool:
        return not self.differences


def checks() -> Iterator[Check]:
    days = {row.day: (row.views, row.visits) for row in Day.objects.all()}
    pages = PageDay.objects.exclude(kind=DOWNLOAD)
    yield _compare(
        _("views and visits by page add up to the day"), days, _by_day(pages)
    )
    kept = clock.days_before(clock.today(), HOURS_DAYS - 1)
    yield _compare(
        _("views and visits by hour add up to the day (since %(day)s)")
        % {"day": f"{kept:%d/%m/%Y}"},
        {day: pair for day, pair in days.items() if day >= kept},
        _by_day(Hour.objects.filter(day__gte=kept)),
    )
    yield _compare(
        _("totals by page are the sums of their days"), _totals(), _page_sums()
    )
    yield _no_negatives()
    yield _public_total(days)


def _by_day(rows) -> dict:
    sums = rows.values_list("day").annotate(v=Sum("views"), s=Sum("visits"))
    return {day: (views, visits) for day, views, visits in sums}


def _totals() -> dict:
    rows = PageTotal.objects.values_list("kind", "object_id", "views")
    return {(kind, number): views for kind, number, views in rows}


def _page_sums() -> dict:
    rows = PageDay.objects.values_list("kind", "object_id").annotate(v=Sum("views"))
    return {(kind, number): views for kind, number, views in rows}


def _compare(name: str, left: dict, right: dict) -> Check:
    different = []
    for key in sorted(left.keys() | right.keys()):
        one, other = left.get(key, 0), right.get(key, 0)
        if one != other and any(_flat(one) + _flat(other)):
            label = key if isinstance(key, tuple) else str(key)
            different.append(f"{label}: {one} ≠ {other}")
    return Check(name, different[:SHOWN])


def _flat(value) -> tuple:
    return value if isinstance(value, tuple) else (value,)


def _no_negatives() -> Check:
    wrong = Day.objects.filter(
        Q(views__lt=0)
        | Q(visits__lt=0)
        | Q(visitors__gt=F("visits"))
        | Q(visits__gt=F("views"))
    )
    return Check(
        _("0 <= visitors <= visits <= views on every day"),
        [str(day) for day in wrong[:SHOWN]],
    )


def _public_total(days: dict) -> Check:
    metric = totals.read().metric
    measured = sum(pair[metric == "visits"] for pair in days.values())
    ledger = sum(
        LedgerEntry.objects.filter(metric=metric).values_list("delta", flat=True)
    )
    shown = totals.read().total
    wrong = [] if shown == measured + ledger else [f"{shown} ≠ {measured} + {ledger}"]
    return Check(_("public total = days + ledger"), wrong)
