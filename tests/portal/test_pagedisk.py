import errno
import fcntl
import gzip
import logging
import os
from datetime import timedelta
from pathlib import Path

import brotli
import pytest
from django.db import OperationalError
from django.utils import timezone

from news import publishing
from portal import generation
from portal.models import ContentState, Page, SiteSettings
from portal.pagecache import MARK, PageCache
from portal.pagedisk import PageDisk, is_writable
from portal.wsgi import page_cache
from tests.door import Reader
from tests.factories import make_article, make_list_entry, make_tag

pytestmark = pytest.mark.django_db

HTML = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "public, max-age=0, must-revalidate"),
    ("Vary", "Accept-Encoding"),
]


@pytest.fixture
def disk(tmp_path):
    generation.refresh()
    return PageDisk(tmp_path / "pages", 100 * 2**20)


@pytest.fixture
def reader(disk):
    """A reader of an application that says its path."""

    def app(environ, start_response):
        start_response("200 OK", [*HTML[:1], (MARK, "store")])
        return [environ["PATH_INFO"].encode() * 100]

    return Reader(PageCache(app, 2**20, disk))


def files(disk) -> dict[str, bytes]:
    """Return every file of the disk by its path below the folder of all editions."""
    return {
        str(path.relative_to(disk.root)): path.read_bytes()
        for path in disk.root.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


def links(disk) -> dict[str, str]:
    found = (path for path in disk.root.iterdir() if path.is_symlink())
    return {path.name: os.readlink(path) for path in found}


def change(name="Sở mới"):
    SiteSettings(name=name).save()
    return generation.refresh()


def write(disk, path="/", body=b"words", edition=None):
    edition = edition or generation.refresh()
    return disk.write(edition, path, "00c0ffee" * 3, {"": body})


# What is written


def test_a_page_is_on_disk_as_readers_get_it(disk, reader):
    plain = reader("/tin-tuc/a-1/")[2]
    packed = reader("/tin-tuc/a-1/", accept_encoding="gzip")[2]
    assert disk.write_waiting() == 1
    folder = f"{generation.refresh().name}/tin-tuc/a-1"
    found = files(disk)
    assert sorted(found) == [
        f"{folder}/index.html",
        f"{folder}/index.html.br",
        f"{folder}/index.html.gz",
    ]
    assert found[f"{folder}/index.html"] == plain
    assert found[f"{folder}/index.html.gz"] == packed
    assert gzip.decompress(packed) == plain
    assert brotli.decompress(found[f"{folder}/index.html.br"]) == plain


def test_a_page_that_was_made_before_a_change_stays_off_the_disk(disk, reader):
    reader("/")
    change()
    assert disk.write_waiting() == 0
    reader("/")
    assert disk.write_waiting() == 1
    assert {name.split("/")[0] for name in files(disk)} == {generation.refresh().name}


def test_a_change_during_the_rendering_keeps_the_page_off_the_disk(disk):
    def app(environ, start_response):
        start_response("200 OK", [*HTML[:1], (MARK, "store")])
        SiteSettings(name="Sở mới").save()  # another worker's: nobody here knows of it
        return [b"half of the old, half of the new"]

    assert Reader(PageCache(app, 2**20, disk))("/")[0] == 200
    assert disk.write_waiting() == 0
    assert files(disk) == {}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", True),
        ("/tin-tuc/Bai-viet_1-2/", True),
        ("/" + "a" * 200 + "/", True),
        ("/" + "a" * 201 + "/", False),
        ("/a" * 600 + "/", False),
        ("/tin-nong", False),
        ("//", False),
        ("/a//b/", False),
        ("/../x/", False),
        ("/./", False),
        ("/a.b/", False),
        ("/%2e%2e/", False),
        ("/a\x00b/", False),
        ("/a\n/", False),
        ("/\xc3\xa1/", False),
        ("/index.html/", False),
        ("", False),
    ],
)
def test_only_plain_paths_become_files(path, expected):
    assert is_writable(path, "200 OK", HTML) is expected


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        ("404 Not Found", HTML),
        ("410 Gone", HTML),
        ("301 Moved Permanently", HTML),
        ("200 OK", [("Content-Type", "application/rss+xml"), *HTML[1:]]),
        ("200 OK", [*HTML, ("X-Robots-Tag", "noindex")]),
        ("200 OK", [HTML[0], ("Cache-Control", "public, max-age=60"), HTML[2]]),
        ("200 OK", HTML[:1]),
    ],
    ids=str,
)
def test_what_nginx_could_not_say_as_we_do_stays_off_the_disk(status, headers):
    assert not is_writable("/", status, headers)
    assert is_writable("/", "200 OK", HTML)


