"""Pictures of a Word file: found in whatever Word draws, told apart, shown small.

A picture is known by its number: its place among the parts of the file that are no
XML, which is the same each time the file is opened. Word's drawings (groups, text
boxes, charts, embedded objects) are taken apart here, so that mammoth meets nothing
but plain pictures and plain text.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from news.docx.names import (
    CHART,
    DIAGRAM,
    MATH,
    MC,
    PIC,
    WP,
    A,
    R,
    V,
    W,
    text_of,
)
from news.docx.package import Package

MAX_PICTURES = 60  # of one article
_GRAPHICS = {W + "drawing", W + "pict", W + "object"}
# Word describes pictures by itself, and inserted ones by the name of their file.
_NOT_SAID = re.compile(
    r"[\\/]|\.(?:jpe?g|png|gif|bmp|heic|webp)$|^(?:picture|image|hình ảnh|ảnh) ?\d*$"
    r"|automatically generated|được tạo tự động|ai-generated|do ai tạo",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Shown:
    """One showing of a picture in the text."""

    number: int  # of the picture
    order: int  # of all that Word shows, from 1, as the warnings count
    alt: str


@dataclass(frozen=True)
class _Graphic:
    """A picture or what stands for one, as the XML has it."""

    kind: str  # "picture", "chart", "diagram"
    relationship: str = ""
    alt: str = ""
    cropped: bool = False


class Drawings:
    """Replaces all drawings of one part; collects pictures and warnings."""

    def __init__(self, package: Package, part: str):
        self._package = package
        self._relationships = package.relationships(part)
        self._numbers = {name: n for n, name in enumerate(package.media(), 1)}
        self._before = ""  # text of the last paragraph that has some
        self._order = 0
        self.shown: list[Shown] = []
        self.warnings: list[str] = []

    def replace(self, parent: ET.Element) -> None:
        """Put plain pictures and text in place of drawings below `parent`."""
        children: list[ET.Element] = []
        for element in parent:
            if element.tag == MC + "AlternateContent":
                children += self._alternative(element)
            elif element.tag in _GRAPHICS:
                children += self._plain(element)
            elif element.tag in (MATH + "oMath", MATH + "oMathPara"):
                children.append(self._formula(element))
            else:
                self.replace(element)
                if element.tag == W + "p":
                    self._before = text_of(element).strip() or self._before
                children.append(element)
        parent[:] = children

    def _alternative(self, element: ET.Element) -> list[ET.Element]:
        """Take what newer Words show; older ones get a vector copy of it."""
        holder = element.find(MC + "Choice")
        if holder is None or not any(True for _g in _graphics(holder)):
            fallback = element.find(MC + "Fallback")
            holder = fallback if fallback is not None else holder
        if holder is None:
            return []
        self.replace(holder)
        return list(holder)

    def _plain(self, element: ET.Element) -> list[ET.Element]:
        graphics = list(_inside(element))
        found = [self._picture(graphic) for graphic in graphics]
        pictures = [picture for picture in found if picture is not None]
        if pictures and _is_group(element):
            self._warn(
                _(
                    "belongs to a group of drawings: arrows and words drawn over it "
                    "were left out. If they matter, take a screenshot of the group in "
                    "Word and put that in instead."
                )
            )
        boxes = list(_boxes(element))
        for box in boxes:
            self.replace(box)
        return pictures + [_text_box(b) for b in boxes]

    def _picture(self, graphic: _Graphic) -> ET.Element | None:
        self._order += 1
        name, problem = self._source(graphic)
        if problem:
            self._warn(problem)
            return None
        if len(self.shown) >= MAX_PICTURES:
            if len(self.shown) == MAX_PICTURES and self._order == MAX_PICTURES + 1:
                self.warnings.append(
                    _("Only the first %(max)s pictures of the file are taken.")
                    % {"max": MAX_PICTURES}
                )
            return None
        if graphic.cropped:
            self._warn(
                _(
                    "is cropped in Word, and comes whole: look whether what was cut "
                    "away may be shown."
                )
            )
        alt = "" if _NOT_SAID.search(graphic.alt) else graphic.alt
        self.shown.append(Shown(self._numbers[name], self._order, alt))
        return _drawing(len(self.shown) - 1)

    def _source(self, graphic: _Graphic) -> tuple[str, str]:
        """Return the part's name and "", or what keeps it from being shown."""
        if graphic.kind == "chart":
            return "", _(
                "is a chart of Word or Excel, which the site cannot show. Copy it, "
                "paste it as a picture (PNG), save that and add it again."
            )
        if graphic.kind == "diagram":
            return "", _(
                "is a SmartArt drawing, which the site cannot show. Right-click it, "
                "choose Save as Picture (PNG), and add that again."
            )
        _kind, target, outside = self._relationships.get(
            graphic.relationship, ("", "", False)
        )
        if outside:
            return "", _(
                "is only linked and not in the file. Insert it in Word as a file, "
                "or add it here."
            )
        if target not in self._numbers:
            return "", _("is missing from the file. Add it again.")
        return target, problem_of(self._package, target)

    def _warn(self, sentence: str) -> None:
        where = self._before if len(self._before) < 60 else self._before[:57] + "…"
        name = _("Picture %(number)s") % {"number": self._order}
        if where:
            name = _("Picture %(number)s, after “%(text)s”") % {
                "number": self._order,
                "text": where,
            }
        self.warnings.append(f"{name} {sentence}")

    def _formula(self, element: ET.Element) -> ET.Element:
        words = "".join(t.text or "" for t in element.iter(MATH + "t"))
        self.warnings.append(
            _(
                "The formula “%(text)s” became plain text. Check it, or add it as a "
                "picture."
            )
            % {"text": words[:60]}
        )
        run = ET.Element(W + "r")
        ET.SubElement(run, W + "t").text = words
        return run


