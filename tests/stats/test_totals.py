"""Sums, ledger, opening balance, demonstration figures, verification."""

from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, OperationalError
from django.db.models import Sum

from stats import clock, demo, drainer, ledger, registry, spool, totals
from stats.models import Day, Hour, LedgerEntry, PageDay, PageTotal, RefDay

from .conftest import NOON, hit

pytestmark = pytest.mark.django_db
TODAY = clock.local_day(NOON)
PAGES = [("article", n) for n in range(1, 41)] + [("page", -1)]


def opening(**changes):
    values = {"number": 1_389_678, "day": date(2026, 1, 1), "reason": "Trang cũ"}
    return ledger.set_opening_balance(**{**values, **changes})


def test_the_total_is_days_plus_ledger(noon):
    Day.objects.create(day=TODAY, visits=2502, views=9000)
    Day.objects.create(day=TODAY - timedelta(days=1), visits=1000, views=4000)
    opening(number=500)
    opening(number=7000, metric="views")
    ledger.add(LedgerEntry(delta=-2, reason="Đếm nhầm khi thử"))
    value = totals.read()
    assert (value.today, value.total) == (2502, 2502 + 1000 + 500 - 2)
    assert (value.day, value.metric) == (TODAY, "visits")


def test_the_administrator_may_choose_views(noon, monkeypatch):
    monkeypatch.setattr(registry, "_public_metric", lambda: "views")
    Day.objects.create(day=TODAY, visits=1, views=9)
    opening(number=7000, metric="views")
    assert (totals.read().today, totals.read().total) == (9, 7009)


def test_an_empty_site_shows_zero(noon):
    assert (totals.current().today, totals.current().total) == (0, 0)


def test_the_numbers_are_asked_for_once_and_remembered(noon, django_assert_num_queries):
    with django_assert_num_queries(1):
        for _ in range(10):
            totals.current()
            totals.at_hand()


def test_the_numbers_are_at_most_five_seconds_old(noon, monkeypatch):
    assert totals.FRESH_SECONDS < totals.USABLE_SECONDS <= 5
    seconds = 100.0
    monkeypatch.setattr(totals.time, "monotonic", lambda: seconds)
    assert totals.current().today == 0
    Day.objects.create(day=TODAY, visits=3)
    seconds += totals.FRESH_SECONDS
    assert totals.current().today == 0
    seconds += 0.1
    assert totals.current().today == 3


def test_at_midnight_today_begins_again(noon, monkeypatch):
    Day.objects.create(day=TODAY, visits=5)
    assert (totals.current().today, totals.current().total) == (5, 5)
    monkeypatch.setattr(clock, "now_ms", lambda: NOON + 12 * 3_600_000)
    assert (totals.current().today, totals.current().total) == (0, 5)


def test_a_ledger_entry_shows_at_once(noon, django_capture_on_commit_callbacks):
    assert totals.current().total == 0
    with django_capture_on_commit_callbacks(execute=True):
        opening(number=10)
    assert totals.current().total == 10


def test_an_answer_on_its_way_is_not_remembered_once_it_is_forgotten(noon, monkeypatch):
    real = totals.read

    def read_slowly():
        value = real()
        if not LedgerEntry.objects.exists():  # corrected after it was read
            opening(number=10)
            totals.forget()
        return value

    monkeypatch.setattr(totals, "read", read_slowly)
    assert totals.current().total == 0
    assert totals.current().total == 10


def test_last_days_fills_the_gaps(noon):
    Day.objects.create(day=TODAY - timedelta(days=2), views=4)
    rows = totals.last_days(3)
    assert [row.day for row in rows] == [TODAY - timedelta(days=n) for n in (2, 1, 0)]
    assert [row.views for row in rows] == [4, 0, 0]


def test_article_views_come_with_one_query(noon, django_assert_num_queries):
    PageTotal.objects.create(kind="article", object_id=1, views=9, last_day=TODAY)
    PageTotal.objects.create(kind="category", object_id=2, views=5, last_day=TODAY)
    with django_assert_num_queries(1):
        assert totals.article_views([1, 2]) == {1: 9, 2: 0}


def test_the_ledger_only_grows():
    entry = opening()
    for forbidden in (
        entry.save,
        entry.delete,
        LedgerEntry.objects.all().delete,
        lambda: LedgerEntry.objects.update(delta=1),
    ):
        with pytest.raises(TypeError, match="only grows"):
            forbidden()
    assert LedgerEntry.objects.get().delta == 1_389_678


def test_an_undo_is_an_opposite_row_and_happens_once():
    entry = ledger.add(LedgerEntry(delta=40, reason="Cộng thiếu một ngày"))
    ledger.undo(entry)
    assert LedgerEntry.objects.aggregate(sum=Sum("delta"))["sum"] == 0
    with pytest.raises(ledger.AlreadyUndone):
        ledger.undo(entry)
    assert LedgerEntry.objects.count() == 2


def test_an_entry_that_changes_nothing_is_refused():
    with pytest.raises(IntegrityError):
        LedgerEntry.objects.create(delta=0, reason="Không đổi gì")


