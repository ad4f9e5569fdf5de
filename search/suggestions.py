"""Suggestions while somebody types: phrases of the newest titles, and titles.

Nothing of what is asked here is stored, counted or logged (search.log hears only of
searches), no cookie is read or set, and everybody gets the same answer.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from news.models import Article
from search import text
from search.backends import for_alias
from search.backends.base import SearchTimeout
from search.matching import Match
from search.request import MAX_QUERY_LENGTH

MAX_SUGGESTIONS = 8
MAX_PHRASES = 4
MIN_LETTERS = 2
MAX_WORDS = 8
TITLES = 200  # the newest that hold what was typed
# An unfinished word alone begins a large part of the index. Only so many newest
# titles are looked through for it: a million articles cost what a thousand do.
RECENT = 500
MIN_TITLES = 3  # that make some words a phrase
MAX_MORE = 4  # words of a phrase beyond the typed ones
# Where so many titles go on alike, the shorter phrase is not worth a line.
NEARLY_ALL = 0.6

# No phrase ends with a word that only leads on to the next.
_LEADING_ON = text.RUN.findall(
    "bị bởi các cho chưa có cùng của do đã đang để đến được hoặc khi không là làm một "
    "như những nên ở qua ra rồi sau sẽ tại theo thì trên trong trước từ và vào về vì "
    "với vẫn"
)


@dataclass(frozen=True)
class Suggestion:
    """What is shown. `url` leads to the article of a title; a phrase has none."""

    text: str
    url: str = ""


class _Word(NamedTuple):
    shown: str
    exact: str
    folded: str
    follows: bool  # only a blank is between it and the word before


@lru_cache(maxsize=4 * RECENT)
def _words(title: str) -> tuple[_Word, ...]:
    words, end = [], 0
    for run in text.RUN.finditer(title):
        exact = "".join(text.exact_tokens(run[0]))
        follows = bool(words) and not title[end : run.start()].strip()
        words.append(_Word(run[0], exact, text.fold_token(exact), follows))
        end = run.end()
    return tuple(words)


@lru_cache(maxsize=4 * RECENT)
def _folded(title: str) -> str:
    return f" {text.fold(title)}"


def suggest(typed: str) -> list[Suggestion]:
    """Return what somebody may be about to type, the likeliest first.

    Phrases come before titles, typed accents before others. Empty for what is too
    short or too long, and when the database takes too long.
    """
    exact = text.exact_tokens(typed[:MAX_QUERY_LENGTH])
    if len("".join(exact)) < MIN_LETTERS or len(exact) > MAX_WORDS:
        return []
    try:
        rows = _rows(exact)
    except SearchTimeout:
        return []
    phrases = _phrases(exact, [title for _, title, _ in rows])
    rows.sort(key=lambda row: _rank(exact, row[1]))
    found = [Suggestion(phrase) for phrase in phrases]
    titles: dict[str, tuple[int, str]] = {}
    for pk, title, slug in rows:
        titles.setdefault(title, (pk, slug))
    for title, (pk, slug) in islice(titles.items(), MAX_SUGGESTIONS - len(found)):
        found.append(Suggestion(title, Article(pk=pk, slug=slug).get_absolute_url()))
    return found


def _rows(exact: list[str]) -> list[tuple[int, str, str]]:
    """Return id, title and slug of public articles, the newest first.

    Their titles hold what was typed.
    """
    public = Article.objects.published()
    rows = public.values_list("pk", "title", "slug")
    *before, last = exact
    folded, bare = text.fold_tokens(before), text.strip_accents(last)
    matches = [Match((*folded, text.fold_token(last)), in_title=True)]
    recent = []
    if before:
        *pairs, unfinished = text.bigrams([*folded, bare])
        matches.append(Match(tuple(pairs), in_title=True, prefix=unfinished))
    else:
        starts = [f" {prefix}" for prefix in text.prefixes(bare)]
        recent = [
            row
            for row in rows.newest_first()[:RECENT]
            if any(start in _folded(row[1]) for start in starts)
        ]
    ids = for_alias(public.db).newest_ids(public, matches, TITLES, is_public=True)
    # Sorted here: with an order SQLite walks through all articles to find these.
    wanted = set(ids) - {pk for pk, _, _ in recent}
    older = sorted(
        rows.order_by().filter(pk__in=wanted), key=lambda row: ids.index(row[0])
    )
    return (recent + older)[:TITLES]


def _places(exact: list[str], words: Sequence[_Word]) -> list[int]:
    """Return where in a title what was typed begins, accents aside."""
    *before, _ = text.fold_tokens(exact)
    beginnings = text.prefixes(text.strip_accents(exact[-1]))
    tokens = [word.folded for word in words]
    size = len(before)
    return [
        i
        for i in range(len(tokens) - size)
        if tokens[i + size].startswith(beginnings) and tokens[i : i + size] == before
    ]


def _agree(exact: list[str], tokens: Sequence[str]) -> bool:
    """Say whether accents were typed and the tokens begin with them."""
    *before, last = exact
    size = len(before)
    has_accents = not "".join(exact).isascii()
    return has_accents and [*tokens[:size]] == before and tokens[size].startswith(last)


def _rank(exact: list[str], title: str) -> int:
    words = _words(title)
    places = _places(exact, words)
    if any(_agree(exact, [word.exact for word in words[i:]]) for i in places):
        return 0
    return 1 if places else 2


def _phrases(exact: list[str], titles: list[str]) -> list[str]:
    """Return how the titles go on from what was typed, as they write it."""
    written: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for words in map(_words, titles):
        in_title = {}
        for start in _places(exact, words):
            for end in range(start + 1, start + len(exact) + MAX_MORE + 1):
                if end > len(words) or not (words[end - 1].follows or end - 1 == start):
                    break
                if end - start >= max(len(exact), 2):
                    part = words[start:end]
                    shown = " ".join(word.shown for word in part)
                    in_title[tuple(word.exact for word in part)] = shown
        for phrase, shown in in_title.items():
            written[phrase][shown] += 1
    counts = {
        phrase: sum(shown.values())
        for phrase, shown in written.items()
        if phrase[-1] not in _LEADING_ON and list(phrase) != exact
    }
    counts = {phrase: count for phrase, count in counts.items() if count >= MIN_TITLES}

    def is_worth_a_line(phrase: tuple[str, ...]) -> bool:
        return not any(
            longer[: len(phrase)] == phrase and count >= NEARLY_ALL * counts[phrase]
            for longer, count in counts.items()
            if len(longer) > len(phrase)
        )

    def likeliest_first(phrase: tuple[str, ...]):
        return not _agree(exact, phrase), -counts[phrase], phrase

    kept = sorted(filter(is_worth_a_line, counts), key=likeliest_first)
    return [written[phrase].most_common(1)[0][0] for phrase in kept[:MAX_PHRASES]]
