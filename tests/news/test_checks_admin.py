"""The end point behind the panel of checks, and the panel without JavaScript."""

import json

import pytest
from django.urls import reverse

from news import saving
from news.models import Article, State
from tests.factories import make_article, make_image
from tests.news.conftest import form_data, login, make_user

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.once,  # what is found in a text is Python's
]

ADDRESS = "/admin/news/article/check/"


def figure(image, alt="", caption="Phòng đọc", kind="text"):
    return (
        f'<figure data-image="{image.pk}" data-alt-kind="{kind}">'
        f'<img src="x" alt="{alt}"><figcaption>{caption}</figcaption></figure>'
    )


def posted(article=None, texts=(), **fields):
    """What checks.js sends."""
    number = article.pk if article else ""
    return form_data(**fields) | {"article": number, "blocks": json.dumps(texts)}


def codes(answer):
    return [item["code"] for item in answer.json()["items"]]


def make_draft(user, **fields):
    fields.setdefault("state", State.DRAFT)
    return make_article(created_by=user, published_at=None, **fields)


def test_what_stands_in_the_form_is_checked_and_nothing_is_saved(reporter):
    draft = make_draft(reporter, title="Cũ")
    data = posted(draft, title="Tiêu đề mới.", body=figure(make_image()))
    answer = login(reporter).post(ADDRESS, data)
    assert codes(answer) == ["figure_alt", "title_stop", "no_cover"]
    assert answer.json()["items"][0]["target"] == ["figure", 0]
    draft.refresh_from_db()
    assert draft.title == "Cũ"
    assert draft.version == 0


def test_a_new_article_is_checked_too(reporter):
    answer = login(reporter).post(ADDRESS, posted(title="", sapo="", body=""))
    assert codes(answer) == ["no_title", "empty", "no_cover"]
    assert not Article.objects.exists()


def test_pictures_count_as_they_would_be_stored(editor):
    client = login(editor)
    described = make_image(default_alt="Phòng đọc của xã")
    assert "figure_alt" not in codes(
        client.post(ADDRESS, posted(body=figure(described)))
    )
    article = saving.save_article(make_draft(editor), body=figure(described))
    # A text area without the editor still holds the stored form.
    assert "figure_alt" not in codes(
        client.post(ADDRESS, posted(article, body=article.body))
    )
    assert "figure_alt" in codes(client.post(ADDRESS, posted(body=article.body)))


def test_the_cover_and_the_times_of_the_form_count(editor):
    data = posted(
        cover=make_image().pk,
        show_cover="on",
        published_at_0="01/02/2099",
        published_at_1="08:00",
        expires_at_0="01/02/2020",
    )
    found = codes(login(editor).post(ADDRESS, data))
    assert found == ["cover_alt", "expires_past", "published_far"]


def test_attachments_of_the_form_count(editor):
    draft = make_draft(editor)
    stored = draft.attachments.create(title="a", file="a.pdf", file_name="QD_15.pdf")
    rows = {
        "TOTAL_FORMS": "4",
        "0-id": stored.pk,
        "0-title": "QD_15",
        "1-file": "scan01.pdf",
        "2-file": "scan02.pdf",
        "2-DELETE": "on",
        "3-title": "",
    }
    data = posted(draft) | {f"attachments-{name}": rows[name] for name in rows}
    found = login(editor).post(ADDRESS, data).json()["items"]
    places = [item["target"] for item in found if item["code"] == "attachment_title"]
    assert places == [
        ["field", "attachments-0-title"],
        ["field", "attachments-1-title"],
    ]


def test_findings_come_with_offsets_as_javascript_counts(editor):
    texts = ["Tiêu đề", "", "😀 Đại hội lần tứ XV"]
    answer = login(editor).post(ADDRESS, posted(texts=texts)).json()
    (finding,) = answer["findings"]
    assert finding["block"] == 2
    as_utf16 = texts[2].encode("utf-16-le")
    found = as_utf16[2 * finding["start"] : 2 * finding["end"]].decode("utf-16-le")
    assert found == finding["text"]
    assert "tứ" in found
    assert "thứ" in finding["suggestion"]


def test_the_day_of_publication_is_the_proofreaders_day(editor):
    texts = ["", "", "Quyết định số 12/QĐ-UBND ngày 07/6/2027"]
    client = login(editor)
    later = posted(texts=texts, published_at_0="01/07/2027", published_at_1="08:00")
    assert client.post(ADDRESS, posted(texts=texts)).json()["findings"]
    assert not client.post(ADDRESS, later).json()["findings"]


# Who may ask


def test_only_whoever_may_change_the_article_has_it_checked(editor, reporter):
    draft = make_draft(editor)
    live = make_article(created_by=reporter)
    client = login(reporter)
    assert client.post(ADDRESS, posted(draft)).status_code == 404
    assert client.post(ADDRESS, posted(live)).status_code == 403
    assert login(editor).post(ADDRESS, posted(draft)).status_code == 200


def test_a_stranger_has_nothing_checked(client):
    data = posted()
    assert login(make_user("stranger")).post(ADDRESS, data).status_code == 403
    answer = client.post(ADDRESS, data)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/login/")


def test_it_is_asked_by_post_with_a_token(editor):
    client = login(editor)
    assert client.get(ADDRESS).status_code == 405
    client.handler.enforce_csrf_checks = True
    assert client.post(ADDRESS, posted()).status_code == 403


