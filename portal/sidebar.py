"""What stands around every public page: identity, menu, sidebar, footer.

Prepared once per edition of the content and kept in this process, first as
values, then as rendered strings: the same for every reader. A process that
cannot know the edition (no watcher) prepares them for every page.

A page is stored under the edition read before its rendering began, and only if that
was still the present one in the database when it ended: a change of another worker is
known here up to half a second later. So nothing that is kept shows two editions.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from django.conf import settings
from django.utils import timezone
from django.utils.safestring import SafeString

from news.cards import rows_by_id
from news.models import Article, Category, ListEntry
from news.tree import CategoryTree
from portal import generation
from portal.generation import Edition
from portal.models import LinkedSite, MenuItem, SiteSettings, WorkEvent
from stats import totals

LIST_MAX = 6  # entries of Tin Nóng and Tin tiêu điểm in the sidebar
READ_DAYS = 7  # recent reading: what was read most of all would never change
READ_MIN, READ_ASKED = 3, 20  # some of those read most may be public no longer
EVENTS_MAX = 4
EVENTS_AHEAD = timedelta(days=7)


@dataclass(frozen=True)
class MenuEntry:
    text: str
    url: str
    is_external: bool = False
    children: tuple["MenuEntry", ...] = ()


@dataclass(frozen=True)
class Frame:
    """Everything around a page; `strings` keeps what was rendered of it."""

    site: SiteSettings
    site_url: str
    today: date
    menu: tuple[MenuEntry, ...]
    hot: tuple[Article, ...]
    focus: tuple[Article, ...]
    most_read: tuple[Article, ...]
    events: tuple[WorkEvent, ...]
    linked_sites: tuple[LinkedSite, ...]
    tree: CategoryTree
    strings: dict[tuple, SafeString] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.site.name or "Cổng tin"

    @property
    def sections(self) -> list[Category]:
        """The visible categories at the top of the tree."""
        return self.tree.children(None)

    @cached_property
    def menu_urls(self) -> frozenset[str]:
        """Every address in the menu, the home page included."""
        entries = (e for top in self.menu for e in (top, *top.children))
        return frozenset({"/", *(entry.url for entry in entries)})

    def string(self, key: tuple, render: Callable[[], SafeString]) -> SafeString:
        """Return what `render` made for `key` the first time."""
        if key not in self.strings:
            self.strings[key] = render()
        return self.strings[key]


_cached: tuple[Edition, Frame] | None = None
_lock = threading.Lock()


def frame() -> Frame:
    """Return the frame of the present edition; raises DatabaseError.

    After a change one thread prepares it and the others wait for that one.
    """
    global _cached
    edition = generation.current()
    cached = _cached
    if cached is not None and cached[0] == edition:
        return cached[1]
    with _lock:
        edition, cached = generation.current(), _cached
        if cached is not None and cached[0] == edition:
            return cached[1]
        if cached is None or cached[0].generation != edition.generation:
            # A correction of the visits, made in any process, may be what moved it.
            totals.forget()
        prepared = prepare()
        _cached = (edition, prepared)
        return prepared


def forget() -> None:
    """Return to the state of a process that printed no page (used by tests)."""
    global _cached
    _cached = None


def prepare() -> Frame:
    now = timezone.now()
    today = timezone.localdate(now)
    tree = CategoryTree.load()
    hot, focus = lists(now)
    return Frame(
        site=SiteSettings.load(),
        site_url=settings.SITE_URL,
        today=today,
        menu=_menu(tree),
        hot=hot,
        focus=focus,
        most_read=most_read(now),
        events=tuple(
            WorkEvent.objects.between(today, today + EVENTS_AHEAD)[:EVENTS_MAX]
        ),
        linked_sites=tuple(
            LinkedSite.objects.filter(is_visible=True).select_related("logo")
        ),
        tree=tree,
    )


def lists(now) -> tuple[tuple[Article, ...], tuple[Article, ...]]:
    """Both hand-ordered lists, from two queries."""
    both: dict[str, list[int]] = {name: [] for name in ListEntry.List.values}
    for name, pk in ListEntry.objects.shown(now).values_list("list", "article_id"):
        both[name].append(pk)
    hot, focus = both["hot"][:LIST_MAX], both["focus"][:LIST_MAX]
    rows = rows_by_id({*hot, *focus})
    # A row deleted between the two queries is left out.
    return tuple(tuple(rows[pk] for pk in ids if pk in rows) for ids in (hot, focus))


def most_read(now) -> tuple[Article, ...]:
    """What readers opened most in the last days; nothing where they hardly read."""
    views = totals.most_read("article", READ_DAYS, READ_ASKED)
    if len(views) < READ_MIN:
        return ()
    found = Article.objects.published(now).filter(pk__in=views).for_listing()
    articles = {article.pk: article for article in found.order_by()}
    return tuple(articles[pk] for pk in views if pk in articles)[:LIST_MAX]


def _menu(tree: CategoryTree) -> tuple[MenuEntry, ...]:
    """The menu of the back office; without one, the categories themselves."""
    items = list(MenuItem.objects.select_related("category", "page"))
    if not items:
        return tuple(_category_entry(tree, top) for top in tree.children(None))
    below: dict[int | None, list[MenuItem]] = {}
    for item in items:
        if _is_shown(item):
            below.setdefault(item.parent_id, []).append(item)
    return tuple(
        _entry(item, tuple(_entry(child) for child in below.get(item.pk, [])))
        for item in below.get(None, [])
    )


def _is_shown(item: MenuItem) -> bool:
    if item.category_id:
        return item.category.is_visible
    return item.page.is_published if item.page_id else True


def _entry(item: MenuItem, children: tuple[MenuEntry, ...] = ()) -> MenuEntry:
    url = item.get_absolute_url()
    return MenuEntry(item.text, url, not url.startswith("/"), children)


def _category_entry(tree: CategoryTree, category: Category) -> MenuEntry:
    children = tuple(
        MenuEntry(child.name, child.get_absolute_url())
        for child in tree.children(category)
    )
    return MenuEntry(category.name, category.get_absolute_url(), children=children)
