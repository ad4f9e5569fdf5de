"""`make bench`: each part beside a reference of the same run.

python -m bench [--articles N] [--seconds S]
    [--only pages,server,beacon,search,sanitiser]
"""

import argparse
import os
import sys
import tempfile

PARTS = ("pages", "server", "beacon", "search", "sanitiser")


def run_search(articles: int) -> None:
    from bench.search.command import main as search

    search(["--articles", str(articles), "--per-kind", "4", "--known", "60"])


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--seconds", type=int, default=4, help="of each wrk run")
    parser.add_argument("--only", default=",".join(PARTS))
    options = parser.parse_args()
    chosen = options.only.split(",")
    if unknown := set(chosen) - set(PARTS):
        parser.error(f"unknown part: {', '.join(sorted(unknown))}")

    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        os.environ["DATA_DIR"] = folder
        os.environ["STATIC_ROOT"] = os.path.join(folder, "static")
        os.environ.pop("DATABASE_URL", None)
        os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"

        import django

        django.setup()
        from bench import beacon, pages, sanitiser, server, site

        if chosen != ["sanitiser"]:  # it needs none
            print(f"Building {options.articles} articles ...", flush=True)
            site.build(options.articles)
        parts = {
            "pages": pages.run,
            "server": lambda: server.run(options.seconds),
            "beacon": beacon.run,
            "search": lambda: run_search(options.articles),
            "sanitiser": sanitiser.run,
        }
        for name in PARTS:
            if name in chosen:
                print(f"\n--- {name}", flush=True)
                parts[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main())
