"""The editors' back office, as each role meets it."""

import io
import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image as Pillow

from news import permissions, saving
from news.models import Article, Image, ListEntry, State, Tag
from tests.factories import (
    make_article,
    make_category,
    make_image,
    make_list_entry,
    make_tag,
)
from tests.news.conftest import ROLES, form_data, login, make_user

pytestmark = pytest.mark.django_db

ADD = "/admin/news/article/add/"
LIST = "/admin/news/article/"
LIBRARY = "/admin/news/image/library/"


def change(article) -> str:
    return reverse("admin:news_article_change", args=[article.pk])


def preview(article) -> str:
    return reverse("admin:news_article_preview", args=[article.pk])


def errors_of(response) -> str:
    form = response.context["adminform"].form
    return str(form.errors) + str(
        [f.errors for f in response.context["inline_admin_formsets"]]
    )


# Writing


def test_an_editor_writes_and_publishes_in_one_act(editor):
    response = login(editor).post(ADD, form_data(_publish="1", tags="hội nghị, OCOP"))
    assert response.status_code == 302, errors_of(response)
    article = Article.objects.published().get()
    assert article.created_by == editor
    assert article.revisions.count() == 1
    assert {tag.name for tag in article.tags.all()} == {"hội nghị", "OCOP"}


def test_save_draft_publishes_nothing_and_stays_on_the_form(editor):
    response = login(editor).post(ADD, form_data(_continue="1"))
    article = Article.objects.get()
    assert response["Location"] == change(article)
    assert article.state == State.DRAFT


def test_a_date_ahead_schedules(editor):
    year = timezone.localdate().year + 1
    data = form_data(_publish="1", published_at_0=f"0506{year}", published_at_1="8h30")
    login(editor).post(ADD, data)
    article = Article.objects.scheduled().get()
    local = timezone.localtime(article.published_at)
    assert f"{local:%d/%m/%Y %H:%M}" == f"05/06/{year} 08:30"
    assert "hẹn giờ" in login(editor).get(LIST).content.decode()


def test_a_bad_date_keeps_everything_that_was_typed(editor):
    data = form_data(
        published_at_0="31/02/2026",
        title="Tiêu đề dài",
        body="<p>Công sức</p>",
        tags="a, b",
    )
    response = login(editor).post(ADD, data)
    page = response.content.decode()
    assert response.status_code == 200
    assert not Article.objects.exists()
    for kept in ("31/02/2026", "Tiêu đề dài", "&lt;p&gt;Công sức&lt;/p&gt;", "a, b"):
        assert kept in page
    assert "05062026" in page, "the message shows how to type it"


def test_what_publishing_refuses_is_said_and_the_text_is_kept(editor):
    image = make_image()
    body = f'<p>Công sức</p><figure data-image="{image.pk}"></figure>'
    response = login(editor).post(ADD, form_data(_publish="1", body=body, tags="mới"))
    assert response.status_code == 200
    assert not Article.objects.exists()
    assert not Tag.objects.exists(), "all or nothing"
    assert "&lt;p&gt;Công sức&lt;/p&gt;" in response.content.decode()
    assert response.context["adminform"].form.non_field_errors()


def test_saving_over_a_newer_version_keeps_the_text_and_writes_nothing(editor):
    client = login(editor)
    client.post(ADD, form_data(_save="1"))
    article = Article.objects.get()
    mine = form_data(
        category=article.category_id, title="Của tôi", read_version="1", _save="1"
    )
    theirs = mine | {"title": "Của người khác"}
    assert client.post(change(article), theirs).status_code == 302
    response = client.post(change(article), mine)
    assert response.status_code == 200
    assert "Của tôi" in response.content.decode()
    article.refresh_from_db()
    assert article.title == "Của người khác"


def test_a_refused_save_links_what_is_stored(editor):
    article = make_article(version=3, state=State.DRAFT)
    data = form_data(category=article.category_id, read_version="2", _save="1")
    page = login(editor).post(change(article), data).content.decode()
    assert f'href="{change(article)}"' in page.split('class="conflict"')[1]


