"""The rows of cards by their ids: what every list of a public page ends with."""

from collections.abc import Collection
from functools import lru_cache

from news.compiled import CompiledSelect
from news.models import Article


def rows_by_id(ids: Collection[int]) -> dict[int, Article]:
    """Return the articles with these ids, ready for cards; one query.

    They may be of any state: the ids are those of a query that has asked.
    """
    if not ids:
        return {}
    values = {f"pk{n}": pk for n, pk in enumerate(ids)}
    return {article.pk: article for article in _select(len(values))(**values)}


# One for each length of a list; most have the twenty of a full page.
@lru_cache(maxsize=64)
def _select(count: int) -> CompiledSelect:
    return CompiledSelect(
        lambda **pks: (
            Article.objects.for_listing().filter(pk__in=pks.values()).order_by()
        ),
        numbers=tuple(f"pk{n}" for n in range(count)),
    )
