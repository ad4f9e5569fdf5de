"""Times, percentiles, and the machine they were taken on."""

import contextlib
import os
import platform
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path


def timed(function: Callable, *arguments, **named) -> tuple[float, object]:
    """Return milliseconds and the answer."""
    begun = time.perf_counter()
    answer = function(*arguments, **named)
    return (time.perf_counter() - begun) * 1000, answer


def percentile(values: list[float], part: float) -> float:
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * part))]


def summary(values: list[float]) -> dict[str, float]:
    """Return milliseconds: p50, p95, max, and how many were measured."""
    return {
        "p50": round(percentile(values, 0.5), 2),
        "p95": round(percentile(values, 0.95), 2),
        "max": round(max(values), 2),
        "count": len(values),
    }


def load_average() -> float:
    """Return how many processes wanted a core during the last minute."""
    return round(os.getloadavg()[0], 2)


def machine() -> dict:
    """Return what a figure depends on besides the database, the commit included."""
    commit = ""
    with contextlib.suppress(FileNotFoundError):  # no git
        commit = subprocess.run(
            ["git", "describe", "--always", "--dirty"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
        ).stdout.strip()
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return {
        "commit": commit or "unknown",
        "cores": os.cpu_count(),
        "processor": model[1] if model else platform.machine(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


class Progress:
    """Prints how far something is, every five seconds."""

    def __init__(self, what: str):
        self.what = what
        self.begun = self.shown = time.perf_counter()

    def __call__(self, done: int, total: int) -> None:
        now = time.perf_counter()
        if now - self.shown > 5 and done:
            self.shown = now
            left = (now - self.begun) / done * (total - done)
            print(f"  {self.what}: {done} of {total}, {left:.0f} s left", flush=True)
