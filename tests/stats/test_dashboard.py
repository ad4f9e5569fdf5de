"""What the figures of the administrators' first page are made of."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stats import clock, dashboard, demo, ledger, recent, referrers, registry
from stats.models import (
    Day,
    DroppedDay,
    Hour,
    LedgerEntry,
    PageDay,
    PageRecent,
    RefDay,
    Visitor,
)

from .conftest import NOON

pytestmark = pytest.mark.django_db
TODAY = clock.local_day(NOON)
YESTERDAY = TODAY - timedelta(days=1)


def hours(day: date, **visits: int) -> None:
    Hour.objects.bulk_create(
        Hour(day=day, hour=int(name[1:]), visits=number, views=number)
        for name, number in visits.items()
    )


def test_today_is_compared_up_to_the_last_full_hour(noon):
    hours(TODAY, h8=30, h11=20, h12=7)  # the hour from 12 has just begun
    hours(YESTERDAY, h8=20, h11=20, h12=500, h20=90)
    hours(TODAY - timedelta(days=7), h9=100)
    found = dashboard.build(30).hours
    assert (found.until, found.today) == (12, 50)
    assert (found.yesterday.visits, found.yesterday.change) == (40, 25.0)
    assert (found.last_week.visits, found.last_week.change) == (100, -50.0)


def test_nothing_to_compare_with_is_no_change(noon):
    hours(TODAY, h8=30)
    assert dashboard.build(30).hours.yesterday.change is None


def test_hours_are_averaged_over_measured_days(noon):
    hours(YESTERDAY, h8=20)
    hours(TODAY - timedelta(days=3), h8=41)
    hours(TODAY, h8=999)  # today is beside the average, not in it
    assert dashboard.build(30).hours.rows[8] == (8, 999, 20, 30)


def test_the_parts_of_the_public_total_add_up(noon):
    Day.objects.create(day=YESTERDAY, visits=10, views=31)
    Day.objects.create(day=TODAY, visits=2, views=5)
    ledger.set_opening_balance(1000, date(2026, 1, 1), "Trang cũ")
    ledger.set_opening_balance(7777, date(2026, 1, 1), "Trang cũ", metric="views")
    ledger.add(LedgerEntry(delta=-3, reason="Đếm nhầm khi thử"))
    ledger.add(LedgerEntry(delta=50, metric="views", reason="Đếm thiếu lượt xem"))
    found = dashboard.build(30).public
    assert (found.carried, found.measured, found.corrections) == (1000, 12, -3)
    assert (found.total, found.today) == (1009, 2)
    assert [part.delta for part in found.not_added] == [7777]


def test_the_chosen_unit_decides_what_is_carried_over(noon, monkeypatch):
    monkeypatch.setattr(registry, "_public_metric", lambda: "views")
    Day.objects.create(day=TODAY, visits=2, views=5)
    ledger.set_opening_balance(1000, date(2026, 1, 1), "Trang cũ")
    found = dashboard.build(30).public
    assert (found.total, found.carried) == (5, 0)
    assert [part.delta for part in found.not_added] == [1000]


def test_visitors_are_averaged_never_added_up(noon):
    for ago, visitors in ((1, 100), (2, 50)):
        day = TODAY - timedelta(days=ago)
        Day.objects.create(day=day, visitors=visitors, visits=visitors, views=visitors)
    assert dashboard.build(30).visitors_a_day == 5  # of thirty days


def test_who_reads_now_are_visitors_of_the_last_five_minutes(noon):
    for number, ago_ms in enumerate((0, 299_999, 300_000, 300_001, 3_600_000)):
        Visitor.objects.create(
            day=TODAY, vh=number, visit_ms=0, last_ms=NOON - ago_ms, views=1, visits=1
        )
    assert dashboard.build(30).online == 3


def test_what_is_left_out_and_where_visits_came_from_are_of_the_period(noon):
    Day.objects.create(day=YESTERDAY, visits=10, views=10)
    long_ago = TODAY - timedelta(days=31)
    for day, host, visits in (
        (YESTERDAY, "google.com.vn", 3),
        (YESTERDAY, "m.facebook.com", 2),
        (YESTERDAY, "most.gov.vn", 1),
        (YESTERDAY, RefDay.OTHER, 1),
        (long_ago, "zalo.me", 50),
        (TODAY, "zalo.me", 50),
    ):
        RefDay.objects.create(day=day, host=host, visits=visits, views=visits)
    DroppedDay.objects.create(day=YESTERDAY, reason="bot", n=5)
    DroppedDay.objects.create(day=YESTERDAY, reason="moi", n=9)
    DroppedDay.objects.create(day=long_ago, reason="bot", n=90)
    found = dashboard.build(30)
    groups = {group.name: group.visits for group in found.referrers}
    assert groups == {
        "search": 3,
        "social": 2,
        "government": 1,
        "other": 1,
        "direct": 3,
    }
    assert [number for _reason, number in found.dropped] == [9, 5]
    assert found.dropped[0][0] == "moi"  # a reason nobody named is shown as it is


HOSTS = {
    "google.com": "search",
    "www.google.com.vn": "search",
    "coccoc.com": "search",
    "vn.search.yahoo.com": "search",
    "mail.google.com": "other",
    "google.com.evil.vn": "other",
    "notgoogle.com": "other",
    "facebook.com": "social",
    "l.facebook.com": "social",
    "facebook.com.evil.vn": "other",
    "x.com": "social",
    "netflix.com": "other",
    "gov.vn": "government",
    "quangninh.gov.vn": "government",
    "evilgov.vn": "other",
    "gov.vn.evil.com": "other",
    "(other)": "other",
}


@pytest.mark.parametrize("host, group", HOSTS.items())
def test_a_host_is_put_into_its_group(host, group):
    assert referrers.group_of(host) == group


def read(day: date, number: int, views: int, kind="article") -> None:
    PageDay.objects.create(
        day=day, kind=kind, object_id=number, views=views, visits=views
    )


def test_recent_reading_holds_finished_days_only(noon):
    for ago, views in ((0, 1), (1, 10), (7, 100), (8, 1000), (365, 5), (366, 9)):
        read(TODAY - timedelta(days=ago), 1, views)
    assert recent.rebuild(YESTERDAY) == 1
    row = PageRecent.objects.get()
    assert (row.until, row.views_7, row.views_30) == (YESTERDAY, 110, 1110)
    assert (row.views_90, row.views_365) == (1110, 1115)


@pytest.fixture
def looked_long_ago(monkeypatch):
    monkeypatch.setattr(recent, "_looked", None)
    monkeypatch.setattr(recent, "_made", None)
    monkeypatch.setattr(recent, "LOOK_SECONDS", -1)


def test_recent_reading_follows_midnight_and_late_lines(noon, looked_long_ago):
    def count(views):
        read(YESTERDAY, Day.objects.count() + PageDay.objects.count(), views)
        day, _created = Day.objects.get_or_create(day=YESTERDAY)
        day.views += views
        day.visits += views
        day.save()

    def shown():
        return sum(PageRecent.objects.values_list("views_7", flat=True))

    count(5)
    recent.keep_up()
    assert shown() == 5
    recent._made = None
    count(3)  # drained after midnight
    recent.keep_up()
    assert shown() == 8
    with CaptureQueriesContext(connection) as asked:
        recent.keep_up()
    assert not [q for q in asked if "DELETE" in q["sql"] or "INSERT" in q["sql"]]


def test_days_that_do_not_add_up_are_not_summed_every_minute(
    noon, looked_long_ago, monkeypatch
):
    Day.objects.create(day=YESTERDAY, views=99, visits=9)
    read(YESTERDAY, 1, 5)
    made = []
    rebuild = recent.rebuild
    monkeypatch.setattr(recent, "rebuild", lambda day: made.append(day) or rebuild(day))
    for _minute in range(3):
        recent.keep_up()
    assert made == [YESTERDAY]


def test_the_figures_ask_seven_questions(noon):
    demo.write_demo_days(1, 40, [("article", n) for n in range(60)])
    recent.rebuild(YESTERDAY)
    with CaptureQueriesContext(connection) as asked:
        dashboard.build(30)
    assert len(asked) <= 7, "\n".join(q["sql"] for q in asked)
