"""A site with something at every public address, and all addresses from the URL conf.

A new address joins by itself; where its parts need values that nobody made yet,
`PublicSite.addresses` says so.
"""

import itertools
import re
from datetime import timedelta

from django.core.files.base import ContentFile
from django.urls import URLPattern, get_resolver
from django.utils import timezone

from news import leader
from news.leader_link import LeaderLink
from news.models import Attachment, State
from portal import generation
from portal.models import Page, WorkEvent
from tests.factories import make_article, make_category, make_list_entry, make_tag
from tests.news.conftest import make_user

_PART = re.compile(r"<(?:\w+:)?(\w+)>")


def routes(patterns=None, namespace="", before="/") -> dict[str, str]:
    """Return every public route by name: {"news:tag": "/the/<slug:slug>/", ...}."""
    found = {}
    for entry in patterns or get_resolver().url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            found[namespace + entry.name] = route
        elif not route.startswith("/admin/"):
            found |= routes(entry.url_patterns, f"{entry.namespace}:", route)
    return found


def parts(route: str) -> list[str]:
    """Return the names of what varies in a route."""
    return _PART.findall(route)


def fill(route: str, values: dict) -> str:
    return _PART.sub(lambda part: str(values[part[1]]), route)


def attach(article) -> Attachment:
    found = Attachment(
        article=article,
        title="Kế hoạch",
        file_name="ke-hoach.pdf",
        content_type="application/pdf",
        size_bytes=13,
    )
    found.file.save("ke-hoach.pdf", ContentFile(b"%PDF-1.4 test"))
    found.save()
    return found


class PublicSite:
    """Rows of every kind; `values` are what the parts of addresses may be."""

    def __init__(self):
        tag, category = make_tag(), make_category()
        self.article = make_article(
            title="Khoa học và công nghệ", category=category, tags=[tag]
        )
        self.file = attach(self.article)
        make_list_entry(article=self.article)
        page = Page.objects.create(title="Giới thiệu", body="<p>Chức năng.</p>")
        today = timezone.localdate()
        WorkEvent.objects.create(day=today, content="Họp giao ban")
        self.writer = make_user("editor")
        # No version that garbage could name: an answer would close the link.
        self.draft = make_article(
            title="Dự thảo kín", state=State.IN_REVIEW, published_at=None, version=77
        )
        self.draft_file = attach(self.draft)
        now = timezone.now()
        self.link = LeaderLink.objects.create(
            article=self.draft,
            version=self.draft.version,
            leader="Nguyễn Văn A",
            created_by=self.writer,
            created_at=now,
            expires_at=now + timedelta(days=3),
        )
        year, week, _ = today.isocalendar()
        slugs = [row.slug for row in (self.article, category, tag, page)]
        self.values = {
            "slug": slugs,
            "pk": [self.article.pk, self.file.pk, self.draft_file.pk],
            "token": [leader.token(self.link)],
            "name": ["ke-hoach.pdf"],
            "section": ["bai-viet"],
            "number": [1],
            "year": [year],
            "week": [week],
        }
        # As on a real site: what surrounds a page is prepared once for all.
        generation.refresh()

    def addresses(self, reader) -> dict[str, tuple[str, dict]]:
        """Return (route, values) under which each route has something to show."""
        found = {}
        for name, route in routes().items():
            names = parts(route)
            unknown = set(names) - set(self.values)
            assert not unknown, f"{name}: PublicSite.values needs {unknown}"
            choices = [
                dict(zip(names, chosen, strict=True))
                for chosen in itertools.product(*(self.values[n] for n in names))
            ]
            answers = {200: None, 302: None}
            if name == "metrics":  # switched off, as it comes
                answers = {404: None, **answers}
            for values in choices:
                # A feed of search results has nothing without words.
                status = reader(fill(route, values), query="q=khoa")[0]
                if status in answers and answers[status] is None:
                    answers[status] = (route, values)
            best = answers[200] or answers[302] or answers.get(404)
            assert best, f"{name}: nothing is shown for any of PublicSite.values"
            found[name] = best
        return found
