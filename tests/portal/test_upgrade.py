"""From one version to the next: compared on a copy, then all of it or nothing."""

import contextlib
import os
import shutil
import subprocess
import sys
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db.migrations.loader import MigrationLoader

from portal.backup import making, proving, restoring
from portal.backup.archive import Archive
from portal.backup.errors import Refused
from portal.management.commands import upgrade as command
from portal.upgrade import steps
from portal.upgrade.pages import Comparison, compare, read_lines
from tests.portal.backup_site import ROOT, copy_of, filled_site

# What readers see


PAGE = """<!doctype html><html><head><title>Tin</title>
<meta name="description" content="Tóm tắt">
<link rel="stylesheet" href="/static/css/base.0123456789ab.css">
<link rel="canonical" href="https://x.vn/a/">
<script src="/static/js/menu.0123456789ab.js"></script>
<script type="application/ld+json">{"a": 1}</script></head>
<body><p>Một &amp; hai</p><a href="/b/" title="Xem">ba</a>
<img src="/media/anh/a.jpg" alt="Cầu"></body></html>"""


@pytest.fixture
def mirrors(tmp_path):
    """Write two mirrors and compare them."""

    def compared(before: dict[str, str], after: dict[str, str]) -> Comparison:
        for folder, files in (("before", before), ("after", after)):
            for name, text in files.items():
                path = tmp_path / folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(text.encode() if isinstance(text, str) else text)
        return compare(tmp_path / "before", tmp_path / "after")

    return compared


def test_what_is_read_of_a_page(tmp_path):
    path = tmp_path / "index.html"
    path.write_text(PAGE)
    assert read_lines(path) == [
        *("Tin", "Tóm tắt", "→ https://x.vn/a/", "Một & hai", "→ /b/", "Xem", "ba"),
        *("→ /media/anh/a.jpg", "Cầu"),
    ]


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("base.0123456789ab.css", "base.ba9876543210.css"),
        ("<p>Một", '<p class="lead">\n  Một'),
        ('{"a": 1}', '{"a": 2}'),
        ("menu.0123456789ab.js", "toggle.ba9876543210.js"),
    ],
)
def test_what_only_the_browser_reads_is_no_difference(mirrors, was, becomes):
    found = mirrors(
        {"a/index.html": PAGE}, {"a/index.html": PAGE.replace(was, becomes)}
    )
    assert found.is_same
    assert (found.same, found.rewritten) == (0, 1)


@pytest.mark.parametrize(
    ("was", "becomes", "line"),
    [
        ("Một", "Mười", "Mười & hai"),
        ("/b/", "/c/", "→ /c/"),
        ("Cầu", "Đường", "Đường"),
        ("Tóm tắt", "Khác", "Khác"),
        ("https://x.vn/a/", "https://y.vn/a/", "→ https://y.vn/a/"),
        ("a.jpg", "b.jpg", "→ /media/anh/b.jpg"),
        ("Xem", "Xem tiếp", "Xem tiếp"),
    ],
)
def test_what_people_read_is_a_difference(mirrors, was, becomes, line):
    found = mirrors({"index.html": PAGE}, {"index.html": PAGE.replace(was, becomes)})
    assert not found.is_same
    ((gone, come),) = found.differing
    assert come == (line,)
    assert len(gone) == 1


def test_the_same_difference_is_told_once_with_its_pages(mirrors):
    before = {f"{name}/index.html": PAGE for name in "abc"}
    after = {name: text.replace("Một", "Mười") for name, text in before.items()}
    after["c/index.html"] = PAGE
    found = mirrors(before, after)
    assert list(found.differing.values()) == [["a/index.html", "b/index.html"]]
    assert found.same == 1


def test_another_order_is_a_difference(mirrors):
    found = mirrors(
        {"index.html": "<p>một</p><p>hai</p>"}, {"index.html": "<p>hai</p><p>một</p>"}
    )
    assert list(found.differing) == [(("một",), ("hai",))]


