"""What search keeps besides the index: abbreviations, text of files, what was sought.

The index itself is no model: its tables are the engines' (search.backends).
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from news.fields import CleanCharField, CleanTextField
from news.models import Attachment


class Abbreviation(models.Model):
    """A short form and what it stands for; either finds the other.

    One short form may have several rows, and so may what is written out.
    """

    short = CleanCharField(_("short form"), max_length=30)
    long = CleanCharField(_("written out"), max_length=120)

    class Meta:
        ordering = ["short", "long"]
        verbose_name = _("abbreviation")
        verbose_name_plural = _("abbreviations")
        constraints = [
            models.UniqueConstraint(
                fields=["short", "long"],
                name="search_abbreviation_once",
                violation_error_message=_("This stands in the list already."),
            )
        ]

    def __str__(self):
        return f"{self.short} = {self.long}"


class AttachmentText(models.Model):
    """The text of one attachment, read once for each file it holds."""

    class State(models.TextChoices):
        READ = "read", _("read")
        EMPTY = "empty", _("holds no text")
        REFUSED = "refused", _("could not be read")

    attachment = models.OneToOneField(
        Attachment, on_delete=models.CASCADE, related_name="search_text"
    )
    # The stored name it was read from: another file is read anew.
    file_name = models.CharField(max_length=200)
    state = models.CharField(max_length=7, choices=State.choices)
    # Why nothing was read, for the log and the desk.
    reason = models.CharField(max_length=200, blank=True)
    text = CleanTextField(blank=True)
    read_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("text of an attachment")
        verbose_name_plural = _("texts of attachments")

    def __str__(self):
        return str(self.attachment)


class SoughtWords(models.Model):
    """How often some words were searched for on one local day, by nobody in particular.

    Holds no address, time of day, browser or visitor, and no words that look like a
    telephone number, an identity number or an e-mail address (search.log).
    """

    day = models.DateField(_("day"))
    words = CleanCharField(_("words"), max_length=100)
    searches = models.PositiveIntegerField(_("searches"), default=0)
    without_result = models.PositiveIntegerField(_("without result"), default=0)

    class Meta:
        ordering = ["-day", "-searches", "words"]
        verbose_name = _("words searched for")
        verbose_name_plural = _("words searched for")
        constraints = [
            models.UniqueConstraint(
                fields=["day", "words"],
                name="search_words_once_a_day",
                violation_error_message=_("These words have their row of this day."),
            )
        ]

    def __str__(self):
        return self.words
