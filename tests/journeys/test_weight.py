"""What a first visit weighs, as the server sends it; no browser is needed.

Bytes are no timings: they are the same on every machine.
"""

import re
from urllib.parse import urljoin, urlsplit

import pytest

from bench import weight

YEAR = 365 * 24 * 3600  # seconds
PAGES = ("home", "article", "category", "search")


@pytest.fixture(scope="module")
def pages(server):
    found = weight.pages(server.url)
    found["results"] = server.url + "/tim-kiem/?q=khoa+hoc"
    return found


def is_kept_for_a_year(answer) -> bool:
    control = answer.headers["cache-control"]
    age = int(re.search(r"max-age=(\d+)", control)[1])
    return age >= YEAR and "public" in control and "immutable" in control


@pytest.mark.parametrize("coding", weight.CODINGS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_with_its_style_and_scripts_stays_within_its_budget(pages, name, coding):
    found = weight.weigh(pages[name], coding, weight.FIRST_SCREEN[name])
    assert found.files["css"] and found.files["js"]
    assert found.page <= weight.PAGE_MAX, found


def test_every_article_of_the_demo_stays_within_the_budget(server):
    addresses = server.python(
        "import json; from news.models import Article;"
        "print(json.dumps([a.get_absolute_url()"
        " for a in Article.objects.published().newest_first()]))"
    )
    assert len(addresses) > 50
    heaviest = max(addresses, key=lambda a: len(weight.fetch(server.url + a).body))
    found = weight.weigh(server.url + heaviest, "gzip")
    assert found.page <= weight.PAGE_MAX, (heaviest, found)


@pytest.mark.parametrize("coding", weight.CODINGS)
@pytest.mark.parametrize("name", PAGES)
def test_the_first_screen_is_complete_after_14_kilobytes(pages, name, coding):
    """Not the HTML alone: also the style and the scripts that painting waits for."""
    found = weight.weigh(pages[name], coding, weight.FIRST_SCREEN[name])
    assert found.first_screen <= weight.FIRST_BYTES, found


def test_fonts_are_two_subsets_of_two_weights_that_block_nothing(pages):
    fonts = weight.fonts(pages["home"])
    names = sorted(urlsplit(font).path.rpartition("/")[2] for font in fonts)
    subsets = [name.split(".")[0].removeprefix("be-vietnam-pro-") for name in names]
    assert subsets == ["latin-400", "latin-700", "vietnamese-400", "vietnamese-700"]
    answers = [weight.fetch(font) for font in fonts]
    assert sum(len(answer.body) for answer in answers) <= weight.FONTS_MAX
    assert all(map(is_kept_for_a_year, answers))
    parts = weight.Parts(weight.fetch(pages["home"]).text)
    sheet = weight.fetch(urljoin(pages["home"], parts.styles[0]["href"])).text
    for face in sheet.split("@font-face")[1:]:
        assert "local(" in face or "font-display: optional" in face


def test_a_preloaded_font_is_one_that_the_style_names(pages):
    """By the same address, or it would be fetched twice."""
    for name in ("home", "article"):
        others = weight.Parts(weight.fetch(pages[name]).text).others
        preloaded = [urljoin(pages[name], o) for o in others if o.endswith(".woff2")]
        assert set(preloaded) <= set(weight.fonts(pages[name]))


@pytest.mark.parametrize("name", (*PAGES, "results"))
def test_nothing_comes_from_another_host(pages, server, name):
    parts = weight.Parts(weight.fetch(pages[name]).text)
    addresses = [urljoin(pages[name], address) for address in parts.addresses]
    assert len(addresses) > 5
    assert not [a for a in addresses if not a.startswith((server.url + "/", "data:"))]


@pytest.mark.parametrize("name", (*PAGES, "results"))
def test_pictures_have_their_room_and_scripts_wait(pages, name):
    parts = weight.Parts(weight.fetch(pages[name]).text)
    assert parts.images and parts.scripts
    for image in parts.images:
        assert int(image["width"]) > 0 and int(image["height"]) > 0, image
    for script in parts.scripts:
        assert script.get("type") == "module" or "defer" in script, script
    first = [i for i in parts.images if i.get("fetchpriority") == "high"]
    assert len(first) <= 1


def test_what_has_a_hash_in_its_name_is_kept_for_a_year(pages):
    parts = weight.Parts(weight.fetch(pages["article"]).text)
    for address in parts.addresses:
        answer = weight.fetch(urljoin(pages["article"], address))
        assert answer.status == 200 and is_kept_for_a_year(answer), address
