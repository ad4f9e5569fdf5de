"""What the home page shows, prepared as one value with four queries at most."""

from dataclasses import dataclass

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from news.cards import rows_by_id
from news.compiled import CompiledSelect
from news.models import Article, Category
from portal import sidebar
from portal.sidebar import Frame

NEWEST = 6
PER_SECTION = 4
FOCUS = 4
# Enough of the newest articles to fill most sections without asking again.
POOL = 200


@dataclass(frozen=True)
class Section:
    category: Category
    children: tuple[Category, ...]
    articles: tuple[Article, ...]  # at least one

    @property
    def first(self) -> Article:
        return self.articles[0]

    @property
    def others(self) -> tuple[Article, ...]:
        return self.articles[1:]


@dataclass(frozen=True)
class Home:
    lead: Article | None
    hot: tuple[Article, ...]  # without the lead
    focus: tuple[Article, ...]
    newest: tuple[Article, ...]
    sections: tuple[Section, ...]

    @property
    def columns(self) -> int:
        """4 or 3 on a wide screen: whichever leaves the last row fuller."""
        return max((4, 3), key=lambda n: ((len(self.sections) - 1) % n + 1) / n)

    @property
    def is_empty(self) -> bool:
        return self.lead is None


_pool = CompiledSelect(
    lambda now: (
        Article.objects.published(now)
        .newest_first()
        .values_list("pk", "category_id")[:POOL]
    ),
    times=("now",),
)


def prepare(frame: Frame) -> Home:
    """Choose the stories: an article stands once above the sections.

    The lead is the first hot story, else the first in focus, else the newest.
    """
    pool = _pool(now=timezone.now())
    roots = {pk: top.pk for top in frame.sections for pk in frame.tree.subtree_ids(top)}
    by_root = _group(pool, roots)
    by_root.update(_missing(frame, by_root, len(pool) < POOL))

    hot = list(frame.hot)
    focus = _beside(hot, frame.focus)
    placed = [article.pk for article in hot + focus]
    newest_ids = [pk for pk, _ in pool if pk not in placed][: NEWEST + 1]
    section_ids = [pk for ids in by_root.values() for pk in ids]
    rows = rows_by_id({*newest_ids, *section_ids})
    newest = [rows[pk] for pk in newest_ids if pk in rows]

    lead = next((group.pop(0) for group in (hot, focus, newest) if group), None)
    return Home(
        lead,
        tuple(hot),
        tuple(focus),
        tuple(newest[:NEWEST]),
        tuple(
            Section(
                top,
                tuple(frame.tree.children(top)),
                tuple(rows[pk] for pk in by_root[top.pk] if pk in rows),
            )
            for top in frame.sections
            if by_root.get(top.pk)
        ),
    )


def lists(at) -> dict[str, list[int]]:
    """The ids of the articles of hot news and focus that stand on the page at `at`."""
    hot, focus = sidebar.lists(at)
    shown = {"hot": hot, "focus": _beside(hot, focus)}
    return {name: [article.pk for article in shown[name]] for name in shown}


def _beside(hot, focus) -> list[Article]:
    """What stands in focus: an article of the hot news is not shown twice."""
    return [article for article in focus if article not in hot][:FOCUS]


def _group(pairs, roots) -> dict[int, list[int]]:
    """The first articles of each section, from (article, category) pairs."""
    by_root: dict[int, list[int]] = {}
    for pk, category_id in pairs:
        ids = by_root.setdefault(roots.get(category_id, 0), [])
        if len(ids) < PER_SECTION:
            ids.append(pk)
    by_root.pop(0, None)
    return by_root


def _missing(frame: Frame, by_root, pool_is_everything: bool) -> dict[int, list[int]]:
    """The same for sections that have too few articles among the newest.

    One query over the quiet sections only, and none where the pool held all.
    """
    quiet = {
        pk: top.pk
        for top in frame.sections
        if len(by_root.get(top.pk, ())) < PER_SECTION
        for pk in frame.tree.subtree_ids(top)
    }
    if pool_is_everything or not quiet:
        return {}
    newest = [F("published_at").desc(), F("pk").desc()]
    ranked = (
        Article.objects.published()
        .filter(category_id__in=quiet)
        .annotate(rank=Window(RowNumber(), partition_by="category_id", order_by=newest))
        .filter(rank__lte=PER_SECTION)
        .order_by("-published_at", "-pk")
        .values_list("pk", "category_id")
    )
    return _group(ranked, quiet)
