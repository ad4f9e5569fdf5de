"""What the site's own rows say of themselves, and why one is refused."""

import unicodedata
from datetime import date, time

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import BaseConstraint
from django.utils.translation import gettext, override

from news.models import Article, ListEntry
from portal.models import MenuItem, User, WorkEvent
from tests.factories import make_article, make_category

ONE_TARGET = "Choose exactly one target: a category, a standing page or a link."


def refusal(row) -> list[str]:
    with pytest.raises(ValidationError) as refused:
        row.full_clean()
    return refused.value.messages


@pytest.mark.parametrize(
    ("family", "given", "full", "short"),
    [
        ("Nguyễn Minh", "Hà", "Nguyễn Minh Hà", "Hà"),
        ("", "Hà", "Hà", "Hà"),
        ("Nguyễn", "", "Nguyễn", ""),
    ],
)
def test_a_name_is_read_in_the_vietnamese_order(family, given, full, short):
    user = User(username="ha", last_name=family, first_name=given)
    assert (user.get_full_name(), user.get_short_name()) == (full, short)
    assert str(user) == full


def test_an_account_without_a_name_goes_by_its_user_name():
    assert str(User(username="ha")) == "ha"


@pytest.mark.parametrize(
    "constraint",
    [
        constraint
        for app in ("news", "portal", "stats", "search")
        for model in apps.get_app_config(app).get_models()
        for constraint in model._meta.constraints
    ],
    ids=lambda constraint: constraint.name,
)
def test_no_constraint_shows_its_name_to_anybody(constraint):
    message = constraint.violation_error_message
    assert message != BaseConstraint.default_violation_error_message
    with override("en"):
        english = str(message)
    assert str(message) != english, "not translated"


@pytest.mark.django_db
def test_a_menu_item_has_one_target_and_says_so_once():
    both = MenuItem(label="Tin", category=make_category(), link="/tin/")
    for item in (MenuItem(label="Tin"), both):
        assert refusal(item) == [gettext(ONE_TARGET)]
    MenuItem(label="Tin", link="/tin/").full_clean()


@pytest.mark.django_db
def test_an_end_before_the_start_is_refused_in_one_sentence():
    noon, morning = time(12), time(8)
    event = WorkEvent(
        day=date(2026, 6, 5), content="Họp", starts_at=noon, ends_at=morning
    )
    assert refusal(event) == [gettext("The end must be after the start.")]
    article = make_article()
    entry = ListEntry(list="hot", article=article)
    entry.starts_at = entry.ends_at = article.published_at
    assert refusal(entry) == [gettext("The end must be after the start.")]
    article.expires_at = article.published_at
    assert refusal(article) == [gettext("The end must be later than the publication.")]


@pytest.mark.django_db
def test_a_second_place_in_the_same_list_is_refused_in_words():
    article = make_article()
    ListEntry.objects.create(list="hot", article=article)
    again = ListEntry(list="hot", article=Article.objects.get())
    assert refusal(again) == [gettext("The article is in this list already.")]


def test_a_name_typed_decomposed_is_stored_composed(db):
    typed = unicodedata.normalize("NFD", "Nguyễn  Thị")
    user = User.objects.create(username="x", last_name=typed, first_name=" Hà\u200b")
    user.refresh_from_db()
    assert user.get_full_name() == "Nguyễn Thị Hà"
