"""Each change that the application makes leaves right seals, whichever way it goes."""

import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from news import hooks, leader, publishing, saving, working_copy
from news.files import attach
from news.importing import import_file
from news.leader_link import LeaderLink
from news.models import Article, ListEntry, State, Tag
from portal.integrity import keys, rows, sealing
from portal.integrity.models import Seal
from portal.models import LinkedSite, MenuItem, User, WorkEvent
from portal.secondfactor import codes, devices
from portal.secondfactor.models import Passkey, RecoveryCodes
from search.models import Abbreviation
from stats import demo, ledger
from stats.models import LedgerEntry
from tests.factories import (
    make_article,
    make_category,
    make_image,
    make_list_entry,
    make_tag,
)
from tests.news.test_import_articles import record
from tests.portal.integrity_world import sql
from tests.portal.secondfactor import an_app, shown, wrong

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english(english):
    sealing.seal_all()  # as the first start: what the migrations made


def findings() -> list[str]:
    found, _vouched = rows.check(lambda *_: None)
    return [f"{one.kind} {one}" for one in found]


def saved_in_parts():
    article = make_article()
    article.title = "Khác"
    article.save(update_fields=["title"])
    article.category.name = "Khác"
    article.category.save()


def changed_by_queries():
    articles = [make_article(), make_article()]
    Article.objects.filter(title=articles[0].title).update(title="Khác", sapo="Khác")
    # What finds the rows is what is changed.
    Article.objects.filter(title="Khác").update(title="Nữa")
    for number, article in enumerate(articles):
        article.title = f"Bài {number}"
    Article.objects.bulk_update(articles, ["title"])
    Article.objects.update(category=make_category())


def added_in_bulk():
    LinkedSite.objects.bulk_create(
        LinkedSite(name=f"Sở {n}", url=f"https://so{n}.gov.vn/") for n in range(3)
    )


def linked_and_unlinked():
    first, second = make_article(tags=[make_tag(), make_tag()]), make_article()
    tag, other = make_tag(), make_tag()
    first.tags.add(tag)
    first.tags.remove(tag)
    tag.articles.add(first, second)
    tag.articles.remove(first)
    first.tags.set([other])
    other.articles.clear()
    second.further_categories.add(make_category())
    second.tags.clear()


def deleted():
    article = make_article(tags=[make_tag()], further_categories=[make_category()])
    attach(article, ContentFile(b"%PDF-1.7 x", "a.pdf"))
    make_list_entry(article=article)
    article.delete()
    kept = make_article(tags=[make_tag(), make_tag()])
    kept.tags.first().delete()
    Tag.objects.filter(articles=kept).delete()
    WorkEvent.objects.create(day=timezone.localdate(), content="Họp").delete()


def accounts():
    user = User.objects.create_user("a", password="x" * 20)
    user.groups.add(Group.objects.first())
    user.user_permissions.add(Permission.objects.first())
    User.objects.filter(pk=user.pk).update(is_active=False)
    group = Group.objects.create(name="Nhóm")
    group.permissions.set(Permission.objects.all()[:3])
    user.groups.add(group)
    group.delete()
    User.objects.create_superuser("b", password="x" * 20).delete()


def files():
    article = make_article()
    attachment = attach(article, ContentFile(b"%PDF-1.7 x", "a.pdf"))
    attachment.title = "Biểu mẫu"
    attachment.save()
    attachment.file.save("b.pdf", ContentFile(b"%PDF-1.7 y"))
    make_image()


def an_article_s_life():
    article = make_article(body="<p>Cũ.</p>")
    attach(article, ContentFile(b"%PDF-1.7 x", "a.pdf"))
    copy = working_copy.revise(article)
    copy.title = "Mới"
    saving.save_article(copy, body="<p>Mới.</p>", tags=[make_tag()])
    copy.published_at = timezone.now() + timedelta(hours=1)
    working_copy.finish(copy, at=copy.published_at)
    working_copy.apply_due(timezone.now() + timedelta(hours=2))
    article.refresh_from_db()
    publishing.withdraw(article, note="Sai")
    publishing.publish(article)
    discarded = working_copy.revise(article)
    working_copy.discard(discarded)


def a_passkey(user) -> Passkey:
    return Passkey.objects.create(
        user=user, name="Máy", credential_id=f"id{user.pk}", public_key="key"
    )


def what_people_sign_in_with():
    user, other, third = (User.objects.create_user(name) for name in "abc")
    for person in (user, third, other):
        app, passkey = an_app(person), a_passkey(person)
        codes.make_recovery_codes(person)
    assert codes.confirm_app_code(other, wrong(app)) is None
    TOTPDevice.objects.update(throttling_failure_timestamp=None)
    assert codes.confirm_app_code(other, shown(app)) == app
    kept = codes.make_recovery_codes(third)
    assert codes.use_recovery_code(third, "AAAA-BBBB-CCCC") is None
    RecoveryCodes.objects.update(throttling_failure_timestamp=None)
    assert codes.use_recovery_code(third, kept[0]) == 9
    passkey.sign_count = 7
    passkey.set_last_used_timestamp()
    devices.rename(other, "passkey", passkey, "Khác")
    devices.remove(other, "app", app, None)
    devices.remove(other, "passkey", passkey, None)
    an_app(other)
    devices.reset(other, "mất máy")
    user.delete()


