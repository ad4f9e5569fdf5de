"""`make drill-visits`: is every acknowledged hit counted, and once, whoever is killed?

Workers report pages of their own through the beacon, as fast as they can, while
workers and drainers are killed with SIGKILL and replaced. Afterwards each page is
compared with what its worker was told. Then one address forges reports, and the
folder of the site is searched for addresses and agents. Exit code 1 when anything
was lost or doubled, a forger moved the figures by more than 60 visits, or a trace
was found.

    python -m bench.drill_visits [--hits N] [--kills N] [--forged N] [--engines ...]
"""

import argparse
import io
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.search import databases

ENGINES = (databases.SQLITE, databases.POSTGRESQL)
# Found by one search: every address and every agent of the drill.
NETWORK = "2001:db8"
AGENT = (
    "Mozilla/5.0 (Linux; Android 14; DrillPhone {}) Chrome/140.0 Mobile Safari/537.36"
)
ROBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; DrillPhone)"
TRACES = (b"2001:db8", b"2001:0db8", b"DrillPhone")
HITS_A_PAGE = 1000
PAGES_A_WORKER = 100_000
MOST_FORGED_VISITS = 60


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="drill-visits",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--hits", type=int, default=1_000_000)
    parser.add_argument("--kills", type=int, default=20, help="of workers; drainers")
    parser.add_argument("--forged", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.inside:
        return _Drill(options).run()
    failed = 0
    for engine in options.engines.split(","):
        if reason := databases.why_not(engine):
            print(f"{engine} is skipped: {reason}", flush=True)
            continue
        print(f"{engine}:", flush=True)
        arguments = sys.argv[1:] if argv is None else argv
        with databases.database(engine, "portal_drill", None) as environment:
            inherited = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
            command = [sys.executable, "-m", "bench.drill_visits", "--inside"]
            done = subprocess.run(
                [*command, *arguments], env={**inherited, **environment}
            )
        failed += done.returncode
    return int(bool(failed))


def _request(body: bytes, address: str, agent: str) -> dict:
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/_s",
        "QUERY_STRING": "",
        "CONTENT_LENGTH": str(len(body)),
        "REMOTE_ADDR": address,
        "HTTP_HOST": "127.0.0.1",
        "HTTP_USER_AGENT": agent,
        "HTTP_SEC_FETCH_SITE": "same-origin",
        "wsgi.input": io.BytesIO(body),
    }


class _Reporter:
    """Sends hits to a beacon of this process; `send` gives the word of `X-Visit`."""

    def __init__(self):
        from stats.beacon import Beacon

        self._beacon = Beacon(None)
        self._outcome = ""

    def _start(self, status, headers):
        self._outcome = dict(headers)["X-Visit"]

    def send(self, token: str, address: str, agent: str) -> str:
        body = json.dumps({"p": token, "r": ""}).encode()
        self._beacon(_request(body, address, agent), self._start)
        return self._outcome


def _page(worker: int, n: int) -> int:
    """The page of a worker's hit; negative ids need no row to be public."""
    return -1000 - worker * PAGES_A_WORKER - n // HITS_A_PAGE


def _is_robot(n: int) -> bool:
    # A view counted twice would be hidden by the rule of 30 s, a robot's is not.
    return n % 2 == 1


