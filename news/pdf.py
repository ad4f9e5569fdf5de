"""Whether a PDF does more than show pages: programs, launches, files inside.

Not a reader of PDF: the bytes are searched for the names of such actions, in the file
and in its compressed object streams, however they are spelt (/J#61vaScript). What
cannot be looked into counts as active. It keeps out what mail and infected machines
bring; who builds a file against this very search is met by the way downloads are
sent. Forms, signatures and links to websites are no harm and stay.
"""

import re
import zlib

# A name stands after a blank, a bracket or a key that takes it; inside a web address
# (.../wiki/JavaScript) it follows a letter and is none.
_NAME = re.compile(
    rb"/(?:(?<=[\0\t\n\f\r <>\[\]()]/)|(?<=/S/)|(?<=obj/)|(?<=/Subtype/))"
    rb"(?:JavaScript|Launch|ImportData|RichMedia|Rendition|GoToE)"
    rb"(?=[\0\t\n\f\r <>\[\]()/%]|$)"
)
# Keys with what follows them, so that no chance in a photograph looks like one:
# a file inside the file, a form that is a program of its own.
_KEY = re.compile(rb"/(?:EF|XFA)[\0\t\n\f\r ]*(?:<<|\[|[\0\t\n\f\r ]\d+ \d+ R)")
_HEX = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM = re.compile(rb"stream[\t ]*(?:\r\n|\n|\r)")
_OVERLAP = 64  # bytes; longer than the longest name
_PART = 2**12  # bytes of the file at a time
_PIECE = 2**20  # bytes unpacked at a time
MAX_UNPACKED_BYTES = 200 * 2**20  # of all object streams; honest ones have a few MB


def is_active(data: bytes) -> bool:
    """Whether opening the PDF may run, start or unpack something."""
    if _names_action(data):
        return True
    budget, begin = MAX_UNPACKED_BYTES, 0
    for match in _STREAM.finditer(data):
        if data.endswith(b"end", 0, match.start()):
            continue
        # All since the stream before holds, at its end, this one's dictionary.
        dictionary = _spelt_out(data[begin : match.start()])
        begin = match.end()
        is_objects = b"/ObjStm" in dictionary
        if not is_objects and b"/First" not in dictionary:
            continue
        if is_objects and b"/Predictor" in dictionary:
            return True  # its rows are mixed with other bytes
        try:
            for piece in _unpacked(data, begin):
                budget -= len(piece)
                if budget < 0 or _names_action(piece):
                    return True
        except zlib.error:
            if is_objects and b"/Filter" in dictionary:
                return True  # encrypted, or packed in a way nobody uses
    return False


def _names_action(data: bytes) -> bool:
    data = _spelt_out(data)
    return bool(_NAME.search(data) or _KEY.search(data))


def _spelt_out(data: bytes) -> bytes:
    return _HEX.sub(lambda match: bytes.fromhex(match[1].decode()), data)


def _unpacked(data: bytes, begin: int):
    """Yield the unpacked bytes from `begin`, each piece with the end of the last.

    Fed in small parts: what a stream does not need is copied, and that is, of each
    of thousands of streams, the rest of the file.
    """
    inflate, rest, tail = zlib.decompressobj(), b"", b""
    while not inflate.eof:
        if not rest:
            rest = data[begin : begin + _PART]
            begin += _PART
        if not rest:
            break  # cut off
        piece = inflate.decompress(rest, _PIECE)
        rest = inflate.unconsumed_tail
        if piece:
            piece = tail + piece
            yield piece
            tail = piece[-_OVERLAP:]
