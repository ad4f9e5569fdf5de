import pytest

from search import abbreviations
from search.models import Abbreviation

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_defaults(db):
    Abbreviation.objects.all().delete()


def keep(*rows):
    for short, long in rows:
        Abbreviation.objects.create(short=short, long=long)


def test_each_form_leads_to_the_other_without_accents_case_or_punctuation():
    keep(("KH&CN", "Khoa học và Công nghệ"))
    found = abbreviations.load()
    long = ("khoa", "hoc", "va", "cong", "nghe")
    assert found == {("kh", "cn"): (long,), long: (("kh", "cn"),)}


def test_a_short_form_with_two_meanings_leads_to_both():
    keep(("TP.HCM", "Thành phố Hồ Chí Minh"), ("TP.HCM", "tướng phố"))
    long, other = ("thanh", "pho", "ho", "chi", "minh"), ("tuong", "pho")
    found = abbreviations.load()
    assert found[("tp", "hcm")] == (long, other)
    assert found[long] == found[other] == (("tp", "hcm"),)


def test_a_meaning_with_two_short_forms_leads_to_both():
    keep(("UBND", "Ủy ban nhân dân"), ("UB", "Uỷ ban nhân dân"))
    assert abbreviations.load()[("uy", "ban", "nhan", "dan")] == (("ubnd",), ("ub",))


def test_an_edit_counts_at_the_next_search():
    keep(("CNTT", "công nghệ thông tin"))
    assert ("cntt",) in abbreviations.load()
    Abbreviation.objects.update(short="CNTT-TT")
    assert ("cntt",) not in abbreviations.load()
    assert ("cntt", "tt") in abbreviations.load()
    Abbreviation.objects.all().delete()
    assert abbreviations.load() == {}


def test_rows_without_letters_and_rows_that_say_nothing_are_passed_over():
    keep(("&", "và"), ("UBND", "…"), ("Đảng", "đang"))
    assert abbreviations.load() == {}


def test_loading_is_one_query(django_assert_num_queries):
    keep(*[(f"V{n}", f"viết tắt {n}") for n in range(30)])
    with django_assert_num_queries(1):
        assert len(abbreviations.load()) == 60
