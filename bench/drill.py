"""`make drill`: what was promised for bad days, shown by making one.

Each drill prints one line with its figure; the exit status is 1 when one failed. Each
is bounded to a minute unless `--seconds` says how long `overload` and `reload` ask
(1800 shows whether memory grows). What is promised: docs/safety.md.

    python -m bench.drill [--engines sqlite,postgresql] [--only NAME] [--seconds N]
"""

import argparse
import contextlib
import importlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import drill_away, drill_load, processes
from bench.drill_away import Wrong
from bench.drill_site import Cluster, Site
from bench.search import databases

ENGINES = (databases.SQLITE, databases.POSTGRESQL)
ROOT = Path(__file__).resolve().parents[1]
KILL_SECONDS = {"saves": 15, "uploads": 25}
LOAD_SECONDS = 15


class Skipped(Exception):
    """It cannot be done on this machine; the reason in words."""


class Place:
    """A folder of its own for each drill, one of static files for all."""

    def __init__(self, root: Path, engine: str, static_root: Path | None, seconds: int):
        self.root, self.engine, self.seconds = root, engine, seconds
        self.static_root = static_root or root / "static"

    @contextlib.contextmanager
    def folder(self, name: str) -> Iterator[Path]:
        folder = self.root / f"{name}-{self.engine}"
        folder.mkdir()
        folder.chmod(0o755)
        yield folder

    @contextlib.contextmanager
    def site(self, name: str, articles: int, **settings) -> Iterator[Site]:
        with self.folder(name) as folder, self.database(name) as url:
            site = Site(folder, self.static_root, url, **settings)
            site.prepare(articles)
            yield site

    @contextlib.contextmanager
    def database(self, name: str) -> Iterator[str]:
        with databases.database(self.engine, f"drill_{name}", None) as environment:
            yield environment.get("DATABASE_URL", "")


def saves(place: Place) -> str:
    return _killing(place, "saves", "articles")


def uploads(place: Place) -> str:
    return _killing(place, "uploads", "pictures")


def _killing(place: Place, kind: str, what: str) -> str:
    with place.site(kind, 0) as site:
        command = [sys.executable, "-m", "bench.drill_kills", kind]
        done = subprocess.run(
            [*command, str(KILL_SECONDS[kind])],
            cwd=ROOT,
            env={**site.environment, "DJANGO_SETTINGS_MODULE": "bench.settings"},
            capture_output=True,
            text=True,
        )
    if done.returncode:
        raise Wrong(done.stderr[-2000:])
    found = json.loads(done.stdout.strip().splitlines()[-1])
    figure = (
        f"{found['kills']} kill -9, {found['told']} {what} acknowledged:"
        f" {found['lost']} lost, {found['twice']} twice, {found['half']} half,"
        f" {found['without_entry']} without an entry of the log,"
        f" {found['without_file']} rows without their file; integrity"
        f" {found['integrity']}; {found['strays']} files without a row, never shown,"
        f" {found['strays_left']} after `stray_files --remove`"
    )
    must_not = ("lost", "twice", "half", "without_entry", "without_file", "strays_left")
    if found["wrong"] or found["integrity"] != "ok" or not found["told"]:
        raise Wrong(f"{figure} {found['wrong'][:3]}")
    if any(found[name] for name in must_not):
        raise Wrong(figure)
    return figure


def database(place: Place) -> str:
    with place.folder("database") as folder:
        if place.engine == databases.SQLITE:
            return drill_away.database_locked(folder, place.static_root)
        if not Cluster(folder / "x").initdb:
            raise Skipped("there is no initdb")
        return drill_away.database_stopped(folder, place.static_root)


def disk(place: Place) -> str:
    with place.folder("disk") as folder, place.database("disk") as url:
        try:
            return drill_away.disk_full(folder, place.static_root, url)
        except PermissionError as error:
            raise Skipped(f"mounting a small disk is not permitted: {error}") from error


def overload(place: Place) -> str:
    _need("wrk")
    with place.site("overload", 300) as site, site.running():
        return drill_load.overload(site, place.seconds)


def reload(place: Place) -> str:
    _need("wrk", "nginx")
    with place.site("reload", 100, PAGE_DISK_MB="64") as site, site.running():
        return drill_load.reload(site, site.folder, place.seconds + 5)


def backup(place: Place) -> str:
    """A part of its own, which brings its own drill."""
    try:
        part = importlib.import_module("bench.drill_backup")
    except ModuleNotFoundError as error:
        raise Skipped("there is no bench/drill_backup.py") from error
    lines = list(part.run(place.engine))
    figure = "; ".join(f"{what}: {figure}" for what, figure, _is_well in lines)
    if not lines or not all(is_well for _what, _figure, is_well in lines):
        raise Wrong(figure)
    return figure


def cache(place: Place) -> str:
    """There is no server of caches that could go away."""
    with place.site("cache", 0) as site:
        backends = site.python(
            "import json; from django.conf import settings;"
            "print(json.dumps([c['BACKEND'] for c in settings.CACHES.values()]))"
        )
    if {name.rpartition(".")[2] for name in backends} != {"LocMemCache"}:
        raise Wrong(f"caches: {backends}")
    return "no cache server: pages are kept by each worker and as files"


def _need(*names: str) -> None:
    if missing := [name for name in names if not processes.tool(name)]:
        raise Skipped(f"not installed: {', '.join(missing)}")


DRILLS: dict[str, Callable[[Place], str]] = {
    drill.__name__: drill
    for drill in (saves, uploads, database, disk, reload, overload, backup, cache)
}


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="drill",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--only", choices=DRILLS, action="append")
    parser.add_argument(
        "--static", type=Path, help="a folder of collected files, for the next run too"
    )
    parser.add_argument(
        "--seconds", type=int, default=LOAD_SECONDS, help="of overload and reload"
    )
    options = parser.parse_args(argv)
    failed = []
    with tempfile.TemporaryDirectory(prefix="drill-") as root:
        Path(root).chmod(0o755)
        for engine in options.engines.split(","):
            if reason := databases.why_not(engine):
                print(f"skipped {engine}: {reason}", flush=True)
                continue
            place = Place(Path(root), engine, options.static, options.seconds)
            for name in options.only or DRILLS:
                begun = time.monotonic()
                try:
                    said, figure = "ok", DRILLS[name](place)
                except Skipped as reason:
                    said, figure = "skipped", str(reason)
                except (Exception, SystemExit) as error:
                    said = "FAILED"
                    figure = f"{type(error).__name__}: {error}"
                    failed.append(f"{name} ({engine})")
                seconds = time.monotonic() - begun
                print(
                    f"{said:7} {name:9} {engine:10} {seconds:3.0f} s  {figure}",
                    flush=True,
                )
    if failed:
        print(f"failed: {', '.join(failed)}")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
