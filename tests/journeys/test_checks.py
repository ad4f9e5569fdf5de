"""Beside the form: what is missing, a way to each place, corrections by one click."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.journeys.conftest import put_caret, sign_in
from tests.journeys.test_editor import place_picture

pytestmark = pytest.mark.browser

# What the proofreader finds goes by its correction.
ORDINAL = "Sửa thành “lần thứ”"
NUMBER = "Sửa thành “05-CT/TW”"
BLANKS = "Bớt dấu cách"
BROKEN = "Liên kết hỏng: cổng này không có trang đó."
MUTE = "Ảnh 1 trong nội dung chưa có văn bản thay thế."


def open_form(page, title, username="bientap"):
    """Begin an article that lacks nothing but a cover."""
    sign_in(page, username)
    page.goto("/admin/news/article/add/")
    expect(page.locator(".ProseMirror")).to_be_visible()
    page.fill("[name=title]", title)
    page.fill("[name=sapo]", "Sáng nay, hội nghị khai mạc.")
    page.locator("[name=category]").select_option(index=1)


def type_body(page, text):
    put_caret(page)
    page.keyboard.type(text)


def insert(page, html):
    """Put HTML into the editor as a paste would, blanks kept."""
    page.evaluate(
        "html => document.querySelector('[name=body]').editor.commands.insertContent("
        "html, {parseOptions: {preserveWhitespace: 'full'}})",
        html,
    )


def item(page, text):
    return page.locator(".checks-item", has_text=text)


def finding(page, correction):
    button = page.get_by_role("button", name=correction)
    return page.locator(".checks-item", has=button)


def selected(page):
    return page.evaluate("getSelection().toString()")


def body_text(page):
    return page.evaluate(
        "document.querySelector('[name=body]').editor.state.doc.textContent"
    )


def test_an_editor_mends_an_article_from_the_panel_and_publishes_it(new_page):
    page = new_page()
    open_form(page, "Hội nghị tổng kết trước khi sửa")
    type_body(page, "Đại hội lần tứ XV nêu  Chỉ thị số 05/CT-TW. ")
    insert(page, '<a href="/tin-tuc/khong-co-999999/">Xem bài hôm qua</a>')
    place_picture(page, "anh.jpg", "teal", "Quang cảnh")
    page.locator(".ProseMirror figcaption").click(click_count=3)
    page.keyboard.press("Delete")  # now it says nothing to who cannot see it
    expect(item(page, MUTE)).to_be_visible()
    expect(page.locator(".checks-status")).to_have_text(re.compile("^1 lỗi, "))
    expect(page.locator(".checks-counter")).to_have_text(re.compile("^1 lỗi, "))

    # A way there
    item(page, BROKEN).get_by_role("button", name="Đến chỗ đó").click()
    expect(page.locator(".ProseMirror")).to_be_focused()
    assert selected(page) == "Xem bài hôm qua"
    finding(page, ORDINAL).get_by_role("button", name="Đến chỗ đó").click()
    assert "tứ" in selected(page)

    # One click
    finding(page, ORDINAL).get_by_role("button", name="Sửa thành").click()
    expect(finding(page, ORDINAL)).to_have_count(0)
    assert "Đại hội lần thứ XV nêu  Chỉ thị" in body_text(page)
    in_the_panel = "document.querySelector('#checks').contains(document.activeElement)"
    assert page.evaluate(in_the_panel)
    finding(page, BLANKS).get_by_role("button", name="Bớt").click()
    expect(finding(page, BLANKS)).to_have_count(0)
    assert "Đại hội lần thứ XV nêu Chỉ thị" in body_text(page)

    # Left as it is, also after saving and loading again
    finding(page, NUMBER).get_by_role("button", name="Để nguyên").click()
    expect(finding(page, NUMBER)).to_have_count(0)
    page.get_by_role("button", name="Lưu nháp").click()
    page.wait_for_url("**/change/")
    left = page.locator(".checks-left")
    expect(left).to_contain_text("Đã để nguyên 1 chỗ.")
    page.reload()
    expect(left).to_contain_text("Đã để nguyên 1 chỗ.")

    # No publishing without the alternative
    page.get_by_role("button", name="Xuất bản").click()
    page.wait_for_load_state()
    expect(page.locator(".errorlist")).to_contain_text(MUTE)
    assert "Đại hội lần thứ XV" in body_text(page)
    item(page, MUTE).get_by_role("button", name="Đến chỗ đó").click()
    words = page.locator(".editor-figure-tools button").first
    expect(words).to_be_focused()
    page.keyboard.press("Enter")
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("Chú thích", exact=True).fill("Quang cảnh hội nghị")
    dialog.get_by_role("button", name="Áp dụng").click()
    expect(item(page, MUTE)).to_have_count(0)
    page.get_by_role("button", name="Xuất bản").click()
    page.wait_for_load_state()
    expect(page.locator(".messagelist .success")).to_be_visible()


def test_a_correction_keeps_bold_and_is_one_step_of_undo(new_page):
    page = new_page()
    open_form(page, "Chữ đậm được giữ nguyên")
    insert(page, "<p>Đại hội lần <strong>tứ</strong> XV, lần  nữa và  nữa.</p>")
    before = body_text(page)
    fix = finding(page, ORDINAL).get_by_role("button", name="Sửa thành")
    fix.click()
    expect(page.locator(".ProseMirror strong")).to_have_text("thứ")
    page.locator("[name=title]").focus()  # where somebody goes on writing
    page.get_by_role("button", name="Sửa cả 2 chỗ").click()
    expect(page.locator(".checks-group--findings")).to_have_count(0)
    expect(page.locator(".checks-again")).to_be_focused()
    after = body_text(page)
    assert "lần nữa và nữa." in after
    page.get_by_role("button", name="Hoàn tác").click()
    assert body_text(page) == before.replace("tứ", "thứ")
    page.get_by_role("button", name="Hoàn tác").click()
    assert body_text(page) == before


def test_title_and_lead_are_corrected_and_undone_like_typing(new_page):
    page = new_page()
    open_form(page, "Hội nghị  tổng kết")
    page.fill("[name=sapo]", "Dòng đầu.\nĐại hội lần tứ XV.")
    finding(page, ORDINAL).get_by_role("button", name="Đến chỗ đó").click()
    lead = page.locator("[name=sapo]")
    expect(lead).to_be_focused()
    finding(page, ORDINAL).get_by_role("button", name="Sửa thành").click()
    expect(lead).to_have_value("Dòng đầu.\nĐại hội lần thứ XV.")
    finding(page, BLANKS).get_by_role("button", name="Bớt").click()
    title = page.locator("[name=title]")
    expect(title).to_have_value("Hội nghị tổng kết")
    title.press("Control+z")
    expect(title).to_have_value("Hội nghị  tổng kết")


def test_text_that_changed_in_between_is_checked_again_not_overwritten(new_page):
    page = new_page()
    open_form(page, "Chữ đã đổi")
    type_body(page, "Đại hội lần tứ XV.")
    fix = finding(page, ORDINAL).get_by_role("button", name="Sửa thành")
    expect(fix).to_be_visible()
    page.evaluate(
        """() => {
          const {editor} = document.querySelector("[name=body]");
          editor.commands.setContent("<p>Đại hội lần tư XV.</p>", {emitUpdate: true});
          document.querySelector(".checks-act--fix").click();
        }"""
    )
    expect(finding(page, ORDINAL)).to_have_count(0)
    assert body_text(page) == "Đại hội lần tư XV."


def test_an_old_answer_never_replaces_a_newer_one(new_page):
    page = new_page()
    open_form(page, "Tiêu đề đúng")
    expect(page.locator(".checks-status")).to_have_text(re.compile("gợi ý"))
    held = []
    page.route(
        "**/article/check/",
        lambda route: route.continue_() if held else held.append(route),
    )
    page.fill("[name=title]", "Tiêu đề có dấu chấm.")
    page.get_by_role("button", name="Kiểm tra lại").click()
    expect(page.locator(".checks-status")).to_have_text("Đang kiểm tra…")
    page.fill("[name=title]", "Tiêu đề đã sửa")
    page.get_by_role("button", name="Kiểm tra lại").click()
    expect(page.locator(".checks-status")).to_have_text(re.compile("gợi ý"))
    with page.expect_response("**/article/check/"):
        held[0].continue_()
    page.evaluate("() => new Promise(requestAnimationFrame)")
    expect(item(page, "dấu chấm")).to_have_count(0)


def test_a_server_out_of_reach_is_told_and_asked_again_at_the_next_change(new_page):
    page = new_page(strict=False)  # the browser reports the failed request
    open_form(page, "Mất mạng")
    status = page.locator(".checks-status")
    expect(status).to_have_text(re.compile("gợi ý"))
    page.route("**/article/check/", lambda route: route.abort())
    page.locator("[name=title]").press_sequentially(" một lúc.")
    expect(status).to_contain_text("Không kết nối được máy chủ")
    expect(page.locator("[name=title]")).to_be_focused()
    page.unroute("**/article/check/")
    page.locator("[name=title]").press_sequentially(".")
    expect(status).to_have_text(re.compile("gợi ý"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_filled_panel_is_accessible(new_page, width, scheme):
    page = new_page(width=width, color_scheme=scheme, strict=False)
    open_form(page, "HỘI NGHỊ TỔNG KẾT NĂM 2026.")
    insert(
        page,
        '<p>Đại hội lần tứ XV, <a href="https://la.example/">tại đây</a> và  đây.</p>',
    )
    page.fill("[name=expires_at_0]", "01/01/2020")
    expect(item(page, "la.example")).to_be_visible()
    expect(finding(page, ORDINAL)).to_be_visible()
    finding(page, BLANKS).get_by_role("button", name="Để nguyên").click()
    result = Axe().run(page)
    assert result.violations_count == 0, result.generate_report()
    overflow = "document.documentElement.scrollWidth - innerWidth"
    assert page.evaluate(overflow) <= 0
