"""What is sealed: rows, the links between them, and the files they name.

A source yields the contents of its things as they are stored now. What a column has by
default is left out, so a new column of a later version changes no seal.
"""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator
from functools import cache
from itertools import groupby

from django.apps import apps
from django.contrib.auth.models import Group
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.integrity import keys
from portal.integrity.models import Seal

# Counted or set by the program as it runs; readers see nothing of them.
_MOVING = {"version", "last_login", "idle_warned_at"}
_PART_BYTES = 1 << 20


class Source(ABC):
    """Things of one kind by the primary key of the row they belong to."""

    name: str
    model: type[models.Model]
    # What `update()` and `save(update_fields)` may call the columns it depends on.
    names: frozenset[str] = frozenset()

    @property
    def kind(self) -> str:
        """What people call one of its things."""
        return str(self.model._meta.verbose_name)

    def is_written(self, created: bool, update_fields: Collection | None) -> bool:
        """Say whether a save may have changed what is sealed."""
        return update_fields is None or not self.names.isdisjoint(update_fields)

    def key(self, pk) -> str:
        return f"{self.name}/{pk}"

    @abstractmethod
    def contents(self, pks: Collection | None = None) -> Iterator[tuple]:
        """Yield (primary key, what is stored), of `pks` or of all that are there."""

    def seal(self, pk, contents) -> Seal:
        key = self.key(pk)
        return Seal(row=key, digest=keys.digest(key, contents))

    def fits(self, key: str, digest: str, facts: str, contents) -> bool:
        """Say whether the seal of `key` is that of `contents`."""
        return keys.fits(digest, key, contents)

    def seals(self, pks: Collection | None = None) -> Iterator[Seal]:
        """Yield the seals, made anew, of those of `pks` that are there."""
        for pk, contents in self.contents(pks):
            yield self.seal(pk, contents)


class Rows(Source):
    """The columns that people fill, or those named, of every row of a model."""

    def __init__(self, model: type[models.Model], columns: Collection[str] = ()):
        self.model = model
        self.name = model._meta.label_lower
        self.fields = [model._meta.get_field(name) for name in columns] or [
            field for field in model._meta.concrete_fields if _is_sealed(field)
        ]
        self.names = frozenset(n for f in self.fields for n in (f.name, f.attname))

    def contents(self, pks=None):
        rows = self.model._base_manager.order_by()
        if pks is not None:
            rows = rows.filter(pk__in=pks)
        columns = [f.attname for f in self.fields]
        defaults = [f.get_default() if f.has_default() else None for f in self.fields]
        found = rows.values_list("pk", *columns).iterator(chunk_size=500)
        for pk, *values in found:
            filled = zip(columns, values, defaults, strict=True)
            yield (
                pk,
                {
                    column: value
                    for column, value, default in filled
                    if value not in (None, "") and value != default
                },
            )


def _is_sealed(field: models.Field) -> bool:
    if field.primary_key or field.name in _MOVING:
        return False
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        return False
    # Django empties these without a word when what they lead to is deleted.
    remote = field.remote_field
    return remote is None or remote.on_delete is not models.SET_NULL


class Rights(Rows):
    """Rows that let somebody in.

    Only adding one and a save that names a sealed column seal it: signing in saves the
    whole row of an app, and must not make one right that was put there by SQL. What is
    sealed lies beside the digest, since the columns of `shrinking` may hold less of it
    later without a seal: codes are used up, and accounts are deleted.
    """

    def __init__(self, model, columns, shrinking=frozenset(), kind=""):
        super().__init__(model, columns)
        self.shrinking = shrinking
        self._kind = kind

    @property
    def kind(self):
        return str(self._kind) or super().kind

    def is_written(self, created, update_fields):
        return created or (
            update_fields is not None and super().is_written(created, update_fields)
        )

    def seal(self, pk, contents):
        return _with_facts(super().seal(pk, contents), contents)

    def fits(self, key, digest, facts, contents):
        made = read_facts(key, digest, facts)
        if made is None:
            return False
        now = json.loads(keys.canonical(contents))
        return all(
            _is_part(now.get(name), made.get(name))
            if name in self.shrinking
            else now.get(name) == made.get(name)
            for name in made.keys() | now.keys()
        )


def _is_part(value, of) -> bool:
    if isinstance(value, list) and isinstance(of, list):
        return all(one in of for one in value)
    return value is None or value == of


