"""The ledger in the back office: it can be read and added to, and nothing else."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from . import ledger
from .models import LedgerEntry


class LedgerEntryForm(forms.ModelForm):
    class Meta:
        model = LedgerEntry
        fields = ["metric", "delta", "day", "reason"]
        # Typed as it is printed: 1.389.678
        localized_fields = ["delta"]


@admin.register(LedgerEntry)
class LedgerEntryAdmin(admin.ModelAdmin):
    form = LedgerEntryForm
    list_display = ["created_at", "delta", "metric", "reason", "source", "day", "user"]
    list_select_related = ["user"]
    search_fields = ["reason"]
    fields = ["metric", "delta", "day", "reason"]
    actions = ["undo"]

    def has_add_permission(self, request):
        return request.user.has_perm("stats.adjust_ledger")

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_adjust_permission(self, request):
        return request.user.has_perm("stats.adjust_ledger")

    def get_fields(self, request, obj=None):
        if obj is None:
            return self.fields
        return [*self.fields, "source", "user", "created_at", "undoes"]

    def save_model(self, request, obj, form, change):
        if change or not self.has_add_permission(request):
            raise PermissionDenied
        obj.user = request.user
        ledger.add(obj)

    @admin.action(description=_("Undo by an opposite entry"), permissions=["adjust"])
    def undo(self, request, queryset):
        undone = 0
        for entry in queryset.order_by("pk"):
            try:
                ledger.undo(entry, request.user)
            except ledger.AlreadyUndone as error:
                self.message_user(request, str(error), messages.WARNING)
                continue
            self.log_addition(request, entry.undone_by, str(entry.undone_by))
            undone += 1
        if undone:
            text = ngettext("%d entry was undone.", "%d entries were undone.", undone)
            self.message_user(request, text % undone, messages.SUCCESS)
