"""The way of an article between people, as each of them meets it in the browser."""

import time
import urllib.error
import urllib.request

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.journeys.conftest import sign_in
from tests.journeys.test_server import eventually

pytestmark = pytest.mark.browser
SETTINGS = "/admin/portal/sitesettings/1/change/"
# Run on the server: `make(title, owner, body)` is a draft, `tell` prints its address.
SETUP = """
import json
from datetime import timedelta
from django.utils import timezone
from news import publishing, saving, working_copy
from news.models import Article, Category
from portal.models import SiteSettings, User

people = {user.username: user for user in User.objects.all()}

def make(title, owner, body="<p>Một đoạn.</p>"):
    section = Category.objects.order_by("pk").first()
    article = Article(title=title, sapo="Sapo.", category=section)
    article.created_by = people[owner]
    return saving.save_article(article, body=body, user=people[owner])

def tell(*articles, **more):
    rows = [{"pk": a.pk, "path": a.get_absolute_url()} for a in articles]
    print(json.dumps({"rows": rows, **more}))
"""


@pytest.fixture
def newsroom(server, new_page):
    """Return a function that opens the desk of a person; one step afterwards."""
    desks = {}

    def at_desk(name, **options):
        if name not in desks:
            desks[name] = new_page(**options)
            sign_in(desks[name], name)
        return desks[name]

    yield at_desk
    server.python(
        "from portal.models import SiteSettings; s = SiteSettings.load();"
        "s.review_level = 'one'; s.save(); print('0')"
    )


def change(row) -> str:
    return f"/admin/news/article/{row['pk']}/change/"


def press(page, name):
    """Press a button of the bar and wait for the answer."""
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_load_state()


def open_panel(page):
    """Open what waits behind the last button of the bar."""
    page.locator(".act-more > summary").click()


def told(page):
    return page.locator(".messagelist .success")


def test_returned_with_a_reason_corrected_and_published_by_another(newsroom, new_page):
    title = "Khánh thành nhà văn hoá thôn Mông Phụ"
    writer = newsroom("phongvien")
    writer.goto("/admin/news/article/add/")
    writer.fill("[name=title]", title)
    writer.fill("[name=sapo]", "Nhà văn hoá được đưa vào sử dụng.")
    writer.locator("[name=category]").select_option(index=1)
    press(writer, "Gửi duyệt")
    expect(told(writer)).to_contain_text(title)

    editor = newsroom("bientap")
    editor.get_by_role("link", name=title).first.click()
    open_panel(editor)
    press(editor, "Trả lại người viết")
    expect(editor.locator(".errornote, .errorlist").first).to_be_visible()
    reason = editor.get_by_label("Lý do (nội bộ)")
    expect(reason).to_be_focused()
    reason.fill("Thiếu tên đơn vị tài trợ.")
    press(editor, "Trả lại người viết")
    expect(told(editor)).to_be_visible()

    writer.goto("/admin/")
    writer.get_by_role("link", name=title).first.click()
    expect(writer.locator(".article-standing--returned")).to_contain_text(
        "Thiếu tên đơn vị tài trợ."
    )
    writer.fill("[name=sapo]", "Nhà văn hoá do Công ty Xứ Đoài tài trợ.")
    press(writer, "Gửi duyệt")
    expect(told(writer)).to_be_visible()

    secretary = newsroom("thuky")
    secretary.goto("/admin/news/article/?state=in_review")
    secretary.get_by_role("link", name=title).click()
    press(secretary, "Xuất bản")
    told(secretary).get_by_role("link", name="Xem trên trang").click()
    expect(secretary.locator("main h1")).to_have_text(title)
    expect(secretary.locator("main")).to_contain_text("Công ty Xứ Đoài tài trợ")


def choose_level(page, label):
    page.goto(SETTINGS)
    page.get_by_label("Ai được xuất bản").select_option(label=label)
    page.locator("[name=_save]").click()
    page.wait_for_load_state()
    expect(told(page)).to_be_visible()


