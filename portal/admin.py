"""The site's own furniture and its people in the back office."""

import re

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AdminTextareaWidget
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.http import HttpResponseRedirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_totp.admin import TOTPDevice

from news import body as bodies
from news import html, library
from news.admin.base import DeskAdmin, DeskListMixin, thumbnail
from news.admin.changelist import FoldedSearchMixin
from news.forms import BodyField
from portal import accounts, roles
from portal.audit.admin import AuditEntryAdmin
from portal.audit.models import AuditEntry
from portal.audit.signing import SignInForm
from portal.models import (
    LinkedSite,
    MenuItem,
    Page,
    Passkey,
    SiteSettings,
    User,
    WorkEvent,
)
from portal.secondfactor import resetting
from portal.sessions import own_password
from stats import admin as stats_admin
from stats.models import LedgerEntry


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


class MenuItemInline(admin.TabularInline):
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
                    ("day", "starts_at", "ends_at"),
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


@admin.register(User)
class UserAdmin(FoldedSearchMixin, DeskListMixin, accounts.InWordsMixin, BaseUserAdmin):
    list_display = [
        *("username", "full_name", "groups_shown", "is_active", "second_step"),
        "last_login",
    ]
    list_filter = ["is_active", "groups"]
    search_fields = ["username", "last_name", "first_name", "email"]
    search_help_text = _("Name, username or address; accents optional")
    filter_horizontal = ["user_permissions"]
    readonly_fields = ["last_login", "date_joined", "second_step_shown"]
    fieldsets = [
        (None, {"fields": ["username", "password", "second_step_shown"]}),
        (
            _("Personal info"),
            {"fields": ["last_name", "first_name", "email", "notify_by_mail"]},
        ),
        (
            _("Permissions"),
            {
                "fields": [
                    *("is_active", "must_change_password", "is_staff", "groups"),
                    "categories",
                    *("is_superuser", "user_permissions"),
                ]
            },
        ),
        (_("Important dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (
            None,
            {
                "classes": ["wide"],
                "fields": [
                    *("username", "last_name", "first_name"),
                    *("usable_password", "password1", "password2"),
                ],
            },
        ),
        (_("Permissions"), {"fields": ["is_staff", "groups", "categories"]}),
    ]

    def get_queryset(self, request):
        own = {"user": models.OuterRef("pk"), "confirmed": True}
        people = super().get_queryset(request).prefetch_related("groups")
        return people.annotate(
            has_app=models.Exists(TOTPDevice.objects.filter(**own)),
            has_passkey=models.Exists(Passkey.objects.filter(**own)),
        )

    def get_urls(self):
        view = self.admin_site.admin_view(resetting.reset)
        name = "portal_user_second_factor"
        return [path("<int:pk>/xac-thuc/", view, name=name), *super().get_urls()]

    def save_model(self, request, obj, form, change):
        if not change and obj.has_usable_password():
            obj.must_change_password = True  # somebody else knows it
        super().save_model(request, obj, form, change)

    @transaction.atomic
    def user_change_password(self, request, id, form_url=""):
        """A colleague's; one's own asks for the old one first, on its own page."""
        user = self.get_object(request, unquote(id))
        if user == request.user:
            return HttpResponseRedirect(reverse("admin:password_change"))
        before = user and user.password
        response = super().user_change_password(request, id, form_url)
        if request.method == "POST" and user is not None:
            user.refresh_from_db()
            if user.password != before:
                own_password.set_for(user)
        return response

    def get_changeform_initial_data(self, request):
        """Readers have no accounts, so a new one is for the newsroom."""
        return {"is_staff": True} | super().get_changeform_initial_data(request)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "is_staff":
            field.label = _("May sign in here")
            field.help_text = _("Without this tick the person cannot sign in.")
        elif db_field.name == "groups":
            field.label = _("Roles")
            field.help_text = _("A person without a role signs in and sees nothing.")
        return field

    @admin.display(description=_("full name"))
    def full_name(self, user):
        return user.get_full_name()

    @admin.display(description=_("second step"), boolean=True)
    def second_step(self, user):
        return bool(user.has_app or user.has_passkey)

    @admin.display(description=_("second step"))
    def second_step_shown(self, user):
        if not self.second_step(user):
            return _("Password only")
        address = reverse("admin:portal_user_second_factor", args=[user.pk])
        return format_html(
            '{} <a href="{}">{}</a>', _("On."), address, _("Reset, when it is lost")
        )

    @admin.display(description=_("groups"))
    def groups_shown(self, user):
        return ", ".join(group.name for group in user.groups.all()) or "—"


admin.site.unregister(Group)
# It shows the secret of each app. Its own import above has registered it.
admin.site.unregister(TOTPDevice)


@admin.register(Group)
class GroupAdmin(
    FoldedSearchMixin, DeskListMixin, accounts.InWordsMixin, BaseGroupAdmin
):
    list_display = ["name", "purpose"]

    @admin.display(description=_("description"))
    def purpose(self, group):
        return roles.DESCRIPTIONS.get(group.name, "—")


admin.site.login_form = SignInForm
admin.site.register(AuditEntry, AuditEntryAdmin)

admin.site.unregister(LedgerEntry)


@admin.register(LedgerEntry)
class LedgerEntryAdmin(FoldedSearchMixin, DeskListMixin, stats_admin.LedgerEntryAdmin):
    """The ledger as stats keeps it, in a list like the others."""

    search_fields = ["reason"]
    list_filter = ["metric", "source"]