class Links(Source):
    """The rows that a row is linked to by a many-to-many field, as sorted ids."""

    def __init__(self, field: models.ManyToManyField):
        self.model = field.model
        self.field = field
        self.through = field.remote_field.through
        self.name = f"{self.model._meta.label_lower}.{field.name}"
        self._owner = f"{field.m2m_field_name()}_id"
        self._target = f"{field.m2m_reverse_field_name()}_id"

    def contents(self, pks=None):
        rows = self.through._base_manager.order_by(self._owner, self._target)
        if pks is not None:
            rows = rows.filter(**{f"{self._owner}__in": pks})
        pairs = rows.values_list(self._owner, self._target).iterator(chunk_size=2000)
        for pk, found in groupby(pairs, key=lambda pair: pair[0]):
            yield pk, [target for _pk, target in found]

    def owners(self, target_pk) -> list:
        """Return the keys of the rows that are linked to one that is to go."""
        rows = self.through._base_manager.filter(**{self._target: target_pk})
        return list(rows.order_by().values_list(self._owner, flat=True))


class Files(Source):
    """The files that a column names. A name is never given to another file, so each
    is read once, when it is new.
    """

    def __init__(self, field: models.FileField):
        self.model = field.model
        self.field = field
        self.name = f"{self.model._meta.label_lower}.{field.name}"
        self.names = frozenset([field.name])

    def stored(self, pks=None) -> Iterator[tuple]:
        """Yield (primary key, stored name)."""
        rows = self.model._base_manager.order_by()
        if pks is not None:
            rows = rows.filter(pk__in=pks)
        return rows.values_list("pk", self.field.name).iterator(chunk_size=500)

    def facts_of(self, name: str) -> dict:
        """Return what is sealed of a file as it is now; no sum where there is none."""
        return {"name": name, "sha256": sha256_of(self.field.storage, name)}

    def contents(self, pks=None):
        for pk, name in self.stored(pks):
            yield pk, self.facts_of(name)

    def seals(self, pks=None):
        known = kept_facts(self, pks)
        for pk, name in self.stored(pks):
            if pk in known and known[pk]["name"] == name:
                continue
            yield self.seal(pk, self.facts_of(name))

    def seal(self, pk, contents) -> Seal:
        """The facts lie beside the digest: a file is not read again for them."""
        return _with_facts(super().seal(pk, contents), contents)


def _with_facts(seal: Seal, contents) -> Seal:
    seal.facts = keys.canonical(contents)
    return seal


def read_facts(key: str, digest: str, facts: str) -> dict | None:
    """Return what lies beside a digest, None when the digest is not of that."""
    try:
        found = json.loads(facts)
    except ValueError:
        return None
    is_right = isinstance(found, dict) and keys.fits(digest, key, found)
    return found if is_right else None


def kept_facts(source: Files, pks: Collection | None = None) -> dict:
    """Return {primary key: facts} of the files whose seal is right."""
    rows = Seal.objects.order_by()
    if pks is None:
        rows = rows.filter(row__startswith=f"{source.name}/")
    else:
        rows = rows.filter(row__in=[source.key(pk) for pk in pks])
    found = {}
    for seal in rows.iterator(chunk_size=2000):
        facts = read_facts(seal.row, seal.digest, seal.facts)
        if facts is not None:
            found[int(seal.row.rpartition("/")[2])] = facts
    return found


def sha256_of(storage, name: str) -> str:
    """Return the SHA-256 of a stored file in hex, "" where it cannot be read."""
    digest = hashlib.sha256()
    try:
        with storage.open(name) as file:
            while part := file.read(_PART_BYTES):
                digest.update(part)
    except (OSError, ValueError):
        return ""
    return digest.hexdigest()


@cache
def all_sources() -> tuple[Source, ...]:
    """Return everything that is sealed: what is public, accounts and groups, what
    people sign in with, leaders' links, the ledger of visits and abbreviations.
    """
    from portal.signals import public_models

    found: list[Source] = []
    for model in [*public_models(), apps.get_model("portal", "User"), Group]:
        found.append(Rows(model))
        found += [Links(field) for field in model._meta.many_to_many]
        found += [
            Files(field)
            for field in model._meta.concrete_fields
            if isinstance(field, models.FileField)
        ]
    ledger = apps.get_model("stats", "LedgerEntry")
    return (
        *found,
        *_rights(),
        # Whole: an entry without a day counts from when it was entered.
        Rows(ledger, _all_columns(ledger)),
        Rows(apps.get_model("search", "Abbreviation")),
    )


def _rights() -> list[Rights]:
    """Whose each is and what opens; not the counters and times of using it."""
    app = ["user", "key", "step", "t0", "digits", "tolerance", "confirmed"]
    link = ["article", "created_by", "created_at", "expires_at", "revoked_at", "answer"]
    model = apps.get_model
    return [
        Rights(model("otp_totp", "TOTPDevice"), app, kind=_("App with codes")),
        Rights(
            model("portal", "Passkey"),
            ["user", "credential_id", "public_key", "confirmed"],
        ),
        Rights(
            model("portal", "RecoveryCodes"), ["user", "salt", "digests"], {"digests"}
        ),
        # Without its maker a link is closed.
        Rights(model("news", "LeaderLink"), link, {"created_by_id"}),
    ]


def _all_columns(model: type[models.Model]) -> list[str]:
    return [f.name for f in model._meta.concrete_fields if not f.primary_key]
