"""`export_static`: a mirror of files that any web server can show."""

import functools
import http.client
import io
import itertools
import os
import random
import re
import threading
from collections.abc import Iterable
from datetime import timedelta
from html import unescape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.utils import timezone
from PIL import Image as Picture
from whitenoise import WhiteNoise

from news import images, withdrawn
from news.files import attach
from news.models import ListEntry, State, Tag
from news.workflow import Withdrawal
from portal.management.commands import export_static
from portal.mirror import export as exporting
from portal.mirror import folder as folders
from portal.mirror.addresses import LEFT_OUT, Addresses, file_name, link, live
from portal.mirror.door import Door
from portal.mirror.export import Comparison, Report, compare, export
from portal.mirror.folder import Folder, Refused
from portal.models import MenuItem, Page, WorkEvent
from portal.wsgi import page_cache
from stats import spool
from tests.door import connections_stay_open
from tests.factories import make_article, make_category, make_list_entry, make_tag

pytestmark = [
    pytest.mark.django_db,
    # The pages are those that other tests ask for on both databases; what is new here
    # are files, links and interruptions.
    pytest.mark.once,
]
ROOT = Path(__file__).resolve().parents[2]
SITE = "http://testserver"
PDF = b"%PDF-1.7 a form to fill in"


@pytest.fixture
def app(settings):
    """The site with its static files, whose names carry no hash in tests."""
    return WhiteNoise(page_cache.app, root=ROOT / "static", prefix="/static/")


@pytest.fixture(autouse=True)
def open_connections():
    with connections_stay_open():
        yield


class Asking(Door):
    """A door that remembers what it was asked for."""

    def __init__(self, app):
        super().__init__(app)
        self.asked = []

    def get(self, path, query=""):
        self.asked.append(path + ("?" + query if query else ""))
        return super().get(path, query)


class Mirror:
    """A folder and the ways to bring it up to date."""

    def __init__(self, app, path):
        self.app, self.path = app, path
        self.door = Asking(app)

    def export(self) -> Report:
        self.door.asked.clear()
        return export(Folder(self.path, SITE), self.door, lambda *_: None)

    def compare(self) -> tuple[Report, Comparison, list[str]]:
        return compare(Folder(self.path, SITE), Door(self.app), lambda *_: None)

    def text(self, name: str) -> str:
        return (self.path / name).read_text()

    def files(self) -> dict[str, bytes]:
        return {
            name: (self.path / name).read_bytes()
            for name in folders.files_in(self.path)
            if not name.startswith(".mirror")
        }


@pytest.fixture
def mirror(app, tmp_path):
    return Mirror(app, tmp_path / "ban-sao")


def real_image():
    buffer = io.BytesIO()
    Picture.new("RGB", (900, 600), (30, 90, 60)).save(buffer, "PNG")
    return images.create_image(ContentFile(buffer.getvalue(), "anh.png"), title="Ảnh")


@pytest.fixture
def content():
    """A little of everything that readers can reach."""
    category = make_category(name="Tin hoạt động")
    tag = make_tag(name="chuyển đổi số")
    articles = [
        make_article(
            title=f"Tin số {number}",
            category=category,
            tags=[tag],
            published_at=timezone.now() - timedelta(hours=number + 1),
        )
        for number in range(22)
    ]
    articles[0].cover = real_image()
    articles[0].save()
    attach(articles[1], ContentFile(PDF, "Mẫu đơn số 1 (mới).pdf"))
    make_list_entry(article=articles[2])
    make_list_entry(list=ListEntry.List.FOCUS, article=articles[3])
    Page.objects.create(title="Giới thiệu", body="<p>Sở</p>")
    today = timezone.localdate()
    for days in (-15, 0, 22):
        WorkEvent.objects.create(day=today + timedelta(days=days), content="Họp")
    return articles


# Any file server shows the whole site