def test_pages_and_files_that_are_missing_or_new_are_named(mirrors):
    found = mirrors(
        {"a/index.html": PAGE, "tai-ve/x.pdf": "one", "rss/index.xml": "<a>1</a>"},
        {"b/index.html": PAGE, "tai-ve/x.pdf": "two", "rss/index.xml": "<a>2</a>"},
    )
    assert (found.missing, found.new) == (["a/index.html"], ["b/index.html"])
    assert sorted(name for names in found.differing.values() for name in names) == [
        "rss/index.xml",
        "tai-ve/x.pdf",
    ]


def test_static_files_and_the_mirrors_own_are_not_compared(mirrors):
    found = mirrors(
        {"static/a.css": "a", ".mirror/state": "1", "index.html": PAGE},
        {"static/b.css": "b", ".mirror/state": "2", "index.html": PAGE},
    )
    assert found == Comparison(same=1)


def test_a_page_that_is_no_html_does_not_break_it(mirrors):
    found = mirrors({"index.html": b"\xff<a <b"}, {"index.html": b"<p>\x00<![x"})
    assert not found.is_same


# The steps, with two programs of which nothing is run


@pytest.fixture
def releases(tmp_path, settings):
    """Two versions side by side; `current` leads to the old one."""
    for name in ("old", "new"):
        folder = tmp_path / name
        (folder / ".venv/bin").mkdir(parents=True)
        (folder / ".venv/bin/python").touch()
        (folder / "manage.py").touch()
    (tmp_path / "current").symlink_to(tmp_path / "old")
    settings.BASE_DIR = tmp_path / "new"
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    return tmp_path


def an_upgrade(link: Path, data_dir: Path) -> steps.Upgrade:
    return steps.Upgrade(link, None, data_dir, print, lambda text: None)


def test_the_link_decides_what_is_old(releases, english):
    assert an_upgrade(releases / "current", releases).old == releases / "old"
    with pytest.raises(Refused, match="no symbolic link"):
        an_upgrade(releases / "old", releases)
    (releases / "same").symlink_to(releases / "new")
    with pytest.raises(Refused, match="this version already"):
        an_upgrade(releases / "same", releases)
    (releases / "old/.venv/bin/python").unlink()
    with pytest.raises(Refused, match=r"has no \.venv"):
        an_upgrade(releases / "current", releases)


def test_a_half_restore_is_not_upgraded(releases, english):
    (releases / restoring.WORK).mkdir()
    with pytest.raises(Refused, match="unfinished"):
        an_upgrade(releases / "current", releases)


def test_the_link_is_moved_in_one_instant_or_left_to_root(releases, monkeypatch):
    upgrade = an_upgrade(releases / "current", releases)

    def denied(*arguments, **options):
        raise PermissionError

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", denied)
        assert upgrade.switch() is False
    assert (releases / "current").resolve() == releases / "old"
    assert upgrade.switch() is True
    assert (releases / "current").resolve() == releases / "new"
    assert {path.name for path in releases.iterdir()} == {
        *("old", "new", "current", "data")
    }


class Programs:
    """Answers what the two versions would say."""

    def __init__(self, **failing):
        self.failing, self.asked = failing, []

    def __call__(self, upgrade, program, place, *arguments):
        what = next(
            word
            for word in ("migrating", "collect", "export_static")
            if any(word in argument for argument in arguments)
        )
        self.asked.append((program.name, what))
        if what == "export_static":
            folder = Path(arguments[2])
            folder.mkdir(parents=True)
            if f"{program.name}_no_pages" not in self.failing:
                is_broken = (
                    folder.name == ".still" and "old_shows_another" in self.failing
                )
                page = PAGE.replace("</", " khác</", 1) if is_broken else PAGE
                (folder / "index.html").write_text(page)
        status = self.failing.get(f"{program.name}_{what.strip('-')}", 0)
        return SimpleNamespace(returncode=status, stdout="said\n", stderr="why\n")


class NoTables:
    """A database of which nothing is asked."""

    def reading(self):
        found = SimpleNamespace(columns=set, demanded=set)
        return contextlib.nullcontext(found)


def tried(releases, monkeypatch, is_stopped=False, **failing) -> Comparison:
    """Go through the trial; what was asked of which version stands in `tried.asked`."""
    programs = Programs(**failing)
    monkeypatch.setattr(
        steps.Upgrade,
        "_program",
        lambda self, program, place, *arguments: programs(
            self, program, place, *arguments
        ),
    )
    upgrade = an_upgrade(releases / "current", releases)
    place = restoring.Place(releases / "data", NoTables())
    try:
        return upgrade._try(place, is_stopped)
    finally:
        tried.asked = programs.asked


