"""Who may move an article on, at each strictness of the site."""

import pytest
from django.core.exceptions import ValidationError

from news import hooks, permissions, publishing, saving
from news.models import Article, State
from news.workflow import TRANSITIONS, Act, Level, Withdrawal
from tests.factories import make_article, make_category
from tests.news.conftest import make_user

pytestmark = pytest.mark.django_db
UNKNOWN = '<p>Xem <a href="https://ca-do.example/">trang này</a>.</p>'


@pytest.fixture
def level(monkeypatch):
    """Return a function that sets how strict the site is."""

    def choose(value):
        monkeypatch.setattr(hooks, "review_level", lambda user=None: value)

    return choose


def draft(user, **overrides) -> Article:
    article = make_article(
        state=State.DRAFT, published_at=None, created_by=user, **overrides
    )
    return saving.save_article(article, user=user)


def test_one_step_lets_who_may_publish_publish_his_own(level):
    level(Level.ONE)
    editor, reporter = make_user("editor"), make_user("reporter")
    assert permissions.may(editor, draft(editor), Act.PUBLISH)
    assert not permissions.may(reporter, draft(reporter), Act.PUBLISH)
    assert not permissions.may(editor, draft(editor), Act.EMERGENCY)


def test_two_steps_want_a_second_person(level):
    level(Level.TWO)
    first, second = make_user("editor"), make_user("editor")
    article = draft(first)
    with pytest.raises(ValidationError):
        publishing.publish(article, user=first)
    with pytest.raises(ValidationError):
        publishing.publish(article, user=second)  # nobody submitted it
    publishing.submit(article, user=first)
    with pytest.raises(ValidationError):
        publishing.publish(article, user=first)
    assert not Article.objects.published().exists()
    publishing.publish(article, user=second)
    assert Article.objects.published().get() == article


def test_the_full_chain_wants_three_people(level):
    level(Level.FULL)
    writer, editor, secretary = (make_user("editor") for _ in range(3))
    article = draft(writer)
    publishing.submit(article, user=writer)
    for act, user in (
        (publishing.publish, secretary),
        (publishing.approve, writer),
    ):
        with pytest.raises(ValidationError):
            act(article, user=user)
    publishing.approve(article, user=editor)
    for user in (writer, editor):
        with pytest.raises(ValidationError):
            publishing.publish(article, user=user)
    publishing.publish(article, user=secretary)
    assert Article.objects.published().get() == article


def test_in_the_full_chain_nothing_is_slipped_in_while_publishing(level):
    level(Level.FULL)
    writer, editor, secretary = (make_user("editor") for _ in range(3))
    article = draft(writer)
    publishing.submit(article, user=writer)
    publishing.approve(article, user=editor)
    with pytest.raises(ValidationError):
        publishing.publish(article, user=secretary, body="<p>Khác.</p>")
    assert Article.objects.get().state == State.APPROVED
    assert "Khác" not in Article.objects.get().body


@pytest.mark.parametrize("strictness", [Level.TWO, Level.FULL])
def test_a_change_after_the_approval_needs_another_one(level, strictness):
    level(strictness)
    writer, editor = make_user("editor"), make_user("editor")
    article = draft(writer)
    publishing.submit(article, user=writer)
    publishing.approve(article, user=editor)
    saving.save_article(article, user=editor, body="<p>Sửa sau khi duyệt.</p>")
    stored = Article.objects.get()
    assert (stored.state, stored.approved_by) == (State.IN_REVIEW, None)
    assert stored.submitted_by == editor
    with pytest.raises(ValidationError):
        publishing.approve(stored, user=editor)


def test_an_emergency_is_marked_and_another_approves_it(level):
    level(Level.TWO)
    first, second = make_user("editor"), make_user("editor")
    article = draft(first)
    with pytest.raises(ValidationError):
        publishing.publish_urgently(article, user=first)  # without a reason
    publishing.publish_urgently(article, user=first, note="Tin bão khẩn cấp")
    assert Article.objects.published().get().emergency_by == first
    with pytest.raises(ValidationError):
        publishing.confirm(article, user=first)
    publishing.confirm(article, user=second)
    stored = Article.objects.get()
    assert (stored.emergency_by, stored.emergency_at) == (None, None)
    assert [r.act for r in stored.revisions.all()][:2] == [Act.CONFIRM, Act.EMERGENCY]


