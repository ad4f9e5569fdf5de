"""Days, months and years typed among the words: to be offered, never applied.

Pure functions. A number of a document (15/2020/NĐ-CP, nghị định 05/2021) is no date.
"""

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from search import text
from search.fields import FIRST_YEAR, LAST_YEAR
from search.request import QUOTES, parse_words

# The fullest form stands first, so that "31/02/2021" is not read as "02/2021". What
# belongs to a longer number stands right before or after.
_DATE = re.compile(
    r"""(?<![\w/.-]) (?:(?:vào|trong)\s+)? (?:
        (?:ng[aà]y\s+)? (?P<d1>[0-9]{1,2}) (?P<sign>[/.-])
            (?P<m1>[0-9]{1,2}) (?P=sign) (?P<y1>[0-9]{4})
        | (?:(?:ng[aà]y\s+)? (?P<d2>[0-9]{1,2})\s+)? th[aá]ng\s+ (?P<m2>[0-9]{1,2})
            (?:\s*[/-]\s*|,?\s+(?:n[aă]m\s+)?) (?P<y2>[0-9]{4})
        | (?P<m3>[0-9]{1,2}) / (?P<y3>[0-9]{4})
        # Only with its accent: "viet nam 2021" names no year.
        | năm\s+ (?P<y4>[0-9]{4})
    ) (?![\w/-]|\.\w)""",
    re.IGNORECASE | re.VERBOSE,
)
_FROM = re.compile(r"(?<!\w)(?:từ|tu)\s*$", re.IGNORECASE)
_UNTIL = re.compile(r"\s*(?:-|–|(?:cho\s+)?(?:đến|den|tới|toi))\s*", re.IGNORECASE)
# After these, folded, 05/2021 is the number of a document or a part of a year.
_NUMBERED = tuple(
    f" {kind}"
    for kind in (
        *("so", "luat", "quy", "ky", "dot", "lan", "khoa", "nghi dinh", "thong tu"),
        *("quyet dinh", "nghi quyet", "chi thi", "cong van", "ke hoach", "thong bao"),
        *("huong dan", "bao cao", "to trinh", "phap lenh", "van ban", "cong dien"),
    )
)


@dataclass(frozen=True)
class DayWords:
    """Local days, both included, and the words that are left."""

    first: date
    last: date
    words: str


def find_days(typed: str) -> DayWords | None:
    """Return the one date, or the one range of two, that `typed` names.

    None for an impossible day, for several dates, and inside quotation marks: what
    is quoted is looked for as it stands.
    """
    typed = unicodedata.normalize("NFKC", typed)
    dates = [match for match in _DATE.finditer(typed) if _is_meant(typed, match)]
    spans = [_span(match) for match in dates]
    if None in spans or not 1 <= len(dates) <= 2:
        return None
    before, after = typed[: dates[0].start()], typed[dates[-1].end() :]
    first, last = spans[0][0], spans[-1][1]
    if len(dates) == 2:
        between = typed[dates[0].end() : dates[1].start()]
        if not _UNTIL.fullmatch(between) or spans[0][1] >= spans[1][0]:
            return None
        before = _FROM.sub("", before)
    words = " ".join(f"{before} {after}".split())
    return DayWords(first, last, words if parse_words(words) else "")


def _is_meant(typed: str, match: re.Match) -> bool:
    before, after = typed[: match.start()], typed[match.end() :]
    if len(QUOTES.findall(before)) % 2 and QUOTES.search(after):
        return False
    return match["m3"] is None or not f" {text.fold(before)}".endswith(_NUMBERED)


def _span(match: re.Match) -> tuple[date, date] | None:
    """Return the first and last day that a match names; None when there is none."""
    found = match.groupdict()
    day = found["d1"] or found["d2"]
    month = found["m1"] or found["m2"] or found["m3"]
    year = int(found["y1"] or found["y2"] or found["y3"] or found["y4"])
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        if day:
            one = date(year, int(month), int(day))
            return one, one
        first = date(year, int(month or 1), 1)
    except ValueError:
        return None
    last_month = int(month or 12)
    return first, date(year, last_month, monthrange(year, last_month)[1])
