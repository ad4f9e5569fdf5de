"""Accounts, identity, categories, pages, menu, linked sites and the calendar."""

from datetime import datetime, time, timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils import timezone

from news import html
from news.models import Category, Image, Unit
from portal.models import LinkedSite, MenuItem, Page, SiteSettings, WorkEvent

from .markup import to_html
from .reading import pages, table
from .record import Records


def write_accounts(records: Records) -> dict:
    """One account in each role; none can sign in unless DEMO_PASSWORD is set."""
    return {
        row["username"]: records.ensure(
            f"user:{row['username']}",
            lambda row=row: _account(row),
            lambda row=row: (
                get_user_model().objects.filter(username=row["username"]).first()
            ),
        )
        for row in table("site")["account"]
    }


def _account(row: dict):
    user = get_user_model()(
        username=row["username"],
        first_name=row["first_name"],
        last_name=row["last_name"],
        email=f"{row['username']}@anhai.example.vn",
        is_staff=True,
    )
    user.set_password(settings.DEMO_PASSWORD or None)  # None: unusable
    user.save()
    user.groups.add(Group.objects.get(name=row["group"]))
    return user


def write_units(records: Records) -> dict[str, Unit]:
    return {
        key: records.ensure(
            f"unit:{key}",
            lambda name=name, n=n: Unit.objects.create(name=name, position=n),
            lambda name=name: Unit.objects.filter(name=name).first(),
        )
        for n, (key, name) in enumerate(table("site")["units"].items(), start=1)
    }


def write_categories(records: Records) -> dict[str, Category]:
    found: dict[str, Category] = {}

    def write(row: dict, position: int, parent: Category | None):
        found[row["slug"]] = records.ensure(
            f"category:{row['slug']}",
            lambda: Category.objects.create(
                parent=parent,
                name=row["name"],
                slug=row["slug"],
                position=position,
                description=row["description"],
            ),
            lambda: Category.objects.filter(slug=row["slug"]).first(),
        )

    for n, row in enumerate(table("categories")["category"], start=1):
        write(row, n * 10, None)
        for m, child in enumerate(row.get("child", ()), start=1):
            write(child, m * 10, found[row["slug"]])
    return found


def write_settings(records: Records, images: dict[str, Image]) -> None:
    row = SiteSettings.load()
    if row.name and not records.knows("settings"):
        return  # somebody has named the site: nothing of theirs is overwritten
    records.ensure(
        "settings",
        lambda: _settings(images),
        lambda: SiteSettings.objects.filter(pk=1).exclude(name="").first(),
    )


def _settings(images: dict[str, Image]) -> SiteSettings:
    row = SiteSettings(**table("site")["settings"])
    row.emblem, row.banner = images["emblem"], images["banner"]
    row.save()
    return row


def write_pages(records: Records, now: datetime) -> dict[str, Page]:
    return {
        slug: records.ensure(
            f"page:{slug}",
            lambda slug=slug, title=title, text=text, n=n: _page(slug, title, text, n),
            lambda slug=slug: Page.objects.filter(slug=slug).first(),
        )
        for n, (slug, title, text) in enumerate(pages(now), start=1)
    }


def _page(slug: str, title: str, text: str, number: int) -> Page:
    body = html.clean(to_html(text))
    return Page.objects.create(
        slug=slug,
        title=title,
        body=body,
        body_text=html.plain_text(body),
        position=number * 10,
    )


def write_menu(records: Records, categories: dict, standing: dict) -> None:
    for n, row in enumerate(table("site")["menu"], start=1):
        item = _menu_item(records, f"menu:{n}", row, n, None, categories, standing)
        children = row.get("child", ())
        if row.get("children") == "categories":
            parent = categories[row["category"]]
            below = [s for s, c in categories.items() if c.parent_id == parent.pk]
            children = [{"category": slug} for slug in below]
        for m, child in enumerate(children, start=1):
            key = f"menu:{n}.{m}"
            _menu_item(records, key, child, m, item, categories, standing)


def _menu_item(records, key, row, number, parent, categories, standing) -> MenuItem:
    return records.ensure(
        key,
        lambda: MenuItem.objects.create(
            parent=parent,
            label=row.get("label", ""),
            category=categories.get(row.get("category")),
            page=standing.get(row.get("page")),
            link=row.get("link", ""),
            position=number * 10,
        ),
    )


def write_linked_sites(records: Records, images: dict[str, Image]) -> None:
    for n, row in enumerate(table("site")["linked_site"], start=1):
        records.ensure(
            f"linked_site:{row['url']}",
            lambda row=row, n=n: LinkedSite.objects.create(
                name=row["name"],
                url=row["url"],
                logo=images[f"logo-{row['logo']}"],
                opens_new_tab=row.get("opens_new_tab", False),
                position=n * 10,
            ),
        )


def write_calendar(records: Records, now: datetime) -> None:
    today = timezone.localtime(now).date()
    monday = today - timedelta(days=today.weekday())
    for n, row in enumerate(table("calendar")["event"], start=1):
        records.ensure(f"event:{n}", lambda row=row: _event(row, monday))


def _event(row: dict, monday) -> WorkEvent:
    start, _, end = row["time"].partition("-")
    return WorkEvent.objects.create(
        day=monday + timedelta(weeks=row["week"], days=row["day"] - 1),
        starts_at=time.fromisoformat(start) if start else None,
        ends_at=time.fromisoformat(end) if end else None,
        content=row["content"],
        leader=row["leader"],
        participants=row["participants"],
        place=row["place"],
        chairing_unit=row["unit"],
        note=row.get("note", ""),
        is_changed=row.get("changed", False),
        is_cancelled=row.get("cancelled", False),
    )
