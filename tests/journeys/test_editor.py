"""An editor's way: write, place a picture with its caption, publish, see it live."""

import io
from datetime import timedelta

import pytest
from django.utils import timezone
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from tests.journeys.conftest import put_caret, sign_in

pytestmark = pytest.mark.browser


def photograph(colour) -> bytes:
    """Return a JPEG as a camera would give it, large and in colour."""
    picture = Image.new("RGB", (1600, 1000), colour)
    ImageDraw.Draw(picture).ellipse((500, 200, 1100, 800), fill="white")
    file = io.BytesIO()
    picture.save(file, "JPEG")
    return file.getvalue()


def place_picture(page, name, colour, caption):
    """Upload a picture from the editor's dialog and place it with a caption."""
    page.get_by_role("button", name="Chèn ảnh").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("Tải ảnh mới lên").set_input_files(
        {"name": name, "mimeType": "image/jpeg", "buffer": photograph(colour)}
    )
    dialog.get_by_label("Chú thích", exact=True).fill(caption)
    dialog.get_by_label("Chú thích đã nói đủ").check()
    dialog.get_by_role("button", name="Đưa vào bài").click()
    expect(page.locator(".ProseMirror figcaption", has_text=caption)).to_be_visible()


def write(page, text):
    """Type a paragraph at the end of the body."""
    put_caret(page)
    page.keyboard.press("Enter")
    page.keyboard.type(text)


def test_editor_writes_places_a_picture_and_publishes(new_page, server):
    page = new_page()
    sign_in(page, "bientap")
    page.get_by_role("link", name="Viết bài").click()
    page.fill("[name=title]", "Khai trương phòng đọc số tại xã Đường Lâm")
    page.fill("[name=sapo]", "Sáng nay, xã Đường Lâm đưa vào dùng phòng đọc số.")
    page.locator(".ProseMirror").click()
    page.keyboard.type("Phòng đọc mở cửa cả tuần.")
    place_picture(page, "anh.jpg", "teal", "Người dân tra cứu tại phòng đọc")
    write(page, "Người dân được hướng dẫn tại chỗ.")
    page.locator("[name=category]").select_option(index=1)
    page.get_by_role("button", name="Xuất bản").click()
    page.wait_for_load_state()
    expect(page.locator(".messagelist .success")).to_be_visible()

    reader = new_page(agent=300)
    reader.goto("/")
    link = reader.get_by_role("link", name="Khai trương phòng đọc số tại xã Đường Lâm")
    expect(link.first).to_be_visible()
    link.first.click()
    article = reader.locator("main")
    expect(article.locator("h1")).to_have_text(
        "Khai trương phòng đọc số tại xã Đường Lâm"
    )
    expect(article.locator("figcaption")).to_contain_text(
        "Người dân tra cứu tại phòng đọc"
    )
    picture = article.locator("figure img")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") >= 480
    assert "Người dân được hướng dẫn" in article.inner_text()


def test_on_a_phone_the_bars_stay_small_and_leave_the_line_being_typed(new_page):
    page = new_page(width=390, height=844)
    sign_in(page, "bientap")
    page.goto("/admin/news/article/add/")
    page.locator(".ProseMirror").click()
    for _ in range(30):
        page.keyboard.press("Enter")
    page.keyboard.type("Dòng cuối")
    bar = page.get_by_role("toolbar", name="Định dạng")
    expect(bar).to_be_in_viewport()
    assert bar.bounding_box()["height"] < 60
    line = page.locator(".ProseMirror p").last.bounding_box()
    buttons = page.locator(".article-buttons").bounding_box()
    assert line["y"] + line["height"] <= buttons["y"]
    assert buttons["height"] < 844 / 5
    page.get_by_role("button", name="Làm lại").scroll_into_view_if_needed()
    page.get_by_role("button", name="Hoàn tác").click()
    expect(page.locator(".ProseMirror")).not_to_contain_text("Dòng cuối")


def test_reporter_cannot_publish_and_an_editor_finds_the_draft(new_page):
    page = new_page()
    sign_in(page, "phongvien")
    page.get_by_role("link", name="Viết bài").click()
    expect(page.get_by_role("button", name="Xuất bản")).to_have_count(0)
    page.fill("[name=title]", "Bản nháp của phóng viên chờ duyệt")
    page.fill("[name=sapo]", "Một sapo ngắn.")
    page.locator("[name=category]").select_option(index=1)
    page.get_by_role("button", name="Gửi duyệt").click()
    page.wait_for_load_state()
    expect(page.locator(".messagelist .success")).to_be_visible()
    editor = new_page()
    sign_in(editor, "bientap")
    expect(
        editor.get_by_role("link", name="Bản nháp của phóng viên chờ duyệt").first
    ).to_be_visible()


def test_a_wrong_date_keeps_what_was_typed(new_page):
    page = new_page()
    sign_in(page, "bientap")
    page.goto("/admin/news/article/add/")
    page.fill("[name=title]", "Bài có ngày sai")
    page.locator(".ProseMirror").click()
    page.keyboard.type("Một đoạn dài đã gõ.")
    page.fill("[name=published_at_0]", "31/02/2026")
    page.fill("[name=published_at_1]", "10:30")
    page.get_by_role("button", name="Lưu nháp").click()
    page.wait_for_load_state()
    expect(page.locator(".errorlist").first).to_be_visible()
    expect(page.locator("[name=title]")).to_have_value("Bài có ngày sai")
    expect(page.locator(".ProseMirror")).to_contain_text("Một đoạn dài đã gõ.")
    expect(page.locator("[name=published_at_0]")).to_have_value("31/02/2026")


def test_scheduled_article_is_announced_and_not_yet_public(new_page, server):
    page = new_page()
    sign_in(page, "thuky")
    page.goto("/admin/news/article/add/")
    page.fill("[name=title]", "Thông báo hẹn giờ cho ngày mai")
    page.fill("[name=sapo]", "Sẽ hiện vào ngày mai.")
    page.locator("[name=category]").select_option(index=1)
    tomorrow = timezone.localdate() + timedelta(days=1)
    page.fill("[name=published_at_0]", tomorrow.strftime("%d%m%Y"))
    page.fill("[name=published_at_1]", "08:00")
    page.get_by_role("button", name="Xuất bản").click()
    page.wait_for_load_state()
    page.goto("/admin/")
    link = page.get_by_role("link", name="Thông báo hẹn giờ cho ngày mai")
    expect(link.first).to_be_visible()
    reader = new_page(agent=301)
    reader.goto("/tim-kiem/?q=thong+bao+hen+gio+cho+ngay+mai")
    expect(
        reader.locator("main").get_by_role("link", name="Thông báo hẹn giờ")
    ).to_have_count(0)
