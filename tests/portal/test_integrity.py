"""`audit_site` names what was planted and where, and says nothing of a clean site.

The site is made once, through the application, so its seals are those that each change
writes; what a test plants goes with it.
"""

import contextlib
import json
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponseRedirect
from django.test import override_settings
from django.utils import timezone

from news.models import Article
from portal import generation
from portal.integrity import audit, folders
from portal.integrity.visiting import Visitor
from portal.pagecache import PageCache
from tests.door import connections_stay_open
from tests.portal.integrity_world import GAMBLING, POLICE, file_with, sql

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english(english):
    pass


# What is planted. Each is a context in which the plant is there.


@contextlib.contextmanager
def statement(text, *values):
    sql(text, *values)
    yield


def body(site, html):
    return statement(
        "UPDATE news_article SET body_html = %s WHERE id = %s", html, site.article.pk
    )


def inside(middleware):
    name = f"{__name__}.{middleware.__name__}"
    # On top: so it changes what all others made.
    return override_settings(MIDDLEWARE=[name, *_middleware()])


def _middleware():
    return settings.MIDDLEWARE


def _with_link(response):
    if response.streaming:
        return response
    link = f'<a href="{GAMBLING}">nổ hũ</a></body>'.encode()
    response.content = response.content.replace(b"</body>", link)
    return response


def shows_robots_more(get_response):
    def middleware(request):
        response = get_response(request)
        is_robot = "Googlebot" in request.headers.get("User-Agent", "")
        return _with_link(response) if is_robot else response

    return middleware


def shows_coccoc_more(get_response):
    def middleware(request):
        response = get_response(request)
        is_from_there = "coccoc.com" in request.headers.get("Referer", "")
        return _with_link(response) if is_from_there else response

    return middleware


def sends_searchers_away(get_response):
    def middleware(request):
        if "google." in request.headers.get("Referer", ""):
            return HttpResponseRedirect(GAMBLING)
        return get_response(request)

    return middleware


def hides_from_staff(get_response):
    def middleware(request):
        is_known = "nocount" in request.headers.get("Cookie", "")
        is_local = request.META["REMOTE_ADDR"].startswith("127.")
        response = get_response(request)
        return response if is_known or is_local else _with_link(response)

    return middleware


def shows_all_another_text(get_response):
    def middleware(request):
        response = get_response(request)
        if response.streaming:
            return response
        response.content = response.content.replace(
            b"qua m\xe1\xba\xa1ng, nh\xc3\xa0 c\xc3\xa1i", b"nh\xc3\xa0 c\xc3\xa1i"
        )
        return response

    return middleware


def sends_all_away(get_response):
    def middleware(request):
        if request.path.startswith("/lich-cong-tac"):
            return HttpResponseRedirect(GAMBLING)
        return get_response(request)

    return middleware


def adds_refresh(get_response):
    def middleware(request):
        response = get_response(request)
        response["Refresh"] = f"0; url={GAMBLING}"
        return response

    return middleware


@contextlib.contextmanager
def in_memory(site):
    """Somebody changed a page in the memory of a worker."""
    site.cache = PageCache(WSGIHandler(), 2**22)
    generation.refresh()
    with connections_stay_open():
        door = Visitor(site.cache)
        with door.get("/so-do-trang/") as answer:
            b"".join(answer.body)
    ((_key, page),) = site.cache._pages._pages.items()
    text = page.bodies[""].replace(b"<main", b"<p>n\xe1\xbb\x95 h\xc5\xa9</p><main")
    page.bodies.clear()
    page.bodies[""] = text
    try:
        yield
    finally:
        del site.cache


@contextlib.contextmanager
def on_disk(site, path, make=None):
    """A page in the folder of the present edition: what nginx would send."""
    edition = generation.refresh().name
    with connections_stay_open(), Visitor(WSGIHandler()).get(f"/{path}/") as answer:
        made = b"".join(answer.body)
    file = settings.PAGES_DIR / edition / path / "index.html"
    with file_with(file, make(made) if make else made):
        yield


ARTICLE = "article {site.article.pk} “Bắt nhóm"
ADDRESS = "/tin-tuc/"


@dataclass(frozen=True)
class Plant:
    """`plant(site)` is the context; the finding has `kind`, and `place` and `what`."""

    name: str
    parts: tuple[str, ...]
    plant: object
    kind: str
    place: str
    what: str = ""
    stored: bool = field(default=False)


