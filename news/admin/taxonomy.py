"""Sections, tags, units and authors."""

from django.contrib import admin
from django.db.models import Count
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from news.admin.base import DeskAdmin
from news.library import fold
from news.models import Author, Category, Tag, Unit


class FoldedSearchMixin:
    """Search names without accents; these tables have a few hundred rows."""

    search_fields = ["name"]

    def get_search_results(self, request, queryset, search_term):
        wanted = fold(search_term[:200]).split()
        if not wanted:
            return queryset, False
        found = [
            pk
            for pk, name in queryset.order_by().values_list("pk", "name")
            if all(word in fold(name) for word in wanted)
        ]
        return queryset.filter(pk__in=found[:1000]), False


@admin.register(Category)
class CategoryAdmin(FoldedSearchMixin, DeskAdmin):
    list_display = ["name", "parent", "position", "is_visible", "articles", "public"]
    list_editable = ["position", "is_visible"]
    list_filter = ["is_visible", ("parent", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["parent"]
    list_per_page = 300  # the whole tree on one page
    fields = ["name", "parent", "description", "position", "is_visible", "slug"]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(count=Count("articles"))

    @admin.display(description=gettext_lazy("articles"), ordering="count")
    def articles(self, category):
        return category.count

    @admin.display(description=gettext_lazy("page"))
    def public(self, category):
        if not category.is_visible:
            return "—"
        return format_html(
            '<a href="{}">/chuyen-muc/{}/</a>',
            category.get_absolute_url(),
            category.slug,
        )


@admin.register(Unit)
class UnitAdmin(FoldedSearchMixin, DeskAdmin):
    list_display = ["name", "position"]
    list_editable = ["position"]


@admin.register(Author)
class AuthorAdmin(FoldedSearchMixin, DeskAdmin):
    list_display = ["name"]


@admin.register(Tag)
class TagAdmin(FoldedSearchMixin, DeskAdmin):
    list_display = ["name", "slug", "used_by"]
    fields = ["name", "slug"]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(count=Count("articles"))

    # Not "articles": the list would show the relation of that name instead.
    @admin.display(description=gettext_lazy("articles"), ordering="count")
    def used_by(self, tag):
        return tag.count
