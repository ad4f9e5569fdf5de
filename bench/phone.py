"""A slow phone reads the site: 1.6 Mbit/s, 150 ms, a processor four times slower.

    python -m bench.phone [URL] [--times N] [--json FILE] [--shots FOLDER]

URL is a running site; without one a demo site is started, which takes a minute.
Needs Chromium. Every reading is a first visit: nothing is cached. The delay is of
each request and answer, as Chromium's own throttling has it; a real network adds
the opening of connections. Lighthouse reckons with it: see bench.lighthouse.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from bench import weight
from bench.weight import pages
from docs.demo_site import demo_site

LCP_MAX = 2500  # ms, on home and article
NETWORK = {
    "offline": False,
    "latency": 150,  # ms
    "downloadThroughput": 1_600_000 / 8,  # bytes a second
    "uploadThroughput": 750_000 / 8,
}
CPU_SLOWER = 4
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 3,
    "is_mobile": True,
    "has_touch": True,
    "locale": "vi-VN",
}
ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--no-first-run"]

# Kept in the page from its first moment; hadRecentInput leaves out what a touch did.
WATCH = """
(() => {
window.seen = {lcp: 0, element: "", fcp: 0, shifts: []};
const name = (node) => {
  const element = node?.nodeType === 3 ? node.parentElement : node;
  return !element ? "" : element.localName + (element.className ? "." +
    String(element.className.baseVal ?? element.className).split(" ")[0] : "");
};
const watch = (type, take) => new PerformanceObserver((list) =>
  list.getEntries().forEach(take)).observe({type, buffered: true});
watch("largest-contentful-paint", (entry) => {
  seen.lcp = entry.startTime;
  seen.element = name(entry.element);
});
watch("paint", (entry) => {
  if (entry.name === "first-contentful-paint") seen.fcp = entry.startTime;
});
watch("layout-shift", (entry) => {
  if (!entry.hadRecentInput)
    seen.shifts.push({
      at: entry.startTime,
      value: entry.value,
      of: entry.sources.map((source) => name(source.node)),
    });
});
})();
"""
TRANSFERRED = """
  [...performance.getEntriesByType("navigation"),
   ...performance.getEntriesByType("resource")]
    .reduce((sum, entry) => sum + entry.transferSize, 0)
"""


@dataclass
class Reading:
    """What one first visit was like; times in ms from the click."""

    lcp: float
    element: str  # the largest thing painted
    fcp: float
    load: float
    bytes: int  # on the wire until the load, lazy pictures near the screen included
    shift: float  # sum of all layout shifts, while loading and while scrolling down
    shifted: list[str]


def slow_down(page: Page) -> None:
    """Give `page` the network and the processor of a slow phone."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", NETWORK)
    session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWER})


def read(page: Page, url: str) -> Reading:
    """Open `url` in a page that knows WATCH, wait, and scroll to its end."""
    page.goto(url, wait_until="load")
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(500)  # a shift is told in the frame after it
    seen = page.evaluate("seen")
    transferred = page.evaluate(TRANSFERRED)
    load = page.evaluate("performance.timing.loadEventEnd - performance.timeOrigin")
    scroll_down(page)
    shifts = page.evaluate("seen.shifts")
    return Reading(
        seen["lcp"],
        seen["element"],
        seen["fcp"],
        load,
        transferred,
        sum(shift["value"] for shift in shifts),
        sorted({name for shift in shifts for name in shift["of"]}),
    )


def scroll_down(page: Page) -> None:
    """To the end, a screen at a time, as a thumb does: lazy pictures arrive."""
    for _ in range(60):
        is_end = page.evaluate(
            "(scrollBy(0, innerHeight * 0.9),"
            " scrollY + innerHeight >= document.documentElement.scrollHeight - 2)"
        )
        page.wait_for_timeout(150)
        if is_end:
            break
    page.wait_for_load_state("networkidle")


def visit(browser: Browser, url: str, shot: Path | None = None) -> Reading:
    """One first visit; its own context has an empty cache."""
    context = browser.new_context(**PHONE)
    try:
        context.add_init_script(WATCH)
        page = context.new_page()
        page.set_default_timeout(60_000)
        slow_down(page)
        reading = read(page, url)
        if shot:
            page.evaluate("scrollTo(0, 0)")
            page.screenshot(path=shot)
        return reading
    finally:
        context.close()


def measure(browser: Browser, site: str, times: int, shots: Path | None) -> dict:
    """Visit every page `times` times, page after page, round after round."""
    readings = {name: [] for name in pages(site)}
    for number in range(times):
        for name, url in pages(site).items():
            shot = shots / f"{name}.png" if shots and number == 0 else None
            readings[name].append(visit(browser, url, shot))
    return readings


def show(readings: dict[str, list[Reading]]) -> bool:
    """Print medians; True when the goal is met."""
    met = True
    print(
        f"{'page':<10}{'LCP ms':>8}{'worst':>7}{'FCP':>6}{'load':>6}{'KB':>6}"
        f"{'shift':>8}  largest"
    )
    for name, found in readings.items():

        def middle(what, found=found):
            return statistics.median(getattr(reading, what) for reading in found)

        worst = max(reading.lcp for reading in found)
        shift = max(reading.shift for reading in found)
        moved = sorted({one for reading in found for one in reading.shifted})
        print(
            f"{name:<10}{middle('lcp'):>8.0f}{worst:>7.0f}{middle('fcp'):>6.0f}"
            f"{middle('load'):>6.0f}{middle('bytes') / 1000:>6.0f}{shift:>8.4f}"
            f"  {found[0].element}{'; moved: ' if moved else ''}{', '.join(moved)}"
        )
        if name in ("home", "article"):
            met &= middle("lcp") < LCP_MAX
    print(f"goal: LCP < {LCP_MAX} ms on home and article: {'met' if met else 'MISSED'}")
    return met


def find_chromium() -> str:
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser")
    found = next(filter(None, map(shutil.which, filter(None, names))), None)
    if found is None:
        raise SystemExit("skipped: no Chromium (Debian: apt-get install chromium)")
    return found


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bench.phone", description=__doc__)
    parser.add_argument("site", nargs="?", metavar="URL")
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--shots", type=Path, metavar="FOLDER")
    options = parser.parse_args(arguments)
    chromium = find_chromium()
    with ExitStack() as stack:
        site = options.site
        if not site:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            site = stack.enter_context(demo_site(Path(folder)))
        if options.shots:
            options.shots.mkdir(parents=True, exist_ok=True)
        weight.main(site.rstrip("/"))
        print()
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        version = browser.version
        readings = measure(browser, site.rstrip("/"), options.times, options.shots)
        browser.close()
    met = show(readings)
    if options.json:
        report = {
            "network": NETWORK,
            "cpu_slower": CPU_SLOWER,
            "phone": PHONE,
            "chromium": version,
            "machine": f"{platform.machine()}, {os.cpu_count()} cores",
            "pages": {k: [asdict(r) for r in found] for k, found in readings.items()},
        }
        options.json.write_text(json.dumps(report, indent=1))
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
