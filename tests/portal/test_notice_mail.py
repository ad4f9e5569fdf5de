"""Notices by e-mail, against a real server on loopback."""

import email
import threading
from datetime import timedelta
from email.header import decode_header, make_header

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import OperationalError, connection
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from news import publishing
from news.files import attach
from portal import housekeeping
from portal.models import Notice, SiteSettings
from portal.notices import mail
from portal.notices.models import Kind
from search.models import AttachmentText
from tests.factories import make_article
from tests.news.conftest import login, make_user
from tests.portal import smtp_server

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings):
    with smtp_server.running() as server:
        settings.SENDS_MAIL = True
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.DEFAULT_FROM_EMAIL = "khong-tra-loi@tinh.gov.vn"
        yield server


def make_notice(user=None, **overrides) -> Notice:
    overrides.setdefault("title", "Khai mạc hội nghị")
    overrides.setdefault("kind", Kind.RETURNED)
    overrides.setdefault("mail_due_at", timezone.now())
    user = user or make_user("reporter", email="an@tinh.gov.vn")
    return Notice.objects.create(user=user, **overrides)


def body(message) -> str:
    return message.get_payload(decode=True).decode()


def test_a_notice_of_an_act_goes_out_once_with_its_link_and_reason(server):
    SiteSettings(name="Sở Thử nghiệm").save()
    writer = make_user("reporter", email="an@tinh.gov.vn")
    boss = make_user("editor", last_name="Trần", first_name="Bình")
    article = make_article(state="draft", published_at=None, created_by=writer)
    publishing.submit(article, user=writer)
    publishing.give_back(article, user=boss, note="Thiếu ảnh của buổi lễ")
    assert mail.send_due() == 1
    assert mail.send_due() == 0
    (sent,) = server.mails
    notice = Notice.objects.get(user=writer)
    assert sent["To"] == "an@tinh.gov.vn"
    assert sent["From"] == "khong-tra-loi@tinh.gov.vn"
    assert sent["Auto-Submitted"] == "auto-generated"
    text = body(sent)
    for words in ("Thiếu ảnh của buổi lễ", "Trần Bình", article.title, "Sở Thử nghiệm"):
        assert words in text
    assert f"http://testserver{reverse('notices:open', args=[notice.pk])}" in text
    assert notice.mailed_at is not None
    assert notice.read_at is None


def test_the_mail_is_vietnamese(server):
    make_notice()
    mail.send_due()
    assert str(make_header(decode_header(server.mails[0]["Subject"]))) == (
        "Bài viết bị trả lại: Khai mạc hội nghị"
    )


@pytest.mark.parametrize(
    "overrides",
    [{"email": ""}, {"email": "an@tinh.gov.vn", "notify_by_mail": False}],
)
def test_who_has_no_address_or_wants_no_mail_gets_none(server, overrides):
    writer = make_user("reporter", **overrides)
    article = make_article(state="draft", published_at=None, created_by=writer)
    publishing.submit(article, user=writer)
    publishing.give_back(article, user=make_user("editor"), note="Sửa")
    assert Notice.objects.get(user=writer).mail_due_at is None
    assert mail.send_due() == 0


def test_a_site_without_a_mail_server_keeps_notices_only(settings):
    assert settings.SENDS_MAIL is False
    writer = make_user("reporter", email="an@tinh.gov.vn")
    article = make_article(state="draft", published_at=None, created_by=writer)
    publishing.submit(article, user=writer)
    publishing.give_back(article, user=make_user("editor"), note="Sửa")
    assert Notice.objects.get(user=writer).mail_due_at is None


def test_what_was_read_or_switched_off_meanwhile_is_not_sent(server):
    writer = make_user("reporter", email="an@tinh.gov.vn", notify_by_mail=False)
    gone = make_user("reporter", email="b@tinh.gov.vn", is_active=False)
    make_notice(writer)
    make_notice(gone)
    make_notice(read_at=timezone.now())
    assert mail.send_due() == 0
    assert not Notice.objects.exclude(mail_due_at=None).exists()
    assert server.connections == 0