def links_for_leaders():
    user, leaver = User.objects.create_superuser("a"), User.objects.create_user("b")
    now = timezone.now()
    article = make_article(state=State.IN_REVIEW, published_at=None)
    links = [leader.make(article, leader="Bà A", days=1, user=user) for _n in "12"]
    LeaderLink.objects.create(
        article=article, version=1, expires_at=now, created_by=leaver
    )
    leader.count_opening(links[0])
    leader.revoke(links[0], user=user)
    leader.record_answer(
        links[1],
        answer="return",
        note="Sửa",
        version=Article.objects.get().version,
        client_address="",
    )
    leaver.delete()
    assert LeaderLink.objects.filter(created_by=None).exists()
    gone = make_article()
    leader.make(gone, leader="Bà B", days=1, user=user)
    Article.objects.filter(pk=gone.pk).delete()


def the_ledger():
    demo.write_opening_balance(7, timezone.localdate(), "Trình diễn")
    ledger.undo(LedgerEntry.objects.get())
    entry = ledger.add(LedgerEntry(delta=5, reason="Chuyển từ cổng cũ"))
    ledger.undo(entry)
    demo.remove()
    assert LedgerEntry.objects.count() == 2


def abbreviations():
    row = Abbreviation.objects.create(short="CATP", long="Công an thành phố")
    row.long = "Công an Thành phố"
    row.save()
    Abbreviation.objects.create(short="X", long="y z").delete()
    Abbreviation.objects.filter(short="UBND").delete()


def a_failed_part_of_an_act():
    article, other = make_article(title="Cũ"), make_article()
    with hooks.recording():
        try:
            with transaction.atomic():
                article.title = "Không thành"
                article.save()
                raise ValueError
        except ValueError:
            other.title = "Thành"
            other.save()


