"""What a page may hold, case by case."""

import pytest

from portal.integrity.markup import faults_of_page, faults_of_text
from portal.integrity.rows import Vouched

HOST = "https://nha-cai.example.net"
BAD = {
    "script": ("<script>x()</script>", "script"),
    "script of another site": (f'<script src="{HOST}/a.js"></script>', "script"),
    "script from the pictures": ('<script src="/media/a.js"></script>', "script"),
    "module within": ('<script type="module">import "x"</script>', "script"),
    "event": ('<img src="/media/a.jpg" onerror="x()">', "script"),
    "javascript:": ('<a href=" javascript:x()">a</a>', "script"),
    "data:": ('<a href="data:text/html,x">a</a>', "script"),
    "frame": ('<iframe src="/media/a.html"></iframe>', "frame"),
    "object": ('<object data="/media/a.swf"></object>', "frame"),
    "base": ('<base href="/media/">', "frame"),
    "refresh": (f'<meta http-equiv="refresh" content="0;url={HOST}">', "refresh"),
    "style element": ("<style>p{display:none}</style>", "style"),
    "style": ('<p style="color:#fff">nổ hũ</p>', "style"),
    "hidden": ('<p style="position:absolute;left:-9999px">nổ hũ</p>', "style"),
    "tiny": ('<p style="font-size:0">nổ hũ</p>', "style"),
    "link": (f'<a href="{HOST}">a</a>', "outbound"),
    "link without scheme": ('<a href="//nha-cai.example.net/">a</a>', "outbound"),
    "link in capitals": ('<A HREF="HTTPS://NHA-CAI.EXAMPLE.NET/">a</A>', "outbound"),
    "looks like ours": ('<a href="https://testserver.example.net/">a</a>', "outbound"),
    "name before the host": ('<a href="https://gov.vn@x.example/">a</a>', "outbound"),
    "picture": (f'<img src="{HOST}/a.gif" alt="">', "outbound"),
    "srcset": (f'<img srcset="/media/a.jpg 1x, {HOST}/b.jpg 2x">', "outbound"),
    "form": (f'<form action="{HOST}/"></form>', "outbound"),
    "button": (f'<button formaction="{HOST}/">a</button>', "outbound"),
    "canonical": (f'<link rel="canonical" href="{HOST}/">', "outbound"),
    "style sheet": (f'<link rel="stylesheet" href="{HOST}/a.css">', "outbound"),
    "preview picture": (f'<meta property="og:image" content="{HOST}/a">', "outbound"),
    "frame opened later": (f'<p data-embed-frame="{HOST}/">a</p>', "outbound"),
    "first attribute counts": (f'<a href="{HOST}/" href="/">a</a>', "outbound"),
}
GOOD = {
    "our script": '<script type="module" src="/static/js/menu.js"></script>',
    "data": '<script type="application/ld+json">{"@context": "https://x"}</script>',
    "our page": '<a href="/lich-cong-tac/">a</a><a href="#a">b</a><a href="?a=1">c</a>',
    "the state": '<a href="https://bocongan.gov.vn/bat-nhom-danh-bac">a</a>',
    "mail": '<a href="mailto:a@so.example.vn">a</a><a href="tel:+8424">b</a>',
    "shared": '<a href="https://www.facebook.com/sharer/sharer.php?u=x">Facebook</a>',
    "entered": '<a href="https://bao.example.com/?a=1&amp;b=2">a</a>',
    "trusted": '<a href="https://www.bao-tinh.example.vn/tin">a</a>',
    "words of the police": "<p>Bắt nhóm cá độ, nổ hũ, nhà cái, tài xỉu</p>",
}


@pytest.fixture
def explains():
    entered = {"https://bao.example.com/?a=1&b=2"}
    return Vouched(entered, {"bao-tinh.example.vn"}).explains


@pytest.mark.parametrize("html, kind", BAD.values(), ids=BAD)
def test_what_no_page_of_ours_holds_is_named(explains, html, kind):
    assert [fault[0] for fault in faults_of_page(html, "/", explains)] == [kind]


@pytest.mark.parametrize("html", GOOD.values(), ids=GOOD)
def test_what_pages_hold_is_let_be(explains, html):
    assert faults_of_page(html, "/", explains) == []


def test_a_feed_leads_only_where_somebody_led(explains):
    feed = (
        '<rss xmlns:atom="http://www.w3.org/2005/Atom"><link>http://testserver/</link>'
        "<description>&lt;a href=&quot;{}&quot;&gt;a&lt;/a&gt;</description></rss>"
    )
    assert faults_of_text(feed.format("http://testserver/a/"), explains) == []
    ((kind, what, _expected),) = faults_of_text(feed.format(f"{HOST}/a"), explains)
    assert kind == "outbound"
    assert f"{HOST}/a" in what


def test_robots_txt_names_our_site_map_only(explains):
    assert faults_of_text(f"Sitemap: {HOST}/sitemap.xml", explains)
    assert not faults_of_text("Sitemap: http://testserver/sitemap.xml", explains)
