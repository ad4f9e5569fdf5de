"""Accounts in the back office: users and the groups that are their roles.

What their forms offer is worded in portal.accounts.
"""

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.models import Group
from django.db import models, transaction
from django.http import HttpResponseRedirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_totp.admin import TOTPDevice

from news.admin.base import DeskListMixin
from news.admin.changelist import FoldedSearchMixin
from portal import accounts, roles
from portal.audit.signing import SignInForm
from portal.models import Passkey, User
from portal.secondfactor import resetting
from portal.sessions import own_password


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
