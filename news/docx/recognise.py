"""What the lines of a Word file are: title, sapo, captions, signature.

Each function takes what it knows out of the list of items; what is left is the
body. When in doubt a line stays in the body, where its writer finds it again.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from django.utils import timezone
from django.utils.translation import gettext as _

from news.docx.paper import Grid, Item, Line, Picture
from news.docx.styles import CAPTION, SUBTITLE, TITLE
from news.html import link
from news.library import fold
from news.models import Article

_LONG_LINE = 200  # characters; no headline is longer
_KICKER = 60  # characters; what may stand above a headline
_CAPTION = 300
_SIGNATURE = 120
_SIGNATURE_LINES = 4


@dataclass
class Found:
    title: str = ""
    published_at: datetime | None = None
    sapo: str = ""
    unit: str = ""
    author: str = ""
    source: str = ""
    source_url: str = ""
    warnings: list[str] = field(default_factory=list)


def recognise(items: list[Item], units: Collection[str] = ()) -> Found:
    """Take what is no body out of `items`, and return it.

    `units` are the folded names of the units that sign articles on this site.
    """
    found = Found()
    _drop_letterhead(items, found)
    _take_captions(items)
    _take_signature(items, found, units)
    at = _take_title(items, found)
    _take_sapo(items, at, found)
    return found


def _lines(items: list[Item]) -> list[Line]:
    return [item for item in items if isinstance(item, Line)]


# The head of the page


def _drop_letterhead(items: list[Item], found: Found) -> None:
    """The agency's name and the motto, which every letter has, are no news."""
    for item in items[:3]:
        if isinstance(item, Grid) and "doc lap - tu do - hanh phuc" in _grid_text(item):
            items.remove(item)
            found.warnings.append(
                _("The letterhead (agency, motto of the country) was left out.")
            )
            return


def _grid_text(grid: Grid) -> str:
    def texts(element):
        if hasattr(element, "value"):
            yield element.value
        for child in getattr(element, "children", []):
            yield from texts(child)

    return re.sub(r"[\s–—-]+", " ", fold(" ".join(texts(grid.table)))).replace(
        "doc lap tu do hanh phuc", "doc lap - tu do - hanh phuc"
    )


def _take_title(items: list[Item], found: Found) -> int:
    """Take the title out; return where it stood."""
    title = _title_lines(_lines(items))
    if not title:
        found.warnings.append(
            _("No title was recognised. Type it, or move it up from the body.")
        )
        return 0
    at = items.index(title[0])
    for line in title:
        items.remove(line)
    limit = Article._meta.get_field("title").max_length
    found.title = " ".join(line.text for line in title)[:limit]
    letters = [c for c in found.title if c.isalpha()]
    if len(letters) > 15 and "".join(letters).isupper():
        found.warnings.append(
            _(
                "The title is all in capitals. Write it as a sentence: it reads "
                "better, and names keep their capitals."
            )
        )
    return at


def _title_lines(lines: list[Line]) -> list[Line]:
    for index, line in enumerate(lines[:10]):
        if line.style == TITLE:
            return _while(lines[index:], lambda next: next.style == TITLE)
    for index, line in enumerate(lines[:4]):
        if line.is_heading:
            return _while(
                lines[index:],
                lambda next, line=line: (
                    next.style == line.style and _goes_on(line, next)
                ),
            )
        if len(line.text) > _KICKER or line.text.endswith("."):
            break
    # A heading further down stands over a part of the text.
    start = 1 if lines and _date(lines[0].text) else 0
    if len(lines) <= start or not _may_be_title(lines[start]):
        return []
    return _while(lines[start:], lambda next: _goes_on(lines[start], next), 3)


def _while(lines: list[Line], belongs, most: int = 3) -> list[Line]:
    taken = lines[:1]
    for line in lines[1:most]:
        if not belongs(line) or len(line.text) > _LONG_LINE or _date(line.text):
            break
        taken.append(line)
    return taken


def _may_be_title(line: Line) -> bool:
    return (
        len(line.text) <= _LONG_LINE
        and not line.is_item
        and not line.is_right
        and (
            line.is_bold
            or line.is_centred
            or line.text.isupper()
            or not line.text.endswith((".", ";", ":"))
        )
    )


