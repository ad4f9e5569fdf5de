"""What portal tells stats about its objects, and what reaches stats from news."""

import pytest

from news.models import Attachment
from portal.models import Page
from stats import registry, spool
from tests.factories import make_article, make_category

pytestmark = pytest.mark.django_db


def test_only_public_objects_are_countable():
    public, draft = make_article(), make_article(state="draft")
    hidden = make_category(is_visible=False)
    page = Page.objects.create(title="Cũ", is_published=False)
    attached = Attachment.objects.create(article=draft, title="x", file_name="x.pdf")
    assert registry.public_ids("article", [public.pk, draft.pk]) == {public.pk}
    assert registry.public_ids("category", [hidden.pk, public.category_id]) == {
        public.category_id
    }
    assert registry.public_ids("page", [page.pk]) == set()
    assert registry.public_ids("download", [attached.pk]) == set()


def test_titles_and_categories_are_known():
    article = make_article(title="Đường Đà Nẵng")
    assert registry.titles("article", [article.pk]) == {article.pk: "Đường Đà Nẵng"}
    assert registry.categories("article", [article.pk]) == {
        article.pk: article.category_id
    }


def test_a_download_is_reported_once(client, monkeypatch, tmp_path, settings):
    from django.core.files.base import ContentFile

    attached = Attachment(article=make_article(), title="x", file_name="x.pdf")
    attached.file.save("x.pdf", ContentFile(b"%PDF-1.4"))
    lines = []
    monkeypatch.setattr(spool, "append", lambda hit: lines.append(hit) or True)
    agent = "Mozilla/5.0 (X11; Linux x86_64) Chrome/150.0"
    response = client.get(attached.get_absolute_url(), headers={"user-agent": agent})
    assert b"".join(response.streaming_content) == b"%PDF-1.4"
    assert [(hit.kind, hit.object_id) for hit in lines] == [("download", attached.pk)]
