"""The real server behind the real nginx, beside nginx serving the same bytes.

One nginx holds both: deploy/nginx.conf as it is, with the folders and ports of this
run, and a bare server with files of the same bytes. Everything is asked in turn,
again and again, so that a busy machine is busy for all.
"""

import contextlib
import os
import re
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from bench import processes, site
from bench.processes import get
from news import publishing
from news.models import Article, Category

ROOT = Path(__file__).resolve().parents[1]
CONFIGURATION = ROOT / "deploy" / "nginx.conf"
HEADERS = ROOT / "deploy" / "nginx-headers.conf"  # which it includes
BROTLI = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")
CONNECTIONS = 32  # of wrk, for what is ready
COLD_CONNECTIONS = 4  # for what is rendered: two for each worker
# As a browser asks: one encoding is part of what a cold page costs.
PAST_THE_STORE = {"Authorization": "past the store", "Accept-Encoding": "br"}
COLD = ("article", "home", "category")
DISK_SECONDS = 10  # until a page must have been written
SEEN_SECONDS = 4  # until a publication must be seen by everybody
CODINGS = {"": "index.html", "gzip": "index.html.gz", "br": "index.html.br"}

NGINX = """
{modules}
daemon off; worker_processes 2; pid {folder}/pid; error_log {folder}/error.log;
{user}
events {{ worker_connections 1024; }}
http {{
    access_log off; sendfile on; keepalive_requests 1000000;
    client_body_temp_path {folder}/a; proxy_temp_path {folder}/b;
    fastcgi_temp_path {folder}/c; uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
    server {{
        listen 127.0.0.1:{static_port}; root {folder}/www; default_type text/html;
        location /gzip/ {{ add_header Content-Encoding gzip; }}
        location /br/ {{ add_header Content-Encoding br; }}
    }}
    {portal}
}}
"""


class Subject(NamedTuple):
    """One thing to be asked by wrk."""

    port: int
    path: str
    headers: dict[str, str]
    connections: int
    pids: Callable[[], list[int]]  # whose processor time it takes


def run(seconds: int, repeat: int, publications: int) -> dict:
    """Return requests a second and processor time of each subject, and the rest.

    {"subjects": {name: {"per_second": median, "cpu_ms": median, "runs": [...]}},
    "memory_mb": {...}, "publish_seconds": {...}, "left_out": [sentences]}
    """
    call_command("collectstatic", interactive=False, verbosity=0)
    pages = site.addresses()
    with contextlib.ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="portal-nginx-"))
        )
        ports = {
            name: processes.free_port() for name in ("app", "plain", "disk", "www")
        }
        app = stack.enter_context(_granian("app", ports, folder, pages["article"]))
        plain = stack.enter_context(_granian("plain", ports, folder, pages["article"]))
        left_out = _write_files(folder, ports, pages["article"])
        nginx = stack.enter_context(_nginx(ports, folder))
        if CONFIGURATION.exists():
            left_out += _wait_for_disk(ports["disk"], pages["article"])
        subjects = _subjects(ports, pages, app, plain, nginx)
        if left_out:
            subjects = {k: v for k, v in subjects.items() if v.port != ports["disk"]}
        return {
            "subjects": _measure(subjects, seconds, repeat),
            "page_bytes": len(get(ports["app"], pages["article"]).body),
            "memory_mb": _memory(app),
            "publish_seconds": _publish(ports, publications, bool(left_out)),
            "left_out": left_out,
        }


# The servers


