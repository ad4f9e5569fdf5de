"""The demo: the same every time, repeatable, and gone without a trace."""

import io
import re
import zipfile
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.utils import timezone, translation
from PIL import Image as Pillow

from news import saving
from news.models import (
    Article,
    Attachment,
    Category,
    Image,
    ListEntry,
    Placement,
    State,
)
from portal.audit.models import AuditEntry
from portal.demo import files, library, markup, reading, seeding
from portal.demo.pictures import NAMES, draw
from portal.models import (
    ContentState,
    DemoRecord,
    LinkedSite,
    MenuItem,
    Page,
    SiteSettings,
    User,
    WorkEvent,
)
from search import indexing
from stats import ledger, totals
from stats.models import Day, LedgerEntry
from tests.factories import make_article, make_category

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _english():
    """Assertions read the msgids."""
    with translation.override("en"):
        yield


@pytest.fixture
def media(settings, tmp_path):
    """Files of this test alone, and pictures that are quickly encoded."""
    settings.MEDIA_ROOT = tmp_path / "media"
    private = {**settings.STORAGES["private"], "OPTIONS": {"location": tmp_path / "p"}}
    settings.STORAGES = {**settings.STORAGES, "private": private}
    return tmp_path


@pytest.fixture
def small_pictures(monkeypatch):
    def small(name):
        out = io.BytesIO()
        colour = (len(name) * 9 % 256, sum(map(ord, name)) % 256, ord(name[-1]))
        Pillow.new("RGB", (60, 40), colour).save(out, "PNG")
        out.seek(0)
        return out

    monkeypatch.setattr(library, "_file", small)


def seed(*options) -> str:
    out = io.StringIO()
    call_command("seed_demo", *options, stdout=out)
    return out.getvalue()


def counts() -> dict[str, int]:
    """Rows of everything, except what a migrated database always has."""
    always = ("contenttypes.", "auth.permission", "auth.group", "portal.contentstate")
    return {
        model._meta.label_lower: model._default_manager.count()
        for model in apps.get_models()
        if model._default_manager.exists()
        and not model._meta.label_lower.startswith(always)
    }


def files_below(folder) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


# The content files ------------------------------------------------------------


@pytest.fixture(scope="module")
def texts():
    return reading.articles(NOW)


def test_there_are_enough_articles_of_every_state(texts):
    published = [one for one in texts if one.state == "published"]
    assert sum(one.published_at <= NOW for one in published) >= 60
    assert any(one.published_at > NOW for one in published)
    assert any(one.expires_at and one.expires_at < NOW for one in published)
    assert sum(one.state == "draft" for one in texts) == 2
    assert sum(one.state == "in_review" for one in texts) == 1


def test_articles_are_long_enough_and_spread_over_a_year(texts):
    assert all(350 <= len(one.text.split()) <= 900 for one in texts)
    past = [NOW - one.published_at for one in texts if one.published_at <= NOW]
    assert min(past) < timedelta(days=1)
    assert max(past) > timedelta(days=330)


def test_every_leaf_category_has_articles(texts):
    rows = reading.table("categories")["category"]
    leaves = [c["slug"] for row in rows for c in row.get("child", [row])]
    assert len(rows) >= 6
    assert set(leaves) <= {one.category for one in texts}


def test_names_in_content_files_are_known(texts):
    rows = reading.table("categories")["category"]
    known = {c["slug"] for row in rows for c in [row, *row.get("child", [])]}
    units = reading.table("site")["units"]
    words = reading.table("pictures")
    allowed = {
        *("title", "category", "also", "when", "until", "unit", "author", "tags"),
        *("cover", "attach", "hot", "focus", "list_days", "sapo", "source", "state"),
    }
    for one in texts:
        assert set(one.head) <= allowed, one.key
        assert {one.category, *one.further} <= known, one.key
        assert one.unit in units, one.key
        for found in (*one.figures, *([one.cover] if one.cover else [])):
            assert found.picture in NAMES, one.key
            assert found.picture in words
            assert found.caption and found.alt, one.key
        assert "{" not in one.text + one.title + one.sapo, one.key
        assert "[ảnh" not in markup.to_html(one.text), one.key


def test_no_article_shows_a_picture_twice(texts):
    for one in texts:
        shown = [one.cover.picture] if one.cover else []
        shown += [found.picture for found in one.figures]
        assert len(shown) == len(set(shown)), one.key


