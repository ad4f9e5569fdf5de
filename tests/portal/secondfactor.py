"""People, devices and what they type, for the tests of the second step."""

from django.contrib.auth.models import Group
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from portal.audit.models import AuditEntry
from portal.models import SiteSettings
from tests.news.conftest import make_user

PASSWORD = "Mot-mat-khau-rat-dai-2026"
SIGN_IN, CONFIRM = "/admin/login/", "/admin/xac-thuc/"
OWN, ADD_APP = "/admin/bao-mat/", "/admin/bao-mat/ung-dung/"
CODES, GIVE_PASSWORD = "/admin/bao-mat/ma-du-phong/", "/admin/bao-mat/mat-khau/"


def a_person(role="reporter", **overrides):
    user = make_user(role, **overrides)
    user.set_password(PASSWORD)
    user.save()
    return user


def an_app(user, name="Điện thoại") -> TOTPDevice:
    return TOTPDevice.objects.create(user=user, name=name)


def shown(app: TOTPDevice, steps=0) -> str:
    """What an app shows, some steps of 30 seconds from now."""
    return f"{totp(app.bin_key, drift=steps):06d}"


def give_password(user, client=None, target="", password=PASSWORD):
    client = client or Client()
    data = {"username": user.username, "password": password, "next": target}
    return client, client.post(SIGN_IN, data)


def is_inside(client) -> bool:
    return client.get("/admin/").status_code == 200


def entries(*actions) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action__in=actions).order_by("pk"))


def demand(*names) -> None:
    site = SiteSettings.load()
    site.save()
    site.second_factor_roles.set(Group.objects.filter(name__in=names))


def wrong(app) -> str:
    """Six digits that the app shows at no time that counts now."""
    near = {shown(app, steps) for steps in range(-2, 3)}
    return next(code for code in ("000000", "111111", "222222") if code not in near)
