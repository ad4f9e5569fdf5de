"""What differs between two versions of a text, in words; pure.

Bodies are compared by their blocks first (a paragraph, a row of a table, a
picture), then pairs of similar blocks by their words. Whatever the input, the
work is bounded: once `MAX_CELLS` comparisons are spent, what is left is shown
as replaced whole. news.comparison says it to people.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from news.lines import Line, body_lines

SAME, OLD, NEW = "same", "old", "new"
CHANGED, FORMAT = "changed", "format"
# Pairs of blocks or words looked at in one comparison; about a second.
MAX_CELLS = 3_000_000
# Largest pair of runs (their product) that is handed to difflib at once.
_RUN_CELLS = 40_000
_SIMILAR = 0.4  # share of common words from which two blocks are one, changed
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")

# Texts that are compared by words; every other field is one value.
TEXTS = ("title", "sapo", "body")


@dataclass(frozen=True)
class Segment:
    """A run of text that both have (SAME), or one of them (OLD, NEW)."""

    kind: str
    text: str


@dataclass(frozen=True)
class Change:
    """One block: SAME, OLD, NEW, CHANGED in its words, or FORMAT alone."""

    kind: str
    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class TextChange:
    name: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class ValueChange:
    name: str
    old: object
    new: object


@dataclass(frozen=True)
class Comparison:
    texts: tuple[TextChange, ...]
    values: tuple[ValueChange, ...]

    def __bool__(self):
        return bool(self.texts or self.values)

    def names(self) -> list[str]:
        return [change.name for change in (*self.texts, *self.values)]


class Budget:
    """Comparisons that may still be made."""

    def __init__(self, cells: int = MAX_CELLS):
        self.left = cells

    def allows(self, cells: int) -> bool:
        if cells > self.left:
            return False
        self.left -= cells
        return True


def compare(old: Mapping, new: Mapping) -> Comparison:
    """Compare two contents as `saving.content_of` gives them.

    Only fields that both have count. Pictures are compared with the body, by
    their words, so "placements" is no field of its own.
    """
    budget = Budget()
    texts, values = [], []
    for name in (name for name in new if name in old and name != "placements"):
        if name in TEXTS:
            changes = line_diff(_lines_of(old, name), _lines_of(new, name), budget)
            if any(change.kind != SAME for change in changes):
                texts.append(TextChange(name, tuple(changes)))
        elif old[name] != new[name]:
            values.append(ValueChange(name, old[name], new[name]))
    texts.sort(key=lambda change: TEXTS.index(change.name))
    return Comparison(tuple(texts), tuple(values))


# Blocks, then words


def _lines_of(content: Mapping, name: str) -> list[Line]:
    text = content[name] or ""
    if name == "body":
        return body_lines(text, content.get("placements") or ())
    return [Line(line) for line in text.splitlines() if line.strip()]


def line_diff(old: Sequence[Line], new: Sequence[Line], budget: Budget) -> list[Change]:
    """Return the blocks of both in order, similar ones as one CHANGED block."""
    changes: list[Change] = []
    a, b = [line.text for line in old], [line.text for line in new]
    for is_same, i1, i2, j1, j2 in _matches(a, b, budget):
        if is_same:
            for before, after in zip(old[i1:i2], new[j1:j2], strict=True):
                kind = SAME if before.form == after.form else FORMAT
                changes.append(Change(kind, (Segment(SAME, after.text),)))
        else:
            changes += _replaced(a[i1:i2], b[j1:j2], budget)
    return changes


def _replaced(old: list[str], new: list[str], budget: Budget) -> Iterator[Change]:
    """Blocks between two equal ones: similar pairs by words, the rest whole."""
    i = j = 0
    for p, q in [*_pairs(old, new, budget), (len(old), len(new))]:
        for text in old[i:p]:
            yield Change(OLD, (Segment(OLD, text),))
        for text in new[j:q]:
            yield Change(NEW, (Segment(NEW, text),))
        if p < len(old) and q < len(new):
            yield Change(CHANGED, tuple(word_diff(old[p], new[q], budget)))
        i, j = p + 1, q + 1


def _pairs(old: list[str], new: list[str], budget: Budget) -> list[tuple[int, int]]:
    """Return in order the pairs that together have most in common."""
    rows, columns = len(old), len(new)
    words = [Counter(re.findall(r"\w+", text)) for text in (*old, *new)]
    # A pair costs its words, not one.
    mean = 1 + sum(len(count) for count in words) // max(1, len(words))
    if not rows or not columns or not budget.allows(rows * columns * mean):
        return []
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    likeness = {}
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1])
            share = _likeness(words[i], words[rows + j])
            if share >= _SIMILAR and share + best[i + 1][j + 1] > best[i][j]:
                best[i][j] = share + best[i + 1][j + 1]
                likeness[i, j] = share
    pairs, i, j = [], 0, 0
    while i < rows and j < columns:
        share = likeness.get((i, j))
        if share is not None and best[i][j] == share + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _likeness(one: Counter, other: Counter) -> float:
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0.0


def word_diff(old: str, new: str, budget: Budget) -> list[Segment]:
    """Return `new` against `old`: SAME and OLD give old, SAME and NEW give new."""
    a, b = _WORDS.findall(old), _WORDS.findall(new)
    runs: list[list] = []  # [is same, old text, new text]
    for is_same, i1, i2, j1, j2 in _matches(a, b, budget):
        before, after = "".join(a[i1:i2]), "".join(b[j1:j2])
        if is_same and i1 > 0 and i2 < len(a):
            # A blank or a comma between two changes only makes them hard to read.
            is_same = bool(re.search(r"\w", before))
        if runs and runs[-1][0] == is_same:
            runs[-1][1] += before
            runs[-1][2] += after
        else:
            runs.append([is_same, before, after])
    segments = []
    for is_same, before, after in runs:
        parts = [(SAME, before)] if is_same else [(OLD, before), (NEW, after)]
        segments += [Segment(kind, text) for kind, text in parts if text]
    return segments


# Matching two sequences within a budget


def _matches(
    a: Sequence[str], b: Sequence[str], budget: Budget
) -> Iterator[tuple[bool, int, int, int, int]]:
    """Yield (is same, a from, a to, b from, b to), covering both in order.

    Equal ends are cut off, then items that occur once on either side divide what
    is left (as patience diff does), so difflib only sees short runs.
    """
    start = 0
    while start < len(a) and start < len(b) and a[start] == b[start]:
        start += 1
    end = 0
    shorter = min(len(a), len(b)) - start
    while end < shorter and a[-1 - end] == b[-1 - end]:
        end += 1
    if start:
        yield True, 0, start, 0, start
    yield from _gap(a, b, (start, len(a) - end, start, len(b) - end), budget)
    if end:
        yield True, len(a) - end, len(a), len(b) - end, len(b)


def _gap(a, b, gap, budget):
    i1, i2, j1, j2 = gap
    if i1 == i2 and j1 == j2:
        return
    cells = (i2 - i1) * (j2 - j1)
    if cells == 0 or budget.left <= 0:
        yield False, *gap
    elif cells <= _RUN_CELLS and budget.allows(cells):
        matcher = SequenceMatcher(None, a[i1:i2], b[j1:j2], autojunk=False)
        for tag, p1, p2, q1, q2 in matcher.get_opcodes():
            yield tag == "equal", i1 + p1, i1 + p2, j1 + q1, j1 + q2
    elif anchors := _anchors(a[i1:i2], b[j1:j2]):
        i, j = i1, j1
        for p, q in anchors:
            yield from _small_gap(a, b, (i, i1 + p, j, j1 + q), budget)
            i, j = i1 + p + 1, j1 + q + 1
            yield True, i - 1, i, j - 1, j
        yield from _small_gap(a, b, (i, i2, j, j2), budget)
    else:
        yield False, *gap


def _small_gap(a, b, gap, budget):
    """Between anchors: no further dividing, so nothing recurses."""
    i1, i2, j1, j2 = gap
    if (i2 - i1) * (j2 - j1) <= _RUN_CELLS:
        yield from _gap(a, b, gap, budget)
    else:
        yield False, *gap


def _anchors(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
    """Return the places (in a, in b) of items that occur once in each.

    The longest list in which both places grow; n log n.
    """
    in_a, in_b = Counter(a), Counter(b)
    place = {item: j for j, item in enumerate(b) if in_b[item] == 1}
    common = [(i, place[x]) for i, x in enumerate(a) if in_a[x] == 1 and x in place]
    tails: list[int] = []  # the smallest last place of a list of each length
    tail_at: list[int] = []  # and its index in `common`
    before: list[int] = []
    for index, (_i, j) in enumerate(common):
        length = bisect_left(tails, j)
        before.append(tail_at[length - 1] if length else -1)
        tails[length : length + 1] = [j]
        tail_at[length : length + 1] = [index]
    chain, index = [], tail_at[-1] if tail_at else -1
    while index >= 0:
        chain.append(common[index])
        index = before[index]
    return chain[::-1]
