"""Soát lỗi hành chính: an offline proofreader of the administrative style.

Rules only, no dictionary and no model: each names one kind of slip that is nearly
always one. What each finds, how often it was wrong on real news and which rules
were tried and dropped is in docs/proofreading.md; bench/proofreading.py measures.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import islice

from django.utils import timezone

from news.proofreading import (
    consistency,
    dates,
    documents,
    names,
    punctuation,
    words,
)
from news.proofreading.finding import Finding, Slip

__all__ = ["Finding", "proofread"]

# An editor reads no more of one kind, and hostile text must not fill a page.
MAX_OF_A_RULE = 200


def proofread(blocks: Sequence[str], *, day: date | None = None) -> list[Finding]:
    """Return what looks wrong in `blocks`, in reading order, without overlaps.

    `blocks` are title, sapo and each paragraph, cell and caption as plain NFC text.
    `day` is the day of publication, today when None: documents issued after it
    cannot be spoken of yet. Time grows with the length of the text, not faster.
    """
    day = day or timezone.localdate()
    # Where two overlap, the first of this order is the one worth telling.
    rules = (
        documents.numbers(blocks),
        dates.impossible(blocks),
        dates.wrong_weekday(blocks),
        dates.not_yet(blocks, day),
        dates.year_of_number(blocks),
        words.ordinals(blocks),
        words.doubled(blocks),
        words.misspelled(blocks),
        names.institutions(blocks),
        names.people(blocks),
        consistency.tone_placement(blocks),
        consistency.two_spellings(blocks),
        punctuation.blank_before(blocks),
        punctuation.blank_inside(blocks),
        punctuation.blank_after(blocks),
        punctuation.blank_runs(blocks),
        punctuation.brackets(blocks),
        punctuation.quotes(blocks),
    )
    slips = (slip for rule in rules for slip in islice(rule, MAX_OF_A_RULE))
    return [
        Finding(
            rule=slip.rule,
            block=slip.block,
            start=slip.start,
            end=slip.end,
            text=blocks[slip.block][slip.start : slip.end],
            message=slip.message,
            suggestion=slip.suggestion,
        )
        for slip in _without_overlaps(slips)
    ]


def _without_overlaps(slips: Iterable[Slip]) -> list[Slip]:
    """Keep the first of those that overlap; return them in reading order."""
    kept: dict[int, list[tuple[int, int]]] = defaultdict(list)
    chosen = []
    for slip in slips:
        spans = kept[slip.block]
        at = bisect_left(spans, (slip.start, slip.end))
        if at and spans[at - 1][1] > slip.start:
            continue
        if at < len(spans) and spans[at][0] < slip.end:
            continue
        spans.insert(at, (slip.start, slip.end))
        chosen.append(slip)
    return sorted(chosen, key=lambda slip: (slip.block, slip.start))
