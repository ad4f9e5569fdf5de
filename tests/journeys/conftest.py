"""A real server with the demo site, and a real browser in front of it.

The server is started as an operator starts it (`python -m portal.serve`), on a free
loopback port, with a folder and a database of its own; it is ended by its process
id. Tests here never touch the test database of pytest-django.
"""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import sync_playwright

from bench.processes import HeldPort

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "chỉ-để-thử-trên-máy-này-1"
SILENT_SECONDS = 180  # a start that says nothing for so long is stuck
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
    None,
)
# A reader's browser: not headless by name, not "automated", so that it is counted.
AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/156.0.0.{} Safari/537.36"
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--disable-blink-features=AutomationControlled",
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """The portal in processes of its own."""

    def __init__(self, folder: Path, held: HeldPort | None = None, **environment):
        """`held` is a port that somebody else holds open for it, as systemd does."""
        self.held = held
        self.port = held.port if held else free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        kept = {k: os.environ[k] for k in ("PATH", "HOME", "LANG") if k in os.environ}
        self.environment = {
            **kept,
            "PORT": str(self.port),
            "DATA_DIR": str(folder / "data"),
            "STATIC_ROOT": str(folder / "static"),
            "ADMIN_PASSWORD": PASSWORD,
            "DEMO": "1",
            "DEMO_PASSWORD": PASSWORD,
            "PYTHONUNBUFFERED": "1",
            "STATS_VISITS_PER_ADDRESS": "0",  # all readers here have one
            **environment,
        }
        self.log = folder / "server.log"
        self.process = None
        self.shell = None

    def prepare(self) -> subprocess.CompletedProcess:
        """Do what comes before serving; return what was said."""
        return subprocess.run(
            [sys.executable, "-m", "portal.serve", "--prepare"],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
        )

    @contextlib.contextmanager
    def running(self):
        self.start()
        try:
            yield
        finally:
            self.stop()

    def start(self) -> None:
        command = [sys.executable, "-m", "portal.serve"]
        if self.held:
            command = self.held.handed(command)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=self.held.fds if self.held else [],
            )
        self.wait()

    def wait(self) -> None:
        """Return when the process is ready; what it says goes to the log."""
        # The demo takes minutes on a busy machine, but tells how far it is.
        told, silent_until = -1, 0.0
        while self.process.poll() is None:
            if self.log.stat().st_size != told:
                told = self.log.stat().st_size
                silent_until = time.monotonic() + SILENT_SECONDS
            elif time.monotonic() > silent_until:
                break
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.2)
        self.stop()
        raise AssertionError(f"no server:\n{self.log.read_text()[-3000:]}")

    def stop(self) -> None:
        if self.shell:
            self.shell.communicate()  # at the end of its input it ends
            self.shell = None
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()

    def python(self, code: str):
        """Run code in the site's settings; return what it prints as JSON."""
        if self.shell is None:
            self.shell = subprocess.Popen(
                [sys.executable, "-m", "tests.journeys.inside"],
                cwd=ROOT,
                env={"DJANGO_SETTINGS_MODULE": "portal.settings", **self.environment},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        self.shell.stdin.write(json.dumps(code) + "\n")
        self.shell.stdin.flush()
        said = json.loads(self.shell.stdout.readline())
        assert "error" not in said, said["error"]
        return json.loads(said["printed"])

    def status(self, path: str) -> int:
        try:
            with urllib.request.urlopen(self.url + path, timeout=20) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    def visits(self) -> dict:
        """Count what the spool holds; return today's visits and the total."""
        return self.python(
            "import json; from stats import drainer, totals;"
            "drainer.drain(hold_ms=0); t = totals.read();"
            "print(json.dumps({'today': t.today, 'total': t.total}))"
        )


@contextlib.contextmanager
def database(name: str):
    """Yield a database address for a server: SQLite, or PostgreSQL as the run's."""
    given = os.environ.get("DATABASE_URL", "")
    if not given.startswith("postgres"):
        yield ""
        return
    base, _, _ = given.rpartition("/")
    name = f"journeys_{name}_{os.getpid()}"
    with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{base}/{name}"
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def own_database():
    with database("site") as url:
        yield url


@pytest.fixture(scope="session")
def static_root(tmp_path_factory):
    """Return a folder of collected static files for every server of all suites.

    Hashing and compressing them takes as long as many a journey, and gives the same
    each time. A first start makes them; whoever comes meanwhile waits.
    """
    folder = tmp_path_factory.mktemp("first")
    shared = Path(os.environ.get("TEST_SHARED_FOLDER") or folder)
    first = Server(folder, DEMO="0", STATIC_ROOT=str(shared / "static"))
    with open(shared / "static.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "static" / ".collected").exists():
            prepared = first.prepare()
            assert prepared.returncode == 0, prepared.stderr
    return first.environment["STATIC_ROOT"]


@pytest.fixture(scope="session")
def server(tmp_path_factory, own_database, static_root):
    folder = tmp_path_factory.mktemp("site")
    server = Server(folder, DATABASE_URL=own_database, STATIC_ROOT=static_root)
    with server.running():
        yield server


@pytest.fixture(scope="session")
def chromium():
    if CHROMIUM is None:
        pytest.skip("không có Chromium (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium, server):
    """Return a function that opens a page of a new reader with his own agent.

    Console errors, CSP violations and failed requests fail the test, except on a
    page opened with `strict=False`.
    """
    opened, errors = [], []

    def open_page(width=1280, height=900, agent=0, strict=True, **options):
        context = chromium.new_context(
            base_url=server.url,
            viewport={"width": width, "height": height},
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            user_agent=AGENT.format(agent),
            **options,
        )
        page = context.new_page()
        page.set_default_timeout(15_000)
        if strict:
            page.on(
                "console",
                lambda m: m.type == "error" and errors.append(f"{m.text} {m.location}"),
            )
            page.on("pageerror", lambda error: errors.append(str(error)))
        opened.append(context)
        return page

    yield open_page
    for context in opened:
        context.close()
    assert not errors


def sign_in(page, username: str) -> None:
    page.goto("/admin/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", PASSWORD)
    page.click("[type=submit]")
    page.wait_for_url("**/admin/")


def put_caret(page, position: int | None = None) -> None:
    """Put the editor's caret at `position` of its document; by default at the end.

    A key such as End moves the browser's own, of which the editor hears only later:
    what is typed at once would go to the old place.
    """
    page.locator("[name=body]").evaluate(
        """({ editor }, position) => {
          const end = editor.state.doc.content.size;
          editor.commands.setTextSelection(position ?? end);
          editor.view.focus();
        }""",
        position,
    )
