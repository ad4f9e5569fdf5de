"""A site with the demo: what it shows, a second run, and what a removal leaves.

The demo is written once for all tests here; each leaves it as it was.
"""

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.handlers.wsgi import WSGIHandler
from django.db import transaction
from django.test import override_settings

from news.models import Article, Category, Image
from portal.demo import seeding
from portal.integrity import audit, sealing
from portal.models import (
    ContentState,
    DemoRecord,
    MenuItem,
    Page,
    SiteSettings,
    User,
)
from stats import ledger, totals
from stats.models import Day, LedgerEntry
from tests.door import connections_stay_open
from tests.factories import make_article, make_category
from tests.portal.demo_site import (
    DAYS,
    counts,
    files_below,
    folders,
    seed,
    with_few_articles,
    with_small_pictures,
)
from tests.portal.integrity_world import POLICE

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def seeded(django_db_setup, django_db_blocker, tmp_path_factory):
    """The folder of a site with the demo."""
    folder = tmp_path_factory.mktemp("demo")
    with (
        pytest.MonkeyPatch.context() as patch,
        override_settings(**folders(folder)),
        django_db_blocker.unblock(),
        transaction.atomic(),
    ):
        with_small_pictures(patch)
        with_few_articles(patch)
        sealing.seal_all()  # as the first start: what the migrations made
        seed()
        yield folder
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _english_and_nothing_remembered(seeded, english):
    totals.forget()


def test_public_pages_of_the_demo_answer(seeded, client):
    article = Article.objects.published().newest_first().first()
    category = Category.objects.get(slug="nghien-cuu-ung-dung")
    page = Page.objects.get(slug="co-cau-to-chuc")
    for url in ("/", article, category, page, "/lich-cong-tac/"):
        response = client.get(url if isinstance(url, str) else url.get_absolute_url())
        assert response.status_code == 200


def test_an_audit_finds_nothing_in_the_demo_with_news_of_the_police(seeded):
    """Its rows were sealed as they were written; its pages lead where somebody led."""
    make_article(
        title="Bắt nhóm đánh bạc qua mạng",
        category=Category.objects.get(slug="nghien-cuu-ung-dung"),
        body=POLICE,
        body_html=POLICE,
    )
    with connections_stay_open():
        result = audit.Audit(WSGIHandler()).run(("rows", "files", "pages"))
    assert [str(one) for one in result.findings] == []
    assert result.pages > 100


def test_there_are_visits_and_an_opening_balance(seeded):
    days = Day.objects.filter(is_demo=True)
    assert days.count() == DAYS
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


def test_a_second_run_changes_nothing_and_says_so(seeded):
    before = counts(), files_below(seeded), ContentState.objects.get().generation
    output = seed()
    assert "Demo content is complete; nothing was changed." in output
    after = counts(), files_below(seeded), ContentState.objects.get().generation
    assert after == before


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
