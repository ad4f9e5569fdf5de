"""Every public page, asked for as different people ask for it.

The way through the site is that of the mirror (portal.mirror.export.Walk); what differs
is who asks. All answers have to be the same to the byte: injected spam is often shown
only to search engines or to people who come from one. What is stored of a page, in the
memory of a worker or on disk, has to be what the site makes now.
"""

import hashlib
import http.client
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import quote, urljoin, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from news.models import Article
from portal import generation
from portal.integrity import markup
from portal.integrity.findings import Finding, Tell
from portal.integrity.rows import Vouched
from portal.mirror import pages
from portal.mirror.addresses import link
from portal.mirror.door import Answer, Door
from portal.mirror.export import Walk
from portal.pagecache import is_our_host

_BROWSER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)
# Programs that hide their spam look at the address too. Nobody has the first
# (RFC 5737); the others are of the ranges that Google and Cốc Cốc publish.
_SOMEBODY, _OF_GOOGLE, _OF_COCCOC = "203.0.113.7", "66.249.66.1", "123.30.175.20"


@dataclass(frozen=True)
class Disguise:
    name: str
    agent: str = _BROWSER
    referer: str = ""
    address: str = _SOMEBODY


PLAIN = Disguise(gettext_lazy("a browser"))
OTHERS = (
    Disguise(
        gettext_lazy("Google's robot"),
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        address=_OF_GOOGLE,
    ),
    Disguise(
        gettext_lazy("Cốc Cốc's robot"),
        "Mozilla/5.0 (compatible; coccocbot-web/1.0; +http://help.coccoc.com/searchengine)",
        address=_OF_COCCOC,
    ),
    Disguise(
        gettext_lazy("a visitor from Google"),
        referer="https://www.google.com/",
    ),
    Disguise(
        gettext_lazy("a visitor from Cốc Cốc"),
        referer="https://coccoc.com/search?query=tin",
    ),
)
# Beside the body, what browsers and robots obey.
_OBEYED = ("content-type", "location", "refresh", "link", "set-cookie")
TRIES = 3  # a change between two answers is no manipulation
_ARTICLE = re.compile(r"/tin-tuc/[^/]+-([0-9]{1,18})/")


class Visitor(Door):
    """Asks as a stranger: without the sign of staff that Door carries.

    A page is no visit, the beacon on it is, and that is never followed.
    """

    def __init__(self, app, disguise: Disguise = PLAIN):
        super().__init__(app)
        host = urlsplit(settings.SITE_URL).netloc
        del self.environ["HTTP_COOKIE"]
        self.environ |= {
            "HTTP_USER_AGENT": disguise.agent,
            "HTTP_ACCEPT": "text/html,application/xhtml+xml,*/*;q=0.8",
            "HTTP_ACCEPT_LANGUAGE": "vi,en;q=0.8",
            "REMOTE_ADDR": disguise.address,
            "HTTP_X_FORWARDED_FOR": disguise.address,
        }
        if is_our_host(host):
            self.environ["HTTP_HOST"] = host
        if disguise.referer:
            self.environ["HTTP_REFERER"] = disguise.referer


class Server:
    """Asks a server that runs: what its workers keep in memory, or nginx sends.

    `url` is where it listens, "http://127.0.0.1:8000", or the site itself, "https://...".
    Raises OSError.
    """

    def __init__(self, url: str):
        self.parts = urlsplit(url)

    @contextmanager
    def get(self, path: str, query: str = "") -> Iterator[Answer]:
        site = urlsplit(settings.SITE_URL)
        is_https = self.parts.scheme == "https"
        kind = http.client.HTTPSConnection if is_https else http.client.HTTPConnection
        connection = kind(self.parts.netloc, timeout=30)
        headers = {
            "Host": site.netloc,
            "User-Agent": _BROWSER,
            "X-Forwarded-For": _SOMEBODY,
            "X-Forwarded-Proto": site.scheme,
        }
        try:
            target = quote(path, safe="/%:@!$&'()*+,;=~-._") + (query and f"?{query}")
            connection.request("GET", target, headers=headers)
            response = connection.getresponse()
            found = {k.lower(): v for k, v in response.getheaders()}
            yield Answer(response.status, found, [response.read()])
        except http.client.HTTPException as error:
            raise OSError(str(error)) from error
        finally:
            connection.close()


@dataclass
class Read:
    """An answer that was read to its end."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def obeyed(self) -> tuple:
        return self.status, *(self.headers.get(name, "") for name in _OBEYED)

    @property
    def kind(self) -> str:
        return Answer(self.status, self.headers, ()).kind

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")


def without_counter(body: bytes) -> bytes:
    """Return a page without its numbers of visits, which grow by themselves."""
    return pages.COUNTING.sub("", body.decode(errors="replace")).encode()


class _Nothing:
    """The mirror's store, without files."""

    def is_done(self, address: str, name: str) -> bool:
        return False

    def read(self, name: str) -> bytes | None:
        return None

    def keep(self, address: str, name: str, parts: Iterable[bytes]) -> bool:
        return False


