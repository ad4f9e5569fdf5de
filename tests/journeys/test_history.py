"""What was written before is found, compared and brought back."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.journeys.conftest import put_caret, sign_in

pytestmark = pytest.mark.browser


def save(page, note=""):
    if note:
        page.locator(".act-more > summary").click()
        page.fill("[name=act-note]", note)
    page.get_by_role("button", name="Lưu nháp").click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    expect(page.locator(".ProseMirror")).to_be_visible()


def check(page):
    result = Axe().run(page)
    assert result.violations_count == 0, result.generate_report()
    assert (
        page.evaluate("document.documentElement.scrollWidth")
        <= (page.viewport_size["width"])
    )


def test_an_old_version_is_found_compared_and_brought_back(new_page):
    page = new_page(strict=False)  # axe adds styles
    sign_in(page, "bientap")
    page.goto("/admin/news/article/add/")
    page.fill("[name=title]", "Bài có nhiều bản")
    page.locator("[name=category]").select_option(index=1)
    page.locator(".ProseMirror").click()
    page.keyboard.type("Lớp học mở cửa lúc bảy giờ.")
    save(page)
    put_caret(page)
    page.keyboard.type(" Có xe đưa đón.")
    save(page, note="Thêm xe đưa đón")
    page.fill("[name=title]", "Bài có ba bản")
    save(page)

    page.get_by_role("link", name="Lịch sử", exact=True).click()
    rows = page.locator(".history-table tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.nth(1)).to_contain_text("Thêm xe đưa đón")
    check(page)
    page.get_by_role("radio", name="từ bản 1").check()
    page.get_by_role("button", name="So sánh").first.click()
    page.wait_for_url(re.compile(r"/history/1-3/$"))
    expect(page.locator("ins", has_text="Có xe đưa đón")).to_be_visible()
    check(page)

    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("link", name="Khôi phục bản 1").click()
    expect(page.locator("del", has_text="Có xe đưa đón")).to_be_visible()
    check(page)
    page.fill("[name=act-note]", "Xe đã huỷ")
    page.get_by_role("button", name="Khôi phục bản 1").click()
    expect(page.locator(".messagelist")).to_contain_text("Đã khôi phục bản 1")
    expect(page.locator("[name=title]")).to_have_value("Bài có nhiều bản")
    expect(page.locator(".ProseMirror")).to_have_text("Lớp học mở cửa lúc bảy giờ.")
    page.get_by_role("link", name="Lịch sử", exact=True).click()
    expect(rows).to_have_count(4)
    expect(rows.first).to_contain_text("Xe đã huỷ")
    check(page)
