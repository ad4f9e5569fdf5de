"""What a reader gets at the addresses of the news."""

import json
import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from news.models import AltKind, Attachment, Author, ListEntry, State
from portal.models import Page, SiteSettings
from tests.factories import (
    make_article,
    make_category,
    make_image,
    make_list_entry,
    make_tag,
    make_unit,
)

pytestmark = pytest.mark.django_db
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def html(client, address, status=200):
    response = client.get(address)
    assert response.status_code == status, address
    return response.content.decode()


def json_ld(text, kind):
    blocks = re.findall(
        r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL
    )
    return next(d for d in map(json.loads, blocks) if d["@type"] == kind)


def make_attachment(article, name="ke-hoach.pdf", **overrides):
    attachment = Attachment(
        article=article,
        title=overrides.pop("title", "Kế hoạch"),
        file_name=name,
        content_type="application/pdf",
        size_bytes=1_500_000,
        **overrides,
    )
    attachment.file.save(name, ContentFile(b"%PDF-1.4 test"))
    attachment.save()
    return attachment


# The article


def test_article_shows_everything_of_the_reference_page(client):
    parent = make_category(name="Tin tức")
    article = make_article(
        title="Đảng bộ cơ quan Sở KH&CN",
        category=make_category(name="Xây dựng Đảng", parent=parent),
        published_at=datetime(2021, 5, 19, 10, 30, tzinfo=VIETNAM),
        sapo="Ngày 15-5-2016, Bộ Chính trị đã ban hành Chỉ thị số 05.",
        body_html='<p>Hàng năm</p><figure class="picture"><figcaption>Hội nghị'
        "</figcaption></figure>",
        signature_unit=make_unit(name="Trung tâm Ứng dụng và Thống kê KH&CN"),
        author=Author.objects.create(name="Lê Mai"),
        source_name="Báo Hải Sơn",
        source_url="https://example.gov.vn/tin",
        tags=[make_tag(name="học tập")],
    )
    make_attachment(article)
    text = html(client, article.get_absolute_url())
    for expected in (
        '<h1 class="article__title">Đảng bộ cơ quan Sở KH&amp;CN</h1>',
        'datetime="2021-05-19T10:30:00+07:00">Thứ Tư, 19/05/2021, 10:30 (GMT+7)<',
        "Ngày 15-5-2016, Bộ Chính trị",
        "<figcaption>Hội nghị</figcaption>",
        "Trung tâm Ứng dụng và Thống kê KH&amp;CN",
        "Lê Mai",
        'href="https://example.gov.vn/tin"',
        'rel="tag">học tập</a>',
        "ke-hoach.pdf",
        "PDF, 1,4",
        'aria-label="Đường dẫn"',
    ):
        assert expected in text
    steps = json_ld(text, "BreadcrumbList")["itemListElement"]
    assert [step["name"] for step in steps] == ["Trang chủ", "Tin tức", "Xây dựng Đảng"]


def test_wrong_slug_redirects_permanently_to_the_present_one(client):
    article = make_article(title="Chuyển đổi số")
    response = client.get(f"/tin-tuc/ten-cu-{article.pk}/")
    assert response.status_code == 301
    assert response["Location"] == article.get_absolute_url()


@pytest.mark.parametrize(
    "overrides",
    [
        *({"state": state} for state in State.values if state != State.PUBLISHED),
        {"published_at": timezone.now() + timedelta(days=1)},
        {
            "published_at": timezone.now() - timedelta(days=2),
            "expires_at": timezone.now() - timedelta(days=1),
        },
    ],
    ids=str,
)
def test_article_that_is_not_public_does_not_exist(client, overrides):
    article = make_article(**overrides)
    assert client.get(article.get_absolute_url()).status_code == 404
    assert client.get(f"/tin-tuc/khac-{article.pk}/").status_code == 404