def test_reasons_are_clean_text():
    entry = ledger.add(LedgerEntry(delta=1, reason="  Tha\u0300nh\x00 \n  phố\u200b "))
    assert entry.reason == "Thành phố"


COMMAND = ["1389678", "--date", "2026-01-01", "--reason", "Trang cũ, có ảnh chụp"]


def test_set_opening_balance_works_once(capsys):
    call_command("set_opening_balance", *COMMAND)
    assert "1.389.678" in capsys.readouterr().out
    with pytest.raises(CommandError, match=r"1\.389\.678.+01/01/2026"):
        call_command("set_opening_balance", *COMMAND)
    assert LedgerEntry.objects.get().delta == 1_389_678
    assert totals.read().total == 1_389_678


@pytest.mark.parametrize(
    "number, day, reason",
    [
        ("0", "2026-01-01", "Trang cũ"),
        ("-5", "2026-01-01", "Trang cũ"),
        ("5", "31/02/2026", "Trang cũ"),
        ("5", "2999-01-01", "Trang cũ"),
        ("5", "2026-01-01", "  a  "),
    ],
)
def test_set_opening_balance_refuses_mistakes(number, day, reason):
    with pytest.raises(CommandError):
        call_command(
            "set_opening_balance", number, f"--date={day}", f"--reason={reason}"
        )
    assert not LedgerEntry.objects.exists()


def test_demonstration_days_are_the_same_every_time_and_add_up(noon, capsys):
    first = list(demo.plausible_days(7, 400, PAGES))
    assert first == list(demo.plausible_days(7, 400, PAGES))
    assert first != list(demo.plausible_days(8, 400, PAGES))
    assert first[-1].day == TODAY - timedelta(days=1)
    assert demo.write_days(first) == 400
    call_command("stats_verify")
    assert "SAI" not in capsys.readouterr().out
    quiet = [row.visits for row in first if row.day.weekday() == 6]
    busy = [row.visits for row in first if row.day.weekday() == 1]
    assert sum(quiet) / len(quiet) < 0.7 * sum(busy) / len(busy)


def test_demonstration_days_go_and_real_visits_stay(noon, capsys):
    demo.write_demo_days(7, 30, PAGES)
    demo.write_opening_balance(1000, date(2026, 1, 1), "Số liệu mẫu")
    spool.append(hit())
    drainer.drain(NOON, hold_ms=0)
    assert totals.read().total > 1000
    assert demo.remove() == 30
    assert totals.read().total == 1
    for model in (Day, Hour, PageDay, PageTotal):
        assert model.objects.count() == 1
    assert not RefDay.objects.exists()
    call_command("stats_verify")
    assert "SAI" not in capsys.readouterr().out


def test_demonstration_days_never_touch_real_ones(noon):
    yesterday = TODAY - timedelta(days=1)
    Day.objects.create(day=yesterday, visits=3, views=3, visitors=1)
    for day in (yesterday, TODAY):
        with pytest.raises(ValueError, match="days"):
            demo.write_days([demo.DayRow(day, 1, 1, 1)])
    assert Day.objects.get().visits == 3


def test_verification_names_what_does_not_agree(noon, capsys):
    demo.write_demo_days(7, 5, PAGES)
    day = Day.objects.last()
    Day.objects.filter(day=day.day).update(views=day.views + 1)
    PageTotal.objects.filter(kind="article", object_id=3).update(views=1)
    with pytest.raises(CommandError, match="3 tổng không khớp"):
        call_command("stats_verify")
    said = capsys.readouterr().out
    assert str(day.day) in said and "('article', 3)" in said
    assert said.count("SAI") == 3
    assert "\nđúng" in said


def test_a_database_away_is_asked_once_a_second_and_by_one_thread(noon, monkeypatch):
    asked = []

    def away():
        asked.append(1)
        raise OperationalError("gone")

    seconds = 100.0
    monkeypatch.setattr(totals.time, "monotonic", lambda: seconds)
    monkeypatch.setattr(totals, "read", away)
    monkeypatch.setattr(totals.connection, "close", lambda: None)
    for _ in range(5):
        assert totals.at_hand() is None
    assert len(asked) == 1
    seconds += 1.5
    with totals._lock:  # another thread is asking
        assert totals.at_hand() is None
    assert len(asked) == 1
    assert totals.at_hand() is None
    assert len(asked) == 2


@pytest.mark.parametrize("typed", ["1389678", "1.389.678", "1,389,678"])
@pytest.mark.parametrize("day", ["31/12/2025", "31122025", "2025-12-31"])
def test_the_opening_balance_is_typed_as_it_is_printed(db, typed, day):
    call_command("set_opening_balance", typed, date=day, reason="Ảnh chụp cổng cũ")
    entry = LedgerEntry.objects.get()
    assert (entry.delta, str(entry.day)) == (1389678, "2025-12-31")
    assert str(entry).startswith("+1.389.678 ")


@pytest.mark.parametrize("typed", ["mười", "1.5e6", "", "-5", "٣"])
def test_an_opening_balance_that_is_no_number_is_refused(db, typed):
    with pytest.raises(CommandError, match="không phải là số"):
        call_command(
            "set_opening_balance", typed, date="31/12/2025", reason="Ảnh chụp cổng cũ"
        )
