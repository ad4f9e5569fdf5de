"""What of an article is indexed: title, sapo, body and files as tokens."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import chain

from django.db.models import F
from django.utils import timezone

from news.models import Article
from search import text
from search.models import AttachmentText

# PostgreSQL refuses a tsvector above 1 MiB; an annex that long loses its last
# word pairs, then words, in the index.
MAX_BAG_BYTES = 800_000
# Years of a range of dates that are looked up in the index.
MOST_YEARS = 50


def field_text(tokens: Iterable[str]) -> str:
    """Return tokens as stored for phrase tests: a blank between and at both ends."""
    joined = " ".join(tokens)
    return f" {joined} " if joined else ""


@dataclass(frozen=True)
class Document:
    """One article as the index knows it; tokens are exact and in reading order."""

    article_id: int
    published_at: datetime
    category_ids: tuple[int, ...]  # main and further, sorted, without ancestors
    title: tuple[str, ...]
    lead: tuple[str, ...]
    body: tuple[str, ...]
    files: tuple[str, ...] = ()  # the text of all attachments
    has_end: bool = False  # it leaves the readers' sight by itself, sooner or later

    @property
    def fields(self) -> tuple[tuple[str, ...], ...]:
        return self.title, self.lead, self.body, self.files

    @cached_property
    def folded(self) -> tuple[list[str], ...]:
        return tuple(map(text.fold_tokens, self.fields))

    @cached_property
    def exact_texts(self) -> tuple[str, ...]:
        """Return the columns te, le, be, fe: all else follows from them."""
        return tuple(map(field_text, self.fields))

    @property
    def stored_texts(self) -> tuple[str, ...]:
        """Return the columns tf, lf, te, le, bf, ff, be, fe: f folded, e exact.

        The short ones first: SQLite reads a row up to the column that it needs.
        """
        tf, lf, bf, ff = map(field_text, self.folded)
        te, le, be, fe = self.exact_texts
        return tf, lf, te, le, bf, ff, be, fe

    @property
    def bag(self) -> list[str]:
        keys = map(str, self.category_ids)
        return bag(self.fields, self.folded, keys, self.published_at)


def bag(
    fields: Sequence[Sequence[str]],
    folded: Sequence[Sequence[str]],
    keys: Iterable[str],
    published_at: datetime,
) -> list[str]:
    """Return the unique tokens of one article, in both engines.

    Its local year and month (":y2021", ":m202105"), ":c" and a key for its categories,
    ":t" and a token for what the title holds, then folded tokens, exact ones and pairs
    of all fields. What is typed holds letters, digits and "_", so it never means those
    with a colon nor begins them. Pairs never cross from one field into the next.
    """
    day = timezone.localdate(published_at)
    in_title = (folded[0], fields[0], text.bigrams(folded[0]))
    found = dict.fromkeys(
        chain(
            (f":y{day:%Y}", f":m{day:%Y%m}"),
            (f":c{key}" for key in keys),
            (f":t{token}" for token in chain(*in_title)),
            *folded,
            *fields,
            *map(text.bigrams, folded),
        )
    )
    if 5 * len(found) + 4 * sum(map(len, found)) <= MAX_BAG_BYTES:
        return list(found)
    kept, size = [], 0
    for token in found:
        size += len(token.encode()) + 5  # PostgreSQL's entry and padding
        if size > MAX_BAG_BYTES:
            break
        kept.append(token)
    return kept


def periods(first: date | None, last: date | None) -> list[str]:
    """Return the tokens of years and months that hold all days from first to last.

    None for a range without an end, or one too long to be worth it.
    """
    if not (first and last) or last.year - first.year >= MOST_YEARS:
        return []
    found = []
    for year in range(first.year, last.year + 1):
        months = [
            f":m{year}{month:02}"
            for month in range(1, 13)
            if (first.year, first.month) <= (year, month) <= (last.year, last.month)
        ]
        found += [f":y{year}"] if len(months) == 12 else months
    return found


def documents_of(articles: Iterable[Article]) -> Iterator[Document]:
    """Make documents of published articles; two more queries for all of them."""
    articles = list(articles)
    further: dict[int, list[int]] = {}
    rows = Article.further_categories.through.objects.filter(
        article_id__in=[article.pk for article in articles]
    ).values_list("article_id", "category_id")
    for article_id, category_id in rows:
        further.setdefault(article_id, []).append(category_id)
    files: dict[int, list[str]] = {}
    rows = (
        AttachmentText.objects.filter(
            attachment__article_id__in=[article.pk for article in articles],
            state=AttachmentText.State.READ,
            # Of a file that was replaced since, nothing is found.
            file_name=F("attachment__file"),
        )
        .order_by("attachment__position", "attachment_id")
        .values_list("attachment__article_id", "text")
    )
    for article_id, file_text in rows:
        files.setdefault(article_id, []).append(file_text)
    for article in articles:
        categories = {article.category_id, *further.get(article.pk, ())}
        yield Document(
            article_id=article.pk,
            published_at=article.published_at,
            category_ids=tuple(sorted(categories)),
            title=tuple(text.exact_tokens(article.title)),
            lead=tuple(text.exact_tokens(article.sapo)),
            body=tuple(text.exact_tokens(article.body_text)),
            files=tuple(text.exact_tokens("\n".join(files.get(article.pk, ())))),
            has_end=article.expires_at is not None,
        )