def test_the_old_version_renders_before_and_after_the_copy_is_migrated(
    releases, monkeypatch
):
    assert tried(releases, monkeypatch).is_same
    assert tried.asked == [
        *(("old", "collect"), ("old", "export_static"), ("new", "migrating")),
        *(("old", "export_static"), ("new", "collect"), ("new", "export_static")),
    ]


@pytest.mark.parametrize(
    "failing",
    [
        {"old_collect": 1},
        {"old_no_pages": 1},
        {"new_migrating": 1},
        {"new_collect": 1},
        {"new_no_pages": 1},
    ],
)
def test_a_step_that_fails_on_the_copy_ends_it(releases, monkeypatch, failing, english):
    with pytest.raises(Refused, match=r"(?s)failed on the copy.*said"):
        tried(releases, monkeypatch, **failing)


def test_static_files_that_the_old_version_serves_are_not_made_again(
    releases, monkeypatch
):
    monkeypatch.setenv("STATIC_ROOT", str(releases / "static"))
    (releases / "static").mkdir()
    (releases / "static/staticfiles.json").touch()
    tried(releases, monkeypatch)
    assert tried.asked[0] == ("old", "export_static")
    assert ("new", "collect") in tried.asked


def test_an_old_version_that_cannot_go_on_asks_to_be_stopped(
    releases, monkeypatch, english
):
    with pytest.raises(Refused, match="--stopped"):
        tried(releases, monkeypatch, old_shows_another=1)
    assert tried.asked[-2:] == [("new", "migrating"), ("old", "export_static")]
    for left in (releases / "data").iterdir():
        shutil.rmtree(left)
    assert tried(releases, monkeypatch, is_stopped=True, old_shows_another=1).is_same


def test_links_that_were_broken_before_stop_nothing(releases, monkeypatch):
    """export_static ends with 1 for them, whoever asks."""
    failing = {"old_export_static": 1, "new_export_static": 1}
    assert tried(releases, monkeypatch, **failing).is_same


# The command


COLLECT = steps.Upgrade.collect
DIFFERS = Comparison(
    same=3, missing=["a/index.html"], differing={(("cũ",), ("mới",)): ["b.html"] * 12}
)


@pytest.fixture
def done(releases, monkeypatch):
    """What the command did to the site, in order."""
    found = []
    monkeypatch.setattr("portal.backup.databases.of_settings", lambda: None)
    monkeypatch.setattr(steps.Upgrade, "migrate", lambda self: found.append("migrate"))
    monkeypatch.setattr(steps.Upgrade, "collect", lambda self: found.append("collect"))
    monkeypatch.setattr(steps.Upgrade, "switch", lambda self: found.append("switch"))
    monkeypatch.setattr(steps.Upgrade, "trial", lambda self, is_stopped: DIFFERS)
    return found


def run(releases, *options) -> str:
    out = StringIO()
    try:
        call_command("upgrade", str(releases / "current"), *options, stdout=out)
    finally:
        run.said = out.getvalue()
    return out.getvalue()


def test_pages_that_differ_need_a_word(releases, done):
    with pytest.raises(CommandError, match="--accept"):
        run(releases)
    assert done == []
    assert "Trang bị thiếu: a/index.html" in run.said
    assert "Trên 12 trang" in run.said and "- cũ" in run.said and "+ mới" in run.said
    run(releases, "--accept")
    assert done == ["migrate", "collect", "switch"]


def test_a_yes_at_the_terminal_is_such_a_word(releases, done, monkeypatch):
    monkeypatch.setattr(command.sys, "stdin", SimpleNamespace(isatty=lambda: True))
    for answer, does in (
        ("", []),
        ("không", []),
        ("có", ["migrate", "collect", "switch"]),
    ):
        monkeypatch.setattr("builtins.input", lambda text, said=answer: said)
        try:
            run(releases)
        except CommandError:
            assert does == []
        assert done == does


def test_a_trial_changes_nothing(releases, done):
    assert "Không có gì bị thay đổi" in run(releases, "--trial", "--accept")
    assert done == []


