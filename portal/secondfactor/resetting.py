"""An administrator takes somebody's devices away: the phone is lost, the codes too."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.models import User
from portal.secondfactor import codes, devices
from portal.secondfactor.forms import ReasonForm

PERMISSION = "portal.reset_second_factor"


@require_http_methods(["GET", "HEAD", "POST"])
def reset(request, pk):
    """Ask for the reason, then leave the account with its password alone."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    account = get_object_or_404(User, pk=pk)
    if account == request.user:  # one's own ask for the password
        return HttpResponseRedirect(reverse("secondfactor:overview"))
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        devices.reset(account, form.cleaned_data["reason"])
        text = _("%(name)s has no second step any more.") % {"name": account}
        messages.success(request, text)
        return HttpResponseRedirect(reverse("admin:portal_user_change", args=[pk]))
    return TemplateResponse(
        request,
        "admin/secondfactor/reset.html",
        {
            **admin.site.each_context(request),
            "title": _("Reset the second step of %(name)s") % {"name": account},
            "form": form,
            "account": account,
            "devices": devices.of(account),
            "codes_left": codes.recovery_codes_left(account),
        },
    )
