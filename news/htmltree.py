"""HTML that nh3 has cleaned, as a tree, and back: for news.html and news.pasting.

Only for cleaned HTML, which is well formed; nothing is checked or dropped here but
what is nested too deeply for the readers of the tree, which call themselves.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser

from news.html_limits import MAX_DEPTH, too_deep

_VOID = ("br", "hr", "img")


@dataclass
class Node:
    tag: str
    attrs: dict[str, str] = field(default_factory=dict)
    children: list = field(default_factory=list)  # Node or str

    def walk(self) -> Iterator["Node"]:
        yield self
        for child in self.children:
            if isinstance(child, Node):
                yield from child.walk()

    def text(self) -> str:
        return "".join(
            child if isinstance(child, str) else child.text() for child in self.children
        )


class _TreeBuilder(HTMLParser):
    CDATA_CONTENT_ELEMENTS = ("iframe",)  # as a browser, and as nh3 writes it

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.root = Node("")
        self.stack = [self.root]

    def handle_starttag(self, tag, attrs):
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.stack[-1].children.append(node)
        if tag not in _VOID:
            self.stack.append(node)
            if len(self.stack) > MAX_DEPTH + 1:  # the root is no element
                raise too_deep()

    def handle_endtag(self, tag):
        if len(self.stack) > 1 and self.stack[-1].tag == tag:
            self.stack.pop()

    def handle_data(self, data):
        if self.stack[-1].tag != "iframe":
            self.stack[-1].children.append(data)


def parse(html: str) -> list:
    """Return the nodes and texts of `html`; ValidationError when nested too deeply."""
    builder = _TreeBuilder()
    builder.feed(html)
    builder.close()
    return builder.root.children


def write(nodes: Iterable) -> str:
    """Return `nodes` as HTML; the reverse of `parse`."""
    parts = []
    for node in nodes:
        if isinstance(node, str):
            parts.append(escape(node, quote=False))
            continue
        attrs = "".join(f' {name}="{escape(v)}"' for name, v in node.attrs.items())
        parts.append(f"<{node.tag}{attrs}>")
        if node.tag not in _VOID:
            parts += [write(node.children), f"</{node.tag}>"]
    return "".join(parts)
