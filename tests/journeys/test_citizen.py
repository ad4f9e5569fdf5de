"""A reader's way: find an article by category, words and dates, read it, be counted."""

import re
import time

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def article(server):
    """Return the facts of a published demo article with accents in its title."""
    return server.python(
        "import json; from news.models import Article;"
        "from django.utils import timezone; from search.text import fold;"
        "a = Article.objects.published().newest_first()[12];"
        "day = timezone.localdate(a.published_at);"
        "print(json.dumps({'title': a.title, 'url': a.get_absolute_url(),"
        "'category': a.category.slug, 'day': day.strftime('%d/%m/%Y'),"
        "'words': ' '.join(fold(a.title).split()[:5]), 'pk': a.pk}))"
    )


def test_reader_finds_an_article_without_typing_accents(new_page, article):
    page = new_page()
    page.goto("/")
    form = page.locator(".sidebar form[role=search]")
    form.locator("[name=q]").fill(article["words"])
    form.locator("[name=chuyen-muc]").select_option(article["category"])
    form.locator("[name=tu-ngay]").fill(article["day"])
    form.locator("[name=den-ngay]").fill(article["day"].replace("/", ""))
    form.locator("[type=submit]").click()
    main = page.locator("main")
    expect(main.get_by_role("link", name=article["title"])).to_be_visible()
    expect(main.locator("mark").first).to_be_visible()
    # The address can be passed on and says the same again.
    other = new_page(agent=1)
    other.goto(page.url)
    expect(
        other.locator("main").get_by_role("link", name=article["title"])
    ).to_be_visible()
    main.get_by_role("link", name=article["title"]).click()
    expect(page.locator("h1")).to_have_text(article["title"])
    assert page.url.endswith(article["url"])


def test_visit_counter_rises_by_one(new_page, server, article):
    settle(server)
    before = server.visits()
    page = new_page(agent=100)
    page.goto("/")
    page.goto(article["url"])  # the same visit
    after = settle(server, at_least=before["total"] + 1)
    assert after == {"today": before["today"] + 1, "total": before["total"] + 1}
    shown = f"{after['total']:,}".replace(",", ".")
    deadline = time.monotonic() + 30
    while page.locator("[data-visits-total]").inner_text() != shown:
        assert time.monotonic() < deadline  # a reader's number is seconds behind
        page.reload(wait_until="networkidle")


def settle(server, at_least=0) -> dict:
    """Count what is in the spool and return the numbers, once nothing more comes.

    A hit may be on its way from a page that was just closed.
    """
    deadline, seen = time.monotonic() + 60, []
    while time.monotonic() < deadline:
        seen.append(server.visits())
        if seen[-1]["total"] >= at_least and seen[-3:] == [seen[-1]] * 3:
            return seen[-1]
        time.sleep(0.3)
    raise AssertionError(f"not counted: {seen[-1]}")


def test_reader_without_javascript_reads_searches_and_is_counted(
    new_page, server, article
):
    before = settle(server)
    page = new_page(agent=200, java_script_enabled=False)
    page.goto(article["url"])
    expect(page.locator("h1")).to_have_text(article["title"])
    expect(page.locator("[data-visits-total]")).to_have_text(re.compile(r"^[\d.]+$"))
    after = settle(server, at_least=before["total"] + 1)
    assert after["total"] == before["total"] + 1
    form = page.locator(".sidebar form[role=search]")
    form.locator("[name=q]").fill(article["words"])
    form.locator("[type=submit]").click()
    expect(
        page.locator("main").get_by_role("link", name=article["title"])
    ).to_be_visible()


def test_text_size_and_colours_are_remembered(new_page, article):
    page = new_page()
    page.goto(article["url"])
    size = "getComputedStyle(document.querySelector('main p')).fontSize"
    before = page.evaluate(size)
    page.locator("[data-text-size]").last.click()
    page.locator("[data-theme-choice=dark]").click()
    larger, dark = (
        page.evaluate(size),
        page.evaluate("getComputedStyle(document.body).backgroundColor"),
    )
    assert float(larger[:-2]) > float(before[:-2])
    page.reload()
    assert page.evaluate(size) == larger
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark


def test_one_of_the_colours_is_chosen_whatever_the_back_office_kept(new_page):
    """Both keep their choice under one name, in words of their own."""
    page = new_page()
    pressed = page.locator("[data-theme-choice][aria-pressed=true]")
    page.goto("/admin/login/")
    assert page.evaluate("localStorage.theme") == "auto"
    page.goto("/")
    expect(pressed).to_have_attribute("data-theme-choice", "system")
    page.locator("[data-theme-choice=dark]").click()
    page.goto("/admin/login/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/")
    page.locator("[data-theme-choice=system]").click()
    page.goto("/admin/login/")  # and says nothing of a theme it does not know
    expect(page.locator("html")).to_have_attribute("data-theme", "auto")


def test_the_menu_is_open_when_its_button_says_so(new_page):
    page = new_page()
    page.goto("/")
    more = page.locator("[data-menu-more]").first
    items = page.locator(".menu__sub").first
    page.locator(".menu__item:has(.menu__sub) > a").first.focus()
    expect(items).not_to_be_visible()
    expect(more).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(items).to_be_visible()
    expect(more).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Tab")
    assert items.evaluate("list => list.contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(items).not_to_be_visible()
    expect(more).to_be_focused()
    page.keyboard.press("Tab")  # past what is closed
    assert not items.evaluate("list => list.contains(document.activeElement)")


def test_the_menu_opens_without_scripts_where_the_focus_is(new_page):
    page = new_page(java_script_enabled=False)
    page.goto("/")
    page.locator(".menu__item:has(.menu__sub) > a").first.focus()
    expect(page.locator(".menu__sub").first).to_be_visible()


def test_the_steps_of_the_path_stand_on_one_line(new_page):
    page = new_page()
    page.goto("/lich-cong-tac/")
    steps = page.locator(".breadcrumb li > *")
    heights = steps.evaluate_all(
        "all => all.map(step => step.getBoundingClientRect().bottom)"
    )
    assert len(heights) == 2 and heights[0] == heights[1]


def test_the_credit_of_a_picture_stands_in_brackets(new_page, server):
    """A dot before it hung alone at the beginning of a line, or of the caption."""
    address = server.python(
        "import json; from news.models import Article;"
        "a = Article.objects.published().filter(show_cover=True)"
        ".exclude(cover__credit='').first(); print(json.dumps(a.get_absolute_url()))"
    )
    page = new_page()
    page.goto(address)
    ends = "e => ['::before', '::after'].map(p => getComputedStyle(e, p).content)"
    assert page.locator(".credit").first.evaluate(ends) == ['"("', '")"']


@pytest.mark.parametrize("width", [1280, 320])
def test_nothing_comes_from_elsewhere_and_nothing_scrolls_sideways(
    new_page, server, article, width
):
    page = new_page(width=width)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    long_word = "/tim-kiem/?q=" + "khong" * 40
    for path in (
        *("/", article["url"], "/tim-kiem/?q=khoa+hoc", "/lich-cong-tac/"),
        long_word,
    ):
        page.goto(path, wait_until="networkidle")
        overflow = page.evaluate(
            "(e => e.scrollWidth - e.clientWidth)(document.documentElement)"
        )
        assert overflow <= 0, path
    assert all(url.startswith((server.url, "data:")) for url in asked)
    assert page.context.cookies() == []
