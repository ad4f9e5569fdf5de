"""RSS: of the site and of each category."""

from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.utils import timezone
from django.utils.feedgenerator import rfc2822_date, rfc3339_date

from news import saving
from tests.factories import make_article, make_category, make_image

pytestmark = pytest.mark.django_db


def channel(client, address):
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"].startswith("application/rss+xml")
    return ElementTree.fromstring(response.content).find("channel")


def titles(found):
    return [item.findtext("title") for item in found.findall("item")]


def test_feed_lists_the_newest_published_articles_first(client):
    now = timezone.now()
    older = make_article(published_at=now - timedelta(days=2))
    newer = make_article(published_at=now - timedelta(days=1))
    make_article(published_at=now + timedelta(days=1))
    make_article(state="draft")
    assert titles(channel(client, "/rss/")) == [newer.title, older.title]


def test_an_empty_feed_is_the_same_all_day(client):
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    assert channel(client, "/rss/").findtext("lastBuildDate") == rfc2822_date(midnight)


def test_feed_holds_thirty_articles(client):
    category = make_category()
    for _ in range(31):
        make_article(category=category)
    assert len(titles(channel(client, "/rss/"))) == 30


def test_feed_item_says_what_a_reader_needs(client):
    article = make_article(
        title="Đẩy mạnh <chuyển đổi> số & dữ liệu",
        sapo="Ngày 20/11, Sở tổ chức hội nghị.",
        cover=make_image(),
    )
    item = channel(client, "/rss/").find("item")
    assert item.findtext("title") == article.title
    assert item.findtext("description") == article.sapo
    assert item.findtext("link") == "http://testserver" + article.get_absolute_url()
    assert item.findtext("category") == article.category.name
    assert item.findtext("pubDate").endswith(("+0000", "+0700"))
    assert item.find("enclosure").get("url").startswith("http://testserver/media/anh/")


def test_addresses_come_from_the_settings_and_not_from_the_host(client):
    make_article()
    text = client.get("/rss/", headers={"host": "localhost"}).content.decode()
    assert "http://testserver/tin-tuc/" in text
    assert "localhost" not in text


def test_feed_is_in_vietnamese(client):
    found = channel(client, "/rss/")
    assert found.findtext("title") == "Tin mới nhất"
    assert found.findtext("language") == "vi"


def test_category_feed_holds_the_articles_below_it(client):
    top = make_category(name="Chuyển đổi số", description="Tin về chuyển đổi số")
    below = make_article(category=make_category(parent=top))
    make_article()
    found = channel(client, f"/chuyen-muc/{top.slug}/rss/")
    assert found.findtext("title") == "Chuyển đổi số"
    assert found.findtext("description") == "Tin về chuyển đổi số"
    assert titles(found) == [below.title]


def test_feed_of_no_category_does_not_exist(client):
    assert client.get("/chuyen-muc/khong-co/rss/").status_code == 404


def test_page_of_a_category_leads_to_its_feed(client):
    category = make_article().category
    text = client.get(category.get_absolute_url()).content.decode()
    assert f'href="/chuyen-muc/{category.slug}/rss/"' in text


ATOM = "{http://www.w3.org/2005/Atom}"


def test_major_change_brings_an_article_up_again_with_its_time(client):
    now = timezone.now()
    category = make_category()
    old, older, new = (
        make_article(published_at=now - timedelta(days=days), category=category)
        for days in (40, 50, 1)
    )
    revised_at = now - timedelta(hours=2)
    type(old).objects.filter(pk=old.pk).update(revised_at=revised_at)
    for address in ("/rss/", category.get_absolute_url() + "rss/"):
        found = channel(client, address)
        assert titles(found) == [old.title, new.title, older.title]
        first = found.find("item")
        assert first.findtext(f"{ATOM}updated") == rfc3339_date(revised_at)
        assert first.findtext("pubDate") == rfc2822_date(old.published_at)
        assert found.findtext("lastBuildDate") == rfc2822_date(revised_at)


def test_minor_change_moves_nothing(client):
    now = timezone.now()
    older = make_article(published_at=now - timedelta(days=2))
    newer = make_article(published_at=now - timedelta(days=1))
    saving.save_article(older)
    found = channel(client, "/rss/")
    assert titles(found) == [newer.title, older.title]
    second = found.findall("item")[1]
    assert second.findtext(f"{ATOM}updated") == rfc3339_date(older.published_at)


def test_articles_changed_long_ago_do_not_push_out_new_ones(client):
    now = timezone.now()
    category = make_category()
    for days in range(31):
        make_article(
            category=category,
            published_at=now - timedelta(days=500 + days),
            revised_at=now - timedelta(days=400 + days),
        )
    fresh = [
        make_article(category=category, published_at=now - timedelta(days=days))
        for days in range(1, 29)
    ]
    found = titles(channel(client, "/rss/"))
    assert found[:28] == [article.title for article in fresh]
    assert len(found) == 30


def test_what_is_not_public_does_not_come_up_by_a_change(client):
    now = timezone.now()
    for overrides in (
        {"state": "draft"},
        {"published_at": now + timedelta(days=1)},
        {"expires_at": now - timedelta(minutes=1)},
    ):
        make_article(revised_at=now - timedelta(minutes=5), **overrides)
    assert titles(channel(client, "/rss/")) == []


def test_feed_needs_few_queries(client, django_assert_max_num_queries):
    category = make_category()
    for _ in range(5):
        make_article(category=category, revised_at=timezone.now(), cover=make_image())
    with django_assert_max_num_queries(1):
        client.get("/rss/")
    with django_assert_max_num_queries(2):
        client.get(category.get_absolute_url() + "rss/")
