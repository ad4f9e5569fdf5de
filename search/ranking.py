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
# What a match of another form counts for: UBND where the words were written out.
OTHER_FORM = 0.9
# Words side by side in body or files only; with the accents typed they are more
# surely what was meant than the same words apart in a title.
IN_BODY = 2.5
EXACTLY_IN_BODY = 4.5


@dataclass(frozen=True)
class Candidate:
    """One article: title and lead as stored texts, the rest as answers."""

    article_id: int
    newness: object  # larger is newer
    title: str
    lead: str
    exact_title: str
    exact_lead: str
    # All words side by side, somewhere in the article: as letters, with the accents.
    is_near: bool
    is_exactly_near: bool


def rank_phrase(words: Words) -> tuple[str, ...]:
    """Return the exact tokens whose nearness is tested."""
    return (
        words.loose if len(words.loose) > 1 or not words.phrases else words.phrases[0]
    )


def rank(candidates: list[Candidate], words: Words) -> list[int]:
    """Return article ids, the best first; equal ones newest first."""
    typed_accents = any(map(text.has_accents, words.all))
    # A word typed without accents among others with them means every form.
    mixed = [t if text.has_accents(t) else text.fold_token(t) for t in words.all]
    phrase = field_text(rank_phrase(words))
    forms = [
        (
            text.fold_tokens(form.all),
            field_text(text.fold_tokens(rank_phrase(form))),
        )
        for form in (words, *words.variants)
    ]

    def score(c: Candidate) -> float:
        typed, *others = (
            _words(c.title, c.lead, folded)
            + _nearness(c.title, c.lead, near, IN_BODY * c.is_near)
            for folded, near in forms
        )
        if typed_accents:
            typed *= OTHER_ACCENTS
            typed += _words(c.exact_title + c.title, c.exact_lead + c.lead, mixed)
            typed += _nearness(
                c.exact_title,
                c.exact_lead,
                phrase,
                EXACTLY_IN_BODY * c.is_exactly_near,
            )
            others = [points * (1 + OTHER_ACCENTS) for points in others]
        return max(typed, *(points * OTHER_FORM for points in others), 0)

    ordered = sorted(
        candidates, key=lambda c: (score(c), c.newness, c.article_id), reverse=True
    )
    return [c.article_id for c in ordered]


def _words(title: str, lead: str, words) -> float:
    """Points for the share of the words in title and lead, wherever they stand."""
    in_title = sum(f" {word} " in title for word in words) / len(words)
    in_lead = sum(f" {word} " in lead for word in words) / len(words)
    return 4 * in_title + 1.5 * in_lead


def _nearness(title: str, lead: str, phrase: str, elsewhere: float) -> float:
    """Points for the words side by side; `elsewhere` when not in title or lead."""
    points = 0.0
    if phrase in title:
        # A short title that is little else than the query is what was meant.
        points += 6 + 2 * title.startswith(phrase) + 2 * len(phrase) / len(title)
    if phrase in lead:
        points += 3
    return points or elsewhere
