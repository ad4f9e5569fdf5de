"""A slow phone: what it takes, and that nothing moves while it reads.

Times are measured by bench.phone and asserted nowhere.
"""

import io

import pytest
from PIL import Image

from bench import phone, weight
from news.images import PHONE_MAX_BYTES

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def pages(server):
    return weight.pages(server.url)


def on_phone(new_page, density=3):
    options = {**phone.PHONE, "device_scale_factor": density}
    size = options.pop("viewport")
    options.pop("locale")
    return new_page(**size, **options)


@pytest.mark.parametrize("density", [2, 3])
@pytest.mark.parametrize("name", ["home", "article"])
def test_the_lead_picture_is_small_and_sharp_on_a_phone(new_page, pages, name, density):
    page = on_phone(new_page, density)
    page.goto(pages[name], wait_until="load")
    shown = page.locator("main img").first
    address, room = shown.evaluate("(img) => [img.currentSrc, img.clientWidth]")
    assert shown.get_attribute("fetchpriority") == "high"
    file = weight.fetch(address).body
    assert len(file) <= PHONE_MAX_BYTES
    with Image.open(io.BytesIO(file)) as picture:
        assert picture.format == "AVIF"
        assert 2 * room <= picture.width <= 3 * room


@pytest.mark.parametrize("name", ["home", "article", "category", "search"])
def test_nothing_moves_while_a_slow_phone_reads(new_page, pages, name):
    page = on_phone(new_page)
    page.context.add_init_script(phone.WATCH)
    phone.slow_down(page)
    reading = phone.read(page, pages[name])
    assert reading.lcp > 0, "the observers saw something"
    assert reading.shift == 0, reading.shifted


@pytest.mark.parametrize("name", ["home", "article"])
def test_a_font_that_comes_late_moves_nothing(new_page, pages, name):
    """Text keeps the font it was painted in, on devices without Arial or Roboto too."""
    page = on_phone(new_page)
    page.context.add_init_script(phone.WATCH)
    waiting = []
    page.route("**/*.woff2", lambda route: waiting.append(route))
    page.goto(pages[name], wait_until="commit")
    while not page.evaluate("window.seen.fcp"):
        page.wait_for_timeout(50)
    page.wait_for_timeout(500)  # every line is there, in the device's font
    assert waiting, "painted before its fonts"
    for font in waiting:
        font.continue_()
    page.wait_for_load_state("load")
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(500)  # a shift is told in the frame after it
    assert page.evaluate("seen.shifts") == []