def test_history_names_only_what_changed_and_in_vietnamese(editor):
    client = login(editor)
    client.post(ADD, form_data(_save="1"))
    article = Article.objects.get()
    data = form_data(category=article.category_id, read_version="1", _save="1")
    data |= {"published_at_0": "05/06/2026", "published_at_1": "14h"}
    client.post(change(article), data)
    message = LogEntry.objects.first().get_change_message()
    assert "Từ khoá" not in message
    assert "Xuất bản lúc" in message
    assert "ublished" not in message


BUTTONS = {
    None: "Lưu nháp",
    State.DRAFT: "Lưu nháp",
    State.RETURNED: "Lưu nháp",
    State.IN_REVIEW: "Lưu",
    State.WITHDRAWN: "Lưu",
}


@pytest.mark.parametrize(("state", "words"), BUTTONS.items())
def test_the_button_says_what_is_saved(editor, state, words):
    address = change(make_article(state=state)) if state else ADD
    page = login(editor).get(address).content.decode()
    assert re.search(r'name="_continue"[^>]*>([^<]*)<', page)[1] == words


@pytest.mark.parametrize("state", [State.PUBLISHED, State.DRAFT])
@pytest.mark.parametrize("role", ["editor", "reporter"])
def test_a_stored_file_is_named_and_linked_only_while_it_is_public(role, state):
    user = make_user(role)
    article = make_article(created_by=user, state=state)
    attachment = article.attachments.create(
        title="KH", file="attachments/d5/1.pdf", file_name="Kế hoạch.pdf"
    )
    page = login(user).get(change(article)).content.decode()
    assert "Kế hoạch.pdf" in page
    assert "attachments/d5" not in page
    link = f'href="{attachment.get_absolute_url()}"'
    assert (link in page) == (state == State.PUBLISHED)


def test_the_same_list_twice_is_said_once_and_where():
    data = form_data(
        **{
            "list_entries-TOTAL_FORMS": "2",
            "list_entries-0-list": "hot",
            "list_entries-0-position": "1",
            "list_entries-1-list": "hot",
            "list_entries-1-position": "2",
        }
    )
    client = login(make_user("secretary"))
    stored = make_article(state=State.DRAFT)
    make_list_entry(article=stored)
    more = data | {
        "category": stored.category_id,
        "list_entries-INITIAL_FORMS": "1",
        "list_entries-0-id": stored.list_entries.get().pk,
        "list_entries-0-article": stored.pk,
        "list_entries-1-article": stored.pk,
    }
    for address, sent in ((ADD, data), (change(stored), more)):
        response = client.post(address, sent)
        (formset,) = [
            shown.formset
            for shown in response.context["inline_admin_formsets"]
            if shown.formset.prefix == "list_entries"
        ]
        assert formset.errors == [
            {},
            {
                "list": [
                    "Danh sách này được chọn hai lần; mỗi bài chỉ đứng một lần "
                    "trong một danh sách."
                ]
            },
        ]
        assert not formset.non_form_errors()


def test_nobody_sees_a_box_to_fill_that_they_may_not_fill(editor, reporter):
    page = login(reporter).get(ADD).content.decode()
    assert "list_entries-TOTAL_FORMS" not in page
    assert "attachments-TOTAL_FORMS" in page
    page = login(make_user("secretary")).get(ADD).content.decode()
    assert "list_entries-TOTAL_FORMS" in page
    assert "Th\\u00eam t\\u1ec7p" in page, "lower-case in the middle of a sentence"


def test_sections_stand_under_their_parents_in_the_form(editor):
    parent = make_category(name="Cha", position=1)
    make_category(name="Sau", position=2)
    make_category(name="Con", position=9, parent=parent)
    form = login(editor).get(ADD).context["adminform"].form
    labels = [label for _, label in form.fields["category"].choices][1:]
    assert labels == ["Cha", "\u2003Con", "Sau"]
    boxes = re.findall(r'class="depth depth--(\d)"', str(form["further_categories"]))
    assert boxes == ["0", "1", "0"]


