"""The one sanitiser: what editors write or paste in, safe canonical HTML out.

Two steps. nh3 (the ammonia parser) removes whatever is not on the list, reading
as a browser does. What is left is then rebuilt block by block from text and
marks, so the output has one form only: `read(html).html()` of its own output is
the same bytes. This is the only module that marks HTML safe.

Figures are pictures of the library, so nothing of an `<img>` address is kept:
a figure is a placement or picture number with its words (see news.body). Nor is
anything of an `<iframe>`, but which video or map it shows (see news.embeds).
"""

from urllib.parse import urlsplit

import nh3
from django.utils.safestring import SafeString, mark_safe

from news import embeds
from news.document import (
    BR,
    MARKS,
    RANK,
    Block,
    Document,
    Figure,
    Mark,
    Piece,
    paragraphs,
    tidy,
)
from news.hidden_text import without_hidden
from news.html_limits import within_limits
from news.htmltree import Node, parse
from news.text import clean_line

_HEADINGS = {"h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4"}
_TABLE = {"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"}


def _names(text: str) -> set[str]:
    return set(text.split())


# Only their border between two paragraphs is kept.
_BORDERS = _names(
    "address article aside center dd details div dl dt fieldset figcaption footer "
    "form header legend main nav pre section summary"
)
# They print nothing themselves; kept until it is known whether they hide text.
_INLINE = _names(
    "abbr bdi bdo big button cite code dfn font kbd label mark q samp small span time "
    "tt var"
)
_DROPPED_WITH_CONTENT = _names(
    "applet audio canvas embed frameset head math noembed noframes noscript "
    "object script select style svg template textarea title video xml xmp"
)
_cleaner = nh3.Cleaner(
    tags={*MARKS, *_HEADINGS, *_TABLE, *_BORDERS, *_INLINE}
    | {"p", "ul", "ol", "li", "blockquote", "hr", "br", "figure", "img", "iframe"},
    clean_content_tags=_DROPPED_WITH_CONTENT,
    attributes={
        "*": {"style", "hidden"},
        "a": {"href"},
        "figure": {
            "data-placement",
            "data-image",
            "data-alt-kind",
            "data-alt",
            "data-embed",
        },
        "iframe": {"src", "title"},
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
    nodes = parse(_cleaner.clean(within_limits(html)))
    return Document(_flow(without_hidden(nodes)))


def check_stored(canonical: str) -> None:
    """Raise ValidationError when stored HTML could not be read again.

    The canonical form is longer than what was typed (end tags, entities), so
    the limits hold at both ends.
    """
    within_limits(canonical)


def clean(html: str) -> str:
    """Return `html` safe and canonical, figures in the stored form of a page."""
    return read(html).html()


def plain_text(html: str) -> str:
    return read(html).text()


def as_safe(stored_html: str) -> SafeString:
    """Mark HTML that this module made, and nothing else, as safe to print."""
    return mark_safe(stored_html)  # noqa: S308


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
            elif node.tag in MARKS:
                visit(node.children, _with_mark(marks, node))
            elif node.tag in _INLINE:
                visit(node.children, marks)
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
    if tag == "iframe" or (tag == "figure" and "data-embed" in node.attrs):
        embed = _embed(node)
        return [Block("figure", embed=embed)] if embed else []
    if tag == "figure" and (figure := _figure(node)):
        return [Block("figure", figure=figure)]
    return None


def _list(node, marks, in_table) -> list[Block]:
    items: list[list[Block]] = []
    for child in node.children:
        if isinstance(child, Node) and child.tag == "li":
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
        if not isinstance(part, Node):
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
    says = any(part.pieces or part.figure or part.embed for part in block.walk())
    return [block] if says and (head or body) else []


def _rows(part, marks) -> list[Block]:
    rows = []
    for row in part.children:
        if not (isinstance(row, Node) and row.tag == "tr"):
            continue
        cells = [
            _compact(
                cell.tag, _cell_attrs(cell), _flow(cell.children, marks, in_table=True)
            )
            for cell in row.children
            if isinstance(cell, Node) and cell.tag in ("th", "td")
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
    alt = node.attrs.get("data-alt", "")
    for child in node.walk():
        if child.tag == "img":
            alt = child.attrs.get("alt", "") or alt
    if kind not in ("decorative", "caption"):
        kind = "text"
    return Figure(placement, image, kind, clean_line(alt), _caption(node))


def _embed(node) -> embeds.Embed | None:
    """A video or map by its stored reference, or by the address in its code."""
    if node.tag == "iframe":
        return embeds.find(node.attrs.get("src", ""), node.attrs.get("title", ""))
    return embeds.find(node.attrs["data-embed"], _caption(node))


def _caption(figure: Node) -> str:
    captions = [n for n in figure.walk() if n.tag == "figcaption"]
    if not captions:
        return ""
    pieces = _inline(captions[-1].children, ())
    return clean_line("".join(text for text, _marks in pieces))


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
        elif node.tag in MARKS:
            pieces += _inline(node.children, _with_mark(marks, node))
        elif node.tag in _INLINE:
            pieces += _inline(node.children, marks)
        else:
            pieces += [(" ", ()), *_inline(node.children, marks), (" ", ())]
    return pieces


def _with_mark(marks, node):
    tag, href = MARKS[node.tag], ""
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
