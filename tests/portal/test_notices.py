"""Who is told what, when, and what the page of notices does."""

from datetime import timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from news import hooks, permissions, publishing, saving, working_copy
from news.models import Article, State
from news.workflow import Act, Level
from portal.audit.models import AuditEntry
from portal.models import Notice
from portal.notices import people, telling, upkeep, views
from portal.notices.models import Kind
from tests.factories import make_article, make_category
from tests.news.conftest import login, make_user

pytestmark = pytest.mark.django_db
LIST = "/admin/thong-bao/"


@pytest.fixture(autouse=True)
def two_steps(monkeypatch):
    monkeypatch.setattr(hooks, "review_level", lambda user=None: Level.TWO)


@pytest.fixture(autouse=True)
def _no_memory(monkeypatch):
    monkeypatch.setattr(upkeep, "_done_at", None)


@pytest.fixture
def writer():
    return make_user("reporter", last_name="Lê", first_name="An")


@pytest.fixture
def boss():
    return make_user("editor", last_name="Trần", first_name="Bình")


def draft(user, **overrides) -> Article:
    article = make_article(
        state=State.DRAFT, published_at=None, created_by=user, **overrides
    )
    return saving.save_article(article, user=user)


def submitted(user, **overrides) -> Article:
    return publishing.submit(draft(user, **overrides), user=user)


def told(user) -> list[str]:
    """The kinds of what somebody was told, the oldest first."""
    rows = Notice.objects.filter(user=user).order_by("pk")
    return list(rows.values_list("kind", flat=True))


def test_submitted_is_told_to_those_who_may_approve_or_publish_it(writer, boss):
    other, stranger = make_user("reporter"), make_user("stranger")
    root = make_user(is_superuser=True)
    submitted(writer)
    assert told(boss) == told(root) == [Kind.SUBMITTED]
    assert told(writer) == told(other) == told(stranger) == []
    notice = Notice.objects.get(user=boss)
    assert (notice.by_name, notice.read_at) == ("Lê An", None)


def test_submitted_is_not_told_to_somebody_who_left_or_cannot_sign_in(writer):
    gone = make_user("editor", is_active=False)
    outside = make_user("editor")
    type(outside).objects.filter(pk=outside.pk).update(is_staff=False)
    submitted(writer)
    assert told(gone) == told(outside) == []


def test_submitted_is_told_within_the_sections_people_are_limited_to(writer):
    mine, elsewhere = make_category(), make_category()
    below = make_category(parent=mine)
    inside, outside = make_user("editor"), make_user("editor")
    inside.categories.add(mine)
    outside.categories.add(elsewhere)
    submitted(writer, category=below)
    assert told(inside) == [Kind.SUBMITTED]
    assert told(outside) == []


@pytest.mark.parametrize("level", Level)
def test_who_is_told_of_a_submission_is_who_may_act_on_it(level, monkeypatch, writer):
    """The rights read in bulk are those that a rule asked for one by one finds."""
    monkeypatch.setattr(hooks, "review_level", lambda user=None: level)
    section = make_category()
    staff = [writer, make_user("stranger"), make_user(is_superuser=True)]
    for role in ("reporter", "editor", "secretary", "administrator"):
        limited = make_user(role)
        limited.categories.add(make_category())
        staff += [make_user(role), limited]
    only = make_user("reporter")
    only.user_permissions.add(
        ContentType.objects.get_for_model(Article).permission_set.get(
            codename="review_article"
        )
    )
    article = submitted(writer, category=section)
    fresh = {user.pk: type(user).objects.get(pk=user.pk) for user in [*staff, only]}
    able = {
        pk
        for pk, user in fresh.items()
        if any(
            permissions.may(user, article, act) for act in (Act.APPROVE, Act.PUBLISH)
        )
    }
    assert able
    assert {user.pk for user in people.able(article, Act.APPROVE, Act.PUBLISH)} == able
    assert set(Notice.objects.values_list("user", flat=True)) == able - {writer.pk}