@pytest.fixture
def served(mirror):
    """Python's own file server over the mirror; returns how to ask it."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    handler = functools.partial(Quiet, directory=mirror.path)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def get(path):
        connection = http.client.HTTPConnection(*server.server_address, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.headers["Content-Type"], answer.read()
        finally:
            connection.close()

    yield get
    server.shutdown()
    server.server_close()
    thread.join()


LINK = re.compile(r'<(?!meta|link rel="canonical")[^>]*?\s(?:href|src)="([^"]*)"')


def test_any_file_server_shows_all_that_can_be_reached(mirror, content, served):
    assert not mirror.export().broken
    seen, waiting = {"/"}, ["/"]
    while waiting:
        path = waiting.pop()
        status, kind, body = served(path)
        assert status == 200, path
        if not kind.startswith("text/html"):
            continue
        for found in LINK.findall(body.decode()):
            url = urlsplit(urljoin(f"{SITE}{path}", unescape(found)))
            target = url.path + (f"?{url.query}" if url.query else "")
            if url.netloc == "testserver" and target not in seen:
                seen.add(target)
                waiting.append(target)
    assert {article.get_absolute_url() for article in content} <= seen
    assert not [path for path in seen if "?" in path]


def test_every_page_of_a_list_is_there_with_what_the_live_page_holds(
    mirror, content, client
):
    mirror.export()
    category = content[0].category.get_absolute_url()
    tag = Tag.objects.get().get_absolute_url()
    for path in (category, tag):
        kept = mirror.text(f"{path[1:]}trang=2/index.html")
        shown = client.get(path, {"trang": 2}).content.decode()
        titles = re.findall("Tin số [0-9]+", shown)
        assert titles and re.findall("Tin số [0-9]+", kept) == titles
    first = mirror.text(f"{category[1:]}index.html")
    assert f'href="{category}trang=2/"' in first
    assert "?trang=" not in first
    second = mirror.text(f"{category[1:]}trang=2/index.html")
    assert f'href="{category}"' in second, "page 1 is the list itself"
    # The address that search engines know is that of the site.
    assert f'rel="canonical" href="{SITE}{category}?trang=2"' in second


EACH_KIND = {
    *("index.html", "404.html", "robots.txt", "sitemap.xml", "tin-nong/index.html"),
    *("sitemap-tin-tuc.xml", "sitemap-bai-viet-1.xml", "sitemap-danh-sach-1.xml"),
    *("so-do-trang/index.html", "tin-tieu-diem/index.html", "rss/index.xml"),
    *("chuyen-muc/tin-hoat-dong/rss/index.xml", "lich-cong-tac.ics"),
    *("trang/gioi-thieu/index.html", "the/chuyen-doi-so/index.html"),
    *("static/css/base.css", "static/img/favicon.svg"),
    "static/fonts/be-vietnam-pro-vietnamese-400.woff2",
}


def test_each_kind_of_page_is_kept(mirror, content):
    mirror.export()
    files = mirror.files()
    assert set(files) >= EACH_KIND
    assert all(files.values()), "no file is empty"


def test_pictures_and_attachments_are_copied(mirror, content):
    mirror.export()
    attachment = content[1].attachments.get()
    assert (
        mirror.path / f"tai-ve/{attachment.pk}/{attachment.file_name}"
    ).read_bytes() == PDF
    for sizes in content[0].cover.renditions.values():
        for kind in ("avif", "jpg"):
            if kind in sizes:
                assert (mirror.path / "media" / sizes[kind]).is_file()


def week_of(day) -> str:
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week}"


def test_the_calendar_holds_the_weeks_with_entries_and_those_between(mirror, content):
    mirror.export()
    weeks = sorted(p.name for p in (mirror.path / "lich-cong-tac").iterdir())
    days = [timezone.localdate() + timedelta(days=days) for days in range(-15, 23)]
    expected = {week_of(day) for day in days}
    assert set(weeks) - {"index.html"} == expected
    page = mirror.text(f"lich-cong-tac/{week_of(days[-1])}/index.html")
    assert '<a rel="next nofollow">' in page, "the words stay, the link goes"
    assert '<a rel="prev nofollow" href=' in page


def test_what_needs_the_server_is_left_out_and_said(mirror, content):
    mirror.export()
    for name, body in mirror.files().items():
        if name.endswith(".html"):
            text = body.decode()
            for gone in ("<form", "/_s", "data-visit", "visit-counter", "/admin/"):
                assert gone not in text, (name, gone)
    assert "không tìm kiếm được" in mirror.text("tim-kiem/index.html")
    assert "không tìm kiếm được" in mirror.text("index.html")


def test_nothing_is_counted(mirror, content, monkeypatch):
    counted = []
    monkeypatch.setattr(spool, "append", lambda hit: counted.append(hit) or True)
    mirror.export()
    assert (mirror.path / "tai-ve").is_dir()
    assert counted == []


def test_absolute_links_of_the_site_work_wherever_the_mirror_stands(mirror):
    target = make_article()
    page = make_article(
        body_html=f'<p><a href="{SITE}{target.get_absolute_url()}#a">x</a>'
        f'<a href="https://khac.vn/?a=1&amp;b=2">y</a></p>'
    )
    mirror.export()
    text = mirror.text(f"{page.get_absolute_url()[1:]}index.html")
    assert f'<a href="{target.get_absolute_url()}#a">x</a>' in text
    assert '<a href="https://khac.vn/?a=1&amp;b=2">y</a>' in text


def test_a_link_to_an_old_address_leads_on(mirror):
    target = make_article(slug="moi")
    gone = make_article(
        state=State.WITHDRAWN,
        slug="rut",
        withdrawal=Withdrawal.REDIRECT,
        withdrawal_url="https://tinh.gov.vn/a?b=1&c=2",
    )
    assert withdrawn.find(gone.pk)
    old, other = f"/tin-tuc/cu-{target.pk}/", gone.get_absolute_url()
    without_slash = target.get_absolute_url()[:-1]
    make_article(
        body_html=f'<p><a href="{old}">x</a><a href="{other}">y</a>'
        f'<a href="{without_slash}">z</a></p>'
    )
    report = mirror.export()
    assert not report.broken
    assert f"0; url={target.get_absolute_url()}" in mirror.text(f"{old[1:]}index.html")
    leads = mirror.text(f"{other[1:]}index.html")
    assert 'href="https://tinh.gov.vn/a?b=1&amp;c=2"' in leads


# Again, interrupted, and while the site changes


def test_a_second_run_renders_nothing(mirror, content):
    first = mirror.export()
    before = mirror.files()
    second = mirror.export()
    # Names without a hash are asked for again; in production they carry one.
    assert [p for p in mirror.door.asked if not p.startswith("/static/")] == []
    assert (second.changed, second.removed) == (0, [])
    assert second.files == first.files
    assert mirror.files() == before


def test_only_files_that_changed_are_written(mirror, content):
    mirror.export()
    times = {n: (mirror.path / n).stat().st_mtime_ns for n in mirror.files()}
    content[19].body_html = "<p>Đã sửa</p>"
    content[19].save()
    report = mirror.export()
    changed = {n for n in times if (mirror.path / n).stat().st_mtime_ns != times[n]}
    page = f"{content[19].get_absolute_url()[1:]}index.html"
    assert page in changed
    assert "Đã sửa" in mirror.text(page)
    assert report.changed == len(changed) < 5


def test_a_new_version_of_the_portal_renders_everything(mirror, content, monkeypatch):
    mirror.export()
    monkeypatch.setattr(exporting, "_code", lambda: "another")
    assert mirror.export().rendered > len(content)


def test_what_left_the_site_leaves_the_mirror(mirror, content):
    mirror.export()
    own = mirror.path / ".htaccess"
    own.write_text("ErrorDocument 404 /404.html")
    article = content[1]
    attachment = article.attachments.get()
    article.state = State.WITHDRAWN
    article.save()
    report = mirror.export()
    assert f"{article.get_absolute_url()[1:]}index.html" in report.removed
    assert not (mirror.path / article.get_absolute_url()[1:]).exists()
    assert not (mirror.path / f"tai-ve/{attachment.pk}").exists()
    assert article.title not in mirror.text("index.html")
    assert own.exists()


class Stopped(BaseException):
    """As Ctrl+C or a kill: nothing may catch it."""


def test_stopped_while_rendering_the_old_mirror_stays_and_the_next_run_goes_on(
    mirror, content
):
    mirror.export()
    before = mirror.files()
    for article in content:
        article.title += " (sửa)"
        article.save()
    whole = mirror.door.get

    def until(path, query=""):
        if len(mirror.door.asked) == 30:
            raise Stopped
        return whole(path, query)

    mirror.door.get = until
    with pytest.raises(Stopped):
        mirror.export()
    assert mirror.files() == before
    mirror.door.get = whole
    assert mirror.export().rendered < len(content) + 30
    _report, comparison, superfluous = mirror.compare()
    assert (comparison.differing, comparison.missing, superfluous) == ([], [], [])


def broken_links(path: Path, pages: Iterable[str] = ("index.html",)) -> set[str]:
    """The links to no file, from these pages and all that they lead to."""
    found, seen, waiting = set(), set(pages), list(pages)
    while waiting:
        name = waiting.pop()
        for one in LINK.findall((path / name).read_text()):
            url = urlsplit(unescape(one))
            wanted = file_name(unquote(url.path)) if url.path.startswith("/") else None
            if wanted is None or url.netloc or wanted in seen:
                continue
            if not (path / wanted).is_file():
                found.add(f"{name} -> {url.path}")
            elif wanted.endswith(".html"):
                seen.add(wanted)
                waiting.append(wanted)
    return found


def pages_of(path: Path) -> list[str]:
    """The pages that are there, whatever leads to them."""
    return [name for name in folders.files_in(path) if name.endswith(".html")]


def test_no_instant_of_an_update_has_a_broken_link(mirror, monkeypatch):
    """Publish, withdraw and rename at once; look before each step on the disk."""
    category = make_category(name="Cũ")
    old = [make_article(category=category) for _ in range(3)]
    mirror.export()
    assert broken_links(mirror.path, pages_of(mirror.path)) == set()
    going = (old[0].get_absolute_url()[1:], category.get_absolute_url()[1:])
    # All pages that a reader may have before him and that do not go themselves.
    staying = [n for n in pages_of(mirror.path) if not n.startswith(going)]
    old[0].state = State.WITHDRAWN
    old[0].save()
    category.slug = "moi"
    category.save()
    for _ in range(3):
        make_article(category=category, tags=[make_tag()])
    looked = itertools.count()
    replace, unlink = os.replace, Path.unlink

    def looking(step):
        def take(*args, **kwargs):
            broken = broken_links(mirror.path, staying)
            assert broken == set(), f"at step {next(looked)}"
            next(looked)
            return step(*args, **kwargs)

        return take

    monkeypatch.setattr(os, "replace", looking(replace))
    monkeypatch.setattr(Path, "unlink", looking(unlink))
    mirror.export()
    monkeypatch.undo()
    assert next(looked) > 20
    assert broken_links(mirror.path, pages_of(mirror.path)) == set()


@pytest.mark.parametrize("seed", range(4))
def test_stopped_while_files_take_their_places_no_link_breaks(
    mirror, monkeypatch, seed
):
    category = make_category(name="Cũ")
    gone = make_article(category=category)
    make_article(category=category)
    mirror.export()
    known = pages_of(mirror.path)
    gone.delete()
    category.slug = "moi"
    category.save()
    make_article(category=category)
    left = [random.Random(seed).randrange(1, 25)]
    replace = os.replace

    def stopping(source, target):
        if "/.mirror/" not in str(target):
            left[0] -= 1
            if not left[0]:
                raise Stopped
        return replace(source, target)

    monkeypatch.setattr(os, "replace", stopping)
    with pytest.raises(Stopped):
        mirror.export()
    monkeypatch.undo()
    assert broken_links(mirror.path, known) == set()
    mirror.export()
    assert broken_links(mirror.path, pages_of(mirror.path)) == set()
    _report, comparison, superfluous = mirror.compare()
    assert (comparison.differing, comparison.missing, superfluous) == ([], [], [])


def test_killed_in_the_middle_of_a_line_nothing_is_taken_for_done(mirror, content):
    mirror.export()
    state = mirror.path / ".mirror" / "state"
    lines = state.read_bytes().splitlines(keepends=True)
    cut = lines.index(f"{link('/so-do-trang/')} .\n".encode())
    state.write_bytes(b"".join(lines[:cut]) + b"/so-do-tr")
    mirror.export()
    assert "/so-do-trang/" in mirror.door.asked
    mirror.export()
    assert "/so-do-trang/" not in mirror.door.asked


def test_what_is_withdrawn_while_it_runs_is_no_broken_link(mirror, content, app):
    victim = content[20]
    withdrawing = []

    def between(environ, start_response):
        # Its list was kept already; it goes before its own turn comes.
        if environ["PATH_INFO"] == victim.get_absolute_url() and not withdrawing:
            withdrawing.append(victim)
            victim.state = State.WITHDRAWN
            victim.save()
        return app(environ, start_response)

    report = Mirror(between, mirror.path).export()
    assert withdrawing
    assert report.broken == {}
    assert broken_links(mirror.path) == set()


# What is wrong is told


def test_a_broken_link_is_named_with_its_page(mirror, settings, monkeypatch):
    page = make_article(body_html='<p><a href="/tin-tuc/khong-co-9999/">x</a></p>')
    MenuItem.objects.create(label="Hỏng", link="/trang/mat/")
    for _ in range(12):
        make_article()
    monkeypatch.setattr(export_static, "door", lambda: Door(mirror.app))
    out, err = io.StringIO(), io.StringIO()
    with pytest.raises(CommandError, match="2 liên kết hỏng") as raised:
        call_command("export_static", mirror.path, stdout=out, stderr=err)
    assert raised.value.returncode == 1
    told = err.getvalue()
    first, second = sorted(told.split("Liên kết hỏng: ")[1:])
    assert first.startswith("/tin-tuc/khong-co-9999/ (404)")
    assert page.get_absolute_url() in first and first.count("\n") == 2
    assert second.startswith("/trang/mat/ (404)")
    assert "nữa" in second, "a link on every page is not told for every page"
    assert (mirror.path / "index.html").is_file(), "the mirror is there all the same"


def test_a_whole_site_is_told_in_two_sentences(mirror, content, monkeypatch):
    monkeypatch.setattr(export_static, "door", lambda: Door(mirror.app))
    out = io.StringIO()
    call_command("export_static", mirror.path, stdout=out)
    assert re.search(r": \d+ tệp, .*0 bị xoá", out.getvalue())
    out = io.StringIO()
    call_command("export_static", mirror.path, "--check", stdout=out)
    assert "khớp" in out.getvalue()


def test_it_tells_how_far_it_is(mirror, content, monkeypatch):
    """A line now and then in a log; in a terminal one that is written anew."""
    monkeypatch.setattr(export_static, "door", lambda: Door(mirror.app))
    quiet, log, terminal = io.StringIO(), io.StringIO(), io.StringIO()
    monkeypatch.setattr(export_static, "TELL_SECONDS", 3600.0)
    call_command("export_static", mirror.path, stdout=quiet)
    monkeypatch.setattr(export_static, "TELL_SECONDS", 0.0)
    call_command("export_static", mirror.path, "--all", stdout=log)
    terminal.isatty = lambda: True
    monkeypatch.setattr(export_static, "TELL_SECONDS", 3600.0)
    call_command("export_static", mirror.path, "--check", stdout=terminal)
    steps = r"(\d+) trên (\d+) địa chỉ đã biết đến lúc này, (\d+) tệp mới"
    assert re.findall(steps, quiet.getvalue()) == []  # not yet time for a line
    for said, end in ((log, "\n"), (terminal, "\r")):
        found = [list(map(int, step)) for step in re.findall(steps, said.getvalue())]
        done = [files for files, _known, _new in found]
        assert done == sorted(done) and done[-1] > 10
        assert all(files <= known for files, known, _new in found)
        assert len(re.findall(steps + "[^\r\n]*" + end, said.getvalue())) == len(found)


def test_a_check_names_each_difference_and_changes_nothing(
    mirror, content, monkeypatch
):
    mirror.export()
    (mirror.path / "robots.txt").write_text("User-agent: *\nDisallow: /\n")
    (mirror.path / "sitemap.xml").unlink()
    (mirror.path / "la.html").write_text("x")
    article = f"{content[7].get_absolute_url()[1:]}index.html"
    (mirror.path / article).write_text(mirror.text(article) + " ")
    picture = next(n for n in mirror.files() if n.startswith("media/"))
    (mirror.path / picture).write_bytes(b"x")
    before = mirror.files()
    monkeypatch.setattr(export_static, "door", lambda: Door(mirror.app))
    out = io.StringIO()
    with pytest.raises(CommandError) as raised:
        call_command("export_static", mirror.path, "--check", stdout=out)
    assert raised.value.returncode == 1
    told = out.getvalue()
    assert "Không có trong bản sao: 1\n  sitemap.xml\n" in told
    assert "Khác với cổng: 3\n" in told and f"  {article}\n" in told
    assert "  robots.txt\n" in told and f"  {picture}\n" in told
    assert "Không còn trên cổng: 1\n  la.html\n" in told
    assert mirror.files() == before
    mirror.export()  # what was damaged by hand is only found by --check or --all
    call_command("export_static", mirror.path, "--all", stdout=out)
    _report, comparison, superfluous = mirror.compare()
    assert (comparison.differing, comparison.missing, superfluous) == ([], [], [])


def failing(app, wanted, status):
    def fail(environ, start_response):
        if environ["PATH_INFO"] == wanted:
            start_response(status, [("Content-Type", "text/html")])
            return [b"x"]
        return app(environ, start_response)

    return fail


def test_while_the_database_is_away_the_mirror_stays_as_it_was(mirror, content, app):
    mirror.export()
    before = mirror.files()
    content[0].title = "Khác"
    content[0].save()
    away = failing(app, "/so-do-trang/", "503 Service Unavailable")
    with pytest.raises(Refused, match="503"):
        Mirror(away, mirror.path).export()
    assert mirror.files() == before


def test_a_page_that_fails_is_told_and_its_old_copy_stays(mirror, content, app):
    mirror.export()
    page, gone = content[5], content[6]
    gone.delete()
    address = page.get_absolute_url()
    wrong = failing(app, address, "500 Internal Server Error")
    report = Mirror(wrong, mirror.path).export()
    assert report.failed == {address: "500"}
    assert (mirror.path / address[1:] / "index.html").is_file()
    assert report.removed == []


# What is refused


def run(path, **options):
    call_command("export_static", path, stdout=io.StringIO(), **options)


def test_a_folder_of_somebody_elses_is_refused(tmp_path):
    (tmp_path / "luan-van.docx").write_text("x")
    with pytest.raises(CommandError, match="không trống"):
        run(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["luan-van.docx"]


def test_a_file_and_a_place_that_cannot_be_written_are_refused(tmp_path):
    file = tmp_path / "tep"
    file.write_text("x")
    with pytest.raises(CommandError, match="không phải là thư mục"):
        run(file)
    with pytest.raises(CommandError, match="Không ghi được"):
        run(file / "ban-sao")


def test_a_site_url_of_this_machine_is_refused_but_for_a_trial(
    tmp_path, settings, monkeypatch, app
):
    settings.SITE_URL, settings.SITE_IS_LOCAL = "http://127.0.0.1:8000", True
    monkeypatch.setattr(export_static, "door", lambda: Door(app))
    with pytest.raises(CommandError, match="SITE_URL"):
        run(tmp_path / "a")
    assert not (tmp_path / "a").exists()
    run(tmp_path / "a", local=True)
    assert (tmp_path / "a" / "index.html").is_file()


def test_the_mirror_of_another_site_is_refused(mirror):
    mirror.export()
    with pytest.raises(Refused, match=r"khac\.vn"):
        Folder(mirror.path, "https://khac.vn")


def test_a_check_of_nothing_is_refused(tmp_path):
    with pytest.raises(CommandError, match="--check"):
        run(tmp_path / "a", check=True)
    assert not (tmp_path / "a").exists()


def test_two_exports_into_one_folder_do_not_meet(mirror):
    first = Folder(mirror.path, SITE)
    with (
        first.writing(exporting.present_content()),
        pytest.raises(Refused, match="đang chạy"),
    ):
        mirror.export()


# Hostile names and addresses


def test_hostile_names_stay_names(mirror, served):
    category = make_category(name="RSS")
    assert category.slug == "rss"
    articles = [make_article(category=category, title=f'<b>&" {n}') for n in range(25)]
    tag = make_tag(name="trang 2")
    articles[0].tags.add(tag)
    Page.objects.create(title="Trang 2", body="<p>x</p>")
    MenuItem.objects.create(label='"><script>', link="/trang/trang-2/")
    for name in ("a b%2F..#?&'\".pdf", "..pdf.pdf", "%00.pdf", "Quyết định.pdf"):
        attachment = attach(articles[1], ContentFile(PDF, "x.pdf"))
        attachment.file_name = name
        attachment.save()
    report = mirror.export()
    assert report.broken == {}
    assert served("/chuyen-muc/rss/")[0] == 200
    assert b"<h1>RSS</h1>" in served("/chuyen-muc/rss/")[2]
    assert b"<rss" in served("/chuyen-muc/rss/rss/index.xml")[2]
    assert served("/the/trang-2/")[0] == served("/trang/trang-2/")[0] == 200
    page = served(articles[1].get_absolute_url())[2].decode()
    files = [unescape(a) for a in LINK.findall(page) if a.startswith("/tai-ve/")]
    assert len(files) == 4
    for address in files:
        assert served(address)[::2] == (200, PDF), address


HOSTILE = [
    *("/../../etc/passwd", "/%2e%2e/%2e%2e/x", "/a/%2e%2e%2fb/", "/.mirror/state"),
    *("//a", "/a//b/", "/%00/", "/" + "ế" * 100 + "/", "/tai-ve/1/..%2f..%2fx"),
    *("/.htaccess", "/%ff%fe/", "/a%0ab/", "/a/./b", "/tin-tuc/%3Cscript%3E-1/"),
]


def test_hostile_links_write_nothing_outside_the_folder(mirror, tmp_path):
    body = "".join(f'<a href="{one}">x</a>' for one in HOSTILE)
    make_article(body_html=f'<p>{body}<a href="http://[">x</a></p>')
    before = set(tmp_path.rglob("*"))
    report = mirror.export()
    written = set(tmp_path.rglob("*")) - before - {mirror.path}
    assert all(mirror.path in p.parents for p in written)
    assert len(report.broken) >= 8
    assert not {n for n in mirror.files() if n.startswith(".")}
    assert mirror.export().broken == report.broken


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/", "index.html"),
        ("/a/b/", "a/b/index.html"),
        ("/a/b.pdf", "a/b.pdf"),
        ("/a/trang=2/", "a/trang=2/index.html"),
        *(("/../a", None), ("/a/../b", None), ("//a", None), ("/a//", None)),
        *(("/.mirror/state", None), ("/a/./b", None), ("/a\0", None)),
        ("/" + "ế" * 100, None),
    ],
)
def test_an_address_has_one_file_within_the_folder(address, expected):
    assert file_name(address) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("/tin-nong/?trang=2", "/tin-nong/trang=2/"),
        ("?trang=3", "/chuyen-muc/a/trang=3/"),
        ("?trang=1", "/chuyen-muc/a/"),
        ("?trang=01", "/chuyen-muc/a/"),
        ("?trang=2&utm_source=x", "/chuyen-muc/a/trang=2/"),
        ("/tim-kiem/?q=a&trang=2", "/tim-kiem/"),
        ("/?trang=2", "/"),
        ("/rss/", "/rss/index.xml"),
        ("/chuyen-muc/a/rss/", "/chuyen-muc/a/rss/index.xml"),
        ("/chuyen-muc/rss/", "/chuyen-muc/rss/"),
        ("/the/rss/", "/the/rss/"),
        ("/tai-ve/1/T%E1%BB%87p%20a.pdf", "/tai-ve/1/Tệp a.pdf"),
        ("https://so.vn/a/", "/a/"),
        ("http://SO.vn/a/", "/a/"),
        ("//khac.vn/a/", None),
        ("mailto:a@so.vn", None),
        ("javascript:alert(1)", None),
        ("http://[", None),
        ("/admin/news/", LEFT_OUT),
        ("/xem-truoc/abc/", LEFT_OUT),
        ("/lich-cong-tac/2026-W1/", LEFT_OUT),
    ],
)
def test_each_link_has_one_address(given, expected):
    addresses = Addresses("https://so.vn")
    assert addresses.of(given, "/chuyen-muc/a/") == expected


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("/chuyen-muc/a/trang=2/", ("/chuyen-muc/a/", "trang=2")),
        ("/rss/index.xml", ("/rss/", "")),
        ("/chuyen-muc/rss/rss/index.xml", ("/chuyen-muc/rss/rss/", "")),
        ("/chuyen-muc/rss/", ("/chuyen-muc/rss/", "")),
        ("/tai-ve/1/index.xml", ("/tai-ve/1/index.xml", "")),
    ],
)
def test_an_address_is_asked_for_where_it_came_from(address, asked):
    assert live(address) == asked
    assert Addresses(SITE).of("?".join(filter(None, asked))) == address
