"""Video, internal link and table: by keyboard into the text, and what readers get.

And the hostile set of the sanitiser in a real browser: nothing runs, nothing is
fetched.
"""

import json
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from news.body import public_html
from news.html import read
from tests.journeys.conftest import put_caret, sign_in
from tests.news.hostile import CASES

pytestmark = pytest.mark.browser
VIDEO = "https://youtu.be/dQw4w9WgXcQ?t=30"


@contextmanager
def outside(page, server):
    """Collect what a page asks of other hosts; it gets an empty page from them."""
    asked = []

    def answer(route):
        if route.request.url.startswith(server.url):
            route.continue_()
        else:
            asked.append(route.request.url)
            route.fulfill(
                body="<!doctype html><title>f</title><p>frame</p>", status=200
            )

    page.context.route("**/*", answer)
    yield asked
    page.context.unroute("**/*", answer)


def assert_accessible(page, what):
    result = Axe().run(page)
    assert result.violations_count == 0, f"{what}\n{result.generate_report()}"


def insert_video(page, title):
    page.get_by_role("button", name="Chèn video/bản đồ").click()
    dialog = page.locator("dialog[open]")
    address = dialog.get_by_label("Địa chỉ hoặc mã nhúng")
    address.fill("https://evil.example/phim")
    dialog.get_by_role("button", name="Đưa vào bài").click()
    expect(dialog.get_by_role("status")).to_contain_text("Không nhúng được từ evil")
    address.fill(VIDEO)
    dialog.get_by_role("button", name="Đưa vào bài").click()
    expect(dialog.get_by_role("status")).to_contain_text("Hãy đặt tiêu đề")
    dialog.get_by_label("Tiêu đề").fill(title)
    page.keyboard.press("Enter")
    expect(page.locator(".editor-embed")).to_contain_text(title)


def test_video_link_and_table_reach_readers_as_the_editor_meant(
    new_page, server, tmp_path
):
    page = new_page()
    sign_in(page, "bientap")
    page.goto("/admin/news/article/add/")
    page.fill("[name=title]", "Ngày hội STEM có phim và bảng")
    page.fill("[name=sapo]", "Có phim và bảng.")
    page.locator(".ProseMirror").click()
    page.keyboard.type("Mời xem phim.")
    insert_video(page, "Lễ khai mạc Ngày hội")
    # Writing goes on below the video; a link by words without accents, a table.
    page.keyboard.type("Xem ")
    page.keyboard.press("Control+k")
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("Tìm bài trên cổng").fill("bang sang che canh bao ro khi")
    expect(dialog.locator("[role=status]").first).to_have_text("1 bài được tìm thấy")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    page.keyboard.type(", đã đăng.")
    page.get_by_role("button", name="Chèn bảng").click()
    for words in ("Xã", "Số hộ", "Ghi chú", "Đường Lâm", "1.200", "đủ", "An Hải"):
        page.keyboard.type(words)
        page.keyboard.press("Tab")
    page.get_by_role("button", name="Cột tiêu đề").click()
    page.get_by_role("button", name="Tên bảng").click()
    page.locator("dialog[open]").get_by_label("Tên bảng").fill("Số hộ theo xã")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    page.keyboard.type("Sau bảng.")
    page.locator("[name=category]").select_option(index=1)
    page.get_by_role("button", name="Lưu nháp").click()
    page.wait_for_load_state()
    expect(page.locator(".messagelist .success")).to_be_visible()
    # What was saved comes back as it was.
    expect(page.locator(".editor-embed")).to_contain_text("Lễ khai mạc Ngày hội")
    expect(page.locator(".ProseMirror caption")).to_have_text("Số hộ theo xã")
    expect(page.locator(".ProseMirror th")).to_have_count(5)
    page.get_by_role("button", name="Xuất bản").click()
    page.wait_for_load_state()
    address = page.locator(".messagelist a").get_attribute("href")

    reader = new_page(agent=302)
    with outside(reader, server) as asked:
        reader.goto(address, wait_until="networkidle")
        article = reader.locator(".prose")
        link = article.get_by_role("link", name="Bằng sáng chế")
        assert server.status(link.get_attribute("href")) == 200
        expect(article.get_by_text(", đã đăng.")).to_be_visible()
        expect(article.locator("a", has_text="đã đăng")).to_have_count(0)
        expect(article.locator("caption")).to_have_text("Số hộ theo xã")
        scopes = article.locator("th").evaluate_all("all => all.map(th => th.scope)")
        assert scopes == ["col", "col", "col", "row", "row"]
        expect(article.get_by_text("Sau bảng.")).to_be_visible()
        figure = article.locator("figure.embed")
        expect(figure.locator("iframe")).to_have_count(0)
        assert asked == []
        before = figure.bounding_box()
        reader.get_by_role("button", name="Phát video: Lễ khai mạc Ngày hội").click()
        frame = figure.locator("iframe")
        expect(frame).to_have_attribute("title", "Lễ khai mạc Ngày hội")
        expect(frame).to_be_focused()
        expect(frame.content_frame.locator("p")).to_have_text("frame")
        assert [url.split("?")[0] for url in asked] == [
            "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"
        ]
        assert figure.bounding_box() == before


