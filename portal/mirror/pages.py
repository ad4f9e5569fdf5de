"""A page as the mirror holds it, and where the files of every kind lead.

Works on the text of our own templates, which quote every attribute with `"` and
escape `<` and `"` in all that people write (news.html does so in bodies).
"""

import re
from collections.abc import Callable
from html import escape, unescape
from urllib.parse import urlsplit

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from portal.mirror.addresses import LEFT_OUT, Addresses, file_name, link

HTML = "text/html"
XML = {"application/xml", "text/xml", "application/rss+xml"}
CSS = "text/css"
JS = {"text/javascript", "application/javascript"}

_FORM = re.compile(r'<form class="search-form.*?</form>', re.S)
# What counts, and what cannot go on counting.
COUNTING = re.compile(
    r'<script[^>]*\sdata-visit="[^>]*></script>\s*'
    r"|<noscript><img [^>]*></noscript>\s*"
    r'|<section class="box box--(?:counter|read)".*?</section>\s*'
    r'|<span class="article__views">.*?</span>',
    re.S,
)
_TAG = re.compile(
    r'<(?:a|area|link|img|source|script|meta)\s(?:[^">]++|"[^"]*+")*+>', re.I
)
_ATTRIBUTE = re.compile(r'\s(href|src|srcset|content)="([^"]*)"')
_XML_LINK = re.compile(r'<(?:loc|link)>([^<]*)</|<enclosure [^>]*?url="([^"]*)"')
_CSS_LINK = re.compile(r"""url\(\s*["']?(?!data:)([^"')]+)""")
_JS_LINK = re.compile(r"""\b(?:from|import)\s*\(?\s*["'](\.{1,2}/[^"']+)["']""")


def search_notice() -> str:
    """What stands in the place of every search form."""
    return format_html(
        '<p class="notice">{} <a href="{}">{}</a></p>',
        _(
            "This is a saved copy of the portal, shown while the portal itself cannot "
            "answer. It cannot search."
        ),
        reverse("site_map"),
        _("See the site map"),
    )


def mirrored(text: str, path: str, addresses: Addresses) -> tuple[str, set[str]]:
    """Return the page at `path` as it is kept, and the addresses it leads to."""
    text = COUNTING.sub("", _FORM.sub(lambda _match: search_notice(), text))
    return _each_link(text, path, addresses, _kept_link)


def links_of(text: str, path: str, kind: str, addresses: Addresses) -> set[str]:
    """Return the addresses that a kept file of the media type `kind` leads to."""
    if kind == HTML:
        return _each_link(text, path, addresses, None)[1]
    if kind in XML:
        found = [unescape(a or b) for a, b in _XML_LINK.findall(text)]
    elif kind == CSS:
        found = _CSS_LINK.findall(text)
    elif kind in JS:
        found = _JS_LINK.findall(text)
    else:
        found = []
    return {a for a in (addresses.of(one, path) for one in found) if a}


def redirect_page(target: str) -> str:
    """Return a page that leads on, as a file server sends no redirects."""
    return format_html(
        '<!doctype html>\n<html lang="vi">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="robots" content="noindex">\n<title>{title}</title>\n'
        '<meta http-equiv="refresh" content="0; url={to}">\n</head>\n'
        '<body>\n<p>{title}: <a href="{to}">{to}</a></p>\n</body>\n</html>\n',
        title=_("This page has moved"),
        to=target,
    )


def _kept_link(address: str, value: str) -> str | None:
    """Return what a link is in the mirror; None: the words stay, the link goes."""
    if address == LEFT_OUT:
        return None
    if file_name(address) is None:  # broken, and told as it is
        return value
    fragment = urlsplit(value).fragment
    return link(address) + (f"#{fragment}" if fragment else "")


def _each_link(
    text: str,
    path: str,
    addresses: Addresses,
    rewrite: Callable[[str, str], str | None] | None,
) -> tuple[str, set[str]]:
    found: set[str] = set()

    def tag(match) -> str:
        whole = match[0]
        if whole.startswith("<meta"):
            # A preview picture is the only address of ours there; it stays whole.
            if 'property="og:image"' in whole:
                _ATTRIBUTE.sub(collect, whole)
            return whole
        if 'rel="canonical"' in whole:
            return whole
        return _ATTRIBUTE.sub(attribute, whole)

    def collect(match) -> str:
        if address := addresses.of(unescape(match[2]), path):
            found.add(address)
        return match[0]

    def attribute(match) -> str:
        name, value = match[1], unescape(match[2])
        if name == "content" or value.startswith("#"):
            return match[0]
        if name == "srcset":
            for one in value.split(", "):
                if address := addresses.of(one.strip().partition(" ")[0], path):
                    found.add(address)
            return match[0]
        address = addresses.of(value, path)
        if address is None:
            return match[0]
        if address:
            found.add(address)
        if rewrite is None:
            return match[0]
        kept = rewrite(address, value)
        return "" if kept is None else f' {name}="{escape(kept)}"'

    return _TAG.sub(tag, text), found
