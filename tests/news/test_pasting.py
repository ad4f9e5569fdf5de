"""What Word and others put on the clipboard arrives as clean blocks of ours."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from news import html
from news.pasting import clean
from tests.factories import make_image
from tests.news.conftest import login, make_user
from tests.news.word import WORD, item


def cleaned(source, plain=""):
    return clean(source, plain).html.replace("\n", "")


def test_a_document_of_word_keeps_what_it_says_and_nothing_of_its_look():
    pasted = clean(WORD)
    assert pasted.html == "\n".join(
        [
            "<h2>Kế hoạch chuyển đổi số</h2>",
            "<p><strong>Sáng nay</strong>, <em>hội nghị</em> khai mạc tại hội trường."
            " xem thêm</p>",
            "<ul><li>Mục tiêu<ul><li>Hạ tầng</li><li>Dữ liệu</li></ul></li>"
            "<li>Giải pháp</li></ul>",
            "<p>Lộ trình:</p>",
            "<ol><li>Khảo sát</li><li>Triển khai</li></ol>",
            "<table><caption>Bảng 1. Kinh phí</caption><tbody>"
            '<tr><td colspan="2">Nguồn</td></tr>'
            '<tr><td rowspan="2">Ngân sách</td><td>5 tỷ</td></tr>'
            "<tr><td>3 tỷ</td></tr></tbody></table>",
            "<p>Hết.</p>",
        ]
    )
    assert len(pasted.notes) == 1
    assert pasted.notes[0].startswith("1 ảnh trong Word không theo được")


# Word's lists


@pytest.mark.parametrize("marker", ["·", "o", "§", "–", "-", "•", "\uf0b7", "v"])
def test_a_bullet_makes_a_list(marker):
    assert cleaned(item(marker, "Một")) == "<ul><li>Một</li></ul>"


@pytest.mark.parametrize(
    ("marker", "start"),
    [("1.", ""), ("1)", ""), ("(1)", ""), ("3.", ' start="3"'), ("12/", ' start="12"')],
)
def test_a_number_makes_a_numbered_list(marker, start):
    assert cleaned(item(marker, "Một")) == f"<ol{start}><li>Một</li></ol>"


@pytest.mark.parametrize("marker", ["a)", "b.", "(đ)", "i.", "iv)", "A."])
def test_letters_become_numbers_and_the_editor_is_told(marker):
    pasted = clean(item(marker, "Một"))
    assert pasted.html.startswith("<ol")
    assert "đánh số lại" in " ".join(pasted.notes)


@pytest.mark.parametrize("marker", ["Điều 1.", "1.1.", "Chương II"])
def test_a_number_that_is_a_name_stays_in_the_text(marker):
    assert cleaned(item(marker, "Phạm vi")) == f"<p>{marker} Phạm vi</p>"


def test_levels_nest_and_come_back():
    source = item("1.", "A") + item("a)", "B", 2) + item("·", "C", 3) + item("2.", "D")
    assert cleaned(source) == (
        "<ol><li>A<ol><li>B<ul><li>C</li></ul></li></ol></li><li>D</li></ol>"
    )
    deep_first = item("·", "A", 3) + item("·", "B", 1)
    assert cleaned(deep_first) == "<ul><li>A</li></ul><ul><li>B</li></ul>"


def test_another_kind_on_the_same_level_is_another_list():
    source = item("·", "A") + item("1.", "B")
    assert cleaned(source) == "<ul><li>A</li></ul><ol><li>B</li></ol>"


def test_text_that_only_looks_like_an_item_stays_text():
    assert cleaned("<p class=MsoNormal>- Một</p>") == "<p>- Một</p>"
    assert cleaned('<p style="mso-list:none">1. Một</p>') == "<p>1. Một</p>"


def test_numbered_headings_keep_their_number():
    source = (
        "<h2 style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>I. "
        "</span><b>Mục tiêu</b></h2>"
    )
    assert cleaned(source) == "<h2>I. Mục tiêu</h2>"


def test_word_on_the_web_puts_every_item_into_its_own_list():
    def web(tag, level, text):
        return (
            f'<div class="ListContainerWrapper"><{tag} start="1">'
            f'<li data-aria-level="{level}"><p>{text}</p></li></{tag}></div>'
        )

    source = web("ul", 1, "A") + web("ul", 2, "B") + web("ul", 1, "C")
    assert cleaned(source) == "<ul><li>A<ul><li>B</li></ul></li><li>C</li></ul>"


# Headings, tables


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<h1>A</h1><h2>B</h2>", "<h2>A</h2><h2>B</h2>"),
        (
            "<h1>A</h1><h2>B</h2><h1>C</h1>",
            "<h2>A</h2><h3>B</h3><h2>C</h2>",
        ),
        ("<p class=MsoTitle>A</p>", "<h2>A</h2>"),
        ("<p class=MsoSubtitle>A</p>", "<h3>A</h3>"),
        ("<p class=MsoHeading3>A</p>", "<h3>A</h3>"),
        ("<p class=Heading2><b>A</b></p>", "<h2>A</h2>"),
    ],
)
def test_headings(source, expected):
    assert cleaned(source) == expected


TABLE = "<table><tr><td>a</td><td>b</td></tr></table>"


@pytest.mark.parametrize(
    "source",
    [
        f"<p class=MsoCaption>Bảng 1</p><p>&nbsp;</p><div>{TABLE}</div>",
        f"<div align=center>{TABLE}</div><p class=MsoCaption>Bảng 1</p>",
    ],
)
def test_words_caption_goes_into_its_table(source):
    assert cleaned(source).startswith("<table><caption>Bảng 1</caption>")


def test_a_caption_without_a_table_is_a_paragraph():
    assert cleaned("<p class=MsoCaption>Hình 1</p><p>a</p>") == "<p>Hình 1</p><p>a</p>"


def test_a_range_of_excel_is_a_plain_table():
    source = (
        "<html><head><style>td{mso-ignore:padding}</style></head><body>"
        "<table border=0 width=128 style='width:96pt'><col width=64 style='width:48pt'>"
        "<tr height=20 style='height:15pt'><td height=20 class=xl65>Xã</td>"
        "<td class=xl65>Hộ</td></tr>"
        "<tr style='display:none'><td>ẩn</td><td>1</td></tr>"
        "<tr><td>Đường Lâm</td><td align=right>2.100</td></tr></table></body></html>"
    )
    assert cleaned(source) == (
        "<table><tbody><tr><td>Xã</td><td>Hộ</td></tr>"
        "<tr><td>Đường Lâm</td><td>2.100</td></tr></tbody></table>"
    )


def test_a_single_cell_is_text():
    assert cleaned("<table><tr><td>Đường Lâm</td></tr></table>") == "<p>Đường Lâm</p>"


# Marks


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('<span style="font-weight:bold">a</span>', "<strong>a</strong>"),
        ("<span style='font-weight:700;color:red'>a</span>", "<strong>a</strong>"),
        ('<b style="font-weight:normal">a</b>', "a"),
        ('<b>a<span style="font-weight:400">b</span></b>', "<strong>a</strong>b"),
        ("<span style='mso-bidi-font-weight:bold'>a</span>", "a"),
        ("<b style='mso-bidi-font-weight:normal'>a</b>", "<strong>a</strong>"),
        ('<span style="font-style:italic">a</span>', "<em>a</em>"),
        ('<span style="text-decoration:underline">a</span>', "<u>a</u>"),
        ('<span style="text-decoration:line-through">a</span>', "<s>a</s>"),
        ('m<span style="vertical-align:super">2</span>', "m<sup>2</sup>"),
        ('<p style="font-weight:bold"><i>a</i></p>', "<strong><em>a</em></strong>"),
        (
            '<a href="https://x.vn/"><span style="text-decoration:underline">a</span>'
            "</a>",
            '<a href="https://x.vn/" rel="noopener">a</a>',
        ),
    ],
)
def test_marks_that_stand_in_styles(source, expected):
    assert cleaned(source) == f"<p>{expected}</p>"


def test_google_docs():
    source = (
        '<meta charset="utf-8"><b style="font-weight:normal;" '
        'id="docs-internal-guid-0a1b"><h2 dir="ltr">'
        '<span style="font-weight:700">Đầu</span></h2>'
        '<p dir="ltr"><span style="font-weight:700">Đậm</span>'
        '<span style="font-weight:400"> thường </span>'
        '<a href="https://www.google.com/url?q=https://x.vn/tin&amp;sa=D">'
        '<span style="text-decoration:underline">liên kết</span></a></p>'
        '<ul><li aria-level="1"><p>Một</p></li><ul><li aria-level="2"><p>Hai</p></li>'
        "</ul></ul><br></b>"
    )
    assert cleaned(source) == (
        "<h2>Đầu</h2><p><strong>Đậm</strong> thường "
        '<a href="https://x.vn/tin" rel="noopener">liên kết</a></p>'
        "<ul><li>Một<ul><li>Hai</li></ul></li></ul>"
    )


# Safety and litter


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<nav>Trang chủ</nav><p>a</p>", "<p>a</p>"),
        ("<p>a<script>alert(1)</script></p>", "<p>a</p>"),
        ('<p><a href="javascript:alert(1)">a</a></p>', "<p>a</p>"),
        ('<p><a href="file:///C:/a.doc">a</a></p>', "<p>a</p>"),
        ('<p>a<span style="display: none">cá cược</span></p>', "<p>a</p>"),
        ("<p>a<span style='mso-hide:all'>ẩn</span></p>", "<p>a</p>"),
        ("<p>a</p><p hidden>cá cược</p>", "<p>a</p>"),
        ('<p>a</p><div style="font-size:0"><p>cá cược</p></div>', "<p>a</p>"),
        ('<p>a</p><iframe src="https://quang-cao.example/x"></iframe>', "<p>a</p>"),
        (
            '<iframe src="https://www.youtube.com/embed/dQw4w9WgXcQ" title="Hội thi">'
            "</iframe><p>a</p>",
            '<figure data-embed="youtube:dQw4w9WgXcQ"><figcaption>Hội thi</figcaption>'
            "</figure><p>a</p>",
        ),
        ("<p>&nbsp;</p><p>a&nbsp;&nbsp; b</p><p><o:p></o:p></p>", "<p>a b</p>"),
        ("<p>Ho\u0300a</p>", "<p>Hòa</p>"),
        ("<div>a<div>b</div>c <span>d</span></div>", "<p>a</p><p>b</p><p>c d</p>"),
        ('<a href="/x"><h3>Tựa</h3><p>Lời</p></a>', "<h3>Tựa</h3><p>Lời</p>"),
        ("<p>1 &lt; 2 &amp; 3</p>", "<p>1 &lt; 2 &amp; 3</p>"),
        ("", ""),
    ],
)
def test_only_what_is_said_comes_along(source, expected):
    assert cleaned(source) == expected


def test_pictures_stay_behind_and_are_counted():
    pasted = clean(
        '<p>a<img src="file:///C:/1.png"><img src="data:image/png;base64,AAAA"></p>'
        '<img src="https://bao.vn/anh.jpg"><img width=1 height=1 src="https://t.vn/p">'
    )
    assert pasted.html == "<p>a</p>"
    assert [note[:6] for note in pasted.notes] == ["2 ảnh ", "1 ảnh "]


def test_pictures_as_data_do_not_count_as_size():
    picture = '<img src="data:image/png;base64,' + "A" * 2**21 + '">'
    assert clean(f"<p>a</p>{picture}").html == "<p>a</p>"
    with pytest.raises(ValidationError):
        clean("a" * (2**20 + 1))
    with pytest.raises(ValidationError):
        clean("<div>" * 100 + "a")


@pytest.mark.parametrize(
    "source",
    [
        "<b style='font-weight:²'>a</b>",
        f"<b style='font-weight:{'9' * 5000}'>a</b>",
        f"<p>a<img width={'1' * 5000}></p>",
        f"<ul><li data-aria-level={'1' * 5000}>a</ul>",
        f"<ol start={'9' * 5000}><li data-aria-level=²>a</ol>",
        "<style>" * 50 + "<p>a",
        "<p>a" + "<style" * 50,
        '<p>a<a href="http://[x">b</a>',
    ],
)
def test_nonsense_in_attributes_breaks_nothing(source):
    assert "a" in clean(source).html or source.startswith("<style")


def test_words_about_data_are_no_picture():
    assert cleaned("<p>metadata:text/html</p>") == "<p>metadata:text/html</p>"


def test_a_picture_of_ours_keeps_its_number_and_not_its_placement():
    source = (
        '<figure data-placement="4" data-image="7" data-alt-kind="caption">'
        "<img src=/x.jpg><figcaption>Lễ khai mạc</figcaption></figure>"
    )
    assert cleaned(source) == (
        '<figure data-image="7" data-alt-kind="caption">'
        "<figcaption>Lễ khai mạc</figcaption></figure>"
    )


# Old fonts


def test_old_fonts_are_converted_by_name_or_by_their_words():
    pasted = clean(
        "<p><span style='font-family:\".VnTime\"'>ñy ban <b>§¶ng</b> ë x·</span></p>"
        "<p><span style='font-family:.VnTimeH'>th«ng b¸o</span></p>"
        '<p><font face="VNI-Times">Ñaûng boä</font></p>'
        "<p>Giữ nguyên là thế.</p>"
    )
    assert pasted.html == (
        "<p>Ủy ban <strong>Đảng</strong> ở xã</p>\n<p>THÔNG BÁO</p>\n"
        "<p>Đảng bộ</p>\n<p>Giữ nguyên là thế.</p>"
    )
    assert len(pasted.notes) == 2
    assert cleaned("", "§¶ng bé x·\nHéi") == "<p>Đảng bộ xã</p><p>Hội</p>"


def test_unicode_text_in_an_old_font_is_left_alone():
    source = "<p><span style='font-family:.VnTime'>Có gì ở xã Đường Lâm</span></p>"
    assert clean(source).html == "<p>Có gì ở xã Đường Lâm</p>"
    assert clean(source).notes == []


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="<>/=\"' abpdivspantablertoulmso-list:l1;&#0\n", max_size=200))
def test_any_clipboard_comes_out_as_the_sanitiser_has_it(source):
    pasted = clean(source)
    assert html.clean(pasted.html) == pasted.html


# The end point

pytestmark = pytest.mark.django_db


def post(user, data, **options):
    return login(user).post(
        reverse("admin:news_article_paste"),
        data if isinstance(data, (str, bytes)) else json.dumps(data),
        content_type="application/json",
        **options,
    )


def test_a_reporter_has_the_clipboard_cleaned(reporter):
    image = make_image()
    answer = post(
        reporter,
        {
            "html": f'<h1>A</h1><figure data-image="{image.pk}"></figure>'
            '<figure data-image="99999"></figure>',
            "plain": "A",
        },
    )
    assert answer.status_code == 200
    assert answer.json()["html"].startswith("<h2>A</h2>\n<figure data-image=")
    assert answer.json()["html"].count("<figure") == 1
    assert answer.json()["notes"] == []


def test_who_may_not_write_may_not_ask():
    assert post(make_user("stranger"), {"html": "a"}).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        "",
        "x",
        "[]",
        "null",
        "1",
        '{"html":',
        b"\xff\xfe",
        "[" * 100_000,
        '{"html":[1]}',
    ],
)
def test_what_is_no_clipboard_is_answered_in_a_sentence(editor, body):
    answer = post(editor, body)
    assert answer.status_code in (200, 400)
    assert answer.json().get("error") or answer.json()["html"]


def test_lone_surrogates_are_dropped(editor):
    answer = post(editor, '{"html":"<p>a\\ud800b</p>","plain":""}')
    assert answer.json()["html"] == "<p>ab</p>"


def test_too_much_is_answered_in_a_sentence(editor, settings):
    assert "1 MB" in post(editor, {"html": "a" * (2**20 + 1)}).json()["error"]
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    answer = post(editor, {"html": "a" * 2000})
    assert answer.status_code == 413
    assert "Nhập từ Word" in answer.json()["error"]


def test_only_posts_with_a_token_are_answered(editor):
    client = login(editor)
    assert client.get(reverse("admin:news_article_paste")).status_code == 405
