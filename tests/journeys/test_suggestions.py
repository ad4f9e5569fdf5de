"""Suggestions while a reader types: by keyboard, by pressing, and never in the way."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def phrase(server):
    """Return the beginning of a title as typed without accents, and its article."""
    return server.python(
        "import json; from news.models import Article; from search.text import fold;"
        "a = Article.objects.published().newest_first()[12];"
        "print(json.dumps({'typed': fold(' '.join(a.title.split()[:3]))[:-1],"
        "'title': a.title, 'url': a.get_absolute_url()}))"
    )


def box_of(page, form=".sidebar form"):
    return page.locator(f"{form}[role=search] [name=q]")


def options_of(page):
    return page.locator(".suggestions [role=option]")


@pytest.mark.parametrize("width", [1280, 390])
def test_an_article_is_chosen_by_keyboard(new_page, phrase, width):
    page = new_page(width=width)
    page.goto("/")
    box = box_of(page)
    box.press_sequentially(phrase["typed"])
    option = options_of(page).filter(has_text=phrase["title"])
    expect(option).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(page.locator(".sidebar [role=search] [role=status]")).to_have_text(
        re.compile(r"^\d gợi ý$")
    )
    assert option.bounding_box()["height"] >= 44
    for _ in range(options_of(page).count()):
        box.press("ArrowDown")
        chosen = page.locator(f"[id='{box.get_attribute('aria-activedescendant')}']")
        expect(chosen).to_have_attribute("aria-selected", "true")
        if chosen.inner_text() == phrase["title"]:
            break
    result = Axe().run(page)
    assert result.violations_count == 0, result.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(box).to_have_value(phrase["typed"])
    box.press("Enter")
    page.wait_for_url(f"**{phrase['url']}")


def test_an_article_is_chosen_by_pressing_it(new_page, phrase):
    page = new_page()
    page.goto("/tim-kiem/")
    box_of(page, "main form").press_sequentially(phrase["typed"])
    options_of(page).filter(has_text=phrase["title"]).click()
    page.wait_for_url(f"**{phrase['url']}")


def test_a_phrase_is_searched_for_with_the_filters_of_the_form(new_page):
    page = new_page()
    answer = {
        "status": "1 gợi ý",
        "suggestions": [{"text": "chuyển đổi số", "url": ""}],
    }
    page.route("**/tim-kiem/goi-y/?*", lambda route: route.fulfill(json=answer))
    page.goto("/tim-kiem/?tu-ngay=01/01/2020")
    box = box_of(page, "main form")
    box.press_sequentially("chuyen d")
    expect(options_of(page)).to_have_count(1)
    box.press("ArrowUp")  # from the box to the last
    box.press("Enter")
    page.wait_for_url("**/tim-kiem/?q=chuy*&tu-ngay=01*")
    expect(box_of(page, "main form")).to_have_value("chuyển đổi số")


def test_escape_and_leaving_keep_what_was_typed(new_page, phrase):
    page = new_page()
    page.goto("/")
    box, options = box_of(page), options_of(page)
    box.press_sequentially(phrase["typed"])
    expect(options.first).to_be_visible()
    box.press("Escape")
    expect(options.first).to_be_hidden()
    expect(box).to_have_value(phrase["typed"])
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    box.press("Home")  # moves in the text, and leaves the list
    expect(box).to_have_attribute("aria-activedescendant", "")
    box.press("Tab")
    expect(options.first).to_be_hidden()
    expect(box).to_have_value(phrase["typed"])


def test_an_input_method_at_work_and_a_failing_server_disturb_nothing(new_page, phrase):
    page = new_page(strict=False)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/")
    box = box_of(page)
    box.focus()
    keys = page.context.new_cdp_session(page)
    keys.send(
        "Input.imeSetComposition",
        {"text": phrase["typed"], "selectionStart": 9, "selectionEnd": 9},
    )
    page.wait_for_timeout(400)
    assert not any("goi-y" in url for url in asked)
    with page.expect_response("**/goi-y/*"):
        keys.send("Input.insertText", {"text": phrase["typed"]})
    expect(options_of(page).first).to_be_visible()
    page.route("**/goi-y/*", lambda route: route.abort())
    box.press("End")
    with page.expect_event("requestfailed"):
        box.press_sequentially("x")
    expect(options_of(page).first).to_be_hidden()
    box.press("Enter")
    page.wait_for_url("**/tim-kiem/?q=*x&*")