def expect_refusal(page, row, sentence):
    """Publishing is not offered, and the page says why."""
    page.goto(change(row))
    expect(page.locator(".article-standing", has_text=sentence)).to_be_visible()
    button = page.get_by_role("button", name="Xuất bản", exact=True)
    expect(button).to_have_count(0)


def test_each_strictness_says_who_publishes_and_emergencies_are_approved(
    newsroom, server
):
    rows = server.python(
        SETUP + "own = make('Bài theo từng mức duyệt', 'bientap')\n"
        "urgent = make('Cảnh báo lũ trên sông Tích', 'bientap')\n"
        "publishing.submit(urgent, user=people['bientap'])\n"
        "tell(own, urgent)"
    )["rows"]
    own, urgent = rows
    administrator, editor = newsroom("quantri"), newsroom("bientap")
    editor.goto(change(own))
    publish = editor.get_by_role("button", name="Xuất bản", exact=True)
    expect(publish).to_be_visible()  # one step

    choose_level(administrator, "hai bước: người gửi duyệt không tự đăng")
    expect_refusal(editor, own, "bài phải được gửi duyệt trước")
    expect_refusal(editor, urgent, "Bạn đã gửi bài này; người khác sẽ đăng.")
    open_panel(editor)
    editor.get_by_label("Ghi chú nội bộ").fill("Lũ về trong đêm.")
    press(editor, "Đăng khẩn")
    expect(told(editor)).to_be_visible()
    assert server.status(urgent["path"]) == 200
    editor.goto(change(urgent))
    expect(editor.get_by_role("link", name="Duyệt việc đăng khẩn")).to_have_count(0)
    secretary = newsroom("thuky")
    secretary.goto(change(urgent))
    expect(secretary.locator(".article-standing--urgent")).to_be_visible()
    secretary.get_by_role("link", name="Duyệt việc đăng khẩn").click()
    press(secretary, "Duyệt việc đăng khẩn")
    expect(told(secretary)).to_be_visible()
    expect(secretary.locator(".article-standing--urgent")).to_have_count(0)

    choose_level(
        administrator, "đầy đủ: một người viết, một người duyệt, một người đăng"
    )
    expect_refusal(secretary, own, "bài phải được duyệt trước")
    editor.goto(change(own))
    press(editor, "Gửi duyệt")
    secretary.goto(change(own))
    press(secretary, "Duyệt")
    expect(told(secretary)).to_be_visible()
    expect_refusal(secretary, own, "Bạn đã duyệt bài này")
    administrator.goto(change(own))
    press(administrator, "Xuất bản")
    expect(told(administrator)).to_be_visible()
    assert server.status(own["path"]) == 200


def body_of(server, path) -> str:
    """Return the page; "" when it is not there."""
    try:
        with urllib.request.urlopen(server.url + path, timeout=20) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return ""


def test_a_scheduled_article_comes_and_goes_at_its_second(server):
    title = "Thông báo đúng một thời điểm"
    made = server.python(
        SETUP + f"article = make('{title}', 'thuky')\n"
        "start = (timezone.now() + timedelta(seconds=6)).replace(microsecond=0)\n"
        "article.expires_at = start + timedelta(seconds=5)\n"
        "publishing.publish(article, user=people['thuky'], at=start)\n"
        "tell(article, start=start.timestamp())"
    )
    path, start = made["rows"][0]["path"], made["start"]
    end, slack = start + 5, 1  # seconds
    seen = {"before": 0, "between": 0, "after": 0}
    while seen["after"] < 3:
        for address in (path, "/"):
            asked = time.time()
            is_there = title in body_of(server, address)
            answered = time.time()
            if answered < start:
                assert not is_there, f"{address}: {start - answered} s too early"
                seen["before"] += 1
            elif asked > start + slack and answered < end:
                assert is_there, f"{address}: not there {asked - start} s after"
                seen["between"] += 1
            elif asked > end + slack:
                assert not is_there, f"{address}: still there {asked - end} s after"
                seen["after"] += 1
        time.sleep(0.1)
    assert all(seen.values()), seen