@contextlib.contextmanager
def an_old_file(path):
    """A file that no upload is writing any more."""
    with file_with(path, "x"), pytest.MonkeyPatch.context() as patch:
        patch.setattr(folders, "UPLOAD_SECONDS", 0)
        yield


def changed(table, name, assignment, *values):
    """One statement of SQL changes the row that the site calls `name`."""
    return lambda s: statement(
        f"UPDATE {table} SET {assignment} WHERE id = %s", *values, getattr(s, name).pk
    )


def copied(table, name, **columns):
    """A row that is like another one but for some columns."""

    def plant(site):
        model = type(getattr(site, name))
        names = [f.column for f in model._meta.concrete_fields]
        taken = ", ".join("%s" if n in columns else n for n in names)
        return statement(
            f"INSERT INTO {table} ({', '.join(names)})"
            f" SELECT {taken} FROM {table} WHERE id = %s",
            *(columns[n] for n in names if n in columns),
            getattr(site, name).pk,
        )

    return plant


def rows_of(table, name, kind, change, columns):
    """Plants of a table: a row changed, one added, and one removed."""
    place = f"{kind} {{site.{name}.pk}}"
    return [
        Plant(
            *(f"{kind} changed: {change[0]}", ("rows",)),
            changed(table, name, *change),
            *("row_changed", place, "without the application"),
        ),
        Plant(
            *(f"{kind} added", ("rows",)),
            copied(table, name, id=990001, **columns),
            *("row_added", f"{kind} 990001", "without the application"),
        ),
        Plant(
            *(f"{kind} removed", ("rows",)),
            lambda s: statement(
                f"DELETE FROM {table} WHERE id = %s", getattr(s, name).pk
            ),
            *("row_removed", place, "without the application"),
        ),
    ]


def also_changed(table, name, kind, *changes):
    return [rows_of(table, name, kind, change, {})[0] for change in changes]


