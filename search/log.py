"""What readers look for, counted by day and by nobody in particular.

Kept are words, a local day and two numbers: no address, browser, hour or visitor.
Words that look like a person's (an e-mail address, a telephone or identity number)
are not kept at all; see `kept_words`.

A request only counts in memory. A thread of each process writes once a minute and
when the process ends, so kill -9 loses a minute at most. It is a thread of its own
because a database that is busy may hold it for seconds.
"""

import logging
import re
import threading
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from multiprocessing.util import Finalize

from django.db import DatabaseError, connection, transaction
from django.db.models import Max, QuerySet, Sum
from django.utils import timezone

from news.text import clean_text
from search import text
from search.models import SoughtWords
from search.request import SearchRequest

logger = logging.getLogger(__name__)

# Robots, staff and what is fetched ahead are no readers; portal fills it in ready().
is_reader: Callable[[dict], bool] = lambda environ: True  # noqa: E731

FLUSH_SECONDS = 60
KEPT_DAYS = 365
MAX_LENGTH = 100  # characters of one entry
# Different words of one day that one process tells apart: somebody may make words up.
MAX_WORDS_A_DAY = 2_000
OTHERS = ""  # stands for the words beyond; no search has none

# A run of digits with anything but letters between them, and what such a run may be:
# years, months and days (2021-2025, 5/2021, 19/05/2021), a number of a year (123/2021).
_DIGITS = re.compile(r"\d(?:[\W_]*\d)*")
_MAX_DIGITS = 6  # of any other run; the shortest telephone number has seven
_YEAR = r"(?:19|20|21)\d\d"
_DATED = (
    rf"(?:\d{{1,2}}[ ./-]+){{0,2}}{_YEAR}|{_YEAR}-\d{{1,2}}-\d{{1,2}}|\d{{1,5}}/{_YEAR}"
)
_ONLY_DATES = re.compile(rf"(?:{_DATED})(?:[\W_]+(?:{_DATED}))*")

_lock = threading.Lock()
_counts: dict[tuple[date, str], list[int]] = {}  # [searches, without result]
_today: tuple[date, set[str]] = (date.min, set())  # the words told apart today
_flushing = threading.Lock()
_erased_on: date | None = None


def kept_words(typed: str) -> str:
    """Return the words as they are counted, or "" for what is not kept.

    Case, accents' encoding, blanks and punctuation make no difference. Not kept:
    what holds an "@", and seven or more digits in a row, whatever stands between
    them, unless they are days, years or the number of a document of a year.
    """
    narrow = unicodedata.normalize("NFKC", clean_text(typed))
    if "@" in narrow:
        return ""
    for run in _DIGITS.findall(narrow):
        digits = sum(c.isdigit() for c in run)
        if digits > _MAX_DIGITS and not _ONLY_DATES.fullmatch(run):
            return ""
    words = text.exact(typed)
    if len(words) <= MAX_LENGTH:
        return words
    return words[: MAX_LENGTH + 1].rpartition(" ")[0] or words[:MAX_LENGTH]


def note(environ: dict, request: SearchRequest, typed: str, total: int) -> None:
    """Count a search that was answered, in memory; its first page only.

    One that a category or days narrowed is no sign that the words are nowhere.
    """
    if request.page != 1 or not request.words or not is_reader(environ):
        return
    words = kept_words(typed)
    if not words:
        return
    is_narrowed = request.category_ids or request.first_day or request.last_day
    _add(timezone.localdate(), words, 1, int(total == 0 and not is_narrowed))


def _add(day: date, words: str, searches: int, without_result: int) -> None:
    global _today
    with _lock:
        if _today[0] != day:
            _today = (day, set())
        known = _today[1]
        if words not in known and len(known) >= MAX_WORDS_A_DAY:
            words = OTHERS
        known.add(words)
        count = _counts.setdefault((day, words), [0, 0])
        count[0] += searches
        count[1] += without_result


def flush() -> None:
    """Write what was counted since the last time, in one transaction.

    Raises DatabaseError when the database is away; nothing is lost by that.
    """
    with _flushing:
        with _lock:
            written = {key: tuple(count) for key, count in _counts.items()}
        if not written:
            return
        _write(sorted((*key, *count) for key, count in written.items()))
        with _lock:
            for key, (searches, without_result) in written.items():
                count = _counts[key]
                count[0] -= searches
                count[1] -= without_result
                if count == [0, 0]:
                    del _counts[key]


def _write(rows: list[tuple[date, str, int, int]]) -> None:
    """Add rows up; sorted, so that two processes never wait for each other."""
    table = SoughtWords._meta.db_table
    sql = (
        f"INSERT INTO {table} (day, words, searches, without_result)"  # noqa: S608 - ours
        " VALUES (%s, %s, %s, %s) ON CONFLICT (day, words) DO UPDATE"
        f" SET searches = {table}.searches + excluded.searches,"
        f" without_result = {table}.without_result + excluded.without_result"
    )
    as_date = connection.ops.adapt_datefield_value
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(sql, [(as_date(day), *rest) for day, *rest in rows])


def first_day(days: int) -> date:
    """Return the first of the last `days` local days, of which today is one."""
    return timezone.localdate() - timedelta(days=days - 1)


def by_words(rows: QuerySet) -> QuerySet:
    """Return a dict of each words with the sums `missing` and `total`, and `newest`.

    Filters of days and words, set before or after, narrow what is summed up.
    """
    return (
        rows.order_by()
        .values("words")
        .annotate(
            missing=Sum("without_result"), total=Sum("searches"), newest=Max("day")
        )
    )


def not_found(days: int, most: int) -> list[tuple[str, int]]:
    """Return what readers did not find in the last days, and how often; one query."""
    rows = SoughtWords.objects.filter(day__gte=first_day(days), without_result__gt=0)
    found = by_words(rows.exclude(words=OTHERS)).order_by("-missing", "words")
    return list(found.values_list("words", "missing")[:most])


def forget() -> None:
    """Drop what is not written yet (used by tests)."""
    global _today, _erased_on
    with _lock:
        _counts.clear()
        _today = (date.min, set())
    _erased_on = None


def erase_old() -> None:
    """Erase what is older than KEPT_DAYS; does nothing more than once a local day."""
    global _erased_on
    today = timezone.localdate()
    if _erased_on != today:
        oldest = today - timedelta(days=KEPT_DAYS)
        SoughtWords.objects.filter(day__lt=oldest).delete()
        _erased_on = today


def start() -> threading.Event:
    """Start the thread that writes; return the event that stops it."""
    stop = threading.Event()
    threading.Thread(target=_run, args=[stop], name="search log", daemon=True).start()
    # The server's workers are multiprocessing's, which pass atexit over.
    Finalize(None, _flush_quietly, exitpriority=0)
    return stop


def _run(stop: threading.Event) -> None:
    while not stop.wait(FLUSH_SECONDS):
        _flush_quietly()


def _flush_quietly() -> None:
    try:
        flush()
    except DatabaseError as error:
        logger.warning("Words searched for wait for the database: %s", error)
    finally:
        connection.close()
