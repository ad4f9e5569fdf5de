"""The file of a backup: whole, or refused before anything is made of it."""

import gzip
import hashlib
import io
import json
import tarfile

import pytest

from portal.backup.archive import (
    DATABASE,
    MANIFEST,
    SUM,
    Archive,
    Writer,
    may_be_named,
)
from portal.backup.errors import Damaged, Refused
from portal.backup.sqlite import Sqlite

pytestmark = pytest.mark.usefixtures("english")
MEMBERS = {
    DATABASE: gzip.compress(b"rows" * 300),
    "files/media/anh/01/a.jpg": bytes(range(256)) * 5,
    "files/secret_key": b"k" * 50,
    "files/private/" + "v" * 150 + ".pdf": b"a long name",
    "spool/0123.hits": b"",
}

MANIFEST_OF = {
    "made_at": "2026-11-26T17:00:00+00:00",
    "engine": "sqlite",
    "program": "1",
    "unpacked": 1200,
    "migrations": [["news", "0001_initial"]],
    "tables": {"news_article": [3, "ab"]},
    "missing": [],
}


def quiet(text: str) -> None:
    """Progress that nobody reads."""


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "one.tar"
    with open(path, "wb") as file:
        writer = Writer(file)
        for name, data in MEMBERS.items():
            with writer.member(name) as member:
                member.write(data[:7])
                member.write(data[7:])
        writer.finish(MANIFEST_OF)
    return path


def read(path) -> dict[str, bytes]:
    """Return what the file holds; raises Damaged."""
    with Archive(path) as archive:
        archive.check(quiet)
        return {name: b"".join(archive.read(name)) for name in archive.names}


def test_what_was_written_is_read(path):
    assert read(path) == MEMBERS


def test_any_tar_and_sha256sum_can_take_it_apart(path, tmp_path):
    with tarfile.open(path) as tar:
        found = {info.name: tar.extractfile(info).read() for info in tar}
    assert {name: found[name] for name in MEMBERS} == MEMBERS
    told, name = found[SUM].decode().split()
    assert (name, told) == (MANIFEST, hashlib.sha256(found[MANIFEST]).hexdigest())
    members = json.loads(found[MANIFEST])["members"]
    for name, data in MEMBERS.items():
        assert members[name] == [len(data), hashlib.sha256(data).hexdigest()]


def test_no_flipped_byte_changes_what_is_read(path):
    whole = path.read_bytes()
    noticed = 0
    for place in range(0, len(whole), 29):
        changed = bytearray(whole)
        changed[place] ^= 0x55
        path.write_bytes(changed)
        try:
            # The padding between members and some words of a header mean nothing.
            assert read(path) == MEMBERS, place
        except Damaged:
            noticed += 1
    assert noticed > len(whole) // 29 // 3


def test_a_list_of_contents_that_was_changed_is_noticed(path):
    whole = path.read_bytes()
    assert whole.count(b'[3, "ab"]') == 1  # the rows of a table and their hash
    path.write_bytes(whole.replace(b'[3, "ab"]', b'[3, "cd"]'))
    with pytest.raises(Damaged, match="list of contents was changed"):
        Archive(path)


def test_a_file_that_ends_early_is_refused(path):
    whole = path.read_bytes()
    for length in range(0, len(whole), 256):
        path.write_bytes(whole[:length])
        with pytest.raises(Damaged):
            read(path)


def test_a_file_to_which_something_was_added_is_refused(path):
    for more in (b"x", bytes(512) + b"x", path.read_bytes()):
        path.write_bytes(path.read_bytes() + more)
        with pytest.raises(Damaged, match="added"):
            read(path)


def rewritten(path, change) -> None:
    """Write the archive again with Python's tarfile, as a stranger would."""
    with tarfile.open(path) as tar:
        members = [(info, tar.extractfile(info).read()) for info in tar]
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as tar:
        for info, data in change(members):
            tar.addfile(info, io.BytesIO(data))
    # tarfile fills up to 10 KB; what is refused must be something else.
    data = path.read_bytes().rstrip(b"\0")
    path.write_bytes(data + bytes(-len(data) % 512 + 1024))


def test_writing_it_again_changes_nothing(path):
    rewritten(path, lambda members: members)
    assert read(path) == MEMBERS


@pytest.mark.parametrize("name", [*MEMBERS, MANIFEST, SUM])
def test_a_missing_member_is_noticed(path, name):
    rewritten(path, lambda members: [m for m in members if m[0].name != name])
    with pytest.raises(Damaged, match="missing"):
        Archive(path)


def another(name, kind=tarfile.REGTYPE, **more) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = kind
    for key, value in more.items():
        setattr(info, key, value)
    return info


