"""The result page as readers get it."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import quote, urlsplit

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import escape

from portal.overload import MAX_QUERY
from search.backends.base import SearchTimeout
from tests.factories import make_article, make_category
from tests.search.contract import HOSTILE
from tests.search.helpers import backend, local

pytestmark = pytest.mark.django_db
URL = "/tim-kiem/"


def main_text(response) -> str:
    """Return the HTML of <main>."""
    html = response.content.decode()
    return html[html.index("<main") : html.index("</main>")]


def titles(response) -> list[str]:
    found = re.findall(r'class="hit__title">(.*?)</h2>', main_text(response))
    return [unescape(re.sub("<.*?>", "", title)) for title in found]


def test_without_a_question_there_is_help_and_no_result(client):
    make_article(title="Rừng")
    response = client.get(URL)
    assert response.status_code == 200
    assert response.context["page"] is None
    assert titles(response) == []
    assert "search-help" in main_text(response)


def test_words_category_and_days_together_find_the_article(client):
    science = make_category(name="Khoa học")
    child = make_category(name="Vũ trụ", parent=science)
    title = "Học tập tư tưởng Hồ Chí Minh"
    make_article(title=title, category=child, published_at=local(2021, 5, 19, 10, 30))
    make_article(title=title, category=child, published_at=local(2021, 5, 20))
    make_article(title=title, published_at=local(2021, 5, 19))
    asked = {
        "q": "tu tuong ho chi minh",
        "chuyen-muc": "khoa-hoc",
        "tu-ngay": "19/05/2021",
        "den-ngay": "19052021",
    }
    response = client.get(URL, asked)
    text = main_text(response)
    assert titles(response) == [title]
    assert "<mark>tư tưởng Hồ Chí Minh</mark>" in text
    assert "Tìm thấy 1 kết quả" in text
    assert "“tu tuong ho chi minh”" in text
    assert '<option value="khoa-hoc" selected>' in text
    chips = re.findall(r'<li><a href="([^"]*)"><span', text)
    gone = ("chuyen-muc",), ("tu-ngay", "den-ngay")
    for chip, names in zip(chips, gone, strict=True):
        assert not [name for name in names if name in chip]
        assert len(titles(client.get(unescape(chip)))) == 2


@pytest.mark.parametrize(
    ("first", "last", "chips"),
    [
        ("19/05/2021", "19/05/2021", ["Ngày 19/05/2021"]),
        ("01/02/2020", "29/02/2020", ["Tháng 02/2020"]),
        ("01/01/2021", "31/12/2021", ["Năm 2021"]),
        ("19/05/2021", "", ["Từ ngày 19/05/2021"]),
        ("", "19/05/2021", ["Đến ngày 19/05/2021"]),
        ("01/01/2021", "19/05/2021", ["Từ ngày 01/01/2021", "Đến ngày 19/05/2021"]),
    ],
)
def test_days_are_named_as_people_do_each_with_a_way_out(client, first, last, chips):
    asked = {"q": "rừng", "tu-ngay": first, "den-ngay": last}
    page = client.get(URL, asked).context["page"]
    assert [chip.text for chip in page.chips] == chips
    kept = {name: value for name, value in asked.items() if value}
    for chip in page.chips:
        left = QueryDict(urlsplit(chip.url).query).dict()
        assert left.items() < kept.items()
        assert len(kept) - len(left) == (1 if len(chips) > 1 else len(kept) - 1)


@pytest.mark.parametrize(
    ("typed", "said", "found"),
    [
        ("họp 19/05/2021", "Tìm tin đăng ngày 19/05/2021 có chữ “họp”", ["Họp"]),
        ("tháng 5/2021", "Xem tin đăng tháng 05/2021", ["Rừng", "Họp"]),
        ("họp năm 2021", "Tìm tin đăng năm 2021 có chữ “họp”", ["Họp"]),
    ],
)
def test_dates_among_the_words_are_offered_and_not_applied(client, typed, said, found):
    category = make_category(name="Khoa học")
    make_article(title="Họp", category=category, published_at=local(2021, 5, 19))
    make_article(title="Rừng", category=category, published_at=local(2021, 5, 20))
    make_article(title="Họp", category=category, published_at=local(2020, 5, 19))
    make_article(title="Họp", published_at=local(2021, 5, 19))
    literal = make_article(title=typed)
    asked = {"q": typed, "chuyen-muc": "khoa-hoc", "sap-xep": "moi-nhat"}
    assert titles(client.get(URL, {"q": typed})) == [literal.title]
    response = client.get(URL, asked)
    assert titles(response) == []
    offer = response.context["page"].day_offer
    assert offer.text == said
    assert f'class="offer"><a href="{escape(offer.url)}">{said}</a>' in main_text(
        response
    )
    after = client.get(offer.url)
    assert titles(after) == found
    assert after.context["page"].day_offer is None


@pytest.mark.parametrize("typed", ["15/2020/NĐ-CP", "84-KH/TU", "31/02/2021", "họp"])
def test_no_date_is_offered_where_there_is_none(client, typed):
    assert 'class="offer"' not in main_text(client.get(URL, {"q": typed}))


@pytest.mark.parametrize("name", ["chuyen-muc", "tu-ngay", "den-ngay"])
def test_any_one_field_is_enough(client, name):
    make_article(title="Rừng", category=make_category(name="Khoa học"))
    value = {"chuyen-muc": "khoa-hoc", "tu-ngay": "01/01/2000"}.get(name, "31/12/2100")
    assert titles(client.get(URL, {name: value})) == ["Rừng"]


def test_pages_are_numbered_and_keep_the_question(client):
    now = timezone.now()
    for n in range(45):
        make_article(title=f"Rừng {n}", published_at=now - timedelta(hours=n))
    asked = {"q": "rừng", "sap-xep": "moi-nhat"}
    response = client.get(URL, asked | {"trang": "2"})
    assert titles(response) == [f"Rừng {n}" for n in range(20, 40)]
    html = unescape(response.content.decode())
    query = f"?q={quote('rừng')}&sap-xep=moi-nhat&"
    assert f'<link rel="prev" href="{query}trang=1">' in html
    assert f'<link rel="next" href="{query}trang=3">' in html
    assert '<ol class="hits" start="21">' in html
    assert "Tìm thấy 45 kết quả" in html
    assert "Kết quả 21–40" in html
    assert "Kết quả 41–45" in main_text(client.get(URL, asked | {"trang": "3"}))


def test_order_can_be_chosen(client):
    old = make_article(title="Rừng", published_at=local(2020, 1, 1))
    new = make_article(body_text="rừng")
    by_match = client.get(URL, {"q": "rung"})
    assert titles(by_match) == [old.title, new.title]
    newest = client.get(URL, {"q": "rung", "sap-xep": "moi-nhat"})
    assert titles(newest) == [new.title, old.title]
    assert main_text(newest).count('aria-current="true"') == 1


def test_a_capped_total_says_more_than(client, monkeypatch):
    monkeypatch.setattr(type(backend()), "total_cap", 1000)
    page = {"q": "rừng"}
    make_article(title="rừng")
    monkeypatch.setattr(type(backend()), "_total", lambda *args: 1001)
    assert "Tìm thấy hơn 1.000 kết quả" in main_text(client.get(URL, page))


def test_text_is_escaped_before_it_is_marked(client):
    make_article(title="<b>Rừng</b> & <script>", body_text="<i>rừng</i>")
    text = main_text(client.get(URL, {"q": "rung"}))
    assert "&lt;b&gt;<mark>Rừng</mark>&lt;/b&gt; &amp; &lt;script&gt;" in text
    assert "&lt;i&gt;<mark>rừng</mark>" in text


def test_what_was_typed_is_escaped(client):
    text = client.get(URL, {"q": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in text
    assert 'value="&quot;&gt;&lt;script&gt;' in text


def test_nothing_found_offers_ways_on(client):
    make_article(title="Chuyển đổi số")
    asked = {"q": '"chuyển số" đổi', "tu-ngay": "01/01/2000"}
    text = main_text(client.get(URL, asked))
    assert "Không tìm thấy" in text
    help_text = text[text.index("search-help") :]
    ways = [unescape(way) for way in re.findall(r'<a href="([^"]*)">', help_text)]
    assert len(ways) == 3
    assert [len(titles(client.get(way))) for way in ways] == [0, 1, 1]


@pytest.mark.parametrize(
    "asked",
    [
        {"tu-ngay": "31/02/2021"},
        {"q": "rừng", "den-ngay": "hôm qua"},
        {"tu-ngay": "02/01/2021", "den-ngay": "01/01/2021"},
        {"chuyen-muc": "khong-co"},
        {"q": "!!!"},
    ],
)
def test_a_mistake_is_said_beside_its_field(client, asked):
    make_article(title="Rừng")
    response = client.get(URL, asked)
    text = main_text(response)
    assert response.status_code == 200
    assert titles(response) == []
    assert 'role="alert"' in text
    described = re.findall(r'aria-describedby="([^"]+)"', text)
    assert len(described) == 1
    assert f'id="{described[0]}"' in text
    # The list of mistakes leads to the field, which keeps what was typed.
    name = described[0].removeprefix("loc-").removesuffix("_error")
    assert f'<a href="#loc-{name}">' in text
    assert f'id="loc-{name}"' in text
    if name != "chuyen-muc":
        assert f'value="{asked[name]}"' in text


@pytest.mark.parametrize("page", ["2", "0", "-1", "abc", "9" * 30, "²"])
def test_a_page_that_does_not_exist_says_so(client, page):
    make_article(title="Rừng")
    response = client.get(URL, {"q": "rừng", "trang": page})
    assert response.status_code == 404
    assert f'href="{URL}?q={quote("rừng")}"' in main_text(response)
    assert titles(response) == []


def test_the_first_page_of_nothing_exists(client):
    assert client.get(URL, {"q": "rừng", "trang": "1"}).status_code == 200


def test_a_search_stopped_by_the_database_says_so(client, monkeypatch):
    def stop(*args):
        raise SearchTimeout

    monkeypatch.setattr(type(backend()), "search", stop)
    response = client.get(URL, {"q": "rừng"})
    assert response.status_code == 503
    assert response["Retry-After"] == "30"
    assert response["Cache-Control"] == "no-store"
    assert 'class="notice"' in main_text(response)


def test_results_are_kept_out_of_search_engines_and_set_no_cookie(client):
    response = client.get(URL, {"q": "rừng"})
    assert '<meta name="robots" content="noindex, follow">' in response.content.decode()
    wrong = client.get(URL, {"tu-ngay": "31/02/2026"}).content.decode()
    assert '<meta name="robots" content="noindex, follow">' in wrong
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


def test_the_empty_form_may_be_found_by_search_engines(client):
    text = client.get(URL).content.decode()
    assert "noindex" not in text
    assert '<link rel="canonical" href="http://testserver/tim-kiem/">' in text


def test_no_id_is_used_twice(client):
    make_article(title="Rừng")
    ids = re.findall(r'\sid="([^"]+)"', client.get(URL, {"q": "rừng"}).content.decode())
    assert len(ids) == len(set(ids))


def test_a_search_costs_few_queries(
    client, django_assert_max_num_queries, steady_totals
):
    for n in range(25):
        make_article(title=f"Rừng xanh {n}", category=make_category())
    client.get(URL)
    with django_assert_max_num_queries(20) as without:
        client.get(URL)
    # On PostgreSQL each of two readings has a savepoint, its release, two settings, and
    # a search asks for the days of the newest articles.
    # SQLite looks for the words side by side before it asks of their accents.
    settings = 9 if connection.vendor == "postgresql" else 1
    with django_assert_max_num_queries(20 + settings) as newest:
        client.get(URL, {"q": "rừng xanh", "sap-xep": "moi-nhat"})
    # Abbreviations, whether there are very many, total, page, of it what is just as
    # typed, rows, files, categories with years
    assert len(newest) - len(without) <= 8 + settings


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a plan of SQLite")
def test_rows_are_found_by_their_ids_not_by_a_walk_through_all(client):
    for _ in range(3):
        make_article(title="Rừng xanh")
    addresses = [
        (URL, {"q": "rừng xanh", "sap-xep": "moi-nhat"}),
        (f"{URL}rss/", {"q": "rừng xanh"}),
        (f"{URL}goi-y/", {"q": "rừng x"}),
    ]
    for address, asked in addresses:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address, asked).status_code == 200
        by_ids = [q["sql"] for q in queries if '"news_article"."id" IN (' in q["sql"]]
        assert by_ids, address
        for sql in by_ids:
            with connection.cursor() as cursor:
                plan = cursor.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()
            assert any("INTEGER PRIMARY KEY" in row[3] for row in plan), sql
            assert not any("article_newest" in row[3] for row in plan), sql


def test_a_printed_page_says_what_when_and_where(client, settings):
    settings.SITE_URL = "https://cong-tin.example"
    article = make_article(title="Rừng")
    text = main_text(client.get(URL, {"q": "rừng"}))
    printed = re.findall(r'<p class="print-only">(.*?)</p>', text)
    today = f"{timezone.localdate():%d/%m/%Y}"
    assert printed == [
        f"In ngày {today}, https://cong-tin.example{URL}?q=rừng",
        f"https://cong-tin.example{article.get_absolute_url()}",
    ]


def test_the_keyboard_reaches_the_results_past_the_form(client):
    make_article(title="Rừng")
    html = client.get(URL, {"q": "rừng"}).content.decode()
    assert html.index('href="#noi-dung"') < html.index('href="#ket-qua"')
    assert '<div class="results" id="ket-qua" tabindex="-1">' in html
    assert "#ket-qua" not in client.get(URL).content.decode()


def _raw(value: str) -> str:
    return quote(value, errors="surrogatepass")


@pytest.mark.parametrize("typed", HOSTILE, ids=lambda typed: ascii(typed[:12]))
def test_hostile_words_get_a_plain_answer(client, typed):
    make_article(title="Bài yên bình")
    for name in ("q", "chuyen-muc", "tu-ngay", "trang", "sap-xep"):
        query = f"q=a&{name}={_raw(typed)}"
        response = client.get(f"{URL}?{query}")
        plain = (414,) if len(query) > MAX_QUERY else (200, 404)
        assert response.status_code in plain, name
        assert len(response.content) < 40_000


@pytest.mark.parametrize(
    "query",
    [
        *("q", "=", "&&&", "q=%ff%fe%00", "q=%", "%71=a", "q=a&q=b", "q[]=a", "?q=a"),
        *("tu-ngay=%00", "trang=1&trang=2", "q=%u0041", ";", "q=a;trang=2", "x" * 5000),
    ],
)
def test_broken_query_strings_get_a_plain_answer(client, query):
    make_article(title="a b")
    assert client.get(f"{URL}?{query}").status_code in (200, 404)
