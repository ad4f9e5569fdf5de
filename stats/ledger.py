"""What people add to the measured figures: opening balances and corrections.

The only way in. Rows are never changed or removed; an undo is an opposite row.
"""

import unicodedata
from datetime import date

from django.db import IntegrityError, transaction
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from . import totals
from .models import LedgerEntry


class LedgerError(Exception):
    """The sentence of the exception is for people."""


class OpeningBalanceExists(LedgerError):
    pass


class AlreadyUndone(LedgerError):
    pass


def add(entry: LedgerEntry) -> LedgerEntry:
    """Store an entry; the public total shows it after the transaction."""
    entry.reason = clean_text(entry.reason)
    entry.save()
    transaction.on_commit(totals.forget)
    return entry


def set_opening_balance(
    number: int, day: date, reason: str, metric: str = "visits", user=None
) -> LedgerEntry:
    """Carry over the total of the old counter; raises OpeningBalanceExists."""
    entry = LedgerEntry(
        source=LedgerEntry.Source.OPENING,
        metric=metric,
        delta=number,
        day=day,
        reason=clean_text(reason),
        user=user,
    )
    try:
        with transaction.atomic():
            return add(entry)
    except IntegrityError:
        first = LedgerEntry.objects.filter(source="opening", metric=metric).first()
        if first is None:
            raise
        raise OpeningBalanceExists(
            _(
                "There is an opening balance already: %(number)s as of %(day)s."
                " Nothing was changed. Add a correction to the ledger instead."
            )
            % {"number": grouped(first.delta), "day": f"{first.day:%d/%m/%Y}"}
        ) from None


def undo(entry: LedgerEntry, user=None) -> LedgerEntry:
    """Add the opposite of an entry; raises AlreadyUndone."""
    opposite = LedgerEntry(
        metric=entry.metric,
        delta=-entry.delta,
        day=entry.day,
        reason=_("Undoes: %(reason)s") % {"reason": entry.reason},
        user=user,
        undoes=entry,
    )
    opposite.reason = opposite.reason[:300]
    try:
        with transaction.atomic():
            return add(opposite)
    except IntegrityError:
        raise AlreadyUndone(
            _("“%(reason)s” was undone already.") % {"reason": entry.reason}
        ) from None


def grouped(number: int) -> str:
    """1.389.678, as people read it."""
    return number_format(number, force_grouping=True)


def clean_text(text: str) -> str:
    """NFC, without control characters, single blanks."""
    composed = unicodedata.normalize("NFC", text)
    plain = "".join(
        " " if c.isspace() or unicodedata.category(c)[0] == "C" else c for c in composed
    )
    return " ".join(plain.split())
