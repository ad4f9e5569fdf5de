"""What was stored can be read again; what readers' tools choke on is not let in."""

import io
import zipfile
from xml.etree import ElementTree

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from PIL import Image as PillowImage

from news import files, html, images, importing
from tests.factories import make_article, make_category

pytestmark = pytest.mark.django_db


def test_a_text_that_grows_over_the_limit_when_stored_is_refused():
    typed = "<ul>" + "<li>Mục" * 90_000 + "</ul>"
    document = html.read(typed)
    with pytest.raises(ValidationError):
        html.check_stored(document.html())
    html.check_stored(html.read("<p>Ngắn</p>").html())


def test_an_imported_body_that_could_not_be_read_again_is_refused():
    line = (
        '{"id": "1", "source": "x", "title": "t", "lead": "l", "category": "c",'
        '"published_at": "2020-01-01T00:00:00+07:00", "body": "%s"}'
    )
    with pytest.raises(importing.BadRecord):
        importing.parse(1, (line % ("ệ" * 600_000)).encode())
    importing.parse(1, (line % "ệ").encode())


def test_a_noncharacter_does_not_break_the_feed(client):
    make_article(title="Tin \ufffe hay \uffff")
    response = client.get("/rss/")
    ElementTree.fromstring(response.content)
    assert "Tin hay" in response.content.decode()


def test_a_hidden_category_is_named_nowhere(client):
    hidden = make_category(name="Nội bộ ẩn", is_visible=False)
    article = make_article(category=hidden)
    for path in ("/", "/rss/", article.get_absolute_url()):
        assert "Nội bộ ẩn" not in client.get(path).content.decode(), path


def picture(mode, size) -> ContentFile:
    file = io.BytesIO()
    PillowImage.new(mode, size).save(file, "PNG")
    return ContentFile(file.getvalue(), "a.png")


def test_a_large_transparent_picture_is_refused_before_it_is_decoded():
    with pytest.raises(ValidationError) as error:
        images.create_image(picture("RGBA", (4000, 3100)), title="x")
    assert "12" in str(error.value)


def test_a_damaged_archive_is_refused_in_a_sentence():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
    data = bytearray(file.getvalue())
    start = data.index(b"mimetype") + len("mimetype")
    data[start : start + 12] = b"\xff" * 12
    with pytest.raises(ValidationError):
        files.accept(ContentFile(bytes(data), "a.odt"))


@pytest.mark.parametrize(
    ("range_", "counted"), [(None, 1), ("bytes=0-", 1), ("bytes=5-9", 0)]
)
def test_ranges_of_one_download_are_counted_once(client, monkeypatch, range_, counted):
    from news import hooks
    from news.models import Attachment

    seen = []
    monkeypatch.setattr(hooks, "downloaded", lambda meta, pk: seen.append(pk))
    attached = Attachment(article=make_article(), title="x", file_name="x.txt")
    attached.file.save("x.txt", ContentFile(b"0123456789"))
    response = client.get(
        attached.get_absolute_url(), headers={"range": range_} if range_ else {}
    )
    b"".join(response.streaming_content)
    assert len(seen) == counted