def test_pages_that_are_the_same_need_none(releases, done, monkeypatch):
    monkeypatch.setattr(
        steps.Upgrade, "trial", lambda self, is_stopped: Comparison(same=3, rewritten=4)
    )
    said = run(releases)
    assert done == ["migrate", "collect", "switch"]
    assert "systemctl restart portal" in said and f"ln -sfn {releases / 'old'}" in said


@pytest.mark.parametrize(
    ("found", "sentence", "advice"),
    [
        ("demanded", "không có mặc định: {}. ", "hãy khởi động lại ngay"),
        ("gone", "Cột không còn nữa: {}. ", "hãy nâng cấp khi cổng đã dừng"),
    ],
)
def test_columns_that_the_old_version_lacks_are_a_warning_and_no_refusal(
    releases, done, monkeypatch, found, sentence, advice
):
    def trial(self, is_stopped):
        setattr(self, found, ["news_article.tone", "portal_user.rank"])
        return Comparison(same=3)

    monkeypatch.setattr(steps.Upgrade, "trial", trial)
    sentence = sentence.format("news_article.tone, portal_user.rank")
    assert run(releases, "--trial").count(sentence) == 1
    said = run(releases)
    assert done == ["migrate", "switch"], "static files would keep it waiting"
    # Before the question, and where one reads what to do.
    assert said.count(sentence) == 2
    assert advice in said
    monkeypatch.setattr(
        steps.Upgrade, "trial", lambda self, is_stopped: Comparison(same=3)
    )
    assert "Cột" not in run(releases)


def test_a_site_that_could_not_be_migrated_keeps_its_link(releases, done, monkeypatch):
    def refused(self):
        raise Refused("locked")

    monkeypatch.setattr(steps.Upgrade, "migrate", refused)
    with pytest.raises(CommandError, match="locked"):
        run(releases, "--accept")
    assert done == []


def test_a_migration_that_fails_on_the_site_says_how_it_is_now(releases, english):
    """`new` of the fixture holds no program."""
    upgrade = an_upgrade(releases / "current", releases)
    with pytest.raises(Refused, match=r"is as it was:\n.*No module named"):
        upgrade.migrate()


def test_static_files_that_fail_leave_the_rest_of_the_way_open(
    releases, monkeypatch, done
):
    """Where the old version cannot go on there is no way back to the beginning."""
    monkeypatch.setattr(steps.Upgrade, "collect", COLLECT)
    said = run(releases, "--accept")
    assert "Không gom được tệp tĩnh" in said and "No module named" in said
    assert done == ["migrate", "switch"]


# Real versions of the program


@pytest.fixture(scope="module")
def original():
    with filled_site() as site:
        yield site


@pytest.fixture
def site(original, tmp_path):
    with copy_of(original, tmp_path / "site") as site:
        yield site


