"""A .docx file, opened with care: a ZIP archive of XML that anybody may have made.

Every refusal is a ValidationError whose sentence says what to do. XML is parsed
here only, after its size, its depth and the absence of a DOCTYPE were checked;
mammoth's own parser would expand entities.
"""

import lzma
import posixpath
import re
import xml.etree.ElementTree as ET  # without DOCTYPE, see _checked
import zipfile
import zlib

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from news.archive import read_entry

MAX_ENTRIES = 3000  # a book with 1,000 pictures has fewer
MAX_UNPACKED_BYTES = 300 * 2**20
# Text packs to a twentieth, blank bitmaps to a thousandth, but not a whole file.
MAX_RATIO = 100
FREE_BYTES = 20 * 2**20  # below this no ratio matters
MAX_XML_BYTES = 20 * 2**20  # of one part
MAX_ELEMENTS = 100_000  # of one part; 20 pages have some 10,000, mammoth takes seconds
MAX_DEPTH = 150  # five tables in each other; mammoth reads by recursion

_HEAD = 48  # bytes; what tells the formats of pictures apart
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, KeyError),
    *(NotImplementedError, OSError, ValueError, RuntimeError),
)
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}"
# Word can write "Strict Open XML" with other names for the same things.
_STRICT = [
    (
        "http://purl.oclc.org/ooxml/officeDocument/relationships",
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
    (
        "http://purl.oclc.org/ooxml/wordprocessingml/main",
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    ),
    (
        "http://purl.oclc.org/ooxml/drawingml/main",
        "http://schemas.openxmlformats.org/drawingml/2006/main",
    ),
    (
        "http://purl.oclc.org/ooxml/drawingml/wordprocessingDrawing",
        "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    ),
    (
        "http://purl.oclc.org/ooxml/drawingml/picture",
        "http://schemas.openxmlformats.org/drawingml/2006/picture",
    ),
]


class Package:
    """The parts of one .docx; a context manager over the open archive."""

    def __init__(self, file, max_elements: int | None = None):
        """Open `file` (seekable, binary); ValidationError when it is refused.

        `max_elements` of one part replaces MAX_ELEMENTS where mammoth reads nothing.
        """
        self._max_elements = max_elements or MAX_ELEMENTS
        _check_kind(file)
        try:
            self._archive = zipfile.ZipFile(file)
            self._entries = {e.filename: e for e in self._archive.infolist()}
        except _DAMAGED as error:
            raise _damaged() from error
        try:
            self._check_archive()
            # What Word shows as the text, by its usual name or another.
            self.main = self._main_part()
        except BaseException:
            self._archive.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._archive.close()

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def read(self, name: str, limit: int) -> bytes:
        """Return a part; ValidationError when damaged or longer than `limit`."""
        try:
            if self._entries[name].file_size > limit:
                raise _too_long()
            return read_entry(self._archive, name)
        except _DAMAGED as error:
            raise _damaged() from error

    def head(self, name: str) -> bytes:
        """Return how a part begins: a text may show one picture 10,000 times."""
        try:
            return read_entry(self._archive, name, _HEAD)
        except _DAMAGED as error:
            raise _damaged() from error

    def size(self, name: str) -> int:
        return self._entries[name].file_size

    def xml(self, name: str) -> ET.Element | None:
        """Return the root of a part that was checked; None when there is none."""
        if name not in self:
            return None
        return _checked(self.read(name, MAX_XML_BYTES), self._max_elements)

    def relationships(self, name: str) -> dict[str, tuple[str, str, bool]]:
        """Return id -> (type's last word, target, whether it lies outside).

        Targets inside the file are names of parts; those may be missing.
        """
        folder, base = posixpath.split(name)
        root = self.xml(posixpath.join(folder, "_rels", base + ".rels"))
        rows = [] if root is None else root.iter(_RELATIONSHIP + "Relationship")
        found = {}
        for row in rows:
            target, outside = row.get("Target", ""), row.get("TargetMode") == "External"
            if not outside:
                target = posixpath.normpath(posixpath.join("/", folder, target))[1:]
            kind = row.get("Type", "").rpartition("/")[2]
            found[row.get("Id", "")] = (kind, target, outside)
        return found

    def part(self, kind: str) -> str:
        """Return the name of the text's part of a kind: "styles", "footnotes"."""
        for found, target, outside in self.relationships(self.main).values():
            if found == kind and not outside and target in self:
                return target
        return posixpath.join(posixpath.dirname(self.main), kind + ".xml")

    def media(self) -> list[str]:
        """Return the names of all parts that may be pictures, always in one order."""
        return sorted(name for name in self._entries if not _is_xml_name(name))

    def _main_part(self) -> str:
        for kind, target, _outside in self.relationships("").values():
            if kind == "officeDocument" and target in self:
                if target.startswith(("xl/", "ppt/")):
                    raise _other(_("It is an Excel or PowerPoint file."))
                return target
        raise _other(_("It holds no text of Word."))

    def _check_archive(self) -> None:
        unpacked = sum(entry.file_size for entry in self._entries.values())
        packed = sum(entry.compress_size for entry in self._entries.values())
        if (
            len(self._archive.infolist()) > MAX_ENTRIES
            or unpacked > MAX_UNPACKED_BYTES
            or unpacked > FREE_BYTES + MAX_RATIO * packed
        ):
            raise ValidationError(
                _(
                    "Unpacked, this file is far too large. Compress its pictures in "
                    "Word (Picture Format, Compress Pictures), save it and try again."
                ),
                code="bomb",
            )
        if "mimetype" in self and self.size("mimetype") < 100:
            raise ValidationError(
                _(
                    "This is an OpenDocument file (.odt). Open it, choose Save As, "
                    "type Word (.docx), and import that file."
                ),
                code="odt",
            )
        if any(name.lower().endswith("vbaproject.bin") for name in self._entries):
            raise ValidationError(
                _(
                    "This file holds macros (.docm), which are not accepted. In Word "
                    "choose Save As, type Word Document (.docx), and import that file."
                ),
                code="macros",
            )
        if "[Content_Types].xml" not in self:
            raise _other(_("It is an archive, not a document."))


def _is_xml_name(name: str) -> bool:
    return name.endswith(("/", ".xml", ".rels"))


# What the first bytes tell


def _check_kind(file) -> None:
    file.seek(0, 2)
    size = file.tell()
    limit = settings.MAX_ATTACHMENT_BYTES
    if size > limit:
        raise ValidationError(
            _("The file is larger than %(limit)s MB.") % {"limit": limit // 2**20},
            code="too_large",
        )
    if not size:
        raise ValidationError(_("The file is empty."), code="empty")
    file.seek(0)
    head = file.read(1024)
    if head.startswith(_OLE):
        raise _ole(head + file.read())
    if head.startswith(b"%PDF-"):
        raise _other(_("It is a PDF; ask for the Word file it was made from."))
    if not head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        raise _other(_("It is no Word file, whatever its name says."))


def _ole(data: bytes) -> ValidationError:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return ValidationError(
            _(
                "This file is protected by a password. Open it in Word, take the "
                "password away (File, Info, Protect Document), save it and try again."
            ),
            code="password",
        )
    return ValidationError(
        _(
            "This is a file of an old Word (.doc). Open it in Word, choose Save As, "
            "type Word Document (.docx), and import that file."
        ),
        code="doc",
    )


def _other(what: str) -> ValidationError:
    text = _("This file cannot be imported; only Word files (.docx) can.")
    return ValidationError(f"{text} {what}", code="not_docx")


def _damaged() -> ValidationError:
    return ValidationError(
        _(
            "This file is damaged or was uploaded in part. Open it in Word, save it "
            "again and try once more."
        ),
        code="damaged",
    )


def unreadable() -> ValidationError:
    return ValidationError(
        _(
            "This file is built in a way that cannot be read. Copy its content "
            "into a new Word document, save that and try again."
        ),
        code="unreadable",
    )


def _too_long() -> ValidationError:
    return ValidationError(
        _("This file is too long for one article. Divide it, or attach it instead."),
        code="too_long",
    )


# XML


def _checked(data: bytes, max_elements: int) -> ET.Element:
    """Parse a part: UTF-8 as Word writes it, no DOCTYPE, bounded."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _damaged() from error
    # Another encoding than what was just decoded could hide a DOCTYPE.
    declared = re.match(r"\s*<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']*)", text)
    if (declared and declared[1].lower() not in ("utf-8", "us-ascii")) or (
        "<!DOCTYPE" in text or "<!ENTITY" in text
    ):
        raise ValidationError(
            _(
                "This file was not written by Word as it should be (it declares XML "
                "entities) and is refused. Copy its text into a new document."
            ),
            code="doctype",
        )
    if text.count("<") - text.count("</") > max_elements:
        raise _too_long()
    for strict, usual in _STRICT:
        text = text.replace(strict, usual)
    try:
        root = ET.fromstring(text.encode())  # noqa: S314  # no DOCTYPE: no entities
    except ET.ParseError as error:
        raise _damaged() from error
    if _depth(root) > MAX_DEPTH:
        raise _too_long()
    return root


def _depth(root: ET.Element) -> int:
    depth, level = 0, [root]
    while level:
        depth += 1
        level = [child for element in level for child in element]
    return depth
