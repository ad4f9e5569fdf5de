"""The one door (portal.wsgi) as a test calls it, without a server."""

from contextlib import contextmanager
from io import BytesIO

from django.core.signals import request_finished, request_started
from django.db import close_old_connections


@contextmanager
def connections_stay_open():
    """As Django's test client: a test's transaction must survive the request."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


class Reader:
    """Calls a WSGI application as granian does; `sent` are the headers in full."""

    def __init__(self, app):
        self.app = app

    sent: list[tuple[str, str]]

    def __call__(
        self, path="/", method="GET", query="", body=b"", more=None, **headers
    ):
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "testserver",
            "wsgi.input": BytesIO(body),
            "wsgi.errors": BytesIO(),
            "wsgi.url_scheme": "http",
            **({"CONTENT_LENGTH": str(len(body))} if body else {}),
            **{f"HTTP_{k.upper()}": v for k, v in headers.items()},
            **(more or {}),
        }
        got = []

        def start_response(status, headers, exc_info=None):
            self.sent = list(headers)
            got[:] = [int(status[:3]), dict(headers)]

        with connections_stay_open():
            body = self.app(environ, start_response)
            content = b"".join(body)
            if hasattr(body, "close"):
                body.close()
        return got[0], got[1], content
