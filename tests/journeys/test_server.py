"""The server as an operator runs it: workers, kill -9, second start, plain errors."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bench.processes import HeldPort
from tests.journeys.conftest import AGENT, ROOT, Server

TOKEN = re.compile(r'data-visit="([^"]+)"')


def get(server, path="/") -> str:
    with urllib.request.urlopen(server.url + path, timeout=20) as answer:
        return answer.read().decode()


def eventually(condition, seconds=30):
    """Wait until `condition()` is true; a bound, not an assertion about speed."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if condition():
                return True
        except OSError:
            pass  # no answer yet
        time.sleep(0.1)
    return False


def children(pid: int) -> list[int]:
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True
    )
    return [int(line) for line in found.stdout.split()]


def test_a_change_is_seen_by_every_worker(server):
    get(server)
    server.python(
        "from news.models import Article; a = Article.objects.published()[0];"
        "a.title = 'Tiêu đề vừa sửa xong'; a.save(); print(1)"
    )
    # Far more requests than workers, each on a new connection: none is old.
    assert eventually(
        lambda: all("Tiêu đề vừa sửa xong" in get(server, "/rss/") for _ in range(20))
    )


def connections_of(server) -> int:
    """Count what the workers have open: files of SQLite, sessions of PostgreSQL."""
    if server.environment.get("DATABASE_URL", "").startswith("postgres"):
        return server.python(
            "from django.db import connection; c = connection.cursor();"
            "c.execute('SELECT count(*) FROM pg_stat_activity WHERE datname ="
            " current_database() AND pid <> pg_backend_pid()'); print(c.fetchone()[0])"
        )
    count = 0
    for worker in children(server.process.pid):
        for file in Path(f"/proc/{worker}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):  # closed meanwhile
                count += os.readlink(file).endswith("portal.sqlite3")
    return count


def test_many_readers_at_once_open_few_connections(server):
    """Each of some thirty threads of a worker once came to have one of its own."""
    workers = len(children(server.process.pid))

    def ask(number: int) -> int:
        return server.status(f"/tim-kiem/?q=khoa+hoc+{number}")

    with ThreadPoolExecutor(40) as many:
        assert set(many.map(ask, range(1000))) <= {200, 503}
    # Twice the four requests that are worked on, and a worker's own threads.
    assert connections_of(server) <= workers * (2 * 4 + 6)


def test_no_acknowledged_visit_is_lost_when_workers_are_killed(server):
    token = TOKEN.search(get(server, "/"))[1]
    views = (
        "import json; from django.db.models import Sum; from stats.models import Day;"
        "print(json.dumps(Day.objects.aggregate(n=Sum('views'))['n']))"
    )
    before = server.python(
        "from stats import drainer; drainer.drain(hold_ms=0);" + views
    )
    acknowledged = 0
    # Each worker once, by the ids of now (ids wrap, so the lowest is not the oldest):
    # one that dies twice within 5.5 s is a crash loop to granian, which then ends for
    # systemd to start anew.
    first, second = children(server.process.pid)
    for number in range(300):
        if number in (100, 200):
            assert eventually(lambda: len(children(server.process.pid)) == 2)
            os.kill(first if number == 100 else second, signal.SIGKILL)
        if post(server, token, number):
            acknowledged += 1
        else:  # the dead worker's connections; others go on
            assert eventually(lambda: server.status("/healthz") == 200)
    assert acknowledged > 250
    assert eventually(lambda: server.python(views) == before + acknowledged), (
        f"{acknowledged} acknowledged, {server.python(views) - before} counted"
    )
    assert get(server, "/healthz")


def post(server, token: str, number: int) -> bool:
    """Send one hit as a reader of his own; say whether it was acknowledged."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request(
            "POST",
            "/_s",
            json.dumps({"p": token, "r": "", "w": 0}),
            {"User-Agent": AGENT.format(50_000 + number), "Origin": server.url},
        )
        answer = connection.getresponse()
        return answer.status < 300 and answer.headers["X-Visit"] == "counted"
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def serve(held=None, **environment):
    kept = {k: os.environ[k] for k in ("PATH", "HOME") if k in os.environ}
    command = [sys.executable, "-m", "portal.serve"]
    return subprocess.run(
        held.handed(command) if held else command,
        pass_fds=held.fds if held else [],
        cwd=ROOT,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_second_start_is_quiet_and_keeps_everything(server):
    titles = "import json; from news.models import *; print(Article.objects.count())"
    before = server.python(titles)
    second = server.prepare()
    assert second.returncode == 0, second.stderr
    assert "Mật khẩu" not in second.stdout
    assert server.python(titles) == before


def test_a_taken_port_is_one_sentence(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = serve(PORT=port, DATA_DIR=str(tmp_path))
    assert result.returncode == 1
    assert port in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DATABASE_URL", "postgres://nobody:x@127.0.0.1:1/none"),
        ("DATABASE_URL", "khong-phai-dia-chi"),
        ("SITE_URL", "cong.example.vn"),
    ],
)
def test_a_wrong_setting_is_one_sentence(tmp_path, variable, value):
    server = Server(tmp_path)
    result = serve(**{**server.environment, variable: value})
    assert result.returncode == 1
    assert variable in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stderr.strip().count("\n") == 0


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    result = serve(
        **{**Server(tmp_path).environment, "DATA_DIR": str(tmp_path / "file")}
    )
    assert result.returncode == 1
    assert "DATA_DIR" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.fixture
def slow_server(tmp_path, static_root):
    """A server with an address that takes three seconds; `begun` says that it is on."""
    server = Server(
        tmp_path,
        DEMO="0",
        DATABASE_URL="",
        STATIC_ROOT=static_root,
        DJANGO_SETTINGS_MODULE="tests.journeys.slow_settings",
    )
    with server.running():
        yield server


@pytest.mark.parametrize("way", ["SIGTERM", "SIGHUP"])
def test_a_request_under_way_is_answered_when_the_server_ends_or_reloads(
    slow_server, tmp_path, way
):
    pid = slow_server.process.pid
    with ThreadPoolExecutor(1) as one:
        asked = one.submit(get, slow_server, "/cham/")
        assert eventually(lambda: (tmp_path / "data" / "begun").exists())
        if way == "SIGTERM":  # to every process, as systemd does
            os.killpg(pid, signal.SIGTERM)
            assert slow_server.process.wait(timeout=15) == 0, "TimeoutStopSec"
        else:  # to the first one, as ExecReload does
            before, begun = set(children(pid)), time.monotonic()
            slow_server.process.send_signal(signal.SIGHUP)
            while before & set(children(pid)):  # other workers come, nobody is refused
                assert get(slow_server, "/healthz")
                assert time.monotonic() < begun + 60
        assert asked.result(timeout=20) == "done"


@pytest.fixture
def held():
    with contextlib.closing(HeldPort()) as held:
        yield held


def test_nobody_is_refused_while_a_server_starts_anew_behind_a_held_port(
    tmp_path, static_root, held
):
    server = Server(
        tmp_path, held, DEMO="0", DATABASE_URL="", STATIC_ROOT=static_root, WORKERS="2"
    )
    answers, over = [], threading.Event()

    def ask(path: str) -> int:
        try:
            return server.status(path)
        except OSError as error:
            # A worker that ends may have taken what it has not yet read: nginx asks
            # once more, as browsers do (RFC 9112, 9.3.1). Refused is something else.
            if not isinstance(getattr(error, "reason", error), ConnectionResetError):
                raise
            return server.status(path)

    def read(reader: int) -> None:
        number = 0
        while not over.is_set():
            number += 1
            begun = time.monotonic()
            try:
                status = ask(f"/tim-kiem/?q=tin+{reader}+{number}")
            except OSError as error:
                status = repr(error)
            answers.append((begun, status))

    with server.running(), ThreadPoolExecutor(4) as readers:
        for reader in range(4):
            readers.submit(read, reader)
        try:
            assert eventually(lambda: len(answers) > 20)
            first = server.process.pid
            stopped = time.monotonic()
            server.stop()
            server.start()
            assert server.process.pid != first
            begun, pid = time.monotonic(), server.process.pid
            before = set(children(pid))
            server.process.send_signal(signal.SIGHUP)
            assert eventually(lambda: not before & set(children(pid)))
            assert eventually(lambda: answers[-1][0] > begun)
        finally:
            over.set()
    assert {status for _at, status in answers} == {200}
    waited = [at for at, _status in answers if stopped < at < begun]
    assert waited, "somebody came while there was no server"


@pytest.mark.parametrize("other", [{"PORT": "1"}, {"WORKERS": "3"}])
def test_another_port_or_number_than_is_held_is_one_sentence(tmp_path, held, other):
    server = Server(tmp_path, held, DEMO="0", DATABASE_URL="")
    result = serve(held, **server.environment | other)
    assert result.returncode == 1
    assert "portal.socket" in result.stderr and str(held.port) in result.stderr
    assert result.stderr.strip().count("\n") == 0


def test_an_empty_site_says_what_to_do_first(tmp_path, static_root):
    server = Server(tmp_path, DEMO="0", DATABASE_URL="", STATIC_ROOT=static_root)
    with server.running():
        assert "/admin/" in get(server)
        for path in ("/tim-kiem/", "/lich-cong-tac/", "/rss/", "/sitemap.xml"):
            assert server.status(path) == 200, path
    assert "Cổng đang trống" in server.log.read_text()
