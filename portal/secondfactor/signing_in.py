"""The pages before somebody is in: name and password, then the second step."""

from django.contrib import admin, messages
from django.contrib.auth import logout
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from portal.audit.models import Action
from portal.audit.recording import record
from portal.secondfactor import codes, gate, passkeys
from portal.secondfactor.forms import CodeForm, RecoveryForm

_FEW_CODES = 3  # that are left: then people are told to make new ones


class SignInView(LoginView):
    """Name and password; the right ones lead on by gate.begin."""

    template_name = "admin/login.html"

    def form_valid(self, form):
        return gate.begin(self.request, form.get_user(), self.get_redirect_url())

    def get_redirect_url(self):
        given = {**self.request.GET.dict(), **self.request.POST.dict()}
        return gate.own_address(given.get(self.redirect_field_name))


def sign_in(request, site, extra_context=None):
    """The sign-in page; a session that is not complete any more ends here."""
    is_looking = request.method in ("GET", "HEAD")
    if is_looking and site.has_permission(request):
        return HttpResponseRedirect(reverse("admin:index"))
    is_stopped = is_looking and request.user.is_active and request.user.is_staff
    if is_stopped:
        logout(request)
    elif is_looking:
        gate.cancel(request)
    context = {
        **site.each_context(request),
        "title": _("Log in"),
        "subtitle": None,
        "app_path": request.get_full_path(),
        "username": request.user.get_username(),
        "is_stopped": is_stopped,
        "has_passkeys": passkeys.are_possible(),
        **(extra_context or {}),
    }
    request.current_app = site.name
    return SignInView.as_view(
        extra_context=context, authentication_form=site.login_form
    )(request)


def to_sign_in() -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:login"))


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request):
    """The second step: a code of the app, a passkey or a recovery code."""
    user = gate.pending_confirmation(request)
    if user is None:
        return to_sign_in()
    forms = {"code_form": CodeForm(), "recovery_form": RecoveryForm()}
    forms["passkey_error"] = ""
    wait = 0
    if request.method == "POST":
        try:
            done = _try(request, user, forms)
        except codes.Throttled as throttled:
            done, wait = None, throttled.seconds
        if done:
            return done
    kinds = gate.kinds(user)
    response = TemplateResponse(
        request,
        "admin/secondfactor/confirm.html",
        {
            **admin.site.each_context(request),
            **forms,
            "title": _("Second step of signing in"),
            "person": user,
            "wait": _in_words(wait),
            "has_app": "app" in kinds,
            "has_passkey": "passkey" in kinds and passkeys.are_possible(),
        },
        status=429 if wait else 200,
    )
    if wait:
        response["Retry-After"] = str(wait)
    return response


def _try(request, user, forms) -> HttpResponse | None:
    """Look at what was sent: the way in, or None with the mistake in its form."""
    if request.POST.get("credential"):
        try:
            passkey = passkeys.verify(request, request.POST["credential"], user)
        except passkeys.Refused as error:
            _refused(user, f"passkey: {error}")
            forms["passkey_error"] = _("The passkey was not accepted.")
            return None
        return _confirmed(request, user, "passkey", passkey.name)
    if "recovery" in request.POST:
        form = forms["recovery_form"] = RecoveryForm(request.POST)
        if not form.is_valid():
            return None
        with transaction.atomic():
            left = codes.use_recovery_code(user, form.cleaned_data["recovery"])
            if left is not None:
                note = f"{left}/{codes.RECOVERY_CODES}"
                record(Action.RECOVERY_USED, user=user, object=user, note=note)
        if left is None:
            _refused(user, "recovery code")
            form.add_error("recovery", _("This code is wrong or was used before."))
            return None
        return _with_recovery_code(request, user, left)
    form = forms["code_form"] = CodeForm(request.POST)
    if not form.is_valid():
        return None
    if "app" not in gate.kinds(user):  # nothing counts, and nothing would slow it down
        return None
    device = codes.confirm_app_code(user, form.cleaned_data["code"])
    if device is None:
        _refused(user, "code")
        form.add_error(
            "code",
            _(
                "This code is wrong or was used before. Wait until the app shows "
                "another one; the clock of the phone has to be right."
            ),
        )
        return None
    return _confirmed(request, user, "app", device.name)


def _confirmed(request, user, how: str, name: str) -> HttpResponse:
    request.second_step = f"{how}: {name}"
    return gate.complete(request, user, how=how)


def _with_recovery_code(request, user, left: int) -> HttpResponse:
    request.second_step = "recovery code"
    response = gate.complete(request, user, how="recovery")
    if left <= _FEW_CODES:
        text = ngettext(
            "%(left)d recovery code is left. Make new ones in “Sign-in security”.",
            "%(left)d recovery codes are left. Make new ones in “Sign-in security”.",
            left,
        )
        messages.warning(request, text % {"left": left})
    return response


def _refused(account, what: str) -> None:
    """Tell the log; who it was nobody knows, so the account is the object only."""
    name = account.get_username()
    record(Action.FACTOR_REFUSED, user_name=name, object=account, note=what)


def _in_words(seconds: int) -> str:
    """A time to wait, as people say it; "" for none."""
    if seconds < 100:
        return _("%(number)d seconds") % {"number": seconds} if seconds else ""
    minutes = -(-seconds // 60)
    return ngettext("%(number)d minute", "%(number)d minutes", minutes) % {
        "number": minutes
    }


# Passkeys


@require_POST
def request_options(request):
    """What navigator.credentials.get needs: for who is confirming, or for anybody."""
    if not passkeys.are_possible():
        return HttpResponse(status=404)
    user = gate.pending_confirmation(request)
    return HttpResponse(
        passkeys.request_options(request, user), content_type="application/json"
    )


@sensitive_post_parameters()
@require_POST
def with_passkey(request):
    """Sign in by a passkey alone: it is two things at once, a device and its PIN."""
    target = gate.own_address(request.POST.get("next"))
    try:
        passkey = passkeys.verify(request, request.POST.get("credential", ""))
        user = passkey.user
        admin.site.login_form(request).confirm_login_allowed(user)
    except (passkeys.Refused, ValidationError) as error:
        if owner := getattr(error, "owner", None):
            _refused(owner, f"passkey: {error}")
        messages.error(
            request, _("The passkey was not accepted. Sign in with your password.")
        )
        return to_sign_in()
    request.second_step = f"passkey: {passkey.name}"
    return gate.complete(request, user, target, how="passkey")