def test_a_title_adds_no_header(server):
    notice = make_notice()
    Notice.objects.filter(pk=notice.pk).update(title="x")
    notice = Notice.objects.select_related("user").get()
    notice.title = "Một\r\nBcc: kẻ-lạ@example.org\nX: y"
    sent = email.message_from_bytes(mail.message(notice).message().as_bytes())
    assert sent["Bcc"] is None
    assert sent["X"] is None


def test_twenty_go_out_at_a_time_over_one_connection(server):
    writer = make_user("reporter", email="an@tinh.gov.vn")
    for _ in range(mail.BATCH + 3):
        make_notice(writer)
    assert mail.send_due() == mail.BATCH
    assert server.connections == 1
    assert mail.send_due() == 3


def due_in(notice) -> timedelta:
    notice.refresh_from_db()
    return notice.mail_due_at - timezone.now()


def test_a_server_that_refuses_the_connection_is_tried_after_growing_pauses(
    server, settings
):
    with smtp_server.running() as closed:
        settings.EMAIL_PORT = closed.port
    notice = make_notice()
    now = timezone.now()
    pauses = []
    for _ in mail.PAUSES:
        assert mail.send_due(now) == 0
        notice.refresh_from_db()
        pauses.append(notice.mail_due_at - now)
        now = notice.mail_due_at
    assert pauses == mail.PAUSES
    mail.send_due(now)  # the last attempt
    notice.refresh_from_db()
    assert (notice.mail_due_at, notice.mailed_at) == (None, None)
    assert mail.failed_count() == 1


def test_a_mail_that_failed_goes_out_when_the_server_is_back(server):
    server.hangs = True
    notice = make_notice()
    with override_settings(EMAIL_TIMEOUT=0.3):
        assert mail.send_due() == 0
    server.hangs = False
    assert mail.send_due() == 0  # its pause
    assert mail.send_due(timezone.now() + mail.PAUSES[0]) == 1
    notice.refresh_from_db()
    assert notice.mailed_at is not None
    assert mail.failed_count() == 0


def test_nothing_is_sent_in_the_clear_to_a_server_that_must_have_tls(server, settings):
    settings.EMAIL_USE_TLS = True
    notice = make_notice()
    assert mail.send_due() == 0
    assert server.mails == []
    assert due_in(notice) > timedelta(0)


def test_an_address_that_is_refused_holds_up_no_other(server):
    server.refused = "nobody@"
    bad = make_notice(make_user("reporter", email="nobody@tinh.gov.vn"))
    good = make_notice()
    assert mail.send_due() == 1
    good.refresh_from_db()
    assert good.mailed_at is not None
    assert due_in(bad) > timedelta(0)
    assert bad.mail_attempts == 1


def test_a_connection_lost_midway_leaves_the_others_for_the_next_time(server):
    server.drops_after_data = True
    first, second = make_notice(), make_notice()
    assert mail.send_due() == 0
    assert due_in(first) > timedelta(0)
    assert second.mail_attempts == 0
    server.drops_after_data = False
    assert mail.send_due() == 1
    second.refresh_from_db()
    assert second.mailed_at is not None


def test_a_process_killed_before_the_mark_repeats_one_mail_recognisably(
    server, monkeypatch
):
    make_notice()

    class Killed(BaseException):
        pass

    now = timezone.now()
    with monkeypatch.context() as patch:
        patch.setattr(mail.timezone, "now", lambda: (_ for _ in ()).throw(Killed()))
        with pytest.raises(Killed):
            mail.send_due(now)
    assert mail.send_due() == 0  # claimed
    assert mail.send_due(timezone.now() + mail.CLAIM) == 1
    first, second = server.mails
    assert first["Message-ID"] == second["Message-ID"]


def test_two_hosts_do_not_send_one_notice_twice(server, monkeypatch):
    """The second read its batch before the first had claimed it."""
    notice = make_notice()
    stale = Notice.objects.select_related("user").get(pk=notice.pk)
    assert mail.send_due() == 1
    assert not mail._claim(stale, timezone.now())


