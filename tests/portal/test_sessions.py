"""Who is signed in where: it ends by the clock, by its owner, by an administrator."""

import json
from datetime import timedelta
from unittest import mock
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.contrib.messages import get_messages
from django.contrib.sessions.models import Session as OldSession
from django.core.management import call_command
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from news.models import Autosave
from portal.audit.models import Action, AuditEntry
from portal.models import User
from portal.sessions import browsers, upkeep
from portal.sessions.models import Session
from tests.factories import make_article, make_category
from tests.news.conftest import form_data, login, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.by_the_clock]

PASSWORD = "mot cau that dai 2026"
NEW = "mot cau khac dai 2027"
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36"
)
DESK = reverse("admin:index")


@pytest.fixture
def writer():
    return make_user("reporter", username="an", password=PASSWORD)


def signed_in(user, agent=CHROME, address="203.0.113.5") -> Client:
    """A browser that signed in by the form."""
    client = Client(REMOTE_ADDR=address, headers={"User-Agent": agent})
    typed = {"username": user.username, "password": PASSWORD}
    assert client.post(reverse("admin:login"), typed).status_code == 302
    return client


def later(**ahead):
    moment = timezone.now() + timedelta(**ahead)
    return mock.patch.object(timezone, "now", lambda: moment)


def is_in(client) -> bool:
    return client.get(reverse("sessions:mine")).status_code == 200


def session_of(client) -> Session:
    return Session.objects.get(
        pk=client.cookies[django_settings.SESSION_COOKIE_NAME].value
    )


# By the clock


def test_a_session_ends_after_half_an_hour_without_doing_anything(writer):
    client = signed_in(writer)
    with later(minutes=29):
        assert is_in(client)
    with later(minutes=29 + 29):
        assert is_in(client)
    with later(minutes=29 + 29 + 31):
        assert not is_in(client)


def test_a_session_ends_after_twelve_hours_however_busy(writer):
    client = signed_in(writer)
    for minutes in range(20, 12 * 60, 20):
        with later(minutes=minutes):
            assert is_in(client), minutes
    with later(hours=12, seconds=1):
        assert not is_in(client)


def test_both_limits_are_settings(writer, settings):
    settings.SESSION_IDLE_MINUTES, settings.SESSION_HOURS = 5, 1
    client = signed_in(writer)
    with later(minutes=4):
        assert is_in(client)
    with later(minutes=10):
        assert not is_in(client)
    settings.SESSION_IDLE_MINUTES = 600
    client = signed_in(writer)
    with later(minutes=61):
        assert not is_in(client)


def test_being_seen_is_written_once_a_minute(writer):
    client = signed_in(writer)
    before = session_of(client).last_seen_at
    with later(seconds=50):
        assert is_in(client)
    assert session_of(client).last_seen_at == before
    with later(seconds=70):
        assert is_in(client)
    assert session_of(client).last_seen_at > before


def test_a_message_or_other_data_of_a_session_changes_no_time(writer):
    client = signed_in(writer)
    before = session_of(client)
    session = client.session
    session["x"] = "y"
    session.save()
    after = session_of(client)
    assert after.get_decoded()["x"] == "y"
    same = ("created_at", "expire_date", "address", "browser", "handle", "user_id")
    assert all(getattr(before, n) == getattr(after, n) for n in same)


def test_an_open_form_that_nobody_types_into_keeps_no_session(writer):
    article = make_article(state="draft", created_by=writer)
    client = signed_in(writer)
    for minutes in (10, 20, 29):
        with later(minutes=minutes):
            assert beat(client, writer, article, typed=False).status_code == 200
    with later(minutes=31):
        response = beat(client, writer, article, typed=False)
    assert response.status_code == 302
    assert reverse("admin:login") in response["Location"]


def test_typing_keeps_a_session(writer):
    article = make_article(state="draft", created_by=writer)
    client = signed_in(writer)
    with later(minutes=20):
        assert beat(client, writer, article, typed=True).status_code == 200
    with later(minutes=45):
        assert is_in(client)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"typed": true}'])
def test_a_call_that_says_nothing_keeps_no_session(writer, body):
    client = signed_in(writer)
    path = reverse("admin:news_article_autosave_new")
    with later(minutes=20):
        client.post(path, body, content_type="application/json")
    with later(minutes=31):
        assert not is_in(client)


