"""PDFs: what shows pages is taken, what runs, starts or unpacks something is not."""

import zlib

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from news import pdf
from news.files import accept


def made_of(*objects: bytes) -> bytes:
    """Return the bytes of a PDF with these objects; numbers begin with 1."""
    bodies = b"".join(
        b"%d 0 obj\n%b\nendobj\n" % (number, body)
        for number, body in enumerate(objects, 1)
    )
    return b"%PDF-1.7\n" + bodies + b"trailer <</Root 1 0 R>>\n%%EOF"


def stream(content: bytes, keys: bytes, pack=zlib.compress) -> bytes:
    packed = pack(content)
    return b"<<%b/Length %d>>stream\n%b\nendstream" % (keys, len(packed), packed)


def packed_objects(content: bytes, keys=b"", **options) -> bytes:
    keys = b"/Type/ObjStm/N 1/First 4/Filter/FlateDecode" + keys
    return stream(b"9 0 " + content, keys, **options)


CATALOG = b"<</Type/Catalog/Pages 2 0 R/OpenAction[3 0 R/Fit]>>"
SCRIPT = b"<</S/JavaScript/JS(app.alert(1))>>"


@pytest.mark.parametrize(
    "objects",
    [
        [CATALOG],
        # A link to a page about it, and a form to fill in.
        [CATALOG, b"<</S/URI/URI(https://vi.wikipedia.org/wiki/JavaScript)>>"],
        [CATALOG, b"<</FT/Tx/T(Launch)/V(/Launching)>>", b"<</Type/Sig>>"],
        [CATALOG, packed_objects(b"<</Type/Page/First 3 0 R>>")],
        [CATALOG, stream(b"(/S /JavaScript) Tj", b"/Filter/FlateDecode")],
        [CATALOG, stream(b"\xff\xd8\xff", b"/Filter/DCTDecode", pack=bytes)],
        [b"<</First 3 0 R>>", stream(b"\xff\xd8", b"/Filter/DCTDecode", pack=bytes)],
        [stream(b"9 0 <<>>", b"/Type/ObjStm/N 1/First 4", pack=bytes)],
    ],
)
def test_a_pdf_that_shows_pages_is_taken(objects):
    data = made_of(*objects)
    assert accept(ContentFile(data, name="a.pdf")).file_name == "a.pdf"


@pytest.mark.parametrize(
    "objects",
    [
        [SCRIPT],
        [b"<</S /JavaScript /JS 5 0 R>>"],
        [b"<</S/J#61vaScr#69pt/JS(x)>>"],
        [b"<</S 2 0 R/JS(x)>>", b"/JavaScript"],
        [b"<</S/Launch/F(cmd.exe)>>"],
        [b"<</S\n/ImportData/F(x.fdf)>>"],
        [b"<</S/Rendition/JS(x)>>"],
        [b"<</Subtype/RichMedia>>"],
        [b"<</Type/Filespec/F(a.exe)/EF<</F 3 0 R>>>>"],
        [b"<</Type/Filespec/F(a.exe)/EF 4 0 R>>"],
        [b"<</AcroForm<</XFA[(template) 5 0 R]>>>>"],
        [packed_objects(SCRIPT)],
        [packed_objects(b" " * 3 * 2**20 + SCRIPT)],
        [packed_objects(b" " * (2**20 - 10) + SCRIPT), b"across two pieces"],
        [packed_objects(SCRIPT).replace(b"/ObjStm", b"/Obj#53tm")],
        [packed_objects(SCRIPT).replace(b"/Type/ObjStm", b"")],
        # What cannot be looked into: encrypted, or packed in an odd way.
        [packed_objects(b"<<>>", pack=lambda data: b"\x17" * len(data))],
        [packed_objects(b"<<>>", b"/DecodeParms<</Predictor 12>>")],
    ],
)
def test_a_pdf_that_does_more_is_refused_in_a_sentence(objects):
    with pytest.raises(ValidationError) as refused:
        accept(ContentFile(made_of(CATALOG, *objects), name="a.pdf"))
    assert refused.value.code == "active"
    assert "PDF" in refused.value.messages[0]


def test_objects_that_unpack_without_end_are_not_looked_through(monkeypatch):
    monkeypatch.setattr(pdf, "MAX_UNPACKED_BYTES", 2**20)
    assert not pdf.is_active(made_of(packed_objects(b" " * (2**20 - 10))))
    assert pdf.is_active(made_of(packed_objects(b" " * 2**21)))


def test_a_broken_pdf_is_no_error():
    for data in (b"%PDF-", b"%PDF-1.7 stream\n", made_of(packed_objects(b"x"))[:90]):
        assert not pdf.is_active(data)


def test_of_many_streams_none_is_given_the_rest_of_the_file(monkeypatch):
    """What it does not need is copied: time would grow with the square."""
    given = []

    class Counting:
        def __init__(self):
            self._inflate = zlib_decompressobj()

        def decompress(self, part, most):
            given.append(len(part))
            return self._inflate.decompress(part, most)

        def __getattr__(self, name):
            return getattr(self._inflate, name)

    zlib_decompressobj = zlib.decompressobj
    monkeypatch.setattr(pdf.zlib, "decompressobj", Counting)
    packed = zlib.compress(b"<< /Type /Catalog >>")
    one = b"<< /Type /ObjStm /First 4 /Filter /FlateDecode >>stream\n" + packed
    data = b"%PDF-1.7\n" + one * 300
    assert not pdf.is_active(data)
    assert len(given) == 300 and max(given) <= 2**12
