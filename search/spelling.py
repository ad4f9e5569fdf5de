"""“Did you mean”: other words for a search that found nothing. Asked only then.

A slip gives another syllable more often than none, so the index is asked which of
the likely readings stands side by side in some article; no list of words is kept.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from string import ascii_lowercase

from django.core.exceptions import EmptyResultSet

from search import abbreviations, matching, text
from search.backends import for_alias
from search.backends.base import SearchTimeout
from search.matching import Match
from search.request import SearchRequest, Words, parse_words

MAX_READINGS = 600  # the index is asked about, in one statement
MAX_COUNTED = 20  # of those it knows
COUNT_CAP = 200  # enough to tell which reading is the usual one
MAX_SPLITS = 12  # ways to cut one run of letters into syllables
MAX_RUN = 40  # letters
SAMPLES = 20  # articles that tell how the words are written

# Every Vietnamese syllable without its accents, and some more.
_SYLLABLE = re.compile(
    "(?:b|ch?|d|gh?|gi|h|kh?|l|m|n|ngh?|nh|ph?|qu|r|s|th?|tr|v|x)?"
    "(?:a(?:ch?|i|m|ng?|nh|o|p|t|u|y)?"
    "|e(?:ch?|m|ng?|nh|o|p|t|u)?"
    "|i(?:a|ch?|e(?:c|m|ng?|p|t|u)|m|nh?|p|t|u)?"
    "|o(?:a(?:ch?|i|m|ng?|nh|o|p|t|y)?|c|e[mnot]?|i|m|ng?|oc|ong|p|t)?"
    "|u(?:a(?:ng?|t|y)?|c|e(?:ch|nh)?|i|m|ng?|o(?:c|i|m|ng?|p|t|u)?|p|t|u"
    "|y(?:a|ch|en|et|nh|t|u)?)?"
    "|y(?:e(?:m|ng?|t|u)|nh|t)?)"
)
# What sounds alike somewhere in the country, at the beginning and at the end.
_ALIKE_FIRST = ("ch tr", "s x", "l n", "d gi r v")
_ALIKE_LAST = ("n ng nh", "c t ch", "i y")
# How likely a reading is beside others that as many articles hold
_KEYS, _JOINTS, _FEW, _MANY = 100, 10, 5, 1


@dataclass(frozen=True)
class Suggestion:
    """Other words, NFC, and how many articles they find under the same filters."""

    words: str
    total: int
    total_is_capped: bool


@dataclass(frozen=True)
class Reading:
    """What may have been meant. `pairs`: what was changed beside a neighbour."""

    words: Words
    weight: int = _MANY
    pairs: tuple[str, ...] = ()

    @cached_property  # matching.tokens_of() has the same, ten times as slow
    def near(self) -> Match:
        loose = text.fold_tokens(self.words.loose)
        tokens = text.bigrams(loose) or loose
        for phrase in self.words.phrases:
            tokens += text.bigrams(text.fold_tokens(phrase))
        return Match(tuple(dict.fromkeys(tokens)))

    @property
    def in_part(self) -> list[Match]:
        """All words anywhere, the changed one beside a neighbour of either side."""
        needed = matching.everything(self.words)
        return [replace(needed, tokens=(*needed.tokens, pair)) for pair in self.pairs]


def suggest(queryset, request: SearchRequest) -> Suggestion | None:
    """Return what finds something in `queryset` instead of the words of `request`.

    The filters stay. None when nothing helps or the database takes too long.
    """
    if not request.words:
        return None
    backend = for_alias(queryset.db)
    try:
        with backend.reading():
            best = _best(backend, queryset, request)
            if best is None:
                return None
            words = _with_accents(backend, queryset, request, best)
            meant = replace(request, words=parse_words(words, abbreviations.load()))
            cap = backend.total_cap
            [total] = backend.counts(
                queryset, [(meant, matching.everything(meant.words))], cap + 1
            )
    except (EmptyResultSet, SearchTimeout):
        return None
    return Suggestion(words, min(total, cap), total > cap) if total else None


def _best(backend, queryset, request) -> Reading | None:
    """Ask about whole runs first, then about less and less."""
    typed = Reading(Words(request.words.loose, request.words.phrases))
    if backend.known([typed.near]):
        return None  # it is there; a filter or a date keeps it away
    readings = _unlike(typed, _readings(typed.words))

    def choose(matches: list[tuple[Reading, Match]]) -> Reading | None:
        places = sorted(backend.known([match for _, match in matches]))
        found = sorted((matches[n] for n in places), key=lambda m: -m[0].weight)
        found = found[:MAX_COUNTED]
        if not found:
            return None
        asked = [(replace(request, words=r.words), match) for r, match in found]
        counts = backend.counts(queryset, asked, COUNT_CAP)
        scores = [n * r.weight for n, (r, _) in zip(counts, found, strict=True)]
        best = max(scores)
        return found[scores.index(best)][0] if best else None

    return choose([(r, r.near) for r in readings]) or choose(
        [(r, match) for r in readings for match in r.in_part]
    )


def _unlike(typed: Reading, readings: Iterator[Reading]) -> list[Reading]:
    """Return the first readings that differ, each once."""
    found: dict[Match, Reading] = {}
    for reading in readings:
        if reading.near != typed.near:
            found.setdefault(reading.near, reading)
            if len(found) == MAX_READINGS:
                break
    return list(found.values())


def _readings(words: Words) -> Iterator[Reading]:
    groups = (words.loose, *words.phrases)
    for n, group in enumerate(groups):
        for changed, weight, pairs in _changed(group):
            loose, *phrases = (*groups[:n], changed, *groups[n + 1 :])
            yield Reading(Words(loose, tuple(phrases)), weight, pairs)


def _changed(group: tuple[str, ...]):
    """Yield the group with one thing changed, how likely, and the pairs at it."""
    yield tuple(map(read_keys, group)), _KEYS, ()
    for i, token in enumerate(group):
        before, after = group[:i], group[i + 1 :]
        for new, weight in _others(token):
            whole = (*before, *new, *after)
            pairs = text.bigrams(text.fold_tokens(whole))
            yield whole, weight, tuple(pairs[max(i - 1, 0) : i + len(new)])
        joined = token + (after[0] if after else "")
        if after and _SYLLABLE.fullmatch(text.fold_token(joined)):
            yield (*before, joined, *after[1:]), _JOINTS, ()


def _others(token: str) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield what one token may stand for, as tokens, and how likely."""
    if (read := read_keys(token)) != token:
        yield (read,), _KEYS
    bare = text.strip_accents(token)
    if not bare.isalpha() or len(bare) > MAX_RUN:
        return
    for parts in _split(bare):
        yield parts, _JOINTS
    is_syllable = _SYLLABLE.fullmatch(bare)
    for weight, others in ((_FEW, _few_slips(bare)), (_MANY, _many_slips(bare))):
        for other in dict.fromkeys(others):
            # Only what was no syllable may become an abbreviation or a foreign word.
            if other and (not is_syllable or _SYLLABLE.fullmatch(other)):
                yield (other,), weight


