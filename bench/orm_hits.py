"""The reference of the beacon: a Django view that counts by one ORM update per hit.

The usual way: all middleware of the site, one row, `F("views") + 1`.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")

import django
from django.core.handlers.wsgi import WSGIHandler
from django.db.models import F
from django.http import HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

KEY = {"kind": "bench", "object_id": 0}


@csrf_exempt
def hit(request):
    from stats.models import PageTotal

    PageTotal.objects.filter(**KEY).update(views=F("views") + 1)
    return HttpResponse(status=204)


urlpatterns = [path("_s", hit)]


class OnlyHits(WSGIHandler):
    """The site's middleware before these addresses."""

    def get_response(self, request):
        request.urlconf = __name__
        return super().get_response(request)


django.setup(set_prefix=False)
application = OnlyHits()
