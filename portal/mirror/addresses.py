"""Where each public address lies in the mirror, and the way back.

    /a/b/         a/b/index.html
    /a/b.xml      a/b.xml
    /a/?trang=2   a/trang=2/index.html   a file server knows no queries; the name is
                                         the query, and no slug holds a "="
    /rss/         rss/index.xml          its type comes from the name

An *address* here is the decoded path in the mirror: "/a/trang=2/".
"""

import re
from datetime import date, timedelta
from functools import lru_cache
from urllib.parse import parse_qs, quote, unquote, urljoin, urlsplit

# What `Addresses.of` says of an address of ours that the mirror does not hold.
LEFT_OUT = ""
NOT_FOUND = "/404.html"

_PAGED = re.compile(r"/(?:chuyen-muc|the)/[^/]+/|/(?:tin-nong|tin-tieu-diem)/")
_NUMBER = re.compile(r"[1-9][0-9]{0,3}")
_NUMBERED = re.compile(r"(.+/)trang=([0-9]+)/")
_FEED = re.compile(r"(?:/chuyen-muc/[^/]+)?/rss/")
_WEEK = re.compile(r"/lich-cong-tac/([0-9]{4})-W([0-9]{1,2})/")
_PRIVATE = ("/admin/", "/xem-truoc/", "/_s", "/healthz", "/readyz", "/tim-kiem/rss/")
_INDEX_XML = "index.xml"
_NAME_MAX = 255  # bytes, of every usual file system
# Left as they are in a link: what RFC 3986 allows in a path.
_PATH_SAFE = "/=:@!$'()*+,;~"


class Addresses:
    """Links of the site at `site_url`; weeks of the calendar from..until, or none."""

    def __init__(self, site_url: str, weeks: tuple[date, date] | None = None):
        self.site_url = site_url
        self._host = urlsplit(site_url).netloc.lower()
        self._weeks = weeks
        # The same hundred links stand on every page.
        self.of = lru_cache(maxsize=20_000)(self._of)

    def _of(self, link: str, base: str = "/") -> str | None:
        """Return the address that `link` on the page at the path `base` leads to.

        None where it leads out of the site or nowhere, LEFT_OUT where it leads to
        what the mirror does not hold.
        """
        try:
            # Browsers take %2e for the dot of "..", urljoin does not.
            plain = link.strip().replace("%2e", ".").replace("%2E", ".")
            url = urlsplit(urljoin(self.site_url + quote(base), plain))
        except ValueError:
            return None
        if url.scheme not in ("http", "https") or url.netloc.lower() != self._host:
            return None
        path = unquote(url.path) or "/"
        if path.startswith(_PRIVATE) or not self._holds_week(path):
            return LEFT_OUT
        if _FEED.fullmatch(path):
            return path + _INDEX_XML
        number = parse_qs(url.query).get("trang", ["1"])[0] if url.query else "1"
        if number != "1" and _PAGED.fullmatch(path) and _NUMBER.fullmatch(number):
            return f"{path}trang={number}/"
        return path

    def _holds_week(self, path: str) -> bool:
        week = _WEEK.fullmatch(path)
        if week is None:
            return True
        try:
            monday = date.fromisocalendar(int(week[1]), int(week[2]), 1)
        except ValueError:
            return True  # no such week: the site says so itself
        return bool(self._weeks) and self._weeks[0] <= monday <= self._weeks[1]

    def weeks(self) -> list[str]:
        """Return the address of every week the mirror holds."""
        found = []
        if self._weeks:
            monday, last = self._weeks
            while monday <= last:
                year, week, _weekday = monday.isocalendar()
                found.append(f"/lich-cong-tac/{year}-W{week}/")
                monday += timedelta(days=7)
        return found


def live(address: str) -> tuple[str, str]:
    """Return the path and the query of the page that lies at `address`."""
    if numbered := _NUMBERED.fullmatch(address):
        return numbered[1], f"trang={numbered[2]}"
    path = address.removesuffix(_INDEX_XML)
    return (path if _FEED.fullmatch(path) else address), ""


def link(address: str) -> str:
    """Return `address` as it is written in a page."""
    return quote(address, safe=_PATH_SAFE)


def file_name(address: str) -> str | None:
    """Return the file of `address` within the folder, None when there can be none."""
    name = address[1:] + ("index.html" if address.endswith("/") else "")
    parts = name.split("/")
    if any(p in ("", ".", "..") or len(p.encode()) > _NAME_MAX for p in parts):
        return None
    # Names with a dot in front are the mirror's own and its operator's.
    if name.startswith(".") or "\0" in name:
        return None
    return name
