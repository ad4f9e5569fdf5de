"""What pages promise (goals 1 to 7 of issue 6), with what was measured.

A goal whose figure was not measured is left out.
"""

from bench.search.goals import Goal

# Statements and milliseconds of the processor that a cold page may take.
BUDGETS = {"article": (3, 2.5), "home": (4, 5), "category": (4, 3.5)}
# Milliseconds of the processor for an article, home and a search, measured with the
# same page on another machine of two cores; not in this run.
PEERS = {
    "Wagtail 8": (24.5, 64, 396),
    "WordPress 6.1": (25, 29, 38),
    "NukeViet 4.5": (17, 18, 30),
}
TEN_TIMES = ("Wagtail 8", "WordPress 6.1")  # what a cold article is to be cheaper than


def about(run: dict) -> str:
    return f"{run['engine']} {run['articles']:,} {run['source']}"


def goals(runs: list[dict]) -> list[Goal]:
    return [goal for run in runs if "cold" in run for goal in _of_one(run)]


def _of_one(run: dict):
    who, cold, served = about(run), run["cold"], run.get("served")
    if served is None:
        yield from _of_cold(who, cold, {})
        return
    found = served["subjects"]
    rate = {name: subject["per_second"] for name, subject in found.items()}
    cpu = {name: subject["cpu_ms"] for name, subject in found.items()}
    for coding in ("identity", "gzip", "br"):
        if f"disk {coding}" in rate:
            ratio = rate[f"disk {coding}"] / rate[f"static {coding}"]
            yield Goal(
                who, f"1 from disk by nginx / nginx static, {coding}", ratio, ">=", 0.95
            )
    for name, limit in (("identity", 0.4), ("br", 0.5), ("304", 0.4)):
        ratio = rate[f"memory {name}"] / rate[f"static {name}"]
        yield Goal(who, f"2 from memory / nginx static, {name}", ratio, ">=", limit)
    yield Goal(who, "2 from memory, CPU ms", cpu["memory identity"], "<=", 0.04)
    ratio = rate["memory identity"] / rate["plain"]
    yield Goal(who, "3 from memory / plain Django", ratio, ">=", 100)
    yield from _of_cold(who, cold, cpu)
    published = served["publish_seconds"]
    for name in ("workers", "nginx"):
        if name in published:
            slowest = max(published[name])
            yield Goal(who, f"6 publish to visible, {name}, s", slowest, "<=", 1)
    wrong = len(published["wrong"])
    yield Goal(who, "6 errors and half pages meanwhile", wrong, "<=", 0)
    yield Goal(
        who, "7 two workers, proportional MB", served["memory_mb"]["workers"], "<=", 110
    )


def _of_cold(who: str, cold: dict, cpu: dict[str, float]):
    """Goals 4 and 5, of the whole server where it was measured."""
    for name, (queries, milliseconds) in BUDGETS.items():
        number = 4 if name == "article" else 5
        yield Goal(
            who, f"{number} cold {name}, queries", cold[name]["queries"], "<=", queries
        )
        where, figure = "server", cpu.get(f"cold {name}")
        if figure is None:
            where, figure = "one process", cold[name]["cold_ms"]
        label = f"{number} cold {name}, CPU ms of {where}"
        yield Goal(who, label, figure, "<=", milliseconds)
        if name == "article" and where == "server":
            for peer in TEN_TIMES:
                label = f"4 {peer} on its machine / cold article, CPU"
                yield Goal(who, label, PEERS[peer][0] / figure, ">=", 10)
