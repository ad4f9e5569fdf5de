"""Logs as JSON lines, and the one id of a request."""

import json
import logging
import sys

import pytest
from django.db import OperationalError

from portal import logs, views
from portal.audit.models import AuditEntry
from portal.models import SiteSettings
from portal.wsgi import page_cache
from tests.door import Reader
from tests.news.conftest import login, make_user

ID = "0123456789abcdef0123456789abcdef"


def record(message="Xong", *args, level=logging.INFO, **extra):
    made = logging.getLogger("portal.test").makeRecord(
        "portal.test", level, __file__, 1, message, args, None, extra=extra
    )
    return made


def line_of(made: logging.LogRecord) -> dict:
    text = logs.JsonFormatter().format(made)
    assert len(text.splitlines()) == 1
    text.encode("utf-8")
    return json.loads(text)


@pytest.fixture
def lines(caplog):
    """What is said while the test runs, as the JSON lines it becomes."""
    said = []

    class Keeper(logging.Handler):
        def emit(self, made):
            said.append(line_of(made))

    keeper, root = Keeper(), logging.getLogger()
    access = logging.getLogger("portal.access")
    root.addHandler(keeper)
    before = access.level
    access.setLevel(logging.INFO)
    yield said
    root.removeHandler(keeper)
    access.setLevel(before)


def test_a_record_is_one_line_with_its_time_in_utc():
    made = record("Xong %s", "việc", level=logging.WARNING)
    made.created = 1_767_225_599.5
    assert line_of(made) == {
        "time": "2025-12-31T23:59:59.500Z",
        "level": "WARNING",
        "logger": "portal.test",
        "message": "Xong việc",
    }


@pytest.mark.parametrize("sign", ["\n", "\r\n", "\x85", "\u2028", "\u2029", "\x0b"])
def test_nothing_in_a_message_begins_another_line(sign):
    assert line_of(record("a%sb", sign))["message"] == f"a{sign}b"
    plain = logs.PlainFormatter("{message}", style="{").format(record("a%sb", sign))
    assert len(plain.splitlines()) == 1


def test_an_address_that_is_no_utf8_is_still_a_line():
    assert line_of(record("%s", "/\udcff/"))["message"] == "/\udcff/"


def test_a_traceback_is_part_of_its_line():
    try:
        raise ValueError("của a@b.vn\nhai dòng")
    except ValueError:
        made = record("Hỏng")
        made.exc_info = sys.exc_info()
    said = line_of(made)["exception"]
    assert "Traceback" in said
    assert "ValueError" in said
    assert "a@b.vn" not in said
    plain = logs.PlainFormatter("{message}", style="{").format(made)
    assert "ValueError" in plain
    assert "a@b.vn" not in plain


def test_keys_of_leaders_and_addresses_of_people_are_left_out():
    said = line_of(record("Not Found: /xem-truoc/bi-mat:abc-1/tep/5/ hoi@so.gov.vn"))
    assert said["message"] == "Not Found: /xem-truoc/…/tep/5/ …@…"
    plain = logs.PlainFormatter("{message}", style="{")
    assert "bi-mat" not in plain.format(record("/xem-truoc/bi-mat/"))


@pytest.mark.django_db
def test_the_back_office_has_a_line_for_each_request_readers_have_none(client, lines):
    client.get("/")
    client.get("/khong-co/?q=bi-mat")
    assert lines == []
    client.get("/admin/login/?next=/bi-mat/", HTTP_USER_AGENT="Trình duyệt 1.0")
    (said,) = lines
    assert (said["method"], said["path"]) == ("GET", "/admin/login/")
    assert said["status"] == 200
    assert said["ms"] >= 0
    assert len(said["request_id"]) == 32
    assert "bi-mat" not in str(said)
    assert "127.0.0.1" not in str(said)
    assert "Trình duyệt" not in str(said)


@pytest.mark.django_db
def test_the_line_of_a_leaders_link_does_not_hold_his_key(client, lines):
    client.get("/xem-truoc/khoa-bi-mat/")
    assert lines[-1]["path"] == "/xem-truoc/…/"
    assert "khoa-bi-mat" not in str(lines)


@pytest.mark.django_db
def test_what_fails_is_told_with_the_id_that_the_reader_can_quote(
    client, lines, monkeypatch
):
    client.raise_request_exception = False

    def fail(*args):
        raise RuntimeError("hỏng")

    monkeypatch.setattr(views, "frame", fail)
    response = client.get("/")
    assert response.status_code == 500
    number = response["X-Request-ID"]
    assert number in response.content.decode()
    assert {said["request_id"] for said in lines} == {number}
    assert any("RuntimeError" in said.get("exception", "") for said in lines)


@pytest.mark.django_db
def test_an_entry_of_the_audit_log_has_the_same_id():
    SiteSettings.objects.create(name="Sở")
    client = login(make_user("administrator"))
    response = client.post("/admin/logout/")
    entry = AuditEntry.objects.filter(action="signed_out").first()
    assert entry.request_id == response["X-Request-ID"] != ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("proxies", "given", "is_kept"),
    [
        (1, ID, True),
        (0, ID, False),
        (1, ID.upper(), False),
        (1, ID + "0", False),
        (1, f"{ID}\n", False),
        (1, "", False),
    ],
)
def test_the_id_of_the_proxy_is_kept_when_it_is_one(
    client, settings, proxies, given, is_kept
):
    settings.TRUSTED_PROXIES = proxies
    response = client.get("/healthz", HTTP_X_REQUEST_ID=given)
    assert (response["X-Request-ID"] == given) is is_kept
    assert len(response["X-Request-ID"]) == 32


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/khong-co/", "/tim-kiem/"])
def test_pages_for_all_readers_carry_no_id(path):
    page_cache.clear()
    reader = Reader(page_cache)
    for _ in range(2):
        _, headers, body = reader(path)
        assert "X-Request-ID" not in headers
        assert "request_id" not in body.decode()
    page_cache.clear()


@pytest.mark.django_db
def test_a_database_that_is_away_is_one_line_without_a_traceback(
    client, lines, monkeypatch
):
    def fail(*args):
        raise OperationalError("gone")

    monkeypatch.setattr(views, "frame", fail)
    client.get("/")
    assert [said["logger"] for said in lines] == ["portal.unavailable", "portal.access"]
    assert not any("exception" in said for said in lines)