def test_an_hour_of_typing_is_not_interrupted(writer):
    article = make_article(state="draft", created_by=writer)
    client = signed_in(writer)
    for minutes in range(5, 75, 5):
        with later(minutes=minutes):
            title = f"Sau {minutes} phút"
            response = beat(client, writer, article, typed=True, title=title)
            assert response.status_code == 200, minutes
    assert Autosave.objects.filter(title="Sau 70 phút").exists()


def signed_in_as_another(client, writer, article):
    client.force_login(make_user("editor"))


def the_article_is_gone(client, writer, article):
    type(article).objects.filter(pk=article.pk).delete()


def it_may_no_longer_be_changed(client, writer, article):
    type(article).objects.filter(pk=article.pk).update(state="published")


def the_password_must_be_changed(client, writer, article):
    User.objects.filter(pk=writer.pk).update(must_change_password=True)


def the_token_is_of_an_earlier_session(client, writer, article):
    client.handler.enforce_csrf_checks = True


@pytest.mark.parametrize(
    ("happens", "status"),
    [
        (signed_in_as_another, 409),
        (the_article_is_gone, 404),
        (it_may_no_longer_be_changed, 403),
        (the_password_must_be_changed, 302),
        (the_token_is_of_an_earlier_session, 403),
    ],
)
def test_a_refused_call_of_a_form_keeps_no_session(writer, happens, status):
    """The form repeats it every 25 seconds, whether somebody sits there or not."""
    article = make_article(state="draft", created_by=writer)
    client = signed_in(writer)
    happens(client, writer, article)
    before = session_of(client).expire_date
    with later(minutes=20):
        assert beat(client, writer, article, typed=True).status_code == status
    assert session_of(client).expire_date == before


def test_a_call_for_an_article_deleted_meanwhile_keeps_no_session(writer):
    article = make_article(state="draft", created_by=writer)
    client = signed_in(writer)
    before = session_of(client).expire_date
    deleted = mock.patch("news.autosave.keep", side_effect=IntegrityError)
    with later(minutes=20), deleted:
        assert beat(client, writer, article, typed=True).status_code == 404
    assert session_of(client).expire_date == before


def test_a_text_that_is_too_large_is_no_activity_by_itself(writer):
    article = make_article(state="draft", created_by=writer)
    client = signed_in(writer)
    before = session_of(client).expire_date
    with later(minutes=20):
        response = beat(client, writer, article, typed=True, title="a" * 2**21)
    assert response.status_code == 400
    assert session_of(client).expire_date == before


def test_only_the_open_form_of_an_article_calls_by_the_clock():
    """Another script that does needs a view with `is_unattended`."""
    folder = django_settings.BASE_DIR / "static" / "admin_theme"
    scripts = {path.name: path.read_text() for path in folder.glob("*.js")}
    assert [name for name, text in scripts.items() if "setInterval(" in text] == [
        "autosave.js"
    ]


def beat(client, user, article, *, typed, title="Tít"):
    path = reverse("admin:news_article_autosave", args=[article.pk])
    data = {
        "token": str(uuid4()),
        "user": user.pk,
        "version": article.version,
        "seen": article.version,
        "typed": typed,
        "begins": True,
        "content": {"title": [title]},
    }
    return client.post(path, json.dumps(data), content_type="application/json")


@pytest.mark.parametrize(
    "cookie", ["", "x", "\x00" * 32, "a" * 31 + "\x00", "ắ" * 32, "a" * 5000, "'--"]
)
def test_a_cookie_of_anything_is_nobody(cookie):
    quoted = "".join(f"\\{b:03o}" for b in cookie.encode()[:6000])
    name = django_settings.SESSION_COOKIE_NAME
    response = Client().get(DESK, headers={"Cookie": f'{name}="{quoted}"'})
    assert response.status_code == 302


def test_old_sessions_are_erased_a_day_after_their_end(writer):
    signed_in(writer)
    now = timezone.now()
    upkeep.erase_old(now + timedelta(hours=24))
    assert Session.objects.count() == 1
    upkeep.erase_old(now + timedelta(hours=24, minutes=31))
    assert not Session.objects.exists()


def test_the_command_of_django_clears_ended_sessions_too(writer):
    signed_in(writer)
    with later(minutes=31):
        call_command("clearsessions")
    assert not Session.objects.exists()


def test_nothing_is_kept_in_the_table_of_django(writer):
    signed_in(writer)
    assert not OldSession.objects.exists()


def test_a_public_page_makes_no_session():
    client = Client()
    client.get("/")
    assert not client.cookies
    assert not Session.objects.exists()


# One's own


