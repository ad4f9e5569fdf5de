"""Numbered pages of a list of articles: `?trang=N`, garbage is 404.

The ids of a page are found first and its rows read afterwards, so a deep page
skips over narrow index entries and not over articles.
"""

from django.core.paginator import EmptyPage, Page, Paginator
from django.http import Http404
from django.utils.translation import gettext as _

from news.models import Article

PER_PAGE = 20


def page_number(request) -> int:
    """Return ?trang= as a number from 1; raises Http404 for anything else."""
    text = request.GET.get("trang", "1")
    # Ten digits hold every page there can be; int() of more is work for nothing.
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) > 0):
        raise Http404(_("There is no such page."))
    return int(text)


def articles_page(request, articles, per_page: int = PER_PAGE) -> Page:
    """Return the requested page of a queryset, its rows ready for cards.

    Three queries: the count, the ids, the rows; one for an empty list. The order
    is the queryset's own. Raises Http404 for a page that does not exist.
    """
    paginator = Paginator(articles.values_list("pk", flat=True), per_page)
    try:
        page = paginator.page(page_number(request))
    except EmptyPage as error:
        raise Http404(_("There is no such page.")) from error
    ids = list(page.object_list)
    rows = Article.objects.for_listing().in_bulk(ids) if ids else {}
    # A row deleted between the two queries is left out.
    page.object_list = [rows[pk] for pk in ids if pk in rows]
    return page