def test_wrong_fields_are_listed_with_links_at_the_top(editor):
    response = login(editor).post(
        ADD, form_data(title="", published_at_0="31/02/2026", _save="1")
    )
    page = response.content.decode()
    summary = page[page.index('class="wrong-fields"') :]
    summary = summary[: summary.index("</ul>")]
    assert re.findall('href="(#[^"]*)"', summary) == [
        "#id_title",
        "#id_published_at_0",
    ]
    for anchor in ("id_title", "id_published_at_0"):
        assert f'id="{anchor}"' in page


def more_box(response) -> str:
    """Return what waits behind the bar's last button, with its own tag."""
    page = response.content.decode()
    start = page.index('<details class="act-more"')
    return page[start : page.index("</details>", start)]


def test_a_wrong_field_leaves_the_rarer_acts_folded_away(editor):
    article = make_article(state=State.DRAFT, published_at=None)
    data = form_data(category=article.category_id, title="", read_version="1")
    folded = login(editor).post(change(article), data | {"_continue": "1"})
    assert not re.match("<details[^>]* open", more_box(folded))
    typed = {"_continue": "1", "act-note": "Đã hỏi lại phòng"}
    shown = more_box(login(editor).post(change(article), data | typed))
    assert re.match("<details[^>]* open", shown) and "Đã hỏi lại phòng" in shown


def test_a_return_without_its_reason_is_refused_at_the_field_that_lacks_it(editor):
    article = make_article(state=State.IN_REVIEW, published_at=None)
    data = form_data(category=article.category_id, read_version=str(article.version))
    response = login(editor).post(change(article), data | {"_return": "1"})
    shown = more_box(response)
    assert re.match("<details[^>]* open", shown)
    label, field = re.search(
        '<label for="id_act-note">([^<]*)</label>.*?(<textarea[^>]*>)', shown, re.S
    ).groups()
    assert f"{label}: " in response.content.decode()  # the sentence at the top
    assert 'aria-invalid="true"' in field and "autofocus" in field
    assert 'class="errorlist"' in shown


def test_a_page_with_dates_loads_what_its_calendar_needs_first(editor):
    address = reverse("admin:news_article_act", args=[make_article().pk, "reschedule"])
    page = login(editor).get(address).content.decode()
    assert page.index("/jsi18n/") < page.index("admin/js/calendar")
    assert "admin/js/core" in page and "DateTimeShortcuts" in page


def test_a_changed_article_keeps_its_slug_and_writer(editor, reporter):
    client = login(reporter)
    client.post(ADD, form_data(_save="1"))
    article = Article.objects.get()
    data = form_data(category=article.category_id, title="Khác hẳn", read_version="1")
    login(editor).post(change(article), data | {"_save": "1"})
    article.refresh_from_db()
    assert (article.slug, article.title) == ("khai-mac-hoi-nghi", "Khác hẳn")
    assert article.created_by == reporter


def test_attachments_and_lists_are_saved_with_the_article():
    secretary = make_user("secretary")
    file = SimpleUploadedFile("Kế hoạch.pdf", b"%PDF-1.7 x")
    data = form_data(
        _publish="1",
        **{
            "attachments-TOTAL_FORMS": "1",
            "attachments-0-title": "",
            "attachments-0-position": "0",
            "attachments-0-file": file,
            "list_entries-TOTAL_FORMS": "1",
            "list_entries-0-list": "hot",
            "list_entries-0-position": "1",
        },
    )
    response = login(secretary).post(ADD, data)
    assert response.status_code == 302, errors_of(response)
    article = Article.objects.get()
    attachment = article.attachments.get()
    assert (attachment.title, attachment.content_type) == (
        "Kế hoạch",
        "application/pdf",
    )
    assert ListEntry.objects.get().article == article
    (entry,) = article.revisions.get().content["attachments"]
    assert entry["file_name"] == "Kế hoạch.pdf"


