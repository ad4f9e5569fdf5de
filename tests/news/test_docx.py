"""What is recognised in a Word file, and which files are refused."""

import io
import tracemalloc
import zipfile
from datetime import datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from news.docx import package as packages
from news.docx import paper, pictures, reading
from tests.factories import make_unit
from tests.news import docx_builder as word
from tests.news.docx_builder import cell, docx, drawing, p, photograph, run, table

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.once,  # what a file is read into is Python's
]

TITLE = "Khai trương phòng đọc số"
SAPO = (
    "Sáng nay, xã Đường Lâm đưa vào dùng phòng đọc số, mở cửa cả tuần cho người dân, "
    "học sinh và cán bộ."
)
TEXT = "Phòng đọc có mười máy tính, hai nghìn cuốn sách và một người hướng dẫn."


def read(*body, **package) -> reading.Proposal:
    return reading.read(io.BytesIO(docx(*body, **package)))


def html(proposal) -> str:
    """The body with pictures numbered as in the file."""
    text = proposal.body.html()
    for number in range(1, 9):
        text = text.replace(str(reading.PENDING + number), f"hình-{number}")
    return text


def refusal(data: bytes) -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        reading.read(io.BytesIO(data))
    (message,) = caught.value.messages
    # Vietnamese, and a sentence that says what to do.
    assert "tệp" in message.lower() and message.endswith(".")
    return caught.value


def test_text_that_word_hides_is_left_out_and_told_of():
    hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>nhà cái uy tín</w:t></w:r>"
    shown = '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t> Hết.</w:t></w:r>'
    proposal = read(p(TITLE, style="Title"), p(run(TEXT), hidden, shown))
    assert html(proposal) == f"<p>{TEXT} Hết.</p>"
    assert any("ẩn" in warning for warning in proposal.warnings)


def test_a_signature_is_taken_at_the_end_though_its_words_stand_above_too():
    unit = p("Phòng Tin học", align="right")
    proposal = read(p(TITLE, style="Title"), p(TEXT), unit, p(TEXT), unit)
    lines = [TEXT, "Phòng Tin học", TEXT]
    assert html(proposal).split("\n") == [f"<p>{line}</p>" for line in lines]
    assert proposal.found.unit == "Phòng Tin học"


# Title, sapo, date

HEADS = {
    "the title style wins over a heading above it": (
        [p("Mục tin", style="u1"), p(TITLE, style="Title"), p(SAPO, bold=True)],
        (TITLE, SAPO),
    ),
    "two paragraphs of the title style are one title": (
        [p("Khai trương", style="Title"), p("phòng đọc số", style="Title"), p(TEXT)],
        (TITLE, ""),
    ),
    "a first heading is the title": (
        [p(TITLE, style="u1"), p(SAPO, bold=True), p(TEXT)],
        (TITLE, SAPO),
    ),
    "a heading below a kicker is the title": (
        [p("TIN HOẠT ĐỘNG", bold=True, align="center"), p(TITLE, style="u1"), p(TEXT)],
        (TITLE, ""),
    ),
    "a bold line is the title, the bold paragraph below it the sapo": (
        [p(TITLE, bold=True), p(SAPO, bold=True), p(TEXT)],
        (TITLE, SAPO),
    ),
    "a centred line is the title": (
        [p(TITLE, align="center"), p(SAPO, italic=True), p(TEXT)],
        (TITLE, SAPO),
    ),
    "two centred lines are one title": (
        [
            p("Khai trương phòng", bold=True, align="center"),
            p("Đọc số", bold=True, align="center"),
            p(SAPO, bold=True),
        ],
        ("Khai trương phòng Đọc số", SAPO),
    ),
    "a title broken by a line break is one title": (
        [p("Khai trương\nphòng đọc số", bold=True), p(TEXT)],
        (TITLE, ""),
    ),
    "two lines in capitals are one title": (
        [p("KHAI TRƯƠNG", bold=True), p("PHÒNG ĐỌC SỐ", bold=True), p(SAPO, bold=True)],
        ("KHAI TRƯƠNG PHÒNG ĐỌC SỐ", SAPO),
    ),
    "the style Subtitle is the sapo": (
        [p(TITLE, style="Title"), p("Ngắn thôi", style="Subtitle"), p(TEXT)],
        (TITLE, "Ngắn thôi"),
    ),
    "a sapo bold by its style": (
        [p(TITLE, style="u1"), p(SAPO, style="SapoDam"), p(TEXT)],
        (TITLE, SAPO),
    ),
    "a short bold line is no sapo": (
        [p(TITLE, style="u1"), p("Kết quả bước đầu", bold=True), p(TEXT)],
        (TITLE, ""),
    ),
    "a paragraph partly in bold is no sapo": (
        [p(TITLE, style="u1"), p(run("Sáng nay, ", bold=True), TEXT)],
        (TITLE, ""),
    ),
    "a section's heading after a text is no title": (
        [p(SAPO), p(TEXT), p("Kết quả", style="u1"), p(TEXT)],
        ("", ""),
    ),
    "text that came decomposed is composed": (
        [p("Khai trương phòng đọc số", style="Title"), p(TEXT)],
        (TITLE, ""),
    ),
}


