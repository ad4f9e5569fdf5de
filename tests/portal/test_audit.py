"""Who did what is kept: each change once, in its transaction, without secrets."""

import json
from contextlib import nullcontext
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from news import hooks, publishing, saving, working_copy
from news.models import Article, Category, ListEntry, Placement
from news.workflow import Act, State
from portal import audit
from portal.audit import context, receivers, values
from portal.audit.models import AuditEntry
from portal.models import Page, SiteSettings, User
from stats import ledger
from stats.models import LedgerEntry
from tests.factories import (
    make_article,
    make_category,
    make_image,
    make_list_entry,
    make_tag,
)
from tests.news.conftest import form_data, login, make_user

pytestmark = pytest.mark.django_db

PASSWORD = "Mat-khau-rat-bi-mat-2026!"


@pytest.fixture
def mark():
    """Return what was recorded since the last call, oldest first."""
    last = AuditEntry.objects.values_list("pk", flat=True).first() or 0

    def since() -> list[AuditEntry]:
        nonlocal last
        found = list(AuditEntry.objects.filter(pk__gt=last).order_by("pk"))
        last = found[-1].pk if found else last
        return found

    return since


def told(entries) -> list[tuple[str, str]]:
    return [(entry.action, entry.object_type) for entry in entries]


# What is recorded


def test_adding_changing_and_deleting_say_what_was_and_what_is(mark):
    category = Category.objects.create(name="Tin tức")
    [added] = mark()
    assert (added.action, added.object_type) == ("added", "news.category")
    assert (added.object_id, added.object_text) == (str(category.pk), "Tin tức")
    assert added.changes["name"] == [None, "Tin tức"]
    category.name = "Tin mới"
    category.save()
    [changed] = mark()
    assert changed.changes == {"name": ["Tin tức", "Tin mới"]}
    category.delete()
    [deleted] = mark()
    assert (deleted.action, deleted.object_text) == ("deleted", "Tin mới")
    assert deleted.changes["name"] == ["Tin mới", None]


def test_a_save_that_changes_nothing_is_no_entry(mark):
    category = make_category()
    mark()
    category.save()
    assert mark() == []


def test_what_is_compared_is_what_the_database_held(mark):
    category = make_category(name="Cũ")
    stale = Category.objects.get(pk=category.pk)
    Category.objects.filter(pk=category.pk).update(name="Khác")
    mark()
    stale.save()
    assert [entry.changes for entry in mark()] == [{"name": ["Khác", "Cũ"]}]


def test_only_the_columns_that_a_save_writes_are_told(mark):
    category = make_category(name="Cũ")
    category.name, category.position = "Mới", 7
    mark()
    category.save(update_fields=["position"])
    assert [entry.changes for entry in mark()] == [{"position": [0, 7]}]


def test_relations_are_told_by_name(mark):
    article = make_article(category=make_category(name="Cũ"))
    tag = make_tag(name="chuyển đổi số")
    article.tags.add(tag)
    article.category = make_category(name="Mới")
    mark()
    article.save()
    assert mark()[0].changes == {"category": ["Cũ", "Mới"]}
    article.tags.set([make_tag(name="đất đai")])
    changes = [e.changes for e in mark() if e.object_type == "news.article"]
    assert {"tags": [["chuyển đổi số"], []]} in changes
    assert {"tags": [[], ["đất đai"]]} in changes
    article.tags.clear()
    assert mark()[0].changes == {"tags": [["đất đai"], []]}


def test_memberships_and_permissions_are_told_from_either_side(mark):
    user, group = make_user(), Group.objects.create(name="Cộng tác viên")
    permission = Permission.objects.get(codename="add_tag")
    mark()
    user.groups.add(group)
    user.user_permissions.add(permission)
    group.permissions.add(permission)
    group.user_set.remove(user)
    found = mark()
    assert [entry.object_type for entry in found] == [
        *("portal.user", "portal.user", "auth.group", "auth.group")
    ]
    assert found[0].changes == {"groups": [[], ["Cộng tác viên"]]}
    assert found[1].changes == {"user_permissions": [[], ["Thêm từ khoá"]]}
    assert found[3].changes == {"user_set": [[user.username], []]}


