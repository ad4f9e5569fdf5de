"""Form controls of the back office: dates, the editor, the picture chooser.

Each works without JavaScript: the editor is then a text area with HTML, the
picture chooser a number.
"""

from django import forms
from django.contrib.admin.widgets import (
    AdminDateWidget,
    AdminTimeWidget,
)
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from news.body import thumbnail_url
from news.editor_parts import editor_attrs, library_attrs
from news.models import Attachment, Image
from news.tree import CategoryTree

_MAX_DIGITS = 18  # of a key; more fits no column


def is_key(text: str) -> bool:
    """Say whether `text` can be the key of a row: a database refuses other numbers."""
    return text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS


class SplitDateTime(forms.SplitDateTimeWidget):
    """Day and time as two inputs, each with a label of its own."""

    template_name = "news/widgets/split_datetime.html"
    group_label = ""  # the field's, for those who hear the form

    def __init__(self, attrs=None):
        forms.MultiWidget.__init__(self, [AdminDateWidget, AdminTimeWidget], attrs)

    def id_for_label(self, id_):
        return f"{id_}_0" if id_ else id_  # links to the field lead to its day

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        context["widget"]["group_label"] = self.group_label
        day, time = context["widget"]["subwidgets"]
        day["label"], time["label"] = _("Day"), _("Time")
        day["attrs"] |= {"placeholder": _("dd/mm/yyyy"), "autocomplete": "off"}
        time["attrs"] |= {"placeholder": _("hh:mm"), "autocomplete": "off"}
        return context


class DateTimeField(forms.SplitDateTimeField):
    """A local day and time; a day alone means its first minute."""

    widget = SplitDateTime

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("require_all_fields", False)
        super().__init__(*args, **kwargs)
        day, time = self.fields
        day.required = self.required
        time.required = False
        day.error_messages["invalid"] = _DAY
        time.error_messages["invalid"] = _TIME
        day.error_messages["incomplete"] = _DAY

    def get_bound_field(self, form, field_name):
        bound = super().get_bound_field(form, field_name)
        self.widget.group_label = bound.label
        return bound

    def compress(self, data_list):
        if not data_list or data_list[0] in self.empty_values:
            if data_list and data_list[1] not in self.empty_values:
                raise forms.ValidationError(_("A time needs a day."), code="no_day")
            return None
        day, time = data_list
        if time in self.empty_values:
            time = self.fields[1].to_python("00:00")
        _check_year(day)
        return super().compress([day, time])


_DAY = gettext_lazy("This day cannot be read. Type for example 05/06/2026 or 05062026.")
_TIME = gettext_lazy("This time cannot be read. Type for example 08:30 or 8h30.")


def _check_year(day) -> None:
    """Years 1 and 9999 leave the calendar in UTC; no office means 1626 either."""
    if not 1900 <= day.year <= 2100:
        raise forms.ValidationError(
            _("The year must lie between 1900 and 2100."), code="year"
        )


class DateField(forms.DateField):
    widget = AdminDateWidget
    default_error_messages = {"invalid": _DAY}

    def widget_attrs(self, widget):
        hints = {"placeholder": _("dd/mm/yyyy"), "autocomplete": "off"}
        return super().widget_attrs(widget) | hints

    def validate(self, value):
        super().validate(value)
        if value:
            _check_year(value)


class TimeField(forms.TimeField):
    widget = AdminTimeWidget
    default_error_messages = {"invalid": _TIME}

    def widget_attrs(self, widget):
        hints = {"placeholder": _("hh:mm"), "autocomplete": "off"}
        return super().widget_attrs(widget) | hints


class EditorWidget(forms.Textarea):
    """The rich-text editor of static/admin_theme/editor.js on a text area.

    The editor's module is fetched by its hashed address, so there is no import
    map and the policy needs no nonce.
    """

    def __init__(self, attrs=None):
        super().__init__({"rows": 24, "cols": 80, "spellcheck": "true"} | (attrs or {}))

    class Media:
        css = {
            "all": ["admin_theme/editor.css", "admin_theme/library.css"],
        }
        js = [
            forms.Script("admin_theme/upload.js", type="module"),
            forms.Script("admin_theme/library.js", type="module"),
            forms.Script("admin_theme/paste.js", type="module"),
            forms.Script("admin_theme/embed_node.js", type="module"),
            forms.Script("admin_theme/link_picker.js", type="module"),
            forms.Script("admin_theme/editor_keys.js", type="module"),
            forms.Script("admin_theme/editor.js", type="module"),
        ]

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"] |= {
            **editor_attrs(),
            **library_attrs(),
        }
        return context


class PictureWidget(forms.NumberInput):
    """Chooses one picture of the library; holds its number."""

    template_name = "news/widgets/picture.html"

    class Media:
        css = {"all": ["admin_theme/library.css"]}
        js = [
            forms.Script("admin_theme/upload.js", type="module"),
            forms.Script("admin_theme/library.js", type="module"),
            forms.Script("admin_theme/picture_field.js", type="module"),
        ]

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        image = None
        if str(value or "").isdecimal():
            image = Image.objects.filter(pk=value).first()
        context["image"] = image
        context["choose"] = _("Choose a picture…")
        context["take_away"] = _("Take the picture away")
        context["thumbnail"] = thumbnail_url(image) if image else ""
        context["widget"]["attrs"] |= {
            "class": "picture-number",
            "data-picture-field": "",
            **library_attrs(),
        }
        return context


class PictureField(forms.ModelChoiceField):
    """A foreign key to a picture, chosen in the library."""

    widget = PictureWidget
    default_error_messages = {
        "invalid_choice": gettext_lazy("This picture is no longer in the library.")
    }

    def prepare_value(self, value):
        return value.pk if isinstance(value, Image) else value


class CategoryIterator(forms.models.ModelChoiceIterator):
    """Sections in the order of their tree; each says how deep it stands."""

    def __iter__(self):
        if self.field.empty_label is not None:
            yield ("", self.field.empty_label)
        for category, depth in CategoryTree(self.queryset).nested():
            category.depth = depth
            yield self.choice(category)


class CategoryField(forms.ModelChoiceField):
    """One section; those under another stand below it, moved in."""

    iterator = CategoryIterator

    def label_from_instance(self, category):
        return "\u2003" * getattr(category, "depth", 0) + str(category)


class CategoryChecks(forms.CheckboxSelectMultiple):
    """Check boxes in the order of the tree; static/admin_theme moves them in."""

    def create_option(self, name, value, *args, **kwargs):
        option = super().create_option(name, value, *args, **kwargs)
        depth = getattr(getattr(value, "instance", None), "depth", 0)
        option["attrs"]["class"] = f"depth depth--{depth}"
        return option


class RowsField(forms.ModelMultipleChoiceField):
    """Several rows; what cannot be a key is none of them, and never asked for."""

    def clean(self, value):
        for key in value or ():
            if not is_key(str(key)):
                raise forms.ValidationError(
                    self.error_messages["invalid_choice"],
                    code="invalid_choice",
                    params={"value": key},
                )
        return super().clean(value)


class CategoriesField(RowsField):
    widget = CategoryChecks
    iterator = CategoryIterator


class AttachmentInput(forms.FileInput):
    """A file of an article; the stored one by its name, linked while it is public."""

    template_name = "news/widgets/attachment.html"
    attachment: Attachment | None = None

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        context["attachment"] = self.attachment
        context["address"] = public_address(self.attachment)
        return context


def public_address(attachment: Attachment | None) -> str:
    """Where readers download an attachment; empty while its article is not public."""
    if attachment is None or not attachment.article.is_published():
        return ""
    return attachment.get_absolute_url()