@pytest.mark.parametrize("name", HEADS)
def test_the_head_of_an_article(name):
    body, (title, sapo) = HEADS[name]
    found = read(*body).found
    assert (found.title, found.sapo) == (title, sapo)


def test_what_is_not_recognised_stays_in_the_body_and_is_told():
    proposal = read(p(SAPO), p(TEXT))
    assert html(proposal) == f"<p>{SAPO}</p>\n<p>{TEXT}</p>"
    assert [w.split(".")[0] for w in proposal.warnings] == [
        "Chưa nhận ra tiêu đề",
        "Chưa nhận ra sapo: đoạn đầu không in đậm hay in nghiêng",
    ]


def test_a_title_in_capitals_is_left_and_told():
    proposal = read(p("KHAI TRƯƠNG PHÒNG ĐỌC SỐ", bold=True), p(SAPO, bold=True))
    assert any("viết hoa toàn bộ" in warning for warning in proposal.warnings)


@pytest.mark.parametrize(
    "line",
    [
        "19/05/2021 10:30",
        "10:30 19/05/2021",
        "Thứ Tư, 19/05/2021 | 10:30 GMT+7",
        "Thứ 4, ngày 19/5/2021, 10h30",
        "Hải Phòng, ngày 19 tháng 5 năm 2021, 10:30",
    ],
)
def test_a_line_with_a_day_below_the_title_becomes_the_time(line):
    proposal = read(p(TITLE, style="u1"), p(line), p(SAPO, bold=True), p(TEXT))
    expected = timezone.make_aware(datetime(2021, 5, 19, 10, 30))
    assert proposal.found.published_at == expected
    assert proposal.found.sapo == SAPO
    assert html(proposal) == f"<p>{TEXT}</p>"


@pytest.mark.parametrize(
    "line",
    ["31/02/2021", "Sáng 19/05/2021, hội nghị khai mạc.", "19/05/21", "1/1/9999"],
)
def test_other_lines_with_digits_stay_text(line):
    proposal = read(p(TITLE, style="u1"), p(line), p(TEXT))
    assert proposal.found.published_at is None
    assert line in html(proposal)


def test_a_letterhead_is_left_out_and_told():
    head = table(
        [
            cell("SỞ KHOA HỌC VÀ CÔNG NGHỆ", bold=True),
            cell("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"),
        ]
    )
    proposal = read(head, p(TITLE, bold=True, align="center"), p(SAPO, bold=True))
    assert proposal.found.title == TITLE
    assert "table" not in html(proposal)
    assert any("quốc hiệu" in warning for warning in proposal.warnings)


# The body


def body_of(*content, **package) -> str:
    """The HTML of `content` below a title and a sapo."""
    return html(read(p(TITLE, style="Title"), p(SAPO, bold=True), *content, **package))


def test_headings_begin_at_h2_and_keep_their_steps():
    assert body_of(
        p("Một", style="u2"), p(TEXT), p("Hai", style="u3"), p("Ba", style="Muc")
    ) == (f"<h2>Một</h2>\n<p>{TEXT}</p>\n<h3>Hai</h3>\n<h2>Ba</h2>")


