"""Word's lists and captions: paragraphs that belong together, put together.

A list's paragraph has "mso-list:l0 level2 lfo1" as style, and its marker as text.
"""

import re

from news.htmltree import Node, write
from news.pasting.styles import style_of

LEVEL = re.compile(r"\bl\d+\s+level(\d)\b")
_BULLET = re.compile(r"[·•▪◦●○■□–—\-*+oØüv§¨qØ\uf000-\uf0ff]")
_NUMBER = re.compile(r"\(?(?:(\d{1,4})|([a-zđ])|([ivx]+))[.)/]?\)?", re.I)
_SYMBOLS = re.compile(r"symbol|wingdings|webdings", re.I)


def marker_of(paragraph: Node) -> Node | None:
    """Return the element with the marker of a list's paragraph."""
    for node in paragraph.walk():
        if style_of(node).get("mso-list", "").lower() == "ignore":
            return node
    return None


def without(node: Node, gone: Node) -> list:
    """Return the children of `node` less `gone`, wherever it stands below."""
    return [
        child
        if isinstance(child, str)
        else Node(child.tag, child.attrs, without(child, gone))
        for child in node.children
        if child is not gone
    ]


def kind_of(marker: Node | None) -> tuple[str | None, str]:
    """Return the list that a marker's text tells, and its number.

    The list is "" when it is that of the item before, None when the marker is more
    than a list's number ("Điều 1.", "1.1."); the number is "" for a) or i.
    """
    if marker is None:
        return "", ""
    text = " ".join(marker.text().split())
    if not text or _SYMBOLS.search(write([marker])) or _BULLET.fullmatch(text):
        return "ul", ""
    match = _NUMBER.fullmatch(text)
    return ("ol", match[1] or "") if match else (None, "")


def with_lists(blocks: list[Node]) -> list[Node]:
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
        level = int(text) if re.fullmatch("[1-9]", text) else 1
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
        part.tag in ("table", "figure", "iframe", "hr") for part in block.walk()
    )


def with_captions(blocks: list[Node]) -> list[Node]:
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
