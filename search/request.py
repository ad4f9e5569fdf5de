"""What is asked of the engines and what they answer. No Django here."""

import re
from dataclasses import dataclass, field
from datetime import date

from search import text

MAX_QUERY_LENGTH = 200  # characters; a long headline has 150
MAX_TERMS = 12  # tokens: each costs a list of the index
PER_PAGE = 20
MAX_PAGE = 10_000  # far beyond any total; keeps offsets sane

NEWEST = "newest"
RELEVANCE = "relevance"

# Quotation marks people type or paste; the text between two is a phrase.
_QUOTES = re.compile('["“”„‟«»″＂]')


@dataclass(frozen=True)
class Words:
    """What was typed in the words box, as exact tokens in the order typed."""

    loose: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    # True when a limit above cut something off; the page says so.
    is_cut: bool = False

    @property
    def all(self) -> tuple[str, ...]:
        return self.loose + tuple(token for phrase in self.phrases for token in phrase)

    def __bool__(self) -> bool:
        return bool(self.loose or self.phrases)


def parse_words(typed: str) -> Words:
    """Return the tokens and quoted phrases of `typed`; never raises.

    A quotation mark without its partner parts words and means nothing else.
    """
    typed = typed.strip()
    parts = _QUOTES.split(typed[:MAX_QUERY_LENGTH])
    loose: list[str] = []
    phrases: list[tuple[str, ...]] = []
    left, is_cut = MAX_TERMS, len(typed) > MAX_QUERY_LENGTH
    for number, part in enumerate(parts):
        tokens = text.exact_tokens(part)
        is_cut = is_cut or len(tokens) > left
        tokens = tokens[:left]
        left -= len(tokens)
        is_quoted = number % 2 == 1 and number < len(parts) - 1
        if is_quoted and len(tokens) > 1:
            phrases.append(tuple(tokens))
        else:
            loose.extend(tokens)
    return Words(tuple(loose), tuple(phrases), is_cut)


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
