"""Backups that are made while the site runs, restored, proved, and what goes wrong."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from bench import drill_backup
from portal.backup import archive as archives
from portal.backup import making, postgres, proving, restoring, sqlite
from portal.backup.archive import Archive, Writer
from portal.backup.errors import Damaged, Refused
from portal.backup.postgres import Postgres
from portal.backup.sqlite import Sqlite
from stats import lines
from tests.portal.backup_site import (
    ROOT,
    copy_of,
    empty_place,
    engine,
    filled_site,
    use_server_of_the_tests,
)

pytestmark = [pytest.mark.own_database, pytest.mark.usefixtures("english")]


def quiet(text: str) -> None:
    """Progress that nobody reads."""


@pytest.fixture(scope="module")
def original():
    with filled_site() as site:
        yield site


@pytest.fixture(scope="module")
def backup(original, tmp_path_factory):
    """A backup of the original, made once; nobody changes it."""
    path = tmp_path_factory.mktemp("backup") / "one.tar"
    original.back_up(path)
    return path


@pytest.fixture
def site(original, tmp_path):
    with copy_of(original, tmp_path) as site:
        yield site


@pytest.fixture
def target(tmp_path):
    return tmp_path / "there" / "one.tar"


@pytest.fixture
def empty(original, tmp_path):
    with empty_place(original, tmp_path / "empty") as site:
        yield site


def restored(path: Path, empty):
    with Archive(path) as archive:
        restoring.restore(archive, empty.place, quiet)
    return empty


def manifest(path: Path) -> dict:
    with Archive(path) as archive:
        return archive.manifest


def figures(site) -> dict:
    with site.database.reading() as found:
        return found.figures(quiet)


def hits(folder: Path) -> list[bytes]:
    data = b"".join(path.read_bytes() for path in sorted(folder.glob("*.hits")))
    return data.splitlines()


def nothing_left(folder: Path) -> bool:
    return not folder.exists() or not list(folder.iterdir())


# What a backup holds


def test_everything_comes_back(original, backup, empty):
    back = restored(backup, empty)
    was = figures(original)
    was["stats_salt"] = figures(back)["stats_salt"]
    assert figures(back) == was
    assert was["news_article"][0] == drill_backup.ARTICLES
    assert back.files() == original.files()
    kinds = {name.split("/")[1] for name in back.files() if "/" in name}
    assert {"anh", "originals", "attachments"} <= kinds
    assert len(hits(back.data_dir / "spool")) == drill_backup.HITS
    with Archive(backup) as archive:
        proving.compare(archive, back.place, quiet)
    assert not restoring.is_unfinished(back.data_dir)


def test_the_audit_log_of_more_than_a_year_ago_is_in_it(original, backup, empty):
    query = "SELECT created_at, note FROM portal_auditentry WHERE note = 'Từ lâu'"
    found = restored(backup, empty).rows(query)
    assert found == original.rows(query) != []
    assert manifest(backup)["tables"]["portal_auditentry"][0] > 1


def test_nobody_else_reads_a_backup_or_the_secrets_of_it(backup, empty):
    back = restored(backup, empty)
    assert backup.stat().st_mode & 0o777 == 0o600
    secret = back.data_dir / "secret_key"
    assert secret.stat().st_mode & 0o777 == 0o600
    for name in back.files():
        assert (back.data_dir / name).stat().st_mode & 0o007 == 0, name
    assert (back.data_dir / "spool").stat().st_mode & 0o777 == 0o700


def test_the_keys_of_visitors_hashes_are_in_no_backup(original, backup, empty):
    ((salt,),) = original.rows("SELECT salt FROM stats_salt LIMIT 1")
    back = restored(backup, empty)
    assert back.rows("SELECT * FROM stats_salt") == []
    assert not [name for name in manifest(backup)["members"] if "salts" in name]
    if engine() == "sqlite":  # nor in what SQLite leaves behind of a deleted row
        assert bytes(salt) in original.database.path.read_bytes()
        assert bytes(salt) not in back.database.path.read_bytes()


def test_visits_counted_so_far_are_not_counted_again(site, target, empty):
    (segment,) = (site.data_dir / "spool").glob("*.hits")
    lengths = [len(line) + 1 for line in hits(site.data_dir / "spool")]
    site.execute(
        "INSERT INTO stats_spool_pos (segment, pos, updated_ms)"
        f" VALUES ('{segment.name}', {sum(lengths[:20])}, 1)"
    )
    site.back_up(target)
    back = restored(target, empty)
    ((name, counted),) = back.rows("SELECT segment, pos FROM stats_spool_pos")
    waiting = (back.data_dir / "spool" / name).read_bytes()[counted:]
    assert waiting.count(b"\n") == drill_backup.HITS - 20
    assert all(lines.decode(line) for line in waiting.splitlines())


def test_what_happens_meanwhile_is_in_none_of_its_parts(site, target, empty):
    """An article is saved, the drainer removes a segment, a picture is added."""
    before, files = figures(site), site.files()
    done = []

    def meanwhile(text):
        if done:
            return
        done.append(text)
        site.execute("UPDATE news_article SET title = 'Sau đó'")
        for segment in (site.data_dir / "spool").glob("*.hits"):
            segment.unlink()
        (site.data_dir / "media" / "anh" / "new.jpg").write_bytes(b"later")

    site.back_up(target, meanwhile)
    assert done
    back = restored(target, empty)
    before["stats_salt"] = figures(back)["stats_salt"]
    assert figures(back) == before
    assert len(hits(back.data_dir / "spool")) == drill_backup.HITS
    assert {**files, "media/anh/new.jpg": b"later"} == back.files()
    assert not (site.data_dir / ".backup-spool").exists()


def test_what_is_saved_while_sqlite_is_copied_is_not_in_it(
    site, target, empty, monkeypatch
):
    """Visits that are counted then wait among the segments that were linked before."""
    if engine() != "sqlite":
        pytest.skip("pg_dump is given the exported snapshot")
    before, real, saved = figures(site), sqlite._connect, []

    def connect(path):
        if path.name.endswith(".copy") and not saved:
            saved.append(path)
            site.execute("UPDATE news_article SET title = 'Trong lúc chép'")
        return real(path)

    monkeypatch.setattr(sqlite, "_connect", connect)
    site.back_up(target)
    assert saved
    found = figures(restored(target, empty))
    assert found["news_article"] == before["news_article"]


def test_a_file_that_went_with_its_row_meanwhile_is_missed_by_nobody(site, target):
    ((name,),) = site.rows("SELECT file FROM news_attachment ORDER BY id LIMIT 1")
    done = []

    def meanwhile(text):
        if not done and text.startswith("files"):
            done.append(text)
            (site.data_dir / "private" / name).unlink()
            site.execute(f"DELETE FROM news_attachment WHERE file = '{name}'")

    made = site.back_up(target, meanwhile)
    assert done and made.missing == []
    found = manifest(target)
    assert f"files/private/{name}" not in found["members"]
    assert found["tables"]["news_attachment"][0] == drill_backup.ATTACHMENTS - 1


def test_a_file_that_is_nowhere_is_told_and_the_rest_backed_up(site, target, empty):
    ((name,),) = site.rows("SELECT file FROM news_attachment ORDER BY id LIMIT 1")
    (site.data_dir / "private" / name).unlink()
    (picture,) = sorted((site.data_dir / "media").rglob("*.avif"))[:1]
    picture.unlink()
    missing = sorted([f"private/{name}", picture.relative_to(site.data_dir).as_posix()])
    assert site.back_up(target).missing == missing
    assert manifest(target)["missing"] == missing
    restored(target, empty)


def test_pictures_on_another_disk_are_in_it_and_other_links_are_not(
    site, target, tmp_path
):
    shutil.move(site.data_dir / "media", tmp_path / "disk")
    (site.data_dir / "media").symlink_to(tmp_path / "disk")
    (site.data_dir / "private" / "passwd").symlink_to("/etc/passwd")
    made = site.back_up(target)
    assert made.missing == []
    assert "files/private/passwd" not in manifest(target)["members"]


def test_what_is_made_anew_is_not_in_it(site, target):
    for name in ("pages", "static", "backups", ".proof-x"):
        (site.data_dir / name).mkdir()
        (site.data_dir / name / "x").write_text("x")
    (site.data_dir / "backup.json").write_text("{}")
    (site.data_dir / "housekeeping.lock").touch()
    (site.data_dir / "of-the-operator").write_text("kept")
    site.back_up(target)
    tops = {name.split("/")[1] for name in manifest(target)["members"] if "/" in name}
    tops -= {path.name for path in (site.data_dir / "spool").iterdir()}
    assert tops == {"media", "private", "secret_key", "of-the-operator"}


# What goes wrong while one is made


@pytest.fixture
def breaks(monkeypatch):
    """Let the n-th piece that is written fail."""

    def after(pieces: int, error: BaseException) -> None:
        real, written = archives.Member.write, []

        def write(self, data):
            written.append(len(data))
            if len(written) > pieces:
                raise error
            return real(self, data)

        monkeypatch.setattr(archives.Member, "write", write)

    return after


@pytest.mark.parametrize("pieces", [0, 1, 9])
@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()]
)
def test_a_full_disk_or_ctrl_c_leaves_nothing(original, target, breaks, pieces, error):
    breaks(pieces, error)
    with pytest.raises(type(error)):
        original.back_up(target)
    assert nothing_left(target.parent)
    assert not (original.data_dir / ".backup-spool").exists()


def test_without_enough_room_nothing_begins(original, target, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(2**40, 0, 2**26))
    with pytest.raises(Refused, match="too little room"):
        original.back_up(target)
    assert nothing_left(target.parent)


def test_a_backup_is_never_overwritten_nor_put_among_the_data(original, target):
    target.parent.mkdir()
    target.write_text("mine")
    with pytest.raises(Refused, match="there already"):
        original.back_up(target)
    assert target.read_text() == "mine"
    with pytest.raises(Refused, match="backups lie in"):
        original.back_up(original.data_dir / "private" / "one.tar")


def test_what_a_killed_run_left_goes_with_the_next(original, tmp_path):
    folder = tmp_path / "there"
    folder.mkdir()
    for name in (".cong-tin-1.tar.part", ".cong-tin-1.tar.part.copy"):
        (folder / name).write_text("half")
    others = folder / ".other.part"
    others.write_text("of somebody else")
    original.back_up(folder / "cong-tin-2.tar")
    assert {path.name for path in folder.iterdir()} == {"cong-tin-2.tar", others.name}


def test_two_at_a_time_are_refused(original):
    second = making.only_one(original.data_dir)
    with (
        making.only_one(original.data_dir),
        pytest.raises(Refused, match="is running"),
    ):
        second.__enter__()
    with making.only_one(original.data_dir):
        pass


@pytest.fixture
def only_postgresql():
    if engine() != "postgresql":
        pytest.skip("pg_dump is PostgreSQL's")


def test_without_pg_dump_it_is_said_what_to_install(
    only_postgresql, original, target, monkeypatch
):
    server = int(original.database.version().split(".")[0])
    monkeypatch.setattr(postgres, "_DEBIAN", target)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(Refused, match=f"postgresql-client-{server}"):
        original.back_up(target)
    assert nothing_left(target.parent)


def test_a_pg_dump_older_than_the_server_is_not_used(
    only_postgresql, original, target, monkeypatch
):
    monkeypatch.setattr(postgres, "_version", lambda path: 9)
    with pytest.raises(Refused, match="is of version 9"):
        original.back_up(target)


def test_a_pg_dump_that_fails_leaves_nothing(
    only_postgresql, original, target, monkeypatch, tmp_path
):
    program = tmp_path / "pg_dump"
    program.write_text("#!/bin/sh\necho half; echo 'no right' >&2; exit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr(Postgres, "program", lambda self, name: str(program))
    with pytest.raises(Refused, match="no right"):
        original.back_up(target)
    assert nothing_left(target.parent)


# What is refused before anything is changed


def assert_refused(path: Path, empty, match: str) -> None:
    before = sorted(empty.data_dir.rglob("*"))
    with pytest.raises(Refused, match=match):
        restored(path, empty)
    assert sorted(empty.data_dir.rglob("*")) == before


def test_a_place_that_is_not_empty_is_refused(backup, empty):
    (empty.data_dir / "media").mkdir()
    (empty.data_dir / "secret_key").write_text("made by the settings")
    (empty.data_dir / "media" / "a.jpg").touch()
    assert_refused(backup, empty, r"not empty \(media\)")
    (empty.data_dir / "media" / "a.jpg").unlink()
    empty.execute("CREATE TABLE mine (n integer)")
    assert_refused(backup, empty, "database is not empty")
    empty.execute("DROP TABLE mine")
    restored(backup, empty)
    assert (empty.data_dir / "secret_key").read_text() != "made by the settings"


def test_a_damaged_backup_is_refused_before_anything_is_written(
    backup, empty, tmp_path
):
    data = bytearray(backup.read_bytes())
    with Archive(backup) as archive:
        offset, size, _mode = archive._places[archives.DATABASE]
    data[offset + size // 2] ^= 1
    path = tmp_path / "changed.tar"
    path.write_bytes(data)
    assert_refused(path, empty, "“database” was changed")
    assert empty.database.is_empty()


def rewritten(backup: Path, path: Path, **changes) -> Path:
    """Write a whole backup that says something else."""
    with Archive(backup) as archive, open(path, "wb") as file:
        writer = Writer(file)
        for name in archive.names:
            with writer.member(name) as member:
                for part in archive.read(name):
                    member.write(part)
        writer.finish({**archive.manifest, **changes})
    return path


def test_a_backup_of_another_kind_of_database_is_refused(backup, empty, tmp_path):
    other = {"sqlite": "postgresql", "postgresql": "sqlite"}[engine()]
    path = rewritten(backup, tmp_path / "other.tar", engine=other)
    assert_refused(path, empty, "DATABASE_URL")


def test_a_backup_of_a_newer_portal_is_refused(backup, empty, tmp_path):
    found = manifest(backup)["migrations"]
    gone = ["an_app_that_was_taken_out", "0001_initial"]
    newer = [*found, ["news", "9999_of_next_year"]]
    path = rewritten(backup, tmp_path / "newer.tar", migrations=[*found, gone])
    with Archive(path) as archive:
        restoring.refuse_unfit(archive, empty.database)
    path = rewritten(backup, tmp_path / "newest.tar", migrations=newer)
    assert_refused(path, empty, "newer than this one")


# Killed half way


def test_a_half_restore_says_so_and_the_same_command_finishes_it(
    original, backup, empty, monkeypatch
):
    instants = [
        (Archive, "unpack"),
        (type(empty.database), "unpack"),
        (restoring, "_move"),
        (type(empty.database), "put_in_place"),
    ]
    for owner, name in instants:
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, _stop)
            with pytest.raises(KeyboardInterrupt):
                restored(backup, empty)
        assert restoring.is_unfinished(empty.data_dir), name
    back = restored(backup, empty)
    assert not restoring.is_unfinished(back.data_dir)
    with Archive(backup) as archive:
        proving.compare(archive, back.place, quiet)
    assert back.files() == original.files()


def _stop(*arguments, **options):
    raise KeyboardInterrupt


def test_another_backup_does_not_finish_a_half_restore(
    backup, empty, tmp_path, monkeypatch
):
    other = rewritten(backup, tmp_path / "other.tar", program="other")
    with monkeypatch.context() as patch:
        patch.setattr(restoring, "_move", _stop)
        with pytest.raises(KeyboardInterrupt):
            restored(backup, empty)
    with pytest.raises(Refused, match="finish that one first"):
        restored(other, empty)
    restored(backup, empty)


def test_the_portal_does_not_start_on_a_half_restore(backup, empty, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(restoring, "_move", _stop)
        with pytest.raises(KeyboardInterrupt):
            restored(backup, empty)
    done = subprocess.run(
        [sys.executable, "-m", "portal.serve"],
        cwd=ROOT,
        env=proving.environment(empty.place),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "manage.py restore" in done.stderr


def test_kill_9_at_any_instant_leaves_nothing_half_that_looks_whole(monkeypatch):
    """The drill, small: real processes, killed while an editor saves."""
    use_server_of_the_tests(monkeypatch)
    seen = list(drill_backup.run(engine(), kills=3))
    assert len(seen) == 6
    assert [line for line in seen if not line[2]] == []


# Proofs


@pytest.fixture
def rendered(monkeypatch):
    """Spare the process that renders; say for which folders it was asked."""
    asked = []
    monkeypatch.setattr(proving, "render", lambda place: asked.append(place))
    return asked


def databases_of(site) -> int:
    if isinstance(site.database, Sqlite):
        return 0
    with site.database.connect() as connection:
        return connection.execute(
            "SELECT count(*) FROM pg_database WHERE datname LIKE '%kiem_tra%'"
        ).fetchone()[0]


def test_a_proof_renders_pages_and_leaves_nothing(original, backup):
    before = set(original.data_dir.iterdir()), databases_of(original)
    proving.prove(backup, original.database, original.data_dir, quiet)
    assert (set(original.data_dir.iterdir()), databases_of(original)) == before


def test_what_a_killed_proof_left_goes_with_the_next(original, backup, rendered):
    child = os.fork()
    if not child:
        try:
            with proving.temporary_place(original.database, original.data_dir):
                os.kill(os.getpid(), signal.SIGKILL)
        finally:
            os._exit(1)
    os.waitpid(child, 0)
    assert list(original.data_dir.glob(".proof-*"))
    proving.prove(backup, original.database, original.data_dir, quiet)
    assert rendered
    assert not list(original.data_dir.glob(".proof-*"))
    assert databases_of(original) == 0


def test_rows_that_are_not_those_backed_up_are_noticed(
    original, backup, tmp_path, rendered
):
    tables = manifest(backup)["tables"]
    for number, wrong in enumerate(
        (
            {"news_article": [tables["news_article"][0] + 1, "0"]},
            {"news_article": [tables["news_article"][0], "0"]},
            {"news_gone": [1, "0"]},
        )
    ):
        path = rewritten(backup, tmp_path / f"{number}.tar", tables={**tables, **wrong})
        with pytest.raises(Damaged, match="Table news_"):
            proving.prove(path, original.database, original.data_dir, quiet)
    assert not rendered


def test_every_single_change_of_a_row_changes_the_figures(site):
    seen = [json.dumps(figures(site)["news_category"])]
    for change in (
        "UPDATE news_category SET name = name || ' '",
        "UPDATE news_category SET position = position + 1",
        "INSERT INTO news_category (name, slug, position, is_visible, description)"
        " VALUES ('b', 'b', 0, true, '')",
        "UPDATE news_category SET parent_id = (SELECT min(id) FROM news_category)"
        " WHERE slug = 'b'",
    ):
        site.execute(change)
        now = json.dumps(figures(site)["news_category"])
        assert now not in seen, change
        seen.append(now)
    site.execute("DELETE FROM news_category WHERE slug = 'b'")
    assert json.dumps(figures(site)["news_category"]) == seen[2]


def test_a_file_that_is_not_the_one_backed_up_is_noticed(backup, empty):
    back = restored(backup, empty)
    with Archive(backup) as archive:
        for name in ("secret_key", next(n for n in back.files() if "media" in n)):
            path = back.data_dir / name
            data = path.read_bytes()
            path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
            with pytest.raises(Damaged, match="File"):
                proving.compare(archive, back.place, quiet)
            path.unlink()
            with pytest.raises(Damaged, match="File"):
                proving.compare(archive, back.place, quiet)
            path.write_bytes(data)
        proving.compare(archive, back.place, quiet)


def test_rows_that_point_nowhere_are_noticed(site, target, empty):
    if engine() != "sqlite":
        pytest.skip("PostgreSQL restores no such row")
    site.execute("UPDATE news_article SET category_id = 4711 WHERE id = 1")
    site.back_up(target)
    back = restored(target, empty)
    with Archive(target) as archive, pytest.raises(Damaged, match="is damaged"):
        proving.compare(archive, back.place, quiet)


def test_a_backup_that_the_program_cannot_serve_is_not_proved(empty, monkeypatch):
    there = proving.environment(empty.place)
    there["DATA_DIR"] = "/dev/null/x"
    monkeypatch.setattr(proving, "environment", lambda place: there)
    with pytest.raises(Damaged, match="No page can be rendered"):
        proving.render(empty.place)
