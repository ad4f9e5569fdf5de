"""The site's furniture in the back office."""

import re
from datetime import date

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from news import library
from news.models import Image
from portal import accounts
from portal.admin.furniture import furniture_showing
from portal.models import LinkedSite, MenuItem, Page, SiteSettings, User, WorkEvent
from tests.factories import make_category, make_image
from tests.news.conftest import login, make_user

pytestmark = pytest.mark.django_db

SETTINGS = "/admin/portal/sitesettings/1/change/"


@pytest.fixture
def administrator():
    return login(make_user("administrator"))


def errors_of(response) -> str:
    return str(response.context["adminform"].form.errors)


def event_data(**overrides) -> dict:
    return {
        "day": "05062026",
        "starts_at": "8h00",
        "ends_at": "11:30",
        "content": "Họp giao ban",
        "leader": "Giám đốc",
        "participants": "Các phòng",
        "place": "Phòng họp số 1",
        "chairing_unit": "Văn phòng",
        "note": "Mang tài liệu",
        "is_changed": "on",
    } | overrides


def test_the_settings_are_one_row_and_the_list_leads_to_it(administrator):
    response = administrator.get("/admin/portal/sitesettings/")
    assert response["Location"] == SETTINGS
    assert administrator.get(SETTINGS).status_code == 200
    emblem = make_image()
    data = {"name": "Sở Khoa học và Công nghệ", "emblem": emblem.pk, "banner": ""}
    data |= {"review_level": "two", "public_metric": "visits"}
    response = administrator.post(SETTINGS, data)
    assert response.status_code == 302, errors_of(response)
    assert SiteSettings.load().name == "Sở Khoa học và Công nghệ"
    assert SiteSettings.load().emblem == emblem
    assert administrator.post(SETTINGS, data | {"name": "Sở mới"}).status_code == 302
    assert SiteSettings.objects.get().name == "Sở mới"


def test_nobody_adds_or_deletes_the_settings(administrator):
    assert administrator.get("/admin/portal/sitesettings/add/").status_code == 403
    SiteSettings(name="Sở").save()
    assert administrator.get(SETTINGS.replace("change", "delete")).status_code == 403
    assert administrator.get("/admin/portal/sitesettings/2/change/").status_code == 302


def test_a_standing_page_is_cleaned_like_an_article(administrator):
    image = make_image()
    body = (
        '<h1>Giới thiệu</h1><p onclick="x">Cơ quan&nbsp; </p><script>1</script>'
        f'<figure data-image="{image.pk}" data-alt-kind="text"><img alt="Trụ sở">'
        "<figcaption>Trụ sở Sở</figcaption></figure>"
    )
    data = {"title": "Giới thiệu", "body": body, "position": "0", "is_published": "on"}
    response = administrator.post("/admin/portal/page/add/", data)
    assert response.status_code == 302, errors_of(response)
    page = Page.objects.get()
    assert page.slug == "gioi-thieu"
    assert page.body.startswith("<h2>Giới thiệu</h2>\n<p>Cơ quan</p>\n<figure")
    assert page.body_text == "Giới thiệu\nCơ quan\nTrụ sở Sở"
    form = administrator.get(f"/admin/portal/page/{page.pk}/change/")
    initial = form.context["adminform"].form["body"].value()
    assert 'alt="Trụ sở"' in initial
    assert "<figcaption>Trụ sở Sở</figcaption>" in initial
    data["body"] = initial
    administrator.post(f"/admin/portal/page/{page.pk}/change/", data)
    assert Page.objects.get().body == page.body, "saving again changes nothing"


def test_a_page_that_is_too_large_keeps_its_text(administrator):
    data = {"title": "Dài", "body": "a" * (2**20 + 1), "position": "0"}
    response = administrator.post("/admin/portal/page/add/", data)
    assert response.status_code == 200
    assert "body" in response.context["adminform"].form.errors
    assert not Page.objects.exists()