@dataclass
class Inspector:
    """Stands in the mirror's door: asks for each address as everybody does.

    `app` is the site below its page store; `stored`, a Door or a Server, answers with
    pages as they are kept. `made` holds the sum of each page, for the disk.
    """

    app: object
    vouched: Vouched
    stored: object = None
    made: dict[str, str] = field(default_factory=dict)
    _places: dict[tuple, list[str]] = field(default_factory=dict)

    def __post_init__(self):
        self._plain = Visitor(self.app)
        self._staff = Door(self.app)  # whose downloads are not counted
        self._others = [(one.name, Visitor(self.app, one)) for one in OTHERS]

    def walk(self, tell: Tell) -> None:
        """Go from link to link; raises portal.mirror.folder.Refused on a 503."""
        walk = Walk(self, _Nothing(), lambda report, known: tell("", report.rendered))
        report = walk.run()
        for address, status in report.failed.items():
            what = _("cannot be shown (%(status)s), so it was not looked at")
            self._add(link(address), "failed", what % {"status": status}, _("a page"))

    def findings(self) -> list[Finding]:
        """What is wrong, each once with the first place and how many others."""
        found = []
        for (kind, what, expected), places in self._places.items():
            place, more = places[0], len(places) - 1
            if more:
                what = _("%(what)s (and on %(count)d other addresses)") % {
                    "what": what,
                    "count": more,
                }
            found.append(Finding(kind, place, what, expected))
        return found

    # What Walk asks of a door

    @contextmanager
    def get(self, path: str, query: str = "") -> Iterator[Answer]:
        if path.startswith((settings.STATIC_URL, settings.MEDIA_URL)):
            # Files are compared where they lie (program, folders).
            yield Answer(200, {"content-type": "application/octet-stream"}, ())
        elif path.startswith("/tai-ve/"):
            with self._staff.get(path, query) as answer:
                yield answer
        else:
            read = self.inspect(path, query)
            yield Answer(read.status, read.headers, [read.body])

    def inspect(self, path: str, query: str = "") -> Read:
        """Ask for one page as everybody does, note what is wrong, return it."""
        place = link(path) + (query and f"?{query}")
        plain = self._compared(place, path, query)
        for kind, what, expected in self._faults(plain, path):
            self._add(place, kind, what, expected)
        if plain.kind == pages.HTML and plain.status == 200:
            if not query:
                self.made[path] = sum_of(plain.body)
            self._look_at_body(place, path, plain)
        if self.stored is not None:
            self._look_at_stored(place, path, query, plain)
        return plain

    def _compared(self, place: str, path: str, query: str) -> Read:
        for left in reversed(range(TRIES)):
            plain = _read(self._plain, path, query)
            others = [(name, _read(door, path, query)) for name, door in self._others]
            other = [
                (name, read)
                for name, read in others
                if read.obeyed != plain.obeyed or read.body != plain.body
            ]
            if not other or not left:
                break
        for name, read in other:
            what = _("%(who)s gets another answer than a browser: %(how)s")
            what %= {"who": name, "how": difference(plain, read)}
            self._add(place, "cloaked", what, _("the same answer, to the byte"))
        return plain

    def _faults(self, read: Read, path: str) -> list[markup.Fault]:
        explains = self.vouched.explains
        if read.status in (301, 302, 303, 307, 308):
            to = urljoin(settings.SITE_URL + path, read.headers.get("location", ""))
            if not explains(to):
                what = _("sends readers to %(it)s") % {"it": to[:200]}
                expected = _("a page of the site, or an address entered for it")
                return [("redirect", what, expected)]
            return []
        found = []
        if "refresh" in read.headers:
            what = _("the page leads on by itself: %(it)s")
            it = read.headers["refresh"][:200]
            found.append(("refresh", what % {"it": it}, _("no such header")))
        if read.kind == pages.HTML:
            return found + markup.faults_of_page(read.text, path, explains)
        return found + markup.faults_of_text(read.text, explains)

    def _look_at_body(self, place: str, path: str, read: Read) -> None:
        """Whether an article's page shows the text that the database holds."""
        match = _ARTICLE.fullmatch(path)
        if match is None:
            return
        row = Article.objects.published().filter(pk=match[1]).values_list("body_html")
        body = row.first()
        if body is not None and body[0] not in read.text:
            what = _("does not show the text of its article")
            expected = _("the text of article %(number)s") % {"number": match[1]}
            self._add(place, "body", what, expected)

    def _look_at_stored(self, place, path, query, plain: Read) -> None:
        for _try in range(TRIES):
            kept = _read(self.stored, path, query)
            same = without_counter(kept.body) == without_counter(plain.body)
            if kept.status == plain.status and same:
                break
            generation.refresh()  # it may have been changed meanwhile
            plain = _read(self._plain, path, query)
        else:
            what = _("the stored page is another than the one the site makes: %(how)s")
            what %= {"how": difference(plain, kept)}
            self._add(place, "stored", what, _("the page that the site makes"))
        for kind, what, expected in self._faults(kept, path):
            self._add(place, kind, what, expected)

    def _add(self, place: str, kind: str, what: str, expected: str) -> None:
        places = self._places.setdefault((kind, what, expected), [])
        if place not in places[-1:]:
            places.append(place)


def sum_of(body: bytes) -> str:
    return hashlib.blake2b(without_counter(body), digest_size=16).hexdigest()


def _read(door, path: str, query: str) -> Read:
    with door.get(path, query) as answer:
        return Read(answer.status, dict(answer.headers), b"".join(answer.body))


def difference(one: Read, other: Read) -> str:
    """Say in a few words how an answer differs from the one that is right."""
    if one.status != other.status:
        return f"{other.status} {other.headers.get('location', '')}".strip()
    ours, theirs = without_counter(one.body), without_counter(other.body)
    if ours == theirs:
        names = [n for n in _OBEYED if one.headers.get(n) != other.headers.get(n)]
        return ", ".join(f"{n}: {other.headers.get(n, '')[:100]}" for n in names)
    first = next(
        (n for n, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b),
        min(len(ours), len(theirs)),
    )
    shown = theirs[max(first - 20, 0) : first + 100].decode(errors="replace")
    return f"… {' '.join(shown.split())} …"
