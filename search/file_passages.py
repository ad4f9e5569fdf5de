"""The passage of an attached file by which an article was found."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import F
from django.db.models.functions import Substr

from news.models import Attachment
from search import text
from search.backends import for_alias
from search.highlight import (
    BODY_LENGTH,
    LEAD_IN,
    SNIPPET_LENGTH,
    Part,
    find_runs,
    snippet,
)
from search.models import AttachmentText
from search.request import Words

# What is looked at for one page of results: at most 2 million characters, 0.2 s.
MAX_FILES = 20
MAX_CHARACTERS = 100_000  # of one file; about 40 pages


@dataclass(frozen=True)
class FilePassage:
    attachment: Attachment
    passage: list[Part]


def file_passages(public, ids: list[int], words: Words) -> dict[int, FilePassage]:
    """Return, by article, a passage for those whose own text lacks some words.

    `ids` are of public articles. One query, and another when there are such.
    """
    ids = for_alias(public.db).found_by_files(ids, words) if words and ids else []
    if not ids:
        return {}
    rows = (
        AttachmentText.objects.using(public.db)
        .filter(
            attachment__article_id__in=ids,
            state=AttachmentText.State.READ,
            file_name=F("attachment__file"),  # not of a file that was replaced
        )
        .select_related("attachment")
        .defer("text")
        .annotate(beginning=Substr("text", 1, MAX_CHARACTERS))
        .order_by("attachment__position", "attachment_id")
    )
    best: dict[int, tuple[int, FilePassage]] = {}
    for row in rows[:MAX_FILES]:
        score, start = _best_place(row.beginning, words)
        article_id = row.attachment.article_id
        if score > best.get(article_id, (0,))[0]:
            passage = snippet("", row.beginning[start : start + BODY_LENGTH], words)
            if start and not passage[0].text.startswith("…"):
                passage.insert(0, Part("… "))
            best[article_id] = score, FilePassage(row.attachment, passage)
    return {article_id: passage for article_id, (_, passage) in best.items()}


def _best_place(source: str, words: Words) -> tuple[int, int]:
    """Return (score, start) where most of the words stand close together; 0: none."""
    forms = (words, *words.variants)
    wanted = {token for form in forms for token in text.fold_tokens(form.all)}
    pairs = {
        pair
        for form in forms
        for group in (form.loose, *form.phrases)
        for pair in text.bigrams(text.fold_tokens(group))
    }
    best, inside, counts, previous = (0, 0), [], Counter(), ""
    for start, folded in find_runs(source):
        if folded in wanted:
            pair = f"{previous}_{folded}"
            names = (folded, pair) if pair in pairs else (folded,)
            inside.append((start, names))
            counts.update(names)
            while inside[0][0] < start - SNIPPET_LENGTH // 2:
                counts.subtract(inside.pop(0)[1])
            score = sum(count > 0 for count in counts.values())
            if score > best[0]:
                best = score, inside[0][0]
        previous = folded
    score, place = best
    return score, source.rfind(" ", 0, max(place - LEAD_IN, 0)) + 1