@pytest.mark.parametrize("act", [Act.PUBLISH, Act.EMERGENCY])
def test_an_unknown_link_of_the_publishers_own_needs_a_second_person(level, act):
    level(Level.TWO)
    writer, editor = make_user("editor"), make_user("editor")
    article = draft(writer)
    if act == Act.PUBLISH:
        publishing.submit(article, user=writer)
    with pytest.raises(ValidationError) as refused:
        publishing.publish(article, user=editor, act=act, note="Gấp", body=UNKNOWN)
    assert refused.value.code in ("links", "transition")
    saving.save_article(article, user=writer, body=UNKNOWN)
    if article.state == State.DRAFT:
        publishing.submit(article, user=writer)
    publishing.publish(article, user=editor)
    assert Article.objects.published().get() == article


def test_a_return_says_why_and_clears_the_approval(level):
    level(Level.FULL)
    writer, editor = make_user("editor"), make_user("editor")
    article = draft(writer)
    publishing.submit(article, user=writer)
    with pytest.raises(ValidationError):
        publishing.give_back(article, user=editor, note=" ")
    publishing.approve(article, user=editor)
    publishing.give_back(article, user=editor, note="Thiếu nguồn số liệu")
    stored = Article.objects.get()
    assert (stored.state, stored.approved_by) == (State.RETURNED, None)
    assert stored.revisions.first().note == "Thiếu nguồn số liệu"


def test_rights_end_at_the_section():
    own, foreign = make_category(), make_category()
    below = make_category(parent=own)
    editor = make_user("editor")
    editor.categories.add(own)
    for category, is_theirs in ((own, True), (below, True), (foreign, False)):
        article = make_article(category=category, state=State.IN_REVIEW)
        assert permissions.may_change(editor, article) == is_theirs
        assert permissions.may_view(editor, article) == is_theirs
        for act in (Act.PUBLISH, Act.RETURN, Act.APPROVE, Act.TRASH):
            assert permissions.may(editor, article, act) == is_theirs
        live = make_article(category=category)
        assert permissions.may(editor, live, Act.WITHDRAW) == is_theirs
        seen = permissions.visible_articles(editor, Article.objects.all())
        assert seen.filter(pk=article.pk).exists() == is_theirs


def test_every_act_has_a_row_in_the_table():
    assert set(TRANSITIONS) == set(Act)


@pytest.mark.parametrize(
    ("kind", "given", "field"),
    [
        (Withdrawal.NOTICE, {}, "withdrawal_notice"),
        (Withdrawal.REDIRECT, {}, "withdrawal_url"),
        (Withdrawal.REDIRECT, {"url": "javascript:alert(1)"}, "withdrawal_url"),
        (Withdrawal.REDIRECT, {"url": "https://ca-do.example/"}, "withdrawal_url"),
        (Withdrawal.REDIRECT, {"url": "/khong-co/"}, "withdrawal_url"),
    ],
)
def test_a_withdrawal_that_would_mislead_readers_is_refused(kind, given, field):
    article = make_article()
    with pytest.raises(ValidationError) as refused:
        publishing.withdraw(article, note="Sai", kind=kind, **given)
    assert field in refused.value.message_dict
    assert Article.objects.published().exists()


def test_readers_are_led_anywhere_but_back():
    article, other = make_article(), make_article()
    with pytest.raises(ValidationError) as refused:
        publishing.withdraw(
            article,
            note="Sai",
            kind=Withdrawal.REDIRECT,
            url=article.get_absolute_url(),
        )
    assert "withdrawal_url" in refused.value.message_dict
    # A number like the article's own in a foreign address is not the article.
    address = f"https://baochinhphu.gov.vn/tin-{article.pk}/"
    publishing.withdraw(article, note="Sai", kind=Withdrawal.REDIRECT, url=address)
    assert Article.objects.get(pk=article.pk).withdrawal_url == address
    publishing.withdraw(
        other,
        note="Sai",
        kind=Withdrawal.REDIRECT,
        url=make_article().get_absolute_url(),
    )


def test_what_comes_out_of_the_bin_is_a_draft():
    article = make_article(state=State.WITHDRAWN)
    publishing.trash(article)
    assert Article.objects.get().state == State.TRASHED
    publishing.restore(article)
    assert Article.objects.get().state == State.DRAFT
