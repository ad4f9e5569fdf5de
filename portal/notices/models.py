"""One notice to one person. Its words are made when it is shown, from its kind."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from news.fields import CleanCharField, CleanTextField
from news.models import Article


class Kind(models.TextChoices):
    SUBMITTED = "submitted", _("waits for review")
    TO_PUBLISH = "to_publish", _("is approved and waits for publication")
    TO_CONFIRM = "to_confirm", _("published in an emergency; approve it afterwards")
    RETURNED = "returned", _("was returned")
    APPROVED = "approved", _("was approved")
    PUBLISHED = "published", _("was published")
    SCHEDULED = "scheduled", _("will be published at its time")
    EMERGENCY = "emergency", _("was published in an emergency")
    WITHDRAWN = "withdrawn", _("was withdrawn")
    FAILED = "failed", _("could not go out at its time")
    LEADER_APPROVED = "leader_ok", _("was approved by a leader")
    LEADER_RETURNED = "leader_no", _("was returned by a leader")
    REVIEW_DUE = "review_due", _("is to be looked at again")


class NoticeQuerySet(models.QuerySet):
    def unread(self, user):
        return self.filter(user=user, read_at=None)

    def read_now(self) -> int:
        """Mark as read what is not; return how many there were."""
        return self.filter(read_at=None).update(read_at=timezone.now())


class Notice(models.Model):
    """`by_name` and `title` are kept as they were, whatever becomes of the rows."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    # The live article, also when the notice is about its working copy.
    article = models.ForeignKey(
        Article, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    title = CleanCharField(max_length=300)
    kind = models.CharField(max_length=10, choices=Kind)
    of_revision = models.BooleanField(default=False)
    reason = CleanTextField(max_length=2000, blank=True)
    by_name = CleanCharField(max_length=300, blank=True)
    # Of something scheduled: when it goes out.
    goes_out_at = models.DateTimeField(null=True)
    # Of REVIEW_DUE: the local day that was set for it.
    review_day = models.DateField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)

    # When a mail is to be tried next; None: none is wanted, or all is done.
    mail_due_at = models.DateTimeField(null=True)
    mail_attempts = models.PositiveSmallIntegerField(default=0)
    mailed_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        default_permissions = ()
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "article", "review_day"],
                condition=Q(kind="review_due"),
                name="a_review_day_is_told_once",
                violation_error_message=_("This was told already."),
            )
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="notice_of_user"),
            models.Index(
                fields=["user"], condition=Q(read_at=None), name="notice_unread"
            ),
            models.Index(
                fields=["mail_due_at"],
                condition=Q(mail_due_at__isnull=False),
                name="notice_mail_due",
            ),
        ]

    def __str__(self):
        return self.subject

    @property
    def subject(self) -> str:
        """What happened, in one line without control characters."""
        return " ".join(f"{self.what}: {self.title}".split())

    @property
    def what(self) -> str:
        """What happened to which kind of thing, without its title."""
        label = Kind(self.kind).label
        if self.of_revision:
            return _("Revision %(what)s") % {"what": label}
        return _("Article %(what)s") % {"what": label}