def test_a_live_article_changes_when_its_revision_is_published(newsroom, server):
    old, new = "Ba trăm hộ có nước sạch", "Bốn trăm hộ có nước sạch"
    (row,) = server.python(
        SETUP + f"article = make('{old}', 'phongvien')\n"
        "publishing.publish(article, user=people['bientap'])\n"
        "tell(article)"
    )["rows"]
    editor = newsroom("bientap")
    editor.goto(change(row))
    press(editor, "Sửa bài này")
    editor.fill("[name=title]", new)
    press(editor, "Lưu bản sửa")
    expect(told(editor)).to_be_visible()
    assert old in body_of(server, row["path"])
    open_panel(editor)
    editor.get_by_label("lớn: báo cho bạn đọc").check()
    press(editor, "Xuất bản bản sửa")
    expect(editor.locator(".errornote, .errorlist").first).to_be_visible()
    editor.get_by_label("Lời ghi cho bạn đọc").fill("Sửa số hộ ở đầu bài.")
    press(editor, "Xuất bản bản sửa")
    told(editor).get_by_role("link", name="Xem trên trang").click()
    expect(editor.locator("main h1")).to_have_text(new)
    # Another worker than the one that did it hears of it within a second.
    assert eventually(lambda: old not in body_of(server, row["path"]))


def test_a_withdrawn_article_is_gone_for_readers(newsroom, server):
    words = "Câu chỉ có trong bài sẽ gỡ."
    rows = server.python(
        SETUP + "articles = []\n"
        "for kind in ('thông báo', 'trang khác', 'không còn'):\n"
        f"    article = make('Gỡ: ' + kind, 'phongvien', '<p>{words}</p>')\n"
        "    articles.append(publishing.publish(article, user=people['thuky']))\n"
        "tell(*articles)"
    )["rows"]
    page = newsroom("thuky")
    for row, kind, field, text in zip(
        rows,
        ("thông báo kèm lý do", "một trang khác", "chỉ báo là bài không còn"),
        ("Thông báo cho bạn đọc", "Địa chỉ trang khác", None),
        ("Bài đã gỡ để kiểm tra số liệu.", "/tin-nong/", None),
        strict=True,
    ):
        assert words in body_of(server, row["path"])
        page.goto(change(row))
        page.get_by_role("link", name="Gỡ bài").click()
        page.get_by_label("Lý do (nội bộ)").fill("Số liệu chưa đúng.")
        page.get_by_label(kind).check()
        if field:
            page.get_by_label(field).fill(text)
        press(page, "Gỡ bài")
        expect(told(page)).to_be_visible()
        assert eventually(lambda row=row: words not in body_of(server, row["path"]))


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
def test_the_bar_and_the_pages_of_acts_are_usable(new_page, server, width, height):
    waiting, live, copy = server.python(
        SETUP + f"waiting = make('Chờ duyệt {width}', 'phongvien')\n"
        "publishing.submit(waiting, user=people['phongvien'])\n"
        f"live = make('Đang đăng {width}', 'bientap')\n"
        "publishing.publish(live, user=people['thuky'])\n"
        "other = make('Đang sửa', 'bientap')\n"
        "publishing.publish(other, user=people['thuky'])\n"
        "tell(waiting, live, working_copy.revise(other, user=people['bientap']))"
    )["rows"]
    page = new_page(width=width, height=height, strict=False)  # axe adds styles
    sign_in(page, "thuky")
    bar = page.locator(".article-buttons")
    for row in (waiting, live, copy):
        page.goto(change(row), wait_until="networkidle")
        assert bar.bounding_box()["height"] < height / 5
        if row is not live:
            page.locator(".act-more > summary").focus()
            page.keyboard.press("Enter")
            page.keyboard.press("Tab")
            note = page.get_by_label("Ghi chú nội bộ")
            expect(note).to_be_focused()
            assert bar.bounding_box()["height"] < height * 0.75
        _check(page, width)
    for act in ("withdraw", "reschedule"):
        page.goto(f"/admin/news/article/{live['pk']}/act/{act}/")
        _check(page, width)


def _check(page, width):
    result = Axe().run(page)
    assert result.violations_count == 0, f"{page.url}\n{result.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
