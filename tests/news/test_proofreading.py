import json
import subprocess
import sys
import unicodedata
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from news.proofreading import MAX_OF_A_RULE, Finding, proofread

ROOT = Path(__file__).resolve().parents[2]
DAY = date(2024, 5, 20)


def found(*blocks: str, day: date = DAY) -> list[tuple[str, str, str | None]]:
    """Return rule, text and suggestion of each finding."""
    return [(f.rule, f.text, f.suggestion) for f in proofread(blocks, day=day)]


def corrected(blocks: list[str], findings: list[Finding]) -> list[str]:
    """Return `blocks` after every suggestion was taken, from the end."""
    blocks = list(blocks)
    for finding in reversed(findings):
        if finding.suggestion is not None:
            block = blocks[finding.block]
            head, tail = block[: finding.start], block[finding.end :]
            blocks[finding.block] = head + finding.suggestion + tail
    return blocks


# One slip of each kind, as an office writes it

SLIPS = [
    # document numbers
    ("Chỉ thị số 15/CT-TW của Ban Bí thư", "document-number", "15/CT-TW", "15-CT/TW"),
    ("Kế hoạch số 92 – KH/TU", "document-number", "92 – KH/TU", "92-KH/TU"),
    ("Quy định số 07 –QĐ/TU", "document-number", "07 –QĐ/TU", "07-QĐ/TU"),
    ("Nghị quyết số 41–NQ/ĐU", "document-number", "41–NQ/ĐU", "41-NQ/ĐU"),
    ("theo 21 - NQ - TW", "document-number", "21 - NQ - TW", "21-NQ/TW"),
    ("Kế hoạch 84-KH/UBND", "document-number", "84-KH/UBND", "84/KH-UBND"),
    ("30/2020/NĐ/CP", "document-number", "30/2020/NĐ/CP", "30/2020/NĐ-CP"),
    ("30/2020/ND-CP", "document-number", "30/2020/ND-CP", "30/2020/NĐ-CP"),
    ("số 17/CT-TTG", "document-number", "17/CT-TTG", "17/CT-TTg"),
    ("8 / 2019 / TT - BXD", "document-number", "8 / 2019 / TT - BXD", "8/2019/TT-BXD"),
    ("văn bản số 55/SXD - QH", "document-number", "55/SXD - QH", "55/SXD-QH"),
    # dates
    ("hạn là 31/02/2024", "impossible-date", "31/02/2024", None),
    ("ngày 31 tháng 4 năm 2023", "impossible-date", "31 tháng 4 năm 2023", None),
    ("ngày 30 tháng 2 tới", "impossible-date", "30 tháng 2", None),
    ("sáng ngày 32/1", "impossible-date", "32/1", None),
    ("ngày 29/2/2023", "impossible-date", "29/2/2023", None),
    ("thứ ba, ngày 20/5/2024", "weekday", "thứ ba, ngày 20/5/2024", None),
    ("Chủ nhật (20/5/2024)", "weekday", "Chủ nhật (20/5/2024", None),
    ("Quyết định số 7-QĐ/TU ngày 07/6/2027", "future-document", "07/6/2027", None),
    ("Luật 9, ngày 7 tháng 6 năm 2027", "future-document", "7 tháng 6 năm 2027", None),
    ("Quyết định 9/2026/QĐ-UBND", "future-document", "9/2026/QĐ-UBND", None),
    ("13/2023/NĐ-CP ngày 17/4/2022", "year-of-number", "17/4/2022", None),
    # words
    ("Đại hội lần tứ XV", "ordinal", "lần tứ", "lần thứ"),
    ("Kỳ họp thư 5 của Hội đồng", "ordinal", "Kỳ họp thư", "Kỳ họp thứ"),
    ("nằm trên trên địa bàn", "doubled-word", "trên trên", "trên"),
    ("Các các sở", "doubled-word", "Các các", "Các"),
    ("và và và nữa", "doubled-word", "và và và", "và"),
    ("kết qủa tốt", "misspelled", "qủa", "quả"),
    ("giầu có, gìau có", "misspelled", "gìau", "giàu"),
    ("QỦANG cáo", "misspelled", "QỦANG", "QUẢNG"),
    ("Bổ xung hồ sơ", "misspelled", "Bổ xung", "Bổ sung"),
    ("được chuẩn đoán sớm", "misspelled", "chuẩn đoán", "chẩn đoán"),
    # names
    ("của Bộ chính trị", "institution", "Bộ chính trị", "Bộ Chính trị"),
    ("Ban Thường Vụ họp", "institution", "Ban Thường Vụ", "Ban Thường vụ"),
    ("Uỷ Ban Nhân Dân xã", "institution", "Uỷ Ban Nhân Dân", "Uỷ ban nhân dân"),
    # punctuation
    ("công nghệ , tập trung", "blank-before", " ,", ","),
    ("công nghệ ,tập trung", "blank-before", " ,", ", "),
    ("Ghi chú\u00a0:", "blank-before", "\u00a0:", ":"),
    ("công nghệ,tập trung", "blank-after", ",", ", "),
    ("đã xong.Sau đó", "blank-after", ".", ". "),
    ("gồm:Một", "blank-after", ":", ": "),
    ("trực thuộc\u00a0 Sở", "double-blank", "\u00a0 ", " "),
    ("Sở ( cũ) họp", "blank-inside", "( ", "("),
    ("Sở (cũ ) họp", "blank-inside", " )", ")"),
    ("họp (sáng nay tại Sở", "bracket", "(", None),
    ("ông nói: “Rất tốt\".", "quote", "“", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "rule", "slip", "suggestion"), SLIPS)
