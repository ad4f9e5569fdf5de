"""kill -9 of real processes: what was acknowledged is counted exactly once.

Writers and drainers run in processes of their own with their own DATA_DIR, on the
database the suite runs on (a file of its own, or a database of its own).
"""

import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

ROOT = Path(__file__).resolve().parents[2]

WRITER = """
import sys, time, django
django.setup()
from stats import clock, spool
from stats.lines import Hit
first = int(sys.argv[1])
print("ready", flush=True)
for n in range(10_000_000):
    # Every second one a robot's: the 30 s rule would hide a view counted twice.
    robot = "bot" if n % 2 else ""
    if spool.append(Hit(clock.now_ms(), first + n, "page", -1 - n % 9, "", robot)):
        sys.stdout.write("+\\n")  # the acknowledgement leaves the process
        sys.stdout.flush()
    time.sleep(0.0002)
"""

DRAINER = """
import django
django.setup()
from stats import drainer
print("ready", flush=True)
while True:
    drainer.drain(hold_ms=0)
"""

COUNTS = """
import django
django.setup()
from stats import drainer, spool
from stats.models import Day, PageDay
drainer.drain(hold_ms=0)
views = sum(Day.objects.values_list("views", flat=True))
robots = sum(Day.objects.values_list("bot_views", flat=True))
pages = sum(PageDay.objects.values_list("views", flat=True))
print(views, robots, pages, len(spool.segments()))
"""


@pytest.fixture
def site(tmp_path):
    """The environment of a site of its own, migrated."""
    environ = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATA_DIR": str(tmp_path),
        "BIND": "127.0.0.1",
        "SITE_URL": "",
        "PYTHONPATH": str(ROOT),
    }
    url = os.environ.get("DATABASE_URL", "")
    name = ""
    if url.startswith("postgres"):
        name = f"test_stats_kill_{secrets.token_hex(4)}"
        _on_server(url, f"CREATE DATABASE {name}")
        environ["DATABASE_URL"] = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run([*migrate, "portal"], cwd=ROOT, env=environ, check=True)
    subprocess.run([*migrate, "stats"], cwd=ROOT, env=environ, check=True)
    yield environ
    if name:
        _on_server(url, f"DROP DATABASE {name} WITH (FORCE)")


def _on_server(url: str, statement: str) -> None:
    import psycopg

    server = urlunsplit(urlsplit(url)._replace(path="/postgres"))
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)


def start(code: str, environ, *arguments, log):
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            cwd=ROOT,
            env=environ,
            stdout=output,
        )
    while "ready" not in log.read_text():
        assert process.poll() is None
        time.sleep(0.02)
    return process


def kill(process) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()


def acknowledged(log: Path) -> int:
    return log.read_text().count("+\n")


def test_kill_9_of_writers_and_drainers_loses_and_doubles_nothing(site, tmp_path):
    logs = []
    drainer = start(DRAINER, site, log=tmp_path / "drainer0.log")
    for number in range(4):
        log = tmp_path / f"writer{number}.log"
        writer = start(WRITER, site, str(1 + number * 10_000_000), log=log)
        logs.append(log)
        before = acknowledged(log)
        while acknowledged(log) < before + 700:
            time.sleep(0.01)
        kill(drainer)
        drainer = start(DRAINER, site, log=tmp_path / f"drainer{number + 1}.log")
        kill(writer)
    kill(drainer)
    counted = subprocess.run(
        [sys.executable, "-c", COUNTS],
        cwd=ROOT,
        env=site,
        check=True,
        capture_output=True,
        text=True,
    )
    views, robots, pages, segments = map(int, counted.stdout.split())
    total = sum(map(acknowledged, logs))
    assert total > 2000
    assert views == pages
    # A writer may die between writing its line and telling us: at most one each.
    assert total <= views + robots <= total + len(logs)
    assert abs(views - robots) <= len(logs)
    assert segments == 0
