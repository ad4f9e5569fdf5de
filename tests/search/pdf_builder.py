"""PDF files for tests, honest and hostile, written by hand."""

import zlib

from django.utils import timezone

from portal.demo import pdf as demo

CATALOG = b"<</Type /Catalog /Pages 2 0 R>>"
PAGES = b"<</Type /Pages /Kids [3 0 R] /Count 1>>"
PAGE = (
    b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 5 0 R"
    b" /Resources <</Font <</F1 4 0 R>> /XObject <</X 6 0 R>>>>>>"
)
FONT = b"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>"
HELLO = b"BT /F1 12 Tf 9 9 Td (hello) Tj ET "


def written(*paragraphs: str, title="") -> bytes:
    """A PDF of Vietnamese text, as the demo has them."""
    return demo.make(title, list(paragraphs), timezone.now())


def file_of(objects: list[bytes], trailer=b"") -> bytes:
    out, places = b"%PDF-1.5\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return out + (
        b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<</Size %d /Root 1 0 R %b>>\n"
        b"startxref\n%d\n%%%%EOF\n" % (size, table, size, trailer, len(out))
    )


def stream(data: bytes, dictionary=b"") -> bytes:
    head = b"<</Length %d %b>>" % (len(data), dictionary)
    return head + b"\nstream\n" + data + b"\nendstream"


def one_page(content: bytes) -> bytes:
    """A file of one page, drawn by `content`, a whole stream object."""
    return file_of([CATALOG, PAGES, PAGE, FONT, content])


def pages(count: int) -> bytes:
    kids = b"<</Type /Pages /Kids [%b] /Count %d>>" % (b"3 0 R " * count, count)
    return file_of([CATALOG, kids, PAGE, FONT, stream(HELLO)])


def encrypted() -> bytes:
    """A file that opens with a password only."""
    key = b"<</Filter /Standard /V 1 /R 2 /O <%b> /U <%b> /P -4>>"
    objects = [
        CATALOG,
        PAGES,
        PAGE,
        FONT,
        stream(HELLO),
        key % (b"41" * 32, b"42" * 32),
    ]
    return file_of(objects, b"/Encrypt 6 0 R /ID [<00><00>]")


def bomb(megabytes: int) -> bytes:
    """A few kilobytes that unpack to so many megabytes of blanks."""
    packer = zlib.compressobj(9)
    packer.compress(b"")  # the header
    packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b" " * 2**20) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = zlib.compress(b"\x78\xda" + block * megabytes + b"\x03\x00")
    return one_page(stream(packed, b"/Filter [/FlateDecode /FlateDecode]"))