def test_a_deleted_group_says_who_lost_what(mark):
    user, group = make_user(), Group.objects.create(name="Cộng tác viên")
    user.groups.add(group)
    group.permissions.add(*Permission.objects.filter(codename="add_tag"))
    mark()
    with CaptureQueriesContext(connection) as queries:
        group.delete()
    [entry] = mark()
    assert entry.changes["user_set"] == [[user.username], []]
    assert entry.changes["permissions"] == [["Thêm từ khoá"], []]
    assert len(queries) < 14  # two of them drop and renew seals


def test_the_ledger_and_the_settings_are_recorded(mark):
    SiteSettings(name="Sở Nội vụ").save()
    SiteSettings(name="Sở Tư pháp").save()
    user = make_user()
    mark()
    entry = LedgerEntry(delta=5, reason="Chuyển từ cổng cũ", user=user)
    ledger.add(entry)
    [found] = mark()
    assert found.changes["delta"] == [None, 5]
    named = AuditEntry.objects.filter(object_type="portal.sitesettings").first()
    assert named.changes["name"] == ["Sở Nội vụ", "Sở Tư pháp"]


def test_every_model_is_recorded_or_known_to_be_machine_made():
    from django.apps import apps

    ours = {
        model._meta.label_lower
        for app in ("news", "portal", "search")
        for model in apps.get_app_config(app).get_models()
    }
    recorded = {model._meta.label_lower for model in receivers.audited_models()}
    assert recorded >= {"news.article", "portal.user", "auth.group", "news.image"}
    assert ours - recorded == receivers.MACHINE_MADE
    assert not recorded & receivers.MACHINE_MADE


def test_what_the_program_writes_by_itself_is_not_recorded(mark):
    article = make_article()
    mark()
    saving.write_revision(article)
    article.body_html = article.body_text = "anders"
    article.save()
    assert mark() == []


# Texts and secrets


def test_long_texts_are_noted_and_not_copied(mark):
    page = Page.objects.create(title="Giới thiệu", body="<p>Một</p>")
    assert mark()[0].changes["body"] == [None, {"length": 10}]
    page.body = "<p>Hai</p>"
    page.save()
    assert mark()[0].changes == {"body": [{"length": 10}, {"length": 10}]}
    article = saving.save_article(
        Article(title="Bài", category=make_category(), sapo="chữ " * 200), body="x"
    )
    [entry] = [e for e in mark() if e.object_id == str(article.pk)][-1:]
    assert entry.changes["sapo"] == [None, {"length": 799}]
    assert "body_html" not in entry.changes
    assert "body_text" not in entry.changes


def test_the_version_that_holds_the_text_is_named(mark):
    article = saving.save_article(
        Article(title="Bài", category=make_category()), body="<p>Một</p>"
    )
    mark()
    saving.save_article(article, body="<p>Một hai</p>")
    [entry] = mark()
    assert entry.changes["version"] == [1, 2]
    assert entry.changes["body"] == [{"length": 10}, {"length": 14}]


def test_no_password_hash_or_mail_address_of_a_person_is_kept(mark):
    user = make_user(password=PASSWORD, email="rieng@example.vn")
    user.set_password(PASSWORD + "x")
    user.save()
    user.email = "khac@example.vn"
    user.save()
    found = mark()
    assert found[-2].changes == {"password": [{"hidden": True}, {"hidden": True}]}
    assert found[-1].changes == {"email": [{"hidden": True}, {"hidden": True}]}
    text = json.dumps([entry.changes for entry in found])
    assert PASSWORD not in text
    assert "md5" not in text
    assert "example.vn" not in text