CHANGES = [
    *(saved_in_parts, changed_by_queries, added_in_bulk, linked_and_unlinked, deleted),
    *(accounts, files, an_article_s_life, a_failed_part_of_an_act),
    *(what_people_sign_in_with, links_for_leaders, the_ledger, abbreviations),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@pytest.mark.parametrize("act", [False, True], ids=["alone", "in an act"])
def test_what_the_application_changes_is_sealed(change, act):
    if act:
        with hooks.recording():
            change()
    else:
        change()
    assert findings() == []
    assert Seal.objects.exists()


def test_imported_articles_are_sealed(tmp_path):
    file = tmp_path / "bai.jsonl"
    file.write_text(json.dumps(record()))
    refused = []
    import_file(file, lambda line, reason: refused.append(reason))
    assert not refused
    assert Article.objects.count() == 1
    assert findings() == []


def test_an_act_is_sealed_at_its_end_with_one_statement():
    article = make_article()
    with CaptureQueriesContext(connection) as asked, hooks.recording():
        for number in range(3):
            article.title = f"Bài {number}"
            article.save()
    seals = [q["sql"] for q in asked if "portal_seal" in q["sql"]]
    assert len(seals) == 1
    assert findings() == []


def test_a_save_asks_for_at_most_two_statements_more(monkeypatch):
    article = make_article()

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked, hooks.recording():
            saving.save_article(article, body="<p>Mới.</p>")
        return len(asked)

    statements()
    sealed = statements()
    monkeypatch.setattr(sealing, "_seal", lambda things: None)
    assert sealed - statements() <= 2


def signs_in_with_an_app(user):
    app = TOTPDevice.objects.get(user=user)
    assert codes.confirm_app_code(user, wrong(app)) is None
    TOTPDevice.objects.update(throttling_failure_timestamp=None)
    assert codes.confirm_app_code(user, shown(app))


def signs_in_with_a_passkey(user):
    """As portal.secondfactor.passkeys ends."""
    passkey = Passkey.objects.get(user=user)
    passkey.sign_count += 1
    passkey.set_last_used_timestamp()


def signs_in_with_a_recovery_code(user):
    assert codes.use_recovery_code(user, "AAAA-BBBB-CCCC") is None
    RecoveryCodes.objects.update(throttling_failure_timestamp=None)
    assert codes.use_recovery_code(user, user.code)


@pytest.mark.parametrize(
    ("sign_in", "model", "forge"),
    [
        (signs_in_with_an_app, TOTPDevice, {"key": "00" * 20}),
        (signs_in_with_a_passkey, Passkey, {"public_key": "forged"}),
        (signs_in_with_a_recovery_code, RecoveryCodes, None),
    ],
    ids=["app", "passkey", "recovery code"],
)
def test_signing_in_writes_no_seal_and_makes_no_forged_row_right(sign_in, model, forge):
    user = User.objects.create_user("a")
    an_app(user), a_passkey(user)
    [user.code, *_others] = codes.make_recovery_codes(user)
    if forge is None:  # one more code among the right ones
        digests = RecoveryCodes.objects.get().digests
        forge = {"digests": ["0" * 64, *digests]}
    model.objects.update(**forge)  # tells nobody, as SQL
    with CaptureQueriesContext(connection) as asked:
        sign_in(user)
    assert not [q for q in asked if "portal_seal" in q["sql"]]
    assert [one.partition(" ")[0] for one in findings()] == ["row_changed"]


def test_adding_a_device_asks_for_two_statements_more(monkeypatch):
    user = User.objects.create_user("a")

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            an_app(user)
        return len(asked)

    sealed = statements()
    monkeypatch.setattr(sealing, "_seal", lambda things: None)
    assert sealed - statements() == 2


def test_what_no_reader_sees_moves_no_seal():
    article = make_article()
    with CaptureQueriesContext(connection) as asked:
        Article.objects.filter(pk=article.pk).update(version=7)
        article.save(update_fields=["updated_at"])
    assert not [q for q in asked if "portal_seal" in q["sql"]]
    assert findings() == []


def test_a_change_that_is_rolled_back_leaves_the_seal():
    article = make_article()
    with pytest.raises(ValueError), transaction.atomic():
        Article.objects.update(title="Khác")
        raise ValueError
    assert findings() == []
    article.refresh_from_db()
    assert article.title != "Khác"


# Forging


def test_the_seal_of_another_row_does_not_fit():
    """Not even of one that says the same, or a copy could be given a copied seal."""
    first, second = (MenuItem.objects.create(label="A", link="/a/") for _ in range(2))
    assert findings() == []
    sql(
        "UPDATE portal_seal SET digest = (SELECT digest FROM portal_seal"
        " WHERE row = %s) WHERE row = %s",
        *(f"portal.menuitem/{first.pk}", f"portal.menuitem/{second.pk}"),
    )
    assert len(findings()) == 1


def test_a_seal_made_with_another_key_does_not_fit():
    article = make_article(title="Cũ")
    sql("UPDATE news_article SET title = 'Nổ hũ'")
    source = next(s for s in sealing.all_sources() if s.name == "news.article")
    ((_pk, contents),) = source.contents()
    key = source.key(article.pk)
    Seal.objects.filter(row=key).update(digest=keys.digest(key, contents, "guessed"))
    assert len(findings()) == 1


def test_what_a_forged_row_says_vouches_for_nothing():
    LinkedSite.objects.create(name="Bộ", url="https://most.example.vn/")
    _found, vouched = rows.check(lambda *_: None)
    assert vouched.explains("https://www.most.example.vn/tin")
    sql("UPDATE portal_linkedsite SET url = 'https://nha-cai.example.net/'")
    _found, vouched = rows.check(lambda *_: None)
    assert not vouched.explains("https://nha-cai.example.net/")


def test_a_forged_sum_of_a_file_is_not_taken_over_by_the_next_save(settings):
    article = make_article()
    attachment = attach(article, ContentFile(b"%PDF-1.7 x", "a.pdf"))
    with attachment.file.storage.open(attachment.file.name, "wb") as file:
        file.write(b"other")
    attachment.title = "Sửa tên"
    attachment.save()
    assert [one.partition(" ")[0] for one in findings()] == ["file_changed"]


# Another key


def test_a_former_key_is_good_as_long_as_it_is_named(settings):
    make_article(tags=[make_tag()])
    former = settings.SECRET_KEY
    settings.SECRET_KEY = "another-key-" + "x" * 40
    settings.SECRET_KEY_FALLBACKS = [former]
    assert findings() == []
    make_article()
    assert findings() == []


def test_a_changed_key_is_one_finding_and_not_one_for_each_row(settings):
    make_article(), make_article()
    settings.SECRET_KEY = "another-key-" + "x" * 40
    assert len(findings()) == 1
    assert "SECRET_KEY" in findings()[0]
    sealing.seal_all()
    assert findings() == []


def test_a_site_that_was_never_sealed_is_told_so():
    make_article()
    Seal.objects.all().delete()
    assert findings() == ["key database: nothing was ever sealed"]
    sealing.seal_all()
    assert findings() == []


def test_a_copy_of_the_rows_and_their_seals_is_right(tmp_path):
    """As a move to the other database by dumpdata and loaddata."""
    make_article(tags=[make_tag()])
    MenuItem.objects.create(label="Lịch", link="/lich-cong-tac/")
    make_list_entry(list=ListEntry.List.FOCUS)
    file = tmp_path / "all.json"
    labels = ["news", "portal.MenuItem", "portal.Seal"]
    call_command("dumpdata", *labels, output=str(file), verbosity=0)
    Article.objects.all().delete()
    MenuItem.objects.all().delete()
    call_command("loaddata", str(file), verbosity=0)
    assert Article.objects.count() == 2
    assert findings() == []