def a_version(folder: Path, migrations: tuple[str, ...] = ()) -> Path:
    """Return a copy of this program with further migrations of `portal`."""
    folder.mkdir()
    for name in ("news", "search", "stats", "static", "pyproject.toml"):
        (folder / name).symlink_to(ROOT / name)
    # Python looks for `portal` beside the file, not beside the link to it.
    shutil.copy(ROOT / "manage.py", folder / "manage.py")
    (folder / ".venv").symlink_to(Path(sys.executable).parent.parent)
    for name in ("portal", "templates"):
        shutil.copytree(
            ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    ((_app, before),) = MigrationLoader(None).graph.leaf_nodes("portal")
    for number, operation in enumerate(migrations):
        name = f"{9000 + number}_of_the_test"
        (folder / "portal/migrations" / f"{name}.py").write_text(
            "import os, signal\nfrom django.db import migrations, models\n"
            "class Migration(migrations.Migration):\n"
            f'    dependencies = [("portal", "{before}")]\n'
            f"    operations = [{operation}]\n"
        )
        before = name
    return folder


TABLE = 'migrations.RunSQL("CREATE TABLE of_the_test (n integer)")'
FAILS = 'migrations.RunSQL("SELECT nothing_of_that_name")'
DIES = "migrations.RunPython(lambda apps, _: os.kill(os.getpid(), signal.SIGKILL))"


def tables(site) -> set[str]:
    with site.database.reading() as found:
        return {table for table, _column in found.columns()}


def applied(site) -> list[tuple]:
    return site.rows("SELECT app, name FROM django_migrations ORDER BY id")


def python(version: Path, site, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [version / ".venv/bin/python", *arguments],
        cwd=version,
        env=proving.environment(site.place, STATIC_ROOT=str(version / "static-root")),
        capture_output=True,
        text=True,
    )


@pytest.mark.own_database
@pytest.mark.parametrize("how", [FAILS, DIES], ids=["fails", "kill -9"])
def test_a_migration_that_ends_half_way_leaves_the_database_as_it_was(
    site, tmp_path, how
):
    new = a_version(tmp_path / "new", (TABLE, how))
    before = applied(site), tables(site)
    assert python(new, site, "-m", "portal.upgrade.migrating").returncode
    assert (applied(site), tables(site)) == before


def adding(name: str, field: str) -> str:
    return f'migrations.AddField("user", "{name}", models.{field})'


@pytest.mark.own_database
def test_columns_that_the_old_version_cannot_fill_or_will_miss_are_named(
    site, releases, monkeypatch
):
    """Django takes the default of a new column out of the database again."""
    version = a_version(
        releases / "version",
        (
            adding("rank", "IntegerField(default=3)"),
            adding("may_be_null", "IntegerField(null=True)"),
            adding("has_default", "IntegerField(db_default=3)"),
            'migrations.RunSQL("CREATE TABLE of_the_test (n integer NOT NULL)")',
            'migrations.RunSQL("ALTER TABLE portal_workevent DROP COLUMN is_changed")',
        ),
    )
    programs = Programs()

    def program(self, asked, place, *arguments):
        if "portal.upgrade.migrating" in arguments:
            return python(version, site, *arguments)
        return programs(self, asked, place, *arguments)

    monkeypatch.setattr(steps.Upgrade, "_program", program)
    upgrade = an_upgrade(releases / "current", releases / "data")
    upgrade._try(restoring.Place(releases / "data", site.database), False)
    assert upgrade.demanded == ["portal_user.rank"]
    assert upgrade.gone == ["portal_workevent.is_changed"]


@pytest.mark.own_database
def test_an_upgrade_from_one_program_to_the_other(site, tmp_path):
    old = a_version(tmp_path / "old")
    new = a_version(tmp_path / "new", (TABLE,))
    footer = new / "templates/includes/_footer.html"
    footer.write_text(footer.read_text() + "<p>Câu của bản mới</p>")
    link = tmp_path / "current"
    link.symlink_to(old)
    (kept,) = site.rows("SELECT count(*), max(title) FROM news_article")

    collected = python(new, site, "-m", "portal.upgrade.collecting")
    assert collected.returncode == 0, collected.stderr
    refused = python(new, site, "manage.py", "upgrade", str(link))
    assert refused.returncode == 1, refused.stderr
    assert "--accept" in refused.stderr
    assert "+ Câu của bản mới" in refused.stdout
    assert link.resolve() == old
    assert "of_the_test" not in tables(site)
    # The copy is gone, and what it proved stays.
    assert not list(site.data_dir.glob(".proof-*"))
    (backup,) = (site.data_dir / making.FOLDER).iterdir()
    with Archive(backup) as archive:
        archive.check(lambda text: None)

    served = new / "static-root"
    assert not list(served.rglob("*.gz"))
    # The old version's, with a name that the new one has no more.
    (served / "of_the_old.0123456789ab.css").touch()
    accepted = python(new, site, "manage.py", "upgrade", str(link), "--accept")
    assert accepted.returncode == 0, accepted.stderr
    assert (served / "of_the_old.0123456789ab.css").exists()
    assert list(served.rglob("*.gz"))
    # Readers would wait for it at the start.
    started = python(new, site, "-m", "portal.serve", "--prepare")
    assert started.returncode == 0, started.stderr
    assert "cơ sở dữ liệu" in started.stdout and "tệp tĩnh" not in started.stdout
    assert link.resolve() == new
    assert "of_the_test" in tables(site)
    assert site.rows("SELECT count(*), max(title) FROM news_article") == [kept]
