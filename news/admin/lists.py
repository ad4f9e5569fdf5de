"""Hot news and focus: two lists ordered by hand, whose entries end by themselves."""

from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from news import permissions
from news.admin.base import DeskAdmin
from news.admin.changelist import FoldedSearchMixin
from news.admin.filters import RunningFilter
from news.models import Article, ListEntry


@admin.register(ListEntry)
class ListEntryAdmin(FoldedSearchMixin, DeskAdmin):
    list_display = ["article", "list", "position", "starts_at", "ends_at", "shown"]
    list_editable = ["position"]
    list_filter = ["list", RunningFilter]
    list_select_related = ["article"]
    autocomplete_fields = ["article"]
    search_fields = ["article__title"]
    fields = ["list", "article", "position", "starts_at", "ends_at"]

    def get_queryset(self, request):
        seen = permissions.visible_articles(request.user, Article.objects.order_by())
        return super().get_queryset(request).filter(article__in=seen.values("pk"))

    @admin.display(description=gettext_lazy("on the site"))
    def shown(self, entry):
        css, text = _now(entry)
        return format_html('<span class="state state--{}">{}</span>', css, text)


def _now(entry) -> tuple[str, str]:
    """A style and a sentence: why readers see the entry, or why not."""
    now = timezone.now()
    if entry.ends_at and entry.ends_at <= now:
        return "expired", _("ended")
    if not entry.article.is_published(now):
        return "returned", _("the article is not public")
    if entry.starts_at and entry.starts_at > now:
        return "scheduled", _("starts later")
    return "published", _("shown")
