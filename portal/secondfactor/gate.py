"""Who is in, and the state between the password and the second step.

Nobody is signed in before the last step: until then the session names the person who
gave the right password, for ten minutes, and everything below /admin/ sees a stranger.
A session that was complete under other rules (a device was added elsewhere, a role now
asks for one, an administrator took the devices away) is not in either.
"""

import time
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import get_user_model, login
from django.db.models import Exists, OuterRef
from django.http import HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme

from portal import passwords

PENDING_SECONDS = 10 * 60
# How long the password stands for the pages that change devices.
PASSWORD_SECONDS = 10 * 60
_PENDING, _MARK, _PASSWORD = "sign_in_pending", "second_factor", "password_given_at"
_SHORT = "password_is_short"


@dataclass(frozen=True)
class Facts:
    has_factor: bool  # an app or a passkey; recovery codes alone are none
    is_required: bool  # by one of the roles


def facts(user) -> Facts:
    """Return what an account has and must have; one query, none where it was signed in.

    Remembered with the object of the user.
    """
    if user.pk is None:
        return Facts(False, False)
    if not hasattr(user, "_second_factor"):
        known = account(user.pk)
        user._second_factor = known._second_factor if known else Facts(False, False)
    return user._second_factor


def account(key):
    """Return an account together with its facts, in one query; None without one.

    A superuser stands above all roles: what any of them needs, he needs.
    """
    from django_otp.plugins.otp_totp.models import TOTPDevice

    from portal.models import SiteSettings
    from portal.secondfactor.models import Passkey

    own = {"user": OuterRef("pk")}
    required = SiteSettings.second_factor_roles.through.objects
    users = (
        get_user_model()
        ._base_manager.filter(pk=key)
        .annotate(
            has_app=Exists(TOTPDevice.objects.filter(confirmed=True, **own)),
            has_passkey=Exists(Passkey.objects.filter(confirmed=True, **own)),
            own_role_asks=Exists(required.filter(group__user=OuterRef("pk"))),
            some_role_asks=Exists(required.all()),
        )
    )
    user = users.first()
    if user is not None:
        asks = user.some_role_asks if user.is_superuser else user.own_role_asks
        user._second_factor = Facts(user.has_app or user.has_passkey, asks)
    return user


def kinds(user) -> set[str]:
    """Return what an account can confirm with: "app", "passkey"; two queries."""
    from django_otp.plugins.otp_totp.models import TOTPDevice

    from portal.secondfactor.models import Passkey

    found = {"app": TOTPDevice, "passkey": Passkey}
    return {
        kind
        for kind, model in found.items()
        if model.objects.filter(user=user, confirmed=True).exists()
    }


def forget_facts(user) -> None:
    """Let facts() ask again: something of this account has changed."""
    if hasattr(user, "_second_factor"):
        del user._second_factor


def is_in(request) -> bool:
    """Say whether who is signed in has taken every step that the account asks for."""
    known, marked = facts(request.user), is_marked(request)
    # A mark without a device: an administrator took the devices away meanwhile.
    return marked == known.has_factor and (marked or not known.is_required)


def is_marked(request) -> bool:
    return _MARK in request.session


def mark(request, how: str | None) -> None:
    """Remember in the session that the second step was taken, and by what."""
    forget_facts(request.user)
    if how is None:
        request.session.pop(_MARK, None)
    else:
        request.session[_MARK] = how


# The state after the password


def begin(request, user, target: str) -> HttpResponseRedirect:
    """Go on after the right password: to the second step, to enrolment, or in."""
    known = facts(user)
    if not known.has_factor and not known.is_required:
        return complete(request, user, target)
    request.session.flush()
    request.session[_PENDING] = {
        "user": user.pk,
        "backend": user.backend,
        "hash": user.get_session_auth_hash(),
        "since": int(time.time()),
        "next": target,
    }
    rotate_token(request)
    step = "sign_in:confirm" if known.has_factor else "secondfactor:add_app"
    return HttpResponseRedirect(reverse(step))


def cancel(request) -> None:
    """Forget who gave the right password."""
    request.session.pop(_PENDING, None)


def pending(request):
    """Return who gave the right password a short while ago, or None."""
    state = request.session.get(_PENDING)
    if not state or not 0 <= time.time() - state["since"] < PENDING_SECONDS:
        return None
    user = get_user_model()._default_manager.filter(pk=state["user"]).first()
    if user is None or not (user.is_active and user.is_staff):
        return None
    if not constant_time_compare(state["hash"], user.get_session_auth_hash()):
        return None  # the password was changed meanwhile
    user.backend = state["backend"]
    return user


def pending_confirmation(request):
    """Return who has to confirm, or None."""
    user = pending(request)
    return user if user and facts(user).has_factor else None


def pending_enrolment(request):
    """Return who must first get something to confirm with, or None."""
    user = pending(request)
    if user is None:
        return None
    known = facts(user)
    return user if known.is_required and not known.has_factor else None


def complete(request, user, target: str | None = None, how: str | None = None):
    """Sign in, in a new session, and lead to where the person wanted to go."""
    state = request.session.pop(_PENDING, None) or {}
    request.session.flush()  # whoever sat here before may have left something in it
    login(request, user)
    mark(request, how)
    return HttpResponseRedirect(target or state.get("next") or reverse("admin:index"))


# The password, asked for again


def password_given(request, password: str) -> None:
    request.session[_PASSWORD] = int(time.time())
    request.session[_SHORT] = len(passwords.normalized(password)) < passwords.ALONE


def ask_for_longer_password(request) -> None:
    """After the last device: a password that was long enough beside it must change."""
    if request.session.get(_SHORT):
        request.user.must_change_password = True
        request.user.save(update_fields=["must_change_password"])


def is_password_fresh(request) -> bool:
    age = time.time() - request.session.get(_PASSWORD, 0)
    return 0 <= age < PASSWORD_SECONDS


def own_address(text: str | None) -> str:
    """Return `text` when it is an address below /admin/ of this site, else ""."""
    text = text or ""
    path = text.partition("?")[0].lower()
    is_ours = (
        path.startswith(settings.SESSION_COOKIE_PATH)
        and ".." not in path.replace("%2e", ".")
        and text.isprintable()
    )
    if is_ours and url_has_allowed_host_and_scheme(text, allowed_hosts=None):
        return text
    return ""
