"""The command: a process for each engine and size, then tables and a JSON file."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime

import bench.search
from bench.search import databases, tables
from bench.search.engine import Plan
from bench.search.goals import goals
from bench.search.measures import machine


def main(argv: list[str] | None = None) -> int:
    options = _options(argv)
    report = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "seed": options.seed,
        "runs": [],
    }
    for path in options.earlier:
        with open(path, encoding="utf-8") as file:
            report["runs"] += json.load(file)["runs"]
    failed = False
    for engine in options.engines:
        if reason := databases.why_not(engine):
            print(f"{engine} is skipped: {reason}", flush=True)
            continue
        for size in options.sizes:
            print(f"{engine}, {size or 'all'} articles", flush=True)
            try:
                report["runs"].append(measure(engine, size, options))
            except KeyboardInterrupt:
                print("Stopped.")
                finish(report, options)
                return 130
            except subprocess.CalledProcessError as error:
                print(f"{engine} failed: exit {error.returncode}", flush=True)
                failed = True
    finish(report, options)
    return int(failed)


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench.search",
        description=bench.search.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    sizes = parser.add_mutually_exclusive_group()
    sizes.add_argument(
        "--articles", type=int, default=0, help="default: 5000, or the whole corpus"
    )
    sizes.add_argument("--sizes", help="several numbers of articles, comma-separated")
    parser.add_argument(
        "--corpus",
        metavar="FILE",
        help="JSON lines, .gz or not; for more articles its paragraphs are mixed",
    )
    parser.add_argument(
        "--engines", default=f"{databases.SQLITE},{databases.POSTGRESQL}"
    )
    parser.add_argument("--json", metavar="FILE", help="write all figures there")
    parser.add_argument("--markdown", action="store_true", help="tables for the docs")
    parser.add_argument(
        "--earlier",
        metavar="FILE",
        action="append",
        default=[],
        help="figures of another run, to be shown with these and for the growth",
    )
    parser.add_argument(
        "--keep",
        metavar="FOLDER",
        help="keep the databases there and use them again; what was stopped goes on",
    )
    parser.add_argument(
        "--seed", type=int, default=5, help="none that weights were chosen with"
    )
    parser.add_argument("--per-kind", type=int, default=17, help="of twelve kinds")
    parser.add_argument("--known", type=int, default=300, help="known articles")
    parser.add_argument(
        "--reference-seconds", type=float, default=60, help="for each reference"
    )
    options = parser.parse_args(argv)
    options.engines = options.engines.split(",")
    if unknown := set(options.engines) - {databases.SQLITE, databases.POSTGRESQL}:
        parser.error(f"unknown engine: {', '.join(sorted(unknown))}")
    if options.sizes:
        options.sizes = [int(size) for size in options.sizes.split(",")]
    else:
        options.sizes = [options.articles]
    return options


def measure(engine: str, size: int, options) -> dict:
    """Run one engine in a process of its own: its settings are read only once."""
    name = f"portal_bench_search_{size or 'all'}"
    with (
        tempfile.TemporaryDirectory(prefix="portal-bench-") as folder,
        databases.database(engine, name, options.keep) as environment,
    ):
        plan = Plan(
            articles=size,
            corpus=options.corpus,
            seed=options.seed,
            per_kind=options.per_kind,
            known=options.known,
            reference_seconds=options.reference_seconds,
            out=os.path.join(folder, "result.json"),
        )
        path = os.path.join(folder, "plan.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(asdict(plan), file)
        inherited = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
        subprocess.run(
            [sys.executable, "-m", "bench.search.engine", path],
            env=inherited | environment,
            check=True,
        )
        with open(plan.out, encoding="utf-8") as file:
            return json.load(file)


def finish(report: dict, options) -> None:
    found = goals(report["runs"])
    report["goals"] = [goal._asdict() | {"is_met": goal.is_met} for goal in found]
    if report["runs"]:
        print("\n" + tables.render(report, found, options.markdown))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(report, file, ensure_ascii=False, indent=1)
