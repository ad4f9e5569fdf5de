"""Videos and maps of other sites that may stand in a body: one table of providers.

A body stores a reference such as `youtube:dQw4w9WgXcQ@90` (from second 90 on) and a
title, nothing of the pasted address or code; the addresses of frame and page are
made from it. portal.security lets frames of these providers in, and no other.
"""

import html as stdlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from news.text import clean_line

MAX_SOURCE_CHARS = 4000  # the code of a map has about 600


@dataclass(frozen=True)
class Provider:
    """Who shows it. A code is what its addresses have in common: the id of a video."""

    key: str
    name: str
    frame_source: str  # of the content security policy
    hosts: re.Pattern  # of the addresses that people paste
    code: re.Pattern  # what may be stored
    find: Callable[[SplitResult], str]  # the code in an address, or ""
    frame: Callable[[str], str]  # the address of the frame, which begins to play
    page: Callable[[str], str]  # the address to open without a frame
    is_map: bool = False


@dataclass(frozen=True)
class Embed:
    provider: Provider
    code: str
    title: str = ""

    @property
    def reference(self) -> str:
        return f"{self.provider.key}:{self.code}"

    @property
    def frame(self) -> str:
        return self.provider.frame(self.code)

    @property
    def page(self) -> str:
        return self.provider.page(self.code)


def find(source: str, title: str = "") -> Embed | None:
    """Return what a stored reference or an address of a provider shows, or None."""
    source = clean_line(source)
    if not source or len(source) > MAX_SOURCE_CHARS:
        return None
    title = clean_line(title)
    if title.casefold() in _EMPTY_TITLES:
        title = ""
    key, _colon, code = source.partition(":")
    if provider := PROVIDERS.get(key):
        found = code
    else:
        address = _split(source)
        provider = _provider_of(address)
        found = provider.find(address) if provider else ""
    if not found or not provider.code.fullmatch(found):
        return None
    return Embed(provider, found, title)


def from_editor(typed: str) -> Embed:
    """Return the video or map of a typed address or pasted `<iframe>` code.

    ValidationError says why there is none, and what to do.
    """
    code = re.search(r"<iframe\b[^>]*?\ssrc\s*=\s*[\"']?([^\"'\s>]+)", typed, re.I)
    source = stdlib.unescape(code[1]) if code else typed
    if embed := find(source):
        return embed
    address = _split(clean_line(source))
    host = address.hostname if address else ""
    if "." not in host:
        raise ValidationError(_("This is no address of a video or map."))
    if re.fullmatch(r"maps\.app\.goo\.gl|goo\.gl|(?:www\.|maps\.)?google\.\S+", host):
        raise ValidationError(
            _(
                "This link opens a map and cannot be put into an article. In Google "
                "Maps choose Share, then Embed a map, and paste that code here."
            )
        )
    if provider := _provider_of(address):
        raise ValidationError(
            _("No video was found at this address of %(provider)s.")
            % {"provider": provider.name}
        )
    names = ", ".join(provider.name for provider in PROVIDERS.values())
    raise ValidationError(
        _(
            "%(host)s is not allowed. Videos and maps can come from: %(names)s. "
            "Put other pages in as a link."
        )
        % {"host": host, "names": names}
    )


def frame_sources() -> list[str]:
    """Return what the content security policy lets into frames."""
    return [provider.frame_source for provider in PROVIDERS.values()]


# Reading addresses

# What a provider's own code says; it names nothing.
_EMPTY_TITLES = {"youtube video player", "youtube", "vimeo", "google maps"}


_TIME = re.compile(r"(?:(\d{1,2})h)?(?:(\d{1,3})m)?(?:(\d{1,5})s?)?")


def _split(source: str) -> SplitResult | None:
    if source.startswith("//"):
        source = f"https:{source}"
    elif "://" not in source:
        source = f"https://{source}"
    try:
        address = urlsplit(source)
        host = address.hostname
    except ValueError:
        return None
    is_web = address.scheme in ("http", "https") and "@" not in address.netloc
    return address if is_web and host else None


def _provider_of(address: SplitResult | None) -> Provider | None:
    """Return whose address it is; urlsplit gives the host in small letters."""
    if address is None:
        return None
    matching = (p for p in PROVIDERS.values() if p.hosts.fullmatch(address.hostname))
    return next(matching, None)


def _parameter(address: SplitResult, name: str, *, of_fragment=False) -> str:
    text = address.fragment if of_fragment else address.query
    try:
        return parse_qs(text, max_num_fields=50).get(name, [""])[0]
    except ValueError:  # more fields than that
        return ""