def problem_of(package: Package, name: str) -> str:
    """Return why a part cannot be shown as a picture, or ""."""
    if package.size(name) > settings.MAX_IMAGE_UPLOAD_BYTES:
        return _("is larger than %(limit)s MB.") % {
            "limit": settings.MAX_IMAGE_UPLOAD_BYTES // 2**20
        }
    head = package.head(name)
    for kind, signature, at in (
        ("EMF", b" EMF", 40),
        ("WMF", b"\xd7\xcd\xc6\x9a", 0),
        ("WMF", b"\x01\x00\x09\x00", 0),
        ("TIFF", b"II*\x00", 0),
        ("TIFF", b"MM\x00*", 0),
        ("BMP", b"BM", 0),
        ("SVG", b"<", 0),
    ):
        if head[at:].startswith(signature):
            return _(
                "is in the format %(format)s, which the site cannot show. "
                "Right-click it in Word, choose Save as Picture (PNG or JPEG), and add "
                "that again."
            ) % {"format": kind}
    return ""


# What is inside a drawing


def _graphics(element: ET.Element) -> Iterator[ET.Element]:
    return (e for e in element.iter() if e.tag in _GRAPHICS)


def _walk(element: ET.Element) -> Iterator[ET.Element]:
    """All below, without text boxes and without older copies of the same."""
    for child in element:
        if child.tag not in (W + "txbxContent", MC + "Fallback"):
            yield child
            yield from _walk(child)


def _inside(element: ET.Element) -> Iterator[_Graphic]:
    outer = next(element.iter(WP + "docPr"), None)
    alt = _said(outer) if outer is not None else ""
    shape_alt = ""
    for child in _walk(element):
        if child.tag == PIC + "cNvPr" and _said(child):
            alt = _said(child)
        elif child.tag.startswith(V):
            shape_alt = child.get("alt", "") or shape_alt
        if child.tag in (PIC + "blipFill", A + "blipFill"):
            blip = child.find(A + "blip")
            if blip is not None:
                relationship = blip.get(R + "embed") or blip.get(R + "link") or ""
                crop = child.find(A + "srcRect")
                cropped = crop is not None and any(
                    value.lstrip("-").isdigit() and int(value[:9]) > 0
                    for value in crop.attrib.values()
                )
                yield _Graphic("picture", relationship, alt, cropped)
        elif child.tag == V + "imagedata" and child.get(R + "id"):
            yield _Graphic("picture", child.get(R + "id", ""), shape_alt)
        elif child.tag == CHART + "chart":
            yield _Graphic("chart")
        elif child.tag == DIAGRAM + "relIds":
            yield _Graphic("diagram")


def _said(properties: ET.Element) -> str:
    return (properties.get("descr") or properties.get("title") or "").strip()


def _is_group(element: ET.Element) -> bool:
    return any(
        child.tag == V + "group" or child.tag.endswith(("}wgp", "}wpc"))
        for child in _walk(element)
    )


def _boxes(element: ET.Element) -> Iterator[ET.Element]:
    for child in element:
        if child.tag == W + "txbxContent":
            yield child
        elif child.tag != MC + "Fallback":
            yield from _boxes(child)


# What mammoth gets


def _drawing(index: int) -> ET.Element:
    """A plain picture; its description is the place in `Drawings.shown`."""
    drawing = ET.Element(W + "drawing")
    inline = ET.SubElement(drawing, WP + "inline")
    ET.SubElement(inline, WP + "docPr", {"descr": str(index)})
    parent = inline
    for name in (A + "graphic", A + "graphicData", PIC + "pic", PIC + "blipFill"):
        parent = ET.SubElement(parent, name)
    ET.SubElement(parent, A + "blip", {R + "embed": "picture"})
    return drawing


def _text_box(content: ET.Element) -> ET.Element:
    picture = ET.Element(W + "pict")
    ET.SubElement(picture, V + "textbox").append(content)
    return picture
