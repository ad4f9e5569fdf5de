"""Keeps the index in step with the articles.

The index holds every article whose state is published, scheduled and expired
ones included; whether readers see one is decided when they search.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from django.db import transaction

from news.models import Article, State
from search import text
from search.backends import for_alias, for_writing
from search.documents import documents_of
from search.matching import Match
from search.request import parse_words

BATCH = 200  # articles in one transaction of a rebuild: well below a second
# What a document is made of; other columns may change without us.
INDEXED_FIELDS = {
    *("title", "sapo", "body_text"),
    *("state", "published_at", "expires_at", "category"),
}


def index_articles(article_ids: Iterable[int]) -> None:
    """Make the index agree with these articles, in the current transaction.

    Articles that are not published, or no more there, leave the index.
    """
    backend = for_writing()
    ids = sorted(set(article_ids))
    with transaction.atomic(using=backend.alias, savepoint=False):
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            # The lock makes a rebuild wait for an editor's transaction and read
            # what it wrote; one order of ids, so two of us cannot deadlock.
            articles = (
                Article.objects.using(backend.alias)
                .select_for_update(no_key=True)
                .filter(pk__in=batch)
                .only(*INDEXED_FIELDS)
                .order_by("pk")
            )
            published = [a for a in articles if a.state == State.PUBLISHED]
            documents = list(documents_of(published))
            if gone := set(batch) - {d.article_id for d in documents}:
                backend.remove(gone)
            backend.write(documents)


def remove(article_ids: Iterable[int]) -> None:
    """Take articles out of the index, in the current transaction."""
    backend, ids = for_writing(), list(article_ids)
    for start in range(0, len(ids), BATCH):
        backend.remove(ids[start : start + BATCH])


# Rebuild and check -------------------------------------------------------------

Progress = Callable[[int, int], None]  # told (articles done, of all) after each batch


def _silent(done: int, total: int) -> None: ...


@dataclass(frozen=True)
class Drift:
    """How the index differs from the articles; sorted article ids."""

    missing: tuple[int, ...] = ()
    stale: tuple[int, ...] = ()
    superfluous: tuple[int, ...] = ()
    # The tokens were made by another version of the tokenizer.
    is_outdated: bool = False
    damage: str = ""

    def __bool__(self) -> bool:
        return bool(
            self.missing
            or self.stale
            or self.superfluous
            or self.is_outdated
            or self.damage
        )


def is_outdated() -> bool:
    """Say whether another version of the tokenizer made the index."""
    return for_writing().get_state("tokenizer") != str(text.TOKENIZER_VERSION)


def rebuild(progress: Progress = _silent, from_scratch: bool = False) -> int:
    """Index every published article, the newest ids first; return how many.

    The site goes on meanwhile: each batch is a transaction of its own, and what
    is saved during the rebuild is indexed by its save. Interrupted, the next
    call goes on where it stopped. `from_scratch` empties the index first, as does
    a new tokenizer: then searches find less until it is done.
    """
    backend = for_writing()
    if from_scratch or is_outdated() or backend.find_damage():
        with transaction.atomic(using=backend.alias):
            backend.clear()
            backend.set_state("tokenizer", str(text.TOKENIZER_VERSION))
            backend.set_state("rebuilt_down_to", None)
    published = Article.objects.using(backend.alias).filter(state=State.PUBLISHED)
    last = backend.get_state("rebuilt_down_to")
    total = published.count()
    done = published.filter(pk__gte=int(last)).count() if last else 0
    while True:
        below = published.filter(pk__lt=int(last)) if last else published
        ids = list(below.order_by("-pk").values_list("pk", flat=True)[:BATCH])
        if not ids:
            break
        with transaction.atomic(using=backend.alias):
            index_articles(ids)
            last = str(ids[-1])
            backend.set_state("rebuilt_down_to", last)
        done += len(ids)
        progress(done, total)
    for ids in _indexed_batches(backend):
        # Looks again inside: some may have been published just now.
        index_articles(_unpublished(ids))
    backend.tidy()
    backend.set_state("rebuilt_down_to", None)
    return done


def merge() -> None:
    """Merge into the index what updates have put aside, so that searches stay fast."""
    for_writing().merge()


def check(progress: Progress = _silent) -> Drift:
    """Compare the whole index with the articles; reads every article once."""
    backend = for_writing()
    missing, stale = [], []
    published = Article.objects.using(backend.alias).filter(state=State.PUBLISHED)
    published = published.only(*INDEXED_FIELDS).order_by("pk")
    total, done, last = published.count(), 0, 0
    while articles := list(published.filter(pk__gt=last)[:BATCH]):
        last = articles[-1].pk
        done += len(articles)
        progress(done, total)
        known = backend.stored([article.pk for article in articles])
        for document in documents_of(articles):
            stored = known.get(document.article_id)
            if stored is None:
                missing.append(document.article_id)
            elif stored != backend.fingerprint(document):
                stale.append(document.article_id)
    superfluous = [pk for ids in _indexed_batches(backend) for pk in _unpublished(ids)]
    return Drift(
        tuple(missing),
        tuple(stale),
        tuple(superfluous),
        is_outdated(),
        backend.find_damage(),
    )


def _indexed_batches(backend) -> Iterator[list[int]]:
    last = 0
    while ids := backend.indexed_ids(last, BATCH):
        last = ids[-1]
        yield ids


def _unpublished(ids: list[int]) -> list[int]:
    """Return those of `ids` that are no published article."""
    published = Article.objects.filter(pk__in=ids, state=State.PUBLISHED)
    return sorted(set(ids) - set(published.values_list("pk", flat=True)))


# The back office ---------------------------------------------------------------

# Of published articles the newest so many are looked for; the list then says so.
MOST_FOUND = 10_000


def narrow(queryset, words: str):
    """Narrow a queryset of articles to those that hold `words`, accents optional.

    Return it and whether there are more published articles than the MOST_FOUND
    newest that it holds. For the back office: drafts are found too, by title; the
    last word may be unfinished. Found are all words in the title, in any order, or
    side by side anywhere. The order of `queryset` stays.
    """
    if not words.strip():
        return queryset, False
    typed = parse_words(words.replace('"', " ")).all
    if not typed:
        return queryset.none(), False
    *whole, last = [*text.fold_tokens(typed[:-1]), text.strip_accents(typed[-1])]
    *pairs, last_pair = text.bigrams([*whole, last]) or [last]
    published = for_alias(queryset.db).newest_ids(
        queryset.filter(state=State.PUBLISHED),
        [
            Match(tuple(whole), in_title=True, prefix=last),
            Match(tuple(pairs), prefix=last_pair),
        ],
        MOST_FOUND + 1,
    )
    unpublished = queryset.exclude(state=State.PUBLISHED).order_by("-pk")
    drafts = (
        pk
        for pk, title in unpublished.values_list("pk", "title").iterator()
        if _holds(title, whole, last)
    )
    drafts = list(islice(drafts, MOST_FOUND))
    found = queryset.filter(pk__in=published[:MOST_FOUND] + drafts)
    return found, len(published) > MOST_FOUND


def _holds(title: str, whole: list[str], last: str) -> bool:
    found = text.fold(title).split()
    return set(whole) <= set(found) and any(
        word.startswith(text.prefixes(last)) for word in found
    )
