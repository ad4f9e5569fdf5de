"""Changes of hot news and focus: order, new entries, ends. Each is one transaction.

Only entries of articles that the user may see are moved or removed; the others
keep their places among them.
"""

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from news import front_lists, hooks
from news.front_lists import Status, visible_entries
from news.models import Article, ListEntry
from news.signals import articles_changed


class Conflict(Exception):
    """Somebody else changed the list since its order was read."""


@transaction.atomic
def save_order(user, which: str, seen: Sequence[int], wanted: Sequence[int], at):
    """Put the entries `seen` into the order `wanted`, both lists of ids.

    `seen` is what the user's page showed of the list, in its order. Positions of
    the whole list become 1..n. Raises Conflict, and ValidationError where
    `wanted` does not hold the same entries.
    """
    if sorted(wanted) != sorted(seen) or len(set(seen)) != len(seen):
        raise ValidationError(_("The order arrived incomplete. Nothing was changed."))
    stored = list(_locked(which))
    visible = set(visible_entries(user).filter(list=which).values_list("pk", flat=True))
    _check_unchanged([entry for entry in stored if entry.pk in visible], seen, at)
    by_id = {entry.pk: entry for entry in stored}
    order = iter(wanted)
    moving = set(seen)
    ordered = [by_id[next(order)] if e.pk in moving else e for e in stored]
    _number(ordered)
    # No signal tells of single rows: the order is one change, by article numbers.
    before, after = (
        ", ".join(str(entry.article_id) for entry in entries)
        for entries in (stored, ordered)
    )
    hooks.record(
        "changed", user=user, object=ListEntry, changes={which: [before, after]}
    )


def _locked(which: str):
    rows = ListEntry.objects.select_for_update().filter(list=which)
    return rows.order_by("position", "-pk")


def _check_unchanged(stored: list[ListEntry], seen: Sequence[int], at) -> None:
    """Compare with what was seen; an entry that ended meanwhile is no change."""
    known = set(seen)
    if [entry.pk for entry in stored if entry.pk in known] != list(seen):
        raise Conflict
    lasting = [e for e in stored if e.ends_at is None or e.ends_at > at]
    if any(e.pk not in known for e in lasting[: front_lists.MAX_ROWS]):
        raise Conflict


def _number(entries: list[ListEntry]) -> None:
    moved = []
    for position, entry in enumerate(entries, 1):
        if entry.position != position:
            entry.position = position
            moved.append(entry)
    if moved:
        ListEntry.objects.bulk_update(moved, ["position"])
        _tell(moved)


def _tell(entries: list[ListEntry]) -> None:
    """Signals that single saves would have sent."""
    articles_changed.send(
        sender=ListEntry, article_ids=[entry.article_id for entry in entries]
    )


@transaction.atomic
def add(
    which: str,
    article: Article,
    at: datetime,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> ListEntry:
    """Put an article on top of a list; an entry that had ended begins anew.

    Raises ValidationError.
    """
    stored = list(_locked(which))
    entry = next((e for e in stored if e.article_id == article.pk), None)
    if entry is None:
        entry = ListEntry(list=which, article=article)
    elif entry.ends_at is None or entry.ends_at > at:
        raise ValidationError(_("The article is in this list already."))
    entry.starts_at, entry.ends_at, entry.position = starts_at, ends_at, 0
    if ends_at and ends_at <= at:
        raise ValidationError({"ends_at": _("The end must be in the future.")})
    entry.full_clean()
    try:
        with transaction.atomic():
            entry.save()
    except IntegrityError as error:  # a colleague added it in the same instant
        raise ValidationError(_("The article is in this list already.")) from error
    _number([entry, *(e for e in stored if e.pk != entry.pk)])
    return entry


def end_now(entry: ListEntry, at: datetime) -> None:
    """Let a running entry end; raises ValidationError for any other."""
    has_begun = entry.starts_at is None or entry.starts_at < at
    if not has_begun or front_lists.status(entry, at) == Status.ENDED:
        raise ValidationError(_("This entry is not running, so it cannot be ended."))
    entry.ends_at = at
    entry.save(update_fields=["ends_at"])


@transaction.atomic
def remove_ended(user, which: str, at: datetime) -> int:
    """Remove the entries of a list whose time is over; return how many."""
    ended = list(visible_entries(user).filter(list=which).ended(at))
    ListEntry.objects.filter(pk__in=[entry.pk for entry in ended]).delete()
    return len(ended)
