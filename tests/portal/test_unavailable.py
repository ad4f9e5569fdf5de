"""Readers and editors while the database is away, is slow, or the disk is full."""

import errno
from io import BytesIO
from pathlib import Path

import psycopg
import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import IntegrityError, InterfaceError, OperationalError
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from PIL import Image as Picture

from news import images, leader
from news.models import Article, Image
from news.storage import private_storage, rendition_storage
from portal import unavailable, views
from portal.management.commands import first_run
from portal.models import User
from portal.unavailable import Reason
from tests.news.conftest import form_data, login, make_user
from tests.portal.browser_form import read

pytestmark = pytest.mark.django_db
TOKEN = "a" * 32


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize("error", [OperationalError("gone"), InterfaceError("closed")])
def test_without_the_database_readers_are_told_when_to_come_back(
    client, monkeypatch, error
):
    def raise_error(*args):
        raise error

    monkeypatch.setattr(views, "frame", raise_error)
    response = client.get(reverse("home"))
    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert response["Cache-Control"] == "no-store"
    assert "tạm thời gián đoạn" in response.content.decode()
    assert "gone" not in response.content.decode()


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OperationalError("gone"), Reason.DATABASE),
        (
            caused(OperationalError("canceled"), psycopg.errors.QueryCanceled()),
            Reason.SLOW,
        ),
        (OperationalError("interrupted"), Reason.SLOW),
        (caused(OperationalError("full"), psycopg.errors.DiskFull()), Reason.DISK),
        (OperationalError("database or disk is full"), Reason.DISK),
        (OSError(errno.ENOSPC, "No space left on device"), Reason.DISK),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), Reason.DISK),
        (OSError(errno.ENOENT, "No such file"), None),
        (IntegrityError("twice"), None),
        (ValueError("ours"), None),
        (None, None),
    ],
)
def test_what_is_away_is_told_by_the_error(error, reason):
    assert unavailable.reason_of(error) is reason


@pytest.fixture
def away(monkeypatch):
    """Sessions, which the back office asks for first, cannot be read or written."""

    def fail(*args, **kwargs):
        raise OperationalError("connection refused")

    monkeypatch.setattr(SessionStore, "load", fail)
    monkeypatch.setattr(SessionStore, "save", fail)


