import pytest

from search.request import MAX_QUERY_LENGTH, MAX_TERMS, Words, parse_words

CASES = [
    ("khoa học", ("khoa", "học"), ()),
    ('"khoa học" mới', ("mới",), (("khoa", "học"),)),
    ("“khoa học” và „công nghệ‟", ("và",), (("khoa", "học"), ("công", "nghệ"))),
    ('khoa "học', ("khoa", "học"), ()),
    ('"khoa"', ("khoa",), ()),
    ('"" "!"', (), ()),
    ("AND OR NOT NEAR", ("and", "or", "not", "near"), ()),
    ("", (), ()),
    ("chỉ thị 05-CT/TW mới", ("chỉ", "thị", "mới"), (("05", "ct", "tw"),)),
    ("84 – KH/TU", (), (("84", "kh", "tu"),)),
    ("13/2023/NĐ-CP", (), (("13", "2023", "nđ", "cp"),)),
    ("2345/QĐ-UBND", (), (("2345", "qđ", "ubnd"),)),
    # No numbers of documents
    ("Tết 2021 - sum họp", ("tết", "2021", "sum", "họp"), ()),
    ("19/05/2021", ("19", "05", "2021"), ()),
    ("covid-19", ("covid", "19"), ()),
    ("24/7", ("24", "7"), ()),
]


@pytest.mark.parametrize(("typed", "loose", "phrases"), CASES)
def test_quotation_marks_make_phrases(typed, loose, phrases):
    assert parse_words(typed) == Words(loose, phrases)


def test_too_many_words_are_cut_and_said():
    words = parse_words(" ".join(f"w{n}" for n in range(40)))
    assert len(words.all) == MAX_TERMS
    assert words.is_cut


def test_ten_thousand_characters_are_cut_and_said():
    words = parse_words("abc " * 2500)
    assert len(words.all) == MAX_TERMS
    assert words.is_cut
    assert not parse_words("ngắn").is_cut


def test_what_stands_beyond_the_longest_query_is_not_looked_at():
    words = parse_words(f"a{' ' * MAX_QUERY_LENGTH}b")
    assert words.all == ("a",)
    assert words.is_cut
