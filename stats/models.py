"""The tables of the visit figures. Counters are only ever added to.

Nothing here refers to another app's rows: objects are (kind, object_id). Days are
local days of the site. The counting tables are written by `drainer` with additive
upserts; only the ledger is written by people, and only by adding rows.
"""

from django.conf import settings
from django.core.validators import MinLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Day(models.Model):
    """One row a local day, kept for ever; a finished day does not change."""

    day = models.DateField(_("day"), primary_key=True)
    views = models.BigIntegerField(_("views"), default=0)
    visits = models.BigIntegerField(_("visits"), default=0)
    visitors = models.BigIntegerField(_("visitors"), default=0)
    bot_views = models.BigIntegerField(_("views by robots"), default=0)
    suspect_views = models.BigIntegerField(_("suspect views"), default=0)
    nojs_views = models.BigIntegerField(_("views without JavaScript"), default=0)
    private_views = models.BigIntegerField(_("views with privacy signal"), default=0)
    # Written by the demonstration, which can take out exactly these days again.
    is_demo = models.BooleanField(default=False)

    class Meta:
        db_table = "stats_day"
        verbose_name = _("day of visits")
        verbose_name_plural = _("days of visits")
        ordering = ["day"]
        default_permissions = ()
        permissions = [
            ("view_dashboard", _("Can see the visit statistics")),
            ("export", _("Can export the visit statistics")),
        ]

    def __str__(self):
        return self.day.isoformat()


class Hour(models.Model):
    """Views and visits by local hour of the day; kept 400 days."""

    pk = models.CompositePrimaryKey("day", "hour")
    day = models.DateField()
    hour = models.SmallIntegerField()
    views = models.BigIntegerField(default=0)
    visits = models.BigIntegerField(default=0)

    class Meta:
        db_table = "stats_hour"
        default_permissions = ()

    def __str__(self):
        return f"{self.day} {self.hour:02}:00"


class PageDay(models.Model):
    """Views of one object on one day; `visits` are the visits that began there."""

    pk = models.CompositePrimaryKey("day", "kind", "object_id")
    day = models.DateField()
    kind = models.CharField(max_length=12)
    object_id = models.BigIntegerField()
    views = models.BigIntegerField(default=0)
    visits = models.BigIntegerField(default=0)

    class Meta:
        db_table = "stats_page_day"
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["kind", "object_id", "day"], name="stats_page_day_object"
            )
        ]

    def __str__(self):
        return f"{self.day} {self.kind} {self.object_id}"


class PageTotal(models.Model):
    """All views of one object: the sum of its PageDay rows."""

    pk = models.CompositePrimaryKey("kind", "object_id")
    kind = models.CharField(max_length=12)
    object_id = models.BigIntegerField()
    views = models.BigIntegerField(default=0)
    last_day = models.DateField()

    class Meta:
        db_table = "stats_page_total"
        default_permissions = ()
        indexes = [models.Index(fields=["kind", "-views"], name="stats_page_total_top")]

    def __str__(self):
        return f"{self.kind} {self.object_id}"


class PageRecent(models.Model):
    """Views of one object in the last finished days: derived of PageDay by `recent`."""

    PERIODS = (7, 30, 90, 365)  # days; a column each

    pk = models.CompositePrimaryKey("kind", "object_id")
    kind = models.CharField(max_length=12)
    object_id = models.BigIntegerField()
    until = models.DateField()  # the last of the days; the same in all rows
    views_7 = models.BigIntegerField(default=0)
    views_30 = models.BigIntegerField(default=0)
    views_90 = models.BigIntegerField(default=0)
    views_365 = models.BigIntegerField(default=0)

    class Meta:
        db_table = "stats_page_recent"
        default_permissions = ()

    def __str__(self):
        return f"{self.until} {self.kind} {self.object_id}"


class GroupRecent(models.Model):
    """The same of all articles of one category, author or unit: derived with it."""

    pk = models.CompositePrimaryKey("facet", "key")
    facet = models.CharField(max_length=20)
    key = models.TextField()  # "" of articles without one
    label = models.TextField()
    views_7 = models.BigIntegerField(default=0)
    views_30 = models.BigIntegerField(default=0)
    views_90 = models.BigIntegerField(default=0)
    views_365 = models.BigIntegerField(default=0)

    class Meta:
        db_table = "stats_group_recent"
        default_permissions = ()

    def __str__(self):
        return f"{self.facet} {self.label}"


