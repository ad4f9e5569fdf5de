"""Numbered pages of a list of articles: `?trang=N`, garbage is 404.

The ids of a page are found first and its rows read afterwards, so a deep page
skips over narrow index entries and not over articles.
"""

from collections.abc import Collection
from functools import lru_cache

from django.core.paginator import EmptyPage, Page, Paginator
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from news.cards import rows_by_id
from news.compiled import CompiledSelect
from news.models import Article

PER_PAGE = 20


def page_number(request) -> int:
    """Return ?trang= as a number from 1; raises Http404 for anything else."""
    text = request.GET.get("trang", "1")
    # Ten digits hold every page there can be; int() of more is work for nothing.
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) > 0):
        raise Http404(_("There is no such page."))
    return int(text)


def articles_page(request, ids) -> Page:
    """Return the requested page of articles, its rows ready for cards.

    `ids` is a queryset of their ids in the order of the list, or CategoryIds. Three
    queries: the count, the ids, the rows; one for an empty list. Raises Http404 for a
    page that does not exist.
    """
    paginator = Paginator(ids, PER_PAGE)
    try:
        page = paginator.page(page_number(request))
    except EmptyPage as error:
        raise Http404(_("There is no such page.")) from error
    ids = list(page.object_list)
    rows = rows_by_id(ids)
    # A row deleted between the two queries is left out.
    page.object_list = [rows[pk] for pk in ids if pk in rows]
    return page


class CategoryIds:
    """The ids of what readers may see in these categories, the newest first.

    What a Paginator asks of a list; the SQL is written once for each number of
    categories (news.compiled), which halves what a cold page of them costs.
    """

    def __init__(self, category_ids: Collection[int]):
        self.categories = {f"category{n}": pk for n, pk in enumerate(category_ids)}
        self.now = timezone.now()

    def count(self) -> int:
        rows = _counts(len(self.categories))(now=self.now, **self.categories)
        return sum(number for _category, number in rows)

    def __getitem__(self, part: slice) -> list[int]:
        if part.stop <= part.start:  # an empty list has its first page
            return []
        select = _newest(len(self.categories), part.start)
        found = select(now=self.now, **self.categories)
        return [pk for (pk,) in found[: part.stop - part.start]]


@lru_cache(maxsize=64)
def _counts(categories: int) -> CompiledSelect:
    return _select(categories, lambda public, ids: public.counts_in_categories(ids))


@lru_cache(maxsize=256)
def _newest(categories: int, start: int) -> CompiledSelect:
    end = start + PER_PAGE
    return _select(
        categories,
        lambda public, ids: (
            public.in_categories(ids).newest_first().values_list("pk")[start:end]
        ),
    )


def _select(categories: int, build) -> CompiledSelect:
    return CompiledSelect(
        lambda now, **ids: build(Article.objects.published(now), ids.values()),
        numbers=tuple(f"category{n}" for n in range(categories)),
        times=("now",),
    )
