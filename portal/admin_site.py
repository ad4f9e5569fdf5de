"""The back office as one site: Vietnamese titles, our order, our first page."""

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class PortalAdminSite(AdminSite):
    site_header = _("Newsroom")
    site_title = _("Newsroom")
    index_title = _("Desk")
    enable_nav_sidebar = True


class PortalAdminConfig(AdminConfig):
    default_site = "portal.admin_site.PortalAdminSite"