@pytest.fixture
def browser():
    """With a session and a token, both checked; an error is an answer here."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.cookies["sessionid"] = "b" * 32
    client.cookies["csrftoken"] = TOKEN
    return client


@pytest.mark.parametrize(
    "path", ["/admin/", "/admin/login/", "/admin/news/article/", "/admin/khong-co/"]
)
def test_no_page_of_the_back_office_is_a_500_without_the_database(browser, away, path):
    response = browser.get(path)
    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert response["Cache-Control"] == "no-store, private"
    assert "refused" not in response.content.decode()


def test_signing_in_without_the_database_hands_no_password_back(browser, away):
    sent = {"username": "an", "password": "bí mật lắm", "csrfmiddlewaretoken": TOKEN}
    response = browser.post("/admin/login/", sent)
    assert response.status_code == 503
    assert "bí mật" not in response.content.decode()


def test_an_account_that_was_not_stored_hands_no_password_back(browser, away):
    secret = {"password1": "bí mật lắm", "password2": "bí mật lắm"}
    sent = {"username": "an", "csrfmiddlewaretoken": TOKEN} | secret
    response = browser.post(reverse("admin:portal_user_add"), sent)
    assert response.status_code == 503
    assert "bí mật" not in response.content.decode()
    assert "Gửi lại" not in response.content.decode()


def test_a_session_that_cannot_be_written_is_a_503_too(browser, monkeypatch):
    """It is written by a middleware, of whose errors no process_exception hears."""
    make_user("editor", username="an", password="mot cau du dai 9")

    def fail(*args, **kwargs):
        raise OperationalError("connection refused")

    monkeypatch.setattr(SessionStore, "create", lambda self: None)
    monkeypatch.setattr(SessionStore, "save", fail)
    sent = {"username": "an", "password": "mot cau du dai 9"}
    response = browser.post("/admin/login/", sent | {"csrfmiddlewaretoken": TOKEN})
    assert response.status_code == 503
    assert "tạm thời gián đoạn" in response.content.decode()


def posted(browser, token=TOKEN, **overrides):
    data = form_data(category=1, csrfmiddlewaretoken=token, **overrides)
    return browser.post(reverse("admin:news_article_add"), data)


def test_what_an_editor_typed_comes_back_when_the_database_is_away(browser, away):
    body = '<p>Đoạn "một" & hai.</p>\n<p></textarea><script>alert(1)</script></p>' * 3
    response = posted(browser, title="Bài đang viết", body=body)
    assert response.status_code == 503
    text = response.content.decode()
    assert 'name="title" value="Bài đang viết"' in text
    assert "chưa lưu được gì" in text.lower()
    assert "Gửi lại" in text
    assert "<script" not in text
    assert "Đoạn &quot;một&quot; &amp;" in text


def test_what_came_back_can_be_sent_again_as_it_was(browser, monkeypatch):
    user = make_user("editor")
    client = login(user)
    browser.cookies["sessionid"] = client.cookies["sessionid"].value
    body = "<p>Dòng một\nDòng hai</p>"
    with monkeypatch.context() as without:

        def fail(*args, **kwargs):
            raise OperationalError("connection refused")

        without.setattr(SessionStore, "load", fail)
        away = browser.post(
            reverse("admin:news_article_add"),
            form_data(csrfmiddlewaretoken=TOKEN, body=body),
        )
    sent, _names = read(away.content.decode(), "")
    response = browser.post(reverse("admin:news_article_add"), sent)
    assert response.status_code == 302
    article = Article.objects.get()
    assert article.title == "Khai mạc hội nghị"
    assert "Dòng hai" in article.body
    assert article.created_by == user


TYPED = [
    ("news_article_act", [1, "return"], {"act-note": "Xem lại số liệu"}),
    ("news_article_word_review", ["a1"], {"title": "Bài", "body": "<p>Đoạn</p>"}),
    ("news_article_changelist", [], {"action": "withdraw", "act-note": "Nhầm"}),
    ("news_article_leader", [1], {"leader": "Ông Ba", "days": "7"}),
    ("news_listentry_changelist", [], {"list": "hot", "order": "3", "up": "3"}),
    ("portal_user_second_factor", [1], {"reason": "Mất máy"}),
]


@pytest.mark.parametrize(("name", "args", "sent"), TYPED)
def test_what_was_sent_to_any_page_of_the_back_office_comes_back(
    browser, away, name, args, sent
):
    address = reverse(f"admin:{name}", args=args)
    response = browser.post(address, sent | {"csrfmiddlewaretoken": TOKEN})
    assert response.status_code == 503
    fields, _names = read(response.content.decode(), "")
    assert {key: fields[key] for key in sent} == {k: [v] for k, v in sent.items()}
    assert f'action="{address}"' in response.content.decode()


SECRETS = [
    *("admin:login", "sign_in:confirm", "sign_in:with_passkey"),
    *("admin:password_change", "secondfactor:password", "secondfactor:add_app"),
    *("secondfactor:add_passkey", "secondfactor:recovery_codes"),
    "admin:auth_user_password_change",
]


@pytest.mark.parametrize("name", SECRETS)
def test_nothing_of_signing_in_comes_back(browser, away, name):
    address = reverse(name, args=[1] if name.startswith("admin:auth") else [])
    secret = {"code": "123456", "secret": "kín đáo", "csrfmiddlewaretoken": TOKEN}
    response = browser.post(address, secret)
    assert response.status_code == 503
    text = response.content.decode()
    assert not [value for value in secret.values() if value in text]


def test_a_script_is_not_sent_its_text_back(browser, away):
    sent = {"title": "Bài đang viết", "csrfmiddlewaretoken": TOKEN}
    address = reverse("admin:news_article_autosave_new")
    response = browser.post(address, sent, headers={"sec-fetch-dest": "empty"})
    assert response.status_code == 503
    assert "Bài đang viết" not in response.content.decode()


@pytest.mark.parametrize("note", ["", "Bỏ </textarea><script> ở đoạn hai"])
def test_a_leader_can_copy_what_he_wrote(client, monkeypatch, note):
    def fail(*args, **kwargs):
        raise OperationalError("connection refused")

    monkeypatch.setattr(leader, "find", fail)
    address = reverse("news:leader", args=["abc"])
    response = client.post(address, {"answer": "return", "note": note, "other": "x"})
    assert response.status_code == 503
    assert response["Cache-Control"] == "no-store, private"
    text = response.content.decode()
    assert escape(note) in text
    assert ("<textarea" in text) == bool(note)
    assert "<script" not in text
    assert "<form" not in text
    assert "<textarea" not in client.get(address).content.decode()


def test_nothing_comes_back_to_another_sites_form(browser, away):
    response = posted(browser, token="c" * 32, title="Chữ của kẻ lạ")
    assert response.status_code == 503
    assert "Chữ của kẻ lạ" not in response.content.decode()


def test_a_full_disk_is_told_and_leaves_no_row_and_no_file(monkeypatch):
    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(images, "_save_all", full)
    before = files()
    picture = BytesIO()
    Picture.new("RGB", (900, 600), "teal").save(picture, "JPEG")
    picture.seek(0)
    picture.name = "a.jpg"
    sent = {"title": "Ảnh", "upload": picture, "default_alt": "Ảnh"}
    sent |= {"focal_x": "0.5", "focal_y": "0.5"}
    response = login(make_user("editor")).post(reverse("admin:news_image_add"), sent)
    assert response.status_code == 503
    assert "Ổ đĩa đã hết chỗ" in response.content.decode()
    assert not Image.objects.exists()
    assert files() == before


def files() -> set[Path]:
    roots = (private_storage().location, rendition_storage().location)
    return {p for root in roots for p in Path(root).rglob("*") if p.is_file()}


def test_first_run_does_not_stumble_over_a_demoted_administrator(capsys, settings):
    settings.DEMO = False
    User.objects.create_user(settings.ADMIN_USER)
    call_command("first_run")
    assert "createsuperuser" in capsys.readouterr().err
    assert not User.objects.filter(is_superuser=True).exists()


@pytest.mark.parametrize(
    ("is_public", "demo", "password", "must_change"),
    [
        (False, False, "", True),
        (False, True, "", False),
        (False, False, "cua-nguoi-van-hanh", False),
        (True, False, "cua-nguoi-van-hanh", True),
        (True, True, "", True),
    ],
)
def test_the_first_administrator_chooses_a_password_of_his_own(
    settings, monkeypatch, is_public, demo, password, must_change
):
    settings.IS_PUBLIC, settings.DEMO = is_public, demo
    settings.ADMIN_PASSWORD = password
    monkeypatch.setattr(first_run, "call_command", lambda *args, **options: None)
    call_command("first_run")
    root = User.objects.get(is_superuser=True)
    assert root.must_change_password == must_change
    first_page = login(root).get("/admin/")
    assert (first_page.status_code == 302) == must_change
    if must_change:
        assert first_page["Location"] == reverse("admin:password_change")


def test_first_run_makes_one_administrator(capsys, settings):
    settings.DEMO, settings.ADMIN_PASSWORD = False, ""
    call_command("first_run")
    printed = capsys.readouterr().out
    user = User.objects.get(is_superuser=True)
    password = printed.split("hãy ghi lại): ")[1].split()[0]
    assert user.check_password(password)
    call_command("first_run")
    assert "Mật khẩu" not in capsys.readouterr().out
