"""What is said while something is away: 503, when to come back, and no trace.

The database may be away, slow or locked, the disk full. Errors in a view arrive by
`process_exception`; those in a middleware (a session that cannot be read or written)
only by the handler of errors, which asks here too. What was typed into a form of the
back office, or into a leader's answer, goes back to whoever sent it, so that nothing is
lost with the page.
"""

import errno
import logging
from enum import Enum

from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _

logger = logging.getLogger(__name__)
RETRY_AFTER_SECONDS = 5
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
# SQLSTATE of PostgreSQL (its manual, appendix A), and what SQLite says.
_CANCELLED, _DISK_FULL = "57014", "53100"
# Of the back office: what is sent here is for signing in, or ends that.
_SECRET_NAMES = {
    *("admin:login", "admin:logout", "admin:password_change"),
    "admin:auth_user_password_change",
}
_SECRET_NAMESPACES = {"sign_in", "secondfactor"}
LEADER = "/xem-truoc/"
LONG_TEXT = 80  # characters of a field from which on it is shown to be copied


class Reason(Enum):
    """What is away: a heading and a sentence for whoever meets it."""

    DATABASE = (
        _("The portal is being looked after"),
        _(
            "It will answer again in a moment. If you were writing, keep this page "
            "open and send again."
        ),
    )
    SLOW = (
        _("This takes too long just now"),
        _(
            "The page was not finished within the time that one reader may take. Ask "
            "for less, or try again in a moment."
        ),
    )
    BUSY = (
        _("Very many people ask just now"),
        _("The portal answers those who came before. Please try again in a moment."),
    )
    DISK = (
        _("There is no room left"),
        _(
            "The disk of the portal is full, so nothing was stored. Tell the "
            "administrator of the site, and send again later."
        ),
    )


def reason_of(error: BaseException | None) -> Reason | None:
    """Say what is away when `error` means that; None for a mistake of the program."""
    if isinstance(error, OperationalError | InterfaceError):
        state = getattr(error.__cause__, "sqlstate", None)
        if state == _CANCELLED or str(error) == "interrupted":
            return Reason.SLOW
        if state == _DISK_FULL or "disk is full" in str(error):
            return Reason.DISK
        return Reason.DATABASE
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return Reason.DISK
    return None


def answer(request: HttpRequest, error: BaseException | None) -> HttpResponse | None:
    """Return the 503 for an error that means that something is away; else None."""
    reason = reason_of(error)
    if reason is None:
        return None
    logger.error("503 for %s: %s", request.path, error)
    return page(request, reason)


def page(request: HttpRequest, reason: Reason) -> HttpResponse:
    """Return the 503 for `reason`; asks neither database nor session."""
    heading, text = reason.value
    typed = _typed(request)
    context = {
        "heading": heading,
        "text": text,
        "request_id": getattr(request, "request_id", ""),
        "address": request.get_full_path(),
        "typed": typed,
        "long_texts": [_plain(text) for _name, text in typed if len(text) > LONG_TEXT],
        "note": _note(request),
        "had_files": bool(typed and request.FILES),
    }
    return response_503(render_to_string("errors/503.html", context))


def response_503(content: str | bytes) -> HttpResponse:
    response = HttpResponse(content, status=503)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    response["Cache-Control"] = "no-store"
    response._has_been_logged = True  # by us; Django's log_response looks at it
    return response


def _plain(text: str) -> str:
    try:
        return strip_tags(text)
    except SuspiciousOperation:  # so much of "<" that Django gives up
        return text


def _typed(request) -> list[tuple[str, str]]:
    """The fields of a form of the back office, as they were sent.

    Only what came with a good CSRF token, so that no other site can fill the page;
    nothing of signing in, and nothing with a password in it. Scripts, which send what
    they keep again, are not answered with it.
    """
    match = getattr(request, "resolver_match", None)
    is_form = (
        request.method == "POST"
        and request.path.startswith("/admin/")
        and match is not None
        and match.view_name not in _SECRET_NAMES
        and _SECRET_NAMESPACES.isdisjoint(match.namespaces)
        and request.headers.get("Sec-Fetch-Dest", "document") != "empty"
        and getattr(request, "csrf_processing_done", False)
    )
    fields = _sent(request) if is_form else []
    return [] if any("password" in name for name, _text in fields) else fields


def _note(request) -> str:
    """What a leader wrote: only to be copied, for no token says who sent it."""
    if request.method != "POST" or not request.path.startswith(LEADER):
        return ""
    return dict(_sent(request)).get("note", "").strip()


def _sent(request) -> list[tuple[str, str]]:
    try:
        return [(name, t) for name, texts in request.POST.lists() for t in texts]
    except (OSError, SuspiciousOperation, MultiPartParserError):
        return []  # whoever sent it has gone, or it is no form


class DatabaseAwayMiddleware:
    """Turn a lost database or a full disk into 503 with Retry-After."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        return answer(request, exception)
