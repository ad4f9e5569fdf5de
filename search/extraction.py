"""The text of one file that anybody may have made, read in a process of its own.

    python -m search.extraction CONTENT_TYPE < file > answer

The answer is JSON: {"state", "text", "reason"} as in search.models.AttachmentText.
The process has no environment, so no secret, and no database; what it may use up is
limited before it looks at the file. search.attachment_text starts it.
"""

import contextlib
import io
import json
import os
import re
import resource
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from django.conf import settings

from news.text import clean_lines

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

MAX_FILE_BYTES = 50 * 2**20
MAX_PAGES = 500  # of a PDF; a Word file has none
MAX_TEXT_BYTES = 2**20  # UTF-8; some 400 pages
MAX_ELEMENTS = 500_000  # of one part of a Word file; 200 pages have 50,000 to 100,000
CPU_SECONDS = 30
WALL_SECONDS = 120  # a busy machine gives such a process little
MEMORY_BYTES = 512 * 2**20  # address space
# JSON writes some letters as two; more than this kills the process.
MAX_ANSWER_BYTES = 4 * MAX_TEXT_BYTES

# Reasons, for the log: short words that stay the same.
TOO_LARGE, TOO_LONG, DAMAGED = "too large", "too long", "damaged"
PASSWORD, NO_MEMORY, CUT = "password", "out of memory", "cut"


class Refused(Exception):
    """Nothing can be read; the text says why in a word."""


def main(content_type: str) -> None:
    limit_process()
    try:
        text, is_cut = collect(READERS[content_type](sys.stdin.buffer))
        state = "read" if re.search(r"\w", text) else "empty"
        reason = CUT if is_cut else ""
    except Refused as error:
        state, text, reason = "refused", "", str(error)
    except ImportError:
        raise  # the fault of no file: the process ends without an answer
    except MemoryError:
        state, text, reason = "refused", "", NO_MEMORY
    except Exception:
        # On malformed files the libraries raise nearly everything.
        state, text, reason = "refused", "", DAMAGED
    answer = {"state": state, "text": text, "reason": reason}
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode())
    sys.stdout.buffer.flush()
    # Nothing is tidied up: a library may hang in that, or fail.
    os._exit(0)


def limit_process() -> None:
    """Bound what this process may use; beyond, it gets MemoryError or is killed."""
    for kind, most in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, MAX_ANSWER_BYTES),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        # The hard limit stays: at it the kernel kills without saying why.
        soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
        # macOS, for trying out, knows no limit of the address space.
        with contextlib.suppress(ValueError):
            resource.setrlimit(kind, (soft, hard))
    # For when nobody waits any more: the portal was killed.
    signal.alarm(WALL_SECONDS)
    os.nice(10)  # readers come first


def collect(pieces: Iterable[str | None]) -> tuple[str, bool]:
    """Return pieces as clean lines of at most MAX_TEXT_BYTES, and whether cut.

    None among them says that more is there, which was not read.
    """
    lines, size = [], 0
    for piece in pieces:
        if piece is None:
            return "\n".join(lines), True
        line = clean_lines(piece)
        if not line:
            continue
        size += len(line.encode()) + 1
        if size > MAX_TEXT_BYTES:
            text = "\n".join([*lines, line])
            return text.encode()[:MAX_TEXT_BYTES].decode(errors="ignore"), True
        lines.append(line)
    return "\n".join(lines), False


def read_pdf(file: BinaryIO) -> Iterator[str | None]:
    """Yield the text of each page; None for the pages beyond MAX_PAGES."""
    import pypdfium2
    from pypdfium2.raw import FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY

    try:
        document = pypdfium2.PdfDocument(file.read())
    except pypdfium2.PdfiumError as error:
        is_locked = error.err_code in (FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY)
        raise Refused(PASSWORD if is_locked else DAMAGED) from error
    pages = min(len(document), MAX_PAGES)
    broken = 0
    for number in range(pages):
        try:
            text = document[number].get_textpage().get_text_range()
        except pypdfium2.PdfiumError:
            broken += 1
            continue
        # What stands for a hyphen at the end of a line. Vietnamese divides no word
        # there, so it is one: 05-CT/TW.
        yield text.replace("\ufffe", "-")
    if broken == pages:
        raise Refused(DAMAGED)
    if len(document) > pages:
        yield None


def read_docx(file: BinaryIO) -> Iterator[str]:
    """Yield the paragraphs, then those of foot- and endnotes; no hidden text."""
    from django.core.exceptions import ValidationError

    from news.docx import fonts
    from news.docx.names import W, own_runs
    from news.docx.package import Package
    from news.docx.styles import Styles, make_explicit

    signs = {W + "tab": " ", W + "br": " ", W + "cr": " ", W + "noBreakHyphen": "-"}
    try:
        # A pipe or a file: ZIP archives are read from their end.
        with Package(io.BytesIO(file.read()), MAX_ELEMENTS) as package:
            styles = Styles(package.xml(package.part("styles")))
            names = [package.main, package.part("footnotes"), package.part("endnotes")]
            for name in names:
                root = package.xml(name)
                if root is None:
                    continue
                fonts.convert(root, styles)
                make_explicit(root, styles)
                for paragraph in root.iter(W + "p"):
                    yield "".join(
                        element.text or ""
                        if element.tag == W + "t"
                        else signs.get(element.tag, "")
                        for run in own_runs(paragraph)
                        for element in run
                    )
    except ValidationError as error:
        codes = {"too_large": TOO_LARGE, "bomb": TOO_LARGE, "too_long": TOO_LONG}
        reason = PASSWORD if error.code == "password" else codes.get(error.code)
        raise Refused(reason or DAMAGED) from error


READERS: dict[str, Callable[[BinaryIO], Iterator[str]]] = {
    PDF: read_pdf,
    DOCX: read_docx,
}

if __name__ == "__main__":
    # All that reading needs of Django: no language, no database, no secret.
    settings.configure(USE_I18N=False, MAX_ATTACHMENT_BYTES=MAX_FILE_BYTES)
    main(sys.argv[1])
