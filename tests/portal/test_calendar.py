"""The work calendar: ISO weeks, honest empty weeks, and the .ics file."""

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from icalendar import Calendar

from portal.calendar import WeekLink, week_of
from portal.models import WorkEvent

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 23)  # week 48


def make_event(**overrides):
    overrides.setdefault("day", MONDAY)
    overrides.setdefault("content", "Họp giao ban")
    return WorkEvent.objects.create(**overrides)


def html(client, address="/lich-cong-tac/2026-W48/"):
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode().split("<main")[1].split("</main>")[0]


def test_week_groups_its_entries_by_day_from_monday_to_sunday():
    sunday = make_event(day=MONDAY + timedelta(days=6))
    late = make_event(starts_at=time(14))
    early = make_event(starts_at=time(8))
    whole_day = make_event()
    make_event(day=MONDAY - timedelta(days=1))
    make_event(day=MONDAY + timedelta(days=7))
    week = week_of(MONDAY, today=MONDAY + timedelta(days=6))
    assert [(day.date, day.events) for day in week.days] == [
        (MONDAY, (whole_day, early, late)),
        (sunday.day, (sunday,)),
    ]
    assert [day.is_today for day in week.days] == [False, True]
    assert week.is_current


@pytest.mark.parametrize(
    "day, year, number",
    [
        (date(2021, 1, 3), 2020, 53),
        (date(2021, 1, 4), 2021, 1),
        (date(2024, 12, 30), 2025, 1),
        (date(2026, 12, 31), 2026, 53),
    ],
)
def test_weeks_at_the_turn_of_the_year_are_iso_weeks(day, year, number):
    week = WeekLink.of(day)
    assert (week.year, week.number) == (year, number)
    assert week.first.weekday() == 0 and week.first <= day <= week.last


def test_neighbouring_weeks_cross_the_year():
    week = week_of(date(2026, 12, 28))
    assert week.this.url == "/lich-cong-tac/2026-W53/"
    assert week.next.url == "/lich-cong-tac/2027-W1/"
    assert week.previous.url == "/lich-cong-tac/2026-W52/"


def test_page_shows_every_field_of_an_entry(client):
    make_event(
        starts_at=time(8, 30),
        ends_at=time(11),
        leader="Giám đốc Sở",
        participants="Trưởng các phòng",
        place="Phòng họp số 1",
        chairing_unit="Văn phòng Sở",
        note="Mang theo báo cáo",
    )
    text = html(client)
    for expected in (
        "Thứ Hai",
        "23/11/2026",
        "08:30 – 11:00",
        "Họp giao ban",
        "Giám đốc Sở",
        "Trưởng các phòng",
        "Phòng họp số 1",
        "Văn phòng Sở",
        "Mang theo báo cáo",
    ):
        assert expected in text


def test_change_and_cancellation_are_said_in_words(client):
    make_event(content="Đổi giờ", is_changed=True)
    make_event(content="Bỏ họp", is_cancelled=True)
    text = html(client)
    assert "Có thay đổi" in text
    assert "Đã huỷ" in text and "<s>Bỏ họp</s>" in text


def test_calendar_without_a_week_is_this_week(client):
    make_event(day=timezone.localdate(), content="Việc hôm nay")
    text = html(client, "/lich-cong-tac/")
    assert "Việc hôm nay" in text and "Hôm nay" in text


def test_empty_week_says_so_and_leads_to_the_nearest_with_entries(client):
    assert "Chưa có lịch công tác tuần này" in html(client, "/lich-cong-tac/")
    make_event(day=date(2026, 8, 3))
    make_event(day=date(2026, 10, 5))
    text = html(client, "/lich-cong-tac/2026-W40/")
    assert "Không có lịch công tác trong tuần từ 28/09/2026 đến 04/10/2026" in text
    assert 'href="/lich-cong-tac/2026-W41/"' in text
    assert 'href="/lich-cong-tac/2026-W32/"' not in text


def test_nearest_of_two_weeks_just_as_near_is_the_later_one():
    make_event(day=MONDAY - timedelta(days=7))
    make_event(day=MONDAY + timedelta(days=7))
    assert week_of(MONDAY).nearest == WeekLink.of(MONDAY + timedelta(days=7))


@pytest.mark.parametrize(
    "week",
    ["2026-W54", "2025-W53", "2026-W0", "0-W1", "9999-W52", "1999-W1", "9" * 300],
)
def test_week_that_does_not_exist_is_404(client, week):
    assert client.get(f"/lich-cong-tac/{week}/").status_code == 404


def test_week_has_one_address(client):
    response = client.get("/lich-cong-tac/2026-W05/")
    assert response.status_code == 301
    assert response["Location"] == "/lich-cong-tac/2026-W5/"


def file(client):
    response = client.get("/lich-cong-tac.ics")
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    return Calendar.from_ical(response.content), response.content


def test_file_holds_local_times_and_names_their_zone(client):
    event = make_event(
        day=timezone.localdate(),
        starts_at=time(8, 30),
        ends_at=time(11),
        content="Hội nghị: chuyển đổi số; " + "rất dài " * 20,
        place="Phòng họp số 1",
        leader="Giám đốc Sở",
    )
    calendar, raw = file(client)
    (component,) = calendar.walk("VEVENT")
    start = component.decoded("dtstart")
    assert (start.hour, start.minute) == (8, 30)
    assert start.utcoffset() == timedelta(hours=7)
    assert component["dtstart"].params["TZID"] == "Asia/Ho_Chi_Minh"
    assert component.decoded("dtend") - start == timedelta(hours=2.5)
    assert str(component["summary"]) == event.content
    assert str(component["location"]) == "Phòng họp số 1"
    assert "Lãnh đạo: Giám đốc Sở" in str(component["description"])
    assert calendar.walk("VTIMEZONE")
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))


def test_entry_without_a_time_takes_the_day(client):
    day = timezone.localdate()
    make_event(day=day)
    (component,) = file(client)[0].walk("VEVENT")
    assert component.decoded("dtstart") == day


def test_cancelled_entry_is_cancelled_in_the_file(client):
    make_event(day=timezone.localdate(), is_cancelled=True)
    (component,) = file(client)[0].walk("VEVENT")
    assert component["status"] == "CANCELLED"


def test_entry_keeps_its_name_in_the_file_when_it_changes(client):
    event = make_event(day=timezone.localdate())
    (before,) = file(client)[0].walk("VEVENT")
    event.starts_at = time(9)
    event.save()
    (after,) = file(client)[0].walk("VEVENT")
    assert before["uid"] == after["uid"]
    assert after.decoded("dtstart").tzinfo == ZoneInfo("Asia/Ho_Chi_Minh")


def test_old_entries_are_not_in_the_file(client):
    make_event(day=timezone.localdate() - timedelta(days=60))
    calendar, _raw = file(client)
    assert not calendar.walk("VEVENT")


def test_robots_are_not_led_from_empty_week_to_empty_week(client, db):
    page = client.get("/lich-cong-tac/2020-W2/").content.decode()
    assert '<meta name="robots" content="noindex">' in page
    assert 'rel="next nofollow"' in page
    WorkEvent.objects.create(day=date(2020, 1, 8), content="Họp giao ban")
    page = client.get("/lich-cong-tac/2020-W2/").content.decode()
    assert "noindex" not in page
    # An empty present week is still the calendar's own address.
    assert "noindex" not in client.get("/lich-cong-tac/").content.decode()
