"""The second step of signing in: nobody is in before it, and every code works once."""

import base64
import re
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from portal import roles
from portal.audit.models import AuditEntry
from portal.models import SiteSettings, User
from portal.secondfactor import codes, gate, has_second_factor
from portal.secondfactor.models import Passkey, RecoveryCodes
from tests.news.conftest import login, make_user
from tests.portal.admin_addresses import is_login
from tests.portal.secondfactor import (
    ADD_APP,
    CODES,
    CONFIRM,
    GIVE_PASSWORD,
    OWN,
    PASSWORD,
    SIGN_IN,
    a_person,
    an_app,
    demand,
    entries,
    give_password,
    is_inside,
    shown,
    wrong,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch):
    """Return a clock for django-otp: seconds pass by `clock.seconds += 30`."""

    class Clock:
        seconds = 1_800_000_000.0

        def __call__(self):
            return self.seconds

    clock = Clock()
    monkeypatch.setattr("django_otp.oath.time", clock)
    monkeypatch.setattr("django_otp.plugins.otp_totp.models.time.time", clock)
    return clock


# Signing in


def test_without_a_device_the_password_is_enough():
    user = a_person()
    client, response = give_password(user)
    assert response["Location"] == "/admin/"
    assert is_inside(client)
    assert not has_second_factor(user)


def test_the_password_alone_lets_nobody_in_who_has_a_device(clock):
    user = a_person()
    app = an_app(user)
    client, response = give_password(user)
    assert response["Location"] == CONFIRM
    assert not is_inside(client)
    assert not entries("signed_in")
    page = client.get(CONFIRM)
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    response = client.post(CONFIRM, {"code": shown(app)})
    assert response["Location"] == "/admin/"
    assert is_inside(client)
    [entry] = entries("signed_in")
    assert (entry.user, entry.note) == (user, "app: Điện thoại")


def test_each_step_gets_a_session_of_its_own(clock):
    user = a_person()
    app = an_app(user)
    client = Client()
    before = client.session  # as somebody else may have planted it
    before["planted"] = "1"
    before.save()
    keys = [before.session_key]
    client.cookies["sessionid"] = before.session_key
    give_password(user, client)
    keys.append(client.cookies["sessionid"].value)
    client.post(CONFIRM, {"code": shown(app)})
    keys.append(client.cookies["sessionid"].value)
    assert len(set(keys)) == 3
    assert "planted" not in client.session
    for key in keys[:2]:
        thief = Client()
        thief.cookies["sessionid"] = key
        assert not is_inside(thief)
        assert is_login(thief.get(CONFIRM))


def test_what_somebody_left_in_a_session_is_gone_without_a_device_too():
    client = Client()
    before = client.session
    before["planted"] = "1"
    before.save()
    client.cookies["sessionid"] = before.session_key
    give_password(a_person(), client)
    assert is_inside(client)
    assert "planted" not in client.session


def test_the_time_for_the_second_step_ends(monkeypatch):
    user = a_person()
    an_app(user)
    client, _response = give_password(user)
    later = gate.time.time() + gate.PENDING_SECONDS + 1
    monkeypatch.setattr("portal.secondfactor.gate.time.time", lambda: later)
    assert is_login(client.get(CONFIRM))
    assert is_login(client.post(CONFIRM, {"code": "123456"}))


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"is_staff": False}, {"password": "x"}]
)
def test_an_account_that_was_closed_meanwhile_stays_outside(clock, change):
    user = a_person()
    app = an_app(user)
    client, _response = give_password(user)
    type(user).objects.filter(pk=user.pk).update(**change)
    assert is_login(client.post(CONFIRM, {"code": shown(app)}))
    assert not is_inside(client)


