"""What links of articles may trust, and which standing pages they find."""

import pytest
from django.core.exceptions import ValidationError

from news import hooks, link_check
from portal.models import LinkedSite, Page, SiteSettings

pytestmark = pytest.mark.django_db


def test_the_settings_and_the_linked_sites_name_trusted_domains():
    SiteSettings.objects.create(trusted_domains="bao.example\n\n*.dai.example")
    LinkedSite.objects.create(name="Tỉnh", url="https://www.tinh.example/trang")
    trusted = [
        "https://bao.example/",
        "https://a.dai.example/",
        "https://tinh.example/",
    ]
    unknown = ["https://la.example/", "https://labao.example/"]
    assert set(link_check.outbound_hosts([*trusted, *unknown])) == set(unknown)


def test_the_site_itself_is_trusted():
    assert link_check.outbound_hosts([f"{hooks.site_url()}/tin-nong/"]) == {}


def test_a_line_that_is_no_domain_is_refused_by_its_name():
    settings = SiteSettings(trusted_domains="bao.example\nvn")
    with pytest.raises(ValidationError) as refused:
        settings.full_clean()
    assert "“vn”" in refused.value.message_dict["trusted_domains"][0]
    SiteSettings(trusted_domains="bao.example\n*.dai.example").full_clean()


def test_a_link_to_a_standing_page_needs_one_that_is_shown():
    Page.objects.create(title="Giới thiệu", slug="gioi-thieu")
    Page.objects.create(title="Cũ", slug="cu", is_published=False)
    links = ["/trang/gioi-thieu/", "/trang/cu/", "/trang/khong-co/"]
    assert set(link_check.broken(links)) == set(links[1:])