def test_a_picture_of_the_furniture_is_not_deleted(administrator):
    images = [make_image() for _ in range(3)]
    Page.objects.create(title="Liên hệ", body=f'<figure data-image="{images[0].pk}">')
    SiteSettings(name="Sở", emblem=images[1]).save()
    LinkedSite.objects.create(name="Bộ", url="https://bo.gov.vn", logo=images[2])
    assert furniture_showing in library.other_uses
    for image, name in zip(images, ("Liên hệ", "Sở", "Bộ"), strict=True):
        address = reverse("admin:news_image_delete", args=[image.pk])
        assert name in administrator.get(address).content.decode()
        administrator.post(address, {"post": "yes"})
        assert Image.objects.filter(pk=image.pk).exists()


def test_the_menu_is_listed_as_a_tree_and_takes_one_target(administrator):
    category = make_category(name="Tin tức")
    second = MenuItem.objects.create(label="Thứ hai", link="/b/", position=2)
    first = MenuItem.objects.create(category=category, position=1)
    MenuItem.objects.create(label="Con", link="/c/", parent=first, position=9)
    response = administrator.get("/admin/portal/menuitem/")
    listed = [str(item) for item in response.context["cl"].result_list]
    assert listed == ["Tin tức", "Con", "Thứ hai"]
    data = {"label": "Sai", "link": "/x/", "category": category.pk, "position": "0"}
    response = administrator.post("/admin/portal/menuitem/add/", data)
    assert response.status_code == 200
    data = {"label": "Xấu", "link": "javascript:alert(1)", "position": "0"}
    response = administrator.post("/admin/portal/menuitem/add/", data)
    assert "link" in response.context["adminform"].form.errors
    change = f"/admin/portal/menuitem/{second.pk}/change/"
    assert administrator.get(change).status_code == 200


def test_the_sections_of_an_account_are_boxes_under_their_parents(administrator):
    """In a list of lines one click without Ctrl drops all that were chosen."""
    parent = make_category(name="Tin tức")
    child = make_category(name="Trong tỉnh", parent=parent)
    page = administrator.get("/admin/portal/user/add/").content.decode()
    boxes = re.findall(r'<input type="checkbox" name="categories"[^>]*>', page)
    assert len(boxes) == 2 and '<select name="categories"' not in page
    depths = [re.search(r"depth--(\d)", box)[1] for box in boxes]
    values = [re.search(r'value="(\d+)"', box)[1] for box in boxes]
    assert list(zip(values, depths, strict=True)) == [
        (str(parent.pk), "0"),
        (str(child.pk), "1"),
    ]


def test_every_box_for_a_day_or_a_time_says_how_to_type_it(administrator):
    for path in ("portal/workevent/add/", "news/article/add/"):
        page = administrator.get(f"/admin/{path}").content.decode()
        boxes = re.findall(r'<input[^>]*class="v(Date|Time)Field"[^>]*>', page)
        hints = re.findall(
            r'<input(?=[^>]*class="v(Date|Time)Field")[^>]*placeholder="([^"]+)"', page
        )
        assert boxes and [kind for kind, _ in hints] == boxes
        assert dict(hints)["Date"] == "dd/mm/yyyy"


def test_who_may_not_see_a_page_is_led_to_the_desk():
    response = login(make_user("reporter")).get("/admin/portal/user/")
    assert response.status_code == 403
    assert '<a class="button" href="/admin/">' in response.content.decode()


def test_a_menu_item_without_a_target_reads_one_sentence(administrator):
    data = {"label": "Trống", "position": "0"}
    response = administrator.post("/admin/portal/menuitem/add/", data)
    messages = [
        message
        for errors in response.context["adminform"].form.errors.values()
        for message in errors
    ]
    assert len(messages) == 1
    assert messages[0].startswith("Chọn đúng một")


def test_a_work_event_takes_all_its_fields(administrator):
    response = administrator.post("/admin/portal/workevent/add/", event_data())
    assert response.status_code == 302, errors_of(response)
    event = WorkEvent.objects.get()
    assert f"{event.day:%d/%m/%Y}" == "05/06/2026"
    assert (event.starts_at.hour, event.ends_at.minute) == (8, 30)
    assert event.is_changed
    assert event.note == "Mang tài liệu"