def test_an_attached_photograph_is_stored_without_its_place(editor):
    photograph = io.BytesIO()
    Pillow.new("RGB", (30, 20)).save(photograph, "JPEG", comment=b"SECRET")
    data = form_data(
        _save="1",
        **{
            "attachments-TOTAL_FORMS": "1",
            "attachments-0-title": "",
            "attachments-0-position": "0",
            "attachments-0-file": SimpleUploadedFile("A.png", photograph.getvalue()),
        },
    )
    login(editor).post(ADD, data)
    attachment = Article.objects.get().attachments.get()
    assert (attachment.title, attachment.file_name) == ("A", "A.jpg")
    with attachment.file.open() as file:
        assert b"SECRET" not in file.read()
    assert attachment.file.name.endswith(".jpg")


def test_decomposed_letters_are_stored_composed(editor):
    login(editor).post(ADD, form_data(title="Vie\u0323\u0302t Nam", _save="1"))
    assert Article.objects.get().title == "Việt Nam"


@pytest.mark.parametrize("state", [None, State.DRAFT, State.IN_REVIEW])
def test_enter_in_a_field_saves_and_never_publishes(editor, state):
    address = change(make_article(state=state)) if state else ADD
    page = login(editor).get(address).content.decode()
    form = page[page.index('id="article_form"') :]
    first = re.search(r'<(?:button|input)[^>]*type="submit"[^>]*>', form)[0]
    assert 'name="_continue"' in first


def test_the_form_opens_with_figures_the_editor_knows(editor):
    image = make_image()
    body = (
        f'<figure data-image="{image.pk}"><img alt="Cầu">'
        "<figcaption>Cầu mới</figcaption></figure>"
    )
    login(editor).post(ADD, form_data(body=body, _save="1"))
    article = Article.objects.get()
    response = login(editor).get(change(article))
    initial = response.context["adminform"].form["body"].value()
    number = article.placements.get().pk
    assert f'data-placement="{number}" data-image="{image.pk}"' in initial
    assert "<figcaption>Cầu mới</figcaption>" in initial
    assert response["Content-Security-Policy"]
    assert "<script>" not in response.content.decode()


# Roles: tests/portal/test_admin_walk.py walks every page for every one of them.


def test_list_and_single_rule_agree_for_every_state():
    for role in [*ROLES, "stranger"]:
        user = make_user(role)
        for state in State.values:
            for owner in (user, None):
                article = make_article(state=state, created_by=owner)
                seen = permissions.visible_articles(user, Article.objects.all())
                assert seen.filter(pk=article.pk).exists() == permissions.may_view(
                    user, article
                )


# Preview


def test_a_preview_shows_a_draft_by_the_public_template_and_is_never_kept(editor):
    article = make_article(state=State.DRAFT, published_at=None, title="Chưa ai biết")
    response = login(editor).get(preview(article))
    assert "Chưa ai biết" in response.content.decode()
    assert "news/article_detail.html" in [t.name for t in response.templates]
    assert response["Cache-Control"] == "no-store, private"
    article.refresh_from_db()
    assert article.published_at is None


# Lists


def test_the_list_takes_a_fixed_number_of_queries(
    editor, django_assert_max_num_queries
):
    client = login(editor)
    for _ in range(3):
        make_article(created_by=make_user())
    client.get(LIST)
    with django_assert_max_num_queries(16) as few:
        client.get(LIST)
    for _ in range(20):
        make_article(created_by=make_user())
    with django_assert_max_num_queries(len(few.captured_queries)):
        assert len(client.get(LIST).context["cl"].result_list) == 23


