"""The light markup of the demo's content files, and the dates inside them.

A file is a head of ``key: value`` lines, a line ``---`` and the text. In the
text a blank line ends a block; blocks are ``## heading``, ``- item``,
``1. item``, ``> quotation``, ``| table | row |`` after ``Bảng: caption``, and
``[ảnh: picture | caption | alternative]``. `**bold**` and
`[words](address)` work inside. It is for our own files only: what editors write
goes through news.html, and so does the HTML that comes out here.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape

_DATE = re.compile(r"\{(dm|d|y|m|q)([+-]\d+)?\}")
_PICTURE = re.compile(r"\[ảnh: (.+)\]$")
_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Figure:
    """One picture in a text. `alt` is "=" (the caption says it), "-" or words."""

    picture: str
    caption: str
    alt: str


@dataclass(frozen=True)
class Source:
    """One content file: its head and its raw text."""

    head: dict[str, str]
    text: str


def read(text: str) -> Source:
    """Split a file into head and text; raises ValueError for a bad head line."""
    head, _, body = text.partition("\n---\n")
    values = {}
    for number, line in enumerate(head.splitlines(), start=1):
        key, colon, value = line.partition(":")
        if not colon:
            raise ValueError(f"line {number} of the head has no colon: {line!r}")
        values[key.strip()] = value.strip()
    return Source(values, body.strip())


def fill_dates(text: str, day: date) -> str:
    """Put dates in place of {d-3}, {dm+10}, {y+1}, {m} and {q}, seen from `day`.

    d is 05/06/2026, dm is 05/06, y the year, m the month's number, q the quarter.
    """

    def value(match: re.Match) -> str:
        kind, shift = match[1], int(match[2] or 0)
        if kind == "y":
            return str(day.year + shift)
        if kind == "m":
            return str((day.month - 1 + shift) % 12 + 1)
        if kind == "q":
            return ("I", "II", "III", "IV")[((day.month - 1) // 3 + shift) % 4]
        moved = day + timedelta(days=shift)
        return moved.strftime("%d/%m/%Y" if kind == "d" else "%d/%m")

    return _DATE.sub(value, text)


def figure(line: str) -> Figure | None:
    """The figure that a line asks for, or None."""
    match = _PICTURE.match(line.strip())
    if not match:
        return None
    parts = [part.strip() for part in match[1].split("|")]
    return Figure(*parts)


def figures(text: str) -> list[Figure]:
    """All figures of a text in their order."""
    return [found for line in text.splitlines() if (found := figure(line))]


def to_html(text: str, figure_html=lambda found: "") -> str:
    """The text as HTML; `figure_html` gives the markup of each figure."""
    blocks = re.split(r"\n\s*\n", text.strip())
    return "\n".join(_block(block.splitlines(), figure_html) for block in blocks)


def _block(lines: list[str], figure_html) -> str:
    first = lines[0]
    if found := figure(first):
        return figure_html(found)
    if first.startswith("### "):
        return f"<h3>{_inline(first[4:])}</h3>"
    if first.startswith("## "):
        return f"<h2>{_inline(first[3:])}</h2>"
    if first.startswith("- "):
        return _list("ul", [line[2:] for line in lines])
    if re.match(r"\d+\. ", first):
        return _list("ol", [line.partition(". ")[2] for line in lines])
    if first.startswith("> "):
        said = "".join(f"<p>{_inline(line[2:])}</p>" for line in lines)
        return f"<blockquote>{said}</blockquote>"
    if first.startswith("Bảng: "):
        return _table(first[6:], lines[1:])
    return f"<p>{_inline(' '.join(lines))}</p>"


def _list(tag: str, items: list[str]) -> str:
    inside = "".join(f"<li>{_inline(item)}</li>" for item in items)
    return f"<{tag}>{inside}</{tag}>"


def _table(caption: str, rows: list[str]) -> str:
    cells = [[_inline(c.strip()) for c in row.strip("| ").split("|")] for row in rows]
    head = "".join(f'<th scope="col">{cell}</th>' for cell in cells[0])
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>'
        + "".join(f"<td>{cell}</td>" for cell in row[1:])
        + "</tr>"
        for row in cells[1:]
    )
    return (
        f"<table><caption>{_inline(caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _inline(text: str) -> str:
    text = escape(text.strip(), quote=False)
    text = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", text)
    return _LINK.sub(r'<a href="\2">\1</a>', text)
