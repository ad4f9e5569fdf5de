"""What every page of the back office shares: dates, pictures, plain messages."""

import json
from contextlib import suppress

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ERROR_FLAG
from django.contrib.admin.widgets import AutocompleteSelect, RelatedFieldWidgetWrapper
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.db.models.constants import LOOKUP_SEP
from django.forms import Script
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from news import hooks, widgets
from news.admin.changelist import DeskChangeList
from news.body import thumbnail_url
from news.models import Category, Image

_BROKEN_LOOKUPS = ("regex", "range")  # a bad pattern; Django splits no range


class KeysOnlySelect(AutocompleteSelect):
    """Looks up what it was given only if that can be a key."""

    def optgroups(self, name, value, attr=None):
        keys = [chosen for chosen in value if widgets.is_key(chosen)]
        return super().optgroups(name, keys, attr)


class FieldsMixin:
    """Vietnamese dates with labels, and pictures chosen in the library."""

    formfield_overrides = {
        models.DateTimeField: {
            "form_class": widgets.DateTimeField,
            "widget": widgets.SplitDateTime,
        },
        models.DateField: {"form_class": widgets.DateField},
        models.TimeField: {"form_class": widgets.TimeField},
        models.URLField: {"assume_scheme": "https"},
    }

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.related_model is Category:
            kwargs["form_class"] = widgets.CategoryField
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = KeysOnlySelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.related_model is Category:
            kwargs["form_class"] = widgets.CategoriesField
        kwargs.setdefault("form_class", widgets.RowsField)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if isinstance(db_field, models.ForeignKey) and db_field.related_model is Image:
            # Without Django's add and change links: the library does both.
            return db_field.formfield(
                form_class=widgets.PictureField, widget=widgets.PictureWidget
            )
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(getattr(field, "widget", None), RelatedFieldWidgetWrapper):
            # Four icons beside each choice are three too many while writing.
            field.widget.can_change_related = False
            field.widget.can_delete_related = False
            field.widget.can_view_related = False
            if isinstance(db_field, models.ManyToManyField):
                field.widget.can_add_related = False
        return field


class RowForm(forms.ModelForm):
    """A row of a list that can be changed in place: its inputs say whose they are."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            # An empty list asks for a row without an entry, only for its media.
            if self.instance.pk and name in self._meta.fields:
                label = f"{field.label}: {self.instance}"
                field.widget.attrs["aria-label"] = label[:150]


class OneRecordMixin:
    """A form with its parts and relations is one act in the log, or one refusal."""

    def _changeform_view(self, request, *args, **kwargs):
        if request.method != "POST":
            return super()._changeform_view(request, *args, **kwargs)
        with hooks.recording():
            return super()._changeform_view(request, *args, **kwargs)


class DeskListMixin:
    """A list of the back office that counts nothing twice, by itself or on request.

    Whatever its address and that of the form for adding ask for, both answer.
    """

    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def get_changelist(self, request, **kwargs):
        return DeskChangeList

    def lookup_allowed(self, lookup, value, request):
        """Django lets any column be asked; a broken pattern would be our error.

        Nor by what points here: ?articles=5 would tell the tags of any draft.
        """
        with suppress(FieldDoesNotExist):
            field = self.opts.get_field(lookup.split(LOOKUP_SEP)[0])
            if field.auto_created and not field.concrete:
                return False
        return not lookup.endswith(_BROKEN_LOOKUPS) and super().lookup_allowed(
            lookup, value, request
        )

    def get_changeform_initial_data(self, request):
        """What the address fills in, as far as the form would take it from a person."""
        initial = super().get_changeform_initial_data(request)
        fields = self.get_form(request).base_fields if initial else {}
        return {
            name: value
            for name, value in initial.items()
            if name in fields and _is_taken(fields[name], value)
        }

    def changelist_view(self, request, extra_context=None):
        # Django's heading asks to choose something to change; a list is for more.
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        if ERROR_FLAG in request.GET:  # Django leads here and says nothing
            text = _("The address asked for what this list does not have: here is all.")
            self.message_user(request, text, messages.WARNING)
        return super().changelist_view(request, title | (extra_context or {}))

    def get_actions(self, request):
        actions = super().get_actions(request)
        if "delete_selected" in actions:
            act, name, _long_name = actions["delete_selected"]
            actions[name] = act, name, _("Delete the chosen items")
        return actions


def _is_taken(field: forms.Field, value) -> bool:
    try:
        field.clean(value)
    except ValidationError:
        return False
    return True


class DeskAdmin(OneRecordMixin, DeskListMixin, FieldsMixin, admin.ModelAdmin):
    """A model's pages: one row of buttons, dates and pictures as people know them."""

    def get_deleted_objects(self, objs, request):
        """What is in use is refused for that reason, whatever else is lacking."""
        deleted, counts, lacking, protected = super().get_deleted_objects(objs, request)
        return deleted, counts, set() if protected else lacking, protected

    def construct_change_message(self, request, form, formsets, add=False):
        # Django notes lazy labels in English, and then finds them in no catalogue.
        changed = [form, *(f for formset in formsets or [] for f in formset.forms)]
        for field in (field for one in changed for field in one.fields.values()):
            field.label = field.label and str(field.label)
        return super().construct_change_message(request, form, formsets, add)

    def get_inline_formsets(self, request, formsets, inlines, obj=None, **kwargs):
        shown = super().get_inline_formsets(request, formsets, inlines, obj, **kwargs)
        for formset in shown:
            formset.inline_formset_data = _lower_case_data(formset)
        return shown

    def get_changelist_form(self, request, **kwargs):
        return super().get_changelist_form(request, form=RowForm, **kwargs)

    class Media:
        js = [Script("admin_theme/forms.js", type="module")]


def _lower_case_data(formset) -> str:
    """What Django's script needs; names stand lower-case inside a sentence."""
    data = json.loads(formset.inline_formset_data())
    name = {"verbose_name": formset.opts.verbose_name}
    data["options"]["addText"] = _("Add another %(verbose_name)s") % name
    return json.dumps(data)


def thumbnail(image: Image):
    """Return a small picture for lists; the title stands beside it."""
    if image is None or not (address := thumbnail_url(image)):
        return "—"
    return format_html(
        '<img class="thumbnail" src="{}" alt="" loading="lazy">', address
    )
