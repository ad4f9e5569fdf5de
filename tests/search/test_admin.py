"""Abbreviations and the words of readers, as editors meet them."""

import csv
import re
from datetime import timedelta
from html import unescape
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from portal import audit
from portal.audit.models import AuditEntry
from search import abbreviations, log
from search.models import Abbreviation, SoughtWords
from tests.news.conftest import login, make_user

pytestmark = pytest.mark.django_db
ABBREVIATIONS = "/admin/search/abbreviation/"
SOUGHT = "/admin/search/soughtwords/"


@pytest.fixture
def editor():
    return login(make_user("editor"))


def sought(words, searches=1, without_result=0, days_ago=0):
    return SoughtWords.objects.create(
        day=timezone.localdate() - timedelta(days=days_ago),
        words=words,
        searches=searches,
        without_result=without_result,
    )


# Abbreviations


def write(client, short, long, address=f"{ABBREVIATIONS}add/"):
    """Send the form; return what it answers with, errors as text."""
    response = client.post(address, {"short": short, "long": long})
    if response.status_code == 302:
        return ""
    assert response.status_code == 200
    form = response.context["adminform"].form
    assert form["short"].value() == short  # nothing typed is lost
    assert form["long"].value() == long
    return " ".join(error for errors in form.errors.values() for error in errors)


def test_an_abbreviation_counts_from_the_next_search_and_is_in_the_audit_log(editor):
    assert write(editor, "BQLDA", "Ban quản lý dự án") == ""
    long = ("ban", "quan", "ly", "du", "an")
    assert abbreviations.load()[("bqlda",)] == (long,)
    entry = AuditEntry.objects.filter(object_type="search.abbreviation").first()
    assert entry.changes["short"] == [None, "BQLDA"]
    assert entry.action == audit.models.Action.ADDED


@pytest.mark.parametrize(
    ("short", "long", "message"),
    [
        ("&", "khoa học", "không có chữ cái hay chữ số"),
        ("KHC", "… –", "không có chữ cái hay chữ số"),
        ("KHC", "khoa", "Chỉ một tiếng"),
        ("A-B-C-D-E", "khoa học", "5 tiếng; nhiều nhất là 4"),
        ("KHC", " ".join(["khoa"] * 13), "13 tiếng; nhiều nhất là 12"),
        ("KHOA-HOC", "khoa học", "chính là chữ viết tắt"),
        ("ubnd", "UỶ BAN NHÂN DÂN", "“UBND = Ủy ban nhân dân” đã có"),
        ("", "khoa học", "bắt buộc"),
        ("K" * 31, "khoa học", "30"),
    ],
)
def test_what_would_be_no_abbreviation_is_refused_with_its_reason(
    editor, short, long, message
):
    before = Abbreviation.objects.count()
    assert message in write(editor, short, long)
    assert Abbreviation.objects.count() == before


def test_a_second_meaning_and_saving_the_same_again_are_fine(editor):
    assert write(editor, "BTV", "biên tập viên") == ""
    row = Abbreviation.objects.get(long="biên tập viên")
    assert (
        write(editor, "BTV", "Biên tập viên", f"{ABBREVIATIONS}{row.pk}/change/") == ""
    )


@pytest.mark.parametrize(
    "typed", ["'\"; DROP", "\x00kh\x00", "😀" * 30, "a\u0301" * 20, "đ" * 10_000]
)
def test_hostile_text_in_the_form_gets_an_answer(editor, typed):
    data = {"short": typed, "long": typed}
    response = editor.post(f"{ABBREVIATIONS}add/", data)
    assert response.status_code in (200, 302)


def test_each_row_leads_to_a_search_for_it(editor):
    page = editor.get(f"{ABBREVIATIONS}?q=khoa+hoc").content.decode()
    assert 'href="/tim-kiem/?q=KH%26CN"' in page


# The abbreviations to begin with


def first():
    return import_module("search.migrations.0003_first_abbreviations")


def test_a_new_site_has_abbreviations_that_the_form_would_take(editor):
    rows = first().rows()
    assert {(row.short, row.long) for row in Abbreviation.objects.all()} == set(rows)
    Abbreviation.objects.all().delete()
    for short, long in rows:
        assert write(editor, short, long) == "", short


def test_the_first_abbreviations_are_written_once_and_taken_back_alone():
    class editor:
        connection = connection

    own = Abbreviation.objects.create(short="BTV", long="biên tập viên")
    count = Abbreviation.objects.count()
    first().add(apps, editor)
    assert Abbreviation.objects.count() == count
    first().remove(apps, editor)
    assert list(Abbreviation.objects.all()) == [own]


# What readers look for


def listed(client, query="") -> list[tuple[str, int, int]]:
    """Return (words, searches without result, searches) as listed."""
    rows = client.get(f"{SOUGHT}{query}").context["cl"].result_list
    return [(row.words, row.without_result, row.searches) for row in rows]