@pytest.mark.parametrize(
    ("mark", "seen"),
    [
        ("changed", ["đổi"]),
        ("cancelled", ["huỷ", "đổi rồi huỷ"]),
        ("as_planned", ["thường"]),
        ("nonsense", ["thường", "đổi", "huỷ", "đổi rồi huỷ"]),
    ],
)
def test_entries_are_filtered_by_what_became_of_them(administrator, mark, seen):
    day = date(2026, 6, 5)
    for content, changed, cancelled in (
        ("thường", False, False),
        ("đổi", True, False),
        ("huỷ", False, True),
        ("đổi rồi huỷ", True, True),
    ):
        WorkEvent.objects.create(
            day=day, content=content, is_changed=changed, is_cancelled=cancelled
        )
    response = administrator.get("/admin/portal/workevent/", {"mark": mark})
    listed = [event.content for event in response.context["cl"].result_list]
    assert sorted(listed) == sorted(seen)


def test_long_texts_of_an_entry_get_three_lines(administrator):
    page = administrator.get("/admin/portal/workevent/add/").content.decode()
    assert re.findall(r"<textarea[^>]+rows=\"(\d+)\"", page) == ["3", "3", "3"]


def test_entries_are_typed_in_a_row_on_the_same_day(administrator):
    data = event_data(_addanother="1")
    response = administrator.post("/admin/portal/workevent/add/", data)
    following = administrator.get(response["Location"])
    assert 'value="05/06/2026"' in following.content.decode()
    assert 'value="Giám đốc"' in following.content.decode()


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("day", "31/02/2026"),
        ("day", "01/01/0001"),
        ("starts_at", "25:00"),
        ("ends_at", "07:00"),
    ],
)
def test_a_bad_work_event_keeps_what_was_typed(administrator, field, typed):
    data = event_data(**{field: typed})
    response = administrator.post("/admin/portal/workevent/add/", data)
    page = response.content.decode()
    assert response.status_code == 200
    assert field in response.context["adminform"].form.errors
    assert f'value="{typed}"' in page
    assert "Mang tài liệu" in page
    assert not WorkEvent.objects.exists()


def test_a_linked_site_is_found_without_accents(administrator):
    LinkedSite.objects.create(name="Cổng Dịch vụ công", url="https://dvc.gov.vn")
    LinkedSite.objects.create(name="Bộ Y tế", url="https://moh.gov.vn")
    response = administrator.get("/admin/portal/linkedsite/", {"q": "dich vu"})
    assert [s.name for s in response.context["cl"].result_list] == ["Cổng Dịch vụ công"]


def test_accounts_are_made_with_a_password_and_a_group(administrator):
    password = "mot-cau-rat-dai-2026"
    data = {"username": "lan", "password1": password, "password2": password}
    data["usable_password"] = "true"
    response = administrator.post("/admin/portal/user/add/", data)
    assert response.status_code == 302, errors_of(response)
    user = User.objects.get(username="lan")
    assert user.check_password(password)
    assert administrator.get(f"/admin/portal/user/{user.pk}/change/").status_code == 200
    assert administrator.get("/admin/portal/user/").status_code == 200
    assert administrator.get("/admin/auth/group/").status_code == 200


