"""Sitemaps are complete, paged, and name addresses of SITE_URL."""

from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from news import sitemaps
from portal.models import Page
from tests.factories import make_article, make_category, make_tag

pytestmark = pytest.mark.django_db
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"


def root(client, address):
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/xml"
    return ElementTree.fromstring(response.content)


def locations(client, address):
    return [loc.text for loc in root(client, address).iter(f"{SITEMAP}loc")]


def test_every_public_page_is_in_some_section_exactly_once(client, monkeypatch):
    monkeypatch.setattr(sitemaps.SiteSitemap, "limit", 2)
    category = make_category()
    articles = [make_article(category=category) for _ in range(5)]
    page = Page.objects.create(title="Giới thiệu")
    tag, secret = make_tag(), make_tag()
    for article in articles[:2]:
        article.tags.add(tag)
    absent = [
        secret,
        make_article(category=category, state="draft", tags=[secret]),
        make_article(
            category=category, published_at=timezone.now() + timedelta(days=1)
        ),
        make_category(is_visible=False),
        Page.objects.create(title="Chưa đăng", is_published=False),
    ]
    sections = locations(client, "/sitemap.xml")
    assert sum("bai-viet" in address for address in sections) == 3
    found = [
        location
        for address in sections
        for location in locations(client, address.removeprefix("http://testserver"))
    ]
    for row in [*articles, category, page, tag]:
        assert found.count("http://testserver" + row.get_absolute_url()) == 1
    for row in absent:
        assert "http://testserver" + row.get_absolute_url() not in found
    for path in ("/", "/lich-cong-tac/", "/so-do-trang/", "/tin-nong/"):
        assert found.count("http://testserver" + path) == 1


def test_sections_hold_five_thousand_addresses():
    assert sitemaps.ArticleSitemap.limit == 5000


def last_change(client, article):
    for url in root(client, "/sitemap-bai-viet-1.xml"):
        if url.findtext(f"{SITEMAP}loc").endswith(article.get_absolute_url()):
            return url.findtext(f"{SITEMAP}lastmod")
    return None


def test_only_a_major_change_is_a_change(client):
    at = timezone.now() - timedelta(minutes=5)

    def written(time):
        return timezone.localtime(time).isoformat(timespec="seconds")

    for revised_at, last in {
        None: at,
        at + timedelta(minutes=2): at + timedelta(minutes=2),
        at - timedelta(days=3): at,  # published again since
    }.items():
        article = make_article(published_at=at, revised_at=revised_at)
        type(article).objects.update(updated_at=timezone.now())
        assert last_change(client, article) == written(last)


def test_news_sitemap_holds_two_days(client):
    now = timezone.now()
    fresh = make_article(title="Tin mới & đúng", published_at=now - timedelta(hours=47))
    make_article(published_at=now - timedelta(hours=49))
    urls = root(client, "/sitemap-tin-tuc.xml").findall(f"{SITEMAP}url")
    assert [url.findtext(f"{SITEMAP}loc") for url in urls] == [
        "http://testserver" + fresh.get_absolute_url()
    ]
    news = urls[0].find(f"{NEWS}news")
    assert news.findtext(f"{NEWS}title") == "Tin mới & đúng"
    assert news.findtext(f"{NEWS}publication/{NEWS}language") == "vi"


def test_news_sitemap_has_a_limit(client, monkeypatch):
    monkeypatch.setattr(sitemaps, "NEWS_MAX", 2)
    for _ in range(3):
        make_article()
    assert len(locations(client, "/sitemap-tin-tuc.xml")) == 2


@pytest.mark.parametrize(
    "address",
    ["/sitemap-bai-viet-0.xml", "/sitemap-bai-viet-2.xml", "/sitemap-khac-1.xml"],
)
def test_section_that_does_not_exist_is_404(client, address):
    assert client.get(address).status_code == 404


def test_addresses_come_from_the_settings_and_not_from_the_host(client):
    make_article()
    for address in ("/sitemap.xml", "/sitemap-bai-viet-1.xml", "/sitemap-tin-tuc.xml"):
        text = client.get(address, headers={"host": "localhost"}).content.decode()
        assert "http://testserver/" in text and "localhost" not in text
