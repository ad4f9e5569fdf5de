"""The panel of the system's state, for administrators."""

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

import portal
from portal import health_panel, proofs
from portal.health_panel import State
from portal.notices import mail
from search import attachment_text, indexing
from stats import health as visits
from tests.news.conftest import login, make_user

pytestmark = pytest.mark.django_db
URL = "/admin/tinh-trang/"


@pytest.fixture(autouse=True)
def _own_spool(settings, tmp_path):
    settings.SPOOL_DIR = tmp_path / "spool"


@pytest.fixture
def no_proofs(monkeypatch):
    monkeypatch.setattr(proofs, "last_backup", lambda: None)
    monkeypatch.setattr(proofs, "last_audit", lambda: None)


def part(name: str) -> health_panel.Part:
    (found,) = [p for p in health_panel.parts() if p.name == name]
    return found


def test_each_part_says_its_state_in_words(no_proofs):
    page = login(make_user("administrator")).get(URL)
    assert page.status_code == 200
    text = page.content.decode()
    for name in (
        *("Cơ sở dữ liệu", "Cấu trúc dữ liệu", "Thế hệ nội dung", "Đồng hồ", "Ổ đĩa"),
        *("Lượt truy cập", "Sao lưu", "Dấu hiệu can thiệp", "Tìm kiếm"),
        *("Thư điện tử", "Tiến trình", "Phiên bản"),
    ):
        assert f"<dt>{name}</dt>" in text, name
    assert text.count('class="health-state"') == len(health_panel.parts())
    assert connection.display_name in text
    assert "chưa có" in text
    assert page["Cache-Control"] == "no-store, private"


def test_a_healthy_site_is_good_throughout(monkeypatch):
    now = timezone.now()
    fine = proofs.Backup(at=now, proved_of=now, proved_at=now, failed_at=None)
    monkeypatch.setattr(proofs, "last_backup", lambda: fine)
    monkeypatch.setattr(proofs, "last_audit", lambda: proofs.Audit(now, 0))
    monkeypatch.setattr(indexing, "is_outdated", lambda: False)
    monkeypatch.setattr(health_panel, "LEAST_FREE_BYTES", 0)
    monkeypatch.setattr(health_panel, "LEAST_FREE_PART", 0)
    monkeypatch.setattr(health_panel, "SLOW_MS", 10**6)
    assert {
        p.name: p.state for p in health_panel.parts() if p.state != State.GOOD
    } == {}


@pytest.mark.parametrize(
    ("name", "change", "state"),
    [
        ("Cơ sở dữ liệu", (health_panel, "SLOW_MS", 0), State.WARN),
        ("Ổ đĩa", (health_panel, "LEAST_BYTES", 2**62), State.BAD),
        ("Ổ đĩa", (health_panel, "LEAST_FREE_BYTES", 2**62), State.WARN),
        ("Tìm kiếm", (indexing, "is_outdated", lambda: True), State.BAD),
        ("Tìm kiếm", (attachment_text, "stands_still", lambda: True), State.WARN),
    ],
)
def test_what_is_not_well_is_told(monkeypatch, name, change, state):
    monkeypatch.setattr(indexing, "is_outdated", lambda: False)
    monkeypatch.setattr(*change)
    found = part(name)
    assert found.state is state
    assert found.advice


def test_a_migration_that_is_not_applied_is_told():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'search'")
    assert part("Cấu trúc dữ liệu").state is State.BAD


def test_visits_that_are_not_counted_are_told(monkeypatch):
    late = replace(visits.health(), last_drain=timezone.now() - timedelta(hours=1))
    monkeypatch.setattr(visits, "health", lambda: late)
    assert part("Lượt truy cập").state is State.BAD


def test_mails_that_failed_are_told(monkeypatch, settings):
    settings.SENDS_MAIL = False
    assert part("Thư điện tử").state is State.GOOD
    settings.SENDS_MAIL = True
    monkeypatch.setattr(mail, "failed_count", lambda: 1)
    assert part("Thư điện tử").state is State.WARN


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("made", "proved", "failed", "state"),
    [
        (0 * DAY, 0 * DAY, None, State.GOOD),
        (0 * DAY, 2 * DAY, None, State.WARN),
        (0 * DAY, 8 * DAY, None, State.BAD),
        (0 * DAY, None, None, State.WARN),
        (0 * DAY, 0 * DAY, 0 * DAY, State.BAD),
        (None, None, None, State.NONE),
    ],
)
def test_a_backup_is_as_good_as_its_proof(monkeypatch, made, proved, failed, state):
    now = timezone.now()
    at, of, bad = (None if t is None else now - t for t in (made, proved, failed))
    known = proofs.Backup(at=at, proved_of=of, proved_at=of and now, failed_at=bad)
    monkeypatch.setattr(proofs, "last_backup", lambda: known)
    assert part("Sao lưu").state is state


