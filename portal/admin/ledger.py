"""The ledger of visits in the back office; its rules are those of stats."""

from django.contrib import admin

from news.admin.base import DeskListMixin
from news.admin.changelist import FoldedSearchMixin
from stats import admin as stats_admin
from stats.models import LedgerEntry

admin.site.unregister(LedgerEntry)


@admin.register(LedgerEntry)
class LedgerEntryAdmin(FoldedSearchMixin, DeskListMixin, stats_admin.LedgerEntryAdmin):
    """The ledger as stats keeps it, in a list like the others."""

    search_fields = ["reason"]
    list_filter = ["metric", "source"]
