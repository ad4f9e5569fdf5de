"""Take the pictures of README.md and docs/editors.md from a demo site of its own.

    python -m docs.screenshots

Run it in the folder of the checkout, after a change of what the pictures show.
Needs the packages of requirements-dev.txt and Chromium (CHROMIUM=path when it has
another name). It starts a site with a new folder and database on a free loopback
port, which takes about a minute, replaces docs/images/*.png and ends the site.
"""

import io
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
MAX_BYTES = 150_000
COLOURS = (256, 128, 64, 32)
PASSWORD = secrets.token_urlsafe(18)
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
START_SECONDS = 300


# The site


@contextmanager
def demo_site(folder: Path):
    """Yield the address of a running demo site; end it afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {k: os.environ[k] for k in ("PATH", "HOME", "LANG") if k in os.environ}
    environment = kept | {
        "PORT": str(port),
        "DATA_DIR": str(folder / "data"),
        "STATIC_ROOT": str(folder / "static"),
        "DEMO": "1",
        "DEMO_PASSWORD": PASSWORD,
        "ADMIN_PASSWORD": PASSWORD,
    }
    log = folder / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "portal.serve"],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,  # its workers end with it
        )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(f"{address}/readyz", server, log)
        yield address
    finally:
        end(server)


def wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310
                return
        except OSError:
            time.sleep(0.3)
    raise SystemExit(f"The demo site did not start:\n{log.read_text()[-3000:]}")


def end(server: subprocess.Popen) -> None:
    if server.poll() is not None:
        return
    os.killpg(server.pid, signal.SIGTERM)
    try:
        server.wait(timeout=20)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


# The pictures


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
    page.set_viewport_size(DESKTOP)


def article_form(page: Page) -> None:
    open_first(page, "/admin/news/article/?state=in_review")
    write(page, "article-form")
    page.click(".editor-bar button >> nth=0")  # the first button: insert a picture
    page.fill("#library-search", "hoi")  # without accents; logos are left out
    page.wait_for_selector(".library-card >> text=Hội trường")
    page.wait_for_function(
        "[...document.querySelectorAll('.library-card img')].slice(0, 15)"
        ".every((image) => image.complete)"
    )
    write(page, "picker", clip=box_of(page, "dialog[open]"))
    page.click(".library-card >> text=Hội trường")
    page.fill("#library-caption", "Toàn cảnh hội nghị sáng 23/11.")
    write(page, "picture-words", clip=box_of(page, "dialog[open]"))


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
        article_form(page)
        page = new_page(PHONE)
        sign_in(page, "bientap")
        phone(page)
        browser.close()


if __name__ == "__main__":
    main()