def _with_start(code: str, *times: str) -> str:
    """Add the first of `times` that says something: 90, 90s, 1m30s, 1h2m."""
    for text in times:
        if match := _TIME.fullmatch(text):
            hours, minutes, seconds = (int(number or 0) for number in match.groups())
            if start := 3600 * hours + 60 * minutes + seconds:
                return f"{code}@{start}"
    return code


def _youtube(address: SplitResult) -> str:
    parts = address.path.strip("/").split("/")
    if address.hostname == "youtu.be":
        code = parts[0]
    elif parts[0] in ("embed", "shorts", "live", "v") and len(parts) > 1:
        code = parts[1]
    else:
        code = _parameter(address, "v")
    return code and _with_start(
        code,
        _parameter(address, "start"),
        _parameter(address, "t"),
        _parameter(address, "t", of_fragment=True),
    )


def _youtube_frame(code: str) -> str:
    video, _at, start = code.partition("@")
    start = f"&start={start}" if start else ""
    return (
        f"https://www.youtube-nocookie.com/embed/{video}?autoplay=1&rel=0&hl=vi{start}"
    )


def _youtube_page(code: str) -> str:
    video, _at, start = code.partition("@")
    start = f"&t={start}s" if start else ""
    return f"https://www.youtube.com/watch?v={video}{start}"


def _vimeo(address: SplitResult) -> str:
    # An unlisted video has a second number, in the path or as "h".
    match = re.search(r"/(\d+)(?:/([0-9a-f]+))?/?$", address.path)
    if not match:
        return ""
    key = match[2] or _parameter(address, "h")
    return _with_start(
        f"{match[1]}/{key}" if key else match[1],
        _parameter(address, "t", of_fragment=True),
    )


def _vimeo_frame(code: str) -> str:
    video, _at, start = code.partition("@")
    video, _slash, key = video.partition("/")
    key = f"&h={key}" if key else ""
    start = f"#t={start}s" if start else ""
    return f"https://player.vimeo.com/video/{video}?dnt=1&autoplay=1{key}{start}"


def _vimeo_page(code: str) -> str:
    video, _at, start = code.partition("@")
    return f"https://vimeo.com/{video}" + (f"#t={start}s" if start else "")


def _map(address: SplitResult) -> str:
    if address.path != "/maps/embed":
        return ""
    return quote(_parameter(address, "pb"), safe="!:")


def _map_frame(code: str) -> str:
    return f"https://www.google.com/maps/embed?pb={code}"


def _map_page(code: str) -> str:
    """The place in the middle of the map; of a street view, the view itself."""
    place = re.search(r"!2d(-?\d+\.?\d*)!3d(-?\d+\.?\d*)", unquote(code))
    if not place:
        return _map_frame(code)
    return f"https://www.google.com/maps/search/?api=1&query={place[2]},{place[1]}"


PROVIDERS = {
    provider.key: provider
    for provider in (
        Provider(
            key="youtube",
            name="YouTube",
            frame_source="https://www.youtube-nocookie.com",
            hosts=re.compile(
                r"youtu\.be|(?:(?:www|m|music)\.)?youtube\.com|"
                r"(?:www\.)?youtube-nocookie\.com"
            ),
            # Two words stand where an id does: of lists and of channels.
            code=re.compile(
                r"(?!videoseries|live_stream)[A-Za-z0-9_-]{11}(?:@[1-9]\d{0,6})?",
                re.ASCII,
            ),
            find=_youtube,
            frame=_youtube_frame,
            page=_youtube_page,
        ),
        Provider(
            key="vimeo",
            name="Vimeo",
            frame_source="https://player.vimeo.com",
            hosts=re.compile(r"(?:(?:www|player)\.)?vimeo\.com"),
            code=re.compile(
                r"\d{1,12}(?:/[0-9a-f]{1,20})?(?:@[1-9]\d{0,6})?", re.ASCII
            ),
            find=_vimeo,
            frame=_vimeo_frame,
            page=_vimeo_page,
        ),
        Provider(
            key="maps",
            name="Google Maps",
            # This host has much else; a path without a final slash means itself only.
            frame_source="https://www.google.com/maps/embed",
            hosts=re.compile(r"(?:(?:www|maps)\.)?google\.com"),
            code=re.compile(
                r"(?:!\d{1,3}[a-z](?:[A-Za-z0-9._~:-]|%[0-9A-F]{2})*){3,200}", re.ASCII
            ),
            find=_map,
            frame=_map_frame,
            page=_map_page,
            is_map=True,
        ),
    )
}
