"""RSS of a search: what it finds, the newest first. No search engine lists it."""

from django.http import HttpResponse
from django.utils.translation import gettext as _

from news import hooks
from news.feeds import LatestFeed
from news.models import Article
from search import abbreviations
from search.backends import for_alias
from search.backends.base import SearchTimeout
from search.filters import ArticleFilter, search_form
from search.results import ResultsPage

ITEMS = 20
RETRY_SECONDS = 3600  # after a search that took too long


class SearchFeed(LatestFeed):
    """The newest articles that answer a valid form, by when they came out."""

    def get_object(self, request, page: ResultsPage) -> ResultsPage:
        return page

    def title(self, page):
        return _("Search: %(what)s") % {"what": page.summary}

    def description(self, page):
        return _("The newest articles of this portal that this search finds")

    def link(self, page):
        return hooks.site_url() + page.newest_url

    def feed_url(self, page):
        return hooks.site_url() + page.feed_url

    def items(self, page):
        public = Article.objects.published()
        ids = for_alias(public.db).newest(public, page.request, ITEMS)
        # Without an order: for one SQLite walks through all articles.
        rows = {
            row.pk: row for row in public.order_by().filter(pk__in=ids).for_listing()
        }
        return [rows[pk] for pk in ids if pk in rows]


def feed(request):
    """Answer with the feed; in plain words when there is nothing to search for."""
    form = search_form(request.GET)
    if form.is_empty or not form.is_valid():
        response = _plain(_why_not(form), status=400)
    else:
        page = ResultsPage(form, form.to_request(abbreviations.load()), None)
        try:
            response = SearchFeed()(request, page=page)
        except SearchTimeout:
            response = _plain(_("This search takes too long."), status=503)
            response["Retry-After"] = str(RETRY_SECONDS)
    response["X-Robots-Tag"] = "noindex"
    return response


def _why_not(form: ArticleFilter) -> str:
    if form.is_empty:
        return _("Fill in any one of the fields: words, a category or dates.")
    return "\n".join(message for found in form.errors.values() for message in found)


def _plain(text: str, status: int) -> HttpResponse:
    content_type = "text/plain; charset=utf-8"
    return HttpResponse(f"{text}\n", status=status, content_type=content_type)
