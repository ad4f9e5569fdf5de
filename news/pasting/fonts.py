"""Old fonts in pasted HTML: their texts are converted where they stand."""

import re

from news import oldfonts
from news.htmltree import Node
from news.pasting.styles import INLINE


def convert_old_fonts(root: Node) -> set[str]:
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
            elif child.tag in INLINE and child.tag != "br":
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
