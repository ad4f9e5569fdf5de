"""Values as the log keeps them: on one line, short, and without secrets."""

import re
from datetime import date, datetime, time
from functools import cache

from django.contrib.auth.models import Permission
from django.db import models

# A longer text is noted by its length: the article's revision holds it.
LONGEST = 500
LONGEST_NAME = 200
MOST_NAMES = 200  # of a relation in one entry
HIDDEN = {"hidden": True}

# Never copied: of a password not even the hash; addresses of people stay for ever.
_SECRET = {"portal.user": {"password", "email"}}
# Whatever their length, they are kept elsewhere or are no line of text.
_LONG = {"body"}
# Changed by the program as it runs.
_DERIVED = {"last_login", "date_joined", "revised_at"}
# No form shows it, and it names the revision that holds the text.
_ALSO = {"news.article": {"version"}}

# Controls, direction marks, joiners, line and paragraph separators, halves of pairs.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\uffff\ud800-\udfff\U000e0000-\U000e01ef]"
)


def encoded(text: str) -> str:
    """Return `text` on one line; what cannot be seen becomes \\u and its number.

    A line end becomes ↵, so that no entry can begin a line of an export.
    """
    if not _UNSAFE.search(text):
        return text
    text = text.replace("\r\n", "\n").replace("\n", "↵")
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def name_of(row: models.Model) -> str:
    """What a row is called; an account by the name that signs in."""
    if isinstance(row, Permission):
        from portal.accounts import permission_label

        text = permission_label(row)
    elif row._meta.label_lower == "portal.user":
        text = " ".join(filter(None, [row.username, _in_brackets(row.get_full_name())]))
        return encoded(text)[:320]
    else:
        text = str(row)
    return encoded(text)[:LONGEST_NAME]


def _in_brackets(text: str) -> str:
    return f"({text})" if text else ""


def names(rows: models.QuerySet) -> list[str]:
    """The names of rows, sorted; a very long list ends with how many are left."""
    if rows.model is Permission:
        rows = rows.select_related("content_type")
    found = sorted(map(name_of, rows))
    if len(found) > MOST_NAMES:
        found[MOST_NAMES:] = [f"… +{len(found) - MOST_NAMES}"]
    return found


def stored(value):
    """Return `value` as JSON holds it."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, models.Model):
        return name_of(value)
    if isinstance(value, dict):
        return {encoded(str(key)): stored(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [stored(one) for one in value]
    text = str(value)
    return {"length": len(text)} if len(text) > LONGEST else encoded(text)


@cache
def fields_of(model: type[models.Model]) -> tuple[models.Field, ...]:
    """The columns that people change: no keys, no times of saving, nothing derived."""
    label = model._meta.label_lower
    return tuple(
        field
        for field in model._meta.concrete_fields
        if not field.primary_key
        and field.name not in _DERIVED
        and (field.editable or field.name in _ALSO.get(label, ()))
    )


def derived_of(model: type[models.Model]) -> list[str]:
    """The columns that a comparison need not read."""
    kept = {*fields_of(model), model._meta.pk}
    return [f.attname for f in model._meta.concrete_fields if f not in kept]


def of_field(row: models.Model, field: models.Field):
    """The value of one column as the log keeps it; a relation by its name."""
    if field.name in _SECRET.get(row._meta.label_lower, ()):
        return HIDDEN if field.value_from_object(row) else None
    if field.is_relation:
        related = getattr(row, field.name)
        return None if related is None else name_of(related)
    value = field.value_from_object(row)
    if field.name in _LONG:
        return {"length": len(value)} if value else None
    if isinstance(field, models.FileField):
        return encoded(str(value)) or None
    return stored(value)


def differences(before: models.Model, after: models.Model, fields) -> dict:
    """Return {field: [before, after]} of the columns whose values differ."""
    return {
        field.name: [of_field(before, field), of_field(after, field)]
        for field in fields
        if field.value_from_object(before) != field.value_from_object(after)
    }


def contents(row: models.Model, fields) -> dict:
    """Return {field: value} of the columns that say more than their default."""
    found = {}
    for field in fields:
        raw = field.value_from_object(row)
        if raw in (None, "") or (field.has_default() and raw == field.get_default()):
            continue
        found[field.name] = of_field(row, field)
    return found
