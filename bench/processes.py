"""Servers that a measurement starts: their ports, processor time, memory, and wrk."""

import contextlib
import http.client
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

START_SECONDS = 60
TICK = 1 / os.sysconf("SC_CLK_TCK")  # seconds


def tool(name: str) -> str | None:
    """Return the path of a program; Debian's nginx is not on everybody's PATH."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")


def missing_tools() -> list[str]:
    return [name for name in ("nginx", "wrk") if not tool(name)]


def programs() -> list[str]:
    """Return the programs that are measured and that measure, with their versions."""
    found = [f"granian {version('granian')}", f"SQLite {sqlite3.sqlite_version}"]
    for name in ("nginx", "wrk"):
        if path := tool(name):
            told = subprocess.run([path, "-v"], capture_output=True, text=True)
            number = re.search(r"\d+(\.\d+)+", told.stdout + told.stderr)
            found.append(f"{name} {number[0] if number else '?'}")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# What systemd does for a service with sockets: descriptors 3, 4 ..., and whose.
HAND_OVER = """
import fcntl, os, sys
fds = [int(fd) for fd in sys.argv[1].split(",")]
for place, fd in enumerate([fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 64) for fd in fds]):
    os.dup2(fd, 3 + place)
whose = {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": str(len(fds))}
os.execve(sys.argv[2], sys.argv[2:], os.environ | whose)
"""


class HeldPort:
    """A port that stays open whatever becomes of the server, as by portal.socket.

    It has a socket for each of two workers.
    """

    def __init__(self, backlog: int = 1024):
        first = self._open(0, backlog)
        self.port = first.getsockname()[1]
        self.sockets = [first, self._open(self.port, backlog)]
        self.fds = [one.fileno() for one in self.sockets]

    @staticmethod
    def _open(port: int, backlog: int) -> socket.socket:
        place = ("127.0.0.1", port)
        return socket.create_server(place, backlog=backlog, reuse_port=True)

    def handed(self, command: list[str]) -> list[str]:
        """Return what runs `command` with the sockets; it needs `pass_fds=self.fds`."""
        fds = ",".join(map(str, self.fds))
        return [sys.executable, "-c", HAND_OVER, fds, *command]

    def close(self) -> None:
        for one in self.sockets:
            one.close()


@contextlib.contextmanager
def server(
    command: list[str], environment: dict[str, str], log: Path
) -> Iterator[subprocess.Popen]:
    """Run a server in a session of its own; it ends with all its processes."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


class Answer(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: bytes


def get(port: int, path: str, headers: dict[str, str] | None = None) -> Answer:
    """Ask once, over a connection of its own; raises OSError."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.closing(connection):
        connection.request("GET", path, headers=headers or {})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())


def wait_for(port: int, path: str, process: subprocess.Popen, log: Path) -> None:
    """Wait until it answers with 200; SystemExit with its log when it does not."""
    end = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(OSError):
            if get(port, path).status == 200:
                return
        time.sleep(0.1)
    raise SystemExit(f"no answer from port {port}{path}:\n{log.read_text()[-3000:]}")


def family(pid: int) -> list[int]:
    """Return the process and all that came of it."""
    found, queue = [], [pid]
    while queue:
        pid = queue.pop()
        found.append(pid)
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{pid}/task").iterdir():
                queue += map(int, (task / "children").read_text().split())
    return found


def processor_seconds(pids: list[int]) -> dict[int, float]:
    """Return what each process that lives has used so far, user and system."""
    seconds = {}
    for pid in pids:
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            seconds[pid] = (int(fields[11]) + int(fields[12])) * TICK
    return seconds


def used_between(before: dict[int, float], after: dict[int, float]) -> float:
    """Return seconds of the processor; of a process that has ended nobody knows.

    PostgreSQL's come and go with their connections.
    """
    return sum(seconds - before.get(pid, 0) for pid, seconds in after.items())


def proportional_mb(pids: list[int]) -> float:
    """Return the proportional set size of these processes together."""
    kib = 0
    for pid in pids:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        kib += int(re.search(r"^Pss:\s+(\d+)", text, re.M)[1])
    return kib / 1024


class Load(NamedTuple):
    per_second: float
    requests: int


def wrk(
    port: int, path: str, seconds: int, connections: int, headers: dict[str, str]
) -> Load:
    """Ask as often as possible; an error or an answer of 4xx or 5xx ends the run."""
    command = [
        *("wrk", f"-t{min(2, connections)}", f"-c{connections}", f"-d{seconds}s"),
        *(part for name in headers for part in ("-H", f"{name}: {headers[name]}")),
        f"http://127.0.0.1:{port}{path}",
    ]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in printed or "Socket errors" in printed:
        raise SystemExit(f"{' '.join(command)}\n{printed}")
    return Load(
        float(re.search(r"Requests/sec:\s+([\d.]+)", printed)[1]),
        int(re.search(r"(\d+) requests in", printed)[1]),
    )
