"""The settings in a process of their own, as an operator meets them."""

import os
import re
import runpy
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date, datetime
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, transaction
from django.db.utils import ConnectionHandler
from django.template import Context, Template
from django.utils.formats import date_format, get_format

ROOT = Path(__file__).resolve().parents[2]
STRONG = "W2xk9-QpL7vTz_4mRbN8cYdG3sHfJ6aE"
PUBLIC = {
    "SITE_URL": "https://x.gov.vn",
    "SECRET_KEY": STRONG,
    "TRUSTED_PROXIES": "1",
}
# What the environment of a test run says is not the operator's.
READ = re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M)


def load(monkeypatch, tmp_path, **environment) -> dict:
    """Return the settings that an environment makes, without a process."""
    for name in READ:
        monkeypatch.delenv(name, raising=False)
    for name, value in {"DATA_DIR": str(tmp_path), **environment}.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(ROOT / "portal" / "settings.py"))


def start(tmp_path, command="manage.py", **environment):
    """Return (status, standard error) of a process that loads the settings."""
    kept = {k: os.environ[k] for k in ("PATH", "HOME") if k in os.environ}
    arguments = {
        "manage.py": ["manage.py", "shell", "-c", "print('started')"],
        "portal.serve": ["-m", "portal.serve", "--prepare"],
    }
    result = subprocess.run(
        [sys.executable, *arguments[command]],
        cwd=ROOT,
        env={**kept, "DATA_DIR": str(tmp_path), **environment},
        capture_output=True,
        text=True,
    )
    return result.returncode, result.stderr


UNSAFE = [
    ("SECRET_KEY", {"BIND": "0.0.0.0", "SITE_URL": "https://x.gov.vn"}),
    ("SECRET_KEY", {"SITE_URL": "https://x.gov.vn", "SECRET_KEY": "short"}),
    ("DEBUG", {"SITE_URL": "https://x.gov.vn", "SECRET_KEY": STRONG, "DEBUG": "1"}),
    (
        "ALLOWED_HOSTS",
        {"SITE_URL": "https://x.gov.vn", "SECRET_KEY": STRONG, "ALLOWED_HOSTS": "*"},
    ),
    ("SECRET_KEY", {**PUBLIC, "SECRET_KEY": STRONG[:31]}),
    ("SECRET_KEY", {**PUBLIC, "SECRET_KEY": "s" * 50}),
    ("SECRET_KEY", {**PUBLIC, "SECRET_KEY": "012345678" * 5}),
    ("SECRET_KEY", {**PUBLIC, "SECRET_KEY": "django-insecure-" + STRONG}),
    ("SECRET_KEY_FALLBACKS", {**PUBLIC, "SECRET_KEY_FALLBACKS": f"{STRONG},changeme"}),
    ("ALLOWED_HOSTS", {**PUBLIC, "ALLOWED_HOSTS": "x.gov.vn, *"}),
    ("ALLOWED_HOSTS", {**PUBLIC, "ALLOWED_HOSTS": "*.gov.vn"}),
    ("ALLOWED_HOSTS", {**PUBLIC, "ALLOWED_HOSTS": ".vn"}),
    ("DEBUG", {**PUBLIC, "DEBUG": "1"}),
    (
        "DEBUG",
        {**PUBLIC, "SITE_URL": "https://localhost", "BIND": "0.0.0.0", "DEBUG": "1"},
    ),
    ("SITE_URL", {**PUBLIC, "SITE_URL": "http://x.gov.vn"}),
    ("SITE_URL", {**PUBLIC, "SITE_URL": "http://10.0.0.5"}),
    ("TRUSTED_PROXIES", {**PUBLIC, "TRUSTED_PROXIES": ""}),
    ("DEMO_PASSWORD", {**PUBLIC, "DEMO": "1", "DEMO_PASSWORD": STRONG}),
    ("SECURITY_CONTACT", {"SECURITY_CONTACT": "an-toan"}),
    ("SECURITY_CONTACT", {"SECURITY_CONTACT": "mailto:a@b.vn\nExpires: x"}),
    ("SITE_URL", {"SITE_URL": "http://x.gov.vn", "SECRET_KEY": STRONG}),
    ("SITE_URL", {"BIND": "0.0.0.0", "SECRET_KEY": STRONG}),
    ("SITE_URL", {"SITE_URL": "x.gov.vn"}),
    ("PORT", {"PORT": "80a"}),
    ("PORT", {"PORT": "70000"}),
    ("DEBUG", {"DEBUG": "maybe"}),
    ("DATABASE_URL", {"DATABASE_URL": "mysql://a@127.0.0.1/b"}),
    ("DATABASE_URL", {"DATABASE_URL": "nonsense"}),
    ("TRUSTED_PROXIES", {"TRUSTED_PROXIES": "-1"}),
    ("TRUSTED_PROXIES", {"SITE_URL": "https://x.gov.vn", "SECRET_KEY": STRONG}),
    ("STATS_OFFICE_NETWORKS", {"STATS_OFFICE_NETWORKS": "203.0.113.5/24"}),
    ("STATS_VISITS_PER_ADDRESS", {"STATS_VISITS_PER_ADDRESS": "-1"}),
    ("SITE_URL", {"SITE_URL": "http://[::1"}),
    ("EMAIL_URL", {"EMAIL_URL": "nonsense"}),
    ("EMAIL_URL", {"EMAIL_URL": "https://an:bi-mat@thu.gov.vn"}),
    ("EMAIL_URL", {"EMAIL_URL": "smtp+tls://an:bi-mat@thu.gov.vn:port"}),
    ("EMAIL_URL", {"EMAIL_URL": "smtp://"}),
    ("EMAIL_FROM", {"EMAIL_FROM": "toa-soan"}),
    ("EMAIL_FROM", {"EMAIL_FROM": "a@b.vn\nBcc: c@d.vn"}),
]


