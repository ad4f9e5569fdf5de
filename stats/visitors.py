"""Telling readers apart for one day without knowing any of them.

The hash of address, agent and site under the day's salt is all that leaves this
module; after the salt is erased nobody can ask whether a given address was here.
"""

import ipaddress
from hashlib import blake2b

from django.conf import settings

from . import clock, salts


def client_address(environ: dict, trusted_proxies: int | None = None) -> str:
    """The `full_address`, IPv6 cut to its /64 network."""
    return _network(full_address(environ, trusted_proxies))


def full_address(environ: dict, trusted_proxies: int | None = None) -> str:
    """The address the outermost trusted proxy saw.

    Entries of X-Forwarded-For are believed from the right, one for each trusted
    proxy; the first one is the client's own claim and would make free visitors.
    """
    hops = settings.TRUSTED_PROXIES if trusted_proxies is None else trusted_proxies
    address = environ.get("REMOTE_ADDR", "")
    forwarded = environ.get("HTTP_X_FORWARDED_FOR", "")
    if hops and forwarded:
        entries = forwarded.split(",")
        if len(entries) >= hops:
            address = entries[-hops].strip()
    return address


def _network(address: str) -> str:
    if ":" not in address:
        return address[:64]
    try:
        parsed = ipaddress.IPv6Address(address.strip("[]").partition("%")[0])
    except ValueError:
        return address[:64]
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    # One subscriber has 2^64 addresses to choose from.
    return str(ipaddress.IPv6Network((parsed, 64), strict=False).network_address)


def is_office(environ: dict) -> bool:
    """Whether the request comes from the body's own offices (STATS_OFFICE_NETWORKS)."""
    if not settings.STATS_OFFICE_NETWORKS:
        return False
    try:
        address = ipaddress.ip_address(full_address(environ).strip("[]"))
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in own for own in settings.STATS_OFFICE_NETWORKS)


def hashes(environ: dict, ms: int) -> tuple[int, int]:
    """The visitor (address and agent) and the source (address alone) of a request.

    Signed 64-bit hashes under the salt of the local day of `ms`, never 0. Raises
    OSError when no salt can be had (nothing writable).
    """
    salt = salts.of_day(clock.local_day(ms))
    source = f"{client_address(environ)}\0{settings.SITE_URL}"
    agent = environ.get("HTTP_USER_AGENT", "")[:512]
    return _hash(f"{source}\0{agent}", salt), _hash(source, salt)


def _hash(text: str, salt: bytes) -> int:
    digest = blake2b(text.encode("utf-8", "replace"), key=salt, digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True) or 1
