"""The picture library: titles that people can read, uses that are counted."""

import re

import pytest

from news import library
from news.models import Image, State
from tests.factories import make_article, make_image


@pytest.mark.parametrize(
    "name",
    [
        *("IMG_2041.JPG", "DSC00012.jpg", "20240512_081500.jpg", "P1010203.jpg"),
        *("IMG-20240512-WA0007.jpg", "Screenshot 2024-05-12.png", "PXL_20240512.jpg"),
        "z5012345678901_0a1b2c3d4e5f.jpg",
    ],
)
def test_a_name_that_a_camera_gave_becomes_the_day(name):
    assert re.fullmatch(
        r"Ảnh tải lên ngày \d\d/\d\d/\d{4}", library.readable_title(name)
    )


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("Lễ_ký kết 2024.JPG", "Lễ ký kết 2024"),
        ("Đại hội XIII.png", "Đại hội XIII"),
        ("12 hộ dân.jpg", "12 hộ dân"),
        ("anh bia.jpg", "anh bia"),
    ],
)
def test_a_name_that_a_person_gave_is_kept(name, title):
    assert library.readable_title(name) == title


@pytest.mark.django_db
def test_a_picture_is_used_by_articles_of_any_state_and_by_the_site_itself():
    from portal.models import LinkedSite, Page, SiteSettings

    covers, placed, twice, emblem, banner, logo, on_page, free = (
        make_image() for _ in range(8)
    )
    make_article(cover=covers, state=State.TRASHED)
    make_article(state=State.DRAFT).placements.create(image=placed)
    both = make_article(cover=twice)
    both.placements.create(image=twice)
    both.placements.create(image=twice)
    SiteSettings(name="Sở", emblem=emblem, banner=banner).save()
    LinkedSite.objects.create(name="Bộ", url="https://bo.gov.vn", logo=logo)
    Page.objects.create(title="Liên hệ", body=f'<figure data-image="{on_page.pk}">')

    assert list(library.only_unused(Image.objects.all())) == [free]
    assert library.only_used(Image.objects.all()).count() == 7
    elsewhere = {image.pk for image in (emblem, banner, logo, on_page)}
    assert library.used_elsewhere() == elsewhere
    counts = library.article_counts(Image.objects.values_list("pk", flat=True))
    assert counts == {covers.pk: 1, placed.pk: 1, twice.pk: 1}


@pytest.mark.django_db
def test_whatever_shows_a_picture_both_names_it_and_counts_it():
    """The two hooks of an app must not fall apart."""
    from portal.models import LinkedSite, Page, SiteSettings

    images = [make_image() for _ in range(4)]
    SiteSettings(name="Sở", emblem=images[0]).save()
    LinkedSite.objects.create(name="Bộ", url="https://bo.gov.vn", logo=images[1])
    Page.objects.create(title="Liên hệ", body=f'<figure data-image="{images[2].pk}">')
    for image in images:
        named = any(ask(image) for ask in library.other_uses)
        assert named == (image.pk in library.used_elsewhere())
