"""The list of articles: state, filters, search without accents, bulk actions."""

from django.contrib import admin, messages
from django.contrib.admin.views.main import SEARCH_VAR
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from news import hooks
from news.admin.article_acts import ACTS
from news.admin.changelist import DeskChangeList, KeysFirstPaginator
from news.admin.export import ExportMixin, state_of
from news.admin.filters import (
    ForMeFilter,
    PlacementFilter,
    SectionFilter,
    StateFilter,
    WriterFilter,
)
from news.models import Article

_ONLY_NEWEST = gettext_lazy(
    "Very many articles hold these words: only the newest are listed. Add words, or "
    "filter first."
)


class _WithViews(DeskChangeList):
    """Adds the views of the shown page in one query of stats."""

    def get_results(self, request):
        super().get_results(request)
        self.result_list = list(self.result_list)
        counts = hooks.view_counts([article.pk for article in self.result_list])
        for article in self.result_list:
            article.view_count = counts.get(article.pk, 0)


class ArticleList(ExportMixin):
    """The list's half of ArticleAdmin."""

    list_display = ["title", "state_now", "category", "views", "writer"]
    list_filter = [
        *(StateFilter, ForMeFilter, SectionFilter, WriterFilter, PlacementFilter),
        "signature_unit",
    ]
    list_select_related = ["category", "created_by"]
    # The others would sort every article for a page of fifty.
    sortable_by = ["state_now", "views", "writer"]
    search_fields = ["title"]  # get_search_results asks the search index
    search_help_text = gettext_lazy(
        "Words of the title or the text (of drafts: the title), accents optional; or "
        "the number of an article"
    )
    date_hierarchy = "published_at"
    ordering = ["-pk"]
    actions = ["export_xlsx", "export_csv", *(act.as_action() for act in ACTS)]

    def get_changelist(self, request, **kwargs):
        return _WithViews

    def get_paginator(self, request, queryset, per_page, *args, **kwargs):
        rows = Article.objects.select_related(*self.list_select_related)
        rows = rows.defer("body", "body_html", "body_text")
        kwargs |= {"rows": rows, "at_once": bool(request.GET.get(SEARCH_VAR))}
        return KeysFirstPaginator(queryset, per_page, *args, **kwargs)

    def get_actions(self, request):
        lacking = {
            act.name for act in ACTS if not request.user.has_perm(act.permission)
        }
        actions = super().get_actions(request).items()
        return {name: action for name, action in actions if name not in lacking}

    def get_queryset(self, request):
        queryset = super().get_queryset(request)
        if request.resolver_match and request.resolver_match.url_name in (
            *("news_article_changelist", "news_article_export", "autocomplete"),
        ):
            queryset = queryset.defer("body", "body_html", "body_text")
            # Asked of the database only where the list is sorted by it.
            queryset = queryset.alias(all_views=hooks.views_expression("pk"))
        return queryset

    def get_search_results(self, request, queryset, search_term):
        words = search_term.strip()[:200]
        if not words:
            return queryset, False
        found, is_capped = hooks.search_articles(queryset, words)
        if is_capped:
            self.message_user(request, _ONLY_NEWEST, messages.WARNING)
        if words.isascii() and words.isdecimal() and len(words) < 19:
            found = found | queryset.filter(pk=int(words))
        return found, False

    @admin.display(description=gettext_lazy("state"), ordering="published_at")
    def state_now(self, article):
        """The state with the day of publication, by which the column is sorted."""
        css, label = state_of(article, timezone.now())
        html = '<span class="state state--{}">{}</span> <small>{}</small>'
        shown = format_html(html, css, label, _day(article.published_at))
        for note in _remarks(article):
            shown += format_html("<small>{}</small>", note)
        return shown

    @admin.display(description=gettext_lazy("writer, saved"), ordering="updated_at")
    def writer(self, article):
        """The writer with the day of the last save, by which the column is sorted."""
        who = article.created_by if article.created_by_id else "—"
        return format_html("{} <small>{}</small>", who, _day(article.updated_at))

    @admin.display(description=gettext_lazy("views"), ordering="all_views")
    def views(self, article):
        return getattr(article, "view_count", 0)

    @admin.action(description=gettext_lazy("Export the chosen articles (Excel)"))
    def export_xlsx(self, request, queryset):
        return self.export_rows(request, queryset, "xlsx")

    @admin.action(description=gettext_lazy("Export the chosen articles (CSV)"))
    def export_csv(self, request, queryset):
        return self.export_rows(request, queryset, "csv")


def _day(moment) -> str:
    return f"{timezone.localtime(moment):%d/%m/%Y %H:%M}" if moment else ""


def _remarks(article) -> list[str]:
    """What else a look at the list should tell of a row."""
    remarks = []
    if article.revision_of_id:
        remarks.append(_("revision of a live article"))
    if article.emergency_at:
        remarks.append(_("emergency, to be approved"))
    return remarks