def _goes_on(title: Line, next: Line) -> bool:
    """Whether `next` is the second line of a title, and not the sapo."""
    if next.is_bold != title.is_bold or next.text.endswith("."):
        return False
    if title.text.isupper() or next.text.isupper():
        return title.text.isupper() and next.text.isupper()
    if next.text[:1].islower():
        return title.is_bold or title.is_centred
    return title.is_centred and next.is_centred and len(next.text) <= 100


_DATE = re.compile(
    r"(?:\D{0,30}?ngay )?(?P<h1>\d{1,2}[:h]\d{2})?\W*"
    r"(?:(?:thu (?:hai|ba|tu|nam|sau|bay|[2-7])|chu nhat)\W*)?(?:ngay )?"
    r"(?P<day>\d{1,2})(?:[/.-]| thang )(?P<month>\d{1,2})(?:[/.-]| nam )"
    r"(?P<year>\d{4})\W*(?:luc )?(?P<h2>\d{1,2}[:h]\d{2})?\W*(?:gmt ?\+ ?7\W*)?"
)


def _date(text: str) -> datetime | None:
    """Return the local time that a line consists of; None when it is no such line."""
    match = _DATE.fullmatch(fold(text)) if len(text) <= 70 else None
    if not match:
        return None
    hour, minute = re.split("[:h]", match["h1"] or match["h2"] or "0:0")
    try:
        day = [int(match[name]) for name in ("year", "month", "day")]
        moment = datetime(*day, int(hour), int(minute))
    except ValueError:
        return None
    if not 1945 <= moment.year <= 2100:
        return None
    return timezone.make_aware(moment)


def _take_sapo(items: list[Item], at: int, found: Found) -> None:
    """Take the date and the lead that follow the title at `at`."""
    for place in range(max(at - 1, 0), min(at + 2, len(items))):
        item = items[place]
        if isinstance(item, Line) and (moment := _date(item.text)):
            found.published_at = moment
            items.remove(item)
            at = min(at, place)
            break
    rest = [item for item in items[at : at + 3] if isinstance(item, Line)]
    line = rest[0] if rest else None
    limit = Article._meta.get_field("sapo").max_length
    if line is not None and len(line.text) <= limit and _is_sapo(line):
        found.sapo = line.text
        items.remove(line)
    else:
        found.warnings.append(
            _("No lead (sapo) was recognised: no first paragraph is bold or italic.")
        )


def _is_sapo(line: Line) -> bool:
    if line.style == SUBTITLE:
        return True
    if line.is_heading or line.is_item or not (line.is_bold or line.is_italic):
        return False
    return len(line.text) > 80 or line.text.endswith((".", "…", "!", "?"))


# Around pictures

# "Hình thức" and "Ảnh hưởng" begin sentences.
_CAPTION_START = re.compile(
    r"(?:anh|hinh)(?: anh)?(?:\s*[:.(\d–-]|\s+(?:minh h|chup|tu lieu|do |internet))"
    r"|hinh anh .{0,110}[^.]$"
)


def _take_captions(items: list[Item]) -> None:
    index = 0
    while index < len(items) - 1:
        picture = items[index]
        index += 1
        if not isinstance(picture, Picture):
            continue
        words: list[str] = []
        while index < len(items) and isinstance(next := items[index], Line):
            is_more = bool(words)
            if not _is_caption(next) or (is_more and not _is_credit(next)):
                break
            words.append(next.text)
            items.pop(index)
        picture.caption = _joined(words)


def _joined(words: list[str]) -> str:
    ends = (".", "!", "?", "…", ":", ")")
    full = [one if one.endswith(ends) else f"{one}." for one in words[:-1]]
    return " ".join([*full, *words[-1:]])


def _is_caption(line: Line) -> bool:
    if len(line.text) > _CAPTION or line.is_heading or line.is_item:
        return False
    if line.style == CAPTION:
        return True
    if _CAPTION_START.match(fold(line.text)) and len(line.text) <= _CAPTION:
        return True
    if line.is_italic or line.is_bold or line.is_right:
        return line.is_italic
    # A plain line below a picture is a sentence of the text when it ends as one.
    return line.is_centred or not line.text.endswith((".", ":", ";", "!", "?", "…"))


