"""The sanitiser: nothing runs, nothing honest is lost, and once is enough."""

import re
from pathlib import Path

import nh3
import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from news import html_limits
from news.html import clean, link, plain_text, read
from portal.demo import markup
from tests.news.hostile import CASES, HEAVY

# Elements and attributes that may stand in the output; everything else is a hole.
ELEMENTS = (
    "p|h2|h3|h4|ul|ol|li|strong|em|u|s|sub|sup|a|br|hr|blockquote|figure|"
    "figcaption|table|caption|thead|tbody|tr|th|td"
)
ALLOWED = re.compile(
    rf"</?(?:{ELEMENTS})"
    r'(?: (?:href="(?:https?:|mailto:|tel:|/(?!/))[^"<>]*"|rel="noopener"|'
    r'start="\d+"|(?:col|row)span="\d+"|scope="\w+"|data-placement="\d+"|'
    r'data-image="\d+"|data-alt-kind="\w+"|data-alt="[^"<>]*"|data-embed="\w+:[^"<>&]+"))*>'
)


# The same list for a parser that reads as a browser does.
SECOND_OPINION = nh3.Cleaner(
    tags=set(ELEMENTS.split("|")),
    attributes={
        "a": {"href", "rel"},
        "figure": {
            *("data-placement", "data-image", "data-alt-kind", "data-alt"),
            "data-embed",
        },
        "ol": {"start"},
        "th": {"colspan", "rowspan", "scope"},
        "td": {"colspan", "rowspan"},
    },
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel=None,
)


def assert_only_allowed(output: str):
    rest = ALLOWED.sub("", output)
    assert "<" not in rest, rest
    assert ">" not in rest.replace("&gt;", ""), rest
    # A browser finds nothing more in it, and nothing in another place.
    assert SECOND_OPINION.clean(output).replace("&nbsp;", "\xa0") == output


