"""What the styles and classes of a pasted element say about its text."""

import re

from news.document import MARKS
from news.htmltree import Node

INLINE = {*MARKS, "span", "font", "br", "img"}
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def style_of(node: Node) -> dict[str, str]:
    pairs = (part.partition(":") for part in node.attrs.get("style", "").split(";"))
    return {name.strip().lower(): value.strip() for name, _colon, value in pairs}


def classes_of(node: Node) -> str:
    return node.attrs.get("class", "").lower()


def is_comment(node: Node) -> bool:
    """Say whether `node` is one of Word's comments, or the mark of one."""
    style = node.attrs.get("style", "").lower().replace(" ", "")
    return "mso-element:comment" in style or "msocommentreference" in classes_of(node)


def marks_in(node: Node, marks: frozenset[str]) -> frozenset[str]:
    """Return the marks inside `node`; a style overrules what is around it."""
    if node.tag in MARKS and node.tag != "a":
        marks |= {MARKS[node.tag]}
    style = style_of(node)
    weight = style.get("font-weight", "").lower()
    if weight in ("bold", "bolder", "600", "700", "800", "900"):
        marks |= {"strong"}
    elif weight in ("normal", "100", "200", "300", "400", "500"):
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
    if node.tag in INLINE and lift in ("super", "sub"):
        marks |= {"sup" if lift == "super" else "sub"}
    return marks


def heading_of(node: Node) -> str | None:
    """Return the heading that a class makes of a paragraph."""
    match = re.search(r"\b(?:mso)?(title|subtitle|heading ?(\d))\b", classes_of(node))
    if not match or node.tag != "p":
        return None
    if match[2]:
        return f"h{min(max(int(match[2]), 1), 6)}"
    return {"title": "h2", "subtitle": "h3"}[match[1]]
