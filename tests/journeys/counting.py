"""Settings of a server that notes each rendering; the rest is the site's own.

Each line of DATA_DIR/renderings is the process, the edition it was made for and the
address. `X-Worker` tells who rendered an answer, and as every worker keeps its own
pages, who gave it.
"""

import json
import os

from portal.settings import *  # noqa: F403

MIDDLEWARE = ["tests.journeys.counting.CountRenderings", *MIDDLEWARE]  # noqa: F405
EDITION = "journeys.edition"


class CountRenderings:
    """Stands around all of Django: what the page cache answers never comes here."""

    def __init__(self, get_response):
        from django.conf import settings

        from portal.pagecache import PageCache

        self.get_response = get_response
        self.path = settings.DATA_DIR / "renderings"
        render = PageCache.render

        def noted(cache, key, edition, environ, *others):
            # What is current a moment later, inside of Django, may be the next one.
            environ[EDITION] = str(edition)
            return render(cache, key, edition, environ, *others)

        PageCache.render = noted

    def __call__(self, request):
        from portal.pagecache import MARK

        response = self.get_response(request)
        if response.headers.get(MARK) == "store":
            response.headers["X-Worker"] = str(os.getpid())
            made = [os.getpid(), request.META[EDITION], request.get_full_path()]
            line = json.dumps(made) + "\n"
            with open(self.path, "a") as file:  # one short write, so lines stay whole
                file.write(line)
        return response
