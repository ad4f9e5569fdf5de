"""What is asked of the engines and what they answer. No Django here."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from search import text

# What else each form may be written as; folded tokens (search.abbreviations).
Abbreviations = Mapping[tuple[str, ...], tuple[tuple[str, ...], ...]]
NO_ABBREVIATIONS: Abbreviations = MappingProxyType({})

MAX_QUERY_LENGTH = 200  # characters; a long headline has 150
MAX_TERMS = 12  # tokens: each costs a list of the index
PER_PAGE = 20
MAX_PAGE = 10_000  # far beyond any total; keeps offsets sane

NEWEST = "newest"
RELEVANCE = "relevance"

# Quotation marks people type or paste; the text between two is a phrase.
QUOTES = re.compile('["“”„‟«»″＂]')
# The number of a document is a phrase too: 05-CT/TW, 13/2023/NĐ-CP, 84 – KH/TU;
# blanks around the dash only before capitals and a stroke: no "Tết 2021 - sum họp".
_LETTERS = r"[^\W\d_][\w&]*"
_DOCUMENT_NUMBER = re.compile(
    rf"(?<!\w)\d{{1,6}}(?:/\d{{4}})?"
    rf"(?:[-–/]{_LETTERS}|\s?[-–]\s?[A-ZĐ][A-ZĐ&]*[-–/]{_LETTERS})"
    rf"(?:[-–/]{_LETTERS})*"
)
MAX_FORMS = 4  # ways to write one part of a query, as typed included


@dataclass(frozen=True)
class Part:
    """The loose words [start, end) and what else, folded, may stand for them."""

    start: int
    end: int
    others: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Words:
    """What was typed in the words box, as exact tokens in the order typed."""

    loose: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    # Abbreviations among the loose words, and what has one; in order, disjoint.
    parts: tuple[Part, ...] = ()
    # True when a limit above cut something off; the page says so.
    is_cut: bool = False

    @property
    def all(self) -> tuple[str, ...]:
        return self.loose + tuple(token for phrase in self.phrases for token in phrase)

    def __bool__(self) -> bool:
        return bool(self.loose or self.phrases)

    @property
    def variants(self) -> list["Words"]:
        """The words with one part written otherwise, without what was typed."""
        return [
            Words((*self.loose[: p.start], *other, *self.loose[p.end :]), self.phrases)
            for p in self.parts
            for other in p.others
        ][:MAX_FORMS]


def parse_words(typed: str, abbreviations: Abbreviations = NO_ABBREVIATIONS) -> Words:
    """Return the tokens and phrases of `typed`; never raises.

    A phrase stands in quotation marks or is the number of a document. A quotation
    mark without its partner parts words and means nothing else. `abbreviations` are
    looked for among the loose words only: what is quoted is meant as it stands.
    """
    typed = unicodedata.normalize("NFC", typed.strip())
    parts = QUOTES.split(typed[:MAX_QUERY_LENGTH])
    loose: list[str] = []
    phrases: list[tuple[str, ...]] = []
    left, is_cut = MAX_TERMS, len(typed) > MAX_QUERY_LENGTH

    def take(part: str, is_phrase: bool) -> None:
        nonlocal left, is_cut
        tokens = text.exact_tokens(part)
        is_cut = is_cut or len(tokens) > left
        tokens = tokens[:left]
        left -= len(tokens)
        if is_phrase and len(tokens) > 1:
            phrases.append(tuple(tokens))
        else:
            loose.extend(tokens)

    for number, part in enumerate(parts):
        if number % 2 == 1 and number < len(parts) - 1:
            take(part, is_phrase=True)
            continue
        end = 0
        for match in _DOCUMENT_NUMBER.finditer(part):
            take(part[end : match.start()], is_phrase=False)
            take(match[0], is_phrase=True)
            end = match.end()
        take(part[end:], is_phrase=False)
    found = tuple(_find_parts(text.fold_tokens(loose), abbreviations))
    return Words(tuple(loose), tuple(phrases), found, is_cut)


def _find_parts(folded: list[str], abbreviations: Abbreviations) -> Iterator[Part]:
    """Yield the longest known form at each place, from left to right."""
    longest = max(map(len, abbreviations), default=0)
    start = 0
    while start < len(folded):
        for end in range(min(start + longest, len(folded)), start, -1):
            if others := abbreviations.get(tuple(folded[start:end])):
                yield Part(start, end, others[: MAX_FORMS - 1])
                start = end
                break
        else:
            start += 1


@dataclass(frozen=True)
class SearchRequest:
    """One search. Dates are local days, both included; None means unbounded.

    `category_ids` holds a whole subtree already; empty means every category.
    """

    words: Words = field(default_factory=Words)
    category_ids: tuple[int, ...] = ()
    first_day: date | None = None
    last_day: date | None = None
    order: str = NEWEST
    page: int = 1
    per_page: int = PER_PAGE

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.per_page


@dataclass(frozen=True)
class SearchHit:
    """One article of a page of results, in the order to be shown."""

    article_id: int


@dataclass(frozen=True)
class SearchResult:
    """One page. With `total_is_capped` there are more than `total`."""

    hits: tuple[SearchHit, ...]
    total: int
    total_is_capped: bool
    page: int
    pages: int
