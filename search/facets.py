"""Ways to narrow a search: the categories and years of what it found.

Counted by main category, so that the numbers add up to the total; without numbers
where the total itself is not known.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from news.models import Category
from search.backends import for_alias
from search.backends.base import SearchTimeout
from search.filters import ArticleFilter
from search.request import SearchRequest, SearchResult

SHOWN = 10  # of each kind; the rest is folded away


@dataclass(frozen=True)
class Choice:
    """One way to narrow. Without `url` it is only told, to make up the total."""

    text: str
    url: str
    count: int | None


@dataclass(frozen=True)
class Facet:
    """The choices of one kind; none when there is nothing to choose."""

    choices: tuple[Choice, ...]

    shown = property(lambda self: self.choices[:SHOWN])
    folded = property(lambda self: self.choices[SHOWN:])

    def __bool__(self) -> bool:
        return len(self.choices) > 1 and any(choice.url for choice in self.choices)


@dataclass(frozen=True)
class Facets:
    """`is_exact`: the counts are there, and of each kind add up to the total."""

    categories: Facet
    years: Facet
    is_exact: bool

    def __bool__(self) -> bool:
        return bool(self.categories or self.years)


def facets_of(
    form: ArticleFilter, public, request: SearchRequest, result: SearchResult
) -> Facets | None:
    """Return how the found articles of `public` can be narrowed; one statement.

    None when there is nothing to narrow or the database took too long.
    """
    if result.total < 2:
        return None
    backend = for_alias(public.db)
    by_category, by_year = Counter(), Counter()
    try:
        groups = backend.groups(public, request, backend.total_cap + 1)
    except SearchTimeout:
        return None
    for category, year, count in groups:
        by_category[category] += count
        by_year[year] += count
    # An article that came out since the total was counted takes the numbers away.
    is_exact = not result.total_is_capped and by_year.total() == result.total
    return Facets(
        Facet(tuple(_categories(form, request, by_category, is_exact))),
        Facet(tuple(_years(form, request, by_year, is_exact))),
        is_exact,
    )


def _categories(form, request, counts: Counter, is_exact: bool):
    """Yield the categories, the most frequent first, or in the tree's order.

    Links only narrow: of articles found through a further category, the main one
    may lie outside what was asked. Those and the hidden ones are told together.
    """
    tree, chosen = form.tree, form.asked_category
    categories = [category for category, depth in tree.nested()]
    if is_exact:
        categories.sort(key=lambda category: -counts[category.pk])
    told = 0
    for category in categories:
        if (count := counts[category.pk]) and _is_offered(category, request):
            url = "" if category == chosen else form.address(category=category.slug)
            yield Choice(category.name, url, count if is_exact else None)
            told += count
    rest = counts.total() - told
    if rest and is_exact:
        yield Choice(_("Other categories"), "", rest)


def _is_offered(category: Category, request: SearchRequest) -> bool:
    asked = request.category_ids
    return category.is_visible and (not asked or category.pk in asked)


def _years(form, request, counts: Counter, is_exact: bool):
    for year, count in sorted(counts.items(), reverse=True):
        url = form.address(
            first=max(date(year, 1, 1), request.first_day or date.min),
            last=min(date(year, 12, 31), request.last_day or date.max),
        )
        yield Choice(str(year), url, count if is_exact else None)