def test_a_slip_is_found_and_named(text, rule, slip, suggestion):
    assert found(text) == [(rule, slip, suggestion)]


OVERLAPS = [
    ("Kế hoạch số 92 –  KH/TU", "document-number", "92 –  KH/TU", "92-KH/TU"),
    ("nằm trên  trên bàn", "doubled-word", "trên  trên", "trên"),
    ("chữ  , chữ", "blank-before", "  ,", ","),
    ("Quyết định 9/2026/ND-CP", "document-number", "9/2026/ND-CP", "9/2026/NĐ-CP"),
]


@pytest.mark.parametrize(("text", "rule", "slip", "suggestion"), OVERLAPS)
def test_of_two_on_one_spot_the_weightier_is_told(text, rule, slip, suggestion):
    assert found(text) == [(rule, slip, suggestion)]


# What is right, though it looks like a slip

CLEAN = [
    "Chỉ thị số 15-CT/TW và Nghị định số 30/2020/NĐ-CP ngày 05/3/2020.",
    "Công văn số 1770/BTC-TCHQ; Nghị quyết 19-2017/NQ-CP; Luật số 13/2023/QH15.",
    "Thông tư liên tịch số 16/2015/TTLT-BYT-BTC; số 12 - Trần Phú - Hà Nội.",
    "Nghị định số 30/2020/NĐ-CP. Do đó các sở thực hiện từ ngày 01/01/2021.",
    "Kế hoạch 5 năm 2026-2030; nhiệm kỳ 2025 - 2030; hạn chót ngày 31/12/2027.",
    "Kế hoạch số 84/KH-UBND về việc hoàn thành trước ngày 30/6/2027.",
    "Ngày 20-25/3, ngày 28/29-1 và ngày 15 tháng 7 năm 2027 sẽ khai mạc.",
    "Thứ hai, ngày 20/5/2024; tháng lương thứ 13; ngõ 31/2 phố Huế.",
    "Từ từ mở ra, xanh xanh đỏ đỏ, ngày ngày đi, luôn luôn có, người người làm.",
    "Hành vi vi phạm; triệt để để lại; từ lúc đến đến lúc đi; thi công công trình.",
    "Sương bay là là trên mặt đất; anh ấy bảo: được được, cứ thế.",
    "Lần thứ XV, lần thử 3; bức thư 5 trang.",
    "Quả, quý, quỹ, giá, già, gìn giữ, gì, quyết tiến.",
    "Thuý Hà và Thúy Nga là hai người; Lê Văn Tuấn và Lê Văn Tuân là anh em.",
    "Bộ Chính trị, Ban Bí thư; BỘ CHÍNH TRỊ; các ban thường vụ; Nguyễn Quốc Hội.",
    "Viện Kiểm sát nhân dân và Viện kiểm sát nhân dân tối cao.",
    "Giá 1.234,5 đồng lúc 10:30, tỷ số 3 : 1; v.v., TP.HCM; PGS.TS.Lê Minh.",
    "Xem https://vidu.gov.vn/a,b:c?d=E hoặc gửi toasoan@vidu.gov.vn; ASP.NET, Node.js.",
    "Thế à... và ... thế thôi ;)",
    "a) Mục một; b) Mục hai; 1) Một; vui :) buồn :( thế.",
    "“Lời dẫn nhiều đoạn mở ở đây và chưa đóng.",
    'Anh nói "được" và “được” đều xong.',
    "Vitamin A,D,E; f(x,y); U.S.A; 5 % và 3/4.",
    "tiêu chuẩn đoán định; hồ sơ xuất khẩu; khả năng xuất hiện.",
    "",
    " ",
    "\n",
]


