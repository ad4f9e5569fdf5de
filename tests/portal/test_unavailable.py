import pytest
from django.core.management import call_command
from django.db import InterfaceError, OperationalError
from django.urls import reverse

from portal import views
from portal.models import User

pytestmark = pytest.mark.django_db


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


def test_first_run_does_not_stumble_over_a_demoted_administrator(capsys, settings):
    settings.DEMO = False
    User.objects.create_user(settings.ADMIN_USER)
    call_command("first_run")
    assert "createsuperuser" in capsys.readouterr().err
    assert not User.objects.filter(is_superuser=True).exists()


def test_first_run_makes_one_administrator(capsys, settings):
    settings.DEMO, settings.ADMIN_PASSWORD = False, ""
    call_command("first_run")
    printed = capsys.readouterr().out
    user = User.objects.get(is_superuser=True)
    password = printed.split("hãy ghi lại): ")[1].split()[0]
    assert user.check_password(password)
    call_command("first_run")
    assert "Mật khẩu" not in capsys.readouterr().out
