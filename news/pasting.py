"""What a clipboard holds, as HTML of ours: Word, Google Docs, Excel, web pages.

Meaning that those programs keep in styles and classes (lists, bold, headings,
titles of tables, old fonts) is brought into elements. Then news.html reads the
result: it alone decides what is safe, here nothing is.
"""

import re
from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qs, urlsplit

import nh3
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from news import oldfonts
from news.html import check_stored, read
from news.htmltree import Node, parse, write

_MARKS = {
    "a": "a",
    "b": "strong",
    "strong": "strong",
    "i": "em",
    "em": "em",
    "u": "u",
    "ins": "u",
    "s": "s",
    "strike": "s",
    "del": "s",
    "sub": "sub",
    "sup": "sup",
}
_INLINE = {*_MARKS, "span", "font", "br", "img"}
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_DROPPED_WITH_CONTENT = set(
    re.findall(
        r"\w+",
        "applet audio button canvas embed frameset head iframe math nav noembed "
        "noframes noscript object script select style svg template textarea title "
        "video xml xmp",
    )
)
_cleaner = nh3.Cleaner(
    tags=_INLINE
    | {*_HEADINGS, "p", "div", "ul", "ol", "li", "blockquote", "hr", "figure"}
    | {"figcaption", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"}
    | {"article", "section", "main", "header", "footer", "aside", "address", "pre"}
    | {"dl", "dt", "dd", "center", "details", "summary"},
    clean_content_tags=_DROPPED_WITH_CONTENT,
    attributes={
        "*": {"style", "class"},
        "a": {"href"},
        "font": {"face"},
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
    reader = _Reader(_parsed(html if html.strip() else _paragraphs(plain)))
    return Pasted(read(write(reader.blocks)).html(), reader.notes())


# Weight that may go before anything is measured: pictures as data, style sheets.
_DATA = re.compile(r"data:[a-z]+/[^\"'\s>]*", re.I)
_SHEETS = re.compile(r"<(style|xml)\b.*?</\1\s*>", re.I | re.S)


def _parsed(html: str) -> list:
    html = _SHEETS.sub("", _DATA.sub("data:,", html))
    check_stored(html)
    return parse(_cleaner.clean(html.encode("utf-8", "ignore").decode()))


def _paragraphs(plain: str) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in plain.splitlines())


# What styles and classes say


def _style(node: Node) -> dict[str, str]:
    pairs = (part.partition(":") for part in node.attrs.get("style", "").split(";"))
    return {name.strip().lower(): value.strip() for name, _colon, value in pairs}


def _classes(node: Node) -> str:
    return node.attrs.get("class", "").lower()


def _is_hidden(node: Node) -> bool:
    style = node.attrs.get("style", "").lower().replace(" ", "")
    return (
        "display:none" in style
        or "mso-hide:all" in style
        or ("mso-element:comment" in style or "msocommentreference" in _classes(node))
    )


def _marks(node: Node, marks: frozenset[str]) -> frozenset[str]:
    """Return the marks inside `node`; a style overrules what is around it."""
    if node.tag in _MARKS and node.tag != "a":
        marks |= {_MARKS[node.tag]}
    style = _style(node)
    weight = style.get("font-weight", "").lower()
    if weight in ("bold", "bolder") or (weight.isdigit() and int(weight) >= 600):
        marks |= {"strong"}
    elif weight == "normal" or weight.isdigit():
        marks -= {"strong"}
    slant = style.get("font-style", "").lower()
    if slant in ("italic", "oblique"):
        marks |= {"em"}
    elif slant == "normal":
        marks -= {"em"}
    lines = style.get("text-decoration", "") + style.get("text-decoration-line", "")
    marks |= {
        mark
        for name, mark in (("underline", "u"), ("line-through", "s"))
        if name in lines
    }
    lift = style.get("vertical-align", "")
    if node.tag in _INLINE and lift in ("super", "sub"):
        marks |= {"sup" if lift == "super" else "sub"}
    return marks


def _heading(node: Node) -> str | None:
    """Return the heading that a class makes of a paragraph."""
    match = re.search(r"\b(?:mso)?(title|subtitle|heading ?(\d))\b", _classes(node))
    if not match or node.tag != "p":
        return None
    if match[2]:
        return f"h{min(max(int(match[2]), 1), 6)}"
    return {"title": "h2", "subtitle": "h3"}[match[1]]


# Word's lists are paragraphs: "mso-list:l0 level2 lfo1", and a marker as text.

_LEVEL = re.compile(r"\bl\d+\s+level(\d)\b")
_BULLET = re.compile(r"[·•▪◦●○■□–—\-*+oØüv§¨qØ\uf000-\uf0ff]")
_NUMBER = re.compile(r"\(?(?:(\d{1,4})|([a-zđ])|([ivx]+))[.)/]?\)?", re.I)
_SYMBOLS = re.compile(r"symbol|wingdings|webdings", re.I)


def _marker(paragraph: Node) -> Node | None:
    """Return the element with the marker of a list's paragraph."""
    for node in paragraph.walk():
        if _style(node).get("mso-list", "").lower() == "ignore":
            return node
    return None


def _without(node: Node, gone: Node) -> list:
    """Return the children of `node` less `gone`, wherever it stands below."""
    return [
        child
        if isinstance(child, str)
        else Node(child.tag, child.attrs, _without(child, gone))
        for child in node.children
        if child is not gone
    ]


class _Reader:
    """Reads a parsed clipboard once; `blocks` for news.html, `notes()` after it."""

    def __init__(self, nodes: list):
        self.file_pictures = self.web_pictures = 0
        self.renumbered = False
        self.no_marks = frozenset()  # where they are the look of links and headings
        root = Node("div", {}, nodes)
        self.old = _convert_old_fonts(root)
        # One h1 is the title's; several are the parts of the text.
        ones = sum(node.tag == "h1" for node in root.walk())
        self.deeper = 1 if ones > 1 else 0
        self.blocks = self._flow(root, frozenset())

    def notes(self) -> list[str]:
        notes = []
        for encoding in sorted(self.old):
            name = {"tcvn3": "TCVN3 (ABC)", "vni": "VNI"}[encoding]
            notes.append(
                _(
                    "The text was in the old encoding %(name)s and was converted to "
                    "Unicode. Read it through, capitals most of all."
                )
                % {"name": name}
            )
        if count := self.file_pictures:
            notes.append(
                ngettext(
                    "%(count)d picture of Word cannot come along by pasting. Drag the "
                    "picture's file into the text, or import the Word file.",
                    "%(count)d pictures of Word cannot come along by pasting. Drag the "
                    "pictures' files into the text, or import the Word file.",
                    count,
                )
                % {"count": count}
            )
        if count := self.web_pictures:
            notes.append(
                ngettext(
                    "%(count)d picture of the source was left out. Upload it to the "
                    "library if you may use it.",
                    "%(count)d pictures of the source were left out. Upload them to "
                    "the library if you may use them.",
                    count,
                )
                % {"count": count}
            )
        if self.renumbered:
            notes.append(
                _("Lists marked a), b), c) or i, ii, iii are numbered 1, 2, 3 here.")
            )
        return notes

    # Blocks

    def _flow(self, parent: Node, marks) -> list[Node]:
        """Return the blocks inside `parent`, lists and titles of tables made."""
        return _with_captions(_with_lists(self._collect(parent, marks)))

    def _collect(self, parent: Node, marks) -> list[Node]:
        """Return the blocks inside `parent`; loose text becomes paragraphs."""
        out: list[Node] = []
        run: list = []

        def flush():
            if run:
                out.append(Node("p", {}, list(run)))
                run.clear()

        def visit(children, marks):
            for child in children:
                if isinstance(child, str):
                    run.append(self._marked(child, marks))
                elif _is_hidden(child):
                    continue
                elif child.tag == "br":
                    run.append(child)
                elif child.tag == "img":
                    self._count_picture(child)
                elif child.tag == "a" and not _has_blocks(child):
                    run.append(self._link(child, marks))
                elif child.tag in _INLINE:
                    visit(child.children, _marks(child, marks))
                else:
                    flush()
                    out.extend(self._block(child, _marks(child, marks)))

        visit(parent.children, marks)
        flush()
        return out

    def _marked(self, text: str, marks):
        for mark in sorted(marks - self.no_marks) if text.strip() else ():
            text = Node(mark, {}, [text])
        return text

    def _flow_without(self, mark: str, node: Node, marks) -> list[Node]:
        before, self.no_marks = self.no_marks, self.no_marks | {mark}
        inside = self._flow(node, marks)
        self.no_marks = before
        return inside

    def _link(self, node: Node, marks) -> Node:
        inside = self._flow_without("u", node, _marks(node, marks))
        children = [child for block in inside for child in block.children]
        return Node("a", {"href": _real_address(node.attrs.get("href", ""))}, children)

    def _count_picture(self, node: Node) -> None:
        source = node.attrs.get("src", "").lower()
        sizes = (node.attrs.get(name, "") for name in ("width", "height"))
        if any(size.isdigit() and int(size) < 4 for size in sizes):
            return  # it counts readers or holds a place
        if source.startswith(("file:", "data:")) or not source:
            self.file_pictures += 1
        else:
            self.web_pictures += 1

    def _block(self, node: Node, marks) -> list[Node]:
        tag = _heading(node) or node.tag
        if tag in _HEADINGS:
            level = min(int(tag[1]) + (self.deeper if tag == node.tag else 0), 6)
            return [Node(f"h{level}", {}, self._flow_without("strong", node, marks))]
        if tag == "p":
            return self._paragraph(node, marks)
        if tag in ("ul", "ol"):
            return self._list(node, marks)
        if tag == "table":
            return self._table(node, marks)
        if tag == "blockquote":
            return [Node(tag, {}, self._flow(node, marks))]
        if tag == "hr":
            return [node]
        if tag == "figure" and node.attrs.get("data-image"):
            return [_own_figure(node)]
        return self._collect(node, marks)

    def _paragraph(self, node: Node, marks) -> list[Node]:
        level = _LEVEL.search(_style(node).get("mso-list", "").lower())
        if not level:
            kind = "caption" if "msocaption" in _classes(node) else "p"
            return _paragraphs_as(kind, self._flow(node, marks))
        marker = _marker(node)
        kind, number = self._kind(marker)
        if kind is None:  # "Điều 1." or "1.1." is more than a list's number
            return self._flow(node, marks)
        children = _without(node, marker) if marker else node.children
        item = {"level": level[1], "kind": kind, "number": number}
        return [Node("item", item, self._flow(Node("p", {}, children), marks))]

    def _kind(self, marker: Node | None) -> tuple[str | None, str]:
        """Return the list that a marker's text tells, and its number."""
        if marker is None:
            return "", ""  # as the item before it
        text = " ".join(marker.text().split())
        if not text or _SYMBOLS.search(write([marker])) or _BULLET.fullmatch(text):
            return "ul", ""
        match = _NUMBER.fullmatch(text)
        if not match:
            return None, ""
        self.renumbered |= not match[1]
        return "ol", match[1] or "1"

    def _list(self, node: Node, marks) -> list[Node]:
        items = [
            child
            for child in node.children
            if isinstance(child, Node) and not _is_hidden(child)
        ]
        # Word on the web: every item in a list of its own, its level as a number.
        if items and all("data-aria-level" in item.attrs for item in items):
            return [self._web_item(node, item, marks) for item in items]
        children = []
        for item in items:
            if item.tag in ("ul", "ol"):  # news.html puts it into the item before
                children += self._list(item, marks)
            else:
                inside = self._flow(item, _marks(item, marks))
                children.append(Node("li", {}, inside))
        start = node.attrs.get("start")
        return [Node(node.tag, {"start": start} if start else {}, children)]

    def _web_item(self, parent: Node, item: Node, marks) -> Node:
        attrs = {
            "level": item.attrs["data-aria-level"],
            "kind": parent.tag,
            "number": parent.attrs.get("start", ""),
        }
        return Node("item", attrs, self._flow(item, marks))

    def _table(self, node: Node, marks) -> list[Node]:
        table = Node("table", {}, self._table_parts(node, marks))
        cells = [part for part in table.walk() if part.tag in ("th", "td")]
        # A single cell copied in Excel, or the frame of a web page.
        return cells[0].children if len(cells) == 1 else [table]

    def _table_parts(self, node: Node, marks) -> list[Node]:
        parts = []
        for child in node.children:
            if isinstance(child, str) or _is_hidden(child):
                continue
            inside = _marks(child, marks)
            if child.tag in ("th", "td", "caption"):
                kept = ("colspan", "rowspan", "scope")
                attrs = {n: child.attrs[n] for n in kept if n in child.attrs}
                parts.append(Node(child.tag, attrs, self._flow(child, inside)))
            elif child.tag in ("thead", "tbody", "tfoot", "tr"):
                parts.append(Node(child.tag, {}, self._table_parts(child, inside)))
        return parts


def _has_blocks(node: Node) -> bool:
    return any(part.tag not in _INLINE for part in node.walk())


def _paragraphs_as(kind: str, blocks: list[Node]) -> list[Node]:
    return [Node(kind, b.attrs, b.children) if b.tag == "p" else b for b in blocks]


def _own_figure(node: Node) -> Node:
    """A picture of our library; its placement belongs to the text it came from."""
    attrs = {
        name: value
        for name, value in node.attrs.items()
        if name.startswith("data-") and name != "data-placement"
    }
    return Node("figure", attrs, node.children)


def _real_address(href: str) -> str:
    """Google Docs leads through an address of its own."""
    try:
        parts = urlsplit(href)
    except ValueError:
        return ""
    if parts.hostname in ("www.google.com", "google.com") and parts.path == "/url":
        return (parse_qs(parts.query).get("q") or [href])[0]
    return href


# Neighbours that belong together


def _with_lists(blocks: list[Node]) -> list[Node]:
    """Make lists of the items that follow one another, nested by their levels."""
    out: list[Node] = []
    open_lists: list[tuple[int, Node]] = []  # from the outermost
    for block in blocks:
        if block.tag != "item":
            # Blanks between two paragraphs do not end a list.
            if open_lists and not _says(block):
                continue
            open_lists = []
            out.append(block)
            continue
        text = block.attrs["level"]
        level = int(text) if text.isascii() and text.isdigit() else 1
        kind = block.attrs["kind"]
        while open_lists and open_lists[-1][0] > level:
            open_lists.pop()
        here = open_lists[-1] if open_lists and open_lists[-1][0] == level else None
        if here and kind not in ("", here[1].tag):
            open_lists.pop()
            here = None
        if here is None:
            number = block.attrs["number"]
            attrs = {"start": number} if number not in ("", "1") else {}
            new = Node(kind or "ul", attrs)
            if open_lists:
                open_lists[-1][1].children[-1].children.append(new)
            else:
                out.append(new)
            open_lists.append((level, new))
        open_lists[-1][1].children.append(Node("li", {}, block.children))
    return out


def _says(block: Node) -> bool:
    return bool(block.text().strip()) or any(
        part.tag in ("table", "figure", "hr") for part in block.walk()
    )


def _with_captions(blocks: list[Node]) -> list[Node]:
    """Put Word's caption into the table that follows or precedes it."""
    blocks = [block for block in blocks if block.tag == "hr" or _says(block)]
    taken: set[int] = set()
    for index, block in enumerate(blocks):
        if block.tag != "caption":
            continue
        for near in (index + 1, index - 1):
            table = blocks[near] if 0 <= near < len(blocks) else None
            if table is not None and table.tag == "table" and not _has_caption(table):
                table.children.insert(0, Node("caption", {}, block.children))
                taken.add(index)
                break
    left = [block for index, block in enumerate(blocks) if index not in taken]
    return [
        Node("p", {}, block.children) if block.tag == "caption" else block
        for block in left
    ]


def _has_caption(table: Node) -> bool:
    return any(isinstance(c, Node) and c.tag == "caption" for c in table.children)


# Old fonts


def _convert_old_fonts(root: Node) -> set[str]:
    """Convert the texts of `root` in place; return the encodings that were found.

    A font's name is believed unless its text has letters that only Unicode has.
    """
    paragraphs = _texts_by_paragraph(root)
    whole = ["".join(node.children[i] for node, i, _f in texts) for texts in paragraphs]
    found = set()
    for texts, text, detected in zip(
        paragraphs, whole, oldfonts.encodings(whole), strict=True
    ):
        fonts = {font for _node, _i, font in texts if font}
        believed = "" if oldfonts.has_unicode(text) else next(iter(sorted(fonts)), "")
        starts = True
        for node, index, font in texts:
            old = node.children[index]
            if encoding := (
                "" if oldfonts.has_unicode(old) else font or detected or believed
            ):
                new = oldfonts.convert(old, encoding, starts_sentence=starts)
                node.children[index] = new
                if new != old:
                    found.add(encoding.partition("-")[0])
            starts = starts and not old.strip()
    return found


def _texts_by_paragraph(root: Node) -> list[list[tuple[Node, int, str]]]:
    """Return (node, index of the text in it, encoding of its font) by paragraph."""
    paragraphs: list[list[tuple[Node, int, str]]] = [[]]

    def visit(node: Node, font: str):
        font = _font(node, font)
        for index, child in enumerate(node.children):
            if isinstance(child, str):
                paragraphs[-1].append((node, index, font))
            elif child.tag in _INLINE and child.tag != "br":
                visit(child, font)
            else:
                paragraphs.append([])
                visit(child, font)
                paragraphs.append([])

    visit(root, "")
    return [texts for texts in paragraphs if texts]


def _font(node: Node, around: str) -> str:
    """Return the old encoding that the font of `node` tells, or ""."""
    names = re.findall(r"font-family\s*:([^;]*)", node.attrs.get("style", ""), re.I)
    names += [node.attrs["face"]] if "face" in node.attrs else []
    if not names:
        return around
    fonts = [font for name in names for font in name.split(",")]
    return next(filter(None, map(oldfonts.font_encoding, fonts)), "")
