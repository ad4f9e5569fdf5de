"""What is suggested while somebody types."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from news.models import Article, State
from portal.overload import MAX_QUERY
from search import suggestions
from search.backends.base import SearchTimeout
from search.models import SoughtWords
from search.suggestions import suggest
from tests.factories import make_article
from tests.search.contract import HOSTILE
from tests.search.helpers import backend

pytestmark = pytest.mark.django_db
URL = "/tim-kiem/goi-y/"


def texts(typed):
    return [one.text for one in suggest(typed)]


def phrases(typed):
    return [one.text for one in suggest(typed) if not one.url]


def make(*titles):
    """Articles, the first title the newest."""
    now = timezone.now()
    return [
        make_article(title=title, published_at=now - timedelta(hours=n))
        for n, title in enumerate(titles, 1)
    ]


@pytest.mark.parametrize(
    "typed",
    [
        "ch",
        "chuyen",
        "chuyen d",
        "chuyển đ",
        "CHUYỂN ĐỔI",
        "doi s",
        "chuyen  doi ",
        "so c",
    ],
)
def test_titles_that_go_on_from_what_is_typed(typed):
    [article] = make("Xã Hòa Bình chuyển đổi số, cả xã vui")
    make_article(title="Một tin khác")
    [found] = suggest(typed)
    assert (found.text, found.url) == (article.title, article.get_absolute_url())


@pytest.mark.parametrize("typed", ["c", "", " ", "?", "huyen", "chuyen s", "cx"])
def test_what_is_too_short_or_begins_no_word_suggests_nothing(typed):
    make("Chuyển đổi số")
    assert suggest(typed) == []


def test_whole_words_may_stand_apart_an_unfinished_one_not():
    make("Hòa Bình đón nhận chuyển đổi")
    assert texts("hoa chuyen") == ["Hòa Bình đón nhận chuyển đổi"]
    assert suggest("hoa chuye") == []


def test_i_and_y_are_one_in_unfinished_words_too():
    make("Kĩ thuật mới")
    assert texts("ky th") == texts("ki") == texts("kỹ thuat") == ["Kĩ thuật mới"]


def test_typed_accents_come_first_others_stay():
    make("Bán hàng", "Bạn đọc viết", "Bàn tròn")
    assert texts("bạ") == ["Bạn đọc viết", "Bán hàng", "Bàn tròn"]
    assert texts("ban") == ["Bán hàng", "Bạn đọc viết", "Bàn tròn"]


def test_phrases_are_counted_in_the_titles_once_each():
    make(*["Hội nghị chuyển đổi số"] * 2, "Chuyển đổi số, chuyển đổi số")
    assert phrases("chuyen d") == ["chuyển đổi số"]
    Article.objects.first().delete()
    assert phrases("chuyen d") == []


def test_the_longer_phrase_stands_for_the_shorter_when_nearly_all_have_it():
    make(*["Về chuyển đổi số"] * 3)
    assert phrases("chuyen") == ["chuyển đổi số"]
    make(*["Việc chuyển đổi xanh"] * 3)
    assert phrases("chuyen") == ["chuyển đổi", "chuyển đổi số", "chuyển đổi xanh"]


def test_phrases_end_at_marks_and_with_words_that_stand_alone():
    make(*["Chào chuyển đổi số: nhanh"] * 3, *["Thủ tướng và đoàn"] * 2)
    make("Thủ tướng và khách", "Thủ tướng và bạn")
    assert phrases("chuyen d") == ["chuyển đổi số"]
    assert phrases("thu t") == ["Thủ tướng"]


def test_phrases_are_written_as_most_titles_write_them():
    make("Nhớ Hồ Chí Minh", "Thăm lăng Hồ Chí Minh", "HỒ CHÍ MINH toàn tập")
    assert phrases("ho chi") == ["Hồ Chí Minh"]


def test_phrases_with_the_typed_accents_come_first():
    make(*["Mở khóa học"] * 4, *["Sở khoa học"] * 3)
    assert phrases("kho") == ["khóa học", "khoa học"]
    assert phrases("khóa h") == phrases("khoá h") == ["khóa học", "khoa học"]
    assert phrases("khoa họ") == ["khoa học", "khóa học"]


def test_never_more_than_eight_phrases_first():
    make(*["Tin chuyển đổi số"] * 3, *[f"Bài {n}: chuyển đổi số" for n in range(12)])
    found = suggest("chuyen")
    assert len(found) == 8
    assert [bool(one.url) for one in found] == [False] + [True] * 7


def test_an_older_title_is_found_by_a_whole_word(monkeypatch):
    monkeypatch.setattr(suggestions, "RECENT", 2)
    make("Tin một", "Tin hai", "Chuyển đổi số")
    assert texts("chuyen") == ["Chuyển đổi số"]
    assert texts("chuyen doi") == ["Chuyển đổi số"]


@pytest.mark.parametrize("typed", ["ch", "chuyen", "chuyen d"])
@pytest.mark.parametrize("state", [s for s in State.values if s != State.PUBLISHED])
def test_what_readers_may_not_see_is_never_suggested(state, typed):
    now = timezone.now()
    hour = timedelta(hours=1)
    make_article(title="Chuyển đổi A", state=state, published_at=now - hour)
    make_article(title="Chuyển đổi B", published_at=now + hour)
    make_article(title="Chuyển đổi C", published_at=now - hour, expires_at=now)
    stale = make_article(title="Chuyển đổi D")
    Article.objects.filter(pk=stale.pk).update(state=state)
    assert suggest(typed) == []


@pytest.mark.parametrize("typed", HOSTILE, ids=lambda typed: ascii(typed[:12]))
def test_hostile_text_breaks_nothing(client, typed):
    make("Bài yên bình")
    query = urlencode({"q": typed.encode("utf-8", "surrogatepass")})
    answer = client.get(f"{URL}?{query}")
    if len(query) > MAX_QUERY:
        assert answer.status_code == 414
        return
    assert answer.status_code == 200
    assert len(answer.json()["suggestions"]) <= 1


def test_the_answer_is_short_public_and_without_cookie(client):
    [article] = make("<b>Chuyển</b> đổi")
    answer = client.get(URL, {"q": "chuyen"})
    assert answer.json() == {
        "status": "1 gợi ý",
        "suggestions": [
            {"text": article.title, "url": article.get_absolute_url()},
        ],
    }
    assert answer["Cache-Control"] == "public, max-age=60"
    assert not answer.cookies
    assert client.get(URL).json() == {"status": "", "suggestions": []}
    assert client.post(URL).status_code == 405
    assert not SoughtWords.objects.exists()


@pytest.mark.parametrize(("typed", "most"), [("ch", 3), ("chuyen d", 2), ("c", 0)])
def test_few_statements(client, typed, most):
    make(*["Chuyển đổi số"] * 5)
    if connection.vendor == "postgresql" and most:
        most += 4  # SAVEPOINT, SET LOCAL twice, RELEASE
    with CaptureQueriesContext(connection) as queries:
        client.get(URL, {"q": typed})
    assert len(queries) <= most


def test_a_database_that_takes_too_long_gives_none(client, monkeypatch):
    def stop(*args, **kwargs):
        raise SearchTimeout

    make("Chuyển đổi số")
    monkeypatch.setattr(type(backend()), "newest_ids", stop)
    assert client.get(URL, {"q": "chuyen d"}).json()["suggestions"] == []


def test_forms_name_the_address_for_the_script(client):
    html = client.get("/tim-kiem/").content.decode()
    assert f'data-suggest="{URL}" data-suggest-label="Gợi ý"' in html
    assert "js/suggest" in html