def test_returned_is_told_to_the_writer_and_the_submitter_with_the_reason(boss):
    writer, submitter = make_user("reporter"), make_user("editor")
    article = publishing.submit(draft(writer), user=submitter)
    publishing.give_back(article, user=boss, note="Thiếu ảnh của buổi lễ")
    for user in (writer, submitter):
        notice = Notice.objects.get(user=user, kind=Kind.RETURNED)
        assert notice.reason == "Thiếu ảnh của buổi lễ"
        assert notice.by_name == "Trần Bình"
    assert Kind.RETURNED not in told(boss)


def test_a_refused_act_tells_nobody(writer, boss):
    article = submitted(writer)
    Notice.objects.all().delete()
    with pytest.raises(ValidationError):
        publishing.give_back(article, user=boss, note=" ")
    assert not Notice.objects.exists()


def test_approved_is_told_to_the_writer_and_in_the_full_chain_to_publishers(
    monkeypatch, writer, boss
):
    article = submitted(writer)
    third = make_user("secretary")
    publishing.approve(article, user=boss)
    assert told(writer) == [Kind.APPROVED]
    assert told(third) == []
    monkeypatch.setattr(hooks, "review_level", lambda user=None: Level.FULL)
    second = submitted(writer)
    publishing.approve(second, user=boss)
    assert told(third) == [Kind.SUBMITTED, Kind.TO_PUBLISH]
    assert Kind.TO_PUBLISH not in told(boss)


def test_published_and_withdrawn_are_told_to_the_writer(writer, boss):
    article = submitted(writer)
    publishing.publish(article, user=boss)
    publishing.withdraw(article, user=boss, note="Sai số liệu")
    assert told(writer) == [Kind.PUBLISHED, Kind.WITHDRAWN]
    assert Notice.objects.get(kind=Kind.WITHDRAWN).reason == "Sai số liệu"


def test_scheduled_is_told_at_its_act_with_the_time(writer, boss):
    at = timezone.now() + timedelta(days=1)
    publishing.schedule(submitted(writer), user=boss, at=at)
    notice = Notice.objects.get(user=writer)
    assert (notice.kind, notice.goes_out_at) == (Kind.SCHEDULED, at)


def test_nobody_is_told_of_an_act_of_his_own(boss, monkeypatch):
    monkeypatch.setattr(hooks, "review_level", lambda user=None: Level.ONE)
    publishing.publish(draft(boss), user=boss)
    assert told(boss) == []


def test_what_the_site_itself_does_is_told_to_nobody(writer, boss):
    publishing.publish(draft(writer), user=None)
    assert not Notice.objects.exists()


def test_an_emergency_is_told_to_those_who_may_approve_it_afterwards(writer, boss):
    second, reporter = make_user("editor"), make_user("reporter")
    article = draft(writer)
    publishing.publish_urgently(article, user=boss, note="Bão số 3")
    assert told(second) == [Kind.TO_CONFIRM]
    assert told(writer) == [Kind.EMERGENCY]
    assert told(boss) == told(reporter) == []


def test_a_writer_without_the_right_to_see_articles_is_not_told(boss):
    writer = make_user("reporter")
    article = submitted(writer)
    writer.groups.clear()
    publishing.give_back(article, user=boss, note="Sửa lại")
    assert told(writer) == []


def test_a_leaders_answer_is_told_to_the_issuer_and_the_writer(writer, boss):
    article = submitted(writer)
    hooks.leader_answered(
        article, issuer=boss, leader="Ông Hải", act=Act.RETURN, note="Chưa được"
    )
    hooks.leader_answered(article, issuer=boss, leader="Ông Hải", act=Act.APPROVE)
    expected = [Kind.LEADER_RETURNED, Kind.LEADER_APPROVED]
    assert told(writer) == expected
    assert told(boss)[1:] == expected
    notice = Notice.objects.get(user=boss, kind=Kind.LEADER_RETURNED)
    assert (notice.by_name, notice.reason) == ("Ông Hải", "Chưa được")