def test_neighbours_are_the_nearest_in_time_of_the_same_category(client):
    category, now = make_category(), timezone.now()
    older2, older, this, newer, newer2 = (
        make_article(category=category, published_at=now - timedelta(days=days))
        for days in (9, 8, 7, 6, 5)
    )
    elsewhere = make_article(published_at=now - timedelta(days=7, hours=1))
    text = html(client, this.get_absolute_url())
    nav = text[text.index('class="neighbours"') :].split("</nav>")[0]
    assert newer.title in nav and older.title in nav
    for other in (newer2, older2, elsewhere):
        assert other.title + "<" not in nav


def test_neighbours_of_the_same_minute_are_told_apart(client):
    category, at = make_category(), timezone.now() - timedelta(days=1)
    first, this, last = (
        make_article(category=category, published_at=at) for _ in range(3)
    )
    for _ in range(9):  # so that they are not among the newest of the category
        make_article(category=category)
    nav = html(client, this.get_absolute_url()).split('class="neighbours"')[1]
    newer, older = nav.split('rel="prev"')
    assert last.get_absolute_url() in newer
    assert first.get_absolute_url() in older


def test_related_are_the_newest_of_those_that_share_a_tag(client):
    tag, now = make_tag(), timezone.now()
    this = make_article(tags=[tag])
    shared = [
        make_article(tags=[tag], published_at=now - timedelta(days=(n * 5) % 9 + 1))
        for n in range(9)
    ]
    shared.sort(key=lambda article: article.published_at, reverse=True)
    related = html(client, this.get_absolute_url()).split('id="tin-lien-quan"')[1]
    addresses = re.findall(r'href="(/tin-tuc/[^"]+)"', related.split("</section>")[0])
    assert addresses == [article.get_absolute_url() for article in shared[:5]]


def test_related_come_from_tags_and_category_and_are_five_at_most(client):
    tag, category = make_tag(), make_category()
    this = make_article(category=category, tags=[tag])
    shared = make_article(tags=[tag])
    for _ in range(8):
        make_article(category=category)
    unrelated = make_article()
    related = html(client, this.get_absolute_url()).split('id="tin-lien-quan"')[1]
    related = related.split("</section>")[0]
    assert shared.title + "<" in related
    assert unrelated.title + "<" not in related
    assert related.count("<li>") == 5


def test_hostile_title_cannot_leave_the_structured_data(client):
    title = "</script><script>alert(1)</script> & “ngoặc”"
    text = html(client, make_article(title=title).get_absolute_url())
    assert "<script>alert" not in text
    raw = text.split('<script type="application/ld+json">')[1].split("</script>")[0]
    assert "<" not in raw and "NewsArticle" in raw
    assert json_ld(text, "NewsArticle")["headline"] == title


def test_structured_data_and_preview_name_the_picture_and_the_agency(client):
    SiteSettings.objects.create(name="Sở Khoa học và Công nghệ")
    cover = make_image()
    cover.renditions["og"] = {"jpg": "anh/ab/x-1200og.jpg", "w": 1200, "h": 630}
    cover.save()
    article = make_article(cover=cover, tags=[make_tag(name="biển")])
    text = html(client, article.get_absolute_url())
    data = json_ld(text, "NewsArticle")
    image = "http://testserver/media/anh/ab/x-1200og.jpg"
    address = "http://testserver" + article.get_absolute_url()
    assert data["image"] == [image]
    assert data["publisher"]["name"] == "Sở Khoa học và Công nghệ"
    assert data["mainEntityOfPage"] == address
    assert f'<meta property="og:image" content="{image}">' in text
    assert '<meta property="og:image:width" content="1200">' in text
    assert f'<link rel="canonical" href="{address}">' in text
    assert '<meta name="DC.publisher" content="Sở Khoa học và Công nghệ">' in text
    assert f'<meta name="DC.subject" content="{article.category.name}; biển">' in text


