"""`make bench`: pages beside references of the same run, and which goals are met.

It builds a site of 20,000 articles on each database, renders its pages, starts the
real server behind nginx, and needs nginx and wrk for that; what is missing is said
and left out. Search has a benchmark of its own, `make bench-search`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from bench import tables
from bench.goals import goals
from bench.processes import programs
from bench.search import databases
from bench.search.measures import machine
from bench.worker import Plan

PARTS = ("pages", "beacon", "sanitiser", "dashboard")
ENGINES = (databases.SQLITE, databases.POSTGRESQL)


def main(argv: list[str] | None = None) -> int:
    options = _options(argv)
    report = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "programs": programs(),
        "options": {"seconds": options.seconds, "repeat": options.repeat},
        "runs": [],
    }
    failed = False
    for engine in options.engines:
        if reason := databases.why_not(engine):
            print(f"{engine} is skipped: {reason}", flush=True)
            continue
        # The sanitiser knows no database: measured with the first.
        parts = [p for p in options.only if p != "sanitiser" or engine == ENGINES[0]]
        print(f"{engine}: {', '.join(parts)}", flush=True)
        try:
            report["runs"].append(_measure(engine, parts, options))
        except KeyboardInterrupt:
            print("Stopped.")
            return 130
        except subprocess.CalledProcessError as error:
            print(f"{engine} failed: exit {error.returncode}", flush=True)
            failed = True
    found = goals(report["runs"])
    report["goals"] = [goal._asdict() | {"is_met": goal.is_met} for goal in found]
    if found:
        print("\n" + tables.render(report, found))
    options.json.parent.mkdir(parents=True, exist_ok=True)
    with options.json.open("w", encoding="utf-8") as file:
        json.dump(report, file, ensure_ascii=False, indent=1)
    print(f"\nall figures: {options.json}")
    if options.markdown:
        with open(options.markdown, "w", encoding="utf-8") as file:
            file.write(tables.render(report, found, as_markdown=True) + "\n")
    return int(failed)


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument(
        "--corpus",
        metavar="FILE",
        help="JSON lines, .gz or not; for more articles its paragraphs are mixed",
    )
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--seconds", type=int, default=5, help="of each run of wrk")
    parser.add_argument(
        "--repeat", type=int, default=3, help="how often everything is asked in turn"
    )
    parser.add_argument(
        "--renderings", type=int, default=200, help="of each page in one process"
    )
    parser.add_argument("--publications", type=int, default=10)
    parser.add_argument(
        "--keep",
        metavar="FOLDER",
        help="keep the sites there; a later run with as many articles uses them again",
    )
    parser.add_argument(
        "--json",
        metavar="FILE",
        type=Path,
        default=Path("var/bench.json"),
        help="where all figures are written (%(default)s)",
    )
    parser.add_argument("--markdown", metavar="FILE", help="and the tables there")
    options = parser.parse_args(argv)
    for name, known in (("engines", ENGINES), ("only", PARTS)):
        chosen = getattr(options, name).split(",")
        if unknown := set(chosen) - set(known):
            parser.error(f"unknown in --{name}: {', '.join(sorted(unknown))}")
        setattr(options, name, chosen)
    return options


def _measure(engine: str, parts: list[str], options) -> dict:
    """Measure on one database in a process of its own: settings are read once."""
    with (
        tempfile.TemporaryDirectory(prefix="portal-bench-") as folder,
        databases.database(engine, "portal_bench", options.keep) as environment,
    ):
        plan = Plan(
            parts=parts,
            articles=options.articles,
            corpus=options.corpus,
            seconds=options.seconds,
            repeat=options.repeat,
            renderings=options.renderings,
            publications=options.publications,
            out=os.path.join(folder, "result.json"),
        )
        path = os.path.join(folder, "plan.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(asdict(plan), file)
        # Nobody's own settings; static files lie where deploy/nginx.conf expects them.
        ours = ("DATABASE_URL", "SITE_URL", "SECRET_KEY", "BIND", "DEBUG", "EMAIL_URL")
        inherited = {k: v for k, v in os.environ.items() if k not in ours}
        static = {"STATIC_ROOT": os.path.join(environment["DATA_DIR"], "static")}
        subprocess.run(
            [sys.executable, "-m", "bench.worker", path],
            env=inherited | environment | static,
            check=True,
        )
        with open(plan.out, encoding="utf-8") as file:
            return json.load(file)


if __name__ == "__main__":
    sys.exit(main())
