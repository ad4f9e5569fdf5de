"""The only door: page cache, visit beacon, static files, pictures, Django.

Plain WSGI callables around each other; the cheap answers never reach Django.
The threads start here and nowhere else: not for migrate, not in tests.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

from django.core.wsgi import get_wsgi_application

django_application = get_wsgi_application()

# Only now: these need the applications that get_wsgi_application() has set up.
from django.conf import settings  # noqa: E402
from whitenoise import WhiteNoise  # noqa: E402

from portal import housekeeping, watcher  # noqa: E402
from portal.media import Media  # noqa: E402
from portal.pagecache import PageCache  # noqa: E402
from stats.beacon import Beacon  # noqa: E402

_HASHED = r"^/static/.+\.[0-9a-f]{12}\.[a-z0-9.]+$"


def _add_static_headers(headers, path, url):
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"


static_files = WhiteNoise(
    Media(django_application),
    root=settings.STATIC_ROOT if settings.STATIC_ROOT.is_dir() else None,
    prefix=settings.STATIC_URL,
    max_age=0 if settings.DEBUG else 3600,  # seconds, for names without a hash
    immutable_file_test=_HASHED,
    add_headers_function=_add_static_headers,
)
page_cache = PageCache(Beacon(static_files), settings.PAGE_CACHE_BYTES)
application = page_cache

if settings.BACKGROUND_THREADS:
    watcher.start()
    housekeeping.start()