APP = ("otp_totp_totpdevice", "app", "App with codes")
PASSKEY = ("portal_passkey", "passkey", "passkey")
CODES = ("portal_recoverycodes", "codes", "recovery codes")
LINK = ("news_leaderlink", "link", "link for a leader")
FOREIGN = json.dumps(["0" * 64])
LETS_IN = [
    *rows_of(*APP, ("key = %s", "00" * 20), {}),
    *also_changed(*APP, ("tolerance = 1000",), ("digits = 1",), ("step = 30000",)),
    *rows_of(*PASSKEY, ("public_key = 'CCCC'",), {"credential_id": "DDDD"}),
    *also_changed(*PASSKEY, ("credential_id = 'CCCC'",), ("confirmed = %s", False)),
    Plant(
        *("passkey of somebody else", ("rows",)),
        lambda s: changed("portal_passkey", "passkey", "user_id = %s", s.other_user.pk)(
            s
        ),
        *("row_changed", "passkey {site.passkey.pk} “Máy (khac)”"),
    ),
    # One set a person.
    Plant(
        *("recovery codes added", ("rows",)),
        lambda s: copied(
            "portal_recoverycodes", "codes", id=990001, user_id=s.other_user.pk
        )(s),
        *("row_added", "recovery codes 990001 “khac”"),
    ),
    *rows_of(*CODES, ("digests = %s", FOREIGN), {})[::2],
    *also_changed(*CODES, ("salt = 'x'",), ("digests = '5'",)),
    *rows_of(*LINK, ("revoked_at = NULL",), {}),
    *also_changed(
        *LINK,
        ("expires_at = %s", timezone.now() + timedelta(days=900)),
        ("created_at = %s", timezone.now() + timedelta(days=900)),
    ),
    Plant(
        *("link of another person", ("rows",)),
        lambda s: changed(
            "news_leaderlink", "link", "created_by_id = %s", s.other_user.pk
        )(s),
        *("row_changed", "link for a leader {site.link.pk} “Bà Giám"),
    ),
    Plant(
        *("link to another article", ("rows",)),
        lambda s: changed("news_leaderlink", "link", "article_id = %s", s.draft.pk)(s),
        *("row_changed", "link for a leader {site.link.pk} “Bà Giám"),
    ),
]
LEDGER = ("stats_ledger", "entry", "ledger entry")
ABBREVIATION = ("search_abbreviation", "abbreviation", "abbreviation")
FIGURES = [
    *rows_of(*LEDGER, ("delta = 999999",), {"source": "correction"}),
    *also_changed(
        *LEDGER,
        ("metric = 'views'",),
        ("reason = 'Khác hẳn'",),
        ("day = '2020-01-01'",),
        ("created_at = '2020-01-01 00:00:00+00:00'",),
    ),
    *rows_of(*ABBREVIATION, ("long = 'nhà cái nổ hũ'",), {"short": "X"}),
    *also_changed(*ABBREVIATION, ("short = 'NH'",)),
]
PLANTS = [
    # The database
    Plant(
        *("link in a body", ("rows",)),
        lambda s: body(s, f'{POLICE}<a href="{GAMBLING}">x</a>'),
        *("row_changed", ARTICLE, "without the application"),
    ),
    Plant(
        *("link in a body, on the page", ("pages",)),
        lambda s: body(s, f'{POLICE}<a href="{GAMBLING}">x</a>'),
        *("outbound", ADDRESS, GAMBLING),
    ),
    Plant(
        *("hidden text", ("pages",)),
        lambda s: body(s, f'{POLICE}<div style="display:none">nổ hũ</div>'),
        *("style", ADDRESS, "hidden text: <div style=display:none>"),
    ),
    Plant(
        *("script in a body", ("pages",)),
        lambda s: body(s, f"{POLICE}<script>alert(1)</script>"),
        *("script", ADDRESS, "<script>"),
    ),
    Plant(
        *("script of another site", ("pages",)),
        lambda s: body(s, f'{POLICE}<script src="{GAMBLING}a.js"></script>'),
        *("script", ADDRESS, f"{GAMBLING}a.js"),
    ),
    Plant(
        *("frame in a body", ("pages",)),
        lambda s: body(s, f'{POLICE}<iframe src="{GAMBLING}"></iframe>'),
        *("frame", ADDRESS, GAMBLING),
    ),
    Plant(
        *("title", ("rows",)),
        lambda s: statement(
            "UPDATE news_article SET title = 'Nổ hũ' WHERE id = %s", s.article.pk
        ),
        *("row_changed", "article {site.article.pk} “Nổ hũ”", ""),
    ),
    Plant(
        *("draft made public", ("rows",)),
        lambda s: statement(
            "UPDATE news_article SET state = 'published', published_at = %s"
            " WHERE id = %s",
            timezone.now(),
            s.draft.pk,
        ),
        *("row_changed", "article {site.draft.pk} “Nháp”", ""),
    ),
    Plant(
        *("article that nobody wrote", ("rows",)),
        lambda s: statement(
            "UPDATE news_article SET id = 990001, slug = 'x' WHERE id = %s", s.draft.pk
        ),
        *("row_added", "article 990001", ""),
    ),
    Plant(
        *("article removed", ("rows",)),
        lambda s: statement(
            "UPDATE news_article SET id = 990001 WHERE id = %s", s.draft.pk
        ),
        *("row_removed", "article {site.draft.pk}", "removed"),
    ),
    Plant(
        *("tag taken from an article", ("rows",)),
        lambda s: statement(
            "DELETE FROM news_article_tags WHERE article_id = %s", s.article.pk
        ),
        *("row_removed", "article (tags) {site.article.pk}", ""),
    ),
    Plant(
        *("linked site", ("rows", "pages")),
        lambda s: statement("UPDATE portal_linkedsite SET url = %s", GAMBLING),
        *("row_changed", "linked site {site.site.pk} “Bộ”", ""),
    ),
    Plant(
        *("linked site, on the page", ("pages",)),
        lambda s: statement("UPDATE portal_linkedsite SET url = %s", GAMBLING),
        *("outbound", "/", GAMBLING),
    ),
    Plant(
        *("menu item", ("rows", "pages")),
        lambda s: statement(
            "INSERT INTO portal_menuitem (id, label, link, position)"
            " VALUES (990001, 'Nổ hũ', %s, 0)",
            GAMBLING,
        ),
        *("row_added", "menu item 990001 “Nổ hũ”", ""),
    ),
    Plant(
        *("footer", ("rows",)),
        lambda s: statement("UPDATE portal_sitesettings SET licence = 'Nổ hũ'"),
        *("row_changed", "site settings 1", ""),
    ),
    Plant(
        *("trusted domain", ("rows",)),
        lambda s: statement(
            "UPDATE portal_sitesettings SET trusted_domains = 'nha-cai.example.net'"
        ),
        *("row_changed", "site settings 1", ""),
    ),
    Plant(
        *("superuser", ("rows",)),
        lambda s: statement(
            "INSERT INTO portal_user (id, username, password, first_name, last_name,"
            " email, is_superuser, is_staff, is_active, date_joined, notify_by_mail,"
            " must_change_password)"
            " VALUES (990001, 'bong', 'x', '', '', '', %s, %s, %s, %s, %s, %s)",
            *(True, True, True, timezone.now(), True, False),
        ),
        *("row_added", "user 990001 “bong”", ""),
    ),
    Plant(
        *("redirect of a withdrawn article", ("rows",)),
        lambda s: statement(
            "UPDATE news_article SET state = 'withdrawn', withdrawal = 'redirect',"
            " withdrawal_url = %s WHERE id = %s",
            GAMBLING,
            s.article.pk,
        ),
        *("row_changed", ARTICLE, ""),
    ),
    *LETS_IN,
    *FIGURES,
    # Files
    Plant(
        *("attachment", ("rows",)),
        lambda s: file_with(s.folder / "p" / s.attachment.file.name, "other"),
        *("file_changed", "{site.attachment.file.name}", "was changed"),
    ),
    Plant(
        *("PHP among the pictures", ("files",)),
        lambda s: file_with(s.media / "anh/ab/x.php", "<?php"),
        *("unknown_file", "anh/ab/x.php", ""),
    ),
    Plant(
        *("HTML among the pictures", ("files",)),
        lambda s: file_with(s.media / "khuyen-mai.html", "<a>"),
        *("unknown_file", "khuyen-mai.html", ""),
    ),
    Plant(
        *("file among the private ones", ("files",)),
        lambda s: file_with(s.folder / "p/attachments/ab/x.pdf", "x"),
        *("unknown_file", "attachments/ab/x.pdf", ""),
    ),
    *(
        Plant(
            *(f"file that an upload may have left in {name}", ("files",)),
            lambda s, name=name: an_old_file(s.folder / name),
            *("stray_file", name, "may be of one that was interrupted"),
        )
        for name in (
            f"media/anh/ab/{'0' * 24}-300.jpg",
            "p/originals/ab/abcd.png",
            "p/attachments/ab/abcd.pdf",
        )
    ),
    Plant(
        *("PHP named as uploads are", ("files",)),
        lambda s: an_old_file(s.folder / "p/attachments/ab/abcd.php"),
        *("unknown_file", "attachments/ab/abcd.php"),
    ),
    Plant(
        *("picture", ("files",)),
        lambda s: file_with(s.media / s.rendition, b"another picture"),
        *("media", "/media/{site.rendition}", "was changed"),
    ),
    Plant(
        *("template", ("program",)),
        lambda s: file_with(s.program / "templates/base.html", "changed"),
        *("program_changed", "templates/base.html", ""),
    ),
    Plant(
        *("program", ("program",)),
        lambda s: file_with(s.program / "portal/wsgi.py", "changed"),
        *("program_changed", "portal/wsgi.py", ""),
    ),
    Plant(
        *("new module", ("program",)),
        lambda s: file_with(s.program / "portal/shell.py", "new"),
        *("program_added", "portal/shell.py", ""),
    ),
    Plant(
        *("new static file", ("program",)),
        lambda s: file_with(s.program / "static/x.html", "new"),
        *("program_added", "STATIC_ROOT/x.html", ""),
    ),
    Plant(
        *("script of the site", ("program",)),
        lambda s: file_with(s.program / "static/js/menu.js", "changed"),
        *("program_changed", "STATIC_ROOT/js/menu.js", ""),
    ),
    Plant(
        *("list of the program's files", ("program",)),
        lambda s: file_with(
            s.folder / "integrity/baseline.json",
            (s.folder / "integrity/baseline.json").read_text().replace("wsgi", "x"),
        ),
        *("baseline", "baseline.json", "not written by the application"),
    ),
    # What is shown
    Plant(
        *("cloaked for a robot", ("pages",)),
        lambda s: inside(shows_robots_more),
        *("cloaked", "/", "Google's robot gets another answer"),
    ),
    Plant(
        *("cloaked for visitors of a search engine", ("pages",)),
        lambda s: inside(shows_coccoc_more),
        *("cloaked", "/", "a visitor from Cốc Cốc gets another answer"),
    ),
    Plant(
        *("visitors of a search engine sent away", ("pages",)),
        lambda s: inside(sends_searchers_away),
        *("cloaked", "/", f"302 {GAMBLING}"),
    ),
    Plant(
        *("shown to all but the staff", ("pages",)),
        lambda s: inside(hides_from_staff),
        *("outbound", "/", GAMBLING),
    ),
    Plant(
        *("another text for all", ("pages",)),
        lambda s: inside(shows_all_another_text),
        *("body", ADDRESS, "does not show the text"),
    ),
    Plant(
        *("redirect for all", ("pages",)),
        lambda s: inside(sends_all_away),
        *("redirect", "/lich-cong-tac", GAMBLING),
    ),
    Plant(
        *("redirect by a header", ("pages",)),
        lambda s: inside(adds_refresh),
        *("refresh", "/", GAMBLING),
    ),
    # What is stored of pages
    Plant(
        *("page in memory", ("pages",), in_memory, "stored", "/so-do-trang/"),
        what="nổ hũ",
        stored=True,
    ),
    Plant(
        *("page on disk", ("pages",)),
        lambda s: on_disk(s, "so-do-trang", lambda page: page + b"<p>n</p>"),
        *("page_file", "so-do-trang/index.html", "another than the one"),
    ),
    Plant(
        *("page on disk that the site does not have", ("pages",)),
        lambda s: on_disk(s, "khuyen-mai"),
        *("page_file", "khuyen-mai/index.html", "another than the one"),
    ),
    Plant(
        *("file among the pages", ("pages",)),
        lambda s: file_with(s.folder / "pages/x.php", "<?php"),
        *("unknown_file", "pages/x.php", "no page"),
    ),
]


