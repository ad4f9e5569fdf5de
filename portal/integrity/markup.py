"""What a public page may hold: our scripts, no frames, no styles, links with a reason.

The site's templates and the sanitiser make no inline script, style, event or frame at
all (docs/decisions/0006), so whatever is there was put there. Where a page leads is
judged by what the sealed rows say. No list of words: the police may write of gambling.
"""

import re
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from news.hidden_text import is_hidden, is_tiny

# (kind, what is wrong, what would be right)
Fault = tuple[str, str, str]
Explains = Callable[[str], bool]

_FRAMES = {"iframe", "frame", "frameset", "object", "embed", "applet", "base"}
_ADDRESSES = {
    *("href", "src", "action", "formaction", "poster", "data", "background", "ping"),
    *("xlink:href", "data-embed-frame", "data-embed-page", "data-suggest"),
    *("data-visit-to", "data-share"),
}
_SCHEMES = {"http", "https", "mailto", "tel"}
# Where our templates lead by themselves (news/_article_share, includes/_dublin_core).
_TEMPLATES = (
    "https://www.facebook.com/sharer/sharer.php?u=",
    "http://purl.org/dc/elements/1.1/",
)
_TYPES_OF_DATA = {"application/ld+json"}
_NAMESPACE = re.compile(r"""\sxmlns(?::\w+)?=(?:"[^"]*"|'[^']*')""")
_ADDRESS = re.compile(r"""https?://[^\s"'<>]+""", re.I)
_SHOWN = 200  # characters of what was found


class _Reader(HTMLParser):
    def __init__(self, base: str, explains: Explains):
        super().__init__(convert_charrefs=True)
        self.base, self.explains = base, explains
        self.faults: list[Fault] = []

    def handle_starttag(self, tag, attrs):
        attributes = {name: value or "" for name, value in reversed(attrs)}
        if tag == "script":
            self._script(attributes)
        elif tag in _FRAMES:
            address = attributes.get("src") or attributes.get("data", "")
            self._add("frame", _("a frame: %(it)s"), f"<{tag}> {address}", _no_frame())
        elif tag == "style":
            self._add("style", _("a style within the page: %(it)s"), "<style>", _none())
        elif tag == "meta" and "http-equiv" in attributes:
            what = _("the page leads on by itself: %(it)s")
            self._add("refresh", what, attributes.get("content", ""), _none())
        elif tag == "meta":
            content = attributes.get("content", "")
            if content.lower().startswith(("http://", "https://")):
                self._address(tag, "content", content)
        for name, value in attributes.items():
            self._attribute(tag, name, value, attributes)

    def _script(self, attributes):
        address = attributes.get("src", "")
        if not address:
            if attributes.get("type", "").lower() not in _TYPES_OF_DATA:
                what = _("a script within the page: %(it)s")
                self._add("script", what, "<script>", _no_script())
        elif not _is_static(urljoin(self.base, address)):
            what = _("a script that is not ours: %(it)s")
            self._add("script", what, address, _no_script())

    def _attribute(self, tag, name, value, attributes):
        if name.startswith("on"):
            what = _("a script within the page: %(it)s")
            self._add("script", what, f"{name}={value}", _no_script())
        elif name == "style":
            if is_hidden(attributes) or is_tiny(attributes, False):
                what = _("hidden text: %(it)s")
            else:
                what = _("a style within the page: %(it)s")
            self._add("style", what, f"<{tag} style={value}>", _none())
        elif name == "srcset":
            for one in value.split(", "):
                self._address(tag, name, one.strip().partition(" ")[0])
        elif name in _ADDRESSES and not (tag == "script" and name == "src"):
            self._address(tag, name, value)

    def _address(self, tag, name, value):
        value = value.strip()
        try:
            address = urljoin(self.base, value)
            scheme = urlsplit(address).scheme.lower()
        except ValueError:
            address, scheme = value, ""
        if scheme not in _SCHEMES:
            what = _("a script in a link: %(it)s")
            self._add("script", what, value, _no_script())
        elif scheme in ("http", "https") and not may_lead_to(address, self.explains):
            what = _("leads to %(it)s, which nobody entered")
            self._add("outbound", what, address, _only_entered())

    def _add(self, kind, what, it, expected):
        self.faults.append((kind, what % {"it": it[:_SHOWN]}, expected))


def faults_of_page(text: str, path: str, explains: Explains) -> list[Fault]:
    """Return what a page (HTML) at the path `path` should not hold, each once."""
    reader = _Reader(settings.SITE_URL + path, explains)
    reader.feed(text)
    reader.close()
    return list(dict.fromkeys(reader.faults))


def faults_of_text(text: str, explains: Explains) -> list[Fault]:
    """Return where a feed, a site map, a calendar or robots.txt should not lead."""
    text = unescape(unescape(_NAMESPACE.sub("", text)))
    found = dict.fromkeys(_ADDRESS.findall(text))
    return [
        ("outbound", leads_to(address), _only_entered())
        for address in found
        if not may_lead_to(address, explains)
    ]


def leads_to(address: str) -> str:
    return _("leads to %(it)s, which nobody entered") % {"it": address[:_SHOWN]}


def may_lead_to(address: str, explains: Explains) -> bool:
    return explains(address) or address.startswith(_TEMPLATES)


def _is_static(address: str) -> bool:
    return address.startswith(settings.SITE_URL + settings.STATIC_URL)


def _only_entered() -> str:
    return _("trusted domains, and addresses that were entered in the back office")


def _no_script() -> str:
    return _("only the site's own script files")


def _no_frame() -> str:
    return _("no frames; videos and maps open when the reader presses their button")


def _none() -> str:
    return _("none; the site's pages have no such thing")
