"""granian with the program loaded before it forks its workers.

    python -m portal.preloaded [options of granian]

What workers only read they then share: 45 MB less for two of them
(docs/performance.md). The threads start in the workers, with portal.wsgi, and so do
connections to the database. A worker that is started again is forked from what was
loaded then: a new version of the program needs a restart, and gets one from systemd.
"""

import gc
import logging
import multiprocessing
import os

from portal.serve import HELD_FD, held_addresses

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")


def load() -> None:
    """Import all that answers requests; opens no connection and starts no thread."""
    import django
    from django.conf import settings
    from django.urls import get_resolver

    django.setup()
    if settings.LOG_FORMAT == "json":
        from granian import log

        # Its own lines; it keeps nothing of the logging of Django.
        log.LOGGING_CONFIG["formatters"]["generic"] = {
            "()": "portal.logs.JsonFormatter"
        }
    # It takes many threads for a mistake; here most of them only wait.
    logging.getLogger("_granian").addFilter(
        lambda record: "spawning up to" not in record.getMessage()
    )
    if settings.METRICS:
        from portal import metrics

        metrics.start()  # before the workers are forked, who share it
    get_resolver().url_patterns  # noqa: B018 (imports the views and the back office)
    # The collector would write into every object, and so copy what is shared.
    gc.collect()
    gc.freeze()


def answer_on_held_sockets(count: int) -> None:
    """Let each worker answer on its own of the sockets that systemd holds open.

    granian has no option for that (its issue 786), but can be given a socket where a
    port cannot be opened twice. One socket for all would not do: a worker that accepts
    is not kept from accepting by what it has to do, and one of two came to have all
    connections while the other one idled.
    """
    from granian.net import SocketHolder
    from granian.server.mp import MPServer

    spawn_worker = MPServer._spawn_worker

    def open_nothing(server: MPServer) -> None:
        server._ssp = server._shd = server._sso = None

    def spawn_on_its_own(server: MPServer, idx: int, **how):
        server._shd = SocketHolder(HELD_FD + idx, False, server.backlog)
        return spawn_worker(server, idx=idx, **how)

    MPServer._init_shared_socket = open_nothing
    MPServer._spawn_worker = spawn_on_its_own
    for fd in range(HELD_FD, HELD_FD + count):
        os.set_inheritable(fd, False)  # workers are forked; no program needs it
    for name in ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"):
        os.environ.pop(name, None)


if __name__ == "__main__":
    from granian.cli import entrypoint

    multiprocessing.set_start_method("fork")  # or nothing is shared, nor inherited
    load()
    if held := held_addresses():
        answer_on_held_sockets(len(held))
    entrypoint()
