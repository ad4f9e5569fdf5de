"""What Word's styles say, put into the paragraphs and runs that use them.

mammoth sees only what stands in a paragraph itself. A title in bold by its style, a
line moved right by its style and a text whose font is the document's default
would all be missed.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator

from news.docx.names import W, child, find, is_on, own_runs, text_of, val

# The styles that mean something here, by the names Word gives in every language.
TITLE, SUBTITLE, CAPTION, HEADING = "Title", "Subtitle", "Caption", "Heading"
_MEANINGS = {"title": TITLE, "subtitle": SUBTITLE, "caption": CAPTION}
_FAR_RIGHT = 4300  # twentieths of a point: more than half of a page's text width


class Styles:
    def __init__(self, root: ET.Element | None):
        self._by_id: dict[str, ET.Element] = {}
        self._default: dict[str, str] = {}
        for style in root.iter(W + "style") if root is not None else ():
            style_id, kind = style.get(W + "styleId", ""), style.get(W + "type", "")
            self._by_id.setdefault(style_id, style)
            if is_on(style.get(W + "default")):
                self._default.setdefault(kind, style_id)
        self._defaults = find(root, "docDefaults/rPrDefault/rPr")

    def paragraph(self, paragraph: ET.Element) -> list[ET.Element]:
        """Return the styles of a paragraph, its own first, then what it builds on."""
        named = val(paragraph, "pPr/pStyle")
        return self._chain(named or self._default.get("paragraph"))

    def run(self, run: ET.Element) -> list[ET.Element]:
        return self._chain(val(run, "rPr/rStyle"))

    def _chain(self, style_id: str | None) -> list[ET.Element]:
        chain: list[ET.Element] = []
        while style_id in self._by_id and len(chain) < 20:
            style = self._by_id[style_id]
            if style in chain:
                break
            chain.append(style)
            style_id = val(style, "basedOn")
        return chain

    def font(self, run: ET.Element, paragraph_styles: list[ET.Element]) -> str:
        """Return the name of the font a run is shown in; "" when a theme decides."""
        sources = [find(run, "rPr"), *_rprs([*self.run(run), *paragraph_styles])]
        for source in [*sources, self._defaults]:
            fonts = find(source, "rFonts")
            if fonts is not None:
                # Letters beyond ASCII, all that matters here, are those of hAnsi.
                return fonts.get(W + "hAnsi") or fonts.get(W + "ascii") or ""
        return ""


def _rprs(styles: list[ET.Element]) -> Iterator[ET.Element]:
    for style in styles:
        if (properties := find(style, "rPr")) is not None:
            yield properties


def make_explicit(root: ET.Element, styles: Styles) -> bool:
    """Write meaning, alignment, bold and italic of styles into what uses them.

    Text that Word hides is emptied; return whether there was any.
    """
    has_hidden = False
    for paragraph in root.iter(W + "p"):
        chain = styles.paragraph(paragraph)
        properties = child(paragraph, "pPr", first=True)
        meaning = _meaning(properties, chain)
        if meaning:
            child(properties, "pStyle").set(W + "val", meaning)
        _align(properties, chain)
        for run in own_runs(paragraph):
            sources = [*styles.run(run), *chain]
            if _is_hidden(run, sources):
                has_hidden |= bool(text_of(run).strip())
                run[:] = []
            elif not meaning.startswith(HEADING):  # a heading is bold anyway
                _emphasise(run, sources)
    return has_hidden


def _meaning(properties: ET.Element, chain: list[ET.Element]) -> str:
    for style in chain:
        name = (val(style, "name") or "").lower()
        if name in _MEANINGS:
            return _MEANINGS[name]
        if match := re.fullmatch(r"heading ([1-9])", name):
            return f"{HEADING}{min(int(match[1]), 6)}"
    for source in [properties, *(find(style, "pPr") for style in chain)]:
        level = val(source, "outlineLvl")
        if level and level in "012345":
            return f"{HEADING}{int(level) + 1}"
    return ""


def _align(properties: ET.Element, chain: list[ET.Element]) -> None:
    if find(properties, "jc") is None:
        for style in chain:
            if (alignment := val(style, "pPr/jc")) is not None:
                child(properties, "jc").set(W + "val", alignment)
                break
    indent = find(properties, "ind")
    if indent is not None:
        left = indent.get(W + "left") or indent.get(W + "start") or ""
        # A signature is often moved to the right by a wide indent instead.
        if left.isascii() and left.isdigit() and int(left[:9]) > _FAR_RIGHT:
            child(properties, "jc").set(W + "val", "right")


def _is_hidden(run: ET.Element, chain: list[ET.Element]) -> bool:
    said = [val(source, "vanish") for source in _rprs([run, *chain])]
    return is_on(next((value for value in said if value is not None), None))


def _emphasise(run: ET.Element, chain: list[ET.Element]) -> None:
    for name in ("b", "i"):
        if find(run, f"rPr/{name}") is not None:
            continue
        said = (val(source, name) for source in _rprs(chain))
        if is_on(next((value for value in said if value is not None), None)):
            child(child(run, "rPr", first=True), name)
