"""The surroundings of every page: menu, boxes, footer, and how long they are kept."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import time, timedelta

import pytest
from django.utils import timezone

from portal import generation, sidebar, watcher
from portal.models import LinkedSite, MenuItem, Page, SiteSettings, WorkEvent
from stats.models import LedgerEntry
from tests.factories import (
    make_article,
    make_category,
    make_image,
    make_list_entry,
)

pytestmark = pytest.mark.django_db


def aside(client, address="/so-do-trang/"):
    text = client.get(address).content.decode()
    return text.split('<aside class="sidebar"')[1].split("</aside>")[0]


def test_sidebar_has_everything_of_the_reference_page(client):
    hot, focus = (make_list_entry(list=name).article for name in ("hot", "focus"))
    LinkedSite.objects.create(name="Cổng Chính phủ", url="https://chinhphu.vn/")
    text = aside(client)
    for expected in (
        'role="search"',
        "Tin Nóng",
        hot.title,
        "Tin tiêu điểm",
        focus.title,
        "Lịch công tác",
        "Website liên kết",
        "Cổng Chính phủ",
        "Thống kê truy cập",
        "Hôm nay",
        "Đã truy cập",
    ):
        assert expected in text


@pytest.mark.parametrize(
    "address", ["/", "/tin-nong/", "/lich-cong-tac/", "/tim-kiem/", "/khong-co/"]
)
def test_every_public_page_has_the_boxes(client, address):
    text = client.get(address).content.decode()
    assert text.count('role="search"') == 1
    for expected in ("Lịch công tác trống", "Thống kê truy cập"):
        assert expected in text


def test_calendar_box_shows_today_and_the_next_days(client):
    today = timezone.localdate()
    WorkEvent.objects.create(day=today, starts_at=time(8, 30), content="Họp giao ban")
    WorkEvent.objects.create(
        day=today + timedelta(days=1), content="Đi cơ sở", is_cancelled=True
    )
    WorkEvent.objects.create(
        day=today + timedelta(days=2), content="Tiếp dân", is_changed=True
    )
    WorkEvent.objects.create(day=today - timedelta(days=1), content="Đã qua")
    text = aside(client)
    assert "Họp giao ban" in text and "08:30" in text
    assert "Đã huỷ" in text and "Có thay đổi" in text
    assert "Đã qua" not in text and "Lịch công tác trống" not in text


def test_linked_site_opens_without_a_hold_on_this_one(client):
    LinkedSite.objects.create(
        name="Bộ", url="https://most.gov.vn/", opens_new_tab=True, logo=make_image()
    )
    LinkedSite.objects.create(name="Ẩn", url="https://an.vn/", is_visible=False)
    text = aside(client)
    assert 'href="https://most.gov.vn/" rel="noopener" target="_blank"' in text
    assert "(mở trong thẻ mới)" in text
    assert "an.vn" not in text


def test_menu_is_nested_and_ordered_and_marks_where_the_reader_is(client):
    category = make_category(name="Chuyển đổi số")
    page = Page.objects.create(title="Giới thiệu")
    MenuItem.objects.create(category=category, position=2)
    top = MenuItem.objects.create(page=page, position=1)
    MenuItem.objects.create(parent=top, link="/lich-cong-tac/", label="Lịch tuần")
    MenuItem.objects.create(link="https://dichvucong.gov.vn/", label="Dịch vụ công")
    text = client.get(category.get_absolute_url()).content.decode()
    menu = text.split('id="menu"')[1].split("</nav>")[0]
    order = ["Dịch vụ công", "Giới thiệu", "Lịch tuần", "Chuyển đổi số"]
    places = [menu.index(label) for label in order]
    assert places == sorted(places)
    here = f'href="{category.get_absolute_url()}" aria-current="page"'
    assert here in menu and menu.count("aria-current") == 1
    article = make_article(category=category)
    text = client.get(article.get_absolute_url()).content.decode()
    assert f'href="{category.get_absolute_url()}" aria-current="true"' in text


def test_menu_leaves_out_what_readers_may_not_see(client):
    hidden = make_category(name="Chuyên mục ẩn", is_visible=False)
    draft = Page.objects.create(title="Trang nháp", is_published=False)
    parent = MenuItem.objects.create(category=hidden)
    MenuItem.objects.create(parent=parent, link="/tin-nong/", label="Con của mục ẩn")
    MenuItem.objects.create(page=draft)
    text = client.get("/so-do-trang/").content.decode()
    for absent in ("Chuyên mục ẩn", "Trang nháp", "Con của mục ẩn"):
        assert absent not in text


def test_without_a_menu_the_categories_are_the_menu(client):
    top = make_category(name="Tin tức")
    make_category(name="Tin trong tỉnh", parent=top)
    menu = client.get("/").content.decode().split('id="menu"')[1].split("</nav>")[0]
    assert menu.index("Tin tức") < menu.index("Tin trong tỉnh")


def test_header_and_footer_tell_who_runs_the_site(client):
    SiteSettings.objects.create(
        name="Sở Khoa học và Công nghệ",
        parent_name="Uỷ ban nhân dân tỉnh",
        address="12 Trần Hưng Đạo",
        phone="0203 3 123 456",
        email="skhcn@example.gov.vn",
        responsible_person="Nguyễn Văn An – Phó Giám đốc",
        licence="Giấy phép số 45/GP-TTĐT",
        emblem=make_image(),
        banner=make_image(),
    )
    text = client.get("/").content.decode()
    footer = text.split('<footer class="site-footer"')[1]
    for expected in (
        "Uỷ ban nhân dân tỉnh",
        "Sở Khoa học và Công nghệ",
        "Nguyễn Văn An – Phó Giám đốc",
        "12 Trần Hưng Đạo",
        "mailto:skhcn@example.gov.vn",
        "Giấy phép số 45/GP-TTĐT",
    ):
        assert expected in footer
    assert 'class="brand brand--banner"' in text


def test_known_edition_is_prepared_once(django_assert_num_queries):
    make_list_entry()
    generation.refresh()
    first = sidebar.frame()
    with django_assert_num_queries(0):
        assert sidebar.frame() is first


def test_new_generation_is_prepared_anew():
    generation.refresh()
    assert sidebar.frame().hot == ()
    article = make_list_entry().article
    generation.refresh()
    assert sidebar.frame().hot == (article,)


def test_without_a_watcher_nothing_old_is_served():
    assert sidebar.frame().name == "Cổng tin"
    SiteSettings.objects.update_or_create(pk=1, defaults={"name": "Sở Nội vụ"})
    assert sidebar.frame().name == "Sở Nội vụ"


def test_a_correction_by_another_process_is_printed_in_the_next_edition(client):
    generation.refresh()
    assert 'data-visits-total="0"' in aside(client)
    # Nothing of its commit runs here; the watcher looks within a second.
    LedgerEntry.objects.create(delta=1389678, reason="Số chuyển sang")
    watcher.tick()
    assert 'data-visits-total="1389678"' in aside(client)


def test_many_threads_prepare_the_surroundings_once(monkeypatch):
    edition = generation.refresh()
    monkeypatch.setattr(generation, "current", lambda: edition)
    others, prepared = threading.Event(), []

    def prepare():
        prepared.append(object())
        others.wait(0.2)  # for anybody who would prepare them as well
        return prepared[-1]

    monkeypatch.setattr(sidebar, "prepare", prepare)
    monkeypatch.setattr(sidebar.totals, "forget", lambda: None)
    sidebar.forget()
    with ThreadPoolExecutor(5) as pool:
        frames = [pool.submit(sidebar.frame) for _ in range(5)]
    sidebar._cached, found = None, {frame.result() for frame in frames}
    assert len(prepared) == len(found) == 1
