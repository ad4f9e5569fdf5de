"""Who guesses passwords is stopped; who forgot one is told how long to wait."""

from datetime import timedelta
from unittest import mock

import pytest
from axes.models import AccessAttempt, AccessLog
from django.contrib.auth import authenticate, hashers
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.audit.models import Action, AuditEntry
from portal.sessions import lockout, upkeep
from tests.news.conftest import login, make_user

pytestmark = pytest.mark.django_db

PASSWORD = "mot cau that dai 2026"
HERE, THERE = "203.0.113.5", "198.51.100.7"


@pytest.fixture
def writer():
    return make_user("reporter", username="an", password=PASSWORD)


def sign_in(name="an", password="sai", address=HERE, **headers):
    typed = {"username": name, "password": password}
    return Client(REMOTE_ADDR=address).post(reverse("admin:login"), typed, **headers)


def fail(times: int, **kwargs):
    for _time in range(times):
        response = sign_in(**kwargs)
    return response


def later(minutes: float):
    moment = timezone.now() + timedelta(minutes=minutes)
    return mock.patch.object(timezone, "now", lambda: moment)


def test_the_fifth_wrong_password_is_answered_with_the_time_to_wait(writer):
    assert fail(4).status_code == 200
    response = sign_in()
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 15 * 60
    assert "no-store" in response["Cache-Control"]
    page = response.content.decode()
    assert "Hãy thử lại sau 15 phút" in page
    assert 'lang="vi"' in page


def test_the_right_password_does_not_help_while_locked_and_does_after(writer):
    fail(5)
    response = sign_in(password=PASSWORD)
    assert response.status_code == 429
    assert "sessionid" not in response.cookies
    with later(14.9):
        assert sign_in(password=PASSWORD).status_code == 429
    with later(15.1):
        assert sign_in(password=PASSWORD).status_code == 302


def test_trying_while_locked_does_not_lock_for_longer_nor_fill_the_log(writer):
    fail(5)
    recorded = AuditEntry.objects.count()
    with later(10):
        fail(3)
    assert AuditEntry.objects.count() == recorded
    with later(15.1):
        assert sign_in().status_code == 200


def test_failures_far_apart_lock_nobody_out(writer):
    fail(4)
    with later(16):
        assert fail(4).status_code == 200


def test_another_address_and_another_name_still_get_in(writer):
    make_user("reporter", username="binh", password=PASSWORD)
    fail(5)
    assert sign_in(password=PASSWORD, address=THERE).status_code == 302
    assert sign_in("binh", PASSWORD).status_code == 302


def test_a_success_forgets_the_slips_before_it(writer):
    fail(4)
    assert sign_in(password=PASSWORD).status_code == 302
    assert not AccessAttempt.objects.exists()
    assert fail(4).status_code == 200


def test_a_success_forgets_no_guesses_at_other_names(writer):
    fail(4, name="binh")
    sign_in(password=PASSWORD)
    assert sign_in("binh").status_code == 429


def test_one_address_cannot_try_many_names(writer, settings):
    settings.LOCKOUT_ADDRESS_FAILURES = 10
    for number in range(9):
        assert sign_in(f"ten-{number}").status_code == 200
    assert sign_in("ten-9").status_code == 429
    assert sign_in(password=PASSWORD).status_code == 429
    assert sign_in(password=PASSWORD, address=THERE).status_code == 302


def test_the_claim_of_the_browser_about_its_address_is_not_believed(writer, settings):
    settings.TRUSTED_PROXIES = 1
    proxy = "10.0.0.1"
    for number in range(5):
        claim = f"192.0.2.{number}, {HERE}"
        response = sign_in(address=proxy, headers={"X-Forwarded-For": claim})
    assert response.status_code == 429
    other = {"X-Forwarded-For": f"{HERE}, {THERE}"}
    assert sign_in(address=proxy, headers=other).status_code == 200


def test_without_a_proxy_the_header_is_ignored(writer):
    for number in range(5):
        headers = {"X-Forwarded-For": f"192.0.2.{number}"}
        response = sign_in(headers=headers)
    assert response.status_code == 429


def test_a_network_of_ipv6_is_one_address(writer):
    for number in range(5):
        response = sign_in(address=f"2001:db8:1:2::{number + 1}")
    assert response.status_code == 429
    assert sign_in(address="2001:db8:1:3::1").status_code == 200


@pytest.mark.parametrize("address", ["", "unknown", "1.2.3.4:5", "x" * 200, "[::1"])
def test_an_address_that_cannot_be_read_is_counted_too(writer, address):
    assert fail(5, address=address).status_code == 429


@pytest.mark.parametrize("agent", ["Mozilla/5.0", ""])
def test_changing_the_browser_helps_nobody(writer, agent):
    for number in range(5):
        response = sign_in(headers={"User-Agent": f"{agent}{number}"})
    assert response.status_code == 429


# What an account does not tell of itself


def test_unknown_names_are_answered_and_locked_like_known_ones(writer):
    known = [sign_in("an") for _ in range(6)]
    unknown = [sign_in("ai-do", address=THERE) for _ in range(6)]
    assert [r.status_code for r in known] == [200] * 4 + [429] * 2
    assert [r.status_code for r in unknown] == [200] * 4 + [429] * 2
    strip = [r.content.decode().replace("ai-do", "an") for r in (known[4], unknown[4])]
    assert strip[0] == strip[1]