def test_a_person_sees_where_they_are_signed_in_and_which_one_this_is(writer):
    phone = "Mozilla/5.0 (Linux; Android 14) AppleWebKit Chrome/131 Mobile Safari"
    signed_in(writer, phone, "198.51.100.7")
    client = signed_in(writer)
    signed_in(make_user("reporter", username="la", password=PASSWORD), "Firefox/130")
    page = client.get(reverse("sessions:mine")).content.decode()
    assert "Chrome trên Windows</strong> <span" in page
    assert "Chrome trên Android</strong></p>" in page
    assert "198.51.100.7" in page
    assert "phiên này" in page
    assert "Firefox" not in page
    for session in Session.objects.all():
        assert session.pk not in page


def test_a_session_that_its_owner_ends_is_over_at_the_next_request(writer):
    here, there = signed_in(writer), signed_in(writer)
    sent = {"session": session_of(there).handle}
    assert here.post(reverse("sessions:end"), sent).status_code == 302
    assert is_in(here)
    assert not is_in(there)
    [entry] = AuditEntry.objects.filter(action=Action.SESSION_ENDED)
    assert entry.user == writer
    assert "Chrome trên Windows (203.0.113.5)" in entry.note


def test_all_others_are_ended_at_once(writer):
    here, *others = [signed_in(writer) for _ in range(3)]
    stranger = signed_in(make_user("reporter", username="la", password=PASSWORD))
    here.post(reverse("sessions:end"), {"all": "1"})
    assert [is_in(client) for client in (here, *others, stranger)] == [
        *(True, False, False, True)
    ]


@pytest.mark.parametrize("sent", [{}, {"session": "x"}, {"session": str(uuid4())}])
def test_a_session_that_is_not_there_cannot_be_ended(writer, sent):
    here, there = signed_in(writer), signed_in(writer)
    assert here.post(reverse("sessions:end"), sent).status_code == 404
    assert is_in(there)


def test_nobody_ends_the_session_of_another(writer):
    stranger = signed_in(make_user("reporter", username="la", password=PASSWORD))
    sent = {"session": session_of(stranger).handle}
    here = signed_in(writer)
    assert here.post(reverse("sessions:end"), sent).status_code == 404
    assert here.post(reverse("sessions:end_any"), sent).status_code == 403
    assert is_in(stranger)


def test_a_request_that_goes_on_does_not_bring_an_ended_session_back(writer):
    client = signed_in(writer)
    row = session_of(client)
    store = row.get_session_store_class()(row.pk)
    assert store.get("_auth_user_id") == str(writer.pk)
    row.delete()
    store.touch(timezone.now() + timedelta(minutes=5))
    assert not Session.objects.exists()


# Administrators


def test_an_administrator_sees_and_ends_sessions_of_anybody(writer):
    theirs, other = signed_in(writer), signed_in(writer)
    client = login(make_user("administrator"))
    page = client.get(reverse("sessions:everybody")).content.decode()
    assert page.count("an (an)") == 2
    sent = {"session": session_of(theirs).handle}
    assert client.post(reverse("sessions:end_any"), sent).status_code == 302
    assert (is_in(theirs), is_in(other)) == (False, True)
    [entry] = AuditEntry.objects.filter(action=Action.SESSION_ENDED)
    assert entry.object_id == str(writer.pk)
    client.post(
        reverse("sessions:end_any"),
        {"session": session_of(other).handle, "all": "1"},
    )
    assert not is_in(other)
    assert client.post(reverse("sessions:end_any"), sent).status_code == 302


def test_a_disabled_account_is_out_at_the_next_request(writer):
    client = signed_in(writer)
    writer.is_active = False
    writer.save()
    assert not is_in(client)


# A new password


def test_a_new_password_ends_all_other_sessions(writer):
    here, there = signed_in(writer), signed_in(writer)
    sent = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert here.post(reverse("admin:password_change"), sent).status_code == 302
    assert is_in(here)
    assert Session.objects.count() == 1
    assert not is_in(there)


def test_djangos_own_hash_ends_them_even_where_no_row_was_deleted(writer):
    client = signed_in(writer)
    writer.set_password(NEW)
    writer.save()
    assert Session.objects.count() == 1
    assert not is_in(client)


