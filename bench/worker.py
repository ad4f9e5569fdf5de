"""Measure on one database: `python -m bench.worker PLAN.json`, the database in the
environment. The plan is `Plan`; the result is written to its `out`.
"""

import json
import sys
import time
from dataclasses import dataclass

from bench.search.measures import load_average


@dataclass(frozen=True)
class Plan:
    parts: list[str]
    articles: int
    corpus: str | None
    seconds: int  # of each run of wrk
    repeat: int  # how often everything is asked in turn
    renderings: int  # of each kind of page, in one process
    publications: int
    out: str


def main() -> int:
    with open(sys.argv[1], encoding="utf-8") as file:
        plan = Plan(**json.load(file))
    import django

    django.setup()
    try:
        report = measure(plan)
    except KeyboardInterrupt:  # the command tells
        return 130
    with open(plan.out, "w", encoding="utf-8") as file:
        json.dump(report, file, ensure_ascii=False)
    return 0


def measure(plan: Plan) -> dict:
    from django.db import connection

    from bench import beacon, dashboard, processes, sanitiser, site

    report: dict = {"engine": connection.vendor, "load_before": load_average()}
    if set(plan.parts) - {"sanitiser"}:  # it needs no site
        print(f"  building {plan.articles:,} articles ...", flush=True)
        begun = time.monotonic()
        articles = site.build(plan.articles, plan.corpus)
        report |= {"articles": articles.count, "source": articles.kind}
        report["build_seconds"] = round(time.monotonic() - begun)
    if "pages" in plan.parts:
        from bench import cold, served

        print("  rendering in one process ...", flush=True)
        report["cold"] = cold.run(plan.renderings)
        missing = processes.missing_tools()
        if missing:
            report["left_out"] = [
                f"There is no {' and no '.join(missing)} (Debian: apt-get install nginx"
                " wrk): the served pages, goals 1, 2, 3, 6 and 7, are left out."
            ]
        else:
            print("  serving ...", flush=True)
            report["served"] = served.run(plan.seconds, plan.repeat, plan.publications)
            report["left_out"] = report["served"].pop("left_out")
    # The last one writes millions of rows of visits: nothing is measured after it.
    others = {"beacon": beacon, "sanitiser": sanitiser, "dashboard": dashboard}
    for name, part in others.items():
        if name in plan.parts:
            print(f"\n--- {name}", flush=True)
            part.run()
    report["load_after"] = load_average()
    return report


if __name__ == "__main__":
    sys.exit(main())
