"""Take the pictures of README.md and docs/editors.md from a demo site of its own.

    python -m docs.screenshots

Run it in the folder of the checkout, after a change of what the pictures show.
Needs the packages of requirements-dev.txt and Chromium (CHROMIUM=path when it has
another name). It starts a site with a new folder and database on a free loopback
port, which takes about a minute, replaces docs/images/*.png and ends the site.
"""

import io
import os
import shutil
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from docs.demo_site import PASSWORD, demo_site
from portal.demo.pictures import draw
from tests.news.docx_builder import docx, drawing, emf, p, table

IMAGES = Path(__file__).parent / "images"
MAX_BYTES = 150_000
COLOURS = (256, 128, 64, 32)
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
# A reader's browser: the counter leaves out those that say they are headless.
AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--disable-blink-features=AutomationControlled",
]


def sign_in(page: Page, username: str) -> None:
    page.goto("/admin/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", PASSWORD)
    page.click("[type=submit]")
    page.wait_for_selector(".desk")


def write(page: Page, name: str, height: int | None = None, clip=None) -> None:
    """Take what is seen, `height` px of it, or a part, as a PNG with few colours."""
    page.evaluate("document.fonts.ready")
    page.wait_for_load_state("networkidle")
    if clip is None:
        size = page.viewport_size
        clip = {
            "x": 0,
            "y": 0,
            "width": size["width"],
            "height": height or size["height"],
        }
    taken = page.screenshot(clip=clip, animations="disabled", caret="hide")
    picture = Image.open(io.BytesIO(taken)).convert("RGB")
    for colours in COLOURS:
        buffer = io.BytesIO()
        # Without dithering: letters stay clean and files small.
        few = picture.quantize(colours, dither=Image.Dither.NONE)
        few.save(buffer, "PNG", optimize=True)
        if buffer.tell() < MAX_BYTES:
            break
    else:
        raise SystemExit(f"{name} is larger than {MAX_BYTES} bytes.")
    (IMAGES / f"{name}.png").write_bytes(buffer.getvalue())
    print(f"{name}.png: {few.width} x {few.height}, {buffer.tell() // 1000} kB")


def box_of(page: Page, selector: str, margin: int = 12) -> dict:
    """Return the place of an element with a margin, within the window."""
    box = page.locator(selector).first.bounding_box()
    size = page.viewport_size
    x, y = max(box["x"] - margin, 0), max(box["y"] - margin, 0)
    return {
        "x": x,
        "y": y,
        "width": min(box["x"] + box["width"] + margin, size["width"]) - x,
        "height": min(box["y"] + box["height"] + margin, size["height"]) - y,
    }


def wait_for_pictures(page: Page, selector: str, most: int = 12) -> None:
    """Wait for the first ones; those far below load when they are scrolled to."""
    page.evaluate(
        "([selector, most]) => Promise.all([...document.querySelectorAll(selector)]"
        ".slice(0, most).map((image) => image.decode()))",
        [selector, most],
    )


def open_first(page: Page, address: str) -> None:
    page.goto(address)
    page.click("#result_list tbody th a")
    page.wait_for_selector(".editor-bar")


def public_pages(page: Page) -> None:
    page.goto("/")
    page.wait_for_load_state("networkidle")
    page.goto("/")  # by now the first visit is counted
    write(page, "home")
    page.goto("/lich-cong-tac/")
    page.set_viewport_size({"width": 1280, "height": 1500})
    write(page, "calendar", clip=box_of(page, "main"))
    page.set_viewport_size(DESKTOP)


def desk_and_lists(page: Page) -> None:
    write(page, "desk", height=700)
    page.goto("/admin/news/article/")
    write(page, "article-list", height=780)
    page.goto("/admin/thong-ke/")
    page.set_viewport_size({"width": 1280, "height": 1180})
    write(page, "statistics")
    page.goto("/admin/thong-ke/bao-cao/")
    page.set_viewport_size({"width": 1280, "height": 2000})
    sheet = box_of(page, ".stats-sheet")
    write(page, "report", clip=sheet | {"height": 1100})
    page.set_viewport_size(DESKTOP)


