"""A leader reads a draft on his phone, returns it, and agrees to what came after."""

import re

import pytest

from tests.journeys.conftest import sign_in
from tests.journeys.test_accessibility import check

pytestmark = pytest.mark.browser
REASON = "Đoạn hai thiếu số của quyết định."


@pytest.fixture
def draft(server):
    """The number of a reporter's article that waits for review."""
    return server.python(
        "import json; from news import publishing, saving; from news.models import *;"
        "from django.contrib.auth import get_user_model;"
        "u = get_user_model().objects.get(username='phongvien');"
        "a = Article(title='Thông báo chờ lãnh đạo xem', sapo='Dự thảo thông báo.',"
        " category=Category.objects.first());"
        "saving.save_article(a, user=u, body='<p>Nội dung dự thảo.</p>');"
        "publishing.submit(a, user=u); print(json.dumps(a.pk))"
    )


def make_link(page, pk, name) -> str:
    page.goto(f"/admin/news/article/{pk}/change/")
    page.get_by_role("link", name="Gửi lãnh đạo xem").click()
    page.get_by_label("Tên lãnh đạo").fill(name)
    page.get_by_role("button", name="Tạo liên kết").click()
    return page.get_by_label("Địa chỉ để chép").first.input_value()


def test_leader_returns_and_then_agrees_on_a_phone(new_page, draft):
    desk = new_page(strict=False)
    sign_in(desk, "bientap")
    address = make_link(desk, draft, "Nguyễn Văn A, Giám đốc")
    check(desk, "links")
    desk.set_viewport_size({"width": 390, "height": 844})
    check(desk, "links on a phone")
    assert desk.evaluate("document.documentElement.scrollWidth") <= 390
    desk.get_by_role("button", name="Sao chép liên kết").click()
    desk.get_by_text("Đã sao chép liên kết").wait_for()

    # A phone without JavaScript, which is no matter. A closed link answers 410.
    phone = new_page(width=390, height=844, strict=False, java_script_enabled=False)
    phone.goto(address)
    assert phone.get_by_text("Bản xem trước – chưa công bố").is_visible()
    agree, back = (
        phone.get_by_role("button", name=name) for name in ("Đồng ý", "Trả lại")
    )
    assert min(b.bounding_box()["height"] for b in (agree, back)) >= 48
    back.click()  # without a note
    assert phone.get_by_text("Hãy ghi rõ cần sửa gì.").is_visible()
    phone.get_by_label(re.compile("^Ý kiến")).fill(REASON)
    back.click()
    assert phone.get_by_role("heading", name="Đã ghi nhận câu trả lời").is_visible()
    phone.goto(address)
    assert not phone.get_by_text("Thông báo chờ lãnh đạo xem").count()
    assert not phone.context.cookies()

    writer = new_page()
    sign_in(writer, "phongvien")
    writer.goto(f"/admin/news/article/{draft}/change/")
    told = writer.locator(".article-standing--returned")
    assert REASON in told.inner_text()
    assert "Nguyễn Văn A" in told.inner_text()
    writer.get_by_role("button", name="Gửi duyệt").click()
    writer.wait_for_url("**/admin/news/article/")

    address = make_link(desk, draft, "Trần Thị B")
    leader = new_page(width=390, height=844, strict=False)
    leader.goto(address)
    check(leader, "leader")
    leader.set_viewport_size({"width": 1280, "height": 900})
    check(leader, "leader, wide")
    leader.get_by_role("button", name="Đồng ý").click()
    leader.get_by_role("heading", name="Đã ghi nhận câu trả lời").wait_for()
    check(leader, "closed")
    desk.goto(f"/admin/news/article/{draft}/leader/")
    assert desk.get_by_text("Bài được duyệt theo câu trả lời này.").is_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_page_of_a_withdrawn_article_has_no_violation(new_page, server, width):
    address = server.python(
        "import json; from news import publishing; from news.models import *;"
        "a = Article(title='Bài gỡ để thử', category=Category.objects.first(),"
        " sapo='Một câu.');"
        "publishing.publish(a, body='<p>Chữ.</p>');"
        "publishing.withdraw(a, kind='notice', notice='Số liệu sai.');"
        "print(json.dumps(a.get_absolute_url()))"
    )
    page = new_page(width=width, strict=False)
    assert page.goto(address).status == 410
    assert page.get_by_text("Số liệu sai.").is_visible()
    check(page, address)
