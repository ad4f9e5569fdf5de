"""The commands around backups, what is remembered of them, and what the desk says."""

import sqlite3
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from portal import backup, desk_health, serve
from portal.backup import databases, making, proving, record, rendering, restoring
from portal.backup.errors import Damaged, Refused
from portal.mirror.door import Answer
from tests.factories import make_article


@pytest.fixture
def data_dir(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    return settings.DATA_DIR


class Proof:
    manifest = {"made_at": "2026-11-26T17:00:00+00:00"}


@pytest.fixture
def made(monkeypatch, data_dir):
    """Backups without a site: files whose content is their number."""
    paths: list[Path] = []

    def make(database, folder, target, tell):
        if target.exists():
            raise Refused("there")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(str(len(paths)) * (len(paths) + 1))
        paths.append(target)
        return making.Made(target, 1, 2, 3, [], [])

    monkeypatch.setattr(databases, "of_settings", lambda: None)
    monkeypatch.setattr(making, "make", make)
    monkeypatch.setattr(proving, "prove", lambda path, *_: Proof)
    return paths


def run(*arguments) -> str:
    out = StringIO()
    call_command("backup", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_without_a_target_it_lies_in_the_data_folder_named_by_its_time(made, data_dir):
    run()
    (path,) = made
    assert path.parent == data_dir / "backups"
    assert path.name.startswith(f"cong-tin-{timezone.localtime():%Y%m%d-%H}")


def test_a_folder_gets_a_new_file_and_a_name_is_taken_as_it_is(made, tmp_path):
    run(str(tmp_path))
    run(str(tmp_path / "mine.tar"))
    assert made[0].parent == tmp_path
    assert made[1] == tmp_path / "mine.tar"


def test_verify_of_a_file_makes_none(made, tmp_path):
    (tmp_path / "old.tar").write_text("old")
    assert "Đã kiểm chứng" in run(str(tmp_path / "old.tar"), "--verify")
    assert made == []
    with pytest.raises(CommandError):
        run(str(tmp_path / "old.tar"))


def test_what_is_kept_is_the_newest_and_the_last_proved(made, tmp_path, monkeypatch):
    for number in range(1, 5):
        path = tmp_path / f"cong-tin-2026110{number}-000000.tar"
        path.write_text("a backup")
    (tmp_path / "cong-tin-of-mine.txt").write_text("mine")
    run(str(tmp_path / "cong-tin-20261102-000000.tar"), "--verify")
    run(str(tmp_path), "--keep", "2")
    names = sorted(path.name for path in tmp_path.glob("cong-tin-*"))
    assert names == [
        "cong-tin-20261102-000000.tar",
        "cong-tin-20261104-000000.tar",
        made[0].name,
        "cong-tin-of-mine.txt",
    ]


def test_nothing_is_removed_when_the_new_one_is_not_proved(made, tmp_path, monkeypatch):
    for number in range(1, 5):
        (tmp_path / f"cong-tin-2026110{number}-000000.tar").write_text("a backup")
    monkeypatch.setattr(proving, "prove", _damaged)
    with pytest.raises(CommandError, match="broken"):
        run(str(tmp_path), "--keep", "1", "--verify")
    assert len(list(tmp_path.glob("cong-tin-*"))) == 5
    assert backup.last().failed_at


def _damaged(*arguments):
    raise Damaged("broken")


@pytest.mark.parametrize("wrong", ["0", "-1", "x", "1_0", "٣"])
def test_a_wrong_number_to_keep_is_refused(made, wrong):
    with pytest.raises(CommandError):
        run("--keep", wrong)
    assert made == []


def test_a_disk_that_is_full_is_a_sentence(made, monkeypatch, tmp_path):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(making, "make", full)
    with pytest.raises(CommandError, match=f"Không ghi được vào {tmp_path}: No space"):
        run(str(tmp_path))


@pytest.mark.parametrize(
    "error",
    [
        psycopg.OperationalError("connection refused\nIs the server running?"),
        sqlite3.OperationalError("connection refused"),
    ],
)
def test_a_database_that_is_away_is_a_sentence(made, monkeypatch, error):
    def away(*arguments):
        raise error

    monkeypatch.setattr(making, "make", away)
    with pytest.raises(CommandError, match=r"cơ sở dữ liệu: connection refused$"):
        run()


def test_another_one_that_is_running_is_a_sentence(made, data_dir):
    with making.only_one(data_dir), pytest.raises(CommandError, match="đang chạy"):
        run()


def test_what_is_missing_is_told(made, monkeypatch, tmp_path):
    real = making.make

    def make(*arguments):
        return replace(real(*arguments), missing=["private/x.pdf"])

    monkeypatch.setattr(making, "make", make)
    assert "  private/x.pdf" in run(str(tmp_path))
    assert backup.last().missing == 1
    monkeypatch.setattr(making, "make", real)
    run(str(tmp_path / "whole.tar"))
    assert backup.last().missing == 0


def test_an_older_file_that_is_proved_today_makes_no_newer_proof(data_dir, tmp_path):
    old, new = tmp_path / "old.tar", tmp_path / "new.tar"
    old.write_text("old")
    new.write_text("newer")
    record.proved(new, "2026-11-26T17:00:00+00:00")
    record.proved(old, "2026-11-20T17:00:00+00:00")
    known = backup.last()
    assert known.proved_file == str(new)
    assert record.is_proved(old) and record.is_proved(new)
    new.write_text("another length")
    assert not record.is_proved(new)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"proved": 1}', '{"x": 1}'])
def test_a_damaged_record_is_none(data_dir, text):
    (data_dir / record.NAME).write_text(text)
    assert backup.last() is None


# The desk


def said() -> str:
    return desk_health._backup()


def test_the_desk_of_a_trial_says_nothing_of_backups(data_dir, settings):
    settings.IS_PUBLIC = False
    assert said() == ""
    settings.IS_PUBLIC = True
    assert "Chưa có bản sao lưu nào của cổng" in said()


def test_the_desk_tells_of_old_and_of_failed_proofs(data_dir, settings, tmp_path):
    settings.IS_PUBLIC = False
    path = tmp_path / "one.tar"
    path.write_text("one")
    record.made(path, 0)
    assert "Chưa có bản sao lưu nào của cổng" in said()
    record.proved(path, (timezone.now() - timedelta(hours=1)).isoformat())
    assert said() == ""
    record.failed()
    assert "không đạt" in said()
    record.proved(path, timezone.now().isoformat())
    assert said() == ""
    old = timezone.now() - desk_health.PROVED_WITHIN - timedelta(hours=1)
    (data_dir / record.NAME).unlink()
    record.proved(path, old.isoformat())
    assert f"{timezone.localtime(old):%d/%m/%Y}" in said()


def test_the_desk_tells_how_many_files_the_newest_backup_lacks(data_dir, tmp_path, db):
    path = tmp_path / "one.tar"
    path.write_text("one")
    record.made(path, 12)
    record.proved(path, timezone.now().isoformat())
    sentence = "Bản sao lưu mới nhất thiếu 12 tệp có trong cơ sở dữ liệu"
    assert [line for line in desk_health.problems() if line.startswith(sentence)]
    record.made(path, 0)
    assert desk_health._backup_files() == ""


def test_the_desk_asks_for_it(data_dir, settings, db):
    settings.IS_PUBLIC = True
    assert said() in desk_health.problems()


# A half restore


def test_the_server_refuses_a_half_restore(data_dir, capsys, monkeypatch):
    for name in ("check_port", "prepare", "serve"):  # or this process would be one
        monkeypatch.setattr(serve, name, lambda *arguments: None)
    (data_dir / restoring.WORK).mkdir()
    for how in ("--serve", "--prepare"):
        with pytest.raises(SystemExit):
            serve.main([how])
        assert "manage.py restore" in capsys.readouterr().err


# Rendering from a restored site


class Pages:
    def __init__(self, status, text):
        self.status, self.text = status, text

    @contextmanager
    def get(self, path):
        yield Answer(self.status, {}, BytesIO(self.text.encode()))


def test_a_restored_article_must_come_with_its_title(db):
    article = make_article(title="Tin “một” & hai")
    assert rendering.failing(Pages(200, "<h1>Tin “một” &amp; hai</h1>")) == ""
    assert rendering.failing(Pages(200, "<h1>Tin</h1>")) == (
        f"{article.get_absolute_url()}: 200\n"
    )
    assert rendering.failing(Pages(500, "Tin “một” & hai")) == "/: 500\n"