@pytest.mark.parametrize(
    ("duties", "interval"),
    [
        ("mail_duties", "MAIL_INTERVAL_SECONDS"),
        ("file_duties", "FILES_INTERVAL_SECONDS"),
    ],
)
def test_a_server_or_a_file_that_hangs_stops_no_other_duty(
    server, monkeypatch, duties, interval
):
    ticks = threading.Event()
    hanging, release = threading.Event(), threading.Event()

    def hang():
        hanging.set()
        release.wait(30)

    monkeypatch.setattr(housekeeping, "INTERVAL_SECONDS", 0.01)
    monkeypatch.setattr(housekeeping, interval, 0.01)
    for name in ("mail_duties", "file_duties"):
        due = [housekeeping.Duty(name, hang)] if name == duties else []
        monkeypatch.setattr(housekeeping, name, lambda due=due: due)

    def tick():
        if hanging.is_set():
            ticks.set()

    monkeypatch.setattr(
        housekeeping, "duties", lambda: [housekeeping.Duty("visits", tick)]
    )
    stop = threading.Event()
    thread = threading.Thread(target=housekeeping.run, args=[stop], daemon=True)
    thread.start()
    try:
        assert ticks.wait(10)
    finally:
        stop.set()
        release.set()
        thread.join(10)


def test_a_duty_that_fails_is_logged_once_and_holds_up_no_other(monkeypatch, caplog):
    done = []

    def fail():
        raise OperationalError("the database is away")

    monkeypatch.setattr(housekeeping.connection, "close", lambda: None)
    due = [
        housekeeping.Duty("first", fail),
        housekeeping.Duty("second", lambda: done.append(1)),
    ]
    for _ in range(3):
        for duty in due:
            duty()
    assert len(done) == 3
    assert sum("first" in record.getMessage() for record in caplog.records) == 1


def test_every_second_released_revisions_go_out_and_little_is_asked(
    django_assert_num_queries,
):
    names = [duty.name for duty in housekeeping.duties()]
    assert names == [
        *("visits", "revisions whose time has come", "notices"),
        *("sessions and idle accounts", "index of search", "old words searched for"),
    ]
    revisions, notices, sessions, index, words = housekeeping.duties()[1:]
    notices()  # the minute's work
    sessions()
    words()  # the day's work
    # Only PostgreSQL's index has something put aside.
    with django_assert_num_queries(2 if connection.vendor == "postgresql" else 1):
        revisions()
        notices()
        sessions()
        index()
        words()


def test_files_are_read_by_a_duty_of_their_own():
    article = make_article()
    attach(article, ContentFile(b"%PDF-1.7 rubbish", name="a.pdf"))
    (duty,) = housekeeping.file_duties()
    duty()
    assert AttachmentText.objects.get().state == AttachmentText.State.REFUSED


def test_ones_own_mails_are_switched_off_and_on(server):
    writer = make_user("reporter", email="an@tinh.gov.vn")
    client = login(writer)
    page = client.get("/admin/thong-bao/").content.decode()
    assert "an@tinh.gov.vn" in page
    address = reverse("notices:mail")
    assert client.get(address).status_code == 405
    client.post(address, {"by_mail": "0"})
    writer.refresh_from_db()
    assert writer.notify_by_mail is False
    client.post(address, {"by_mail": "1"})
    writer.refresh_from_db()
    assert writer.notify_by_mail is True


def test_an_administrator_switches_the_mails_of_an_account(client):
    page = login(make_user(is_superuser=True)).get(
        f"/admin/portal/user/{make_user('reporter').pk}/change/"
    )
    assert 'name="notify_by_mail"' in page.content.decode()


def test_a_refused_act_sends_nothing(server):
    writer = make_user("reporter", email="an@tinh.gov.vn")
    article = make_article(state="draft", published_at=None, created_by=writer)
    with pytest.raises(ValidationError):
        publishing.give_back(article, user=make_user("editor"), note="Sửa")
    assert mail.send_due() == 0