@pytest.mark.parametrize(
    ("target", "goes_to"),
    [
        ("/admin/news/article/", "/admin/news/article/"),
        ("/admin/news/article/?q=a..b", "/admin/news/article/?q=a..b"),
        ("https://evil.example/admin/", "/admin/"),
        ("//evil.example/admin/", "/admin/"),
        ("/admin/../tim-kiem/", "/admin/"),
        ("/admin/%2E%2e/tim-kiem/", "/admin/"),
        ("/admin/\\evil.example", "/admin/\\evil.example"),
        ("/tim-kiem/", "/admin/"),
        ("javascript:alert(1)", "/admin/"),
        ("http://testserver/admin/news/", "/admin/"),
        ("/admin/\r\nSet-Cookie: a=b", "/admin/"),
    ],
)
def test_the_way_on_stays_below_admin(clock, target, goes_to):
    user = a_person()
    _client, response = give_password(user, target=target)
    assert response["Location"] == goes_to.replace("\\", "%5C")
    app = an_app(user)
    client, _response = give_password(user, target=target)
    response = client.post(CONFIRM, {"code": shown(app), "next": "//evil.example"})
    assert response["Location"] == goes_to.replace("\\", "%5C")


# Codes of an app


def test_a_code_works_once(clock):
    user = a_person()
    app = an_app(user)
    code = shown(app)
    for tries in range(2):
        client, _response = give_password(user)
        response = client.post(CONFIRM, {"code": code})
        assert is_inside(client) == (tries == 0)
    assert "code_form" in response.context
    [refused] = entries("factor_refused")
    assert (refused.user, refused.user_name) == (None, user.username)
    assert (refused.object_type, refused.object_id) == ("portal.user", str(user.pk))


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "12345",
        "1234567",
        "abcdef",
        "١٢٣٤٥٦",
        "²²²²²²",
        "1_0000",
        "-00001",
        "\0" * 6,
    ],
)
def test_what_is_no_code_is_asked_for_again(clock, typed):
    user = a_person()
    an_app(user)
    client, _response = give_password(user)
    response = client.post(CONFIRM, {"code": typed})
    assert response.status_code == 200
    assert response.context["code_form"].errors
    assert not is_inside(client)


def test_a_code_may_be_typed_in_halves(clock):
    user = a_person()
    app = an_app(user)
    client, _response = give_password(user)
    code = shown(app)
    client.post(CONFIRM, {"code": f" {code[:3]} {code[3:]} "})
    assert is_inside(client)


def test_wrong_codes_make_one_wait_and_even_the_right_one_is_not_looked_at(clock):
    user = a_person()
    app = an_app(user)
    client, _response = give_password(user)
    client.post(CONFIRM, {"code": wrong(app)})
    app.refresh_from_db()
    assert app.throttling_failure_count == 1
    now = timezone.now()
    TOTPDevice.objects.update(
        throttling_failure_count=8, throttling_failure_timestamp=now
    )
    response = client.post(CONFIRM, {"code": shown(app)})
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 128
    assert "3 phút" in response.content.decode()
    assert not is_inside(client)
    TOTPDevice.objects.update(throttling_failure_timestamp=now - timedelta(hours=1))
    client.post(CONFIRM, {"code": shown(app)})
    assert is_inside(client)
    assert len(entries("factor_refused")) == 1  # what was not looked at is not told


def test_with_two_apps_each_one_confirms_and_spoils_nothing_of_the_other(clock):
    user = a_person()
    apps = [an_app(user, "Một"), an_app(user, "Hai")]
    for app in reversed(apps):
        client, _response = give_password(user)
        client.post(CONFIRM, {"code": shown(app)})
        assert is_inside(client)
    assert not TOTPDevice.objects.exclude(throttling_failure_count=0).exists()


def test_nobody_confirms_by_the_app_of_somebody_else(clock):
    user, other = a_person(), a_person()
    an_app(user)
    foreign = an_app(other)
    client, _response = give_password(user)
    client.post(CONFIRM, {"code": shown(foreign)})
    assert not is_inside(client)


def test_an_app_that_was_never_confirmed_counts_for_nothing(clock):
    user = a_person()
    app = an_app(user)
    TOTPDevice.objects.update(confirmed=False)
    client, _response = give_password(user)
    assert is_inside(client)
    assert codes.confirm_app_code(user, shown(app)) is None