def planted(plant: Plant):
    """What lies in rows is looked for on both databases, the rest once."""
    marks = [] if "rows" in plant.parts else [pytest.mark.once]
    return pytest.param(plant, id=plant.name, marks=marks)


@pytest.mark.parametrize("plant", [planted(plant) for plant in PLANTS])
def test_what_was_planted_is_named_with_its_place(sealed_site, plant):
    with plant.plant(sealed_site):
        stored = Visitor(sealed_site.cache) if plant.stored else None
        found = sealed_site.audit(*plant.parts, stored=stored).findings
    place = plant.place.format(site=sealed_site)
    assert any(
        one.kind == plant.kind
        and (one.place == "/" if place == "/" else place in one.place)
        and plant.what in one.what
        and one.expected
        for one in found
    ), "\n".join(map(str, found))


def test_a_clean_site_is_clean(sealed_site):
    """Also with news of the police about gambling, and a link to an outside paper."""
    generation.refresh()
    with on_disk(sealed_site, "so-do-trang"), on_disk(sealed_site, "trang/gioi-thieu"):
        stored = Visitor(PageCache(WSGIHandler(), 2**22))
        result = sealed_site.audit(*audit.PARTS, stored=stored)
    assert [str(one) for one in result.findings] == []
    assert result.is_complete
    assert result.pages > 15


def test_an_address_that_one_article_gives_does_not_vouch_for_its_host(sealed_site):
    """An outside paper is where an editor led; another page of it is not."""
    with body(sealed_site, POLICE.replace("bat-nhom?a=1", "khuyen-mai?a=1")):
        found = sealed_site.audit("pages").findings
    assert any(one.kind == "outbound" and "khuyen-mai" in one.what for one in found)


def test_the_same_plant_on_every_page_is_told_once(sealed_site):
    with inside(hides_from_staff):
        found = [f for f in sealed_site.audit("pages").findings if f.kind == "outbound"]
    assert len(found) == 1
    assert "other addresses" in found[0].what


def test_asking_counts_nothing_and_changes_nothing(sealed_site):
    def state():
        spool = settings.SPOOL_DIR
        waiting = list(spool.iterdir()) if spool.exists() else []
        rows = Article.objects.order_by("pk").values_list("pk", "updated_at")
        return list(rows), sum(file.stat().st_size for file in waiting)

    before = state()
    sealed_site.audit(*audit.PARTS)
    assert state() == before
