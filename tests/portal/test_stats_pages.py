"""The visit figures where they meet articles, readers, settings and the audit log."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from news.models import Attachment, Author
from portal import generation, stats_objects
from portal.audit.models import AuditEntry
from portal.models import SiteSettings
from stats import clock, dashboard, demo, health, ledger, recent, top, totals
from stats.models import Day, PageDay, PageTotal
from tests.factories import make_article, make_category, make_unit
from tests.news.conftest import login, make_user

pytestmark = pytest.mark.django_db
READ = "/admin/thong-ke/duoc-doc/"


@pytest.fixture(autouse=True)
def spool_dir(tmp_path, settings):
    settings.SPOOL_DIR = tmp_path / "spool"
    totals.forget()
    yield
    totals.forget()


def read(kind: str, number: int, views: int) -> None:
    day = clock.days_before(clock.today(), 1)
    PageDay.objects.create(
        day=day, kind=kind, object_id=number, views=views, visits=views
    )
    PageTotal.objects.create(kind=kind, object_id=number, views=views, last_day=day)


@pytest.fixture
def library():
    """Articles of two categories, one below the other, with unit and author."""
    outer = make_category(name="Ngoài")
    inner = make_category(name="Trong", parent=outer)
    unit = make_unit(name="Phòng Kế hoạch")
    author = Author.objects.create(name="Minh Hà")
    articles = {
        "a": make_article(title="Bài A", category=outer, author=author),
        "b": make_article(title="Bài B", category=inner, signature_unit=unit),
        "c": make_article(title="Bài C", category=inner, author_text="Cộng tác viên"),
    }
    for name, views in (("a", 5), ("b", 20), ("c", 75)):
        read("article", articles[name].pk, views)
    read("article", 999_999, 10)  # deleted since
    recent.rebuild(clock.days_before(clock.today(), 1))
    return articles


def shown(**asked) -> list[tuple[str, int]]:
    client = login(make_user("administrator"))
    answer = client.get(READ, asked)
    assert answer.status_code == 200
    return [(row.label, row.views) for row in answer.context["rows"]]


def test_articles_are_listed_by_recent_reading_the_deleted_one_too(library):
    assert shown() == [
        ("Bài C", 75),
        ("Bài B", 20),
        ("Đã xoá (999999)", 10),
        ("Bài A", 5),
    ]


def test_views_of_articles_are_grouped_by_what_they_have_in_common(library):
    assert shown(list="by-category") == [
        ("Trong", 95),
        ("(không ghi)", 10),
        ("Ngoài", 5),
    ]
    assert shown(list="by-unit") == [("(không ghi)", 90), ("Phòng Kế hoạch", 20)]
    assert shown(list="by-author") == [
        ("Cộng tác viên", 75),
        ("(không ghi)", 30),
        ("Minh Hà", 5),
    ]


def test_a_category_narrows_with_all_below_it(library):
    outer, inner = library["a"].category, library["b"].category
    assert len(shown(category=outer.pk)) == 3
    assert shown(category=inner.pk) == [("Bài C", 75), ("Bài B", 20)]
    unit = library["b"].signature_unit
    assert shown(category=inner.pk, unit=unit.pk) == [("Bài B", 20)]
    assert shown(author="Minh Hà", list="by-category") == [("Ngoài", 5)]


@pytest.mark.parametrize(
    "asked", [{"category": "x"}, {"unit": "0"}, {"list": "salts"}, {"days": "8"}]
)
def test_a_choice_that_is_none_lists_nothing(library, asked):
    client = login(make_user("administrator"))
    answer = client.get(READ, asked)
    assert answer.context["form"].errors and not answer.context["rows"]
    assert client.get(f"{READ}csv/", asked).status_code == 404


def test_downloads_have_the_titles_of_their_files(library):
    attached = Attachment.objects.create(
        article=library["a"], title="Kế hoạch", file_name="a.pdf"
    )
    read("download", attached.pk, 4)
    recent.rebuild(clock.days_before(clock.today(), 1))
    assert shown(list="download") == [("Kế hoạch", 4)]
    assert [row.label for row in dashboard.build(30).downloads] == ["Kế hoạch"]


def test_the_first_page_groups_as_the_lists_do(library):
    live = top.groups("article", top.last_days("article", 30))
    assert dashboard.build(30).groups == live and len(live) == 3
    # An article that moved takes its views along with the next night.
    moved = library["c"]
    moved.category = library["a"].category
    moved.save()
    recent.rebuild(clock.days_before(clock.today(), 1))
    first = dashboard.build(30).groups["category"][0]
    assert (first.label, first.views) == ("Ngoài", 80)


def test_groups_add_up_to_all_views(library):
    for rows in top.groups("article", top.last_days("article", 30)).values():
        assert sum(row.views for row in rows) == 110
        assert abs(sum(row.share for row in rows) - 100) < 0.001


def test_what_is_taken_away_is_in_the_audit_log(library):
    user = make_user("administrator")
    client = login(user)
    for address in (
        f"{READ}csv/?list=by-unit",
        "/admin/thong-ke/bao-cao/xlsx/?ky=2026-01",
        "/admin/thong-ke/xuat/?table=days&first=1/1/2026&last=2/1/2026&form=json",
    ):
        before = AuditEntry.objects.filter(action="exported").count()
        answer = client.get(address)
        b"".join(answer)  # to its end
        assert answer.status_code == 200
        entry = AuditEntry.objects.filter(action="exported").latest("pk")
        assert AuditEntry.objects.filter(action="exported").count() == before + 1
        assert (entry.user, entry.object_type) == (user, "stats.day")


def test_the_list_of_articles_is_sorted_by_views(library):
    client = login(make_user("administrator"))
    listing = reverse("admin:news_article_changelist")
    number = 1 + [  # the column's, counted from the box that chooses rows
        *("action_checkbox", "title", "state_now", "category", "views"),
    ].index("views")
    for order, wanted in ((f"-{number - 1}", "cba"), (str(number - 1), "abc")):
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(listing, {"o": order})
        found = [article.title for article in answer.context["cl"].result_list]
        assert found == [library[name].title for name in wanted]
        counts = [q for q in asked if '"stats_page_total"."views"' in q["sql"]]
        assert len(counts) <= 3  # the order, and the numbers of the shown page


def test_the_form_of_an_article_shows_how_it_was_read(library):
    client = login(make_user("administrator"))

    def page(article):
        return client.get(reverse("admin:news_article_change", args=[article.pk]))

    assert "75 lượt xem, 90 ngày qua 75" in page(library["c"]).content.decode()
    unread = page(make_article())
    assert "article-reading" not in unread.content.decode()


def test_whoever_looks_after_the_figures_proves_them(library):
    client = login(make_user("secretary"))
    answer = client.post(reverse("stats:check"), follow=True)
    verified = health.health().verified
    assert verified.checks >= 5 and verified.wrong  # views by page without their day
    assert "Những tổng sau không khớp" in answer.content.decode()
    Day.objects.create(day=clock.days_before(clock.today(), 1), views=110, visits=110)
    client.post(reverse("stats:check"))
    assert "theo giờ" in " ".join(health.health().verified.wrong)


def test_the_command_leaves_its_verdict_for_the_page():
    assert health.health().verified is None
    call_command("stats_verify", verbosity=0)
    assert health.health().verified.wrong == []


# The public page


def test_the_public_page_tells_what_the_total_is_made_of(client):
    yesterday = clock.days_before(clock.today(), 1)
    Day.objects.create(day=yesterday - timedelta(days=1), visits=1000, views=3000)
    Day.objects.create(day=yesterday, visits=234, views=900)
    Day.objects.create(day=clock.today(), visits=5_555_555, views=5_555_555)
    ledger.set_opening_balance(1_389_678, yesterday, "Trang cũ")
    page = client.get("/thong-ke-truy-cap/").content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    for figure in ("1.389.678", "1.234", "1.390.912", f"{yesterday:%d/%m/%Y}"):
        assert figure in main
    assert "5.555.555" not in main  # today is not over
    assert "<svg" in main and "<table" in main


def test_readers_get_no_cookie_from_it_and_find_it(client):
    answer = client.get("/thong-ke-truy-cap/")
    assert not answer.cookies and "Cookie" not in answer.get("Vary", "")
    link = 'href="/thong-ke-truy-cap/"'
    assert link in client.get("/").content.decode()
    assert link in client.get("/so-do-trang/").content.decode()
    assert (
        "/thong-ke-truy-cap/" in client.get("/sitemap-danh-sach-1.xml").content.decode()
    )


def test_the_page_of_a_site_without_a_visit_is_whole(client):
    assert client.get("/thong-ke-truy-cap/").status_code == 200


# What the public numbers count


def test_the_settings_choose_what_is_counted(client):
    demo.write_demo_days(1, 3, [("article", 1)])
    Day.objects.create(day=clock.today(), visits=7, views=19)
    assert totals.read().today == 7
    site = SiteSettings.load()
    site.public_metric = "views"
    site.save()
    assert totals.read().today == 19
    assert "Lượt xem 30 ngày qua" in client.get("/thong-ke-truy-cap/").content.decode()


def test_the_choice_is_asked_for_once_in_a_generation():
    SiteSettings(public_metric="views").save()
    generation.refresh()
    assert stats_objects.public_metric() == "views"
    with CaptureQueriesContext(connection) as asked:
        assert stats_objects.public_metric() == "views"
    assert not asked
    SiteSettings(public_metric="visits").save()
    generation.refresh()
    assert stats_objects.public_metric() == "visits"


@pytest.mark.parametrize("metric", ["Visits", "salt", ""])
def test_another_unit_cannot_be_stored_in_the_form(metric):
    client = login(make_user("administrator"))
    site = SiteSettings.load()
    site.save()
    address = reverse("admin:portal_sitesettings_change", args=[1])
    client.post(address, {"name": "Sở", "review_level": "one", "public_metric": metric})
    assert SiteSettings.load().public_metric == "visits"
