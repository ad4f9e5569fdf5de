"""Nothing typed is lost: a killed tab, a lost session, a colleague who was faster."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.journeys.conftest import PASSWORD, put_caret, sign_in

pytestmark = pytest.mark.browser
KEPT = re.compile(r"Đã tự giữ lúc \d\d:\d\d:\d\d")
SOON = 20_000  # milliseconds: three after a change, ten after a failure


def new_article(page, title):
    """Open the form of a new article with a title, a section and a paragraph."""
    page.goto("/admin/news/article/add/")
    page.fill("[name=title]", title)
    page.locator("[name=category]").select_option(index=1)
    page.locator(".ProseMirror").click()
    page.keyboard.type("Đoạn mở đầu của bài.")


def saved(page):
    """Save and go on writing; return the address of the form."""
    page.get_by_role("button", name="Lưu nháp").click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    expect(page.locator(".ProseMirror")).to_be_visible()
    return page.url.split("?")[0]


def type_at_the_end(page, text):
    put_caret(page)
    page.keyboard.type(text)


def status(page):
    return page.locator(".autosave-status")


def test_a_new_article_survives_a_killed_tab(new_page):
    page = new_page()
    sign_in(page, "phongvien")
    new_article(page, "Bài viết dở rồi mất điện")
    expect(status(page)).to_have_text(KEPT, timeout=SOON)
    expect(page.locator(".autosave-said")).to_have_text(
        "Bản đang viết được giữ tự động."
    )
    context = page.context
    page.close()  # asks nothing, as a killed tab
    page = context.new_page()
    page.goto("/admin/news/article/add/")
    entry = page.locator(".kept-copies li", has_text="Bài viết dở rồi mất điện")
    entry.get_by_role("link", name="Mở lại bản đó").click()
    expect(page.locator("[name=title]")).to_have_value("Bài viết dở rồi mất điện")
    expect(page.locator(".ProseMirror")).to_have_text("Đoạn mở đầu của bài.")
    expect(page.locator("[name=category]")).not_to_have_value("")
    address = saved(page)
    page.goto(address)
    expect(page.locator(".ProseMirror")).to_have_text("Đoạn mở đầu của bài.")
    expect(page.locator(".kept-copies")).to_have_count(0)
    page.goto("/admin/news/article/add/")
    expect(entry).to_have_count(0)


def test_a_change_survives_a_killed_tab_and_can_be_dropped(new_page):
    page = new_page(strict=False)  # axe adds styles
    sign_in(page, "bientap")
    new_article(page, "Bài có sửa đổi dở dang")
    address = saved(page)
    type_at_the_end(page, " Câu viết thêm.")
    expect(status(page)).to_have_text(KEPT, timeout=SOON)
    context = page.context
    page.close()
    page = context.new_page()
    page.goto(address)
    expect(page.locator(".ProseMirror")).to_have_text("Đoạn mở đầu của bài.")
    page.get_by_role("link", name="Xem khác gì").click()
    expect(page.locator("ins", has_text="Câu viết thêm")).to_be_visible()
    result = Axe().run(page)
    assert result.violations_count == 0, result.generate_report()
    page.get_by_role("link", name="Mở lại bản đó").click()
    expect(page.locator(".ProseMirror")).to_contain_text("Câu viết thêm.")
    page.goto(address)
    page.get_by_role("button", name="Bỏ", exact=True).click()
    expect(page.locator(".kept-copies")).to_have_count(0)
    page.goto(address)
    expect(page.locator(".ProseMirror")).to_have_text("Đoạn mở đầu của bài.")
    expect(page.locator(".kept-copies")).to_have_count(0)


def test_typing_that_was_refused_is_told_once(new_page):
    """A call that said so again and again would keep a session nobody sits at."""
    page = new_page(strict=False)  # the browser logs the refusal
    sign_in(page, "phongvien")
    new_article(page, "Bài bị từ chối một lần")
    expect(status(page)).to_have_text(KEPT, timeout=SOON)
    address = "**/autosave/"
    refusal = {"status": 400, "json": {"error": "Quá dài."}}
    page.route(address, lambda route: route.fulfill(**refusal))
    type_at_the_end(page, " Thêm.")
    expect(status(page)).to_contain_text("Quá dài.", timeout=SOON)
    page.unroute(address)
    said = []
    for _call in range(2):
        with page.expect_response(address) as answer:
            # Back to the window: a call at once instead of 25 seconds later.
            page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        assert answer.value.ok
        said.append(answer.value.request.post_data_json["typed"])
        page.wait_for_timeout(100)  # the answer is read
    assert said == [True, False]
    expect(status(page)).to_contain_text("Quá dài.")


def test_two_editors_see_each_other_and_the_second_compares(new_page):
    first, second = new_page(), new_page(strict=False)  # axe adds styles
    sign_in(first, "bientap")
    sign_in(second, "thuky")
    new_article(first, "Bài hai người cùng sửa")
    address = saved(first)
    expect(status(first)).to_have_text("")
    second.goto(address)
    notice = second.locator("#writing-notices")
    expect(notice).to_contain_text("Lê Thu Trang đang mở bài này")
    type_at_the_end(first, " Câu của Trang.")
    expect(first.locator("#writing-notices")).to_contain_text(
        "Phạm Đức Thành đang mở bài này"
    )
    saved(first)
    type_at_the_end(second, " Câu của Thành.")
    expect(notice).to_contain_text("Lê Thu Trang đã lưu bản mới lúc")
    second.get_by_role("button", name="Lưu nháp").click()
    conflict = second.locator(".conflict")
    expect(conflict).to_contain_text("Lê Thu Trang đã lưu bài này lúc")
    expect(conflict.locator("del", has_text="Trang")).to_be_visible()
    expect(conflict.locator("ins", has_text="Thành")).to_be_visible()
    expect(second.locator(".ProseMirror")).to_contain_text("Câu của Thành.")
    for width in (1280, 390):
        second.set_viewport_size({"width": width, "height": 900})
        result = Axe().run(second)
        assert result.violations_count == 0, result.generate_report()
        assert second.evaluate("document.documentElement.scrollWidth") <= width
    second.get_by_role("button", name="Lưu bản của tôi, thay bản kia").click()
    expect(second.locator(".messagelist .success")).to_be_visible()
    second.goto(address)
    expect(second.locator(".ProseMirror")).to_have_text(
        "Đoạn mở đầu của bài. Câu của Thành."
    )
    expect(second.locator(".kept-copies")).to_have_count(0)
    here = "Phạm Đức Thành đang mở bài này"
    ask = "document.dispatchEvent(new Event('visibilitychange'))"
    expect(first.locator("#writing-notices")).to_contain_text(here)
    second.goto("/admin/")
    for _call in range(10):  # the last words of a page that is left take their time
        with first.expect_response("**/autosave/") as answer:
            first.evaluate(ask)
        if not any(here in line for line in answer.value.json()["notices"]):
            break
    expect(first.locator("#writing-notices")).not_to_contain_text(here)


def test_going_back_brings_no_old_words_beside_a_newer_version(new_page):
    first, second = new_page(), new_page()
    sign_in(first, "bientap")
    sign_in(second, "thuky")
    new_article(first, "Bài quay lại xem sau khi lưu")
    address = saved(first)
    first.fill("[name=sapo]", "Sa-pô của Trang.")
    first.get_by_role("button", name="Lưu và đóng").click()
    expect(first.locator(".messagelist .success")).to_be_visible()
    second.goto(address)
    second.fill("[name=sapo]", "Sa-pô của Thành.")
    saved(second)
    first.go_back()
    expect(first.locator("[name=read_version]")).to_have_value("3")
    expect(first.locator("[name=sapo]")).to_have_value("Sa-pô của Thành.")


def test_a_save_that_was_stopped_can_be_sent_again(new_page):
    page = new_page(strict=False)  # the browser reports the stopped request
    page.clock.install()
    sign_in(page, "phongvien")
    new_article(page, "Bài bấm lưu rồi bấm dừng")
    page.route("**/add/", lambda route: route.abort("aborted"))
    save = page.get_by_role("button", name="Lưu nháp")
    with page.expect_event("requestfailed"):
        save.click()
    page.unroute("**/add/")
    page.fill("[name=sapo]", "Gõ sau khi bấm dừng.")
    page.clock.fast_forward(15_000)
    expect(status(page)).to_have_text(KEPT, timeout=SOON)
    saved(page)
    expect(page.locator("[name=sapo]")).to_have_value("Gõ sau khi bấm dừng.")


def test_a_lost_session_is_told_and_signing_in_elsewhere_is_enough(new_page):
    page = new_page(strict=False)  # the browser reports the checks' refused request
    sign_in(page, "phongvien")
    new_article(page, "Bài viết qua lúc hết phiên")
    page.context.clear_cookies(name="sessionid")
    page.fill("[name=sapo]", "Gõ khi đã bị đăng xuất.")
    expect(status(page)).to_contain_text("bạn đã bị đăng xuất")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Đăng nhập lại").click()
    tab = opened.value
    tab.fill("input[name=username]", "phongvien")
    tab.fill("input[name=password]", PASSWORD)
    tab.click("[type=submit]")
    tab.wait_for_url("**/admin/")
    tab.close()
    expect(status(page)).to_have_text(KEPT, timeout=SOON)
    saved(page)
    expect(page.locator("[name=sapo]")).to_have_value("Gõ khi đã bị đăng xuất.")


def test_a_lost_connection_is_told_and_made_good(new_page):
    page = new_page(strict=False)  # the browser itself reports the lost connection
    sign_in(page, "phongvien")
    new_article(page, "Bài viết lúc mất mạng")
    expect(status(page)).to_have_text(KEPT, timeout=SOON)
    page.context.set_offline(True)
    page.fill("[name=sapo]", "Gõ khi mất mạng.")
    expect(status(page)).to_contain_text("mất kết nối")
    expect(page.locator("[name=sapo]")).to_have_value("Gõ khi mất mạng.")
    page.context.set_offline(False)
    expect(status(page)).to_have_text(KEPT, timeout=SOON)
