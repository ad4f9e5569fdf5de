"""What a clipboard holds, as HTML of ours: Word, Google Docs, Excel, web pages.

Meaning that those programs keep in styles and classes (lists, bold, headings,
titles of tables, old fonts) is brought into elements. Then news.html reads the
result: it alone decides what is safe, here nothing is.
"""

import re
from dataclasses import dataclass
from html import escape

import nh3

from news.hidden_text import without_hidden
from news.html import read
from news.html_limits import within_limits
from news.htmltree import parse, write
from news.pasting.reader import Reader
from news.pasting.styles import HEADINGS, INLINE

_DROPPED_WITH_CONTENT = set(
    re.findall(
        r"\w+",
        "applet audio button canvas embed frameset head math nav noembed noframes "
        "noscript object script select style svg template textarea title "
        "video xml xmp",
    )
)
_cleaner = nh3.Cleaner(
    tags=INLINE
    | {*HEADINGS, "p", "div", "ul", "ol", "li", "blockquote", "hr", "figure", "iframe"}
    | {"figcaption", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"}
    | {"article", "section", "main", "header", "footer", "aside", "address", "pre"}
    | {"dl", "dt", "dd", "center", "details", "summary"},
    clean_content_tags=_DROPPED_WITH_CONTENT,
    attributes={
        "*": {"style", "class", "hidden"},
        "a": {"href"},
        "font": {"face"},
        "iframe": {"src", "title"},
        "img": {"src", "alt", "width", "height"},
        "ol": {"start"},
        "th": {"colspan", "rowspan", "scope"},
        "td": {"colspan", "rowspan"},
    },
    generic_attribute_prefixes={"data-"},
    url_schemes={"http", "https", "mailto", "tel", "file", "data"},
    link_rel=None,
    strip_comments=True,
)


@dataclass(frozen=True)
class Pasted:
    html: str
    notes: list[str]  # what the editor should know, in sentences


def clean(html: str, plain: str = "") -> Pasted:
    """Return clipboard content for the editor; ValidationError when too large.

    `plain` counts where there is no `html`.
    """
    reader = Reader(_parsed(html if html.strip() else _paragraphs(plain)))
    return Pasted(read(write(reader.blocks)).html(), reader.notes())


# What may be left out before anything is measured: pictures as data, style sheets.
_DATA = re.compile(r"(?<=[\"'=])data:[a-z]+/[^\"'\s>]*", re.I)
_SHEET = re.compile(r"<style\b", re.I)
_SHEET_END = re.compile(r"</style\b", re.I)


def _parsed(html: str) -> list:
    html = within_limits(_without_sheets(_DATA.sub("data:,", html)))
    return without_hidden(parse(_cleaner.clean(html)))


def _without_sheets(html: str) -> str:
    parts, position = [], 0
    for start in _SHEET.finditer(html):
        if start.start() < position:
            continue
        end = _SHEET_END.search(html, start.end())
        if not end:
            break
        parts.append(html[position : start.start()])
        position = end.start()  # the parser drops what is left of the end tag
    return "".join([*parts, html[position:]])


def _paragraphs(plain: str) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in plain.splitlines())
