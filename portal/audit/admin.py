"""The log in the back office: it is read and taken away, by nobody changed."""

from collections.abc import Iterator

from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from news import spreadsheet
from news.admin.base import DeskAdmin
from news.admin.export import FilteredExportMixin
from news.library import fold
from portal.audit import display
from portal.audit.filters import DaysFilter, ObjectTypeFilter
from portal.audit.models import ACTIONS, Action, AuditEntry
from portal.audit.recording import record

_COLUMNS = (
    *("created_at", "user_name", "source", "action", "object_type", "object_id"),
    *("object_text", "changes", "note", "path", "request_id"),
)
_CHUNK = 2000  # rows of an export in memory at once


@admin.register(AuditEntry)
class AuditEntryAdmin(FilteredExportMixin, DeskAdmin):
    list_display = ["created_at", "who", "source", "what", "about", "fields_changed"]
    list_filter = [DaysFilter, "action", "user", ObjectTypeFilter]
    search_fields = ["folded"]
    search_help_text = gettext_lazy(
        "Words of the object's or the person's name, with or without accents"
    )
    # Every other order would sort the whole table; counts would read it.
    sortable_by = []
    show_facets = admin.ShowFacets.NEVER

    # Nobody, superusers included.

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    # The list

    def get_search_results(self, request, queryset, search_term):
        for word in fold(search_term[:200]).split():
            queryset = queryset.filter(folded__contains=word)
        return queryset, False

    @admin.display(description=gettext_lazy("person"), empty_value="—")
    def who(self, entry):
        return entry.user_name or None

    @admin.display(description=gettext_lazy("what was done"))
    def what(self, entry):
        return entry.get_action_display()

    @admin.display(description=gettext_lazy("object"))
    def about(self, entry):
        if not entry.object_type:
            return entry.path if entry.action == Action.REFUSED else "—"
        text = entry.object_text or entry.note
        return f"{display.type_name(entry.object_type)}: {text}"

    @admin.display(description=gettext_lazy("changes"))
    def fields_changed(self, entry):
        return display.labels(entry) or entry.note or "—"

    # One entry

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        context |= {
            "title": _("Entry of the log"),
            "subtitle": None,
            "entry": obj,
            "rows": display.rows(obj),
            "type_name": display.type_name(obj.object_type) if obj.object_type else "",
            "address": display.address(obj),
        }
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    # Export

    def exported(self, request, found, kind):
        note = f"{kind.upper()}; {found.result_count}; {request.GET.urlencode()}"
        # Recorded first: the answer is sent while it is read.
        rows = found.queryset.filter(pk__lte=_newest())
        record(Action.EXPORTED, object=AuditEntry, note=note.rstrip("; "))
        header = [_label(name) for name in _COLUMNS]
        return _("audit-log"), header, _rows(rows)


def _newest() -> int:
    return AuditEntry.objects.values_list("pk", flat=True).first() or 0


def _label(name: str) -> str:
    return str(AuditEntry._meta.get_field(name).verbose_name)


def _rows(queryset) -> Iterator[spreadsheet.Row]:
    # get_action_display would translate all the choices for every row.
    actions = {action: str(label) for action, label in ACTIONS.items()}
    for entry in queryset.iterator(chunk_size=_CHUNK):
        kind = display.type_name(entry.object_type) if entry.object_type else ""
        action = actions.get(entry.action, entry.action)
        yield (
            *(entry.created_at, entry.user_name, entry.source),
            *(action, kind, entry.object_id, entry.object_text),
            *(display.one_line(entry), entry.note, entry.path, entry.request_id),
        )
