"""What every page of the back office shares: dates, pictures, plain messages."""

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db import models
from django.forms import Script
from django.utils.html import format_html

from news import widgets
from news.body import thumbnail_url
from news.models import Image


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


class DeskAdmin(FieldsMixin, admin.ModelAdmin):
    """A model's pages: one row of buttons, lists that count nothing twice."""

    list_per_page = 50
    show_full_result_count = False

    def get_changelist_form(self, request, **kwargs):
        return super().get_changelist_form(request, form=RowForm, **kwargs)

    class Media:
        js = [Script("admin_theme/forms.js", type="module")]


def thumbnail(image: Image):
    """Return a small picture for lists; the title stands beside it."""
    if image is None or not (address := thumbnail_url(image)):
        return "—"
    return format_html(
        '<img class="thumbnail" src="{}" alt="" loading="lazy">', address
    )
