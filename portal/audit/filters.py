"""The filters of the log: kind of object and days; none of them reads the table."""

from datetime import date, datetime, time, timedelta

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# Days whose beginning and end are times in every time zone of the database.
_FIRST, _LAST = date(2000, 1, 1), date(2199, 12, 31)


class ObjectTypeFilter(admin.SimpleListFilter):
    title = gettext_lazy("kind of object")
    parameter_name = "object_type"

    def lookups(self, request, model_admin):
        from portal.audit.receivers import audited_models

        kinds = {
            model._meta.label_lower: capfirst(model._meta.verbose_name)
            for model in audited_models()
        }
        return sorted(kinds.items(), key=lambda kind: kind[1])

    def queryset(self, request, queryset):
        return queryset.filter(object_type=self.value()) if self.value() else queryset


class DaysFilter(admin.ListFilter):
    """Two local days, both included; either may be left out."""

    title = gettext_lazy("day")
    template = "admin/portal/auditentry/days.html"
    names = ("from_day", "to_day")

    def __init__(self, request, params, model, model_admin):
        super().__init__(request, params, model, model_admin)
        self.typed = {
            name: params.pop(name, [""])[-1].strip()[:20] for name in self.names
        }
        self.used_parameters = {n: text for n, text in self.typed.items() if text}
        self.wrong: list[str] = []
        self.days = {name: self._day(text) for name, text in self.typed.items()}

    def _day(self, text: str) -> date | None:
        if not text:
            return None
        try:
            day = forms.DateField().clean(text)
            if _FIRST <= day <= _LAST:
                return day
        except ValidationError:
            pass
        self.wrong.append(text)
        return None

    def has_output(self):
        return True

    def expected_parameters(self):
        return list(self.names)

    def choices(self, changelist):
        """One form: the two days, and the other parameters to be sent with them."""
        others = changelist.get_filters_params()
        hidden = [
            (name, value)
            for name, values in others.items()
            if name not in self.names
            for value in values
        ]
        if changelist.query:
            hidden.append(("q", changelist.query))
        yield {
            "hidden": hidden,
            "typed": self.typed,
            "wrong": [
                _("“%(text)s” is no date; an example: 31/05/2026.") % {"text": text}
                for text in self.wrong
            ],
            "clear": changelist.get_query_string(remove=self.names),
        }

    def queryset(self, request, queryset):
        first, last = (self.days[name] for name in self.names)
        if first:
            queryset = queryset.filter(created_at__gte=_midnight(first))
        if last:
            end = _midnight(last + timedelta(days=1))
            queryset = queryset.filter(created_at__lt=end)
        return queryset


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