def test_bold_lines_above_text_are_headings_where_no_style_says_so():
    assert body_of(p("1. Kết quả", bold=True), p(TEXT)) == (
        f"<h2>1. Kết quả</h2>\n<p>{TEXT}</p>"
    )
    assert "<h2>1. Kết quả" not in body_of(
        p("1. Kết quả", bold=True), p(TEXT), p("Khác", style="u1"), p(TEXT)
    )
    assert "<h2>" not in body_of(p("Xin chú ý!", bold=True), p(TEXT))


def test_lists_keep_their_kind_and_depth():
    assert body_of(
        p("a", item=(1, 0)), p("b", item=(1, 1)), p("một", item=(2, 0)), p(TEXT)
    ) == (
        f"<ul><li>a<ul><li>b</li></ul></li></ul>\n<ol><li>một</li></ol>\n<p>{TEXT}</p>"
    )


def test_a_table_keeps_merged_cells_title_and_head():
    content = table(
        [cell("Năm", bold=True), cell("Lượt đọc", span=2, bold=True)],
        [cell("2020", merge="restart"), "5", "6"],
        [cell("", merge="continue"), "7", "8"],
    )
    assert body_of(p("Bảng 1: Lượt đọc", bold=True), content) == (
        "<table><caption>Bảng 1: Lượt đọc</caption><tbody>"
        '<tr><th>Năm</th><th colspan="2">Lượt đọc</th></tr>'
        '<tr><td rowspan="2">2020</td><td>5</td><td>6</td></tr>'
        "<tr><td>7</td><td>8</td></tr></tbody></table>"
    )


def test_words_own_mark_makes_a_head_and_plain_rows_make_none():
    rows = ["Năm", "Lượt"], ["2020", "5"]
    marked = body_of(table(*rows, header=True))
    assert "<thead><tr><th>Năm</th><th>Lượt</th></tr></thead>" in marked
    assert "<th>" not in body_of(table(*rows))


def test_a_paragraph_about_a_table_is_no_title_of_it():
    assert body_of(
        p("Bảng dưới đây cho thấy:"), table(["a", "b"], ["c", "d"])
    ).startswith("<p>Bảng dưới đây")


def test_links_that_run_or_read_files_are_gone_and_honest_ones_stay():
    links = {
        "l1": "javascript:alert(1)",
        "l2": "file:///C:/bi-mat.txt",
        "l3": "https://example.vn/a?b=1&c=2",
    }
    body = body_of(p(*[word.link(key, key) for key in links]), links=links)
    assert body == (
        '<p>l1l2<a href="https://example.vn/a?b=1&amp;c=2" rel="noopener">l3</a></p>'
    )


def test_script_typed_as_text_stays_text():
    assert body_of(p("<script>alert(1)</script>")) == (
        "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"
    )


def test_a_text_box_and_a_footnote_are_not_lost():
    note = '<w:footnote w:id="2">' + p("Theo báo cáo năm 2020") + "</w:footnote>"
    reference = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    body = body_of(
        p(TEXT, reference, word.text_box(p("Chữ trong hộp"))), footnotes=note
    )
    assert body.count("Chữ trong hộp") == 1
    assert "<li>Theo báo cáo năm 2020</li>" in body


def test_deleted_text_is_not_taken_and_changes_are_told():
    changed = (
        '<w:del w:id="1"><w:r><w:delText>bỏ </w:delText></w:r></w:del>'
        '<w:ins w:id="2"><w:r><w:t>thêm</w:t></w:r></w:ins>'
    )
    proposal = read(p(TITLE, style="Title"), p(changed))
    assert html(proposal) == "<p>thêm</p>"
    assert any("Track Changes" in warning for warning in proposal.warnings)


def test_a_formula_becomes_text_and_is_told():
    formula = "<m:oMath><m:r><m:t>E=mc²</m:t></m:r></m:oMath>"
    proposal = read(p(TITLE, style="Title"), p("Ta có ", formula))
    assert html(proposal) == "<p>Ta có E=mc²</p>"
    assert any("Công thức" in warning for warning in proposal.warnings)


# Pictures

