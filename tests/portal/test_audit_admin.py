"""The log in the back office: read by administrators, changed by nobody."""

import csv
import io
import re
import zipfile
from datetime import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from news.workflow import Act
from portal import audit
from portal.audit import display
from portal.audit.admin import AuditEntryAdmin
from portal.audit.models import ACTIONS, Action, AuditEntry
from tests.factories import make_article, make_category
from tests.news.conftest import login, make_user

pytestmark = pytest.mark.django_db

LIST = "/admin/portal/auditentry/"
EXPORT = f"{LIST}export/"


@pytest.fixture
def administrator():
    return login(make_user("administrator", username="quantri"))


def make_entry(**overrides) -> AuditEntry:
    overrides.setdefault("action", Action.EXPORTED)
    return AuditEntry.objects.create(**overrides)


def listed(response) -> list[str]:
    return [entry.note for entry in response.context["cl"].result_list if entry.note]


def csv_rows(response) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


# Who may


@pytest.mark.parametrize("role", ["reporter", "editor", "secretary"])
def test_others_neither_see_nor_export_the_log(role):
    client = login(make_user(role))
    entry = make_entry()
    for address in (
        LIST,
        f"{LIST}{entry.pk}/change/",
        f"{EXPORT}csv/",
        f"{EXPORT}xlsx/",
        f"{LIST}{entry.pk}/history/",
    ):
        assert client.get(address).status_code == 403, address
    assert "Nhật ký" not in client.get("/admin/").content.decode()


def test_strangers_are_sent_to_the_sign_in_page(client):
    for address in (LIST, f"{EXPORT}csv/"):
        assert client.get(address)["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("is_superuser", [True, False])
def test_nobody_adds_changes_or_deletes_superusers_included(is_superuser):
    user = make_user("administrator", is_superuser=is_superuser)
    client = login(user)
    entry = make_entry(note="bleibt")
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}add/", {"note": "x"}).status_code == 403
    change = f"{LIST}{entry.pk}/change/"
    assert client.get(change).status_code == 200
    assert client.post(change, {"note": "x"}).status_code == 403
    delete = f"{LIST}{entry.pk}/delete/"
    assert client.get(delete).status_code == 403
    assert client.post(delete, {"post": "yes"}).status_code == 403
    chosen = {
        "action": "delete_selected",
        "_selected_action": [entry.pk],
        "post": "yes",
    }
    client.post(LIST, chosen)
    assert AuditEntry.objects.get(pk=entry.pk).note == "bleibt"
    assert "delete_selected" not in client.get(LIST).content.decode()


# The list


def test_the_list_shows_the_newest_first_with_names_in_vietnamese(administrator):
    category = make_category(name="Tin cũ")
    category.name = "Tin mới"
    category.save()
    response = administrator.get(LIST)
    assert response.status_code == 200
    first = response.context["cl"].result_list[0]
    assert first.object_text == "Tin mới"
    text = response.content.decode()
    assert "Chuyên mục: Tin mới" in text
    assert "thay đổi" in text
    assert "<style" not in text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("action__exact=publish", ["a"]),
        ("object_type=news.category", ["b"]),
        ("object_type=news.article&object_id=7", ["a"]),
        ("q=duong+so+1", ["a"]),
        ("q=ĐƯỜNG", ["a"]),
        ("q=binh.tt", ["b"]),
        ("q=khong-co", []),
        ("from_day=02/03/2026&to_day=02/03/2026", ["b"]),
        ("from_day=02032026", ["c", "b"]),
        ("to_day=2026-03-01", ["a"]),
        ("request_id=abc", ["c"]),
    ],
)
def test_filters_and_search(administrator, query, expected):
    def at(day, hour) -> datetime:
        return timezone.make_aware(datetime(2026, 3, day, hour, 59))

    make_entry(
        note="a",
        action=Act.PUBLISH,
        object_type="news.article",
        object_id="7",
        object_text="Đường số 1",
        created_at=at(1, 23),
    )
    make_entry(
        note="b",
        object_type="news.category",
        object_id="7",
        user_name="binh.tt (Trần Thị Bình)",
        created_at=at(2, 0),
    )
    make_entry(note="c", request_id="abc", created_at=at(3, 0))
    response = administrator.get(f"{LIST}?{query}")
    assert response.status_code == 200
    assert listed(response) == expected


