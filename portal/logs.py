"""Logs as JSON lines, and one id for each request, in all that is said of it.

A line never holds an address of a reader, an agent, a query or the key of a leader's
link; nothing in it can begin another line. docs/operations.md names the fields.
"""

import json
import logging
import re
import secrets
import time
from contextvars import ContextVar
from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse

access = logging.getLogger("portal.access")
_request: ContextVar[HttpRequest | None] = ContextVar("logged_request", default=None)
# As nginx makes its $request_id; nothing else is believed.
_ID = re.compile(r"[0-9a-f]{32}")
_KEYS = re.compile(r"(/xem-truoc/)[^/\s?\"'<>]+")
# Begins at the beginning of a word only and never steps back: linear in any text.
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)+")
# What some readers of a log take for the end of a line.
_LINE_ENDS = {"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
MAX_PATH = 300  # characters


def masked(text: str) -> str:
    """Return `text` without keys of leaders' links and without e-mail addresses."""
    return _MAIL.sub("…@…", _KEYS.sub(r"\1…", text))


def request_id(environ: dict) -> str:
    """The id that the proxy gave, when there is one to be trusted; else a new one."""
    given = environ.get("HTTP_X_REQUEST_ID", "")
    if settings.TRUSTED_PROXIES and _ID.fullmatch(given):
        return given
    return secrets.token_hex(16)


class RequestMiddleware:
    """Give a request its id; tell of the back office and of what failed.

    The id goes out as X-Request-ID. Pages for all readers carry none: they are kept
    (portal.pagecache drops it), and nginx writes the log of readers.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.request_id = request_id(request.META)
        begun = time.perf_counter()
        token = _request.set(request)
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request.request_id
            is_worth = response.status_code >= 500 or request.path.startswith(_TOLD)
            if is_worth and not getattr(response, "is_told", False):
                _tell(request, response, time.perf_counter() - begun)
            return response
        finally:
            _request.reset(token)


_TOLD = ("/admin/", "/xem-truoc/")


def _tell(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    status = response.status_code
    access.log(
        logging.WARNING if status >= 500 else logging.INFO,
        "%s %s: %s",
        *(request.method, request.path[:MAX_PATH], status),
        extra={"status_code": status, "ms": round(seconds * 1000, 1)},
    )


class PlainFormatter(logging.Formatter):
    """For people at a terminal; a message stays on its line, a traceback does not."""

    def formatMessage(self, record):
        record.message = _CONTROLS.sub(
            lambda found: f"\\u{ord(found[0]):04x}", masked(record.message)
        )
        return super().formatMessage(record)

    def formatException(self, ei):
        return masked(super().formatException(ei))


class JsonFormatter(logging.Formatter):
    """One record as one line of JSON, in UTF-8."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        line = {
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": masked(record.getMessage()),
        }
        request = getattr(record, "request", None) or _request.get()
        if isinstance(request, HttpRequest):
            line["request_id"] = getattr(request, "request_id", "")
            line["method"] = request.method
            line["path"] = masked(request.path[:MAX_PATH])
        for name, key in (("status_code", "status"), ("ms", "ms")):
            if (value := getattr(record, name, None)) is not None:
                line[key] = value
        if record.exc_info:
            line["exception"] = masked(self.formatException(record.exc_info))
        text = json.dumps(line, ensure_ascii=False, default=str)
        for sign, written in _LINE_ENDS.items():
            text = text.replace(sign, written)
        # Halves of pairs, from addresses that are no UTF-8.
        return text.encode("utf-8", "backslashreplace").decode("utf-8")
