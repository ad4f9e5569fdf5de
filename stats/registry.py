"""What `stats` asks about objects it knows only as (kind, id).

`portal` fills this in its `ready()`. A kind nobody registered is taken as public:
its token proves that the site itself printed the page.

Kinds: `article`, `category`, `page` (standing pages by their id; home, search and
the lists by the names below) and `download`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.db.models import QuerySet

# Pages without a row have negative ids, so that they never meet a standing page.
NAMED_PAGES = {
    "home": (-1, _("Home page")),
    "search": (-2, _("Search")),
    "hot": (-3, _("Hot news")),
    "focus": (-4, _("Focus news")),
    "calendar": (-5, _("Work calendar")),
    "sitemap": (-6, _("Site map")),
    "tag": (-7, _("Tags")),
    "statistics": (-8, _("Visit statistics")),
    "links": (-9, _("Linked sites")),
    "other": (-99, _("Other pages")),
}


@dataclass(frozen=True, slots=True)
class Facet:
    """A property by which what was read is grouped and chosen: its unit, its author."""

    name: str  # of the parameter and of two columns of the facts
    label: Any
    plural: Any
    choices: Callable[[], Iterable[tuple[str, str]]]  # (value, label)
    # Keeps the objects with one of the values; ValueError when there is no such value.
    narrow: "Callable[[QuerySet, str], QuerySet]"


@dataclass(frozen=True, slots=True)
class Kind:
    """Three questions about many ids at once, each answered with few queries.

    `facts` are all objects as a queryset of the columns `number` (their id), `label`
    and for each facet `<name>_key` and `<name>_label`, to be joined to the figures.
    """

    public: Callable[[Collection[int]], Collection[int]]
    titles: Callable[[Collection[int]], Mapping[int, str]]
    categories: Callable[[Collection[int]], Mapping[int, int]] | None = None
    facts: "Callable[[], QuerySet] | None" = None
    facets: tuple[Facet, ...] = ()


_kinds: dict[str, Kind] = {}
_public_metric: Callable[[], str] | None = None
# Told of each file that somebody takes away: (user, what it holds).
exported: Callable[[Any, str], object] = lambda user, note: None  # noqa: E731
# How a table becomes a file, by the name of the format: (name, header, rows) -> answer.
writers: dict[str, Callable] = {}
# Whom the reports are of.
site_name: Callable[[], str] = lambda: ""  # noqa: E731


def register(
    kind: str, *, public, titles, categories=None, facts=None, facets=()
) -> None:
    """Say how to ask about `kind`; a second call replaces the first."""
    _kinds[kind] = Kind(public, titles, categories, facts, tuple(facets))


def unregister(kind: str) -> None:
    _kinds.pop(kind, None)


def choose_public_metric(chooser: Callable[[], str]) -> None:
    """`chooser()` answers "visits" or "views": what both public numbers count."""
    global _public_metric
    _public_metric = chooser


def public_metric() -> str:
    chosen = _public_metric() if _public_metric else "visits"
    return chosen if chosen in {"visits", "views"} else "visits"


def page_id(object_id: int | str) -> int:
    """The number of a named page, or the id itself. An unknown name is "other"."""
    if isinstance(object_id, str):
        try:
            return int(object_id)
        except ValueError:
            return NAMED_PAGES.get(object_id, NAMED_PAGES["other"])[0]
    return int(object_id)


def public_ids(kind: str, ids: Collection[int]) -> set[int]:
    """Those of `ids` a reader may see now."""
    named = {number for number in ids if number < 0}
    asked = set(ids) - named
    known = _kinds.get(kind)
    if known is None or not asked:
        return asked | named
    return set(known.public(asked)) | named


def titles(kind: str, ids: Collection[int]) -> dict[int, str]:
    """Titles by id; an id without one (deleted) is absent."""
    found = {
        number: str(title) for number, title in NAMED_PAGES.values() if number in ids
    }
    known = _kinds.get(kind)
    asked = {number for number in ids if number >= 0}
    if known and asked:
        found.update(known.titles(asked))
    return found


def categories(kind: str, ids: Collection[int]) -> dict[int, int]:
    """Category id by object id, for kinds that have one."""
    known = _kinds.get(kind)
    if known is None or known.categories is None or not ids:
        return {}
    return dict(known.categories(ids))


def facets(kind: str) -> tuple[Facet, ...]:
    known = _kinds.get(kind)
    return known.facets if known else ()


def facts(kind: str, chosen: Mapping[str, str] | None = None) -> "QuerySet | None":
    """The facts of the objects with all `chosen` values; None of an unknown kind.

    Raises ValueError when there is no such value.
    """
    known = _kinds.get(kind)
    if known is None or known.facts is None:
        return None
    found = known.facts()
    for facet in known.facets:
        if value := (chosen or {}).get(facet.name):
            found = facet.narrow(found, value)
    return found
