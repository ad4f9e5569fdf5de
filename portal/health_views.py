"""The page of the health panel, for those who may change the site's settings."""

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal import health_panel


@require_safe
@permission_required("portal.change_sitesettings", raise_exception=True)
def panel(request):
    parts = health_panel.parts()
    context = {
        **admin.site.each_context(request),
        "title": _("State of the system"),
        "parts": parts,
        "made_at": timezone.localtime(),
        "wants": [p for p in parts if p.state is not health_panel.State.GOOD],
    }
    return TemplateResponse(request, "admin/health.html", context)


admin_urls = [path("", admin.site.admin_view(panel), name="panel")]
