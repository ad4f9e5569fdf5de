"""The picture library in the back office: grid, filters, words, uses, deletion."""

import io
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image as Pillow

from news import images
from news.models import Image, State
from portal import generation
from tests.factories import make_article, make_image
from tests.news.conftest import login, make_user

pytestmark = pytest.mark.django_db

LIST = "/admin/news/image/"
LIBRARY = "/admin/news/image/library/"


def picture_file(name="anh.jpg", colour="teal", size=(640, 480)):
    buffer = io.BytesIO()
    Pillow.new("RGB", size, colour).save(buffer, "JPEG")
    return SimpleUploadedFile(name, buffer.getvalue(), "image/jpeg")


def change(image):
    return reverse("admin:news_image_change", args=[image.pk])


def shown(response) -> set[str]:
    assert response.status_code == 200
    return {image.title for image in response.context["cl"].result_list}


# The list


def test_the_list_costs_the_same_with_two_thousand_pictures(
    editor, django_assert_max_num_queries
):
    client = login(editor)
    rows = [
        Image(title=f"Ảnh {n}", file=f"originals/{n}.jpg", file_hash=f"{n:064x}")
        for n in range(2000)
    ]
    Image.objects.bulk_create(rows, 500)
    article = make_article()
    for image in Image.objects.all()[:48]:
        article.placements.create(image=image)
    # One of them counts the notices of the header.
    with django_assert_max_num_queries(19):
        response = client.get(LIST)
    assert len(shown(response)) == 48
    assert response.content.decode().count("1 bài<") == 48
    with django_assert_max_num_queries(19):
        client.get(LIST, {"use": "unused", "words": "missing", "by": "me", "q": "anh"})


def test_filters_narrow_the_list(editor):
    other = make_user("reporter", username="lan")
    make_article(cover=make_image(title="dùng", default_alt="Cầu", uploaded_by=other))
    make_image(title="trống", uploaded_by=editor)
    old = make_image(title="cũ", default_alt="Chợ")
    old_day = timezone.now() - timedelta(days=400)
    Image.objects.filter(pk=old.pk).update(created_at=old_day)
    client = login(editor)
    for query, expected in {
        "use=used": {"dùng"},
        "use=unused": {"trống", "cũ"},
        "words=missing": {"trống"},
        "words=there": {"dùng", "cũ"},
        "by=me": {"trống"},
        f"by={other.pk}": {"dùng"},
        f"by={other.pk}&use=unused": set(),
        "by=999999": {"dùng", "trống", "cũ"},
        "by=x'&use=x&words=x": {"dùng", "trống", "cũ"},
        f"created_at__gte={timezone.now() - timedelta(days=1):%Y-%m-%dT%H:%MZ}": {
            "dùng",
            "trống",
        },
        f"created_at__year={old_day.year}": {"cũ"},
        "q=TRONG": {"trống"},
    }.items():
        assert shown(client.get(f"{LIST}?{query}")) == expected, query


def test_a_card_says_where_it_is_used_and_what_it_lacks(editor):
    from portal.models import LinkedSite

    image = make_image(title="Cầu", credit="Ảnh: Lan", uploaded_by=editor)
    make_article(cover=image)
    LinkedSite.objects.create(name="Bộ", url="https://bo.gov.vn", logo=image)
    page = login(editor).get(LIST).content.decode()
    for expected in ("1 bài, khung trang", "thiếu văn bản thay thế", "Ảnh: Lan"):
        assert expected in page
    Image.objects.update(default_alt="Cầu qua sông")
    make_image(title="Khác", default_alt="x")
    page = login(editor).get(LIST).content.decode()
    assert "thiếu văn bản thay thế" not in page
    assert "chưa dùng<" in page


def test_lists_are_headed_by_what_they_hold(editor):
    for address, name in [("image", "Thư viện ảnh"), ("article", "Bài viết")]:
        page = login(editor).get(f"/admin/news/{address}/").content.decode()
        assert f"<h1>{name}</h1>" in page


