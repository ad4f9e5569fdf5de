"""Vietnamese text for search: the one place that makes tokens, for index and query.

A token is a run of letters and digits, one syllable in Vietnamese. It has two
forms: *exact* keeps accents (one tone position, so hoà = hòa); *folded* has none, and
what is spelled in two ways is one (kĩ = kỹ, ngày 05 = ngày 5).
Storage never uses this: see news.text.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

from news.text import clean_text, is_plain

# Whatever changes the tokens of any text changes this; a full rebuild follows.
TOKENIZER_VERSION = 5
# Longer runs are cut in index and query alike; PostgreSQL allows 2,046 bytes.
MAX_TOKEN_LENGTH = 64

RUN = re.compile(r"[^\W_]+")
# The mark on the second vowel of an open oa, oe, uy moves to the first.
_OLD_TONES = {
    second + marked: moved + plain
    for second, plain, toned in (("o", "a", "àáảãạ"), ("o", "e", "èéẻẽẹ"))
    for marked, moved in zip(toned, "òóỏõọ", strict=True)
} | {"u" + marked: moved + "y" for marked, moved in zip("ỳýỷỹỵ", "ùúủũụ", strict=True)}
# What is written with i or y alike: kĩ kỹ, lí lý, quí quý; never thúi for thúy.
_FINAL_I = re.compile("(?<=^[hklmstv])i$|(?<=^qu)i$")
# Of days, months and document numbers: 05-CT/TW, 5-CT/TW.
_LEADING_ZERO = re.compile("^0(?=[0-9]$)")
_OLD_TONE = re.compile(f"(?<!q)(?:{'|'.join(_OLD_TONES)})$")  # quý stays


def exact_tokens(text: str) -> list[str]:
    """Return the tokens of `text` with their accents, in order.

    Full-width and other compatibility forms are narrowed, NBSP and ZWSP are
    blanks, controls and lone surrogates are dropped.
    """
    text = clean_text(text).casefold().replace("ð", "đ")  # U+00F0, typed by mistake
    if not is_plain(text):
        text = unicodedata.normalize("NFKC", text)
        text = unicodedata.normalize("NFKC", text.casefold()).replace("ð", "đ")
        # A mark that joins no letter would cut a word in two.
        text = _without_marks(text)
    return [_one_tone_position(run[:MAX_TOKEN_LENGTH]) for run in RUN.findall(text)]


@lru_cache(maxsize=20_000)  # Vietnamese has some 7,000 syllables in use
def _one_tone_position(token: str) -> str:
    if token.isascii():
        return token
    return _OLD_TONE.sub(lambda match: _OLD_TONES[match[0]], token)


@lru_cache(maxsize=20_000)
def strip_accents(token: str) -> str:
    """Return the bare letters of an exact token; đ becomes d."""
    if token.isascii():
        return token
    return _without_marks(unicodedata.normalize("NFD", token.replace("đ", "d")))


def _without_marks(text: str) -> str:
    return "".join(c for c in text if unicodedata.category(c) != "Mn")


@lru_cache(maxsize=20_000)
def fold_token(token: str) -> str:
    """Return an exact token without accents, in the one spelling of the index."""
    bare = strip_accents(token)
    return _FINAL_I.sub("y", _LEADING_ZERO.sub("", bare)) if len(bare) < 4 else bare


def prefixes(bare: str) -> tuple[str, ...]:
    """Return what folded tokens begin with that go on from `bare`, or are it.

    Of a word that may be unfinished, or of a pair whose second word may be: "ki"
    begins kinh, and is ky, the folded form of kĩ and kỹ.
    """
    first, joint, last = bare.rpartition("_")
    return tuple(dict.fromkeys((bare, f"{first}{joint}{fold_token(last)}")))


def has_accents(token: str) -> bool:
    """Say whether an exact token tells more than its letters: đường, not duong."""
    return not token.isascii() and token != fold_token(token)


def fold_tokens(tokens: Iterable[str]) -> list[str]:
    return [fold_token(token) for token in tokens]


def exact(text: str) -> str:
    """Return the exact tokens of `text` joined by one blank."""
    return " ".join(exact_tokens(text))


def fold(text: str) -> str:
    """Return the folded tokens of `text` joined by one blank."""
    return " ".join(fold_tokens(exact_tokens(text)))


def bigrams(folded: Sequence[str]) -> list[str]:
    """Return neighbours joined by "_", which no token contains.

    Punctuation between two syllables does not part them, just as in the text
    that confirms a phrase.
    """
    return [f"{a}_{b}" for a, b in pairwise(folded)]
