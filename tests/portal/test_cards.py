"""Cards and the like are remembered by what they print, so none is ever old."""

from datetime import timedelta

import pytest
from django.core.paginator import Paginator

from news.models import Article
from portal.templatetags.picture_tags import card
from portal.templatetags.portal_tags import breadcrumb, pagination, story
from tests.factories import make_article, make_category, make_image

pytestmark = pytest.mark.django_db


def listed(article) -> Article:
    return Article.objects.for_listing().get(pk=article.pk)


def test_a_card_that_prints_the_same_is_made_once():
    article = make_article(cover=make_image())
    assert card(listed(article), "row") is card(listed(article), "row")


@pytest.mark.parametrize(
    ("change", "printed"),
    [
        (lambda a: setattr(a, "title", "Tên mới"), "Tên mới</a>"),
        (lambda a: setattr(a, "slug", "ten-moi"), "/tin-tuc/ten-moi-"),
        (lambda a: setattr(a, "sapo", "Sapo <mới>"), "Sapo &lt;mới&gt;</p>"),
        (lambda a: setattr(a.category, "name", "Mục mới"), "Mục mới</a>"),
        (lambda a: setattr(a.category, "slug", "muc-moi"), "/chuyen-muc/muc-moi/"),
        (lambda a: setattr(a.cover, "focal_x", 100), "fx-10 fy-5"),
        (
            lambda a: a.cover.renditions["480"].update(jpg="anh/m.jpg"),
            "/media/anh/m.jpg",
        ),
    ],
    ids=["title", "slug", "sapo", "category", "its slug", "focal point", "rendition"],
)
def test_a_card_shows_what_was_changed(change, printed):
    article = make_article(cover=make_image())
    before = card(listed(article), "row")
    found = listed(article)
    change(found)
    assert printed in card(found, "row")
    assert printed not in before


def test_a_card_follows_time_picture_and_hidden_category():
    article = make_article(cover=make_image())
    found = listed(article)
    before = card(found, "row")
    found.published_at += timedelta(minutes=1)
    assert card(found, "row") != before
    found.cover, found.category.is_visible = None, False
    bare = card(found, "row")
    assert "card--plain" in bare and "<picture>" not in bare
    assert found.category.name not in bare


def test_variants_and_levels_of_a_card_are_kept_apart():
    article = listed(make_article(cover=make_image()))
    cards = {card(article, v, h) for v in ("row", "small") for h in ("h2", "h3")}
    assert len(cards) == 4


# What else is remembered by what it prints


def test_a_story_follows_its_article():
    article = make_article()
    before = story(article)
    assert story(article) is before
    article.title = "Tên <mới>"
    assert "Tên &lt;mới&gt;</a>" in story(article)
    article.published_at += timedelta(minutes=1)
    assert story(article).partition("<time")[2] != before.partition("<time")[2]


def test_a_breadcrumb_follows_its_categories():
    top = make_category()
    below = make_category(parent=top)
    before = breadcrumb([top, below], last_is_page=True)
    assert breadcrumb([top, below], last_is_page=True) is before
    assert before.count("aria-current") == 1
    assert "aria-current" not in breadcrumb([top, below])
    top.name, below.slug = "Tên <mới>", "muc-moi"
    after = breadcrumb([top, below], last_is_page=True)
    assert "Tên &lt;mới&gt;</a>" in after and "/chuyen-muc/muc-moi/" in after
    assert "Thẻ &lt;b&gt;</span>" in breadcrumb(text="Thẻ <b>")


def test_links_to_pages_follow_the_page_their_number_and_the_search():
    def links(number, articles, query=""):
        return pagination(Paginator(range(articles), 20).page(number), query)

    assert links(1, 41) is links(1, 60)  # three pages both
    assert links(1, 20).strip() == ""
    assert 'aria-current="page"' in links(2, 60).partition("?trang=2")[2]
    assert "?trang=4" in links(1, 61) and "?trang=4" not in links(1, 60)
    assert 'href="?q=a&amp;trang=2"' in links(1, 60, "q=a&")
