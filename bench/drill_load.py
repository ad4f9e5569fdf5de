"""More than the server can do, and a server that starts anew while it is asked."""

import asyncio
import itertools
import re
import signal
import statistics
import subprocess
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench import processes
from bench.drill_away import ADD, expect
from bench.drill_site import Answer, Site, article_form, ask, nginx

PAST_THE_STORE = "Authorization: past the store\r\n"
MOST_CONNECTIONS = 400
TIMES = 3  # what saturates


def overload(site: Site, seconds: int) -> str:
    """Pages that are rendered each time, three times as many as can be."""
    path = site.addresses()["category"]
    for _ in range(10):  # the first ones load what they need, in each worker
        ask(site.port, path, Authorization="past the store")
    limit = processes.wrk(
        site.port, path, 4, 4, {"Authorization": "past the store"}
    ).per_second
    pids = processes.family(site.process.pid)
    before = processes.proportional_mb(pids)
    probes, stop = [], threading.Event()

    def probe():
        while not stop.is_set():
            probes.append(ask(site.port, "/"))
            time.sleep(0.1)

    probing = threading.Thread(target=probe)
    probing.start()
    memory: list[float] = []
    measuring = threading.Thread(
        target=_measure, args=[pids, memory, stop], daemon=True
    )
    measuring.start()
    try:
        found = asyncio.run(_ask_at(site.port, path, limit * TIMES, seconds))
    finally:
        stop.set()
        probing.join()
        measuring.join()
    made = sorted(s for status, s in found if status == 200)
    shed = [s for status, s in found if status == 503]
    others = [status for status, _s in found if status not in (200, 503)]
    expect(not others, f"{len(others)} of {len(found)} answers: {sorted(set(others))}")
    expect(made and shed, f"{len(made)} made, {len(shed)} refused")
    p99 = made[int(len(made) * 0.99)]
    expect(made[-1] < 2 and p99 < 1, f"admitted took {p99:.2f} s (p99), {made[-1]:.2f}")
    expect({p.status for p in probes} == {200}, "a stored page was refused")
    kept = sorted(p.seconds for p in probes)
    rate = len(found) / seconds
    # The first half grows to what many at once need; the second must not.
    half = memory[len(memory) // 2 :]
    growth = max(half) - half[0]
    expect(growth < 20, f"memory grew by {growth:.0f} MB")
    return (
        f"{limit:.0f}/s saturate; {rate:.0f}/s asked for: {len(made) / seconds:.0f}/s"
        f" made (median {statistics.median(made) * 1000:.0f} ms, p99"
        f" {p99 * 1000:.0f} ms, slowest {made[-1] * 1000:.0f} ms), the rest 503 in"
        f" {statistics.median(shed) * 1000:.0f} ms (median); {len(probes)} stored pages"
        f" 200, slowest {kept[-1] * 1000:.0f} ms; memory {before:.0f}, then"
        f" {half[0]:.0f}, in the end {memory[-1]:.0f} MB"
    )


def _measure(pids: list[int], memory: list[float], stop: threading.Event) -> None:
    while not stop.wait(0.5):
        memory.append(processes.proportional_mb(pids))


async def _ask_at(port: int, path: str, rate: float, seconds: int):
    """Ask `rate` times a second, whatever the answers: (status, seconds) of each."""
    request = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{PAST_THE_STORE}"
        "Accept-Encoding: br\r\n\r\n"
    ).encode()
    idle: list = []
    found: list[tuple[int, float]] = []
    tasks: set[asyncio.Task] = set()
    limit = asyncio.Semaphore(MOST_CONNECTIONS)

    async def one() -> None:
        async with limit:
            while not await answered():
                pass

    async def answered() -> bool:
        """Ask once; False when a used connection was closed before any answer.

        That is no answer of the server, and one asks anew (RFC 9112, 9.3.1).
        """
        while idle and idle[-1][0].at_eof():
            idle.pop()[1].close()
        connection, head = idle.pop() if idle else None, b""
        is_used = connection is not None
        try:
            if connection is None:
                connection = await asyncio.open_connection("127.0.0.1", port)
            reader, writer = connection
            # From here on: before, this process itself may be late.
            asked = time.monotonic()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: (\d+)", head)
            await reader.readexactly(int(length[1]))
        except (OSError, asyncio.IncompleteReadError) as error:
            if is_used and not (head or getattr(error, "partial", b"")):
                return False
            found.append((0, 0.0))
            return True
        found.append((int(head[9:12]), time.monotonic() - asked))
        idle.append(connection)
        return True

    begun = time.monotonic()
    for number in range(int(rate * seconds)):
        due = begun + number / rate
        if (wait := due - time.monotonic()) > 0:
            await asyncio.sleep(wait)
        task = asyncio.create_task(one())
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    if tasks:
        await asyncio.wait(tasks, timeout=20)
    for _reader, writer in idle:
        writer.close()
    return found


