"""Passkeys: the ceremonies of WebAuthn, by py_webauthn.

It and cryptography are imported when somebody uses a passkey, and not before: a worker
is 15 MB smaller without them. https://www.w3.org/TR/webauthn-3/
"""

import ipaddress
import json
import re
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac

from portal.secondfactor.models import Passkey

_STATE = "passkey_challenge"
_LONGEST = 20_000  # signs of an answer; Chromium's have some 1,500
_BASE64URL = re.compile(r"[A-Za-z0-9_-]{1,1364}", re.ASCII)  # up to 1023 bytes
_WORD = re.compile(r"[a-z-]{1,20}", re.ASCII)
_TIMEOUT_MS = 5 * 60 * 1000


class Refused(Exception):
    """The browser's answer proves nothing; the text is for the log, in English.

    `owner` is whose passkey it would have been; None for one that nobody has.
    """

    def __init__(self, text: str, owner=None):
        super().__init__(text)
        self.owner = owner


def relying_party() -> str:
    """Return the host that passkeys belong to: that of SITE_URL."""
    return urlsplit(settings.SITE_URL).hostname


def origin() -> str:
    """Return SITE_URL as browsers name it: without the port of its scheme."""
    site = urlsplit(settings.SITE_URL)
    usual = {"http": 80, "https": 443}[site.scheme]
    port = f":{site.port}" if site.port not in (None, usual) else ""
    return f"{site.scheme}://{site.hostname}{port}"


def are_possible() -> bool:
    """Say whether browsers allow passkeys here: not for numbers, not without TLS."""
    host = relying_party()
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return settings.SITE_URL.startswith("https://") or host == "localhost"
    return False


def creation_options(request, user) -> str:
    """Return, as JSON, what a browser needs to make a passkey for `user`."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    options = generate_registration_options(
        rp_id=relying_party(),
        rp_name=relying_party(),
        user_name=user.get_username(),
        user_display_name=str(user),
        # The same each time and no name: a device then keeps one passkey a person.
        user_id=salted_hmac(__name__, str(user.pk), algorithm="sha256").digest(),
        timeout=_TIMEOUT_MS,
        exclude_credentials=_descriptors(user),
        # It signs in without a password, so it knows its owner by PIN or finger.
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    _remember(request, "create", options.challenge, user)
    return options_to_json(options)


def request_options(request, user=None) -> str:
    """Return, as JSON, what a browser needs to show a passkey; of `user` if given."""
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers.structs import UserVerificationRequirement

    options = generate_authentication_options(
        rp_id=relying_party(),
        timeout=_TIMEOUT_MS,
        allow_credentials=_descriptors(user) if user else None,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    _remember(request, "get", options.challenge, user)
    return options_to_json(options)


def register(request, user, answer: str, name: str) -> Passkey:
    """Store the passkey that a browser has made. Raises Refused."""
    from webauthn import verify_registration_response
    from webauthn.helpers import bytes_to_base64url

    challenge, answer = _challenge(request, "create", user), _read(answer)
    try:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=relying_party(),
            expected_origin=origin(),
            require_user_verification=True,
        )
    # What browsers send is CBOR and ASN.1; whatever it breaks in there proves nothing.
    except Exception as error:
        raise Refused(str(error)) from error
    credential_id = bytes_to_base64url(made.credential_id)
    if Passkey.objects.filter(credential_id=credential_id).exists():
        raise Refused("This credential is known already.")
    transports = answer["response"].get("transports")
    return Passkey.objects.create(
        user=user,
        name=name,
        credential_id=credential_id,
        public_key=bytes_to_base64url(made.credential_public_key),
        sign_count=made.sign_count,
        transports=_words(transports),
    )


def verify(request, answer: str, user=None) -> Passkey:
    """Return the passkey that a browser has shown; of `user` if given.

    Raises Refused.
    """
    from webauthn import base64url_to_bytes, verify_authentication_response

    challenge, answer = _challenge(request, "get", user), _read(answer)
    with transaction.atomic():
        known = Passkey.objects.select_for_update().filter(
            credential_id=answer["id"], confirmed=True
        )
        passkey = (known.filter(user=user) if user else known).first()
        if passkey is None:
            raise Refused("Nobody has this credential.")
        try:
            shown = verify_authentication_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=relying_party(),
                expected_origin=origin(),
                credential_public_key=base64url_to_bytes(passkey.public_key),
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=True,
            )
        except Exception as error:
            raise Refused(str(error), owner=passkey.user) from error
        passkey.sign_count = shown.new_sign_count
        passkey.set_last_used_timestamp()
    return passkey


def _descriptors(user) -> list:
    from webauthn import base64url_to_bytes
    from webauthn.helpers.structs import (
        AuthenticatorTransport,
        PublicKeyCredentialDescriptor,
    )

    known = {transport.value for transport in AuthenticatorTransport}
    return [
        PublicKeyCredentialDescriptor(
            id=base64url_to_bytes(passkey.credential_id),
            transports=[
                AuthenticatorTransport(t) for t in passkey.transports if t in known
            ],
        )
        for passkey in Passkey.objects.filter(user=user, confirmed=True)
    ]


def _remember(request, kind: str, challenge: bytes, user) -> None:
    request.session[_STATE] = [kind, challenge.hex(), user.pk if user else None]


def _challenge(request, kind: str, user) -> bytes:
    """Take the challenge out of the session: it is answered once, by whom it is for."""
    state = request.session.pop(_STATE, None)
    if not state or state[0] != kind or state[2] != (user.pk if user else None):
        raise Refused("No challenge was given.")
    return bytes.fromhex(state[1])


def _read(answer: str) -> dict:
    try:
        found = json.loads(answer) if len(answer) <= _LONGEST else None
    except (ValueError, RecursionError) as error:
        raise Refused("The answer is no JSON.") from error
    is_answer = isinstance(found, dict) and isinstance(found.get("response"), dict)
    # Nothing else reaches the database: PostgreSQL takes no NUL.
    if not is_answer or not _BASE64URL.fullmatch(str(found.get("id"))):
        raise Refused("The answer is no credential.")
    return found


def _words(found) -> list[str]:
    words = found if isinstance(found, list) else []
    return [word for word in words[:10] if _WORD.fullmatch(str(word))]
