"""Which rows the demo wrote: the only memory that `--remove` trusts.

Each row is remembered in the transaction that wrote it, so an interrupted run
leaves nothing unknown and the next one goes on where it stopped.
"""

from collections.abc import Callable

from django.apps import apps
from django.db import models, transaction

from portal.models import DemoRecord

COMPLETE = "complete"


class Records:
    """The remembered rows by key, read once."""

    def __init__(self):
        self._by_key = {record.key: record for record in DemoRecord.objects.all()}
        self.written = 0

    def find(self, key: str) -> models.Model | None:
        """Return the row under `key`; None when unknown or deleted since."""
        record = self._by_key.get(key)
        if record is None or not record.model:
            return None
        model = apps.get_model(record.model)
        return model._default_manager.filter(pk=record.object_id).first()

    def ensure(
        self,
        key: str,
        create: Callable[[], models.Model],
        existing: Callable[[], models.Model | None] = lambda: None,
    ) -> models.Model:
        """Return the row under `key`, made now when it is not there.

        A row of somebody else that fills the same place (`existing`) is used as
        it is and not remembered, so that `--remove` leaves it alone.
        """
        found = self.find(key) or existing()
        if found is not None:
            return found
        with transaction.atomic():
            made = create()
            self.remember(key, made)
        self.written += 1
        return made

    def remember(self, key: str, made: models.Model | None = None, at: int = 0) -> None:
        """Note a row under `key`, or without a row only the number `at`."""
        label = made._meta.label_lower if made is not None else ""
        pk = made.pk if made is not None else at
        self._by_key[key], _ = DemoRecord.objects.update_or_create(
            key=key, defaults={"model": label, "object_id": pk}
        )

    def knows(self, key: str) -> bool:
        return key in self._by_key

    def number(self, key: str) -> int:
        return self._by_key[key].object_id