class _Drill:
    def __init__(self, options):
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", "portal", interactive=False, verbosity=0)
        call_command("migrate", "stats", interactive=False, verbosity=0)
        self.options = options
        self.folder = Path(
            tempfile.mkdtemp(prefix="drill-", dir=os.environ["DATA_DIR"])
        )
        self.workers: dict[int, int] = {}  # number to process id
        self.killed: set[int] = set()  # numbers
        self.drain_seconds = 0.0  # of the processor

    def run(self) -> int:
        wrong = self._killing()
        wrong |= self._sums()
        for name, agents in (("one agent", 1), ("1,000 agents", 1000)):
            wrong |= self._forging(name, agents)
        wrong |= self._traces()
        return int(wrong)

    # Processes, forked from this one: their death is the death of a process

    def _fork(self, work, *arguments) -> int:
        from django.db import connections

        connections.close_all()
        sys.stdout.flush()
        child = os.fork()
        if child:
            return child
        try:
            work(*arguments)
        finally:
            os._exit(1)  # both work until they are killed

    def _acks(self, worker: int) -> Path:
        return self.folder / f"worker-{worker}"

    def _start_worker(self) -> None:
        number = len(self.workers)
        self._acks(number).touch()
        self.workers[number] = self._fork(self._report, number)

    def _report(self, worker: int) -> None:
        from stats.tokens import page_token

        reporter = _Reporter()
        acks = os.open(self._acks(worker), os.O_WRONLY | os.O_APPEND)
        parent, n = os.getppid(), 0
        while True:
            if n % HITS_A_PAGE == 0:
                if os.getppid() != parent:  # the drill was stopped
                    return
                token = page_token("page", _page(worker, n))
            address = f"{NETWORK}:{(worker << 8) + (n >> 16):x}:{n & 0xFFFF:x}::1"
            agent = ROBOT if _is_robot(n) else AGENT.format(n % 100)
            outcome = reporter.send(token, address, agent)
            if outcome != ("ignored; bot" if _is_robot(n) else "counted"):
                print(f"  a hit was answered {outcome!r}", flush=True)
                return
            os.write(acks, b"+")  # from here on it is acknowledged
            n += 1

    def _drain_forever(self) -> None:
        from stats import drainer

        parent = os.getppid()
        while os.getppid() == parent:
            if not drainer.drain().lines:
                time.sleep(0.05)

    def _kill(self, process: int) -> resource.struct_rusage:
        os.kill(process, signal.SIGKILL)
        return os.wait4(process, 0)[2]

    def _kill_drainer(self, process: int) -> None:
        used = self._kill(process)
        self.drain_seconds += used.ru_utime + used.ru_stime

    def _acknowledged(self) -> int:
        return sum(self._acks(n).stat().st_size for n in self.workers)

    def _living(self) -> list[int]:
        return [n for n in self.workers if n not in self.killed]

    def _kill_worker(self, number: int) -> None:
        self._kill(self.workers[number])
        self.killed.add(number)

    def _killing(self) -> bool:
        from stats import drainer

        options, chance = self.options, random.Random(7)
        begun = time.monotonic()
        for _ in range(options.workers):
            self._start_worker()
        draining = self._fork(self._drain_forever)
        for number in range(options.kills + 1):
            goal = options.hits * (number + 1) // (options.kills + 1)
            while self._acknowledged() < goal:
                time.sleep(0.01)
                for worker in self._living():
                    if os.waitpid(self.workers[worker], os.WNOHANG)[0]:
                        raise SystemExit("a worker ended by itself")
            if number == options.kills:
                break
            time.sleep(chance.random() / 10)
            self._kill_drainer(draining)
            draining = self._fork(self._drain_forever)
            time.sleep(chance.random() / 10)
            self._kill_worker(chance.choice(self._living()))
            self._start_worker()
        for worker in self._living():
            self._kill_worker(worker)
        seconds = time.monotonic() - begun
        self._kill_drainer(draining)
        used = resource.getrusage(resource.RUSAGE_SELF)
        drainer.drain(hold_ms=0)
        after = resource.getrusage(resource.RUSAGE_SELF)
        self.drain_seconds += after.ru_utime + after.ru_stime
        self.drain_seconds -= used.ru_utime + used.ru_stime
        return self._compare(seconds)

    def _compare(self, seconds: float) -> bool:
        """Page by page what the workers were told, and what was counted."""
        from django.db.models import Sum

        from stats import spool
        from stats.models import Day, DroppedDay, PageDay

        told: dict[int, int] = {}
        robots, robots_unsure = 0, 0
        unsure: dict[int, int] = {}
        for worker in self.workers:
            acknowledged = self._acks(worker).stat().st_size
            for first in range(0, acknowledged, HITS_A_PAGE):
                on_page = min(HITS_A_PAGE, acknowledged - first)
                told[_page(worker, first)] = (on_page + 1) // 2
            robots += acknowledged // 2
            # Every worker was killed: its next hit may be written, not acknowledged.
            if _is_robot(acknowledged):
                robots_unsure += 1
            else:
                unsure[_page(worker, acknowledged)] = 1
        pages = PageDay.objects.values_list("object_id").annotate(Sum("views"))
        counted = dict(pages)
        dropped = DroppedDay.objects.filter(reason="bot").aggregate(n=Sum("n"))["n"]
        lost = max(0, robots - dropped)
        doubled = max(0, dropped - robots - robots_unsure)
        for page in told | counted:
            difference = counted.get(page, 0) - told.get(page, 0)
            lost += max(0, -difference)
            doubled += max(0, difference - unsure.get(page, 0))
        everything = sum(counted.values()) + dropped
        acknowledged = self._acknowledged()
        more = max(0, everything - acknowledged)
        days = Day.objects.aggregate(views=Sum("views"), bots=Sum("bot_views"))
        kills = self.options.kills
        print(
            f"  acknowledged {acknowledged:,} in {seconds:.0f} s by {len(self.workers)}"
            f" workers; kill -9 of {kills} workers and {kills} drainers\n"
            f"  counted      {everything:,}; {more} of them"
            " were written by a worker that died before it could say so\n"
            f"  lost         {lost}\n"
            f"  doubled      {doubled}\n"
            f"  drain        {self.drain_seconds / everything * 1e6:.1f} s of the"
            " processor a million",
            flush=True,
        )
        left = len(spool.segments())
        if left:
            print(f"  {left} segments are left", flush=True)
        same = days["views"] + days["bots"] == everything
        return bool(lost or doubled or left or not same)

    def _sums(self) -> bool:
        from stats import verify

        wrong = [check for check in verify.checks() if not check.holds]
        verdict = wrong or "all agree"
        print(f"  sums         {verdict} (stats_verify)", flush=True)
        return bool(wrong)

    def _forging(self, name: str, agents: int) -> bool:
        from django.db.models import Sum

        from stats import drainer
        from stats.models import Day
        from stats.tokens import page_token

        figures = {"views": Sum("views"), "visits": Sum("visits")}
        figures["visitors"] = Sum("visitors")
        before = Day.objects.aggregate(**figures)
        reporter = _Reporter()
        pages = [page_token("page", -1 - n) for n in range(500)]
        address = f"{NETWORK}:ffff:{agents:x}::1"
        for n in range(self.options.forged):
            agent = AGENT.format(f"forged {n % agents}")
            reporter.send(pages[n % len(pages)], address, agent)
        drainer.drain(hold_ms=0)
        after = Day.objects.aggregate(**figures)
        moved = {what: after[what] - before[what] for what in figures}
        told = ", ".join(f"{what} +{moved[what]}" for what in moved)
        print(
            f"  forged       {self.options.forged:,} from one address, {name}: {told}"
        )
        return moved["visits"] > MOST_FORGED_VISITS

    def _traces(self) -> bool:
        """Look for addresses and agents in every file and every table."""
        from django.apps import apps
        from django.db import connection

        files = [p for p in Path(os.environ["DATA_DIR"]).rglob("*") if p.is_file()]
        found = [str(p) for p in files if any(t in p.read_bytes() for t in TRACES)]
        with connection.cursor() as cursor:
            for model in apps.get_app_config("stats").get_models():
                cursor.execute(f"SELECT * FROM {model._meta.db_table}")
                while rows := cursor.fetchmany(10_000):
                    text = repr(rows).encode()
                    found += [model.__name__] * any(t in text for t in TRACES)
        print(f"  traces       {found or 'none'} in {len(files)} files and all tables")
        return bool(found)


if __name__ == "__main__":
    sys.exit(main())