def test_the_form_takes_a_fixed_number_of_queries(
    editor, django_assert_max_num_queries
):
    client = login(editor)
    article = make_article()

    def figures(count):
        images = [make_image() for _ in range(count)]
        body = "".join(
            f'<figure data-image="{i.pk}" data-alt-kind="decorative"></figure>'
            for i in images
        )
        saving.save_article(article, body=body, tags=[make_tag(), make_tag()])

    figures(1)
    client.get(change(article))
    with django_assert_max_num_queries(35) as few:
        client.get(change(article))
    figures(12)
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(change(article))


@pytest.mark.parametrize(
    ("model", "make"),
    [
        ("listentry", make_list_entry),
        ("image", make_image),
        ("category", make_category),
    ],
)
def test_other_lists_take_a_fixed_number_of_queries(
    model, make, django_assert_max_num_queries
):
    client = login(make_user("administrator"))
    address = f"/admin/news/{model}/"
    make()
    client.get(address)
    with django_assert_max_num_queries(30) as few:
        client.get(address)
    for _ in range(15):
        make()
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(address)


@pytest.mark.parametrize("words", ["tu tuong", "tư tưởng", "TƯ TƯỞNG", "tu tu"])
def test_articles_are_found_without_accents(editor, words):
    make_article(title="Học tập tư tưởng Hồ Chí Minh")
    make_article(title="Tin khác", state=State.DRAFT)
    response = login(editor).get(LIST, {"q": words})
    assert [str(a) for a in response.context["cl"].result_list] == [
        "Học tập tư tưởng Hồ Chí Minh"
    ]


def test_states_are_told_as_people_mean_them(editor):
    now, hour = timezone.now(), timedelta(hours=1)
    make_article(published_at=now + hour, title="Sắp tới")
    make_article(published_at=now - 2 * hour, expires_at=now - hour, title="Đã qua")
    make_article(title="Đang đăng")
    client = login(editor)
    for state, title in (
        ("scheduled", "Sắp tới"),
        ("expired", "Đã qua"),
        ("live", "Đang đăng"),
    ):
        found = client.get(LIST, {"state": state}).context["cl"].result_list
        assert [article.title for article in found] == [title]


@pytest.mark.parametrize(
    "query",
    ["state=x", "mine=9", "q=%00", "q=" + "a" * 5000, "p=99999", "o=x.y", "e=1"],
)
def test_odd_queries_get_a_plain_answer(editor, query):
    make_article()
    assert login(editor).get(f"{LIST}?{query}").status_code in (200, 302)


def test_views_stand_beside_the_articles(editor, monkeypatch):
    article = make_article()
    monkeypatch.setattr("news.hooks.view_counts", lambda ids: {article.pk: 1234})
    assert "1.234" in login(editor).get(LIST).content.decode()


# The picture library


def picture_file(name="Lễ_ký.jpg", colour="teal"):
    buffer = io.BytesIO()
    Pillow.new("RGB", (640, 480), colour).save(buffer, "JPEG")
    return SimpleUploadedFile(name, buffer.getvalue(), "image/jpeg")


def test_the_library_window_uploads_and_finds(reporter):
    client = login(reporter)
    answer = client.post(LIBRARY, {"file": picture_file()}).json()
    assert answer["image"]["title"] == "Lễ ký"
    assert answer["duplicate"] is False
    again = client.post(LIBRARY, {"file": picture_file("khac.jpg")}).json()
    assert again["duplicate"] is True
    assert again["image"]["id"] == answer["image"]["id"]
    image = Image.objects.get()
    assert image.uploaded_by == reporter
    assert LogEntry.objects.get().object_id == str(image.pk)
    for words, found in (("le ky", 1), ("LỄ", 1), ("cầu", 0), ("", 1)):
        assert len(client.get(LIBRARY, {"q": words}).json()["images"]) == found


def test_a_refused_upload_says_why(reporter):
    file = SimpleUploadedFile("a.jpg", b"<svg onload=alert(1)>")
    response = login(reporter).post(LIBRARY, {"file": file})
    assert response.status_code == 400
    assert response.json()["error"]
    assert login(reporter).post(LIBRARY, {}).status_code == 400
    assert not Image.objects.exists()


