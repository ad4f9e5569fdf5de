"""The demo's attachments: real small files whose text is the article's own.

The ending of the name decides: .pdf, .docx or .csv (the article's first table,
with a byte order mark, because that is how Excel knows UTF-8).
"""

import csv
import io
import re
import zipfile
from datetime import datetime
from html import escape

from . import pdf

_NOTE = "Tệp trình diễn của phần mềm Cổng tin. Tỉnh An Hải là địa danh hư cấu."


def make(name: str, title: str, text: str, made_at: datetime) -> bytes:
    """The bytes of the file `name`; KeyError for an ending that is not known."""
    kind = name.rpartition(".")[2]
    return _MAKERS[kind](title, text, made_at)


def _paragraphs(text: str) -> list[str]:
    """The text of a content file without pictures, tables and marks."""
    found = ["UỶ BAN NHÂN DÂN TỈNH AN HẢI", "SỞ KHOA HỌC VÀ CÔNG NGHỆ", _NOTE]
    for block in re.split(r"\n\s*\n", text):
        if block.startswith(("[ảnh:", "> ")):
            continue
        for line in block.splitlines():
            line = re.sub(r"\*\*|\[([^\]]+)\]\([^)]+\)", r"\1", line)
            if line.startswith("| "):
                line = " – ".join(cell.strip() for cell in line.strip("| ").split("|"))
            found.append(re.sub(r"^(### )", "## ", line.removeprefix("Bảng: ")))
    return found


def _pdf(title: str, text: str, made_at: datetime) -> bytes:
    return pdf.make(title, _paragraphs(text), made_at)


def _csv(title: str, text: str, made_at: datetime) -> bytes:
    rows = [
        [cell.strip() for cell in line.strip("| ").split("|")]
        for line in _first_table(text)
    ]
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows or [[title], [_NOTE]])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8")


def _first_table(text: str) -> list[str]:
    match = re.search(r"^Bảng: .*\n((?:\|.*\n?)+)", text, re.MULTILINE)
    return match[1].splitlines() if match else []


_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/word/document.xml" ContentType="application/vnd.'
        'openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
    ),
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        'relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.'
        'org/officeDocument/2006/relationships/officeDocument" '
        'Target="word/document.xml"/></Relationships>'
    ),
}


def _docx(title: str, text: str, made_at: datetime) -> bytes:
    body = _word_paragraph(title, size=32, bold=True)
    for paragraph in _paragraphs(text):
        heading = paragraph.startswith("## ")
        body += _word_paragraph(paragraph.removeprefix("## "), 26, heading)
    document = (
        f'<w:document xmlns:w="{_WORD}"><w:body>{body}'
        '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/></w:sectPr></w:body></w:document>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**_PARTS, "word/document.xml": document}.items():
            # A fixed date: the same words give the same bytes.
            info = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
            archive.writestr(info, declaration + content)
    return out.getvalue()


def _word_paragraph(text: str, size: int, bold: bool) -> str:
    weight = "<w:b/>" if bold else ""
    return (
        '<w:p><w:pPr><w:spacing w:after="120"/></w:pPr><w:r><w:rPr>'
        '<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman"/>'
        f'{weight}<w:sz w:val="{size}"/></w:rPr>'
        f'<w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'
    )


_MAKERS = {"pdf": _pdf, "docx": _docx, "csv": _csv}
