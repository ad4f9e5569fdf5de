import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from news.models import Category, Tag
from news.text import clean_line, clean_lines, clean_text, slugify_vi

SLUGS = [
    ("Đường Đà Nẵng", "duong-da-nang"),
    ("13/2023/NĐ-CP", "13-2023-nd-cp"),
    ("Ủy ban nhân dân", "uy-ban-nhan-dan"),
    (unicodedata.normalize("NFD", "Đẩy mạnh chuyển đổi số"), "day-manh-chuyen-doi-so"),
    ("  --Hà Nội!!  ", "ha-noi"),
    ("中国", "bai"),
    ("", "bai"),
    ("☂", "bai"),
    ("Ð ð", "d-d"),
    ("2 tỷ đồng", "2-ty-dong"),
]


@pytest.mark.parametrize(("text", "slug"), SLUGS)
def test_slug_is_plain_ascii_vietnamese(text, slug):
    assert slugify_vi(text) == slug


def test_slug_is_cut_at_a_hyphen():
    slug = slugify_vi("chuyển đổi số " * 30, max_length=50)
    assert len(slug) <= 50
    assert slug.split("-")[-1] in ("chuyen", "doi", "so")


@given(st.text(max_size=200))
def test_slug_is_never_empty_and_always_routable(text):
    slug = slugify_vi(text)
    assert slug
    assert all(c in "abcdefghijklmnopqrstuvwxyz0123456789-" for c in slug)
    assert slug == slugify_vi(slug)


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("Thủ\u200btướng", "Thủ tướng"),
        ("a\x00b\x07c", "abc"),
        ("tep\u202egpj.exe", "tepgpj.exe"),
        ("dòng 1\r\ndòng 2\rdòng 3", "dòng 1\ndòng 2\ndòng 3"),
        ("lỗi\ud800đây", "lỗiđây"),
        ("a\U000e0062\u3164\u061c\U000e0100b", "ab"),
        ("a" + "\u0323" * 5000 + "b", "ạ" + "\u0323" * 7 + "b"),
        ("So\u00adft", "Soft"),
        (unicodedata.normalize("NFD", "Uỷ ban"), "Uỷ ban"),
    ],
)
def test_text_is_cleaned_at_the_door(given_text, kept):
    assert clean_text(given_text) == kept


@given(st.text(max_size=200))
def test_cleaning_twice_changes_nothing(text):
    once = clean_text(text)
    assert clean_text(once) == once
    once.encode()
    assert clean_line(clean_line(text)) == clean_line(text)


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("các đơn vị\xa0 triển khai", "các đơn vị triển khai"),
        ("  dòng 1  \r\n\r\n dòng\t2\n\n", "dòng 1\n\ndòng 2"),
        ("\xa0\n \n", ""),
    ],
)
def test_pasted_lines_lose_runs_of_blanks(given_text, kept):
    assert clean_lines(given_text) == kept
    assert clean_lines(kept) == kept


@pytest.mark.django_db
def test_text_is_nfc_whichever_way_it_is_stored():
    decomposed = unicodedata.normalize("NFD", "Đổi mới")
    Category.objects.create(name=decomposed, slug="a")
    Category.objects.bulk_create([Category(name=decomposed, slug="b")])
    Category.objects.filter(slug="a").update(description=decomposed)
    names = set(Category.objects.values_list("name", flat=True))
    assert names == {"Đổi mới"}
    assert Category.objects.get(slug="a").description == "Đổi mới"
    assert Category.objects.filter(name=decomposed).count() == 2


@pytest.mark.django_db
def test_nul_never_reaches_the_database():
    tag = Tag.objects.create(name="thẻ\x00 lạ")
    tag.refresh_from_db()
    assert tag.name == "thẻ lạ"
