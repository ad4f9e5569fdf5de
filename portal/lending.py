"""A database connection goes with a request, not with a thread.

granian answers in any of some thirty threads (portal.overload). With Django's own way,
a connection for each thread, all come to have one after a while, though only a few work
at once: 1 MB of schema, statements and cache on SQLite, a place of PostgreSQL's.
"""

import threading
from collections import deque
from collections.abc import Callable

from django.conf import settings
from django.core.signals import request_finished
from django.db import DEFAULT_DB_ALIAS, connections


class Lending:
    """WSGI callable around Django: the thread has a connection while it answers.

    It has it until the answer is closed, so an export reads on while it is sent; and
    with the next request if nobody closed that one. The back office has connections of
    its own, which have another limit of time (portal.statement_limits).
    """

    def __init__(self, app: Callable):
        self.app = app
        self.most_kept = 2 * settings.THREADS
        self._free = {True: deque(), False: deque()}  # by "is of the back office"
        self._local = threading.local()
        request_finished.connect(self._take_back)

    def __call__(self, environ, start_response):
        is_desk = environ.get("PATH_INFO", "").startswith("/admin/")
        if getattr(self._local, "lent", None) is None:
            own, lent = connections[DEFAULT_DB_ALIAS], self._take(is_desk)
            if not own.in_atomic_block:
                # Opened by what answers before Django (the page cache asks for the
                # generation); nobody else looks whether it still works.
                own.close()
            connections[DEFAULT_DB_ALIAS] = lent
            self._local.lent = is_desk, lent, own
        return self.app(environ, start_response)

    def _take(self, is_desk: bool):
        try:
            return self._free[is_desk].pop()  # the one that was used last
        except IndexError:
            made = connections.create_connection(DEFAULT_DB_ALIAS)
            made.inc_thread_sharing()
            return made

    def _take_back(self, **kwargs) -> None:
        # After Django's own receiver, which closes what is broken or too old.
        if (of_request := getattr(self._local, "lent", None)) is None:
            return
        is_desk, lent, own = of_request
        self._local.lent = None
        connections[DEFAULT_DB_ALIAS] = own
        if len(self._free[is_desk]) < self.most_kept:
            self._free[is_desk].append(lent)
        else:
            lent.close()