def article_form(page: Page) -> None:
    open_first(page, "/admin/news/article/?state=in_review")
    write(page, "article-form")
    page.click(".editor-bar button >> nth=0")  # the first button: insert a picture
    page.fill("#library-search", "hoi")  # without accents; logos are left out
    page.wait_for_selector(".library-card >> text=Hội trường")
    wait_for_pictures(page, ".library-card img")
    write(page, "picker", clip=box_of(page, "dialog[open]"))
    page.click(".library-card >> text=Hội trường")
    page.fill("#library-caption", "Toàn cảnh hội nghị sáng 23/11.")
    write(page, "picture-words", clip=box_of(page, "dialog[open]"))


def jpeg(scene: str) -> bytes:
    """One of the demo's drawings as a photograph."""
    file = io.BytesIO()
    draw(scene).resize((1200, 800)).save(file, "JPEG", quality=90)
    return file.getvalue()


def open_new(page: Page, title: str, text: str) -> None:
    """Begin an article that is never saved."""
    page.goto("/admin/news/article/add/")
    page.fill("[name=title]", title)
    page.click(".ProseMirror")
    page.keyboard.type(text)


def fresh(page: Page) -> Page:
    """Return another window of the same person; leaving a form would ask."""
    context = page.context
    page.close()
    return context.new_page()


def windows(page: Page) -> None:
    """The editor's windows for links and for videos."""
    open_new(page, "Ngày hội Chuyển đổi số", "Xem thêm: ")
    page.keyboard.press("Control+k")
    page.fill("#link-search", "chuyen doi so")
    page.wait_for_selector("dialog[open] [role=status] >> text=tìm thấy")
    write(page, "links", clip=box_of(page, "dialog[open]"))
    page.click("dialog[open] >> text=Huỷ")
    page.click(".editor-bar [aria-label='Chèn video/bản đồ']")
    page.fill("#embed-address", "https://www.youtube.com/watch?v=aqz-KE-bpKQ")
    page.fill("#embed-title", "Lễ khai mạc Ngày hội Chuyển đổi số")
    write(page, "embed", clip=box_of(page, "dialog[open]"))


SLIPS = (
    "Thực hiện Chỉ thị số 15/CT-TW ngày 05/3/2026, sáng thứ ba, ngày 20/5/2026, Sở tổ "
    "chức hội nghị lần tứ II . Kết qủa sáu tháng được công khai."
)


def checks(page: Page) -> None:
    """A text with slips, and a picture of which nothing is said yet."""
    open_new(page, "Sở sơ kết sáu tháng đầu năm", SLIPS)
    with page.expect_file_chooser() as chooser:
        page.click(".editor-bar [aria-label='Tải ảnh lên và chèn vào bài']")
    chooser.value.set_files(
        {"name": "hoi nghi.jpg", "mimeType": "image/jpeg", "buffer": jpeg("meeting")}
    )
    page.wait_for_selector(".checks-group--errors >> text=văn bản thay thế")
    page.wait_for_selector(".checks-act--fix >> nth=3")
    page.set_viewport_size({"width": 1280, "height": 1800})
    page.evaluate("scrollTo(0, 0)")
    write(page, "checks", clip=box_of(page, ".checks-box"))
    page.set_viewport_size(DESKTOP)


def kept_copy(page: Page) -> Page:
    """What is kept of the article before."""
    page.wait_for_selector(".autosave-status >> text=giữ lúc")
    page = fresh(page)
    page.goto("/admin/news/article/add/")
    page.wait_for_selector(".kept-copies li")
    write(page, "kept-copy", clip=box_of(page, ".kept-copies"))
    return page