def test_a_password_set_by_an_administrator_is_changed_at_the_first_sign_in(writer):
    there = signed_in(writer)
    administrator = login(make_user("administrator"))
    sent = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    path = reverse("admin:auth_user_password_change", args=[writer.pk])
    assert administrator.post(path, sent).status_code == 302
    assert is_in(administrator)
    assert not is_in(there)
    client = Client()
    client.post(reverse("admin:login"), {"username": "an", "password": NEW})
    change = reverse("admin:password_change")
    for path in (DESK, reverse("sessions:mine"), reverse("notices:list")):
        response = client.get(path)
        assert (response.status_code, response["Location"]) == (302, change)
    page = client.get(change)
    assert "Hãy chọn mật khẩu mới" in page.content.decode()
    same = {"old_password": NEW, "new_password1": NEW, "new_password2": NEW}
    page = client.post(change, same)
    assert "Hãy chọn mật khẩu khác" in page.content.decode()
    assert client.get(DESK).status_code == 302
    own = {"old_password": NEW, "new_password1": PASSWORD, "new_password2": PASSWORD}
    assert client.post(change, own).status_code == 302
    assert client.get(DESK).status_code == 200


def test_an_account_made_in_the_admin_begins_with_a_password_to_change():
    administrator = login(make_user("administrator"))
    sent = {
        "username": "moi",
        "usable_password": "true",
        "password1": NEW,
        "password2": NEW,
        "is_staff": "on",
    }
    response = administrator.post(reverse("admin:portal_user_add"), sent)
    assert response.status_code == 302
    client = Client()
    client.post(reverse("admin:login"), {"username": "moi", "password": NEW})
    assert client.get(DESK)["Location"] == reverse("admin:password_change")


def test_the_own_password_is_changed_where_the_old_one_is_asked_for():
    user = make_user("administrator")
    client, other = login(user), login(user)
    sent = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    path = reverse("admin:auth_user_password_change", args=[user.pk])
    own = reverse("admin:password_change")
    assert client.get(path)["Location"] == own
    assert client.post(path, sent)["Location"] == own
    user.refresh_from_db()
    assert not user.check_password(NEW)
    assert is_in(other)


@pytest.mark.parametrize(
    "name", ["password_change", "password_change_done", "index", "portal_user_add"]
)
def test_no_page_of_somebody_signed_in_may_be_stored(name):
    client = login(make_user("administrator"))
    response = client.get(reverse(f"admin:{name}"))
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store, private"


# A form that comes too late


def a_form(article=None, **typed):
    overrides = {"title": "Viết đến nửa đêm", "kept_as": str(uuid4())} | typed
    if article:
        overrides |= {"category": article.category_id}
        overrides |= {"read_version": str(article.version)}
    return form_data(**overrides)


def test_what_was_typed_is_there_after_signing_in_again(writer):
    article = make_article(state="draft", created_by=writer, title="Cũ")
    path = reverse("admin:news_article_change", args=[article.pk])
    client = signed_in(writer)
    with later(minutes=40):
        response = client.post(path, a_form(article))
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("admin:login"))
        page = client.get(response["Location"]).content.decode()
        assert "Nội dung bạn viết vẫn được giữ" in page
        typed = {"username": "an", "password": PASSWORD, "next": path}
        response = client.post(reverse("admin:login"), typed)
        assert response["Location"] == path
        page = client.get(path).content.decode()
        assert "Mở lại bản đó" in page
        [kept] = Autosave.objects.all()
        form = client.get(f"{path}?kept={kept.token}")
        assert "Viết đến nửa đêm" in form.content.decode()
    article.refresh_from_db()
    assert (article.title, article.version) == ("Cũ", 0)
    assert kept.user == writer


def test_the_calls_of_the_open_form_after_the_end_take_nothing_away(writer):
    article = make_article(state="draft", created_by=writer)
    path = reverse("admin:news_article_change", args=[article.pk])
    client = signed_in(writer)
    with later(minutes=35):
        assert beat(client, writer, article, typed=True).status_code == 302
    assert late(client, a_form(article), path) == 1


def test_a_form_is_kept_when_its_writer_has_to_change_the_password_first(writer):
    article = make_article(state="draft", created_by=writer, title="Cũ")
    path = reverse("admin:news_article_change", args=[article.pk])
    client = signed_in(writer)
    User.objects.filter(pk=writer.pk).update(must_change_password=True)
    response = client.post(path, a_form(article))
    assert response["Location"] == reverse("admin:password_change")
    [kept] = Autosave.objects.all()
    assert kept.user == writer
    article.refresh_from_db()
    assert (article.title, article.version) == ("Cũ", 0)


def test_wrong_old_passwords_count_like_refused_sign_ins(writer):
    client, path = signed_in(writer), reverse("admin:password_change")
    sent = {"old_password": "sai", "new_password1": NEW, "new_password2": NEW}
    answers = [client.post(path, sent).status_code for _ in range(5)]
    assert answers == [200, 200, 200, 200, 429]
    assert client.post(path, sent | {"old_password": PASSWORD}).status_code == 429


