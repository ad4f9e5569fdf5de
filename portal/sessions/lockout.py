"""How often one may try to sign in: what django-axes counts, stores and answers.

Counted are failures of a name from an address, and those of an address with any names.
Stored are a name, an address, a number and a time: never what was typed otherwise.
Of django-axes' own way little is used, because it would keep every form that was sent,
at any size, and every name, though people type passwords there.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from axes.backends import AxesStandaloneBackend
from axes.exceptions import AxesBackendPermissionDenied
from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import F
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import salted_hmac

from portal.audit.models import Action
from portal.audit.recording import record
from portal.models import User
from portal.secondfactor import gate
from stats.visitors import client_address

# No account has this sign in its name.
_NO_ACCOUNT = "#"
# All that cannot be read counts as one; behind proxies as docs/operations.md has them
# there is nothing of the kind.
_UNREADABLE = "0.0.0.0"  # noqa: S104 - nothing listens here


class Backend(AxesStandaloneBackend, ModelBackend):
    """Django's accounts, behind the lockout. One backend: `login()` need not be told.

    Without a request (a command) nothing is counted.
    """

    def authenticate(self, request, username=None, password=None, **kwargs):
        if request is not None:
            try:
                super().authenticate(request, username, password, **kwargs)
            except AxesBackendPermissionDenied:
                request.is_locked_out_already = True
                raise
        return ModelBackend.authenticate(self, request, username, password, **kwargs)

    def get_user(self, user_id):
        """Return who a session belongs to, with the facts of the second step."""
        user = gate.account(user_id)
        return user if user and self.user_can_authenticate(user) else None


def address_of(request) -> str:
    """The address of the browser (AXES_CLIENT_IP_CALLABLE), IPv6 as its /64 network.

    One subscriber has 2^64 addresses to choose from.
    """
    text = client_address(request.META).strip("[]").partition("%")[0]
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return _UNREADABLE


def name_of(request, credentials) -> str:
    """What a name is counted under (AXES_USERNAME_CALLABLE).

    One that no account has may be a password: only a keyed hash of it is stored. The
    same is done for both, so that neither takes longer.
    """
    typed = str((credentials or {}).get("username") or "")
    hashed = salted_hmac("portal.lockout", typed, algorithm="sha256").hexdigest()[:40]
    is_known = bool(typed) and User.objects.filter(username=typed).exists()
    return typed if is_known else f"{_NO_ACCOUNT}{hashed}"


class Handler(AxesDatabaseHandler):
    """Counts failures of a name and address, and of an address (AXES_HANDLER)."""

    def is_locked(self, request, credentials=None):
        name = name_of(request, credentials)
        return seconds_left(name, request.axes_ip_address) > 0

    def user_login_failed(self, sender, credentials, request=None, **kwargs):
        if request is None:
            return
        request.axes_credentials = credentials  # for the answer
        if getattr(request, "is_locked_out_already", False):
            return  # nobody is locked out for longer by trying
        name, address = name_of(request, credentials), request.axes_ip_address
        _count(name, address)
        if seconds_left(name, address) > 0:
            request.axes_locked_out = True
            _record_lockout(request, name, address)

    def user_logged_in(self, sender, request, user, **kwargs):
        forget(user.get_username(), request.axes_ip_address)

    def user_logged_out(self, sender, request, user, **kwargs):
        """Nothing is counted here."""


def answer(request, response, credentials):
    """Say how long to wait, in place of the form (AXES_LOCKOUT_CALLABLE)."""
    name, address = name_of(request, credentials), address_of(request)
    seconds = max(1, seconds_left(name, address))
    context = {"minutes": -(-seconds // 60)}
    locked = render(request, "errors/locked_out.html", context, status=429)
    locked["Retry-After"] = str(seconds)
    return locked


def seconds_left(name: str, address: str, now: datetime | None = None) -> int:
    """How long a name must wait at an address; 0: it may try."""
    now = now or timezone.now()
    rows = list(_recent(now).filter(ip_address=address))
    own = [row for row in rows if row.username == name]
    return max(
        _wait(own, settings.LOCKOUT_FAILURES, now),
        _wait(rows, settings.LOCKOUT_ADDRESS_FAILURES, now),
    )


@dataclass(frozen=True)
class Lockout:
    """What an administrator sees; `attempt` is None for an address with any names."""

    attempt: int | None
    user_name: str  # "" for a name that no account has, and for an address
    address: str
    failures: int
    seconds: int

    @property
    def minutes(self) -> int:
        return -(-self.seconds // 60)


def present(now: datetime | None = None) -> list[Lockout]:
    """All lockouts that go on: names first, then addresses."""
    now = now or timezone.now()
    by_address: dict[str, list[AccessAttempt]] = {}
    found = []
    for row in _recent(now).order_by("username", "ip_address"):
        by_address.setdefault(row.ip_address, []).append(row)
        if seconds := _wait([row], settings.LOCKOUT_FAILURES, now):
            name = "" if row.username.startswith(_NO_ACCOUNT) else row.username
            found.append(
                Lockout(row.pk, name, row.ip_address, row.failures_since_start, seconds)
            )
    for address, rows in sorted(by_address.items()):
        if seconds := _wait(rows, settings.LOCKOUT_ADDRESS_FAILURES, now):
            total = sum(row.failures_since_start for row in rows)
            found.append(Lockout(None, "", address, total, seconds))
    return found


@transaction.atomic
def release(lockout: Lockout) -> None:
    """Let somebody try again, and keep who allowed it."""
    rows = AccessAttempt.objects.filter(ip_address=lockout.address)
    if lockout.attempt is not None:
        rows = rows.filter(pk=lockout.attempt)
    rows.delete()
    account = User.objects.filter(username=lockout.user_name).first()
    record(Action.LOCKOUT_RELEASED, object=account, note=lockout.address)


def forget(name: str, address: str) -> None:
    """The right password: earlier slips of this name here do not count any more."""
    AccessAttempt.objects.filter(username=name, ip_address=address).delete()


def erase_old(now: datetime) -> None:
    """Erase failures that count no more; called by housekeeping."""
    AccessAttempt.objects.filter(attempt_time__lte=now - _period()).delete()


def _period() -> timedelta:
    return timedelta(minutes=settings.LOCKOUT_MINUTES)


def _recent(now: datetime):
    return AccessAttempt.objects.filter(attempt_time__gt=now - _period())


def _wait(rows: Iterable[AccessAttempt], limit: int, now: datetime) -> int:
    """Seconds until fewer than `limit` failures of these rows count, rounded up."""
    rows = sorted(rows, key=lambda row: row.attempt_time)
    total = sum(row.failures_since_start for row in rows)
    until = now
    for row in rows:
        if total < limit:
            break
        total -= row.failures_since_start
        until = row.attempt_time + _period()
    return max(0, -int((now - until) // timedelta(seconds=1)))


@transaction.atomic
def _count(name: str, address: str) -> None:
    now = timezone.now()
    same = {"username": name, "ip_address": address, "user_agent": ""}
    rows = AccessAttempt.objects.filter(**same)
    rows.filter(attempt_time__lte=now - _period()).delete()
    AccessAttempt.objects.get_or_create(**same, defaults={"failures_since_start": 0})
    rows.update(failures_since_start=F("failures_since_start") + 1, attempt_time=now)


def _record_lockout(request, name: str, address: str) -> None:
    account = User.objects.filter(username=name).first()
    record(
        Action.LOCKED_OUT,
        user=AnonymousUser(),
        user_name=name if account else "",
        object=account,
        note=address,
        request=request,
    )
