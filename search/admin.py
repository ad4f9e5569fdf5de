"""Search in the back office: abbreviations, and what readers look for."""

from collections.abc import Iterator

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ORDER_VAR
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from news import hooks, spreadsheet
from news.admin.base import DeskAdmin
from news.admin.changelist import DeskChangeList, FoldedSearchMixin
from news.admin.export import FilteredExportMixin
from news.text import slugify_vi
from search import abbreviations, log
from search.filters import WORDS
from search.models import Abbreviation, SoughtWords
from search.text import fold

_SHORT = range(1, 5)  # tokens: KH&CN has two
_LONG = range(2, 13)  # one syllable would be found nearly everywhere
_MOST_FOUND = 1000  # different words of one search in the list


def _search_address(words: str) -> str:
    return f"{reverse('search')}?{urlencode({WORDS: words})}"


class AbbreviationForm(forms.ModelForm):
    class Meta:
        model = Abbreviation
        fields = ["short", "long"]
        help_texts = {
            "short": gettext_lazy(
                "For example KH&CN. Capitals and accents make no difference, so leave "
                "out what is a common word without accents: TƯ would find every “tư”, "
                "“tự”, “từ”."
            ),
            "long": gettext_lazy(
                "For example Khoa học và Công nghệ. A short form with two meanings "
                "has two rows."
            ),
        }

    def clean_short(self):
        return self._measured("short", _SHORT)

    def clean_long(self):
        return self._measured("long", _LONG)

    def _measured(self, name: str, allowed: range) -> str:
        written = self.cleaned_data[name]
        count = len(abbreviations.form_of(written))
        if not count:
            raise ValidationError(_("There is no letter or digit here."))
        if count < allowed.start:
            raise ValidationError(
                _("One syllable would be found in nearly every article: write more.")
            )
        if count >= allowed.stop:
            raise ValidationError(
                _("These are %(count)d words; %(most)d are the most.")
                % {"count": count, "most": allowed.stop - 1}
            )
        return written

    def clean(self):
        cleaned = super().clean()
        if not (cleaned.get("short") and cleaned.get("long")):
            return cleaned
        forms = _folded(cleaned["short"], cleaned["long"])
        if forms[0] == forms[1]:
            self.add_error(
                "long",
                _("Without accents and punctuation this is the short form again."),
            )
        for row in Abbreviation.objects.exclude(pk=self.instance.pk):
            if _folded(row.short, row.long) == forms:
                self.add_error(
                    None, _("“%(row)s” stands in the list already.") % {"row": row}
                )
        return cleaned


def _folded(*texts: str) -> list[tuple[str, ...]]:
    return [abbreviations.form_of(text) for text in texts]


@admin.register(Abbreviation)
class AbbreviationAdmin(FoldedSearchMixin, DeskAdmin):
    form = AbbreviationForm
    list_display = ["short", "long", "try_it"]
    list_per_page = 200
    search_fields = ["short", "long"]

    @admin.display(description=gettext_lazy("search page"))
    def try_it(self, abbreviation):
        return format_html(
            '<a href="{}">{} <span class="visually-hidden">{}</span></a>',
            _search_address(abbreviation.short),
            _("Try it"),
            abbreviation.short,
        )


class PeriodFilter(admin.SimpleListFilter):
    """The last days, today included; a day chosen above the list comes first."""

    title = gettext_lazy("period")
    parameter_name = "period"
    default = 30

    def __init__(self, request, params, model, model_admin):
        self.has_day = any(name.startswith("day__") for name in params)
        super().__init__(request, params, model, model_admin)

    def lookups(self, request, model_admin):
        return [
            ("1", _("Today")),
            *((str(n), _("Last %(count)d days") % {"count": n}) for n in (7, 30, 90)),
            (str(log.KEPT_DAYS), _("Everything that is kept")),
        ]

    def days(self) -> int:
        asked = self.value()
        return int(asked) if asked in dict(self.lookup_choices) else self.default

    def choices(self, changelist):
        for value, title in self.lookup_choices:
            yield {
                "selected": not self.has_day and value == str(self.days()),
                "query_string": changelist.get_query_string(
                    {self.parameter_name: value}, ["day__"]
                ),
                "display": title,
            }

    def queryset(self, request, queryset):
        if self.has_day:
            return queryset
        return queryset.filter(day__gte=log.first_day(self.days()))


