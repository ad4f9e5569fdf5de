import pytest

from search.highlight import BODY_LENGTH, SNIPPET_LENGTH, mark, snippet
from search.request import parse_words


def marked(source: str, typed: str) -> str:
    parts = mark(source, parse_words(typed))
    assert "".join(part.text for part in parts) == source
    return "".join(f"[{p.text}]" if p.is_marked else p.text for p in parts)


@pytest.mark.parametrize(
    ("source", "typed", "expected"),
    [
        ("Đường Hồ Chí Minh", "duong", "[Đường] Hồ Chí Minh"),
        ("Đường Hồ Chí Minh", "ho chi minh", "Đường [Hồ Chí Minh]"),
        ("Vì hoà bình", "hòa bình", "Vì [hoà bình]"),
        # Accents as typed win over other accents, where both are.
        ("Bạn bán bàn", "bạn", "[Bạn] bán bàn"),
        ("Bán bàn", "bạn", "[Bán bàn]"),
        # Without accents typed, no form is better than another.
        ("Hồ Chí Minh, các chi bộ", "ho chi minh", "[Hồ Chí Minh], các chi bộ"),
        ("tư tưởng tu dưỡng", "tu tuong", "[tư tưởng] tu dưỡng"),
        # Side by side wins over lonely syllables.
        ("học nghề, khoa học", "khoa hoc", "học nghề, [khoa học]"),
        ("khoa nội dạy học", "khoa hoc", "[khoa] nội dạy [học]"),
        ("khoa học và 13/2023/NĐ-CP", "nd-cp", "khoa học và 13/2023/[NĐ]-[CP]"),
        ("<b>học</b>", "b", "<[b]>học</[b]>"),
        ("không có gì", "xyz", "không có gì"),
        ("ＫＨＯＡ học", "khoa", "[ＫＨＯＡ] học"),
    ],
)
def test_the_original_text_is_marked(source, typed, expected):
    assert marked(source, typed) == expected


def test_a_snippet_opens_around_the_best_hit():
    body = "chữ " * 200 + "rừng thông và khoa học công nghệ " + "đuôi " * 200
    parts = snippet("Sapo.", body, parse_words("khoa hoc cong nghe"))
    text = "".join(part.text for part in parts)
    assert [p.text for p in parts if p.is_marked] == ["khoa học công nghệ"]
    assert text.startswith("… ")
    assert text.endswith(" …")
    assert len(text) <= SNIPPET_LENGTH + 4


def test_a_snippet_begins_with_the_sapo_when_the_hit_is_near():
    parts = snippet("Về rừng.", "Nội dung.", parse_words("rung"))
    assert "".join(part.text for part in parts) == "Về rừng. Nội dung."


def test_a_snippet_without_words_or_hits_is_the_beginning():
    for typed in ("", "xyz"):
        parts = snippet("Sapo.", "a" * 10 + " b" * BODY_LENGTH, parse_words(typed))
        assert len(parts) == 2
        assert parts[0].text.startswith("Sapo. aaaa")


def test_a_snippet_of_one_endless_word_is_still_short():
    parts = snippet("", "ă" * 5000, parse_words("x"))
    assert sum(len(part.text) for part in parts) < SNIPPET_LENGTH


def test_a_snippet_of_nothing_is_nothing():
    assert snippet("", "", parse_words("x")) == []
