"""The back office as one site: Vietnamese titles, our order, our first page."""

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _

# Models in the order of a working day; apps and models not named come after.
_ORDER = [
    *("Article", "Image", "ListEntry", "Category", "Tag", "Unit", "Author"),
    *("WorkEvent", "Page", "MenuItem", "LinkedSite", "SiteSettings", "User"),
    "AuditEntry",
]
_APPS = ["news", "portal", "stats", "auth"]


class PortalAdminSite(AdminSite):
    site_header = _("Newsroom")
    site_title = _("Newsroom")
    index_title = _("Desk")
    enable_nav_sidebar = True

    def index(self, request, extra_context=None):
        from portal import desk

        context = {"desk": desk.prepare(request.user)} | (extra_context or {})
        return super().index(request, context)

    def get_app_list(self, request, app_label=None):
        apps = super().get_app_list(request, app_label)
        apps.sort(key=lambda app: _place(_APPS, app["app_label"]))
        for app in apps:
            app["models"].sort(key=lambda model: _place(_ORDER, model["object_name"]))
        return apps


def _place(order: list[str], name: str) -> int:
    return order.index(name) if name in order else len(order)


class PortalAdminConfig(AdminConfig):
    default_site = "portal.admin_site.PortalAdminSite"