def _granian(name: str, ports: dict[str, int], folder: Path, path: str):
    """The server as `make run` starts it, or the plain reference with its options."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "PORT": str(ports[name]),
        "WORKERS": "2",
        "PAGE_DISK_MB": "512",
        "DEMO": "0",
    }
    command = [sys.executable, "-m", "portal.serve", "--serve"]
    if name == "plain":
        from portal.serve import GRANIAN_OPTIONS

        environment["DJANGO_SETTINGS_MODULE"] = "bench.settings"
        command = [
            *(sys.executable, "-m", "granian", *GRANIAN_OPTIONS),
            *("--host", "127.0.0.1", "--port", str(ports[name])),
            *("--workers", "2", "--blocking-threads", str(settings.THREADS)),
            "bench.plain:application",
        ]
    return _started(command, environment, folder / f"{name}.log", ports[name], path)


@contextlib.contextmanager
def _started(command, environment, log: Path, port: int, path: str):
    with processes.server(command, environment, log) as process:
        processes.wait_for(port, path, process, log)
        yield process


def _write_files(folder: Path, ports: dict[str, int], path: str) -> list[str]:
    """Write the bytes of the page for nginx; return what cannot be measured."""
    for coding in CODINGS:
        page = get(ports["app"], path, {"Accept-Encoding": coding})
        target = folder / "www" / coding / "index.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(page.body)
    if not CONFIGURATION.exists():
        return ["There is no deploy/nginx.conf: nothing is read from the disk store."]
    return []


def _nginx(ports: dict[str, int], folder: Path):
    portal = ""
    if CONFIGURATION.exists():
        portal = CONFIGURATION.read_text()
        for pattern, replacement in (
            (r"^\s*listen \[::\]:80;.*$", ""),
            (r"access_log .*;|error_log .*;", ""),
            (r"^(\s*)listen 80;.*$", rf"\1listen 127.0.0.1:{ports['disk']};"),
            (r"server_name .*;", "server_name 127.0.0.1;"),
            (r"127\.0\.0\.1:8000", f"127.0.0.1:{ports['app']}"),
            (r"/srv/portal/data", str(settings.DATA_DIR)),
            (r"#brotli_static on;", "brotli_static on;" if BROTLI.exists() else ""),
        ):
            portal = re.sub(pattern, replacement, portal, flags=re.M)
    text = NGINX.format(
        modules=f"load_module {BROTLI};" if BROTLI.exists() else "",
        user="user root;" if os.geteuid() == 0 else "",  # to read this run's folders
        folder=folder,
        static_port=ports["www"],
        portal=portal,
    )
    folder.chmod(0o755)
    (folder / "snippets").mkdir()
    shutil.copy(HEADERS, folder / "snippets" / "portal-headers.conf")
    configuration = folder / "nginx.conf"
    configuration.write_text(text)
    command = [processes.tool("nginx"), "-c", str(configuration), "-e", "stderr"]
    return _started(command, dict(os.environ), folder / "nginx.log", ports["www"], "/")


def _wait_for_disk(port: int, path: str) -> list[str]:
    """Ask until nginx answers from the disk: its ETag is of another form."""
    end = time.monotonic() + DISK_SECONDS
    while time.monotonic() < end:
        tag = get(port, path).headers["ETag"] or ""
        if re.fullmatch(r'"[0-9a-f]+-[0-9a-f]+"', tag):
            return []
        time.sleep(0.2)
    return ["The page did not come to the disk: nothing is read from the disk store."]


# What is asked


def _subjects(ports, pages, app, plain, nginx) -> dict[str, Subject]:
    """What wrk asks for, by the names that the goals know."""

    def ready(port: str, path: str, process, **headers) -> Subject:
        asked = {name.replace("_", "-"): value for name, value in headers.items()}
        pids = processes.family(process.pid)
        return Subject(ports[port], path, asked, CONNECTIONS, lambda: pids)

    article, found = pages["article"], {}
    for coding in CODINGS:
        way = f"{'/' + coding if coding else ''}/"
        name = coding or "identity"
        found[f"static {name}"] = ready("www", way, nginx)
        if coding != "br" or BROTLI.exists():
            found[f"disk {name}"] = ready(
                "disk", article, nginx, Accept_Encoding=coding
            )
        found[f"memory {name}"] = ready("app", article, app, Accept_Encoding=coding)
    tags = {
        name: get(ports[port], path).headers["ETag"]
        for name, port, path in (("static", "www", "/"), ("memory", "app", article))
    }
    found["static 304"] = ready("www", "/", nginx, If_None_Match=tags["static"])
    found["memory 304"] = ready("app", article, app, If_None_Match=tags["memory"])
    pids = processes.family(plain.pid)
    found["plain"] = Subject(
        ports["plain"], article, {}, CONNECTIONS, lambda: [*pids, *_backends()]
    )
    workers = processes.family(app.pid)
    for name in COLD:
        found[f"cold {name}"] = Subject(
            ports["app"],
            pages[name],
            PAST_THE_STORE,
            COLD_CONNECTIONS,
            lambda: [*workers, *_backends()],
        )
    return found


def _backends() -> list[int]:
    """The processes of this database, when it has some: its time counts too."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return [pid for (pid,) in cursor.fetchall()]


