from datetime import date

from django import forms
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from stats import clock, ledger

MIN_REASON = 5


class Command(BaseCommand):
    @property
    def help(self):
        return _("Carry the total of the old counter over into the ledger, once.")

    def add_arguments(self, parser):
        parser.add_argument("number", help=_("what the old counter showed"))
        parser.add_argument("--date", required=True, help=_("day of it, dd/mm/yyyy"))
        parser.add_argument("--reason", required=True, help=_("source of the number"))
        parser.add_argument("--metric", choices=["visits", "views"], default="visits")

    def handle(self, number: str, date: str, reason, metric, **options):
        day, number = _day(date), _number(number)
        if number < 1:
            raise CommandError(_("The number must be greater than zero."))
        if len(ledger.clean_text(reason)) < MIN_REASON:
            raise CommandError(_("Give a reason that says where the number is from."))
        try:
            entry = ledger.set_opening_balance(number, day, reason, metric)
        except ledger.OpeningBalanceExists as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            _("Opening balance: %(number)s (%(metric)s) as of %(day)s.")
            % {
                "number": ledger.grouped(number),
                "metric": entry.get_metric_display(),
                "day": f"{day:%d/%m/%Y}",
            }
        )


def _number(text: str) -> int:
    """Read 1389678, 1.389.678 or 1,389,678."""
    digits = text.replace(".", "").replace(",", "").strip()
    if not (digits.isascii() and digits.isdigit()):
        raise CommandError(
            _("“%(text)s” is no number; an example: 1.389.678.") % {"text": text}
        )
    return int(digits)


def _day(text: str) -> date:
    """Read a date as every form of the portal does: 31/05/2026, 2026-05-31."""
    try:
        day = forms.DateField().clean(text)
    except forms.ValidationError:
        raise CommandError(
            _("“%(text)s” is no date; an example: 31/05/2026.") % {"text": text}
        ) from None
    if day > clock.today():
        raise CommandError(_("The day of the opening balance lies ahead."))
    return day