def test_every_kind_of_page_has_a_preview_with_the_site_s_banner(client):
    banner = make_image()
    banner.renditions["og"] = {"jpg": "anh/ab/x-1200og.jpg", "w": 1200, "h": 630}
    banner.save()
    SiteSettings.objects.create(name="Sở", banner=banner)
    category, tag = make_category(description="Tin của tỉnh"), make_tag()
    article = make_article(category=category, tags=[tag])
    make_list_entry(list="hot", article=article)
    make_list_entry(list="focus", article=article)
    page = Page.objects.create(title="Giới thiệu", body="<p>Lịch sử</p>")
    for address, title in {
        "/": "Sở",
        category.get_absolute_url(): category.name,
        tag.get_absolute_url(): tag.name,
        "/tin-nong/": "Tin Nóng",
        "/tin-tieu-diem/": "Tin tiêu điểm",
        "/lich-cong-tac/": "Lịch công tác",
        page.get_absolute_url(): "Giới thiệu",
    }.items():
        text = html(client, address)
        assert text.count('property="og:url"') == 1, address
        assert f'<meta property="og:url" content="http://testserver{address}">' in text
        assert f'<meta property="og:title" content="{title}">' in text
        assert 'content="http://testserver/media/anh/ab/x-1200og.jpg"' in text
    text = html(client, category.get_absolute_url())
    assert '<meta property="og:description" content="Tin của tỉnh">' in text


@pytest.mark.parametrize(
    "kind, alt",
    [
        (AltKind.TEXT, "Quang cảnh hội nghị"),
        (AltKind.DECORATIVE, ""),
        (AltKind.CAPTION, ""),
    ],
)
def test_lead_picture_has_its_caption_and_its_alternative(client, kind, alt):
    article = make_article(
        cover=make_image(),
        show_cover=True,
        cover_alt="Quang cảnh hội nghị",
        cover_alt_kind=kind,
        cover_caption="Hội nghị sáng 19/5",
    )
    figure = html(client, article.get_absolute_url()).split("article__cover")[1]
    figure = figure.split("</figure>")[0]
    assert f'alt="{alt}"' in figure
    assert "Hội nghị sáng 19/5" in figure
    assert 'width="800" height="533"' in figure
    assert "image/avif" in figure and 'loading="lazy"' not in figure


def test_cover_is_not_shown_above_the_body_unless_wanted(client):
    article = make_article(cover=make_image(), show_cover=False)
    assert "article__cover" not in html(client, article.get_absolute_url())


def test_update_is_told_only_when_it_came_after_publication(client):
    at = timezone.now() - timedelta(days=2)
    plain = make_article(published_at=at)
    revised = make_article(published_at=at, revised_at=at + timedelta(days=1))
    assert "Cập nhật:" not in html(client, plain.get_absolute_url())
    assert "Cập nhật:" in html(client, revised.get_absolute_url())


def test_readers_are_told_of_each_major_change_the_newest_first(client):
    notes = [
        {"at": f"2026-11-{26 - n}T03:30:00+00:00", "note": f"Sửa <số liệu> {n}."}
        for n in range(5)
    ]
    article = make_article(public_notes=notes, revised_at=timezone.now())
    text = html(client, article.get_absolute_url())
    block = text.split("article__notes")[1].split("</div>")[0]
    assert "Cập nhật" in block and ">26/11/2026 10:30</time>: Sửa &lt;số" in block
    shown, folded = block.split("<details>")
    assert [shown.count("<p>"), folded.count("<p>")] == [3, 2]
    assert block.index("liệu&gt; 0.") < block.index("liệu&gt; 4.")
    assert "article__revised" not in text


def test_few_notes_are_not_folded(client):
    at = "2026-11-26T03:30:00+00:00"
    article = make_article(public_notes=[{"at": at, "note": "Sửa."}])
    text = html(client, article.get_absolute_url())
    assert "article__notes" in text and "<details>" not in text
    text = html(client, make_article().get_absolute_url())
    assert "article__notes" not in text


# Lists


def test_category_shows_the_articles_below_it_and_its_sub_categories(client):
    top = make_category(name="Tin tức", description="Tin của Sở")
    child = make_category(name="Tin trong tỉnh", parent=top)
    hidden = make_category(name="Chuyên mục ẩn", parent=top, is_visible=False)
    shown = [make_article(category=c) for c in (top, child, hidden)]
    shown.append(make_article(further_categories=[child]))
    absent = make_article()
    text = html(client, top.get_absolute_url())
    main = text.split("<main")[1].split("</main>")[0]
    for article in shown:
        assert article.title + "<" in main
    assert absent.title + "<" not in main
    assert child.get_absolute_url() in main
    assert hidden.get_absolute_url() not in main
    assert "Tin của Sở" in main


