"""Lists as files: any list as it is filtered; of articles also what is chosen."""

from collections.abc import Iterator

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG, PAGE_VAR
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from news import hooks, spreadsheet
from news.models import Article, Author, Category, Unit
from news.text import slugify_vi
from news.workflow import State

_BLOCK = 500  # articles read at a time


def state_of(article: Article, at) -> tuple[str, str]:
    """The state at `at` as people mean it: (name for styles, words)."""
    if article.state == State.PUBLISHED:
        if article.published_at and article.published_at > at:
            return "scheduled", _("scheduled")
        if article.expires_at and article.expires_at <= at:
            return "expired", _("expired")
    return article.state, str(State(article.state).label)


class FilteredExportMixin:
    """Links above a list to files of it, as filtered.

    The class has `exported(request, changelist, kind)`: it records the export and
    returns the file's name, its header and its rows.
    """

    @property
    def _export_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_export"

    def get_urls(self):
        export = self.admin_site.admin_view(require_safe(self.export))
        return [
            path("export/<slug:kind>/", export, name=self._export_name),
            *super().get_urls(),
        ]

    def changelist_view(self, request, extra_context=None):
        query = request.GET.urlencode()
        exports = [
            (
                kind.upper(),
                reverse(f"admin:{self._export_name}", args=[kind])
                + (f"?{query}" if query else ""),
            )
            for kind in spreadsheet.WRITERS
        ]
        context = {"exports": exports} | (extra_context or {})
        return super().changelist_view(request, context)

    def export(self, request, kind: str):
        """The list as it is filtered and ordered, whatever its length."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if kind not in spreadsheet.WRITERS:
            raise Http404
        try:
            found = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            name = f"{self.opts.app_label}_{self.opts.model_name}_changelist"
            return HttpResponseRedirect(reverse(f"admin:{name}"))
        return spreadsheet.WRITERS[kind](*self.exported(request, found, kind))


class ExportMixin:
    """The list's files. Rows are those of the list: whoever sees it may take it."""

    def get_urls(self):
        export = self.admin_site.admin_view(require_safe(self.export))
        return [
            path("export/<str:kind>/", export, name="news_article_export"),
            *super().get_urls(),
        ]

    def export(self, request, kind: str):
        """All rows of the list with the filters, words and order of the address."""
        if kind not in spreadsheet.WRITERS:
            raise Http404
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        request.GET = request.GET.copy()
        request.GET.pop(PAGE_VAR, None)
        try:
            changelist = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            listed = reverse("admin:news_article_changelist")
            return HttpResponseRedirect(f"{listed}?{ERROR_FLAG}=1")
        return self.export_rows(request, changelist.queryset, kind)

    def export_rows(self, request, queryset, kind: str):
        """Return the answer with all articles of `queryset`, in its order."""
        keys = list(queryset.values_list("pk", flat=True))
        note = f"{len(keys)} {self.opts.verbose_name} ({kind.upper()})"
        hooks.record("exported", user=request.user, object=Article, note=note)
        name = slugify_vi(str(self.opts.verbose_name_plural))
        return spreadsheet.WRITERS[kind](name, _header(), _rows(keys))


def _header() -> list[str]:
    return [
        *(_("Number"), _("Title"), _("Section"), _("State"), _("Published at")),
        *(_("Ends at"), _("Writer"), _("Author"), _("Signature unit"), _("Tags")),
        *(_("Views"), _("Address"), _("Created at"), _("Saved at")),
    ]


# Of an article's own row; without the texts and the rows it refers to.
_FIELDS = (
    *("title", "slug", "state", "published_at", "expires_at", "author_text"),
    *("category", "created_by", "author", "signature_unit"),
    *("created_at", "updated_at"),
)


class _Names:
    """Names of what articles refer to, by number: some hundred rows, read once."""

    def __init__(self):
        self.sections = dict(Category.objects.values_list("pk", "name"))
        self.units = dict(Unit.objects.values_list("pk", "name"))
        self.authors = dict(Author.objects.values_list("pk", "name"))
        self.people = {user.pk: str(user) for user in get_user_model().objects.all()}


def _rows(keys: list[int]) -> Iterator[spreadsheet.Row]:
    """Yield a row for each article that is still there; three queries a block.

    Keys first: no query stays open however slowly the file is fetched.
    """
    names, now, site = _Names(), timezone.now(), hooks.site_url()
    for start in range(0, len(keys), _BLOCK):
        block = keys[start : start + _BLOCK]
        found = Article.objects.only(*_FIELDS).in_bulk(block)
        views, tags = hooks.view_counts(block), _tags(block)
        for key in block:
            if article := found.get(key):
                is_out = article.is_published(now)
                yield (
                    key,
                    article.title,
                    names.sections.get(article.category_id, ""),
                    state_of(article, now)[1],
                    article.published_at,
                    article.expires_at,
                    names.people.get(article.created_by_id, ""),
                    names.authors.get(article.author_id, article.author_text),
                    names.units.get(article.signature_unit_id, ""),
                    ", ".join(tags.get(key, [])),
                    views.get(key, 0),
                    f"{site}{article.get_absolute_url()}" if is_out else "",
                    article.created_at,
                    article.updated_at,
                )


def _tags(article_ids: list[int]) -> dict[int, list[str]]:
    """The names of the tags of each article, sorted; one query."""
    named: dict[int, list[str]] = {}
    rows = Article.tags.through.objects.filter(article__in=article_ids)
    pairs = rows.order_by("tag__name").values_list("article_id", "tag__name")
    for article_id, name in pairs:
        named.setdefault(article_id, []).append(name)
    return named