def test_an_old_hash_renewed_at_sign_in_is_no_change_of_the_password(mark, settings):
    make_user(username="cu", password=PASSWORD)
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.ScryptPasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]
    mark()
    assert authenticate(username="cu", password=PASSWORD)
    assert User.objects.get(username="cu").password.startswith("scrypt")
    assert mark() == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("một\r\nhai", "một↵hai"),
        ("một\rhai\x00\x1b[2J", "một\\u000dhai\\u0000\\u001b[2J"),
        ("\u202egpj.exe", "\\u202egpj.exe"),
        ("a\u2028b\u0085c\ud800", "a\\u2028b\\u0085c\\ud800"),
        ("Đường Nguyễn Huệ", "Đường Nguyễn Huệ"),
    ],
)
def test_no_text_can_begin_a_line_of_its_own(typed, kept):
    assert values.encoded(typed) == kept


def test_a_forged_line_stays_inside_its_entry(mark):
    forged = "x\n2026-01-01,quantri,10.0.0.1,đã xoá"
    audit.record(
        "exported",
        object=Category(pk=1, name=forged),
        changes={forged: [forged, [forged, {"a\nb": "\r"}]]},
        note=forged,
    )
    [entry] = mark()
    everything = json.dumps(entry.changes) + entry.note + entry.object_text
    assert "\\n" not in everything.replace("\\\\", "")
    assert "\n" not in everything


# One act, one entry, in the transaction


def test_an_act_and_what_it_changes_are_one_entry(mark):
    article = make_article(state=State.DRAFT)
    user = make_user()
    mark()
    for first in (True, False):
        with audit.together():
            if first:
                audit.record("publish", user=user, object=article, note="gấp")
            article.state = State.PUBLISHED if first else State.WITHDRAWN
            article.save()
            article.tags.add(make_tag(name=f"thẻ của {first}"))
            if not first:
                audit.record(
                    "withdraw",
                    user=user,
                    object=article,
                    changes={"reason": [None, "Sai số liệu"]},
                )
    published, withdrawn = (e for e in mark() if e.object_type == "news.article")
    assert (published.action, published.user, published.note) == (
        "publish",
        user,
        "gấp",
    )
    assert published.changes == {
        "state": ["draft", "published"],
        "tags": [[], ["thẻ của True"]],
    }
    assert (withdrawn.action, withdrawn.user) == ("withdraw", user)
    assert withdrawn.changes["state"] == ["published", "withdrawn"]
    assert withdrawn.changes["reason"] == [None, "Sai số liệu"]


def test_two_acts_on_one_object_are_two_entries(mark):
    article = make_article()
    mark()
    with audit.together():
        audit.record("approve", object=article)
        audit.record("publish", object=article)
    assert [entry.action for entry in mark()] == ["approve", "publish"]


def test_a_new_article_and_its_submission_are_both_told(mark):
    category = make_category()
    mark()
    with audit.together():
        article = Article(title="Mới", category=category)
        saving.save_article(article, body="<p>x</p>")
        audit.record("submit", object=article)
    added, submitted = mark()
    assert (added.action, submitted.action) == ("added", "submit")
    assert added.changes["title"] == [None, "Mới"]


def test_a_field_changed_there_and_back_is_not_told(mark):
    category = make_category(name="Tên")
    mark()
    with audit.together():
        category.name = "Khác"
        category.save()
        category.name = "Tên"
        category.save()
    assert mark() == []


def test_pictures_of_a_body_are_told_with_their_article(mark):
    image = make_image(title="Trụ sở")
    article = Article(title="Có ảnh", category=make_category())
    mark()
    body = f'<figure data-image="{image.pk}" data-alt="Nhà"></figure>'
    saving.save_article(article, body=body)
    [entry] = mark()
    assert entry.action == "added"
    assert entry.changes["placements"] == [[], ["Trụ sở"]]
    assert entry.changes["body"][1]["length"] > 20
    saving.save_article(article, body="<p>Không ảnh.</p>")
    [entry] = mark()
    assert entry.changes["placements"] == [["Trụ sở"], []]