def word_file() -> dict:
    """A Word file as a reporter sends it, with a drawing that no site can show."""
    body = [
        p("SỞ KHAI TRƯƠNG PHÒNG TRƯNG BÀY SẢN PHẨM OCOP", style="Title"),
        p(
            "Sáng nay, Sở đưa vào hoạt động phòng trưng bày sản phẩm OCOP, mở cửa miễn "
            "phí cho người dân.",
            bold=True,
        ),
        p("Phòng trưng bày giới thiệu chín mươi sản phẩm của mười hai xã, phường."),
        p(drawing("a1", "Khách xem các gian hàng")),
        p("Khách tham quan trong ngày đầu", italic=True, align="center"),
        p("Trong tháng đầu, nông dân được hướng dẫn truy xuất nguồn gốc."),
        p(drawing("a2", "Các giỏ cam có tem mã")),
        p("Cam có mã truy xuất", italic=True, align="center"),
        p(drawing("ve")),
        p("Bảng 1: Giờ mở cửa"),
        table(["Ngày", "Giờ"], ["Thứ Hai đến thứ Sáu", "8 giờ"], header=True),
        p("Lan Hương", align="right"),
    ]
    pictures = {"a1": jpeg("exhibition"), "a2": jpeg("orchard"), "ve": emf()}
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    return {
        "name": "khai truong phong trung bay.docx",
        "mimeType": kind,
        "buffer": docx(*body, pictures=pictures),
    }


def word_review(page: Page) -> None:
    page.goto("/admin/news/article/word/")
    page.set_input_files("#word-files", word_file())
    page.click("text=Tải lên và duyệt")
    page.wait_for_selector(".ProseMirror figure >> nth=1")
    page.set_viewport_size({"width": 1280, "height": 1480})
    wait_for_pictures(page, ".ProseMirror img")
    write(page, "word-review")
    page.set_viewport_size(DESKTOP)


def library(page: Page) -> None:
    page.goto("/admin/news/image/?o=5")  # the emblems, which came last, stand last
    page.set_viewport_size({"width": 1280, "height": 1160})
    wait_for_pictures(page, "#result_list img", 8)
    write(page, "library")
    page.set_viewport_size(DESKTOP)
    page.click("#result_list th a >> text=Vịnh")
    page.click(".focal-whole img", position={"x": 275, "y": 215})
    page.set_viewport_size({"width": 1280, "height": 1300})
    page.evaluate("scrollTo(0, 0)")
    write(page, "focal", clip=box_of(page, ".focal"))
    page.set_viewport_size(DESKTOP)


def conflict(page: Page, other: Page) -> None:
    """`other` saves the article while it is open in `page`."""
    for writer in (page, other):
        open_first(writer, "/admin/news/article/?state=in_review")
    lead = other.input_value("[name=sapo]")
    other.fill("[name=sapo]", f"{lead} Thời hạn góp ý: hết tháng 12/2026.")
    other.click("[name=_continue] >> visible=true")
    other.wait_for_selector(".messagelist .success")
    page.fill("[name=title]", page.input_value("[name=title]") + ": lấy ý kiến")
    page.click("[name=_continue] >> visible=true")
    page.wait_for_selector(".conflict")
    page.set_viewport_size({"width": 1280, "height": 1300})
    write(page, "conflict", clip=box_of(page, ".conflict"))
    page.set_viewport_size(DESKTOP)


def phone(page: Page) -> None:
    open_first(page, "/admin/news/article/?state=in_review")
    write(page, "phone")


def main() -> None:
    chromium = os.environ.get("CHROMIUM") or next(
        filter(
            None,
            map(shutil.which, ("chromium", "chromium-browser", "google-chrome")),
        ),
        None,
    )
    if chromium is None:
        raise SystemExit("No Chromium was found (Debian: apt-get install chromium).")
    IMAGES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="screenshots-") as folder,
        demo_site(Path(folder)) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)

        def new_page(viewport):
            context = browser.new_context(
                base_url=address,
                viewport=viewport,
                locale="vi-VN",
                timezone_id="Asia/Ho_Chi_Minh",
                user_agent=AGENT,
            )
            return context.new_page()

        public_pages(new_page(DESKTOP))
        page = new_page(DESKTOP)
        sign_in(page, "thuky")
        desk_and_lists(page)
        library(page)
        word_review(page)
        article_form(page)
        page = fresh(page)
        windows(page)
        page = fresh(page)
        checks(page)
        page = kept_copy(page)
        other = new_page(PHONE)
        sign_in(other, "bientap")
        open_first(page, "/admin/news/article/?state=in_review")
        phone(other)
        conflict(page, other)
        browser.close()


if __name__ == "__main__":
    main()
