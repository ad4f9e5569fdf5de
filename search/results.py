"""What the result page shows, prepared as one value."""

from dataclasses import dataclass
from functools import cached_property

from django.core.paginator import Page, Paginator
from django.db.models.functions import Substr
from django.utils.translation import gettext as _

from news.models import Article
from search import abbreviations, filters, spelling
from search.backends import for_alias
from search.backends.base import SearchTimeout
from search.filters import ArticleFilter
from search.highlight import BODY_LENGTH, Part, mark, snippet
from search.request import MAX_QUERY_LENGTH, NEWEST, SearchRequest, SearchResult


@dataclass(frozen=True)
class Row:
    """One found article; title and passage in parts to be marked."""

    article: Article
    title: list[Part]
    passage: list[Part]


@dataclass(frozen=True)
class Chip:
    """One condition of the search and the address without it."""

    text: str
    url: str


@dataclass(frozen=True)
class ResultsPage:
    """One page of results. `result` is None when the database took too long."""

    form: ArticleFilter
    request: SearchRequest
    result: SearchResult | None
    rows: tuple[Row, ...] = ()

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
        for name, label in (
            (filters.FROM, _("From %(day)s")),
            (filters.TO, _("To %(day)s")),
        ):
            if day := asked[name]:
                chips.append(
                    Chip(label % {"day": f"{day:%d/%m/%Y}"}, address(without=(name,)))
                )
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
        """The same words without quotation marks; empty without a phrase."""
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
    return ResultsPage(form, request, result, tuple(_rows(public, request, result)))


def _rows(public, request, result):
    ids = [hit.article_id for hit in result.hits]
    articles = {
        article.pk: article
        for article in public.filter(pk__in=ids)
        .select_related("category")
        .only(
            *("title", "slug", "sapo", "published_at"),
            *("category__name", "category__slug", "category__is_visible"),
        )
        .annotate(body_start=Substr("body_text", 1, BODY_LENGTH + 1))
    }
    for article_id in ids:
        # One that was withdrawn between the two queries is left out.
        if article := articles.get(article_id):
            yield Row(
                article,
                mark(article.title, request.words),
                snippet(article.sapo, article.body_start, request.words),
            )