def test_a_leaders_answer_that_was_carried_out_is_told_once(writer, boss):
    article = submitted(writer)
    publishing.give_back(article, user=boss, note="Ông Hải trả lại qua liên kết")
    hooks.leader_answered(
        article, issuer=boss, leader="Ông Hải", act=Act.RETURN, is_done=True
    )
    assert told(writer) == [Kind.RETURNED]
    assert told(boss)[1:] == [Kind.LEADER_RETURNED]


def test_an_act_is_kept_in_the_log_and_told(writer, boss):
    article = submitted(writer)
    publishing.give_back(article, user=boss, note="Sửa")
    assert AuditEntry.objects.filter(action=Act.RETURN, user=boss).count() == 1
    assert told(writer) == [Kind.RETURNED]
    assert not AuditEntry.objects.filter(object_type="portal.notice").exists()


def released(writer, boss, at) -> Article:
    """A revision of a live article that goes out at `at`."""
    article = draft(writer)
    publishing.publish(article, user=None)
    copy = working_copy.revise(article, user=writer)
    publishing.submit(copy, user=writer)
    return working_copy.publish(copy, user=boss, at=at)


def test_a_revision_that_waits_for_its_time_is_told_with_it(writer, boss):
    at = timezone.now() + timedelta(hours=2)
    copy = released(writer, boss, at)
    notice = Notice.objects.get(user=writer)
    assert (notice.kind, notice.goes_out_at) == (Kind.SCHEDULED, at)
    assert notice.of_revision
    assert notice.article_id == copy.revision_of_id
    working_copy.apply_due(at)
    assert told(writer) == [Kind.SCHEDULED, Kind.PUBLISHED]


def test_an_emergency_revision_is_to_be_approved_once_it_is_out(writer, boss):
    second = make_user("editor")
    at = timezone.now() + timedelta(hours=2)
    article = draft(writer)
    publishing.publish(article, user=None)
    copy = working_copy.revise(article, user=writer)
    working_copy.publish(copy, user=boss, at=at, note="Bão", act=Act.EMERGENCY)
    assert (told(writer), told(second)) == ([Kind.SCHEDULED], [])
    working_copy.apply_due(at)
    assert told(writer) == [Kind.SCHEDULED, Kind.EMERGENCY]
    assert told(second) == [Kind.TO_CONFIRM]
    assert told(boss) == []


def test_the_longest_names_and_reasons_fit(boss):
    writer = make_user("reporter", last_name="Ă" * 150, first_name="Ơ" * 150)
    article = submitted(writer, title="Ề" * 300)
    publishing.give_back(article, user=boss, note="Ữ" * 2000)
    assert told(writer) == [Kind.RETURNED]
    assert len(Notice.objects.get(user=boss).by_name) == 300


def test_a_revision_that_could_not_go_out_is_told_to_its_releaser(
    writer, boss, monkeypatch
):
    at = timezone.now() + timedelta(hours=2)
    released(writer, boss, at)

    def refuse(*args, **kwargs):
        raise ValidationError("Thiếu ảnh đại diện")

    monkeypatch.setattr(working_copy, "apply", refuse)
    working_copy.apply_due(at)
    for user in (boss, writer):
        notice = Notice.objects.filter(user=user).latest("pk")
        assert (notice.kind, notice.reason) == (Kind.FAILED, "Thiếu ảnh đại diện")


