"""`make drill-visits`, small: real processes, kill -9, a forger, a search for traces.

They have a folder and a database of their own, on the server the suite runs on.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.own_database
def test_kill_9_of_workers_and_drainers_loses_and_doubles_nothing():
    environment, engine = dict(os.environ), "sqlite"
    url = environment.get("DATABASE_URL", "")
    if url.startswith("postgres"):
        # The server of the tests; the database named need not be there.
        engine = "postgresql"
        environment["BENCH_DATABASE_URL"] = f"{url.rpartition('/')[0]}/postgres"
    drill = subprocess.run(
        [
            *(sys.executable, "-m", "bench.drill_visits", "--engines", engine),
            *("--hits", "4000", "--kills", "3", "--forged", "1000"),
        ],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert drill.returncode == 0, drill.stdout + drill.stderr
    said = drill.stdout
    figures = {
        name: int(number.replace(",", ""))
        for name, number in re.findall(r"^  (\w+) +([\d,]+)", said, re.M)
    }
    assert figures["acknowledged"] >= 4000
    assert figures["counted"] >= figures["acknowledged"]
    assert (figures["lost"], figures["doubled"]) == (0, 0)
    assert "kill -9 of 3 workers and 3 drainers" in said
    # Of 1,000 reports by one address with one agent, and with 1,000 agents.
    assert re.findall(r"visits \+(\d+)", said) == ["1", "60"]
    assert "traces       none" in said
