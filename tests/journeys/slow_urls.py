"""The site's own addresses, and one whose answer takes three seconds."""

import time
from pathlib import Path

from django.conf import settings
from django.http import HttpResponse
from django.urls import path

from portal.urls import *  # noqa: F403
from portal.urls import urlpatterns as urls


def slow(request):
    (Path(settings.DATA_DIR) / "begun").touch()
    time.sleep(3)
    return HttpResponse("done")


urlpatterns = [path("cham/", slow), *urls]
