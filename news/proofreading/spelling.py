"""One word written two ways in one text, and the capitals of institutions."""

import re
from collections import Counter

from django.utils.translation import gettext as _

from news.proofreading.finding import Blocks, Slip, Slips

_WORD = re.compile(r"[^\W\d_]+")
# hóa, thủy: the mark on the first vowel; hoá, thuỷ: on the second.
_A, _E, _O, _U, _Y = "áàảãạ", "éèẻẽẹ", "óòỏõọ", "úùủũụ", "ýỳỷỹỵ"
_OLD = {
    first + plain_last: plain_first + last
    for plain_first, firsts, plain_last, lasts in (
        ("o", _O, "a", _A),
        ("o", _O, "e", _E),
        ("u", _U, "y", _Y),
    )
    for first, last in zip(firsts, lasts, strict=True)
}
_NEW = {new: old for old, new in _OLD.items()}

_INSTITUTIONS = (
    "Bộ Chính trị",
    "Ban Bí thư",
    "Ban Thường vụ",
    "Thủ tướng Chính phủ",
)
_INSTITUTION = re.compile(rf"\b(?:{'|'.join(_INSTITUTIONS)})\b", re.I)
_RIGHT = {name.lower(): name for name in _INSTITUTIONS}


def tone_placement(blocks: Blocks) -> Slips:
    """Report the rarer of two placements of the same syllable."""
    count: Counter[str] = Counter()
    places = []
    for index, block in enumerate(blocks):
        for found in _WORD.finditer(block):
            end = found[0][-2:].lower()
            if end in _OLD or (end in _NEW and found[0][-3:-2].lower() != "q"):
                word = found[0].lower()
                places.append((index, found.start(), found[0]))
                count[word] += 1
    for index, start, word in places:
        other = _moved(word)
        ours, theirs = count[word.lower()], count[other.lower()]
        if ours < theirs:
            yield Slip(
                "tone-placement",
                index,
                start,
                start + len(word),
                _("This text writes “%(usual)s” more often than “%(word)s”.")
                % {"usual": other, "word": word},
                other,
            )


def _moved(word: str) -> str:
    end = word[-2:]
    moved = (_OLD | _NEW)[end.lower()]
    letters = (
        new.upper() if old.isupper() else new
        for old, new in zip(end, moved, strict=True)
    )
    return word[:-2] + "".join(letters)


def institutions(blocks: Blocks) -> Slips:
    for index, block in enumerate(blocks):
        for found in _INSTITUTION.finditer(block):
            right = _RIGHT[found[0].lower()]
            if found[0] == right or not found[0][0].isupper() or found[0].isupper():
                continue
            yield Slip(
                "institution",
                index,
                found.start(),
                found.end(),
                _("The institution is written “%(right)s”.") % {"right": right},
                right,
            )
