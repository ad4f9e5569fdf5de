"""Figures taken away: any length, in every format, and nothing that a sheet runs."""

import csv
import io
import json
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stats import clock, exports, registry
from stats.models import Day, DroppedDay, Hour, PageDay, RefDay

from .conftest import NOON
from .test_admin import make_client

pytestmark = pytest.mark.django_db
TODAY = clock.local_day(NOON)
EXPORT = "/admin/thong-ke/xuat/"
ASKED = {"table": "days", "first": "01/11/2026", "last": "20/11/2026", "form": "csv"}


@pytest.fixture
def client(noon):
    return make_client("view_dashboard", "export")


@pytest.fixture
def told(monkeypatch):
    notes = []
    monkeypatch.setattr(registry, "exported", lambda user, note: notes.append(note))
    return notes


def body(answer) -> bytes:
    return b"".join(answer.streaming_content)


def test_days_are_a_csv_that_excel_reads(client, told):
    Day.objects.create(day=date(2026, 11, 5), views=1389678, visits=5, visitors=4)
    Day.objects.create(day=date(2026, 10, 5), views=7, visits=7)
    text = body(client.get(EXPORT, ASKED))
    assert text.startswith(b"\xef\xbb\xbf")
    header, row = csv.reader(io.StringIO(text.decode("utf-8-sig")))
    assert header[0] == "Ngày" and row[:4] == ["2026-11-05", "1389678", "5", "4"]
    assert len(told) == 1 and "01/11/2026–20/11/2026" in told[0]


def test_a_semicolon_is_a_choice(client, told):
    Day.objects.create(day=date(2026, 11, 5), views=1, visits=1)
    text = body(client.get(EXPORT, ASKED | {"form": "csv_semicolon"}))
    assert b'"2026-11-05";"1";"1"' in text


# As referring sites send them: a host is anybody's to choose.
@pytest.mark.parametrize(
    "host", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", 'x;=HYPERLINK("http://a")']
)
@pytest.mark.parametrize("form, mark", [("csv", ","), ("csv_semicolon", ";")])
def test_no_cell_of_a_csv_is_a_formula(client, told, host, form, mark):
    RefDay.objects.create(day=date(2026, 11, 5), host=host, views=2, visits=1)
    asked = ASKED | {"table": "hosts", "form": form}
    text = body(client.get(EXPORT, asked)).decode("utf-8-sig")
    cells = [
        cell
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark)
        for cell in row
    ]
    assert len(cells) == 10
    for cell in cells:
        assert not cell.lstrip().startswith(("=", "+", "-", "@")), cell
        assert ";=" not in cell


def test_json_is_whole_and_typed(client, told):
    for number in range(3):
        PageDay.objects.create(
            day=TODAY, kind="page", object_id=-1 - number, views=9 - number, visits=1
        )
    answer = client.get(EXPORT, ASKED | {"table": "objects", "form": "json"})
    found = json.loads(body(answer))
    assert found["table"] == "objects" and len(found["rows"]) == 3
    assert found["rows"][0] == {
        "day": "2026-11-20",
        "kind": "Trang",
        "id": -1,
        "title": "Trang chủ",
        "views": 9,
        "visits_begun": 1,
    }


def test_json_of_nothing_is_json(client, told):
    answer = client.get(EXPORT, ASKED | {"form": "json"})
    assert json.loads(body(answer)) == {"table": "days", "rows": []}


@pytest.mark.parametrize("table", exports.TABLES)
def test_every_table_is_an_excel_file(client, told, table):
    Hour.objects.create(day=TODAY, hour=8, views=1, visits=1)
    DroppedDay.objects.create(day=TODAY, reason="bot", n=1)
    answer = client.get(EXPORT, ASKED | {"table": table, "form": "xlsx"})
    assert body(answer).startswith(b"PK")


MISTAKES = {
    "no such day": {"first": "31/02/2026"},
    "end before begin": {"first": "05/11/2026", "last": "04/11/2026"},
    "not come yet": {"last": "21/11/2026"},
    "before all": {"first": "01/01/0001"},
    "no table": {"table": "salts"},
    "no format": {"form": "exe"},
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_explained_and_nothing_is_taken(client, told, mistake):
    answer = client.get(EXPORT, ASKED | mistake)
    assert answer.context["form"].errors and not told


def test_a_file_is_read_as_it_is_sent(noon, monkeypatch):
    """Nothing is read ahead: a day's rows when the day comes, titles once each."""
    days = [TODAY - timedelta(days=ago) for ago in reversed(range(50))]
    PageDay.objects.bulk_create(
        PageDay(day=day, kind="article", object_id=number, views=1, visits=1)
        for day in days
        for number in range(20)
    )
    asked_for = []
    monkeypatch.setattr(
        registry, "titles", lambda kind, ids: asked_for.append(ids) or {}
    )
    rows = exports.TABLES["objects"].rows(days[0], days[-1])
    with CaptureQueriesContext(connection) as queries:
        for _row in range(21):
            next(rows)
    assert len(queries) == 2
    assert sum(1 for _row in rows) == 50 * 20 - 21
    assert asked_for == [set(range(20))]


def test_looking_is_not_taking_away(noon):
    client = make_client("view_dashboard")
    assert client.get("/admin/thong-ke/duoc-doc/").status_code == 200
    for path in (EXPORT, "/admin/thong-ke/duoc-doc/csv/"):
        assert client.get(path).status_code == 403
