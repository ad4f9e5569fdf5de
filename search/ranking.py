"""Orders candidates by how well they answer the words; pure functions.

In a language of syllables nearness tells more than frequency: the whole query
side by side in the title, then in the lead, then in the body. Weights come from
the design's measurements on known items.
"""

from dataclasses import dataclass

from search import text
from search.documents import field_text
from search.request import Words

# What a match counts for when accents were typed and only the letters agree.
OTHER_ACCENTS = 0.2


@dataclass(frozen=True)
class Candidate:
    """One article: title and lead as stored texts, the body as two answers."""

    article_id: int
    newness: object  # larger is newer
    title: str
    lead: str
    exact_title: str
    exact_lead: str
    has_phrase: bool
    has_exact_phrase: bool


def rank_phrase(words: Words) -> tuple[str, ...]:
    """Return the exact tokens whose nearness is tested."""
    return (
        words.loose if len(words.loose) > 1 or not words.phrases else words.phrases[0]
    )


def rank(candidates: list[Candidate], words: Words) -> list[int]:
    """Return article ids, the best first; equal ones newest first."""
    exact = words.all
    folded = text.fold_tokens(exact)
    phrase = rank_phrase(words)
    typed_accents = list(exact) != folded
    folded_phrase = field_text(text.fold_tokens(phrase))

    def score(c: Candidate) -> float:
        plain = _score(c.title, c.lead, c.has_phrase, folded, folded_phrase)
        if not typed_accents:
            return plain
        same = _score(
            c.exact_title, c.exact_lead, c.has_exact_phrase, exact, field_text(phrase)
        )
        return same + OTHER_ACCENTS * plain

    ordered = sorted(
        candidates, key=lambda c: (score(c), c.newness, c.article_id), reverse=True
    )
    return [c.article_id for c in ordered]


def _score(title: str, lead: str, in_body: bool, words, phrase: str) -> float:
    in_title = sum(f" {word} " in title for word in words) / len(words)
    in_lead = sum(f" {word} " in lead for word in words) / len(words)
    points = 4 * in_title + 1.5 * in_lead
    if phrase in title:
        # A short title that is little else than the query is what was meant.
        points += 6 + 2 * title.startswith(phrase) + 2 * len(phrase) / len(title)
    return points + 3 * (phrase in lead) + 2.5 * in_body
