"""The site's furniture in the back office: identity, pages, menu, links, calendar."""

import re

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from news import body as bodies
from news import html, library
from news.admin.base import DeskAdmin, thumbnail
from news.admin.changelist import FoldedSearchMixin
from news.forms import BodyField
from portal import accounts
from portal.models import LinkedSite, MenuItem, Page, SiteSettings, WorkEvent


@admin.register(SiteSettings)
class SiteSettingsAdmin(DeskAdmin):
    """One row: the list leads to it, nobody adds or deletes it."""

    fieldsets = [
        (
            _("Name"),
            {"fields": ["parent_name", "name", "slogan", "emblem", "banner"]},
        ),
        (
            _("Footer"),
            {
                "fields": [
                    "responsible_person",
                    "licence",
                    "address",
                    "phone",
                    "fax",
                    "email",
                    "copyright_note",
                ]
            },
        ),
        (_("Search engines"), {"fields": ["description"]}),
        (_("Review"), {"fields": ["review_level"]}),
        (_("Visit counter"), {"fields": ["public_metric"]}),
        (_("Links in articles"), {"fields": ["trusted_domains"]}),
        (_("Signing in"), {"fields": ["second_factor_roles"]}),
    ]

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        return super().formfield_for_manytomany(
            db_field, request, **accounts.role_choices(), **kwargs
        )

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_object(self, request, object_id, from_field=None):
        return SiteSettings.load() if str(object_id) == "1" else None

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(
            reverse("admin:portal_sitesettings_change", args=[1])
        )


