"""Passkeys: made and shown for this site, by their owner, once for each challenge."""

import json
import subprocess
import sys

import pytest
from django.test import Client

from portal import roles
from portal.secondfactor import passkeys
from portal.secondfactor.models import Passkey, RecoveryCodes
from tests.portal.authenticator import Authenticator
from tests.portal.secondfactor import (
    CONFIRM,
    GIVE_PASSWORD,
    OWN,
    PASSWORD,
    SIGN_IN,
    a_person,
    demand,
    entries,
    give_password,
    is_inside,
)

pytestmark = pytest.mark.django_db

ADD = f"{OWN}khoa/"
ALONE = f"{CONFIRM}khoa/"


@pytest.fixture(autouse=True)
def _site(settings):
    settings.SITE_URL = "https://testserver"


def options(client, path) -> dict:
    response = client.post(f"{path}chuan-bi/")
    assert response.status_code == 200
    return response.json()


def with_passkey(user=None) -> tuple:
    """Return (user, authenticator, client) of somebody who has made a passkey."""
    user = user or a_person()
    client, _response = give_password(user)
    client.post(GIVE_PASSWORD, {"password": PASSWORD})
    key = Authenticator()
    answer = key.create(options(client, ADD))
    response = client.post(ADD, {"name": "Máy tính", "credential": answer})
    assert response.status_code == 200, response.content.decode()
    return user, key, client


def test_a_passkey_is_made_and_confirms_the_password():
    user, key, client = with_passkey()
    assert is_inside(client)
    assert [entry.note for entry in entries("factor_added")] == ["passkey: Máy tính"]
    client, response = give_password(user)
    assert response["Location"] == CONFIRM
    assert not is_inside(client)
    asked = options(client, ALONE)
    assert [one["id"] for one in asked["allowCredentials"]] == [
        Passkey.objects.get().credential_id
    ]
    response = client.post(CONFIRM, {"credential": key.get(asked)})
    assert response["Location"] == "/admin/"
    assert is_inside(client)
    assert entries("signed_in")[-1].note == "passkey: Máy tính"
    assert Passkey.objects.get().last_used_at


def test_a_passkey_signs_in_without_a_password():
    _user, key, _client = with_passkey()
    client = Client()
    asked = options(client, ALONE)
    assert not asked.get("allowCredentials"), "nobody learns who has a passkey"
    assert asked["userVerification"] == "required"
    before = client.cookies["sessionid"].value
    target = "/admin/news/article/"
    response = client.post(ALONE, {"credential": key.get(asked), "next": target})
    assert response["Location"] == target
    assert is_inside(client)
    assert client.cookies["sessionid"].value != before


def test_how_a_passkey_is_reached_is_kept_in_known_words_only():
    client, _response = give_password(a_person())
    client.post(GIVE_PASSWORD, {"password": PASSWORD})
    answer = json.loads(Authenticator().create(options(client, ADD)))
    answer["response"]["transports"] = ["internal", "\0", "\ud800", 7, "x" * 99, []]
    client.post(ADD, {"name": "Máy tính", "credential": json.dumps(answer)})
    assert Passkey.objects.get().transports == ["internal"]
    assert options(client, ADD)["excludeCredentials"][0]["transports"] == ["internal"]


def test_a_role_that_demands_it_is_content_with_a_passkey():
    demand(roles.REPORTER)
    user = a_person()
    client, _response = give_password(user)
    key = Authenticator()
    answer = key.create(options(client, ADD))
    response = client.post(ADD, {"name": "Máy tính", "credential": answer})
    assert response.status_code == 200
    assert is_inside(client)
    assert RecoveryCodes.objects.filter(user=user).exists()


LIES = [
    {"origin": "https://evil.example"},
    {"origin": "http://testserver"},
    {"rp_id": "evil.example"},
    {"challenge": "AAAA"},
    {"verified": False},
]


@pytest.mark.parametrize("lie", LIES, ids=repr)
def test_a_passkey_for_something_else_is_not_stored(lie):
    user = a_person()
    client, _response = give_password(user)
    client.post(GIVE_PASSWORD, {"password": PASSWORD})
    answer = Authenticator().create(options(client, ADD), **lie)
    response = client.post(ADD, {"name": "x", "credential": answer})
    assert response.context["form"].errors
    assert not Passkey.objects.exists()


@pytest.mark.parametrize("lie", [*LIES, {"count": 0}], ids=repr)
@pytest.mark.parametrize("has_password", [True, False])
def test_an_answer_for_something_else_lets_nobody_in(lie, has_password):
    user, key, _client = with_passkey()
    Passkey.objects.update(sign_count=1)
    key.count = 5
    client = give_password(user)[0] if has_password else Client()
    answer = key.get(options(client, ALONE), **lie)
    client.post(CONFIRM if has_password else ALONE, {"credential": answer})
    assert not is_inside(client)
    [entry] = entries("factor_refused")
    assert (entry.user, entry.object_id) == (None, str(user.pk))
    assert Passkey.objects.get().sign_count == 1


