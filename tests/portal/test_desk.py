"""The first page of the back office."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone

from news import front_lists, hooks, publishing, saving
from news.models import Article, State
from news.workflow import Act, Level
from portal import desk, desk_health, desk_piles, health
from portal.models import MenuItem, Notice, SiteSettings, WorkEvent
from portal.notices import mail
from portal.notices.models import Kind
from search import attachment_text, indexing
from stats import clock, totals
from stats import health as visits
from stats.models import Day
from tests.factories import make_article, make_category, make_list_entry
from tests.news.conftest import ROLES, login, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_spool(settings, tmp_path):
    """Visits that other tests left unread are no fault of this site."""
    settings.SPOOL_DIR = tmp_path / "spool"


def piles(user) -> dict[str, desk_piles.Pile]:
    return {pile.name: pile for pile in desk.prepare(user).piles}


@pytest.fixture
def two_steps(monkeypatch):
    monkeypatch.setattr(hooks, "review_level", lambda user=None: Level.TWO)


def test_an_editor_sees_what_waits_the_oldest_first():
    editor = make_user("editor")
    waiting = [make_article(state=State.IN_REVIEW) for _ in range(2)]
    make_article(state=State.DRAFT)
    assert piles(editor)["waiting"].articles == waiting


def test_what_waits_for_me_leaves_out_what_i_submitted(two_steps):
    editor = make_user("editor")
    make_article(state=State.IN_REVIEW, submitted_by=editor)
    mine = make_article(state=State.APPROVED, submitted_by=make_user("reporter"))
    pile = piles(editor)["waiting"]
    assert pile.articles == [mine]
    assert "đã duyệt, chờ xuất bản" in pile.rows[0].small


def test_what_waits_for_me_keeps_to_my_sections():
    section = make_category()
    editor = make_user("editor")
    editor.categories.add(section)
    make_article(state=State.IN_REVIEW)
    mine = make_article(state=State.IN_REVIEW, category=section)
    assert piles(editor)["waiting"].articles == [mine]


def test_an_emergency_publication_waits_for_another(two_steps):
    first, second = make_user("editor"), make_user("editor")
    article = make_article(emergency_by=first, emergency_at=timezone.now())
    assert piles(second)["urgent"].articles == [article]
    assert "urgent" not in piles(first)


def test_a_reporter_sees_the_own_drafts_and_nothing_of_others():
    reporter = make_user("reporter")
    mine = make_article(state=State.DRAFT, created_by=reporter)
    make_article(state=State.DRAFT, created_by=make_user("reporter"))
    make_article(published_at=timezone.now() + timedelta(hours=1), title="Hẹn giờ")
    found = piles(reporter)
    assert found["drafts"].articles == [mine]
    assert found["scheduled"].articles == []
    assert "waiting" not in found


def test_what_was_returned_says_who_did_and_why():
    reporter = make_user("reporter")
    editor = make_user("editor", last_name="Trần", first_name="Bình")
    article = make_article(state=State.DRAFT, published_at=None, created_by=reporter)
    for reason in ("Lý do cũ", "Thiếu ảnh.\n" + "Xem lại đoạn hai. " * 20):
        publishing.submit(article, user=reporter)
        publishing.give_back(article, user=editor, note=reason)
    (row,) = piles(reporter)["returned"].rows
    assert row.reason.startswith("Thiếu ảnh. Xem lại đoạn hai.")
    assert row.reason.endswith("…")
    assert len(row.reason) < 130
    assert "Trần Bình" in row.small
    assert "returned" not in [p.name for p in desk.prepare(editor).piles if p.rows]


def test_scheduled_articles_and_revisions_stand_in_the_order_of_their_time():
    now = timezone.now()
    later = make_article(published_at=now + timedelta(days=2))
    sooner = make_article(published_at=now + timedelta(hours=1))
    live = make_article()
    between = make_article(
        state=State.APPROVED, revision_of=live, apply_at=now + timedelta(days=1)
    )
    pile = piles(make_user("editor"))["scheduled"]
    assert pile.articles == [sooner, between, later]
    assert pile.rows[1].small.startswith("bản sửa")


def test_what_is_to_be_looked_at_again_is_told_to_writer_and_editors():
    reporter = make_user("reporter")
    today = timezone.localdate()
    mine = make_article(created_by=reporter, review_at=today)
    older = make_article(review_at=today - timedelta(days=9))
    make_article(review_at=today + timedelta(days=1))
    make_article(review_at=today, state=State.WITHDRAWN)
    assert piles(reporter)["stale"].articles == [mine]
    assert piles(make_user("editor"))["stale"].articles == [older, mine]


def test_what_ends_within_seven_days_is_told():
    now = timezone.now()
    soon = make_article(expires_at=now + timedelta(days=6))
    make_article(expires_at=now + timedelta(days=8))
    make_article(expires_at=now - timedelta(minutes=1))
    assert piles(make_user("editor"))["ending"].articles == [soon]
    assert "ending" not in piles(make_user("reporter"))


def test_a_stale_list_is_told_to_those_who_may_order_it():
    old = make_article(published_at=timezone.now() - timedelta(days=30))
    make_list_entry(article=old)
    secretary = make_user("secretary")
    found = desk.prepare(secretary).list_warnings
    assert found == [warning.sentence for warning in front_lists.warnings()]
    assert any("30" in sentence for sentence in found)
    page = login(secretary).get("/admin/").content.decode()
    assert 'id="desk-lists"' in page
    assert desk.prepare(make_user("editor")).list_warnings == []


def test_a_long_pile_shows_a_few_and_counts_all():
    editor = make_user("editor")
    for _ in range(desk_piles.LENGTH + 3):
        make_article(state=State.IN_REVIEW)
    pile = piles(editor)["waiting"]
    assert len(pile.articles) == len(pile.rows) == desk_piles.LENGTH
    assert pile.count == desk_piles.LENGTH + 3
    page = login(editor).get("/admin/").content.decode()
    assert "forme=waiting" in page


def test_a_very_long_pile_is_counted_to_ninety_nine(monkeypatch):
    monkeypatch.setattr(desk_piles, "MOST", desk_piles.LENGTH + 1)
    for _ in range(desk_piles.LENGTH + 4):
        make_article(state=State.IN_REVIEW)
    pile = piles(make_user("editor"))["waiting"]
    assert pile.count_text == f"hơn {desk_piles.LENGTH + 1}"


def test_unread_notices_stand_first():
    editor = make_user("editor")
    for number in range(desk.NOTICES + 1):
        Notice.objects.create(user=editor, title=f"Bài {number}", kind=Kind.PUBLISHED)
    Notice.objects.create(
        user=editor, title="Đã xem", kind=Kind.PUBLISHED, read_at=timezone.now()
    )
    prepared = desk.prepare(editor)
    assert [notice.title for notice in prepared.notices] == [
        f"Bài {number}" for number in range(desk.NOTICES, 0, -1)
    ]
    page = login(editor).get("/admin/").content.decode()
    assert page.index("desk-notices") < page.index("pile-waiting")


def test_an_administrator_reads_what_is_unhealthy_in_his_language(monkeypatch, caplog):
    monkeypatch.setattr(health, "problems", lambda: ["disk: cannot be written"])
    monkeypatch.setattr(mail, "failed_count", lambda: 3)
    monkeypatch.setattr(indexing, "is_outdated", lambda: True)
    monkeypatch.setattr(attachment_text, "stands_still", lambda: True)
    monkeypatch.setattr(desk_health, "LEAST_FREE_BYTES", 2**62)
    late = datetime(2026, 1, 1, tzinfo=UTC)
    state = replace(visits.health(), last_drain=late)
    monkeypatch.setattr("stats.health.health", lambda: state)
    live = make_article(state=State.WITHDRAWN)
    make_article(
        state=State.APPROVED,
        revision_of=live,
        apply_at=timezone.now() - timedelta(minutes=3),
    )
    page = login(make_user("administrator")).get("/admin/").content.decode()
    for words in (
        "Không ghi được vào thư mục dữ liệu.",
        "3 thông báo",
        "Chỉ mục tìm kiếm",
        "Nội dung các tệp đính kèm chưa được đọc",
        "Đĩa sắp đầy",
        "Lượt truy cập hiện không được đếm",
        "Một bản sửa đã duyệt",
    ):
        assert words in page, words
    assert "chạy tốt" not in page


def test_a_check_that_fails_says_so_and_the_desk_stays(monkeypatch):
    def fail():
        raise OSError("no such disk")

    monkeypatch.setattr(desk_health, "_space", fail)
    found = desk.prepare(make_user("administrator")).health
    assert found == ["Không kiểm tra được hết; xem nhật ký để biết lỗi."]


def test_only_administrators_read_of_health_and_of_a_healthy_site_so(monkeypatch):
    monkeypatch.setattr(desk_health, "LEAST_FREE_BYTES", 0)
    monkeypatch.setattr(desk_health, "LEAST_FREE_PART", 0)
    administrator = make_user("administrator")
    assert desk.prepare(administrator).health == []
    assert "chạy tốt" in login(administrator).get("/admin/").content.decode()
    for role in ("reporter", "editor", "secretary"):
        assert desk.prepare(make_user(role)).health is None


def test_an_empty_site_says_what_to_do_first_and_forgets_what_is_done():
    administrator = make_user("administrator")
    steps = desk.prepare(administrator).first_steps
    assert len(steps) == 7
    page = login(administrator).get("/admin/").content.decode()
    for step in steps:
        assert step.url in page
    SiteSettings(name="Sở").save()
    make_list_entry()
    MenuItem.objects.create(label="Lịch", link="/lich-cong-tac/")
    WorkEvent.objects.create(day=timezone.localdate(), content="Họp")
    (left,) = desk.prepare(administrator).first_steps
    assert left.url == "/admin/portal/user/add/"
    make_user("reporter")
    assert desk.prepare(administrator).first_steps == []


def test_visits_are_shown_to_those_who_may_see_them():
    assert desk.prepare(make_user("reporter")).numbers is None
    assert desk.prepare(make_user("secretary")).numbers is not None


def test_a_failing_counter_does_not_take_the_desk_away(monkeypatch):
    def fail():
        raise DatabaseError("no table")

    monkeypatch.setattr("stats.totals.current", fail)
    secretary = make_user("secretary")
    assert desk.prepare(secretary).numbers is None
    assert login(secretary).get("/admin/").status_code == 200


@pytest.mark.parametrize("role", [*ROLES, "stranger"])
def test_every_role_gets_a_desk_whose_links_open(role):
    user = make_user(role)
    client = login(user)
    assert client.get("/admin/").status_code == 200
    prepared = desk.prepare(user)
    piles = [pile for pile in prepared.piles if pile.url]
    for target in [*prepared.shortcuts, *prepared.first_steps, *piles]:
        assert client.get(target.url).status_code == 200, target.url


def test_visits_of_today_stand_beside_yesterdays(steady_totals):
    today = clock.today()
    Day.objects.create(day=today, visits=7)
    Day.objects.create(day=clock.days_before(today, 1), visits=11)
    totals.forget()
    assert desk.prepare(make_user("secretary")).numbers == desk.Numbers(7, 11, 18)


def fill(count: int, user) -> None:
    """Put `count` articles into every pile of an editor."""
    now = timezone.now()
    for _ in range(count):
        other = make_user("reporter")
        make_article(state=State.IN_REVIEW, created_by=other, submitted_by=other)
        make_article(state=State.DRAFT, created_by=user)
        make_article(emergency_by=other, emergency_at=now)
        make_article(published_at=now + timedelta(hours=1), created_by=other)
        make_article(review_at=timezone.localdate(), created_by=other)
        make_article(expires_at=now + timedelta(hours=1), created_by=other)
        returned = make_article(state=State.RETURNED, created_by=user)
        saving.write_revision(returned, user=other, note="Vì", act=Act.RETURN)
        Notice.objects.create(user=user, title="Bài", kind=Kind.PUBLISHED)


def test_the_desk_takes_a_fixed_number_of_queries(
    django_assert_max_num_queries, steady_totals
):
    user = make_user("administrator")
    client = login(user)
    fill(desk_piles.LENGTH + 1, user)
    client.get("/admin/")
    with django_assert_max_num_queries(60) as few:
        page = client.get("/admin/").content.decode()
    assert page.count('class="desk-count"') == 7
    fill(13, user)
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get("/admin/")


def test_with_three_articles_the_desk_takes_no_more_queries_than_with_sixty(
    django_assert_max_num_queries, steady_totals
):
    user = make_user("administrator")
    client = login(user)
    fill(8, user)
    with django_assert_max_num_queries(60) as many:
        client.get("/admin/")
    Article.objects.all().delete()
    Notice.objects.all().delete()
    with django_assert_max_num_queries(len(many.captured_queries)):
        client.get("/admin/")


def test_a_preview_says_whether_readers_see_the_article():
    editor = login(make_user("editor"))
    address = "/admin/news/article/{}/preview/"
    now = timezone.now()
    live = make_article()
    hidden = [
        make_article(state=State.DRAFT),
        make_article(published_at=now + timedelta(hours=1)),
        make_article(expires_at=now - timedelta(seconds=1)),
    ]
    seen = editor.get(address.format(live.pk)).content.decode()
    assert "bài đang hiện ra với bạn đọc" in seen
    for article in hidden:
        page = editor.get(address.format(article.pk)).content.decode()
        assert "chưa hiện ra với bạn đọc" in page
        assert "đang hiện ra" not in page