def test_a_new_account_is_for_the_newsroom_and_gets_its_role_at_once(administrator):
    page = administrator.get("/admin/portal/user/add/")
    form = page.context["adminform"].form
    assert form["is_staff"].value() is True
    text = page.content.decode()
    assert text.index("id_last_name") < text.index("id_first_name")
    assert "Phóng viên: viết bài, gửi duyệt" in text
    password = "mot-cau-rat-dai-2026"
    editors = Group.objects.get(name="Biên tập viên")
    data = {
        "username": "ha",
        "last_name": "Nguyễn Minh",
        "first_name": "Hà",
        "usable_password": "true",
        "password1": password,
        "password2": password,
        "is_staff": "on",
        "groups": [editors.pk],
    }
    response = administrator.post("/admin/portal/user/add/", data)
    assert response.status_code == 302, errors_of(response)
    user = User.objects.get(username="ha")
    assert user.is_staff
    assert list(user.groups.all()) == [editors]
    assert "Nguyễn Minh Hà" in administrator.get("/admin/portal/user/").content.decode()
    page = login(user).get("/admin/", follow=True).content.decode()
    assert "Nguyễn Minh Hà" in page
    assert "Đổi mật khẩu" in page  # somebody else chose the first one


def test_permissions_are_offered_in_vietnamese(administrator):
    group = Group.objects.get(name="Biên tập viên")
    user = make_user("editor")
    for address in (
        f"/admin/portal/user/{user.pk}/change/",
        f"/admin/auth/group/{group.pk}/change/",
    ):
        page = administrator.get(address).content.decode()
        for label in ("Thêm bài viết", "Xoá ảnh", "Xuất bản bài viết", "Thêm từ khoá"):
            assert f">{label}<" in page, label
        assert ">Can " not in page
        assert "| Can " not in page


def test_a_permission_of_an_unknown_kind_keeps_its_name():
    kind = ContentType.objects.create(app_label="gone", model="gone")
    permission = Permission(content_type=kind, codename="add_gone", name="Can do")
    assert accounts.permission_label(permission) == "Can do"


def test_deleting_a_group_names_no_joining_rows(administrator):
    user = make_user("editor")
    group = user.groups.get()
    page = administrator.get(f"/admin/auth/group/{group.pk}/delete/")
    assert "Biên tập viên" in page.content.decode()
    assert "object (" not in page.content.decode()
    assert len(page.context["deleted_objects"]) == 1
    assert "object (" not in str(page.context["model_count"])
    administrator.post(f"/admin/auth/group/{group.pk}/delete/", {"post": "yes"})
    assert not user.groups.exists()


@pytest.mark.parametrize("role", ["reporter", "editor", "stranger"])
@pytest.mark.parametrize(
    "address",
    [
        *("portal/sitesettings/1/change/", "portal/page/add/", "portal/menuitem/add/"),
        *("portal/user/", "portal/user/add/", "auth/group/", "portal/workevent/add/"),
        "portal/linkedsite/add/",
    ],
)
def test_furniture_and_people_are_closed_to_those_who_only_write(role, address):
    assert login(make_user(role)).get(f"/admin/{address}").status_code in (302, 403)


def every_page() -> list[str]:
    from django.contrib import admin

    return [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}")
        for model, site in admin.site._registry.items()
        for view in ("changelist", "add")
        if (model, view) not in {(SiteSettings, "changelist"), (SiteSettings, "add")}
    ]


@pytest.mark.parametrize("address", every_page())
def test_every_page_of_the_back_office_is_vietnamese_and_strict(administrator, address):
    response = administrator.get(address)
    if response.status_code == 403:  # read-only models have no add page
        return
    page = response.content.decode()
    assert response.status_code == 200
    assert 'lang="vi"' in page
    assert response["Cache-Control"] == "no-store, private"
    assert "unsafe" not in response["Content-Security-Policy"]
    assert not re.search(r"<[^>]+\s(?:style|on[a-z]+)=", page)
    assert not re.search(r"<script(?![^>]*\ssrc=)(?![^>]*json)", page)


def test_the_way_to_a_public_page_is_for_those_who_may_see_its_row():
    """Its address holds the title of what nobody has published yet."""
    page = Page.objects.create(title="Sắp công bố", is_published=False)
    kind = ContentType.objects.get_for_model(Page)
    path = reverse("admin:view_on_site", args=[kind.pk, page.pk])
    assert login(make_user("secretary")).get(path).status_code == 302
    assert login(make_user("stranger")).get(path).status_code == 404
