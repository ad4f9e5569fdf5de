"""What the result page shows, prepared as one value."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.core.paginator import Page, Paginator
from django.db.models.functions import Substr
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import uri_to_iri
from django.utils.translation import gettext as _

from news.models import Article
from search import abbreviations, filters, spelling
from search.backends import for_alias
from search.backends.base import SearchTimeout
from search.day_words import find_days
from search.facets import Facets, facets_of
from search.file_passages import FilePassage, file_passages
from search.filters import ArticleFilter
from search.highlight import BODY_LENGTH, Part, mark, snippet
from search.request import MAX_QUERY_LENGTH, NEWEST, SearchRequest, SearchResult


@dataclass(frozen=True)
class Row:
    """One found article; title and passage in parts to be marked."""

    article: Article
    title: list[Part]
    passage: list[Part]
    # Where the article itself does not hold the words
    file: FilePassage | None = None


@dataclass(frozen=True)
class Chip:
    """One condition of the search and the address without it."""

    text: str
    url: str


@dataclass(frozen=True)
class Offer:
    """Another search and its address."""

    text: str
    url: str


@dataclass(frozen=True)
class ResultsPage:
    """One page of results. `result` is None when the database took too long."""

    form: ArticleFilter
    request: SearchRequest
    result: SearchResult | None
    rows: tuple[Row, ...] = ()
    facets: Facets | None = None

    @property
    def typed(self) -> str:
        return self.form.form.cleaned_data[filters.WORDS][:MAX_QUERY_LENGTH]

    @property
    def is_beyond(self) -> bool:
        """A page was asked for that does not exist (the first always does)."""
        if self.form.page is None:
            return True
        return self.result is not None and self.form.page > max(self.result.pages, 1)

    @property
    def is_by_date(self) -> bool:
        return self.request.order == NEWEST

    @cached_property
    def pagination(self) -> Page:
        paginator = Paginator(range(self.result.total), self.request.per_page)
        return paginator.page(self.result.page)

    @property
    def query(self) -> str:
        return self.form.query()

    @property
    def newest_url(self) -> str:
        return self.form.address(order="moi-nhat")

    @property
    def relevance_url(self) -> str:
        return self.form.address(order="lien-quan")

    @property
    def is_last_of_capped(self) -> bool:
        """No page goes beyond the total that is counted to."""
        return self.result.total_is_capped and not self.pagination.has_next()

    @property
    def feed_url(self) -> str:
        query = self.form.query(without=(filters.ORDER,)).removesuffix("&")
        return f"{reverse('search_feed')}?{query}"

    # On paper
    @property
    def printed_on(self) -> date:
        return timezone.localdate()

    @property
    def readable_address(self) -> str:
        """Like address(), with accents instead of %E1%BB%AB; browsers take both."""
        return uri_to_iri(self.form.address())

    @property
    def summary(self) -> str:
        """What is searched for, in one line."""
        words = [f"“{self.typed}”"] if self.typed else []
        return ", ".join(words + [chip.text for chip in self.chips])

    @property
    def day_offer(self) -> Offer | None:
        """The dates among the words, offered as dates of publication."""
        days = find_days(self.typed)
        if days is None:
            return None
        url = self.form.address(words=days.words, first=days.first, last=days.last)
        when = " ".join(name_days(days.first, days.last))
        if not days.words:
            return Offer(_("Show the news published %(when)s") % {"when": when}, url)
        return Offer(
            _("Search the news published %(when)s for “%(words)s”")
            % {"when": when, "words": days.words},
            url,
        )

    @cached_property
    def chips(self) -> list[Chip]:
        """The conditions besides the words, each with a way out of it."""
        asked, address = self.form.form.cleaned_data, self.form.address
        chips = []
        if category := self.form.asked_category:
            chips.append(
                Chip(
                    _("Category: %(name)s") % {"name": category.name},
                    address(without=(filters.CATEGORY,)),
                )
            )
        first, last = asked[filters.FROM], asked[filters.TO]
        days = name_days(first, last)
        ways_out = [(name,) for name in (filters.FROM, filters.TO) if asked[name]]
        if len(days) < len(ways_out):
            ways_out = [(filters.FROM, filters.TO)]
        for text, without in zip(days, ways_out, strict=True):
            chips.append(Chip(text[:1].upper() + text[1:], address(without=without)))
        return chips

    @cached_property
    def suggestion(self) -> spelling.Suggestion | None:
        """Other words under the same filters; asked where nothing was found."""
        return spelling.suggest(Article.objects.published(), self.request)

    @property
    def suggestion_url(self) -> str:
        return self.form.address(words=self.suggestion.words)

    @property
    def unfiltered_url(self) -> str:
        """The same words without category and dates; empty when nothing changes."""
        if not (self.chips and self.request.words):
            return ""
        return self.form.address(without=(filters.CATEGORY, filters.FROM, filters.TO))

    @property
    def unquoted_url(self) -> str:
        """The same words with no phrase among them; empty when there was none."""
        if not self.request.words.phrases:
            return ""
        return self.form.address(words=" ".join(self.request.words.all))

    @property
    def fewer_words(self) -> str:
        """The first half of the words; empty when there is but one."""
        words = self.request.words.all
        return " ".join(words[: (len(words) + 1) // 2]) if len(words) > 1 else ""

    @property
    def fewer_words_url(self) -> str:
        return self.form.address(words=self.fewer_words)


def name_days(first: date | None, last: date | None) -> list[str]:
    """Name local days as people do: a day, a month, a year, or from and to."""
    if first and last:
        if first == last:
            return [_("on %(day)s") % {"day": f"{first:%d/%m/%Y}"}]
        if (first, last) == (date(first.year, 1, 1), date(first.year, 12, 31)):
            return [_("in the year %(year)s") % {"year": first.year}]
        length = monthrange(first.year, first.month)[1]
        if first.day == 1 and last == first.replace(day=length):
            return [_("in the month %(month)s") % {"month": f"{first:%m/%Y}"}]
    named = ((_("from %(day)s"), first), (_("to %(day)s"), last))
    return [label % {"day": f"{day:%d/%m/%Y}"} for label, day in named if day]


def find(form: ArticleFilter) -> ResultsPage | None:
    """Run the search of a form; None when it asks for nothing or has mistakes."""
    if form.is_empty or not form.is_valid():
        return None
    request = form.to_request(abbreviations.load())
    public = Article.objects.published()
    try:
        result = for_alias(public.db).search(public, request)
    except SearchTimeout:
        return ResultsPage(form, request, None)
    rows = tuple(_rows(public, request, result))
    facets = facets_of(form, public, request, result) if rows else None
    return ResultsPage(form, request, result, rows, facets)


def _rows(public, request, result) -> Iterator[Row]:
    ids = [hit.article_id for hit in result.hits]
    articles = {
        article.pk: article
        # Without an order: for one SQLite walks through all articles.
        for article in public.order_by()
        .filter(pk__in=ids)
        .select_related("category")
        .only(
            *("title", "slug", "sapo", "published_at"),
            *("category__name", "category__slug", "category__is_visible"),
        )
        .annotate(body_start=Substr("body_text", 1, BODY_LENGTH + 1))
    }
    passages = file_passages(public, ids, request.words)
    for article_id in ids:
        # One that was withdrawn between the queries is left out.
        if article := articles.get(article_id):
            yield Row(
                article,
                mark(article.title, request.words),
                snippet(article.sapo, article.body_start, request.words),
                passages.get(article_id),
            )
