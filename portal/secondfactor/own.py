"""One's own devices: seen, added, named, taken away. Changes ask for the password.

The two pages that add a device are also where somebody is led whose role demands one:
right after the password, before anything else (gate.pending_enrolment).
"""

import base64
from functools import wraps

from django.contrib import admin, messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from portal.audit.models import Action
from portal.audit.recording import record
from portal.secondfactor import codes, devices, gate, passkeys
from portal.secondfactor.forms import AppForm, DeviceForm, PasskeyForm, PasswordForm
from portal.secondfactor.signing_in import to_sign_in

_KEY = "app_key"  # in the session: of the app that is being added
_read_or_send = require_http_methods(["GET", "HEAD", "POST"])


def _page(request, template: str, title: str, **context) -> TemplateResponse:
    context = {**admin.site.each_context(request), "title": title, **context}
    return TemplateResponse(request, f"admin/secondfactor/{template}.html", context)


def _own(view):
    """Let in who is signed in and has given the password a short while ago."""

    @admin.site.admin_view
    @wraps(view)
    def checked(request, *args, **kwargs):
        if gate.is_password_fresh(request):
            return view(request, *args, **kwargs)
        query = urlencode({"next": request.path})
        return HttpResponseRedirect(f"{reverse('secondfactor:password')}?{query}")

    return checked


def _adding(view):
    """The same, and who is not in yet because a role demands a device."""
    own = _own(view)

    @wraps(view)
    def checked(request, *args, **kwargs):
        if admin.site.has_permission(request):
            request.enrolling = request.user
            return own(request, *args, **kwargs)
        request.enrolling = gate.pending_enrolment(request)
        if request.enrolling is None:
            return to_sign_in()
        return view(request, *args, **kwargs)

    return checked


@admin.site.admin_view
@require_safe
def overview(request):
    known = gate.facts(request.user)
    return _page(
        request,
        "overview",
        _("Sign-in security"),
        has_factor=known.has_factor,
        is_required=known.is_required,
        devices=devices.of(request.user),
        codes_left=codes.recovery_codes_left(request.user),
        codes_made=codes.RECOVERY_CODES,
        has_passkeys=passkeys.are_possible(),
    )


@sensitive_post_parameters()
@admin.site.admin_view
@_read_or_send
def password(request):
    """Ask for the password again, for ten minutes of changes."""
    form = PasswordForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        gate.password_given(request, form.cleaned_data["password"])
        given = gate.own_address(request.GET.get("next"))
        return HttpResponseRedirect(given or reverse("secondfactor:overview"))
    title = _("Your password again")
    return _page(request, "password", title, form=form)


# Adding


@sensitive_post_parameters()
@_adding
@_read_or_send
def add_app(request):
    """Show a secret as a picture and as text; take the code that an app makes of it."""
    user = request.enrolling
    key = request.session.setdefault(_KEY, codes.new_key())
    form = AppForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        with transaction.atomic():
            app = codes.add_app(user, key, name, form.cleaned_data["code"])
            if app:
                record(Action.FACTOR_ADDED, user=user, object=user, note=f"app: {name}")
        if app:
            del request.session[_KEY]
            return _added(request, user, "app", name)
        form.add_error(
            "code",
            _(
                "This is not the code that the app should show now. Type the newest "
                "one; the clock of the phone has to be right."
            ),
        )
    app = codes.unsaved_app(user, key)
    secret = base64.b32encode(app.bin_key).decode()
    return _page(
        request,
        "add_app",
        _("Add an app on a phone"),
        form=form,
        picture=_qr_picture(app.config_url),
        secret=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        person=user,
        is_enrolling=user is not request.user,
        has_passkeys=passkeys.are_possible(),
    )


def _qr_picture(text: str) -> str:
    """Return the QR code of a text as a data: address of an SVG, dark on white."""
    import segno

    return segno.make(text, error="m").svg_data_uri(scale=5, border=4, light="white")


@_adding
@_read_or_send
def add_passkey(request):
    user = request.enrolling
    if not passkeys.are_possible():
        raise Http404(_("Passkeys need the site's own name, with https."))
    form = PasskeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name, answer = form.cleaned_data["name"], form.cleaned_data["credential"]
        try:
            with transaction.atomic():
                passkeys.register(request, user, answer, name)
                note = f"passkey: {name}"
                record(Action.FACTOR_ADDED, user=user, object=user, note=note)
        except passkeys.Refused:
            form.add_error(None, _("The passkey was not made. Try once more."))
        else:
            return _added(request, user, "passkey", name)
    return _page(
        request,
        "add_passkey",
        _("Add a passkey"),
        form=form,
        person=user,
        is_enrolling=user is not request.user,
    )


@_adding
@require_POST
def creation_options(request):
    """What navigator.credentials.create needs."""
    if not passkeys.are_possible():
        raise Http404
    return HttpResponse(
        passkeys.creation_options(request, request.enrolling),
        content_type="application/json",
    )


def _added(request, user, how: str, name: str) -> HttpResponse:
    """A device is there: come in if that was missing, and see the first codes."""
    target = ""
    if user is not request.user:
        request.second_step = f"{how}: {name}"
        target = gate.complete(request, user, how=how).url
    elif not gate.is_marked(request):
        gate.mark(request, how)
        request.session.cycle_key()
    if codes.recovery_codes_left(user):
        messages.success(request, _("“%(name)s” was added.") % {"name": name})
        return HttpResponseRedirect(target or reverse("secondfactor:overview"))
    return _show_codes(request, user, target)


# Recovery codes


@_own
@_read_or_send
def recovery_codes(request):
    """Ten new codes in the place of the old ones, shown in this one answer only."""
    if not gate.facts(request.user).has_factor:
        return HttpResponseRedirect(reverse("secondfactor:overview"))
    if request.method == "POST":
        return _show_codes(request, request.user)
    left = codes.recovery_codes_left(request.user)
    return _page(request, "codes_ask", _("New recovery codes"), codes_left=left)


def _show_codes(request, user, target: str = "") -> HttpResponse:
    with transaction.atomic():
        made = codes.make_recovery_codes(user)
        record(Action.CODES_RENEWED, user=user, object=user)
    return _page(
        request,
        "codes",
        _("Your recovery codes"),
        codes=made,
        target=target or reverse("secondfactor:overview"),
    )


# One device


@_own
@_read_or_send
def device(request, kind, pk):
    """Name a device anew, or take it away."""
    found = devices.get(request.user, kind, pk)
    is_last = devices.is_last(request.user, found)
    may_remove = not (is_last and gate.facts(request.user).is_required)
    form = DeviceForm(request.POST or None, initial={"name": found.name})
    if "remove" in request.POST:
        if may_remove:
            key = request.session.session_key
            devices.remove(request.user, kind, found, key)
            if is_last:
                gate.mark(request, None)
                gate.ask_for_longer_password(request)
            messages.success(
                request, _("“%(name)s” was taken away.") % {"name": found.name}
            )
        return HttpResponseRedirect(reverse("secondfactor:overview"))
    if request.method == "POST" and form.is_valid():
        devices.rename(request.user, kind, found, form.cleaned_data["name"])
        return HttpResponseRedirect(reverse("secondfactor:overview"))
    return _page(
        request,
        "device",
        found.name,
        form=form,
        is_last=is_last,
        may_remove=may_remove,
    )
