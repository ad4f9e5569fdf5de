"""Finished renditions under /media/, answered before Django when nginx is absent.

Names are made by news.images: a folder and a content hash. Anything else is
404, so a path can never leave MEDIA_ROOT.
"""

import re
from email.utils import formatdate
from pathlib import Path
from wsgiref.util import FileWrapper

from django.conf import settings

_NAME = re.compile(
    r"/media/([a-z0-9]{1,20}/[a-z0-9]{2}/[a-z0-9-]{8,80}\.(avif|jpg|png))"
)
POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
_TYPES = {"avif": "image/avif", "jpg": "image/jpeg", "png": "image/png"}


class Media:
    """WSGI callable: GET and HEAD of a rendition, or the next application."""

    def __init__(self, app):
        self.app = app
        self.root = Path(settings.MEDIA_ROOT)

    def __call__(self, environ, start_response):
        path = environ.get("PATH_INFO", "")
        if not path.startswith("/media/"):
            return self.app(environ, start_response)
        method = environ.get("REQUEST_METHOD")
        if method not in ("GET", "HEAD"):
            start_response("405 Method Not Allowed", [("Allow", "GET, HEAD")])
            return []
        match = _NAME.fullmatch(path)
        try:
            file = open(self.root / match[1], "rb") if match else None  # noqa: SIM115
        except OSError:
            file = None
        if file is None:
            return self.app(environ, start_response)
        size = file.seek(0, 2)
        file.seek(0)
        headers = [
            ("Content-Type", _TYPES[match[2]]),
            ("Content-Length", str(size)),
            # The name is the content's hash: it never changes.
            ("Cache-Control", "public, max-age=31536000, immutable"),
            ("Last-Modified", formatdate(0, usegmt=True)),
            ("X-Content-Type-Options", "nosniff"),
            ("Cross-Origin-Resource-Policy", "cross-origin"),
            ("Content-Security-Policy", POLICY),
        ]
        start_response("200 OK", headers)
        if method == "HEAD":
            file.close()
            return []
        wrapper = environ.get("wsgi.file_wrapper", FileWrapper)
        return wrapper(file, 64 * 1024)