BELOW = {
    "an italic line": (p("Lễ khai trương", italic=True), "Lễ khai trương"),
    "a centred line": (p("Lễ khai trương", align="center"), "Lễ khai trương"),
    "the caption style": (p("Lễ khai trương.", style="Chuthich"), "Lễ khai trương."),
    "it begins with Ảnh": (p("Ảnh: Lễ khai trương"), "Ảnh: Lễ khai trương"),
    "it begins with Hình and a number": (p("Hình 1. Lễ"), "Hình 1. Lễ"),
    "a sentence that begins with Ảnh hưởng": (p("Ảnh hưởng của bão còn kéo dài."), ""),
    "a sentence that begins with Hình thức": (p("Hình thức này có hiệu quả."), ""),
    "a sentence that begins with Hình ảnh": (p("Hình ảnh này có ở khắp nơi."), ""),
    "it begins with Hình ảnh": (
        p("Hình ảnh lễ khai trương"),
        "Hình ảnh lễ khai trương",
    ),
    "a plain line that is no sentence": (
        p("Lễ hội (ảnh năm 2020)"),
        "Lễ hội (ảnh năm 2020)",
    ),
    "a signature": (p("Lan Hương", align="right"), ""),
    "a paragraph": (p(TEXT), ""),
    "a centred heading in bold": (p("Kết quả", align="center", bold=True), ""),
}


@pytest.mark.parametrize("name", BELOW)
def test_the_line_below_a_picture(name):
    line, caption = BELOW[name]
    body = body_of(p(drawing("r1")), line, p(TEXT), pictures={"r1": photograph()})
    kind = "caption" if caption else "text"
    words = f"<figcaption>{caption}</figcaption>" if caption else ""
    figure = f'<figure data-image="hình-1" data-alt-kind="{kind}">{words}</figure>'
    assert body.startswith(figure)


def test_a_second_line_with_the_photographer_belongs_to_the_caption():
    body = body_of(
        p(drawing("r1")),
        p("Lễ khai trương", italic=True),
        p("Ảnh: Minh Hà", italic=True),
        p("Đoạn nghiêng sau đó", italic=True),
        pictures={"r1": photograph()},
    )
    assert "<figcaption>Lễ khai trương. Ảnh: Minh Hà</figcaption>" in body
    assert "<p><em>Đoạn nghiêng sau đó</em></p>" in body


def test_a_caption_in_the_picture_s_own_paragraph():
    body = body_of(
        p(drawing("r1"), run("\nLễ khai trương", italic=True)),
        pictures={"r1": photograph()},
    )
    assert "<figcaption>Lễ khai trương</figcaption>" in body


def test_pictures_in_a_table_made_for_layout_become_figures():
    grid = table(
        [cell(p(drawing("r1"))), cell(p(drawing("r2")))],
        [cell("Trước", italic=True), cell("Sau", italic=True)],
    )
    body = body_of(grid, pictures={"r1": photograph(), "r2": photograph("red")})
    assert "table" not in body
    assert [part.split("<")[0] for part in body.split("<figcaption>")[1:]] == [
        "Trước",
        "Sau",
    ]


def test_a_table_of_data_keeps_its_pictures():
    grid = table(["Máy", cell(p(drawing("r1")))], ["Giá", "5 triệu"])
    body = body_of(grid, pictures={"r1": photograph()})
    assert '<td><figure data-image="hình-1"' in body


@pytest.mark.parametrize(
    ("descr", "kept"),
    [
        ("Người dân ngồi đọc sách", True),
        ("C:\\Users\\An\\anh.jpg", False),
        ("IMG_2041.JPG", False),
        ("A group of people\n\nDescription automatically generated", False),
    ],
)
def test_words_alternative_is_taken_when_a_person_wrote_it(descr, kept):
    body = body_of(p(drawing("r1", descr)), pictures={"r1": photograph()})
    assert (f'data-alt="{descr}"' in body) is kept


def test_a_picture_of_an_older_word_and_one_shown_twice():
    body = body_of(
        p(word.vml("r1", "Phòng đọc")), p(drawing("r1")), pictures={"r1": photograph()}
    )
    assert body.count('data-image="hình-1"') == 2
    assert 'data-alt="Phòng đọc"' in body


