"""The counting rules, pure: hits in, increments out. Nothing here does input or output.

* View: the same visitor on the same page again within 30 s is the same view, and
  each repeat prolongs it (sliding).
* Visit: views of one visitor with gaps of at most 30 min. Days are local, and a
  visitor has another hash tomorrow, so a visit ends at midnight and a finished day
  never changes.
* Visitor: a hash with at least one view in a local day.
* Hits are applied in receive order. A hit older than what was already applied for
  its visitor belongs to the present visit when it lies within 30 min of it on
  either side, otherwise it begins a visit; it is never a second view within 30 s
  of one that is remembered (`RECENT_MS`).
* Downloads are counted by file, with the 30 s rule; they are no views and begin no
  visit.
* A visitor has at most 300 views and 60 visits a day. At one address, whatever agents
  it claims, at most `visits_per_source` visits begin within half an hour, with five
  views for each of them. What is more is suspect.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import date

from . import clock
from .lines import NO_JAVASCRIPT, PRIVACY_SIGNAL, Hit

SAME_VIEW_MS = 30_000
SAME_VISIT_MS = 30 * 60_000
RECENT_MS = 120_000  # how long a visitor's pages are remembered for the 30 s rule
MAX_VIEWS_A_DAY = 300  # of one visitor; more is a script or a forger
MAX_VISITS_A_DAY = 60
SOURCE_MS = 30 * 60_000
VIEWS_A_VISIT = 5  # of one address, on average over a window of SOURCE_MS

DOWNLOAD = "download"
BOT_REASONS = frozenset({"bot", "webdriver"})
SUSPECT_REASONS = frozenset({"rate"})

VisitorKey = tuple[date, int]


@dataclass(slots=True)
class View:
    """A view that may still be prolonged: first and last report of it."""

    page: str
    first_ms: int
    last_ms: int


@dataclass(slots=True)
class VisitorState:
    """What must be remembered of one visitor in one local day."""

    visit_ms: int  # first and last report of the present visit
    last_ms: int
    views: int = 0  # views and downloads, held against MAX_VIEWS_A_DAY
    visits: int = 0
    recent: list[View] = field(default_factory=list)


@dataclass(slots=True)
class Source:
    """What came from one address since `begun_ms`, at most SOURCE_MS long.

    Kept in the memory of the drainer alone: on disk it would tell which visitors
    have one address.
    """

    begun_ms: int
    views: int = 0
    visits: int = 0


@dataclass(slots=True)
class DayCounts:
    views: int = 0
    visits: int = 0
    visitors: int = 0
    bot_views: int = 0
    suspect_views: int = 0
    nojs_views: int = 0
    private_views: int = 0


def _pair() -> list[int]:
    return [0, 0]


@dataclass(slots=True)
class Tally:
    """Increments of one batch; the lists are [views, visits]."""

    days: dict[date, DayCounts] = field(default_factory=lambda: defaultdict(DayCounts))
    hours: dict[tuple, list[int]] = field(default_factory=lambda: defaultdict(_pair))
    pages: dict[tuple, list[int]] = field(default_factory=lambda: defaultdict(_pair))
    hosts: dict[tuple, list[int]] = field(default_factory=lambda: defaultdict(_pair))
    dropped: dict[tuple, int] = field(default_factory=lambda: defaultdict(int))
    sources: dict[int, Source] = field(default_factory=dict)  # as they are after it


@dataclass(frozen=True, slots=True)
class Limits:
    """What is known of the sources before a batch, and what one of them may do."""

    sources: Mapping[int, Source] = field(default_factory=dict)
    visits_per_source: int = 0  # within SOURCE_MS; 0: no limit


NO_LIMITS = Limits()


def count(
    hits: Iterable[Hit],
    states: MutableMapping[VisitorKey, VisitorState],
    tally: Tally,
    limits: Limits = NO_LIMITS,
) -> None:
    """Apply hits, in the order given, to `states` and `tally` (both are changed)."""
    for hit in hits:
        _count_one(hit, states, tally, limits)


def _count_one(hit: Hit, states, tally: Tally, limits: Limits) -> None:
    day, hour = clock.local_hour(hit.ms)
    counts = tally.days[day]
    if hit.reason:
        tally.dropped[day, hit.reason] += 1
        if hit.reason in BOT_REASONS:
            counts.bot_views += 1
        elif hit.reason in SUSPECT_REASONS:
            counts.suspect_views += 1
        return
    if PRIVACY_SIGNAL in hit.flags and not hit.visitor:
        # The operator chose to tell such readers apart from nobody: no hash, so no
        # 30 s rule and no limit either, and therefore no part of the public figures.
        counts.private_views += 1
        tally.dropped[day, "privacy"] += 1
        return

    state = states.get((day, hit.visitor)) or VisitorState(hit.ms, hit.ms)
    is_page = hit.kind != DOWNLOAD
    begins = is_page and not _in_visit(state, hit.ms)
    page = f"{hit.kind}.{hit.object_id}"
    repeated = _same_view(state.recent, page, hit.ms)
    if repeated is not None:
        repeated.first_ms = min(repeated.first_ms, hit.ms)
        repeated.last_ms = max(repeated.last_ms, hit.ms)
        if is_page and not begins:
            _prolong(state, hit.ms)
        return
    source = _source(hit, tally, limits)
    if (
        state.views >= MAX_VIEWS_A_DAY
        or (begins and state.visits >= MAX_VISITS_A_DAY)
        or (source and _is_beyond(source, begins, limits.visits_per_source))
    ):
        counts.suspect_views += 1
        tally.dropped[day, "rate"] += 1
        return

    states[day, hit.visitor] = state  # only now: a flood of agents leaves no rows
    if source:
        source.views += 1
        source.visits += begins
    _remember(state, page, hit.ms)
    state.views += 1
    if is_page:
        if begins:
            counts.visitors += state.visits == 0
            state.visits += 1
            state.visit_ms = state.last_ms = hit.ms
        else:
            _prolong(state, hit.ms)
        counts.views += 1
        counts.visits += begins
        counts.nojs_views += NO_JAVASCRIPT in hit.flags
        counts.private_views += PRIVACY_SIGNAL in hit.flags
        _add(tally.hours[day, hour], begins)
        if hit.host:
            _add(tally.hosts[day, hit.host], begins)
    _add(tally.pages[day, hit.kind, hit.object_id], begins)


def _source(hit: Hit, tally: Tally, limits: Limits) -> Source | None:
    """The window of the hit's address; None where there is no limit."""
    if not (hit.source and limits.visits_per_source):
        return None
    source = tally.sources.get(hit.source)
    if source is None:
        known = limits.sources.get(hit.source)
        if known is None:
            source = Source(hit.ms)
        else:  # a copy: the batch may be rolled back
            source = Source(known.begun_ms, known.views, known.visits)
    if abs(hit.ms - source.begun_ms) > SOURCE_MS:
        source = Source(hit.ms)
    tally.sources[hit.source] = source
    return source