@pytest.mark.parametrize("text", CLEAN)
def test_right_text_is_left_alone(text):
    assert found(text) == []


# Written two ways


def test_the_rarer_tone_placement_gives_way():
    assert found("Tỉnh uỷ và Thành uỷ", "Đảng ủy Sở", "Uỷ ban nhân dân tỉnh") == [
        ("tone-placement", "ủy", "uỷ")
    ]
    assert found("UỶ BAN, ỦY VIÊN, ỦY QUYỀN") == [("tone-placement", "UỶ", "ỦY")]


def test_a_tie_follows_the_style_of_the_other_words():
    text = "hoá và hóa; tòa nhà, khỏe mạnh"
    assert found(text) == [("tone-placement", "hoá", "hóa")]


def test_one_placement_throughout_is_nobodys_concern():
    assert found("Uỷ ban, hoá học, toà nhà, khoẻ") == []
    assert found("Ủy ban, hóa học, tòa nhà, khỏe, quý") == []
    assert found("uỷ ban nhưng khoá học, hoà giải và thúy") == []


def test_names_are_compared_whole():
    assert found("bà Trần Thuý Hà gặp bà Lê Thúy Nga, tỉnh Khánh Hòa, Hoà Lạc") == []
    assert found(
        "tỉnh Khánh Hòa", "tỉnh Khánh Hòa", "tại Khánh Hoà", "anh Hoà hòa nhã"
    )[0] == ("tone-placement", "Hoà", "Hòa")


def test_both_spellings_of_a_word_give_way_to_the_usual():
    assert found("kĩ thuật và Kỹ thuật", "kĩ thuật") == [
        ("two-spellings", "Kỹ thuật", "Kĩ thuật")
    ]
    assert found("15 tỉ đồng và 20 tỷ đồng") == [
        ("two-spellings", "tỉ đồng", "tỷ đồng")
    ]
    assert found("ông Trần Văn Sỹ, ông Lê Sĩ", "sau khi sinh", "hy sinh") == []


def test_a_number_of_an_unknown_office_keeps_to_one_form():
    assert found("số 12-KH/ĐTN", "số 12-KH/ĐTN", "số 12/KH-ĐTN") == [
        ("document-number", "12/KH-ĐTN", "12-KH/ĐTN")
    ]


