"""The administrators' pages of the visit figures, read-only and under /admin/; and
the page that tells readers what the two numbers beside every page mean.
"""

from functools import wraps

from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from . import clock, exports, health, registry, report_book, top, verify
from . import dashboard as figures
from . import report as reports
from .forms import LISTS, ContentForm, ExportForm
from .public import public_figures

PERIODS = (30, 90, 365)  # days
LISTED = 100  # lines of a list on the page; its file has all
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _for(permission: str, method=require_safe):
    """Let in signed-in staff with the permission only, by the method."""

    def decorate(view):
        guarded = method(permission_required(permission, raise_exception=True)(view))

        @wraps(view)
        def checked(request, *args, **kwargs):
            return admin.site.admin_view(guarded)(request, *args, **kwargs)

        return checked

    return decorate


def _page(request, template: str, title: str, **context):
    context |= {
        **admin.site.each_context(request),
        "title": title,
        "can_export": request.user.has_perm("stats.export"),
    }
    return render(request, f"admin/stats/{template}.html", context)


@_for("stats.view_dashboard")
def dashboard(request):
    wanted = request.GET.get("days", "")
    days = int(wanted) if wanted in map(str, PERIODS) else PERIODS[0]
    return _page(
        request,
        "dashboard",
        _("Visit statistics"),
        periods=PERIODS,
        figures=figures.build(days),
        facets=registry.facets(top.ARTICLE),
        can_adjust=request.user.has_perm("stats.adjust_ledger"),
        can_see_ledger=request.user.has_perm("stats.view_ledgerentry"),
    )


@_for("stats.view_dashboard")
def content(request):
    """Lists of what was read, narrowed as asked."""
    form = ContentForm(request.GET)
    found = _content_rows(form, LISTED + 1) if form.is_valid() else []
    return _page(
        request,
        "content",
        _("What was read"),
        form=form,
        rows=found[:LISTED],
        has_more=len(found) > LISTED,
        widest=max((row.views for row in found[:1]), default=0),
    )


@_for("stats.export")
def content_file(request, kind):
    """The whole list of that page as a file."""
    form = ContentForm(request.GET)
    if kind not in registry.writers or not form.is_valid():
        raise Http404
    label = dict(form.fields["list"].choices)[form.cleaned_data["list"]]
    days = form.cleaned_data["days"]
    registry.exported(request.user, f"{_('What was read')}: {label}, {days} ({kind})")
    header = [_("Number"), label, _("Views")]
    rows = ((row.key, row.label, row.views) for row in _content_rows(form))
    return registry.writers[kind](f"thong-ke-duoc-doc-{days}-ngay", header, rows)


def _content_rows(form: ContentForm, limit: int | None = None) -> list[top.Row]:
    asked, days = form.cleaned_data["list"], form.cleaned_data["days"]
    try:
        if asked in LISTS and asked != top.ARTICLE:
            return top.objects(asked, top.last_days(asked, days), limit)
        source = top.last_days(top.ARTICLE, days)
        if asked == top.ARTICLE:
            return top.objects(top.ARTICLE, source, limit, form.chosen)
        facet = asked.removeprefix("by-")
        return top.groups(top.ARTICLE, source, form.chosen)[facet]
    except ValueError:  # gone since the choices were made
        return []


@_for("stats.view_dashboard")
def report(request):
    """A month or a quarter, to be shown, printed and taken away."""
    period = _asked_period(request)
    return _page(
        request,
        "report",
        _("Report of visits"),
        report=(found := reports.build(period)),
        parts=report_book.public_parts(found),
        facets=[
            (facet, found.groups.get(facet.name, []))
            for facet in registry.facets(top.ARTICLE)
        ],
        periods=reports.periods(),
        agency=registry.site_name(),
        made_at=clock.local(clock.now_ms()),
    )


@_for("stats.export")
def report_file(request):
    period = _asked_period(request)
    registry.exported(request.user, f"{_('Report of visits')}: {period.key} (xlsx)")
    answer = HttpResponse(
        report_book.workbook(reports.build(period)), content_type=_XLSX
    )
    answer["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=f"bao-cao-truy-cap-{period.key}.xlsx"
    )
    return answer


def _asked_period(request) -> reports.Period:
    """The period of the address; without one the last month that is over."""
    asked = request.GET.get("ky")
    if asked is None:
        return reports.Period.month_of(clock.today()).before()
    try:
        period = reports.Period.named(asked)
    except ValueError as error:
        raise Http404(_("There is no such period.")) from error
    if period.first.year < 2000 or period.first > clock.today():
        raise Http404(_("There is no such period."))
    return period


@_for("stats.export")
def export(request):
    """The form; with what it asks for in the address, the file."""
    if "table" not in request.GET:
        month = reports.Period.month_of(clock.today())
        form = ExportForm(initial={"first": month.first, "last": clock.today()})
        return _page(request, "export", _("Take figures away"), form=form)
    form = ExportForm(request.GET)
    if not form.is_valid():
        return _page(request, "export", _("Take figures away"), form=form)
    asked = form.cleaned_data
    label = exports.TABLES[asked["table"]].label
    days = f"{asked['first']:%d/%m/%Y}–{asked['last']:%d/%m/%Y}"
    registry.exported(request.user, f"{label}, {days} ({asked['form']})")
    return exports.response(
        asked["table"], asked["first"], asked["last"], asked["form"]
    )


@_for("stats.view_dashboard", require_POST)
def check(request):
    """Prove now that the sums agree, as `stats_verify` does."""
    checks = list(verify.checks())
    health.note_verified(checks)
    wrong = [check for check in checks if not check.holds]
    if wrong:
        names = "; ".join(str(check.name) for check in wrong)
        text = _("These sums do not agree: %(names)s") % {"names": names}
        messages.error(request, text)
    else:
        messages.success(request, _("All sums agree."))
    return redirect("stats:dashboard")


def public(request):
    """What the numbers beside every page mean, with the figures of finished days."""
    return render(request, "stats/public.html", {"figures": public_figures()})


admin_urls = [
    path("", dashboard, name="dashboard"),
    path("duoc-doc/", content, name="content"),
    path("duoc-doc/<slug:kind>/", content_file, name="content_file"),
    path("bao-cao/", report, name="report"),
    path("bao-cao/xlsx/", report_file, name="report_file"),
    path("xuat/", export, name="export"),
    path("kiem-tra/", check, name="check"),
]