def test_a_review_day_is_told_once_to_the_writer_and_the_editors(writer, boss):
    limited = make_user("editor")
    limited.categories.add(make_category())
    today = timezone.localdate()
    due = make_article(created_by=writer, review_at=today)
    make_article(created_by=writer, review_at=today + timedelta(days=1))
    make_article(created_by=writer, review_at=today, state=State.WITHDRAWN)
    for _ in range(2):
        upkeep.tell_review_days(timezone.now())
    assert told(writer) == told(boss) == [Kind.REVIEW_DUE]
    assert told(limited) == []
    assert Notice.objects.filter(article=due).count() == 2
    due.review_at = today - timedelta(days=3)  # a new day is a new notice
    due.save()
    upkeep.tell_review_days(timezone.now())
    assert told(boss) == [Kind.REVIEW_DUE] * 2


def test_many_review_days_are_told_batch_by_batch(writer, monkeypatch):
    monkeypatch.setattr(upkeep, "BATCH", 1)
    for _ in range(2):
        make_article(created_by=writer, review_at=timezone.localdate())
    done = [upkeep.tell_review_days(timezone.now()) for _ in range(3)]
    assert (done, len(told(writer))) == ([1, 1, 0], 2)


def test_the_clock_asks_for_review_days_once_a_minute(writer):
    make_article(created_by=writer, review_at=timezone.localdate())
    now = timezone.now()
    upkeep.tick(now)
    make_article(created_by=writer, review_at=timezone.localdate())
    upkeep.tick(now + timedelta(seconds=59))
    assert len(told(writer)) == 1
    upkeep.tick(now + timedelta(seconds=60))
    assert len(told(writer)) == 2


def make_notice(user, **overrides) -> Notice:
    overrides.setdefault("title", "Khai mạc hội nghị")
    overrides.setdefault("kind", Kind.PUBLISHED)
    return Notice.objects.create(user=user, **overrides)


def test_read_notices_are_erased_after_ninety_days(writer):
    now = timezone.now()
    long_ago, before = now - timedelta(days=91), now - timedelta(days=89)
    article = make_article(review_at=timezone.localdate())
    make_notice(writer, read_at=long_ago)
    kept = [
        make_notice(writer, read_at=before),
        make_notice(writer, created_at=long_ago),
        # Its day still stands in the article: erased, it would be told again.
        make_notice(
            writer,
            read_at=long_ago,
            kind=Kind.REVIEW_DUE,
            article=article,
            review_day=article.review_at,
        ),
    ]
    upkeep.purge(now)
    assert list(Notice.objects.order_by("pk")) == kept


def test_every_page_of_the_back_office_counts_what_is_unread(writer):
    client = login(writer)
    assert "notices-badge" not in client.get("/admin/").content.decode()
    for _ in range(3):
        make_notice(writer)
    make_notice(writer, read_at=timezone.now())
    make_notice(make_user("reporter"))
    for address in ("/admin/", "/admin/news/article/", "/admin/password_change/", LIST):
        page = client.get(address).content.decode()
        assert '<span class="notices-badge">3</span>' in page, address


def test_the_count_costs_one_query_and_ends_at_a_hundred(
    writer, django_assert_num_queries
):
    Notice.objects.bulk_create(
        Notice(user=writer, title="Bài", kind=Kind.PUBLISHED) for _ in range(130)
    )
    with django_assert_num_queries(1):
        assert views.unread_count(writer) == 100
    assert "99+" in login(writer).get(LIST).content.decode()


def test_nobody_without_a_session_sees_a_count_or_a_page(client):
    page = client.get("/admin/login/").content.decode()
    assert "notices-link" not in page
    assert client.get(LIST).status_code == 302


def test_fifty_a_page_with_a_fixed_number_of_queries(
    writer, django_assert_max_num_queries
):
    client = login(writer)
    make_notice(writer, article=make_article())
    with django_assert_max_num_queries(30) as few:
        client.get(LIST)
    for _ in range(60):
        make_notice(writer, article=make_article(), reason="Vì sao")
    with django_assert_max_num_queries(len(few.captured_queries)):
        first = client.get(LIST).content.decode()
    assert first.count('class="notice__title"') == 50
    second = client.get(f"{LIST}?trang=2").content.decode()
    assert second.count('class="notice__title"') == 11


