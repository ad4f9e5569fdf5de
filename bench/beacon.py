"""The visit beacon beside the usual way, one ORM update per hit, in one process."""

import io
import json
import statistics
import time

from django.db import models, transaction

from news.models import Article
from stats.beacon import Beacon
from stats.models import PageTotal
from stats.tokens import page_token

AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/150.0 Safari/537.36"


def per_second(function, seconds: float = 1.5) -> float:
    count, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        function()
        count += 1
    return count / (time.perf_counter() - begun)


def run() -> None:
    beacon = Beacon(None)
    article = Article.objects.first()
    body = json.dumps({"t": page_token("article", article.pk), "r": ""}).encode()

    def hit():
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/_s",
            "QUERY_STRING": "",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_HOST": "127.0.0.1",
            "HTTP_USER_AGENT": AGENT,
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.input": io.BytesIO(body),
            "wsgi.url_scheme": "http",
        }
        answers = []
        beacon(environ, lambda status, headers, exc=None: answers.append(status))
        if not answers[0].startswith("20"):
            raise SystemExit(answers[0])

    PageTotal.objects.get_or_create(
        kind="article", object_id=0, defaults={"views": 0, "last_day": "2020-01-01"}
    )

    def update():
        with transaction.atomic():
            PageTotal.objects.filter(kind="article", object_id=0).update(
                views=models.F("views") + 1
            )

    ours, orm = [], []
    for _ in range(3):
        orm.append(per_second(update))
        ours.append(per_second(hit))
    fast, slow = statistics.median(ours), statistics.median(orm)
    print(f"beacon, one line in the spool: {fast:,.0f} hits/s")
    print(f"one ORM update per hit:        {slow:,.0f} hits/s")
    print(f"ratio: {fast / slow:.1f}x (goal >= 10x)")
