"""What may be put right in the counting tables, and what that leaves alone."""

import pytest
from django.core.management import CommandError, call_command

from stats import clock, demo, drainer, registry, repair, spool, totals, verify
from stats.models import Day, PageDay, PageTotal

from .conftest import NOON, hit

pytestmark = pytest.mark.django_db
TODAY = clock.local_day(NOON)
PAGES = [("article", n) for n in range(1, 21)]


def page_totals():
    return set(PageTotal.objects.values_list("kind", "object_id", "views", "last_day"))


def wrong_sums() -> list[str]:
    return [check.name for check in verify.checks() if not check.holds]


def test_totals_by_page_are_made_anew_from_their_days(noon, capsys):
    demo.write_demo_days(7, 5, PAGES)
    right, days = page_totals(), list(Day.objects.values_list())
    PageTotal.objects.filter(object_id=3).update(views=1)
    PageTotal.objects.filter(object_id=4).delete()
    PageTotal.objects.create(kind="article", object_id=99, views=5, last_day=TODAY)
    assert wrong_sums()
    call_command("stats_rebuild")
    assert "3" in capsys.readouterr().out
    assert page_totals() == right
    assert not wrong_sums()
    assert list(Day.objects.values_list()) == days
    assert repair.rebuild_page_totals() == 0


def test_a_drain_after_a_repair_goes_on_from_there(noon):
    spool.append(hit(visitor=1))
    drainer.drain(NOON, hold_ms=0)
    PageTotal.objects.all().delete()
    repair.rebuild_page_totals()
    spool.append(hit(visitor=2))
    drainer.drain(NOON, hold_ms=0)
    assert totals.article_views([1]) == {1: 2}
    assert not wrong_sums()


def test_figures_of_merged_articles_add_up(noon, monkeypatch):
    for visitor, page in enumerate([1, 1, 2, 3], 1):
        spool.append(hit(visitor=visitor, page=page))
    spool.append(hit(NOON - clock.DAY_MS, visitor=9, page=1))
    drainer.drain(NOON, hold_ms=0)
    days = list(Day.objects.values_list())
    call_command("merge_visits", "1", "2")
    assert totals.article_views([1, 2, 3]) == {1: 0, 2: 4, 3: 1}
    assert PageDay.objects.get(day=TODAY, object_id=2).visits == 3
    assert PageDay.objects.filter(object_id=2).count() == 2
    assert list(Day.objects.values_list()) == days
    assert not wrong_sums()
    assert repair.merge("article", 1, 2) == 0  # a second time changes nothing
    assert repair.merge("article", 2, 2) == 0
    assert totals.article_views([2]) == {2: 4}


def test_figures_are_not_moved_to_what_nobody_can_see(noon):
    spool.append(hit(page=1))
    drainer.drain(NOON, hold_ms=0)
    registry.register("article", public=lambda ids: set(), titles=lambda ids: {})
    with pytest.raises(CommandError, match="2"):
        call_command("merge_visits", "1", "2")
    assert totals.article_views([1]) == {1: 1}


def test_most_read_is_recent_reading(noon, django_assert_num_queries):
    days = {0: [1, 2, 2], 6: [3, 3, 3], 7: [4, 4, 4, 4], 29: [1, 1, 1], 30: [5] * 9}
    for ago, read in days.items():
        for visitor, page in enumerate(read, 1):
            spool.append(hit(NOON - ago * clock.DAY_MS, visitor + ago * 99, page))
    spool.append(hit(kind="category", page=7))
    drainer.drain(NOON, hold_ms=0)
    with django_assert_num_queries(1):
        week = totals.most_read("article", 7, 10)
    assert list(week.items()) == [(3, 3), (2, 2), (1, 1)]
    month = totals.most_read("article", 30, 3)
    assert list(month.items()) == [(4, 4), (1, 4), (3, 3)]
