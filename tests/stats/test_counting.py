"""The rules as a table of cases, and against an oracle that remembers everything."""

from collections import defaultdict
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stats import clock, counting
from stats.counting import Tally
from stats.lines import Hit

from .conftest import NOON, hit, ms

SECOND, MINUTE = 1000, 60_000
MIDNIGHT = ms(2026, 11, 21)


def counted(hits):
    """(views, visits, visitors) over all days."""
    tally = Tally()
    counting.count(hits, {}, tally)
    days = tally.days.values()
    return tuple(
        sum(getattr(day, name) for day in days)
        for name in ("views", "visits", "visitors")
    )


CASES = {
    "one hit": ([hit()], (1, 1, 1)),
    "reload after 29.9 s is the same view": (
        [hit(), hit(NOON + 29_900)],
        (1, 1, 1),
    ),
    "reload after exactly 30 s is the same view": (
        [hit(), hit(NOON + 30_000)],
        (1, 1, 1),
    ),
    "reload after 30.1 s is a second view": ([hit(), hit(NOON + 30_100)], (2, 1, 1)),
    "reloads prolong the view": (
        [hit(NOON + n * 29 * SECOND) for n in range(10)],
        (1, 1, 1),
    ),
    "another page at once is a second view": ([hit(), hit(page=2)], (2, 1, 1)),
    "same number of another kind is another page": (
        [hit(), hit(kind="category")],
        (2, 1, 1),
    ),
    "back to the first page within 30 s is the same view of it": (
        [hit(), hit(NOON + SECOND, page=2), hit(NOON + 2 * SECOND)],
        (2, 1, 1),
    ),
    "double click": ([hit(), hit(NOON + 200)], (1, 1, 1)),
    "a gap of 30:00 is the same visit": (
        [hit(), hit(NOON + 30 * MINUTE, page=2)],
        (2, 1, 1),
    ),
    "a gap of 30:00.001 begins a visit": (
        [hit(), hit(NOON + 30 * MINUTE + 1, page=2)],
        (2, 2, 1),
    ),
    "a visit lasts as long as its gaps are short": (
        [hit(NOON + n * 29 * MINUTE, page=n) for n in range(10)],
        (10, 1, 1),
    ),
    "two visitors": ([hit(), hit(visitor=2)], (2, 2, 2)),
    "negative hashes are visitors too": ([hit(visitor=-5), hit(visitor=5)], (2, 2, 2)),
    "a visit across midnight is two": (
        [hit(MIDNIGHT - 1), hit(MIDNIGHT, page=2)],
        (2, 2, 2),
    ),
    "a late line within the visit joins it": (
        [hit(), hit(NOON - 10 * MINUTE, page=2)],
        (2, 1, 1),
    ),
    "a late line 30 min before the visit joins it": (
        [hit(), hit(NOON - 30 * MINUTE, page=2)],
        (2, 1, 1),
    ),
    "a late line further back begins a visit": (
        [hit(), hit(NOON - 30 * MINUTE - 1, page=2)],
        (2, 2, 1),
    ),
    "a late line is no second view within 30 s": (
        [hit(), hit(NOON + 40 * SECOND), hit(NOON + 10 * SECOND)],
        (2, 1, 1),
    ),
    "a clock stepped back costs one visit, not one a view": (
        [hit()] + [hit(NOON - 120 * MINUTE + n * MINUTE, page=n) for n in range(5)],
        (6, 2, 1),
    ),
    "a download is no view": ([hit(kind="download")], (0, 0, 0)),
    "a download before the first view does not hide it": (
        [hit(kind="download"), hit(NOON + SECOND)],
        (1, 1, 1),
    ),
    "a bot is nobody": ([hit(reason="bot", visitor=0)], (0, 0, 0)),
    "without JavaScript counts like everybody": ([hit(flags="n")], (1, 1, 1)),
    "a privacy signal counts like everybody": ([hit(flags="p")], (1, 1, 1)),
    "a privacy signal without hash is counted apart": (
        [hit(flags="p", visitor=0)],
        (0, 0, 0),
    ),
}


@pytest.mark.parametrize("hits, expected", CASES.values(), ids=CASES.keys())
def test_views_visits_and_visitors(hits, expected):
    assert counted(hits) == expected


DAYS = {
    "last millisecond": (ms(2026, 11, 20, 23, 59, 59, 999), "2026-11-20"),
    "midnight": (ms(2026, 11, 21, 0, 0, 0, 0), "2026-11-21"),
    "midnight is 17:00 UTC": (1795280400000, "2026-11-22"),
    "end of the year": (ms(2026, 12, 31, 23, 59, 59, 999), "2026-12-31"),
    "new year": (ms(2027, 1, 1), "2027-01-01"),
    "29 February": (ms(2028, 2, 29, 12), "2028-02-29"),
}


@pytest.mark.parametrize("at, day", DAYS.values(), ids=DAYS.keys())
def test_a_hit_belongs_to_the_local_day_of_its_receive_time(at, day):
    tally = Tally()
    counting.count([hit(at)], {}, tally)
    assert [str(day) for day in tally.days] == [day]
    assert str(clock.local_day(at)) == day


