"""`audit_site`: what it prints, sends and keeps, and what the desk then says."""

import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone, translation

from portal import desk_health
from portal.audit.models import Action, AuditEntry
from portal.integrity import audit, keys, program
from portal.integrity.findings import Finding
from portal.integrity.models import Seal
from portal.integrity.visiting import Server
from portal.management.commands import audit_site
from portal.models import User
from tests.door import connections_stay_open
from tests.portal.integrity_world import file_with, sql

pytestmark = pytest.mark.django_db
QUICK = {"only": ["rows", "program"]}


@pytest.fixture(autouse=True)
def _no_result(sealed_site):
    yield
    (keys.folder() / audit.RESULT).unlink(missing_ok=True)


@pytest.fixture
def run(capsys):
    """Run the command; return the exit status and what it printed."""

    def run(**options):
        try:
            with connections_stay_open():
                call_command("audit_site", **{**QUICK, **options})
        except CommandError as error:
            return error.returncode, capsys.readouterr()
        return 0, capsys.readouterr()

    return run


@pytest.fixture
def planted(sealed_site):
    sql("UPDATE news_article SET title = 'Nổ hũ' WHERE id = %s", sealed_site.article.pk)


def everything(findings=()):
    return audit.Result(findings=list(findings), parts=list(audit.PARTS), pages=7)


# What is printed


def test_a_clean_site_ends_with_0(run):
    status, out = run(fail=True)
    assert status == 0
    assert "Không thấy gì bất thường." in out.out


def test_a_finding_is_told_in_vietnamese_and_ends_with_1_if_wished(
    run, planted, sealed_site
):
    status, out = run(fail=True)
    assert status == 1
    assert f"bài viết {sealed_site.article.pk} “Nổ hũ”" in out.out
    assert "Phát hiện: bị sửa mà không qua phần mềm" in out.out
    assert "Đúng ra: như lúc được lưu lần cuối trong trang quản trị" in out.out
    assert run()[0] == 0


def test_json_is_printed_alone(run, planted):
    _status, out = run(json=True)
    found = json.loads(out.out)
    assert found["count"] == 1
    assert found["findings"][0]["kind"] == "row_changed"
    assert found["parts"] == ["rows", "program"]
    assert not found["is_complete"]


def test_a_part_says_nothing_of_the_rest(run):
    run()
    assert audit.last() is None


def test_stopped_it_tells_and_keeps_what_it_found(run, planted, monkeypatch):
    def stop(tell):
        raise KeyboardInterrupt

    monkeypatch.setattr(program, "check", stop)
    status, out = run()
    assert status == 130
    assert "Nổ hũ" in out.out
    kept = audit.last()
    assert kept["count"] == 1
    assert not kept["is_complete"]


def test_sigterm_stops_it_like_ctrl_c():
    with pytest.raises(KeyboardInterrupt):
        audit_site._stop(15, None)


# Sealing anew


def test_sealing_names_what_differs_and_takes_it_for_right(run, planted, sealed_site):
    with file_with(sealed_site.program / "portal/new.py", "new"):
        _status, out = run(seal=True)
        assert "Nổ hũ" in out.out
        assert "portal/new.py" in out.out
        assert "Đã niêm phong:" in out.out
        assert run(fail=True)[0] == 0
    entry = AuditEntry.objects.get(action=Action.SEALED)
    assert "dòng dữ liệu" in entry.note
    program.seal(lambda *_: None)


def test_the_first_sealing_after_an_upgrade_covers_what_was_not_sealed(
    run, sealed_site
):
    """As a site of a version that had no seals of these."""
    names = ["App with codes", "passkey", "recovery codes", "link for a leader"]
    names += ["ledger entry", "abbreviation"]
    labels = ["otp_totp.totpdevice", "portal.passkey", "portal.recoverycodes"]
    labels += ["news.leaderlink", "stats.ledgerentry", "search.abbreviation"]
    for label in labels:
        assert Seal.objects.filter(row__startswith=f"{label}/").delete()[0]
    with translation.override("en"):
        _status, out = run(seal=True)
        for name in names:
            assert f"* {name} " in out.out
        assert "“Máy (truc)”" in out.out, "whose passkey it is"
        assert run(fail=True)[0] == 0
    program.seal(lambda *_: None)


