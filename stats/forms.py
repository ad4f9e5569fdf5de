"""What administrators may ask of the figures, checked."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from . import clock, exports, registry, top
from .models import PageRecent

LISTS = {
    "article": _("Articles"),
    "download": _("Downloads"),
    "category": _("Pages of categories"),
    "page": _("Standing pages and lists"),
}
PERIODS = PageRecent.PERIODS


class ContentForm(forms.Form):
    """Which list of what was read, from the parameters of an address."""

    list = forms.ChoiceField(label=_("List"))
    days = forms.TypedChoiceField(
        label=_("Period"),
        choices=lambda: [(n, gettext("%(days)d days") % {"days": n}) for n in PERIODS],
        coerce=int,
    )

    def __init__(self, data):
        # What is not asked for has its default, and the form shows it.
        super().__init__({"list": top.ARTICLE, "days": "30"} | data.dict())
        facets = registry.facets(top.ARTICLE)
        self.fields["list"].choices = [
            *list(LISTS.items())[:1],
            *((f"by-{facet.name}", facet.plural) for facet in facets),
            *list(LISTS.items())[1:],
        ]
        for facet in facets:
            self.fields[facet.name] = forms.ChoiceField(
                label=facet.label,
                choices=lambda facet=facet: [("", _("All")), *facet.choices()],
                required=False,
            )

    @property
    def chosen(self) -> dict[str, str]:
        """The values by which articles are narrowed."""
        names = [facet.name for facet in registry.facets(top.ARTICLE)]
        return {name: self.cleaned_data[name] for name in names}


class ExportForm(forms.Form):
    """What is taken away, of which days, as which kind of file."""

    table = forms.ChoiceField(
        label=_("Figures"),
        choices=[(name, table.label) for name, table in exports.TABLES.items()],
    )
    first = forms.DateField(
        label=_("From day"),
        widget=forms.DateInput(attrs={"placeholder": "dd/mm/yyyy", "size": 12}),
    )
    last = forms.DateField(
        label=_("To day"),
        widget=forms.DateInput(attrs={"placeholder": "dd/mm/yyyy", "size": 12}),
    )
    form = forms.ChoiceField(label=_("Kind of file"), choices=exports.FORMATS.items)

    def clean(self):
        first, last = (self.cleaned_data.get(name) for name in ("first", "last"))
        if first and last and last < first:
            self.add_error("last", _("The last day lies before the first."))
        if last and last > clock.today():
            self.add_error("last", _("This day has not come yet."))
        if first and first.year < 2000:
            self.add_error("first", _("Nothing was counted so long ago."))
        return self.cleaned_data
