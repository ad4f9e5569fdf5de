"""200 readers at once while an editor publishes every second: no error, no half page.

Half of them are scheduled and appear by themselves. Takes a few seconds here. `make
drill-pages` goes on for a minute and holds the portal to its promise that what is
published is seen within a second of its commit or its time on every worker; what is
measured on the way is printed in both.
"""

import asyncio
import contextlib
import json
import os
import random
import re
import subprocess
import sys
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from tests.journeys.conftest import ROOT, Server, database

READERS = 200
WORKERS = 2
DRILL_SECONDS = int(os.environ.get("PAGES_DRILL_SECONDS", 0))
SECONDS = DRILL_SECONDS or 6  # an even number
# All readers ask at the same instants: nothing is harder on a page just out of date.
BURSTS_A_SECOND = 4
NUMBER = re.compile("Tin trực tiếp số ([0-9]+)".encode())
SHOWING = ("/", "/chuyen-muc/truc-tiep/", "/rss/")  # the newest articles
OTHERS = ("/tin-nong/", "/lich-cong-tac/", "/so-do-trang/")
ENDS = {"/rss/": b"</rss>"}

# Every other one is published now, the one after it by itself, a second later.
EDITOR = f"""
import json, math, time
from datetime import UTC, datetime
from news import publishing
from news.models import Article, Category
category = Category.objects.get(slug="truc-tiep")

def article(number):
    return Article(title=f"Tin trực tiếp số {{number}}", sapo="x", category=category)

for number in range(1, {SECONDS} + 1, 2):
    time.sleep(2 - time.time() % 2)
    publishing.publish(article(number), body="<p>Nội dung của bài.</p>")
    print(json.dumps([number, time.time()]), flush=True)
    ahead = math.floor(time.time()) + 1
    at = datetime.fromtimestamp(ahead, UTC)
    publishing.schedule(article(number + 1), at=at, body="<p>Nội dung của bài.</p>")
    print(json.dumps([number + 1, ahead]), flush=True)
time.sleep(1)
"""


@dataclass
class Seen:
    """What the readers got; times are those of time.time()."""

    answers: int = 0
    wrong: list[str] = field(default_factory=list)
    workers: Counter = field(default_factory=Counter)
    # (when it was asked, worker, path, the highest number on the page)
    numbers: list[tuple[float, str, str, int]] = field(default_factory=list)


class Reader:
    """One connection that is kept open, as a browser does."""

    def __init__(self, port: int, seen: Seen):
        self.port, self.seen = port, seen
        self.last: dict[str, int] = defaultdict(int)

    async def read(self, over: asyncio.Event) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            while not over.is_set():
                await asyncio.sleep(-time.time() % (1 / BURSTS_A_SECOND))
                path = random.choice(SHOWING * 3 + OTHERS)
                await self.ask(reader, writer, path)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def ask(self, reader, writer, path: str) -> None:
        asked = time.time()
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        # Without a length nobody can tell half a page; readexactly waits for all.
        body = await reader.readexactly(int(headers["content-length"]))
        self.seen.answers += 1
        worker = headers.get("x-worker", "?")
        self.seen.workers[worker] += 1
        if " 200 " not in head[0]:
            self.seen.wrong.append(f"{path}: {head[0]}")
        elif not body.rstrip().endswith(ENDS.get(path, b"</html>")):
            self.seen.wrong.append(f"{path}: ends with {body[-60:]!r}")
        elif path in SHOWING:
            number = max(map(int, NUMBER.findall(body)), default=0)
            self.seen.numbers.append((asked, worker, path, number))
            if number < self.last[path]:
                back = f"{number} after {self.last[path]}"
                self.seen.wrong.append(f"{path}: went back to {back}")
            self.last[path] = number


async def read_while_publishing(site: Server) -> tuple[Seen, dict[int, float]]:
    """Return what readers got, and when each number became public."""
    seen, over = Seen(), asyncio.Event()
    readers = [
        asyncio.create_task(Reader(site.port, seen).read(over)) for _ in range(READERS)
    ]
    editor = await asyncio.create_subprocess_exec(
        *(sys.executable, "manage.py", "shell", "-v", "0", "-c", EDITOR),
        cwd=ROOT,
        env=site.environment,
        stdout=subprocess.PIPE,
    )
    try:
        said, _ = await editor.communicate()
        await asyncio.sleep(2)  # the last one has a second to be seen
    finally:
        if editor.returncode is None:
            editor.kill()
            await editor.wait()
        over.set()
        done = await asyncio.gather(*readers, return_exceptions=True)
    seen.wrong += [repr(one) for one in done if one is not None]
    return seen, dict(json.loads(line) for line in said.splitlines())


@pytest.fixture
def site(tmp_path, static_root):
    with database("load") as url:
        server = Server(
            tmp_path,
            DATABASE_URL=url,
            STATIC_ROOT=static_root,
            DEMO="0",
            WORKERS=str(WORKERS),
            DJANGO_SETTINGS_MODULE="tests.journeys.counting",
        )
        with server.running():
            server.python(
                "from news.models import Category;"
                "Category.objects.create(name='Trực tiếp', slug='truc-tiep'); print(1)"
            )
            yield server


def test_readers_never_notice_that_an_editor_publishes(site, tmp_path):
    # In a thread of its own: the browser of other journeys has a loop in this one.
    with ThreadPoolExecutor(1) as thread:
        seen, committed = thread.submit(
            lambda: asyncio.run(read_while_publishing(site))
        ).result()
    assert sorted(committed) == list(range(1, SECONDS + 1))

    assert seen.wrong[:5] == [], f"{len(seen.wrong)} of {seen.answers} answers"
    assert len(seen.workers) == WORKERS and "?" not in seen.workers, seen.workers
    last = {(worker, path): number for _at, worker, path, number in seen.numbers}
    assert set(last.values()) == {SECONDS}, "every worker shows the last one in the end"

    lines = (tmp_path / "data" / "renderings").read_text().splitlines()
    renderings = Counter(tuple(json.loads(line)) for line in lines)
    repeated = {key: n for key, n in renderings.items() if n > 1}
    late = lateness(seen, committed)
    print(
        f"\n{seen.answers} answers to {READERS} readers, {len(lines)} renderings, "
        f"{len(committed)} publications in as many seconds; "
        f"missed at most {late:.2f} s after the commit or its time"
    )
    assert repeated == {}, "a page is rendered once by a worker for an edition"
    if DRILL_SECONDS:
        assert late <= 1.0


def lateness(seen: Seen, committed: dict[int, float]) -> float:
    """Return how long after its time a reader still asked for a page without it."""
    missed = [0.0]
    for asked, _worker, _path, number in seen.numbers:
        # The first publication that the page lacks is the one it is latest with.
        if at := committed.get(number + 1):
            missed.append(asked - at)
    return max(missed)
