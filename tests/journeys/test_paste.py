"""What comes in by paste and drop: cleaned, uploaded, in its place, undone at once."""

import base64
import io
import itertools

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.journeys.conftest import put_caret, sign_in
from tests.news.word import WORD

pytestmark = pytest.mark.browser
_shades = itertools.count(40)

# Dispatches what a browser does for Ctrl+V and for a drop; says whether the page
# took it (a file that nobody takes replaces the page).
BRING = """([kind, texts, files, selector]) => {
  const data = new DataTransfer();
  for (const [type, text] of Object.entries(texts)) data.setData(type, text);
  for (const [name, type, content] of files) {
    const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
    data.items.add(new File([bytes], name, { type }));
  }
  const target = document.querySelector(selector);
  const box = target.getBoundingClientRect();
  const options = { bubbles: true, cancelable: true };
  const event = kind === "paste"
    ? new ClipboardEvent("paste", { ...options, clipboardData: data })
    : new DragEvent("drop", { ...options, dataTransfer: data,
        clientX: box.left + 5, clientY: box.bottom - 3 });
  target.dispatchEvent(event);
  return event.defaultPrevented;
}"""


def png(name="anh.png"):
    """Return a picture of a colour that no test has uploaded yet."""
    shade = next(_shades)
    file = io.BytesIO()
    Image.new("RGB", (900, 600), (shade, 200 - shade, 90)).save(file, "PNG")
    return [name, "image/png", base64.b64encode(file.getvalue()).decode()]


def paste(page, html="", plain="", files=()):
    texts = {"text/html": html, "text/plain": plain}
    texts = {kind: text for kind, text in texts.items() if text}
    return page.evaluate(BRING, ["paste", texts, list(files), ".ProseMirror"])


def drop(page, files, selector):
    return page.evaluate(BRING, ["drop", {}, list(files), selector])


@pytest.fixture
def open_editor(new_page):
    def open_editor(**options):
        page = new_page(**options)
        sign_in(page, "bientap")
        page.goto("/admin/news/article/add/")
        page.locator(".ProseMirror").click()
        return page

    return open_editor


def body(page):
    return page.locator(".ProseMirror")


def held(page, address):
    """Hold every request to `address`; return the list of them."""
    routes = []
    page.route(address, lambda route: routes.append(route))
    return routes


def wait_for(page, routes):
    while not routes:
        page.wait_for_timeout(20)
    return routes.pop()


def test_a_document_of_word_is_cleaned_and_undone_in_one_step(open_editor):
    page = open_editor()
    page.keyboard.type("Đoạn đã có.")
    assert paste(page, WORD, "Kế hoạch")
    expect(body(page).locator("h2")).to_have_text("Kế hoạch chuyển đổi số")
    expect(body(page).locator("> p").first).to_have_text("Đoạn đã có.")
    expect(body(page).locator("ul ul li")).to_have_text(["Hạ tầng", "Dữ liệu"])
    expect(body(page).locator("ol > li")).to_have_text(["Khảo sát", "Triển khai"])
    expect(body(page).locator("caption")).to_have_text("Bảng 1. Kinh phí")
    expect(body(page).locator("td[colspan='2']")).to_have_text("Nguồn")
    expect(body(page).locator("td[rowspan='2']")).to_have_text("Ngân sách")
    expect(body(page).locator("a, img, span[style]")).to_have_count(0)
    notice = page.locator(".editor-notices p")
    expect(notice).to_contain_text("1 ảnh trong Word không theo được qua dán")
    page.keyboard.press("Control+z")
    expect(body(page)).to_have_text("Đoạn đã có.")

    notice.get_by_role("button", name="Đóng thông báo").press("Enter")
    expect(notice).to_have_count(0)
    expect(body(page)).to_be_focused()


def test_text_of_an_old_font_becomes_unicode(open_editor):
    page = open_editor()
    for html, plain in [
        ("", "§¶ng bé x· Hoµ B×nh"),
        ("", "Ñaûng boä xaõ Hoaø Bình"),
        ("<p style='font-family:.VnTime'>§¶ng bé x· Hoµ B×nh</p>", "x"),
        ("<p><font face='VNI-Times'>Ñaûng boä xaõ Hoaø Bình</font></p>", "x"),
    ]:
        paste(page, html, plain)
        expect(body(page)).to_have_text("Đảng bộ xã Hoà Bình")
        page.keyboard.press("Control+a")
        page.keyboard.press("Delete")
    notices = page.locator(".editor-notices p")
    expect(notices.filter(has_text="TCVN3")).to_have_count(1)
    expect(notices.filter(has_text="VNI")).to_have_count(1)


