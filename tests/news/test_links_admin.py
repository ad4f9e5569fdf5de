"""What the editor's window of a link finds, and for whom."""

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from news.models import State
from tests.factories import make_article, make_category
from tests.news.conftest import login, make_user

pytestmark = pytest.mark.django_db


def find(user, words=""):
    answer = login(user).get(reverse("admin:news_article_links"), {"q": words})
    assert answer.status_code == 200
    return answer.json()["articles"]


def test_words_without_accents_find_an_article(editor):
    article = make_article(
        title="Khai trương phòng đọc số",
        category=make_category(name="Chuyển đổi số"),
        published_at=timezone.now() - timedelta(days=1),
    )
    make_article(title="Bài khác")
    (found,) = find(editor, "phong doc")
    assert found == {
        "title": "Khai trương phòng đọc số",
        "address": article.get_absolute_url(),
        "category": "Chuyển đổi số",
        "date": f"{timezone.localtime(article.published_at):%d/%m/%Y}",
        "note": "",
    }


def test_without_words_the_newest_public_articles_come(editor):
    now = timezone.now()
    for days in range(12):
        make_article(title=f"Bài {days}", published_at=now - timedelta(days=days + 1))
    make_article(title="Nháp", state=State.DRAFT, published_at=None)
    make_article(title="Hẹn giờ", published_at=now + timedelta(days=1))
    assert [row["title"] for row in find(editor)] == [f"Bài {n}" for n in range(10)]


def test_a_title_with_the_words_comes_before_newer_texts(editor):
    now = timezone.now()
    make_article(title="Kế hoạch năm", published_at=now - timedelta(days=90))
    make_article(title="Tin mới", body_text="Theo kế hoạch năm 2026.")
    assert [row["title"] for row in find(editor, "ke hoach nam")] == [
        "Kế hoạch năm",
        "Tin mới",
    ]


def test_what_readers_cannot_open_is_marked(editor):
    now = timezone.now()
    make_article(title="Kế hoạch nháp", state=State.DRAFT, published_at=None)
    make_article(title="Kế hoạch hẹn giờ", published_at=now + timedelta(days=1))
    make_article(title="Kế hoạch hết hạn", expires_at=now - timedelta(minutes=1))
    make_article(title="Kế hoạch bỏ", state=State.TRASHED, published_at=None)
    rows = find(editor, "ke hoach")
    assert {row["title"] for row in rows} == {
        "Kế hoạch nháp",
        "Kế hoạch hẹn giờ",
        "Kế hoạch hết hạn",
    }
    assert {row["note"] for row in rows} == {"không công khai"}


def test_a_reporter_does_not_see_the_drafts_of_others(reporter):
    make_article(title="Kế hoạch mật", state=State.DRAFT, published_at=None)
    make_article(title="Kế hoạch hẹn", published_at=timezone.now() + timedelta(1))
    make_article(
        title="Kế hoạch riêng",
        state=State.DRAFT,
        published_at=None,
        created_by=reporter,
    )
    assert [row["title"] for row in find(reporter, "ke hoach")] == ["Kế hoạch riêng"]


def test_who_may_not_write_articles_may_not_search_them():
    answer = login(make_user("stranger")).get(reverse("admin:news_article_links"))
    assert answer.status_code == 403


def test_visitors_are_sent_to_the_login(client):
    for name in ("links", "embed"):
        answer = client.get(reverse(f"admin:news_article_{name}"))
        assert answer.status_code == 302
        assert "login" in answer["Location"]


@pytest.mark.parametrize(
    "words", ['"', "a" * 5000, "%_\\", "\x00", "'; drop table", "()", "  ", "đ" * 300]
)
def test_odd_words_are_answered(editor, words):
    make_article()
    assert isinstance(find(editor, words), list)


def test_nothing_is_changed_by_post(editor):
    for name in ("links", "embed"):
        assert (
            login(editor).post(reverse(f"admin:news_article_{name}")).status_code == 405
        )


@pytest.mark.parametrize("words", ["", "ke hoach"])
def test_the_number_of_queries_is_bounded(editor, django_assert_max_num_queries, words):
    for number in range(15):
        make_article(title=f"Kế hoạch {number}")
    client = login(editor)
    # On PostgreSQL the search has a savepoint, its release and a setting of its own.
    settings = 3 if connection.vendor == "postgresql" else 0
    with django_assert_max_num_queries(8 + settings):
        answer = client.get(reverse("admin:news_article_links"), {"q": words})
    assert len(answer.json()["articles"]) == 10


def test_the_editor_is_told_what_an_address_shows(reporter):
    client = login(reporter)
    path = reverse("admin:news_article_embed")
    answer = client.get(path, {"address": "https://youtu.be/dQw4w9WgXcQ?t=5"})
    assert answer.json() == {"embed": "youtube:dQw4w9WgXcQ@5", "provider": "YouTube"}
    for address in ("https://evil.example/", "", "\x00", "<iframe src=", "a" * 7000):
        answer = client.get(path, {"address": address})
        assert answer.status_code == 200
        assert answer.json()["error"]
    assert client.get(path, {"address": "a" * 9000}).status_code == 414
