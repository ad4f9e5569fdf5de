"""An authenticator of WebAuthn in a few lines, which can also lie.

https://www.w3.org/TR/webauthn-3/#sctn-authenticator-data
"""

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

_PRESENT, _VERIFIED, _ATTESTED = 0x01, 0x04, 0x40


def base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


class Authenticator:
    """One passkey; what it says by default is true."""

    def __init__(self, origin="https://testserver", rp_id="testserver"):
        self.origin, self.rp_id = origin, rp_id
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id, self.count = secrets.token_bytes(32), 0

    def create(self, options: dict, **lies) -> str:
        """Answer navigator.credentials.create, as JSON."""
        numbers = self.key.public_key().public_numbers()
        x, y = (n.to_bytes(32, "big") for n in (numbers.x, numbers.y))
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        data = self._data(_ATTESTED, **lies)
        data += bytes(16) + len(self.id).to_bytes(2, "big") + self.id + public
        made = {"fmt": "none", "attStmt": {}, "authData": data}
        return self._answer(
            clientDataJSON=self._client("webauthn.create", options, **lies),
            attestationObject=cbor2.dumps(made),
        )

    def get(self, options: dict, **lies) -> str:
        """Answer navigator.credentials.get, as JSON."""
        self.count += 1
        data = self._data(0, **lies)
        client = self._client("webauthn.get", options, **lies)
        signed = data + hashlib.sha256(client).digest()
        signature = self.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        return self._answer(
            clientDataJSON=client, authenticatorData=data, signature=signature
        )

    def _data(self, flags, *, rp_id="", verified=True, count=None, **_lies) -> bytes:
        flags |= _PRESENT | (_VERIFIED if verified else 0)
        count = self.count if count is None else count
        site = hashlib.sha256((rp_id or self.rp_id).encode()).digest()
        return site + bytes([flags]) + count.to_bytes(4, "big")

    def _client(self, kind, options, *, origin="", challenge="", **_lies) -> bytes:
        said = {
            "type": kind,
            "challenge": challenge or options["challenge"],
            "origin": origin or self.origin,
        }
        return json.dumps(said).encode()

    def _answer(self, **response) -> str:
        words = {name: base64url(data) for name, data in response.items()}
        key = base64url(self.id)
        return json.dumps(
            {"id": key, "rawId": key, "type": "public-key", "response": words}
        )