def _few_slips(bare: str) -> Iterator[str]:
    """Yield what sounds alike, and the letters with two exchanged or one less."""
    for group in map(str.split, _ALIKE_FIRST):
        for a in filter(bare.startswith, group):
            yield from (b + bare[len(a) :] for b in group)
    for group in map(str.split, _ALIKE_LAST):
        for a in filter(bare.endswith, group):
            yield from (bare[: -len(a)] + b for b in group)
    for i in range(len(bare)):
        yield bare[:i] + bare[i + 1 : i + 2] + bare[i] + bare[i + 2 :]
        yield bare[:i] + bare[i + 1 :]


def _many_slips(bare: str) -> Iterator[str]:
    """Yield the letters with another one, or one more: of either some 26 a place."""
    for i in range(len(bare) + 1):
        for letter in ascii_lowercase:
            yield bare[:i] + letter + bare[i + 1 :]
            yield bare[:i] + letter + bare[i:]


def _split(bare: str) -> list[tuple[str, ...]]:
    """Return ways to cut a run of letters into two syllables or more, few first."""
    ways: list[list[tuple[str, ...]]] = [[()]]
    for end in range(1, len(bare) + 1):
        found = [
            (*way, bare[start:end])
            for start in range(max(0, end - 7), end)  # nghiêng has 7
            if _SYLLABLE.fullmatch(bare[start:end])
            for way in ways[start]
        ]
        ways.append(sorted(found, key=len)[:MAX_SPLITS])
    return [way for way in ways[-1] if len(way) > 1]


