"""What several rules read alike: words, runs of capitalised words, tone marks."""

import re
import unicodedata
from collections.abc import Iterator

_WORD = re.compile(r"[^\W\d_]+")

# hóa, thủy: the mark on the first vowel; hoá, thuỷ: on the second.
_A, _E, _O, _U, _Y = "áàảãạ", "éèẻẽẹ", "óòỏõọ", "úùủũụ", "ýỳỷỹỵ"
_ON_SECOND = {
    first + plain_last: plain_first + last
    for plain_first, firsts, plain_last, lasts in (
        ("o", _O, "a", _A),
        ("o", _O, "e", _E),
        ("u", _U, "y", _Y),
    )
    for first, last in zip(firsts, lasts, strict=True)
}
_ON_FIRST = {second: first for first, second in _ON_SECOND.items()}


def words(block: str) -> Iterator[re.Match]:
    return _WORD.finditer(block)


def is_capitalised(word: str) -> bool:
    """Uỷ, A, but neither UỶ nor uỷ."""
    return word[:1].isupper() and (len(word) == 1 or word[1:].islower())


def capital_runs(block: str) -> Iterator[list[re.Match]]:
    """Yield runs of capitalised words with one blank between two: names, mostly."""
    run: list[re.Match] = []
    for word in words(block):
        if run and block[run[-1].end() : word.start()] != " ":
            yield run
            run = []
        if is_capitalised(word[0]):
            run.append(word)
        elif run:
            yield run
            run = []
    if run:
        yield run


def tone_on_second(word: str) -> str:
    """Return a word in lower case with hoá, thuỷ for hóa, thủy."""
    word = word.lower()
    return word[:-2] + _ON_SECOND.get(word[-2:], word[-2:])


def has_movable_tone(word: str) -> bool:
    """Say whether the mark could stand on the other vowel; in "quý" it could not."""
    end = word[-2:].lower()
    return end in _ON_SECOND or (end in _ON_FIRST and word[-3:-2].lower() != "q")


def tone_moved(word: str) -> str:
    """Return hoá for hóa and hóa for hoá; capitals stay where they are."""
    end = word[-2:]
    moved = (_ON_SECOND | _ON_FIRST)[end.lower()]
    return word[:-2] + same_capitals(end, moved)


def is_on_second(word: str) -> bool:
    return word[-2:].lower() in _ON_FIRST


def same_capitals(pattern: str, text: str) -> str:
    """Return `text`, as long as `pattern`, with the capitals of `pattern`."""
    return "".join(
        letter.upper() if model.isupper() else letter.lower()
        for model, letter in zip(pattern, text, strict=True)
    )


def without_marks(text: str) -> str:
    """Return `text` in lower case ASCII letters where Vietnamese has marks."""
    text = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(c for c in text if not unicodedata.combining(c))