def _is_credit(line: Line) -> bool:
    """A second line under a picture belongs to it when it names who took it."""
    return bool(re.match(r"\(?anh\s*:|\(?nguon( anh)?\s*:", fold(line.text)))


# The end of the page

# With accents: "Vũ", "Đoàn" and "Tô" are names of families.
_UNIT = re.compile(
    r"(?:văn phòng|phòng|ban|trung tâm|thanh tra|chi cục|cục|sở|vụ|viện|trường|khoa"
    r"|đảng ủy|đảng uỷ|chi bộ|công đoàn|đoàn (?:thanh niên|tn|khối)|hội|ủy ban|uỷ ban"
    r"|ubnd|hđnd|tổ|quỹ|công an|bộ|kho bạc|báo|đài)\s",
    re.IGNORECASE,
)
_SOURCE = re.compile(r"\(?\s*(?:nguon|theo)\s*[:：]?\s*")
_AUTHOR = re.compile(
    r"\(?\s*(?:(?:tac gia|nguoi viet|bai(?: va|,| &)? anh|tin(?: va|,| &|, bai,)? anh"
    r"|tin bai|tin|bai|thuc hien|bien tap)\s*[:：]\s*)"
)
_ADDRESS = re.compile(
    r"https?://\S+|(?:www\.)?[\w-]+(?:\.[\w-]+)*\.(?:vn|com|org|net)\S*"
)


def _take_signature(items: list[Item], found: Found, units: Collection[str]) -> None:
    last = [item for item in items if not isinstance(item, Picture)]
    taken = []
    for item in reversed(last[-_SIGNATURE_LINES:]):
        if not isinstance(item, Line) or not _is_signature(item, units):
            break
        taken.append(item)
    for line in reversed(taken):
        items.remove(line)
        _sign(line.text, found, units)


def _is_signature(line: Line, units: Collection[str]) -> bool:
    if len(line.text) > _SIGNATURE or line.is_heading or line.is_item:
        return False
    folded = fold(line.text)
    if _AUTHOR.match(folded) or re.match(r"\(?\s*nguon\s*[:：]", folded):
        return True
    is_sentence = line.text.rstrip(")").endswith((".", ":", ";", "!", "?", "…"))
    return not is_sentence and (line.is_right or _is_unit(line.text, units))


def _sign(text: str, found: Found, units: Collection[str]) -> None:
    """File one line under unit, author or source; a second one is joined."""
    folded = fold(text)
    if match := _SOURCE.match(folded):
        _set_source(_without_brackets(text[match.end() :]), found)
        return
    if match := _AUTHOR.match(folded):
        text = text[match.end() :]
    text = _without_brackets(text)
    if _is_unit(text, units):
        found.unit = f"{found.unit} {text}".strip()
        return
    # "Lan Hương – Phòng Quản lý khoa học"
    name, dash, unit = re.match(r"(.*?)(\s+[–—-]\s+|$)(.*)", text).groups()
    if dash and _is_unit(unit, units):
        found.unit = f"{found.unit} {unit}".strip()
        text = name
    found.author = ", ".join(filter(None, [found.author, text]))


def _is_unit(text: str, units: Collection[str]) -> bool:
    return fold(text) in units or bool(_UNIT.match(text))


def _set_source(text: str, found: Found) -> None:
    if match := _ADDRESS.search(text):
        address = match[0].rstrip(".,;)")
        if not address.startswith("http"):
            address = f"https://{address}"
        name = text.replace(match[0], "").strip(" -–,;()")
        if link(address) and len(address) <= 500:
            found.source_url = address
            text = name or (urlsplit(address).hostname or "").removeprefix("www.")
    found.source = text


def _without_brackets(text: str) -> str:
    text = text.strip()
    if text.startswith("(") or text.count(")") > text.count("("):
        text = text.strip("()")
    return text.strip(" .;")