def test_what_goes_with_an_article_is_told_once(mark):
    article = make_article()
    Placement.objects.create(article=article, image=make_image())
    make_list_entry(article=article)
    mark()
    article.delete()
    assert told(mark()) == [
        ("deleted", "news.listentry"),
        ("deleted", "news.article"),
    ]


@pytest.mark.parametrize("way", [audit.together, nullcontext])
@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_change_leaves_no_entry(mark, way):
    category = make_category(name="Cũ")
    mark()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        with way():
            category.name = "Mới"
            category.save()
        assert [entry.action for entry in mark()] == ["changed"]
        raise ZeroDivisionError
    assert Category.objects.get().name == "Cũ"
    changes = AuditEntry.objects.filter(object_type="news.category", action="changed")
    assert not changes.exists()


@pytest.mark.django_db(transaction=True)
def test_what_an_inner_rollback_undid_is_not_in_the_act(mark):
    kept, undone = make_category(name="A"), make_category(name="B")
    mark()
    with audit.together():
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            undone.name = kept.name = "X"
            undone.save()
            kept.save()
            raise ZeroDivisionError
        kept.name = "C"
        kept.save()
    [entry] = mark()
    assert entry.changes == {"name": ["A", "C"]}


@pytest.mark.django_db(transaction=True)
def test_a_change_whose_entry_cannot_be_written_is_not_made(monkeypatch):
    def fails(*args, **kwargs):
        raise DatabaseError

    user = make_user()
    article = saving.save_article(
        Article(title="Cũ", category=make_category()), body="<p>x</p>"
    )
    monkeypatch.setattr(AuditEntry, "save", fails)
    monkeypatch.setattr(type(AuditEntry.objects), "bulk_create", fails)
    user.is_superuser = True
    with pytest.raises(DatabaseError):
        user.save()
    article.title = "Mới"
    with pytest.raises(DatabaseError):
        saving.save_article(article)
    assert not User.objects.get(pk=user.pk).is_superuser
    assert Article.objects.get().title == "Cũ"


def test_a_save_of_an_article_costs_two_queries_more(monkeypatch):
    article = saving.save_article(
        Article(title="Bài", category=make_category()),
        body="<p>Một</p>",
        tags=[make_tag()],
    )

    def cost(title) -> int:
        row = Article.objects.get(pk=article.pk)
        row.title, row.sapo = title, f"Sapo của {title}"
        with CaptureQueriesContext(connection) as queries:
            saving.save_article(row, body=f"<p>{title}</p>", tags=row.tags.all())
        return len(queries)

    cost("Lần đầu")
    with_log = cost("Lần hai")
    monkeypatch.setattr(receivers, "_fields", lambda *arguments: [])
    assert with_log - cost("Lần ba") == 2


def test_an_act_outside_the_vocabulary_is_a_mistake():
    with pytest.raises(ValueError, match="dance"):
        audit.record("dance")


def test_news_records_through_its_hook(mark):
    hooks.record("approve", object=make_article(title="Bài hay"), note="tốt")
    assert mark()[-1].object_text == "Bài hay"
    assert mark() == []


# Append-only


