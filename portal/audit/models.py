"""One row for each thing done; rows are added and never changed or removed."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from news.library import fold
from news.workflow import Act


class Action(models.TextChoices):
    """What can be done besides the acts of the desk, which have their own names."""

    ADDED = "added", _("added")
    CHANGED = "changed", _("changed")
    DELETED = "deleted", _("deleted")
    SIGNED_IN = "signed_in", _("signed in")
    SIGNED_OUT = "signed_out", _("signed out")
    SIGN_IN_REFUSED = "sign_in_refused", _("sign-in refused")
    LOCKED_OUT = "locked_out", _("locked out of signing in")
    LOCKOUT_RELEASED = "lockout_released", _("lockout released")
    SESSION_ENDED = "session_ended", _("session ended by hand")
    WARNED_IDLE = "warned_idle", _("warned: not used for long")
    DISABLED_IDLE = "disabled_idle", _("disabled: not used for long")
    REFUSED = "refused", _("refused")
    EXPORTED = "exported", _("exported")
    IMPORTED = "imported", _("imported")
    SEALED = "sealed", _("sealed anew")
    LINK_MADE = "link_made", _("leader's link made")
    LINK_OPENED = "link_opened", _("leader's link opened")
    LINK_ANSWERED = "link_answered", _("leader's answer by a link")
    LINK_REVOKED = "link_revoked", _("leader's link revoked")
    FACTOR_ADDED = "factor_added", _("sign-in device added")
    FACTOR_RENAMED = "factor_renamed", _("sign-in device renamed")
    FACTOR_REMOVED = "factor_removed", _("sign-in device taken away")
    FACTOR_REFUSED = "factor_refused", _("second step refused")
    FACTORS_RESET = "factors_reset", _("second step reset by an administrator")
    RECOVERY_USED = "recovery_used", _("recovery code used")
    CODES_RENEWED = "codes_renewed", _("recovery codes made")


ACTIONS = dict([*Action.choices, *Act.choices])
ONLY_GROWS = "The audit log only grows: no entry is changed or removed."


class AuditQuerySet(models.QuerySet):
    def update(self, **kwargs):
        raise TypeError(ONLY_GROWS)

    def bulk_update(self, objs, fields, batch_size=None):
        raise TypeError(ONLY_GROWS)

    def delete(self):
        raise TypeError(ONLY_GROWS)

    def _raw_delete(self, using):
        raise TypeError(ONLY_GROWS)


class AuditEntry(models.Model):
    """What somebody did. Every text is on one line, without control characters.

    `changes` is {field: [before, after]}. A value is what JSON holds, with times in
    ISO 8601; {"length": n} stands for a long text, {"hidden": true} for what must
    not be read here, and two lists for what was taken from and added to a relation.
    """

    created_at = models.DateTimeField(_("time"), default=timezone.now)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    # The account may be renamed or removed; who it was then stays.
    user_name = models.CharField(_("person"), max_length=320, blank=True)
    # An address of the internet, or the name of a command of the server.
    source = models.CharField(_("from where"), max_length=64, blank=True)
    action = models.CharField(
        _("what was done"), max_length=20, choices=list(ACTIONS.items())
    )
    # "news.article" and its primary key: no foreign key, the log outlives the row.
    object_type = models.CharField(_("kind of object"), max_length=60, blank=True)
    object_id = models.CharField(_("number"), max_length=40, blank=True)
    object_text = models.CharField(_("object"), max_length=200, blank=True)
    changes = models.JSONField(_("changes"), default=dict)
    note = models.CharField(_("note"), max_length=500, blank=True)
    path = models.CharField(_("address of the page"), max_length=300, blank=True)
    # Entries of one request, or of one run of a command, have the same.
    request_id = models.CharField(_("number of the request"), max_length=32, blank=True)
    # Names without accents, for the search.
    folded = models.CharField(max_length=520, editable=False)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("entry of the log")
        verbose_name_plural = _("log")
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["created_at"], name="audit_time"),
            models.Index(fields=["action", "-id"], name="audit_action"),
            models.Index(fields=["user", "-id"], name="audit_user"),
            models.Index(
                fields=["object_type", "object_id", "-id"], name="audit_object"
            ),
        ]

    def __str__(self):
        return " ".join(
            filter(None, [self.user_name, self.get_action_display(), self.object_text])
        )

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise TypeError(ONLY_GROWS)
        self.prepare()
        super().save(*args, **kwargs)

    def prepare(self) -> None:
        """Fill what follows from the rest; bulk_create does not call save."""
        self.folded = fold(f"{self.object_text} {self.user_name}")[:520]

    def delete(self, *args, **kwargs):
        raise TypeError(ONLY_GROWS)
