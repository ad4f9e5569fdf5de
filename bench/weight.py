"""What pages weigh on the wire: bytes as the server sends them, by kind.

    python -m bench.weight [URL]

URL is a running site; without one a demo site is started, which takes a minute.
"""

import re
import sys
import tempfile
import zlib
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import brotli

PAGE_MAX = 50_000  # bytes of HTML, style and scripts
FONTS_MAX = 70_000
# What TCP sends at once, before the reader's machine has confirmed anything: ten
# packets of 1,460 bytes (RFC 6928), without 264 for TLS.
FIRST_BYTES = 14 * 1024
CODINGS = ("br", "gzip")
_URL = re.compile(r'url\("?([^")]+)"?\)')


@dataclass(frozen=True)
class Answer:
    """One answer; `body` as it was sent."""

    status: int
    headers: dict[str, str]  # names in lower case
    head_bytes: int
    body: bytes

    @property
    def coding(self) -> str:
        return self.headers.get("content-encoding", "")

    @cached_property
    def text(self) -> str:
        return readable(self.body, self.coding)


def readable(sent: bytes, coding: str) -> str:
    """What a browser can show of the first bytes of a compressed answer."""
    if coding == "br":
        sent = brotli.Decompressor().process(sent)
    elif coding == "gzip":
        sent = zlib.decompressobj(wbits=31).decompress(sent)
    return sent.decode(errors="ignore")


@lru_cache(maxsize=500)
def fetch(url: str, coding: str = "br") -> Answer:
    """Get an address once for each coding; a page must not change meanwhile."""
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.netloc, timeout=30)
    try:
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", path, headers={"Accept-Encoding": coding})
        answer = connection.getresponse()
        headers = answer.getheaders()
        head = len("HTTP/1.1 200 OK\r\n\r\n") + sum(len(k + v) + 4 for k, v in headers)
        named = {k.lower(): v for k, v in headers}
        return Answer(answer.status, named, head, answer.read())
    finally:
        connection.close()


class Parts(HTMLParser):
    """What a page makes a browser fetch, and how its scripts and pictures stand.

    The visit picture of readers without scripts is left out: fetching it counts.
    """

    def __init__(self, html: str):
        super().__init__()
        self.styles: list[dict] = []
        self.scripts: list[dict] = []
        self.images: list[dict] = []
        self.others: list[str] = []  # icons, preloads, frames, pictures
        self.feed(re.sub("<noscript>.*?</noscript>", "", html, flags=re.DOTALL))

    def handle_starttag(self, tag, attributes):
        have = dict(attributes)
        if tag == "link":
            relations = set(have.get("rel", "").split())
            if "stylesheet" in relations:
                self.styles.append(have)
            elif relations & {"preload", "modulepreload", "icon", "preconnect"}:
                self.others.append(have["href"])
        elif tag == "script" and have.get("type") != "application/ld+json":
            self.scripts.append(have)
        elif tag in ("img", "source", "iframe", "video", "audio", "embed", "track"):
            if tag == "img":
                self.images.append(have)
            self.others += [have["src"]] if "src" in have else []
            for candidate in have.get("srcset", "").split(","):
                self.others += candidate.split()[:1]

    @property
    def addresses(self) -> list[str]:
        styles = [style["href"] for style in self.styles]
        scripts = [script["src"] for script in self.scripts if "src" in script]
        return styles + scripts + self.others


@dataclass
class Weight:
    """Bytes on the wire of one page, by kind; headers of answers are not in it."""

    kinds: Counter = field(default_factory=Counter)  # html, css, js, fonts
    files: Counter = field(default_factory=Counter)
    first_screen: int = 0  # headers and HTML until it is there, style, early scripts

    @property
    def page(self) -> int:
        return self.kinds["html"] + self.kinds["css"] + self.kinds["js"]


def weigh(url: str, coding: str = "br", until: str = "</h1>") -> Weight:
    """Weigh the page at `url`; its first screen ends with what `until` matches."""
    answer = fetch(url, coding)
    parts = Parts(answer.text)
    weight = Weight()

    def add(kind: str, body: bytes) -> None:
        weight.kinds[kind] += len(body)
        weight.files[kind] += 1

    add("html", answer.body)
    weight.first_screen = head_until(answer, until)
    for style in parts.styles:
        body = fetch(urljoin(url, style["href"]), coding).body
        add("css", body)
        if style.get("media") != "print":
            weight.first_screen += len(body)
    for font in fonts(url, coding):
        add("fonts", fetch(font, coding).body)
    for script in parts.scripts:
        body = fetch(urljoin(url, script["src"]), coding).body
        add("js", body)
        if script.get("blocking") == "render":
            weight.first_screen += len(body)
    return weight


def head_until(answer: Answer, until: str) -> int:
    """How many bytes of an answer, headers included, show what `until` matches."""
    pattern = re.compile(until, re.DOTALL)
    if not pattern.search(answer.text):
        raise ValueError(f"the page has no {until}")
    low, high = 0, len(answer.body)
    while low < high:
        middle = (low + high) // 2
        if pattern.search(readable(answer.body[:middle], answer.coding)):
            high = middle
        else:
            low = middle + 1
    return answer.head_bytes + low


def fonts(url: str, coding: str = "br") -> list[str]:
    """The addresses of all fonts that the page's style names."""
    found = {}
    for style in Parts(fetch(url, coding).text).styles:
        sheet = urljoin(url, style["href"])
        for font in _URL.findall(fetch(sheet, coding).text):
            if font.endswith(".woff2"):
                found[urljoin(sheet, font)] = True
    return list(found)


def pages(site: str) -> dict[str, str]:
    """The four pages that are measured: those that the home page leads to first."""
    home = fetch(site + "/").text
    article = re.search(r'card--front.*?href="(/tin-tuc/[^"]+)"', home, re.DOTALL)
    category = re.search(r'href="(/chuyen-muc/[^"/]+/)"', home)
    return {
        "home": site + "/",
        "article": site + article[1],
        "category": site + category[1],
        "search": site + "/tim-kiem/",
    }


# With what the first screen of a page is complete: its title and what follows it.
FIRST_SCREEN = {
    "home": r'class="card__sapo">.*?</p>',  # after the lead story's picture and title
    "article": r'<div class="prose">.*?</p>',  # after title, lead and cover
    "category": r'class="card__sapo">.*?</p>',
    "search": r'<form class="search-form.*?</form>',
}


def main(site: str) -> None:
    print(
        f"{'page':<10}{'coding':<7}{'html':>7}{'css':>7}{'js':>6}{'sum':>8}"
        f"{'fonts':>8}{'first screen':>14}"
    )
    for name, url in pages(site).items():
        for coding in CODINGS:
            found = weigh(url, coding, FIRST_SCREEN[name])
            kinds = found.kinds
            print(
                f"{name:<10}{coding:<7}{kinds['html']:>7}{kinds['css']:>7}"
                f"{kinds['js']:>6}{found.page:>8}{kinds['fonts']:>8}"
                f"{found.first_screen:>14}"
            )
    print(f"goals: sum <= {PAGE_MAX}, fonts <= {FONTS_MAX}, first <= {FIRST_BYTES}")


if __name__ == "__main__":
    if sys.argv[1:]:
        main(sys.argv[1].rstrip("/"))
    else:
        from docs.demo_site import demo_site

        with tempfile.TemporaryDirectory() as folder, demo_site(Path(folder)) as site:
            main(site)
