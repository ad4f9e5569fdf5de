"""RSS of a search."""

from datetime import timedelta
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from portal.overload import MAX_QUERY
from search.backends.base import SearchTimeout
from tests.factories import make_article, make_category
from tests.search.contract import HOSTILE
from tests.search.helpers import backend, local
from tests.search.test_views import URL

pytestmark = pytest.mark.django_db
RSS = "/tim-kiem/rss/"


def channel(response):
    assert response.status_code == 200
    assert response["Content-Type"].startswith("application/rss+xml")
    return ElementTree.fromstring(response.content)[0]


def titles(response) -> list[str]:
    return [item.findtext("title") for item in channel(response).iter("item")]


def test_the_newest_come_first_whatever_their_accents(client):
    make_article(title="Rừng xa", published_at=local(2021, 1, 1))
    make_article(title="Rung gần", published_at=local(2021, 1, 2))
    make_article(title="Biển")
    response = client.get(RSS, {"q": "rừng", "sap-xep": "lien-quan", "trang": "7"})
    assert titles(response) == ["Rung gần", "Rừng xa"]


def test_it_holds_the_newest_twenty_that_readers_may_see(client):
    now = timezone.now()
    for hours in range(-2, 23):
        at = now - timedelta(hours=hours, minutes=1)
        make_article(title=f"Rừng {hours}", published_at=at)
    expected = [f"Rừng {hours}" for hours in range(20)]
    for asked in ({"q": "rừng"}, {"tu-ngay": "01/01/2000"}):
        assert titles(client.get(RSS, asked)) == expected


def test_it_says_what_is_searched_and_leads_to_the_page(client, settings):
    settings.SITE_URL = "https://cong-tin.example"
    category = make_category(name="Khoa học")
    article = make_article(title="Rừng", category=category)
    asked = {"q": "rừng", "chuyen-muc": "khoa-hoc", "tu-ngay": "01/01/2020"}
    found = channel(client.get(RSS, asked))
    assert found.findtext("title") == (
        "Tìm kiếm: “rừng”, Chuyên mục: Khoa học, Từ ngày 01/01/2020"
    )
    link = found.findtext("link")
    assert link.startswith("https://cong-tin.example/tim-kiem/?q=")
    page = client.get(link.removeprefix("https://cong-tin.example"))
    assert page.context["page"].rows[0].article == article
    assert page.context["page"].is_by_date
    item = found.find("item")
    assert item.findtext("link").endswith(article.get_absolute_url())


def test_the_page_names_its_feed(client):
    make_article(title="Rừng")
    html = client.get(URL, {"q": "rừng", "trang": "1"}).content.decode()
    address = f"{RSS}?q={quote('rừng')}"
    link = '<link rel="alternate" type="application/rss+xml" title="Tìm kiếm: “rừng”"'
    assert f'{link} href="{address}">' in html
    assert html.count(f'href="{address}"') == 2
    assert titles(client.get(address)) == ["Rừng"]
    assert RSS not in client.get(URL).content.decode()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "Hãy điền"),
        ({"trang": "2"}, "Hãy điền"),
        ({"q": "!!!"}, "chữ"),
        ({"q": "rừng", "tu-ngay": "31/02/2021"}, "31/02/2021"),
        ({"chuyen-muc": "khong-co"}, "khong-co"),
    ],
)
def test_what_cannot_be_searched_is_refused_in_plain_words(client, asked, said):
    response = client.get(RSS, asked)
    assert response.status_code == 400
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert said in response.content.decode()
    assert response["X-Robots-Tag"] == "noindex"


def test_no_search_engine_lists_it(client):
    assert client.get(RSS, {"q": "rừng"})["X-Robots-Tag"] == "noindex"


def test_nothing_found_is_an_empty_feed(client):
    assert titles(client.get(RSS, {"q": "rừng"})) == []


def test_a_search_stopped_by_the_database_is_asked_again_later(client, monkeypatch):
    def stop(*args, **kwargs):
        raise SearchTimeout

    monkeypatch.setattr(type(backend()), "newest", stop)
    response = client.get(RSS, {"q": "rừng"})
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0


@pytest.mark.parametrize("typed", HOSTILE, ids=lambda typed: ascii(typed[:12]))
def test_hostile_words_give_a_readable_feed_or_a_refusal(client, typed):
    make_article(title="a b")
    for name in ("q", "chuyen-muc", "den-ngay"):
        query = f"{name}={quote(typed, errors='surrogatepass')}"
        response = client.get(f"{RSS}?{query}")
        if len(query) > MAX_QUERY:
            assert response.status_code == 414
        elif response.status_code != 400:
            channel(response)
