"""The seals: one row for each row, set of links and file that is sealed."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Seal(models.Model):
    """`digest` is made of what `row` names, with a key that no database holds.

    `row` is a source of portal.integrity.sealing and a primary key:
    "news.article/12", "news.article.tags/12". `facts` is JSON: of a file its name and
    SHA-256 at the time of sealing, of what lets somebody in what was sealed of it.
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
