import unicodedata

import pytest

from search import text

VECTORS = [
    ("Đường ĐƯỜNG Ðường ðường", "duong duong duong duong", "đường đường đường đường"),
    ("hoà bình / hòa bình", "hoa binh hoa binh", "hòa bình hòa bình"),
    ("uỷ Ủy thuỷ Thủy", "uy uy thuy thuy", "ủy ủy thủy thủy"),
    (
        "thuý quý khoẻ toàn quà",
        "thuy quy khoe toan qua",
        "thúy quý khỏe toàn quà",
    ),
    ("Ấ Ộ Ữ Ễ Ẵ Ỹ ƯỢ", "a o u e a y uo", "ấ ộ ữ ễ ẵ ỹ ượ"),
    ("huỳnh khuỷu ngoài xoáy", "huynh khuyu ngoai xoay", "huỳnh khuỷu ngoài xoáy"),
    ("TP.HCM", "tp hcm", "tp hcm"),
    ("COVID-19", "covid 19", "covid 19"),
    ("1.234,5", "1 234 5", "1 234 5"),
    ("a_b", "a b", "a b"),
    ("Thủ\u00a0tướng", "thu tuong", "thủ tướng"),
    ("Thủ\u200btướng", "thu tuong", "thủ tướng"),
    ("ＡＢＣ　１２", "abc 12", "abc 12"),
    ("km²", "km2", "km2"),
    ("kĩ kỹ lí Lý quí quý", "ky ky ly ly quy quy", "kĩ kỹ lí lý quí quý"),
    ("thúi thúy thi chí i y", "thui thuy thi chi i y", "thúi thúy thi chí i y"),
    ("05/5/2021 00 000 0912", "5 5 2021 0 000 0912", "05 5 2021 00 000 0912"),
    ("ca\u00adnô \u202ecó\u0000", "cano co", "canô có"),
    ("\ud800a", "a", "a"),
    ("😀 !? \"'", "", ""),
]


@pytest.mark.parametrize(("source", "folded", "exact"), VECTORS)
def test_vectors_of_the_design(source, folded, exact):
    assert text.fold(source) == folded
    assert text.exact(source) == exact


@pytest.mark.parametrize("source", [source for source, *_ in VECTORS])
def test_decomposed_input_makes_the_same_tokens(source):
    decomposed = unicodedata.normalize("NFD", source)
    assert text.exact(decomposed) == text.exact(source)
    assert text.fold(decomposed) == text.fold(source)


def test_every_accented_vowel_folds_to_one_ascii_letter():
    for plain, letters in {
        "a": "àáảãạăằắẳẵặâầấẩẫậ",
        "e": "èéẻẽẹêềếểễệ",
        "i": "ìíỉĩị",
        "o": "òóỏõọôồốổỗộơờớởỡợ",
        "u": "ùúủũụưừứửữự",
        "y": "ỳýỷỹỵ",
        "d": "đ",
    }.items():
        for letter in letters + letters.upper():
            assert text.fold(letter) == plain, letter
            assert text.fold(unicodedata.normalize("NFD", letter)) == plain, letter


def test_bigrams_pair_neighbours_and_nothing_else():
    assert text.bigrams(["khoa", "hoc", "cong"]) == ["khoa_hoc", "hoc_cong"]
    assert text.bigrams(["khoa"]) == []


def test_a_run_without_end_is_cut():
    assert text.exact_tokens("a" * 5000) == ["a" * text.MAX_TOKEN_LENGTH]
