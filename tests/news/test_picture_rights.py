"""Who may change a picture that readers see: those who may publish."""

import pytest
from django.urls import reverse

from news import permissions
from news.models import Image, State
from tests.factories import make_article, make_image
from tests.news.conftest import ROLES, login, make_user

pytestmark = pytest.mark.django_db

LIBRARY = "/admin/news/image/library/"


def place(image, kind):
    """Show `image` somewhere."""
    from portal.models import LinkedSite

    if kind == "cover of a published":
        make_article(cover=image)
    elif kind == "body of a published":
        make_article().placements.create(image=image)
    elif kind == "scheduled":
        from datetime import timedelta

        from django.utils import timezone

        make_article(cover=image, published_at=timezone.now() + timedelta(days=1))
    elif kind == "furniture":
        LinkedSite.objects.create(name="Bộ", url="https://bo.gov.vn", logo=image)
    elif kind == "draft":
        make_article(cover=image, state=State.DRAFT)


PUBLIC = ["cover of a published", "body of a published", "scheduled", "furniture"]


@pytest.mark.parametrize("role", [*ROLES, "stranger"])
@pytest.mark.parametrize("kind", [*PUBLIC, "draft", "nowhere"])
def test_a_picture_that_readers_see_is_changed_by_those_who_publish(role, kind):
    user, image = make_user(role), make_image(title="Cũ")
    place(image, kind)
    may = role in ("editor", "secretary", "administrator") or (
        role == "reporter" and kind not in PUBLIC
    )
    assert permissions.may_change_image(user, image) == may
    client = login(user)
    address = reverse("admin:news_image_change", args=[image.pk])
    data = {"title": "Mới", "focal_x": "50", "focal_y": "50"}
    client.post(address, data)
    assert (Image.objects.get().title == "Mới") == may
    Image.objects.update(title="Cũ")
    client.post(LIBRARY, {"image": image.pk, "title": "Mới"})
    assert (Image.objects.get().title == "Mới") == may


@pytest.mark.parametrize("role", [*ROLES, "stranger"])
def test_a_reporter_deletes_no_picture_and_an_editor_only_unused_ones(role):
    client = login(make_user(role))
    used, free = make_image(), make_image()
    make_article(cover=used)
    for image in (used, free):
        client.post(
            reverse("admin:news_image_delete", args=[image.pk]), {"post": "yes"}
        )
    data = {"action": "delete_selected", "_selected_action": [used.pk], "post": "yes"}
    client.post("/admin/news/image/", data)
    may = role in ("editor", "secretary", "administrator")
    assert list(Image.objects.all()) == ([used] if may else [free, used])


def test_a_reporter_with_the_right_to_delete_still_leaves_public_pictures():
    from django.contrib.auth.models import Permission

    user, image = make_user("reporter"), make_image()
    user.user_permissions.add(Permission.objects.get(codename="delete_image"))
    assert permissions.may_delete_image(user, image)
    make_article(cover=image)
    assert not permissions.may_delete_image(user, image)


def test_a_reporter_reads_why_and_can_still_use_it(reporter):
    client, image = login(reporter), make_image(title="Cầu")
    make_article(cover=image)
    address = reverse("admin:news_image_change", args=[image.pk])
    why = "đang hiện trên trang công khai"
    page = client.get(address).content.decode()
    assert why in page
    assert 'name="title"' not in page
    assert why in client.post(address, {"title": "x"}, follow=True).content.decode()
    answer = client.post(LIBRARY, {"image": image.pk, "title": "x"})
    assert (answer.status_code, why in answer.json()["error"]) == (403, True)
    assert client.get(LIBRARY).json()["images"][0]["title"] == "Cầu"


@pytest.mark.parametrize(
    ("number", "title", "status"),
    [("x", "a", 404), ("9" * 30, "a", 404), ("0", "a", 404), (None, " ", 400)],
)
def test_odd_renamings_get_a_plain_answer(reporter, number, title, status):
    image = make_image(title="Cầu")
    data = {"image": number or image.pk, "title": title}
    response = login(reporter).post(LIBRARY, data)
    assert response.status_code == status
    assert response.json()["error"]
    assert Image.objects.get().title == "Cầu"
