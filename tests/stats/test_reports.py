"""The report of a month or quarter, its pages and its workbook."""

from datetime import date, timedelta
from io import BytesIO
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest

from stats import clock, ledger, report
from stats.models import Day, LedgerEntry, PageDay, RefDay

from .conftest import NOON, ms
from .test_admin import make_client

pytestmark = pytest.mark.django_db
TODAY = clock.local_day(NOON)
REPORT = "/admin/thong-ke/bao-cao/"


def count(first: date, last: date, **figures) -> None:
    day = first
    while day <= last:
        Day.objects.create(day=day, **figures)
        day += timedelta(days=1)


PERIODS = {
    "2026-01": (date(2026, 1, 1), date(2026, 1, 31), "2025-12", "2025-01"),
    "2024-02": (date(2024, 2, 1), date(2024, 2, 29), "2024-01", "2023-02"),
    "2026-Q1": (date(2026, 1, 1), date(2026, 3, 31), "2025-Q4", "2025-Q1"),
    "2026-Q4": (date(2026, 10, 1), date(2026, 12, 31), "2026-Q3", "2025-Q4"),
}


@pytest.mark.parametrize("key", PERIODS)
def test_a_period_knows_its_days_and_neighbours(key):
    first, last, before, year_before = PERIODS[key]
    period = report.Period.named(key)
    assert (period.first, period.last, period.key) == (first, last, key)
    assert period.before().key == before
    assert period.year_before().key == year_before


@pytest.mark.parametrize("key", ["", "2026", "2026-13", "2026-Q5", "0000-01", "x"])
def test_what_is_no_period_is_refused(key):
    with pytest.raises(ValueError):
        report.Period.named(key)


def test_visitors_of_a_month_are_an_average_a_day(noon):
    count(date(2026, 10, 1), date(2026, 10, 31), views=40, visits=20, visitors=10)
    found = report.build(report.Period.named("2026-10"))
    assert (found.sums.visits, found.sums.views) == (620, 1240)
    assert (found.sums.visitors_a_day, found.is_complete) == (10, True)


def test_a_running_month_ends_yesterday(noon):
    count(date(2026, 11, 1), TODAY, views=4, visits=2, visitors=2)
    found = report.build(report.Period.named("2026-11"))
    assert found.until == TODAY - timedelta(days=1)
    assert (found.sums.days, found.sums.visits) == (19, 38)
    assert not found.is_complete


def test_days_without_a_reader_count_and_days_before_the_first_do_not(noon):
    for day in (11, 20):  # counting began on 11 October
        Day.objects.create(day=date(2026, 10, day), views=42, visits=21, visitors=21)
    sums = report.build(report.Period.named("2026-10")).sums
    assert (sums.days, sums.visits_a_day, sums.visitors_a_day) == (21, 2, 2)


def test_a_period_is_beside_others_by_the_day(noon):
    count(date(2026, 9, 1), date(2026, 9, 30), views=100, visits=50, visitors=20)
    count(date(2026, 10, 1), date(2026, 10, 31), views=110, visits=50, visitors=10)
    (before,) = report.build(report.Period.named("2026-10")).beside
    assert before.period.key == "2026-09"
    assert (before.views, before.visits, before.visitors) == (10.0, 0.0, -50.0)


def test_the_total_is_that_of_the_end_of_the_period(noon):
    count(date(2026, 9, 1), date(2026, 11, 1), views=10, visits=10)
    ledger.set_opening_balance(1000, date(2026, 8, 31), "Trang cũ")
    ledger.add(LedgerEntry(delta=7, day=date(2026, 9, 5), reason="Đếm thiếu"))
    ledger.add(LedgerEntry(delta=5, day=date(2026, 11, 5), reason="Đếm thiếu sau"))
    public = report.build(report.Period.named("2026-10")).public
    assert (public.carried, public.measured, public.corrections) == (1000, 610, 7)
    assert public.total == 1617


def test_a_quarter_is_told_by_month(noon):
    count(date(2026, 7, 1), date(2026, 9, 30), views=2, visits=1, visitors=1)
    found = report.build(report.Period.named("2026-Q3"))
    assert [(line.first.month, line.sums.visits) for line in found.lines] == [
        (7, 31),
        (8, 31),
        (9, 30),
    ]


def test_the_month_before_is_shown_until_another_is_asked_for(noon):
    client = make_client("view_dashboard")
    count(date(2026, 10, 1), date(2026, 10, 31), views=40, visits=1234, visitors=10)
    answer = client.get(REPORT)
    assert answer.context["report"].period.key == "2026-10"
    assert "38.254" in answer.content.decode()
    for asked in ("2026-12", "2026-Q9", "1999-01"):
        assert client.get(REPORT, {"ky": asked}).status_code == 404
    assert client.get(f"{REPORT}xlsx/").status_code == 403


def test_an_empty_site_has_a_report_too(noon):
    answer = make_client("view_dashboard").get(REPORT, {"ky": "2026-11"})
    assert answer.status_code == 200


def cells(book: bytes) -> str:
    """All text of a workbook; nothing in it is a formula."""
    with ZipFile(BytesIO(book)) as parts:
        for name in parts.namelist():
            if name.startswith("xl/worksheets/sheet"):
                assert b"<f>" not in parts.read(name), name
        strings = ElementTree.fromstring(parts.read("xl/sharedStrings.xml"))
    return "|".join(strings.itertext())


def test_the_workbook_holds_the_report_and_no_formula(noon, monkeypatch):
    told = []
    monkeypatch.setattr("stats.registry.exported", lambda user, note: told.append(note))
    client = make_client("view_dashboard", "export")
    count(date(2026, 10, 1), date(2026, 10, 31), views=40, visits=20, visitors=10)
    PageDay.objects.create(
        day=date(2026, 10, 5), kind="article", object_id=7, views=3, visits=1
    )
    RefDay.objects.create(day=date(2026, 10, 5), host="=cmd", visits=1, views=1)
    answer = client.get(f"{REPORT}xlsx/", {"ky": "2026-10"})
    assert "bao-cao-truy-cap-2026-10.xlsx" in answer["Content-Disposition"]
    text = cells(answer.content)
    assert "tháng 10/2026" in text and "=cmd" in text and "(7)" in text
    assert len(told) == 1 and "2026-10" in told[0]


def test_midnight_ends_a_month(monkeypatch):
    Day.objects.create(day=date(2026, 10, 31), views=9, visits=9)
    monkeypatch.setattr(clock, "now_ms", lambda: ms(2026, 10, 31, 23, 59, 59, 999))
    assert report.build(report.Period.named("2026-10")).sums.visits == 0
    monkeypatch.setattr(clock, "now_ms", lambda: ms(2026, 11, 1, 0, 0, 0))
    assert report.build(report.Period.named("2026-10")).sums.visits == 9