def test_content_has_no_mixed_tone_placement(texts):
    """One spelling through the site: uỷ, hoá, thuỷ."""
    old = re.compile(r"\b(?:ủy|Ủy|\w*hóa|\w*thủy|\w*hòa\b|\w*lũy)\b")
    found = {m[0] for one in texts for m in old.finditer(one.text + one.title)}
    assert found == set()


@pytest.mark.parametrize("hour", [0, 5, 11, 23])
def test_nothing_but_the_scheduled_is_dated_ahead(hour):
    now = timezone.make_aware(datetime(2027, 3, 1, hour, 30))
    ahead = [one.key for one in reading.articles(now) if one.published_at > now]
    assert ahead == ["bao-tri-he-thong"]


# Markup -------------------------------------------------------------------------


def test_markup_becomes_semantic_html():
    text = (
        "Một & hai **đậm** [tìm](/tim-kiem/).\n\n## Mục\n\n- a\n- b\n\n1. x\n2. y\n\n"
        "> Lời\n> — Người\n\nBảng: Tên <bảng>\n| A | B |\n| 1 | 2 |\n\n"
        "[ảnh: karst-bay | Chú thích | =]"
    )
    assert markup.to_html(text, lambda f: f"<figure>{f.caption}</figure>") == (
        '<p>Một &amp; hai <strong>đậm</strong> <a href="/tim-kiem/">tìm</a>.</p>\n'
        "<h2>Mục</h2>\n<ul><li>a</li><li>b</li></ul>\n<ol><li>x</li><li>y</li></ol>\n"
        "<blockquote><p>Lời</p><p>— Người</p></blockquote>\n"
        "<table><caption>Tên &lt;bảng&gt;</caption>"
        '<thead><tr><th scope="col">A</th><th scope="col">B</th></tr></thead>'
        '<tbody><tr><th scope="row">1</th><td>2</td></tr></tbody></table>\n'
        "<figure>Chú thích</figure>"
    )


@pytest.mark.parametrize(
    "words, expected",
    [
        ("{d}", "30/12/2026"),
        ("{d+3}", "02/01/2027"),
        ("{dm-30}", "30/11"),
        ("{y+1}", "2027"),
        ("quý {q} và {q+1}", "quý IV và I"),
        ("tháng {m}, {m+2}", "tháng 12, 2"),
    ],
)
def test_dates_follow_the_day_of_publication(words, expected):
    assert markup.fill_dates(words, datetime(2026, 12, 30).date()) == expected


def test_a_head_line_without_a_colon_is_named():
    with pytest.raises(ValueError, match="line 2"):
        markup.read("title: A\ncategory\n---\nText")


# Files --------------------------------------------------------------------------


def test_the_same_words_give_the_same_files():
    text = "Đoạn **một** ữ.\n\nBảng: B\n| Cột | Số |\n| ô, một | 2 |"
    for name in ("a.pdf", "a.docx", "a.csv"):
        made = files.make(name, "Tiêu đề", text, NOW)
        assert made == files.make(name, "Tiêu đề", text, NOW)
    assert files.make("a.csv", "T", text, NOW) == (
        b"\xef\xbb\xbf" + 'Cột,Số\r\n"ô, một",2\r\n'.encode()
    )


def test_a_word_file_holds_the_text():
    made = files.make("a.docx", "Tiêu đề", "Đoạn **đậm** & hết.", NOW)
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert "Đoạn đậm &amp; hết." in archive.read("word/document.xml").decode()


def test_a_pdf_is_well_formed_and_holds_the_text():
    made = files.make("a.pdf", "Tiêu đề", "Chữ Việt: ẵ ử đ.\n\n" * 60, NOW)
    start = int(re.search(rb"startxref\n(\d+)", made)[1])
    assert made[start : start + 4] == b"xref"
    places = re.findall(rb"^(\d{10}) 00000 n", made, re.MULTILINE)
    for number, place in enumerate(places, start=1):
        assert made[int(place) :].startswith(b"%d 0 obj" % number)
    assert made.count(b"/Type /Page ") > 1
    streams = re.findall(rb"stream\n(.*?)\nendstream", made, re.DOTALL)
    text = zlib.decompress(streams[0])
    assert "Chữ Việt: ẵ ử đ.".encode("utf-16-be").hex().encode() in text


