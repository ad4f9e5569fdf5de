"""Form fields that read what people type: words, local days."""

import re
import unicodedata
from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from news.text import clean_line
from search.request import MAX_QUERY_LENGTH

# Days outside are typing errors, and far enough from what datetime can hold.
FIRST_YEAR, LAST_YEAR = 1900, 2199

_DAY_FIRST = re.compile(r"(\d{1,2})\s*[/.\-\s]\s*(\d{1,2})\s*[/.\-\s]\s*(\d{4})")
_DIGITS = re.compile(r"(\d{2})(\d{2})(\d{4})")  # as typed on a phone
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")


class WordsField(forms.CharField):
    """One line of NFC text; longer input is cut where the search cuts it anyway."""

    def to_python(self, value):
        return clean_line(str(value or ""))[: MAX_QUERY_LENGTH + 1]


class DayField(forms.Field):
    """A day as dd/mm/yyyy, dd-mm-yyyy, dd.mm.yyyy, ddmmyyyy or yyyy-mm-dd."""

    default_error_messages = {
        "shape": _("“%(value)s” is not a date; type it like 19/05/2021."),
        "impossible": _("There is no such day: %(value)s."),
        "year": _("The year must be between %(first)d and %(last)d."),
    }

    def to_python(self, value) -> date | None:
        typed = clean_line(unicodedata.normalize("NFKC", str(value or "")))[:40]
        if not typed:
            return None
        if match := _DAY_FIRST.fullmatch(typed) or _DIGITS.fullmatch(typed):
            day, month, year = map(int, match.groups())
        elif match := _YEAR_FIRST.fullmatch(typed):
            year, month, day = map(int, match.groups())
        else:
            self._refuse("shape", value=typed)
        try:
            found = date(year, month, day)
        except ValueError:
            self._refuse("impossible", value=typed)
        if not FIRST_YEAR <= year <= LAST_YEAR:
            self._refuse("year", first=FIRST_YEAR, last=LAST_YEAR)
        return found

    def _refuse(self, code: str, **params):
        raise forms.ValidationError(self.error_messages[code], code=code, params=params)