@pytest.mark.parametrize(("variable", "environment"), UNSAFE)
def test_unsafe_or_wrong_setting_is_refused_naming_it(
    monkeypatch, tmp_path, variable, environment
):
    with pytest.raises(ImproperlyConfigured) as refused:
        load(monkeypatch, tmp_path, **environment)
    assert str(refused.value).startswith(variable)
    assert "bi-mat" not in str(refused.value)


@pytest.mark.parametrize("command", ["manage.py", "portal.serve"])
def test_a_refused_setting_ends_the_process_with_one_sentence(tmp_path, command):
    environment = {**PUBLIC, "SECRET_KEY": "short"}
    status, stderr = start(tmp_path, command, **environment)
    assert status == 1
    assert "SECRET_KEY" in stderr and len(stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "folder", ["", ".", "..", "private/x", "spool", "media", "pages/static"]
)
def test_static_files_lie_apart_from_what_nobody_may_read(
    monkeypatch, tmp_path, folder
):
    data = tmp_path / "data"
    if folder == "":  # by another way to the same place
        (tmp_path / "link").symlink_to(data)
        static = tmp_path / "link"
    else:
        static = data / folder
    with pytest.raises(ImproperlyConfigured) as refused:
        load(monkeypatch, data, STATIC_ROOT=str(static))
    assert str(refused.value).startswith("STATIC_ROOT")
    assert load(monkeypatch, data, STATIC_ROOT=str(data / "static"))


@pytest.mark.parametrize("name", ["portal.sqlite3", "secret_key"])
def test_data_that_every_account_can_read_is_refused(monkeypatch, tmp_path, name):
    tmp_path.chmod(0o755)
    file = tmp_path / name
    file.write_text("x")
    for mode in (0o644, 0o602):
        file.chmod(mode)
        with pytest.raises(ImproperlyConfigured) as refused:
            load(monkeypatch, tmp_path, **PUBLIC)
        assert str(refused.value).startswith("DATA_DIR")
    file.chmod(0o640)  # the group is nginx's too
    assert load(monkeypatch, tmp_path, **PUBLIC)["IS_PUBLIC"]
    file.chmod(0o644)
    tmp_path.chmod(0o750)  # nobody gets as far as the file
    assert load(monkeypatch, tmp_path, **PUBLIC)["IS_PUBLIC"]


def test_a_public_site_sends_its_cookies_by_tls_only(monkeypatch, tmp_path):
    found = load(monkeypatch, tmp_path, **PUBLIC)
    assert found["SESSION_COOKIE_SECURE"] and found["CSRF_COOKIE_SECURE"]
    assert found["SECURE_SSL_REDIRECT"] and found["SECURE_HSTS_SECONDS"] >= 31536000
    assert found["ALLOWED_HOSTS"][0] == "x.gov.vn"
    assert not found["DEBUG"] and not found["DEMO"]


