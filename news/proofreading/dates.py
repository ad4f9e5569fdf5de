"""Dates that no calendar holds, or that lie ahead of the article."""

import re
from datetime import date

from django.utils.translation import gettext as _

from news.proofreading import documents
from news.proofreading.finding import Blocks, Slip, Slips

_FULL = r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?![\w/-])"
_WORDS = r"(\d{1,2}) tháng (\d{1,2}) năm (\d{4})(?!\w)"
_DATE = re.compile(rf"(?<![\w/.,-])(?:{_FULL}|{_WORDS})")
_DAY_MONTH = re.compile(
    r"\b[Nn]gày (?:(\d{1,2})/(\d{1,2})|(\d{1,2}) tháng (\d{1,2}))(?![\w/.-]| năm)"
)
_WEEKDAYS = ("hai", "ba", "tư", "năm", "sáu", "bảy", "chủ nhật")
_WEEKDAY = re.compile(
    r"\b(?:thứ (hai|ba|tư|năm|sáu|bảy)|(chủ nhật)),? (?:ngày )?\(?(?=\d)", re.I
)
_ISSUED = re.compile(r",? (?:ban hành |ký )?ngày ")
_IN_A_LEAP_YEAR = 2024


def impossible(blocks: Blocks) -> Slips:
    for index, block in enumerate(blocks):
        for found in _DATE.finditer(block):
            day, month, year = _parts(found)
            if year and _calendar(day, month, year) is None:
                yield _impossible(index, found.start(), found.end(), found[0])
        for found in _DAY_MONTH.finditer(block):
            day, month = (int(part) for part in found.groups() if part)
            if _calendar(day, month, _IN_A_LEAP_YEAR) is None:
                start = found.start() + len("ngày ")
                yield _impossible(index, start, found.end(), block[start : found.end()])


def wrong_weekday(blocks: Blocks) -> Slips:
    for index, block in enumerate(blocks):
        for found in _WEEKDAY.finditer(block):
            full = _DATE.match(block, found.end())
            when = full and _calendar(*_parts(full))
            named = (found[1] or found[2]).lower()
            if when and _WEEKDAYS[when.weekday()] != named:
                right = _WEEKDAYS[when.weekday()]
                if right != "chủ nhật":
                    right = f"thứ {right}"
                yield Slip(
                    "weekday",
                    index,
                    found.start(),
                    full.end(),
                    _("%(date)s is a “%(weekday)s”: one of the two is wrong.")
                    % {"date": full[0], "weekday": right},
                )


def not_yet(blocks: Blocks, day: date) -> Slips:
    """Documents with a number are issued, so their day cannot be ahead."""
    for number in documents.read(blocks):
        block = blocks[number.block]
        linked = _ISSUED.match(block, number.end)
        full = linked and _DATE.match(block, linked.end())
        when = full and _calendar(*_parts(full))
        if when and when > day:
            yield Slip(
                "future-document",
                number.block,
                full.start(),
                full.end(),
                _("The document would be issued after this article: check the date."),
            )


def _parts(found: re.Match) -> tuple[int, int, int]:
    day, _mark, month, year, day_, month_, year_ = found.groups()
    return int(day or day_), int(month or month_), int(year or year_)


def _calendar(day: int, month: int, year: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _impossible(index: int, start: int, end: int, text: str) -> Slip:
    message = _("The calendar has no day “%(date)s”.") % {"date": text}
    return Slip("impossible-date", index, start, end, message)
