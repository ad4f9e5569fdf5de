"""The abbreviations that editors keep, as the tokens of queries meet them.

What is written is search.models.Abbreviation; which articles an abbreviation then
finds is search.matching's.
"""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from search import text
from search.models import Abbreviation

Form = tuple[str, ...]  # folded tokens: KH&CN is ("kh", "cn")


def load() -> Mapping[Form, tuple[Form, ...]]:
    """Return what else each form may be written as: short to longs, long to shorts.

    Read at each search, one small query: an edit counts at once in all processes.
    Two long forms that share a short one do not lead to each other.
    """
    return _others(
        tuple(Abbreviation.objects.order_by("pk").values_list("short", "long"))
    )


@lru_cache(maxsize=1)  # the rows seldom change
def _others(rows: tuple[tuple[str, str], ...]) -> Mapping[Form, tuple[Form, ...]]:
    others: dict[Form, dict[Form, None]] = {}
    for row in rows:
        short, long = (form_of(written) for written in row)
        if short and long and short != long:
            others.setdefault(short, {})[long] = None
            others.setdefault(long, {})[short] = None
    return MappingProxyType({form: tuple(found) for form, found in others.items()})


def form_of(written: str) -> Form:
    return tuple(text.fold(written).split())
