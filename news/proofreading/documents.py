"""Numbers of official documents: 84/KH-UBND of the State, 05-CT/TW of the Party.

Decree 30/2020/NĐ-CP, appendix I, for the State; Guidance 36-HD/VPTW of 2018 for
the Party: number, a dash, the kind of document, a stroke, who issued it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from news.proofreading.finding import Blocks, Slip, Slips

_KINDS = {
    "BC", "BB", "CĐ", "CT", "CTr", "CV", "ĐA", "HD", "HĐ", "KH", "KL", "LCT", "NĐ",
    "ND", "NQ", "PA", "QC", "QD", "QĐ", "QĐi", "QyĐ", "SL", "TB", "TT", "TTLT", "TTr",
}  # fmt: skip
_PARTY = {
    "TW", "TƯ", "TU", "ĐU", "HU", "QU", "ThU", "BTGTW", "BTCTW", "BDVTW", "BNCTW",
    "UBKTTW", "VPTW", "BTGTU", "BTCTU", "BDVTU", "BNCTU", "UBKTTU", "VPTU",
}  # fmt: skip
_STATE = {"CP", "TTg", "TTG", "UBND", "HĐND"}
_SPELLED = {"ND": "NĐ", "QD": "QĐ", "TTG": "TTg"}

_GAP = "[ \t\u00a0]{0,3}"
_STROKE = f"{_GAP}[/–—-]{_GAP}"
_NUMBER = re.compile(
    rf"(?<![\w/–.,-])(\d{{1,5}})(?:{_GAP}/{_GAP}((?:19|20)\d\d))?"
    rf"({_STROKE})([A-ZĐ][A-Za-zĐđ]{{1,4}})({_STROKE})"
    r"([A-ZĐƯ][A-Za-zĐđƯ&\d]{1,11}(?:[-–.][A-ZĐ][A-Za-zĐđ&\d]{0,11}){0,3})(?!\w)"
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
            if kind not in _KINDS:
                continue
            issuer = issuer.replace("–", "-")
            head = f"{number}/{year}" if year else number
            family = ""
            if issuer in _PARTY and not year:
                family, right = "party", f"{head}-{kind}/{issuer}"
            elif issuer in _STATE:
                family = "state"
                kind_, issuer_ = _SPELLED.get(kind, kind), _SPELLED.get(issuer, issuer)
                right = f"{head}/{kind_}-{issuer_}"
            compact = f"{head}{_tight(first)}{kind}{_tight(second)}{issuer}"
            yield Number(
                index,
                found.start(),
                found.end(),
                int(year) if year else None,
                found[0],
                compact,
                right if family else compact,
                family,
            )


def numbers(blocks: Blocks) -> Slips:
    for number in read(blocks):
        if number.text == number.right:
            continue
        if number.compact == number.right:
            message = _("A document number is written without blanks, with a hyphen.")
        elif number.family == "party":
            message = _(
                "The Party writes number-KIND/ISSUER, for example %(right)s."
            ) % {"right": number.right}
        else:
            message = _(
                "The State writes number/KIND-ISSUER, for example %(right)s."
            ) % {"right": number.right}
        yield Slip(
            "document-number",
            number.block,
            number.start,
            number.end,
            message,
            number.right,
        )


def _tight(stroke: str) -> str:
    return "/" if "/" in stroke else "-"
