"""The devices of an account: apps and passkeys as one list, and what ends them."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from portal.audit.models import Action
from portal.audit.recording import record
from portal.secondfactor import gate
from portal.secondfactor.models import Passkey, RecoveryCodes
from portal.sessions.models import Session

MODELS = {"app": TOTPDevice, "passkey": Passkey}


@dataclass(frozen=True)
class Line:
    name: str
    kind: str  # in words
    created_at: datetime | None
    last_used_at: datetime | None
    address: str


def of(user) -> list[Line]:
    """Return what `user` can confirm with, the oldest first; two queries."""
    words = {"app": _("App with codes"), "passkey": _("Passkey")}
    return [
        Line(
            device.name,
            words[kind],
            device.created_at,
            device.last_used_at,
            reverse("secondfactor:device", args=[kind, device.pk]),
        )
        for kind, model in MODELS.items()
        for device in model.objects.filter(user=user, confirmed=True).order_by("pk")
    ]


def get(user, kind: str, pk: int):
    """Return one device of `user`. Raises Http404."""
    device = kind in MODELS and MODELS[kind].objects.filter(user=user, pk=pk).first()
    if not device:
        raise Http404(_("There is no such device."))
    return device


def is_last(user, device) -> bool:
    rows = [
        one
        for model in MODELS.values()
        for one in model.objects.filter(user=user, confirmed=True)
    ]
    return rows == [device]


def rename(user, kind: str, device, name: str) -> None:
    note = f"{kind}: {device.name} → {name}"
    with transaction.atomic():
        MODELS[kind].objects.filter(pk=device.pk).update(name=name)
        record(Action.FACTOR_RENAMED, user=user, object=user, note=note)


def remove(user, kind: str, device, session_key: str | None) -> None:
    """Take a device away; the recovery codes go with the last one.

    All other sessions of `user` end: one of them may be on what was lost.
    """
    note = f"{kind}: {device.name}"
    with transaction.atomic():
        if is_last(user, device):
            RecoveryCodes.objects.filter(user=user).delete()
        device.delete()
        Session.objects.filter(user=user).exclude(pk=session_key).delete()
        record(Action.FACTOR_REMOVED, user=user, object=user, note=note)
    gate.forget_facts(user)


def reset(account, reason: str) -> None:
    """Take everything away from `account`: an administrator's act, with its reason.

    All its sessions end, and as its password may be one that is too short to stand
    alone, it is to be changed.
    """
    with transaction.atomic():
        count = sum(
            model.objects.filter(user=account).delete()[0] for model in MODELS.values()
        )
        RecoveryCodes.objects.filter(user=account).delete()
        Session.objects.filter(user=account).delete()
        if account.has_usable_password():
            account.must_change_password = True
            account.save(update_fields=["must_change_password"])
        record(Action.FACTORS_RESET, object=account, note=f"{count}; {reason}")
    gate.forget_facts(account)