@pytest.mark.parametrize("page", ["0", "99", "x", "-1", "9" * 40])
def test_a_page_of_notices_that_does_not_exist_is_404(writer, page):
    assert login(writer).get(f"{LIST}?trang={page}").status_code == 404


def test_opening_an_article_marks_its_notice_as_read(writer):
    article = make_article(created_by=writer)
    notice = make_notice(writer, article=article)
    response = login(writer).get(reverse("notices:open", args=[notice.pk]))
    assert response["Location"] == f"/admin/news/article/{article.pk}/change/"
    notice.refresh_from_db()
    assert notice.read_at is not None


def test_a_notice_of_a_revision_leads_to_the_revision_while_there_is_one(writer, boss):
    copy = released(writer, boss, timezone.now() + timedelta(hours=2))
    notice = make_notice(boss, article_id=copy.revision_of_id, kind=Kind.SUBMITTED)
    address = reverse("notices:open", args=[notice.pk])
    assert f"/{copy.pk}/" in login(boss).get(address)["Location"]
    working_copy.apply_due(copy.apply_at)
    assert f"/{copy.revision_of_id}/" in login(boss).get(address)["Location"]


def test_a_notice_of_what_is_gone_or_not_to_be_seen_says_so(writer):
    hidden = make_article(state=State.DRAFT)
    client = login(writer)
    for article in (None, hidden):
        notice = make_notice(writer, article=article)
        response = client.get(reverse("notices:open", args=[notice.pk]), follow=True)
        assert "không còn" in response.content.decode()


def test_one_or_all_are_marked_as_read_by_post_only(writer):
    client = login(writer)
    first, second, third = (make_notice(writer) for _ in range(3))
    one = reverse("notices:read", args=[first.pk])
    everything = reverse("notices:read_all")
    assert client.get(one).status_code == client.get(everything).status_code == 405
    client.post(one)
    assert Notice.objects.unread(writer).count() == 2
    client.post(everything, {"newest": str(second.pk)})
    assert Notice.objects.unread(writer).get() == third  # came after the page
    for garbage in ("", "x", "-1", "9" * 40):
        assert client.post(everything, {"newest": garbage}).status_code == 404


def test_anothers_notice_cannot_be_opened_or_marked(writer):
    notice = make_notice(make_user("reporter"))
    client = login(writer)
    assert client.get(reverse("notices:open", args=[notice.pk])).status_code == 404
    assert client.post(reverse("notices:read", args=[notice.pk])).status_code == 404
    client.post(reverse("notices:read_all"), {"newest": str(notice.pk)})
    notice.refresh_from_db()
    assert notice.read_at is None


def test_a_deleted_article_leaves_its_title_in_the_notice(writer):
    article = make_article(title="Bài sẽ bị xoá")
    make_notice(writer, article=article, title=article.title)
    article.delete()
    page = login(writer).get(LIST).content.decode()
    assert "Bài sẽ bị xoá" in page


def test_titles_and_reasons_are_shown_as_text(writer):
    make_notice(writer, title="<b>Đậm</b>", reason="<script>1</script>")
    page = login(writer).get(LIST).content.decode()
    assert "&lt;b&gt;Đậm" in page
    assert "<script>1" not in page


def test_submitting_takes_few_queries_however_many_may_approve(
    writer, django_assert_max_num_queries
):
    for _ in range(3):
        make_user("editor")
    article = submitted(writer)
    with django_assert_max_num_queries(10) as few:
        telling.of_act(Act.SUBMIT, user=writer, object=article)
    for _ in range(12):
        make_user("editor").categories.add(article.category)
    # One more: the tree, as somebody is limited to sections now.
    with django_assert_max_num_queries(len(few.captured_queries) + 1):
        telling.of_act(Act.SUBMIT, user=writer, object=article)