def test_plain_text_and_our_own_copies_need_no_server(open_editor):
    page = open_editor()
    asked = held(page, "**/article/paste/")
    paste(page, plain="Dòng một có dấu\n\nDòng hai")
    expect(body(page).locator("p")).to_have_text(["Dòng một có dấu", "Dòng hai"])
    paste(
        page,
        '<p data-pm-slice="0 0 []">Chép lại</p><figure data-image="5">'
        '<img src="/static/favicon.ico"><figcaption>Lễ ký</figcaption></figure>',
        "Chép lại",
    )
    expect(body(page).locator("figcaption")).to_have_text("Lễ ký")
    assert 'data-image="5"' in page.locator("[name=body]").input_value()
    assert not asked


def test_writing_goes_on_while_a_paste_is_cleaned(open_editor):
    page = open_editor()
    page.keyboard.type("Đầu")
    page.keyboard.press("Enter")
    page.keyboard.type("Cuối")
    put_caret(page, len("Đầu") + 1)
    asked = held(page, "**/article/paste/")
    paste(page, "<p>, giữa</p>", ", giữa")
    route = wait_for(page, asked)
    expect(page.locator(".editor-busy")).to_have_text("Đang làm sạch…")
    put_caret(page)
    page.keyboard.type(" cùng")
    route.continue_()
    expect(body(page).locator("p")).to_have_text(["Đầu, giữa", "Cuối cùng"])
    expect(page.locator(".editor-busy")).to_be_empty()
    page.keyboard.type(".")
    expect(body(page).locator("p").last).to_have_text("Cuối cùng.")


def test_without_the_server_a_paste_still_arrives(open_editor):
    page = open_editor(strict=False)
    page.route("**/article/paste/", lambda route: route.abort())
    paste(page, "<h1>Tựa</h1><p style='color:red'>Lời</p>", "Tựa Lời")
    expect(body(page).locator("h2")).to_have_text("Tựa")
    expect(body(page).locator("p").first).to_have_text("Lời")
    expect(page.locator(".editor-notices")).to_contain_text("Máy chủ không trả lời")


def test_too_much_is_told_and_nothing_is_pasted(open_editor):
    page = open_editor(strict=False)
    paste(page, "<p>" + "a " * 2**19 + "</p>", "a")
    expect(page.locator(".editor-notices")).to_contain_text("1 MB")
    expect(body(page)).to_have_text("")


def test_a_dropped_picture_gets_its_words_and_is_published(open_editor, new_page):
    page = open_editor()
    page.fill("[name=title]", "Thả ảnh vào bài là xong")
    page.fill("[name=sapo]", "Ảnh được kéo từ màn hình vào.")
    page.locator("[name=category]").select_option(index=1)
    body(page).click()
    page.keyboard.type("Đoạn trước ảnh.")
    page.keyboard.press("Enter")
    page.keyboard.type("Đoạn sau ảnh.")
    assert drop(page, [png()], ".ProseMirror p")
    figure = body(page).locator("figure")
    expect(figure).to_contain_text("Thiếu văn bản thay thế")
    page.keyboard.type("Ra quân tình nguyện")  # the caption has the focus
    expect(figure.locator("figcaption")).to_have_text("Ra quân tình nguyện")
    expect(body(page).locator("> *").nth(1)).to_have_class("editor-figure")
    figure.get_by_role("button", name="Chú thích của ảnh").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("Chú thích đã nói đủ").check()
    dialog.get_by_role("button", name="Áp dụng").click()
    page.get_by_role("button", name="Xuất bản").click()
    expect(page.locator(".messagelist .success")).to_be_visible()

    reader = new_page(agent=320)
    reader.goto("/")
    reader.get_by_role("link", name="Thả ảnh vào bài là xong").first.click()
    expect(reader.locator("main figcaption")).to_contain_text("Ra quân tình nguyện")
    picture = reader.locator("main figure img")
    picture.scroll_into_view_if_needed()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)")