class PageForm(forms.ModelForm):
    """Edited like an article; its pictures stand in the body by their number."""

    body = BodyField(required=False, label=_("body"))

    class Meta:
        model = Page
        fields = ["title", "body", "is_published", "position", "slug"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk and "body" in self.fields:
            self.initial["body"] = bodies.editor_html(self.instance.body)


@admin.register(Page)
class PageAdmin(FoldedSearchMixin, DeskAdmin):
    form = PageForm
    list_display = ["title", "public", "is_published", "position", "updated_at"]
    list_editable = ["is_published", "position"]
    list_filter = ["is_published"]
    search_fields = ["title", "slug"]
    fields = ["title", "body", "is_published", "position", "slug"]

    def save_model(self, request, page, form, change):
        document = html.read(page.body)
        page.body, page.body_text = document.html(), document.text()
        super().save_model(request, page, form, change)

    @admin.display(description=_("page"))
    def public(self, page):
        if not page.is_published:
            return "—"
        return format_html(
            '<a href="{}">/trang/{}/</a>', page.get_absolute_url(), page.slug
        )


def furniture_showing(image) -> list[tuple[str, str]]:
    """What of the site's furniture shows a picture: (address, name) of each.

    Standing pages hold its number in their HTML, so no foreign key protects it.
    """
    pages = Page.objects.filter(body__contains=f'data-image="{image.pk}"')
    settings = SiteSettings.objects.filter(
        models.Q(emblem=image) | models.Q(banner=image)
    )
    rows = [*pages, *settings, *LinkedSite.objects.filter(logo=image)]
    return [
        (
            reverse(f"admin:portal_{row._meta.model_name}_change", args=[row.pk]),
            f"{row._meta.verbose_name}: {row}",
        )
        for row in rows
    ]


def furniture_pictures() -> set[int]:
    """The ids of all pictures that furniture_showing knows; three queries."""
    bodies = Page.objects.filter(body__contains="data-image=")
    shown = {
        *SiteSettings.objects.values_list("emblem", flat=True),
        *SiteSettings.objects.values_list("banner", flat=True),
        *LinkedSite.objects.values_list("logo", flat=True),
    }
    for body in bodies.values_list("body", flat=True):
        shown.update(map(int, re.findall(r'data-image="(\d{1,18})"', body)))
    return shown - {None}


library.other_uses.append(furniture_showing)
library.other_pictures.append(furniture_pictures)


class MenuItemInline(admin.StackedInline):  # a row of a table names no box
    model = MenuItem
    fk_name = "parent"
    fields = ["label", "category", "page", "link", "position"]
    extra = 0
    verbose_name_plural = _("items under this one")


@admin.register(MenuItem)
class MenuItemAdmin(FoldedSearchMixin, DeskAdmin):
    list_display = ["nested", "target", "position"]
    list_editable = ["position"]
    list_select_related = ["parent__category", "parent__page", "category", "page"]
    list_per_page = 200  # the whole menu on one page
    search_fields = ["label", "category__name", "page__title", "link"]
    fields = ["label", "category", "page", "link", "parent", "position"]

    def get_ordering(self, request):
        """An item, then the items under it."""
        coalesce = models.functions.Coalesce
        return [
            coalesce("parent__position", "position"),
            coalesce("parent_id", "pk"),
            models.F("parent_id").asc(nulls_first=True),
            "position",
            "pk",
        ]

    def get_inlines(self, request, obj):
        is_top = obj is not None and obj.parent_id is None
        return [MenuItemInline] if is_top else []

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "parent":
            kwargs["queryset"] = MenuItem.objects.filter(parent=None).select_related(
                "category", "page"
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description=_("label"))
    def nested(self, item):
        html = '<span class="nested nested--{}">{}</span>'
        return format_html(html, 1 if item.parent_id else 0, item.text)

    @admin.display(description=_("leads to"))
    def target(self, item):
        return item.get_absolute_url()


@admin.register(LinkedSite)
class LinkedSiteAdmin(FoldedSearchMixin, DeskAdmin):
    list_display = ["name", "small", "url", "is_visible", "position"]
    list_editable = ["is_visible", "position"]
    list_filter = ["is_visible"]
    list_select_related = ["logo"]
    fields = ["name", "url", "logo", "opens_new_tab", "is_visible", "position"]

    @admin.display(description=_("logo"))
    def small(self, site):
        return thumbnail(site.logo)


class EventMarkFilter(admin.SimpleListFilter):
    """One filter for both marks of an entry."""

    title = _("mark")
    parameter_name = "mark"

    def lookups(self, request, model_admin):
        return [
            ("changed", _("Changed")),
            ("cancelled", _("Cancelled")),
            ("as_planned", _("As planned")),
        ]

    def queryset(self, request, queryset):
        wanted = {
            "changed": {"is_changed": True, "is_cancelled": False},
            "cancelled": {"is_cancelled": True},
            "as_planned": {"is_changed": False, "is_cancelled": False},
        }
        return queryset.filter(**wanted.get(self.value(), {}))


@admin.register(WorkEvent)
class WorkEventAdmin(FoldedSearchMixin, DeskAdmin):
    """Entered in a row: the next entry begins on the same day."""

    list_display = ["day", "hours", "content_start", "leader", "place", "mark"]
    list_display_links = ["day", "content_start"]
    list_filter = [EventMarkFilter]
    formfield_overrides = DeskAdmin.formfield_overrides | {
        models.TextField: {"widget": AdminTextareaWidget(attrs={"rows": 3})}
    }
    date_hierarchy = "day"
    search_fields = ["content", "leader", "place", "chairing_unit", "participants"]
    search_help_text = _("Content, people, place; accents optional")
    ordering = ["-day", models.F("starts_at").asc(nulls_first=True), "pk"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "day",
                    ("starts_at", "ends_at"),
                    "content",
                    "leader",
                    "participants",
                    "place",
                    "chairing_unit",
                    "note",
                    ("is_changed", "is_cancelled"),
                ]
            },
        )
    ]

    def response_add(self, request, obj, post_url_continue=None):
        response = super().response_add(request, obj, post_url_continue)
        if "_addanother" in request.POST and response.status_code == 302:
            kept = {"day": f"{obj.day:%d/%m/%Y}", "leader": obj.leader}
            response["Location"] = f"{request.path}?{urlencode(kept)}"
        return response

    @admin.display(description=_("hours"), ordering="starts_at")
    def hours(self, event):
        times = [event.starts_at, event.ends_at]
        return " – ".join(f"{time:%H:%M}" for time in times if time) or _("all day")

    @admin.display(description=_("content"))
    def content_start(self, event):
        return str(event)

    @admin.display(description=_("mark"))
    def mark(self, event):
        if event.is_cancelled:
            return format_html(
                '<span class="state state--expired">{}</span>', _("cancelled")
            )
        if event.is_changed:
            return format_html(
                '<span class="state state--returned">{}</span>', _("changed")
            )
        return ""
