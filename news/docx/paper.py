"""The text of a Word file as lines, pictures and tables, in mammoth's terms.

What stands here is still a Word paragraph, with its alignment and style: that is what
recognition goes by, and HTML no longer has it.
"""

import io
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from mammoth import documents

from news.docx import fonts
from news.docx.names import W
from news.docx.package import Package, unreadable
from news.docx.pictures import Drawings, Shown
from news.docx.styles import HEADING, Styles, make_explicit
from news.text import clean_line

_PUSHED = 24  # blanks, three tabs: nobody begins a paragraph so far in
# 20 for each run in each open field, 1 for a letter of an instruction read again. Notes
# of a program for sources have megabytes of instructions.
_MAX_FIELD_WORK = 50_000_000
_SHORT = 300  # characters; words around a picture in a table made for layout


# Two lines with the same words are two lines: items are found by what they are.
@dataclass(eq=False)
class Line:
    """A paragraph with text."""

    paragraph: documents.Paragraph
    text: str
    is_bold: bool
    is_italic: bool
    is_pushed: bool  # to the right, by blanks or tabs before it

    @property
    def style(self) -> str:
        return self.paragraph.style_id or ""

    @property
    def is_heading(self) -> bool:
        return self.style.startswith(HEADING)

    @property
    def is_centred(self) -> bool:
        return self.paragraph.alignment == "center"

    @property
    def is_right(self) -> bool:
        return self.is_pushed or self.paragraph.alignment in ("right", "end")

    @property
    def is_item(self) -> bool:
        return self.paragraph.numbering is not None and not self.is_heading


@dataclass
class Picture:
    index: int  # in Drawings.shown
    caption: str = ""


@dataclass(eq=False)
class Grid:
    table: documents.Table


Item = Line | Picture | Grid


@dataclass
class Prepared:
    """A file that mammoth can read, and what it will not tell."""

    file: io.BytesIO
    shown: list[Shown] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def prepare(package: Package) -> Prepared:
    """Write the checked and explicit parts into a package of our own.

    Only they are in it, under the names where mammoth looks by itself, and of
    all relationships the links: no part that was not checked is ever parsed.
    """
    styles_root = package.xml(package.part("styles"))
    styles = Styles(styles_root)
    prepared = Prepared(io.BytesIO())
    has_old_fonts = has_changes = has_hidden = False
    with zipfile.ZipFile(prepared.file, "w") as out:
        for name, kind in (
            (package.main, "document"),
            (package.part("footnotes"), "footnotes"),
            (package.part("endnotes"), "endnotes"),
        ):
            root = package.xml(name)
            if root is None:
                continue
            _check_fields(root)
            drawings = Drawings(package, name)
            drawings.replace(root)
            if kind == "document":  # pictures in notes are not worth their trouble
                prepared.shown = drawings.shown
                prepared.warnings += drawings.warnings
            else:
                _drop_drawings(root)
            has_old_fonts |= fonts.convert(root, styles)
            has_hidden |= make_explicit(root, styles)
            has_changes |= any(e.tag in _CHANGES for e in root.iter())
            out.writestr(f"word/{kind}.xml", ET.tostring(root))
            out.writestr(f"word/_rels/{kind}.xml.rels", _links(package, name))
        for kind, root in (
            ("styles", styles_root),
            ("numbering", package.xml(package.part("numbering"))),
        ):
            if root is not None:
                out.writestr(f"word/{kind}.xml", ET.tostring(root))
    if has_old_fonts:
        prepared.warnings.append(
            _(
                "The text was in an old font (TCVN3 or VNI) and was converted to "
                "Unicode. Read it through: names in capitals above all."
            )
        )
    if has_changes:
        prepared.warnings.append(
            _(
                "The file has tracked changes; the text came as if all of them were "
                "accepted."
            )
        )
    if has_hidden:
        prepared.warnings.append(
            _("The file has hidden text, which was left out: no reader of it saw that.")
        )
    return prepared


def _check_fields(root: ET.Element) -> None:
    """Refuse fields that are opened and never closed, as Word never writes them.

    For each run mammoth looks through all that are open, and at each part of a field
    it reads its instruction anew: 12 KB of them take minutes.
    """
    work = opened = instruction = 0
    for element in root.iter():
        if element.tag == W + "r":
            work += 20 * opened
        elif element.tag == W + "instrText":
            instruction += len(element.text or "")
        elif element.tag == W + "fldChar":
            kind = element.get(W + "fldCharType")
            work += instruction
            opened = max(0, opened + (kind == "begin") - (kind == "end"))
            instruction = 0 if kind == "begin" else instruction
    if work > _MAX_FIELD_WORK:
        raise unreadable()


_CHANGES = {W + name for name in ("ins", "del", "moveFrom", "moveTo")}