@pytest.mark.parametrize("has_password", [True, False])
def test_an_answer_works_once(has_password):
    user, key, _client = with_passkey()
    path = CONFIRM if has_password else ALONE
    answer = None
    for tries in range(2):
        client = give_password(user)[0] if has_password else Client()
        asked = options(client, ALONE)
        answer = answer or key.get(asked, count=0)  # as clouds of passkeys count
        client.post(path, {"credential": answer})
        assert is_inside(client) == (tries == 0)
    client = Client()
    client.post(path, {"credential": key.get(asked)})
    assert not is_inside(client), "no challenge was given to this browser"


def test_a_challenge_is_answered_once():
    user, key, _client = with_passkey()
    client, _response = give_password(user)
    asked = options(client, ALONE)
    client.post(CONFIRM, {"credential": key.get(asked, origin="https://evil.example")})
    client.post(CONFIRM, {"credential": key.get(asked)})
    assert not is_inside(client)
    client.post(CONFIRM, {"credential": key.get(options(client, ALONE))})
    assert is_inside(client)


def test_nobody_confirms_by_the_passkey_of_somebody_else():
    _other, foreign, _client = with_passkey()
    user, _key, _client = with_passkey(a_person())
    client, _response = give_password(user)
    client.post(CONFIRM, {"credential": foreign.get(options(client, ALONE))})
    assert not is_inside(client)


def test_another_key_under_a_known_number_is_refused():
    _user, key, _client = with_passkey()
    forger = Authenticator()
    forger.id = key.id
    client = Client()
    client.post(ALONE, {"credential": forger.get(options(client, ALONE))})
    assert not is_inside(client)
    thief = a_person()
    client, _response = give_password(thief)
    client.post(GIVE_PASSWORD, {"password": PASSWORD})
    client.post(ADD, {"name": "x", "credential": forger.create(options(client, ADD))})
    assert Passkey.objects.count() == 1


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}])
def test_a_closed_account_is_not_opened_by_its_passkey(change):
    user, key, _client = with_passkey()
    type(user).objects.filter(pk=user.pk).update(**change)
    client = Client()
    response = client.post(ALONE, {"credential": key.get(options(client, ALONE))})
    assert response["Location"] == SIGN_IN
    assert not is_inside(client)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "{",
        "[]",
        "null",
        "[" * 9_000,
        '{"response": []}',
        '{"id": 1, "rawId": {}, "response": {}}',
        '{"id": "a\\u0000", "rawId": "a", "response": {}}',
        json.dumps({"id": "A" * 30_000, "response": {}}),
        json.dumps(
            {
                "id": "AAAA",
                "rawId": "AAAA",
                "type": "public-key",
                "response": {"clientDataJSON": "!!", "attestationObject": "o2Nm"},
            }
        ),
    ],
    ids=lambda answer: answer[:20],
)
def test_what_is_no_answer_is_refused_plainly(answer):
    client, _response = give_password(a_person())
    client.post(GIVE_PASSWORD, {"password": PASSWORD})
    options(client, ADD)
    response = client.post(ADD, {"name": "x", "credential": answer})
    assert response.status_code == 200
    assert not Passkey.objects.exists()
    stranger = Client()
    options(stranger, ALONE)
    response = stranger.post(ALONE, {"credential": answer})
    assert response["Location"] == SIGN_IN
    assert not entries("factor_refused"), "strangers do not fill the log"


@pytest.mark.parametrize(
    ("site", "possible", "origin"),
    [
        ("https://so.tinh.gov.vn", True, "https://so.tinh.gov.vn"),
        ("https://so.tinh.gov.vn:443", True, "https://so.tinh.gov.vn"),
        ("https://so.tinh.gov.vn:8443", True, "https://so.tinh.gov.vn:8443"),
        ("http://localhost:8000", True, "http://localhost:8000"),
        ("http://127.0.0.1:8000", False, "http://127.0.0.1:8000"),
        ("https://203.0.113.7", False, "https://203.0.113.7"),
        ("http://so.tinh.gov.vn", False, "http://so.tinh.gov.vn"),
    ],
)
def test_passkeys_belong_to_the_host_of_the_site(settings, site, possible, origin):
    settings.SITE_URL = site
    assert passkeys.are_possible() == possible
    assert passkeys.origin() == origin
    page = Client().get(SIGN_IN).content.decode()
    assert ("data-passkey" in page) == possible
    status = Client().post(f"{ALONE}chuan-bi/").status_code
    assert status == (200 if possible else 404)


@pytest.mark.once  # an import is an import
def test_what_passkeys_need_is_not_loaded_with_the_site():
    """A worker without them is 15 MB smaller."""
    code = (
        "import sys; from portal import preloaded; preloaded.load();"
        "print([m for m in ('webauthn', 'cryptography', 'OpenSSL', 'segno')"
        " if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