def _with_accents(backend, queryset, request, reading: Reading) -> str:
    """Write a reading as the newest articles write it, where they hold it whole."""
    asked = replace(request, words=reading.words)
    samples = backend.samples(queryset, asked, reading.near, SAMPLES)
    articles = [
        (tokens, text.fold_tokens(tokens)) for tokens in map(str.split, samples)
    ]

    def written(group: tuple[str, ...]) -> str:
        folded = text.fold_tokens(group)
        runs = Counter(
            tuple(tokens[i : i + len(group)])
            for tokens, bare in articles
            for i, first in enumerate(bare)
            if first == folded[0] and bare[i : i + len(group)] == folded
        )
        return " ".join(runs.most_common(1)[0][0] if runs else group)

    parts = [written(reading.words.loose)] if reading.words.loose else []
    return " ".join([*parts, *(f'"{written(p)}"' for p in reading.words.phrases)])


# Typed keys ---------------------------------------------------------------------

_TONES = {"acute": "\u0301", "grave": "\u0300", "hook": "\u0309"}
_TONES |= {"tilde": "\u0303", "dot": "\u0323"}
_TELEX = dict(zip("sfrxj", _TONES, strict=True)) | {"w": "horn or breve"}
_TELEX |= dict.fromkeys("aeo", "circumflex") | {"d": "stroke"}
_VNI = dict(zip("12345", _TONES, strict=True))
_VNI |= {"6": "circumflex", "7": "horn or breve", "8": "horn or breve", "9": "stroke"}
_MARKED = {
    "circumflex": str.maketrans("aeo", "âêô"),
    "horn or breve": str.maketrans("aou", "ăơư"),
}
_VOWELS = "aeiouyâêôăơư"


def read_keys(token: str) -> str:
    """Return the syllable whose Telex or VNI keys were typed with the editor off.

    `token` is lower-case. What makes no syllable comes back as it was.
    """
    if not token.isascii():
        return token
    keys = _VNI if any(c.isdigit() for c in token) else _TELEX
    letters, tone = "", ""
    for key in token:
        sign = keys.get(key)
        if sign in _TONES and any(c in _VOWELS for c in letters):
            tone = _TONES[sign]
        elif sign == "stroke" and letters.startswith("d"):
            letters = "đ" + letters[1:]
        elif sign in _MARKED and (marked := _mark(letters, key, sign)):
            letters = marked
        else:
            letters += key
    if not _SYLLABLE.fullmatch(text.fold_token(letters)):
        return token
    return _set_tone(letters, tone)


def _mark(letters: str, key: str, sign: str) -> str:
    """Put a sign on the vowel it belongs to; empty when there is none."""
    if sign == "horn or breve":
        if re.search("[uư]o", letters):
            return re.sub("[uư]o", "ươ", letters)
        places = [i for i, c in enumerate(letters) if c in "aou"]
    else:
        wanted = "aeo" if key.isdigit() else key
        places = [i for i, c in enumerate(letters) if c in wanted]
    if not places:
        return letters + "ư" if key == "w" and "ư" not in letters else ""
    i = places[-1]
    return letters[:i] + letters[i].translate(_MARKED[sign]) + letters[i + 1 :]


def _set_tone(letters: str, tone: str) -> str:
    """Return NFC with the tone on the vowel the old rule names (hòa, quý, giá)."""
    onset = re.match("qu|gi(?=[aeouyâêôăơư])|", letters).end()
    vowels = [i for i, c in enumerate(letters) if c in _VOWELS and i >= onset]
    signed = [i for i in vowels if letters[i] in "âêôăơư"]
    if signed:
        place = signed[-1]
    elif vowels[-1] < len(letters) - 1:  # a consonant follows
        place = vowels[-1]
    else:
        place = vowels[len(vowels) // 2 if len(vowels) > 2 else 0]
    return unicodedata.normalize(
        "NFC", letters[: place + 1] + tone + letters[place + 1 :]
    )