def _links(package: Package, name: str) -> bytes:
    relationships = "http://schemas.openxmlformats.org/package/2006/relationships"
    root = ET.Element(f"{{{relationships}}}Relationships")

    def add(key, kind, target):
        row = {"Id": key, "Type": kind, "Target": target}
        ET.SubElement(root, f"{{{relationships}}}Relationship", row)

    add("picture", "picture", "media/picture.png")
    for key, (kind, target, outside) in package.relationships(name).items():
        if kind == "hyperlink":
            add(key, kind, target if outside else "")
    return ET.tostring(root)


def _drop_drawings(root: ET.Element) -> None:
    for run in root.iter(W + "r"):
        for drawing in run.findall(W + "drawing"):
            run.remove(drawing)


# From mammoth's document


def items_of(document: documents.Document) -> list[Item]:
    """Return the document as items in reading order; pictures stand alone."""
    return [item for child in document.children for item in _items(child)]


def _items(element) -> Iterator[Item]:
    if isinstance(element, documents.Paragraph):
        yield from _split(element)
    elif isinstance(element, documents.Table):
        cells = _layout(element)
        if cells is None:
            yield Grid(element)
        else:
            for child in cells:
                yield from _items(child)


def _split(paragraph: documents.Paragraph) -> Iterator[Item]:
    """A picture in the middle of a sentence comes after it; others stay in place."""
    before, pictures, after = [], [], []
    for piece in _pieces(paragraph.children):
        if isinstance(piece, documents.Image):
            pictures.append(Picture(int(piece.alt_text)))
            before, after = before + after, []
        elif pictures:
            after.append(piece)
        else:
            before.append(piece)
    if not pictures or (_text(before) and _text(after)):
        before, after = before + after, []
    for children in (before, None, after):
        if children is None:
            yield from pictures
        elif _text(children):
            yield line(paragraph.copy(children=children))


def _pieces(children) -> Iterator:
    """The children of a paragraph, those with pictures taken apart around them."""
    for child in children:
        if isinstance(child, documents.Image):
            yield child
        elif isinstance(child, documents.Run | documents.Hyperlink) and any(
            isinstance(below, documents.Image) for below in _below(child)
        ):
            for piece in _pieces(child.children):
                is_picture = isinstance(piece, documents.Image)
                yield piece if is_picture else child.copy(children=[piece])
        else:
            yield child


def line(paragraph: documents.Paragraph) -> Line:
    runs = [
        run
        for run in _below(paragraph)
        if isinstance(run, documents.Run) and _text(run.children)
    ]
    return Line(
        paragraph,
        _text(paragraph.children),
        is_bold=bool(runs) and all(run.is_bold for run in runs),
        is_italic=bool(runs) and all(run.is_italic for run in runs),
        is_pushed=_blanks_before(paragraph) >= _PUSHED,
    )


def _blanks_before(paragraph: documents.Paragraph) -> int:
    """The width of what stands before the first letter, in blanks."""
    width = 0
    for element in _below(paragraph):
        if isinstance(element, documents.Tab):
            width += 8
        elif isinstance(element, documents.Text):
            width += len(element.value) - len(element.value.lstrip())
            if element.value.strip():
                break
    return width


def _below(element) -> Iterator:
    for child in getattr(element, "children", []):
        yield child
        yield from _below(child)


def _text(children) -> str:
    parts = []
    for child in children:
        for element in (child, *_below(child)):
            if isinstance(element, documents.Text):
                parts.append(element.value)
            elif isinstance(element, documents.Break | documents.Tab):
                parts.append(" ")
    return clean_line("".join(parts))


def _layout(table: documents.Table) -> list | None:
    """Return what stands in a table that only puts captions under pictures.

    None: it is a table of data. Where no row mixes pictures with other cells'
    words, each column is read down: a picture, then what stands under it.
    """
    rows = [
        [_cell_kind(cell) for cell in row.children]
        for row in table.children
        if isinstance(row, documents.TableRow)
    ]
    kinds = {kind for row in rows for kind in row}
    if not kinds & {"picture", "both"} or "long" in kinds:
        return None
    if any("words" in row and {"picture", "both"} & set(row) for row in rows):
        return None
    cells = [list(row.children) for row in table.children]
    if len({len(row) for row in cells}) == 1:
        cells = [list(column) for column in zip(*cells, strict=True)]
    return [child for line in cells for cell in line for child in cell.children]


def _cell_kind(cell) -> str:
    text = _text(cell.children)
    has_picture = any(isinstance(e, documents.Image) for e in _below(cell))
    if len(text) > _SHORT:
        return "long"
    if has_picture:
        return "both" if text else "picture"
    return "words" if text else "empty"