# Recovery codes


def test_a_recovery_code_works_once_however_it_is_written():
    user = a_person()
    an_app(user)
    made = codes.make_recovery_codes(user)
    assert len(set(made)) == codes.RECOVERY_CODES
    client, _response = give_password(user)
    typed = made[3].lower().replace("-", " ").replace("0", "o").replace("1", "l")
    client.post(CONFIRM, {"recovery": typed})
    assert is_inside(client)
    assert codes.recovery_codes_left(user) == 9
    [entry] = entries("recovery_used")
    assert (entry.user, entry.note) == (user, "9/10")
    client, _response = give_password(user)
    response = client.post(CONFIRM, {"recovery": made[3]})
    assert response.context["recovery_form"].errors
    assert not is_inside(client)
    assert len(entries("factor_refused")) == 1


def test_recovery_codes_are_stored_by_digests_of_their_own_salt():
    users = a_person(), a_person()
    made = [codes.make_recovery_codes(user) for user in users]
    stored = list(RecoveryCodes.objects.values_list("salt", "digests"))
    flat = {digest for _salt, digests in stored for digest in digests}
    assert len(flat) == 20
    assert len({salt for salt, _digests in stored}) == 2
    text = repr(stored).upper()
    assert not any(code.replace("-", "") in text for code in made[0] + made[1])


def test_new_recovery_codes_end_the_old_ones():
    user = a_person()
    an_app(user)
    old = codes.make_recovery_codes(user)
    codes.make_recovery_codes(user)
    client, _response = give_password(user)
    client.post(CONFIRM, {"recovery": old[0]})
    assert not is_inside(client)
    assert codes.recovery_codes_left(user) == 10


def test_wrong_recovery_codes_make_one_wait():
    user = a_person()
    an_app(user)
    [code, *_rest] = codes.make_recovery_codes(user)
    client, _response = give_password(user)
    client.post(CONFIRM, {"recovery": "AAAA-BBBB-CCCC"})
    now = timezone.now() + timedelta(seconds=5)
    RecoveryCodes.objects.update(throttling_failure_timestamp=now)
    response = client.post(CONFIRM, {"recovery": code})
    assert response.status_code == 429
    assert not is_inside(client)
    assert codes.recovery_codes_left(user) == 10


def test_one_is_told_when_few_codes_are_left():
    user = a_person()
    an_app(user)
    made = codes.make_recovery_codes(user)
    row = RecoveryCodes.objects.get()
    row.digests = row.digests[:3]
    row.save()
    client, _response = give_password(user)
    client.post(CONFIRM, {"recovery": made[0]})
    assert "2 mã dự phòng" in client.get("/admin/").content.decode()


# Enrolment


def secret_of(page) -> str:
    """The secret as the page shows it in words, as hex digits."""
    text = re.search(r'factor-secret">([A-Z2-7 ]+)<', page.content.decode())[1]
    return base64.b32decode(text.replace(" ", "")).hex()


def enrol(client, clock):
    page = client.get(ADD_APP)
    code = f"{totp(bytes.fromhex(secret_of(page))):06d}"
    response = client.post(ADD_APP, {"code": code, "name": "Điện thoại"})
    clock.seconds += 30  # the app's clock may be as far behind
    return code, response


def test_a_role_that_demands_it_leads_to_enrolment_and_then_in(clock):
    demand(roles.REPORTER)
    user = a_person()
    client, response = give_password(user, target="/admin/news/article/")
    assert response["Location"] == ADD_APP
    page = client.get(ADD_APP)
    assert 'src="data:image/svg+xml' in page.content.decode()
    code, response = enrol(client, clock)
    shown_codes = re.findall(r"<code>([0-9A-Z-]{14})</code>", response.content.decode())
    assert len(shown_codes) == 10
    assert 'href="/admin/news/article/"' in response.content.decode()
    assert is_inside(client)
    assert [e.note for e in entries("factor_added")] == ["app: Điện thoại"]
    assert len(entries("codes_renewed")) == len(entries("signed_in")) == 1
    again, _response = give_password(user)
    again.post(CONFIRM, {"code": code})
    assert not is_inside(again), "the code of the enrolment signs nobody in"
    RecoveryCodes.objects.update(throttling_failure_count=0)
    again.post(CONFIRM, {"recovery": shown_codes[0]})
    assert is_inside(again)


