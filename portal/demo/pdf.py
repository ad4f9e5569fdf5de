"""A small PDF of plain Vietnamese text, without a font file.

The fonts every PDF reader brings (Helvetica here) lack most Vietnamese letters.
So a letter is written as its base letter, and the marks that are missing are
drawn above, below or beside it; the true text stands in /ActualText, which is
what is copied, searched and read aloud. Enough for demonstration files; a real
document comes from an office program.
"""

import unicodedata
import zlib
from datetime import datetime

_ASCII = (
    "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556"
    " 556 556 556 556 556 556 278 278 584 584 584 556 1015 667 667 722 722 667 611 778"
    " 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944 667 667 611 278"
    " 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556"
    " 556 556 333 500 278 556 500 722 500 500 500 334 260 334 584"
)
# Widths of Helvetica in thousandths of the size, as its metrics file gives them.
_WIDTHS = {chr(32 + i): int(w) for i, w in enumerate(_ASCII.split())}
_WIDTHS |= {"“": 333, "”": 333, "–": 556, "—": 1000, "…": 1000, "°": 400, "±": 584,
            "×": 584, "‰": 1000, "’": 222, "•": 350}  # fmt: skip

# Strokes in thousandths of the size around the middle of a letter's top edge.
_MARKS = {
    "\u0301": "-40 40 m 90 170 l S",
    "\u0300": "40 40 m -90 170 l S",
    "\u0303": "-130 60 m -80 170 -20 130 0 105 c 20 80 80 50 130 150 c S",
    "\u0309": "-60 150 m -40 220 80 210 60 130 c 50 90 0 90 0 40 c S",
    "\u0302": "-110 40 m 0 160 l 110 40 l S",
    "\u0306": "-120 150 m -100 20 100 20 120 150 c S",
}
_PAGE = (595, 842)  # A4 in points
_MARGIN, _SIZE, _LEADING = 64, 11.5, 18.5


def make(title: str, paragraphs: list[str], made_at: datetime) -> bytes:
    """The document as bytes; `made_at` must be aware."""
    lines = [(15, line) for line in _wrap(title, 15)] + [(_SIZE, "")]
    for paragraph in paragraphs:
        size = 13 if paragraph.startswith("## ") else _SIZE
        words = paragraph.removeprefix("## ")
        lines += [(size, line) for line in _wrap(words, size)] + [(_SIZE / 2, "")]
    pages, page, y = [], [], _PAGE[1] - _MARGIN
    for size, text in lines:
        y -= _LEADING * size / _SIZE
        if y < _MARGIN:
            pages.append(page)
            page, y = [], _PAGE[1] - _MARGIN - _LEADING
        if text:
            page.append(_line(text, _MARGIN, y, size))
    pages.append(page)
    return _file(title, ["\n".join(page) for page in pages], made_at)


def _split(char: str) -> tuple[str, str, bool]:
    """The letter that Helvetica has, the marks to draw, and whether it is barred."""
    if char in "đĐ":
        return ("d" if char == "đ" else "D"), "", True
    try:
        char.encode("cp1252")
        return char, "", False
    except UnicodeEncodeError:
        base, *marks = unicodedata.normalize("NFD", char)
        if "\u0302" in marks:
            marks.remove("\u0302")
            base = unicodedata.normalize("NFC", base + "\u0302")
        try:
            base.encode("cp1252")
        except UnicodeEncodeError:
            base = "?"
        return base, "".join(marks), False


def _width(base: str) -> int:
    if base in _WIDTHS:
        return _WIDTHS[base]
    return _WIDTHS.get(unicodedata.normalize("NFD", base)[0], 556)


def _length(text: str, size: float) -> float:
    return sum(_width(_split(char)[0]) for char in text) * size / 1000


def _wrap(text: str, size: float) -> list[str]:
    room, lines, line = _PAGE[0] - 2 * _MARGIN, [], ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and _length(longer, size) > room:
            lines.append(line)
            longer = word
        line = longer
    return [*lines, line] if line else lines


def _line(text: str, x: float, y: float, size: float) -> str:
    text = unicodedata.normalize("NFC", text)
    bases, strokes, at = [], [], 0
    for char in text:
        base, marks, barred = _split(char)
        wide = _width(base)
        strokes += _strokes(base, marks, barred, at, wide)
        bases.append(base)
        at += wide
    shown = "".join(bases).encode("cp1252").hex()
    actual = text.encode("utf-16-be").hex()
    parts = [f"/Span <</ActualText <FEFF{actual}>>> BDC"]
    parts.append(f"BT /F1 {size} Tf {x} {y:.1f} Td <{shown}> Tj ET")
    if strokes:
        scale = size / 1000
        matrix = f"{scale:.5f} 0 0 {scale:.5f} {x} {y:.1f} cm"
        parts.append(f"q {matrix} 62 w 1 J 1 j {' '.join(strokes)} Q")
    return "\n".join([*parts, "EMC"])


def _strokes(base: str, marks: str, barred: bool, at: int, wide: int) -> list[str]:
    found = []
    plain = unicodedata.normalize("NFD", base)
    top = 745 if plain[0].isupper() else 560
    middle = at + wide / 2
    if barred:
        y, left = (360, at + 10) if base == "D" else (600, at + wide / 2)
        found.append(f"{left} {y} m {left + 300} {y} l S")
    crowded = len(plain) > 1 or "\u0306" in marks
    for mark in marks:
        if mark == "\u0323":
            found.append(f"{middle} -150 m {middle} -148 l S")
        elif mark == "\u031b":
            found.append(
                f"{at + wide - 70} {top - 60} m {at + wide + 10} {top - 60}"
                f" {at + wide + 50} {top} {at + wide + 20} {top + 70} c S"
            )
        elif mark in _MARKS:
            higher = crowded and mark != "\u0306"
            x = middle + (60 if higher else 0)
            y = top + (165 if higher else 0)
            found.append(f"q 1 0 0 1 {x} {y} cm {_MARKS[mark]} Q")
    return found


def _file(title: str, pages: list[str], made_at: datetime) -> bytes:
    kids = " ".join(f"{5 + 2 * i} 0 R" for i in range(len(pages)))
    stamp = made_at.strftime("D:%Y%m%d%H%M%S")
    objects = [
        "<</Type /Catalog /Pages 2 0 R /Lang (vi)"
        " /ViewerPreferences <</DisplayDocTitle true>>>>",
        f"<</Type /Pages /Kids [{kids}] /Count {len(pages)}>>",
        "<</Type /Font /Subtype /Type1 /BaseFont /Helvetica"
        " /Encoding /WinAnsiEncoding>>",
        f"<</Title <FEFF{title.encode('utf-16-be').hex()}> /CreationDate ({stamp})>>",
    ]
    for number, content in enumerate(pages):
        objects.append(
            f"<</Type /Page /Parent 2 0 R /MediaBox [0 0 {_PAGE[0]} {_PAGE[1]}]"
            f" /Resources <</Font <</F1 3 0 R>>>> /Contents {6 + 2 * number} 0 R>>"
        )
        packed = zlib.compress(content.encode("ascii"))
        head = f"<</Length {len(packed)} /Filter /FlateDecode>>".encode()
        objects.append(head + b"\nstream\n" + packed + b"\nendstream")
    out, places = b"%PDF-1.5\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        content = content.encode("ascii") if isinstance(content, str) else content
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    return out + (
        f"xref\n0 {size}\n0000000000 65535 f \n{table}"
        f"trailer\n<</Size {size} /Root 1 0 R /Info 4 0 R>>\n"
        f"startxref\n{len(out)}\n%%EOF\n"
    ).encode("ascii")