def test_what_refuses_a_colleagues_password_ends_nothing(writer):
    there, administrator = signed_in(writer), login(make_user("administrator"))
    path = reverse("admin:auth_user_password_change", args=[writer.pk])
    sent = {"password1": NEW, "password2": "another", "usable_password": "true"}
    administrator.post(path, sent)
    assert is_in(there)
    writer.refresh_from_db()
    assert not writer.must_change_password


def test_signing_out_takes_the_key_back(writer):
    client = signed_in(writer)
    client.post(reverse("admin:logout"))
    assert not client.cookies[django_settings.SESSION_COOKIE_NAME].value
    assert not Session.objects.exists()


def test_a_new_article_that_came_too_late_is_kept_as_well(writer):
    client = signed_in(writer)
    with later(hours=13):
        sent = a_form(category=make_category().pk)
        client.post(reverse("admin:news_article_add"), sent)
    assert Autosave.objects.get().content["title"] == ["Viết đến nửa đêm"]


def late(client, sent, path=None, **ahead):
    with later(**(ahead or {"minutes": 40})):
        response = client.post(path or reverse("admin:news_article_add"), sent)
    assert response.status_code == 302
    said = [str(message) for message in get_messages(response.wsgi_request)]
    assert bool(said) == Autosave.objects.exists()
    return Autosave.objects.count()


def test_a_session_that_was_ended_by_hand_keeps_nothing(writer):
    client = signed_in(writer)
    session_of(client).delete()
    assert late(client, a_form()) == 0


def test_a_session_of_yesterday_keeps_nothing(writer):
    client = signed_in(writer)
    assert late(client, a_form(), minutes=31 + 24 * 60) == 0


def test_a_session_before_the_new_password_keeps_nothing(writer):
    client = signed_in(writer)
    writer.set_password(NEW)
    writer.save()
    assert late(client, a_form()) == 0


@pytest.mark.parametrize("field", ["is_active", "is_staff"])
def test_an_account_that_may_not_sign_in_keeps_nothing(writer, field):
    client = signed_in(writer)
    setattr(writer, field, False)
    writer.save()
    assert late(client, a_form()) == 0


def test_nothing_is_kept_of_an_article_that_one_may_not_change(writer):
    client = signed_in(writer)
    theirs = make_article(state="draft", created_by=make_user("editor"))
    path = reverse("admin:news_article_change", args=[theirs.pk])
    assert late(client, a_form(theirs), path) == 0
    path = reverse("admin:news_article_change", args=["x_00"])
    assert late(client, a_form(theirs), path) == 0
    approved = make_article(state="approved", created_by=writer)
    path = reverse("admin:news_article_change", args=[approved.pk])
    assert late(client, a_form(approved), path) == 0


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"kept_as": ""}, 0),
        ({"kept_as": "x\x00"}, 0),
        ({"read_version": "9" * 5000}, 1),
        ({"read_version": "-1"}, 1),
        ({"title": "a\x00b"}, 1),
        ({"body": "x" * 2_000_000}, 0),
    ],
)
def test_a_late_form_of_anything_is_answered(writer, sent, kept):
    assert late(signed_in(writer), a_form(**sent)) == kept


def test_a_stranger_keeps_nothing():
    assert late(Client(), a_form()) == 0


def test_a_late_form_without_its_token_is_refused(writer):
    client = signed_in(writer)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    with later(minutes=40):
        response = strict.post(reverse("admin:news_article_add"), a_form())
    assert response.status_code == 403
    assert not Autosave.objects.exists()


# Browsers


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (CHROME, ("Chrome", "Windows")),
        (f"{CHROME} Edg/131.0", ("Edge", "Windows")),
        (f"{CHROME} coc_coc_browser/130", ("Cốc Cốc", "Windows")),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 "
            "(KHTML, like Gecko) Version/18.1 Safari/605.1.15",
            ("Safari", "macOS"),
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605 "
            "Version/18.1 Mobile/15E148 Safari/604.1",
            ("Safari", "iPhone"),
        ),
        (
            "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:132.0) Gecko Firefox/132.0",
            ("Firefox", "Linux"),
        ),
        ("<script>alert(1)</script>", ("", "")),
        ("", ("", "")),
    ],
)
def test_a_browser_in_words(agent, words):
    assert browsers.words(agent) == words