def test_the_library_window_asks_for_permission():
    stranger = login(make_user("stranger"))
    assert stranger.get(LIBRARY).status_code == 403
    assert stranger.post(LIBRARY, {"file": picture_file()}).status_code == 403


@pytest.mark.parametrize("page", ["", "x", "-1", "99999999999", "٣", "1_0"])
def test_the_library_window_survives_any_page_number(reporter, page):
    assert login(reporter).get(LIBRARY, {"page": page}).status_code == 200


def test_the_library_window_pages_through_everything(reporter):
    for _ in range(30):
        make_image()
    client = login(reporter)
    first, second = (client.get(LIBRARY, {"page": n}).json() for n in (0, 1))
    assert (len(first["images"]), first["more"]) == (24, True)
    assert (len(second["images"]), second["more"]) == (6, False)


def test_a_picture_is_added_changed_and_replaced_in_the_admin(editor):
    client = login(editor)
    data = {"upload": picture_file("Cầu.jpg"), "credit": "Ảnh: Lan"}
    response = client.post("/admin/news/image/add/", data)
    assert response.status_code == 302, errors_of(response)
    image = Image.objects.get()
    assert (image.title, image.uploaded_by) == ("Cầu", editor)
    article = make_article()
    body = f'<figure data-image="{image.pk}" data-alt-kind="decorative"></figure>'
    saving.save_article(article, body=body)
    old = image.renditions["480"]["jpg"]
    data = {
        "title": "Cầu",
        "credit": "Ảnh: Minh",
        "focal_x": "10",
        "focal_y": "20",
        "upload": picture_file("moi.jpg", "navy"),
    }
    address = reverse("admin:news_image_change", args=[image.pk])
    response = client.post(address, data)
    assert response.status_code == 302, errors_of(response)
    image.refresh_from_db()
    article.refresh_from_db()
    assert image.renditions["480"]["jpg"] != old
    assert "Ảnh: Minh" in article.body_html
    assert image.renditions["480"]["jpg"] in article.body_html
    page = client.get(address).content.decode()
    assert str(article) in page, "where it is used"


def test_a_picture_in_use_is_not_deleted(editor):
    image = make_image()
    make_article(cover=image)
    address = reverse("admin:news_image_delete", args=[image.pk])
    page = login(editor).get(address).content.decode()
    assert "Bài viết số" in page
    assert "Hãy bỏ ảnh này khỏi các mục sau" in page
    login(editor).post(address, {"post": "yes"})
    assert Image.objects.filter(pk=image.pk).exists()


# Sections and lists


def test_inputs_in_lists_say_whose_they_are():
    make_category(name="Chuyển đổi số")
    page = login(make_user("administrator")).get("/admin/news/category/").content
    names = page.decode().split('aria-label="')[1:]
    assert sum("Chuyển đổi số" in name.split('"')[0] for name in names) == 4


def test_sections_are_listed_as_a_tree():
    first = make_category(name="Một", position=1)
    make_category(name="Hai", position=2)
    child = make_category(name="Con", position=9, parent=first)
    make_category(name="Cháu", position=0, parent=child)
    make_category(name="Con sau", position=10, parent=first)
    response = login(make_user("administrator")).get("/admin/news/category/")
    names = [str(c) for c in response.context["cl"].result_list]
    assert names == ["Một", "Con", "Cháu", "Con sau", "Hai"]


def test_a_section_cannot_stand_inside_itself_in_the_form():
    parent = make_category()
    child = make_category(parent=parent)
    address = reverse("admin:news_category_change", args=[parent.pk])
    data = {
        "name": parent.name,
        "parent": child.pk,
        "position": "0",
        "slug": parent.slug,
    }
    response = login(make_user("administrator")).post(address, data)
    assert response.status_code == 200
    assert "parent" in response.context["adminform"].form.errors
