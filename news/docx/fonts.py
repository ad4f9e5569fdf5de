"""Text in fonts of before Unicode, converted run by run (see news.oldfonts).

Word says which font a text was typed in, which is surer than its letters; letters
alone decide where the font was changed afterwards.
"""

import re
import xml.etree.ElementTree as ET
from itertools import groupby

from news import oldfonts
from news.docx.names import W, own_runs
from news.docx.styles import Styles

# Letters of Vietnamese in Unicode that no old font has.
_MODERN = re.compile("[\u0100-\u024f\u1e00-\u1eff]")
_OLD = re.compile("[\u00a1-\u00ff]")
Piece = tuple[ET.Element, str | None]  # w:t and the encoding that its font tells


def convert(root: ET.Element, styles: Styles) -> bool:
    """Bring all text of a part to Unicode; return whether there was anything old."""
    paragraphs = [_pieces(p, styles) for p in root.iter(W + "p")]
    paragraphs = [pieces for pieces in paragraphs if pieces]
    if not _are_fonts_true(paragraphs):
        paragraphs = [[(text, None) for text, _font in p] for p in paragraphs]
    plain = [
        "".join(text.text or "" for text, encoding in pieces if not encoding)
        for pieces in paragraphs
    ]
    changed = False
    for pieces, by_letters in zip(paragraphs, oldfonts.encodings(plain), strict=True):
        for encoding, group in groupby(pieces, key=lambda p: p[1] or by_letters):
            if encoding:
                changed |= _convert_group([text for text, _font in group], encoding)
    return changed


def _pieces(paragraph: ET.Element, styles: Styles) -> list[Piece]:
    chain = styles.paragraph(paragraph)
    return [
        (text, oldfonts.font_encoding(styles.font(run, chain)))
        for run in own_runs(paragraph)
        for text in run.findall(W + "t")
        if text.text
    ]


def _are_fonts_true(paragraphs: list[list[Piece]]) -> bool:
    """Whether what stands in old fonts is not Unicode that was pasted there."""
    text = "".join(t.text for pieces in paragraphs for t, font in pieces if font)
    return len(_MODERN.findall(text)) <= len(_OLD.findall(text)) / 4


def _convert_group(texts: list[ET.Element], encoding: str) -> bool:
    """Convert neighbours together: a sentence or a letter may run across them."""
    old = [text.text for text in texts]
    together = oldfonts.convert("".join(old), encoding)
    if len(together) == sum(map(len, old)):
        new, start = [], 0
        for part in old:
            new.append(together[start : start + len(part)])
            start += len(part)
    else:
        # VNI writes a letter and its mark; the mark goes to the letter's run.
        for index in range(1, len(old)):
            mark = re.match(r"[^\x00-\x7f]*", old[index])[0]
            old[index - 1] += mark
            old[index] = old[index][len(mark) :]
        new = [oldfonts.convert(part, encoding) for part in old]
    for text, words in zip(texts, new, strict=True):
        text.text = words
    return "".join(old) != together
