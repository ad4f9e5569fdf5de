"""From lines in the spool to rows in the database, against an oracle that knows all.

The oracle sees the reports of a whole day at once, in the order they were received,
and shares nothing with the program but the definitions.
"""

import os
import random
import shutil
from collections import Counter, defaultdict
from datetime import datetime

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stats import drainer, lines, reading
from stats.models import Day, Hour, PageDay, PageTotal
from stats.verify import checks

from .conftest import VIETNAM, hit, ms

pytestmark = pytest.mark.django_db
MINUTE = 60_000
# `make drill-visits` asks for a million.
HITS = int(os.environ.get("VISITS_ORACLE_HITS", "3000"))
# No two reports of a visitor in one millisecond: their order would be anybody's.
GAPS = [1, 200, 29_900, 30_000, 30_001, 30_100, 5 * MINUTE]
GAPS += [30 * MINUTE - 1, 30 * MINUTE, 30 * MINUTE + 1, 47 * MINUTE, 6 * 60 * MINUTE]
# A day's last minutes, the end of a year, 29 February, and just any morning.
STARTS = [ms(2026, 11, 20, 23, 20), ms(2026, 12, 31, 23, 59, 59, 999)]
STARTS += [ms(2028, 2, 28, 23, 30), ms(2026, 11, 20, 8)]
FIGURES = ("views", "visits", "visitors")


def moment(at: int) -> datetime:
    return datetime.fromtimestamp(at // 1000, VIETNAM)


def oracle(hits) -> dict[str, Counter]:
    """Figures by name and key: views, visits, visitors of days; views of pages ..."""
    found: dict[str, Counter] = defaultdict(Counter)
    reports = defaultdict(list)
    for one in sorted(hits, key=lambda one: one.ms):
        reports[moment(one.ms).date(), one.visitor].append((one.ms, one.object_id))
    for (day, _), own in reports.items():
        found["visitors"][day] += 1
        last_of_page: dict[int, int] = {}
        last = None
        for at, page in own:
            hour = moment(at).hour
            if last is None or at - last > 30 * MINUTE:
                found["visits"][day] += 1
                found["visits by hour"][day, hour] += 1
                found["visits by page"][day, page] += 1
            if page not in last_of_page or at - last_of_page[page] > 30_000:
                found["views"][day] += 1
                found["views by hour"][day, hour] += 1
                found["views by page"][day, page] += 1
            last_of_page[page] = last = at
    return found


def without_zeros(found: dict[str, Counter]) -> dict[str, dict]:
    return {name: {k: n for k, n in of.items() if n} for name, of in found.items()}


def counted() -> dict[str, Counter]:
    found: dict[str, Counter] = defaultdict(Counter)
    for day in Day.objects.all():
        for name in FIGURES:
            found[name][day.day] = getattr(day, name)
    for row in Hour.objects.all():
        found["views by hour"][row.day, row.hour] = row.views
        found["visits by hour"][row.day, row.hour] = row.visits
    for row in PageDay.objects.all():
        found["views by page"][row.day, row.object_id] = row.views
        found["visits by page"][row.day, row.object_id] = row.visits
    return found


def write_segments(directory, workers, until: int) -> None:
    """A segment for each worker, begun together; what it has by then."""
    directory.mkdir(exist_ok=True)
    first = min(one.ms for own in workers for one in own)
    for number, own in enumerate(workers):
        path = directory / f"{first:013d}-{number}-abc.hits"
        path.write_bytes(b"".join(lines.encode(one) for one in own if one.ms <= until))


@st.composite
def streams(draw):
    """Reports in receive order, each with the worker that took it."""
    at = draw(st.sampled_from(STARTS))
    gaps = st.one_of(st.sampled_from(GAPS), st.integers(1, 100 * MINUTE))
    reports = []
    for _ in range(draw(st.integers(1, 60))):
        at += draw(gaps)
        one = hit(at, draw(st.integers(1, 3)), draw(st.integers(1, 3)))
        reports.append((one, draw(st.integers(0, 3))))
    return reports


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(streams(), st.integers(1, 40), st.lists(st.floats(0, 1), max_size=3))
def test_random_days_equal_an_independent_oracle(spool_dir, reports, batch, stops):
    shutil.rmtree(spool_dir, ignore_errors=True)
    hits = [one for one, _ in reports]
    workers = [[one for one, by in reports if by == number] for number in range(4)]
    first, last = hits[0].ms, hits[-1].ms
    with transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(drainer, "BATCH_LINES", batch)
        patch.setattr(reading, "MIN_CHUNK_BYTES", 150)
        patch.setattr(reading, "CHUNK_BYTES", 150)
        for share in [*sorted(stops), 1]:  # drained while it goes on
            now = first + int((last - first) * share)
            write_segments(spool_dir, workers, until=now)
            drainer.drain(now)
        drainer.drain(last + drainer.HOLD_MS)
        assert without_zeros(counted()) == oracle(hits)
        totals = dict(PageTotal.objects.values_list("object_id", "views"))
        by_page = Counter()
        for (_, page), views in oracle(hits)["views by page"].items():
            by_page[page] += views
        assert totals == by_page
        transaction.set_rollback(True)


def test_many_random_hits_of_three_days_equal_the_oracle(spool_dir):
    chance = random.Random(1389678)
    start = ms(2026, 11, 20)
    hits = []
    visitor = 0
    while len(hits) < HITS:
        visitor += 1
        at = start + chance.randrange(3 * 24 * 60) * MINUTE
        for _ in range(min(int(chance.expovariate(0.3)) + 1, 50)):
            hits.append(hit(at, visitor, chance.randrange(1, 400)))
            at += chance.choice([*GAPS, chance.randrange(1, 2 * MINUTE)])
    hits.sort(key=lambda one: one.ms)
    workers: list[list] = [[] for _ in range(4)]
    for one in hits:
        chance.choice(workers).append(one)
    write_segments(spool_dir, workers, hits[-1].ms)
    drained = drainer.drain(hits[-1].ms, hold_ms=0)
    assert drained.lines == len(hits)
    expected = oracle(hits)
    assert without_zeros(counted()) == expected
    assert expected["views"].total() < len(hits)  # some were the same view
    assert len(expected["visits"]) >= 3
    assert all(check.holds for check in checks())