def test_who_may_not_upload_is_offered_no_upload(editor):
    from django.contrib.auth.models import Permission

    assert "picture-upload" in login(editor).get(LIST).content.decode()
    viewer = make_user("stranger")
    viewer.user_permissions.add(Permission.objects.get(codename="view_image"))
    assert "picture-upload" not in login(viewer).get(LIST).content.decode()


# The window of the editor


def test_the_window_shows_mine_and_unused(editor):
    make_article(cover=make_image(title="dùng", uploaded_by=editor))
    make_image(title="mới", uploaded_by=editor)
    make_image(title="khác")
    client = login(editor)
    for show, expected in {
        "": ["khác", "mới", "dùng"],
        "all": ["khác", "mới", "dùng"],
        "x": ["khác", "mới", "dùng"],
        "mine": ["mới", "dùng"],
        "unused": ["khác", "mới"],
    }.items():
        answer = client.get(LIBRARY, {"show": show}).json()
        assert [image["title"] for image in answer["images"]] == expected
    answer = client.get(LIBRARY, {"show": "mine", "q": "MOI"}).json()
    assert [image["title"] for image in answer["images"]] == ["mới"]


def test_words_of_a_new_picture_are_kept_and_its_credit_reaches_articles(editor):
    image = make_image(title="z123", default_caption="giữ")
    article = make_article(body=f'<figure data-image="{image.pk}"></figure>')
    placement = article.placements.create(image=image, alt_kind="decorative")
    article.body = f'<figure data-placement="{placement.pk}"></figure>'
    article.save()
    data = {"image": image.pk, "title": "Cầu", "alt": "Cầu qua sông", "credit": "Lan"}
    answer = login(editor).post(LIBRARY, data)
    assert answer.status_code == 200
    assert answer.json()["image"]["alt"] == "Cầu qua sông"
    image.refresh_from_db()
    article.refresh_from_db()
    assert (image.title, image.default_caption, image.credit) == ("Cầu", "giữ", "Lan")
    assert "Lan" in article.body_html
    entry = LogEntry.objects.get(object_id=str(image.pk))
    assert entry.user == editor and entry.is_change()
    too_long = login(editor).post(LIBRARY, {"image": image.pk, "credit": "x" * 121})
    assert too_long.status_code == 400
    assert too_long.json()["error"]


@pytest.mark.parametrize("page", ["9" * 5000, "-1", "٣", "1_0", "999999999"])
def test_any_page_number_is_answered(reporter, page):
    answer = login(reporter).get(LIBRARY, {"page": page})
    assert answer.status_code == 200 and not answer.json()["more"]


def test_an_iphone_picture_is_uploaded_by_the_window(reporter):
    from tests.news.test_images import PHONE

    file = SimpleUploadedFile("IMG_2041.HEIC", PHONE, "application/octet-stream")
    answer = login(reporter).post(LIBRARY, {"file": file}).json()
    assert answer["image"]["size"] == "320 × 480"


# One picture


def test_a_file_that_is_there_already_is_not_stored_twice(editor):
    first = images.create_image(picture_file(), title="Đã có")
    client = login(editor)
    response = client.post("/admin/news/image/add/", {"upload": picture_file()})
    page = response.content.decode()
    assert response.status_code == 200
    assert f'<a href="{change(first)}">Đã có</a>' in page
    assert Image.objects.count() == 1

    second = images.create_image(picture_file(colour="navy"), title="Khác")
    data = {"title": "Khác", "focal_x": "50", "focal_y": "50"}
    response = client.post(change(second), data | {"upload": picture_file()})
    assert "Đã có" in response.content.decode()
    assert response.status_code == 200
    same = picture_file(colour="navy")
    assert client.post(change(second), data | {"upload": same}).status_code == 302
    assert Image.objects.get(pk=second.pk).file == second.file


