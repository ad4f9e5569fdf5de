"""Pages about who is signed in: one's own sessions, everybody's, and lockouts."""

from uuid import UUID

from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import EmptyPage, Paginator
from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from news.paging import page_number
from portal import audit
from portal.audit.models import Action
from portal.sessions import lockout
from portal.sessions.models import Session

PER_PAGE = 50


@require_safe
def mine(request):
    """One's own sessions, the one in use marked."""
    found = Session.objects.going_on().filter(user=request.user)
    context = {
        **admin.site.each_context(request),
        "title": _("Where I am signed in"),
        "sessions": found.defer("session_data"),
        "present": request.session.session_key,
    }
    return TemplateResponse(request, "admin/sessions/mine.html", context)


@require_POST
def end(request):
    """End one of one's own other sessions, or all of them."""
    others = Session.objects.filter(user=request.user)
    others = others.exclude(pk=request.session.session_key)
    if "all" not in request.POST:
        others = others.filter(handle=_handle(request))
        if not others.exists():
            raise Http404
    _end(request, others, request.user)
    return HttpResponseRedirect(reverse("sessions:mine"))


@require_safe
@permission_required("portal.view_session", raise_exception=True)
def everybody(request):
    """Every session that goes on, 50 a page."""
    found = Session.objects.going_on().select_related("user").defer("session_data")
    try:
        page = Paginator(found, PER_PAGE).page(page_number(request))
    except EmptyPage as error:
        raise Http404(_("There is no such page.")) from error
    context = {
        **admin.site.each_context(request),
        "title": _("Who is signed in"),
        "page": page,
        "present": request.session.session_key,
        "may_end": request.user.has_perm("portal.delete_session"),
    }
    return TemplateResponse(request, "admin/sessions/everybody.html", context)


@require_POST
@permission_required("portal.delete_session", raise_exception=True)
def end_any(request):
    """End a session of anybody, or all of the person whose it is."""
    found = Session.objects.filter(handle=_handle(request), user__isnull=False)
    session = found.select_related("user").first()
    if session is None:  # ended meanwhile, which is what was wanted
        messages.info(request, _("This session had already ended."))
        return HttpResponseRedirect(reverse("sessions:everybody"))
    if "all" in request.POST:
        found = Session.objects.filter(user=session.user)
    _end(request, found, session.user)
    return HttpResponseRedirect(reverse("sessions:everybody"))


@transaction.atomic
def _end(request, sessions, user) -> None:
    rows = list(sessions.going_on())
    sessions.delete()
    if rows:
        devices = ", ".join(sorted(f"{row.device} ({row.address})" for row in rows))
        audit.record(Action.SESSION_ENDED, object=user, note=devices)
    messages.success(
        request,
        ngettext(
            "%(count)d session has been ended.",
            "%(count)d sessions have been ended.",
            len(rows),
        )
        % {"count": len(rows)},
    )


def _handle(request) -> UUID:
    try:
        return UUID(request.POST.get("session", ""))
    except ValueError:
        raise Http404 from None


@require_safe
@permission_required("portal.release_lockout", raise_exception=True)
def lockouts(request):
    context = {
        **admin.site.each_context(request),
        "title": _("Locked out of signing in"),
        "lockouts": lockout.present(),
    }
    return TemplateResponse(request, "admin/sessions/lockouts.html", context)


@require_POST
@permission_required("portal.release_lockout", raise_exception=True)
def release(request):
    """Let a name at an address, or an address, try again."""
    attempt = request.POST.get("attempt", "")
    address = request.POST.get("address", "")
    for one in lockout.present():
        if one.address == address and str(one.attempt or "") == attempt:
            lockout.release(one)
            messages.success(request, _("They may try to sign in again."))
            break
    else:
        messages.info(request, _("This lockout had already ended."))
    return HttpResponseRedirect(reverse("sessions:lockouts"))


_view = admin.site.admin_view
admin_urls = [
    path("", _view(mine), name="mine"),
    path("ket-thuc/", _view(end), name="end"),
    path("moi-nguoi/", _view(everybody), name="everybody"),
    path("moi-nguoi/ket-thuc/", _view(end_any), name="end_any"),
    path("khoa/", _view(lockouts), name="lockouts"),
    path("khoa/mo/", _view(release), name="release"),
]
