"""The row behind a link by which a leader without an account reads an article."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from news.fields import CleanCharField, CleanTextField
from news.querysets import PublicQuerySet
from news.workflow import Act


class LeaderLink(models.Model):
    """One link, for one leader and one article, answered once at most.

    Nothing secret is stored: news.leader signs the row's number. Times are aware.
    """

    class Answer(models.TextChoices):
        APPROVE = "approve", pgettext_lazy("answer", "agreed")
        RETURN = "return", pgettext_lazy("answer", "wants changes")

    article = models.ForeignKey(
        "news.Article", on_delete=models.CASCADE, related_name="leader_links"
    )
    # Of the article when the link was made; what is shown is always the newest.
    version = models.PositiveIntegerField()
    leader = CleanCharField(_("leader's name"), max_length=120)
    # Answers for the link; without this account it is closed.
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    # The first time, and how often; programs that look at mail open links too.
    opened_at = models.DateTimeField(null=True)
    openings = models.PositiveIntegerField(default=0)

    answer = models.CharField(max_length=10, choices=Answer.choices, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_version = models.PositiveIntegerField(null=True)
    note = CleanTextField(_("note"), max_length=1000, blank=True)
    # What the answer did to the article; "" when it was only recorded.
    act = models.CharField(max_length=10, choices=Act.choices, blank=True)
    client_address = CleanCharField(max_length=64, blank=True)

    objects = PublicQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        default_permissions = ()
        verbose_name = _("link for a leader")
        verbose_name_plural = _("links for leaders")
        constraints = [
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None)
                | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="an_answer_has_its_time",
                violation_error_message=_("An answer has its time, and no other."),
            )
        ]

    def __str__(self):
        return f"{self.leader} ({timezone.localtime(self.created_at):%d/%m/%Y %H:%M})"