class RefDay(models.Model):
    """Views and visits that came from another site, by its host name alone."""

    OTHER = "(other)"  # all hosts after the first 200 of a day

    pk = models.CompositePrimaryKey("day", "host")
    day = models.DateField()
    host = models.CharField(max_length=100)
    views = models.BigIntegerField(default=0)
    visits = models.BigIntegerField(default=0)

    class Meta:
        db_table = "stats_ref_day"
        default_permissions = ()

    def __str__(self):
        return f"{self.day} {self.host}"


class DroppedDay(models.Model):
    """Reports that were no views, by reason: never shown publicly, never hidden."""

    pk = models.CompositePrimaryKey("day", "reason")
    day = models.DateField()
    reason = models.CharField(max_length=20)
    n = models.BigIntegerField(default=0)

    class Meta:
        db_table = "stats_dropped_day"
        default_permissions = ()

    def __str__(self):
        return f"{self.day} {self.reason}"


class Visitor(models.Model):
    """What the rules must remember of one hash in one day; erased after two days."""

    pk = models.CompositePrimaryKey("day", "vh")
    day = models.DateField()
    vh = models.BigIntegerField()
    visit_ms = models.BigIntegerField()
    last_ms = models.BigIntegerField()
    views = models.IntegerField()
    visits = models.IntegerField()
    recent = models.TextField()  # drainer.pack_recent()

    class Meta:
        db_table = "stats_visitor"
        default_permissions = ()

    def __str__(self):
        return f"{self.day} {self.vh}"


class Salt(models.Model):
    """The random key of one local day's hashes; erased after 48 hours."""

    day = models.DateField(primary_key=True)
    salt = models.BinaryField(max_length=32)

    class Meta:
        db_table = "stats_salt"
        default_permissions = ()

    def __str__(self):
        return self.day.isoformat()


class SpoolPosition(models.Model):
    """How many bytes of a segment have been counted."""

    segment = models.CharField(max_length=80, primary_key=True)
    pos = models.BigIntegerField()
    updated_ms = models.BigIntegerField()

    class Meta:
        db_table = "stats_spool_pos"
        default_permissions = ()

    def __str__(self):
        return f"{self.segment} {self.pos}"


class LedgerQuerySet(models.QuerySet):
    def update(self, **kwargs):
        raise TypeError("The ledger only grows: undo an entry by an opposite one.")

    def delete(self):
        raise TypeError("The ledger only grows: undo an entry by an opposite one.")


class LedgerEntry(models.Model):
    """Carried-over totals and corrections. Append-only: an undo is an opposite row."""

    class Metric(models.TextChoices):
        VISITS = "visits", _("visits")
        VIEWS = "views", _("views")

    class Source(models.TextChoices):
        OPENING = "opening", _("opening balance")
        CORRECTION = "correction", _("correction")
        DEMO = "demo", _("demonstration")

    source = models.CharField(
        _("kind of entry"),
        max_length=12,
        choices=Source,
        default=Source.CORRECTION,
        editable=False,
    )
    metric = models.CharField(
        _("counted in"), max_length=8, choices=Metric, default=Metric.VISITS
    )
    delta = models.BigIntegerField(
        _("change of the total"),
        help_text=_("How much is added; a minus sign takes away."),
    )
    day = models.DateField(
        _("as of day"),
        null=True,
        blank=True,
        help_text=_(
            "The day the number belongs to, such as the day of the switch-over."
        ),
    )
    reason = models.CharField(
        _("reason"),
        max_length=300,
        validators=[MinLengthValidator(5)],
        help_text=_("Why, and where the number comes from. It stays for ever."),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("entered by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )
    created_at = models.DateTimeField(_("entered at"), auto_now_add=True)
    undoes = models.OneToOneField(
        "self",
        verbose_name=_("undoes"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="undone_by",
        editable=False,
    )

    objects = LedgerQuerySet.as_manager()

    class Meta:
        db_table = "stats_ledger"
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger of the visit total")
        ordering = ["-created_at", "-pk"]
        default_permissions = ("view",)
        permissions = [("adjust_ledger", _("Can add to the ledger of the visit total"))]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(delta=0),
                name="stats_ledger_changes_something",
                violation_error_message=_("The number must not be zero."),
            ),
            models.UniqueConstraint(
                fields=["metric"],
                condition=models.Q(source="opening"),
                name="stats_ledger_one_opening_balance",
                violation_error_message=_("There is an opening balance already."),
            ),
        ]

    def __str__(self):
        number = f"{self.delta:+,}".replace(",", ".")
        return f"{number} {self.get_metric_display()}"

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise TypeError("The ledger only grows: undo an entry by an opposite one.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise TypeError("The ledger only grows: undo an entry by an opposite one.")