def test_queries_and_another_scheme_stay_off_the_disk(disk, reader, settings):
    reader("/tin-nong/", query="trang=2")
    settings.SITE_URL = "https://testserver"
    reader("/")
    assert disk.write_waiting() == 0
    settings.SITE_URL = "http://testserver"
    reader("/tin-nong/", query="utm_source=zalo")
    assert disk.write_waiting() == 1
    assert any(name.endswith("/tin-nong/index.html") for name in files(disk))


def test_every_public_page_of_the_site_can_be_answered_by_nginx(disk):
    make_list_entry()
    article = make_article()
    article.tags.add(tag := make_tag())
    page = Page.objects.create(title="Giới thiệu")
    generation.refresh()
    site = Reader(PageCache(page_cache.app, 2**22, disk))
    pages = [
        *("/", "/tin-nong/", "/tin-tieu-diem/", "/lich-cong-tac/", "/so-do-trang/"),
        *("/lich-cong-tac/2026-W5/", "/tim-kiem/"),
        *(o.get_absolute_url() for o in (article, article.category, tag, page)),
    ]
    others = ["/rss/", "/sitemap.xml", "/robots.txt", "/lich-cong-tac.ics", "/healthz"]
    for path in (*pages, *others, article.category.get_absolute_url() + "rss/"):
        assert site(path)[0] == 200, path
    disk.write_waiting()
    root = disk.root / generation.refresh().name
    found = {
        "/" + str(path.parent.relative_to(root)).strip(".") + "/"
        for path in root.rglob("index.html")
    }
    pages.remove("/tim-kiem/")  # has too many variants to be kept at all
    assert {path.replace("//", "/") for path in found} == set(pages)


def test_a_file_has_its_whole_content_before_it_has_its_name(disk, reader, monkeypatch):
    seen = []
    rename = os.rename

    def watched(source, target):
        seen.append((Path(target).name, len(Path(source).read_bytes())))
        assert not Path(target).exists()
        rename(source, target)

    monkeypatch.setattr(os, "rename", watched)
    reader("/tin-nong/")
    disk.write_waiting()
    sizes = {Path(name).name: len(body) for name, body in files(disk).items()}
    # The page itself last: nginx looks for it first.
    order = ["index.html.gz", "index.html.br", "index.html"]
    assert seen == [(name, sizes[name]) for name in order]


def test_the_time_of_a_file_is_a_sum_of_its_words(disk):
    """nginx makes its ETag of time and length."""

    def app(environ, start_response):
        start_response("200 OK", [*HTML[:1], (MARK, "store")])
        return [words[0] * 200]

    words = [b"5 "]
    cache = PageCache(app, 2**20, disk)
    times = []
    for word in (b"5 ", b"6 ", b"5 "):
        words[0] = word
        edition = change()
        Reader(cache)("/")
        disk.write_waiting()
        file = disk.root / edition.name / "index.html"
        times.append((file.stat().st_mtime, file.stat().st_size))
    assert times[0] == times[2] != times[1]


# The links


def test_link_follows_a_change_and_the_edition_before_is_kept(disk):
    old = generation.refresh()
    disk.follow()
    assert links(disk) == {"current": old.name}
    new = change()
    disk.follow()
    assert links(disk) == {"current": new.name, "previous": old.name}


def test_link_follows_what_time_changes_by_itself(disk, monkeypatch):
    now = timezone.now()
    make_article(published_at=now + timedelta(seconds=30))
    old = generation.refresh()
    disk.follow()
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(seconds=30))
    disk.follow()
    assert links(disk)["previous"] == old.name != links(disk)["current"]


def test_pages_of_before_a_withdrawal_are_not_even_kept_for_an_outage(disk):
    article = make_article()
    generation.refresh()
    disk.follow()
    change()
    disk.follow()
    assert "previous" in links(disk)
    publishing.withdraw(article, note="Sai số liệu.")
    new = generation.refresh()
    disk.follow()
    assert links(disk) == {"current": new.name}


def test_pages_of_before_a_restored_backup_are_not_kept(disk):
    make_article()
    generation.refresh()
    disk.follow()
    ContentState.objects.update(generation=0, taken_away_at=0)
    new = generation.refresh()
    disk.follow()
    assert links(disk) == {"current": new.name}


def test_link_stays_while_the_database_is_away(disk, monkeypatch):
    disk.follow()
    before = links(disk)
    change()

    def away():
        raise OperationalError("away")

    monkeypatch.setattr(generation, "refresh", away)
    with pytest.raises(OperationalError):
        disk.follow()
    assert links(disk) == before


