"""What portal tells stats about its objects, and what reaches stats from news."""

import pytest

from news.models import Article, Attachment
from portal import generation, sidebar
from portal.mirror import pages
from portal.mirror.addresses import Addresses
from portal.models import Page
from stats import clock, registry, repair, spool
from stats.models import PageDay
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


def read(article, times: int, ago_days: int = 0) -> None:
    day = clock.days_before(clock.today(), ago_days)
    key = {"kind": "article", "object_id": article.pk}
    PageDay.objects.create(**key, day=day, views=times, visits=0)
    repair.rebuild_page_totals()


def test_an_article_says_how_often_it_was_viewed(client):
    article = make_article()
    generation.refresh()
    address = article.get_absolute_url()
    assert "Lượt xem" not in client.get(address).content.decode()
    read(article, 1234)
    assert "Lượt xem: 1.234<" in client.get(address).content.decode()


def test_the_sidebar_lists_what_was_read_lately_and_is_public(client):
    articles = [make_article(title=f"Bài được đọc {n}") for n in range(5)]
    for n, article in enumerate(articles[:2]):
        read(article, 10 + n)
    assert sidebar.prepare().most_read == ()  # too few to be a list
    read(articles[2], 50)
    read(articles[3], 900, ago_days=sidebar.READ_DAYS)  # too long ago
    Article.objects.filter(pk=articles[1].pk).update(state="withdrawn")
    assert sidebar.prepare().most_read == (articles[2], articles[0])
    text = client.get("/so-do-trang/").content.decode()
    box = text.split('id="box-read"')[1].split("</section>")[0]
    assert "Đọc nhiều trong 7 ngày" in box
    assert box.index("Bài được đọc 2") < box.index("Bài được đọc 0")
    kept, _ = pages.mirrored(text, "/so-do-trang/", Addresses("http://testserver"))
    assert "box-read" not in kept and 'id="box-calendar"' in kept
