"""Sections, tags, units and authors."""

from django.contrib import admin
from django.db.models import Case, Count, Value, When
from django.db.models.functions import Coalesce
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from news.admin.base import DeskAdmin
from news.admin.changelist import FoldedSearchMixin
from news.forms import TagForm
from news.models import Author, Category, Tag, Unit

_DEPTH = Case(
    When(parent__parent__isnull=False, then=Value(2)),
    When(parent__isnull=False, then=Value(1)),
    default=Value(0),
)


@admin.register(Category)
class CategoryAdmin(FoldedSearchMixin, DeskAdmin):
    list_display = ["nested", "position", "is_visible", "articles", "public"]
    list_editable = ["position", "is_visible"]
    list_per_page = 300  # the whole tree on one page
    fields = ["name", "parent", "description", "position", "is_visible", "slug"]

    def get_queryset(self, request):
        return (
            super()
            .get_queryset(request)
            .annotate(count=Count("articles"), depth=_DEPTH)
        )

    def get_ordering(self, request):
        """Each section with those under it, as in the menus; three levels."""
        grand, parent = "parent__parent__", "parent__"
        second = Case(
            When(parent__parent__isnull=False, then="parent__position"),
            When(parent__isnull=False, then="position"),
            default=Value(-1),
        )
        second_id = Case(
            When(parent__parent__isnull=False, then="parent_id"),
            When(parent__isnull=False, then="pk"),
            default=Value(0),
        )
        return [
            Coalesce(f"{grand}position", f"{parent}position", "position"),
            Coalesce(f"{grand}pk", f"{parent}pk", "pk"),
            second,
            second_id,
            _DEPTH,
            "position",
            "pk",
        ]

    @admin.display(description=gettext_lazy("name"))
    def nested(self, category):
        html = '<span class="nested nested--{}">{}</span>'
        return format_html(html, category.depth, category.name)

    @admin.display(description=gettext_lazy("articles"), ordering="count")
    def articles(self, category):
        return category.count

    @admin.display(description=gettext_lazy("page"))
    def public(self, category):
        if not category.is_visible:
            return "—"
        return format_html(
            '<a href="{}" aria-label="{}">{}</a>',
            category.get_absolute_url(),
            _("See “%(name)s” on the site") % {"name": category},
            _("See"),
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
    form = TagForm
    list_display = ["name", "slug", "used_by"]
    fields = ["name", "slug"]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(count=Count("articles"))

    # Not "articles": the list would show the relation of that name instead.
    @admin.display(description=gettext_lazy("articles"), ordering="count")
    def used_by(self, tag):
        return tag.count