def test_the_filter_by_person(administrator):
    user = make_user("editor", last_name="Nguyễn", first_name="An")
    audit.record("exported", user=user, note="của An")
    audit.record("exported", note="của lệnh")
    response = administrator.get(f"{LIST}?user__id__exact={user.pk}")
    assert listed(response) == ["của An"]
    assert "Nguyễn An" in response.content.decode()


@pytest.mark.parametrize(
    "day", ["31/02/2026", "mai", "01/01/0001", "31/12/9999", "٣", "1" * 500, "\x00"]
)
def test_a_wrong_day_gets_a_sentence_and_the_whole_list(administrator, day):
    make_entry(note="a")
    response = administrator.get(LIST, {"from_day": day})
    assert response.status_code == 200
    assert "không phải là ngày" in response.content.decode()
    assert listed(response) == ["a"]


def test_the_form_of_days_keeps_the_other_filters(administrator):
    response = administrator.get(f"{LIST}?action__exact=publish&q=x&from_day=02032026")
    text = response.content.decode()
    form = re.search(r'<form method="get" class="audit-days">.*?</form>', text, re.S)[0]
    assert '<input type="hidden" name="action__exact" value="publish">' in form
    assert '<input type="hidden" name="q" value="x">' in form
    assert 'type="hidden" name="from_day"' not in form


def test_the_list_costs_the_same_however_long_it_is(
    administrator, django_assert_max_num_queries
):
    make_article()
    administrator.get(LIST)
    with django_assert_max_num_queries(12) as few:
        administrator.get(LIST)
    AuditEntry.objects.bulk_create(
        AuditEntry(
            action=Action.CHANGED,
            user_name=f"u{n}",
            object_type="news.article",
            object_id=n,
            object_text=f"Bài {n}",
            changes={"title": ["a", "b"]},
        )
        for n in range(300)
    )
    with django_assert_max_num_queries(len(few.captured_queries)):
        response = administrator.get(LIST)
    assert len(response.context["cl"].result_list) == 50
    assert AuditEntryAdmin.show_full_result_count is False
    assert "Hiện số lượng" not in response.content.decode()


# One entry


def test_an_entry_is_read_as_before_and_after(administrator):
    article = make_article(title="Cũ", category=make_category(name="Thời sự"))
    article.title, article.show_cover = "Mới <b>", True
    article.body = "<p>Dài hơn nhiều</p>"
    article.save()
    entry = AuditEntry.objects.first()
    text = administrator.get(f"{LIST}{entry.pk}/change/").content.decode()
    rows = re.findall(r'<th scope="row">(.*?)</th><td>(.*?)</td><td>(.*?)</td>', text)
    assert ("Tiêu đề", "Cũ", "Mới &lt;b&gt;") in rows
    assert ("Hiện ảnh đại diện phía trên nội dung", "Không", "Có") in rows
    assert ("Nội dung", "văn bản 29 ký tự", "văn bản 20 ký tự") in rows
    assert f"?object_type=news.article&amp;object_id={article.pk}" in text
    assert f"/admin/news/article/{article.pk}/change/" in text
    assert "<input" not in text.split('id="content-main"')[1]


@pytest.mark.parametrize(
    ("changes", "row"),
    [
        ({"state": ["draft", "published"]}, ("Trạng thái", "bản nháp", "đã xuất bản")),
        ({"tags": [["x"], ["y", "z"]]}, ("Từ khoá", "x", "y, z")),
        ({"tags": [[], ["y"]]}, ("Từ khoá", "—", "y")),
        (
            {"expires_at": [None, "2026-03-01T20:00:00+00:00"]},
            ("Hết hạn lúc", "—", "02/03/2026 03:00"),
        ),
        ({"expires_at": [None, "bậy"]}, ("Hết hạn lúc", "—", "bậy")),
        (
            {"body": [{"length": 1234}, {"length": 1234}]},
            ("Nội dung", "văn bản 1.234 ký tự", "thay đổi"),
        ),
        ({"gone": [1, None]}, ("Gone", "1", "—")),
        ({"version": [3, 4]}, ("Phiên bản", "3", "4")),
    ],
)
def test_values_are_told_in_words(changes, row):
    entry = AuditEntry(object_type="news.article", changes=changes)
    [found] = display.rows(entry)
    assert (found.label, found.before, found.after) == row


