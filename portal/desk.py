"""The back office's first page: what waits for this person, prepared as one value."""

from dataclasses import dataclass, field

from django.db import DatabaseError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from news import permissions
from news.models import Article, Category, ListEntry, State
from portal.models import MenuItem, SiteSettings, WorkEvent
from stats import totals

LENGTH = 6  # rows in each list of the desk


@dataclass(frozen=True)
class Shortcut:
    label: str
    hint: str
    url: str
    icon: str


@dataclass(frozen=True)
class Pile:
    """Some articles that wait, and how many there are in all."""

    title: str
    empty: str
    url: str
    articles: list[Article]
    count: int


@dataclass(frozen=True)
class Desk:
    shortcuts: list[Shortcut]
    piles: list[Pile]
    numbers: totals.Totals | None
    first_steps: list[Shortcut] = field(default_factory=list)


def prepare(user) -> Desk:
    """Return the desk of `user`; a fixed number of queries."""
    return Desk(_shortcuts(user), _piles(user), _numbers(user), _first_steps(user))


def _shortcuts(user) -> list[Shortcut]:
    wanted = [
        (
            "news.add_article",
            "admin:news_article_add",
            _("Write an article"),
            _("A draft; nobody sees it yet"),
            "pen",
        ),
        (
            "news.add_article",
            "admin:news_article_word",
            _("Import from Word"),
            _("Text and pictures of a .docx become a draft"),
            "word",
        ),
        (
            "news.view_image",
            "admin:news_image_changelist",
            _("Pictures"),
            _("Upload, describe, find again"),
            "picture",
        ),
        (
            "news.change_listentry",
            "admin:news_listentry_changelist",
            _("Hot news and focus"),
            _("What the home page shows first"),
            "star",
        ),
        (
            "news.view_article",
            "admin:news_article_plan",
            _("Editorial calendar"),
            _("What goes out and what ends, by day"),
            "plan",
        ),
        (
            "portal.add_workevent",
            "admin:portal_workevent_add",
            _("Work calendar"),
            _("Add an entry"),
            "calendar",
        ),
        (
            "stats.view_dashboard",
            "stats:dashboard",
            _("Visit statistics"),
            _("By day; the most read articles"),
            "chart",
        ),
    ]
    return [
        Shortcut(label, hint, reverse(name), icon)
        for permission, name, label, hint, icon in wanted
        if user.has_perm(permission)
    ]


def _piles(user) -> list[Pile]:
    seen = permissions.visible_articles(user, Article.objects.all())
    mine = seen.filter(created_by=user)
    now = timezone.now()
    wanted = []
    if user.has_perm("news.publish_article"):
        wanted.append(
            (
                _("Waiting for review"),
                _("Nothing waits."),
                seen.filter(state=State.IN_REVIEW).order_by("updated_at"),
                "state=in_review",
            )
        )
    if user.has_perm("news.add_article"):
        drafts = mine.filter(state__in=[State.DRAFT, State.RETURNED])
        wanted.append(
            (
                _("My drafts"),
                _("No draft. Begin with “Write an article”."),
                drafts.order_by("-updated_at"),
                "writer=me&state=draft",
            )
        )
    if user.has_perm("news.view_article"):
        wanted.append(
            (
                _("Scheduled"),
                _("Nothing is scheduled."),
                seen.scheduled(now).order_by("published_at"),
                "state=scheduled",
            )
        )
    changelist = reverse("admin:news_article_changelist")
    return [
        _pile(title, empty, rows, f"{changelist}?{query}")
        for title, empty, rows, query in wanted
    ]


def _pile(title, empty, rows, url) -> Pile:
    first = list(
        rows.select_related("created_by", "category").defer(
            "body", "body_html", "body_text"
        )[: LENGTH + 1]
    )
    count = len(first) if len(first) <= LENGTH else rows.count()
    return Pile(title, empty, url, first[:LENGTH], count)


def _numbers(user) -> totals.Totals | None:
    if not user.has_perm("stats.view_dashboard"):
        return None
    try:
        return totals.current()
    except DatabaseError:
        return None


def _first_steps(user) -> list[Shortcut]:
    """What an empty site needs, in order; done steps are left out."""
    wanted = [
        (
            "portal.change_sitesettings",
            SiteSettings.objects.exclude(name=""),
            _("Name the agency"),
            _("Name, emblem, address, who is responsible"),
            reverse("admin:portal_sitesettings_change", args=[1]),
        ),
        (
            "news.add_category",
            Category.objects,
            _("Add sections"),
            _("For example News, Announcements, Documents"),
            reverse("admin:news_category_add"),
        ),
        (
            "portal.add_menuitem",
            MenuItem.objects,
            _("Build the menu"),
            _("Sections and standing pages in the order of the header"),
            reverse("admin:portal_menuitem_add"),
        ),
        (
            "news.add_article",
            Article.objects,
            _("Publish the first article"),
            _("Title, lead, body, a picture, then “Publish”"),
            reverse("admin:news_article_add"),
        ),
        (
            "news.add_listentry",
            ListEntry.objects,
            _("Choose hot news"),
            _("What stands first on the home page"),
            reverse("admin:news_listentry_add"),
        ),
        (
            "portal.add_workevent",
            WorkEvent.objects,
            _("Enter the work calendar"),
            _("Or leave it: the page says that it is empty"),
            reverse("admin:portal_workevent_add"),
        ),
    ]
    return [
        Shortcut(label, hint, url, "step")
        for permission, rows, label, hint, url in wanted
        if user.has_perm(permission) and not rows.exists()
    ]
