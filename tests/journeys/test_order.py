"""Hot news and focus: the same order by keyboard, by mouse and by a finger."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import sign_in

pytestmark = pytest.mark.browser

BOARD = "/admin/news/listentry/"


def open_board(page):
    sign_in(page, "thuky")
    page.goto(BOARD)
    expect(page.locator("#hot .order-handle").first).to_be_visible()
    return titles(page)


def titles(page, which="hot"):
    return page.locator(f"#{which} .order-title").all_inner_texts()


def moved(rows, start, end):
    rows = list(rows)
    rows.insert(end, rows.pop(start))
    return rows


def save(page):
    page.locator("#hot").get_by_role("button", name="Lưu thứ tự").click()
    expect(page.locator(".messagelist .success")).to_be_visible()


def test_an_order_made_by_keyboard_is_heard_saved_and_seen_by_readers(new_page):
    page = new_page()
    before = open_board(page)
    status = page.locator("#hot .order-status")
    handle = page.get_by_role("button", name=f"Chuyển chỗ “{before[2]}”")
    handle.focus()
    page.keyboard.press("Enter")
    expect(status).to_contain_text("Đang giữ")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(status).to_have_text(f"“{before[2]}”: vị trí 1 trên {len(before)}.")
    page.keyboard.press("Escape")
    assert titles(page) == before
    expect(page.locator("#hot .order-unsaved")).to_be_hidden()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    expect(status).to_contain_text("Chưa lưu")
    expect(handle).to_be_focused()
    up = page.get_by_role("button", name=f"Lên: {before[2]}")
    up.focus()
    page.keyboard.press("Enter")
    expect(up).to_be_focused()
    expected = moved(before, 2, 0)
    assert titles(page) == expected
    save(page)
    assert titles(page) == expected
    page.goto("/tin-nong/")
    expect(page.locator("main article h2, main article h3").first).to_have_text(
        expected[0]
    )


@pytest.mark.parametrize("touch", [False, True])
def test_a_row_is_dragged_by_its_handle(new_page, touch):
    page = new_page(width=390 if touch else 1280, has_touch=touch)
    before = open_board(page)
    handle = page.locator("#hot .order-handle").first
    handle.scroll_into_view_if_needed()
    start = handle.bounding_box()
    goal = page.locator("#hot .order-row").nth(1).bounding_box()
    x, y = start["x"] + start["width"] / 2, start["y"] + start["height"] / 2
    end = goal["y"] + goal["height"] * 0.8
    if touch:
        client = page.context.new_cdp_session(page)

        def touched(kind, *points):
            points = [{"x": x, "y": at} for at in points]
            event = {"type": kind, "touchPoints": points}
            client.send("Input.dispatchTouchEvent", event)

        touched("touchStart", y)
        for step in range(1, 6):
            touched("touchMove", y + (end - y) * step / 5)
        touched("touchEnd")
    else:
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x, end, steps=5)
        page.mouse.up()
    expected = moved(before, 0, 1)
    assert titles(page) == expected
    assert page.locator(".is-held").count() == 0
    save(page)
    assert titles(page) == expected


def test_a_found_article_is_added_while_an_order_waits(new_page):
    page = new_page()
    open_board(page)
    page.locator("#hot [name=down]").first.click()
    page.get_by_role("searchbox", name="Từ trong tiêu đề").fill("kiem tra do luong")
    expect(page.locator("#order-found [role=status]")).to_contain_text("Tìm thấy")
    expect(page.locator("#hot .order-unsaved")).to_be_visible()
    page.get_by_role("button", name="Trả lại như cũ").click()
    expect(page.locator("#hot .order-unsaved")).to_be_hidden()
    page.locator("#order-found button[value^='focus:']").first.click()
    expect(page.locator(".messagelist .success")).to_contain_text("Tin tiêu điểm")
