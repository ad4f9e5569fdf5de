"""What a visit costs: the beacon beside one ORM update per hit, the hit, the drain.

The servers run with the same options, those of `make run`, and are asked in turn, so
that a busy machine is busy for all; with four threads too, where one ORM update waits
less for SQLite's lock. The two that are compared have no threads of their own; a third
one, started when they are done, drains meanwhile, as the portal does, which thousands
of hits a second are a load for.
"""

import contextlib
import io
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import connection

from bench import processes
from bench.orm_hits import KEY
from bench.search.goals import Goal
from portal.overload import server_threads
from portal.serve import GRANIAN_OPTIONS
from stats import clock, drainer, lines, spool
from stats.beacon import Beacon
from stats.lines import Hit
from stats.models import PageTotal
from stats.tokens import page_token

AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/150.0 Safari/537.36"
CONNECTIONS = 32
SECONDS = 4  # of each run
REPEAT = 5
CALLS = 100_000
DRAINED = 200_000
# Of each server its application and settings; the first two are compared.
SERVERS = {
    "beacon": ("portal.wsgi", "bench.settings"),
    "one ORM update per hit": ("bench.orm_hits", "bench.settings"),
    "beacon, draining meanwhile": ("portal.wsgi", "portal.settings"),
}
SCRIPT = """
wrk.method = "POST"
wrk.body = '{body}'
wrk.headers["User-Agent"] = "{agent}"
wrk.headers["Sec-Fetch-Site"] = "same-origin"
"""
PAUSING = "function delay() return math.random(0, {twice}) end\n"


class Load(NamedTuple):
    per_second: float
    p99_ms: float


def run() -> None:
    print("goals of visits:")
    for goal in (*_served(), *_calls(), _drain()):
        met = "met" if goal.is_met else "NOT MET"
        print(
            f"  {goal.name}: {goal.figure:,.4g} (goal {goal.sign} {goal.limit}) {met}"
        )


# Whole endpoints


def _served():
    if not processes.tool("wrk"):
        print("There is no wrk (Debian: apt-get install wrk): no endpoint is measured.")
        return
    PageTotal.objects.get_or_create(
        **KEY, defaults={"views": 0, "last_day": date(2020, 1, 1)}
    )
    connection.close()
    ours, orm, *alone = SERVERS
    own = server_threads(settings.THREADS)
    loads = {}
    with tempfile.TemporaryDirectory(prefix="portal-beacon-") as name:
        folder = Path(name)
        with _running([ours, orm], folder, own) as ports:
            loads[""] = _in_turn(ports, folder)
            # Asked as fast as they can, both are as late as 32 connections on two cores
            # make them; so also at a rate that the slower one can stand.
            rate = _median(loads[""][orm]).per_second / 2
            pause_ms = round(CONNECTIONS / rate * 1000)
            loads[f", pausing {pause_ms} ms"] = _in_turn(ports, folder, pause_ms)
        with _running([ours, orm], folder, settings.THREADS) as ports:
            loads[f", {settings.THREADS} threads"] = _in_turn(ports, folder)
        with _running(alone, folder, own) as ports:
            drained = _in_turn(ports, folder)
    for how, found in [*loads.items(), ("", drained)]:
        for server in found:
            rate, p99 = _median(found[server])
            print(f"  {server}{how}: {rate:,.0f} requests/s, p99 {p99:.1f} ms")
    who = connection.vendor
    for how, found in loads.items():
        one, other = _median(found[ours]), _median(found[orm])
        if "pausing" not in how:
            name = f"requests/s of the beacon / of one ORM update{how}"
            yield Goal(who, name, one.per_second / other.per_second, ">=", 10)
        name = f"its p99 / of one ORM update{how}"
        yield Goal(who, name, one.p99_ms / other.p99_ms, "<=", 0.05)


def _median(loads: list[Load]) -> Load:
    return Load(*(statistics.median(figures) for figures in zip(*loads, strict=True)))


@contextlib.contextmanager
def _running(names: list[str], folder: Path, threads: int) -> Iterator[dict[str, int]]:
    """Start servers beside each other; only the one that is asked works."""
    with contextlib.ExitStack() as stack:
        ports = {}
        for name in names:
            module, settings_module = SERVERS[name]
            ports[name] = processes.free_port()
            started = _granian(module, settings_module, ports[name], threads, folder)
            _wait_for_port(ports[name], stack.enter_context(started))
            _wrk(ports[name], folder, 0, 1)  # its caches, salt and segment
        yield ports


def _in_turn(
    ports: dict[str, int], folder: Path, pause_ms: int = 0
) -> dict[str, list[Load]]:
    found: dict[str, list[Load]] = {name: [] for name in ports}
    for _ in range(REPEAT):
        for name, port in ports.items():
            found[name].append(_wrk(port, folder, pause_ms))
    return found


