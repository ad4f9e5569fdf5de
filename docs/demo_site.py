"""A demo site of its own for docs.screenshots: new folder, new database, free port."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = secrets.token_urlsafe(18)  # of all demo accounts
START_SECONDS = 300


@contextmanager
def demo_site(folder: Path):
    """Yield the address of a running demo site; end it afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {k: os.environ[k] for k in ("PATH", "HOME", "LANG") if k in os.environ}
    environment = kept | {
        "PORT": str(port),
        "DATA_DIR": str(folder / "data"),
        "STATIC_ROOT": str(folder / "static"),
        "DEMO": "1",
        "DEMO_PASSWORD": PASSWORD,
        "ADMIN_PASSWORD": PASSWORD,
    }
    log = folder / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "portal.serve"],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,  # its workers end with it
        )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(f"{address}/readyz", server, log)
        yield address
    finally:
        end(server)


def wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310
                return
        except OSError:
            time.sleep(0.3)
    raise SystemExit(f"The demo site did not start:\n{log.read_text()[-3000:]}")


def end(server: subprocess.Popen) -> None:
    if server.poll() is not None:
        return
    os.killpg(server.pid, signal.SIGTERM)
    try:
        server.wait(timeout=20)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