def test_a_person_named_once_with_another_mark_is_shown_without_a_suggestion():
    findings = proofread(
        ["Ông Đỗ Quang Trọng nói", "Theo Đỗ Quang Trọng,", "ông Đỗ Quang Trong kể"]
    )
    assert [(f.rule, f.block, f.text, f.suggestion) for f in findings] == [
        ("person", 2, "Đỗ Quang Trong", None)
    ]
    assert "Đỗ Quang Trọng" in findings[0].message


# The whole


def test_an_article_with_many_slips():
    """The kinds of slips of a page we know, in words of our own."""
    blocks = [
        "Đảng bộ Sở Xây dựng: 5 năm thực hiện Chỉ thị số 15-CT/TW",
        "Thực hiện Chỉ thị 15/CT-TW của Bộ chính trị, Tỉnh uỷ đã  ban hành Kế hoạch "
        "số 92 – KH/TU; Quy định số 07 –QĐ/TU ngày 07/6/2027 của Ban Thường Vụ "
        "Tỉnh uỷ.",
        "Sau Đại hội lần tứ XV, chương trình triển khai trên trên địa bàn tỉnh , "
        "các cấp ủy đều tham gia; nhiệm kỳ 2020 - 2025 kết thúc ngày 31/12/2025.",
    ]
    assert found(*blocks, day=date(2021, 5, 19)) == [
        ("document-number", "15/CT-TW", "15-CT/TW"),
        ("institution", "Bộ chính trị", "Bộ Chính trị"),
        ("double-blank", "  ", " "),
        ("document-number", "92 – KH/TU", "92-KH/TU"),
        ("document-number", "07 –QĐ/TU", "07-QĐ/TU"),
        ("future-document", "07/6/2027", None),
        ("institution", "Ban Thường Vụ", "Ban Thường vụ"),
        ("ordinal", "lần tứ", "lần thứ"),
        ("doubled-word", "trên trên", "trên"),
        ("blank-before", " ,", ","),
        ("tone-placement", "ủy", "uỷ"),
    ]
    left = corrected(blocks, proofread(blocks, day=date(2021, 5, 19)))
    assert found(*left, day=date(2021, 5, 19)) == [
        ("future-document", "07/6/2027", None)
    ]


def test_what_lies_ahead_depends_on_the_day_of_the_article():
    text = "Kế hoạch số 84/KH-UBND ngày 10/6/2024"
    assert found(text, day=date(2024, 6, 9)) == [("future-document", "10/6/2024", None)]
    assert found(text, day=date(2024, 6, 10)) == []


def test_without_a_day_the_present_counts(monkeypatch):
    monkeypatch.setattr(
        "news.proofreading.timezone.localdate", lambda: date(2024, 6, 9)
    )
    [finding] = proofread(["Kế hoạch số 84/KH-UBND ngày 10/6/2024"])
    assert finding.rule == "future-document"


def test_messages_are_vietnamese():
    for text, *_ in SLIPS:
        [finding] = proofread([text], day=DAY)
        assert set("ăâđêôơưấảãạặệịọộùừ") & set(finding.message)
        assert "%(" not in finding.message


# Any text

FRAGMENTS = [
    *(text for text, *_ in SLIPS + OVERLAPS),
    *CLEAN,
    *" ,.:;?!()“”\"'/–-",
    "\u00a0",
    "hóa",
    "hoá",
    "Hoà",
    "uỷ",
    "ỦY",
    "kỹ thuật",
    "kĩ thuật",
    "Đỗ Quang Trọng",
    "Đỗ Quang Trong",
    "05-CT/TW",
    "ngày ",
    "1/1/2030",
    "số ",
]
scraps = st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join)
any_text = st.text(
    st.characters(codec=None, categories=None) | st.sampled_from("\0\ud800ſıİKỉ̉😀"),
    max_size=40,
)
articles = st.lists(scraps | any_text, max_size=4)