@pytest.fixture(scope="module")
def article_with_video(server):
    return server.python(
        "import json\n"
        "from news import publishing, working_copy\n"
        "from news.models import Article, Category\n"
        "body = '<p>Đoạn.</p>' + ''.join(\n"
        "    f'<figure data-embed=\"{key}\"><figcaption>{title}</figcaption>'\n"
        "    '</figure>'"
        "    for key, title in [('youtube:dQw4w9WgXcQ', 'Lễ khai mạc'),\n"
        "        ('maps:!1m1!2d105.8!3d21.0', 'Trụ sở Sở')])\n"
        "article = Article(title='Bài có phim và bản đồ', sapo='Sapo.',\n"
        "    category=Category.objects.first())\n"
        "publishing.publish(article, body=body)\n"
        "copy = working_copy.revise(article)\n"
        "print(json.dumps({'path': article.get_absolute_url(), 'copy': copy.pk}))"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_a_page_with_videos_has_no_violation(
    new_page, server, article_with_video, width, scheme
):
    page = new_page(width=width, strict=False, color_scheme=scheme)
    with outside(page, server) as asked:
        page.goto(article_with_video["path"], wait_until="networkidle")
        assert_accessible(page, "before the press")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.get_by_role("button", name="Hiện bản đồ: Trụ sở Sở").click()
        expect(page.locator("iframe")).to_have_attribute("title", "Trụ sở Sở")
        assert_accessible(page, "after the press")
        assert len(asked) == 1


def test_without_javascript_the_link_leads_to_the_provider(
    new_page, article_with_video
):
    page = new_page(java_script_enabled=False)
    page.goto(article_with_video["path"])
    expect(page.get_by_role("button", name="Phát video")).to_have_count(0)
    link = page.get_by_role("link", name="Mở trên YouTube")
    expect(link).to_be_visible()
    assert link.get_attribute("href") == "https://www.youtube.com/watch?v=dQw4w9WgXcQ"


@pytest.mark.parametrize("width", [1280, 390])
def test_the_editors_windows_have_no_violation(new_page, article_with_video, width):
    page = new_page(width=width, strict=False)
    sign_in(page, "bientap")
    page.goto(f"/admin/news/article/{article_with_video['copy']}/change/")
    expect(page.locator(".editor-embed")).to_have_count(2)
    page.locator(".ProseMirror p").first.click()
    for button in ("Liên kết", "Chèn video/bản đồ", "Phím tắt"):
        page.get_by_role("button", name=button, exact=True).click()
        expect(page.locator("dialog[open]")).to_be_visible()
        if button == "Liên kết":
            expect(page.locator(".link-choice").first).to_be_visible()
        assert_accessible(page, button)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.keyboard.press("Escape")
        expect(page.locator("dialog[open]")).to_have_count(0)
    page.get_by_role("button", name="Chèn bảng").click()
    expect(page.get_by_role("button", name="Hàng tiêu đề")).to_be_visible()
    for words in ("Xã", "Số hộ", "Ghi chú"):  # a header cell must say something
        page.keyboard.type(words)
        page.keyboard.press("Tab")
    assert_accessible(page, "tools of a table")


def test_the_keyboard_reaches_the_tool_bar_and_is_nowhere_caught(new_page):
    page = new_page()
    sign_in(page, "bientap")
    page.goto("/admin/news/article/add/")
    area = page.locator(".ProseMirror")
    area.click()
    focused = page.locator(":focus")
    page.keyboard.press("Alt+F10")
    expect(focused).to_have_attribute("aria-label", "Kiểu đoạn")
    page.keyboard.press("ArrowRight")
    expect(focused).to_have_attribute("aria-label", "Chèn ảnh")
    page.keyboard.press("Escape")
    expect(area).to_be_focused()
    # A table is entered; Tab moves in it and makes rows without end.
    page.get_by_role("button", name="Chèn bảng").click()
    for _ in range(10):
        page.keyboard.press("Tab")
    expect(page.locator(".ProseMirror tr")).to_have_count(4)
    expect(area).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(area).not_to_be_focused()
    expect(page.locator(".ProseMirror tr")).to_have_count(4)
    # A paragraph above a table that begins the text, and one below.
    area.press("Control+Shift+Enter")
    page.keyboard.type("Trên")
    put_caret(page)
    area.press("Control+Enter")
    page.keyboard.type("Dưới")
    expect(area.locator("> :first-child")).to_have_text("Trên")
    expect(area.locator("> p").last).to_have_text("Dưới")
    # The stop of Tab was left on a control that is hidden now.
    page.get_by_role("button", name="Chèn ảnh").focus()
    area.press("Alt+F10")
    expect(focused).to_have_attribute("aria-label", "Chèn ảnh")


def test_a_pasted_address_is_offered_as_a_video(new_page):
    page = new_page()
    sign_in(page, "bientap")
    page.goto("/admin/news/article/add/")
    area = page.locator(".ProseMirror")

    def paste(text):
        area.evaluate(
            "(area, text) => { const data = new DataTransfer();"
            "data.setData('text/plain', text); area.dispatchEvent(new ClipboardEvent("
            "'paste', {clipboardData: data, bubbles: true, cancelable: true})); }",
            text,
        )

    area.click()
    paste(VIDEO)
    dialog = page.locator("dialog[open]")
    expect(dialog.get_by_label("Địa chỉ hoặc mã nhúng")).to_have_value(VIDEO)
    dialog.get_by_label("Tiêu đề").fill("Phim")
    page.keyboard.press("Enter")
    expect(page.locator(".editor-embed")).to_contain_text("YouTube")
    paste(VIDEO)
    page.get_by_role("button", name="Chỉ chèn địa chỉ").click()
    expect(area.locator("a")).to_have_attribute("href", VIDEO)
    # In a sentence, and from elsewhere, it is text like any other.
    page.keyboard.type(" xem ")
    paste(VIDEO)
    page.keyboard.press("Control+Enter")
    paste("https://evil.example/")
    expect(dialog).to_have_count(0)


def test_the_hostile_set_runs_nothing_and_fetches_nothing(new_page, server):
    bodies = [public_html(read(source), {}) for _name, source, _left in CASES]
    page = new_page(strict=False)
    with outside(page, server) as asked:
        # A page of ours without the policy, so that nothing but the sanitiser holds.
        page.context.route(
            "**/hostile/",
            lambda route: route.fulfill(
                content_type="text/html; charset=utf-8",
                body="<!doctype html><title>t</title><script>window.ran = 0;"
                "window.alert = window.print = () => window.ran += 1</script>"
                + "".join(f"<section>{body}</section>" for body in bodies),
            ),
        )
        requested = []
        page.on("request", lambda request: requested.append(request.url))
        page.goto("/hostile/", wait_until="networkidle")
        # Read again, as an editor or a script would: mutation would show here.
        page.evaluate("document.body.innerHTML = document.body.innerHTML")
        page.evaluate(
            "document.querySelectorAll('body *').forEach(e => "
            "['mouseover', 'focus', 'toggle', 'load', 'error'].forEach(name => "
            "e.dispatchEvent(new Event(name))))"
        )
        assert page.evaluate("window.ran") == 0
        assert page.locator("section").count() == len(CASES)
        found = page.evaluate(
            "[...document.querySelectorAll('body *')].flatMap(e => "
            "[...e.attributes].map(a => `${e.localName} ${a.name}`))"
        )
        assert not [name for name in found if name.split()[1].startswith("on")]
        schemes = page.evaluate(
            "[...document.querySelectorAll('[href]')].map(e => e.protocol)"
        )
        assert set(schemes) <= {"http:", "https:", "mailto:", "tel:"}
        assert asked == []
        assert requested == [f"{server.url}/hostile/"], json.dumps(requested)