def test_grouped_pictures_come_one_by_one_and_once():
    content = read(
        p(TITLE, style="Title"),
        p(TEXT),
        p(word.group("r1", "r2")),
        pictures={"r1": photograph(), "r2": photograph("red")},
    )
    assert html(content).count("<figure") == 2
    assert next(w for w in content.warnings if "nhóm hình vẽ" in w).startswith(
        f"Hình 2 (sau đoạn “{TEXT[:57]}…”)"
    )


UNSHOWABLE = {
    "EMF": (word.emf(), "Hình 1", "EMF"),
    "WMF": (b"\xd7\xcd\xc6\x9a" + bytes(60), "Hình 1", "WMF"),
    "TIFF": (b"II*\x00" + bytes(60), "Hình 1", "TIFF"),
    "SVG": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Hình 1", "SVG"),
}


@pytest.mark.parametrize("name", UNSHOWABLE)
def test_a_picture_the_site_cannot_show_is_told_and_the_rest_comes(name):
    data, which, kind = UNSHOWABLE[name]
    proposal = read(
        p(TITLE, style="Title"),
        p(drawing("r1")),
        p(TEXT),
        p(drawing("r2")),
        pictures={"r1": data, "r2": photograph()},
    )
    assert html(proposal).count("<figure") == 1
    assert f"<p>{TEXT}</p>" in html(proposal)
    (warning,) = [w for w in proposal.warnings if w.startswith(which)]
    assert kind in warning and "PNG" in warning


@pytest.mark.parametrize(
    ("content", "package", "says"),
    [
        (word.chart(), {}, "biểu đồ"),
        (drawing("rIdNone"), {}, "không có trong tệp"),
        (drawing("l1"), {"links": {"l1": "https://example.vn/a.jpg"}}, "liên kết"),
        (
            drawing("r1", crop='<a:srcRect l="20000"/>'),
            {"pictures": {"r1": photograph()}},
            "cắt bớt",
        ),
    ],
)
def test_other_things_about_a_picture_are_told(content, package, says):
    proposal = read(p(TITLE, style="Title"), p(TEXT), p(content), **package)
    assert any(says in warning for warning in proposal.warnings)
    assert TEXT in html(proposal)


def test_only_the_first_pictures_of_hundreds_are_taken(monkeypatch):
    monkeypatch.setattr(pictures, "MAX_PICTURES", 3)
    proposal = read(
        p(TITLE, style="Title"),
        *[p(drawing("r1")) for _ in range(9)],
        p(TEXT),
        pictures={"r1": photograph()},
    )
    assert html(proposal).count("<figure") == 3
    assert TEXT in html(proposal)
    assert [w for w in proposal.warnings if "3 hình đầu" in w]


# The signature

ENDS = {
    "a unit": ([p("Trung tâm Thông tin", align="right")], ("Trung tâm Thông tin",)),
    "a person and a unit on two lines": (
        [p("Lan Hương", align="right"), p("Phòng Quản lý khoa học", align="right")],
        ("Phòng Quản lý khoa học", "Lan Hương"),
    ),
    "a person and a unit on one line": (
        [p("Lan Hương – Phòng Quản lý khoa học", align="right")],
        ("Phòng Quản lý khoa học", "Lan Hương"),
    ),
    "a person whose name sounds like a unit": (
        [p("Vũ Văn Đoàn", align="right")],
        ("", "Vũ Văn Đoàn"),
    ),
    "words and pictures": (
        [p("Tin, ảnh: Lan Hương", align="right", italic=True)],
        ("", "Lan Hương"),
    ),
    "a line right by its style": ([p("Lan Hương", style="KyTen")], ("", "Lan Hương")),
    "a line moved by an indent": ([p("Lan Hương", indent=6000)], ("", "Lan Hương")),
    "a line pushed by blanks": ([p(" " * 40 + "Lan Hương")], ("", "Lan Hương")),
    "a line pushed by tabs": (
        [p("<w:r><w:tab/><w:tab/><w:tab/><w:tab/></w:r>", "Lan Hương")],
        ("", "Lan Hương"),
    ),
    "a unit on the left": ([p("Trung tâm Thông tin")], ("Trung tâm Thông tin",)),
    "a sentence about a unit": ([p("Trung tâm mở cửa cả tuần.")], ("",)),
    "a source": (
        [p("Nguồn: Báo Hải Phòng", align="right")],
        ("", "", "Báo Hải Phòng"),
    ),
    "a source on the left, in brackets, with an address": (
        [p("(Nguồn: Báo Hải Phòng, https://baohaiphong.example.vn/tin/1)")],
        ("", "", "Báo Hải Phòng", "https://baohaiphong.example.vn/tin/1"),
    ),
    "an address alone": (
        [p("Nguồn: www.example.vn", align="right")],
        ("", "", "example.vn", "https://www.example.vn"),
    ),
    "a source that is no address": (
        [p("Nguồn: javascript:alert(1)", align="right")],
        ("", "", "javascript:alert(1)", ""),
    ),
    "a last paragraph": ([p("Hội nghị kết thúc lúc 11 giờ.")], ("",)),
    "a sentence on the right": ([p("Hội nghị kết thúc.", align="right")], ("",)),
}


