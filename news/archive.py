"""Reading one entry of a ZIP archive that anybody may have made."""

import zipfile

# What zipfile raises on hostile input is left to the caller; this among it.
_PACKED_BY = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # all that Office writes


def read_entry(archive: zipfile.ZipFile, name: str, size: int | None = None) -> bytes:
    """Return an entry, or `size` bytes of it; no more is unpacked than its header says.

    ZipFile.read() unpacks all there is, up to 2 GB, and cuts afterwards; and of
    bzip2 and LZMA nothing less can be had. A kilobyte can so fill the memory.
    """
    entry = archive.getinfo(name)
    if entry.compress_type not in _PACKED_BY:
        raise NotImplementedError("packed in a way that cannot be bounded")
    with archive.open(entry) as file:
        # One more than there is: at the end the check sum is compared.
        return file.read(entry.file_size + 1 if size is None else size)