GARBAGE = [
    ("number of no article", {"article": "999999"}, 404),
    ("no number", {"article": "1 OR 1=1"}, 404),
    ("a huge number", {"article": "9" * 30}, 404),
    ("other digits", {"article": "١"}, 404),
    ("blocks that are no JSON", {"blocks": "{"}, 400),
    ("blocks that are no list", {"blocks": '{"a": 1}'}, 400),
    ("blocks that are no texts", {"blocks": "[1, null]"}, 400),
    ("blocks nested deep", {"blocks": "[" * 100_000}, 400),
    ("blocks too long", {"blocks": json.dumps(["a" * 2**20])}, 400),
    ("a body too long", {"body": "a" * (2**20 + 1)}, 400),
    ("a body nested deep", {"body": "<blockquote>" * 500}, 400),
    ("half a character", {"blocks": '["\\ud800  a"]'}, 200),
    ("a picture that is none", {"cover": "-1", "show_cover": "on"}, 200),
    ("a picture that is gone", {"cover": "999999", "show_cover": "on"}, 200),
    ("a huge picture number", {"cover": "9" * 19, "show_cover": "on"}, 200),
    ("figures of no picture", {"body": '<figure data-image="999999"></figure>'}, 200),
    ("placements of no article", {"body": '<figure data-placement="7"></figure>'}, 200),
    ("a day that is none", {"published_at_0": "31/02/2026"}, 200),
    ("a time alone", {"expires_at_1": "08:00"}, 200),
    ("a choice that is none", {"cover_alt_kind": "x"}, 200),
    ("many attachments", {"attachments-TOTAL_FORMS": "9" * 12}, 200),
    ("a source that is no address", {"source_url": "http://[:1"}, 200),
    ("nothing in NFC", {"title": "\x00\u202eTie\u0302u"}, 200),
]


@pytest.mark.parametrize(
    ("given", "status"), [c[1:] for c in GARBAGE], ids=[c[0] for c in GARBAGE]
)
def test_garbage_is_answered_in_a_sentence_and_never_breaks(editor, given, status):
    answer = login(editor).post(ADDRESS, posted() | given)
    assert answer.status_code == status
    assert answer.json().keys() == (
        {"items", "findings"} if status == 200 else {"error"}
    )


def test_a_missing_form_is_no_error_of_the_server(editor):
    answer = login(editor).post(ADDRESS)
    assert codes(answer) == ["no_title", "empty", "no_cover"]


def test_a_long_article_costs_no_more_queries(editor, django_assert_max_num_queries):
    draft = make_draft(editor)
    client = login(editor)
    client.post(ADDRESS, posted(draft))  # what is remembered is remembered now

    def body(count):
        return "".join(
            f"{figure(make_image())}<p><a href='/tin-tuc/bai-{n}/'>Bài cũ</a>"
            f" <a href='https://la{n}.example/'>Báo bạn</a></p>"
            for n in range(10**6, 10**6 + count)
        )

    few = posted(draft, body=body(1))
    many = posted(draft, body=body(40))
    with django_assert_max_num_queries(20) as asked:
        client.post(ADDRESS, few)
    with django_assert_max_num_queries(len(asked.captured_queries)):
        client.post(ADDRESS, many)


# The panel as the page is made


def change_form(article):
    return reverse("admin:news_article_change", args=[article.pk])


def test_the_form_of_a_stored_article_lists_what_is_missing(editor):
    draft = saving.save_article(
        make_draft(editor, title="Khai mạc."), body=figure(make_image())
    )
    page = login(editor).get(change_form(draft)).content.decode()
    panel = page[page.index('id="checks"') :]
    assert "Ảnh 1 trong nội dung chưa có văn bản thay thế." in panel
    assert "Tiêu đề không đặt dấu chấm ở cuối." in panel
    assert "1 lỗi, 2 gợi ý" in panel


def test_a_new_form_says_when_it_can_be_checked(editor):
    page = login(editor).get(reverse("admin:news_article_add")).content.decode()
    assert "Lưu nháp để xem bài còn thiếu gì." in page


def test_whoever_may_only_look_has_no_panel(reporter):
    page = login(reporter).get(change_form(make_article())).content.decode()
    assert 'id="checks"' not in page


def test_refused_publishing_keeps_the_form_and_says_why_in_the_panel(editor):
    draft = make_draft(editor)
    data = form_data(
        title="Tiêu đề vừa gõ",
        body=figure(make_image(), caption="Chú thích vừa gõ"),
        read_version=draft.version,
        category=draft.category_id,
        _publish="1",
    )
    answer = login(editor).post(change_form(draft), data)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Tiêu đề vừa gõ" in page
    assert "Chú thích vừa gõ" in page
    panel = page[page.index('id="checks"') :]
    assert "Ảnh 1 trong nội dung chưa có văn bản thay thế." in panel
    draft.refresh_from_db()
    assert draft.state == State.DRAFT


def test_a_body_over_the_limit_leaves_the_panel_empty(editor):
    draft = make_draft(editor)
    data = form_data(body="a" * (2**20 + 1), category=draft.category_id, _publish="1")
    answer = login(editor).post(change_form(draft), data)
    assert answer.status_code == 200
    assert 'id="checks"' in answer.content.decode()
