"""The first page of the back office."""

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone

from news.models import State
from portal import desk
from portal.models import MenuItem, SiteSettings, WorkEvent
from tests.factories import make_article, make_list_entry
from tests.news.conftest import ROLES, login, make_user

pytestmark = pytest.mark.django_db


def piles(user) -> dict[str, desk.Pile]:
    return {pile.url.partition("?")[2]: pile for pile in desk.prepare(user).piles}


def test_an_editor_sees_what_waits_the_oldest_first():
    editor = make_user("editor")
    waiting = [make_article(state=State.IN_REVIEW) for _ in range(2)]
    make_article(state=State.DRAFT)
    assert piles(editor)["state=in_review"].articles == waiting


def test_a_reporter_sees_the_own_drafts_and_nothing_of_others():
    reporter = make_user("reporter")
    mine = make_article(state=State.DRAFT, created_by=reporter)
    make_article(state=State.DRAFT, created_by=make_user("reporter"))
    make_article(published_at=timezone.now() + timedelta(hours=1), title="Hẹn giờ")
    found = piles(reporter)
    assert found["writer=me&state=draft"].articles == [mine]
    assert "state=in_review" not in found


def test_scheduled_articles_stand_in_the_order_of_their_time():
    now = timezone.now()
    later = make_article(published_at=now + timedelta(days=2))
    sooner = make_article(published_at=now + timedelta(hours=1))
    make_article()
    assert piles(make_user("editor"))["state=scheduled"].articles == [sooner, later]


def test_a_long_pile_shows_a_few_and_counts_all():
    editor = make_user("editor")
    for _ in range(desk.LENGTH + 3):
        make_article(state=State.IN_REVIEW)
    pile = piles(editor)["state=in_review"]
    assert (len(pile.articles), pile.count) == (desk.LENGTH, desk.LENGTH + 3)
    page = login(editor).get("/admin/").content.decode()
    assert "state=in_review" in page


def test_an_empty_site_says_what_to_do_first_and_forgets_what_is_done():
    administrator = make_user("administrator")
    steps = desk.prepare(administrator).first_steps
    assert len(steps) == 6
    page = login(administrator).get("/admin/").content.decode()
    for step in steps:
        assert step.url in page
    SiteSettings(name="Sở").save()
    make_list_entry()
    MenuItem.objects.create(label="Lịch", link="/lich-cong-tac/")
    WorkEvent.objects.create(day=timezone.localdate(), content="Họp")
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
    for target in [*prepared.shortcuts, *prepared.first_steps, *prepared.piles]:
        assert client.get(target.url).status_code == 200, target.url


def test_the_desk_takes_a_fixed_number_of_queries(
    django_assert_max_num_queries, steady_totals
):
    user = make_user("administrator")
    client = login(user)
    make_article(state=State.IN_REVIEW)
    client.get("/admin/")
    with django_assert_max_num_queries(25) as few:
        client.get("/admin/")
    for _ in range(desk.LENGTH - 1):
        make_article(state=State.IN_REVIEW, created_by=make_user("reporter"))
    with django_assert_max_num_queries(len(few.captured_queries)):
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
