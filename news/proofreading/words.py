"""Words: typed twice, garbled, or misspelled for certain."""

import re
import unicodedata

from django.utils.translation import gettext as _

from news.proofreading.finding import Blocks, Slip, Slips

# Function words only: content words are doubled on purpose ("xanh xanh", "từ từ"),
# or two words meet ("hành vi vi phạm", "triệt để để", "từ lúc đến đến lúc đi").
_ONCE = (
    "bị|bởi|các|của|cùng|cho|được|đã|đang|hoặc|khi|là|một|như|nhưng|những|rằng|sẽ|"
    "tại|theo|trên|trong|và|vào|với"
)
_DOUBLED = re.compile(
    rf"(?<!bay )(?<!lượn )(?<!thấp )\b({_ONCE})"
    r"(?:[ \t\u00a0]{1,4}\1)+(?=[ \t\u00a0]{1,4}[^\W_])",
    re.IGNORECASE,
)
_ORDINAL = re.compile(
    r"\b(lần|kỳ họp|phiên họp|hội nghị)( +)(?:tứ|thư|thú|thự)"
    r"(?= +(?:[IVX]{1,6}|\d{1,3})\b)",
    re.IGNORECASE,
)
# The mark belongs to the vowel after qu- and gi-: quả, not qủa.
_MISPLACED = re.compile(
    r"\b(?:q[úùủũụ][aeêiyoâ]|g[íìỉĩị]a)(?:ng|nh|ch|[nmtpcouiy])?\b",
    re.IGNORECASE,
)
_MISSPELLED = {
    "bổ xung": "bổ sung",
    "chuẩn đoán": "chẩn đoán",
    "sai xót": "sai sót",
    "sát nhập": "sáp nhập",
    "thiếu xót": "thiếu sót",
    "xắp xếp": "sắp xếp",
    "xuất xắc": "xuất sắc",
    "xử dụng": "sử dụng",
}
_MISSPELLED_WORDS = re.compile(
    rf"(?<!tiêu )\b(?:{'|'.join(_MISSPELLED)})\b", re.IGNORECASE
)


def doubled(blocks: Blocks) -> Slips:
    for index, block in enumerate(blocks):
        for found in _DOUBLED.finditer(block):
            message = _("“%(word)s” is typed more than once.") % {"word": found[1]}
            yield Slip("doubled-word", index, *found.span(), message, found[1])


def ordinals(blocks: Blocks) -> Slips:
    for index, block in enumerate(blocks):
        for found in _ORDINAL.finditer(block):
            message = _("An ordinal is written with “thứ”.")
            yield Slip("ordinal", index, *found.span(), message, f"{found[1]} thứ")


def misspelled(blocks: Blocks) -> Slips:
    for index, block in enumerate(blocks):
        for found in _MISPLACED.finditer(block):
            right = _mark_on_third(found[0])
            message = _("The tone mark stands on the wrong letter.")
            yield Slip("misspelled", index, *found.span(), message, right)
        for found in _MISSPELLED_WORDS.finditer(block):
            right = _MISSPELLED.get(found[0].lower())
            if not right:  # "ſát nhập": other letters that count as the same
                continue
            right = _capitals_of(found[0], right)
            message = _("The right spelling is “%(right)s”.") % {"right": right}
            yield Slip("misspelled", index, *found.span(), message, right)


def _mark_on_third(syllable: str) -> str:
    """qủang -> quảng: the mark of the second letter goes to the third."""
    plain, mark = unicodedata.normalize("NFD", syllable[1])
    third = unicodedata.normalize("NFC", syllable[2] + mark)
    return syllable[0] + plain + third + syllable[3:]


def _capitals_of(model: str, text: str) -> str:
    """Return text, Text or TEXT as `model` is written."""
    if model.isupper():
        return text.upper()
    return text.capitalize() if model[0].isupper() else text