def shown(tmp_path, expression: str, **environment) -> str:
    """What `settings.` and an expression is in a process of its own."""
    code = f"from django.conf import settings as s; print({expression})"
    kept = {k: os.environ[k] for k in ("PATH", "HOME") if k in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", code],
        cwd=ROOT,
        env={**kept, "DATA_DIR": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def test_mail_is_set_by_one_address(tmp_path):
    found = shown(
        tmp_path,
        "(s.SENDS_MAIL, s.EMAIL_HOST, s.EMAIL_PORT, s.EMAIL_USE_TLS, s.EMAIL_HOST_USER,"
        " s.EMAIL_HOST_PASSWORD, s.DEFAULT_FROM_EMAIL)",
        EMAIL_URL="smtp+tls://an%40sot.vn:bi%2Fmat@thu.gov.vn",
        EMAIL_FROM="Toà soạn <tin@sot.vn>",
    )
    expected = (True, "thu.gov.vn", 587, True, "an@sot.vn", "bi/mat")
    assert found == repr((*expected, "Toà soạn <tin@sot.vn>"))


def test_without_an_address_no_mail_is_sent(tmp_path):
    found = shown(
        tmp_path,
        "(s.SENDS_MAIL, s.EMAIL_BACKEND.split('.')[-2], s.DEFAULT_FROM_EMAIL)",
        SITE_URL="http://localhost:8000",
    )
    assert found == repr((False, "dummy", "khong-tra-loi@localhost"))


def test_public_site_with_everything_set_starts(tmp_path):
    status, stderr = start(
        tmp_path,
        BIND="0.0.0.0",
        SITE_URL="https://x.gov.vn",
        SECRET_KEY=STRONG,
        TRUSTED_PROXIES="1",
    )
    assert (status, stderr) == (0, "")


def test_secret_is_made_once_and_readable_by_its_owner_only(tmp_path):
    assert start(tmp_path)[0] == 0
    first = (tmp_path / "secret_key").read_text()
    assert len(first) >= 50
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert start(tmp_path)[0] == 0
    assert (tmp_path / "secret_key").read_text() == first


def test_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    status, stderr = start(tmp_path / "file" / "below")
    assert status == 1
    assert "DATA_DIR" in stderr
    assert "Traceback" not in stderr


@pytest.fixture
def sqlite_file(monkeypatch, tmp_path, django_db_blocker):
    """A connection to a file of its own, as the settings make it."""
    settings = load(monkeypatch, tmp_path)
    connection = ConnectionHandler(settings["DATABASES"])["default"]
    connections["sqlite_file"] = connection
    with django_db_blocker.unblock():
        yield connection
        connection.close()
    del connections["sqlite_file"]


def test_sqlite_keeps_what_it_acknowledged(sqlite_file):
    """Readers go on beside a writer, and a save survives the loss of power."""

    def pragma(name):
        with sqlite_file.cursor() as cursor:
            return cursor.execute(f"PRAGMA {name}").fetchone()[0]

    assert pragma("journal_mode") == "wal"
    assert pragma("synchronous") == 2  # FULL: https://www.sqlite.org/pragma.html


def test_a_transaction_of_sqlite_takes_the_lock_before_it_writes(sqlite_file):
    with (
        transaction.atomic("sqlite_file"),
        closing(sqlite3.connect(sqlite_file.settings_dict["NAME"], timeout=0)) as other,
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        other.execute("BEGIN IMMEDIATE")


def test_env_example_lists_exactly_the_variables_that_are_read():
    source = (ROOT / "portal" / "settings.py").read_text()
    readers = r"env\.\w+|_str|_list|_int|_bool|_networks"
    read = set(re.findall(rf'(?:{readers})\(\s*"([A-Z_]+)"', source))
    listed = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))
    assert listed == read


@pytest.mark.parametrize(
    "typed",
    ["05/06/2026", "05-06-2026", "05.06.2026", "05062026", "2026-06-05", "5/6/2026"],
)
def test_day_comes_before_month_in_every_form(typed):
    assert forms.DateField().clean(typed) == date(2026, 6, 5)


def test_impossible_date_is_refused_in_vietnamese():
    with pytest.raises(forms.ValidationError) as error:
        forms.DateField().clean("31/02/2026")
    assert "Ngày không hợp lệ" in str(error.value)


def test_date_and_time_as_typed_in_the_back_office():
    got = forms.DateTimeField().clean("05/06/2026 14:30")
    assert got.replace(tzinfo=None) == datetime(2026, 6, 5, 14, 30)


def test_vietnamese_formats():
    assert get_format("FIRST_DAY_OF_WEEK") == 1
    assert date_format(date(2026, 6, 5), "DATE_FORMAT") == "05/06/2026"
    assert Template("{{ n }}").render(Context({"n": 1234567})) == "1.234.567"
    assert Template("{{ n }}").render(Context({"n": 12.5})) == "12,5"


def test_time_zone_is_of_vietnam():
    assert settings.TIME_ZONE == "Asia/Ho_Chi_Minh"
    assert settings.USE_TZ
