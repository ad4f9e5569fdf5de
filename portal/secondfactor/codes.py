"""Codes that people type: of an app on a phone, and recovery codes.

Both are throttled by django-otp: after the n-th wrong code in a row a device answers
nothing for 2^(n-1) seconds. Nobody can lock a person out for longer than he has been
guessing himself, and a million guesses would take longer than anybody lives.
"""

import secrets
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, pbkdf2
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.util import random_hex

from portal.secondfactor.models import RecoveryCodes

RECOVERY_CODES = 10
# Crockford's base 32: no I, L, O, U. 12 signs are 60 bits; with 20,000 rounds for each
# guess a stolen table is of no use (NIST SP 800-63B, 3.1.2.2: salted and stretched).
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH, _ROUNDS = 12, 20_000
_MISREAD = str.maketrans("OIL", "011")


class Throttled(Exception):
    """Too many wrong codes: nothing is looked at before `until`."""

    def __init__(self, until: datetime):
        super().__init__(until)
        self.until = until

    @property
    def seconds(self) -> int:
        """How long to wait, at least one second."""
        return max(1, round((self.until - timezone.now()).total_seconds()))


# Codes of an app


def new_key() -> str:
    """Return a new secret for an app: 20 random bytes as hex digits."""
    return random_hex(20)


def unsaved_app(user, key: str) -> TOTPDevice:
    return TOTPDevice(user=user, key=key)


def add_app(user, key: str, name: str, code: str) -> TOTPDevice | None:
    """Add an app that shows `code` now; None when it shows another one."""
    totp = _totp(unsaved_app(user, key))
    if not totp.verify(_number(code), tolerance=1):
        return None
    # The code that enrolled it signs nobody in.
    return TOTPDevice.objects.create(
        user=user, key=key, name=name, drift=totp.drift, last_t=totp.t()
    )


def confirm_app_code(user, code: str) -> TOTPDevice | None:
    """Return the app of `user` that shows `code`, which then works no more.

    Raises Throttled. Only when no app shows it do all of them count a wrong code.
    """
    with transaction.atomic():
        devices = list(
            TOTPDevice.objects.select_for_update()
            .filter(user=user, confirmed=True)
            .order_by("pk")
        )
        allowed = _allowed(devices)
        found = next((d for d in allowed if _shows(d, code)), None)
        for device in [found] if found else allowed:
            device.verify_token(_number(code))
        return found


def _shows(device: TOTPDevice, code: str) -> bool:
    return _totp(device).verify(_number(code), device.tolerance, device.last_t + 1)


def _totp(device: TOTPDevice) -> TOTP:
    return TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)


def _number(code: str) -> int:
    """The code as a number; -1, which no app shows, for anything but six digits."""
    return int(code) if len(code) == 6 and code.isascii() and code.isdigit() else -1


def _allowed(devices: list) -> list:
    answers = [(device, *device.verify_is_allowed()) for device in devices]
    allowed = [device for device, is_allowed, _reason in answers if is_allowed]
    if devices and not allowed:
        raise Throttled(min(reason["locked_until"] for _d, _a, reason in answers))
    return allowed


# Recovery codes


def make_recovery_codes(user) -> list[str]:
    """Give `user` ten new codes, in the place of all earlier ones; return them."""
    made = [
        "".join(secrets.choice(_SIGNS) for _sign in range(_LENGTH))
        for _code in range(RECOVERY_CODES)
    ]
    salt = secrets.token_hex(16)
    RecoveryCodes.objects.update_or_create(
        user=user,
        defaults={
            "salt": salt,
            "digests": [_digest(code, salt) for code in made],
            "made_at": timezone.now(),
            "throttling_failure_count": 0,
            "throttling_failure_timestamp": None,
        },
    )
    return ["-".join((code[:4], code[4:8], code[8:])) for code in made]


def recovery_codes_left(user) -> int:
    found = RecoveryCodes.objects.filter(user=user).first()
    return len(found.digests) if found else 0


def use_recovery_code(user, typed: str) -> int | None:
    """Use up a code; return how many are left, None when it is none of them.

    Case, blanks and hyphens do not matter. Raises Throttled.
    """
    code = "".join(sign for sign in typed.upper() if sign.isalnum())
    code = code.translate(_MISREAD)
    with transaction.atomic():
        device = RecoveryCodes.objects.select_for_update().filter(user=user).first()
        if device is None:
            return None
        _allowed([device])
        digest = _digest(code[: 2 * _LENGTH], device.salt)
        left = [one for one in device.digests if not constant_time_compare(one, digest)]
        if len(left) == len(device.digests):
            device.throttle_increment()
            return None
        device.digests = left
        device.throttle_reset(commit=False)
        device.save()  # no new seal: what is left is a part of what was sealed
        return len(left)


def _digest(code: str, salt: str) -> str:
    return pbkdf2(code, salt, _ROUNDS).hex()
