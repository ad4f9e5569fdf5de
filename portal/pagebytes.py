"""One finished page as bytes: what every reader is sent, to the letter.

Its ETag, brotli and gzip made once at most, 304, HEAD. Which pages are kept, and for
how long, is portal.pagecache's; nothing here knows of content or settings.
"""

import gzip
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

import brotli

from portal.generation import Edition

MIN_COMPRESS_BYTES = 200  # below that the encodings are larger than the page
# By content coding, the one that we like best first.
_COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, quality=5),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
}


class Bodies(dict[str, bytes]):
    """A page by content coding ("" is the plain one), each made when first asked for.

    Most pages are only ever asked for by browsers that take brotli; gzip for all would
    be a tenth of what a cold page costs.
    """

    def __missing__(self, coding: str) -> bytes:
        made = self[coding] = _COMPRESS[coding](self[""])
        return made

    def all(self) -> dict[str, bytes]:
        """Return every coding in which the page is sent, made now if need be."""
        return {coding: self[coding] for coding in ("", *self.packed)}

    @property
    def packed(self) -> Iterable[str]:
        return _COMPRESS if len(self[""]) >= MIN_COMPRESS_BYTES else ()


@dataclass(frozen=True)
class StoredPage:
    """One finished answer: headers without length and encoding, and its bodies."""

    edition: Edition | None
    status: str  # "200 OK"
    headers: tuple[tuple[str, str], ...]
    etag: str
    bodies: Bodies

    @property
    def is_found(self) -> bool:
        return self.status.startswith("200")

    @property
    def size_bytes(self) -> int:
        """With room for both encodings, a third each at most, headers and overhead."""
        return len(self.bodies[""]) * 5 // 3 + 1000

    def coding(self, accepted: str) -> str:
        """Return the best content coding that an Accept-Encoding header allows."""
        return next((c for c in self.bodies.packed if accepts(accepted, c)), "")


def finish(
    status: str, headers: list[tuple[str, str]], body: bytes, edition
) -> StoredPage:
    """Give an answer an ETag and the headers that every public page has."""
    # Middleware answers a forged CSRF or session cookie with a Set-Cookie; kept in
    # the store, it would reach every reader and sign the staff out.
    # An id of one request would reach them, too.
    dropped = {"content-length", "etag", "vary", "set-cookie", "x-request-id"}
    kept = [(k, v) for k, v in headers if k.lower() not in dropped]
    if not any(k.lower() == "cache-control" for k, _ in kept):
        kept.append(("Cache-Control", "public, max-age=0, must-revalidate"))
    kept.append(("Vary", "Accept-Encoding"))
    etag = hashlib.blake2b(body, digest_size=12).hexdigest()
    return StoredPage(edition, status, tuple(kept), etag, Bodies({"": body}))


def answer(page: StoredPage, environ, start_response) -> list[bytes]:
    """Send a finished page: 304 on a matching ETag, the best encoding, no HEAD body."""
    coding = page.coding(environ.get("HTTP_ACCEPT_ENCODING", ""))
    etag = f'"{page.etag}{coding and "-" + coding}"'
    headers = [*page.headers]
    if page.is_found:  # of others no 304 (RFC 9110, 13.2.1)
        headers.append(("ETag", etag))
        if matches(environ.get("HTTP_IF_NONE_MATCH", ""), etag):
            start_response("304 Not Modified", headers)
            return []
    if coding:
        headers.append(("Content-Encoding", coding))
    body = page.bodies[coding]
    headers.append(("Content-Length", str(len(body))))
    start_response(page.status, headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def matches(if_none_match: str, etag: str) -> bool:
    """Compare weakly, as RFC 9110 section 13.1.2 asks; "*" matches anything."""
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag in tags or tags == ["*"]


@lru_cache(maxsize=256)
def accepts(header: str, coding: str) -> bool:
    """Say whether an Accept-Encoding header names `coding` without q=0."""
    for part in header.lower().split(","):
        name, _, parameters = part.partition(";")
        if name.strip() == coding:
            return parameters.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00")
    return False
