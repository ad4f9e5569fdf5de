"""Attachments: which files are accepted, told by their content and not by name.

A name decides only between formats that look alike inside. Nothing here is ever
shown by a browser as a page: downloads are sent as files, with nosniff. A picture is
encoded anew like those of the library: it would tell readers where it was taken.
"""

import lzma
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from news import images, pdf
from news.archive import read_entry
from news.models import Article, Attachment
from news.storage import private_storage
from news.text import clean_line, slugify_vi

_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."
TYPES = {
    "pdf": "application/pdf",
    "docx": _OOXML + "wordprocessingml.document",
    "xlsx": _OOXML + "spreadsheetml.sheet",
    "pptx": _OOXML + "presentationml.presentation",
    "odt": _ODF + "text",
    "ods": _ODF + "spreadsheet",
    "odp": _ODF + "presentation",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "zip": "application/zip",
    "jpg": "image/jpeg",
    "png": "image/png",
    "csv": "text/csv",
    "txt": "text/plain",
}
_PICTURES = {"jpg": "JPEG", "png": "PNG"}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OOXML_FOLDERS = {"word/": "docx", "xl/": "xlsx", "ppt/": "pptx"}
NAME_MAX = 120  # characters, without the suffix


_MACRO_SENTENCE = gettext_lazy(
    "This document holds macros, which run on the reader's machine. Save it as .docx, "
    ".xlsx or .pptx (without macros) and attach that."
)


@dataclass(frozen=True)
class Accepted:
    """What is known of a file, and what is to be stored of it."""

    file: File
    file_name: str
    content_type: str
    size_bytes: int


def accept(file, name: str = "") -> Accepted:
    """Return what an uploaded file is; ValidationError when it is refused."""
    name = name or file.name or ""
    if file.size > settings.MAX_ATTACHMENT_BYTES:
        limit = settings.MAX_ATTACHMENT_BYTES // 2**20
        raise ValidationError(
            _("The file is larger than %(limit)s MB.") % {"limit": limit},
            code="too_large",
        )
    if not file.size:
        raise ValidationError(_("The file is empty."), code="empty")
    suffix = _suffix(file, PurePosixPath(name).suffix[1:].lower())
    if sentence := _danger(file, suffix):
        raise ValidationError(sentence, code="active")
    if suffix is None:
        raise ValidationError(
            _(
                "Files of this kind are not accepted. Use PDF, Word, Excel, "
                "PowerPoint, OpenDocument, CSV, text, ZIP, JPEG or PNG, without "
                "macros."
            ),
            code="not_accepted",
        )
    name = _clean_name(name, suffix)
    if suffix in _PICTURES:
        data = images.without_metadata(file, _PICTURES[suffix])
        file = ContentFile(data, name)
    return Accepted(file, name, TYPES[suffix], file.size)


# Names inside Office's old container are in UTF-16.
_MACROS = "_VBA_PROJECT".encode("utf-16-le")
_PASSWORD = "EncryptedPackage".encode("utf-16-le")


def _danger(file, suffix: str | None) -> str:
    """Return a sentence when what the file holds could run where it is opened."""
    file.seek(0)
    try:
        head = file.read(8)
        if suffix == "pdf" and pdf.is_active(head + file.read()):
            return _(
                "This PDF holds programs or other files, or is locked so that nobody "
                "can tell. Print it into a new PDF (“Save as PDF”) and attach that."
            )
        if head.startswith(_OLE):
            data = file.read()
            if _PASSWORD in data:
                return _("This document asks for a password. Save it without one.")
            if _MACROS in data:
                return str(_MACRO_SENTENCE)
        elif head.startswith(b"PK") and suffix is None and _has_macros(file):
            return str(_MACRO_SENTENCE)
        return ""
    finally:
        file.seek(0)


def attach(article: Article, file: File, *, title="", position=0) -> Attachment:
    """Store a file under an article; its title is by default its name."""
    accepted = accept(file)
    attachment = Attachment(
        article=article,
        title=title or PurePosixPath(accepted.file_name).stem,
        file=accepted.file,
        position=position,
    )
    describe(attachment, accepted)
    attachment.save()
    return attachment


def describe(attachment: Attachment, accepted: Accepted) -> None:
    attachment.file_name = accepted.file_name
    attachment.content_type = accepted.content_type
    attachment.size_bytes = accepted.size_bytes


def forget_file(sender, instance, **kwargs) -> None:
    """Receiver of post_delete: the file goes when the deletion is committed."""
    if name := instance.file.name:
        transaction.on_commit(lambda: delete_unused(name))


def delete_unused(name: str) -> None:
    """Delete a stored file, unless an article or its working copy still has it."""
    if not Attachment.objects.filter(file=name).exists():
        private_storage().delete(name)


def _suffix(file, named: str) -> str | None:
    file.seek(0)
    head = file.read(4096)
    try:
        if head.startswith(b"%PDF-"):
            return "pdf"
        if head.startswith(b"\xff\xd8\xff"):
            return "jpg"
        if head.startswith(b"\x89PNG\r\n\x1a\n"):
            return "png"
        if head.startswith(_OLE):
            return _ole_suffix(head + file.read(), named)
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return _zip_suffix(file)
        if named in ("csv", "txt") and _is_text(file):
            return named
        return None
    finally:
        file.seek(0)


# Streams of Office's old container; installers of Windows have the same container.
_OLE_STREAMS = {
    "doc": ["WordDocument"],
    "ppt": ["PowerPoint Document"],
    "xls": ["Workbook", "Book"],
}


def _ole_suffix(data: bytes, named: str) -> str | None:
    found = [
        suffix
        for suffix, streams in _OLE_STREAMS.items()
        if any(stream.encode("utf-16-le") in data for stream in streams)
    ]
    # A document may hold a sheet; then its name decides.
    return named if named in found else found[0] if found else None


# What zipfile raises on hostile input, besides its own.
_DAMAGED_ZIP = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError),
    *(NotImplementedError, OSError, ValueError, RuntimeError),
)


def _zip_suffix(file) -> str | None:
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 100:
                kind = read_entry(archive, "mimetype")
                kind = kind.decode("ascii", "replace").strip()
                for suffix in ("odt", "ods", "odp"):
                    if kind == TYPES[suffix]:
                        return suffix
    except _DAMAGED_ZIP:
        return None
    if "[Content_Types].xml" in names:
        if _name_macros(names):
            return None
        for folder, suffix in _OOXML_FOLDERS.items():
            if any(name.startswith(folder) for name in names):
                return suffix
    return "zip"


def _has_macros(file) -> bool:
    try:
        with zipfile.ZipFile(file) as archive:
            return _name_macros(archive.namelist())
    except _DAMAGED_ZIP:
        return False


def _name_macros(names: list[str]) -> bool:
    names = [name.lower() for name in names]
    return any("vbaproject.bin" in name or "/activex/" in name for name in names)


def _is_text(file) -> bool:
    file.seek(0)
    data = file.read()
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return "\0" not in text and not text.lstrip().startswith("<")


def _clean_name(name: str, suffix: str) -> str:
    """Return a name that every system can save and that hides no second suffix."""
    name = clean_line(name.replace("\\", "/").rpartition("/")[2])
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 5:
        stem = name
    stem = re.sub(r'[<>:"/|?*.%#&;]+', "-", stem).strip(" -")[:NAME_MAX].rstrip(" -")
    return f"{stem or slugify_vi(name)}.{suffix}"
