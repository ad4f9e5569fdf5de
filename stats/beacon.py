"""`/_s`: where a visible page reports itself. A WSGI callable in front of Django.

POST carries `{"p": token, "r": referring host, "w": 1 if driven by a robot}`, at most
512 bytes; the answer carries the two public numbers. GET is the picture for readers
without JavaScript. No session, no cookie, no middleware; the database is asked for
the numbers at most every two seconds. A report that is not counted is answered all
the same, and the header `X-Visit` says why.
"""

import json
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

from django.conf import settings

from . import bots, clock, lines, spool, staff, tokens, totals, visitors

PATH = "/_s"
MAX_BODY_BYTES = 512
MAX_QUERY_CHARS = 256
GIF = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00"
    b"\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
_encode = json.JSONEncoder(separators=(",", ":")).encode
_COMMON = [
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
]


class Ignored(Exception):
    """The report is no view; `reason` is what the statistics call it."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


class Malformed(Exception):
    """Not a report at all; `status` is the HTTP status line."""

    def __init__(self, status: str):
        super().__init__(status)
        self.status = status


class Beacon:
    """Answers `/_s`, hands everything else to `app`."""

    def __init__(self, app, now_ms=clock.now_ms):
        self.app = app
        self.now_ms = now_ms

    def __call__(self, environ, start_response):
        if environ.get("PATH_INFO") != PATH:
            return self.app(environ, start_response)
        method = environ.get("REQUEST_METHOD", "")
        if method == "POST":
            return self._answer_post(environ, start_response)
        if method in {"GET", "HEAD"}:
            return self._answer_picture(environ, start_response, method)
        headers = [*_COMMON, ("Allow", "GET, HEAD, POST"), ("Content-Length", "0")]
        start_response("405 Method Not Allowed", headers)
        return [b""]

    def _answer_post(self, environ, start_response):
        try:
            report = _read_report(environ)
        except Malformed as error:
            start_response(error.status, [*_COMMON, ("Content-Length", "0")])
            return [b""]
        outcome = self._record(environ, report, "empty", "")
        numbers = None if outcome == "refused" else totals.at_hand()
        headers = [*_COMMON, ("X-Visit", outcome)]
        if numbers is None:
            start_response("204 No Content", headers)
            return [b""]
        body = _encode(
            {"y": numbers.day.isoformat(), "d": numbers.today, "t": numbers.total}
        ).encode()
        headers += [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
        ]
        start_response("200 OK", headers)
        return [body]

    def _answer_picture(self, environ, start_response, method):
        outcome = "ignored; head"
        if method == "GET":
            report = {"p": _token_in_query(environ)}
            outcome = self._record(environ, report, "image", lines.NO_JAVASCRIPT)
        headers = [
            *_COMMON,
            ("X-Visit", outcome),
            ("Content-Type", "image/gif"),
            ("Content-Length", str(len(GIF))),
        ]
        start_response("200 OK", headers)
        return [GIF if method == "GET" else b""]

    def _record(self, environ, report: dict, destination: str, flags: str) -> str:
        """Write the hit down and say what became of it, in words for `X-Visit`."""
        ms = self.now_ms()
        if _has_nocount(environ):
            return "ignored; staff"
        page = tokens.Page("", 0)
        reason = ""
        try:
            _check_origin(environ, destination)
            page = tokens.read(_text(report, "p"), clock.local_day(ms))
            _check_reader(environ, report)
        except (Ignored, tokens.BadToken) as error:
            reason = error.reason
        try:
            hit = _hit(environ, ms, page, _text(report, "r"), reason, flags)
        except OSError:  # no salt and no place to keep one
            spool.writer().refused += 1
            return "refused"
        if not spool.append(hit):
            return "refused"
        return f"ignored; {reason}" if reason else "counted"


def record_download(environ: dict, object_id: int, ms: int | None = None) -> bool:
    """Count a file handed out by the site; robots and staff are not counted.

    Call it once for a complete answer (not for HEAD, not for later ranges).
    """
    if _has_nocount(environ) or environ.get("REQUEST_METHOD") != "GET":
        return False
    ms = clock.now_ms() if ms is None else ms
    page = tokens.Page("download", object_id)
    reason = ""
    try:
        _check_reader(environ, {})
    except Ignored as error:
        reason = error.reason
    if _is_prefetch(environ):
        reason = "prefetch"
    try:
        return spool.append(_hit(environ, ms, page, "", reason, ""))
    except OSError:
        return False


def is_reader(environ: dict) -> bool:
    """No robot, no staff, nothing fetched ahead: for what no beacon tells."""
    return not (
        _has_nocount(environ)
        or _is_prefetch(environ)
        or bots.is_bot(environ.get("HTTP_USER_AGENT", ""))
    )


def _hit(environ, ms, page, host, reason, flags) -> lines.Hit:
    if environ.get("HTTP_SEC_GPC") == "1" or environ.get("HTTP_DNT") == "1":
        flags += lines.PRIVACY_SIGNAL
    anonymous = reason or (
        lines.PRIVACY_SIGNAL in flags and settings.STATS_HONOUR_PRIVACY_SIGNALS
    )
    visitor, source = (0, 0) if anonymous else visitors.hashes(environ, ms)
    return lines.Hit(
        ms=ms,
        visitor=visitor,
        source=source,
        kind=page.kind,
        object_id=page.object_id,
        host=_foreign_host(environ, host),
        reason=reason,
        flags=flags,
    )


def _read_report(environ) -> dict:
    length = environ.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdigit()):
        raise Malformed("400 Bad Request")
    if len(length) > 9 or int(length) > MAX_BODY_BYTES:
        raise Malformed("413 Content Too Large")
    try:
        report = json.loads(environ["wsgi.input"].read(int(length)))
    except (ValueError, RecursionError, OSError):
        raise Malformed("400 Bad Request") from None
    if not isinstance(report, dict):
        raise Malformed("400 Bad Request")
    return report


def _token_in_query(environ) -> str:
    query = environ.get("QUERY_STRING", "")
    if len(query) > MAX_QUERY_CHARS:
        return ""
    return parse_qs(query).get("p", [""])[0]


def _text(report: dict, key: str) -> str:
    value = report.get(key, "")
    return value if isinstance(value, str) else ""


def _check_origin(environ, destination: str) -> None:
    """Only our own pages report, from the page itself: no frame, no prefetch."""
    site = environ.get("HTTP_SEC_FETCH_SITE")
    if site not in {None, "same-origin"}:
        raise Ignored("cross_site")
    origin = environ.get("HTTP_ORIGIN")
    if origin is not None and _host_of(origin) not in _own_hosts(environ):
        raise Ignored("cross_site")
    if environ.get("HTTP_SEC_FETCH_DEST") not in {None, destination}:
        raise Ignored("not_a_page")
    if _is_prefetch(environ):
        raise Ignored("prefetch")


def _is_prefetch(environ) -> bool:
    purposes = (
        environ.get("HTTP_SEC_PURPOSE", ""),
        environ.get("HTTP_PURPOSE", ""),
        environ.get("HTTP_X_PURPOSE", ""),
        environ.get("HTTP_X_MOZ", ""),
    )
    return any("pre" in purpose.lower() for purpose in purposes)  # prefetch, preview


def _check_reader(environ, report: dict) -> None:
    if bots.is_bot(environ.get("HTTP_USER_AGENT", "")):
        raise Ignored("bot")
    if visitors.is_office(environ):
        raise Ignored("office")
    if report.get("w"):
        raise Ignored("webdriver")


def _own_hosts(environ) -> set[str]:
    return {urlsplit(settings.SITE_URL).netloc.lower(), _request_host(environ)}


def _request_host(environ) -> str:
    return environ.get("HTTP_HOST", "").lower()


def _host_of(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _foreign_host(environ, host: str) -> str:
    """The referring host in the form that is counted; empty for our own pages."""
    host = host.lower()
    if host in _own_hosts(environ):
        return ""
    host = host.partition(":")[0].removeprefix("www.")
    return host if lines.HOST.match(host) and "." in host else ""


def _has_nocount(environ) -> bool:
    header = environ.get("HTTP_COOKIE", "")
    if staff.COOKIE not in header:
        return False
    try:
        morsel = SimpleCookie(header[:4096]).get(staff.COOKIE)
    except CookieError:
        return False
    return morsel is not None and morsel.value == "1"
