"""Searching in a browser: by keyboard and without scripts, narrowing, on paper."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def article(server):
    """Return the facts of a demo article that its words, category and day find."""
    return server.python(
        "import json; from news.models import Article;"
        "from django.utils import timezone; from search.text import fold;"
        "from search.filters import search_form;"
        "a = Article.objects.published().newest_first()[5];"
        "slugs = [slug for slug, _ in search_form().category.field.choices];"
        "day = timezone.localdate(a.published_at);"
        "print(json.dumps({'title': a.title, 'category': a.category.name,"
        "'place': slugs.index(a.category.slug), 'day': day.strftime('%d/%m/%Y'),"
        "'words': ' '.join(fold(a.title).split()[:5])}))"
    )


def tab_to(page, locator) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if locator.evaluate("e => e === document.activeElement"):
            return
    raise AssertionError(f"no key leads to {locator}")


def total(page) -> int:
    return int(re.search(r"\d+", page.locator(".found__count").inner_text())[0])


def test_keyboard_alone_finds_an_article_without_scripts(new_page, article):
    page = new_page(java_script_enabled=False)
    page.goto("/tim-kiem/")
    tab_to(page, page.locator("main [name=q]"))
    page.keyboard.type(article["words"])
    page.keyboard.press("Tab")
    for _ in range(article["place"]):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("31/02/2021")
    page.keyboard.press("Enter")
    # The mistake leads to its field, which keeps what was typed.
    tab_to(page, page.locator(".mistakes a"))
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    field = page.locator("main [name=tu-ngay]")
    if not field.evaluate("e => e === document.activeElement"):
        page.keyboard.press("Shift+Tab")
    expect(field).to_be_focused()
    expect(field).to_have_value("31/02/2021")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(article["day"])
    page.keyboard.press("Tab")
    page.keyboard.type(article["day"].replace("/", ""))
    page.keyboard.press("Enter")
    expect(page.locator("main [name=q]")).to_have_value(article["words"])
    expect(page.locator("main option:checked")).to_contain_text(article["category"])
    expect(page.locator(".chips a")).to_have_count(2)
    tab_to(page, page.locator("[href='#ket-qua']"))
    page.keyboard.press("Enter")
    tab_to(page, page.locator(".hit__title a").first)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(article["title"])


def test_categories_and_years_narrow_and_can_be_left(new_page):
    page = new_page()
    page.goto("/tim-kiem/?q=khoa+hoc")
    everything = total(page)
    # Those of the categories and those of the years, some of them folded away
    counts = page.locator(".facet__count").all_text_contents()
    assert sum(map(int, counts)) == 2 * everything
    choice = page.locator(".facets .facet").first.locator("li").first
    name, count = choice.locator("a").inner_text(), choice.locator(".facet__count")
    expected = int(count.inner_text())
    choice.locator("a").click()
    expect(page.locator(".chips a")).to_contain_text(name)
    assert expected <= total(page) < everything
    page.locator(".chips a").click()
    assert total(page) == everything


def test_on_a_phone_the_choices_are_one_link_away_below_the_results(new_page):
    page = new_page(width=390, height=800, java_script_enabled=False)
    page.goto("/tim-kiem/?q=khoa+hoc")
    first_hit, choices = page.locator(".hit").first, page.locator(".facets")
    assert first_hit.bounding_box()["y"] < choices.bounding_box()["y"]
    expect(choices).not_to_be_in_viewport()
    page.locator(".found__narrow").click()
    expect(choices.locator("a").first).to_be_in_viewport()


def test_paper_shows_what_was_searched_when_and_where(new_page):
    page = new_page()
    page.goto("/tim-kiem/?q=khoa+hoc&tu-ngay=01/01/2020")
    page.emulate_media(media="print")
    for gone in (".search-form", ".sidebar", ".found__bar", ".pagination"):
        expect(page.locator(gone).first).to_be_hidden()
    expect(page.locator(".found__count")).to_contain_text("khoa hoc")
    expect(page.locator(".chips")).to_contain_text("Từ ngày 01/01/2020")
    expect(page.locator(".found .print-only")).to_contain_text("In ngày")
    address = page.locator(".hit .print-only").first
    expect(address).to_be_visible()
    expect(address).to_contain_text("/tin-tuc/")