def test_a_picture_is_the_same_every_time():
    assert draw("desk").tobytes() == draw("desk").tobytes()
    assert draw("desk").size == (1800, 1200)


# The command ----------------------------------------------------------------------


@pytest.fixture
def few(monkeypatch):
    """A dozen articles and a month of visits: the rest is more of the same."""
    real = seeding.articles
    monkeypatch.setattr(seeding, "articles", lambda now: real(now)[-12:])
    monkeypatch.setattr(seeding, "VISIT_DAYS", 30)


@pytest.fixture
def seeded(db, media, small_pictures, few):
    seed()
    return media


@pytest.fixture
def seeded_wholly(db, media, small_pictures):
    seed()


def test_the_site_is_complete_and_consistent(seeded_wholly):
    published = Article.objects.published()
    assert published.count() >= 60
    assert Article.objects.scheduled().count() == 1
    assert Article.objects.expired().count() == 1
    assert Article.objects.filter(state=State.DRAFT).count() == 2
    assert Article.objects.filter(state=State.IN_REVIEW).count() == 1
    assert all(not saving.problems(article) for article in published)
    assert Category.objects.filter(parent=None).count() == 6
    assert Category.objects.exclude(parent=None).count() == 13
    hot = ListEntry.objects.running().filter(list="hot", article__in=published)
    focus = ListEntry.objects.running().filter(list="focus", article__in=published)
    assert (hot.count(), focus.count()) == (6, 5)
    assert Placement.objects.count() > 50
    assert {a.content_type for a in Attachment.objects.all()} == {
        "application/pdf",
        "text/csv",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    }
    assert (Page.objects.count(), LinkedSite.objects.count()) == (5, 8)
    assert MenuItem.objects.exclude(parent=None).count() > 10
    assert WorkEvent.objects.filter(is_changed=True).count() == 1
    assert WorkEvent.objects.filter(is_cancelled=True).count() == 1
    assert SiteSettings.load().emblem.renditions
    assert not indexing.check()
    assert Day.objects.filter(is_demo=True).count() == 365
    assert totals.read().total > seeding.OPENING_BALANCE + 300_000


def test_public_pages_of_the_demo_answer(seeded, client):
    article = Article.objects.published().newest_first().first()
    category = Category.objects.get(slug="nghien-cuu-ung-dung")
    page = Page.objects.get(slug="co-cau-to-chuc")
    for url in ("/", article, category, page, "/lich-cong-tac/"):
        response = client.get(url if isinstance(url, str) else url.get_absolute_url())
        assert response.status_code == 200


def test_there_are_visits_and_an_opening_balance(seeded):
    days = Day.objects.filter(is_demo=True)
    assert days.count() == 30
    balance = LedgerEntry.objects.get()
    assert balance.delta == seeding.OPENING_BALANCE
    visits = sum(day.visits for day in days)
    assert totals.read().total == seeding.OPENING_BALANCE + visits


def test_no_account_can_sign_in_without_a_password_of_the_operator(seeded):
    users = get_user_model().objects.all()
    groups = {user.username: user.groups.get().name for user in users}
    assert groups == {
        "phongvien": "Phóng viên",
        "bientap": "Biên tập viên",
        "thuky": "Thư ký toà soạn",
        "quantri": "Quản trị",
    }
    assert all(user.is_staff and not user.is_superuser for user in users)
    assert not any(user.has_usable_password() for user in users)


def test_the_operator_may_give_the_accounts_a_password(
    db, media, small_pictures, few, settings
):
    settings.DEMO_PASSWORD = "mat-khau-trinh-dien-1"
    seed()
    user = get_user_model().objects.get(username="thuky")
    assert user.check_password("mat-khau-trinh-dien-1")


def test_a_second_run_changes_nothing_and_says_so(seeded):
    before = counts(), files_below(seeded), ContentState.objects.get().generation
    output = seed()
    assert "Demo content is complete; nothing was changed." in output
    after = counts(), files_below(seeded), ContentState.objects.get().generation
    assert after == before


def test_an_interrupted_run_is_finished_by_the_next(
    db, media, small_pictures, few, monkeypatch
):
    real, calls = seeding.writing.write, []

    def failing(*args):
        calls.append(args)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(seeding.writing, "write", failing)
    with pytest.raises(KeyboardInterrupt):
        seed()
    assert seeding.is_unfinished()
    assert Article.objects.count() == 4
    monkeypatch.setattr(seeding.writing, "write", real)
    seed("--if-empty")
    assert not seeding.is_unfinished()
    assert Article.objects.count() == 12


