"""The queryset of everything readers see: changes of many rows at once are told too.

Django sends no signal for `update` and `bulk_create` (`bulk_update` is made of the
first); without one, pages that show the rows would be kept as they were.
"""

from django.db import models, transaction

from news.signals import rows_added, rows_changed, rows_changing


class PublicQuerySet(models.QuerySet):
    """Tells the signals of news.signals, in the transaction of a change in bulk."""

    def update(self, **values):
        with transaction.atomic(using=self.db, savepoint=False):
            told = rows_changing.send(sender=self.model, queryset=self, values=values)
            count = super().update(**values)
            for _receiver, and_then in told:
                if and_then is not None:
                    and_then()
            rows_changed.send(sender=self.model)
        return count

    update.alters_data = True

    def bulk_create(self, *args, **options):
        with transaction.atomic(using=self.db, savepoint=False):
            made = super().bulk_create(*args, **options)
            rows_added.send(sender=self.model, rows=made)
            rows_changed.send(sender=self.model)
        return made
