"""The demo: the same every time, repeatable, and gone without a trace."""

import io
import re
import zipfile
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError
from django.utils import timezone

from news import saving
from news.models import (
    Article,
    Attachment,
    Category,
    ListEntry,
    Placement,
    State,
)
from portal.audit.models import AuditEntry
from portal.demo import files, markup, reading, seeding
from portal.demo.pictures import NAMES, draw
from portal.integrity.models import Seal
from portal.models import (
    LinkedSite,
    MenuItem,
    Page,
    SiteSettings,
    WorkEvent,
)
from search import indexing
from stats import totals
from stats.models import Day, LedgerEntry
from tests.factories import make_category
from tests.portal.demo_site import (
    ARTICLES,
    counts,
    files_below,
    folders,
    seed,
    with_few_articles,
    with_small_pictures,
)

# The demo is written through the newsroom's own acts, which the suite asks for on both
# databases; a written one is looked at on both in test_seeded_demo.py and the journeys.
pytestmark = pytest.mark.once

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _english(english):
    """Assertions read the msgids."""


@pytest.fixture
def media(settings, tmp_path):
    """Files of this test alone."""
    for name, value in folders(tmp_path).items():
        setattr(settings, name, value)
    return tmp_path


@pytest.fixture
def small_pictures(monkeypatch):
    with_small_pictures(monkeypatch)


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
    with_few_articles(monkeypatch)


def test_the_site_is_complete_and_consistent(db, media, small_pictures):
    seed()
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


def test_the_operator_may_give_the_accounts_a_password(
    db, media, small_pictures, few, settings
):
    settings.DEMO_PASSWORD = "mat-khau-trinh-dien-1"
    seed()
    user = get_user_model().objects.get(username="thuky")
    assert user.check_password("mat-khau-trinh-dien-1")


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
    assert Article.objects.count() == ARTICLES


def test_removing_leaves_neither_rows_nor_files(
    db, media, small_pictures, few, django_capture_on_commit_callbacks
):
    seed()
    with django_capture_on_commit_callbacks(execute=True):
        output = seed("--remove")
    assert "The demo content was taken out." in output
    # The log stays, whatever goes; the first abbreviations came before the demo.
    always = ["portal.auditentry", "portal.seal", "search.abbreviation"]
    assert list(counts()) == always
    # No seal stays but those of what a migrated database always has.
    left = {seal.row.partition("/")[0] for seal in Seal.objects.all()}
    assert left <= {"auth.group", "auth.group.permissions"}
    deleted = AuditEntry.objects.filter(action="deleted")
    assert deleted.filter(object_type="news.article").exists()
    assert deleted.filter(object_type="stats.ledgerentry").exists()
    assert files_below(media) == []
    assert not indexing.check()
    assert totals.read().total == 0


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