def test_an_entry_of_a_model_that_is_no_more_can_be_read(administrator):
    entry = make_entry(
        object_type="old.thing",
        object_id="1",
        object_text="Vật",
        changes={"x": [{"hidden": True}, {"hidden": True}]},
    )
    response = administrator.get(f"{LIST}{entry.pk}/change/")
    assert response.status_code == 200
    text = response.content.decode()
    assert "không hiển thị" in text
    assert administrator.get(LIST).status_code == 200


def test_every_act_of_the_log_has_vietnamese_words():
    assert all(str(label) and not label.isascii() for label in ACTIONS.values())


def test_the_page_of_an_object_leads_to_its_log(administrator):
    category = make_category()
    link = f"?object_type=news.category&amp;object_id={category.pk}"
    page = f"/admin/news/category/{category.pk}/change/"
    assert link in administrator.get(page).content.decode()
    secretary = login(make_user("secretary"))
    assert link not in secretary.get(page).content.decode()


# Export


def test_an_export_holds_the_filtered_list_and_is_recorded(administrator):
    article = make_article(title="=HYPERLINK(1)")
    make_category(name="Khác")
    address = f"{EXPORT}csv/?object_type=news.article"
    response = administrator.get(address)
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/csv")
    assert "nhat-ky-" in response["Content-Disposition"]
    header, row = csv_rows(response)
    assert header[:4] == ["thời gian", "người thực hiện", "từ đâu", "việc đã làm"]
    assert row[3:7] == ["thêm", "Bài viết", str(article.pk), "'=HYPERLINK(1)"]
    assert "Tiêu đề: — → =HYPERLINK(1)" in row[7]
    entry = AuditEntry.objects.first()
    assert (entry.action, entry.user_name) == ("exported", "quantri")
    assert entry.object_type == "portal.auditentry"
    assert entry.note == "CSV; 1; object_type=news.article"


def test_taking_a_list_of_articles_is_recorded():
    editor = make_user("editor")
    listed = reverse("admin:news_article_changelist")
    chosen = make_article()
    make_article()
    data = {"action": "export_csv", "_selected_action": [chosen.pk]}
    for rows, ask in (
        (2, lambda client: client.get(f"{listed}export/xlsx/")),
        (1, lambda client: client.post(listed, data)),
    ):
        assert b"".join(ask(login(editor)).streaming_content)
        entry = AuditEntry.objects.first()
        assert (entry.action, entry.user) == ("exported", editor)
        assert entry.object_type == "news.article"
        kind = "XLSX" if rows == 2 else "CSV"
        assert entry.note == f"{rows} bài viết ({kind})"


def test_the_export_as_a_workbook(administrator):
    make_entry(note="một dòng")
    response = administrator.get(f"{EXPORT}xlsx/?q=khong-co")
    assert response.status_code == 200
    data = b"".join(response.streaming_content)
    response.close()
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row ") == 1  # the header: nothing was found
    assert "<f>" not in sheet


def test_an_export_is_read_in_pieces(administrator, monkeypatch):
    monkeypatch.setattr("portal.audit.admin._CHUNK", 2)
    for number in range(7):
        make_entry(note=f"n{number}")
    rows = csv_rows(administrator.get(f"{EXPORT}csv/?action__exact=exported"))
    assert [row[8] for row in rows[1:]] == [f"n{n}" for n in reversed(range(7))]


def test_no_entry_can_forge_a_line_of_the_export(administrator):
    forged = 'x"\r\n"2026-01-01","ke-gian"'
    audit.record("exported", note=forged, changes={forged: [forged, forged + "2"]})
    response = administrator.get(f"{EXPORT}csv/?action__exact=exported")
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    assert text.count("\r\n") == 2
    assert text.count("\n") == 2


@pytest.mark.parametrize("kind", ["pdf", "csv-x"])
def test_another_format_is_not_found(administrator, kind):
    assert administrator.get(f"{EXPORT}{kind}/").status_code == 404


def test_an_export_with_a_wrong_filter_leads_back_to_the_list(administrator):
    response = administrator.get(f"{EXPORT}csv/?user__id__exact=x")
    assert (response.status_code, response["Location"]) == (302, LIST)


def test_the_list_names_the_first_fields_only():
    entry = AuditEntry(changes={f"f{n}": [1, 2] for n in range(7)})
    assert display.labels(entry) == "f0, f1, f2, f3, f4, … +2"
