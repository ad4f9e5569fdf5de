"""What is asked: classes of words, known articles, words that differ by accents."""

import random
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from bench.search.articles import Row
from search import text

SAMPLE = 4000  # articles whose words are counted
COMMON_ENOUGH = 0.005  # of the articles hold each form of an ambiguous word
# Both places of the tone, òa and oà; the first is the one `text` prefers.
_TONES = dict(
    re.findall(
        r"(\w+)=(\w+)",
        "òa=oà óa=oá ỏa=oả õa=oã ọa=oạ òe=oè óe=oé ỏe=oẻ õe=oẽ ọe=oẹ "
        "ùy=uỳ úy=uý ủy=uỷ ũy=uỹ ụy=uỵ",
    )
)
_TONE = re.compile(rf"(?<!q)({'|'.join(_TONES)})\b")


class Question(NamedTuple):
    kind: str
    words: str


class Known(NamedTuple):
    """Words of one article, which should be found."""

    kind: str
    words: str
    row: Row


def questions(rows: list[Row], per_kind: int, seed: int) -> list[Question]:
    """Return `per_kind` of each of twelve kinds, shuffled; every other one folded."""
    rng = random.Random(seed)
    sample = rng.sample(rows, min(SAMPLE, len(rows)))
    words: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    runs = []
    for row in sample:
        tokens = text.exact_tokens(row.body)
        words.update(set(tokens))
        pairs.update(set(pairwise(tokens)))
        runs.append((text.exact_tokens(row.title), tokens))

    common_words = _slice(words, 0, per_kind)
    middle_words = _slice(words, len(words) // 40, per_kind)
    rare_words = _slice(words, len(words) // 2, per_kind)
    common, middle, rare = (
        [" ".join(pair) for pair in _slice(pairs, start, per_kind)]
        for start in (0, len(pairs) // 200, len(pairs) // 4)
    )

    def run(field: int, size: int) -> list[str]:
        long = [run[field] for run in runs if len(run[field]) >= size]
        chosen = rng.choices(long, k=per_kind)
        starts = [rng.randrange(len(t) - size + 1) for t in chosen]
        return [
            " ".join(tokens[start : start + size])
            for tokens, start in zip(chosen, starts, strict=True)
        ]

    kinds = {
        "a very common word": common_words,
        "a word": middle_words,
        "a rare word": rare_words,
        "a very common pair": common,
        "a pair": middle,
        "a rare pair": rare,
        "two words apart": map(" ".join, zip(common_words, middle_words, strict=False)),
        "three words of a title": run(0, 3),
        "three words of a body": run(1, 3),
        "two pairs": map(" ".join, zip(common, middle, strict=False)),
        "a phrase of two": [f'"{pair}"' for pair in middle],
        "a phrase of four": [f'"{words}"' for words in run(1, 4)],
    }
    found = [
        Question(kind, without_accents(words) if number % 2 else words)
        for kind, asked in kinds.items()
        for number, words in enumerate(asked)
    ]
    rng.shuffle(found)
    return found


def _slice(counted: Counter, start: int, size: int) -> list:
    """Return `size` keys from a rank on, every third; the same in every process."""
    ranked = sorted(counted, key=lambda key: (-counted[key], key))
    return ranked[start : start + 3 * size : 3]


def without_accents(words: str) -> str:
    """Return `words` as typed without a Vietnamese keyboard; quotes stay."""
    return re.sub(r"\w+", lambda word: text.fold_token(word[0]), words)


def known_items(rows: list[Row], count: int, seed: int) -> list[Known]:
    """Return four ways to ask for each of `count` articles."""
    rng = random.Random(seed)
    found = []
    for row in rng.sample(rows, len(rows)):
        body = text.exact_tokens(row.body)
        title = text.fold_tokens(text.exact_tokens(row.title))
        if len(body) < 40 or len(title) < 5:
            continue
        start = rng.randrange(len(body) - 5)
        five = body[start : start + 5]
        for kind, tokens in (
            ("title, no accents", title),
            ("four words of title", title[:4]),
            ("five words of body, no accents", text.fold_tokens(five)),
            ("five words of body", five),
        ):
            found.append(Known(kind, " ".join(tokens), row))
        if len(found) >= 4 * count:
            break
    return found


def ambiguous_words(rows: list[Row], size: int, seed: int) -> list[str]:
    """Return `size` exact words whose folded form has another one, each common enough.

    Half are single syllables, half pairs, where there are as many.
    """
    rng = random.Random(seed)
    sample = rng.sample(rows, min(SAMPLE, len(rows)))
    words: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    for row in sample:
        tokens = text.exact_tokens(f"{row.title}\n{row.lead}\n{row.body}")
        words.update(set(tokens))
        pairs.update({f"{a} {b}" for a, b in pairwise(tokens)})
    chosen: list[str] = []
    for counted in (pairs, words):
        forms: dict[str, list[str]] = {}
        for word, count in counted.items():
            if count >= COMMON_ENOUGH * len(sample):
                forms.setdefault(text.fold(word), []).append(word)
        groups = sorted(sorted(group) for group in forms.values() if len(group) > 1)
        # A form without accents asks for no accents.
        accented = [w for g in groups for w in g if w != text.fold(w)]
        wanted = size // 2 if counted is pairs else size - len(chosen)
        chosen += rng.sample(accented, min(wanted, len(accented)))
    return chosen


def with_slip(words: str) -> str:
    """Return `words` with the last two letters of the longest one exchanged."""
    longest = max(re.findall(r"\w+", words), key=len)
    return words.replace(longest, longest[:-2] + longest[:-3:-1], 1)


def while_typing(title: str) -> list[str]:
    """Return what stands in the box when somebody who types a title is suggested to.

    Two letters, the first word, half of the second, two words and a letter.
    """
    words = text.fold_tokens(text.exact_tokens(title))[:3]
    if len(words) < 3:
        return []
    first, second, third = words
    return [first[:2], first, f"{first} {second[:2]}", f"{first} {second} {third[:1]}"]


def with_other_tones(rows: Iterable[Row], count: int) -> list[str]:
    """Return pairs of words of which one may carry its tone on either vowel."""
    found: dict[str, None] = {}
    for row in rows:
        for pair in pairwise(text.exact_tokens(row.title)):
            words = " ".join(pair)
            if _TONE.search(words):
                found[words] = None
        if len(found) >= count:
            break
    return list(found)[:count]


def same_words(words: str) -> list[str]:
    """Return other ways to type the same words."""
    return [
        unicodedata.normalize("NFD", words),
        unicodedata.normalize("NFC", words).upper(),
        _TONE.sub(lambda match: _TONES[match[0]], words),
        "  " + words.replace(" ", "\N{NO-BREAK SPACE} "),
    ]
