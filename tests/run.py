"""`make test`: the whole suite on SQLite and on PostgreSQL, browser included.

    python -m tests.run [pytest arguments]

All runs go on at the same time, since each alone leaves half of a machine with two
cores idle, the browser's more; what the later ones say is kept and printed after the
first's. They share no row and no file but the collected static files, which nobody
changes. What is the same on every database runs once, on SQLite: tests that know none
(pytest-django keeps them from it; see conftest.py) and journeys outside of ON_BOTH.

What is missing (PostgreSQL, PARTS, the right to mount) is told and skipped; with
REQUIRE_ALL=1 (CI) it is a failure, but for the right, which nobody can install.
TEST_POSTGRES_URL names a server to use; without it one on 127.0.0.1:5432 is tried, then
a temporary one from Debian's binaries.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parent.parent
LOCAL_POSTGRES = "postgres://postgres@127.0.0.1:5432/postgres"
# Journeys that PostgreSQL sees too: what people do most, and who does it at the same
# time. The others are about scripts and styles, or walk through forms whose rows the
# suite looks at on both databases.
ON_BOTH = (
    *("test_citizen.py", "test_editor.py", "test_publishing_under_load.py"),
    *("test_search.py", "test_server.py"),
)
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
BROTLI = "/usr/lib/nginx/modules/ngx_http_brotli_static_module.so"
# Programs or files, of which one must be there; what is skipped; Debian's package.
PARTS = (
    (CHROMIUM_NAMES, "các phép thử trong trình duyệt", "chromium"),
    (["nginx"], "các phép thử với nginx đứng trước", "nginx-light"),
    ([BROTLI], "phép thử nginx gửi brotli", "libnginx-mod-http-brotli-static"),
    (["wrk"], "phép thử bảng đo tốc độ (make bench)", "wrk"),
    (["openssl"], "phép thử TLS của nginx", "openssl"),
    (["systemd-analyze"], "các phép thử tệp dịch vụ trong deploy/", "systemd"),
    (["msgfmt"], "phép thử biên dịch bản dịch", "gettext"),
)


@contextlib.contextmanager
def suite(
    database_url: str | None, arguments: list[str], shared: Path, output=None
) -> Iterator[subprocess.Popen]:
    """Run pytest and wait for its end, also when leaving early, as by Ctrl+C."""
    environment = {
        **os.environ,
        "PYTHONWARNINGS": "default",
        "TEST_SHARED_FOLDER": str(shared),
    }
    environment.pop("DATABASE_URL", None)
    if database_url:
        environment["DATABASE_URL"] = database_url
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", *arguments],
        env=environment,
        cwd=ROOT,
        stdout=output,
        stderr=output and subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        # Ctrl+C reaches pytest too. A second one at once would keep it from ending
        # the servers it has started.
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            process.wait()


def parts(database: str, arguments: list[str]) -> list[tuple[str, list[str]]]:
    """Name what runs at the same time on a database, with pytest's arguments.

    A browser mostly waits, so its journeys run beside the rest, which is in two halves:
    no part ends long after all others, when a core would have nothing to do.
    """
    if arguments:
        return [("", arguments)]
    journeys, again = ["tests/journeys"], []
    if database == "PostgreSQL":
        journeys = [f"tests/journeys/{name}" for name in ON_BOTH]
        again = ["--only-with-database"]
    return [
        ("", ["--ignore=tests/journeys", "--ignore=tests/portal", *again]),
        (", portal", ["tests/portal", *again]),
        (", browser", journeys),
    ]


def run_suites(postgres_url: str | None, arguments: list[str]) -> list[str]:
    """Run the suite on both databases, or on SQLite only; return what failed.

    All at once; the first prints as it goes, the others when they are done.
    """
    databases = [("SQLite", None)]
    databases += [("PostgreSQL", postgres_url)] if postgres_url else []
    failed = []
    with contextlib.ExitStack() as stack:
        shared = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="portal-shared-"))
        )
        running = []
        for database, server in databases:
            for part, chosen in parts(database, arguments):
                name, kept = database + part, None
                # pytest-django makes a database of this name, with "test_" before it.
                url = server and with_database(server, f"portal_{len(running)}")
                if running:
                    kept = stack.enter_context(open(shared / f"{name}.txt", "w+b"))
                else:
                    print(f"\n=== {name} ===", flush=True)
                process = stack.enter_context(suite(url, chosen, shared, kept))
                running.append((name, process, kept))
        for name, process, kept in running:
            failed += [name] if process.wait() else []
            if kept:
                print(f"\n=== {name} ===", flush=True)
                kept.seek(0)
                shutil.copyfileobj(kept, sys.stdout.buffer)
                sys.stdout.flush()
    return failed


def answers(url: str) -> bool:
    with contextlib.suppress(psycopg.Error):
        psycopg.connect(url, connect_timeout=3).close()
        return True
    return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def temporary_postgres() -> Iterator[str | None]:
    """Start a cluster of our own on a free loopback port, if the binaries exist."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = str(binaries[-1]) if binaries else shutil.which("initdb")
    if not initdb:
        yield None
        return
    # PostgreSQL refuses to run as root; Debian's package made this user.
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    postgres = str(Path(initdb).with_name("postgres"))
    with tempfile.TemporaryDirectory(prefix="portal-pg-") as folder:
        if as_user:
            shutil.chown(folder, "postgres")
        port = free_port()
        subprocess.run(
            [*as_user, initdb, "-D", folder, "-U", "postgres", "-A", "trust", "-N"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        server = subprocess.Popen(
            [
                *as_user, postgres, "-D", folder, "-k", folder, "-p", str(port),
                "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off",
            ],
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        url = f"postgres://postgres@127.0.0.1:{port}/postgres"
        try:
            for _ in range(100):
                if answers(url) or server.poll() is not None:
                    break
                time.sleep(0.1)
            yield url if answers(url) else None
        finally:
            server.terminate()
            server.wait(timeout=20)


@contextlib.contextmanager
def postgres() -> Iterator[str | None]:
    """Yield the address of a server to test on, or None."""
    for url in (os.environ.get("TEST_POSTGRES_URL"), LOCAL_POSTGRES):
        if url and answers(url):
            yield url
            return
    with temporary_postgres() as url:
        yield url


def with_database(url: str, name: str) -> str:
    return url.rpartition("/")[0] + f"/{name}"


def is_there(name: str) -> bool:
    if name.startswith("/"):
        return Path(name).exists()
    return bool(shutil.which(name) or shutil.which(name, path="/usr/sbin"))


def may_mount() -> bool:
    """Say whether this process may have a mount namespace of its own."""
    if not all(map(is_there, ("unshare", "setpriv", "mount", "awk"))):
        return False
    return not subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode


def missing_parts() -> list[str]:
    return [
        f"không có {Path(names[0]).name}: bỏ qua {skipped} "
        f"(Debian: apt-get install {package})"
        for names, skipped, package in PARTS
        if not any(map(is_there, names))
    ]


def main(arguments: list[str]) -> int:
    required = os.environ.get("REQUIRE_ALL") == "1"
    missing = missing_parts()
    with postgres() as url:
        if url is None:
            missing.append(
                "không có PostgreSQL: bỏ qua lượt thử trên PostgreSQL "
                "(Debian: apt-get install postgresql)"
            )
        failed = run_suites(url, arguments)
    print()
    if url and not arguments:
        print("Chỉ chạy một lần, với SQLite: các phép thử không dùng cơ sở dữ liệu")
        print("(deselected của PostgreSQL), và hành trình trên trình duyệt, ngoài")
        print(", ".join(ON_BOTH))
    for sentence in missing:
        print(f"{'THIẾU' if required else 'ĐÃ BỎ QUA'}: {sentence}")
    if not may_mount():
        print("ĐÃ BỎ QUA: không được phép tạo không gian mount (cần root): phép thử")
        print("chạy trang trong các giới hạn của deploy/portal.service")
    if failed:
        print(f"KHÔNG ĐẠT: {', '.join(failed)}")
    if failed or (required and missing):
        return 1
    print("ĐẠT: toàn bộ các phép thử đã chạy." if not missing else "ĐẠT phần đã chạy.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