@pytest.mark.parametrize("name", ENDS)
def test_the_end_of_an_article(name):
    end, expected = ENDS[name]
    found = read(p(TITLE, style="Title"), p(TEXT), *end).found
    shown = (found.unit, found.author, found.source, found.source_url)
    assert shown == (*expected, *[""] * (4 - len(expected)))


def test_a_known_unit_is_found_without_accents_and_case():
    unit = make_unit(name="Tạp chí Khoa học Đường Lâm")
    end = p("TAP CHI KHOA HOC DUONG LAM", align="right")
    proposal = read(p(TITLE, style="Title"), p(TEXT), end)
    assert proposal.unit == unit
    assert read(p(TITLE, style="Title"), p("Trung tâm X", align="right")).unit is None


def test_a_signature_above_the_last_pictures_is_found():
    proposal = read(
        p(TITLE, style="Title"),
        p(TEXT),
        p("Lan Hương", align="right"),
        p(drawing("r1")),
        p("Lễ khai trương", italic=True),
        pictures={"r1": photograph()},
    )
    assert proposal.found.author == "Lan Hương"
    assert "<figcaption>Lễ khai trương" in html(proposal)


# Old fonts


def test_text_in_old_fonts_is_converted_and_told():
    proposal = read(
        p("§¶ng bé x· §­êng L©m", style="Title", font=".VnTime"),
        p("héi nghÞ", font=".VnTimeH"),
        p("Ñaûng boä xaõ", font="VNI-Times"),
        p("Đảng bộ xã"),
    )
    assert proposal.found.title == "Đảng bộ xã Đường Lâm"
    assert html(proposal) == ("<p>HỘI NGHỊ</p>\n<p>Đảng bộ xã</p>\n<p>Đảng bộ xã</p>")
    assert any("TCVN3" in warning for warning in proposal.warnings)


def test_a_font_of_the_document_s_default_counts():
    proposal = read(p("§¶ng bé x·", style="Title"), p("ViÖt Nam"), font=".VnTime")
    assert (proposal.found.title, html(proposal)) == ("Đảng bộ xã", "<p>Việt Nam</p>")


def test_a_letter_and_its_mark_in_two_runs_become_one():
    content = p(*[run(part, font="VNI-Times") for part in ("Ña", "ûng bo", "ä xaõ")])
    assert html(read(p(TITLE, style="Title"), content)) == "<p>Đảng bộ xã</p>"


def test_a_sentence_in_several_runs_gets_no_capital_inside():
    parts = [run(part, font=".VnTime") for part in ("§¶ng bé ", "®", "· häp")]
    body = html(read(p(TITLE, style="Title"), p(*parts)))
    assert body == "<p>Đảng bộ đã họp</p>"


def test_unicode_in_an_old_font_is_left_as_it_is():
    proposal = read(p(TITLE, style="Title"), p(TEXT, font=".VnTime"))
    assert html(proposal) == f"<p>{TEXT}</p>"
    assert not [w for w in proposal.warnings if "TCVN3" in w]