def test_the_caption_to_be_typed_is_in_sight_under_a_tall_picture(open_editor):
    page = open_editor()
    page.keyboard.type("Đoạn trước ảnh.")
    drop(page, [png()], ".ProseMirror p")
    image = body(page).locator("figure img")
    expect(image).not_to_have_js_property("naturalWidth", 0)
    page.wait_for_function(
        """() => document.querySelector("figcaption").getBoundingClientRect().bottom
        < document.querySelector(".article-buttons").getBoundingClientRect().top"""
    )
    assert image.bounding_box()["height"] > 400


def test_several_files_keep_their_order_and_refusals_say_why(open_editor):
    page = open_editor(strict=False)
    page.keyboard.type("Đoạn trước.")
    first, second = png("mot.png"), png("hai.png")
    pdf = ["cong-van.pdf", "application/pdf", base64.b64encode(b"%PDF-1.4").decode()]
    word = ["bai.docx", "application/octet-stream", base64.b64encode(b"PK").decode()]
    assert drop(page, [first, pdf, word, second], ".ProseMirror p")
    expect(body(page).locator("figure")).to_have_count(2)
    expect(page.locator(".editor-uploads li")).to_have_count(0)
    notices = page.locator(".editor-notices")
    expect(notices).to_contain_text("cong-van.pdf")
    link = notices.get_by_role("link", name="Nhập từ Word")
    expect(link).to_have_attribute("href", "/admin/news/article/word/")
    sources = body(page).locator("figure img").evaluate_all("l => l.map(i => i.src)")
    colours = page.evaluate(
        """async (sources) => Promise.all(sources.map(async (source) => {
          const picture = await createImageBitmap(await (await fetch(source)).blob());
          const canvas = new OffscreenCanvas(1, 1);
          const context = canvas.getContext("2d");
          context.drawImage(picture, 0, 0, 1, 1);
          return context.getImageData(0, 0, 1, 1).data[1];
        }))""",
        sources,
    )
    assert colours[0] >= colours[1], "each new shade has less green"


def test_an_upload_can_be_cancelled_and_saving_waits_for_it(open_editor):
    page = open_editor(strict=False)
    asked = held(page, "**/image/library/")
    assert paste(page, '<img src="https://x.vn/a.png">', files=[png("image.png")])
    wait_for(page, asked)
    row = page.locator(".editor-uploads li")
    expect(row).to_contain_text("Ảnh chụp màn hình")
    page.keyboard.type("Vẫn viết được.")
    page.get_by_role("button", name="Lưu nháp").click()
    expect(page.locator(".editor-notices")).to_contain_text("Hãy đợi xong hoặc huỷ")
    row.get_by_role("button", name="Huỷ").click()
    expect(row).to_have_count(0)
    expect(body(page)).to_have_text("Vẫn viết được.")
    expect(body(page).locator("figure")).to_have_count(0)
    page.unroute_all(behavior="ignoreErrors")
    page.get_by_role("button", name="Lưu nháp").click()  # refused for other reasons
    page.wait_for_load_state()
    expect(page.locator(".errorlist").first).to_be_visible()


def test_pictures_are_chosen_by_keyboard(open_editor):
    page = open_editor()
    button = page.get_by_role("button", name="Tải ảnh lên và chèn vào bài")
    # Playwright takes a moment to stand in for the window that chooses files.
    page.on("filechooser", lambda _chooser: None)
    page.locator(".editor-style").focus()
    for _ in range(40):
        if button.evaluate("button => button === document.activeElement"):
            break
        page.keyboard.press("ArrowRight")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    assert chooser.value.is_multiple()
    name, kind, content = png("chon.png")
    picture = {"name": name, "mimeType": kind, "buffer": base64.b64decode(content)}
    chooser.value.set_files([picture])
    expect(body(page).locator("figure")).to_have_count(1)


def test_a_file_dropped_beside_the_editor_does_not_take_the_page_away(open_editor):
    page = open_editor()
    assert drop(page, [png()], "h1")
    assert not page.evaluate(BRING, ["drop", {"text/plain": "a"}, [], "[name=title]"])


def test_in_a_caption_only_one_line_arrives(open_editor):
    page = open_editor()
    paste(page, files=[png()])
    expect(body(page).locator("figcaption")).to_have_count(1)
    expect(page.locator(".editor-busy")).to_have_text(
        "Ảnh đã ở trong bài. Hãy gõ chú thích."
    )
    paste(page, "<h2>Lễ</h2><ul><li>ký kết</li></ul>", "Lễ\n\nký kết")
    expect(body(page).locator("figcaption")).to_have_text("Lễ ký kết")
    expect(body(page).locator("h2, ul")).to_have_count(0)
