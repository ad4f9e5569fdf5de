"""The administrators' page of the visit figures: read-only, under /admin/."""

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from . import dashboard as figures

PERIODS = (30, 90, 365)  # days


@require_GET
@permission_required("stats.view_dashboard", raise_exception=True)
def _dashboard(request):
    wanted = request.GET.get("days", "")
    days = int(wanted) if wanted in map(str, PERIODS) else PERIODS[0]
    context = {
        **admin.site.each_context(request),
        "title": _("Visit statistics"),
        "periods": PERIODS,
        "figures": figures.build(days),
        "can_adjust": request.user.has_perm("stats.adjust_ledger"),
        "can_see_ledger": request.user.has_perm("stats.view_ledgerentry"),
    }
    return render(request, "admin/stats/dashboard.html", context)


def dashboard(request):
    """Signed-in staff with the permission `stats.view_dashboard` only."""
    return admin.site.admin_view(_dashboard)(request)


admin_urls = [path("", dashboard, name="dashboard")]
