"""The only door: page cache, beacon, static files, media, places, connections, Django.

Plain WSGI callables around each other; the cheap answers never reach Django.
The threads start here and nowhere else: not for migrate, not in tests.
"""

import logging
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

from django.core.wsgi import get_wsgi_application

django_application = get_wsgi_application()

# Only now: these need the applications that get_wsgi_application() has set up.
from django.conf import settings  # noqa: E402
from whitenoise import WhiteNoise  # noqa: E402

from portal import housekeeping, metrics, watcher  # noqa: E402
from portal.lending import Lending  # noqa: E402
from portal.media import Media  # noqa: E402
from portal.overload import Readers  # noqa: E402
from portal.pagecache import PageCache  # noqa: E402
from portal.pagedisk import PageDisk  # noqa: E402
from portal.security import Headers  # noqa: E402
from search import log as search_log  # noqa: E402
from stats.beacon import Beacon  # noqa: E402

logger = logging.getLogger(__name__)
_HASHED = r"^/static/.+\.[0-9a-f]{12}\.[a-z0-9.]+$"


def django(environ, start_response):
    """Django; what it cannot even read as a request is a bad one, no failure of ours.

    A charset with a NUL in Content-Type is such: Django 5.2 looks it up before any of
    its handlers of errors is there.
    """
    try:
        return django_application(environ, start_response)
    except ValueError as error:
        logger.warning("not a request: %s", error)
        start_response("400 Bad Request", [("Content-Length", "0")])
        return []


static_files = WhiteNoise(
    Media(Readers(Lending(django) if settings.BACKGROUND_THREADS else django)),
    root=settings.STATIC_ROOT if settings.STATIC_ROOT.is_dir() else None,
    prefix=settings.STATIC_URL,
    max_age=0 if settings.DEBUG else 3600,  # seconds, for names without a hash
    immutable_file_test=_HASHED,
)
_disk = PageDisk(settings.PAGES_DIR, settings.PAGE_DISK_BYTES, settings.WORKERS)
disk = _disk if settings.PAGE_DISK_BYTES else None
# Behind the cache: a stored page has its headers already.
answers = Headers(Beacon(static_files))
page_cache = PageCache(answers, settings.PAGE_CACHE_BYTES, disk)
application = page_cache
if settings.METRICS:
    metrics.start()  # unless the process that forked this one has
    application = metrics.Counted(page_cache)

if settings.BACKGROUND_THREADS:
    if disk is None:
        _disk.clear()  # or nginx would go on with what was there for ever
    else:
        disk.start()
    watcher.start(disk)
    housekeeping.start(disk)
    search_log.start()