class FoundFilter(admin.SimpleListFilter):
    title = gettext_lazy("result")
    parameter_name = "found"

    def lookups(self, request, model_admin):
        return [("nothing", _("nothing was found"))]

    def queryset(self, request, queryset):
        return queryset.filter(missing__gt=0) if self.value() else queryset


class WordsList(DeskChangeList):
    """Lists words instead of rows: each is a row in memory that holds the sums."""

    def get_queryset(self, request, exclude_parameters=None):
        self.root_queryset = log.by_words(self.model_admin.get_queryset(request))
        return super().get_queryset(request, exclude_parameters)

    def get_ordering(self, request, queryset):
        # Django adds the key for rows that are alike: it would part the sums.
        asked = super().get_ordering(request, queryset)
        return [*(name for name in asked if name not in ("pk", "-pk")), "words"]

    def get_ordering_field_columns(self):
        """Mark the columns of the first order, too: those of SoughtWordsAdmin."""
        asked = ORDER_VAR in self.params
        return super().get_ordering_field_columns() if asked else {1: "desc", 2: "desc"}

    def get_results(self, request):
        super().get_results(request)
        self.result_list = [
            SoughtWords(
                day=found["newest"],
                words=found["words"],
                searches=found["total"],
                without_result=found["missing"],
            )
            for found in self.result_list
        ]


@admin.register(SoughtWords)
class SoughtWordsAdmin(FilteredExportMixin, DeskAdmin):
    """Words with their numbers of some days together; nobody changes them."""

    list_display = ["sought", "not_found", "total", "newest"]
    list_display_links = None
    list_filter = [PeriodFilter, FoundFilter]
    date_hierarchy = "day"
    search_fields = ["words"]
    search_help_text = gettext_lazy("Accents optional")
    fields = ["day", "words", "searches", "without_result"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    # The list

    def get_queryset(self, request):
        return SoughtWords.objects.all()  # in no order: that of the list is of sums

    def get_changelist(self, request, **kwargs):
        return WordsList

    def get_ordering(self, request):
        return ["-missing", "-total"]

    def get_search_results(self, request, queryset, search_term):
        wanted = fold(search_term[:200])
        if not wanted:
            return queryset, False
        found = []
        for words in queryset.order_by().values_list("words", flat=True).iterator():
            folded = fold(words)
            if all(word in folded for word in wanted.split()):
                found.append(words)
                if len(found) == _MOST_FOUND:
                    break
        return queryset.filter(words__in=found), False

    @admin.display(description=gettext_lazy("words"), ordering="words")
    def sought(self, row):
        if row.words == log.OTHERS:
            return _others()
        return format_html('<a href="{}">{}</a>', _search_address(row.words), row.words)

    @admin.display(description=gettext_lazy("found nothing"), ordering="missing")
    def not_found(self, row):
        if not row.without_result:
            return "—"
        return format_html("<strong>{}</strong>", row.without_result)

    @admin.display(description=gettext_lazy("searches"), ordering="total")
    def total(self, row):
        return row.searches

    @admin.display(description=gettext_lazy("last searched for"), ordering="newest")
    def newest(self, row):
        return row.day

    # Export

    def changelist_view(self, request, extra_context=None):
        context = {"kept_days": log.KEPT_DAYS} | (extra_context or {})
        return super().changelist_view(request, context)

    def exported(self, request, found, kind):
        # Read at once: no query stays open however slowly the file is fetched.
        columns = ("words", "missing", "total", "newest")
        rows = list(found.queryset.values_list(*columns))
        note = f"{len(rows)} ({kind.upper()})"
        hooks.record("exported", user=request.user, object=SoughtWords, note=note)
        name = slugify_vi(str(self.opts.verbose_name_plural))
        header = [_("words"), _("found nothing"), _("searches"), _("last searched for")]
        return name, map(capfirst, header), _exported(rows)


def _others() -> str:
    return _("(other words)")


def _exported(rows) -> Iterator[spreadsheet.Row]:
    for words, *numbers in rows:
        yield (words or _others(), *numbers)
