"""The picture library by hand: upload, focal point, placing, refusal, another file."""

import io
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from tests.journeys.conftest import sign_in

pytestmark = pytest.mark.browser

PHONE = Path(__file__).parents[1] / "news" / "fixtures" / "phone.heic"


def photograph(name, colour) -> dict:
    """Return a wide JPEG with a white disc near its right edge."""
    picture = Image.new("RGB", (1600, 700), colour)
    ImageDraw.Draw(picture).ellipse((1250, 200, 1550, 500), fill="white")
    file = io.BytesIO()
    picture.save(file, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": file.getvalue()}


def iphone(number) -> dict:
    # What follows the last box is nothing to the decoder, and makes another file.
    data = PHONE.read_bytes() + bytes([0, 0, 0, 9]) + b"free" + bytes([number])
    return {"name": "Bến cảng.HEIC", "mimeType": "", "buffer": data}


def upload(page, *files):
    """Upload on the list's page; return the list of answers."""
    page.goto("/admin/news/image/")
    page.get_by_label("Chọn tệp…").set_input_files(list(files))
    status = page.locator(".picture-upload-status")
    expect(status).to_contain_text("tệp không nhận.")
    expect(status).not_to_contain_text("Còn")
    expect(page.locator(".picture-upload progress")).to_have_count(0)
    return page.locator(".picture-upload-list li")


def position(page, kind) -> list[float]:
    """Return where a cut stands, in percent from the left and the top."""
    css = page.locator(f".focal-cut--{kind} img").evaluate(
        "image => getComputedStyle(image).objectPosition"
    )
    return [float(part.rstrip("%")) for part in css.split()]


def test_pictures_are_uploaded_described_placed_kept_and_replaced(new_page, server):
    page = new_page()
    sign_in(page, "bientap")

    # Two at once, one of an iPhone; their words in the same place.
    rows = upload(page, photograph("Cầu mới.jpg", "teal"), iphone(1))
    expect(rows).to_have_count(2)
    expect(page.locator(".picture-upload-status")).to_contain_text("Đã tải lên 2 ảnh")
    bridge = rows.filter(has_text="Cầu mới.jpg")
    bridge.get_by_label("Văn bản thay thế").fill("Cây cầu mới bắc qua sông")
    bridge.get_by_label("Nguồn ảnh").fill("Ảnh: Lan Anh")
    page.get_by_role("button", name="Lưu phần chữ").click()
    expect(bridge).to_contain_text("Đã lưu.")
    bridge.get_by_role("link", name="Chọn điểm chính").click()

    # The focal point by clicking, then by keys; the cuts follow.
    expect(page.get_by_label("Nguồn ảnh")).to_have_value("Ảnh: Lan Anh")
    before = position(page, "card"), position(page, "share")
    whole = page.locator(".focal-whole img")
    box = whole.bounding_box()
    whole.click(position={"x": box["width"] * 0.87, "y": box["height"] * 0.5})
    left = page.locator("[name=focal_x]")
    expect(left).to_have_value("87")
    assert position(page, "card") == [90, 50]
    assert position(page, "share")[0] == 100
    assert before == ([50, 50], [50, 50])
    marker = page.get_by_role("button", name="Điểm chính: 87% từ trái")
    marker.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("ArrowDown")
    expect(left).to_have_value("76")
    expect(page.locator("[name=focal_y]")).to_have_value("51")
    expect(page.locator(".focal-status")).to_contain_text("76% từ trái, 51% từ trên")
    assert position(page, "card") == [80, 50]
    page.get_by_role("button", name="Lưu và sửa tiếp").click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    expect(left).to_have_value("76")
    address = page.url

    # Placed with the words of the library as a suggestion, and published.
    page.goto("/admin/news/article/add/")
    page.fill("[name=title]", "Thông xe cây cầu mới qua sông Cái")
    page.fill("[name=sapo]", "Sáng nay, cây cầu mới được thông xe.")
    page.locator(".ProseMirror").click()
    page.keyboard.type("Cầu dài 300 mét.")
    page.get_by_role("button", name="Chèn ảnh").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("Hiện").select_option("mine")
    dialog.get_by_role("button", name="Cầu mới").click()
    expect(dialog.get_by_label("Văn bản thay thế")).to_have_value(
        "Cây cầu mới bắc qua sông"
    )
    expect(dialog).to_contain_text("Ảnh: Lan Anh")
    dialog.get_by_label("Chú thích", exact=True).fill("Cầu trong ngày thông xe")
    dialog.get_by_role("button", name="Đưa vào bài").click()
    page.locator("[name=category]").select_option(index=1)
    page.get_by_role("button", name="Xuất bản").click()
    expect(page.locator(".messagelist .success")).to_be_visible()

    # In use: no deletion, and the use is named.
    page.goto(address)
    expect(page.locator(".uses")).to_contain_text("Thông xe cây cầu mới qua sông Cái")
    page.locator(".deletelink").click()
    expect(page.get_by_text("Hãy bỏ ảnh này khỏi các mục sau")).to_be_visible()
    expect(page.get_by_role("link", name="Thông xe cây cầu mới")).to_be_visible()
    expect(page.locator("[type=submit][value*=chắc]")).to_have_count(0)
    page.goto("/admin/news/image/?q=cau+moi")
    page.locator("#result_list .action-select").first.check()
    page.locator("[name=action]").select_option("delete_selected")
    page.get_by_role("button", name="Thực hiện").click()
    expect(page.get_by_role("link", name="Thông xe cây cầu mới")).to_be_visible()

    # Another file: the words stay, readers see it at once.
    reader = new_page(agent=310)
    reader.goto("/tim-kiem/?q=thong+xe+cay+cau+moi")
    reader.get_by_role("link", name="Thông xe cây cầu mới").first.click()
    shown = reader.locator("main figure img").first
    old = shown.get_attribute("src")
    page.goto(address)
    expect(page.get_by_text("1 bài đã đăng")).to_be_visible()
    page.get_by_label("Thay tệp ảnh").set_input_files(photograph("mới.jpg", "navy"))
    page.get_by_role("button", name="Lưu và sửa tiếp").click()
    expect(page.locator(".messagelist .success")).to_be_visible()

    def is_new():
        reader.reload()
        return shown.get_attribute("src") != old

    expect_soon(is_new, reader)
    expect(reader.locator("main figcaption").first).to_contain_text(
        "Cầu trong ngày thông xe"
    )
    expect(shown).to_have_attribute("alt", "Cây cầu mới bắc qua sông")
    assert server.status(old) == 404


def expect_soon(condition, page):
    for _ in range(20):
        if condition():
            return
        page.wait_for_timeout(250)
    raise AssertionError("not within five seconds")


def test_closing_the_window_gives_the_upload_up(new_page):
    page = new_page(strict=False)  # the browser reports the ended request
    sign_in(page, "bientap")
    page.goto("/admin/news/article/add/")
    held = []
    page.route(
        "**/image/library/",
        lambda route: (
            held.append(route) if route.request.method == "POST" else route.continue_()
        ),
    )
    choose = page.get_by_role("button", name="Chọn ảnh…")
    choose.click()
    window = page.get_by_role("dialog")
    with page.expect_request(lambda request: request.method == "POST"):
        window.get_by_label("Tải ảnh mới lên").set_input_files(
            photograph("a.jpg", "teal")
        )
    with page.expect_event("requestfailed"):
        page.keyboard.press("Escape")
    expect(window).to_have_count(0)
    expect(choose).to_be_focused()
    assert held
    assert page.locator("[name=cover]").input_value() == ""


def test_dropped_files_are_told_one_by_one(new_page):
    page = new_page(strict=False)  # a refusal is an answer of status 400
    sign_in(page, "bientap")
    drawing = {"name": "hình.svg", "mimeType": "image/svg+xml", "buffer": b"<svg/>"}
    upload(page, photograph("Chợ nổi.jpg", "olive"), drawing)
    rows = upload(page, photograph("tên khác.jpg", "olive"))
    expect(rows).to_contain_text(
        "Đã có trong thư viện, không lưu thêm lần nữa: Chợ nổi"
    )
    page.goto("/admin/news/image/")
    data = page.evaluate_handle(
        """() => {
            const data = new DataTransfer();
            data.items.add(new File(["<svg/>"], "hình.svg"));
            return data;
        }"""
    )
    page.dispatch_event("#content", "dragover", {"dataTransfer": data})
    expect(page.locator(".picture-upload")).to_have_attribute(
        "data-drop", "Thả ảnh vào đây"
    )
    page.dispatch_event("#content", "drop", {"dataTransfer": data})
    expect(page.locator(".picture-upload-list li")).to_contain_text("Hãy xuất ra PNG")


@pytest.mark.parametrize("width", [1280, 390])
def test_the_library_has_no_violation_and_needs_no_sideways_scrolling(new_page, width):
    page = new_page(width=width, strict=False)
    sign_in(page, "bientap")
    upload(page, photograph(f"Ruộng {width}.jpg", f"#{width:06d}"), iphone(width % 251))
    check(page, "the list with uploads")
    page.locator(".picture-upload-words a").first.click()
    expect(page.locator(".focal-marker")).to_be_visible()
    check(page, "the change form")
    page.goto("/admin/news/article/add/")
    page.get_by_role("button", name="Chèn ảnh").click()
    expect(page.locator(".library-card").first).to_be_visible()
    check(page, "the picker")
    page.locator(".library-card").first.click()
    expect(page.get_by_label("Chú thích", exact=True)).to_be_visible()
    check(page, "the words of a use")


def check(page, where):
    result = Axe().run(page)
    assert result.violations_count == 0, f"{where}\n{result.generate_report()}"
    wide = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wide <= 0, where
