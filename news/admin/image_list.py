"""The list of pictures: a grid to look through, with filters and uses."""

import json

from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from news import library
from news.admin.base import thumbnail
from news.admin.changelist import DeskChangeList
from news.admin.filters import PersonFilter
from news.decode import ACCEPT
from news.models import Image


class UseFilter(admin.SimpleListFilter):
    title = gettext_lazy("use of the picture")
    parameter_name = "use"

    def lookups(self, request, model_admin):
        return [("used", _("used somewhere")), ("unused", _("not used anywhere"))]

    def queryset(self, request, queryset):
        if self.value() == "used":
            return library.only_used(queryset)
        if self.value() == "unused":
            return library.only_unused(queryset)
        return queryset


class WordsFilter(admin.SimpleListFilter):
    title = gettext_lazy("alternative text")
    parameter_name = "words"

    def lookups(self, request, model_admin):
        return [
            ("missing", _("alternative missing")),
            ("there", _("alternative there")),
        ]

    def queryset(self, request, queryset):
        if self.value() == "missing":
            return queryset.filter(default_alt="")
        if self.value() == "there":
            return queryset.exclude(default_alt="")
        return queryset


class UploaderFilter(PersonFilter):
    title = gettext_lazy("uploaded by")
    parameter_name = "by"
    field = "uploaded_by"


class _WithUses(DeskChangeList):
    """Counts the uses of the shown pictures only, however large the library."""

    def get_results(self, request):
        super().get_results(request)
        self.result_list = list(self.result_list)
        counts = library.article_counts(image.pk for image in self.result_list)
        elsewhere = library.used_elsewhere()
        for image in self.result_list:
            image.article_count = counts[image.pk]
            image.is_elsewhere = image.pk in elsewhere


class ImageList:
    """The list's half of ImageAdmin; static/admin_theme/image_list.css makes a grid."""

    list_display = ["small", "title", "by_whom", "uses", "about"]
    list_display_links = ["title"]
    list_filter = [
        *(UseFilter, WordsFilter, UploaderFilter),
        ("created_at", admin.DateFieldListFilter),
    ]
    list_select_related = ["uploaded_by"]
    list_per_page = 48  # fills rows of two, three, four and six
    search_fields = ["title"]
    search_help_text = gettext_lazy("Title, caption or credit, accents optional")
    date_hierarchy = "created_at"
    ordering = ["-pk"]

    def get_changelist(self, request, **kwargs):
        return _WithUses

    def changelist_view(self, request, extra_context=None):
        context = {"title": _("Pictures")}
        if self.has_add_permission(request):
            context |= upload_context()
        return super().changelist_view(request, context | (extra_context or {}))

    def get_search_results(self, request, queryset, search_term):
        if not search_term.strip():
            return queryset, False
        found = library.search(Image.objects.order_by("-pk"), search_term)
        return queryset.filter(pk__in=found[:500]), False

    @admin.display(description=gettext_lazy("picture"))
    def small(self, image):
        return thumbnail(image)

    @admin.display(
        description=gettext_lazy("credit"), ordering="credit", empty_value=""
    )
    def by_whom(self, image):
        return image.credit

    @admin.display(description=gettext_lazy("uses"))
    def uses(self, image):
        """Where it is used, and what it lacks: what a look at the grid is for."""
        parts = []
        if count := image.article_count:
            text = ngettext("%(count)s article", "%(count)s articles", count)
            parts.append(text % {"count": count})
        if image.is_elsewhere:
            parts.append(_("the site's own pages"))
        used = ", ".join(parts)
        mark = "" if used else " mark--quiet"
        html = format_html(
            '<span class="mark{}">{}</span>', mark, used or _("not used yet")
        )
        if not image.default_alt:
            lacking = _("no alternative text")
            html += format_html(' <span class="mark mark--lacking">{}</span>', lacking)
        return html

    @admin.display(description=gettext_lazy("upload"), ordering="created_at")
    def about(self, image):
        day = f"{timezone.localtime(image.created_at):%d/%m/%Y}"
        size = f"{image.width} × {image.height}" if image.width else ""
        who = str(image.uploaded_by) if image.uploaded_by_id else ""
        return " · ".join(filter(None, [day, who, size]))


def upload_context() -> dict[str, str]:
    """What templates/admin/news/image/change_list.html needs to upload."""
    labels = {
        "waiting": _("Waiting…"),
        "uploading": _("Uploading…"),
        "working": _("The picture is being cut to size…"),
        "failed": _("The upload failed. Check the connection and try again."),
        "duplicate": _("Already in the library, not stored twice:"),
        "done": _("In the library."),
        "saved": _("Saved."),
        "name": _("Name of the picture"),
        "alt": _("Alternative text"),
        "altHint": _("What the picture shows, for people who cannot see it."),
        "caption": _("Caption"),
        "credit": _("Credit"),
        "creditHint": _("Example: Ảnh: Minh Hà"),
        "change": _("Focal point and more"),
        "drop": _("Drop the pictures here"),
        "sum": _("{done} uploaded, {known} already there, {refused} refused."),
        "left": _("{left} to go."),
    }
    return {
        "upload_labels": json.dumps(labels, ensure_ascii=False),
        "upload_accept": ACCEPT,
    }