def test_enrolment_wants_the_code_of_the_secret_that_was_shown(clock):
    demand(roles.REPORTER)
    client, _response = give_password(a_person())
    first = secret_of(client.get(ADD_APP))
    response = client.post(ADD_APP, {"code": "000000", "name": "x"})
    assert response.status_code == 200
    assert secret_of(response) == first
    assert not TOTPDevice.objects.exists()
    assert not is_inside(client)


def test_superusers_need_it_as_soon_as_a_role_does():
    root = a_person("root", is_superuser=True)
    _client, response = give_password(root)
    assert response["Location"] == "/admin/"
    demand(roles.REPORTER)
    _client, response = give_password(root)
    assert response["Location"] == ADD_APP


def test_a_demand_ends_the_sessions_that_do_not_meet_it():
    user = a_person()
    client = login(user)
    assert is_inside(client)
    demand(roles.REPORTER)
    assert is_login(client.get("/admin/news/article/"))
    page = client.get(SIGN_IN)
    assert page.status_code == 200
    assert "phiên" in page.content.decode()
    assert "_auth_user_id" not in client.session
    demand(roles.EDITOR)
    assert not is_inside(client), "it has ended"


def test_one_adds_an_app_of_ones_own_accord(clock):
    user = a_person()
    client, _response = give_password(user)
    elsewhere = login(user)
    assert client.get(ADD_APP)["Location"].startswith(f"{GIVE_PASSWORD}?next=")
    response = client.post(f"{GIVE_PASSWORD}?next={ADD_APP}", {"password": "sai"})
    assert response.status_code == 200
    assert client.get(ADD_APP).status_code == 302
    response = client.post(f"{GIVE_PASSWORD}?next={ADD_APP}", {"password": PASSWORD})
    assert response["Location"] == ADD_APP
    _code, response = enrol(client, clock)
    assert response.status_code == 200
    assert is_inside(client)
    assert has_second_factor(type(user).objects.get(pk=user.pk))
    assert not is_inside(elsewhere), "a session without the step is over"


def test_the_password_stands_for_ten_minutes(monkeypatch):
    client, _response = give_password(a_person())
    client.post(GIVE_PASSWORD, {"password": PASSWORD})
    assert client.get(ADD_APP).status_code == 200
    later = gate.time.time() + gate.PASSWORD_SECONDS + 1
    monkeypatch.setattr("portal.secondfactor.gate.time.time", lambda: later)
    assert client.get(ADD_APP).status_code == 302


# One's own devices


@pytest.fixture
def confirmed(clock):
    """Return a function: (client, app) of somebody who is in and gave the password."""

    def make(role="reporter"):
        user = a_person(role)
        app = an_app(user)
        codes.make_recovery_codes(user)
        client, _response = give_password(user)
        client.post(CONFIRM, {"code": shown(app)})
        client.post(GIVE_PASSWORD, {"password": PASSWORD})
        return client, app

    return make


def address_of(device) -> str:
    kind = "passkey" if isinstance(device, Passkey) else "app"
    return f"{OWN}thiet-bi/{kind}/{device.pk}/"


def test_a_device_is_renamed_and_taken_away(confirmed):
    client, app = confirmed()
    other = login(app.user)
    session = other.session
    session["second_factor"] = "app"
    session.save()
    assert is_inside(other)
    assert "Điện thoại" in client.get(OWN).content.decode()
    client.post(address_of(app), {"name": "Máy\u200b mới "})
    assert "Máy mới" in client.get(OWN).content.decode()
    response = client.post(address_of(app), {"remove": "1"})
    assert response["Location"] == OWN
    assert is_inside(client)
    assert not is_inside(other), "it was confirmed by what is gone"
    assert not RecoveryCodes.objects.exists()
    notes = [entry.note for entry in entries("factor_renamed", "factor_removed")]
    assert notes == ["app: Điện thoại → Máy mới", "app: Máy mới"]


