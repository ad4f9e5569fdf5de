"""Puts the demo in, step by step; each step can be interrupted and repeated."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from news import library as pictures
from news.models import Article, Category, Image
from portal.models import (
    ContentState,
    DemoRecord,
    MenuItem,
    Notice,
    Page,
    SiteSettings,
    User,
)
from stats import demo as visits

from . import furniture, library, writing
from .reading import articles
from .record import COMPLETE, Records

SEED = 2026  # of the visits; pictures have their names as seeds
VISIT_DAYS = 365
OPENING_BALANCE = 1_187_462  # what the invented old counter showed


def is_empty() -> bool:
    """True when no user and no category ever existed."""
    state = ContentState.objects.filter(pk=1).first()
    return not (
        (state and state.ever_used)
        or get_user_model().objects.exists()
        or Category.objects.exists()
    )


def is_unfinished() -> bool:
    """True when a run was interrupted: something is written, not everything."""
    records = DemoRecord.objects
    return records.exists() and not records.filter(key=COMPLETE).exists()


def write(say: Callable[[str], None], now: datetime | None = None) -> int:
    """Write what is missing of the demo; return how many things were written."""
    records = Records()
    now = _beginning(records, now or timezone.now())
    say(_("Accounts, categories and units ..."))
    accounts = furniture.write_accounts(records)
    categories = furniture.write_categories(records)
    units = furniture.write_units(records)
    say(_("Pictures ..."))
    images = library.write(records, say)
    say(_("Identity, pages, menu, linked sites and work calendar ..."))
    furniture.write_settings(records, images)
    pages = furniture.write_pages(records, now)
    furniture.write_menu(records, categories, pages)
    furniture.write_linked_sites(records, images)
    furniture.write_calendar(records, now)
    say(_("Articles ..."))
    material = writing.Material(
        categories, units, images, accounts["phongvien"], accounts["bientap"]
    )
    written = _write_articles(records, material, now, say)
    say(_("A year of visits ..."))
    _write_visits(records, written, categories, now, say)
    if not records.knows(COMPLETE):
        records.remember(COMPLETE)
    return records.written


def _beginning(records: Records, now: datetime) -> datetime:
    """The moment of the first run: a run that goes on counts from it too."""
    key = "begun"
    if not records.knows(key):
        records.remember(key, at=int(now.timestamp()))
    return datetime.fromtimestamp(records.number(key), tz=now.tzinfo)


def _write_articles(records, material, now, say) -> list[Article]:
    texts = articles(now)
    written = []
    for number, one in enumerate(texts, start=1):
        written.append(writing.write(records, one, material, now))
        if number % 16 == 0 or number == len(texts):
            done = {"done": number, "total": len(texts)}
            say(_("  articles: %(done)d of %(total)d") % done)
    return written


def _write_visits(records, written, categories, now, say) -> None:
    """A year of days and what the old counter showed; once, never repaired."""
    if records.knows("visits"):
        return
    newest_first = reversed([a for a in written if a.is_published(now)])
    pages = [("home", 0), *(("article", a.pk) for a in newest_first)]
    pages += [("category", category.pk) for category in categories.values()]
    try:
        with transaction.atomic():
            visits.write_demo_days(SEED, VISIT_DAYS, pages)
            visits.write_opening_balance(
                OPENING_BALANCE,
                timezone.localtime(now).date() - timedelta(days=VISIT_DAYS),
                "Số liệu trình diễn: chuyển từ bộ đếm của cổng cũ",
            )
            records.remember("visits")
            records.written += 1
    except ValueError:
        say(_("  this site has visits of its own; none were added"))


def remove(say: Callable[[str], None]) -> list[str]:
    """Take out every row that is remembered; return what had to stay, as sentences.

    What somebody changed in the back office and what his own rows use stays.
    """
    say(_("Visits and opening balance ..."))
    with transaction.atomic():
        visits.remove()
        DemoRecord.objects.filter(key="visits").delete()
    kept = []
    say(_("Articles, pictures, pages and accounts ..."))
    # The later ones point to the earlier ones.
    for record in DemoRecord.objects.exclude(model="").order_by("-pk"):
        try:
            with transaction.atomic():
                _remove_row(record)
                record.delete()
        except ProtectedError:
            kept.append(
                _("kept, because it is used or was changed: %(key)s")
                % {"key": record.key}
            )
    if not kept:
        DemoRecord.objects.all().delete()
    return kept


def _remove_row(record: DemoRecord) -> None:
    row = apps.get_model(record.model)._default_manager.filter(pk=record.object_id)
    if (found := row.first()) is None:
        return
    if _is_theirs(found):
        raise ProtectedError("changed or used by somebody", {found})
    if isinstance(found, Article):  # a notice would outlive it with its title
        Notice.objects.filter(article=found).delete()
    found.delete()


def _is_theirs(row) -> bool:
    """Say whether a demo row has become somebody's own.

    Menu items of theirs would go with the page or item they hang on, and a
    picture in a standing page is known by its number only.
    """
    changed = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(row),
        object_id=str(row.pk),
        action_flag=CHANGE,
    )
    if isinstance(row, SiteSettings | Page | Category | User) and changed.exists():
        return True
    if isinstance(row, Image):
        return any(ask(row) for ask in pictures.other_uses)
    field = {Category: "category", Page: "page", MenuItem: "parent"}.get(type(row))
    # Ours went before, the later ones first: what still points here is theirs.
    return field is not None and MenuItem.objects.filter(**{field: row}).exists()
