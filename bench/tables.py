"""The report of `make bench` as tables, for a terminal or as Markdown for the docs."""

from bench.goals import PEERS, about
from bench.search.goals import Goal
from bench.search.tables import Table, goals_table, markdown, plain


def render(report: dict, goals: list[Goal], as_markdown: bool = False) -> str:
    """Return conditions and tables; the last says which goals are met."""
    runs = [run for run in report["runs"] if "cold" in run]
    tables = [_cold(runs), _served(runs), _rest(runs), _peers(), goals_table(goals)]
    form = markdown if as_markdown else plain
    told = [_conditions(report), *[form(table) for table in tables if table.rows]]
    return "\n\n".join(told + [note for run in runs for note in run["left_out"]])


def _conditions(report: dict) -> str:
    machine, options = report["machine"], report["options"]
    load = ", ".join(
        f"{run['engine']} {run['load_before']} to {run['load_after']}"
        for run in report["runs"]
    )
    return (
        f"{report['date']}, commit {machine['commit']}; {machine['cores']} cores "
        f"({machine['processor']}), {machine['system']}, Python {machine['python']}, "
        f"{', '.join(report['programs'])}; load average {load} (wrk's own included); "
        f"{options['repeat']} x {options['seconds']} s of wrk in turn, medians."
    )


def _cold(runs) -> Table:
    rows = [
        [
            about(run),
            name,
            str(page["queries"]),
            f"{page['render_ms']:.2f}",
            f"{page['cold_ms']:.2f}",
            f"{page['first_ms']:.2f}",
            f"{page['bytes'] / 1024:.1f}",
        ]
        for run in runs
        for name, page in run["cold"].items()
    ]
    times = ["rendered ms", "and compressed", "nothing remembered"]
    return Table(["cold, in one process", "page", "queries", *times, "KiB"], rows)


def _served(runs) -> Table:
    rows = [
        [
            about(run),
            name,
            f"{subject['per_second']:,.0f}",
            f"{subject['cpu_ms']:.3f}",
        ]
        for run in runs
        if "served" in run
        for name, subject in run["served"]["subjects"].items()
    ]
    return Table(["served", "", "requests / s", "CPU ms of the server"], rows)


def _rest(runs) -> Table:
    rows = []
    for run in runs:
        if "served" not in run:
            continue
        memory = run["served"]["memory_mb"]
        published = run["served"]["publish_seconds"]
        rows += [
            [about(run), "memory of two workers, MB", f"{memory['workers']:.0f}"],
            [about(run), "with the process above them", f"{memory['all']:.0f}"],
        ]
        rows += [
            [
                about(run),
                f"publish to visible, {name}, s",
                f"{sorted(published[name])[len(published[name]) // 2]:.2f}, at most "
                f"{max(published[name]):.2f}",
            ]
            for name in ("workers", "nginx")
            if name in published
        ]
        wrong = len(published["wrong"])
        figure = f"{published['answers']:,}, {wrong} wrong"
        rows.append([about(run), "answers read meanwhile", figure])
    return Table(["also", "", ""], rows)


def _peers() -> Table:
    rows = [
        [name, *(f"{figure:g}" for figure in figures)]
        for name, figures in PEERS.items()
    ]
    heading = "not of this run: CPU ms of a page"
    return Table([heading, "article", "home", "search"], rows)
