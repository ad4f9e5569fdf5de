"""What may be put right: a derived table made anew, figures of two objects joined.

The days (`stats_day`), hours and referrers are measured once and derived from nothing:
they are corrected in the ledger, never here.
"""

from django.db import connection, transaction
from django.db.models import Max, Sum

from .drainer import add_page_totals, lock_out_drainers
from .models import PageDay, PageTotal
from .upsert import upsert


def rebuild_page_totals() -> int:
    """Make `stats_page_total` anew from the days; how many rows were wrong.

    Safe while the site counts: it waits for a drain and the next drain waits for it.
    """
    with transaction.atomic():
        lock_out_drainers()
        wrong = set(_sums()) ^ set(
            PageTotal.objects.values_list("kind", "object_id", "views", "last_day")
        )
        if wrong:
            PageTotal.objects.all().delete()
            with connection.cursor() as cursor:
                columns = ("kind", "object_id")
                values = ("views", "last_day")
                table = PageTotal._meta.db_table
                upsert(cursor, table, columns, list(_sums()), replace=values)
    return len({(kind, number) for kind, number, *_ in wrong})


def _sums():
    """Rows of (kind, id, views, last day), from the days."""
    days = PageDay.objects.filter(views__gt=0)
    rows = days.values_list("kind", "object_id").annotate(Sum("views"), Max("day"))
    return rows.order_by("kind", "object_id")


def merge(kind: str, old: int, new: int) -> int:
    """Add all figures of one object to another of its kind; how many days moved.

    For two articles that became one. No day and no total of the site changes.
    """
    if old == new:
        return 0
    with transaction.atomic():
        lock_out_drainers()
        moved = PageDay.objects.filter(kind=kind, object_id=old)
        rows = [
            (day, kind, new, views, visits)
            for day, views, visits in moved.values_list("day", "views", "visits")
        ]
        if not rows:
            return 0
        with connection.cursor() as cursor:
            key = ("day", "kind", "object_id")
            upsert(cursor, "stats_page_day", key, rows, add=("views", "visits"))
            add_page_totals(cursor, rows)
        moved.delete()
        PageTotal.objects.filter(kind=kind, object_id=old).delete()
    return len(rows)
