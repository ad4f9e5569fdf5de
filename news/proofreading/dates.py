"""Dates that no calendar holds, that lie ahead, or that say two things."""

import re
from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext as _

from news.proofreading import documents
from news.proofreading.finding import Blocks, Slip, Slips

_DATE = re.compile(
    r"(?<![\w/.,-])(?:(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?![\w/-])"
    r"|(\d{1,2}) tháng (\d{1,2}) năm (\d{4})(?!\w))"
)
# "ngày 20-25/3" and "ngày 28/29-1" are more than one day.
_DAY_MONTH = re.compile(
    r"\b[Nn]gày (?:(\d{1,2})/(\d{1,2})(?! ?[/–-] ?\d)"
    r"|(\d{1,2}) tháng (\d{1,2})(?! năm))(?!\w|[.,]\d)"
)
_WEEKDAYS = ("hai", "ba", "tư", "năm", "sáu", "bảy", "chủ nhật")
_WEEKDAY = re.compile(
    r"\b(?:thứ (hai|ba|tư|năm|sáu|bảy)|(chủ nhật)),? ?\(?(?:ngày )?(?=\d)",
    re.IGNORECASE,
)
_KIND = (
    "Luật|Nghị quyết|Nghị định|Quyết định|Quy định|Chỉ thị|Kế hoạch|Kết luận|Thông tư|"
    "Thông báo|Hướng dẫn|Công văn|Công điện|Báo cáo|Tờ trình"
)
# "Quy định số 12, ngày": what is not a full number still names a document.
_SHORT = re.compile(rf"\b(?:{_KIND})(?: số)? \d{{1,5}}(?!\w)", re.IGNORECASE)
_ISSUED = re.compile(r",? ?\(?(?:được )?(?:ký )?(?:ban hành )?ngày ")
_A_LEAP_YEAR = 2024


def impossible(blocks: Blocks) -> Slips:
    for index, block in enumerate(blocks):
        for found in _DATE.finditer(block):
            if calendar_day(found) is None and not _is_number(block, found.start()):
                yield _impossible(block, index, found.start(), found.end())
        for found in _DAY_MONTH.finditer(block):
            day, month = (int(part) for part in found.groups() if part)
            if _day(day, month, _A_LEAP_YEAR) is None:
                start = found.start() + len("ngày ")
                yield _impossible(block, index, start, found.end())


def wrong_weekday(blocks: Blocks) -> Slips:
    for index, block in enumerate(blocks):
        for found in _WEEKDAY.finditer(block):
            full = _DATE.match(block, found.end())
            when = full and calendar_day(full)
            named = (found[1] or found[2]).lower()
            if when and _WEEKDAYS[when.weekday()] != named:
                right = _WEEKDAYS[when.weekday()]
                if right != "chủ nhật":
                    right = f"thứ {right}"
                message = _("%(date)s is a %(weekday)s: one of the two is wrong.")
                message %= {"date": full[0], "weekday": right}
                yield Slip("weekday", index, found.start(), full.end(), message)


def not_yet(blocks: Blocks, day: date) -> Slips:
    """Documents with a number are issued, so their day cannot be ahead.

    Plans, terms of office and deadlines may; none of them follows a number so.
    """
    message = _("The document would be issued after this article: check the date.")
    for number in documents.read(blocks):
        if number.year and number.year > day.year:
            yield Slip(
                "future-document", number.block, number.start, number.end, message
            )
    for index, full in _issue_days(blocks):
        when = calendar_day(full)
        if when and when > day:
            yield Slip("future-document", index, *full.span(), message)


def year_of_number(blocks: Blocks) -> Slips:
    """Numbers start anew each year, so 13/2023/NĐ-CP is of no day in 2022."""
    for number in documents.read(blocks):
        full = number.year and _issue_day(blocks[number.block], number.end)
        when = full and calendar_day(full)
        if when and when.year != number.year:
            message = _("The number is of %(year)d, the date is not: check both.")
            message %= {"year": number.year}
            yield Slip("year-of-number", number.block, *full.span(), message)


def calendar_day(found: re.Match) -> date | None:
    """Return the day of a match of _DATE, None when no calendar holds it."""
    day, _mark, month, year, day_, month_, year_ = found.groups()
    return _day(int(day or day_), int(month or month_), int(year or year_))


def _day(day: int, month: int, year: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _issue_days(blocks: Blocks) -> Iterator[tuple[int, re.Match]]:
    """Yield block and date of each document that is named with its day."""
    for number in documents.read(blocks):
        if full := _issue_day(blocks[number.block], number.end):
            yield number.block, full
    for index, block in enumerate(blocks):
        for found in _SHORT.finditer(block):
            if full := _issue_day(block, found.end()):
                yield index, full


def _issue_day(block: str, end: int) -> re.Match | None:
    linked = _ISSUED.match(block, end)
    return _DATE.match(block, linked.end()) if linked else None


def _is_number(block: str, start: int) -> bool:
    """Số 45/13/2004: of a document, a house or an account."""
    return block[max(0, start - 3) : start].lower() == "số "


def _impossible(block: str, index: int, start: int, end: int) -> Slip:
    message = _("The calendar has no day “%(date)s”.") % {"date": block[start:end]}
    return Slip("impossible-date", index, start, end, message)
