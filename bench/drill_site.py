"""A site that a drill breaks: its server, its nginx, its own PostgreSQL, a browser."""

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psycopg

from bench import processes

ROOT = Path(__file__).resolve().parents[1]
BOUNDARY = "drill-7d1f0c"
NGINX = """
daemon off; {user} worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    access_log off; {portal}
}}
"""


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes
    seconds: float

    @property
    def text(self) -> str:
        return self.body.decode()


def ask(port: int, path: str, method="GET", body=None, timeout=40, **headers) -> Answer:
    """Ask once, over a connection of its own; raises OSError."""
    begun = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    with contextlib.closing(connection):
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body, sent)
            got = connection.getresponse()
            content = got.read()
        except http.client.HTTPException as error:
            raise OSError(repr(error)) from error
        named = {name.lower(): value for name, value in got.getheaders()}
        return Answer(got.status, named, content, time.monotonic() - begun)


class Site:
    """The portal as an operator starts it, in processes of its own."""

    def __init__(self, folder: Path, static_root: Path, database_url: str, **settings):
        # Held open as by deploy/portal.socket, whatever becomes of the server.
        self.held = processes.HeldPort()
        self.port = self.held.port
        self.folder, self.process = folder, None
        kept = {k: os.environ[k] for k in ("PATH", "HOME", "LANG") if k in os.environ}
        self.environment = {
            **kept,
            "PORT": str(self.port),
            "DATA_DIR": str(folder / "data"),
            "STATIC_ROOT": str(static_root),
            "DATABASE_URL": database_url,
            "ADMIN_PASSWORD": "chi-de-thu-may-nay-1",
            "DEMO": "0",
            "WORKERS": "2",
            "PYTHONUNBUFFERED": "1",
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            **settings,
        }
        self.log = folder / "server.log"

    def python(self, code: str):
        """Run code in the site's settings; return what it prints as JSON."""
        done = subprocess.run(
            [sys.executable, "-c", f"import django; django.setup()\n{code}"],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise SystemExit(f"{code}\n{done.stderr[-3000:]}")
        return json.loads(done.stdout.strip().splitlines()[-1])

    def prepare(self, articles: int = 0) -> None:
        """Migrate, collect static files, make the first account and some articles."""
        command = [sys.executable, "-m", "portal.serve", "--prepare"]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True
        )
        if done.returncode:
            raise SystemExit(done.stderr[-3000:])
        if articles:
            self.python(
                f"from bench import site; site.build({articles});"
                "from portal import generation; generation.renew(); print(1)"
            )

    def start(self) -> None:
        command = [sys.executable, "-m", "portal.serve", "--serve"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.held.handed(command),
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=self.held.fds,
            )
        processes.wait_for(self.port, "/readyz", self.process, self.log)

    def stop(self, way=signal.SIGTERM) -> None:
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, way)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None

    @contextlib.contextmanager
    def running(self) -> Iterator["Site"]:
        self.start()
        try:
            yield self
        finally:
            self.stop()
            self.held.close()

    def addresses(self) -> dict[str, str]:
        return self.python(
            "import json; from bench import site;"
            "from django.utils.encoding import iri_to_uri;"
            "a = site.addresses();"
            "print(json.dumps({k: iri_to_uri(a[k]) for k in a}))"
        )

    def browser(self) -> "Browser":
        """A browser that the first administrator has signed in with."""
        session = self.python(
            "import json; from django.test import Client;"
            "from django.contrib.auth import get_user_model;"
            "c = Client(); c.force_login("
            "get_user_model().objects.filter(is_superuser=True)[0]);"
            "print(json.dumps(c.cookies['sessionid'].value))"
        )
        return Browser(self.port, session)


class Browser:
    """Asks with a session; a form is sent with a token."""

    def __init__(self, port: int, session: str):
        self.port, self.token = port, "d" * 32
        self.cookie = f"sessionid={session}; csrftoken={self.token}"

    def get(self, path: str, **options) -> Answer:
        return ask(self.port, path, Cookie=self.cookie, **options)

    def post(self, path: str, fields: dict, files=(), **options) -> Answer:
        """Send a form; `files` are (field, name, bytes)."""
        fields = {**fields, "csrfmiddlewaretoken": self.token}
        if files:
            body = _multipart(fields, files)
            kind = f"multipart/form-data; boundary={BOUNDARY}"
        else:
            body = urllib.parse.urlencode(fields).encode()
            kind = "application/x-www-form-urlencoded"
        headers = {"Cookie": self.cookie, "Content_Type": kind}
        return ask(self.port, path, "POST", body, **headers, **options)


