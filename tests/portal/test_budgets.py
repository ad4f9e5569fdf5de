"""What a cold page asks of the database, for every kind of public page."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, get_resolver
from django.utils import timezone

from news.models import Attachment, Author, ListEntry
from portal import generation
from portal.models import LinkedSite, MenuItem, Page, SiteSettings, WorkEvent
from tests.factories import (
    make_article,
    make_category,
    make_image,
    make_list_entry,
    make_tag,
    make_unit,
)

pytestmark = pytest.mark.django_db

# On PostgreSQL a reading of the index has a savepoint, its release, two settings.
READING = 4 if connection.vendor == "postgresql" else 0
# Statements beside those of the surroundings, which an edition asks once.
BUDGETS = {
    "home": 3,  # newest ids, quiet sections, rows
    "news:article": 3,  # article with its relations, tags and files, neighbours
    "news:category": 3,  # count, ids, rows
    "news:category_feed": 2,
    "news:hot": 3,
    "news:focus": 3,
    "news:tag": 4,  # the tag too
    "news:feed": 1,
    # As many as the ways its words can be met; there also the days of the newest.
    "search": 16 + 2 * READING + bool(READING),
    "suggestions": 2 + READING,
    "search_feed": 4 + READING,
    "calendar": 1,
    "calendar_week": 1,
    "calendar_ics": 1,
    "page": 2,  # its pictures too
    "site_map": 1,
    "statistics": 2,  # days, ledger
    "sitemap": 4,
    "sitemap_section": 2,
    "sitemap_news": 1,
    "robots": 0,
    "security_txt": 0,
    "favicon": 0,
}
# Not pages, or of one person each.
NO_PAGES = {
    *("news:download", "news:leader", "news:leader_file"),
    *("healthz", "readyz", "metrics"),
}
# identity, menu, categories, lists (2), calendar, links, what is read most, numbers
SURROUNDINGS = 10


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker):
    """Made once: nobody here changes it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_site()
        transaction.set_rollback(True)


@pytest.fixture
def addresses(site, steady_totals) -> dict[str, str]:
    generation.refresh()  # a known edition
    return site


def make_site() -> dict[str, str]:
    """Make some of everything, more than fills a page; return an address of each."""
    now = timezone.now()
    tops = [make_category(position=n) for n in range(3)]
    below = [make_category(parent=top) for top in tops]
    below.append(make_category(parent=below[0]))
    tag, image = make_tag(), make_image()
    articles = [
        make_article(
            title=f"Khoa học và công nghệ {n}",
            category=below[n % len(below)],
            further_categories=[tops[2]],
            tags=[tag, make_tag()],
            cover=image,
            show_cover=True,
            signature_unit=make_unit(),
            author=Author.objects.create(name=f"Phóng viên {n}"),
            published_at=now - timedelta(hours=n + 1),
        )
        for n in range(25)
    ]
    Attachment.objects.bulk_create(
        Attachment(
            article=article, title="Kế hoạch", file="a/b.pdf", file_name="ke-hoach.pdf"
        )
        for article in articles
    )
    for n, name in enumerate(["hot", "focus"] * 5):
        make_list_entry(list=ListEntry.List(name), article=articles[n])
    page = Page.objects.create(
        title="Giới thiệu",
        body=f'<figure data-image="{image.pk}" data-alt-kind="decorative"></figure>',
    )
    SiteSettings.objects.create(emblem=image, banner=image)
    MenuItem.objects.create(page=page)
    for top in tops:
        MenuItem.objects.create(category=top)
    LinkedSite.objects.create(name="Bộ", url="https://most.gov.vn/", logo=image)
    today = timezone.localdate()
    WorkEvent.objects.create(day=today, content="Họp giao ban")
    year, week, _ = today.isocalendar()
    return {
        "home": "/",
        "news:article": articles[12].get_absolute_url(),
        "news:category": f"{tops[0].get_absolute_url()}",
        "news:category_feed": f"{tops[0].get_absolute_url()}rss/",
        "news:hot": "/tin-nong/",
        "news:focus": "/tin-tieu-diem/",
        "news:tag": f"{tag.get_absolute_url()}?trang=2",
        "news:feed": "/rss/",
        "search": "/tim-kiem/?q=khoa+học",
        "suggestions": "/tim-kiem/goi-y/?q=khoa",
        "search_feed": "/tim-kiem/rss/?q=khoa+học",
        "calendar": "/lich-cong-tac/",
        "calendar_week": f"/lich-cong-tac/{year}-W{week}/",
        "calendar_ics": "/lich-cong-tac.ics",
        "page": page.get_absolute_url(),
        "site_map": "/so-do-trang/",
        "statistics": "/thong-ke-truy-cap/",
        "sitemap": "/sitemap.xml",
        "sitemap_section": "/sitemap-bai-viet-1.xml",
        "sitemap_news": "/sitemap-tin-tuc.xml",
        "robots": "/robots.txt",
        "security_txt": "/.well-known/security.txt",
        "favicon": "/favicon.ico",
    }


def public_names(patterns=None, namespace="") -> set[str]:
    found = set()
    for entry in patterns or get_resolver().url_patterns:
        if isinstance(entry, URLPattern):
            found.add(namespace + entry.name)
        elif not str(entry.pattern).startswith("admin/"):
            found |= public_names(entry.url_patterns, f"{entry.namespace}:")
    return found


def test_every_public_page_has_a_budget():
    assert public_names() - NO_PAGES == set(BUDGETS)


@pytest.mark.parametrize("name", BUDGETS)
def test_a_cold_page_stays_within_its_queries(client, addresses, name):
    client.get("/so-do-trang/")  # the surroundings of this edition
    client.get("/lich-cong-tac/")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        response = client.get(addresses[name])
    assert response.status_code in (200, 302)
    statements = [query["sql"] for query in asked]
    assert len(statements) <= BUDGETS[name], "\n".join(statements)


@pytest.mark.parametrize("name", ["home", "news:article", "news:category"])
def test_the_first_page_of_an_edition_asks_for_the_surroundings_once(
    client, addresses, name
):
    with CaptureQueriesContext(connection) as first:
        client.get(addresses[name])
    assert len(first) <= BUDGETS[name] + SURROUNDINGS
    with CaptureQueriesContext(connection) as second:
        client.get(addresses[name])
    assert len(second) <= BUDGETS[name]
