"""axe finds no violation on any kind of page, wide and narrow, light and dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.journeys.conftest import sign_in

pytestmark = pytest.mark.browser

PUBLIC = [
    "/",
    "/chuyen-muc/{category}/",
    "{article}",
    "/tin-nong/",
    "/tin-tieu-diem/",
    "/the/{tag}/",
    "/tim-kiem/",
    "/tim-kiem/?q=khoa+hoc",
    "/tim-kiem/?q=kh%C3%B4ngc%C3%B3g%C3%AC&tu-ngay=31/02/2026",
    "/tim-kiem/?q=kh%C3%B4ngc%C3%B3g%C3%AC+05/2021",
    "/lich-cong-tac/",
    "/lich-cong-tac/2020-W2/",
    "/trang/{page}/",
    "/so-do-trang/",
    "/thong-ke-truy-cap/",
    "/khong-co-trang-nay/",
]
BACK_OFFICE = [
    "/admin/",
    "/admin/thong-bao/",
    "/admin/tinh-trang/",
    "/admin/bao-mat/",
    "/admin/news/article/",
    "/admin/news/article/add/",
    "/admin/news/article/{pk}/change/",
    "/admin/news/article/{pk}/act/reschedule/",
    "/admin/news/article/word/",
    "/admin/news/article/plan/",
    "/admin/news/image/",
    "/admin/news/listentry/",
    "/admin/portal/workevent/add/",
    "/admin/portal/menuitem/",
    "/admin/portal/menuitem/{menu}/change/",
    "/admin/thong-ke/",
    "/admin/thong-ke/duoc-doc/",
    "/admin/thong-ke/bao-cao/",
    "/admin/thong-ke/xuat/",
]
# Made of the same parts: one look, the narrow and dark one, is enough.
ACCOUNTS = [
    "/admin/phien/",
    "/admin/phien/moi-nguoi/",
    "/admin/phien/khoa/",
    "/admin/password_change/",
    "/admin/portal/auditentry/",
    "/admin/portal/user/",
    "/admin/portal/user/add/",
    "/admin/portal/user/{user}/change/",
    "/admin/auth/group/{group}/change/",
    "/admin/portal/sitesettings/",
]
# Colours do not depend on the width.
LOOKS = [(1280, "light"), (1280, "dark"), (320, "light")]


@pytest.fixture(scope="session")
def places(server):
    return server.python(
        "import json; from news.models import *;"
        "from portal.models import MenuItem, Page, User;"
        "from django.contrib.auth.models import Group;"
        "a = next(a for a in Article.objects.published().newest_first()"
        " if '<table' in a.body and '<figure' in a.body);"
        "print(json.dumps({'article': a.get_absolute_url(), 'pk': a.pk,"
        "'category': a.category.slug, 'page': Page.objects.first().slug,"
        "'user': User.objects.get(username='bientap').pk,"
        "'group': Group.objects.first().pk,"
        "'menu': MenuItem.objects.filter(children__isnull=False).first().pk,"
        "'tag': Tag.objects.filter(articles__isnull=False).first().slug}))"
    )


def check(page, path):
    result = Axe().run(page)
    assert result.violations_count == 0, f"{path}\n{result.generate_report()}"


# Not strict: axe itself adds styles to some pages, which the policy refuses.
@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_public_pages_have_no_violation(new_page, places, width, scheme):
    page = new_page(width=width, strict=False, color_scheme=scheme)
    for path in PUBLIC:
        path = path.format(**places)
        page.goto(path, wait_until="networkidle")
        check(page, path)


@pytest.mark.parametrize(
    ("width", "scheme", "paths"),
    [*((*look, BACK_OFFICE) for look in LOOKS), (320, "dark", ACCOUNTS)],
)
def test_back_office_has_no_violation(new_page, places, width, scheme, paths):
    page = new_page(width=width, strict=False, color_scheme=scheme)
    page.goto("/admin/login/")
    check(page, "login")
    sign_in(page, "admin")
    for path in paths:
        path = path.format(**places)
        page.goto(path, wait_until="networkidle")
        check(page, path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_no_page_reports_an_error_or_breaks_the_policy(new_page, places):
    page = new_page()  # strict
    sign_in(page, "admin")
    for path in PUBLIC[:-1] + BACK_OFFICE + ACCOUNTS:
        page.goto(path.format(**places), wait_until="networkidle")


def style(locator, name, of=None):
    return locator.evaluate(
        "(element, [name, of]) => getComputedStyle(element, of)[name]", [name, of]
    )


def test_buttons_keep_an_edge_where_colours_are_forced(new_page):
    page = new_page(forced_colors="active")
    sign_in(page, "admin")
    for path, buttons in (
        ("/admin/news/article/add/", ".article-buttons .button"),
        ("/admin/news/article/", ".object-tools a"),
        ("/admin/portal/menuitem/add/", ".submit-row input"),
    ):
        page.goto(path)
        for button in page.locator(buttons).all():
            assert style(button, "borderTopStyle") == "solid", (path, button)


def test_what_must_be_filled_in_is_marked(new_page):
    page = new_page()
    sign_in(page, "admin")
    page.goto("/admin/news/article/add/")
    expect(page.locator(".required-note")).to_contain_text("*")
    marks = {
        name: style(page.locator(f"label[for=id_{name}]"), "content", "::after")
        for name in ("title", "category", "sapo")
    }
    assert "*" in marks["title"] and "*" in marks["category"]
    assert "*" not in marks["sapo"]
    # Django's own box for it would stand in a line of its own on a phone.
    title = page.locator("label[for=id_title]")
    assert style(title, "display", "::after") == "inline"


def test_the_bar_of_an_article_to_review_is_one_row(new_page):
    page = new_page()
    sign_in(page, "thuky")
    page.goto("/admin/news/article/?state=in_review")
    page.locator("#result_list tbody th a").first.click()
    expect(page.locator(".article-buttons")).to_be_visible()
    tops = page.locator(
        ".article-buttons > button, .article-buttons > details > summary"
    ).evaluate_all("all => all.map(one => Math.round(one.getBoundingClientRect().top))")
    assert len(tops) == 4 and len(set(tops)) == 1


def test_the_links_of_the_head_are_of_one_size_and_apart_from_the_name(new_page):
    page = new_page()
    sign_in(page, "admin")
    tools = page.locator("#user-tools")
    links = tools.locator("a, button[type=submit]").all()
    sizes = {style(one, "fontSize") for one in links}
    assert len(sizes) == 1
    assert style(tools.locator("strong"), "marginRight") != "0px"


def test_only_a_title_looks_like_a_title(new_page, places):
    page = new_page()
    sign_in(page, "admin")
    page.goto(f"/admin/news/article/{places['pk']}/act/withdraw/")
    for field in page.locator("textarea").all():
        assert style(field, "fontWeight") == "400"
    page.goto("/admin/news/article/add/")
    assert style(page.locator("#id_title"), "fontWeight") == "700"


def test_boxes_of_one_form_begin_at_one_edge(new_page):
    page = new_page()
    sign_in(page, "admin")
    page.goto("/admin/portal/user/add/")
    edges = page.locator("#id_username, #id_first_name, #id_password1").evaluate_all(
        "all => all.map((box) => Math.round(box.getBoundingClientRect().x))"
    )
    assert len(edges) == 3 and len(set(edges)) == 1
    page.goto("/admin/portal/workevent/add/")
    lengths = page.locator("#id_content, #id_leader").evaluate_all(
        "all => all.map((box) => Math.round(box.getBoundingClientRect().width))"
    )
    assert len(lengths) == 2 and len(set(lengths)) == 1


def test_the_forms_of_accounts_go_to_the_first_wrong_field(new_page):
    page = new_page()
    sign_in(page, "admin")
    page.goto("/admin/portal/user/add/")
    page.fill("#id_username", "can.bo.moi")
    page.fill("#id_password1", "mot-cau-chi-minh-biet")
    page.fill("#id_password2", "mot-cau-khac")
    page.locator("[name=_save]").click()
    expect(page.locator("#id_password2")).to_be_focused()


def test_words_beside_a_box_and_boxes_only_looked_at(new_page, places):
    page = new_page()
    sign_in(page, "admin")
    page.goto("/admin/news/article/add/")
    beside = page.locator("label[for=id_show_cover]")
    assert beside.evaluate("label => label.getClientRects().length") == 1
    assert beside.bounding_box()["height"] < 36  # one line
    page.goto(f"/admin/news/article/{places['pk']}/change/")  # of a live article
    looked_at = page.locator(".field-further_categories div.readonly")
    assert style(looked_at, "borderTopStyle") == "none"


def test_the_search_box_of_the_lists_looks_like_the_others(new_page):
    page = new_page()
    sign_in(page, "admin")
    page.goto("/admin/news/listentry/")
    assert style(page.locator("#order-q"), "borderTopStyle") == "solid"
