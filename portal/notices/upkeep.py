"""What the clock asks for: days to look at an article again, and tidying up."""

from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from news.models import Article, State
from portal.notices import telling
from portal.notices.models import Kind, Notice

KEPT = timedelta(days=90)  # read notices; unread ones stay
EVERY = timedelta(minutes=1)
BATCH = 50  # articles told of in one go

_done_at: datetime | None = None


def tick(now: datetime | None = None) -> None:
    """Once a minute: tell of review days, erase what was read long ago."""
    global _done_at
    now = now or timezone.now()
    if _done_at is not None and timedelta(0) <= now - _done_at < EVERY:
        return
    tell_review_days(now)
    purge(now)
    _done_at = now


def tell_review_days(now: datetime) -> int:
    """Tell of articles whose day has come, each day once; return how many.

    Withdrawn and unpublished ones are left out until they are public again.
    """
    told = Notice.objects.filter(
        kind=Kind.REVIEW_DUE, article=OuterRef("pk"), review_day=OuterRef("review_at")
    )
    due = Article.objects.filter(
        ~Exists(told), state=State.PUBLISHED, review_at__lte=timezone.localdate(now)
    )
    rows = due.defer("body", "body_html", "body_text").order_by("-review_at", "pk")
    articles = list(rows[:BATCH])
    return telling.of_review_days(articles) if articles else 0


def purge(now: datetime) -> None:
    """Erase notices that were read long ago.

    Not of a review day that still stands in its article: it would be told anew.
    """
    old = Notice.objects.filter(read_at__lt=now - KEPT)
    old.exclude(kind=Kind.REVIEW_DUE, article__review_at=F("review_day")).delete()
