"""One line of the spool: what is kept of a hit between the request and the drain.

    <crc32> <receive ms> <visitor> <source> <kind> <id> <host> <reason> <flags>\n

The address and the user agent are never part of it: `visitor` and `source` are hashes
under the salt of the day (`visitors`). `host` is the referring host, `reason` says why
the hit is not a view (a bot, a bad token ...), `-` stands for an empty field. The
checksum covers everything after it up to the line end.
"""

import re
import zlib
from dataclasses import dataclass

NO_JAVASCRIPT = "n"
PRIVACY_SIGNAL = "p"

KIND = re.compile(r"[a-z]{1,12}\Z")
HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,98}[a-z0-9])?\Z")
_LINE = re.compile(
    r"([0-9]{1,15}) (-?[0-9]{1,19}) (-?[0-9]{1,19}) ([a-z]{1,12}|-) (-?[0-9]{1,18})"
    r" ([a-z0-9.-]{1,100}) ([a-z_]{1,20}|-) ([a-z]{1,8}|-)\Z"
)


@dataclass(frozen=True, slots=True)
class Hit:
    """One report of the beacon; `ms` is the receive time, never the client's."""

    ms: int
    visitor: int = 0  # 64-bit keyed hash, signed; 0 where nobody is told apart
    source: int = 0  # the same of the address alone; never stored in a table
    kind: str = ""
    object_id: int = 0
    host: str = ""
    reason: str = ""
    flags: str = ""


def encode(hit: Hit) -> bytes:
    text = (
        f"{hit.ms} {hit.visitor} {hit.source} {hit.kind or '-'} {hit.object_id}"
        f" {hit.host or '-'} {hit.reason or '-'} {hit.flags or '-'}"
    ).encode("ascii")
    return b"%08x %s\n" % (zlib.crc32(text), text)


def decode(line: bytes) -> Hit | None:
    """The hit of one line without its line end; None when it is damaged."""
    checksum, _, text = line.partition(b" ")
    if len(checksum) != 8 or checksum != b"%08x" % zlib.crc32(text):
        return None
    match = _LINE.match(text.decode("latin-1"))
    if match is None:
        return None
    ms, visitor, source, kind, object_id, host, reason, flags = match.groups()
    return Hit(
        ms=int(ms),
        visitor=int(visitor),
        source=int(source),
        kind="" if kind == "-" else kind,
        object_id=int(object_id),
        host="" if host == "-" else host,
        reason="" if reason == "-" else reason,
        flags="" if flags == "-" else flags,
    )
