"""The real server beside nginx serving the same bytes, by wrk, interleaved."""

import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from news.models import Article

NGINX_CONF = """
daemon off; worker_processes 2; error_log {folder}/error.log; pid {folder}/pid;
events {{ worker_connections 512; }}
http {{ access_log off; client_body_temp_path {folder}/a; proxy_temp_path {folder}/b;
fastcgi_temp_path {folder}/c; uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
default_type text/html;
server {{ listen 127.0.0.1:{port}; root {folder}/www; }} }}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url: str) -> bytes:
    for _ in range(200):
        try:
            return urllib.request.urlopen(url, timeout=5).read()
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"{url} does not answer")


def wrk(url: str, seconds: int) -> float:
    """Return requests a second; an error or a non-2xx answer ends the run."""
    printed = subprocess.run(
        ["wrk", "-t2", "-c32", f"-d{seconds}s", url],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    if "Non-2xx" in printed:
        raise SystemExit(printed)
    return float(re.search(r"Requests/sec:\s+([\d.]+)", printed)[1])


def run(seconds: int) -> None:
    for tool in ("nginx", "wrk"):
        if not shutil.which(tool) and not Path(f"/usr/sbin/{tool}").exists():
            print(f"skipped: no {tool} (Debian: apt-get install nginx-light wrk)")
            return
    call_command("collectstatic", interactive=False, verbosity=0)
    path = Article.objects.published().newest_first()[50].get_absolute_url()
    port, static_port = free_port(), free_port()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "PORT": str(port),
        "DATA_DIR": str(settings.DATA_DIR),
    }
    with tempfile.TemporaryDirectory(prefix="portal-nginx-") as folder:
        os.chmod(folder, 0o755)
        processes = [
            subprocess.Popen(
                [sys.executable, "-m", "portal.serve", "--serve"], env=environment
            )
        ]
        try:
            page = wait_for(f"http://127.0.0.1:{port}{path}")
            www = Path(folder, "www")
            www.mkdir()
            (www / "index.html").write_bytes(page)
            Path(folder, "nginx.conf").write_text(
                NGINX_CONF.format(folder=folder, port=static_port)
            )
            nginx = shutil.which("nginx") or "/usr/sbin/nginx"
            processes.append(
                subprocess.Popen([nginx, "-c", f"{folder}/nginx.conf", "-e", "stderr"])
            )
            wait_for(f"http://127.0.0.1:{static_port}/")
            ours, static = [], []
            for _ in range(3):
                static.append(wrk(f"http://127.0.0.1:{static_port}/", seconds))
                ours.append(wrk(f"http://127.0.0.1:{port}{path}", seconds))
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait(timeout=20)
    fast, limit = statistics.median(ours), statistics.median(static)
    print(f"stored article ({len(page) / 1024:.1f} KiB), granian: {fast:,.0f} req/s")
    print(f"the same bytes, nginx static file:       {limit:,.0f} req/s")
    print(f"ratio: {fast / limit:.2f} (goal >= 0.40)")
