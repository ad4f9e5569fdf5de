"""The seals: one row for each row, set of links and file that is sealed."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Seal(models.Model):
    """`digest` is made of what `row` names, with a key that no database holds.

    `row` is a source of portal.integrity.sealing and a primary key:
    "news.article/12", "news.article.tags/12". `facts` is JSON, of files only: the name
    and the SHA-256 of the file at the time of sealing.
    """

    row = models.CharField(primary_key=True, max_length=100)
    digest = models.CharField(max_length=64)
    facts = models.TextField(blank=True)

    class Meta:
        default_permissions = ()
        verbose_name = _("seal")
        verbose_name_plural = _("seals")

    def __str__(self):
        return self.row
