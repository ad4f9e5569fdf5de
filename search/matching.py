"""Which articles answer some words, and in what tiers: before any engine's syntax.

An article is found when it holds every word, accents aside, and every quoted
phrase. Better tiers only come first; they never change what is found.
"""

from dataclasses import dataclass

from search import text
from search.request import Words


@dataclass(frozen=True)
class Match:
    """All of `tokens`, in the title or anywhere, and not all of any `without`.

    `prefix` is the beginning of one more token.
    """

    tokens: tuple[str, ...]
    in_title: bool = False
    without: tuple[tuple[str, ...], ...] = ()
    prefix: str = ""


def _unique(*groups) -> tuple[str, ...]:
    return tuple(dict.fromkeys(token for group in groups for token in group))


@dataclass(frozen=True)
class Tokens:
    """The tokens of one query, sorted by what each kind is good for."""

    folded: tuple[str, ...]  # every word
    accents: tuple[str, ...]  # exact forms that differ from their folded form
    pairs: tuple[str, ...]  # neighbours among the loose words
    phrase_pairs: tuple[str, ...]  # neighbours inside quotation marks
    needed: tuple[str, ...]  # what every found article holds
    near: tuple[str, ...]  # the same with the loose words side by side
    phrases: tuple[tuple[str, ...], ...]  # folded; confirmed in the text


def tokens_of(words: Words) -> Tokens:
    loose = text.fold_tokens(words.loose)
    phrases = tuple(tuple(text.fold_tokens(phrase)) for phrase in words.phrases)
    pairs = _unique(text.bigrams(loose))
    phrase_pairs = _unique(*[text.bigrams(phrase) for phrase in phrases])
    return Tokens(
        folded=_unique(loose, *phrases),
        accents=_unique(t for t in words.all if t != text.fold_token(t)),
        pairs=pairs,
        phrase_pairs=phrase_pairs,
        # A pair implies its two syllables: the shorter the list, the faster.
        needed=_unique(loose, phrase_pairs),
        near=_unique(pairs or loose, phrase_pairs),
        phrases=phrases,
    )


def everything(words: Words) -> Match:
    """All articles that answer the words."""
    return Match(tokens_of(words).needed)


def tiers(words: Words) -> list[Match]:
    """Split `everything` into disjoint tiers, the best first.

    Accents as typed come before other accents, words side by side before
    words apart.
    """
    t = tokens_of(words)
    with_accents = _unique(t.needed, t.accents)
    if t.accents and t.pairs:
        return [
            Match(_unique(t.near, t.accents)),
            Match(with_accents, without=(t.pairs,)),
            Match(t.near, without=(t.accents,)),
            Match(t.needed, without=(t.accents, t.pairs)),
        ]
    if t.accents:
        return [Match(with_accents), Match(t.needed, without=(t.accents,))]
    if t.pairs:
        return [Match(t.near), Match(t.needed, without=(t.pairs,))]
    return [Match(t.needed)]


def candidates(words: Words) -> list[tuple[Match, int]]:
    """Return where the best matches are looked for: the newest N of each.

    Measured in the design (K = 100): more candidates rank no better.
    """
    t = tokens_of(words)
    sources = [(Match(_unique(t.needed, t.accents), in_title=True), 100)]
    if t.accents:
        sources.append((Match(t.needed, in_title=True), 100))
        sources.append((Match(_unique(t.near, t.accents)), 200))
        sources.append((Match(_unique(t.needed, t.accents)), 100))
    if t.pairs:
        sources.append((Match(t.near, in_title=True), 100))
        sources.append((Match(t.near), 200))
    sources.append((Match(t.needed), 100))
    return sources
