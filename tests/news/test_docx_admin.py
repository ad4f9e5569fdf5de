"""Nhập từ Word in the back office: upload, review, draft; who may, what is left."""

import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image as Pillow

from news import images
from news.docx import reading, uploads
from news.models import Article, Image, State, Unit
from news.storage import private_storage, rendition_storage
from tests.factories import make_category, make_unit
from tests.news.conftest import login, make_user
from tests.news.docx_builder import docx, drawing, emf, p, photograph

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.once,  # what a file is read into is Python's
]

ADDRESS = "/admin/news/article/word/"
TITLE = "Khai trương phòng đọc số"
SAPO = "Sáng nay, xã Đường Lâm đưa vào dùng phòng đọc số cho cả xã, mở cửa cả tuần."


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    for name in ("private", "default"):
        options = settings.STORAGES[name]["OPTIONS"] | {"location": tmp_path / name}
        settings.STORAGES = settings.STORAGES | {
            name: settings.STORAGES[name] | {"OPTIONS": options}
        }


def article_file(*end, pictures=None, **package) -> bytes:
    pictures = {"r1": photograph()} if pictures is None else pictures
    return docx(
        p(TITLE, style="Title"),
        p(SAPO, bold=True),
        p("Phòng đọc có mười máy tính."),
        *[
            part
            for key in pictures
            for part in (p(drawing(key)), p(f"Chú thích {key}", italic=True))
        ],
        *end,
        pictures=pictures,
        **package,
    )


def upload(client, *files, **named):
    """Send files as the page does; `named` are name=bytes with .docx added."""
    sent = [
        SimpleUploadedFile(name, data)
        for name, data in (
            *files,
            *((f"{key}.docx", data) for key, data in named.items()),
        )
    ]
    return client.post(ADDRESS, {"files": sent}, follow=True)


def review_url(user, index=0) -> str:
    return f"{ADDRESS}{uploads.waiting(user)[index].token}/"


def fields(response) -> dict:
    """What a browser would send back, unchanged."""
    form = response.context["adminform"].form
    data = {}
    for field in form:
        value = field.value()
        if field.name == "published_at":
            day, time = field.field.widget.decompress(value)
            data["published_at_0"] = f"{day:%d/%m/%Y}" if day else ""
            data["published_at_1"] = f"{time:%H:%M}" if time else ""
        else:
            data[field.name] = getattr(value, "pk", value) or ""
    return data


def files_left() -> set[str]:
    roots = private_storage().location, rendition_storage().location
    return {
        str(path.relative_to(root))
        for root in map(Path, roots)
        for path in root.rglob("*")
        if path.is_file()
    }


def words_of(response) -> str:
    return " ".join(str(message) for message in response.context["messages"])


# Uploading


def test_one_file_leads_to_its_review_and_nothing_is_stored(reporter):
    response = upload(login(reporter), tin=article_file())
    assert response.redirect_chain[-1][0] == review_url(reporter)
    form = response.context["adminform"].form
    assert form["title"].value() == TITLE
    assert form["sapo"].value() == SAPO
    body = form["body"].value()
    assert "<figcaption>Chú thích r1</figcaption>" in body
    assert f'src="{review_url(reporter)}1/"' in body
    assert not Article.objects.exists()
    assert not Image.objects.exists()
    assert not Unit.objects.exists()