def test_nothing_recorded_is_changed_or_removed(mark):
    audit.record("exported")
    [entry] = mark()
    entry.note = "khác"
    for forbidden in (
        entry.save,
        entry.delete,
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.update(note="khác"),
        lambda: AuditEntry.objects.bulk_update([entry], ["note"]),
        lambda: AuditEntry.objects.update_or_create(
            pk=entry.pk, defaults={"note": "khác"}
        ),
        lambda: AuditEntry.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(TypeError):
            forbidden()
    assert AuditEntry.objects.get(pk=entry.pk).note == ""


def test_the_name_of_a_person_outlives_the_account(mark):
    user = make_user(username="an.nv", last_name="Nguyễn Văn", first_name="An")
    login(user)
    user.delete()
    entry = next(e for e in mark() if e.action == "signed_in")
    assert entry.user is None
    assert entry.user_name == "an.nv (Nguyễn Văn An)"


# From where


def test_a_change_in_the_back_office_says_who_and_from_where(mark, settings):
    settings.TRUSTED_PROXIES = 1
    administrator = make_user("administrator")
    client = login(administrator)
    mark()
    response = client.post(
        "/admin/news/tag/add/",
        {"name": "đất đai"},
        headers={"x-forwarded-for": "6.6.6.6, 2001:db8::abcd:1"},
    )
    assert response.status_code == 302
    [entry] = mark()
    assert (entry.user, entry.user_name) == (administrator, administrator.username)
    assert (entry.source, entry.path) == ("2001:db8::abcd:1", "/admin/news/tag/add/")
    assert len(entry.request_id) == 32
    assert context.origin().path == "", "nothing of a request is left behind"


def test_a_command_is_named_as_the_origin(mark, monkeypatch):
    monkeypatch.setattr("sys.argv", ["manage.py", "set_opening_balance", "17"])
    call_command(
        "set_opening_balance", "1.234", date="31/05/2026", reason="Bộ đếm của cổng cũ"
    )
    [entry] = mark()
    assert (entry.user, entry.user_name) == (None, "")
    assert (entry.source, entry.path) == ("set_opening_balance", "")


def test_an_import_is_one_entry_for_each_batch(mark, tmp_path):
    line = {
        "lead": "Sapo",
        "body": "Một đoạn.",
        "category": "Tin cũ",
        "published_at": "2020-01-01T08:00:00+07:00",
        "source": "cong-cu",
    }
    file = tmp_path / "bai.jsonl"
    file.write_text(
        "".join(
            json.dumps(line | {"id": n, "title": f"Bài {n}"}) + "\n" for n in range(3)
        )
    )
    call_command("import_articles", str(file), stdout=StringIO())
    assert told(mark()) == [("added", "news.category"), ("imported", "news.article")]
    entry = AuditEntry.objects.first()
    assert entry.note.startswith("3 bài viết")
    assert entry.object_id == ""


def test_public_pages_neither_record_nor_ask_who_reads(client, mark):
    make_article()
    mark()
    response = client.get("/")
    assert response.status_code == 200
    assert not hasattr(response.wsgi_request, "_cached_user")


# Sign-in, sign-out, refusals


def sign_in(client, username, password):
    data = {"username": username, "password": password}
    return client.post("/admin/login/", data, REMOTE_ADDR="10.1.2.3")


def test_signing_in_and_out_is_recorded(client, mark):
    user = make_user("editor", password=PASSWORD)
    mark()
    assert sign_in(client, user.username, PASSWORD).status_code == 302
    [entry] = mark()
    assert (entry.action, entry.user, entry.source) == ("signed_in", user, "10.1.2.3")
    assert client.post("/admin/logout/").status_code == 200
    assert [(e.action, e.user) for e in mark()] == [("signed_out", user)]


def test_a_refused_sign_in_names_the_account_and_never_the_password(client, mark):
    user = make_user("editor", password=PASSWORD)
    mark()
    assert sign_in(client, user.username, "sai-" + PASSWORD).status_code == 200
    [entry] = mark()
    assert (entry.action, entry.user) == ("sign_in_refused", None)
    assert (entry.user_name, entry.source) == (user.username, "10.1.2.3")
    assert entry.object_id == str(user.pk)
    assert PASSWORD not in json.dumps(AuditEntry.objects.values().last(), default=str)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (PASSWORD, "Ma… (25)"),
        ("a" * 1000, "aa… (150)"),
        ("root", "ro… (4)"),
        ("x\ny", "x↵… (3)"),
    ],
)
def test_a_name_that_no_account_has_may_be_a_password(client, mark, typed, kept):
    assert sign_in(client, typed, "gì đó").status_code == 200
    assert [entry.user_name for entry in mark()] == [kept]


