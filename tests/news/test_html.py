"""The sanitiser: nothing runs, nothing honest is lost, and once is enough."""

import re

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from news import html_limits
from news.html import clean, link, plain_text, read

HOSTILE = [
    ("script", "<p>a<script>alert(1)</script>b</p>", "<p>ab</p>"),
    ("script in pieces", "<scr<script>ipt>alert(1)</script>", None),
    ("event handler", '<p onclick="alert(1)">a</p>', "<p>a</p>"),
    ("handler on a link", '<a href="/x" onmouseover=alert(1)>a</a>', None),
    ("javascript address", '<a href="javascript:alert(1)">a</a>', "<p>a</p>"),
    (
        "javascript with entities",
        '<a href="&#106;avascript:alert(1)">a</a>',
        "<p>a</p>",
    ),
    ("javascript with a tab", '<a href="java\tscript:alert(1)">a</a>', "<p>a</p>"),
    ("javascript in capitals", '<a href=" JaVaScRiPt:alert(1)">a</a>', "<p>a</p>"),
    ("vbscript", '<a href="vbscript:x">a</a>', "<p>a</p>"),
    ("data address", '<a href="data:text/html,<script>1</script>">a</a>', "<p>a</p>"),
    ("file address", '<a href="file:///etc/passwd">a</a>', "<p>a</p>"),
    ("backslashes", '<a href="/\\evil.example">a</a>', "<p>a</p>"),
    ("a false host", '<a href="https://so.gov.vn@evil.example/">a</a>', "<p>a</p>"),
    ("picture with a handler", "<img src=x onerror=alert(1)>", ""),
    (
        "picture of elsewhere",
        '<p>a<img src="https://evil.example/x.gif"></p>',
        "<p>a</p>",
    ),
    ("svg", "<svg><script>alert(1)</script></svg>a", "<p>a</p>"),
    ("svg handler", "<svg onload=alert(1)>a</svg>b", "<p>b</p>"),
    ("mathml", "<math><mtext><img src=x onerror=alert(1)></mtext></math>a", "<p>a</p>"),
    ("iframe", '<iframe srcdoc="<script>1</script>"></iframe>a', "<p>a</p>"),
    ("object and embed", "<object data=x></object><embed src=x>a", "<p>a</p>"),
    ("style element", "<style>p{display:none}</style><p>a</p>", "<p>a</p>"),
    ("style attribute", '<p style="position:fixed">a</p>', "<p>a</p>"),
    ("hidden text", '<span style="display:none">cá cược</span>', ""),
    ("class and id", '<p class="MsoNormal" id="main">a</p>', "<p>a</p>"),
    (
        "form",
        '<form action="//evil"><input name=a><button>b</button></form>',
        "<p>b</p>",
    ),
    ("meta refresh", '<meta http-equiv=refresh content="0;url=//evil">a', "<p>a</p>"),
    ("base", '<base href="//evil"><p>a</p>', "<p>a</p>"),
    ("template", "<template><script>alert(1)</script></template>a", "<p>a</p>"),
    ("comment", "<!--[if gte mso 9]><xml><w:x/></xml><![endif]-->a", "<p>a</p>"),
    ("unclosed comment", "a<!-- <script>alert(1)", "<p>a</p>"),
    (
        "mutation by noscript",
        '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>a',
        None,
    ),
    (
        "mutation by mathml",
        "<math><mtext><table><mglyph><style><!--</style>"
        '<img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
        None,
    ),
    (
        "mutation by svg",
        '<svg></p><style><a title="</style><img src onerror=alert(1)>">',
        None,
    ),
    (
        "mutation by form",
        "<form><math><mtext></form><form><mglyph><style></math>"
        "<img src onerror=alert(1)>",
        None,
    ),
    ("paragraph in a button", "<p><button><p>a</p></button></p>", "<p>a</p>"),
    ("attribute that closes", '<a href="/x&quot;&gt;<script>1</script>">a</a>', None),
    ("null", "<scr\0ipt>alert(1)</scr\0ipt>", None),
    ("lone surrogate", "a\ud800b", "<p>ab</p>"),
    ("zero width", "<p>a\u200bb\u2060c\ufeffd</p>", "<p>a bc d</p>"),
    ("direction marks", "<p>a\u202egnp.exe\u202c</p>", "<p>agnp.exe</p>"),
    ("zero width as entity", "<p>&#8203;&nbsp;&zwnj;</p>", ""),
    ("not equal to a bracket", "<p>\u0338script</p>", None),
]
# Elements and attributes that may stand in the output; everything else is a hole.
ALLOWED = re.compile(
    r"</?(?:p|h[234]|ul|ol|li|strong|em|u|s|sub|sup|a|br|hr|blockquote|figure|"
    r"figcaption|table|caption|thead|tbody|tr|th|td)"
    r'(?: (?:href="(?:https?:|mailto:|tel:|/(?!/))[^"<>]*"|rel="noopener"|'
    r'start="\d+"|(?:col|row)span="\d+"|scope="\w+"|data-placement="\d+"|'
    r'data-image="\d+"|data-alt-kind="\w+"|data-alt="[^"<>]*"))*>'
)


def assert_only_allowed(output: str):
    rest = ALLOWED.sub("", output)
    assert "<" not in rest, rest
    assert ">" not in rest.replace("&gt;", ""), rest


@pytest.mark.parametrize(
    ("source", "expected"), [case[1:] for case in HOSTILE], ids=[c[0] for c in HOSTILE]
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
figcaption img button svg math style script form mtext select p/
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
    ]
)
PIECES = st.one_of(
    st.builds(lambda tag, attrs: f"<{tag}{attrs}>", TAGS, ATTRIBUTES),
    st.builds(lambda tag: f"</{tag}>", TAGS),
    st.text(max_size=8),
    st.sampled_from(
        ["&nbsp;", "&lt;b&gt;", "<!--", "-->", "\u0301", "\u200b", " ", "\n"]
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
