"""Tables for people to take away: CSV and XLSX, in which no cell is a formula.

A row is a tuple of str, int, float, None, aware datetime or date. Times are written
in the zone of the site. Nothing here knows whose data it is: callers ask
news.permissions first.
"""

import csv
import itertools
import re
import tempfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from django.http import FileResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from xlsxwriter import Workbook

Row = tuple[str | int | float | datetime | date | None, ...]

MAX_ROWS = 1_048_576  # of a sheet, the header included; a limit of Excel
MAX_CELL = 32_767  # UTF-16 units in a cell; a limit of Excel
_MAX_NUMBER = 10**15  # Excel keeps 15 digits; longer numbers are codes: text
_SAMPLE = 200  # rows that decide how wide a column is
_WIDTHS = (8, 60)  # characters, least and most
_BLOCK = 500  # rows joined into one piece of a CSV answer

# What makes a spreadsheet calculate, with the wide forms that Excel of East Asian
# languages takes for the same (OWASP, "CSV Injection").
_FORMULA = "=+@\\-＝＋＠－"
_BLANK = r"[\s\x00\u200b-\u200f\u2060\ufeff]"
_AT_START = re.compile(rf"[\t\r\n\x00]|{_BLANK}*[{_FORMULA}]")
# A reader that splits at other marks than commas begins cells inside ours.
_AFTER_SPLIT = re.compile(rf"([;\t\r\n](?:{_BLANK}|\")*)(?=[{_FORMULA}])")


def csv_response(
    name: str, header: Iterable[str], rows: Iterable[Row], delimiter: str = ","
):
    """Return `name`-<today>.csv, written while it is sent: any number of rows.

    Commas, since that is what RFC 4180, Google Sheets and every program expect;
    Excel splits at the sign in Windows' settings, which is a comma on some
    Vietnamese machines and a semicolon on others, and a line "sep=" would make it
    overlook the mark of UTF-8. People who use Excel take the XLSX.
    """
    response = StreamingHttpResponse(
        _csv_blocks(header, rows, delimiter), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=_file_name(name, "csv")
    )
    return response


def xlsx_response(name: str, header: Iterable[str], rows: Iterable[Row]):
    """Return `name`-<today>.xlsx, written to a file without a name, then sent.

    Memory does not grow with the rows, and the file is gone when the answer is,
    however it ends.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the answer closes it)
    try:
        _write_xlsx(file, [str(title) for title in header], iter(rows))
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return FileResponse(
        file,
        as_attachment=True,
        filename=_file_name(name, "xlsx"),
        content_type="application/vnd.openxmlformats-officedocument"
        ".spreadsheetml.sheet",
    )


def _file_name(name: str, ending: str) -> str:
    return f"{name}-{timezone.localdate():%Y-%m-%d}.{ending}"


class _Echo:
    """What csv.writer writes to: it hands each line back."""

    def write(self, line: str) -> str:
        return line


def _csv_blocks(header, rows, delimiter: str) -> Iterator[bytes]:
    # Everything in quotes, or a reader could take "1;2" for two cells.
    writer = csv.writer(
        _Echo(), delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\r\n"
    )
    yield b"\xef\xbb\xbf"  # or Excel reads the bytes as Windows-1258
    lines = (
        writer.writerow([_csv_cell(value) for value in row])
        for row in itertools.chain([tuple(map(str, header))], rows)
    )
    while block := "".join(itertools.islice(lines, _BLOCK)):
        yield block.encode("utf-8", "replace")


def _csv_cell(value) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, int | float):
        return value
    if isinstance(value, date):
        # In this order a date is read alike whatever the country of the settings.
        time = " %H:%M" if isinstance(value, datetime) else ""
        return _local(value).strftime(f"%Y-%m-%d{time}")
    text = _AFTER_SPLIT.sub(r"\1'", str(value))
    return f"'{text}" if _AT_START.match(text) else text


def _local(value: date) -> date:
    return timezone.localtime(value) if isinstance(value, datetime) else value


def _write_xlsx(file, header: list[str], rows: Iterator[Row]) -> None:
    first = list(itertools.islice(rows, _SAMPLE))
    # XlsxWriter's own temporary files go even when a row raises half way.
    with (
        tempfile.TemporaryDirectory() as folder,
        Workbook(file, {"constant_memory": True, "tmpdir": folder}) as book,
    ):
        sheet = book.add_worksheet(_("Data"))
        sheet.freeze_panes(1, 0)
        for column, width in enumerate(_widths(header, first)):
            sheet.set_column(column, column, width)
        bold = book.add_format({"bold": True, "bottom": 1})
        for column, title in enumerate(header):
            sheet.write_string(0, column, title, bold)
        write = _CellWriter(book, sheet)
        last = 0
        for last, row in enumerate(itertools.chain(first, rows), start=1):
            if last == MAX_ROWS - 1:
                sheet.write_string(
                    last, 0, _("The sheet is full: take the CSV file, or filter more.")
                )
                break
            for column, value in enumerate(row):
                write(last, column, value)
        sheet.autofilter(0, 0, last, max(len(header) - 1, 0))


class _CellWriter:
    """Writes values by their kind; never by Worksheet.write, which makes formulas."""

    def __init__(self, book: Workbook, sheet):
        self.sheet = sheet
        self.day = book.add_format({"num_format": "dd/mm/yyyy", "align": "left"})
        self.time = book.add_format({"num_format": "dd/mm/yyyy hh:mm", "align": "left"})

    def __call__(self, row: int, column: int, value) -> None:
        if value is None or value == "":
            return
        if isinstance(value, int | float) and abs(value) < _MAX_NUMBER:
            self.sheet.write_number(row, column, value)
        elif isinstance(value, date) and value.year >= 1900:
            local = _local(value)
            is_time = isinstance(local, datetime)
            naive = local.replace(tzinfo=None) if is_time else local
            look = self.time if is_time else self.day
            self.sheet.write_datetime(row, column, naive, look)
        else:
            text = str(_csv_cell(value)) if isinstance(value, date) else str(value)
            self.sheet.write_string(row, column, _fitting(text))


def _fitting(text: str) -> str:
    """Return `text` as far as a cell holds it, and say where it was cut."""
    if len(text) <= MAX_CELL // 2:
        return text.encode("utf-8", "replace").decode()
    units = text.encode("utf-16-le", "replace")
    if len(units) > 2 * MAX_CELL:
        note = " " + _("[cut: a cell of Excel holds no more]")
        units = units[: 2 * (MAX_CELL - len(note))]
        return units.decode("utf-16-le", "ignore") + note
    return units.decode("utf-16-le")


def _widths(header: list[str], rows: list[Row]) -> list[int]:
    least, most = _WIDTHS
    widths = [len(title) + 4 for title in header]  # room for the filter's arrow
    for row in rows:
        for column, value in enumerate(row[: len(widths)]):
            widths[column] = max(widths[column], len(str(_csv_cell(value))) + 1)
    return [min(max(width, least), most) for width in widths]


# What a list may be taken away as, by the name in its address.
WRITERS = {"csv": csv_response, "xlsx": xlsx_response}
