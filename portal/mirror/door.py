"""Asks the site's WSGI application for a page as a reader does, without a network."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from urllib.parse import urlsplit

from django.conf import settings

from stats import staff


@dataclass(frozen=True)
class Answer:
    """`body` yields bytes and is read at most once; header names are lower case."""

    status: int
    headers: dict[str, str]
    body: Iterable[bytes]

    @property
    def kind(self) -> str:
        """The media type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class Door:
    """GET of one address after the other; nothing asked here is counted as a visit."""

    def __init__(self, app):
        self.app = app
        scheme = urlsplit(settings.SITE_URL).scheme
        self.environ = {
            "REQUEST_METHOD": "GET",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "443" if scheme == "https" else "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            # Always allowed (portal.settings); no page is made from it.
            "HTTP_HOST": "localhost",
            "HTTP_COOKIE": f"{staff.COOKIE}=1",
            "HTTP_USER_AGENT": "export_static",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": scheme,
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        if settings.SECURE_PROXY_SSL_HEADER and scheme == "https":
            name, value = settings.SECURE_PROXY_SSL_HEADER
            self.environ[name] = value

    @contextmanager
    def get(self, path: str, query: str = "") -> Iterator[Answer]:
        got: list = []

        def start_response(status, headers, exc_info=None):
            got[:] = [int(status[:3]), {k.lower(): v for k, v in headers}]
            return lambda data: None

        errors = BytesIO()
        body = self.app(
            {
                **self.environ,
                "PATH_INFO": path.encode().decode("latin-1"),
                "QUERY_STRING": query,
                "wsgi.input": BytesIO(),
                "wsgi.errors": errors,
            },
            start_response,
        )
        try:
            yield Answer(got[0], got[1], body)
        finally:
            if hasattr(body, "close"):
                body.close()
