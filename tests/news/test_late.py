"""Somebody writes while the article goes on: what he typed is kept and found again."""

from uuid import uuid4

import pytest
from django.urls import reverse

from news import autosave, publishing, saving, working_copy
from news.models import Article, Autosave, State
from tests.factories import make_article
from tests.news.conftest import form_data, login, make_user

pytestmark = pytest.mark.django_db


def change(article) -> str:
    return reverse("admin:news_article_change", args=[article.pk])


def draft(user, **overrides) -> Article:
    article = make_article(
        state=State.DRAFT, published_at=None, created_by=user, version=0, **overrides
    )
    return saving.save_article(article, user=user)


def typed(article, **overrides) -> dict:
    """What an open form of the article sends when it is saved."""
    data = {
        "title": "Tôi đang viết",
        "body": "<p>Câu không được mất.</p>",
        "category": article.category_id,
        "read_version": str(article.version),
        "kept_as": str(uuid4()),
        "_continue": "1",
    }
    return form_data(**data | overrides)


def page(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_what_was_typed_while_a_colleague_published_is_kept(reporter, editor):
    article, client = draft(reporter), login(reporter)
    data = typed(article)
    publishing.publish(article, user=editor)
    response = client.post(change(article), data, follow=True)
    assert response.redirect_chain == [(change(article), 302)]
    shown = page(response)
    assert "bài đã chuyển sang “đã xuất bản”" in shown
    assert "Tôi đang viết" in shown and "Bấm “Sửa bài này”" in shown
    kept = Autosave.objects.get()
    assert (kept.user, kept.article) == (reporter, article)
    assert kept.content["body"] == ["<p>Câu không được mất.</p>"]
    article.refresh_from_db()
    assert "Câu không được mất" not in article.body


def test_it_is_opened_in_the_working_copy_and_compared_before_it_is_saved(
    reporter, editor
):
    article, client = draft(reporter), login(reporter)
    data = typed(article)
    publishing.publish(article, user=editor)
    client.post(change(article), data)
    client.post(reverse("admin:news_article_act", args=[article.pk, "revise"]))
    copy = working_copy.copy_of(article)
    token = data["kept_as"]
    opened = f"{change(copy)}?kept={token}"
    assert f'href="{opened}"' in page(client.get(change(copy)))
    assert f'href="{opened}"' in page(client.get(change(article))), "here as well"
    form = page(client.get(opened))
    assert "Câu không được mất." in form
    assert 'name="read_version" value="0"' in form
    mine = typed(copy, kept_as=token, read_version="0")
    conflict = page(client.post(change(copy), mine))
    assert 'class="conflict"' in conflict
    again = mine | {"_overwrite": f"{copy.version}:_continue"}
    assert client.post(change(copy), again).status_code == 302
    copy.refresh_from_db()
    assert copy.title == "Tôi đang viết"
    assert not Autosave.objects.exists()


@pytest.mark.parametrize("end", ["publish", "discard"])
def test_what_was_typed_in_a_working_copy_that_is_no_more_is_kept(editor, end):
    article, client = draft(editor), login(editor)
    publishing.publish(article, user=editor)
    copy = working_copy.revise(article, user=editor)
    data = typed(copy, revision_of=str(article.pk))
    getattr(working_copy, end)(copy, user=make_user("editor"))
    response = client.post(change(copy), data, follow=True)
    assert response.redirect_chain == [(change(article), 302)]
    assert "bản sửa này đã được xuất bản hoặc bị bỏ" in page(response)
    kept = Autosave.objects.get()
    assert (kept.article, kept.base_version) == (article, 0)
    assert kept.content["title"] == ["Tôi đang viết"]


@pytest.mark.parametrize("end", ["publish", "discard"])
def test_what_was_kept_of_a_working_copy_goes_over_to_its_article(editor, end):
    article, client = draft(editor), login(editor)
    publishing.publish(article, user=editor)
    copy = working_copy.revise(article, user=editor)
    token = uuid4()
    content = {"title": ["Đang viết"], "body": ["<p>Dở dang.</p>"]}
    autosave.keep(editor, copy, token, content, base_version=1)
    getattr(working_copy, end)(copy, user=make_user("editor"))
    kept = Autosave.objects.get()
    assert (kept.article, kept.base_version) == (article, 0)
    assert "Đang viết" in page(client.get(change(article)))
    # The form of the copy that is still open finds it by its own name.
    data = typed(copy, kept_as=str(token), title="Mới hơn")
    response = client.post(change(copy), data)
    assert response.headers["Location"] == change(article)
    assert Autosave.objects.get().title == "Mới hơn"


def test_what_was_typed_in_an_article_deleted_meanwhile_is_kept(editor):
    article, client = draft(editor), login(editor)
    data, address = typed(article), change(article)
    article.delete()
    response = client.post(address, data, follow=True)
    shown = page(response)
    assert "Bài này không còn nữa" in shown and "Câu không được mất." in shown
    assert Autosave.objects.get().article is None


@pytest.mark.parametrize(
    "act", [publishing.trash, publishing.submit, publishing.approve]
)
def test_whatever_took_the_article_away_nothing_is_lost(reporter, editor, act):
    article, client = draft(reporter), login(reporter)
    if act is publishing.approve:
        publishing.submit(article, user=reporter)
    data = typed(article)
    act(article, user=editor)
    client.post(change(article), data)
    assert Autosave.objects.get().title == "Tôi đang viết", "conflict or border alike"
    article.refresh_from_db()
    assert article.title != "Tôi đang viết"


def test_a_writer_without_javascript_keeps_it_under_a_new_name(reporter, editor):
    article, client = draft(reporter), login(reporter)
    data = typed(article) | {"kept_as": "hỏng", "read_version": "9" * 40}
    publishing.publish(article, user=editor)
    assert client.post(change(article), data).status_code == 302
    assert Autosave.objects.get().base_version == 0


def test_a_stranger_s_form_keeps_nothing(reporter):
    article = draft(make_user("reporter"))
    publishing.publish(article)
    response = login(reporter).post(change(article), typed(article))
    assert response.status_code == 403
    stranger = login(make_user("stranger"))
    assert stranger.post(change(article), typed(article)).status_code in (302, 403)
    assert not Autosave.objects.exists()


def test_an_empty_form_is_refused_as_ever(editor):
    article = draft(editor)
    publishing.publish(article, user=editor)
    assert login(editor).post(change(article), {"_save": "1"}).status_code == 403
    assert not Autosave.objects.exists()


def test_a_button_without_the_right_to_it_is_refused_as_ever(reporter):
    article = draft(reporter)
    data = typed(article) | {"_publish": "1"}
    assert login(reporter).post(change(article), data).status_code == 403
    assert not Autosave.objects.exists()


@pytest.mark.parametrize("number", ["x", "-1", "²", "9" * 18, "9" * 60])
def test_a_broken_number_of_the_article_keeps_the_text_alone(editor, number):
    article, client = draft(editor), login(editor)
    data = typed(article, revision_of=number)
    article.delete()
    response = client.post("/admin/news/article/987654/change/", data)
    assert response.status_code == 302
    assert Autosave.objects.get().article is None


def test_nobody_reaches_an_article_by_the_number_in_a_form(reporter):
    hidden = draft(make_user("reporter"))
    data = typed(hidden, revision_of=str(hidden.pk))
    login(reporter).post("/admin/news/article/987654/change/", data)
    assert Autosave.objects.get().article is None


def test_the_copy_of_another_person_is_not_offered(editor):
    article = draft(editor)
    publishing.publish(article, user=editor)
    copy = working_copy.revise(article, user=editor)
    autosave.keep(make_user("editor"), article, uuid4(), {"title": ["Của người khác"]})
    assert "Của người khác" not in page(login(editor).get(change(copy)))
