"""From a Word file to the public page: upload, correct, create, publish."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.journeys.conftest import sign_in
from tests.news.docx_builder import docx, drawing, emf, p, photograph, table

pytestmark = pytest.mark.browser

TITLE = "Xã Đường Lâm mở phòng đọc số"
WORDS = {
    "a1": ("teal", "Người dân tra cứu tại phòng đọc", "Người dân ngồi trước máy tính"),
    "a2": ("navy", "Học sinh đọc sách cùng cô thủ thư", "Học sinh quanh bàn đọc"),
    "a3": ("maroon", "Lãnh đạo xã cắt băng khai trương", "Bốn người cầm dải lụa đỏ"),
}


def word_file() -> dict:
    """What a reporter sends: three captioned pictures, one that no site can show."""
    body = [
        p("XÃ ĐƯỜNG LÂM MỞ PHÒNG ĐỌC SỐ", style="Title"),
        p("Sáng nay, xã Đường Lâm đưa vào dùng phòng đọc số cho cả xã.", bold=True),
        p("Phòng đọc mở cửa cả tuần, có người hướng dẫn tại chỗ."),
    ]
    for key, (_colour, caption, alt) in WORDS.items():
        body += [p(drawing(key, alt)), p(caption, italic=True, align="center")]
    body += [
        p("Bảng 1: Giờ mở cửa"),
        table(["Ngày", "Giờ"], ["Thứ Hai", "8 giờ"], header=True),
        p(drawing("ve")),
        p("Lan Hương", align="right"),
    ]
    pictures = {key: photograph(colour) for key, (colour, *_rest) in WORDS.items()}
    data = docx(*body, pictures=pictures | {"ve": emf()})
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    return {"name": "tin phòng đọc.docx", "mimeType": kind, "buffer": data}


def violations(page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


def upload(page) -> None:
    page.get_by_role("link", name="Nhập từ Word").first.click()
    page.get_by_label("Tệp Word (.docx)").set_input_files(word_file())
    page.get_by_role("button", name="Tải lên và duyệt").click()
    expect(page.get_by_role("heading", name="Duyệt nội dung")).to_be_visible()


def to_the_end_of_a_line(page):
    """Press End until it has been obeyed.

    The editor puts the caret back where it was clicked some 20 ms after the click.
    """
    caret = "getSelection().anchorOffset - getSelection().anchorNode.length"
    for _ in range(50):
        page.keyboard.press("End")
        page.wait_for_timeout(100)
        if page.evaluate(caret) == 0:
            return
    raise AssertionError("the caret never came to the end")


def test_a_word_file_becomes_a_page_with_three_captioned_pictures(new_page):
    page = new_page()
    sign_in(page, "bientap")
    upload(page)
    expect(page.get_by_text("Hình 4 (sau đoạn")).to_contain_text("EMF")
    figures = page.locator(".ProseMirror figure")
    expect(figures).to_have_count(3)
    for image in figures.locator("img").all():
        image.scroll_into_view_if_needed()
        expect(image).not_to_have_js_property("naturalWidth", 0)

    # Corrected: the title, a caption in its place, an alternative in its window.
    page.fill("[name=title]", TITLE)
    caption = figures.nth(1).locator("figcaption")
    caption.click()
    to_the_end_of_a_line(page)
    page.keyboard.type(" Hoa")
    figures.nth(2).get_by_role("button", name="Chú thích của ảnh").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("Văn bản thay thế").fill("Bốn người cắt băng đỏ")
    dialog.locator("[type=submit]").click()

    # Without its section nothing is stored, and nothing typed is lost.
    page.get_by_role("button", name="Tạo bản nháp").click()
    expect(page.locator(".errornote")).to_be_visible()
    expect(page.locator("[name=title]")).to_have_value(TITLE)
    expect(page.locator(".ProseMirror figure")).to_have_count(3)
    page.locator("[name=category]").select_option(index=1)
    page.get_by_role("button", name="Tạo bản nháp").click()
    expect(page.locator(".messagelist .success")).to_contain_text("tin phòng đọc.docx")

    page.get_by_role("button", name="Xuất bản", exact=True).click()
    expect(page.locator(".messagelist .success")).to_contain_text("đã được xuất bản")
    page.locator(".messagelist .success a").click()
    article = page.locator("main")
    expect(article.locator("h1")).to_have_text(TITLE)
    shown = article.locator("figure.picture")
    expect(shown.locator("figcaption")).to_have_text(
        [WORDS["a1"][1], WORDS["a2"][1] + " Hoa", WORDS["a3"][1]]
    )
    alternatives = [image.get_attribute("alt") for image in shown.locator("img").all()]
    assert alternatives == [WORDS["a1"][2], WORDS["a2"][2], "Bốn người cắt băng đỏ"]
    expect(article.locator("table caption")).to_have_text("Bảng 1: Giờ mở cửa")
    expect(article.locator("table thead th")).to_have_text(["Ngày", "Giờ"])
    expect(article).to_contain_text("Lan Hương")


def test_the_review_works_on_a_phone_and_a_file_can_be_dropped(new_page):
    # Not strict: axe adds styles, which the policy refuses.
    page = new_page(width=390, height=844, strict=False)
    sign_in(page, "phongvien")
    page.goto("/admin/news/article/word/")
    assert not violations(page)
    page.goto("/admin/news/article/")
    upload(page)
    expect(page.locator(".ProseMirror figure")).to_have_count(3)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    assert not violations(page)
    page.get_by_role("button", name="Bỏ", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("không có gì được lưu")
    expect(page.locator(".word-waiting")).to_have_count(0)