def _measure(subjects: dict[str, Subject], seconds: int, repeat: int) -> dict:
    runs: dict[str, list[dict]] = {name: [] for name in subjects}
    for subject in subjects.values():  # connections, statements, caches of the system
        processes.wrk(
            subject.port, subject.path, 1, subject.connections, subject.headers
        )
    for _ in range(repeat):
        for name, subject in subjects.items():
            before = processes.processor_seconds(subject.pids())
            load = processes.wrk(
                subject.port,
                subject.path,
                seconds,
                subject.connections,
                subject.headers,
            )
            after = processes.processor_seconds(subject.pids())
            used = processes.used_between(before, after)
            runs[name].append(
                {
                    "per_second": round(load.per_second),
                    "cpu_ms": round(used * 1000 / load.requests, 4),
                }
            )
    return {
        name: {
            "per_second": statistics.median(one["per_second"] for one in found),
            "cpu_ms": statistics.median(one["cpu_ms"] for one in found),
            "runs": found,
        }
        for name, found in runs.items()
    }


def _memory(app) -> dict[str, float]:
    """Proportional set size after all that was asked: of the workers, and of all."""
    main, *others = processes.family(app.pid)
    return {
        "workers": round(processes.proportional_mb(others), 1),
        "all": round(processes.proportional_mb([main, *others]), 1),
    }


# From a publication to the readers


class _Reader(threading.Thread):
    """Reads the home page without rest, over a new connection each time.

    The kernel hands connections to any worker, so the last old answer tells when
    the last worker knew.
    """

    def __init__(self, port: int, words: bytes, stop: threading.Event):
        super().__init__(daemon=True)
        self.port, self.words, self.stop = port, words, stop
        self.first_new: float | None = None
        self.last_old: float = 0.0
        self.count = 0
        self.wrong: list[str] = []

    def run(self) -> None:
        while not self.stop.is_set():
            asked = time.monotonic()
            try:
                answer = get(self.port, "/")
            except OSError as error:
                self.wrong.append(repr(error))
                continue
            self.count += 1
            if answer.status != 200 or not answer.body.endswith(b"</html>\n"):
                self.wrong.append(f"{answer.status}, {len(answer.body)} bytes")
            elif self.words in answer.body:
                self.first_new = self.first_new or asked
            else:
                self.last_old = asked
            time.sleep(0.002)


def _publish(ports: dict[str, int], times: int, without_disk: bool) -> dict:
    """Publish from a process of our own, which no worker is told by.

    {"workers" and "nginx": [seconds from the commit to the last old answer],
    "answers": how many were read meanwhile, "wrong": errors and half pages}
    """
    ways = {"workers": "app"} if without_disk else {"workers": "app", "nginx": "disk"}
    found: dict = {name: [] for name in ways}
    category = Category.objects.filter(parent=None).first()
    answers, wrong = 0, []
    for number in range(times):
        title = f"Tin vừa xuất bản số {number} {time.time_ns()}"
        stop = threading.Event()
        readers = {
            name: [_Reader(ports[port], title.encode(), stop) for _ in range(2)]
            for name, port in ways.items()
        }
        everybody = [reader for of_way in readers.values() for reader in of_way]
        for reader in everybody:
            reader.start()
        time.sleep(0.5 + number % 5 * 0.1)  # at another moment of the watchers' second
        publishing.publish(
            Article(title=title, category=category, sapo="Tin mới."),
            at=timezone.now() - timedelta(seconds=1),
            body="<p>Tin mới.</p>",
        )
        committed = time.monotonic()
        time.sleep(SEEN_SECONDS)
        stop.set()
        for reader in everybody:
            reader.join()
            answers += reader.count
            wrong += reader.wrong
        for name, of_way in readers.items():
            if any(reader.first_new is None for reader in of_way):
                wrong.append(f"{name}: not seen in {SEEN_SECONDS} seconds")
            last_old = max(reader.last_old for reader in of_way)
            found[name].append(round(max(last_old - committed, 0.0), 3))
    return {**found, "answers": answers, "wrong": wrong}
