"""Page tokens: what a beacon may report is what the site has printed.

A token is `kind.id.issue-day.mac`. It keeps invented pages and invented ids out of
the counters; it is no secret and no session. The issue day is the local day as an
ordinal, the mac the first 8 bytes of an HMAC under the site's secret key.
"""

import base64
import hmac
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from hashlib import blake2b, sha256

from django.conf import settings

from . import clock, registry
from .lines import KIND

VALID_DAYS = 35  # a page may wait in a browser or a shared cache for a month
MAX_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Page:
    kind: str
    object_id: int


class BadToken(Exception):
    """`reason` is a word for the statistics: bad_token or old_token."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


@lru_cache(maxsize=8)
def _key(secret: str) -> bytes:
    return blake2b(secret.encode(), person=b"stats.tokens", digest_size=32).digest()


def _mac(message: str, secret: str) -> str:
    digest = hmac.digest(_key(secret), message.encode(), sha256)[:8]
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@lru_cache(maxsize=4096)  # the same pages are read again and again
def _is_ours(message: str, mac: str, secrets: tuple[str, ...]) -> bool:
    return any(hmac.compare_digest(mac, _mac(message, key)) for key in secrets)


def page_token(kind: str, object_id: int | str, day: date | None = None) -> str:
    """The token to print with a page; `object_id` may be a named page."""
    if not KIND.match(kind):
        raise ValueError(f"not a kind of page: {kind!r}")
    number = registry.page_id(object_id)
    message = f"{kind}.{number}.{(day or clock.today()).toordinal()}"
    return f"{message}.{_mac(message, settings.SECRET_KEY)}"


def read(token: str, day: date | None = None) -> Page:
    """The page of a token; raises BadToken. `day` is today's local day."""
    if len(token) > MAX_LENGTH or not token.isascii():
        raise BadToken("bad_token")
    message, _, mac = token.rpartition(".")
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    if not _is_ours(message, mac, secrets):
        raise BadToken("bad_token")
    # Signed by us, so the parts are well formed.
    kind, object_id, issued = message.split(".")
    age = (day or clock.today()).toordinal() - int(issued)
    if not -1 <= age <= VALID_DAYS:  # -1: printed just after midnight elsewhere
        raise BadToken("old_token")
    return Page(kind, int(object_id))
