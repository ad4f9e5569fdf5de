"""The back office's first page: what waits for this person, prepared as one value."""

from dataclasses import dataclass

from django.db import DatabaseError
from django.urls import reverse
from django.utils.translation import gettext as _

from news import front_lists
from news.models import Article, Category, ListEntry
from portal import desk_health, desk_piles
from portal.desk_piles import Pile
from portal.models import MenuItem, Notice, SiteSettings, User, WorkEvent
from stats import totals

NOTICES = 5  # unread ones shown


@dataclass(frozen=True)
class Shortcut:
    label: str
    hint: str
    url: str
    icon: str


@dataclass(frozen=True)
class Numbers:
    """Visits (or views, as the site counts) of two local days and in all."""

    today: int
    yesterday: int
    total: int


@dataclass(frozen=True)
class Desk:
    shortcuts: list[Shortcut]
    notices: list[Notice]  # unread ones, the newest first
    has_more_notices: bool
    piles: list[Pile]
    # Sentences for who looks after hot news and focus.
    list_warnings: list[str]
    numbers: Numbers | None
    # Sentences for who looks after the site, none when all is well; else None.
    health: list[str] | None
    first_steps: list[Shortcut]


def prepare(user) -> Desk:
    """Return the desk of `user`; a fixed number of queries."""
    told = _told(user)
    return Desk(
        shortcuts=_shortcuts(user),
        notices=told[:NOTICES],
        has_more_notices=len(told) > NOTICES,
        piles=desk_piles.prepare(user),
        list_warnings=_list_warnings(user),
        numbers=_numbers(user),
        health=_health(user),
        first_steps=_first_steps(user),
    )


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


def _told(user) -> list[Notice]:
    """The newest unread notices, one more than are shown."""
    return list(Notice.objects.unread(user)[: NOTICES + 1])


def _numbers(user) -> Numbers | None:
    if not user.has_perm("stats.view_dashboard"):
        return None
    try:
        now = totals.current()
        yesterday = totals.last_days(2)[0]
    except DatabaseError:
        return None
    return Numbers(now.today, getattr(yesterday, now.metric), now.total)


def _list_warnings(user) -> list[str]:
    if not user.has_perm("news.change_listentry"):
        return []
    return [warning.sentence for warning in front_lists.warnings()]


def _health(user) -> list[str] | None:
    """What is wrong, for those who look after the site; None for others."""
    if not user.has_perm("portal.change_sitesettings"):
        return None
    return desk_health.problems()


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
            "portal.add_user",
            User.objects.exclude(pk=user.pk),
            _("Add accounts for your colleagues"),
            _("One for each writer and editor, with a role"),
            reverse("admin:portal_user_add"),
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