def _is_beyond(source: Source, begins: bool, visits: int) -> bool:
    return source.views >= visits * VIEWS_A_VISIT or (
        begins and source.visits >= visits
    )


def _in_visit(state: VisitorState, ms: int) -> bool:
    earliest, latest = state.visit_ms - SAME_VISIT_MS, state.last_ms + SAME_VISIT_MS
    return state.visits > 0 and earliest <= ms <= latest


def _prolong(state: VisitorState, ms: int) -> None:
    state.visit_ms = min(state.visit_ms, ms)
    state.last_ms = max(state.last_ms, ms)


def _same_view(recent: list[View], page: str, ms: int) -> View | None:
    for view in recent:
        near = view.first_ms - SAME_VIEW_MS <= ms <= view.last_ms + SAME_VIEW_MS
        if near and view.page == page:
            return view
    return None


def _remember(state: VisitorState, page: str, ms: int) -> None:
    """Add a view and forget those far from both the newest one and this one."""
    newest = max((view.last_ms for view in state.recent), default=ms)
    state.recent = [
        view
        for view in state.recent
        if view.last_ms >= newest - RECENT_MS
        or view.first_ms - RECENT_MS <= ms <= view.last_ms + RECENT_MS
    ]
    state.recent.append(View(page, ms, ms))


def _add(pair: list[int], begins: bool) -> None:
    pair[0] += 1
    pair[1] += begins
