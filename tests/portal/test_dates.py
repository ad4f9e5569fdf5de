"""Vietnamese dates and numbers, and the tag for pictures."""

from datetime import UTC, date, datetime

import pytest
from django.template import Context, Template

from portal.templatetags.meta_tags import json_ld
from portal.templatetags.picture_tags import picture
from portal.templatetags.portal_tags import iso, list_date, long_date, weekday

AT = datetime(2021, 5, 19, 3, 30, tzinfo=UTC)


def test_long_date_is_local_and_says_its_zone():
    assert long_date(AT) == "Thứ Tư, 19/05/2021, 10:30 (GMT+7)"


def test_day_begins_at_local_midnight():
    assert list_date(datetime(2021, 5, 18, 17, 0, tzinfo=UTC)) == "19/05/2021 00:00"
    assert list_date(datetime(2021, 5, 18, 16, 59, tzinfo=UTC)) == "18/05/2021 23:59"


def test_weekdays_are_written_out():
    days = [weekday(date(2021, 5, 17 + n)) for n in range(7)]
    assert days == [
        "Thứ Hai",
        "Thứ Ba",
        "Thứ Tư",
        "Thứ Năm",
        "Thứ Sáu",
        "Thứ Bảy",
        "Chủ Nhật",
    ]


def test_machines_get_iso():
    assert iso(AT) == "2021-05-19T10:30:00+07:00"
    assert iso(date(2021, 5, 19)) == "2021-05-19"


@pytest.mark.parametrize(
    "value, expected", [(1389678, "1.389.678"), (2502, "2.502"), (12.5, "12,5")]
)
def test_numbers_are_grouped_by_points(value, expected):
    assert Template("{{ n }}").render(Context({"n": value})) == expected


class Picture:
    focal_x, focal_y = 33, 96

    def __init__(self, renditions):
        self.renditions = renditions


def size(width):
    return {
        "avif": f"anh/ab/x-{width}.avif",
        "jpg": f"anh/ab/x-{width}.jpg",
        "w": width,
        "h": width // 2,
    }


def test_picture_offers_both_formats_in_all_widths_and_reserves_its_room():
    image = Picture({"1200": size(1200), "480": size(480), "og": size(1201)})
    html = picture(image, sizes="50vw", alt='Cầu "mới"')
    assert html.startswith(
        '<picture><source type="image/avif" srcset="/media/anh/ab/x-480.avif 480w, '
        '/media/anh/ab/x-1200.avif 1200w" sizes="50vw"><img src='
    )
    assert 'width="1200" height="600"' in html
    assert 'alt="Cầu &quot;mới&quot;"' in html
    assert 'loading="lazy"' in html and "1201" not in html


def test_cropped_picture_names_its_focal_point_by_classes():
    html = picture(Picture({"480": size(480)}), crop=True)
    assert 'class="fx-3 fy-10"' in html
    assert 'alt=""' in html


def test_only_the_lead_picture_is_fetched_before_the_others():
    image = Picture({"480": size(480)})
    assert 'fetchpriority="high"' in picture(image, lead=True)
    assert "lazy" not in picture(image, lead=True)
    for html in (picture(image), picture(image, lazy=False)):
        assert "fetchpriority" not in html


def test_a_dense_phone_takes_two_pixels_for_one_where_a_picture_fills_it():
    image = Picture({"480": size(480)})
    assert 'sizes="(max-width: 40em) and (min-resolution: 2.5dppx) 67vw, (min-' in (
        picture(image)
    )
    assert "67vw" not in picture(image, sizes="96px")


def test_picture_without_avif_has_no_source_for_it():
    small = {"jpg": "anh/ab/x-480.jpg", "w": 480, "h": 320}
    assert "<source" not in picture(Picture({"480": small}))


def test_picture_without_renditions_is_nothing():
    assert picture(Picture({})) == "" and picture(None) == ""


def test_structured_data_leaves_out_what_is_empty():
    assert json_ld({"@type": "Thing", "name": "", "image": []}).count(":") == 3