def reload(site: Site, folder: Path, seconds: int) -> str:
    """SIGHUP, a migration by a newer version, SIGTERM and its start, under load.

    wrk asks nginx for pages that lie on disk, somebody searches, an editor saves.
    """
    pages, browser = site.addresses(), site.browser()
    category = site.python(
        "from news.models import Category; print(Category.objects.first().pk)"
    )
    with nginx(site, folder / "nginx") as port:
        paths = [pages["article"], "/", pages["category"]]
        _fill_disk(port, paths)
        browser.port = port
        load = _Load(port, paths, seconds)
        number = itertools.count()
        searching = _Asking(
            lambda: ask(port, f"/tim-kiem/?q=nghi+{next(number)}"), 200, pause=0.05
        )
        form = partial(article_form, category=category)
        saving = _Asking(
            lambda: browser.post(ADD, form(f"Diễn tập {next(number)}")), 302, pause=0.5
        )
        load.start()
        with searching, saving:
            time.sleep(1)
            site.process.send_signal(signal.SIGHUP)
            time.sleep(seconds / 3)
            site.environment["DJANGO_SETTINGS_MODULE"] = "bench.newer.settings"
            begun = time.monotonic()
            site.prepare()
            migrated = time.monotonic() - begun
            time.sleep(1)
            begun = time.monotonic()
            site.stop()
            site.start()
            away = time.monotonic() - begun
            load.wait()
    expect(load.errors == 0, f"{load.errors} errors of {load.requests}: {load.said}")
    for who in (searching, saving):
        expect(not who.wrong, f"{len(who.wrong)} of {who.answers}: {who.wrong[:3]}")
        expect(who.answers > 10, f"only {who.answers} answers")
    kept = site.python(
        "from news.models import Article;"
        "print(Article.objects.filter(title__startswith='Diễn tập').count())"
    )
    expect(kept >= saving.answers, f"{saving.answers} saved, {kept} there")
    added = site.python(
        "from django.db import connection;"
        "c = connection.cursor(); c.execute('SELECT count(newer) FROM news_article');"
        "print(c.fetchone()[0])"
    )
    expect(added >= kept, "the newer version did not migrate")
    return (
        f"{load.requests} pages through nginx, 0 errors; {searching.answers} searches"
        f" 200 and {saving.answers} saves done during SIGHUP, a migration while the old"
        f" version served ({migrated:.1f} s), and {away:.1f} s from SIGTERM to the new"
        f" version's first answer; the longest wait of a search"
        f" {searching.slowest:.1f} s, of a save {saving.slowest:.1f} s"
    )


class _Asking:
    """Somebody who asks again and again, one request after the other, in a thread."""

    def __init__(self, ask_once: Callable[[], Answer], wanted: int, pause: float):
        self.ask_once, self.wanted, self.pause = ask_once, wanted, pause
        self.answers, self.slowest, self.wrong = 0, 0.0, []
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._ask)

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *_error) -> None:
        self.over.set()
        self.thread.join()

    def _ask(self) -> None:
        while not self.over.wait(self.pause):
            begun = time.monotonic()
            try:
                said = self.ask_once().status
            except OSError as error:
                said = repr(error)
            self.slowest = max(self.slowest, time.monotonic() - begun)
            if said == self.wanted:
                self.answers += 1
            else:
                self.wrong.append(said)


def _fill_disk(port: int, paths: list[str]) -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        tags = [ask(port, path).headers.get("etag", "") for path in paths]
        if all(re.fullmatch(r'"[0-9a-f]+-[0-9a-f]+"', tag) for tag in tags):
            return
        time.sleep(0.2)
    expect(False, "the pages did not come to the disk")


class _Load:
    """wrk, one for each path; each answer that is not 2xx or 3xx is an error."""

    def __init__(self, port: int, paths: list[str], seconds: int):
        self.urls = [f"http://127.0.0.1:{port}{path}" for path in paths]
        self.seconds = seconds
        self.requests = self.errors = 0
        self.said, self.running = "", []

    def start(self) -> None:
        for url in self.urls:
            # Who has to wait while the portal starts anew met no error.
            command = ["wrk", "-t1", "-c2", "--timeout", "20s", f"-d{self.seconds}s"]
            self.running.append(
                subprocess.Popen([*command, url], stdout=subprocess.PIPE, text=True)
            )

    def wait(self) -> None:
        for process in self.running:
            text = process.communicate()[0]
            self.requests += int(re.search(r"(\d+) requests in", text)[1])
            wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
            sockets = re.search(r"Socket errors: (.*)", text)
            self.errors += int(wrong[1]) if wrong else 0
            if sockets:
                self.errors += sum(map(int, re.findall(r"\d+", sockets[1])))
                self.said += sockets[0]
