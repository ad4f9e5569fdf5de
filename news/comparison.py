"""Two versions of an article side by side, in the words of the newsroom.

news.diff finds what differs; here numbers get their names, long equal stretches
are folded, and a form is read as the content it would store.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import CharField, Model, TextField
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from news import diff
from news.diff import Change, Segment
from news.models import Article, Tag

MAX_ROWS = 300  # blocks shown of one text; more is read by nobody
_AROUND = 1  # equal blocks shown before and after a change
_LONG_WORDS = 240  # characters of an equal stretch inside a block
_END_WORDS = 80


@dataclass(frozen=True)
class Row:
    """One block as shown: its kind of news.diff, or "gap" with a sentence."""

    kind: str
    segments: tuple[Segment, ...] = ()
    gap: str = ""


@dataclass(frozen=True)
class Text:
    label: str
    rows: list[Row]


@dataclass(frozen=True)
class Value:
    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Words:
    """What the two sides are called: in the key, and before each piece for the ear."""

    old_key: str
    new_key: str
    old_mark: str
    new_mark: str


@dataclass(frozen=True)
class Shown:
    texts: list[Text]
    values: list[Value]
    words: Words

    def __bool__(self):
        return bool(self.texts or self.values)


def stored_and_typed() -> Words:
    """What is stored beside what somebody typed."""
    return Words(
        _("struck out: only in the stored version"),
        _("underlined: only in yours"),
        _("[only stored:"),
        _("[only yours:"),
    )


def show(old: Mapping, new: Mapping, words: Words | None = None) -> Shown:
    """Compare two contents (`saving.content_of`, `typed_content`) for people."""
    found = _compare(old, new)
    return Shown(
        [Text(label(text.name), folded(text.changes)) for text in found.texts],
        [
            Value(label(value.name), str(value.old), str(value.new))
            for value in found.values
        ],
        words or stored_and_typed(),
    )


def changed_names(old: Mapping, new: Mapping) -> list[str]:
    """Return which fields differ: the texts first, then in the order of `new`."""
    return _compare(old, new).names()


def _compare(old: Mapping, new: Mapping) -> diff.Comparison:
    """Names are looked up only of what differs."""
    same = {name for name in new if name != "placements" and old.get(name) == new[name]}
    # The words of pictures stand in "placements" and differ by themselves.
    same.discard("body")

    def rest(content: Mapping) -> dict:
        return _named({k: v for k, v in content.items() if k not in same})

    return diff.compare(rest(old), rest(new))


def label(name: str) -> str:
    if name == "attachments":
        return capfirst(_("attachments"))
    return capfirst(str(Article._meta.get_field(name).verbose_name))


def typed_content(form) -> dict:
    """What a bound article form holds, in the form of `saving.content_of`.

    What is not valid stands there as typed; new tags by their names.
    """
    form.is_valid()
    content = {}
    for name in form.fields:
        if name != "read_version":
            value = form.cleaned_data.get(name, form[name].value())
            content[name] = _as_stored(name, value)
    return content


def folded(changes: Iterable[Change]) -> list[Row]:
    """Return what is shown of a text: its changes and a little around them."""
    changes = list(changes)
    near = set()
    for index, change in enumerate(changes):
        if change.kind != diff.SAME:
            near.update(range(index - _AROUND, index + _AROUND + 1))
    rows: list[Row] = []
    hidden = 0
    for index, change in enumerate(changes):
        if len(rows) >= MAX_ROWS:
            left = sum(change.kind != diff.SAME for change in changes[index:])
            rows.append(Row("gap", gap=_more_changes(left)))
            return rows
        if index not in near:
            hidden += 1
            continue
        if hidden:
            rows.append(Row("gap", gap=_same_blocks(hidden)))
            hidden = 0
        rows.append(Row(change.kind, tuple(_short(change.segments))))
    if hidden:
        rows.append(Row("gap", gap=_same_blocks(hidden)))
    return rows


def _same_blocks(count: int) -> str:
    return ngettext(
        "%(count)s block is the same", "%(count)s blocks are the same", count
    ) % {"count": count}


def _more_changes(count: int) -> str:
    return ngettext(
        "%(count)s further change is not shown",
        "%(count)s further changes are not shown",
        count,
    ) % {"count": count}


def _short(segments: Iterable[Segment]) -> Iterable[Segment]:
    for segment in segments:
        if segment.kind == diff.SAME and len(segment.text) > _LONG_WORDS:
            text = segment.text
            head, tail = text[:_END_WORDS], text[-_END_WORDS:]
            head, tail = head.rpartition(" ")[0] or head, tail.partition(" ")[2] or tail
            segment = Segment(diff.SAME, f"{head} […] {tail}")
        yield segment


# Values


def _as_stored(name: str, value):
    if name == "tags":
        return value if isinstance(value, list) else [str(value or "")]
    if isinstance(value, Model):
        return value.pk
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "values_list"):
        return sorted(value.values_list("pk", flat=True))
    if isinstance(value, list):  # as typed: a day and a time, or numbers
        return " ".join(str(part) for part in value if part)
    column = Article._meta.get_field(name)
    if isinstance(value, str) and isinstance(column, CharField | TextField):
        return column.to_python(value)  # the column cleans what is typed
    return value


def _named(content: Mapping) -> dict:
    """The same content with names for numbers; texts and placements as they are."""
    named = {}
    for name, value in content.items():
        if name in diff.TEXTS or name == "placements":
            named[name] = value
        elif name == "attachments":
            named[name] = ", ".join(f"{a['title']} ({a['file_name']})" for a in value)
        elif name == "tags":
            named[name] = _names(Tag, value)
        else:
            named[name] = _name(Article._meta.get_field(name), value)
    return named


def _name(field, value) -> str:
    if value in (None, "", []):
        return ""
    if field.is_relation:
        return _names(
            field.related_model, value if isinstance(value, list) else [value]
        )
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if field.get_internal_type() == "DateTimeField":
        return _local(value)
    if field.get_internal_type() == "DateField":
        return _day(value)
    return str(value)


def _names(model, values: list) -> str:
    """Names of numbers; what is no number is a name already, as typed."""
    numbers = [value for value in values if type(value) is int]
    known = model.objects.in_bulk(numbers) if numbers else {}
    names = [
        str(known.get(value, f"#{value}")) if type(value) is int else value
        for value in values
    ]
    return ", ".join(sorted(filter(None, names), key=str.casefold))


def _local(value: str) -> str:
    try:
        moment = parse_datetime(value)
    except ValueError:
        moment = None
    if moment is None or timezone.is_naive(moment):
        return value
    return f"{timezone.localtime(moment):%d/%m/%Y %H:%M}"


def _day(value: str) -> str:
    try:
        day = parse_date(value)
    except ValueError:
        day = None
    return f"{day:%d/%m/%Y}" if day else value
