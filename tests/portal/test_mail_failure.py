"""`mail_failure`: a unit that failed by night is told to the administrators."""

import smtplib
import ssl

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import OperationalError

from portal import administrators
from portal.models import SiteSettings, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief(settings):
    settings.SENDS_MAIL = True
    User.objects.create_user("reader", email="reader@so.example.vn")
    return User.objects.create_superuser("chief", "chief@so.example.vn", "x" * 20)


def test_administrators_read_what_failed_and_where_to_look(chief, capsys):
    site = SiteSettings.load()
    site.name = "Sở Nội vụ"
    site.save()
    call_command("mail_failure", "portal-backup")
    (sent,) = mail.outbox
    assert sent.to == [chief.email]
    assert sent.subject == "Sở Nội vụ: portal-backup bị lỗi"
    assert "journalctl -u portal-backup" in sent.body
    assert "1 thư" in capsys.readouterr().out


def test_without_a_mail_server_it_says_so(capsys):
    call_command("mail_failure", "portal-backup")
    assert "EMAIL_URL" in capsys.readouterr().err
    assert mail.outbox == []


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("connection refused"),
        smtplib.SMTPServerDisconnected("refused by smtp.secret.example.vn"),
        ConnectionRefusedError("refused by smtp.secret.example.vn"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_is_away_is_an_error_in_a_sentence_so_that_systemd_tries_again(
    chief, monkeypatch, error
):
    def away(subject, body):
        raise error

    monkeypatch.setattr(administrators, "mail", away)
    with pytest.raises(CommandError, match=r"Không (gửi|dùng) được") as raised:
        call_command("mail_failure", "portal-backup")
    assert "secret" not in str(raised.value)
    assert raised.value.returncode == 1


def test_of_a_certificate_that_is_refused_the_reason_is_told(chief, monkeypatch):
    error = ssl.SSLCertVerificationError(1, "handshake with smtp.secret.example.vn")
    error.verify_message = "CA cert does not include key usage extension"

    def away(subject, body):
        raise error

    monkeypatch.setattr(administrators, "mail", away)
    with pytest.raises(CommandError, match="key usage extension") as raised:
        call_command("mail_failure", "portal-backup")
    assert "secret" not in str(raised.value)