@pytest.mark.parametrize(
    ("source", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_hostile_input_comes_out_harmless(source, expected):
    output = clean(source)
    assert_only_allowed(output)
    assert clean(output) == output
    if expected is not None:
        assert output == expected


HONEST = [
    "<p>Đảng bộ Sở KH&amp;CN, số 63–NQ/ĐU: 5 &lt; 6.</p>",
    "<h2>Một</h2>\n<h3>Hai</h3>\n<h4>Ba</h4>",
    "<p><strong>đậm <em>nghiêng</em></strong> <u>gạch</u> <s>bỏ</s> H<sub>2</sub>O"
    " m<sup>2</sup></p>",
    '<p><a href="https://chinhphu.vn/a?b=1&amp;c=2" rel="noopener">x</a></p>',
    '<p><a href="/tin-tuc/a-1/">trong</a> <a href="mailto:a@so.gov.vn">thư</a>'
    ' <a href="tel:+842033000100">gọi</a></p>',
    "<p>dòng một<br>dòng hai</p>",
    "<ul><li>một<ul><li>trong</li></ul></li><li>hai</li></ul>",
    '<ol start="4"><li>bốn</li></ol>',
    "<blockquote><p>Cán bộ là gốc.</p><p>Hồ Chí Minh</p></blockquote>",
    "<p>trên</p>\n<hr>\n<p>dưới</p>",
    '<table><caption>Chỉ tiêu</caption><thead><tr><th scope="col">A</th>'
    '<th colspan="2">B</th></tr></thead><tbody><tr><th rowspan="2" scope="row">1</th>'
    "<td>2</td><td></td></tr><tr><td>3</td><td>4</td></tr></tbody></table>",
    '<figure data-placement="12"></figure>',
    '<figure data-image="3" data-alt-kind="caption"><figcaption>Lễ ký</figcaption>'
    "</figure>",
]


# An article as an editor writes it, with everything that a body can hold.
RICH = "\n".join(
    [
        "<p>Sáng 25/11, tại <strong>xã Đường Lâm</strong>, Sở KH&amp;CN khai trương "
        '“phòng đọc số”; chi phí &lt; 1,2 tỷ đồng. Xem <a href="/tin-tuc/ke-hoach-7/">'
        'kế hoạch số 12/KH-SKHCN</a>, <a href="https://www.chinhphu.vn/?a=1&amp;b=2#c" '
        'rel="noopener">Cổng Chính phủ</a>.</p>',
        "<h2>Mục tiêu – đến năm 2030</h2>",
        "<ol><li>Một triệu m<sup>3</sup> nước, CO<sub>2</sub> giảm 10%<ul><li>theo "
        "<em>Quyết định</em><br>ngày 02/9</li></ul></li><li>Hai</li></ol>",
        "<h3>Cách làm</h3>",
        '<ol start="3"><li>Ba</li></ol>',
        '<figure data-placement="12"></figure>',
        '<figure data-image="3" data-alt-kind="text" data-alt="Cảng &quot;An&quot;">'
        "<figcaption>Cảng Nam An (ảnh năm 2020)</figcaption></figure>",
        '<figure data-embed="youtube:dQw4w9WgXcQ@90"><figcaption>Lễ ký</figcaption>'
        "</figure>",
        "<blockquote><p>Cán bộ là gốc của mọi công việc.</p>"
        '<figure data-embed="vimeo:76979871/abc"></figure></blockquote>',
        '<table><caption>Số hộ</caption><thead><tr><th scope="col">Xã</th>'
        '<th colspan="2" scope="colgroup">Số hộ</th></tr></thead><tbody><tr>'
        '<th rowspan="2" scope="row">Đường Lâm</th><td>1.200</td><td></td></tr><tr>'
        "<td><p>a</p><p>b</p></td><td><ul><li>c</li></ul></td></tr></tbody></table>",
        "<hr>",
        "<p>Emoji ☀️ và 𝟘, đơn vị “µg”, 5 × 5 = 25 &gt; 24, nguyên văn: "
        "&amp;lt;p&amp;gt;</p>",
    ]
)


def test_a_whole_article_passes_unchanged():
    assert clean(RICH) == RICH


DEMO = sorted((Path(markup.__file__).parent / "content").glob("*/*.md"))


@pytest.mark.parametrize("path", DEMO, ids=[path.stem for path in DEMO])
def test_the_articles_of_the_demo_pass_unchanged(path):
    text = markup.read(path.read_text()).text
    source = markup.to_html(text, lambda found: '<figure data-placement="1"></figure>')
    source = re.sub(r'(<a href="https?:[^"]*")', r'\1 rel="noopener"', source)
    assert clean(source) == source


@pytest.mark.parametrize("source", HONEST)
def test_honest_content_passes_unchanged(source):
    assert clean(source) == source


TIDIED = [
    ("h1 to h2", "<h1>Tên</h1>", "<h2>Tên</h2>"),
    ("old tags", "<b>a</b><i>b</i><del>c</del>", None),
    ("divs to paragraphs", "<div>a</div><div>b</div>", "<p>a</p>\n<p>b</p>"),
    ("loose text", "a <b>b</b>", "<p>a <strong>b</strong></p>"),
    ("empty paragraphs", "<p>&nbsp;</p><p> </p><p><br></p><p>a</p>", "<p>a</p>"),
    ("signature with blanks", f"<p>{'&nbsp;' * 40}Trung tâm</p>", "<p>Trung tâm</p>"),
    ("runs of blanks", "<p>kỷ luật,&nbsp;  kỷ cương</p>", "<p>kỷ luật, kỷ cương</p>"),
    ("two breaks", "<p>a<br>&nbsp;<br>b</p>", "<p>a</p>\n<p>b</p>"),
    ("neighbouring marks", "<b>a</b><b>b</b>", "<p><strong>ab</strong></p>"),
    ("mark around blocks", "<b><p>a</p><p>b</p></b>", None),
    ("list without items", "<ul>a<ul><li>b</li></ul></ul>", None),
    ("paragraphs in cells", "<table><tr><td><p>a</p></td></tr></table>", None),
    ("table in a table", "<table><tr><td><table><tr><td>a</table></table>", None),
    ("protocol of the page", '<a href="//so.gov.vn/">a</a>', None),
    (
        "figure of elsewhere",
        "<figure><img src=x><figcaption>a</figcaption></figure>",
        None,
    ),
    (
        "decomposed letters",
        "<p>Tie\u0302\u0301ng Vie\u0323\u0302t</p>",
        "<p>Tiếng Việt</p>",
    ),
]


@pytest.mark.parametrize(
    ("source", "expected"), [case[1:] for case in TIDIED], ids=[c[0] for c in TIDIED]
)
def test_what_editors_paste_is_tidied_once(source, expected):
    output = clean(source)
    assert clean(output) == output
    assert output
    if expected is not None:
        assert output == expected


def test_the_editors_figure_gives_numbers_and_words_but_no_address():
    document = read(
        '<figure data-placement="7" data-image="3" data-alt-kind="text">'
        '<img src="https://evil.example/x" alt=" Bến  cảng "><figcaption>Cảng <b>Hòn'
        "</b></figcaption></figure>"
    )
    (figure,) = document.figures()
    assert (figure.placement, figure.image) == (7, 3)
    assert (figure.alt, figure.caption) == ("Bến cảng", "Cảng Hòn")
    assert document.html() == '<figure data-placement="7"></figure>'


@pytest.mark.parametrize("number", ["0", "-1", "1_0", "٣", "9" * 30, "1 or 1=1", ""])
def test_a_figure_without_a_real_number_is_no_figure(number):
    assert read(f'<figure data-image="{number}"></figure>').figures() == []


def test_plain_text_has_a_line_for_each_block():
    text = plain_text("<h2>Một</h2><ul><li>hai<li>ba</ul><p>bốn <b>năm</b></p>")
    assert text == "Một\nhai\nba\nbốn năm"


def test_a_text_of_over_one_megabyte_is_refused():
    with pytest.raises(ValidationError) as refused:
        read("ế" * (html_limits.MAX_BYTES // 3 + 1))
    assert refused.value.code == "too_large"


def test_a_megabyte_of_ampersands_is_refused_before_it_is_parsed():
    with pytest.raises(ValidationError) as refused:
        read("&" * 2**20)
    assert refused.value.code == "too_large"


@pytest.mark.parametrize("tag", ["div", "b", "ul", "blockquote", "span", "font", "o"])
def test_deep_nesting_is_refused_before_it_is_parsed(tag):
    with pytest.raises(ValidationError) as refused:
        read(f"<{tag}>" * 20_000)
    assert refused.value.code == "too_deep"


@pytest.mark.parametrize("source", HEAVY.values(), ids=HEAVY)
def test_a_hostile_megabyte_is_refused_or_harmless(source):
    try:
        output = clean(source)
    except ValidationError as refused:
        assert refused.code in ("too_large", "too_deep")
    else:
        assert_only_allowed(output)


NESTED = [
    ("quotes", "<blockquote>", "a", "</blockquote>", 60),
    ("lists", "<ul><li>", "a", "</ul>", 30),
    ("boxes", "<div>", "a", "</div>", 60),
    ("tables", "<table><tr><td>", "a", "</table>", 15),  # the parser adds a tbody
    ("fonts", "<font size=2>", "a", "</font>", 60),
]


@pytest.mark.parametrize(
    ("begin", "inside", "end", "limit"),
    [n[1:] for n in NESTED],
    ids=[n[0] for n in NESTED],
)
def test_what_is_nested_up_to_the_limit_is_read_and_no_deeper(
    begin, inside, end, limit
):
    source = begin * limit + inside + end * limit
    assert "a" in clean(source)
    with pytest.raises(ValidationError) as refused:
        read(begin * (limit + 1) + inside + end * (limit + 1))
    assert refused.value.code == "too_deep"


def test_elements_closed_in_the_wrong_order_are_not_nesting():
    assert clean("<b><i>a</b></i>" * 200).count("a") == 200


def test_what_stands_in_a_huge_tag_is_kept_without_its_attributes():
    source = f'<p>a<img src="data:image/png;base64,{"A/+" * 9_000}">b</p>'
    assert clean(source) == "<p>ab</p>"


def test_many_unclosed_paragraphs_and_word_comments_are_not_nesting():
    source = "<p>a" * 500 + "<!--[if mso]>" + "<w:x>" * 400 + "<![endif]-->"
    assert clean(source).count("<p>") == 500


@pytest.mark.parametrize(
    "href", ["", "#top", "trang.html", "?a=1", "ftp://a/", "http://"]
)
def test_addresses_that_lead_nowhere_are_no_links(href):
    assert link(href) == ""


NAMES = """
p b i u a div span h1 h3 ul ol li table caption tr td th blockquote br figure
figcaption img button svg math style script form mtext select p/ iframe template
noscript title font td/ tbody g desc
"""
TAGS = st.sampled_from(NAMES.split())
ATTRIBUTES = st.sampled_from(
    [
        "",
        ' href="javascript:alert(1)"',
        ' href="https://a.vn/?b&c"',
        " onclick=x",
        ' style="x"',
        ' data-image="5"',
        ' colspan="3"',
        ' alt="&quot;><script>"',
        " hidden",
        ' style="display:none"',
        ' style="font-size:0"',
        ' style="font-size:12px"',
        ' src="https://youtu.be/dQw4w9WgXcQ?t=9" title="a  &lt;b>"',
        ' data-embed="vimeo:1"',
        ' data-embed="//vimeo.com/1/ab"',
    ]
)
PIECES = st.one_of(
    st.builds(lambda tag, attrs: f"<{tag}{attrs}>", TAGS, ATTRIBUTES),
    st.builds(lambda tag: f"</{tag}>", TAGS),
    st.text(max_size=8),
    st.sampled_from(
        [
            *("&nbsp;", "&lt;b&gt;", "&amp;lt;", "<!--", "-->", "--!>", "<![CDATA["),
            *("]]>", "</ b>", "<!x>", "\u0301", "\u0301" * 9, "\u200b", " ", "\n"),
        ]
    ),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=25))
def test_any_soup_becomes_allowed_and_stays_as_it_is(pieces):
    try:
        output = clean("".join(pieces))
    except ValidationError as refused:
        assert refused.code == "too_deep"
        return
    assert_only_allowed(output)
    assert clean(output) == output
