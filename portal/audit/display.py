"""An entry in words: which field was what before, and what it is now."""

from dataclasses import dataclass
from datetime import date, datetime, time

from django.apps import apps
from django.db import models
from django.urls import NoReverseMatch, reverse
from django.utils import formats, timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.audit.models import Action, AuditEntry

_SHOWN = 5  # fields named in a row of the list
# What is no column of a model of ours.
_NAMES = {
    "placements": gettext_lazy("pictures in the body"),
    "user_set": gettext_lazy("people of the group"),
    "version": gettext_lazy("version"),
}


@dataclass(frozen=True)
class Row:
    label: str
    before: str
    after: str


def model_of(label: str) -> type[models.Model] | None:
    """The model of "news.article"; None when it is not there any more."""
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None


def type_name(label: str) -> str:
    """What objects of a kind are called."""
    model = model_of(label)
    return capfirst(model._meta.verbose_name) if model else label


def rows(entry: AuditEntry) -> list[Row]:
    """The changes of an entry, in the order of the model's columns."""
    model = model_of(entry.object_type)
    order = [f.name for f in model._meta.get_fields()] if model else []
    places = {name: place for place, name in enumerate(order)}
    names = sorted(entry.changes, key=lambda name: (places.get(name, 999), name))
    return [_row(_field(model, name), name, entry.changes[name]) for name in names]


def labels(entry: AuditEntry) -> str:
    """The names of the first changed fields, for the list."""
    model, names = model_of(entry.object_type), list(entry.changes)
    first = ", ".join(_label(_field(model, name), name) for name in names[:_SHOWN])
    return first if len(names) <= _SHOWN else f"{first}, … +{len(names) - _SHOWN}"


def one_line(entry: AuditEntry) -> str:
    """All changes as one line of a table: field: before → after."""
    return "; ".join(f"{r.label}: {r.before} → {r.after}" for r in rows(entry))


def address(entry: AuditEntry) -> str:
    """Where the object can be looked at now; "" when there is no such page."""
    if not entry.object_id or entry.action == Action.DELETED:
        return ""
    name = entry.object_type.replace(".", "_")
    try:
        return reverse(f"admin:{name}_change", args=[entry.object_id])
    except NoReverseMatch:
        return ""


def _field(model, name: str) -> models.Field | None:
    fields = model._meta.get_fields() if model else ()
    return next((f for f in fields if f.name == name), None)


def _label(field, name: str) -> str:
    if name in _NAMES:
        return str(_NAMES[name])
    return str(getattr(field, "verbose_name", name))


def _row(field, name: str, change) -> Row:
    before, after = change
    label = capfirst(_label(field, name))
    if before == after and isinstance(after, dict):  # the same length, or hidden
        return Row(label, _text(field, before), _("changed"))
    return Row(label, _text(field, before), _text(field, after))


def _text(field, value) -> str:
    """A stored value as people read it; a dash for nothing."""
    if value in (None, "", []):
        return "—"
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return ", ".join(_text(None, one) for one in value)
    if isinstance(value, dict):
        if "length" in value:
            count = formats.number_format(value["length"])
            return _("text of %(count)s characters") % {"count": count}
        return _("not shown")
    choices = dict(getattr(field, "flatchoices", None) or ())
    if value in choices:
        return str(choices[value])
    return _time(field, value) if isinstance(field, _TIMES) else str(value)


_TIMES = (models.DateField, models.TimeField)  # a DateTimeField is a DateField


def _time(field, value: str) -> str:
    try:
        if isinstance(field, models.DateTimeField):
            moment = datetime.fromisoformat(value)
            return f"{timezone.localtime(moment):%d/%m/%Y %H:%M}"
        if isinstance(field, models.DateField):
            return f"{date.fromisoformat(value):%d/%m/%Y}"
        return f"{time.fromisoformat(value):%H:%M}"
    except (TypeError, ValueError):
        return str(value)