def test_the_page_warns_what_another_file_would_change(editor):
    from portal.models import LinkedSite

    image = images.create_image(picture_file(), title="Cầu")
    page = login(editor).get(change(image)).content.decode()
    assert "Tệp mới vẫn giữ nguyên phần chữ" in page
    for _ in range(3):
        make_article(cover=image)
    make_article(cover=image, state=State.DRAFT)
    LinkedSite.objects.create(name="Bộ Nội vụ", url="https://bo.gov.vn", logo=image)
    page = login(editor).get(change(image)).content.decode()
    assert "Ảnh này đang hiện trên cổng: 3 bài đã đăng, " in page
    assert "Bộ Nội vụ" in page


def test_another_file_reaches_readers_and_takes_the_old_one_away(
    client, editor, django_capture_on_commit_callbacks
):
    image = images.create_image(picture_file(), title="Cầu")
    article = make_article(cover=image, show_cover=True)
    old = image.renditions["480"]["jpg"]
    generation.refresh()
    assert old in client.get(article.get_absolute_url()).content.decode()
    data = {"title": "Cầu", "focal_x": "50", "focal_y": "50"}
    with django_capture_on_commit_callbacks(execute=True):
        login(editor).post(
            change(image), data | {"upload": picture_file(colour="navy")}
        )
    image.refresh_from_db()
    page = client.get(article.get_absolute_url()).content.decode()
    assert image.renditions["480"]["jpg"] in page
    assert old not in page
    assert not images.rendition_storage().exists(old)


def test_uses_are_named_with_their_state_and_others_drafts_without_title(reporter):
    image = make_image()
    make_article(cover=image, title="Bài đã đăng")
    make_article(cover=image, title="Bản nháp kín", state=State.DRAFT)
    own = {"title": "Nháp của tôi", "state": State.DRAFT, "created_by": reporter}
    make_article(cover=image, **own)
    page = login(reporter).get(change(image)).content.decode()
    assert "Bài đã đăng (đã xuất bản)" in page
    assert "Nháp của tôi (bản nháp)" in page
    assert "Bản nháp kín" not in page
    assert "một bài bạn chưa được xem" in page


def test_no_picture_in_use_goes_with_a_bulk_deletion(
    editor, django_assert_max_num_queries
):
    used, free = make_image(title="Cầu"), make_image(title="Chợ")
    make_article(cover=used, title="Lễ khánh thành")
    data = {"action": "delete_selected", "_selected_action": [used.pk, free.pk]}
    client = login(editor)
    page = client.post(LIST, data).content.decode()
    assert "Cầu: <a" in page
    assert "Lễ khánh thành" in page
    client.post(LIST, data | {"post": "yes"})
    assert Image.objects.count() == 2
    client.post(LIST, data | {"_selected_action": [free.pk], "post": "yes"})
    assert list(Image.objects.all()) == [used]


def test_deleting_many_used_pictures_asks_a_bounded_number_of_queries(
    editor, django_assert_max_num_queries
):
    article = make_article()
    for _ in range(60):
        article.placements.create(image=make_image())
    data = {"action": "delete_selected", "select_across": "1", "index": "0"}
    data["_selected_action"] = [Image.objects.first().pk]
    client = login(editor)
    with django_assert_max_num_queries(140):
        assert client.post(LIST, data).status_code == 200


def test_a_focal_point_moves_the_shared_cut_and_the_cards(
    editor, django_capture_on_commit_callbacks
):
    image = images.create_image(picture_file(size=(1600, 500)), title="Rộng")
    data = {"title": "Rộng", "focal_x": "93", "focal_y": "0"}
    with django_capture_on_commit_callbacks(execute=True):
        assert login(editor).post(change(image), data).status_code == 302
    image.refresh_from_db()
    assert (image.focal_x, image.focal_y) == (93, 0)
    for bad in ("101", "-1", "x", ""):
        response = login(editor).post(change(image), data | {"focal_x": bad})
        assert response.status_code == 200, bad
