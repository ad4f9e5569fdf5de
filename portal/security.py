"""The content security policy, and every header that keeps a reader safe.

One policy for the public site and the back office: no inline script or style
anywhere, the editor included. Cached pages could not carry nonces.
"""

from csp.constants import NONE, SELF
from django.conf import settings

from news import embeds

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "media-src": [SELF],
        "frame-src": embeds.frame_sources(),
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    },
}

PERMISSIONS_POLICY = (
    "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"
)

# One personal or unfinished thing each, or a form: kept by nobody on the way.
NEVER_STORED = ("/admin/", "/xem-truoc/")
NO_STORE = "no-store, private"


def policy() -> str:
    """Return the content security policy as the header has it."""
    parts = CONTENT_SECURITY_POLICY["DIRECTIVES"].items()
    return "; ".join(f"{name} {' '.join(values)}" for name, values in parts)


def headers() -> dict[str, str]:
    """Return what every answer has that says nothing else, HSTS apart."""
    return {
        "Content-Security-Policy": policy(),
        "X-Frame-Options": settings.X_FRAME_OPTIONS,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "Permissions-Policy": PERMISSIONS_POLICY,
        "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
        "Cross-Origin-Resource-Policy": "same-origin",
    }


def is_secure(environ: dict) -> bool:
    """Say whether the reader came by TLS, as request.is_secure() does."""
    if settings.SECURE_PROXY_SSL_HEADER:
        name, wanted = settings.SECURE_PROXY_SSL_HEADER
        if name in environ:
            return environ[name].split(",", 1)[0].strip() == wanted
    return environ.get("wsgi.url_scheme") == "https"


class HeadersMiddleware:
    """Add headers to what Django answers; nothing of /admin/ may be stored."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if request.path.startswith(NEVER_STORED):
            response.headers["Cache-Control"] = NO_STORE
        return response


class Headers:
    """WSGI callable: whatever answers behind it, the answer has every header.

    Django's middleware does not see static files, pictures and the beacon, nor what
    its first middleware refuses itself (a hostile Host, the way to https). What an
    answer says of its own accord stays. The page cache stands in front of this: a
    stored page was completed when it was made.
    """

    def __init__(self, app):
        self.app = app
        self._always = [
            (name.lower(), (name, value)) for name, value in headers().items()
        ]
        self._hsts = ""
        if settings.SECURE_HSTS_SECONDS:
            self._hsts = f"max-age={settings.SECURE_HSTS_SECONDS}"
            if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS:
                self._hsts += "; includeSubDomains"

    def __call__(self, environ, start_response):
        def complete(status, said, exc_info=None):
            names = {name.lower() for name, _ in said}
            said = [*said, *(pair for name, pair in self._always if name not in names)]
            is_silent = "strict-transport-security" not in names
            if self._hsts and is_silent and is_secure(environ):
                said.append(("Strict-Transport-Security", self._hsts))
            if environ.get("PATH_INFO", "").startswith(NEVER_STORED):
                said = [pair for pair in said if pair[0].lower() != "cache-control"]
                said.append(("Cache-Control", NO_STORE))
            return start_response(status, said, exc_info)

        return self.app(environ, complete)