def test_pages_of_a_list_are_real_links_and_say_where_one_is(client):
    category = make_category()
    now = timezone.now()
    articles = [
        make_article(category=category, published_at=now - timedelta(hours=n))
        for n in range(1, 46)
    ]
    text = html(client, category.get_absolute_url() + "?trang=2")
    main = text.split("<main")[1].split("</main>")[0]
    assert articles[20].title + "<" in main and articles[39].title + "<" in main
    assert articles[19].title + "<" not in main and articles[40].title + "<" not in main
    assert 'href="?trang=2" aria-current="page"' in main
    assert 'rel="prev" href="?trang=1"' in main
    assert 'rel="next" href="?trang=3"' in main
    address = "http://testserver" + category.get_absolute_url()
    assert f'<link rel="canonical" href="{address}?trang=2">' in text
    assert f'<link rel="prev" href="{address}">' in text
    assert f'<link rel="next" href="{address}?trang=3">' in text


@pytest.mark.parametrize(
    "number", ["0", "-1", "99", "abc", "", "1.5", "٣", "1e3", "9" * 5000, "1%00"]
)
def test_page_that_does_not_exist_is_a_friendly_404(client, number):
    category = make_article().category
    address = f"{category.get_absolute_url()}?trang={number}"
    assert "Không tìm thấy trang" in html(client, address, status=404)


def test_hidden_category_has_no_page(client):
    category = make_category(is_visible=False)
    assert client.get(category.get_absolute_url()).status_code == 404
    assert client.get(category.get_absolute_url() + "rss/").status_code == 404


def test_article_of_a_hidden_category_is_public_without_a_link_to_it(client):
    category = make_category(is_visible=False)
    article = make_article(category=category)
    assert category.get_absolute_url() not in html(client, article.get_absolute_url())


@pytest.mark.parametrize("which", ListEntry.List.values)
def test_listed_articles_stand_in_hand_order_while_their_time_runs(client, which):
    now = timezone.now()
    second = make_list_entry(list=which, position=2).article
    first = make_list_entry(list=which, position=1).article
    absent = [
        make_list_entry(list=which, ends_at=now - timedelta(hours=1)).article,
        make_list_entry(list=which, starts_at=now + timedelta(hours=1)).article,
        make_list_entry(list=which, article=make_article(state="draft")).article,
        make_list_entry(list="focus" if which == "hot" else "hot").article,
    ]
    address = {"hot": "/tin-nong/", "focus": "/tin-tieu-diem/"}[which]
    main = html(client, address).split("<main")[1].split("</main>")[0]
    assert main.index(first.title + "<") < main.index(second.title + "<")
    for article in absent:
        assert article.title + "<" not in main


def test_empty_list_says_so(client):
    assert "Chưa có bài viết nào" in html(client, "/tin-nong/")


def test_tag_page_lists_its_articles(client):
    tag = make_tag(name="đổi mới sáng tạo")
    tagged, other = make_article(tags=[tag]), make_article()
    main = html(client, tag.get_absolute_url()).split("<main")[1].split("</main>")[0]
    assert tagged.title + "<" in main and other.title + "<" not in main
    assert client.get("/the/khong-co/").status_code == 404


def test_tag_of_drafts_only_does_not_exist(client):
    tag = make_tag(name="sắp công bố")
    make_article(tags=[tag], state=State.DRAFT)
    assert client.get(tag.get_absolute_url()).status_code == 404


# Downloads


def test_download_is_a_file_to_save_with_its_vietnamese_name(client):
    file = make_attachment(make_article(), name="Kế hoạch 245.pdf")
    response = client.get(file.get_absolute_url())
    assert response.status_code == 200
    assert b"".join(response.streaming_content) == b"%PDF-1.4 test"
    assert response["Content-Disposition"] == (
        "attachment; filename*=utf-8''K%E1%BA%BF%20ho%E1%BA%A1ch%20245.pdf"
    )
    assert response["X-Content-Type-Options"] == "nosniff"
    assert (
        response["Content-Security-Policy"]
        == "default-src 'none'; frame-ancestors 'none'; sandbox"
    )
    assert "no-cache" in response["Cache-Control"]


