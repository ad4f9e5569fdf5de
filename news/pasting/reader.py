"""Reads the tree of a clipboard into blocks."""

from urllib.parse import parse_qs, urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from news.htmltree import Node
from news.pasting.fonts import convert_old_fonts
from news.pasting.lists import (
    LEVEL,
    kind_of,
    marker_of,
    with_captions,
    with_lists,
    without,
)
from news.pasting.styles import (
    HEADINGS,
    INLINE,
    classes_of,
    heading_of,
    is_comment,
    marks_in,
    style_of,
)


class Reader:
    """Reads a parsed clipboard once; `blocks` for news.html, `notes()` after it."""

    def __init__(self, nodes: list):
        self.file_pictures = self.web_pictures = 0
        self.renumbered = False
        self.no_marks = frozenset()  # where they are the look of links and headings
        root = Node("div", {}, nodes)
        self.old = convert_old_fonts(root)
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
        return with_captions(with_lists(self._collect(parent, marks)))

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
                elif is_comment(child):
                    continue
                elif child.tag == "br":
                    run.append(child)
                elif child.tag == "img":
                    self._count_picture(child)
                elif child.tag == "a" and not _has_blocks(child):
                    run.append(self._link(child, marks))
                elif child.tag in INLINE:
                    visit(child.children, marks_in(child, marks))
                else:
                    flush()
                    out.extend(self._block(child, marks_in(child, marks)))

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
        inside = self._flow_without("u", node, marks_in(node, marks))
        children = [child for block in inside for child in block.children]
        return Node("a", {"href": _real_address(node.attrs.get("href", ""))}, children)

    def _count_picture(self, node: Node) -> None:
        source = node.attrs.get("src", "").lower()
        sizes = (node.attrs.get(name, "") for name in ("width", "height"))
        if any(size in ("0", "1", "2", "3") for size in sizes):
            return  # it counts readers or holds a place
        if source.startswith(("file:", "data:")) or not source:
            self.file_pictures += 1
        else:
            self.web_pictures += 1

    def _block(self, node: Node, marks) -> list[Node]:
        tag = heading_of(node) or node.tag
        if tag in HEADINGS:
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
        if tag == "iframe" or "data-embed" in node.attrs:
            return [node]  # news.html knows which videos and maps may stand there
        return self._collect(node, marks)

    def _paragraph(self, node: Node, marks) -> list[Node]:
        level = LEVEL.search(style_of(node).get("mso-list", "").lower())
        if not level:
            kind = "caption" if "msocaption" in classes_of(node) else "p"
            return _paragraphs_as(kind, self._flow(node, marks))
        marker = marker_of(node)
        kind, number = kind_of(marker)
        self.renumbered |= kind == "ol" and not number  # a), i.
        if kind is None:  # "Điều 1." or "1.1." is more than a list's number
            return self._flow(node, marks)
        children = without(node, marker) if marker else node.children
        item = {"level": level[1], "kind": kind, "number": number}
        return [Node("item", item, self._flow(Node("p", {}, children), marks))]

    def _list(self, node: Node, marks) -> list[Node]:
        items = [
            child
            for child in node.children
            if isinstance(child, Node) and not is_comment(child)
        ]
        # Word on the web: every item in a list of its own, its level as a number.
        if items and all("data-aria-level" in item.attrs for item in items):
            return [self._web_item(node, item, marks) for item in items]
        children = []
        for item in items:
            if item.tag in ("ul", "ol"):  # news.html puts it into the item before
                children += self._list(item, marks)
            else:
                inside = self._flow(item, marks_in(item, marks))
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
            if isinstance(child, str) or is_comment(child):
                continue
            inside = marks_in(child, marks)
            if child.tag in ("th", "td", "caption"):
                kept = ("colspan", "rowspan", "scope")
                attrs = {n: child.attrs[n] for n in kept if n in child.attrs}
                parts.append(Node(child.tag, attrs, self._flow(child, inside)))
            elif child.tag in ("thead", "tbody", "tfoot", "tr"):
                parts.append(Node(child.tag, {}, self._table_parts(child, inside)))
        return parts


def _has_blocks(node: Node) -> bool:
    return any(part.tag not in INLINE for part in node.walk())


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