@settings(deadline=None)
@given(articles)
def test_findings_are_in_order_apart_and_quote_the_text(blocks):
    findings = proofread(blocks, day=DAY)
    assert findings == proofread(blocks, day=DAY)
    for finding in findings:
        block = blocks[finding.block]
        assert 0 <= finding.start < finding.end <= len(block)
        assert finding.text == block[finding.start : finding.end]
        assert finding.suggestion != finding.text
        assert finding.message
    for first, second in pairwise(findings):
        assert first.block <= second.block
        assert first.block < second.block or first.end <= second.start


@settings(max_examples=300, deadline=None)
@given(articles)
def test_taking_the_suggestions_settles_the_text(blocks):
    """What one correction uncovers (an overlap) goes with the next."""
    for _round in range(5):
        findings = proofread(blocks, day=DAY)
        if all(finding.suggestion is None for finding in findings):
            return
        blocks = corrected(blocks, findings)
    raise AssertionError(blocks)


@settings(deadline=None)
@given(articles)
def test_decomposed_text_does_no_harm(blocks):
    proofread([unicodedata.normalize("NFD", block) for block in blocks], day=DAY)


# Sizes. A regular expression that tries again and again never ends on these.

BIG = 200_000  # were the time to grow with its square, nobody would see the end
HOSTILE = {
    "a word": "a" * BIG,
    "words of 10,000 letters": ("ử" * 10_000 + " ") * (BIG // 10_000),
    "blanks": "a" + " " * BIG,
    "words far apart": ("và" + " " * 998) * (BIG // 1000),
    "one word doubled": "và " * (BIG // 3),
    "brackets": "(" * BIG,
    "quotes": "“" * BIG + '"',
    "glued": "ab,cd" * (BIG // 5),
    "digits": "1/" * (BIG // 2),
    "dashes": "1–" * (BIG // 2),
    "numbers": "số 1/AB-CD-EF-GH-IJ" * (BIG // 20),
    "names": "Hoà " * (BIG // 4),
    "dates": "Quyết định số 1 ngày 1/1/2027 " * (BIG // 30),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_of_any_length_comes_to_an_end(kind):
    findings = proofread([HOSTILE[kind]], day=DAY)
    kinds = {finding.rule for finding in findings}
    assert len(findings) <= MAX_OF_A_RULE * max(len(kinds), 1)


def test_a_megabyte_of_prose_is_read_to_its_end():
    prose = "Ủy ban nhân dân tỉnh họp ngày 20/5/2024 (buổi sáng), theo 84/KH-UBND. "
    blocks = [prose * 1000] * 14 + ["kết qủa"]
    assert found(*blocks) == [("misspelled", "qủa", "quả")]


def test_many_spellings_of_one_name_are_compared_once():
    """Each of 5 ** 6 names is looked up in one table, not beside all others."""
    letters = "aáàảã"
    names = [
        f"Trần {a}{b}{c} {d}{e}{f}".title()
        for a in letters for b in letters for c in letters
        for d in letters for e in letters for f in letters
    ]  # fmt: skip
    assert len(proofread([", ".join(names)], day=DAY)) <= MAX_OF_A_RULE


# The measurement


def test_the_measurement_counts_articles_by_rule(tmp_path):
    rows = [
        {"title": "Tin", "lead": "", "body": "một , hai , ba\nbốn", "source": "A"},
        {"title": "Tin", "lead": "", "body": "kết qủa", "source": "A"},
        {"title": "Tin", "lead": "", "body": "không có gì", "source": "A"},
        {"title": "Tin", "lead": "", "body": "của của ai", "source": "B"},
    ]
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "bench.proofreading", corpus, "--source", "A"],
        cwd=ROOT,
        env={"DATA_DIR": str(tmp_path), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line.split() for line in run.stdout.splitlines()]
    assert "3 articles; with an alarm: 2 (66.7%)" in run.stdout
    assert ["blank-before", "2", "1", "333.3"] in lines
    assert ["misspelled", "1", "1", "333.3"] in lines
    assert not any(line[:1] == ["doubled-word"] for line in lines)
