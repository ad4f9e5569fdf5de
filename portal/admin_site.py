"""The back office as one site: Vietnamese titles, our order, our first page."""

from functools import partial

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.contrib.admin.utils import unquote
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

# Models in the order of a working day; apps and models not named come after.
_ORDER = [
    *("Article", "Image", "ListEntry", "Category", "Tag", "Unit", "Author"),
    *("WorkEvent", "Page", "MenuItem", "LinkedSite", "SiteSettings", "User"),
    *("AuditEntry", "SoughtWords", "Abbreviation"),
]
_APPS = ["news", "portal", "search", "stats", "auth"]


class PortalAdminSite(AdminSite):
    site_header = _("Newsroom")
    site_title = _("Newsroom")
    index_title = _("Desk")
    enable_nav_sidebar = True

    def has_permission(self, request):
        """Staff who took every step of signing in: this lets in, and nothing else."""
        from portal.secondfactor import gate

        return super().has_permission(request) and gate.is_in(request)

    @method_decorator(never_cache)
    @login_not_required
    def login(self, request, extra_context=None):
        from portal.secondfactor.signing_in import sign_in

        return sign_in(request, self, extra_context)

    def each_context(self, request):
        """What every page of the back office knows; notices are counted when shown."""
        context = super().each_context(request)
        if context["has_permission"]:
            context["unread_notices"] = partial(_unread_count, request.user)
        return context

    def index(self, request, extra_context=None):
        from portal import desk

        context = {"desk": desk.prepare(request.user)} | (extra_context or {})
        return super().index(request, context)

    def password_change(self, request, extra_context=None):
        """Django's page with our form, which also ends one's other sessions."""
        from portal.sessions.own_password import OwnPasswordView

        request.current_app = self.name
        context = {**self.each_context(request), **(extra_context or {})}
        return OwnPasswordView.as_view(extra_context=context)(request)

    def get_urls(self):
        short_cut = path(
            "r/<int:content_type_id>/<path:object_id>/",
            self.admin_view(self.view_on_site),
            name="view_on_site",
        )
        urls = super().get_urls()
        return [
            short_cut,
            *(u for u in urls if getattr(u, "name", "") != "view_on_site"),
        ]

    def view_on_site(self, request, content_type_id, object_id):
        """Django's way to a public page, for what this person may see here.

        Its own asks nobody: an address holds the title of a draft.
        """
        from django.contrib.contenttypes.models import ContentType
        from django.contrib.contenttypes.views import shortcut

        kind = ContentType.objects.filter(pk=content_type_id).first()
        admin = self._registry.get(kind and kind.model_class())
        row = admin and admin.get_object(request, unquote(object_id))
        if row is None or not admin.has_view_permission(request, row):
            raise Http404
        return shortcut(request, kind.pk, row.pk)

    def get_app_list(self, request, app_label=None):
        apps = super().get_app_list(request, app_label)
        apps.sort(key=lambda app: _place(_APPS, app["app_label"]))
        for app in apps:
            app["models"].sort(key=lambda model: _place(_ORDER, model["object_name"]))
        return apps


def _unread_count(user) -> int:
    from portal.notices import views

    return views.unread_count(user)


def _place(order: list[str], name: str) -> int:
    return order.index(name) if name in order else len(order)


class PortalAdminConfig(AdminConfig):
    default_site = "portal.admin_site.PortalAdminSite"
