"""Words: typed twice, and ordinals garbled."""

import re

from django.utils.translation import gettext as _

from news.proofreading.finding import Blocks, Slip, Slips

# Function words only: content words are doubled on purpose ("xanh xanh").
_ONCE = "trên|của|và|các|những|trong|với|tại|theo|từ|do|bởi|cùng|hoặc|nhưng|đang|sẽ"
_DOUBLED = re.compile(rf"\b({_ONCE})(?:[ \t\u00a0]+(?:{_ONCE}))+\b", re.I)
_ORDINAL = re.compile(
    r"\b(lần|kỳ họp|phiên họp|hội nghị|khóa|khoá) (tứ|thư|thú|thự|thừ|thử)"
    r"(?= (?:[IVX]{1,6}\b|\d{1,3}\b))",
    re.I,
)


def doubled(blocks: Blocks) -> Slips:
    for index, block in enumerate(blocks):
        for found in _DOUBLED.finditer(block):
            first, *others = found[0].split()
            if any(other != first.lower() for other in others):
                continue
            yield Slip(
                "doubled-word",
                index,
                found.start(),
                found.end(),
                _("“%(word)s” is typed more than once.") % {"word": first},
                first,
            )


def ordinals(blocks: Blocks) -> Slips:
    for index, block in enumerate(blocks):
        for found in _ORDINAL.finditer(block):
            yield Slip(
                "ordinal",
                index,
                found.start(),
                found.end(),
                _("An ordinal is written with “thứ”."),
                f"{found[1]} thứ",
            )