def test_a_wrong_file_is_told_and_the_others_go_on(editor):
    response = upload(
        login(editor),
        ("cu.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99)),
        ("hong.docx", article_file()[:800]),
        mot=article_file(),
        hai=article_file(),
    )
    assert response.redirect_chain[-1][0] == ADDRESS
    page = response.content.decode()
    assert "“cu.doc”: Đây là tệp Word đời cũ" in page
    assert "“hong.docx”: Tệp bị hỏng" in page
    assert "2 tệp chờ bạn duyệt" in page
    assert {u.name for u in uploads.waiting(editor)} == {"mot.docx", "hai.docx"}


def test_no_file_and_too_many_files_are_told(editor, monkeypatch):
    client = login(editor)
    assert "Hãy chọn tệp trước" in words_of(client.post(ADDRESS, follow=True))
    monkeypatch.setattr(uploads, "MAX_WAITING", 1)
    response = upload(client, mot=article_file(), hai=article_file())
    assert "Đã có 1 tệp chờ duyệt" in response.content.decode()
    assert len(uploads.waiting(editor)) == 1


def test_a_name_of_a_file_is_text_and_no_path(editor):
    name = "..\\..\\<b>x</b>.docx"
    response = upload(login(editor), (name, article_file()))
    assert "<b>x</b>" not in response.content.decode()
    assert all(f.startswith(f"nhap-word/{editor.pk}/") for f in files_left())


def test_files_that_nobody_reviewed_go_at_the_next_upload(editor, reporter):
    upload(login(reporter), cu=article_file())
    old = (datetime.now(UTC) - timedelta(hours=25)).timestamp()
    for path in Path(private_storage().location).rglob("*.*"):
        os.utime(path, (old, old))
    upload(login(editor), moi=article_file())
    assert not uploads.waiting(reporter)
    assert [u.name for u in uploads.waiting(editor)] == ["moi.docx"]


# Who may


@pytest.mark.parametrize("role", ["reporter", "editor", "secretary", "administrator"])
def test_whoever_writes_articles_may_import(role):
    client = login(make_user(role))
    assert client.get(ADDRESS).status_code == 200
    assert ADDRESS in client.get("/admin/news/article/").content.decode()
    assert ADDRESS in client.get("/admin/").content.decode()


def test_others_may_not_and_visitors_are_asked_to_sign_in(client):
    stranger = login(make_user("stranger"))
    token = "0" * 32
    for address in (ADDRESS, f"{ADDRESS}{token}/", f"{ADDRESS}{token}/1/"):
        assert stranger.get(address).status_code == 403
        assert client.get(address).status_code == 302
    assert stranger.post(ADDRESS, {"files": []}).status_code == 403


def test_who_may_not_add_pictures_may_not_import():
    from django.contrib.auth.models import Permission

    user = make_user("stranger")
    user.user_permissions.add(
        *Permission.objects.filter(codename__in=["add_article", "view_article"])
    )
    assert login(user).get(ADDRESS).status_code == 403


def test_nobody_opens_the_file_of_another(editor, reporter):
    upload(login(reporter), tin=article_file())
    address, client = review_url(reporter), login(editor)
    assert client.get(address).status_code == 302
    assert client.get(f"{address}1/").status_code == 404
    data = {"title": "x", "category": make_category().pk, "_create": "1"}
    assert client.post(address, data).status_code == 302
    assert client.post(address, {"_drop": "1"}).status_code == 302
    assert len(uploads.waiting(reporter)) == 1
    assert not Article.objects.exists()


@pytest.mark.parametrize("token", ["x", "0" * 32, "..", "0" * 31 + "g"])
def test_an_unknown_file_is_told(editor, token):
    response = login(editor).get(f"{ADDRESS}{token}/", follow=True)
    assert response.status_code in (200, 404)


# Previews


def test_a_preview_is_small_private_and_made_anew(editor):
    client = login(editor)
    upload(client, tin=article_file(pictures={"r1": photograph(size=(2000, 1000))}))
    response = client.get(f"{review_url(editor)}1/")
    assert response["Content-Type"] == "image/jpeg"
    assert "no-store" in response["Cache-Control"]
    with Pillow.open(io.BytesIO(response.content)) as picture:
        assert picture.size == (800, 400)


@pytest.mark.parametrize(
    "data", [b"<script>alert(1)</script>", b"GIF89a" + bytes(9), emf()]
)
def test_what_is_no_picture_is_never_sent(editor, data):
    client = login(editor)
    upload(client, tin=article_file(pictures={"r1": data}))
    for number in (0, 1, 2, 99):
        assert client.get(f"{review_url(editor)}{number}/").status_code == 404


# Making the draft


def test_the_draft_has_what_was_corrected(reporter):
    unit, category = make_unit(name="Trung tâm Thông tin"), make_category()
    client = login(reporter)
    end = [p("TRUNG TÂM THÔNG TIN", align="right"), p("Lan Hương", align="right")]
    response = upload(client, tin=article_file(*end))
    data = fields(response) | {"title": "Tiêu đề đã sửa", "category": category.pk}
    assert data["signature_unit"] == unit.pk
    data["body"] = data["body"].replace("Chú thích r1", "Chú thích đã sửa")
    response = client.post(review_url(reporter), data, follow=True)
    article = Article.objects.get()
    assert response.redirect_chain[-1][0] == reverse(
        "admin:news_article_change", args=[article.pk]
    )
    assert "Đã tạo bản nháp từ “tin.docx”" in words_of(response)
    assert (article.title, article.state) == ("Tiêu đề đã sửa", State.DRAFT)
    assert (article.created_by, article.signature_unit) == (reporter, unit)
    assert article.author_text == "Lan Hương"
    placement = article.placements.get()
    assert (placement.caption, placement.alt_kind) == ("Chú thích đã sửa", "caption")
    image = Image.objects.get()
    assert (placement.image, article.cover, image.uploaded_by) == (
        image,
        image,
        reporter,
    )
    assert image.title == "Chú thích đã sửa"
    assert "<picture>" in article.body_html
    assert article.revisions.get().note == "Nhập từ Word"
    assert not uploads.waiting(reporter)


def test_without_a_section_everything_typed_stays(editor):
    client = login(editor)
    data = fields(upload(client, tin=article_file()))
    data |= {"title": "Tôi đã sửa", "body": data["body"] + "<p>Thêm một đoạn</p>"}
    response = client.post(review_url(editor), data)
    form = response.context["adminform"].form
    assert list(form.errors) == ["category"]
    assert form["title"].value() == "Tôi đã sửa"
    page = response.content.decode()
    assert "Thêm một đoạn" in page
    assert f"{reading.PENDING + 1}" in page and f"{review_url(editor)}1/" in page
    assert not Article.objects.exists()
    assert not Image.objects.exists()


def test_pictures_taken_out_of_the_body_do_not_join_the_library(editor):
    client = login(editor)
    pictures = {"r1": photograph(), "r2": photograph("red")}
    data = fields(upload(client, tin=article_file(pictures=pictures)))
    start, _figure, end = data["body"].partition("<figure")
    end = end.partition("</figure>")[2]
    client.post(
        review_url(editor), data | {"body": start + end, "category": make_category().pk}
    )
    assert [image.default_caption for image in Image.objects.all()] == ["Chú thích r2"]


def test_a_picture_of_the_library_is_used_again(editor):
    known = images.create_image(io.BytesIO(photograph()), title="Đã có")
    client = login(editor)
    pictures = {"r1": photograph(), "r2": photograph("red"), "r3": photograph("red")}
    data = fields(upload(client, tin=article_file(pictures=pictures)))
    client.post(review_url(editor), data | {"category": make_category().pk})
    first, second, third = Article.objects.get().placements.order_by("pk")
    assert first.image == known
    assert second.image == third.image != known
    assert (second.caption, third.caption) == ("Chú thích r2", "Chú thích r3")
    assert Image.objects.count() == 2


def test_a_new_unit_is_added_with_the_draft(editor):
    client = login(editor)
    end = p("Phòng Quản lý khoa học", align="right")
    data = fields(upload(client, tin=article_file(end)))
    assert data["new_unit"] == "Phòng Quản lý khoa học"
    client.post(review_url(editor), data | {"category": make_category().pk})
    assert Article.objects.get().signature_unit.name == "Phòng Quản lý khoa học"


def test_a_unit_is_chosen_or_new_but_not_both(editor):
    client = login(editor)
    data = fields(upload(client, tin=article_file()))
    data |= {"category": make_category().pk, "signature_unit": make_unit().pk}
    response = client.post(review_url(editor), data | {"new_unit": "Phòng Mới"})
    assert "new_unit" in response.context["errors"]


def test_who_may_not_add_units_gets_the_name_as_author(reporter):
    client = login(reporter)
    response = upload(client, tin=article_file(p("Phòng Mới", align="right")))
    data = fields(response)
    assert "new_unit" not in data
    assert data["author_text"] == "Phòng Mới"
    data |= {"category": make_category().pk, "new_unit": "Phòng Mới"}
    client.post(review_url(reporter), data)
    assert Article.objects.get().author_text == "Phòng Mới"
    assert not Unit.objects.exists()


def test_a_proposed_time_can_be_changed(editor):
    client = login(editor)
    data = fields(
        upload(
            client, tin=docx(p(TITLE, style="Title"), p("19/05/2021 10:30"), p(SAPO))
        )
    )
    assert (data["published_at_0"], data["published_at_1"]) == ("19/05/2021", "10:30")
    data |= {"published_at_0": "20052021", "category": make_category().pk}
    client.post(review_url(editor), data)
    article = Article.objects.get()
    assert article.published_at.isoformat() == "2021-05-20T03:30:00+00:00"
    assert article.state == State.DRAFT


def test_a_failure_leaves_no_row_and_no_file(editor, monkeypatch):
    client = login(editor)
    end = p("Phòng Quản lý khoa học", align="right")
    pictures = {"r1": photograph(), "r2": photograph("red")}
    data = fields(upload(client, tin=article_file(end, pictures=pictures)))
    before = files_left()

    def fail(*args, **kwargs):
        raise OSError("no space left on the device")

    monkeypatch.setattr("news.saving.write_revision", fail)
    with pytest.raises(OSError, match="no space"):
        client.post(review_url(editor), data | {"category": make_category().pk})
    assert files_left() == before
    assert not (Article.objects.exists() or Image.objects.exists())
    assert not Unit.objects.exists()


def test_a_damaged_picture_is_told_at_its_place_and_nothing_is_stored(editor):
    client = login(editor)
    pictures = {"r1": photograph(), "r2": photograph("red")[:300]}
    data = fields(upload(client, tin=article_file(pictures=pictures)))
    before = files_left()
    response = client.post(review_url(editor), data | {"category": make_category().pk})
    assert "Hình 2: " in " ".join(response.context["errors"]["body"])
    assert files_left() == before
    assert not Image.objects.exists()


@pytest.mark.parametrize(
    "number",
    ["0", "99", str(reading.PENDING), str(reading.PENDING + 99), str(2**63 - 1)],
)
def test_invented_pictures_are_dropped(editor, number):
    client = login(editor)
    data = fields(upload(client, tin=article_file()))
    data |= {
        "category": make_category().pk,
        "body": f'<p>x</p><figure data-image="{number}" data-placement="7"></figure>'
        '<figure data-placement="8"></figure>',
    }
    client.post(review_url(editor), data)
    article = Article.objects.get()
    assert article.body == "<p>x</p>"
    assert article.cover is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", ""),
        ("title", "a" * 301),
        ("body", "<div>" * 100),
        ("body", "&" * 200_000),
        ("source_url", "javascript:alert(1)"),
        ("published_at_0", "31/02/2021"),
        ("signature_unit", "999999"),
        ("category", "abc"),
        ("new_unit", "a" * 300),
    ],
)
def test_bad_input_is_told_and_stores_nothing(editor, name, value):
    client = login(editor)
    data = fields(upload(client, tin=article_file())) | {"category": make_category().pk}
    response = client.post(review_url(editor), data | {name: value})
    assert response.status_code == 200
    assert response.context["errors"]
    assert not (Article.objects.exists() or Image.objects.exists())