def _multipart(fields: dict, files) -> bytes:
    parts = []
    for name, value in fields.items():
        head = f'Content-Disposition: form-data; name="{name}"'
        parts.append(f"{head}\r\n\r\n{value}".encode())
    for field, name, content in files:
        head = f'Content-Disposition: form-data; name="{field}"; filename="{name}"'
        kind = "Content-Type: application/octet-stream"
        parts.append(f"{head}\r\n{kind}\r\n\r\n".encode() + content)
    line = f"--{BOUNDARY}".encode()
    joined = b"".join(line + b"\r\n" + part + b"\r\n" for part in parts)
    return joined + line + b"--\r\n"


def article_form(title: str, category: int, **overrides) -> dict:
    """What a browser sends for a new article."""
    empty = ("published_at", "expires_at", "revised_at")
    return {
        "title": title,
        "sapo": "Sáng nay, hội nghị khai mạc.",
        "body": "<p>Nội dung.</p>",
        "category": str(category),
        "read_version": "0",
        "cover_alt_kind": "text",
        "tags": "",
        **{f"{name}_{n}": "" for name in empty for n in (0, 1)},
        **{f"attachments-{n}_FORMS": "0" for n in ("TOTAL", "INITIAL")},
        **{f"list_entries-{n}_FORMS": "0" for n in ("TOTAL", "INITIAL")},
        **overrides,
    }


# What stands in front and behind


@contextlib.contextmanager
def nginx(site: Site, folder: Path) -> Iterator[int]:
    """deploy/nginx.conf before the site; gives its port."""
    port = processes.free_port()
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    for pattern, replacement in (
        (r"^\s*listen \[::\]:80;.*$", ""),
        (r"access_log .*;|error_log .*;", ""),
        (r"^(\s*)listen 80;.*$", rf"\1listen 127.0.0.1:{port};"),
        (r"server_name .*;", "server_name 127.0.0.1;"),
        (r"127\.0\.0\.1:8000", f"127.0.0.1:{site.port}"),
        (r"/srv/portal/data", site.environment["DATA_DIR"]),
    ):
        text = re.sub(pattern, replacement, text, flags=re.M)
    (folder / "snippets").mkdir(parents=True, exist_ok=True)
    headers = ROOT / "deploy" / "nginx-headers.conf"
    shutil.copy(headers, folder / "snippets" / "portal-headers.conf")
    # As root, as which drills may mount, its workers would not reach the folder.
    user = "user root;" if os.geteuid() == 0 else ""
    configuration = folder / "nginx.conf"
    configuration.write_text(NGINX.format(folder=folder, user=user, portal=text))
    command = [
        *(processes.tool("nginx"), "-c", str(configuration)),
        *("-p", str(folder), "-e", "stderr"),
    ]
    log = folder / "nginx.log"
    with processes.server(command, dict(os.environ), log) as process:
        processes.wait_for(port, "/", process, log)
        yield port


class Cluster:
    """A PostgreSQL of our own, to be stopped and started."""

    def __init__(self, folder: Path):
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        self.initdb = str(found[-1]) if found else shutil.which("initdb")
        self.folder, self.port, self.process = folder, processes.free_port(), None
        # PostgreSQL refuses to run as root; Debian's package made this user.
        root = os.geteuid() == 0
        self.as_user = ["runuser", "-u", "postgres", "--"] if root else []
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def create(self) -> None:
        self.folder.mkdir()
        if self.as_user:
            shutil.chown(self.folder, "postgres")
        subprocess.run(
            [
                *(*self.as_user, self.initdb, "-D", str(self.folder), "-U", "postgres"),
                *("-A", "trust", "-N", "-E", "UTF8", "--locale=C.UTF-8"),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def start(self) -> None:
        self.process = subprocess.Popen(
            [
                *(*self.as_user, str(Path(self.initdb).with_name("postgres"))),
                *("-D", str(self.folder), "-k", str(self.folder)),
                *("-p", str(self.port), "-c", "listen_addresses=127.0.0.1"),
            ],
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        end = time.monotonic() + 30
        while time.monotonic() < end:
            with contextlib.suppress(psycopg.Error):
                psycopg.connect(self.url, connect_timeout=3).close()
                return
            time.sleep(0.1)
        raise SystemExit("the cluster of the drill does not start")

    def stop(self) -> None:
        """At once, as when its machine goes away."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGQUIT)
            self.process.wait(timeout=30)
            self.process = None


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """A file system of its own; PermissionError where mounting is not allowed."""
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    done = subprocess.run(["mount", *options], capture_output=True, text=True)
    if done.returncode:
        raise PermissionError(done.stderr.strip())
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
