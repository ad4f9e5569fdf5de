"""The categories and years of what was found, as ways to narrow it."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.http import QueryDict
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from news.models import Article
from search.backends.base import SearchTimeout
from search.filters import search_form
from search.results import find
from tests.factories import make_article, make_category
from tests.search.helpers import backend, local
from tests.search.properties import quick
from tests.search.test_views import URL, main_text

pytestmark = pytest.mark.django_db


def page_of(query):
    """Return the ResultsPage of a query string, an address or a dict."""
    if isinstance(query, dict):
        asked = QueryDict(mutable=True)
        asked.update(query)
    else:
        asked = QueryDict(urlsplit(query).query or query)
    return find(search_form(asked))


def numbers(facet) -> dict[str, int | None]:
    return {choice.text: choice.count for choice in facet.choices}


def urls(facet) -> dict[str, str]:
    return {choice.text: choice.url for choice in facet.choices}


def test_categories_and_years_are_counted_and_add_up():
    science, health = make_category(name="Khoa học"), make_category(name="Y tế")
    make_article(title="Rừng", category=health, published_at=local(2020, 3, 1))
    for month in (1, 2):
        at = local(2021, month, 1)
        make_article(
            title="Rừng",
            category=science,
            further_categories=[health],
            published_at=at,
        )
    make_article(title="Biển", category=science)
    facets = page_of({"q": "rung"}).facets
    assert facets.is_exact
    assert numbers(facets.categories) == {"Khoa học": 2, "Y tế": 1}
    assert numbers(facets.years) == {"2021": 2, "2020": 1}


def test_a_choice_keeps_words_and_order_and_leaves_the_page():
    for year in (2020, 2021):
        make_article(title="Rừng", published_at=local(year, 3, 1))
    page = page_of({"q": "rừng xanh", "sap-xep": "moi-nhat"})
    assert page.facets is None
    page = page_of({"q": "rừng", "sap-xep": "moi-nhat", "trang": "1"})
    years = urls(page.facets.years)
    assert QueryDict(urlsplit(years["2020"]).query).dict() == {
        "q": "rừng",
        "sap-xep": "moi-nhat",
        "tu-ngay": "01/01/2020",
        "den-ngay": "31/12/2020",
    }


def test_years_begin_at_local_midnight():
    last = make_article(title="Rừng", published_at=local(2020, 12, 31, 23, 59, 59))
    first = make_article(title="Rừng", published_at=local(2021, 1, 1))
    for asked in ({"q": "rừng"}, {"tu-ngay": "01/01/2000"}):
        facets = page_of(asked).facets
        assert numbers(facets.years) == {"2021": 1, "2020": 1}
        for year, article in (("2020", last), ("2021", first)):
            rows = page_of(urls(facets.years)[year]).rows
            assert [row.article for row in rows] == [article]


def test_a_year_stays_within_the_days_asked_for():
    for year, month in ((2020, 1), (2020, 7), (2021, 3), (2021, 9)):
        make_article(title="Rừng", published_at=local(year, month, 1))
    asked = {"q": "rừng", "tu-ngay": "01/06/2020", "den-ngay": "30/06/2021"}
    facets = page_of(asked).facets
    assert numbers(facets.years) == {"2021": 1, "2020": 1}
    assert [page_of(url).result.total for url in urls(facets.years).values()] == [1, 1]


def test_a_hidden_category_is_counted_and_not_named(client):
    hidden = make_category(name="Lưu trữ", is_visible=False)
    for category in (hidden, make_category(name="Y tế"), make_category(name="Xã hội")):
        make_article(title="Rừng", category=category)
    facets = page_of({"q": "rừng"}).facets
    assert numbers(facets.categories) == {
        "Y tế": 1,
        "Xã hội": 1,
        "Chuyên mục khác": 1,
    }
    assert urls(facets.categories)["Chuyên mục khác"] == ""
    assert "Lưu trữ" not in client.get(URL, {"q": "rừng"}).content.decode()


def test_within_a_category_its_subcategories_are_offered_and_nothing_outside():
    science, other = make_category(name="Khoa học"), make_category(name="Khác")
    space = make_category(name="Vũ trụ", parent=science)
    make_article(title="Rừng", category=science)
    make_article(title="Rừng", category=space)
    make_article(title="Rừng", category=other, further_categories=[science])
    categories = page_of({"q": "rừng", "chuyen-muc": "khoa-hoc"}).facets.categories
    assert numbers(categories) == {"Khoa học": 1, "Vũ trụ": 1, "Chuyên mục khác": 1}
    assert [text for text, url in urls(categories).items() if url] == ["Vũ trụ"]


def test_one_category_and_one_year_are_no_choice(client):
    category = make_category()
    for month in (1, 2):
        make_article(
            title="Rừng", category=category, published_at=local(2021, month, 1)
        )
    assert not page_of({"q": "rừng"}).facets
    assert 'id="thu-hep"' not in client.get(URL, {"q": "rừng"}).content.decode()


@pytest.mark.parametrize("asked", [{"q": "rừng"}, {"tu-ngay": "01/01/2000"}])
def test_without_a_total_there_is_no_number(client, asked, monkeypatch):
    monkeypatch.setattr(type(backend()), "total_cap", 3)
    # Whichever four are looked at, they are of two categories.
    categories = [make_category(name=name) for name in "abc"]
    for number in range(8):
        make_article(
            title="Rừng",
            category=categories[number % 3],
            published_at=local(2020, 1, 1 + number),
        )
    facets = page_of(asked).facets
    assert not facets.is_exact
    assert set(urls(facets.categories)) <= set("abc")
    assert set(numbers(facets.categories).values()) == {None}
    html = client.get(URL, asked).content.decode()
    assert "Tìm thấy hơn 3 kết quả" in html
    assert 'id="thu-hep"' in html
    assert "facet__count" not in html
    assert "Chỉ liệt kê 3 kết quả đầu" in main_text(client.get(URL, asked))


def test_an_article_that_came_out_meanwhile_takes_the_numbers_away(monkeypatch):
    for _ in range(3):
        make_article(title="Rừng")
    monkeypatch.setattr(type(backend()), "_total", lambda *args: 2)
    assert not page_of({"q": "rừng"}).facets.is_exact


def test_results_are_shown_when_counting_takes_too_long(monkeypatch):
    for _ in range(3):
        make_article(title="Rừng")
    assert page_of({"q": "rừng"}).facets

    def stop(*args, **kwargs):
        raise SearchTimeout

    monkeypatch.setattr(type(backend()), "groups", stop)
    page = page_of({"q": "rừng"})
    assert page.facets is None
    assert len(page.rows) == 3


class TestAnySearch:
    """Of any search the counts add up and every choice narrows to what it says."""

    @pytest.fixture(autouse=True)
    def _articles(self):
        now = timezone.now()
        parent = make_category(name="a")
        categories = [parent, make_category(name="b", parent=parent)]
        categories += [make_category(name="c", is_visible=False), make_category()]
        for number in range(20):  # one page
            make_article(
                title=("Rừng", "Rừng xanh", "Biển xanh")[number % 3],
                category=categories[number * 7 % 4],
                further_categories=[categories[number % 4]] if number % 5 == 0 else [],
                published_at=now - timedelta(days=73 * number),
            )
        self.first_year = timezone.localdate(now).year - 4

    @quick
    @given(
        st.sampled_from(["", "rung", "xanh", '"rừng xanh"']),
        st.sampled_from(["", "a", "b"]),
        st.integers(0, 4),
        st.integers(0, 4),
    )
    def test_counts_add_up_and_choices_narrow(self, words, category, start, span):
        asked = {
            "q": words,
            "chuyen-muc": category,
            "tu-ngay": f"05/03/{self.first_year + start}",
            "den-ngay": f"04/11/{self.first_year + start + span}",
        }
        page = page_of(asked)
        facets = page.facets
        if page.result.total < 2:
            assert facets is None
            return
        found = {row.article.pk for row in page.rows}
        main = dict(Article.objects.values_list("pk", "category__name"))
        for facet in (facets.categories, facets.years):
            assert sum(choice.count for choice in facet.choices) == len(found)
        for choice in facets.years.choices:
            assert page_of(choice.url).result.total == choice.count
        for choice in facets.categories.choices:
            if choice.url:
                narrowed = {row.article.pk for row in page_of(choice.url).rows}
                assert narrowed <= found
                here = [pk for pk in narrowed if main[pk] == choice.text]
                assert len(here) == choice.count
