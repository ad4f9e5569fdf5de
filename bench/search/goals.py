"""What search promises (section by section), with what was measured.

Times are milliseconds; a goal whose figure was not measured is left out.
"""

from itertools import pairwise
from typing import NamedTuple

NO_FILTER = "no filter"
SMALL = 100_000  # articles; above, the goals for large sites hold


class Goal(NamedTuple):
    about: str  # engine and number of articles
    name: str
    figure: float
    sign: str  # "<=" or ">="
    limit: float

    @property
    def is_met(self) -> bool:
        return (
            self.figure <= self.limit
            if self.sign == "<="
            else self.figure >= self.limit
        )


def goals(runs: list[dict]) -> list[Goal]:
    found = [goal for run in runs for goal in _of_one(run)]
    return found + [goal for pair in growing(runs) for goal in _of_growth(*pair)]


def about(run: dict) -> str:
    return f"{run['engine']} {run['articles']:,} {run['source']}"


def growing(runs: list[dict]) -> list[tuple[dict, dict]]:
    """Return neighbours in size of one engine, at least twice as large."""
    pairs: list[tuple[dict, dict]] = []
    for engine in sorted({run["engine"] for run in runs}):
        sizes = sorted(
            (run for run in runs if run["engine"] == engine),
            key=lambda run: run["articles"],
        )
        pairs += [
            (small, large)
            for small, large in pairwise(sizes)
            if large["articles"] >= 2 * small["articles"]
        ]
    return pairs


def _of_one(run: dict):
    who = about(run)
    latency, is_sqlite = run["latency_ms"], run["engine"] == "sqlite"
    is_small = run["articles"] <= SMALL
    newest = latency[NO_FILTER]["newest"]
    exact = latency[NO_FILTER]["newest, exact total"]
    by_filter = {name: found["newest"]["p95"] for name, found in latency.items()}

    if is_sqlite:
        yield Goal(who, "newest, p95", newest["p95"], "<=", 10 if is_small else 60)
        if is_small:
            for name, part, limit in (("bm25", "p95", 10), ("like", "p50", 200)):
                if ratio := run["ratios"].get(name):
                    yield Goal(
                        who, f"{name} / newest, {part}", ratio[part], ">=", limit
                    )
    else:
        yield Goal(who, "newest, p95", newest["p95"], "<=", 30 if is_small else 80)
        yield Goal(who, "slowest question", run["slowest"][0][0], "<=", 1000)
        yield Goal(
            who, "exact / capped total, p95", _ratio(exact, newest, "p95"), ">=", 1.5
        )
    # Within the budget of the search itself
    limit = (10 if is_small else 60) if is_sqlite else (30 if is_small else 80)
    narrowing = run["around_ms"]["ways to narrow"]["p95"]
    yield Goal(who, "ways to narrow, p95", narrowing, "<=", limit)
    unfiltered = by_filter[NO_FILTER]
    yield Goal(who, "page 10 / page 1, p95", by_filter["page 10"] / unfiltered, "<=", 2)
    for name, limit in (("category", 1), ("year", 1), ("category and month", 0.5)):
        if is_sqlite:
            ratio = by_filter[name] / unfiltered
            yield Goal(who, f"{name} / no filter, p95", ratio, "<=", limit)
        else:
            yield Goal(who, f"{name}, p95", by_filter[name], "<=", 50)
    update = run["update_ms"]["p95"]
    yield Goal(who, "update of one article, p95", update, "<=", 10 if is_sqlite else 50)
    size = run["size_mb"]
    yield Goal(who, "index / text", size["index"] / size["text"], "<=", 1)
    if run["source"] == "corpus":
        yield from _of_relevance(who, run)
    yield Goal(
        who,
        "lists changed by another spelling",
        run["same_words"]["different"],
        "<=",
        0,
    )


def _of_relevance(who: str, run: dict):
    known = run["known"]
    for kind, measure, limit in (
        ("title, no accents", "mrr", 0.98),
        ("four words of title", "mrr", 0.8),
        ("five words of body, no accents", "recall", 0.8),
        ("five words of body", "recall", 0.8),
    ):
        yield Goal(who, f"{kind}, {measure}@10", known[kind][measure], ">=", limit)
    for order in ("best match", "newest"):
        yield Goal(who, f"accents as typed, {order}", run["accents"][order], ">=", 0.9)


def _of_growth(small: dict, large: dict):
    """10 times the articles: p50 6 times, p95 10 times as long; PostgreSQL p95 8."""
    times = large["articles"] / small["articles"]
    who = f"{about(small)} to {about(large)}"
    before, after = (run["latency_ms"][NO_FILTER]["newest"] for run in (small, large))
    p95 = _ratio(after, before, "p95")
    if small["engine"] == "sqlite":
        p50 = _ratio(after, before, "p50")
        yield Goal(who, "growth of newest, p50", p50, "<=", 0.6 * times)
        yield Goal(who, "growth of newest, p95", p95, "<=", times)
    else:
        yield Goal(who, "growth of newest, p95", p95, "<=", 0.8 * times)


def _ratio(over: dict, under: dict, part: str) -> float:
    return over[part] / under[part]
