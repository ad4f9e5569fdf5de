"""From link to link through the whole public site, each page kept as a file."""

import hashlib
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.db.models import Max, Min
from django.utils import timezone
from django.utils.translation import gettext as _

from portal import generation
from portal.mirror import pages
from portal.mirror.addresses import (
    LEFT_OUT,
    NOT_FOUND,
    Addresses,
    file_name,
    link,
    live,
)
from portal.mirror.door import Answer, Door
from portal.mirror.folder import Content, Folder, Refused
from portal.models import WorkEvent

# Where nothing leads, or what must be there on an empty site too; articles,
# categories, tags and standing pages stand in the site map of machines.
SEEDS = (
    "/",
    NOT_FOUND,
    "/robots.txt",
    "/sitemap.xml",
    "/sitemap-tin-tuc.xml",
    "/rss/index.xml",
    "/lich-cong-tac.ics",
    "/lich-cong-tac/",
    "/so-do-trang/",
    "/thong-ke-truy-cap/",
    "/tin-nong/",
    "/tin-tieu-diem/",
    "/tim-kiem/",
)
REDIRECTS = {301, 302, 307, 308}
HOPS_MAX = 5
# Something may be withdrawn between the page that leads to it and itself; then all
# is done once more, so that no such link is told as broken.
TRIES = 3
# How often the content generation is looked at, as the watcher does in a worker.
LOOK_SECONDS = 0.5
_CODE = {".py", ".html", ".xml", ".txt", ".mo", ".json"}
_KINDS = {
    ".html": pages.HTML,
    ".css": pages.CSS,
    ".js": "text/javascript",
    ".xml": "application/xml",
}


class Store(Protocol):
    """What a walk does with the files: a Folder, or a Comparison."""

    def is_done(self, address: str, name: str) -> bool: ...

    def read(self, name: str) -> bytes | None: ...

    def keep(self, address: str, name: str, parts: Iterable[bytes]) -> bool: ...


@dataclass
class Report:
    """`broken` and `failed`: why by address, and the pages that lead there."""

    files: int = 0
    changed: int = 0
    rendered: int = 0
    removed: list[str] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    pages: dict[str, list[str]] = field(default_factory=dict)
    has_moved: bool = False  # the content changed meanwhile


class Walk:
    """One way through the site; `tell(report, known)` is called now and then."""

    def __init__(self, door: Door, store: Store, tell: Callable[[Report, int], None]):
        self.door, self.store, self.tell = door, store, tell
        self.addresses = Addresses(settings.SITE_URL, calendar_weeks())
        self.names: set[str] = set()
        self.report = Report()
        self._seen: set[str] = set()
        self._queue: deque[str] = deque()
        # The pages that lead to what was not asked for yet or is broken.
        self._pages_to: dict[str, list[str]] = {}
        self._looked = 0.0

    def run(self) -> Report:
        for address in (*SEEDS, *self.addresses.weeks()):
            self._meet(address)
        while self._queue:
            self._look()
            address = self._queue.popleft()
            for target in self._take(address):
                self._meet(target, address)
            if address not in self.report.broken and address not in self.report.failed:
                del self._pages_to[address]
        self.report.files = len(self.names)
        self.report.pages = self._pages_to
        self.tell(self.report, len(self._seen))
        return self.report

    def _meet(self, address: str, page: str | None = None) -> None:
        if address not in self._seen:
            self._seen.add(address)
            self._queue.append(address)
            self._pages_to[address] = []
        if page is not None and (leading := self._pages_to.get(address)) is not None:
            leading.append(page)

    def _look(self) -> None:
        """Let the frame around pages be kept as long as it is right."""
        if time.monotonic() - self._looked >= LOOK_SECONDS:
            self._looked = time.monotonic()
            generation.refresh()
            self.report.files = len(self.names)
            self.tell(self.report, len(self._seen))

    def _take(self, address: str) -> Iterable[str]:
        """Keep the file of an address; return the addresses it leads to."""
        name = file_name(address)
        if name is None:
            self.report.broken[address] = _("no file can have this name")
            return ()
        if self.store.is_done(address, name):
            self.names.add(name)
            return self._links_of_kept(address, name)
        return self._ask(address, name, *live(address))

    def _links_of_kept(self, address: str, name: str) -> Iterable[str]:
        kind = _KINDS.get(Path(name).suffix)
        if kind is None or name.startswith("tai-ve/"):
            return ()
        text = (self.store.read(name) or b"").decode(errors="replace")
        return pages.links_of(text, live(address)[0], kind, self.addresses)

    def _ask(
        self, address: str, name: str, path: str, query: str, hops: int = 0
    ) -> Iterable[str]:
        with self.door.get(path, query) as answer:
            self.report.rendered += 1
            wanted = 404 if address == NOT_FOUND else 200
            if answer.status == wanted:
                return self._keep(address, name, path, answer)
            if answer.status in REDIRECTS and hops < HOPS_MAX:
                to = answer.headers.get("location", "")
            elif answer.status == 503:
                raise Refused(
                    _(
                        "The portal answers %(path)s with 503 (is the database away?). "
                        "The mirror is as it was; run the command again later."
                    )
                    % {"path": path}
                )
            elif answer.status >= 500:
                self.report.failed[address] = str(answer.status)
                return ()
            else:
                self.report.broken[address] = str(answer.status)
                return ()
        return self._redirected(address, name, path, to, hops)

    def _keep(
        self, address: str, name: str, path: str, answer: Answer
    ) -> Iterable[str]:
        self.names.add(name)
        kind, links = answer.kind, set()
        parts: Iterable[bytes] = answer.body
        if kind == pages.HTML:
            text = b"".join(answer.body).decode()
            text, links = pages.mirrored(text, path, self.addresses)
            parts = [text.encode()]
        elif kind in _KINDS.values() or kind in pages.XML or kind in pages.JS:
            parts = [b"".join(answer.body)]
            text = parts[0].decode(errors="replace")
            links = pages.links_of(text, path, kind, self.addresses)
        self.report.changed += self.store.keep(address, name, parts)
        return links

    def _redirected(
        self, address: str, name: str, path: str, to: str, hops: int
    ) -> Iterable[str]:
        target = self.addresses.of(to, path)
        if target and target == address + "/":  # a file server does the same
            for page in self._pages_to[address]:
                self._meet(target, page)
            return ()
        if target and not address.endswith("/"):  # a file's old name: the file itself
            return self._ask(address, name, *live(target), hops + 1)
        leads_to = link(target) if target else to
        if target == LEFT_OUT or not leads_to.startswith(("/", "http://", "https://")):
            self.report.broken[address] = to
            return ()
        self.names.add(name)
        page = pages.redirect_page(leads_to).encode()
        self.report.changed += self.store.keep(address, name, [page])
        return [target] if target else ()