def test_bots_and_suspects_stand_in_columns_of_their_own():
    tally = Tally()
    hits = [hit(reason=r, visitor=0) for r in ("bot", "webdriver", "rate", "bad_token")]
    counting.count([*hits, hit(flags="n"), hit(flags="p", visitor=0)], {}, tally)
    (day,) = tally.days.values()
    assert (day.bot_views, day.suspect_views) == (2, 1)
    assert (day.views, day.nojs_views, day.private_views) == (1, 1, 1)
    assert {reason: n for (_, reason), n in tally.dropped.items()} == {
        "bot": 1,
        "webdriver": 1,
        "rate": 1,
        "bad_token": 1,
        "privacy": 1,
    }


def test_one_visitor_cannot_make_more_than_300_views_or_60_visits_a_day():
    start = ms(2026, 11, 20)
    many_views = [hit(start + n * 31 * SECOND, page=n) for n in range(1000)]
    many_visits = [hit(start + n * 31 * MINUTE // 2, visitor=2) for n in range(90)]
    assert counted(many_views)[:2] == (300, 1)
    step = 20 * MINUTE
    assert counted(many_visits)[1] <= 60
    # To and fro by ten hours and more: each begins a visit.
    forged = [hit(start + (n * 31 % 72) * step, page=n) for n in range(1000)]
    assert counted(forged) == (300, 60, 1)


def test_pages_carry_views_and_the_visits_that_began_there():
    tally = Tally()
    hits = [
        hit(host="google.com"),
        hit(NOON + SECOND, page=2),
        hit(NOON + 2 * SECOND, page=3, kind="download"),
    ]
    counting.count(hits, {}, tally)
    day = clock.local_day(NOON)
    assert dict(tally.pages) == {
        (day, "article", 1): [1, 1],
        (day, "article", 2): [1, 0],
        (day, "download", 3): [1, 0],
    }
    assert dict(tally.hosts) == {(day, "google.com"): [1, 1]}
    assert dict(tally.hours) == {(day, 12): [2, 1]}


def oracle_in_order(hits):
    """Views, visits, visitors of hits in receive order, one visitor at a time."""
    by_visitor = defaultdict(list)
    for one in hits:
        by_visitor[clock.local_day(one.ms), one.visitor].append(one)
    views = visits = 0
    for own in by_visitor.values():
        pages = defaultdict(list)
        for one in own:
            pages[one.object_id].append(one.ms)
        for times in pages.values():
            gaps = pairwise(times)
            views += 1 + sum(later - earlier > 30_000 for earlier, later in gaps)
        times = [one.ms for one in own]
        gaps = pairwise(times)
        visits += 1 + sum(later - earlier > 1_800_000 for earlier, later in gaps)
    return views, visits, len(by_visitor)


GAPS = st.one_of(
    st.sampled_from(
        [0, 1, 29_900, 30_000, 30_001, 30_100, 1_799_999, 1_800_000, 1_800_001]
    ),
    st.integers(0, 90_000),
    st.integers(0, 4_000_000),
)


@st.composite
def streams(draw):
    """Hits in receive order, around midnight; few visitors and pages, so they meet."""
    at = draw(st.sampled_from([MIDNIGHT - 3_600_000, MIDNIGHT - 40_000, NOON]))
    hits = []
    for _ in range(draw(st.integers(1, 40))):
        at += draw(GAPS)
        hits.append(hit(at, draw(st.integers(1, 2)), draw(st.integers(1, 3))))
    return hits


@settings(max_examples=300, deadline=None)
@given(streams())
def test_ordered_hits_agree_with_an_independent_oracle(hits):
    assert counted(hits) == oracle_in_order(hits)


def oracle_any_order(hits):
    """The stated rule for late lines, with a memory of everything."""
    history = defaultdict(list)
    visit = {}
    views = visits = 0
    for one in hits:
        key = (clock.local_day(one.ms), one.visitor)
        begins = key not in visit or not (
            visit[key][0] - 1_800_000 <= one.ms <= visit[key][1] + 1_800_000
        )
        near = [
            span
            for span in history[(*key, one.object_id)]
            if span[0] - 30_000 <= one.ms <= span[1] + 30_000
        ]
        if near:
            near[0][:] = [min(near[0][0], one.ms), max(near[0][1], one.ms)]
        else:
            history[(*key, one.object_id)].append([one.ms, one.ms])
            views += 1
            visits += begins
        if begins and not near:
            visit[key] = [one.ms, one.ms]
        elif not begins:
            visit[key] = [min(visit[key][0], one.ms), max(visit[key][1], one.ms)]
    return views, visits, len(visit)


@settings(max_examples=300, deadline=None)
@given(streams(), st.lists(st.integers(0, 60_000), min_size=40, max_size=40))
def test_late_lines_agree_with_an_oracle_of_the_stated_rule(hits, delays):
    delays = dict(zip(map(id, hits), delays, strict=False))
    arrival = sorted(hits, key=lambda one: one.ms + delays[id(one)])
    assert counted(arrival) == oracle_any_order(arrival)


def test_state_between_batches_changes_nothing():
    hits = [hit(NOON + n * 17 * SECOND, n % 3, n % 5) for n in range(200)]
    hits = [Hit(h.ms, h.visitor + 1, "article", h.object_id) for h in hits]
    states, tally = {}, Tally()
    for one in hits:
        counting.count([one], states, tally)
    views = sum(day.views for day in tally.days.values())
    assert (views,) == counted(hits)[:1]
