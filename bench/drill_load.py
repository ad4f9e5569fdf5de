"""More than the server can do, and a server that starts anew while it is asked."""

import asyncio
import re
import signal
import statistics
import subprocess
import threading
import time
from pathlib import Path

from bench import processes
from bench.drill_away import expect
from bench.drill_site import Site, ask, nginx

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
    """SIGHUP, then SIGTERM and a new start, while nginx is asked by wrk."""
    pages = site.addresses()
    with nginx(site, folder / "nginx") as port:
        paths = [pages["article"], "/", pages["category"]]
        _fill_disk(port, paths)
        load = _Load(port, paths, seconds)
        searches, stop = [], threading.Event()

        def search():
            while not stop.is_set():
                searches.append(
                    (ask(port, "/tim-kiem/?q=nghi").status, time.monotonic())
                )
                time.sleep(0.05)

        searching = threading.Thread(target=search)
        searching.start()
        load.start()
        time.sleep(1)
        site.process.send_signal(signal.SIGHUP)
        time.sleep(seconds / 2)
        hup = [status for status, _at in searches]
        stopped = time.monotonic()
        site.stop()
        site.start()
        away = time.monotonic() - stopped
        load.wait()
        stop.set()
        searching.join()
    failed = sum(status != 200 for status in hup)
    away_met = {status for status, _at in searches[len(hup) :]}
    expect(load.errors == 0, f"{load.errors} errors of {load.requests}: {load.said}")
    expect(not failed, f"{failed} searches failed during SIGHUP")
    expect(away_met <= {200, 503}, f"searches met {sorted(away_met)}")
    return (
        f"{load.requests} pages through nginx, 0 errors; {len(hup)} searches 200 during"
        f" SIGHUP; during {away:.1f} s without the application what is not on disk was"
        f" answered {sorted(away_met)}"
    )


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
            command = ["wrk", "-t1", "-c2", f"-d{self.seconds}s", url]
            self.running.append(
                subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
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