def test_the_right_password_of_somebody_who_may_not_come_in_is_refused(client, mark):
    user = User.objects.create_user("khach", password=PASSWORD)
    mark()
    assert sign_in(client, "khach", PASSWORD).status_code == 200
    assert [(e.action, e.object_id) for e in mark()] == [
        ("sign_in_refused", str(user.pk))
    ]


def test_a_403_of_the_back_office_is_recorded_outside_what_it_rolled_back(mark):
    reporter = make_user("reporter")
    client = login(reporter)
    address = f"/admin/news/article/{make_article().pk}/change/"
    data = form_data()
    mark()
    assert client.get("/admin/portal/user/").status_code == 403
    assert client.post(address, data).status_code == 403
    first, second = mark()
    assert (first.action, first.user, first.note) == ("refused", reporter, "GET")
    assert (second.path, second.note) == (address, "POST")


def test_strangers_cannot_fill_the_log_with_forms_without_a_token(mark):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    assert client.post("/admin/login/", {"username": "x"}).status_code == 403
    assert mark() == []


def test_a_refusal_stands_when_it_cannot_be_recorded(monkeypatch, caplog):
    client = login(make_user("reporter"))

    def away(*args, **kwargs):
        raise DatabaseError

    monkeypatch.setattr(AuditEntry, "save", away)
    assert client.get("/admin/portal/user/").status_code == 403
    assert "could not be recorded" in caplog.text


def test_a_form_with_relations_and_parts_is_one_entry_for_each_object(mark):
    editor = make_user("secretary")
    client = login(editor)
    data = form_data(tags="đất đai") | {
        "list_entries-TOTAL_FORMS": "1",
        "list_entries-0-list": "hot",
        "list_entries-0-position": "1",
    }
    mark()
    response = client.post("/admin/news/article/add/", data)
    assert response.status_code == 302, response.context["errors"]
    found = mark()
    assert sorted(told(found)) == [
        ("added", "news.article"),
        ("added", "news.listentry"),
        ("added", "news.tag"),
    ]
    [article] = [e for e in found if e.object_type == "news.article"]
    assert article.changes["tags"] == [[], ["đất đai"]]
    assert article.changes["title"] == [None, "Khai mạc hội nghị"]
    assert {entry.user for entry in found} == {editor}
    assert len({entry.request_id for entry in found}) == 1
    assert ListEntry.objects.count() == 1


def test_a_refused_publication_leaves_no_entry_of_the_change(mark):
    client = login(make_user("editor"))
    body = f'<figure data-image="{make_image().pk}" data-alt-kind="text"></figure>'
    data = form_data(body=body, _publish="1")
    mark()
    assert client.post("/admin/news/article/add/", data).status_code == 200
    assert mark() == []
    assert not Article.objects.exists()


def test_roles_given_in_a_form_stand_in_the_entry_of_the_account(mark):
    client = login(make_user("administrator"))
    user = make_user()
    editors = Group.objects.get(name="Biên tập viên")
    mark()
    response = client.post(
        f"/admin/portal/user/{user.pk}/change/",
        {
            "username": user.username,
            "first_name": "Bình",
            "is_active": "on",
            "is_staff": "on",
            "notify_by_mail": "on",
            "groups": [editors.pk],
        },
    )
    assert response.status_code == 302
    [entry] = mark()
    assert entry.changes == {
        "first_name": ["", "Bình"],
        "groups": [[], ["Biên tập viên"]],
    }