def test_days_are_added_up_and_what_was_not_found_stands_first(editor):
    sought("rừng", 50)
    sought("xe buýt", 3, 3)
    sought("xe buýt", 2, 1, days_ago=3)
    sought("lịch tiêm", 9, 2, days_ago=1)
    assert listed(editor) == [
        ("xe buýt", 4, 5),
        ("lịch tiêm", 2, 9),
        ("rừng", 0, 50),
    ]
    shown = editor.get(SOUGHT).context["cl"].get_ordering_field_columns()
    assert shown == {1: "desc", 2: "desc"}  # the arrows of the headings
    assert [words for words, *_ in listed(editor, "?o=-2")] == [
        "rừng",
        "lịch tiêm",
        "xe buýt",
    ]
    page = editor.get(SOUGHT).content.decode()
    assert 'href="/tim-kiem/?q=xe+bu%C3%BDt"' in page


@pytest.mark.parametrize(
    ("query", "searches"),
    [
        ("", 1 + 10 + 100),
        ("?period=1", 1),
        ("?period=7", 1 + 10),
        ("?period=30", 1 + 10 + 100),
        ("?period=90", 1 + 10 + 100 + 1000),
        ("?period=365", 1 + 10 + 100 + 1000 + 10_000),
        ("?period=x", 1 + 10 + 100),
    ],
)
def test_a_period_counts_local_days_with_today(editor, query, searches):
    for place, days_ago in enumerate((0, 6, 29, 89, 364)):
        sought("rừng", 10**place, days_ago=days_ago)
        sought("biển", 1, days_ago=days_ago + 1)
    assert ("rừng", 0, searches) in listed(editor, query)


def test_a_day_of_the_calendar_comes_before_the_period(editor):
    row = sought("rừng", 7, days_ago=200)
    sought("rừng", 1)
    day = f"day__year={row.day.year}&day__month={row.day.month}&day__day={row.day.day}"
    assert listed(editor, f"?period=7&{day}") == [("rừng", 0, 7)]
    filters = editor.get(f"{SOUGHT}?{day}").context["cl"].filter_specs
    assert not any(c["selected"] for c in filters[0].choices(_no_change_list()))


def _no_change_list():
    class ChangeList:
        get_query_string = staticmethod(lambda new, remove: "")

    return ChangeList


def test_only_what_was_not_found_and_words_without_accents(editor):
    sought("xe buýt điện", 3, 3)
    sought("xe đạp", 5)
    sought("xe buýt điện", 1, 0, days_ago=2)
    assert listed(editor, "?found=nothing") == [("xe buýt điện", 3, 4)]
    assert listed(editor, "?q=XE+dien") == [("xe buýt điện", 3, 4)]
    assert listed(editor, "?q=xe+lua") == []


def test_made_up_words_are_told_as_one_row_without_a_link(editor):
    sought(log.OTHERS, 40, 40)
    page = unescape(editor.get(SOUGHT).content.decode())
    assert "(từ ngữ khác)" in page
    assert 'href="/tim-kiem/?q="' not in page


def test_words_are_shown_as_text(editor):
    # Tokens hold no such signs; a row written by other means may.
    sought("<script>alert(1)</script>", 1, 1)
    page = editor.get(SOUGHT).content.decode()
    assert "<script>alert(1)" not in page


def test_the_export_is_what_the_list_shows(editor):
    sought("xe buýt", 3, 3)
    sought("xe buýt", 2, 1, days_ago=3)
    sought("rừng", 9)
    response = editor.get(f"{SOUGHT}export/csv/?found=nothing")
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    header, *rows = csv.reader(text.splitlines())
    assert header == ["Từ ngữ", "Không thấy", "Số lần tìm", "Tìm gần nhất"]
    assert rows == [["xe buýt", "4", "5", f"{timezone.localdate():%Y-%m-%d}"]]
    assert AuditEntry.objects.filter(object_type="search.soughtwords").count() == 1


def test_the_export_is_csv_or_excel_and_nothing_else(editor):
    sought("rừng")
    assert editor.get(f"{SOUGHT}export/pdf/").status_code == 404
    sheet = editor.get(f"{SOUGHT}export/xlsx/")
    assert b"".join(sheet.streaming_content).startswith(b"PK")
    sheet.close()


def test_editors_read_it_and_reporters_do_not():
    sought("rừng")
    assert login(make_user("reporter")).get(SOUGHT).status_code == 403
    page = login(make_user("editor")).get(SOUGHT).content.decode()
    assert not re.search(r'name="_save"|name="action"|soughtwords/add/', page)


# On the desk


def pile(client):
    desk = client.get("/admin/").context["desk"]
    return next((p for p in desk.piles if p.name == "not-found"), None)


def test_the_desk_of_an_editor_tells_what_was_not_found_in_seven_days(editor):
    assert pile(editor) is None
    for n in range(8):
        sought(f"từ {n}", 10, n, days_ago=1)
    sought("từ 1", 10, 9, days_ago=6)
    sought("cũ", 50, 50, days_ago=7)
    sought(log.OTHERS, 50, 50)
    found = pile(editor)
    assert [row.title for row in found.rows] == [f"từ {n}" for n in (1, 7, 6, 5, 4, 3)]
    assert found.rows[0].small == "10 lần"
    assert found.count_text == "7"
    assert found.has_more
    page = unescape(editor.get("/admin/").content.decode())
    assert "Tìm mà không thấy" in page
    assert f'href="{SOUGHT}?period=7&found=nothing"' in page
    assert listed(editor, "?period=7&found=nothing")[1] == ("từ 1", 10, 20)


def test_the_desk_of_a_reporter_does_not():
    sought("rừng", 1, 1)
    assert pile(login(make_user("reporter"))) is None
