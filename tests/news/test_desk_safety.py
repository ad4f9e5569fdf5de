"""What must not happen at the desk: lost words, emptied pages, told secrets."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from news import permissions, publishing, saving
from news.models import Article, Attachment, State
from news.storage import private_storage
from tests.factories import make_article, make_category, make_image, make_list_entry

from .conftest import form_data, login, make_user

pytestmark = pytest.mark.django_db


def stored(**overrides) -> Article:
    """Return an article as publishing stores it."""
    article = Article(title="Bài gốc", category=make_category(), sapo="Sapo.")
    for name, value in overrides.items():
        setattr(article, name, value)
    return saving.save_article(article, body="<p>Nội dung.</p>")


def test_a_form_without_its_version_overwrites_nothing():
    client = login(make_user("editor"))
    article = stored()
    address = reverse("admin:news_article_change", args=[article.pk])
    data = form_data(title="Của người khác", category=article.category_id)
    del data["read_version"]
    response = client.post(address, data | {"_save": "1"})
    assert response.status_code == 200
    article.refresh_from_db()
    assert article.title == "Bài gốc"


def test_a_live_article_cannot_be_emptied():
    article = stored()
    publishing.publish(article)
    article.sapo = ""
    with pytest.raises(ValidationError):
        saving.save_article(article, body="")
    article.refresh_from_db()
    assert (article.sapo, article.body_text) == ("Sapo.", "Nội dung.")


def test_a_draft_may_be_empty():
    article = stored()
    article.sapo = ""
    saving.save_article(article, body="")
    assert Article.objects.get().body_text == ""


def test_what_others_scheduled_is_hidden_from_reporters_only():
    reporter, editor = make_user("reporter"), make_user("editor")
    article = make_article(published_at=timezone.now() + timedelta(days=3))
    live = make_article()
    for user, expected in ((reporter, {live}), (editor, {live, article})):
        seen = permissions.visible_articles(user, Article.objects.all())
        assert set(seen) == expected
        assert permissions.may_view(user, article) is (article in expected)


@pytest.mark.parametrize("state", [State.DRAFT, State.IN_REVIEW])
def test_titles_of_others_drafts_reach_no_reporter_by_a_side_door(state):
    client = login(make_user("reporter"))
    image = make_image()
    secret = make_article(title="BÍ MẬT", state=state, cover=image)
    make_list_entry(article=secret)
    for address in (
        reverse("admin:news_image_change", args=[image.pk]),
        reverse("admin:news_listentry_changelist"),
    ):
        response = client.get(address)
        assert response.status_code == 200
        assert "BÍ MẬT" not in response.content.decode(), address


def test_a_replaced_attachment_leaves_no_old_file(django_capture_on_commit_callbacks):
    client = login(make_user("editor"))
    article = stored()
    attached = Attachment(article=article, title="Cũ", file_name="cu.txt")
    attached.file.save("cu.txt", ContentFile(b"old"))
    old = attached.file.name
    data = form_data(category=article.category_id, read_version=str(article.version))
    data |= {
        "attachments-TOTAL_FORMS": "1",
        "attachments-INITIAL_FORMS": "1",
        "attachments-0-id": str(attached.pk),
        "attachments-0-article": str(article.pk),
        "attachments-0-title": "Mới",
        "attachments-0-position": "0",
        "attachments-0-file": SimpleUploadedFile("moi.txt", b"new text"),
        "_save": "1",
    }
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(
            reverse("admin:news_article_change", args=[article.pk]), data
        )
    assert response.status_code == 302
    attached.refresh_from_db()
    assert attached.file.name != old
    assert not private_storage().exists(old)
    assert private_storage().exists(attached.file.name)