def test_scripts_typed_into_the_review_are_cleaned(editor):
    client = login(editor)
    data = fields(upload(client, tin=article_file()))
    data |= {"category": make_category().pk, "body": "<p>a<script>x()</script></p>"}
    client.post(review_url(editor), data)
    assert Article.objects.get().body == "<p>a</p>"


# Several files


def test_after_each_file_the_next_is_offered(editor):
    client = login(editor)
    upload(client, mot=article_file(), hai=article_file())
    first = review_url(editor)
    response = client.get(first)
    assert "Còn 1 tệp chờ duyệt" in response.content.decode()
    data = fields(response) | {"category": make_category().pk}
    response = client.post(first, data, follow=True)
    assert review_url(editor) in words_of(response)
    response = client.post(review_url(editor), {"_drop": "1"}, follow=True)
    assert "Đã bỏ" in words_of(response)
    assert not uploads.waiting(editor)
    assert Article.objects.count() == 1


def test_a_second_press_of_the_button_makes_no_second_article(editor):
    client = login(editor)
    data = fields(upload(client, tin=article_file())) | {"category": make_category().pk}
    address = review_url(editor)
    client.post(address, data)
    response = client.post(address, data, follow=True)
    assert "không còn chờ duyệt" in words_of(response)
    assert Article.objects.count() == 1


def test_a_file_that_is_refused_at_its_review_is_told(editor):
    client = login(editor)
    upload(client, tin=article_file())
    address = review_url(editor)
    path = Path(private_storage().location) / "nhap-word" / str(editor.pk)
    (stored,) = path.glob("*.docx")
    stored.write_bytes(b"x")
    response = client.get(address, follow=True)
    assert "chỉ nhập được tệp Word" in words_of(response)