def test_removing_leaves_neither_rows_nor_files(
    seeded, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        output = seed("--remove")
    assert "The demo content was taken out." in output
    # The log stays, whatever goes; the first abbreviations came before the demo.
    assert list(counts()) == ["portal.auditentry", "search.abbreviation"]
    deleted = AuditEntry.objects.filter(action="deleted")
    assert deleted.filter(object_type="news.article").exists()
    assert deleted.filter(object_type="stats.ledgerentry").exists()
    assert files_below(seeded) == []
    assert not indexing.check()
    assert totals.read().total == 0


def test_what_others_wrote_survives_the_removal(seeded):
    demo_category = Category.objects.get(slug="hoi-dap")
    mine = make_article(title="Bài của cơ quan", category=demo_category)
    shown = Image.objects.first()
    Article.objects.filter(pk=mine.pk).update(cover=shown)
    own = make_category(name="Chuyên mục của cơ quan")
    output = seed("--remove")
    assert "kept, because it is used or was changed: category:hoi-dap" in output
    assert list(Article.objects.all()) == [mine]
    assert set(Category.objects.values_list("name", flat=True)) == {
        "Hỏi – đáp",
        "Cải cách hành chính",
        own.name,
    }
    assert list(Image.objects.all()) == [shown]
    mine.delete()
    seed("--remove")
    assert list(Category.objects.all()) == [own]
    assert not DemoRecord.objects.exists()


def test_what_was_made_ones_own_in_the_back_office_survives_the_removal(seeded):
    settings, page = SiteSettings.load(), Page.objects.first()
    account = User.objects.get(username="bientap")
    for row in (settings, page, account):
        LogEntry.objects.create(
            user=account,
            content_type=ContentType.objects.get_for_model(row),
            object_id=str(row.pk),
            object_repr=str(row),
            action_flag=CHANGE,
        )
    top = MenuItem.objects.filter(parent=None, category=None).first()
    own = MenuItem.objects.create(label="Của tôi", link="/x/", parent=top)
    shown = Image.objects.filter(cover_of__isnull=False).first()
    figure = f'<figure data-image="{shown.pk}" data-alt-kind="text" data-alt="a">'
    Page.objects.create(title="Trang của tôi", body=f"{figure}</figure>")
    output = seed("--remove")
    assert output.count("kept, because it is used or was changed") >= 5
    assert SiteSettings.objects.exists()
    assert Page.objects.filter(pk=page.pk).exists()
    assert User.objects.filter(pk=account.pk).exists()
    assert MenuItem.objects.filter(pk=own.pk).exists()
    assert Image.objects.filter(pk=shown.pk).exists()
    assert not Article.objects.exists()


def test_an_undone_opening_balance_goes_with_the_demo(seeded):
    ledger.undo(LedgerEntry.objects.get(source="demo"))
    seed("--remove")
    assert not LedgerEntry.objects.exists()


def test_an_identity_that_somebody_entered_is_kept(db, media, small_pictures, few):
    SiteSettings(name="Sở của chúng tôi").save()
    seed()
    assert SiteSettings.load().name == "Sở của chúng tôi"
    seed("--remove")
    assert SiteSettings.load().name == "Sở của chúng tôi"


def test_a_used_site_gets_no_demo_with_if_empty(db):
    category = make_category()
    assert "no demo content was written" in seed("--if-empty")
    category.delete()
    assert "no demo content was written" in seed("--if-empty")
    assert not Article.objects.exists()


def test_a_site_with_an_account_is_not_empty(db):
    get_user_model().objects.create_user("mot-nguoi")
    assert not seeding.is_empty()


def test_real_visits_are_left_alone(db, media, small_pictures, few):
    yesterday = timezone.localdate() - timedelta(days=1)
    Day.objects.create(day=yesterday, views=5, visits=3, visitors=2)
    output = seed()
    assert "this site has visits of its own" in output
    assert Day.objects.get().visits == 3
    assert not LedgerEntry.objects.exists()
    seed("--remove")
    assert Day.objects.get().visits == 3


def test_contradicting_options_are_refused(db):
    with pytest.raises(CommandError, match="Use either"):
        seed("--remove", "--if-empty")
