"""The figures as tables that people take away, of any length.

Rows are read a day at a time: no query stays open however slowly a file is fetched,
and memory does not grow with the days.
"""

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _

from . import clock, referrers, registry
from .dashboard import REASONS
from .models import Day, DroppedDay, Hour, PageDay, RefDay

KINDS = {
    "article": _("Article"),
    "category": _("Category"),
    "page": _("Page"),
    "download": _("Download"),
}
_TITLES_KEPT = 50_000  # titles remembered from one day to the next
_BLOCK = 500  # rows joined into one piece of a JSON answer


@dataclass(frozen=True, slots=True)
class Table:
    """What can be taken away: `columns` are (name in JSON, heading)."""

    label: Any
    columns: list[tuple[str, Any]]
    of_day: Callable[[], Callable[[date], Iterator[tuple]]]  # made for each file

    def rows(self, first: date, last: date) -> Iterator[tuple]:
        """The rows of the local days `first` to `last`."""
        of_day = self.of_day()
        day = first
        while day <= last:
            yield from of_day(day)
            day += timedelta(days=1)


def _days():
    names = ("views", "visits", "visitors", "nojs_views", "private_views")
    names += ("bot_views", "suspect_views")
    return lambda day: Day.objects.filter(day=day).values_list("day", *names)


def _hours():
    return lambda day: (
        Hour.objects.filter(day=day)
        .order_by("hour")
        .values_list("day", "hour", "views", "visits")
    )


def _objects():
    titles: dict[tuple[str, int], str] = {}

    def of_day(day: date) -> Iterator[tuple]:
        rows = list(
            PageDay.objects.filter(day=day)
            .order_by("kind", "-views", "object_id")
            .values_list("kind", "object_id", "views", "visits")
        )
        if len(titles) > _TITLES_KEPT:
            titles.clear()
        for kind, found in itertools.groupby(rows, key=lambda row: row[0]):
            unknown = {row[1] for row in found if row[:2] not in titles}
            names = registry.titles(kind, unknown) if unknown else {}
            titles.update({(kind, n): names.get(n, "") for n in unknown})
        for kind, number, views, visits in rows:
            label = str(KINDS.get(kind, kind))
            yield day, label, number, titles[kind, number], views, visits

    return of_day


def _hosts():
    labels = {name: str(label) for name, label in referrers.GROUPS.items()}

    def of_day(day: date) -> Iterator[tuple]:
        rows = RefDay.objects.filter(day=day).order_by("-visits", "host")
        for host, views, visits in rows.values_list("host", "views", "visits"):
            yield day, host, labels[referrers.group_of(host)], views, visits

    return of_day


def _dropped():
    def of_day(day: date) -> Iterator[tuple]:
        rows = DroppedDay.objects.filter(day=day).order_by("-n", "reason")
        for reason, number in rows.values_list("reason", "n"):
            yield day, str(REASONS.get(reason, reason)), number

    return of_day


_DAY = ("day", _("Day"))
_READ = [("views", _("Views")), ("visits", _("Visits"))]

TABLES = {
    "days": Table(
        _("By day"),
        [
            _DAY,
            *_READ,
            ("visitors", _("Visitors")),
            ("views_without_javascript", _("Views without JavaScript")),
            ("views_with_privacy_signal", _("Views with privacy signal")),
            ("views_by_robots", _("Views by robots")),
            ("suspect_views", _("Suspect views")),
        ],
        _days,
    ),
    "hours": Table(
        _("By hour"), [_DAY, ("hour", _("Hour of the day")), *_READ], _hours
    ),
    "objects": Table(
        _("By page, article and download"),
        [
            _DAY,
            ("kind", _("Kind")),
            ("id", _("Number")),
            ("title", _("Title")),
            ("views", _("Views")),
            ("visits_begun", _("Visits that began here")),
        ],
        _objects,
    ),
    "hosts": Table(
        _("By site that visits came from"),
        [_DAY, ("host", _("Host")), ("group", _("Group")), *_READ],
        _hosts,
    ),
    "dropped": Table(
        _("Not counted, by reason"),
        [_DAY, ("reason", _("Reason")), ("reports", _("Reports"))],
        _dropped,
    ),
}
FORMATS = {
    "xlsx": "Excel (.xlsx)",
    "csv": _("CSV with commas"),
    "csv_semicolon": _("CSV with semicolons, for Excel in Vietnamese"),
    "json": _("JSON, for programs"),
}


def response(table: str, first: date, last: date, form: str):
    """The file of one of TABLES in one of FORMATS, written while it is sent."""
    chosen = TABLES[table]
    name = f"thong-ke-{table}-{first:%Y%m%d}-{last:%Y%m%d}"
    rows = chosen.rows(first, last)
    if form == "json":
        return _json_response(
            name, table, [key for key, _label in chosen.columns], rows
        )
    header = [label for _key, label in chosen.columns]
    return registry.writers[form](name, header, rows)


def _json_response(name: str, table: str, keys: list[str], rows: Iterator[tuple]):
    answer = StreamingHttpResponse(
        _json_blocks(table, keys, rows), content_type="application/json"
    )
    answer["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=f"{name}-{clock.today():%Y-%m-%d}.json"
    )
    return answer


def _json_blocks(table: str, keys: list[str], rows: Iterator[tuple]) -> Iterator[bytes]:
    yield f'{{"table": {json.dumps(table)}, "rows": ['.encode()
    before = "\n"
    while block := list(itertools.islice(rows, _BLOCK)):
        lines = (
            json.dumps(
                dict(zip(keys, row, strict=True)), ensure_ascii=False, default=_iso
            )
            for row in block
        )
        yield (before + ",\n".join(lines)).encode()
        before = ",\n"
    yield b"\n]}\n"


def _iso(value: date) -> str:
    return value.isoformat()