def test_nobody_moves_the_link_back(disk, monkeypatch):
    """A worker that knew an edition, was stopped, and goes on after the others."""
    disk.follow()
    stopped_with = generation.current()
    new = change()
    disk.follow()
    monkeypatch.setattr(generation, "current", lambda: stopped_with)
    disk.follow()
    assert links(disk)["current"] == new.name


def test_link_is_moved_by_one_at_a_time(disk, monkeypatch):
    monkeypatch.setattr("portal.pagedisk.time.sleep", lambda seconds: None)
    disk.follow()
    before = links(disk)
    change()
    handle = os.open(disk.root, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    disk.follow()
    assert links(disk) == before
    os.close(handle)
    disk.follow()
    assert links(disk) != before


# A disk that is full, read-only, or too small


def full(*args, **kwargs):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_on_a_full_disk_pages_go_on_from_memory(disk, reader, monkeypatch, caplog):
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        for path in ("/a/", "/b/", "/c/"):
            assert reader(path)[0] == 200
            assert disk.write_waiting() == 0
        assert reader("/a/")[2] == b"/a/" * 100
    assert files(disk) == {}, "half a page"
    told = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert len(told) == 1 and "No space left" in told[0].getMessage()
    reader("/d/")
    assert disk.write_waiting() == 1


def test_a_link_that_cannot_be_moved_is_taken_away(disk, monkeypatch, caplog):
    disk.follow()
    change()
    monkeypatch.setattr(Path, "symlink_to", full)
    disk.follow()
    disk.follow()
    assert links(disk) == {}
    assert len(caplog.records) == 1


def size(disk) -> int:
    """Return the bytes that the file system gives away, in blocks of 4 KiB."""
    return sum(-(-len(body) // 4096) * 4096 for body in files(disk).values())


def test_disk_stays_within_its_bytes(disk):
    disk = PageDisk(disk.root, 2 * 2**20, workers=2)
    first = generation.refresh()
    written = [write(disk, f"/{number}/", b"x" * 5000) for number in range(200)]
    assert True in written and False in written
    assert size(disk) <= 2**19, "a worker's share of one edition"
    for name in ("Sở một", "Sở hai", "Sở ba"):
        change(name)
        for number in range(200):
            write(disk, f"/{number}/", b"x" * 5000)
        assert size(disk) <= 2**20, "a worker's share of all"
    assert not write(disk, "/x/")
    disk.follow()
    disk.sweep(10_000)
    assert not (disk.root / first.name).exists()
    change("Sở bốn")
    assert write(disk, "/x/")


def test_old_editions_are_removed_in_slices_linked_ones_never(disk):
    names = []
    for number in range(4):
        edition = change(f"Sở {number}")
        names.append(edition.name)
        for page in range(10):
            write(disk, f"/{page}/", edition=edition)
        disk.follow()
    (disk.root / "note.txt").write_text("of an operator")

    def left():
        return [sum(n in name for name in files(disk)) for n in names]

    assert left() == [10, 10, 10, 10]
    disk.sweep(files=6)
    assert left() == [4, 10, 10, 10]
    for _ in range(10):
        disk.sweep(files=6)
    assert left() == [0, 0, 10, 10]
    assert sorted(path.name for path in disk.root.iterdir() if path.is_dir()) == sorted(
        ["current", "previous", *names[2:]]
    )
    assert (disk.root / "note.txt").exists()


def test_a_folder_swept_away_while_it_is_written_is_no_fault(
    disk, reader, monkeypatch, caplog
):
    def gone(*args):
        raise FileNotFoundError(errno.ENOENT, "No such file or directory")

    monkeypatch.setattr(os, "rename", gone)
    reader("/")
    assert disk.write_waiting() == 0
    assert caplog.records == []


def test_turned_off_it_leaves_nothing_for_nginx(disk):
    write(disk)
    disk.follow()
    disk.clear()
    assert not disk.root.exists()
    disk.clear()


def test_pages_that_nobody_writes_do_not_fill_the_memory(disk, reader, monkeypatch):
    monkeypatch.setattr("portal.pagedisk.WAITING_MAX", 5)
    for number in range(10):
        reader(f"/{number}/")
    assert disk.write_waiting() == 5


def test_writing_ends_with_the_edition(disk, reader, monkeypatch):
    """A slow disk does not go on with pages that nobody will ask for."""
    write_one = disk.write

    def slow(*args):
        done = write_one(*args)
        change()
        return done

    monkeypatch.setattr(disk, "write", slow)
    for path in ("/a/", "/b/", "/c/"):
        reader(path)
    assert disk.write_waiting() == 1