def test_old_codes_are_found_where_the_font_was_changed_afterwards():
    text = "§¶ng bé x· §­êng L©m häp héi nghÞ tæng kÕt n¨m 2020, bµn nhiÖm vô n¨m tíi."
    assert "Đảng bộ xã Đường Lâm họp hội nghị tổng kết" in html(
        read(p("T", style="Title"), p(text))
    )


def test_clean_text_and_signs_are_no_old_font():
    text = "Điều 5 § 2, © 2020, nhiệt độ 37 °C, à la carte."
    assert html(read(p(TITLE, style="Title"), p(text))) == f"<p>{text}</p>"


# What is refused

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
ENTITIES = word.document(p("&b;")).replace("<w:document", BOMB + "<w:document", 1)

REFUSED = {
    "an empty file": (b"", "empty"),
    "an old Word file": (OLE, "doc"),
    "a file with a password": (
        OLE + "EncryptedPackage".encode("utf-16-le"),
        "password",
    ),
    "a PDF": (b"%PDF-1.7 ...", "not_docx"),
    "text": (b"hello", "not_docx"),
    "RTF": (b"{\\rtf1 hello}", "not_docx"),
    "OpenDocument": (
        word.archive({"mimetype": "application/vnd.oasis.opendocument.text"}),
        "odt",
    ),
    "a spreadsheet": (
        word.archive(
            {
                "[Content_Types].xml": "<x/>",
                "_rels/.rels": word.PACKAGE_RELS.replace(
                    "word/document", "xl/workbook"
                ),
                "xl/workbook.xml": "<x/>",
            }
        ),
        "not_docx",
    ),
    "an archive of files": (word.archive({"a.txt": "a"}), "not_docx"),
    "half a file": (docx(p(TEXT))[:900], "damaged"),
    "no text in it": (docx(p("")), "no_text"),
    "no main part": (docx(word__document=None), "not_docx"),
    "a part that is no XML": (docx(word__document="<w:document"), "damaged"),
    "another encoding": (
        docx(word__document=word.document(p("x")).encode("utf-16")),
        "damaged",
    ),
    "an encoding that hides a DOCTYPE": (
        docx(word__document="<?xml version='1.0' encoding='cp037'?><x/>"),
        "doctype",
    ),
    "entities": (docx(word__document=ENTITIES), "doctype"),
    "entities in the styles": (docx(p("x"), word__styles=BOMB + "<x/>"), "doctype"),
    "deep nesting": (
        docx(word__document=word.document("<w:p>" * 5000 + "</w:p>" * 5000)),
        "too_long",
    ),
    "a table that counts with letters": (
        docx(
            p(TEXT), table(["a"]).replace("<w:tcPr>", '<w:tcPr><w:gridSpan w:val="x"/>')
        ),
        "unreadable",
    ),
    "a note that is not there": (
        docx(p('<w:r><w:footnoteReference w:id="9"/></w:r>', TEXT)),
        "unreadable",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_refused_says_why(name):
    data, code = REFUSED[name]
    assert refusal(data).code == code


def packed(files: dict[str, bytes]) -> bytes:
    """A document with further files in it."""
    out = io.BytesIO(docx(p(TEXT)))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_macros_are_refused():
    assert refusal(packed({"word/vbaProject.bin": b"x"})).code == "macros"


def test_a_zip_bomb_is_refused_before_it_is_unpacked(monkeypatch):
    bomb = packed({"word/media/a.bmp": bytes(30 * 2**20)})
    monkeypatch.setattr(zipfile.ZipFile, "read", None)
    monkeypatch.setattr(zipfile.ZipFile, "open", None)
    assert refusal(bomb).code == "bomb"


def lying(name: str, kind: int) -> bytes:
    """A document with a part of 5 MB that its headers say is 50 bytes long."""
    out = io.BytesIO(docx(p(TEXT)))
    with zipfile.ZipFile(out, "a", kind) as archive:
        archive.writestr(name, bytes(5 * 2**20))
    size, told = (5 * 2**20).to_bytes(4, "little"), (50).to_bytes(4, "little")
    return out.getvalue().replace(size, told)


@pytest.mark.parametrize(
    "kind", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_a_part_larger_than_its_header_says_is_not_unpacked(kind):
    data = lying("word/footnotes.xml", kind)
    tracemalloc.start()
    assert refusal(data).code == "damaged"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * 2**20


def test_a_picture_shown_a_thousand_times_is_not_unpacked_each_time(monkeypatch):
    monkeypatch.setattr(packages.Package, "read", no_picture(packages.Package.read))
    found = read(p(TEXT), p(*[drawing("r1")] * 1000), pictures={"r1": photograph()})
    assert len(found.body.figures()) == pictures.MAX_PICTURES


def no_picture(read_part):
    def read(package, name, limit):
        assert name.endswith((".xml", ".rels")), name
        return read_part(package, name, limit)

    return read


FIELD = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
INSTRUCTION = f"<w:r><w:instrText>{'x' * 60_000}</w:instrText></w:r>"
SLOW_FIELDS = {
    "fields that are never closed": [FIELD.format("begin") * 3000],
    "an instruction that is read again and again": [
        *(FIELD.format("begin"), INSTRUCTION, FIELD.format("separate") * 1000)
    ],
}


@pytest.mark.parametrize("name", SLOW_FIELDS)
def test_fields_that_would_take_minutes_are_refused(name):
    data = docx(p(TEXT), p(*SLOW_FIELDS[name]))
    with (
        packages.Package(io.BytesIO(data)) as package,
        pytest.raises(ValidationError) as caught,
    ):
        paper.prepare(package)
    assert caught.value.code == "unreadable"


def test_a_table_of_contents_with_links_is_read():
    entry = "".join(map(FIELD.format, ("begin", "separate", "end")))
    contents = FIELD.format("begin") + entry * 500 + FIELD.format("end")
    assert html(read(p(TITLE, style="Title"), p(contents), p(TEXT)))


def test_an_honest_picture_that_packs_well_is_no_bomb():
    assert reading.read(io.BytesIO(packed({"word/media/a.bmp": bytes(10 * 2**20)})))


@pytest.mark.parametrize(
    ("limit", "value", "code"),
    [
        ("MAX_ENTRIES", 5, "bomb"),
        ("MAX_UNPACKED_BYTES", 2000, "bomb"),
        ("MAX_XML_BYTES", 2000, "too_long"),
        ("MAX_ELEMENTS", 20, "too_long"),
    ],
)
def test_each_size_has_a_limit(monkeypatch, limit, value, code):
    data = docx(*[p(TEXT) for _ in range(30)])
    monkeypatch.setattr(packages, limit, value)
    assert refusal(data).code == code


def test_a_file_over_the_limit_of_attachments_is_refused(settings):
    settings.MAX_ATTACHMENT_BYTES = 2**10
    assert refusal(docx(p(TEXT), pictures={"r1": photograph()})).code == "too_large"


def test_a_body_larger_than_an_article_may_be_is_refused():
    data = docx(*[p("chữ " * 5000) for _ in range(60)])
    with pytest.raises(ValidationError) as caught:
        reading.read(io.BytesIO(data))
    assert caught.value.code == "too_large"


def test_a_picture_named_as_the_text_is_not_parsed():
    """The main part may have any name; it is checked whatever that is."""
    rels = word.PACKAGE_RELS.replace("word/document.xml", "word/media/image1.jpeg")
    files = {
        "[Content_Types].xml": word.CONTENT_TYPES,
        "_rels/.rels": rels,
        "word/media/image1.jpeg": ENTITIES,
    }
    assert refusal(word.archive(files)).code == "doctype"


def test_a_style_map_inside_the_file_is_not_obeyed():
    data = packed({"mammoth/style-map": "p => h1:fresh"})
    assert reading.read(io.BytesIO(data)).body.html() == f"<p>{TEXT}</p>"


def test_strict_open_xml_is_read_too():
    text = word.document(p(TITLE, style="Title"), p(SAPO, bold=True)).replace(
        word.W, "http://purl.oclc.org/ooxml/wordprocessingml/main"
    )
    found = reading.read(io.BytesIO(docx(word__document=text))).found
    assert (found.title, found.sapo) == (TITLE, SAPO)
