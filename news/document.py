"""A body of text as blocks, marks and figures, and its one way to be written.

Made by news.html only; what stands here is already safe. A block's text is a list
of pieces: text with the marks around it, so that `<b>a</b><b>b</b>` and
`<b>ab</b>` are the same thing.
"""

import html as stdlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from news.embeds import Embed
from news.text import clean_text

# Marks by rank: the order in which they are nested on output.
RANK = {"a": 0, "strong": 1, "em": 2, "u": 3, "s": 4, "sub": 5, "sup": 6}
# Every tag that may stand for a mark.
MARKS = {tag: tag for tag in RANK} | {
    "b": "strong",
    "i": "em",
    "ins": "u",
    "del": "s",
    "strike": "s",
}
BR = "\n"
Mark = tuple[str, str]  # tag and, of a link, its address
Piece = tuple[str, tuple[Mark, ...]]  # text or BR, and the marks around it


@dataclass
class Figure:
    """A library picture in a body: by placement, by picture, or both."""

    placement: int | None
    image: int | None
    alt_kind: str = "text"
    alt: str = ""
    caption: str = ""


@dataclass
class Block:
    tag: str
    attrs: dict[str, str] = field(default_factory=dict)
    pieces: list[Piece] = field(default_factory=list)
    children: list["Block"] = field(default_factory=list)
    figure: Figure | None = None
    embed: Embed | None = None

    def walk(self) -> Iterator["Block"]:
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass
class Document:
    """A body in canonical form."""

    blocks: list[Block]

    def walk(self) -> Iterator[Block]:
        for block in self.blocks:
            yield from block.walk()

    def figures(self) -> list[Figure]:
        return [block.figure for block in self.walk() if block.figure]

    def html(
        self,
        figure: Callable[[Figure], str] | None = None,
        table: Callable[[Block, str], str] | None = None,
        embed: Callable[[Embed], str] | None = None,
    ) -> str:
        """Return the HTML; `figure`, `table`, `embed` may print theirs otherwise."""
        printers = figure or figure_html, table, embed or embed_html
        return "\n".join(_block_html(block, *printers) for block in self.blocks)

    def text(self, figure: Callable[[Figure], str] | None = None) -> str:
        """Return the plain text, a line for each block; captions included."""
        lines = []
        for block in self.walk():
            if block.figure:
                lines.append(figure(block.figure) if figure else block.figure.caption)
            elif block.embed:
                lines.append(f"{block.embed.title} ({block.embed.page})".lstrip())
            lines.append("".join(text for text, _marks in block.pieces))
        return "\n".join(line for line in lines if line)


# Runs of text


def paragraphs(run: list[Piece]) -> list[Block]:
    """Two line breaks in a row are what people type for a new paragraph."""
    parts: list[list[Piece]] = [[]]
    breaks = 0
    for text, marks in run:
        if text == BR:
            breaks += 1
            if breaks == 2:
                parts.append([])
        elif text.strip() and clean_text(text).strip():
            breaks = 0
        parts[-1].append((text, marks))
    tidied = [tidy(part) for part in parts]
    return [Block("p", pieces=pieces) for pieces in tidied if pieces]


def tidy(pieces: list[Piece]) -> list[Piece]:
    """Return `pieces` merged and cleaned, without blanks at the borders."""
    while (tidied := _tidy_once(pieces)) != pieces:
        pieces = tidied
    return pieces


def _tidy_once(pieces: list[Piece]) -> list[Piece]:
    merged: list[Piece] = []
    for text, marks in pieces:
        if merged and text != BR != merged[-1][0] and merged[-1][1] == marks:
            merged[-1] = (merged[-1][0] + text, marks)
        else:
            merged.append((text, marks))
    out: list[Piece] = []
    for text, marks in merged:
        if text != BR:
            text = re.sub(r"\s+", " ", clean_text(text))
            if not out or out[-1][0].endswith((" ", BR)):
                text = text.lstrip()
        elif not out:
            continue
        else:
            _strip_end(out)
            if not out or out[-1][0] == BR:
                continue
        if text:
            out.append((text, () if text == " " else marks))
    _strip_end(out)
    while out and out[-1][0] == BR:
        out.pop()
        _strip_end(out)
    for index, (text, _marks) in enumerate(out):
        if text == BR:
            before, after = out[index - 1][1], out[index + 1][1]
            out[index] = (BR, tuple(mark for mark in before if mark in after))
    return out


def _strip_end(pieces: list[Piece]) -> None:
    while pieces and pieces[-1][0] != BR:
        text, marks = pieces.pop()
        if text := text.rstrip():
            pieces.append((text, marks))
            return


# Writing


def _block_html(block: Block, figure, table, embed) -> str:
    if block.figure:
        return figure(block.figure)
    if block.embed:
        return embed(block.embed)
    if block.tag == "hr":
        return "<hr>"
    inside = _pieces_html(block.pieces) + "".join(
        _block_html(child, figure, table, embed) for child in block.children
    )
    html = f"<{block.tag}{_attrs_html(block.attrs)}>{inside}</{block.tag}>"
    return table(block, html) if table and block.tag == "table" else html


def _pieces_html(pieces: list[Piece]) -> str:
    out: list[str] = []
    opened: list[Mark] = []
    for text, marks in [*pieces, ("", ())]:
        common = 0
        for ours, theirs in zip(opened, marks, strict=False):
            if ours != theirs:
                break
            common += 1
        out += [f"</{tag}>" for tag, _href in reversed(opened[common:])]
        for tag, href in marks[common:]:
            out.append(f"<{tag}{_attrs_html(_link_attrs(href))}>")
        opened = list(marks)
        out.append("<br>" if text == BR else stdlib.escape(text, quote=False))
    return "".join(out)


def _link_attrs(href: str) -> dict[str, str]:
    if not href:
        return {}
    outbound = href.startswith(("http:", "https:"))
    return {"href": href} | ({"rel": "noopener"} if outbound else {})


def _attrs_html(attrs: dict[str, str]) -> str:
    return "".join(f' {name}="{stdlib.escape(v)}"' for name, v in attrs.items())


def figure_html(figure: Figure) -> str:
    """The stored form: a placement alone, or a picture with its own words."""
    if figure.placement:
        return f'<figure data-placement="{figure.placement}"></figure>'
    attrs = {"data-image": str(figure.image), "data-alt-kind": figure.alt_kind}
    if figure.alt:
        attrs["data-alt"] = figure.alt
    return _captioned(attrs, figure.caption)


def embed_html(embed: Embed) -> str:
    """The stored form: which video or map, and its title."""
    return _captioned({"data-embed": embed.reference}, embed.title)


def _captioned(attrs: dict[str, str], words: str) -> str:
    words = stdlib.escape(words, quote=False)
    caption = f"<figcaption>{words}</figcaption>" if words else ""
    return f"<figure{_attrs_html(attrs)}>{caption}</figure>"
