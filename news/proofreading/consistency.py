"""One text, one spelling: what is written two ways in the same article."""

import re
from collections import Counter
from collections.abc import Hashable, Iterator

from django.utils.translation import gettext as _

from news.proofreading import reading
from news.proofreading.finding import Blocks, Slip, Slips

# Both are right; a text keeps to one. Pairs, because "sỹ" alone is many a name.
_PAIRS = (
    ("bác sĩ", "bác sỹ"),
    ("ca sĩ", "ca sỹ"),
    ("chiến sĩ", "chiến sỹ"),
    ("công ty", "công ti"),
    ("đăng ký", "đăng kí"),
    ("định kỳ", "định kì"),
    ("hy sinh", "hi sinh"),
    ("hy vọng", "hi vọng"),
    ("kỳ họp", "kì họp"),
    ("kỷ luật", "kỉ luật"),
    ("kỷ niệm", "kỉ niệm"),
    ("kỹ năng", "kĩ năng"),
    ("kỹ thuật", "kĩ thuật"),
    ("liệt sĩ", "liệt sỹ"),
    ("lý do", "lí do"),
    ("nghệ sĩ", "nghệ sỹ"),
    ("nhiệm kỳ", "nhiệm kì"),
    ("quản lý", "quản lí"),
    ("quy chế", "qui chế"),
    ("quy định", "qui định"),
    ("quy hoạch", "qui hoạch"),
    ("quy mô", "qui mô"),
    ("quy trình", "qui trình"),
    ("sĩ quan", "sỹ quan"),
    ("thạc sĩ", "thạc sỹ"),
    ("thế kỷ", "thế kỉ"),
    ("tiến sĩ", "tiến sỹ"),
    ("tỷ đồng", "tỉ đồng"),
    ("tỷ lệ", "tỉ lệ"),
    ("xử lý", "xử lí"),
    ("Bắc Kạn", "Bắc Cạn"),
    ("Đắk Lắk", "Đắc Lắc"),
    ("Đắk Nông", "Đắc Nông"),
)
_OTHER = {a.lower(): b.lower() for pair in _PAIRS for a, b in (pair, pair[::-1])}
_LISTED = {usual.lower() for usual, _other in _PAIRS}
_EITHER = re.compile(rf"(?<!\w)(?:{'|'.join(_OTHER)})(?!\w)", re.IGNORECASE)


def tone_placement(blocks: Blocks) -> Slips:
    """Report the rarer of hoá and hóa.

    A name is compared as a whole: Thuý and Thúy may be two people, but not Trần
    Thuý Hà and Trần Thúy Hà. The style of all other words decides a tie.
    """
    places = list(_movable(blocks))
    count = Counter((key, on_second) for _, _, _, key, on_second in places)
    style = Counter(on_second for *_, on_second in places)
    for index, start, word, key, on_second in places:
        ours, theirs = count[key, on_second], count[key, not on_second]
        if (ours, style[on_second]) < (theirs, style[not on_second]) and theirs:
            other = reading.tone_moved(word)
            yield _two_ways("tone-placement", index, start, word, other)


def _movable(blocks: Blocks) -> Iterator[tuple[int, int, str, Hashable, bool]]:
    """Yield block, start, word, what it is compared by, and where its mark is."""
    for index, block in enumerate(blocks):
        names: dict[int, Hashable] = {}
        for run in reading.capital_runs(block):
            if len(run) > 1:
                name = " ".join(reading.tone_on_second(word[0]) for word in run)
                names |= {word.start(): (name, at) for at, word in enumerate(run)}
        for word in reading.words(block):
            if reading.has_movable_tone(word[0]):
                key = names.get(word.start(), reading.tone_on_second(word[0]))
                on_second = reading.is_on_second(word[0])
                yield index, word.start(), word[0], key, on_second


def two_spellings(blocks: Blocks) -> Slips:
    """Report the rarer of kỹ thuật and kĩ thuật; on a tie, the one that is listed."""
    places = [
        (index, found.start(), found[0])
        for index, block in enumerate(blocks)
        for found in _EITHER.finditer(block)
        if found[0].lower() in _OTHER
    ]
    count = Counter(word.lower() for _, _, word in places)
    for index, start, word in places:
        ours, other = word.lower(), _OTHER[word.lower()]
        if count[other] and (count[ours], ours in _LISTED) < (
            count[other],
            other in _LISTED,
        ):
            right = reading.same_capitals(word, other)
            yield _two_ways("two-spellings", index, start, word, right)


def _two_ways(rule: str, index: int, start: int, word: str, other: str) -> Slip:
    message = _("This text writes both “%(usual)s” and “%(word)s”: keep to one.")
    message %= {"usual": other, "word": word}
    return Slip(rule, index, start, start + len(word), message, other)
