"""What the checklist says of an article, and where it points."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.translation import gettext as _

from news import checklist, hooks, html, link_check, saving
from news.checklist import Target, Writing
from news.models import AltKind, Article, Attachment, Placement, State
from tests.factories import make_article, make_category, make_image, make_tag

NOW = timezone.now()
HOST = "https://tinh.example"


@pytest.fixture(autouse=True)
def own_address(monkeypatch):
    monkeypatch.setattr(hooks, "site_url", lambda: HOST)
    monkeypatch.setattr(hooks, "trusted_domains", lambda: {"tin-cay.example"})
    monkeypatch.setattr(hooks, "public_pages", lambda slugs: {"gioi-thieu"} & slugs)


def writing(body="<p>Có nội dung.</p>", pictures=(), attachments=(), **fields):
    """Return an article that lacks nothing but what a test takes from it."""
    fields.setdefault("title", "Khai trương phòng đọc số")
    fields.setdefault("sapo", "Sáng nay, phòng đọc mở cửa.")
    fields.setdefault("cover_id", 1)
    return Writing(Article(**fields), html.read(body), pictures, attachments)


def picture(**fields):
    return Placement(**{"caption": "Chú thích", "alt": "Một phòng đọc"} | fields)


def codes(found):
    return [item.code for item in found]


def link(address, text="Cổng dịch vụ công"):
    return f'<p>Xem <a href="{address}">{text}</a>.</p>'


TABLE = "<table><tr><td>Năm</td><td>Số</td></tr><tr><td>1</td><td>2</td></tr></table>"
VIDEO = '<figure data-embed="youtube:dQw4w9WgXcQ"><figcaption>{}</figcaption></figure>'
CASES = [
    ("nothing is wrong", {}, []),
    ("no title", {"title": " "}, ["no_title"]),
    ("nothing to read", {"sapo": "", "body": ""}, ["empty"]),
    ("a lead alone", {"body": ""}, []),
    ("no lead", {"sapo": ""}, ["no_sapo"]),
    (
        "a caption is something to read",
        {"sapo": "", "body": "", "pictures": [picture()]},
        ["no_sapo"],
    ),
    ("no cover", {"cover_id": None}, ["no_cover"]),
    ("100 characters", {"title": "a" * 100}, []),
    ("101 characters", {"title": "a" * 101}, ["title_long"]),
    ("capitals", {"title": "THÔNG BÁO TUYỂN DỤNG NĂM 2026"}, ["title_capitals"]),
    ("short capitals", {"title": "UBND TP.HCM 2026"}, []),
    ("full stop", {"title": "Khai mạc hội nghị."}, ["title_stop"]),
    ("three dots", {"title": "Khi nắng lên..."}, []),
    ("abbreviation at the end", {"title": "Thi vẽ, hát, múa v.v."}, []),
    ("60 words", {"sapo": "chữ " * 60}, []),
    ("61 words", {"sapo": "chữ " * 61}, ["sapo_long"]),
    ("mute picture", {"pictures": [picture(alt="")]}, ["figure_alt"]),
    ("a titled video", {"body": VIDEO.format("Phóng sự")}, []),
    ("a video without its title", {"body": VIDEO.format("")}, ["embed_title"]),
    ("a video alone", {"sapo": "", "body": VIDEO.format("Phóng sự")}, ["no_sapo"]),
    (
        "decorative",
        {"pictures": [picture(alt="", caption="", alt_kind="decorative")]},
        [],
    ),
    ("caption says it", {"pictures": [picture(alt="", alt_kind="caption")]}, []),
    (
        "caption says nothing",
        {"pictures": [picture(alt="", caption="", alt_kind="caption")]},
        ["figure_alt"],
    ),
    ("no caption", {"pictures": [picture(caption="")]}, ["figure_caption"]),
    ("headings in order", {"body": "<h2>A</h2><h3>B</h3><h4>C</h4><h2>D</h2>"}, []),
    ("skipped heading", {"body": "<h2>A</h2><h4>B</h4>"}, ["heading_skip"]),
    ("first heading too low", {"body": "<h3>A</h3><h3>B</h3>"}, ["heading_skip"]),
    ("table without header", {"body": TABLE}, ["table_headers"]),
    ("table with header", {"body": TABLE.replace("<td>Năm</td>", "<th>Năm</th>")}, []),
    ("one row", {"body": "<table><tr><td>A</td><td>B</td></tr></table>"}, []),
    (
        "one column",
        {"body": "<table><tr><td>A</td></tr><tr><td>B</td></tr></table>"},
        [],
    ),
    ("vague link", {"body": link("/", "tại đây")}, ["link_text"]),
    ("vague link in marks", {"body": link("/", "<b>Xem thêm</b> »")}, ["link_text"]),
    ("bare address", {"body": link("/", "https://tinh.example/tin")}, ["link_text"]),
    ("name of a site", {"body": link("/", "dichvucong.gov.vn")}, []),
    ("a word that begins so", {"body": link("/", "đây là quyết định")}, []),
    (
        "file name as title",
        {"attachments": [Attachment(title="QD_15", file_name="QD_15.pdf")]},
        ["attachment_title"],
    ),
    (
        "no title at all",
        {"attachments": [Attachment(file_name="QD_15.pdf")]},
        ["attachment_title"],
    ),
    (
        "a title of words",
        {"attachments": [Attachment(title="Quyết định 15", file_name="QD_15.pdf")]},
        [],
    ),
    ("ended", {"expires_at": NOW - timedelta(days=1)}, ["expires_past"]),
    ("ends later", {"expires_at": NOW + timedelta(days=1)}, []),
    ("far ahead", {"published_at": NOW + timedelta(days=91)}, ["published_far"]),
    ("soon", {"published_at": NOW + timedelta(days=89)}, []),
    ("last year", {"published_at": NOW - timedelta(days=365)}, ["published_long_ago"]),
    (
        "published last year",
        {"published_at": NOW - timedelta(days=365), "state": State.PUBLISHED},
        [],
    ),
    ("unknown source", {"source_url": "https://la.example/tin"}, ["link_outbound"]),
]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_each_thing_is_found_and_nothing_else(given, expected):
    assert codes(checklist.check(writing(**given), NOW)) == expected


@pytest.mark.django_db
def test_errors_come_first_and_are_the_errors_of_publishing():
    article = make_article(state=State.DRAFT, body="", body_text="", sapo="")
    found = checklist.check(checklist.stored(article))
    assert [item.severity for item in found] == ["error", "warning"]
    errors = [item.message for item in found if item.severity == "error"]
    assert saving.problems(article) == errors


@pytest.mark.django_db
def test_a_cover_above_the_body_needs_an_alternative():
    def found(**fields):
        cover = fields.pop("cover", None) or make_image()
        given = {"cover": cover, "cover_id": cover.pk, "show_cover": True} | fields
        return codes(checklist.check(writing(**given)))

    assert found() == ["cover_alt"]
    assert found(show_cover=False) == []
    assert found(cover_alt="Phòng đọc") == []
    assert found(cover=make_image(default_alt="Phòng đọc")) == []
    assert found(cover_alt_kind=AltKind.DECORATIVE) == []
    assert found(cover_alt_kind=AltKind.CAPTION) == ["cover_alt"]


@pytest.mark.django_db
def test_a_target_counts_what_stands_in_the_body():
    body = (
        "<h2>Một</h2><p>Xem <a href='/'>trang <b>chủ</b></a> và <a href='/'>đây</a></p>"
        "<ul><li>Mục<h4> </h4></li></ul><h4>Hai</h4>"
        f"<table><tr><th>A</th><td>B</td></tr><tr><td>1</td><td>2</td></tr></table>{TABLE}"
        f"{VIDEO.format('Phóng sự')}{VIDEO.format('')}"
    )
    pictures = [picture(), picture(alt=""), picture(caption="")]
    found = checklist.check(writing(body, pictures))
    assert {item.code: item.target for item in found} == {
        "figure_alt": Target("figure", 1),
        "embed_title": Target("embed", 1),
        "figure_caption": Target("caption", 2),
        "heading_skip": Target("heading", 1),
        "table_headers": Target("table", 1),
        "link_text": Target("link", 1),
    }


@pytest.mark.django_db
def test_a_link_through_several_marks_is_one_link():
    body = link("https://la.example/", "<b>Đọc</b> <i>cả<br>bài</i>")
    (item,) = checklist.check(writing(body))
    assert item.quote == "Đọc cả bài"


@pytest.mark.django_db
def test_a_domain_is_listed_once_with_the_number_of_its_links():
    body = link("https://la.example/1") + link("https://LA.example./2")
    (item,) = checklist.check(writing(body))
    assert item.code == "link_outbound"
    assert "la.example" in item.message
    assert item.message.startswith("2 ")


# Trusted domains

OUTBOUND = [
    ("own", f"{HOST}/", ""),
    ("own in capitals", "HTTPS://TINH.EXAMPLE/", ""),
    ("gov.vn", "https://gov.vn/", ""),
    ("below gov.vn", "https://so.tinh.gov.vn/x", ""),
    ("final dot", "https://so.gov.vn./x", ""),
    ("port", "https://so.gov.vn:8443/x", ""),
    ("of the settings", "https://bao.tin-cay.example/", ""),
    ("mail", "mailto:ai@la.example", ""),
    ("ends alike", "https://evilgov.vn/", "evilgov.vn"),
    ("begins alike", "https://gov.vn.la.example/", "gov.vn.la.example"),
    ("own begins alike", "https://tinh.example.la.example/", "tinh.example.la.example"),
    ("address in the path", "https://la.example/https://so.gov.vn/", "la.example"),
    ("address in the query", "https://la.example?so.gov.vn", "la.example"),
    ("name before the host", "https://so.gov.vn@la.example/", "la.example"),
    ("port as a disguise", "https://la.example:443/so.gov.vn", "la.example"),
    ("cyrillic letter", "https://gоv.vn/", "xn--gv-fmc.vn"),
    ("punycode", "https://xn--gv-fmc.vn/", "xn--gv-fmc.vn"),
    ("full-width letters", "https://ｇｏｖ.vn/", "ｇｏｖ.vn"),
    ("slash in the host", "https://la.example%2f.gov.vn/", "la.example%2f.gov.vn"),
    ("number", "https://203.0.113.9/", "203.0.113.9"),
    ("IPv6", "http://[2001:db8::1]/", "2001:db8::1"),
    ("impossible port", "https://la.example:99999999/", "la.example"),
]


@pytest.mark.parametrize(
    ("address", "host"), [c[1:] for c in OUTBOUND], ids=[c[0] for c in OUTBOUND]
)
def test_only_a_trusted_domain_and_what_is_below_it_is_trusted(address, host):
    expected = {address: host} if host else {}
    assert link_check.outbound_hosts([address]) == expected


DOMAINS = [
    ("tin-cay.vn", "tin-cay.vn"),
    ("*.Tin-Cay.vn", "tin-cay.vn"),
    ("https://www.tin-cay.vn/trang", "tin-cay.vn"),
    ("vn", ""),
    ("localhost", ""),
    ("không phải tên miền", ""),
    ("a b.vn", ""),
    ("https://[::1", ""),
    ("", ""),
]


@pytest.mark.parametrize(("line", "domain"), DOMAINS)
def test_a_line_of_the_settings_names_a_domain_or_nothing(line, domain):
    assert link_check.domain_of(line) == domain


# Links into our own site


@pytest.mark.django_db
def test_links_into_the_site_must_lead_to_something_public():
    public, draft = make_article(), make_article(state=State.DRAFT)
    section, hidden = make_category(), make_category(is_visible=False)
    used, unused = make_tag(), make_tag()
    public.tags.add(used)
    draft.tags.add(unused)
    files = [
        Attachment.objects.create(
            article=article, title="Tệp", file="a.pdf", file_name="a.pdf"
        )
        for article in (public, draft)
    ]
    fine = [
        *("/", "/tin-nong/", "/tim-kiem/?q=a", "/lich-cong-tac/", "/media/anh/a.jpg"),
        *(public.get_absolute_url(), f"/tin-tuc/ten-cu-{public.pk}"),
        f"{HOST}{public.get_absolute_url()}#dau",
        f"http://tinh.example:80{public.get_absolute_url()}",
        *(section.get_absolute_url(), used.get_absolute_url()),
        *(files[0].get_absolute_url(), "/trang/gioi-thieu/"),
        f"https://khac.gov.vn{draft.get_absolute_url()}",
        "tel:113",
    ]
    broken = [
        *(draft.get_absolute_url(), f"{HOST}{draft.get_absolute_url()}"),
        *("/tin-tuc/khong-co-999999/", f"/tin-tuc/lon-{10**30}/"),
        *(hidden.get_absolute_url(), f"{hidden.get_absolute_url()}rss/"),
        *("/chuyen-muc/khong-co/", unused.get_absolute_url(), "/the/khong-co/"),
        *(files[1].get_absolute_url(), "/tai-ve/999999/a.pdf", "/trang/khong-co/"),
        *("/khong-co-gi/", "/%00/", "/tin-tuc/%ff-1/", "/admin/", "/admin/news/"),
    ]
    assert link_check.broken(fine) == {}
    found = link_check.broken([*fine, *broken])
    assert list(found) and set(found) == set(broken)
    not_now = _("The link leads to an article that is not public now.")
    assert found[draft.get_absolute_url()] == not_now


@pytest.mark.django_db
def test_many_links_cost_no_more_queries(django_assert_max_num_queries):
    section = make_category()
    body = "".join(
        link(f"/tin-tuc/bai-{number}/")
        + link(f"/chuyen-muc/{section.slug}/?{number}")
        + link(f"/the/the-{number}/")
        + link(f"/tai-ve/{number}/a.pdf")
        + link(f"https://la{number}.example/")
        for number in range(10**6, 10**6 + 59)
    )
    article = make_article(body=body)
    with django_assert_max_num_queries(6):
        found = checklist.check(checklist.stored(article))
    assert codes(found).count("link_broken") == 59 * 3
    assert codes(found).count("link_outbound") == 59


@pytest.mark.django_db
def test_more_internal_links_than_any_article_has_are_not_asked_for():
    many = [f"/khong-co/{number}/" for number in range(link_check.MAX_INTERNAL + 50)]
    assert len(link_check.broken(many)) == link_check.MAX_INTERNAL
