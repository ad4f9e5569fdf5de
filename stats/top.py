"""What was read most: objects of one kind, and articles by what they have in common.

Figures are rows of (object_id, views); what the objects are is said by the `facts` of
the registry, which are joined to them in one statement, so that a list of thousands of
articles never passes through Python.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.utils.translation import gettext as _

from . import registry
from .models import GroupRecent, PageRecent

ARTICLE = "article"
DOWNLOAD = "download"


@dataclass(frozen=True, slots=True)
class Source:
    """A SELECT of the columns object_id and views."""

    sql: str
    params: tuple


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list; `share` are percent of all views of the list's kind."""

    key: str
    label: str
    views: int
    share: float = 0.0


def last_days(kind: str, days: int) -> Source:
    """Views in the last `days` finished days, one of PageRecent.PERIODS."""
    if days not in PageRecent.PERIODS:
        raise ValueError(days)
    column = f"views_{days}"
    return Source(
        f"SELECT object_id, {column} AS views FROM stats_page_recent"  # noqa: S608
        f" WHERE kind = %s AND {column} > 0",
        (kind,),
    )


def between(kind: str, first: date, last: date) -> Source:
    """Views from the local day `first` to the local day `last`."""
    days = [connection.ops.adapt_datefield_value(day) for day in (first, last)]
    return Source(
        "SELECT object_id, SUM(views) AS views FROM stats_page_day"
        " WHERE kind = %s AND day BETWEEN %s AND %s GROUP BY object_id",
        (kind, *days),
    )


MOST = 100_000  # lines of a list that is not limited


def objects(
    kind: str,
    source: Source,
    limit: int | None,
    chosen: Mapping[str, str] | None = None,
) -> list[Row]:
    """The `limit` objects with the most views among those with all `chosen` values.

    Raises ValueError when there is no such value.
    """
    facts = registry.facts(kind, chosen)
    first = f"SELECT object_id, views FROM ({source.sql}) AS figures"  # noqa: S608
    last = " ORDER BY views DESC, object_id LIMIT %s"
    limit = limit or MOST
    if facts is None:
        found = _rows(first + last, (*source.params, limit))
        titles = registry.titles(kind, [number for number, _views in found])
        found = [(number, titles.get(number), views) for number, views in found]
    else:
        known, params = facts.values("number", "label").query.sql_with_params()
        if _is_chosen(chosen):
            found = _rows(
                f"SELECT object_id, label, views FROM ({first}) AS listed"  # noqa: S608
                f" JOIN ({known}) AS facts ON number = object_id{last}",
                (*source.params, *params, limit),
            )
        else:
            # Looked up for the few that are listed. What was deleted has no facts:
            # nobody knows any more what it was.
            found = _rows(
                f"SELECT object_id, (SELECT label FROM ({known}) AS facts"  # noqa: S608
                " WHERE number = object_id) AS label, views"
                f" FROM ({first}{last}) AS listed ORDER BY views DESC, object_id",
                (*params, *source.params, limit),
            )
    return [
        Row(str(number), label or f"{_('Deleted')} ({number})", int(views))
        for number, label, views in found
    ]


def recent_groups(days: int, limit: int) -> dict[str, list[Row]]:
    """By facet, the groups of articles most read in the last `days` finished days.

    As they were summed up last night; `groups` asks what articles are now.
    """
    if days not in PageRecent.PERIODS:
        raise ValueError(days)
    column = f"views_{days}"
    rows = GroupRecent.objects.filter(**{f"{column}__gt": 0})
    lists: dict[str, list[tuple]] = {f.name: [] for f in registry.facets(ARTICLE)}
    ordered = rows.order_by(f"-{column}", "label")
    for facet, key, label, views in ordered.values_list(
        "facet", "key", "label", column
    ):
        lists.setdefault(facet, []).append((key, label or _("(not stated)"), views))
    found = {}
    for facet, listed in lists.items():
        whole = sum(views for *_names, views in listed)
        found[facet] = [
            Row(key, label, views, 100 * views / whole)
            for key, label, views in listed[:limit]
        ]
    return found


def groups(
    kind: str, source: Source, chosen: Mapping[str, str] | None = None
) -> dict[str, list[Row]]:
    """For each facet of `kind` its values with the views of their objects, most first.

    Every view is in each of the lists once: they add up to the same number. Raises
    ValueError when there is no such value.
    """
    facets = registry.facets(kind)
    facts = registry.facts(kind, chosen)
    if facts is None or not facets:
        return {}
    known, params = facts.query.sql_with_params()
    columns = ", ".join(f"{f.name}_key, {f.name}_label" for f in facets)
    join = "JOIN" if _is_chosen(chosen) else "LEFT JOIN"
    found = _rows(
        f"SELECT {columns}, SUM(views) FROM ({source.sql}) AS figures"  # noqa: S608
        f" {join} ({known}) AS facts ON number = object_id GROUP BY {columns}",
        (*source.params, *params),
    )
    lists = {}
    for place, facet in enumerate(facets):
        sums: Counter = Counter()
        for row in found:
            sums[row[2 * place], row[2 * place + 1]] += int(row[-1])
        whole = sum(sums.values())
        lists[facet.name] = [
            Row(key or "", label or _("(not stated)"), views, 100 * views / whole)
            for (key, label), views in sorted(
                sums.items(), key=lambda item: (-item[1], str(item[0][1]))
            )
        ]
    return lists


def _is_chosen(chosen: Mapping[str, str] | None) -> bool:
    return any((chosen or {}).values())


def _rows(sql: str, params: tuple) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()
