"""Sessions of the back office: seen by what people do, asked first for a password."""

import logging

from django.conf import settings
from django.contrib import messages
from django.contrib.sessions.middleware import SessionMiddleware as DjangoMiddleware
from django.db import DatabaseError
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.audit import values
from portal.secondfactor import gate
from portal.sessions import browsers, late_forms
from stats.visitors import full_address

logger = logging.getLogger(__name__)
_DESK = "/admin/"


class SessionMiddleware(DjangoMiddleware):
    """Django's, which also notes the browser and when its owner was last seen.

    A view that a script calls by itself has the attribute `is_unattended`: such a call
    keeps no session alive, whoever answers it, unless the view finds that a person did
    something and sets the request's own to False.
    """

    def process_request(self, request):
        super().process_request(request)
        if request.path.startswith(_DESK):
            store = request.session
            store.address = values.encoded(full_address(request.META))[:64]
            agent = request.META.get("HTTP_USER_AGENT", "")
            store.browser, store.system = browsers.words(agent)

    def process_view(self, request, view, args, kwargs):
        # Before anything can refuse the call: token, load, the door.
        request.is_unattended = getattr(view, "is_unattended", False)

    def process_response(self, request, response):
        session = getattr(request, "session", None)
        if session is not None and not getattr(request, "is_unattended", False):
            try:
                session.touch(timezone.now())
            except DatabaseError:  # the page is made; the next request notes it
                logger.warning("A session could not be noted as seen", exc_info=True)
        response = super().process_response(request, response)
        cookie = response.cookies.get(settings.SESSION_COOKIE_NAME)
        if cookie is not None and not cookie.value and session.row is None:
            # Django takes back the key of a session that has ended. The calls of an
            # open form come first, and then nobody would know whose late form it is.
            del response.cookies[settings.SESSION_COOKIE_NAME]
        return response


class DoorMiddleware:
    """What stands between a request of the desk and its view; after messages.

    A form that comes after its session has ended is kept for its writer. Whoever has a
    password that somebody else chose changes it before anything else.
    """

    # What one needs for that, by the name of the address.
    OPEN = {
        *("admin:login", "admin:logout", "admin:jsi18n"),
        *("admin:password_change", "admin:password_change_done"),
    }

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if not request.path.startswith(_DESK):
            return None
        name = request.resolver_match.view_name
        if name in self.OPEN:
            return None
        if not request.user.is_authenticated:
            if request.method == "POST" and late_forms.keep(request, name, kwargs):
                messages.warning(request, late_forms.sentence())
            return None
        must_change = request.user.must_change_password
        is_stopped = must_change or not gate.is_in(request)
        if request.method == "POST" and is_stopped:
            is_kept = late_forms.keep_own(request, name, kwargs)
            if is_kept:
                messages.warning(request, late_forms.sentence())
        if not must_change:
            return None
        messages.info(
            request,
            _("Please choose a new password that only you know; then you can go on."),
        )
        return HttpResponseRedirect(reverse("admin:password_change"))