def test_every_row_changed_in_a_list_is_recorded(mark):
    client = login(make_user("administrator"))
    first, second = make_category(name="A", position=1), make_category(name="B")
    mark()
    rows = [second, first]
    data = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "2", "_save": "1"}
    for number, row in enumerate(rows):
        data[f"form-{number}-id"] = row.pk
        data[f"form-{number}-position"] = row.position + 5
        data[f"form-{number}-is_visible"] = "on"
    assert client.post("/admin/news/category/", data).status_code == 302
    assert sorted(e.changes["position"] for e in mark()) == [[0, 5], [1, 6]]


def test_deleting_chosen_rows_is_recorded(mark):
    client = login(make_user("administrator"))
    tags = [make_tag(), make_tag()]
    mark()
    data = {
        "action": "delete_selected",
        "_selected_action": [tag.pk for tag in tags],
        "post": "yes",
    }
    assert client.post("/admin/news/tag/", data).status_code == 302
    assert told(mark()) == [("deleted", "news.tag")] * 2


def test_times_are_kept_with_their_zone(mark):
    article = make_article()
    mark()
    article.expires_at = timezone.now() + timedelta(days=1)
    article.save()
    [entry] = mark()
    assert entry.changes["expires_at"] == [None, article.expires_at.isoformat()]


def test_a_wrong_save_raises_as_before(mark):
    article = make_article()
    mark()
    article.title = ""
    with pytest.raises(ValidationError):
        saving.save_article(article)
    assert mark() == []


def test_an_act_of_the_desk_is_one_entry_with_its_reason(mark):
    writer, editor = make_user("reporter"), make_user("editor")
    article = Article(title="Bài", category=make_category())
    saving.save_article(article, user=writer, body="<p>x</p>")
    mark()
    publishing.submit(article, user=writer)
    publishing.give_back(article, user=editor, note="Thiếu nguồn")
    submitted, returned = mark()
    assert (submitted.action, submitted.user) == ("submit", writer)
    assert submitted.changes["state"] == ["draft", "in_review"]
    assert (returned.action, returned.user) == ("return", editor)
    assert returned.note == "Thiếu nguồn"
    assert returned.changes["state"] == ["in_review", "returned"]


def test_a_refused_act_of_the_desk_leaves_no_entry(mark):
    article = make_article(state=State.WITHDRAWN)
    mark()
    with pytest.raises(ValidationError):
        publishing.withdraw(article, note="lần nữa")
    assert mark() == []


def test_a_working_copy_is_told_by_the_acts_on_its_article(mark):
    editor = make_user("editor")
    article = Article(title="Bài", category=make_category())
    body = f'<figure data-image="{make_image().pk}" data-alt="Nhà"></figure>'
    body += "<p>Lời.</p>"
    saving.save_article(article, user=editor, body=body, tags=[make_tag()])
    publishing.publish(article, user=editor)
    mark()
    copy = working_copy.revise(article, user=editor)
    assert [(e.action, e.object_id) for e in mark()] == [("revise", str(article.pk))]
    copy.title = "Bài sửa"
    saving.save_article(copy, user=editor)
    assert [(e.action, e.object_id) for e in mark()] == [("changed", str(copy.pk))]
    working_copy.publish(copy, user=editor)
    [entry] = mark()
    assert (entry.action, entry.object_id) == ("publish", str(article.pk))
    assert entry.changes["title"] == ["Bài", "Bài sửa"]
    again = working_copy.revise(article, user=editor)
    mark()
    working_copy.discard(again, user=editor)
    assert [(e.action, e.object_id) for e in mark()] == [("discard", str(article.pk))]
    again = working_copy.revise(article, user=editor)
    mark()
    again.delete()  # by no act: then it is told
    assert told(mark()) == [("deleted", "news.article")]


@pytest.mark.parametrize("act", Act.values)
def test_every_act_of_the_desk_can_be_recorded(act, mark):
    audit.record(act, note="x")
    assert [entry.action for entry in mark()] == [act]
