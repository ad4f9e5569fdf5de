"""Accounts that nobody uses are disabled, and nobody is shut out for good."""

import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal import desk_health, housekeeping
from portal.audit.models import Action, AuditEntry
from portal.models import DemoRecord, SiteSettings, User
from portal.sessions import idle, upkeep, warning
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
    warning.forget()
    yield
    upkeep.forget()
    warning.forget()


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
    user = a_user(50)
    [duty] = [d for d in housekeeping.duties() if d.do is upkeep.tick]
    duty()
    assert not is_active(user)


# The warning


@pytest.fixture
def mails(settings):
    """A site that sends mail; what went out."""
    settings.SENDS_MAIL = True
    return mail.outbox


def told(mails) -> list[str]:
    return [one.to[0] for one in mails]


def test_a_week_before_its_owner_is_told_what_happens_when_and_what_to_do(mails):
    SiteSettings(name="Sở Thử nghiệm").save()
    user = a_user(40, username="an", email="an@tinh.gov.vn")
    assert warning.send_due(NOW) == 1
    [sent] = mails
    day = f"{timezone.localtime(NOW + days(5)):%d/%m/%Y}"
    assert sent.to == ["an@tinh.gov.vn"]
    assert sent.subject == (
        f"Sở Thử nghiệm: tài khoản an sẽ bị vô hiệu hoá từ ngày {day}"
    )
    for words in (
        "lâu không có ai đăng nhập bằng tài khoản an",
        f"vô hiệu hoá từ ngày {day} vì 45 ngày liền không đăng nhập",
        f"hãy đăng nhập trước ngày đó: http://testserver{reverse('admin:index')}",
    ):
        assert words in sent.body
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"
    entry = AuditEntry.objects.get(object_id=str(user.pk), action=Action.WARNED_IDLE)
    assert entry.note == f"bằng thư điện tử; vô hiệu hoá từ ngày {day}"
    assert is_active(user)


def test_the_day_that_was_told_is_the_day_it_happens(mails):
    user = a_user(40, email="an@tinh.gov.vn")
    warning.send_due(NOW)
    user.refresh_from_db()
    end = idle.end_of(user)
    idle.disable(end - timedelta(minutes=1))
    assert is_active(user)
    idle.disable(end)
    assert not is_active(user)


def test_only_accounts_that_end_within_a_week_and_have_an_address_are_told(mails):
    for before in (37, 39, 44, 46, None):
        a_user(before, email=f"{before}@tinh.gov.vn")
    a_user(40)
    a_user(40, email="khong-thu-bao@tinh.gov.vn", notify_by_mail=False)
    a_user(40, email="da-khoa@tinh.gov.vn", is_active=False)
    a_user(40, email="quan-tri-cuoi@tinh.gov.vn", is_superuser=True)
    warning.send_due(NOW)
    assert sorted(told(mails)) == [
        *("39@tinh.gov.vn", "44@tinh.gov.vn", "khong-thu-bao@tinh.gov.vn")
    ]


def test_an_account_that_was_never_used_is_told_too(mails):
    a_user(None, email="moi@tinh.gov.vn", idle_from=NOW - days(40))
    warning.send_due(NOW)
    assert told(mails) == ["moi@tinh.gov.vn"]


def test_it_is_told_once_in_an_idle_time_and_again_in_the_next(mails):
    user = a_user(40, email="an@tinh.gov.vn")
    for hours in range(0, 48, 6):
        warning.send_due(NOW + timedelta(hours=hours))
    assert len(mails) == 1
    User.objects.filter(pk=user.pk).update(last_login=NOW + days(3))
    warning.send_due(NOW + days(20))
    assert len(mails) == 1
    warning.send_due(NOW + days(3 + 39))
    warning.send_due(NOW + days(3 + 40))
    assert len(mails) == 2


def test_one_that_is_enabled_again_without_a_sign_in_is_told_again(mails):
    user = a_user(40, email="an@tinh.gov.vn")
    warning.send_due(NOW)
    idle.disable(NOW + days(6))
    User.objects.filter(pk=user.pk).update(is_active=True)
    idle.disable(NOW + days(7))
    warning.send_due(NOW + days(8))
    assert len(mails) == 1
    warning.send_due(NOW + days(7 + 39))
    assert len(mails) == 2


def test_two_servers_do_not_tell_it_twice(mails):
    """The second looked before the first had claimed the account."""
    a_user(40, email="an@tinh.gov.vn")
    [stale] = idle.unwarned(NOW + days(7))
    assert warning.send_due(NOW) == 1
    assert not warning._claim(stale, NOW)
    assert len(mails) == 1


@pytest.mark.parametrize(
    ("error", "attempts"),
    [
        (smtplib.SMTPRecipientsRefused({}), 2),  # of one mail: the next is tried
        (smtplib.SMTPServerDisconnected(), 1),
        (ConnectionRefusedError(), 1),
    ],
)
def test_what_the_server_refuses_is_tried_again(mails, monkeypatch, error, attempts):
    a_user(40, email="an@tinh.gov.vn")
    a_user(41, email="la@tinh.gov.vn")
    tried = []

    def fail(self, messages):
        tried.append(messages)
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", fail)
        assert warning.send_due(NOW) == 0
    assert len(tried) == attempts
    assert not AuditEntry.objects.filter(action=Action.WARNED_IDLE).exists()
    assert warning.send_due(NOW + timedelta(hours=3)) == 2


@pytest.mark.parametrize(
    ("idle_days", "before", "is_told"),
    [(0, 1000, False), (1, 0.9, False), (4, 1.9, False), (4, 2.1, True)],
)
def test_where_days_are_few_half_of_them_pass_first(
    mails, settings, idle_days, before, is_told
):
    settings.ACCOUNT_IDLE_DAYS = idle_days
    a_user(before, email="an@tinh.gov.vn")
    assert warning.send_due(NOW) == is_told


def test_a_site_without_a_mail_server_sends_nothing_and_owes_it_later(mails, settings):
    settings.SENDS_MAIL = False
    a_user(40, email="an@tinh.gov.vn")
    assert warning.send_due(NOW) == 0
    settings.SENDS_MAIL = True
    assert warning.send_due(NOW) == 1


def test_the_thread_for_mail_does_it_and_looks_every_three_hours(mails):
    [duty] = [d for d in housekeeping.mail_duties() if d.do is warning.tick]
    a_user(40, email="an@tinh.gov.vn")
    duty()
    assert told(mails) == ["an@tinh.gov.vn"]
    a_user(40, email="la@tinh.gov.vn")
    warning.tick(NOW + timedelta(hours=2))
    assert len(mails) == 1
    warning.tick(timezone.now() + timedelta(hours=3))
    assert len(mails) == 2
