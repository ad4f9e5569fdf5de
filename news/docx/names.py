"""Names of WordprocessingML, as ElementTree writes them."""

import xml.etree.ElementTree as ET

_OFFICE = "http://schemas.openxmlformats.org/"
W = "{" + _OFFICE + "wordprocessingml/2006/main}"
R = "{" + _OFFICE + "officeDocument/2006/relationships}"
A = "{" + _OFFICE + "drawingml/2006/main}"
WP = "{" + _OFFICE + "drawingml/2006/wordprocessingDrawing}"
PIC = "{" + _OFFICE + "drawingml/2006/picture}"
CHART = "{" + _OFFICE + "drawingml/2006/chart}"
DIAGRAM = "{" + _OFFICE + "drawingml/2006/diagram}"
MATH = "{" + _OFFICE + "officeDocument/2006/math}"
MC = "{" + _OFFICE + "markup-compatibility/2006}"
V = "{urn:schemas-microsoft-com:vml}"


def val(parent: ET.Element | None, path: str) -> str | None:
    """Return w:val of the element at `path` ("jc", "rPr/b"); None when not there."""
    found = find(parent, path)
    return None if found is None else found.get(W + "val", "")


def find(parent: ET.Element | None, path: str) -> ET.Element | None:
    if parent is None:
        return None
    return parent.find("/".join(W + step for step in path.split("/")))


def child(parent: ET.Element, name: str, first: bool = False) -> ET.Element:
    """Return the child `name`, made when it is missing."""
    found = parent.find(W + name)
    if found is None:
        found = ET.Element(W + name)
        parent.insert(0, found) if first else parent.append(found)
    return found


def is_on(value: str | None) -> bool:
    """What a toggle such as w:b says; <w:b/> alone is on."""
    return value is not None and value not in ("0", "false", "off", "none")


def own_runs(paragraph: ET.Element) -> list[ET.Element]:
    """Return the runs of a paragraph without those of text boxes anchored in it."""
    runs: list[ET.Element] = []
    for element in paragraph:
        if element.tag == W + "r":
            runs.append(element)
        if element.tag not in (W + "p", W + "pict", W + "drawing"):
            runs += own_runs(element)
    return runs


def text_of(element: ET.Element) -> str:
    return "".join(t.text or "" for t in element.iter(W + "t"))