def test_devices_are_changed_with_the_password_only(confirmed):
    client, app = confirmed()
    session = client.session
    del session["password_given_at"]
    session.save()
    for path in (address_of(app), CODES, ADD_APP):
        for send in (client.get, client.post):
            response = send(path, {"remove": "1", "name": "x", "code": "123456"})
            assert response["Location"].startswith(GIVE_PASSWORD), path
    app.refresh_from_db()
    assert app.name == "Điện thoại"
    assert codes.recovery_codes_left(app.user) == 10


def test_the_last_device_stays_while_the_role_needs_one(confirmed):
    client, app = confirmed()
    demand(roles.REPORTER)
    assert 'name="remove"' not in client.get(address_of(app)).content.decode()
    client.post(address_of(app), {"remove": "1"})
    assert TOTPDevice.objects.count() == 1
    an_app(app.user, "Máy khác")
    client.post(address_of(app), {"remove": "1"})
    assert TOTPDevice.objects.get().name == "Máy khác"
    assert codes.recovery_codes_left(app.user) == 10


def test_nobody_touches_the_device_of_somebody_else(confirmed):
    client, _app = confirmed()
    foreign = an_app(a_person())
    for data in ({"name": "x"}, {"remove": "1"}):
        assert client.post(address_of(foreign), data).status_code == 404
    assert client.get(f"{OWN}thiet-bi/email/1/").status_code == 404
    assert client.get(f"{OWN}thiet-bi/app/{10**30}/").status_code == 404
    assert TOTPDevice.objects.filter(pk=foreign.pk).exists()


def test_recovery_codes_are_renewed_and_shown_once(confirmed):
    client, app = confirmed()
    before = RecoveryCodes.objects.get().digests
    assert "10" in client.get(CODES).content.decode()
    assert RecoveryCodes.objects.get().digests == before, "looking makes nothing new"
    page = client.post(CODES).content.decode()
    made = re.findall(r"<code>([0-9A-Z-]{14})</code>", page)
    assert len(made) == 10
    assert codes.use_recovery_code(app.user, made[0]) == 9
    for path in (CODES, OWN):
        assert made[1] not in client.get(path).content.decode()
    stored = f"{client.session.items()} {AuditEntry.objects.values_list()}"
    assert made[1] not in stored


# An administrator's reset


def reset_address(user) -> str:
    return f"/admin/portal/user/{user.pk}/xac-thuc/"


def test_an_administrator_resets_with_a_reason(clock):
    user = a_person()
    app = an_app(user)
    codes.make_recovery_codes(user)
    lost, _response = give_password(user)
    lost.post(CONFIRM, {"code": shown(app)})
    assert is_inside(lost)
    boss = a_person("administrator")
    administrator = login(boss)
    form = administrator.get(f"/admin/portal/user/{user.pk}/change/")
    assert reset_address(user) in form.content.decode()
    assert administrator.post(reset_address(user), {"reason": " "}).status_code == 200
    assert TOTPDevice.objects.exists()
    administrator.post(reset_address(user), {"reason": "Mất điện thoại"})
    assert not TOTPDevice.objects.exists()
    assert not RecoveryCodes.objects.exists()
    [entry] = entries("factors_reset")
    assert (entry.user, entry.object_id) == (boss, str(user.pk))
    assert entry.note.endswith("Mất điện thoại")
    assert not is_inside(lost), "whoever found the phone is out"
    an_app(user)
    assert not is_inside(lost), "and does not come back with the next device"
    TOTPDevice.objects.all().delete()
    client, response = give_password(user)
    assert response["Location"] == "/admin/"
    # It may be one of eight characters, which cannot stand alone.
    assert client.get("/admin/")["Location"] == "/admin/password_change/"


