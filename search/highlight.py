"""Marks what was searched for in the original, accented text.

Answers are plain parts; the template (|marked) escapes each and puts <mark> around the
marked ones, so no text is ever trusted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from search import text
from search.request import Words

SNIPPET_LENGTH = 280  # characters: about three lines
# Only so much of the body is looked at: 20 results stay below 10 ms.
BODY_LENGTH = 1200
LEAD_IN = 70  # characters kept before the first mark


@dataclass(frozen=True)
class Part:
    text: str
    is_marked: bool = False


@dataclass(frozen=True)
class _Run:
    start: int
    end: int
    exact: str
    folded: str


@lru_cache(maxsize=20_000)
def _forms(run: str) -> tuple[str, str]:
    exact = "".join(text.exact_tokens(run))
    return exact, text.fold_token(exact)


def find_runs(source: str) -> Iterator[tuple[int, str]]:
    """Yield (position, folded token) of every word, in order."""
    for match in text.RUN.finditer(source):
        yield match.start(), _forms(match[0])[1]


def _spans(source: str, words: Words) -> list[tuple[int, int]]:
    """Return where to mark, as [start, end) in order, neighbours joined.

    Of a word, only the best places are marked: those with the typed accents
    when there are any, then those beside another word of the query.
    """
    wanted = {text.fold_token(token): token for token in words.all}
    if not wanted:
        return []
    runs = [_Run(*m.span(), *_forms(m[0])) for m in text.RUN.finditer(source)]
    # A reader who types no accents means every form: "chi" is not only "chi bộ".
    has_accents = any(map(text.has_accents, wanted.values()))
    accented = {
        run.folded
        for run in runs
        if has_accents and run.exact == wanted.get(run.folded)
    }
    hits = [
        run
        if run.folded in wanted
        and (run.folded not in accented or run.exact == wanted[run.folded])
        else None
        for run in runs
    ]
    groups = (words.loose, *words.phrases)
    pairs = {p for group in groups for p in text.bigrams(text.fold_tokens(group))}
    beside = {
        place
        for i, (a, b) in enumerate(pairwise(hits))
        if a and b and f"{a.folded}_{b.folded}" in pairs
        for place in (i, i + 1)
    }
    paired_words = {hits[i].folded for i in beside}
    marked = {
        i
        for i, run in enumerate(hits)
        if run and (i in beside or run.folded not in paired_words)
    }
    folded = tuple(run.folded for run in runs)
    for form in {other for part in words.parts for other in part.others}:
        for i in range(len(folded) - len(form) + 1):
            if folded[i : i + len(form)] == form:
                marked.update(range(i, i + len(form)))
    spans: list[tuple[int, int]] = []
    for run in (runs[i] for i in sorted(marked)):
        if spans and not source[spans[-1][1] : run.start].strip():
            spans[-1] = (spans[-1][0], run.end)
        else:
            spans.append((run.start, run.end))
    return spans


def _parts(source: str, spans, start: int, end: int) -> list[Part]:
    parts, position = [], start
    for a, b in spans:
        if a < start or b > end:
            continue
        if a > position:
            parts.append(Part(source[position:a]))
        parts.append(Part(source[a:b], is_marked=True))
        position = b
    if position < end:
        parts.append(Part(source[position:end]))
    return parts


def mark(source: str, words: Words) -> list[Part]:
    """Return the whole of `source` in parts."""
    return _parts(source, _spans(source, words), 0, len(source))


def snippet(lead: str, body: str, words: Words) -> list[Part]:
    """Return a passage of lead and body around the first mark, cut at blanks."""
    source = " ".join(f"{lead} {body[:BODY_LENGTH]}".split())
    spans = _spans(source, words)
    first = max(spans, key=lambda s: (s[1] - s[0], -s[0]))[0] if spans else 0
    start = 0
    if first > SNIPPET_LENGTH // 2:
        start = source.rfind(" ", 0, first - LEAD_IN) + 1
    end = len(source)
    if end - start > SNIPPET_LENGTH:
        end = max(source.rfind(" ", start, start + SNIPPET_LENGTH), start + LEAD_IN)
    parts = _parts(source, spans, start, end)
    if start:
        parts.insert(0, Part("… "))
    if end < len(source) or len(body) > BODY_LENGTH:
        parts.append(Part(" …"))
    return parts