def _granian(module: str, settings_module: str, port: int, threads: int, folder: Path):
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": settings_module}
    environment |= {"PORT": str(port), "DEMO": "0"}
    command = [
        *(sys.executable, "-m", "granian", *GRANIAN_OPTIONS),
        *("--host", "127.0.0.1", "--port", str(port), "--workers", "2"),
        *("--blocking-threads", str(threads), f"{module}:application"),
    ]
    log = folder / f"{module}-{settings_module}"
    return processes.server(command, environment, log)


def _wait_for_port(port: int, process: subprocess.Popen) -> None:
    end = time.monotonic() + processes.START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            processes.get(port, "/_s")
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"no answer from port {port}")


def _wrk(port: int, folder: Path, pause_ms: int, seconds: int = SECONDS) -> Load:
    body = json.dumps({"p": page_token("page", -1), "r": "", "w": 0})
    script = folder / "post.lua"
    text = SCRIPT.format(body=body, agent=AGENT)
    # At random, or all connections would ask at the same instants.
    text += PAUSING.format(twice=2 * pause_ms) if pause_ms else ""
    script.write_text(text)
    command = [
        *("wrk", "-t2", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency"),
        *("-s", str(script), f"http://127.0.0.1:{port}/_s"),
    ]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in printed:
        raise SystemExit(printed)
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", printed).groups()
    return Load(
        float(re.search(r"Requests/sec:\s+([\d.]+)", printed)[1]),
        float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit],
    )


# Calls in one process


def _calls():
    hit = Hit(clock.now_ms(), 1, 1, "article", 1)
    calls = {"one line into the spool": lambda: spool.append(hit)}
    calls["the beacon's whole answer"] = _beacon_call()
    percentiles = {}
    for what, call in calls.items():
        times = sorted(_microseconds(call) for _ in range(CALLS))
        percentiles[what] = times[CALLS * 99 // 100]
        print(
            f"  {what}: p50 {times[CALLS // 2]:.1f} µs, p99 {percentiles[what]:.1f} µs"
        )
    spool.writer().close()
    p99 = percentiles["one line into the spool"]
    yield Goal(connection.vendor, "hit call, p99, µs", p99, "<=", 20)


def _microseconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter_ns()
    call()
    return (time.perf_counter_ns() - begun) / 1000


def _beacon_call() -> Callable[[], None]:
    beacon = Beacon(None)
    body = json.dumps({"p": page_token("page", -1), "r": "", "w": 0}).encode()
    request = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/_s",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": "127.0.0.1",
        "HTTP_USER_AGENT": AGENT,
        "REMOTE_ADDR": "127.0.0.1",
    }

    def start_response(status, headers):
        if dict(headers)["X-Visit"] != "counted":
            raise SystemExit(f"{status} {headers}")

    def call():
        beacon({**request, "wsgi.input": io.BytesIO(body)}, start_response)

    return call


# From the spool to the database


def _drain() -> Goal:
    """Drain reports as they come: 40 visits and 25 visitors to 100 of them."""
    drainer.drain(hold_ms=0)  # what the calls above have left
    chance = random.Random(1)
    hits = sorted(_some_hits(chance), key=lambda hit: hit.ms)
    settings.SPOOL_DIR.mkdir(exist_ok=True)
    for worker in range(2):
        path = settings.SPOOL_DIR / f"{hits[0].ms:013d}-{worker}-bench.hits"
        path.write_bytes(b"".join(map(lines.encode, hits[worker::2])))
    begun, used = time.monotonic(), time.process_time()
    drained = drainer.drain(hold_ms=0)
    seconds, used = time.monotonic() - begun, time.process_time() - used
    million = used / drained.lines * 1e6
    rate = drained.lines / seconds
    print(
        f"  drain: {drained.lines:,} lines, {drained.views:,} views, {rate:,.0f} a"
        f" second, {million:.0f} s of the processor a million"
    )
    return Goal(connection.vendor, "drain of a million, CPU s", million, "<=", 60)


def _some_hits(chance: random.Random):
    """Visits of four hours, of two or three pages a minute or so apart."""
    begin = clock.now_ms() - 5 * 3600_000
    visitors = [chance.getrandbits(62) + 1 for _ in range(DRAINED // 4)]
    left = DRAINED
    while left:
        at, visitor = begin + chance.randrange(4 * 3600_000), chance.choice(visitors)
        for _ in range(min(left, 1 + min(int(chance.expovariate(0.5)), 20))):
            # A negative page needs no row to be public; some are read much more.
            page = -1 - int(2000 * chance.random() ** 3)
            yield Hit(at, visitor, visitor, "page", page, "google.com")
            left -= 1
            at += int(chance.expovariate(1 / 60_000))
