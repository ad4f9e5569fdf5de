"""Passages of attached files on the result page."""

import pytest

from news.models import Attachment
from search import indexing
from search.models import AttachmentText
from tests.factories import make_article
from tests.search.test_views import URL, main_text

pytestmark = pytest.mark.django_db
READ = AttachmentText.State.READ


def attach(article, text, title="Phụ lục", state=READ, of_file=None) -> Attachment:
    file = Attachment.objects.create(
        article=article,
        title=title,
        file=f"attachments/{title}.pdf",
        file_name="phu-luc.pdf",
        size_bytes=2048,
    )
    AttachmentText.objects.create(
        attachment=file, text=text, state=state, file_name=of_file or file.file.name
    )
    indexing.index_articles([article.pk])
    return file


def row(client, typed):
    (found,) = client.get(URL, {"q": typed}).context["page"].rows
    return found


def passage(found) -> str:
    return "".join(part.text for part in found.file.passage)


def marked(found) -> list[str]:
    return [part.text for part in found.file.passage if part.is_marked]


def test_an_article_found_by_its_file_shows_the_place(client):
    article = make_article(title="Kế hoạch")
    filling = "Điều khoản chung. " * 400
    text = f"Giống lúa. {filling}Diện tích giống lúa chịu mặn là 5 ha. {filling}"
    file = attach(article, text)
    found = row(client, "lúa chịu mặn")
    assert found.file.attachment == file
    assert marked(found) == ["lúa chịu mặn"]
    assert passage(found).startswith("… ")
    assert passage(found).endswith(" …")
    assert len(passage(found)) < 400
    html = main_text(client.get(URL, {"q": "lua chiu man"}))
    assert f'Trong tệp: <a href="{file.get_absolute_url()}">Phụ lục</a>' in html
    assert "<mark>lúa chịu mặn</mark>" in html


def test_words_may_be_shared_by_article_and_file(client):
    attach(make_article(title="Kế hoạch"), "Giống lúa mới")
    assert marked(row(client, "ke hoach lua")) == ["lúa"]


@pytest.mark.parametrize("typed", ["lúa", "nước ngọt", '"nước ngọt"'])
def test_words_of_the_article_itself_need_no_file(client, typed):
    body = "nước ngọt " + "và nhiều lời khác " * 200
    article = make_article(title="Giống lúa", body_text=body)
    attach(article, "Giống lúa nước ngọt")
    assert row(client, typed).file is None


def test_a_phrase_that_only_the_file_holds_is_shown(client):
    attach(make_article(title="Nước lúa ngọt"), "Lúa nước ngọt")
    assert marked(row(client, '"lúa nước ngọt"')) == ["Lúa nước ngọt"]


def test_of_several_files_the_one_that_holds_most_is_named(client):
    article = make_article(title="Kế hoạch")
    attach(article, "Giống cây", title="A")
    attach(article, "Giống lúa chịu mặn", title="B")
    attach(article, "Giống lúa", title="C")
    assert row(client, "giống lúa chịu mặn").file.attachment.title == "B"


def test_of_a_file_that_was_replaced_nothing_is_shown(client):
    article = make_article(title="Kế hoạch")
    attach(article, "Giống lúa")
    assert row(client, "lúa").file is not None
    # The index follows a moment later.
    AttachmentText.objects.update(file_name="attachments/cu.pdf")
    assert row(client, "lúa").file is None


def test_texts_of_files_are_escaped(client):
    attach(make_article(title="Kế hoạch"), "<script>lúa</script>", title="<b>A</b>")
    html = main_text(client.get(URL, {"q": "lúa"}))
    assert "&lt;script&gt;<mark>lúa</mark>&lt;/script&gt;" in html
    assert "&lt;b&gt;A&lt;/b&gt;" in html
