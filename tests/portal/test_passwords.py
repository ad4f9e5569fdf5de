"""What a password must be, in words that help."""

import unicodedata

import pytest
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from portal import passwords, secondfactor
from portal.audit.signing import SignInForm
from portal.models import User
from tests.news.conftest import login, make_user

GOOD = "ba con mèo trèo cây cau"
LAN = User(username="lannt", last_name="Nguyễn Thị", first_name="Ngọc Lan")
LAN.email = "ngoclan.nguyen@tinh.gov.vn"


def codes(password, user=None) -> set[str]:
    try:
        password_validation.validate_password(password, user)
    except ValidationError as error:
        return {one.code for one in error.error_list}
    return set()


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "Thu-nghiem-2026!",
        "x7#Kq9!vLm2$wZ",
        "ỡừẫợặữ ỡừẫợặữx 9",
        "đường về nhà có 3 cây cầu",
        "🐘🌧️ đi chợ mua 3 quả na".replace("\ufe0f", ""),
    ],
)
def test_a_good_password_is_taken(password):
    assert codes(password, LAN) == set()


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("mười ba ký t.", "password_too_short"),
        ("", "password_too_short"),
        # Twenty code points, thirteen letters for whoever types them.
        (unicodedata.normalize("NFD", "ấấấấấbcdefghi"), "password_too_short"),
        ("mật khẩu của tôi 123", "password_too_common"),
        ("MatKhau123456789", "password_too_common"),
        ("P a s s w o r d 2026", "password_too_common"),
        ("passwordpassword", "password_too_common"),
        ("matkhaumatkhau!!", "password_too_common"),
        ("quản trị viên 2026", "password_too_common"),
        ("aaaaaaaaaaaaaaaa", "password_too_common"),
        ("ababababababababab", "password_too_common"),
        ("12345678901234567890", "password_too_common"),
        ("98765432109876", "password_too_common"),
        ("83619402857163", "password_too_common"),
        ("abcdefghijklmnop", "password_too_common"),
        ("qwertyuiopasdfgh", "password_too_common"),
        ("nguyenthingoclan", "password_too_similar"),
        ("Nguyễn Thị Ngọc Lan", "password_too_similar"),
        ("NGUYEN THI NGOC LAN 9", "password_too_similar"),
        ("Ngọc Lan Nguyễn Thị", "password_too_similar"),
        ("ngoclan.nguyen@tinh", "password_too_similar"),
        ("ngoclan.nguyen1990", "password_too_similar"),
        ("ba con mèo\ttrèo cây", "password_unseen_character"),
        ("ba con mèo\u200b trèo cây", "password_unseen_character"),
        ("ba con mèo trèo cây\r\n", "password_unseen_character"),
        ("ba con mèo trèo\x00 cây", "password_unseen_character"),
        ("ba con mèo trèo\ud800 cây", "password_unseen_character"),
        ("ba con mèo\u2028trèo cây", "password_unseen_character"),
    ],
)
def test_a_bad_password_is_refused_with_its_reason(password, code):
    assert code in codes(password, LAN)


@pytest.mark.django_db
def test_eight_are_enough_with_a_second_factor_only(monkeypatch):
    user = make_user()
    assert codes("x7#Kq9!v", user) == {"password_too_short"}
    monkeypatch.setattr(secondfactor, "has_second_factor", lambda who: who == user)
    assert codes("x7#Kq9!v", user) == set()
    assert codes("x7#Kq9!", user) == {"password_too_short"}
    assert codes("x7#Kq9!v", make_user()) == {"password_too_short"}
    assert codes("x7#Kq9!v", User(username="moi")) == {"password_too_short"}
    assert codes("x7#Kq9!v") == {"password_too_short"}


@pytest.mark.django_db
def test_a_password_is_the_same_however_its_accents_are_encoded():
    decomposed = unicodedata.normalize("NFD", GOOD)
    assert decomposed != GOOD
    make_user(username="an", password=decomposed)
    make_user(username="binh", password=GOOD)
    for name in ("an", "binh"):
        for typed in (GOOD, decomposed):
            sent = {"username": name, "password": typed}
            response = Client().post(reverse("admin:login"), sent)
            assert response.status_code == 302, (name, typed == GOOD)
    assert not User.objects.get(username="an").check_password(GOOD.upper())


@pytest.mark.django_db
def test_the_rules_are_told_in_vietnamese_before_and_after():
    client = login(make_user(password=GOOD))
    path = reverse("admin:password_change")
    page = client.get(path).content.decode()
    assert "Ít nhất 14 ký tự; nếu bạn đăng nhập có xác thực hai lớp" in page
    assert "một câu chỉ mình bạn biết" in page
    assert "dù có dấu hay không dấu" in page
    sent = {"old_password": GOOD, "new_password1": "ngan", "new_password2": "ngan"}
    page = client.post(path, sent).content.decode()
    assert "Mật khẩu phải có ít nhất 14 ký tự." in page


@pytest.mark.django_db
def test_a_command_sets_and_clears_passwords_as_before():
    user = User.objects.create_user("an")
    assert not user.has_usable_password()
    user.set_password(GOOD)
    assert user.check_password(GOOD)
    assert not user.check_password("")
    assert not user.check_password(None)


def test_a_mountain_of_accents_is_never_put_in_order(monkeypatch):
    """Two kinds of marks take CPython quadratic time, and anybody may send them."""
    marks = "\u0315" * passwords.LONGEST + "\u0300" * passwords.LONGEST

    def normalize(form, text):
        assert len(text) <= passwords.LONGEST
        return text

    monkeypatch.setattr(passwords.unicodedata, "normalize", normalize)
    assert passwords.normalized(marks) == marks
    form = SignInForm(data={"username": "an", "password": marks})
    assert not form.is_valid()
    assert "password" in form.errors


def test_a_password_longer_than_anybody_types_takes_no_time():
    long = "một câu dài " * 400
    assert codes(long, LAN) == {"password_too_long"}
    assert passwords.normalized("") == ""
