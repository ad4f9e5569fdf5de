"""Standing pages, the site map, robots, health, and the pages for errors."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.db import DatabaseError, connection
from django.test import Client, RequestFactory
from django.utils import timezone

from portal import health, sidebar, views
from portal.models import Page, SiteSettings
from tests.factories import make_article, make_category

pytestmark = pytest.mark.django_db


def test_standing_page_shows_its_clean_body(client):
    page = Page.objects.create(title="Giới thiệu", body="<h2>Chức năng</h2>")
    text = client.get("/trang/gioi-thieu/").content.decode()
    assert "<h2>Chức năng</h2>" in text
    address = "http://testserver" + page.get_absolute_url()
    assert f'<link rel="canonical" href="{address}">' in text
    assert '<meta name="DC.title" content="Giới thiệu">' in text


def test_page_that_is_not_published_does_not_exist(client):
    Page.objects.create(title="Nháp", is_published=False)
    assert client.get("/trang/nhap/").status_code == 404


def test_site_map_leads_everywhere(client):
    top = make_category()
    child = make_category(parent=top)
    hidden = make_category(is_visible=False)
    page = Page.objects.create(title="Liên hệ")
    text = client.get("/so-do-trang/").content.decode()
    main = text.split("<main")[1].split("</main>")[0]
    for row in (top, child, page):
        assert f'href="{row.get_absolute_url()}"' in main
    assert f'href="/chuyen-muc/{child.slug}/rss/"' in main
    assert hidden.get_absolute_url() not in main


def test_robots_may_read_everything_but_the_back_office_and_searches(client):
    response = client.get("/robots.txt")
    assert response["Content-Type"].startswith("text/plain")
    text = response.content.decode()
    assert "Disallow: /admin/" in text and "Disallow: /tim-kiem/\n" in text
    assert "Allow: /tim-kiem/$\n" in text, "the form itself; the longer rule wins"
    assert "Sitemap: http://testserver/sitemap.xml" in text


@pytest.mark.parametrize(
    ("setting", "email", "contact"),
    [
        ("", "", "http://testserver/"),
        ("", "an.toan+web@x.gov.vn", "mailto:an.toan+web@x.gov.vn"),
        ("https://x.gov.vn/an-toan", "a@x.vn", "https://x.gov.vn/an-toan"),
    ],
)
def test_security_txt_says_whom_to_tell(client, settings, setting, email, contact):
    settings.SECURITY_CONTACT = setting
    SiteSettings.objects.create(email=email)
    response = client.get("/.well-known/security.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    fields = dict(
        line.split(": ", 1) for line in response.content.decode().splitlines()
    )
    assert fields.pop("Contact") == contact
    ends = datetime.fromisoformat(fields.pop("Expires"))
    left = ends - timezone.now()
    assert timedelta(days=90) < left < timedelta(days=365)  # RFC 9116, 2.5.5
    assert fields == {
        "Preferred-Languages": "vi, en",
        "Canonical": "http://testserver/.well-known/security.txt",
    }


def test_missing_page_is_a_vietnamese_404_with_the_frame(client):
    response = client.get("/khong-co-trang-nay/")
    assert response.status_code == 404
    text = response.content.decode()
    assert "Không tìm thấy trang" in text and 'id="menu"' in text
    assert "noindex" in text and "data-visit=" not in text


def test_missing_page_without_a_database_is_still_a_404(client, monkeypatch):
    def fail():
        raise DatabaseError("away")

    monkeypatch.setattr(sidebar, "frame", fail)
    response = client.get("/khong-co-trang-nay/")
    assert response.status_code == 404
    assert "Không tìm thấy trang" in response.content.decode()


def test_error_is_a_vietnamese_500_without_database_and_details(monkeypatch):
    def fail(request, slug):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(views.Page.objects, "filter", fail)
    monkeypatch.setattr(views, "get_object_or_404", fail)
    response = Client(raise_request_exception=False).get("/trang/x/")
    assert response.status_code == 500
    text = response.content.decode()
    assert "Đã có lỗi xảy ra" in text and "secret" not in text


def test_error_page_asks_the_database_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        response = views.server_error(RequestFactory().get("/"))
    assert response.status_code == 500


@pytest.mark.parametrize(
    "view, status, words",
    [
        (views.bad_request, 400, "Yêu cầu không hợp lệ"),
        (views.forbidden, 403, "không có quyền"),
    ],
)
def test_other_errors_are_in_vietnamese(view, status, words):
    response = view(RequestFactory().get("/"), Exception("secret"))
    assert response.status_code == status
    text = response.content.decode()
    assert words in text and "secret" not in text


def test_form_without_its_token_is_explained():
    response = Client(enforce_csrf_checks=True).post("/admin/login/", {})
    assert response.status_code == 403
    assert "Biểu mẫu mở quá lâu" in response.content.decode()


def test_hostile_host_is_a_bad_request(client):
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("address", ["/", "/so-do-trang/", "article"])
def test_files_that_a_page_names_exist(client, address):
    if address == "article":
        address = make_article().get_absolute_url()
    text = client.get(address).content.decode()
    names = re.findall(r'(?:href|src)="/static/([^"]+)"', text)
    assert "css/site.css" in names and "js/theme.js" in names
    assert [name for name in names if not finders.find(name)] == []


def test_style_sheets_name_files_that_exist():
    for sheet in ("base", "layout", "components", "cards", "boxes", "article"):
        text = Path(finders.find(f"css/{sheet}.css")).read_text("utf-8")
        for name in re.findall(r'url\("\.\./([^"]+)"\)', text):
            assert finders.find(name), name


def test_healthz_asks_nobody(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_monitors_ask_as_they_like(client, settings, path):
    """On the host itself, without TLS, with HEAD; nobody keeps the answer."""
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/").status_code == 301
    for ask in (client.get, client.head):
        response = ask(path, headers={"host": "127.0.0.1"})
        assert response.status_code == 200
        assert response["Cache-Control"] == "no-store"
        assert response["Content-Type"].startswith("text/plain")
        assert client.post(path).status_code == 405


def test_readyz_is_ready_when_everything_is_in_place(client):
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (200, b"ready\n")


def test_readyz_names_what_is_missing(client, monkeypatch, settings, tmp_path):
    settings.DATA_DIR = tmp_path / "gone"
    assert client.get("/readyz").content == b"disk: cannot be written\n"

    def fail(*args):
        raise DatabaseError("away")

    monkeypatch.setattr(health, "MigrationExecutor", fail)
    health.forget()
    response = client.get("/readyz")
    assert response.status_code == 503
    assert b"database: no answer" in response.content


def test_a_flood_of_readyz_costs_one_look_a_second(client, monkeypatch):
    looks = []
    monkeypatch.setattr(health, "problems", lambda: looks.append(1) or [])
    assert {client.get("/readyz").content for _ in range(50)} == {b"ready\n"}
    assert len(looks) == 1
    monkeypatch.setattr(health, "REMEMBERED_SECONDS", 0)
    client.get("/readyz")
    assert len(looks) == 2


def test_readyz_waits_a_second_for_the_look_of_another(client, monkeypatch):
    monkeypatch.setattr(health, "REMEMBERED_SECONDS", 0.01)
    with health._lock:  # a database that hangs
        response = client.get("/readyz")
    assert (response.status_code, response.content) == (503, b"database: no answer\n")


def test_readyz_notices_a_migration_that_was_not_applied(client):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'search'")
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.content == b"migrations: not all are applied\n"


def test_readyz_notices_a_spool_that_cannot_be_written(client, settings, tmp_path):
    spool = tmp_path / "spool"
    spool.write_text("a file where a folder must be")
    settings.SPOOL_DIR = spool
    assert client.get("/readyz").content == b"spool: cannot be written\n"


def test_the_icon_is_found_where_browsers_look(client):
    response = client.get("/favicon.ico")
    assert response.status_code == 302
    assert response["Location"].endswith("favicon.svg")
