"""The one door (portal.wsgi) as a test calls it, without a server."""

from io import BytesIO


class Reader:
    """Calls a WSGI application as granian does."""

    def __init__(self, app):
        self.app = app

    def __call__(self, path="/", method="GET", query="", **headers):
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "testserver",
            "wsgi.input": BytesIO(),
            "wsgi.errors": BytesIO(),
            "wsgi.url_scheme": "http",
            **{f"HTTP_{k.upper()}": v for k, v in headers.items()},
        }
        got = []
        body = self.app(
            environ,
            lambda status, headers, exc=None: got.extend(
                [int(status[:3]), dict(headers)]
            ),
        )
        return got[0], got[1], b"".join(body)