def test_a_reset_while_somebody_confirms_lets_nobody_in(clock):
    user = a_person()
    app = an_app(user)
    client, _response = give_password(user)
    app.delete()
    assert is_login(client.post(CONFIRM, {"code": shown(app)}))
    assert not is_inside(client)


@pytest.mark.parametrize("role", ["reporter", "editor", "secretary"])
def test_only_administrators_reset(role):
    user = a_person()
    an_app(user)
    client = login(make_user(role))
    assert client.get(reset_address(user)).status_code == 403
    assert client.post(reset_address(user), {"reason": "x"}).status_code == 403
    assert TOTPDevice.objects.exists()


def test_ones_own_devices_are_not_reset_without_the_password(confirmed):
    client, app = confirmed("administrator")
    response = client.post(reset_address(app.user), {"reason": "x"})
    assert response["Location"] == OWN
    assert TOTPDevice.objects.exists()


def test_whoever_runs_the_server_resets_by_a_command():
    user = a_person("administrator")
    an_app(user)
    codes.make_recovery_codes(user)
    for arguments in (["nobody", "--reason", "x"], [user.username, "--reason", " "]):
        with pytest.raises(CommandError):
            call_command("reset_second_factor", *arguments, stdout=StringIO())
    assert has_second_factor(user)
    arguments = [user.username, "--reason", "Mất máy"]
    call_command("reset_second_factor", *arguments, stdout=StringIO())
    _client, response = give_password(user)
    assert response["Location"] == "/admin/"
    [entry] = entries("factors_reset")
    assert (entry.user, entry.object_text) == (None, user.username)
    assert not RecoveryCodes.objects.exists()


@pytest.mark.parametrize("is_public", [True, False])
def test_a_new_public_site_asks_its_administrators(settings, is_public):
    settings.IS_PUBLIC, settings.DEMO = is_public, False
    settings.ADMIN_PASSWORD = PASSWORD
    call_command("first_run", stdout=StringIO())
    root = User.objects.get(is_superuser=True)
    assert gate.facts(root).is_required == is_public
    demand(roles.EDITOR)
    call_command("first_run", stdout=StringIO())
    [chosen] = SiteSettings.load().second_factor_roles.all()
    assert chosen.name == roles.EDITOR, "what was chosen since stays"


# The rest


def test_no_secret_of_a_device_can_be_looked_at_in_the_back_office(confirmed):
    client, app = confirmed("administrator")
    assert client.get("/admin/otp_totp/totpdevice/").status_code == 404
    for path in (OWN, address_of(app), f"/admin/portal/user/{app.user_id}/change/"):
        assert app.key not in client.get(path).content.decode()


def test_the_choice_of_roles_is_an_administrators_and_in_the_log():
    client = login(make_user("administrator"))
    chosen = Group.objects.get(name=roles.REPORTER)
    data = {"review_level": "one", "public_metric": "visits", "name": "Sở"}
    data["second_factor_roles"] = [chosen.pk]
    path = "/admin/portal/sitesettings/1/change/"
    assert roles.REPORTER in client.get(path).content.decode()
    assert client.post(path, data).status_code == 302
    assert list(SiteSettings.load().second_factor_roles.all()) == [chosen]
    told = [entry.changes for entry in AuditEntry.objects.all()]
    assert any("second_factor_roles" in changes for changes in told)


def test_knowing_who_is_in_costs_one_question(django_assert_num_queries):
    user = a_person()
    with django_assert_num_queries(1):
        assert not has_second_factor(user)
        assert gate.facts(user) == gate.Facts(False, False)


def test_deleting_an_account_takes_its_devices_without_a_word_about_them(confirmed):
    _client, app = confirmed()
    client = login(make_user("administrator"))
    path = f"/admin/portal/user/{app.user_id}/delete/"
    page = client.get(path).content.decode()
    assert "TOTP" not in page
    assert app.name not in page
    assert client.post(path, {"post": "yes"}).status_code == 302
    assert not TOTPDevice.objects.exists()