def test_unknown_names_cost_a_hash_and_the_same_questions(writer):
    def cost(name):
        made = mock.patch.object(
            hashers.MD5PasswordHasher,
            "encode",
            autospec=True,
            side_effect=hashers.MD5PasswordHasher.encode,
        )
        with made as encode, CaptureQueriesContext(connection) as queries:
            sign_in(name)
        return encode.call_count, len(queries)

    assert cost("an") == cost("ai-do")
    assert cost("an")[0] == 1


def test_the_right_password_of_somebody_who_may_not_enter_counts_as_wrong(writer):
    writer.is_staff = False
    writer.save()
    assert fail(5, password=PASSWORD).status_code == 429


# What is stored


def test_neither_what_was_typed_nor_the_browser_is_stored(writer):
    secret = "MatKhauGoNhamVaoODangNhap"
    sign_in(secret, "sai-bet-nhe")
    sign_in("an", "sai-bet-nhe")
    columns = [str(vars(row)) for row in AccessAttempt.objects.all()]
    assert len(columns) == 2
    assert secret not in "".join(columns)
    assert "sai-bet-nhe" not in "".join(columns)
    assert "csrf" not in "".join(columns)
    row = AccessAttempt.objects.get(username="an")
    assert (row.post_data, row.get_data, row.user_agent) == ("", "", "")


def test_a_form_of_any_size_takes_no_room(writer):
    typed = {"username": "an", "password": "sai", "x": "y" * 100_000}
    Client(REMOTE_ADDR=HERE).post(reverse("admin:login"), typed)
    row = AccessAttempt.objects.get()
    assert len(str(vars(row))) < 1000


def test_signing_in_writes_no_second_log(writer):
    login(writer)
    assert sign_in(password=PASSWORD).status_code == 302
    assert not AccessLog.objects.exists()


def test_failures_that_count_no_more_are_erased(writer):
    sign_in()
    now = timezone.now()
    upkeep.erase_old(now + timedelta(minutes=14))
    assert AccessAttempt.objects.count() == 1
    upkeep.erase_old(now + timedelta(minutes=16))
    assert not AccessAttempt.objects.exists()


def test_a_command_may_check_a_password_without_being_counted(writer):
    assert authenticate(username="an", password="sai") is None
    assert authenticate(username="an", password=PASSWORD) == writer
    assert not AccessAttempt.objects.exists()


# Administrators


def test_a_lockout_is_recorded_once_with_account_and_address(writer):
    fail(7)
    [entry] = AuditEntry.objects.filter(action=Action.LOCKED_OUT)
    assert (entry.object_id, entry.source, entry.note) == (str(writer.pk), HERE, HERE)


def test_a_name_that_no_account_has_is_not_recorded(writer):
    fail(5, name="MatKhauGoNham")
    [entry] = AuditEntry.objects.filter(action=Action.LOCKED_OUT)
    assert "MatKhau" not in str(vars(entry))


def test_an_administrator_sees_a_lockout_and_releases_it(writer):
    fail(5)
    fail(5, name="ai-do")
    client = login(make_user("administrator"))
    page = client.get(reverse("sessions:lockouts"))
    assert "<strong>an</strong>" in page.content.decode()
    assert "ai-do" not in page.content.decode()
    [mine] = [one for one in page.context["lockouts"] if one.user_name == "an"]
    sent = {"attempt": mine.attempt, "address": HERE}
    assert client.post(reverse("sessions:release"), sent).status_code == 302
    assert sign_in(password=PASSWORD).status_code == 302
    assert sign_in("ai-do").status_code == 429
    [entry] = AuditEntry.objects.filter(action=Action.LOCKOUT_RELEASED)
    assert entry.object_id == str(writer.pk)


def test_an_address_is_released_as_a_whole(writer, settings):
    settings.LOCKOUT_ADDRESS_FAILURES = 6
    for number in range(6):
        sign_in(f"ten-{number}")
    client = login(make_user("administrator"))
    assert [one.failures for one in lockout.present()] == [6]
    client.post(reverse("sessions:release"), {"attempt": "", "address": HERE})
    assert lockout.present() == []
    assert sign_in(password=PASSWORD).status_code == 302


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"attempt": "1"},
        {"attempt": "x\x00", "address": "\x00"},
        {"attempt": "9" * 40, "address": HERE},
        {"attempt": "", "address": HERE},
    ],
)
def test_what_is_not_locked_cannot_be_released(writer, sent):
    fail(4)
    client = login(make_user("administrator"))
    assert client.post(reverse("sessions:release"), sent).status_code == 302
    assert AccessAttempt.objects.count() == 1
    assert not AuditEntry.objects.filter(action=Action.LOCKOUT_RELEASED).exists()


def test_no_page_shows_the_tables_of_the_package():
    client = login(make_user(is_superuser=True))
    assert client.get("/admin/axes/").status_code == 404
    path = reverse("admin:portal_user_change", args=[make_user().pk])
    page = client.get(path).content.decode()
    assert "Xem và mở khoá đăng nhập" in page
    assert "access attempt" not in page