HOSTILE = {
    "a way out": another("files/../../etc/passwd"),
    "a way out at once": another("../x"),
    "an absolute name": another("/etc/passwd"),
    "no folder of ours": another("etc/passwd"),
    "a spool below the spool": another("spool/a/b"),
    "the folder itself": another("files/"),
    "a double slash": another("files//x"),
    "a dot": another("files/./x"),
    "a backslash": another("files/..\\x"),
    "a line end": another("files/a\nb"),
    "not UTF-8": another("files/\udcff"),
    "a second of the same": another("files/secret_key"),
    "a link": another("files/l", tarfile.SYMTYPE, linkname="/etc/passwd"),
    "a hard link": another("files/l", tarfile.LNKTYPE, linkname="files/secret_key"),
    "a device": another("files/d", tarfile.CHRTYPE, devmajor=1, devminor=3),
    "a pipe": another("files/p", tarfile.FIFOTYPE),
    "a directory": another("files/d", tarfile.DIRTYPE),
    "a sparse file": another("files/s", tarfile.GNUTYPE_SPARSE),
    "a header of another kind": another("files/x", tarfile.XHDTYPE),
    "one that nothing names": another("files/new"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_member_is_refused(path, what):
    """For what it is: that no list of contents names it can be mended by a forger."""
    is_named = what == "one that nothing names"
    reason = "superfluous" if is_named else "which no backup does|cannot be read"
    rewritten(path, lambda members: [(HOSTILE[what], b""), *members])
    with pytest.raises(Damaged, match=reason):
        Archive(path)


@pytest.mark.parametrize("size", [2**62, 10**9])
def test_an_absurd_size_is_refused_before_it_is_read(path, size):
    header = another("files/huge", size=size).tobuf(tarfile.GNU_FORMAT)
    path.write_bytes(header + path.read_bytes())
    with pytest.raises(Damaged, match="too early"):
        Archive(path)


def test_a_name_of_a_gigabyte_is_not_read(path):
    header = another("././@LongLink", tarfile.GNUTYPE_LONGNAME, size=5000)
    data = header.tobuf(tarfile.GNU_FORMAT) + b"a" * 5120 + path.read_bytes()
    path.write_bytes(data)
    with pytest.raises(Damaged, match="too long"):
        Archive(path)


@pytest.mark.parametrize("data", [b"", b"\0" * 2048, b"PK\x03\x04" * 500, b"x" * 5000])
def test_what_is_no_tar_is_refused(path, data):
    path.write_bytes(data)
    with pytest.raises(Damaged):
        Archive(path)


def test_what_cannot_be_read_is_said(tmp_path):
    for path in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(Refused, match="cannot be read"):
            Archive(path)


def test_a_backup_of_a_later_format_is_refused(path, monkeypatch):
    monkeypatch.setattr("portal.backup.archive.FORMAT", 0)
    with pytest.raises(Refused, match="newer"):
        Archive(path)


def test_what_is_unpacked_is_not_executable_and_replaces_nothing(path, tmp_path):
    def executable(members):
        for info, _data in members:
            info.mode = 0o4711
        return members

    rewritten(path, executable)
    with Archive(path) as archive:
        target = tmp_path / "x"
        archive.unpack("files/secret_key", target)
        assert target.stat().st_mode & 0o7777 == 0o600
        with pytest.raises(FileExistsError):
            archive.unpack("files/secret_key", target)


def test_a_database_that_grows_when_unpacked_is_stopped(path, tmp_path):
    work = tmp_path / "work"
    work.mkdir()
    with Archive(path) as archive:
        archive.manifest["unpacked"] = 1199
        with pytest.raises(Refused, match="larger"):
            Sqlite(tmp_path / "portal.sqlite3").unpack(archive, work)
    assert not (tmp_path / "portal.sqlite3").exists()


def test_what_is_no_packed_database_is_refused(path, tmp_path):
    for data in (b"", b"x" * 100, MEMBERS[DATABASE][:-9], MEMBERS[DATABASE][:20]):
        with open(path, "wb") as file:
            writer = Writer(file)
            with writer.member(DATABASE) as member:
                member.write(data)
            writer.finish(MANIFEST_OF)
        work = tmp_path / "work"
        work.mkdir(exist_ok=True)
        database = Sqlite(tmp_path / "portal.sqlite3")
        with Archive(path) as archive:
            if not data:  # gzip takes nothing for a file of no bytes
                database.unpack(archive, work)
                continue
            with pytest.raises(Damaged, match="unpacked"):
                database.unpack(archive, work)


@pytest.mark.parametrize(
    "changes",
    [
        {"made_at": "yesterday"},
        {"made_at": None},
        {"engine": 1},
        {"unpacked": "1"},
        {"tables": []},
        {"tables": {"a": 1}},
        {"tables": {"a": ["1", "2"]}},
        {"migrations": [["one"]]},
        {"migrations": "news"},
        {"missing": None},
    ],
)
def test_a_list_of_contents_of_another_shape_is_refused(path, changes):
    with open(path, "wb") as file:
        writer = Writer(file)
        with writer.member(DATABASE) as member:
            member.write(b"x")
        writer.finish({**MANIFEST_OF, **changes})
    with pytest.raises(Damaged, match="cannot be read"):
        Archive(path)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"1", b"{}", b"\xff", b"[" * 100_000, b'{"format": 1}']
)
def test_a_list_of_contents_that_is_none_is_refused(path, data):
    with open(path, "wb") as file:
        writer = Writer(file)
        for name, content in (
            (DATABASE, b"x"),
            (MANIFEST, data),
            (SUM, hashlib.sha256(data).hexdigest().encode()),
        ):
            with writer.member(name) as member:
                member.write(content)
        file.write(bytes(1024))
    with pytest.raises(Damaged, match="cannot be read"):
        Archive(path)


@pytest.mark.parametrize(
    "name", ["a\\b.jpg", "a\u00a0b.jpg", "\u200b.jpg", "a\n.jpg", "\udcff.jpg", "../a"]
)
def test_what_would_not_come_back_is_not_written(name):
    assert may_be_named("files/media/ảnh 1.jpg")
    assert not may_be_named(f"files/media/{name}")
