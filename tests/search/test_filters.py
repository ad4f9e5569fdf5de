from datetime import date

import pytest
from django.http import QueryDict

from search.filters import ArticleFilter, search_form
from search.request import NEWEST, RELEVANCE
from tests.factories import make_category

pytestmark = pytest.mark.django_db


def form(**asked) -> ArticleFilter:
    """Make a bound form; names are written with _ for the hyphen."""
    data = QueryDict(mutable=True)
    for name, value in asked.items():
        data[name.replace("_", "-")] = value
    return search_form(data)


@pytest.mark.parametrize(
    "typed",
    [
        *("19/05/2021", "19/5/2021", "19-05-2021", "19.5.2021", "19 05 2021"),
        *("19052021", "2021-05-19", " 19/05/2021 ", "１９/０５/２０２１"),
        "19\u200b/05/2021",
    ],
)
def test_days_are_read_as_people_type_them(typed):
    bound = form(tu_ngay=typed, den_ngay=typed)
    assert bound.is_valid(), bound.errors
    asked = bound.to_request()
    assert (asked.first_day, asked.last_day) == (date(2021, 5, 19),) * 2


@pytest.mark.parametrize(
    "typed",
    [
        *("31/02/2021", "00/01/2021", "32/01/2021", "1/13/2021", "2021-13-01"),
        *("1952021", "19/05/21", "19/05", "hôm qua", "19/05/2021x", "05/2021", "0"),
        *("01/01/0001", "31/12/9999", "99999999", "9" * 500, "😀", "%s"),
    ],
)
@pytest.mark.parametrize("name", ["tu_ngay", "den_ngay"])
def test_an_impossible_day_is_said_and_not_dropped(name, typed):
    bound = form(**{name: typed, "q": "rừng"})
    assert not bound.is_valid()
    assert list(bound.errors) == [name.replace("_", "-")]
    assert len(bound.errors[name.replace("_", "-")][0]) > 10


def test_reversed_days_are_said():
    bound = form(tu_ngay="20/05/2021", den_ngay="19/05/2021")
    assert not bound.is_valid()
    message = bound.errors["den-ngay"][0]
    assert "20/05/2021" in message
    assert "19/05/2021" in message
    assert form(tu_ngay="19/05/2021", den_ngay="19/05/2021").is_valid()


def test_a_category_brings_its_subtree_hidden_children_included():
    parent = make_category(name="Cha")
    child = make_category(name="Con", parent=parent)
    hidden = make_category(name="Ẩn", parent=child, is_visible=False)
    make_category(name="Khác")
    bound = form(chuyen_muc="cha")
    assert bound.is_valid()
    wanted = {parent.pk, child.pk, hidden.pk}
    assert set(bound.to_request().category_ids) == wanted


@pytest.mark.parametrize("slug", ["khong-co", "an", "'", "1", "x" * 10_000])
def test_an_unknown_or_hidden_category_is_said(slug):
    make_category(name="Ẩn", is_visible=False)
    bound = form(chuyen_muc=slug)
    assert not bound.is_valid()
    assert list(bound.errors) == ["chuyen-muc"]


def test_categories_are_offered_as_an_indented_tree():
    science = make_category(name="Khoa học", position=1)
    make_category(name="Văn hoá", position=0)
    hidden = make_category(name="Ẩn", parent=science, is_visible=False)
    make_category(name="Vũ trụ", parent=hidden)
    make_category(name="Biển", parent=science, position=2)
    offered = [label for _, label in search_form().category.field.choices][1:]
    assert offered == ["Văn hoá", "Khoa học", "\u2003Vũ trụ", "\u2003Biển"]


def test_the_form_costs_one_query(django_assert_num_queries):
    for _ in range(3):
        make_category(parent=make_category())
    with django_assert_num_queries(1):
        str(search_form().form)


def test_words_without_a_letter_are_said():
    assert list(form(q="!!! 😀").errors) == ["q"]


@pytest.mark.parametrize(
    ("asked", "is_empty"),
    [
        ({}, True),
        ({"q": "  ", "tu_ngay": "", "trang": "2", "sap_xep": "moi-nhat"}, True),
        ({"khac": "x"}, True),
        ({"q": "a"}, False),
        ({"den_ngay": "x"}, False),
    ],
)
def test_empty_means_that_no_field_holds_anything(asked, is_empty):
    assert form(**asked).is_empty is is_empty


@pytest.mark.parametrize(
    ("asked", "order"),
    [
        ({"q": "a"}, RELEVANCE),
        ({"q": "a", "sap_xep": "lien-quan"}, RELEVANCE),
        ({"q": "a", "sap_xep": "moi-nhat"}, NEWEST),
        ({"q": "a", "sap_xep": "'; drop"}, RELEVANCE),
        ({"tu_ngay": "19/05/2021", "sap_xep": "lien-quan"}, NEWEST),
    ],
)
def test_order(asked, order):
    bound = form(**asked)
    assert bound.is_valid()
    assert bound.to_request().order == order


@pytest.mark.parametrize(
    ("typed", "page"),
    [
        *[("1", 1), ("7", 7), ("", 1), ("10000", 10_000)],
        *[(bad, None) for bad in ("0", "-1", "x", "1.5", "²", "٣", "9" * 400, "1e3")],
    ],
)
def test_pages(typed, page):
    assert form(trang=typed).page == page


def test_the_address_of_a_search_can_be_shared_and_changed():
    make_category(name="Khoa học")
    bound = form(
        q='"hòa bình" & đẹp',
        chuyen_muc="khoa-hoc",
        tu_ngay="19052021",
        sap_xep="moi-nhat",
        trang="3",
        khac="x",
    )
    assert bound.is_valid()
    query = QueryDict(bound.address().partition("?")[2])
    assert query.dict() == {
        "q": '"hòa bình" & đẹp',
        "chuyen-muc": "khoa-hoc",
        "tu-ngay": "19/05/2021",
        "sap-xep": "moi-nhat",
    }
    shorter = bound.address(without=("chuyen-muc", "tu-ngay"), words="rừng")
    assert shorter == "/tim-kiem/?q=r%E1%BB%ABng&sap-xep=moi-nhat"
    assert bound.query().endswith("&")


def test_two_forms_on_one_page_share_no_id():
    one = str(search_form(id_prefix="a").form)
    other = str(search_form(id_prefix="b").form)
    assert 'id="a-q"' in one
    assert 'id="b-q"' in other
    assert 'id="a-' not in other
