"""Writing entries: at once, or gathered until one act is done.

Entries are inserted and never updated, so an act is told as one entry by waiting
with it until the act's end, inside its transaction.
"""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

from django.db import models, transaction

from news.workflow import Act
from portal.audit import context, values
from portal.audit.models import ACTIONS, Action, AuditEntry

# What the receivers say of a row; any other action is an act and comes first.
_GENERIC = {Action.ADDED, Action.CHANGED}
# A second act of the same object, and what ends it, are entries of their own.
_NEVER_JOINED = {Action.DELETED, Action.EXPORTED}


class _Pending:
    """An entry that waits, known to the transaction: a rollback forgets it there."""

    def __init__(self, entry: AuditEntry):
        self.entry = entry

    def __call__(self):
        """Nothing is left to do after the commit."""


_gathered: ContextVar[list[_Pending] | None] = ContextVar("audit", default=None)


def record(
    action: str,
    *,
    user=None,
    object: models.Model | type[models.Model] | None = None,
    changes: dict | None = None,
    note: str = "",
    request=None,
    user_name: str | None = None,
    told_by: models.Model | None = None,
) -> None:
    """Write that `user` did `action` to `object`, in the present transaction.

    `user`, address and page are those of the present request when not given.
    `object` may be a model, for what concerns many rows. `changes` is
    {field: [before, after]} of plain values or rows. What is `told_by` an act on
    another row is left out when that act is told. Raises ValueError for an action
    outside `ACTIONS`.
    """
    if action not in ACTIONS:
        raise ValueError(f"{action!r} is no action of the audit log.")
    origin = context.origin(request)
    user = origin.user if user is None else user
    user = user if user is not None and user.is_authenticated else None
    if user_name is None:
        user_name = values.name_of(user) if user else ""
    entry = AuditEntry(
        action=str(action),
        user=user,
        user_name=user_name,
        source=origin.source,
        path=origin.path,
        request_id=origin.request_id,
        changes=values.stored(changes or {}),
        note=values.encoded(str(note))[:500],
    )
    if object is not None:
        entry.object_type = object._meta.label_lower
        if isinstance(object, models.Model):
            entry.object_id = str(object.pk)[:40]
            entry.object_text = values.name_of(object)[:200]
    if told_by is not None:
        entry.told_by = told_by._meta.label_lower, str(told_by.pk)
    add(entry)


def add(entry: AuditEntry) -> None:
    """Store an entry, or keep it for the end of the act that goes on."""
    gathered = _gathered.get()
    if gathered is None:
        entry.save(force_insert=True)
        return
    pending = _Pending(entry)
    transaction.on_commit(pending)
    gathered.append(pending)


def is_new(row: models.Model) -> bool:
    """Say whether the act that goes on has added this row itself."""
    key = (row._meta.label_lower, str(row.pk))
    return any(
        pending.entry.action == Action.ADDED and _key(pending.entry) == key
        for pending in _gathered.get() or ()
    )


@contextlib.contextmanager
def together() -> Iterator[None]:
    """Make one act of what is done inside: one entry for each object, one INSERT.

    Runs in a transaction; an exception leaves no entry. Inside another act it is
    a part of that one.
    """
    if _gathered.get() is not None:
        yield
        return
    with transaction.atomic(savepoint=False):
        gathered: list[_Pending] = []
        token = _gathered.set(gathered)
        try:
            yield
        finally:
            _gathered.reset(token)
        _write(gathered)


def _write(gathered: list[_Pending]) -> None:
    # What an inner rollback undid is no longer in the list of the connection.
    known = {id(func) for _sids, func, *_ in transaction.get_connection().run_on_commit}
    entries = joined([one.entry for one in gathered if id(one) in known])
    for entry in entries:
        entry.prepare()
    if entries:
        AuditEntry.objects.bulk_create(entries)


def joined(entries: list[AuditEntry]) -> list[AuditEntry]:
    """Join what was said of the same object, in the order in which it was said.

    Changes go to the act they belong to, whichever was told first; a row that was
    added and then acted upon stays two entries.
    """
    kept: list[AuditEntry] = []
    latest: dict[tuple[str, str], AuditEntry] = {}
    for entry in entries:
        known = latest.get(_key(entry)) if entry.object_id else None
        if known is None or not _belong_together(known, entry):
            kept.append(entry)
            latest[_key(entry)] = entry
        else:
            _join(known, entry)
    acts = {_key(entry) for entry in kept if entry.action in Act.values}
    return [
        entry
        for entry in kept
        if (entry.changes or entry.action != Action.CHANGED)
        and getattr(entry, "told_by", None) not in acts
    ]


def _key(entry: AuditEntry) -> tuple[str, str]:
    return entry.object_type, entry.object_id


def _belong_together(known: AuditEntry, entry: AuditEntry) -> bool:
    if {known.action, entry.action} & _NEVER_JOINED:
        return False
    if entry.action == Action.CHANGED:
        return True
    return known.action == Action.CHANGED and entry.action not in _GENERIC


def _join(known: AuditEntry, entry: AuditEntry) -> None:
    if known.action == Action.CHANGED:
        known.action = entry.action
        known.user, known.user_name = entry.user, entry.user_name
    known.object_text, known.note = entry.object_text, entry.note or known.note
    for field, (before, after) in entry.changes.items():
        first = known.changes.get(field, [before, None])[0]
        if isinstance(after, list) and field in known.changes:
            before, after = [
                [*old, *new]
                for old, new in zip(known.changes[field], (before, after), strict=True)
            ]
            first = before
        known.changes[field] = [first, after]
        if first == after and not isinstance(after, dict | list):
            del known.changes[field]
