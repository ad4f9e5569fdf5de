"""Numbers of official documents: 84/KH-UBND of the State, 05-CT/TW of the Party.

The State writes number/KIND-ISSUER (Decree 30/2020/NĐ-CP, appendix I); the Party
number-KIND/ISSUER (Guidance 36-HD/VPTW of 2018).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from news.proofreading.finding import Blocks, Slip, Slips

_KINDS = {
    "BB", "BC", "CĐ", "CT", "CTr", "CV", "ĐA", "HD", "HĐ", "KH", "KL", "LCT", "ND",
    "NĐ", "NQ", "PA", "QC", "QD", "QĐ", "QĐi", "QyĐ", "SL", "TB", "TT", "TTr", "TTLT",
}  # fmt: skip
_PARTY = {
    "TW", "TƯ", "TU", "ĐU", "HU", "QU", "ThU", "BDVTU", "BDVTW", "BNCTU", "BNCTW",
    "BTCTU", "BTCTW", "BTGTU", "BTGTW", "UBKTTU", "UBKTTW", "VPTU", "VPTW",
}  # fmt: skip
_STATE = {"CP", "TTg", "TTG", "UBND", "HĐND"}
_RIGHT_LETTERS = {"ND": "NĐ", "QD": "QĐ", "TTG": "TTg"}

_GAP = "[ \t\u00a0]{0,3}"
_STROKE = f"{_GAP}[/–—-]{_GAP}"
_LETTERS = "[A-ZĐƯ][A-Za-zĐđƯ&\\d]"
_NUMBER = re.compile(
    rf"(?<![\w/–—.,-])(\d{{1,5}})(?:{_GAP}/{_GAP}((?:19|20)\d\d))?"
    rf"({_STROKE})([A-ZĐ][A-Za-zĐđ]{{1,5}})({_STROKE})"
    rf"({_LETTERS}{{1,11}}(?:[–-]{_LETTERS}{{0,11}}|\.[A-ZĐ]{{1,6}}){{0,3}})(?!\w)"
)


@dataclass(frozen=True, slots=True)
class Number:
    """A document number as it stands in a block, from `start` to `end`."""

    block: int
    start: int
    end: int
    year: int | None
    text: str
    compact: str  # without blanks, each dash a hyphen
    right: str  # as its family writes it; `compact` when that is not known
    family: str  # "party", "state" or ""


def read(blocks: Blocks) -> Iterator[Number]:
    for index, block in enumerate(blocks):
        for found in _NUMBER.finditer(block):
            number, year, first, kind, second, issuer = found.groups()
            if kind not in _KINDS and not _is_letter(block, found):
                continue
            if sum(letter.isupper() for letter in issuer) < 2:  # "10 - CT - Trung"
                continue
            issuer = issuer.replace("–", "-")
            head = f"{number}/{year}" if year else number
            compact = f"{head}{_tight(first)}{kind}{_tight(second)}{issuer}"
            family, right = "", compact
            if kind in _KINDS and issuer in _PARTY and not year:
                family, right = "party", f"{head}-{kind}/{issuer}"
            elif kind in _KINDS and issuer in _STATE:
                letters = (_RIGHT_LETTERS.get(part, part) for part in (kind, issuer))
                family, right = "state", f"{head}/{'-'.join(letters)}"
            yield Number(
                block=index,
                start=found.start(),
                end=found.end(),
                year=int(year) if year else None,
                text=found[0],
                compact=compact,
                right=right,
                family=family,
            )


def _is_letter(block: str, found: re.Match) -> bool:
    """Công văn số 17707/BTC-TCHQ: no kind, two offices, and always "số"."""
    named = block[max(0, found.start() - 3) : found.start()].lower() == "số "
    return named and "/" in found[3] and found[4].isupper()


def _tight(stroke: str) -> str:
    return "/" if "/" in stroke else "-"


def numbers(blocks: Blocks) -> Slips:
    found = list(read(blocks))
    forms: dict[str, Counter[str]] = defaultdict(Counter)
    for number in found:
        forms[_letters(number.right)][number.right] += 1
    usual = {key: count.most_common(1)[0][0] for key, count in forms.items()}
    for number in found:
        slip = _misplaced(number) or _two_ways(number, usual[_letters(number.right)])
        if slip:
            message, suggestion = slip
            yield Slip(
                "document-number",
                number.block,
                number.start,
                number.end,
                message,
                suggestion,
            )


def _letters(number: str) -> str:
    return re.sub("[^\\w]+", " ", number)


def _misplaced(number: Number) -> tuple[str, str] | None:
    if number.text == number.right:
        return None
    if number.compact == number.right:
        message = _("A document number is written without blanks, with a hyphen.")
    elif number.family == "party":
        message = _("The Party writes number-KIND/ISSUER: %(right)s.")
    else:
        message = _("The State writes number/KIND-ISSUER: %(right)s.")
    return message % {"right": number.right}, number.right


def _two_ways(number: Number, usual: str) -> tuple[str, str] | None:
    """The first of equals stays; an issuer that is not known has its own way."""
    if number.right == usual:
        return None
    message = _("This text also writes the number “%(usual)s”: keep to one.")
    return message % {"usual": usual}, usual
