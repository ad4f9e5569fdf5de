"""The picture library: titles that people can read."""

import re

import pytest

from news import library


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