@pytest.mark.parametrize(("failed", "state"), [(False, State.WARN), (True, State.BAD)])
def test_a_backup_that_lacks_files_says_so_beside_its_age(monkeypatch, failed, state):
    now = timezone.now()
    known = proofs.Backup(now, now, now, now if failed else None, missing=12)
    monkeypatch.setattr(proofs, "last_backup", lambda: known)
    found = part("Sao lưu")
    assert found.state is state
    assert "Bản sao lưu mới nhất thiếu 12 tệp có trong cơ sở dữ liệu" in found.advice
    page = login(make_user("administrator")).get(URL)
    assert found.advice in page.content.decode()


@pytest.mark.parametrize(
    ("age", "findings", "is_complete", "state"),
    [
        (0 * DAY, 0, True, State.GOOD),
        (0 * DAY, 3, True, State.BAD),
        (0 * DAY, 0, False, State.WARN),
        (3 * DAY, 0, True, State.WARN),
        (None, 0, True, State.BAD),
    ],
)
def test_manipulations_that_were_found_are_told(
    monkeypatch, age, findings, is_complete, state
):
    at = None if age is None else timezone.now() - age
    known = proofs.Audit(at, findings, is_complete)
    monkeypatch.setattr(proofs, "last_audit", lambda: known)
    assert part("Dấu hiệu can thiệp").state is state


def test_files_of_interrupted_uploads_are_told_as_that(monkeypatch):
    """From what the last audit kept: the page walks no folder."""
    known = proofs.Audit(timezone.now(), 2, strays=2)
    monkeypatch.setattr(proofs, "last_audit", lambda: known)
    found = part("Dấu hiệu can thiệp")
    assert found.state is State.WARN
    assert "stray_files" in found.advice
    known = proofs.Audit(timezone.now(), 3, strays=2)
    assert part("Dấu hiệu can thiệp").state is State.BAD


def test_what_backup_and_audit_keep_becomes_times(monkeypatch):
    """As portal.backup.record and portal.integrity.audit keep it."""
    made = {"made_at": "2026-11-26T18:00:00+00:00", "proved_made_at": ""}
    last = SimpleNamespace(**made, proved_at="", failed_at="", missing=3)
    backup = SimpleNamespace(last=lambda: last)
    monkeypatch.setattr(portal, "backup", backup, raising=False)
    known = proofs.last_backup()
    assert known.at == datetime(2026, 11, 26, 18, tzinfo=UTC)
    assert (known.proved_of, known.proved_at, known.failed_at) == (None, None, None)
    assert known.missing == 3

    class Forged(Exception):
        pass

    kept = {"at": "2026-11-26T18:00:00+00:00", "count": 2, "is_complete": True}
    audit = SimpleNamespace(last=lambda: kept, keys=SimpleNamespace(Forged=Forged))
    integrity = SimpleNamespace(audit=audit)
    monkeypatch.setitem(sys.modules, "portal.integrity", integrity)
    assert proofs.last_audit() == proofs.Audit(known.at, 2)
    kept["strays"] = 1
    assert proofs.last_audit() == proofs.Audit(known.at, 2, strays=1)

    def forged():
        raise Forged

    audit.last = forged
    assert proofs.last_audit().at is None
    audit.last = backup.last = lambda: None
    assert proofs.last_audit() is proofs.last_backup() is None


def test_a_part_that_cannot_be_asked_leaves_the_others(monkeypatch, no_proofs):
    def fail():
        raise DatabaseError("mật khẩu sai")

    monkeypatch.setattr(indexing, "is_outdated", fail)
    found = part("Tìm kiếm")
    assert (found.state, found.value) == (State.BAD, "DatabaseError")
    assert part("Ổ đĩa").value != found.value


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has our clock")
@pytest.mark.parametrize(("off", "state"), [(10, State.WARN), (60, State.BAD)])
def test_a_clock_that_differs_from_the_databases_is_told(monkeypatch, off, state):
    real = timezone.now
    monkeypatch.setattr(
        health_panel.timezone, "now", lambda: real() + timedelta(seconds=off)
    )
    assert part("Đồng hồ").state is state


def test_the_desk_leads_there():
    page = login(make_user("administrator")).get("/admin/")
    assert f'href="{URL}"' in page.content.decode()
    assert login(make_user("secretary")).get(URL).status_code == 403
