"""What is offered instead of words that find nothing."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from news.models import Article, State
from search.backends.base import SearchTimeout
from search.request import SearchRequest, parse_words
from search.spelling import read_keys, suggest
from tests.factories import make_article, make_category
from tests.search.contract import HOSTILE
from tests.search.helpers import backend, local, search

database = pytest.mark.django_db


def suggested(typed, **filters):
    """Return (words, total), or None."""
    request = SearchRequest(words=parse_words(typed), **filters)
    found = suggest(Article.objects.published(), request)
    return found and (found.words, found.total)


@pytest.mark.parametrize(
    ("keys", "syllable"),
    [
        ("ngheej", "nghệ"), ("ddaats", "đất"), ("daatsd", "đất"), ("tuwowng", "tương"),
        ("tuowng", "tương"), ("tuongw", "tương"), ("dduowngf", "đường"),
        ("chuyeenr", "chuyển"), ("chuyenr", "chuyẻn"), ("hoaf", "hòa"), ("quys", "quý"),
        ("quoocs", "quốc"), ("giaf", "già"), ("giuwx", "giữ"), ("khoer", "khỏe"),
        ("ngoaif", "ngoài"), ("uyr", "ủy"), ("huyeenj", "huyện"), ("nawm", "năm"),
        ("nghe65", "nghệ"), ("d9at61", "đất"), ("d9a61t", "đất"), ("tu7o7ng", "tương"),
        ("nam8", "năm"), ("hoa2", "hòa"), ("so61", "số"), ("oong", "ông"),
        # No keys of a Vietnamese syllable
        ("internet", "internet"), ("all", "all"), ("covid19", "covid19"),
        ("2021", "2021"), ("class", "class"), ("nghệ", "nghệ"), ("w", "ư"),
        ("chws", "chứ"), ("ww", "ww"), ("9", "9"),
    ],
)  # fmt: skip
def test_typed_keys_become_the_syllable(keys, syllable):
    assert read_keys(keys) == syllable


@database
@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        # A letter more, less, another one, two exchanged
        ("chuyeen doi so", "chuyển đổi số"),
        ("chuyn doi so", "chuyển đổi số"),
        ("chuyen doi xo", "chuyển đổi số"),
        ("chuyen odi so", "chuyển đổi số"),
        # Each word is one, only not here
        ("chuyen noi so", "chuyển đổi số"),
        # What sounds alike
        ("truyen doi so", "chuyển đổi số"),
        ("thanh cha", "thanh tra"),
        ("ranh cho", "dành cho"),
        ("gianh cho", "dành cho"),
        # Accents typed, and kept where the words were right
        ("hải phòg", "hải phòng"),
        # Keys of Telex and VNI
        ("chuyeenr ddooir soos", "chuyển đổi số"),
        ("chuyen63 d9oi63 so61", "chuyển đổi số"),
        # Together and apart
        ("chuyendoiso", "chuyển đổi số"),
        ("chuyendoi so", "chuyển đổi số"),
        ("ch uyen doi so", "chuyển đổi số"),
        # Foreign words
        ("interet", "internet"),
        ("mang internte", "mạng internet"),
        # Words apart
        ("so chuyem doi", "so chuyen doi"),
        # Phrases stay phrases
        ('"chuyen doj so"', '"chuyển đổi số"'),
        ('hai "chuyen doj so"', 'hải "chuyển đổi số"'),
    ],
)
def test_one_slip_is_mended(typed, meant):
    make_article(title="Chuyển đổi số ở Hải Phòng", body_text="Dành cho mạng Internet")
    make_article(title="Kết luận thanh tra", sapo="Chuyện, nói và sông")
    assert search(typed).total == 0
    found = suggested(typed)
    assert found == (meant and (meant, 1))


@database
def test_the_usual_reading_wins():
    make_article(title="Khoa họa")
    for _ in range(3):
        make_article(title="Khoa học")
    assert suggested("khoa hoj") == ("khoa học", 3)


@database
def test_accents_are_those_most_articles_have():
    now = timezone.now()
    make_article(title="Khóa học")
    for days in (1, 2):
        make_article(title="Khoa học", published_at=now - timedelta(days=days))
    assert suggested("khoaa hoc") == ("khoa học", 3)


@database
def test_the_number_is_what_the_words_will_find():
    make_article(title="Khoa học")
    make_article(title="Khoa nội, nơi học")
    words, total = suggested("khaoa hoc")
    assert total == search(words).total == 2


@database
def test_the_filters_stay():
    science, sport = make_category(), make_category()
    make_article(title="Khoa học", category=science, published_at=local(2021, 5, 19))
    make_article(title="Khoa nhi", category=sport)
    assert suggested("khoa hic", category_ids=(sport.pk,)) is None
    assert suggested("khoa hic", category_ids=(science.pk,)) == ("khoa học", 1)
    day = date(2021, 5, 19)
    assert suggested("khoa hic", first_day=day, last_day=day) == ("khoa học", 1)
    assert suggested("khoa hic", first_day=date(2021, 5, 20)) is None


@database
def test_right_words_kept_away_by_a_filter_are_left_alone():
    make_article(title="Khoa học", published_at=local(2021, 5, 19))
    make_article(title="Khoa hoa")
    assert suggested("khoa hoc", first_day=date(2022, 1, 1)) is None


@database
@pytest.mark.parametrize("state", [s for s in State.values if s != State.PUBLISHED])
def test_what_readers_may_not_see_suggests_nothing(state):
    make_article(title="Khoa học", state=state)
    make_article(title="Khoa học", published_at=timezone.now() + timedelta(hours=1))
    stale = make_article(title="Khoa học")
    Article.objects.filter(pk=stale.pk).update(state=state)
    assert suggested("khoa hic") is None


@database
@pytest.mark.parametrize("typed", ["xyzzy", "khoa 2022", "học mnbv khoa", "a"])
def test_nothing_is_suggested_when_nothing_helps(typed):
    make_article(title="Khoa học 2021")
    assert suggested(typed) is None


@database
@pytest.mark.parametrize("typed", HOSTILE, ids=lambda typed: ascii(typed[:12]))
def test_hostile_words_break_nothing(typed):
    make_article(title="Bài yên bình")
    words = parse_words(typed)
    found = suggest(Article.objects.published(), SearchRequest(words=words))
    assert found is None or found.total == 1


@database
@pytest.mark.parametrize("typed", ["anan" * 16, "w" * 64, "thuyen " * 12, "ư" * 64])
def test_long_words_cost_few_statements(typed):
    make_article(title="Khoa học")
    with CaptureQueriesContext(connection) as queries:
        suggested(typed)
    assert len(queries) <= 12


@database
def test_a_suggestion_costs_few_statements():
    make_article(title="Khoa học và công nghệ")
    with CaptureQueriesContext(connection) as queries:
        assert suggested("khoa hjc nghe cong") == ("khoa hoc nghe cong", 1)
        assert suggested("khoa hjc") == ("khoa học", 1)
    assert len(queries) <= 2 * 12


@database
def test_a_database_that_takes_too_long_gives_no_suggestion(monkeypatch):
    def stop(*args):
        raise SearchTimeout

    make_article(title="Khoa học")
    monkeypatch.setattr(type(backend()), "known", stop)
    assert suggested("khoa hjc") is None


@database
def test_the_page_links_to_other_words_and_keeps_the_filters(client):
    make_article(title="<i>Khoa học", published_at=local(2021, 5, 19))
    asked = {"q": "khoa hjc", "tu-ngay": "19/05/2021"}
    text = client.get("/tim-kiem/", asked).content.decode()
    [(address, words, rest)] = re.findall(
        r'Ý bạn là: <a href="([^"]*)">(.*?)</a>(.*?)</p>', text
    )
    assert (words, rest) == ("khoa học", " (1 kết quả)")
    assert "tu-ngay=19/05/2021" in address
    assert "Tìm thấy 1 kết quả" in client.get(unescape(address)).content.decode()
    assert "Ý bạn là" not in client.get("/tim-kiem/?q=khoa").content.decode()
