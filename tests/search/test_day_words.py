"""Dates typed among the words."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.day_words import find_days

D19 = (date(2021, 5, 19), date(2021, 5, 19))
MAY = (date(2021, 5, 1), date(2021, 5, 31))
YEAR = (date(2021, 1, 1), date(2021, 12, 31))


@pytest.mark.parametrize(
    ("typed", "span", "words"),
    [
        ("19/05/2021", D19, ""),
        ("19-5-2021", D19, ""),
        ("19.5.2021", D19, ""),
        ("１９/０５/２０２１", D19, ""),
        ("ngày 19/05/2021", D19, ""),
        ("ngày 19 tháng 5 năm 2021", D19, ""),
        ("NGÀY 19 THÁNG 5 NĂM 2021", D19, ""),
        ("ngay 19 thang 5 nam 2021", D19, ""),
        ("ngày 19 tháng 5/2021", D19, ""),
        ("tháng 5/2021", MAY, ""),
        ("thang 05/2021", MAY, ""),
        ("tháng 5 năm 2021", MAY, ""),
        ("trong tháng 5, 2021", MAY, ""),
        ("05/2021", MAY, ""),
        ("tháng 2/2020", (date(2020, 2, 1), date(2020, 2, 29)), ""),
        ("tháng 12/2021", (date(2021, 12, 1), date(2021, 12, 31)), ""),
        ("năm 2021", YEAR, ""),
        ("họp báo ngày 19/05/2021 tại Hà Nội", D19, "họp báo tại Hà Nội"),
        ("84-KH/TU ngày 19/05/2021", D19, "84-KH/TU"),
        ("15/2020/NĐ-CP năm 2021", YEAR, "15/2020/NĐ-CP"),
        ("Nghị định tháng 5/2021", MAY, "Nghị định"),
        ("họp báo 05/2021", MAY, "họp báo"),
        ('"họp báo" 19/05/2021', D19, '"họp báo"'),
        ("!!! 19/05/2021.", D19, ""),
        (
            "họp từ ngày 19/05/2021 đến 20/05/2021",
            (date(2021, 5, 19), date(2021, 5, 20)),
            "họp",
        ),
        ("tháng 5/2021 - tháng 7/2021", (date(2021, 5, 1), date(2021, 7, 31)), ""),
    ],
)
def test_a_date_is_found_and_the_other_words_are_left(typed, span, words):
    found = find_days(typed)
    assert (found.first, found.last, found.words) == (*span, words)


@pytest.mark.parametrize(
    "typed",
    [
        *("", "khoa học", "2021", "19/05", "5/21", "viet nam 2021", "Việt Nam 2021"),
        # No such day, month or year
        *("31/02/2021", "ngày 31 tháng 2 năm 2021", "tháng 13 năm 2021", "13/2021"),
        *("00/05/2021", "0/2021", "năm 0000", "năm 9999", "19/05/2021 và 31/02/2021"),
        # Numbers of documents and longer numbers
        *("15/2020/NĐ-CP", "13/2023/ND-CP", "05/2021/TT-BTC", "84-KH/TU", "05-CT/TW"),
        *("nghị định 05/2021", "Thong tu so 05/2021", "số 05/2021", "luật 08/2021"),
        *("12-05/2021", "19/05/2021/QĐ", "19/05/2021-ABC", "1.19/05/2021", "Q1/2021"),
        *("119/05/2021", "19/05/20211", "19/05-2021", "quý 1/2021", "năm 2021-2025"),
        # Several dates that make no range; quoted words
        *("19/05/2021 20/05/2021", "20/05/2021 đến 19/05/2021", '"ngày 19/05/2021"'),
        "19/05/2021, 20/05/2021, 21/05/2021",
    ],
)
def test_no_date_is_made_up(typed):
    assert find_days(typed) is None


dates = st.sampled_from(["19/05/2021", "tháng 5/2021", "năm 2021", "từ", "đến", '"'])


@given(st.lists(dates | st.text(max_size=9), max_size=6))
def test_any_text_is_taken(parts):
    found = find_days(" ".join(parts))
    assert found is None or found.first <= found.last
