"""Finishes a converted body: what Word's writers do by hand becomes structure.

A bold line on its own is a heading, a first row in bold heads its table, and
"Bảng 1: ..." right above a table is its title. Works on the sanitiser's blocks,
which have one form only.
"""

import re
from itertools import pairwise

from news.document import Block, Document, Piece
from news.library import fold

_TABLE_TITLE = re.compile(r"(?:bang|bieu|phu luc)\s*(?:so\s*)?[\divx]+\b|bang\s*:")
_TABLE_TITLE_LENGTH = 300
_HEADING_LENGTH = 120


def tidy(body: Document) -> None:
    """Change `body` in place."""
    _drop_note_arrows(body)
    body.blocks = _titled_tables(body.blocks)
    for block in body.walk():
        if block.tag == "table":
            _head(block)
        if block.tag in ("h2", "h3", "h4"):
            block.pieces = _plain(block.pieces)
    if not any(block.tag in ("h2", "h3", "h4") for block in body.blocks):
        _bold_lines(body.blocks)


def _text(block: Block) -> str:
    return "".join(text for text, _marks in block.pieces)


def _is_bold(pieces: list[Piece]) -> bool:
    return bool(pieces) and all(
        any(mark[0] == "strong" for mark in marks)
        for text, marks in pieces
        if text.strip()
    )


def _plain(pieces: list[Piece]) -> list[Piece]:
    """The same without bold, which a heading has by itself."""
    plain: list[Piece] = []
    for text, marks in pieces:
        marks = tuple(mark for mark in marks if mark[0] != "strong")
        if plain and plain[-1][1] == marks and "\n" not in (text, plain[-1][0]):
            plain[-1] = (plain[-1][0] + text, marks)
        else:
            plain.append((text, marks))
    return plain


def _titled_tables(blocks: list[Block]) -> list[Block]:
    out: list[Block] = []
    for block in blocks:
        before = out[-1] if out else None
        if block.tag == "table" and before is not None and before.tag == "p":
            text = _text(before)
            if len(text) <= _TABLE_TITLE_LENGTH and _TABLE_TITLE.match(fold(text)):
                out.pop()
                block.children.insert(0, Block("caption", pieces=_plain(before.pieces)))
        out.append(block)
    return out


def _head(table: Block) -> None:
    """Make a first row in bold cells header cells, as Word's own mark would."""
    for part in table.children:
        if part.tag == "thead":
            for cell in (cell for row in part.children for cell in row.children):
                cell.pieces = _plain(cell.pieces)
            return
    body = next((part for part in table.children if part.tag == "tbody"), None)
    if body is None or len(body.children) < 2:
        return
    cells = body.children[0].children
    said = [cell for cell in cells if cell.pieces or cell.children]
    if len(cells) < 2 or not said:
        return
    if all(_is_bold(cell.pieces) and not cell.children for cell in said):
        for cell in cells:
            cell.tag, cell.pieces = "th", _plain(cell.pieces)


def _bold_lines(blocks: list[Block]) -> None:
    """Where no style says "heading", a short bold line above text is one."""
    for block, next in pairwise(blocks):
        text = _text(block)
        if (
            block.tag == "p"
            and _is_bold(block.pieces)
            and len(text) <= _HEADING_LENGTH
            and "\n" not in text
            and not text.endswith((".", ",", ";", ":", "!", "?", "…"))
            and next.tag in ("p", "ul", "ol", "table")
            and not _is_bold(next.pieces)
        ):
            block.tag, block.pieces = "h2", _plain(block.pieces)


def _drop_note_arrows(body: Document) -> None:
    """mammoth ends each note with an arrow back, a link that does not survive."""
    for block in body.walk():
        if block.pieces and block.pieces[-1][0].endswith("↑"):
            text, marks = block.pieces.pop()
            if text := text.removesuffix("↑").rstrip():
                block.pieces.append((text, marks))
