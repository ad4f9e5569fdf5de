"""Prepare the site and start the production server: what `make run` and systemd share.

    python -m portal.serve            prepare (migrate, first run, static) and serve
    python -m portal.serve --prepare  prepare only
    python -m portal.serve --serve    serve only, as the systemd unit does
    python -m portal.serve --static   only collect static files, as `upgrade` does

What an operator can mend ends with one sentence and status 1.
"""

import contextlib
import fcntl
import hashlib
import os
import socket
import sys
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

HELD_FD = 3  # the first one, SD_LISTEN_FDS_START

# Shared by every way of starting, with reasons:
GRANIAN_OPTIONS = [
    "--interface", "wsgi",
    "--http", "1",  # nginx speaks HTTP/1.1 to it; browsers without TLS do too
    "--no-ws",
    # Left alone, granian 2.8 ends altogether when one worker is killed.
    "--respawn-failed-workers",
    "--workers-kill-timeout", "10",  # seconds a worker may take to finish
    "--backlog", "1024",
    "--http1-header-read-timeout", "10000",  # ms; slow headers hold a connection
    "--http1-buffer-size", "65536",  # bytes; longer headers are answered with 431
    "--log-level", "warning",
]  # fmt: skip


def fail(sentence: str):
    """End with one plain sentence on standard error."""
    print(f"Lỗi: {sentence}", file=sys.stderr)
    raise SystemExit(1)


def check_port(host: str, port: int, workers: int) -> str:
    """Return the numeric address of `host`; refuse when nobody could listen there.

    Where systemd holds the port open for us, that has to be this one, once a worker.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, kind, protocol, _, address = found[0]
        if held := held_addresses():
            if held != [address[:2]] * workers:
                said = ", ".join(f"{host}:{port}" for host, port in held)
                fail(
                    f"portal.socket mở {said}, nhưng BIND, PORT và WORKERS là {host}, "
                    f"{port} và {workers}: mỗi tiến trình cần một dòng ListenStream; "
                    "sau khi sửa: systemctl daemon-reload && systemctl restart "
                    "portal.socket portal."
                )
            return address[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        reasons = {98: "đang được dùng", 13: "không được phép dùng (cần quyền root)"}
        why = reasons.get(error.errno, f"không mở được ({error.strerror or error})")
        fail(f"cổng {host}:{port} {why}; chọn cổng khác, ví dụ PORT=8001 make run.")
    return address[0]


def held_addresses() -> list[tuple[str, int]]:
    """Return where systemd holds sockets open for this process: none, or one a worker.

    deploy/portal.socket outlives this process: who comes while the portal starts anew
    waits in a queue instead of being refused. The protocol is sd_listen_fds(3).
    """
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return []
    count, found = int(os.environ["LISTEN_FDS"]), []
    for fd in range(HELD_FD, HELD_FD + count):
        held = socket.socket(fileno=fd)
        found.append(held.getsockname()[:2])
        held.detach()  # stays open for granian
    return found


def static_fingerprint() -> str:
    """Return a digest of every static source file's name, size and time."""
    from django.contrib.staticfiles.finders import get_finders

    lines = []
    for finder in get_finders():
        for path, storage in finder.list([]):
            status = os.stat(storage.path(path))
            lines.append(f"{path}\0{status.st_size}\0{status.st_mtime_ns}")
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


@contextlib.contextmanager
def alone():
    """Two at once on one host: the second waits, and finds all done."""
    from django.conf import settings

    with open(settings.DATA_DIR / "prepare.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def collect_static() -> None:
    """Collect, hash and compress static files, unless nothing has changed."""
    from django.conf import settings
    from django.core.management import call_command

    stamp = Path(settings.STATIC_ROOT) / ".collected"
    wanted = static_fingerprint()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    print("Đang gom và nén tệp tĩnh ...", flush=True)
    stamp.unlink(missing_ok=True)
    # Not cleared: pages that readers still have open name the old hashed files.
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(wanted)


def prepare() -> None:
    """Bring database, first account, demo content and static files up to date."""
    from django.core.management import call_command

    from portal import generation
    from portal.integrity import audit

    with alone():
        print("Đang chuẩn bị cơ sở dữ liệu ...", flush=True)
        call_command("migrate", interactive=False, verbosity=0)
        collect_static()
        call_command("first_run")
        audit.begin()
        generation.renew()  # pages that an older version made are old


def serve() -> None:
    """Replace this process by granian."""
    from django.conf import settings

    from portal.overload import server_threads

    address = check_port(settings.BIND, settings.PORT, settings.WORKERS)
    print(
        f"Cổng thông tin đang chạy tại {settings.SITE_URL}/ (dừng: Ctrl+C)", flush=True
    )
    # Each of some thirty threads would have a heap of its own, and give little back.
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")
    os.execv(
        sys.executable,
        [
            sys.executable, "-m", "portal.preloaded", *GRANIAN_OPTIONS,
            "--host", address,  # granian takes numbers only, not "localhost"
            "--port", str(settings.PORT),
            "--workers", str(settings.WORKERS),
            # Started when needed; each may hold a database connection.
            "--blocking-threads", str(server_threads(settings.THREADS)),
            "portal.wsgi:application",
        ],
    )  # fmt: skip


def main(argv: list[str]) -> int:
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import CommandError
    from django.core.management.base import SystemCheckError
    from django.db import Error as DatabaseError

    # Database, originals and spool are nobody else's; a group may read them.
    os.umask(0o027)
    unknown = set(argv) - {"--prepare", "--serve", "--static"}
    if unknown:
        fail(f"không hiểu tham số {' '.join(sorted(unknown))}.")
    try:
        from django.conf import settings

        from portal.backup.restoring import is_unfinished

        if is_unfinished(settings.DATA_DIR):
            fail(
                f"một lần khôi phục vào {settings.DATA_DIR} chưa xong; hãy chạy lại "
                "manage.py restore với chính tệp sao lưu đó."
            )
        if "--static" in argv:
            django.setup()
            with alone():
                collect_static()
            return 0
        if "--prepare" not in argv:
            check_port(settings.BIND, settings.PORT, settings.WORKERS)
        django.setup()
        if "--serve" not in argv:
            prepare()
        if "--prepare" not in argv:
            serve()
    except ImproperlyConfigured as error:
        fail(str(error))
    except DatabaseError as error:
        reason = (str(error).strip().splitlines() or [repr(error)])[0]
        fail(f"không dùng được cơ sở dữ liệu (DATABASE_URL, DATA_DIR): {reason}")
    except (CommandError, SystemCheckError) as error:
        fail(str(error))
    except OSError as error:
        fail(f"không ghi được {error.filename}: {error.strerror}.")
    except KeyboardInterrupt:
        print("\nĐã dừng theo yêu cầu; lần chạy sau sẽ làm tiếp.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
