"""What the home page chooses, and what an empty site says."""

from datetime import timedelta

import pytest
from django.utils import timezone

from portal import generation, home
from portal.models import SiteSettings
from portal.sidebar import prepare as prepare_frame
from tests.factories import (
    make_article,
    make_category,
    make_image,
    make_list_entry,
)

pytestmark = pytest.mark.django_db


def prepared():
    return home.prepare(prepare_frame())


def hours_ago(hours):
    return timezone.now() - timedelta(hours=hours)


def test_lead_is_the_first_hot_story():
    make_article()
    make_list_entry(list="focus")
    second = make_list_entry(list="hot", position=2).article
    first = make_list_entry(list="hot", position=1).article
    page = prepared()
    assert page.lead == first
    assert page.hot == (second,)


def test_lead_without_hot_stories_is_the_first_in_focus():
    make_article()
    focused = make_list_entry(list="focus").article
    page = prepared()
    assert page.lead == focused
    assert page.focus == ()


def test_lead_without_lists_is_the_newest():
    make_article(published_at=hours_ago(5))
    newest = make_article(published_at=hours_ago(1))
    page = prepared()
    assert page.lead == newest
    assert newest not in page.newest


def test_article_stands_once_above_the_sections():
    both = make_article()
    make_list_entry(list="hot", article=make_article())
    make_list_entry(list="hot", article=both, position=1)
    make_list_entry(list="focus", article=both)
    others = [make_article() for _ in range(3)]
    page = prepared()
    shown = [page.lead, *page.hot, *page.focus, *page.newest]
    assert len(shown) == len(set(shown)) == 5
    assert set(others) <= set(page.newest)


def test_section_holds_the_newest_of_its_category_and_of_those_below():
    top = make_category()
    child = make_category(parent=top)
    articles = [
        make_article(category=(top, child)[n % 2], published_at=hours_ago(n + 1))
        for n in range(home.PER_SECTION + 2)
    ]
    (section,) = prepared().sections
    assert section.category == top
    assert list(section.articles) == articles[: home.PER_SECTION]


def test_sections_follow_the_order_of_the_categories_and_skip_empty_ones():
    last = make_category(position=9)
    first = make_category(position=1)
    make_category(position=5)
    make_category(position=3, is_visible=False)
    for category in (last, first):
        make_article(category=category)
    assert [s.category for s in prepared().sections] == [first, last]


def test_quiet_section_is_filled_from_its_older_articles(monkeypatch):
    monkeypatch.setattr(home, "POOL", 3)
    busy, quiet = make_category(position=1), make_category(position=2)
    old = [make_article(category=quiet, published_at=hours_ago(50 + n)) for n in (0, 1)]
    for n in range(5):
        make_article(category=busy, published_at=hours_ago(n + 1))
    sections = {s.category: list(s.articles) for s in prepared().sections}
    assert sections[quiet] == old
    assert len(sections[busy]) == home.PER_SECTION


def test_home_needs_four_queries_beside_the_frame(
    client, django_assert_max_num_queries, monkeypatch, steady_totals
):
    monkeypatch.setattr(home, "POOL", 6)  # so that quiet sections are asked for
    for _ in range(4):
        for _ in range(4):
            make_article(category=make_category(), cover=make_image())
        make_list_entry(list="hot")
        make_list_entry(list="focus")
    generation.refresh()
    client.get("/")
    with django_assert_max_num_queries(4):
        client.get("/")


def test_home_shows_what_was_chosen(client):
    SiteSettings.objects.create(
        name="Sở Khoa học và Công nghệ", description="Tin của Sở"
    )
    hot = make_list_entry(list="hot", article=make_article(cover=make_image())).article
    focus = make_list_entry(list="focus").article
    text = client.get("/").content.decode()
    assert text.index(hot.title) < text.index(focus.title)
    assert "<h1" in text and text.count("<h1") == 1
    assert "<title>Sở Khoa học và Công nghệ</title>" in text
    assert '<link rel="canonical" href="http://testserver/">' in text
    assert '<meta name="description" content="Tin của Sở">' in text
    assert "Tin tiêu điểm" in text


def test_empty_site_says_what_to_do_first(client):
    text = client.get("/").content.decode()
    assert 'href="/admin/"' in text
    assert "Tạo các chuyên mục" in text


def test_site_with_an_article_no_longer_explains_the_first_steps(client):
    make_article()
    assert "Tạo các chuyên mục" not in client.get("/").content.decode()
