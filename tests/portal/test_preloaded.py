"""What granian's main process does before it forks the workers."""

import os
import subprocess
import sys

PROGRAM = """
import sys, threading
from portal import preloaded
preloaded.load()
from django.db import connections
print(threading.active_count(), [c.alias for c in connections.all() if c.connection])
print({"news.admin.article", "news.views", "search.views"} <= set(sys.modules))
print("portal.wsgi" in sys.modules)
"""


def test_it_loads_the_program_without_threads_or_connections(tmp_path):
    environment = {"DATA_DIR": str(tmp_path), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split("\n")[:3] == ["1 []", "True", "False"], done.stderr
