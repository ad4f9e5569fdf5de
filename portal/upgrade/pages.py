"""What readers see on every public page, before and after: two mirrors compared.

A new version may write a page otherwise; what counts is what is read and where links
lead. So a page is taken as the lines of its text and its links, without the names that
static files get from their content.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from portal.mirror.folder import files_in

_STATIC = re.compile(r"(/static/[^\s\"'<>]+?)\.[0-9a-f]{12}(\.[a-z0-9]+)")
_TEXT = {".xml", ".txt", ".ics", ".json", ".webmanifest"}
_LINKS = {"a": "href", "area": "href", "img": "src", "form": "action"}
_ALSO_READ = ("alt", "title", "aria-label", "placeholder")
_META = {"description", "robots", "og:title", "og:description", "og:image"}
_OF_THE_PROGRAM = "static/"  # a page that needs one that is not there is told as such
_PART_BYTES = 1 << 20

Difference = tuple[tuple[str, ...], tuple[str, ...]]  # lines that went, that came


@dataclass
class Comparison:
    """Names of files of the mirror; `differing` holds the pages of each difference.

    `rewritten` counts pages that read the same and are written otherwise.
    """

    same: int = 0
    rewritten: int = 0
    missing: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    differing: dict[Difference, list[str]] = field(default_factory=dict)

    @property
    def is_same(self) -> bool:
        return not (self.missing or self.new or self.differing)


def compare(before: Path, after: Path) -> Comparison:
    """Compare two mirrors file by file."""
    found = Comparison()
    olds, news = set(_pages(before)), set(_pages(after))
    found.missing, found.new = sorted(olds - news), sorted(news - olds)
    for name in sorted(olds & news):
        old, new = before / name, after / name
        if _same_bytes(old, new):
            found.same += 1
            continue
        if not (is_text := name.endswith(".html") or old.suffix in _TEXT):
            found.differing.setdefault((("…",), ("…",)), []).append(name)
        elif is_text and (difference := _difference(old, new)):
            found.differing.setdefault(difference, []).append(name)
        else:
            found.rewritten += 1
    return found


def _pages(folder: Path):
    return (
        name for name in files_in(folder) if not name.startswith((".", _OF_THE_PROGRAM))
    )


def _same_bytes(one: Path, other: Path) -> bool:
    if one.stat().st_size != other.stat().st_size:
        return False
    with open(one, "rb") as a, open(other, "rb") as b:
        while part := a.read(_PART_BYTES):
            if part != b.read(_PART_BYTES):
                return False
    return True


def _difference(old: Path, new: Path) -> Difference | None:
    before, after = read_lines(old), read_lines(new)
    if before == after:
        return None
    gone, come = Counter(before) - Counter(after), Counter(after) - Counter(before)
    if not gone and not come:  # the same lines in another order
        first = next(n for n, line in enumerate(before) if line != after[n])
        return (before[first],), (after[first],)
    return (
        tuple(dict.fromkeys(line for line in before if line in gone)),
        tuple(dict.fromkeys(line for line in after if line in come)),
    )


def read_lines(path: Path) -> list[str]:
    """Return what is read of a page, a line for each piece of text and each link."""
    text = _STATIC.sub(r"\1\2", path.read_text("utf-8", "replace"))
    if path.suffix != ".html":
        return [line.strip() for line in text.replace("><", ">\n<").splitlines()]
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.lines


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self._unread = 0

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        if tag in ("script", "style"):
            self._unread += 1
        if name := _LINKS.get(tag):
            self.lines.append(f"→ {given.get(name, '')}")
        if tag == "meta" and {given.get("name"), given.get("property")} & _META:
            self.lines.append(given.get("content", ""))
        if tag == "link" and given.get("rel") == "canonical":
            self.lines.append(f"→ {given.get('href', '')}")
        self.lines += [given[name] for name in _ALSO_READ if given.get(name)]

    def handle_endtag(self, tag):
        if tag in ("script", "style") and self._unread:
            self._unread -= 1

    def handle_data(self, data):
        if not self._unread and (text := " ".join(data.split())):
            self.lines.append(text)
