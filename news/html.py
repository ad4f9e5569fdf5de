"""The one sanitiser: what editors write or paste in, safe canonical HTML out.

Two steps. nh3 (the ammonia parser) removes whatever is not on the list, reading
as a browser does. What is left is then rebuilt block by block from text and
marks, so the output has one form only: `read(html).html()` of its own output is
the same bytes. This is the only module that marks HTML safe.

Figures are pictures of the library, so nothing of an `<img>` address is kept:
a figure is a placement or picture number with its words (see news.body).
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import nh3
from django.core.exceptions import ValidationError
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from news.document import (
    BR,
    RANK,
    Block,
    Document,
    Figure,
    Mark,
    Piece,
    paragraphs,
    tidy,
)
from news.htmltree import Node as _Node
from news.htmltree import parse as _parse
from news.text import clean_line

MAX_BYTES = 2**20  # a book of 150,000 words is shorter
# The parser's time grows with their square: a megabyte of "&" takes 20 seconds.
# A megabyte of Vietnamese written as &agrave; has fewer.
MAX_REFERENCES = 150_000
MAX_DEPTH = 60  # lists in quotes in lists; nobody reads deeper

_MARKS = {tag: tag for tag in RANK} | {
    "b": "strong",
    "i": "em",
    "ins": "u",
    "del": "s",
    "strike": "s",
}
_HEADINGS = {"h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4"}
_TABLE = {"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"}


def _names(text: str) -> set[str]:
    return set(text.split())


# Only their border between two paragraphs is kept.
_BORDERS = _names(
    "address article aside center dd details div dl dt fieldset figcaption footer "
    "form header legend main nav pre section summary"
)
_DROPPED_WITH_CONTENT = _names(
    "applet audio canvas embed frameset head iframe math noembed noframes noscript "
    "object script select style svg template textarea title video xml xmp"
)
_cleaner = nh3.Cleaner(
    tags={*_MARKS, *_HEADINGS, *_TABLE, *_BORDERS}
    | {"p", "ul", "ol", "li", "blockquote", "hr", "br", "figure", "img"},
    clean_content_tags=_DROPPED_WITH_CONTENT,
    attributes={
        "a": {"href"},
        "figure": {"data-placement", "data-image", "data-alt-kind", "data-alt"},
        "img": {"alt"},
        "ol": {"start"},
        "th": {"colspan", "rowspan", "scope"},
        "td": {"colspan", "rowspan"},
    },
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel=None,
    strip_comments=True,
)


def read(html: str) -> Document:
    """Return the document that `html` means; ValidationError when over a limit."""
    return Document(_flow(_parse(_cleaner.clean(_within_limits(html)))))


def check_stored(canonical: str) -> None:
    """Raise ValidationError when stored HTML could not be read again.

    The canonical form is longer than what was typed (end tags, entities), so
    the limits hold at both ends.
    """
    _within_limits(canonical)


def clean(html: str) -> str:
    """Return `html` safe and canonical, figures in the stored form of a page."""
    return read(html).html()


def plain_text(html: str) -> str:
    return read(html).text()


def as_safe(stored_html: str) -> SafeString:
    """Mark HTML that this module made, and nothing else, as safe to print."""
    return mark_safe(stored_html)  # noqa: S308


# Limits, before anything is parsed

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)")
# They cannot hold themselves: a browser closes the open one.
_NOT_NESTING = _names(
    "p li dd dt td th tr thead tbody tfoot caption option br hr img input meta link "
    "col colgroup area base source track wbr param"
)


def _within_limits(html: str) -> str:
    raw = html.encode("utf-8", "ignore")  # drops lone surrogates
    if len(raw) > MAX_BYTES or raw.count(b"&") > MAX_REFERENCES:
        raise ValidationError(
            _("The text is larger than 1 MB. Put long documents into attachments."),
            code="too_large",
        )
    html = _without_comments(raw.decode())
    open_tags: dict[str, int] = {}
    depth = 0
    for closing, name in _TAG.findall(html):
        name = name.lower()
        if name in _NOT_NESTING:
            continue
        if not closing:
            open_tags[name] = open_tags.get(name, 0) + 1
            depth += 1
        elif open_tags.get(name):
            open_tags[name] -= 1
            depth -= 1
        if depth > MAX_DEPTH:
            raise ValidationError(
                _("The text is nested too deeply. Paste it without formatting."),
                code="too_deep",
            )
    return html


def _without_comments(html: str) -> str:
    """Word puts hundreds of unclosed elements into conditional comments."""
    parts, position = [], 0
    while (start := html.find("<!--", position)) >= 0:
        end = html.find("-->", start + 4)
        if end < 0:
            break
        parts.append(html[position:start])
        position = end + 3
    return "".join([*parts, html[position:]])


# Rebuilding blocks from text and marks


def _flow(nodes: list, marks: tuple[Mark, ...] = (), in_table=False) -> list[Block]:
    """Return the blocks that `nodes` mean; loose text becomes paragraphs."""
    out: list[Block] = []
    run: list[Piece] = []

    def flush():
        out.extend(paragraphs(run))
        run.clear()

    def visit(nodes, marks):
        for node in nodes:
            if isinstance(node, str):
                run.append((node.replace(BR, " "), marks))
            elif node.tag == "br":
                run.append((BR, ()))
            elif node.tag in _MARKS:
                visit(node.children, _with_mark(marks, node))
            elif node.tag != "img":
                flush()
                blocks = _blocks_of(node, marks, in_table)
                if blocks is None:
                    visit(node.children, marks)
                else:
                    out.extend(blocks)
                flush()

    visit(nodes, marks)
    flush()
    return out


def _blocks_of(node, marks, in_table) -> list[Block] | None:
    """Return the blocks of one element; None: only its border counts."""
    tag = node.tag
    if tag in _HEADINGS:
        pieces = tidy(_inline(node.children, marks))
        return [Block(_HEADINGS[tag], pieces=pieces)] if pieces else []
    if tag in ("ul", "ol"):
        return _list(node, marks, in_table)
    if tag == "blockquote":
        children = _flow(node.children, marks, in_table)
        return [Block("blockquote", children=children)] if children else []
    if tag == "table" and not in_table:
        return _table(node, marks)
    if tag == "hr":
        return [Block("hr")]
    if tag == "figure" and (figure := _figure(node)):
        return [Block("figure", figure=figure)]
    return None


def _list(node, marks, in_table) -> list[Block]:
    items: list[list[Block]] = []
    for child in node.children:
        if isinstance(child, _Node) and child.tag == "li":
            items.append(_flow(child.children, marks, in_table))
        elif blocks := _flow([child], marks, in_table):
            # A list right inside a list belongs to the item before it.
            if items and items[-1] and blocks[0].tag in ("ul", "ol"):
                items[-1].extend(blocks)
            else:
                items.append(blocks)
    children = [_compact("li", {}, item) for item in items if item]
    if not children:
        return []
    start = _number(node.attrs.get("start"), 2, 9999) if node.tag == "ol" else None
    attrs = {"start": str(start)} if start else {}
    return [Block(node.tag, attrs, children=children)]


def _table(node, marks) -> list[Block]:
    captions, head, body = [], [], []
    for part in node.children:
        if not isinstance(part, _Node):
            continue
        if part.tag == "caption":
            captions += [*_inline(part.children, marks), (" ", ())]
        elif part.tag == "thead":
            head += _rows(part, marks)
        else:
            body += _rows(part, marks)
    children = []
    if caption := tidy(captions):
        children.append(Block("caption", pieces=caption))
    for tag, rows in (("thead", head), ("tbody", body)):
        if rows:
            children.append(Block(tag, children=rows))
    block = Block("table", children=children)
    says = any(part.pieces or part.figure for part in block.walk())
    return [block] if says and (head or body) else []


def _rows(part, marks) -> list[Block]:
    rows = []
    for row in part.children:
        if not (isinstance(row, _Node) and row.tag == "tr"):
            continue
        cells = [
            _compact(
                cell.tag, _cell_attrs(cell), _flow(cell.children, marks, in_table=True)
            )
            for cell in row.children
            if isinstance(cell, _Node) and cell.tag in ("th", "td")
        ]
        if cells:
            rows.append(Block("tr", children=cells))
    return rows


def _cell_attrs(cell) -> dict[str, str]:
    attrs = {}
    for name in ("colspan", "rowspan"):
        if span := _number(cell.attrs.get(name), 2, 100):
            attrs[name] = str(span)
    if cell.attrs.get("scope") in ("row", "col", "rowgroup", "colgroup"):
        attrs["scope"] = cell.attrs["scope"]
    return attrs


def _compact(tag, attrs, blocks) -> Block:
    """An item or cell whose only paragraph comes first needs no `<p>`."""
    paragraphs = sum(block.tag == "p" for block in blocks)
    if paragraphs == 1 and blocks[0].tag == "p":
        return Block(tag, attrs, blocks[0].pieces, blocks[1:])
    return Block(tag, attrs, children=blocks)


def _figure(node) -> Figure | None:
    placement = _number(node.attrs.get("data-placement"), 1, 2**63 - 1)
    image = _number(node.attrs.get("data-image"), 1, 2**63 - 1)
    if not (placement or image):
        return None
    kind = node.attrs.get("data-alt-kind", "")
    alt, caption = node.attrs.get("data-alt", ""), ""
    for child in _descendants(node):
        if child.tag == "img":
            alt = child.attrs.get("alt", "") or alt
        elif child.tag == "figcaption":
            caption = "".join(text for text, _marks in _inline(child.children, ()))
    if kind not in ("decorative", "caption"):
        kind = "text"
    return Figure(placement, image, kind, clean_line(alt), clean_line(caption))


def _descendants(node) -> Iterator[_Node]:
    for child in node.children:
        if isinstance(child, _Node):
            yield child
            yield from _descendants(child)


def _number(text: str | None, low: int, high: int) -> int | None:
    if text and text.isascii() and text.isdigit() and len(text) < 20:
        return int(text) if low <= int(text) <= high else None
    return None


def _inline(nodes, marks) -> list[Piece]:
    """Everything below as text with marks; a block's border is a blank."""
    pieces: list[Piece] = []
    for node in nodes:
        if isinstance(node, str):
            pieces.append((node.replace(BR, " "), marks))
        elif node.tag == "br":
            pieces.append((" ", ()))
        elif node.tag in _MARKS:
            pieces += _inline(node.children, _with_mark(marks, node))
        else:
            pieces += [(" ", ()), *_inline(node.children, marks), (" ", ())]
    return pieces


def _with_mark(marks, node):
    tag, href = _MARKS[node.tag], ""
    if tag == "a":
        href = link(node.attrs.get("href", ""))
    if (tag == "a" and not href) or any(mark[0] == tag for mark in marks):
        return marks
    return tuple(sorted([*marks, (tag, href)], key=lambda mark: RANK[mark[0]]))


def link(href: str) -> str:
    """Return an address that may stand in a link, or "".

    Ours begin with one slash; others are http, https, mailto or tel. A name or
    password before the host is how a false address is made to look like ours.
    """
    href = clean_line(href).replace(" ", "%20")
    if href.startswith("//"):
        href = "https:" + href
    if not href or len(href) > 2000 or "\\" in href:
        return ""
    try:
        parts = urlsplit(href)
        if parts.scheme in ("http", "https"):
            return href if parts.hostname and "@" not in parts.netloc else ""
    except ValueError:
        return ""
    if parts.scheme in ("mailto", "tel"):
        return href if parts.path else ""
    return href if not parts.scheme and href.startswith("/") else ""
