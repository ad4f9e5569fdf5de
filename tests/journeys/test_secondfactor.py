"""Signing in with an app, a passkey and a recovery code, as a browser does it."""

import base64
import re
import time

import pytest
from django_otp.oath import hotp, totp

from tests.journeys.conftest import PASSWORD, Server, database
from tests.journeys.test_accessibility import check

pytestmark = pytest.mark.browser

# What Chromium offers instead of a finger on a sensor.
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def site(tmp_path, static_root):
    """A site called by a name: browsers give no passkey to 127.0.0.1."""
    with database("secondfactor") as url:
        site = Server(tmp_path, DATABASE_URL=url, STATIC_ROOT=static_root, DEMO="0")
        site.url = f"http://localhost:{site.port}"
        site.environment["SITE_URL"] = site.url
        with site.running():
            yield site


def code_of(site) -> str:
    """Wait for a code that was not used yet, and return it."""
    key, last = site.python(
        "import json; from django_otp.plugins.otp_totp.models import TOTPDevice;"
        "d = TOTPDevice.objects.get(); print(json.dumps([d.key, d.last_t]))"
    )
    # The code of the next half minute is taken too, so nobody waits for a whole one.
    step = max(last + 1, int(time.time()) // 30)
    while step > int(time.time()) // 30 + 1:
        time.sleep(0.5)
    return f"{hotp(bytes.fromhex(key), step):06d}"


def give_password(page) -> None:
    page.goto("/admin/login/")
    page.fill("[name=username]", "admin")
    page.fill("[name=password]", PASSWORD)
    page.click("#login-form [type=submit]")


def sign_out(page) -> None:
    page.click("#logout-form button")


def test_an_app_a_passkey_and_a_recovery_code_sign_in(chromium, site):
    context = chromium.new_context(base_url=site.url, locale="vi-VN")
    page, errors = context.new_page(), []
    page.set_default_timeout(15_000)
    page.on("console", lambda m: m.type == "error" and errors.append(m.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    tool = context.new_cdp_session(page)
    tool.send("WebAuthn.enable")
    tool.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})

    # An app
    give_password(page)
    page.wait_for_url("**/admin/")
    page.click("a[href='/admin/bao-mat/']")
    page.click("a[href$='ung-dung/']")
    page.fill("[name=password]", PASSWORD)
    page.click(".factor [type=submit]")
    assert page.locator(".factor-picture").evaluate("p => p.naturalWidth") > 100
    secret = page.inner_text(".factor-secret").replace(" ", "")
    page.fill("[name=code]", now_of(secret))
    page.click(".factor [type=submit]")
    codes = re.findall(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){2}", page.inner_text(".factor"))
    assert len(codes) == 10

    # A passkey
    page.goto("/admin/bao-mat/khoa/")
    page.fill("[name=name]", "Máy ở cơ quan")
    page.click(".factor [type=submit]")
    page.wait_for_url("**/admin/bao-mat/")
    assert "Máy ở cơ quan" in page.inner_text(".factor-devices")

    # In by each of them
    sign_out(page)
    give_password(page)
    page.fill("[name=code]", code_of(site))
    page.click("#code-form [type=submit]")
    page.wait_for_url("**/admin/")

    sign_out(page)
    give_password(page)
    page.wait_for_url("**/admin/xac-thuc/")
    page.click("[data-passkey] button")
    page.wait_for_url("**/admin/")

    sign_out(page)
    page.goto("/admin/login/?next=/admin/news/article/")
    page.click("[data-passkey] button")
    page.wait_for_url("**/admin/news/article/")

    sign_out(page)
    give_password(page)
    page.click("summary")
    page.fill("[name=recovery]", codes[0].lower())
    page.click("#recovery-form [type=submit]")
    page.wait_for_url("**/admin/")
    page.goto("/admin/bao-mat/")
    assert "9" in page.inner_text(".factor")
    assert not errors
    look_at_the_pages(page)
    context.close()


def now_of(secret: str) -> str:
    return f"{totp(base64.b32decode(secret)):06d}"


def look_at_the_pages(page) -> None:
    """No page of it is wider than a phone or has a violation that axe knows."""
    page.set_viewport_size({"width": 320, "height": 800})
    for path in ("", "ung-dung/", "khoa/", "ma-du-phong/"):
        path = f"/admin/bao-mat/{path}"
        page.goto(path)
        if page.locator("[name=password]").count():
            check(page, "the password again")
            page.fill("[name=password]", PASSWORD)
            page.click(".factor [type=submit]")
        check(page, path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
    page.click(".factor [type=submit]")
    check(page, "the codes")
    sign_out(page)
    give_password(page)
    check(page, "the second step")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
