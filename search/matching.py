"""Which articles answer some words, and in what tiers: before any engine's syntax.

An article is found when it holds every word, accents aside, and every quoted
phrase. Better tiers only come first; they never change what is found.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from search import text
from search.request import Words


@dataclass(frozen=True)
class Match:
    """All of `tokens` and one of each `any_of`, in the title or anywhere.

    An element of `any_of` holds alternatives, each of several tokens together.
    `prefix` is the beginning of one more token, see text.prefixes().
    """

    tokens: tuple[str, ...] = ()
    any_of: tuple[tuple[tuple[str, ...], ...], ...] = ()
    in_title: bool = False
    prefix: str = ""

    def __add__(self, tokens: tuple[str, ...]) -> "Match":
        return replace(self, tokens=_unique(self.tokens, tokens))


def _unique(*groups) -> tuple[str, ...]:
    return tuple(dict.fromkeys(token for group in groups for token in group))


@dataclass(frozen=True)
class Tokens:
    """The tokens of one query, sorted by what each kind is good for."""

    folded: tuple[str, ...]  # every word
    accents: tuple[str, ...]  # exact forms that tell more than the folded ones
    needed: Match  # what every found article holds
    near: Match  # the same with the loose words side by side
    phrases: tuple[tuple[str, ...], ...]  # folded; confirmed in the text


@lru_cache(maxsize=100)  # asked some ten times in one search
def tokens_of(words: Words) -> Tokens:
    loose = text.fold_tokens(words.loose)
    phrases = tuple(tuple(text.fold_tokens(phrase)) for phrase in words.phrases)
    phrase_pairs = _unique(*[text.bigrams(phrase) for phrase in phrases])
    units = list(_units(loose, words))
    alone = [unit.typed[0] for unit in units if not unit.others]
    either = [unit for unit in units if unit.others]
    pairs, either_pairs = [], [tuple(map(_side_by_side, u.forms)) for u in either]
    for unit, following in pairwise(units):
        joints = _unique(f"{a[-1]}_{b[0]}" for a in unit.forms for b in following.forms)
        if len(joints) == 1:
            pairs += joints
        else:
            either_pairs.append(tuple((joint,) for joint in joints))
    return Tokens(
        folded=_unique(loose, *phrases),
        accents=tuple(
            filter(text.has_accents, _unique(_literal(units), *words.phrases))
        ),
        # A pair implies its two syllables: the shorter the list, the faster.
        needed=Match(
            _unique(alone, phrase_pairs),
            # What was typed may stand apart, what was not only side by side.
            tuple((u.typed, *map(_side_by_side, u.others)) for u in either),
        ),
        near=Match(
            _unique(pairs or (() if either else alone), phrase_pairs),
            tuple(either_pairs),
        ),
        phrases=phrases,
    )


@dataclass(frozen=True)
class _Unit:
    """One loose word, or several that have other forms; folded unless said."""

    exact: tuple[str, ...]
    typed: tuple[str, ...]
    others: tuple[tuple[str, ...], ...] = ()

    @property
    def forms(self) -> tuple[tuple[str, ...], ...]:
        return (self.typed, *self.others)


def _units(folded: list[str], words: Words) -> Iterator[_Unit]:
    begins = {part.start: part for part in words.parts}
    start = 0
    while start < len(folded):
        part = begins.get(start)
        end = part.end if part else start + 1
        others = part.others if part else ()
        yield _Unit(words.loose[start:end], tuple(folded[start:end]), others)
        start = end


def _literal(units: list[_Unit]) -> Iterator[str]:
    """The words whose accents count: of HĐND and what it stands for none do."""
    return (unit.exact[0] for unit in units if not unit.others)


def _side_by_side(form: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(text.bigrams(form)) or form


def everything(words: Words) -> Match:
    """All articles that answer the words."""
    return tokens_of(words).needed


def tiers(words: Words) -> list[Match]:
    """Return the tiers of `everything`, the best first; later ones hold it again.

    Accents as typed come before other accents, words side by side before
    words apart.
    """
    t = tokens_of(words)
    tiers = (t.near + t.accents, t.needed + t.accents, t.near, t.needed)
    return list(dict.fromkeys(tiers))


def exactly_near(words: Words) -> Match:
    """What answers the words side by side and with their accents."""
    t = tokens_of(words)
    return t.near + t.accents


def has_accented_phrase(words: Words) -> bool:
    """Say whether accents and nearness must be looked at together."""
    return bool(tokens_of(words).accents) and len(words.loose) > 1


def candidates(words: Words) -> tuple[dict[Match, int], dict[Match, int]]:
    """Return where the best matches are looked for: the newest N of each.

    The second are worth a look only where the first hold few. Measured in the design
    (N = 100): more candidates rank no better.
    """
    t = tokens_of(words)
    titles = (t.needed + t.accents, t.needed, t.near)
    first = {
        **{replace(match, in_title=True): 100 for match in titles},
        exactly_near(words): 200,
        t.near: 200,
    }
    return first, {t.needed + t.accents: 100, t.needed: 100}
