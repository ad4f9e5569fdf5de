"""The report as tables, for a terminal or as Markdown for docs/search.md."""

from typing import NamedTuple

from bench.search.goals import Goal, about

GOALS_FROM = 100_000  # articles


class Table(NamedTuple):
    heading: list[str]
    rows: list[list[str]]


def render(report: dict, goals: list[Goal], as_markdown: bool) -> str:
    """Return all tables; the last says which goals are met."""
    runs, machine = report["runs"], report["machine"]
    load = ", ".join(
        f"{run['engine']} {run['load_average_before']}-{run['load_average_after']}"
        for run in runs
    )
    versions = sorted({f"{run['engine']} {run['version']}" for run in runs})
    conditions = (
        f"{report['date']}; {machine['cores']} cores ({machine['processor']}), Python "
        f"{machine['python']}, {', '.join(versions)}; load average {load}; seed of "
        f"questions and known items {report['seed']}."
    )
    if min(run["articles"] for run in runs) < GOALS_FROM:
        conditions += (
            f" The goals are set for {GOALS_FROM:,} articles and more: with fewer, a "
            "plain index is as fast, and the constant cost of a search hides the rest."
        )
    tables = [
        _sizes(runs),
        _latency(runs),
        _around(runs),
        _references(runs),
        _relevance(runs),
        goals_table(goals),
    ]
    form = markdown if as_markdown else plain
    return "\n\n".join([conditions, *[form(table) for table in tables if table.rows]])


def _sizes(runs) -> Table:
    heading = [
        "database",
        "text MB",
        "index MB",
        "all of search MB",
        "load s",
        "index s",
        "ms an article",
        "of it Python",
        "of it tokens",
        "update p50 / p95 ms",
    ]
    rows = []
    for run in runs:
        size = run["size_mb"]
        rows.append(
            [
                about(run),
                f"{size['text']:.0f}",
                f"{size['index']:.0f}",
                f"{size['stored']:.0f}",
                f"{run['load']['seconds']:.0f}",
                *_build(run["build"]),
                "{p50:.1f} / {p95:.1f}".format(**run["update_ms"]),
            ]
        )
    return Table(heading, rows)


def _build(build: dict | None) -> list[str]:
    if build is None:
        return ["kept", "", "", ""]
    return [
        f"{build['seconds']:.0f}",
        f"{build['ms_per_article']:.1f}",
        f"{build['python_cpu_ms_per_article']:.1f}",
        f"{build['tokens_cpu_ms_per_article']:.1f}",
    ]


def _latency(runs) -> Table:
    columns = ["newest", "newest, exact total", "best match"]
    processor = ["newest", "best match"]
    rows = [
        [
            about(run),
            variant,
            *[_times(found.get(column)) for column in columns],
            *[_times(run["cpu_ms"][variant][column]) for column in processor],
        ]
        for run in runs
        for variant, found in run["latency_ms"].items()
    ]
    # A busy machine lengthens the processor's time less than the clock's.
    headings = [*columns, *[f"{name}, CPU of Python" for name in processor]]
    return Table(["p50 / p95 / max ms", "", *headings], rows)


def _around(runs) -> Table:
    rows = [
        [about(run), name, str(found["count"]), _times(found)]
        for run in runs
        for name, found in run["around_ms"].items()
    ]
    return Table(["around a search", "", "asked", "p50 / p95 / max ms"], rows)


def _times(summary: dict | None) -> str:
    return (summary and "{p50:.1f} / {p95:.1f} / {max:.0f}".format(**summary)) or ""


def _references(runs) -> Table:
    rows = []
    for run in runs:
        for name, ratio in run["ratios"].items():
            times = run["latency_ms"]["no filter"][name]
            rows.append(
                [
                    about(run),
                    name,
                    str(ratio["count"]),
                    _times(times),
                    f"{ratio['p50']:,.0f} x",
                    f"{ratio['p95']:,.0f} x",
                ]
            )
    heading = ["reference", "", "questions", "p50 / p95 / max ms"]
    return Table([*heading, "to ours, p50", "to ours, p95"], rows)


def _relevance(runs) -> Table:
    rows = []
    for run in runs:
        for kind, found in run["known"].items():
            figure = f"{found['mrr']:.3f} / {found['recall']:.3f}"
            rows.append([about(run), kind, str(found["count"]), figure])
        accents, same = run["accents"], run["same_words"]
        for order in ("best match", "newest"):
            name, figure = f"accents as typed, {order}", f"{accents[order]:.1%}"
            rows.append([about(run), name, str(accents["words"]), figure])
        figure = f"{same['different']} lists differ"
        rows.append([about(run), "other spellings", str(same["compared"]), figure])
    return Table(["relevance", "", "asked", "MRR@10 / recall@10"], rows)


def goals_table(goals: list[Goal]) -> Table:
    rows = [
        [
            goal.about,
            goal.name,
            f"{goal.figure:.3g}" if goal.figure < 1000 else f"{goal.figure:,.0f}",
            f"{goal.sign} {goal.limit:g}",
            "met" if goal.is_met else "MISSED",
        ]
        for goal in goals
    ]
    return Table(["goal", "", "measured", "wanted", ""], rows)


def plain(table: Table) -> str:
    lines = [table.heading, *table.rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def markdown(table: Table) -> str:
    lines = [table.heading, ["---"] * len(table.heading), *table.rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