def test_download_of_an_article_that_is_not_public_does_not_exist(client):
    file = make_attachment(make_article(state=State.WITHDRAWN))
    assert client.get(file.get_absolute_url()).status_code == 404


def test_download_by_a_wrong_name_redirects_to_the_right_one(client):
    file = make_attachment(make_article())
    response = client.get(f"/tai-ve/{file.pk}/khac.exe")
    assert response.status_code == 302
    assert response["Location"] == file.get_absolute_url()


def test_download_whose_file_is_gone_does_not_exist(client):
    file = make_attachment(make_article())
    file.file.storage.delete(file.file.name)
    assert client.get(file.get_absolute_url()).status_code == 404


# All of them


@pytest.fixture
def addresses():
    article = make_article(tags=[make_tag()])
    file = make_attachment(article)
    return [
        article.get_absolute_url(),
        article.category.get_absolute_url(),
        article.category.get_absolute_url() + "rss/",
        article.tags.get().get_absolute_url(),
        file.get_absolute_url(),
        "/",
        "/tin-nong/",
        "/tin-tieu-diem/",
        "/rss/",
        "/lich-cong-tac/",
        "/lich-cong-tac.ics",
        "/so-do-trang/",
        "/sitemap.xml",
        "/sitemap-bai-viet-1.xml",
        "/sitemap-tin-tuc.xml",
        "/robots.txt",
        "/khong-co-trang-nay/",
    ]


def test_public_answers_are_the_same_for_everybody(client, addresses):
    for address in addresses:
        response = client.get(address)
        assert response.status_code in (200, 404), address
        assert not response.cookies, address
        assert "cookie" not in response.headers.get("Vary", "").lower(), address
        if response.streaming:
            b"".join(response.streaming_content)  # which closes the file


def test_public_pages_refuse_everything_but_reading(client, addresses):
    for address in addresses[:4]:
        assert client.post(address).status_code == 405, address


GARBAGE = [
    "%00",
    "%ff%fe",
    "..%2f..%2fetc%2fpasswd",
    "'%20OR%201=1--",
    "%3Cscript%3E",
    "a" * 10_000,
    "9" * 5_000,
    "%F0%9F%98%80",
    "%0d%0aSet-Cookie:x=1",
]


@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda text: text[:20])
def test_garbage_in_an_address_is_answered_plainly(client, garbage):
    article = make_article()
    for address in (
        f"/{garbage}",
        f"/tin-tuc/{garbage}/",
        f"/tin-tuc/a-{garbage}/",
        f"/tin-tuc/{garbage}-{article.pk}/",
        f"/chuyen-muc/{garbage}/",
        f"/chuyen-muc/{garbage}/rss/",
        f"/the/{garbage}/",
        f"/trang/{garbage}/",
        f"/xem-truoc/{garbage}/",
        f"/xem-truoc/1.x/tep/{garbage}/",
        f"/tai-ve/1/{garbage}",
        f"/tai-ve/{garbage}/x.pdf",
        f"/lich-cong-tac/{garbage}/",
        f"/lich-cong-tac/2026-W{garbage}/",
        f"/sitemap-{garbage}-1.xml",
        f"/sitemap-bai-viet-{garbage}.xml",
        f"/media/{garbage}",
        f"/tin-nong/?trang={garbage}",
        f"/?{garbage}",
        f"/rss/?{garbage}={garbage}",
    ):
        assert client.get(address).status_code < 500, address[:80]


def test_preview_is_the_public_page_and_counts_no_visit(admin_client):
    article = make_article(state=State.DRAFT, title="Bài còn nháp")
    text = html(admin_client, f"/admin/news/article/{article.pk}/preview/")
    assert "Bài còn nháp</h1>" in text and "Bản xem trước" in text
    assert "data-visit=" not in text