def test_a_site_is_sealed_by_itself_only_once(planted, sealed_site):
    (keys.folder() / program.NAME).rename(sealed_site.folder / "away")
    try:
        audit.begin()  # as at the first start of this version
        assert not audit.Audit(None).run(("rows", "program")).findings
        (keys.folder() / program.NAME).unlink()
        sql("UPDATE news_article SET title = 'Nữa'")
        audit.begin()
        found = audit.Audit(None).run(("rows", "program")).findings
        assert {one.kind for one in found} == {"row_changed", "baseline"}
    finally:
        (sealed_site.folder / "away").rename(keys.folder() / program.NAME)


# Mail


def test_findings_are_sent_to_administrators_who_take_mail(run, planted, settings):
    settings.SENDS_MAIL = True
    for name, more in {
        "chief": {},
        "silent": {"notify_by_mail": False},
        "gone": {"is_active": False},
        "nowhere": {"email": ""},
    }.items():
        values = {"email": f"{name}@so.example.vn", **more}
        User.objects.create_superuser(name, password="x" * 20, **values)
    User.objects.create_user("reader", email="reader@so.example.vn")
    run(mail=True)
    (sent,) = mail.outbox
    assert sent.to == ["chief@so.example.vn"]
    assert "1 dấu hiệu bị can thiệp" in sent.subject
    assert "Nổ hũ" in sent.body


def test_nothing_found_sends_nothing(run, settings):
    settings.SENDS_MAIL = True
    User.objects.create_superuser("chief", "chief@so.example.vn", "x" * 20)
    run(mail=True)
    assert mail.outbox == []


def test_without_a_mail_server_it_says_so(run, planted):
    _status, out = run(mail=True)
    assert "EMAIL_URL" in out.err
    assert mail.outbox == []


def test_a_mail_server_that_fails_is_no_end(run, planted, settings, monkeypatch):
    settings.SENDS_MAIL = True

    def fail(result):
        raise ConnectionRefusedError("secret.example.vn")

    monkeypatch.setattr(audit, "mail", fail)
    status, out = run(mail=True, fail=True)
    assert status == 1
    assert "ConnectionRefusedError" in out.err
    assert "secret" not in out.err


# The desk

AGO = {"nothing": timedelta(hours=1), "late": timedelta(days=4)}


def test_the_desk_says_nothing_of_a_good_audit():
    audit.keep(everything())
    assert audit.problem() == ""


@pytest.mark.parametrize(
    "result, later, words",
    [
        (everything([Finding("x", "y", "z")]), 0, "thấy 1 dấu hiệu"),
        (audit.Result(parts=["rows"]), 0, "chưa xem hết"),
        (everything(), 4, "phải chạy hằng đêm"),
    ],
    ids=["findings", "stopped", "late"],
)
def test_the_desk_tells_of_a_bad_audit(result, later, words):
    audit.keep(result)
    with translation.override("vi"):
        found = audit.problem(timezone.now() + timedelta(days=later))
        assert words in found
        if not later:
            assert found in desk_health.problems()


def test_a_public_site_that_was_never_audited_is_told(settings):
    assert audit.problem() == ""
    settings.IS_PUBLIC = True
    assert "audit_site" in audit.problem()


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('"count":1', '"count":0'),
        lambda text: text[:40],
        lambda text: "[]",
        lambda text: '{"contents": {}, "digest": 5}',
    ],
    ids=["changed", "cut", "a list", "no digest"],
)
def test_a_result_that_somebody_wrote_is_not_believed(change):
    audit.keep(everything([Finding("x", "y", "z")]))
    path = keys.folder() / audit.RESULT
    with file_with(path, change(path.read_text())), translation.override("vi"):
        assert "không do phần mềm ghi" in audit.problem()


# A server that runs


@pytest.fixture
def listening():
    """A server that answers with what it was asked."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self):
            body = f"{self.path} {self.headers['Host']}".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_running_server_is_asked_by_the_name_of_the_site(listening):
    with Server(listening).get("/thẻ/", "trang=2") as answer:
        assert answer.status == 200
        assert answer.kind == "text/html"
        assert b"".join(answer.body) == b"/th%E1%BA%BB/?trang=2 testserver"


def test_what_a_running_server_shows_is_compared(listening, sealed_site):
    found = sealed_site.audit("pages", stored=Server(listening)).findings
    assert any(one.kind == "stored" and "testserver" in one.what for one in found)


def test_a_server_that_is_away_ends_with_a_sentence(run):
    status, _out = run(server="http://127.0.0.1:9", only=["pages"])
    assert status == 1
