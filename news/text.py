"""Vietnamese text at the door: one form for what is stored, one for addresses.

Folding for search lives in search.text; it must not be used for storage.
"""

import re
import unicodedata

# Left in text by Word, PDF and web editors; invisible, and they split words.
# U+200B and U+FEFF stand where a blank may have been, so they become one.
_BLANKS = dict.fromkeys(map(ord, "\u200b\ufeff\u2028\u2029\u0085\u000b\u000c"), " ")
# Direction marks and joiners are dropped: they can disguise a file's name or a
# link (CVE-2021-42574), and Vietnamese needs none of them.
_DROPPED = dict.fromkeys(
    [
        *range(0x09),
        *range(0x0E, 0x20),
        0x7F,
        *range(0x80, 0x85),
        *range(0x86, 0xA0),
        0xAD,
        *range(0x200C, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2070),
        *range(0xD800, 0xE000),
        *(0xFFFE, 0xFFFF),  # forbidden in XML: one would break a whole feed
        # Other letters nobody sees; whole messages were hidden in the last two.
        *(0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0),
        *range(0x180B, 0x1810),
        *range(0xFFF9, 0xFFFC),
        *range(0xE0000, 0xE0080),
        *range(0xE0100, 0xE01F0),
    ]
)
_TABLE = {**_BLANKS, **_DROPPED}
# Vietnamese sets two marks on a letter; a tower of them covers the lines above, and
# the time to normalise it grows with the square of its height.
_MARKS = [chr(c) for c in range(0x300, 0x1F000) if unicodedata.combining(chr(c))]
_MAX_TOWER = 8
_WITHOUT_MARKS = str.maketrans("", "", "".join(_MARKS))
_TOWER = re.compile("([{0}]{{{1}}})[{0}]+".format("".join(_MARKS), _MAX_TOWER))
# ASCII, composed letters, usual punctuation: nothing to clean, compose or narrow.
_PLAIN = re.compile("[\n -~À-ÿĂăĐđĨĩŨũƠơƯưẠ-ỹ‘-”–—…]*")


def clean_text(value: str) -> str:
    """Return `value` in NFC without control, direction and zero-width characters.

    Line ends become \\n. Nothing else is changed: blanks, case and tone
    placement stay as the editor meant them. Lone surrogates are dropped, because
    no database can store them; so are more than eight marks on one letter.
    """
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    if is_plain(text):
        return text
    text = text.translate(_TABLE)
    # Composed text has no mark by itself and is spared the search.
    if len(text) - len(text.translate(_WITHOUT_MARKS)) > _MAX_TOWER:
        text = _TOWER.sub(r"\1", text)
    return unicodedata.normalize("NFC", text)


def is_plain(text: str) -> bool:
    """Say, fast, whether usual Vietnamese text is clean and in NFC as it stands."""
    return _PLAIN.fullmatch(text) is not None


def clean_line(value: str) -> str:
    """Return `value` cleaned and on one line, runs of blanks as one blank."""
    return " ".join(clean_text(value).split())


def clean_lines(value: str) -> str:
    """Return `value` cleaned, each line as `clean_line`, without empty ends.

    Pasted leads bring runs of blanks and non-breaking ones; lines stay lines.
    """
    return "\n".join(map(clean_line, clean_text(value).split("\n"))).strip("\n")


def slugify_vi(value: str, max_length: int = 100) -> str:
    """Return an ASCII slug: Đường Đà Nẵng -> duong-da-nang; never empty.

    Cut at a hyphen where one is near. Text without a Latin letter or digit
    gives "bai".
    """
    text = re.sub("[đĐðÐ]", "d", value)
    text = unicodedata.normalize("NFKD", text)
    text = "".join(c for c in text if not unicodedata.combining(c)).lower()
    slug = re.sub(r"[^a-z0-9]+", "-", text).strip("-")
    if len(slug) > max_length:
        head, _, _ = slug[: max_length + 1].rpartition("-")
        slug = head if len(head) >= max_length // 2 else slug[:max_length]
    return slug.strip("-") or "bai"
