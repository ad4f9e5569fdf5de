"""Accounts that nobody uses are disabled, and nobody is shut out for good."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal import desk_health
from portal.audit.models import Action, AuditEntry
from portal.models import DemoRecord, User
from portal.sessions import idle, upkeep
from tests.news.conftest import login, make_user

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def days(count: float) -> timedelta:
    return timedelta(days=count)


def a_user(signed_in_before=None, role="reporter", **overrides):
    """An account of 100 days; `signed_in_before` in days, None: never."""
    overrides.setdefault("idle_from", NOW - days(100))
    if signed_in_before is not None:
        overrides["last_login"] = NOW - days(signed_in_before)
    return make_user(role, **overrides)


def is_active(user) -> bool:
    return User.objects.get(pk=user.pk).is_active


@pytest.fixture(autouse=True)
def _first_tick():
    upkeep.forget()
    yield
    upkeep.forget()


def test_who_has_not_signed_in_for_45_days_is_disabled():
    cases = {44: True, 46: False, None: False}
    users = {before: a_user(before) for before in cases}
    assert {u.pk for u in idle.disable(NOW)} == {users[46].pk, users[None].pk}
    assert {before: is_active(user) for before, user in users.items()} == cases


def test_it_is_recorded_and_told_on_the_desk_of_administrators():
    user = a_user(50, username="lau-ngay")
    idle.disable(NOW)
    entry = AuditEntry.objects.get(object_id=str(user.pk), action=Action.DISABLED_IDLE)
    assert entry.changes == {"is_active": [True, False]}
    assert entry.note == "45 ngày không đăng nhập"
    sentence = "Tài khoản bị vô hiệu hoá vì lâu không đăng nhập: lau-ngay."
    assert sentence in desk_health.problems()
    page = login(make_user("administrator")).get(reverse("admin:index"))
    assert sentence in page.content.decode()
    page = login(make_user("reporter")).get(reverse("admin:index"))
    assert sentence not in page.content.decode()
    User.objects.filter(pk=user.pk).update(is_active=True)
    assert sentence not in desk_health.problems()


def test_an_existing_account_has_all_its_days_when_the_rule_begins():
    user = a_user(300, idle_from=None)
    idle.disable(NOW)
    assert is_active(user)
    idle.disable(NOW + days(44))
    assert is_active(user)
    idle.disable(NOW + days(46))
    assert not is_active(user)


def test_an_account_that_is_enabled_again_has_new_days():
    user = a_user(50)
    idle.disable(NOW)
    administrator = login(make_user("administrator"))
    idle.disable(NOW + days(1))  # the account is found disabled
    path = reverse("admin:portal_user_change", args=[user.pk])
    sent = {"username": user.username, "is_active": "on", "is_staff": "on"}
    assert administrator.post(path, sent).status_code == 302
    idle.disable(NOW + days(2))
    idle.disable(NOW + days(46))
    assert is_active(user)
    idle.disable(NOW + days(48))
    assert not is_active(user)


def test_one_that_an_administrator_had_disabled_has_new_days_as_well():
    user = a_user(80, is_active=False)
    idle.disable(NOW)
    User.objects.filter(pk=user.pk).update(is_active=True)
    idle.disable(NOW + days(1))
    assert is_active(user)
    idle.disable(NOW + days(47))
    assert not is_active(user)


def test_enabled_again_on_the_same_day_it_has_new_days_too():
    user = a_user(50)
    idle.disable(NOW)
    User.objects.filter(pk=user.pk).update(is_active=True)
    idle.disable(NOW + days(1))
    assert is_active(user)


def test_the_last_active_superuser_stays():
    one = a_user(80, is_superuser=True)
    other = a_user(60, is_superuser=True)
    never = a_user(is_superuser=True)
    a_user(1, role="administrator")
    idle.disable(NOW)
    assert [is_active(user) for user in (one, other, never)] == [False, True, False]
    idle.disable(NOW + days(1))
    assert is_active(other)


def test_a_superuser_goes_while_another_is_active():
    old, new = a_user(80, is_superuser=True), a_user(3, is_superuser=True)
    idle.disable(NOW)
    assert (is_active(old), is_active(new)) == (False, True)


def test_one_that_cannot_enter_does_not_count_as_the_other_superuser():
    last = a_user(80, is_superuser=True)
    a_user(1, is_superuser=True, is_active=False)
    gone = a_user(1, is_superuser=True)
    User.objects.filter(pk=gone.pk).update(is_staff=False)
    idle.disable(NOW)
    assert is_active(last)


def test_demo_accounts_wait_for_their_first_use():
    used, unused = a_user(50), a_user()
    for user in (used, unused):
        DemoRecord.objects.create(
            key=user.username, model="portal.user", object_id=user.pk
        )
    idle.disable(NOW)
    assert (is_active(used), is_active(unused)) == (False, True)


def test_zero_days_disable_nobody(settings):
    settings.ACCOUNT_IDLE_DAYS = 0
    user = a_user(1000)
    assert idle.disable(NOW) == []
    assert is_active(user)


def test_a_disabled_account_cannot_sign_in():
    user = a_user(50, username="an", password="mot cau that dai 2026")
    typed = {"username": user.username, "password": "mot cau that dai 2026"}
    idle.disable(NOW)
    assert Client().post(reverse("admin:login"), typed).status_code == 200


def test_housekeeping_looks_once_a_day():
    noon = timezone.localtime(NOW).replace(hour=12, minute=0)
    upkeep.tick(noon)
    user = a_user(50)
    upkeep.tick(noon + timedelta(hours=11))
    assert is_active(user)
    upkeep.tick(noon + timedelta(hours=13))
    assert not is_active(user)


def test_housekeeping_of_the_site_does_it():
    from portal import housekeeping

    user = a_user(50)
    [duty] = [d for d in housekeeping.duties() if d.do is upkeep.tick]
    duty()
    assert not is_active(user)
