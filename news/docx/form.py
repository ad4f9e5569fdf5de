"""What an editor corrects before anything of a Word file is stored."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from news.docx.reading import Proposal
from news.forms import BodyField, offer_sections
from news.library import fold
from news.models import Article, Category, Unit
from news.text import clean_line
from news.widgets import CategoryField, DateTimeField


class ReviewForm(forms.ModelForm):
    category = CategoryField(queryset=Category.objects.all())
    body = BodyField(required=False)
    new_unit = forms.CharField(
        required=False,
        label=gettext_lazy("New signature unit"),
        max_length=Unit._meta.get_field("name").max_length,
        help_text=gettext_lazy(
            "Only for a unit that is not in the list above; it is added with the draft."
        ),
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )
    source_url = forms.URLField(
        required=False,
        max_length=Article._meta.get_field("source_url").max_length,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"class": "vURLField"}),
    )
    published_at = DateTimeField(
        required=False,
        help_text=gettext_lazy("Empty: the moment when “Publish” is pressed."),
    )

    class Meta:
        model = Article
        fields = [
            *("title", "sapo", "category", "body"),
            *("signature_unit", "author_text", "source_name", "source_url"),
            "published_at",
        ]
        widgets = {
            "title": forms.Textarea(attrs={"rows": 2, "class": "line-field title"}),
            "sapo": forms.Textarea(attrs={"rows": 4}),
            **{
                name: forms.TextInput(attrs={"class": "vTextField"})
                for name in ("author_text", "source_name")
            },
        }

    def __init__(self, *args, may_add_units: bool, limit=None, **kwargs):
        """`limit`: the ids of the sections the user is limited to; None is all."""
        super().__init__(*args, **kwargs)
        offer_sections([self.fields["category"]], limit)
        for name in ("category", "body", "source_url", "published_at"):
            label = Article._meta.get_field(name).verbose_name
            self.fields[name].label = capfirst(label)
        if not may_add_units:
            del self.fields["new_unit"]

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("new_unit") and cleaned.get("signature_unit"):
            message = _("Choose a unit of the list or type a new one, not both.")
            raise ValidationError({"new_unit": message})
        return cleaned

    def unit(self) -> Unit | None:
        """Return the unit that signs, made when it is new; inside a transaction."""
        name = clean_line(self.cleaned_data.get("new_unit") or "")
        if not name:
            return self.cleaned_data["signature_unit"]
        for unit in Unit.objects.all():
            if fold(unit.name) == fold(name):
                return unit
        return Unit.objects.create(name=name)


def initial(proposal: Proposal, body: str, may_add_units: bool) -> dict:
    """Return what the form shows first; `body` is the proposal's for the editor.

    A unit that is not in the list and cannot be added signs as free text.
    """
    found = proposal.found
    author, new_unit = found.author, found.unit
    if proposal.unit:
        new_unit = ""
    elif new_unit and not may_add_units:
        author = ", ".join(filter(None, [author, new_unit]))
    return {
        "title": found.title,
        "sapo": found.sapo,
        "body": body,
        "signature_unit": proposal.unit,
        "new_unit": new_unit,
        "author_text": author,
        "source_name": found.source,
        "source_url": found.source_url,
        "published_at": found.published_at,
    }
