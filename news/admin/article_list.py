"""The list of articles: state, filters, search without accents, bulk actions."""

from functools import partial

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from news import hooks, permissions, publishing
from news.admin import acts
from news.models import Article
from news.workflow import Act, State


class StateFilter(admin.SimpleListFilter):
    """States as people mean them: scheduled and expired are told apart."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        shown = [State.DRAFT, State.IN_REVIEW, State.RETURNED, State.WITHDRAWN]
        return [
            ("live", _("on the site")),
            ("scheduled", _("scheduled")),
            ("expired", _("expired")),
            *((state.value, state.label) for state in shown),
        ]

    def queryset(self, request, queryset):
        value = self.value()
        if value == "live":
            return queryset.published()
        if value == "scheduled":
            return queryset.scheduled()
        if value == "expired":
            return queryset.expired()
        return queryset.filter(state=value) if value in State.values else queryset


class MineFilter(admin.SimpleListFilter):
    title = gettext_lazy("writer")
    parameter_name = "mine"

    def lookups(self, request, model_admin):
        return [("1", _("my articles"))]

    def queryset(self, request, queryset):
        if self.value() == "1":
            return queryset.filter(created_by=request.user)
        return queryset


class _WithViews(ChangeList):
    """Adds the views of the shown page in one query of stats."""

    def get_results(self, request):
        super().get_results(request)
        self.result_list = list(self.result_list)
        counts = hooks.view_counts([article.pk for article in self.result_list])
        for article in self.result_list:
            article.view_count = counts.get(article.pk, 0)


class ArticleList:
    """The list's half of ArticleAdmin."""

    list_display = ["title", "state_now", "category", "views", "writer"]
    list_filter = [StateFilter, MineFilter, "category", "signature_unit"]
    list_select_related = ["category", "created_by"]
    search_fields = ["title"]  # get_search_results asks the search index
    search_help_text = gettext_lazy(
        "Words of the title or the body, with or without accents"
    )
    date_hierarchy = "published_at"
    ordering = ["-pk"]
    actions = ["publish_selected"]

    def get_changelist(self, request, **kwargs):
        return _WithViews

    def get_queryset(self, request):
        queryset = super().get_queryset(request)
        if request.resolver_match and request.resolver_match.url_name in (
            "news_article_changelist",
            "autocomplete",
        ):
            queryset = queryset.defer("body", "body_html", "body_text")
        return queryset

    def get_search_results(self, request, queryset, search_term):
        if not search_term.strip():
            return queryset, False
        return hooks.search_articles(queryset, search_term[:200]), False

    @admin.display(description=gettext_lazy("state"), ordering="published_at")
    def state_now(self, article):
        """The state with the day of publication, by which the column is sorted."""
        now, day = timezone.now(), ""
        css, label = article.state, article.get_state_display()
        if article.state == State.PUBLISHED:
            if article.published_at > now:
                css, label = "scheduled", _("scheduled")
            elif article.expires_at and article.expires_at <= now:
                css, label = "expired", _("expired")
        if article.published_at:
            day = f"{timezone.localtime(article.published_at):%d/%m/%Y %H:%M}"
        html = '<span class="state state--{}">{}</span> <small>{}</small>'
        return format_html(html, css, label, day)

    @admin.display(description=gettext_lazy("writer"), ordering="created_by")
    def writer(self, article):
        return str(article.created_by) if article.created_by_id else "—"

    @admin.display(description=gettext_lazy("views"))
    def views(self, article):
        return getattr(article, "view_count", 0)

    @admin.action(
        description=gettext_lazy("Publish the chosen articles"),
        permissions=["publish"],
    )
    def publish_selected(self, request, queryset):
        allowed, denied = _divide(request.user, queryset, Act.PUBLISH)
        done, refused = publishing.each(
            partial(acts.do, Act.PUBLISH), allowed, user=request.user
        )
        self._tell(
            request,
            ngettext(
                "%(count)s article published.",
                "%(count)s articles published.",
                len(done),
            )
            % {"count": len(done)},
            done,
            refused,
            denied,
        )

    def has_publish_permission(self, request):
        return request.user.has_perm("news.publish_article")

    def _tell(self, request, success, done, refused, denied):
        if done:
            self.message_user(request, success, messages.SUCCESS)
        for article, error in refused[:10]:
            message = format_html(
                '<a href="{}">{}</a>: {}',
                reverse("admin:news_article_change", args=[article.pk]),
                article.title,
                " ".join(error.messages),
            )
            self.message_user(request, message, messages.ERROR)
        if len(refused) > 10:
            message = ngettext(
                "%(count)s further article was refused.",
                "%(count)s further articles were refused.",
                len(refused) - 10,
            )
            self.message_user(
                request, message % {"count": len(refused) - 10}, messages.ERROR
            )
        if denied:
            message = ngettext(
                "%(count)s article was left as it is: it is in another state, or "
                "not yours to change.",
                "%(count)s articles were left as they are: they are in another "
                "state, or not yours to change.",
                len(denied),
            )
            self.message_user(
                request, message % {"count": len(denied)}, messages.WARNING
            )


def _divide(user, queryset, act: Act) -> tuple[list[Article], list[Article]]:
    allowed, denied = [], []
    # Whole rows: an act saves them again.
    for article in Article.objects.filter(pk__in=queryset.values("pk")).order_by("pk"):
        is_allowed = permissions.may(user, article, act)
        (allowed if is_allowed else denied).append(article)
    return allowed, denied
