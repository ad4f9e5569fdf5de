"""What the lists of the back office share: bounded dates and search without accents.

Django reads every row of a table to offer its years; these lists ask for the first
and the last day only.
"""

import calendar
from datetime import date

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db import DataError
from django.utils import formats, timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from news.library import fold

# In a request; other years come from slips of the finger, and some of them leave
# the calendar in another time zone.
_YEARS = range(1900, 2200)
_MOST_YEARS = 40  # links; the newest
_MOST_FOUND = 1000  # rows of one search, the newest


class DeskChangeList(ChangeList):
    """A list whose cost does not grow with the table, and that no address breaks."""

    def get_filters(self, request):
        name = f"{self.date_hierarchy}__year"
        asked = request.GET.get(name, "") if self.date_hierarchy else ""
        if asked and not (asked.isdecimal() and int(asked[:5]) in _YEARS):
            raise IncorrectLookupParameters(f"no such year: {asked[:20]}")
        return super().get_filters(request)

    def get_results(self, request):
        try:
            super().get_results(request)
        except (ValueError, OverflowError, DataError) as error:
            # A day outside the calendar, a number outside the column.
            raise IncorrectLookupParameters(error) from error

    @cached_property
    def dates(self) -> dict | None:
        """What admin/date_hierarchy.html shows: years, then months, then days."""
        if not self.date_hierarchy:
            return None
        chosen = [self._asked(part) for part in ("year", "month", "day")]
        year, month, day = chosen
        if not year:
            return {"back": None, "choices": [self._link(y) for y in self._years()]}
        if not month:
            back = {"link": self._query(), "title": _("All dates")}
            months = [self._link(year, number) for number in range(1, 13)]
            return {"back": back, "choices": months}
        if not day:
            back = {"link": self._query(year=year), "title": str(year)}
            last = calendar.monthrange(year, month)[1]
            days = [self._link(year, month, number) for number in range(1, last + 1)]
            return {"back": back, "choices": days}
        back = self._link(year, month)
        return {"back": back, "choices": [{"title": f"{day:02}/{month:02}/{year}"}]}

    def _asked(self, part: str) -> int:
        return int(self.params.get(f"{self.date_hierarchy}__{part}") or 0)

    def _years(self) -> range:
        """From the newest to the oldest year in the table: two looks at an index."""
        name = self.date_hierarchy
        rows = self.model.objects.filter(**{f"{name}__isnull": False})
        ends = [
            rows.order_by(order).values_list(name, flat=True).first()
            for order in (name, f"-{name}")
        ]
        if None in ends:
            return range(0)
        first, last = (
            timezone.localtime(end).year if hasattr(end, "hour") else end.year
            for end in ends
        )
        return range(last, max(first, last - _MOST_YEARS) - 1, -1)

    def _link(self, year: int, month: int = 0, day: int = 0) -> dict[str, str]:
        if day:
            title = f"{day:02}/{month:02}"
        elif month:
            title = capfirst(formats.date_format(date(year, month, 1), "F"))
        else:
            title = str(year)
        return {"link": self._query(year, month, day), "title": title}

    def _query(self, year: int = 0, month: int = 0, day: int = 0) -> str:
        name = self.date_hierarchy
        asked = {"year": year, "month": month, "day": day}
        wanted = {f"{name}__{part}": number for part, number in asked.items() if number}
        return self.get_query_string(wanted, [f"{name}__"])


class KeysFirstPaginator(Paginator):
    """Skips over keys in an index instead of over whole rows with their texts.

    `rows` is the queryset that then reads the rows of one page by their keys. With
    `at_once` all keys are read in one go and counted here: for words, which cost the
    search index the same whether they count or list.
    """

    def __init__(self, *args, rows, at_once=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.rows = rows
        self.at_once = at_once

    @cached_property
    def keys(self):
        keys = self.object_list.values_list("pk", flat=True)
        return list(keys) if self.at_once else keys

    @cached_property
    def count(self):
        return len(self.keys) if self.at_once else super().count

    def page(self, number):
        page = super().page(number)
        first = (page.number - 1) * self.per_page
        keys = list(self.keys[first : first + self.per_page])
        found = self.rows.in_bulk(keys)
        page.object_list = [found[key] for key in keys if key in found]
        return page


class FoldedSearchMixin:
    """Search without accents; these tables have a few hundred or thousand rows."""

    search_fields = ["name"]
    search_help_text = gettext_lazy("Accents optional")

    def get_search_results(self, request, queryset, search_term):
        wanted = fold(search_term[:200]).split()
        if not wanted:
            return queryset, False
        rows = queryset.order_by("-pk").values_list("pk", *self.search_fields)
        found = []
        for pk, *texts in rows.prefetch_related(None).iterator():
            text = fold(" ".join(filter(None, texts)))
            if all(word in text for word in wanted):
                found.append(pk)
                if len(found) == _MOST_FOUND:
                    break
        return queryset.filter(pk__in=found), False
