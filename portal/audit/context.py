"""Who acts and from where: the request of the back office, or a command."""

import logging
import sys
import uuid
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from django.db import DatabaseError
from django.http import HttpRequest

from portal.audit import values
from stats.visitors import full_address

logger = logging.getLogger(__name__)
_request: ContextVar[HttpRequest | None] = ContextVar("audit_request", default=None)
# Where something is done that is worth remembering: at the desk, by a leader's link.
_DESK, _LINKS = "/admin/", "/xem-truoc/"
_RUN = uuid.uuid4().hex


@dataclass(frozen=True)
class Origin:
    user: object  # None: nobody is signed in
    source: str
    path: str
    request_id: str


def origin(request: HttpRequest | None = None) -> Origin:
    """Say where an act comes from: `request`, the present one, or the command."""
    request = request or _request.get()
    if request is None:
        return Origin(None, _command(), "", _RUN)
    # Elsewhere nobody is signed in, and asking would read a session.
    is_desk = request.path.startswith(_DESK)
    user = getattr(request, "user", None) if is_desk else None
    return Origin(
        user if user is not None and user.is_authenticated else None,
        values.encoded(full_address(request.META))[:64],
        # The rest of a leader's address is his key.
        values.encoded(request.path)[:300] if is_desk else f"{_LINKS}…",
        getattr(request, "request_id", ""),
    )


def _command() -> str:
    """The name of the management command, or of the program that runs."""
    path = Path(sys.argv[0] if sys.argv else "")
    program = path.parent.name if path.stem == "__main__" else path.stem
    if program == "manage" and len(sys.argv) > 1:
        program = sys.argv[1]
    return values.encoded(program)[:64]


class AuditMiddleware:
    """Remember requests of the desk and of leaders' links; record refusals.

    Only the request is kept: nobody's session is read for it. Public pages pass.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not request.path.startswith((_DESK, _LINKS)):
            return self.get_response(request)
        token = _request.set(request)
        try:
            response = self.get_response(request)
            if response.status_code == 403 and request.path.startswith(_DESK):
                _record_refusal(request)
            return response
        finally:
            _request.reset(token)


def _record_refusal(request) -> None:
    """After the view: what it had begun is rolled back, this stays.

    Strangers are sent to the sign-in page; the rest they can be refused is a form
    without its token, and recording that would let anybody fill the table.
    """
    from portal.audit.recording import record

    try:
        if request.user.is_authenticated:
            record("refused", note=request.method)
    except DatabaseError:
        # Refused is refused, also while nothing can be written.
        logger.exception("A refusal could not be recorded: %s", request.path)
