"""Every change that the application makes is sealed in the transaction of the change.

Heard as the content generation and the audit log are: by the signals of rows, of their
links, and of querysets that change many rows at once. Inside an act (`together`) what
changed is gathered and sealed at its end: one SELECT for each kind of row, one INSERT.
What is sealed is read from the database, so it is what was stored and nothing else.
"""

import contextlib
from collections.abc import Iterable, Iterator
from contextvars import ContextVar

from django.db import connection, transaction
from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete

from news.signals import rows_added, rows_changing
from portal.integrity.models import Seal
from portal.integrity.sources import Files, Links, Source, all_sources

BATCH = 500  # rows sealed with one statement
_Changed = dict[Source, set]
_gathered: ContextVar[_Changed | None] = ContextVar("seals", default=None)


@contextlib.contextmanager
def together() -> Iterator[None]:
    """Seal what changes inside at the end, still in the transaction around it."""
    if _gathered.get() is not None:
        yield
        return
    gathered: _Changed = {}
    token = _gathered.set(gathered)
    try:
        yield
    finally:
        _gathered.reset(token)
    _seal(gathered)


def changed(things: _Changed) -> None:
    """Seal these anew: now, or at the end of the act that goes on."""
    gathered = _gathered.get()
    if gathered is None:
        _seal(things)
        return
    for source, pks in things.items():
        gathered.setdefault(source, set()).update(pks)


def seal_all() -> int:
    """Make all seals anew from what is stored; return how many there are.

    Files are read before anybody has to wait: that can take minutes.
    """
    read = {
        source: list(source.contents())
        for source in all_sources()
        if isinstance(source, Files)
    }
    with transaction.atomic():
        Seal.objects.all().delete()
        for source, contents in read.items():
            names = dict(source.stored())
            same = [
                (pk, facts) for pk, facts in contents if names.get(pk) == facts["name"]
            ]
            for start in range(0, len(same), BATCH):
                _write([source.seal(*one) for one in same[start : start + BATCH]])
        for source in all_sources():
            batch = []
            for seal in source.seals():
                batch.append(seal)
                if len(batch) >= BATCH:
                    _write(batch)
                    batch = []
            _write(batch)
        return Seal.objects.count()


def _seal(things: _Changed) -> None:
    seals: list[Seal] = []
    keys: set[str] = set()
    for source, pks in things.items():
        ordered = sorted(pks)
        if isinstance(source, Links):
            _wait_for_others(source, ordered)
        for start in range(0, len(ordered), BATCH):
            some = ordered[start : start + BATCH]
            seals += source.seals(some)
            if isinstance(source, Files):
                continue  # what is there keeps its seal; the row's end ends it
            keys.update(source.key(pk) for pk in some)
    gone = keys - {seal.row for seal in seals}
    # In one order, so that two transactions wait for each other and do not lock.
    seals.sort(key=lambda seal: seal.row)
    for start in range(0, len(seals), BATCH):
        _write(seals[start : start + BATCH])
    _drop(gone)


def _write(seals: list[Seal]) -> None:
    if seals:
        Seal.objects.bulk_create(
            seals,
            update_conflicts=True,
            unique_fields=["row"],
            update_fields=["digest", "facts"],
        )


def _drop(keys: Iterable[str]) -> None:
    keys = sorted(keys)
    for start in range(0, len(keys), BATCH):
        rows = Seal.objects.filter(row__in=keys[start : start + BATCH])
        rows._raw_delete(rows.db)


def _wait_for_others(source: Links, pks: list) -> None:
    """Two who add different tags must not each seal the set without the other's."""
    if connection.features.has_select_for_update:
        rows = source.model._base_manager.order_by("pk").filter(pk__in=pks)
        list(rows.select_for_update().values_list("pk", flat=True))


# Listening


def connect() -> None:
    """Listen to everything that is sealed; called once from PortalConfig.ready()."""
    of_models: dict[type[Model], list[Source]] = {}
    for source in all_sources():
        of_models.setdefault(source.model, []).append(source)
        if isinstance(source, Links):
            uid, target = f"seal:{source.name}", source.field.related_model
            _on(m2m_changed, source.through, uid, _linked(source))
            _on(pre_delete, target, uid, _target_goes(source))
            _on(post_delete, target, f"{uid}.target", _target_gone(source))
    for model, sources in of_models.items():
        uid = f"seal:{model._meta.label_lower}"
        filled = [source for source in sources if not isinstance(source, Links)]
        _on(post_save, model, uid, _saved(filled))
        _on(post_delete, model, uid, _deleted(sources))
        _on(rows_changing, model, uid, _changing(filled))
        _on(rows_added, model, uid, _added(filled))


def _on(signal, sender, uid: str, receiver) -> None:
    signal.connect(receiver, sender=sender, weak=False, dispatch_uid=uid)


def _saved(sources):
    def receive(instance, created=False, raw=False, update_fields=None, **kwargs):
        if raw:  # loaddata restores rows with their seals
            return
        written = [s for s in sources if s.is_written(created, update_fields)]
        changed({source: {instance.pk} for source in written})

    return receive


def _deleted(sources):
    def receive(instance, **kwargs):
        _drop(source.key(instance.pk) for source in sources)

    return receive


def _changing(sources):
    """The rows of an `update` are asked for before: it may change what finds them."""

    def receive(queryset, values, **kwargs):
        concerned = [source for source in sources if source.names & set(values)]
        if not concerned:
            return None
        pks = set(queryset.order_by().values_list("pk", flat=True))
        return lambda: changed(dict.fromkeys(concerned, pks))

    return receive


def _added(sources):
    def receive(rows, **kwargs):
        pks = {row.pk for row in rows if row.pk is not None}
        changed(dict.fromkeys(sources, pks))

    return receive


def _linked(source):
    def receive(instance, action, reverse, pk_set, **kwargs):
        if action in ("post_add", "post_remove"):
            if pk_set:
                changed({source: set(pk_set) if reverse else {instance.pk}})
        elif action == "pre_clear" and reverse:
            instance._seal_owners = source.owners(instance.pk)
        elif action == "post_clear":
            owners = instance.__dict__.pop("_seal_owners", ())
            changed({source: set(owners) if reverse else {instance.pk}})

    return receive


def _target_goes(source):
    """Django removes the links of a row that goes without a word."""

    def receive(instance, **kwargs):
        owners = instance.__dict__.setdefault("_seals_of_links", {})
        owners[source.name] = source.owners(instance.pk)

    return receive


def _target_gone(source):
    def receive(instance, **kwargs):
        owners = instance.__dict__.get("_seals_of_links", {})
        changed({source: set(owners.pop(source.name, ()))})

    return receive
