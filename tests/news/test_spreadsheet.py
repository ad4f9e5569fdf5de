"""Tables to take away: no cell calculates, dates are dates, nothing is left behind."""

import csv
import io
import os
import tempfile
import zipfile
from datetime import UTC, date, datetime
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news import spreadsheet

HEADER = ("Tên", "Số")
DANGEROUS = "=+-@＝＋－＠"
HOSTILE = [
    "=1+1",
    "+84 236",
    "-2+3",
    '@SUM(A1)|cmd|" /c calc"!A0',
    "\t=1+1",
    "\r=1",
    "  =1+1",
    "\u00a0=1+1",
    "\ufeff=1+1",
    "＝1+1",
    "x;=1+1",
    "x\n =1+1",
    '"; =cmd|" /c calc"!A0',
]


def text_of(response) -> str:
    data = b"".join(response.streaming_content)
    assert data.startswith(b"\xef\xbb\xbf")
    return data.decode("utf-8-sig")


def csv_rows(rows, delimiter=",") -> list[list[str]]:
    text = text_of(spreadsheet.csv_response("bai-viet", HEADER, rows))
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def xlsx_parts(rows, header=HEADER) -> zipfile.ZipFile:
    response = spreadsheet.xlsx_response("bai-viet", header, rows)
    data = b"".join(response.streaming_content)
    response.file_to_stream.close()
    return zipfile.ZipFile(io.BytesIO(data))


def sheet_of(rows) -> ElementTree.Element:
    return ElementTree.fromstring(xlsx_parts(rows).read("xl/worksheets/sheet1.xml"))


def texts(sheet) -> list[str]:
    return [node.text or "" for node in sheet.iterfind(".//{*}is/{*}t")]


def test_a_csv_opens_with_its_accents_commas_and_line_ends():
    rows = [('Đà Nẵng, "thành phố"', 1), ("hai\ndòng", None)]
    text = text_of(spreadsheet.csv_response("bai-viet", HEADER, rows))
    assert text.endswith("\r\n")
    assert csv_rows(rows) == [
        ["Tên", "Số"],
        ['Đà Nẵng, "thành phố"', "1"],
        ["hai\ndòng", ""],
    ]


def test_files_are_attachments_named_by_the_day():
    answer = spreadsheet.csv_response("bai-viet", HEADER, [])
    assert answer["Content-Disposition"].startswith('attachment; filename="bai-viet-2')
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    answer = spreadsheet.xlsx_response("bai-viet", HEADER, [])
    assert answer["Content-Disposition"].endswith('.xlsx"')
    assert "spreadsheetml" in answer["Content-Type"]
    answer.file_to_stream.close()


def calculates(cell: str) -> bool:
    return cell.strip("\x00\u200b\ufeff\u2060 \t\r\n\u00a0\u3000")[:1] in (*DANGEROUS,)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_of_a_csv_calculates_whatever_the_reader_splits_at(text, delimiter):
    for row in csv_rows([("trước", text), (text, "sau")], delimiter):
        assert not any(calculates(cell) for cell in row), row


@given(
    st.lists(
        st.tuples(
            st.text("=+-@;,\t\r\n\"' ax＝", max_size=12),
            st.text("=+-@;,\t\r\n\"' ax＝", max_size=12),
        ),
        max_size=4,
    ),
    st.sampled_from(",;\t"),
)
def test_no_made_up_text_calculates(rows, delimiter):
    for row in csv_rows(rows, delimiter):
        assert not any(calculates(cell) for cell in row), row


def test_numbers_stay_numbers_and_times_are_local_in_a_csv():
    at = datetime(2026, 3, 31, 18, 30, tzinfo=UTC)
    rows = [(-5, 1.5), (at, date(2026, 4, 1))]
    assert csv_rows(rows)[1:] == [["-5", "1.5"], ["2026-04-01 01:30", "2026-04-01"]]


def test_a_csv_is_written_while_it_is_sent():
    asked = []

    def rows():
        for number in range(2000):
            asked.append(number)
            yield ("x", number)

    stream = iter(spreadsheet.csv_response("a", HEADER, rows()).streaming_content)
    next(stream), next(stream)
    assert 0 < len(asked) < 1000


@pytest.mark.parametrize("text", [*HOSTILE, "{=SUM(1)}", "http://a.vn", "00123"])
def test_no_cell_of_an_xlsx_is_a_formula_or_a_link(text):
    parts = xlsx_parts([(text, 1)])
    sheet = ElementTree.fromstring(parts.read("xl/worksheets/sheet1.xml"))
    assert not list(sheet.iterfind(".//{*}f"))
    assert not list(sheet.iterfind(".//{*}hyperlink"))
    assert len(texts(sheet)) == 3


def test_an_xlsx_has_a_bold_frozen_header_with_filters_and_real_dates():
    at = datetime(2026, 3, 31, 18, 30, tzinfo=UTC)
    sheet = sheet_of([(at, 7), (date(2026, 4, 1), -2.5)])
    pane = sheet.find(".//{*}pane")
    assert (pane.get("ySplit"), pane.get("state")) == ("1", "frozen")
    assert sheet.find(".//{*}autoFilter").get("ref") == "A1:B3"
    values = [float(v.text) for v in sheet.iterfind(".//{*}v")]
    # Days since 1899-12-30: 1 April 2026, half past one at night in Hà Nội.
    assert values == [pytest.approx(46113 + 1.5 / 24), 7, 46113, -2.5]


def test_what_excel_cannot_count_is_kept_as_text():
    long_code, nan = 12345678901234567890, float("nan")
    sheet = sheet_of([(long_code, nan), (date(1886, 1, 2), float("inf"))])
    assert texts(sheet)[2:] == [str(long_code), "nan", "1886-01-02", "inf"]


def test_a_cell_too_long_for_excel_is_cut_and_says_so():
    for text in ("ế" * 40_000, "😀" * 20_000):
        (shown,) = texts(sheet_of([(text, 1)]))[2:]
        assert len(shown.encode("utf-16-le")) // 2 <= 32_767
        assert shown.endswith("]") and shown[:100] == text[:100]
    fits = "😀" * 16_000
    assert texts(sheet_of([(fits, 1)]))[2:] == [fits]


def test_rows_too_many_for_excel_end_with_a_sentence(monkeypatch):
    monkeypatch.setattr(spreadsheet, "MAX_ROWS", 5)
    shown = texts(sheet_of([(f"x{number}", None) for number in range(9)]))
    assert shown[2:5] == ["x0", "x1", "x2"]
    assert "CSV" in shown[5] and len(shown) == 6


def test_broken_letters_and_control_characters_do_not_break_a_file():
    rows = [("a\ud800b\x01", 1)]
    assert "a?b" in csv_rows(rows)[1][0]
    assert "a?b" in texts(sheet_of(rows))[2]


def test_nothing_is_left_on_the_disk_even_when_a_row_fails(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def rows():
        yield ("x", 1)
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        spreadsheet.xlsx_response("a", HEADER, rows())
    xlsx_parts([("x", 1)])
    assert os.listdir(tmp_path) == []