class Comparison:
    """Stands where a Folder stands, and only notes what differs."""

    def __init__(self, folder: Folder):
        self.folder = folder
        self.missing: list[str] = []
        self.differing: list[str] = []

    def is_done(self, address: str, name: str) -> bool:
        return False

    def read(self, name: str) -> bytes | None:
        return self.folder.read(name)

    def keep(self, address: str, name: str, parts: Iterable[bytes]) -> bool:
        try:
            with open(self.folder.path / name, "rb") as file:
                is_same = all(file.read(len(part)) == part for part in parts)
                if is_same and not file.read(1):
                    return False
            self.differing.append(name)
        except OSError:
            self.missing.append(name)
        return True


def export(folder: Folder, door: Door, tell: Callable[[Report, int], None]) -> Report:
    """Bring a folder up to date; raises Refused, and OSError of a full disk."""
    for left in reversed(range(TRIES)):
        content = present_content()
        with folder.writing(content):
            walk = Walk(door, folder, tell)
            report = walk.run()
            report.has_moved = present_content() != content
            if report.broken and report.has_moved and left:
                continue
            folder.publish()
            # What could not be rendered now may lead to what looks superfluous.
            if not report.failed:
                report.removed = folder.superfluous(walk.names)
                folder.remove(report.removed)
            return report
    raise AssertionError("the last try returns")


def compare(
    folder: Folder, door: Door, tell: Callable[[Report, int], None]
) -> tuple[Report, Comparison, list[str]]:
    """Return how the files of a mirror differ from the site, and those too many."""
    if not folder.is_mirror:
        raise Refused(
            _("%(path)s holds no mirror yet; run the command without --check first.")
            % {"path": folder.path}
        )
    comparison, content = Comparison(folder), present_content()
    walk = Walk(door, comparison, tell)
    report = walk.run()
    report.has_moved = present_content() != content
    return report, comparison, folder.superfluous(walk.names)


def calendar_weeks() -> tuple[date, date] | None:
    """Return the Mondays of the first and the last week with entries."""
    days = WorkEvent.objects.order_by().aggregate(first=Min("day"), last=Max("day"))
    if days["first"] is None:
        return None
    return _monday(days["first"]), _monday(days["last"])


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def present_content() -> Content:
    return Content(
        settings.SITE_URL,
        generation.stored_generation(),
        _code(),
        generation.next_timed_change(timezone.now()).isoformat(),
    )


def _code() -> str:
    """Tell one version of the portal from another: a new template changes pages too."""
    digest = hashlib.blake2b(digest_size=8)
    files = [settings.STATIC_ROOT / "staticfiles.json"]
    for folder in ("templates", "portal", "news", "search", "stats"):
        files += sorted((settings.BASE_DIR / folder).rglob("*"))
    for path in files:
        if path.suffix in _CODE and path.is_file():
            stat = path.stat()
            digest.update(f"{path} {stat.st_mtime_ns} {stat.st_size}\n".encode())
    return digest.hexdigest()
