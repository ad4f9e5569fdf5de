"""Lighthouse on phone settings: the four scores of home, category, article, search.

    python -m bench.lighthouse [URL] [--times N] [--folder FOLDER]

URL is a running site (`make run`); without one a demo site is started. Needs Node
18.16 or newer with npx, which fetches Lighthouse from the npm registry the first
time, and Chromium. Of several runs of a page the middle one by performance counts:
its figures depend on the machine. The reports are kept in FOLDER as JSON.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from bench.phone import find_chromium
from bench.weight import pages
from docs.demo_site import demo_site

PACKAGE = "lighthouse@12.8.2"  # the newest that runs on Node 18 and 20
GOALS = {
    "performance": 95,
    "accessibility": 100,
    "best-practices": 100,
    "seo": 100,
}
TIMES = {
    "LCP": "largest-contentful-paint",
    "FCP": "first-contentful-paint",
    "TBT": "total-blocking-time",
    "SI": "speed-index",
    "CLS": "cumulative-layout-shift",
}


def run(url: str, chromium: str, path: Path) -> dict:
    """Let Lighthouse load `url` as a phone does; return its report."""
    done = subprocess.run(
        [
            *("npx", "--yes", PACKAGE, url, "--quiet", "--form-factor=mobile"),
            f"--only-categories={','.join(GOALS)}",
            *("--output=json", f"--output-path={path}"),
            "--chrome-flags=--headless=new --no-sandbox --no-first-run",
        ],
        env={**os.environ, "CHROME_PATH": chromium},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"{url}: {done.stderr[-3000:]}")
    return json.loads(path.read_text())


def score(report: dict, category: str) -> int:
    return round(report["categories"][category]["score"] * 100)


def lost(report: dict) -> list[str]:
    """The audits that cost points outside performance."""
    return [
        reference["id"]
        for category in GOALS
        if category != "performance"
        for reference in report["categories"][category]["auditRefs"]
        if reference["weight"]
        and (report["audits"][reference["id"]]["score"] or 0) < 1
        and report["audits"][reference["id"]]["scoreDisplayMode"]
        not in ("notApplicable", "manual", "informative")
    ]


def show(name: str, report: dict) -> bool:
    """Print a page's line; True when it meets the goals."""
    scores = {category: score(report, category) for category in GOALS}
    times = " ".join(
        f"{short} {report['audits'][audit]['displayValue']}"
        for short, audit in TIMES.items()
    )
    marks = "".join(f"{value:>16}" for value in scores.values())
    print(f"{name:<10}{marks}  {times}".replace("\xa0", " "), flush=True)
    for audit in lost(report):
        print(f"{'':<10}  lost by: {audit}: {report['audits'][audit]['title']}")
    return all(scores[category] >= goal for category, goal in GOALS.items())


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bench.lighthouse", description=__doc__)
    parser.add_argument("site", nargs="?", metavar="URL")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("var/lighthouse"))
    options = parser.parse_args(arguments)
    if not shutil.which("npx"):
        raise SystemExit("skipped: no npx (Debian: apt-get install nodejs npm)")
    chromium = find_chromium()
    options.folder.mkdir(parents=True, exist_ok=True)
    met = True
    with ExitStack() as stack:
        site = options.site
        if not site:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            site = stack.enter_context(demo_site(Path(folder)))
        print(f"{'page':<10}" + "".join(f"{category:>16}" for category in GOALS))
        for name, url in pages(site.rstrip("/")).items():
            reports = []
            for number in range(1, options.times + 1):
                path = options.folder / f"{name}-{number}.json"
                reports.append(run(url, chromium, path))
            reports.sort(key=lambda report: score(report, "performance"))
            met &= show(name, reports[len(reports) // 2])
    goals = ", ".join(f"{category} >= {goal}" for category, goal in GOALS.items())
    print(f"goals: {goals}: {'met' if met else 'MISSED'}; reports in {options.folder}/")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
