"""A body as lines of words, one for each block, as people compare and read it.

A row of a table is one line, a picture is its words, a link shows its address.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from news import html
from news.document import Block, Document, Figure
from news.models import AltKind


@dataclass(frozen=True)
class Line:
    """One block of a body: its words, and whatever else makes it what it is."""

    text: str
    form: str = ""


def body_lines(body: str, placements: Sequence[Mapping] = ()) -> list[Line]:
    """Return a body in stored or in editor's form as lines; links by their address.

    What the sanitiser refuses (too large, too deep) is given as its source.
    """
    try:
        document = html.read(body)
    except ValidationError:
        return [Line(line) for line in body.splitlines() if line.strip()]
    by_number = {place["id"]: place for place in placements}
    return list(_lines(document, by_number))


def _lines(document: Document, placements: Mapping[int, Mapping]) -> Iterator[Line]:
    def visit(block: Block, path: str):
        path = f"{path}/{block.tag}{block.attrs or ''}"
        if block.figure:
            yield _figure_line(block.figure, placements, path)
        elif block.embed:
            yield Line(f"[{block.embed.page}] {block.embed.title}".rstrip(), path)
        elif block.tag == "tr":
            inside = [line for cell in block.children for line in visit(cell, path)]
            yield Line(
                " | ".join(line.text for line in inside),
                "".join(line.form for line in inside),
            )
        elif block.tag == "hr":
            yield Line("* * *", path)
        else:
            if block.pieces or block.tag in ("th", "td"):
                sign = "• " if block.tag == "li" else ""
                marks = repr([(len(text), marks) for text, marks in block.pieces])
                yield Line(sign + _pieces_text(block.pieces), path + marks)
            for child in block.children:
                yield from visit(child, path)

    for block in document.blocks:
        yield from visit(block, "")


def _pieces_text(pieces) -> str:
    """The text with the address after each link: a changed one must be seen."""
    out, address = [], ""
    for text, marks in [*pieces, ("", ())]:
        href = next((href for tag, href in marks if tag == "a"), "")
        if address and href != address:
            out.append(f" [{address}]")
        address = href
        out.append(text)
    return "".join(out)


def _figure_line(figure: Figure, placements: Mapping[int, Mapping], path) -> Line:
    """The words of a picture. The editor's form brings them, the stored one not."""
    image, caption = figure.image, figure.caption
    alt_kind, alt = figure.alt_kind, figure.alt
    if not image and (place := placements.get(figure.placement)):
        image, caption = place["image"], place["caption"]
        alt_kind, alt = place["alt_kind"], place["alt"]
    text = _("[Picture no. %(number)s] %(caption)s") % {
        "number": image or "?",
        "caption": caption,
    }
    if alt_kind == AltKind.TEXT and alt:
        text += " " + _("(described as: %(alt)s)") % {"alt": alt}
    elif alt_kind != AltKind.TEXT and alt_kind in AltKind.values:
        text += f" ({AltKind(alt_kind).label})"
    return Line(text, f"{path} {alt_kind}")
