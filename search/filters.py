"""GET parameters to a SearchRequest; it validates and never touches the articles.

Its names are public addresses: ?q=&chuyen-muc=&tu-ngay=&den-ngay=&sap-xep=&trang=
"""

from urllib.parse import urlencode

import django_filters as filters
from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from news.models import Article, Category
from news.text import clean_line
from news.tree import CategoryTree
from search.fields import DayField, WordsField
from search.request import (
    MAX_PAGE,
    MAX_QUERY_LENGTH,
    NEWEST,
    NO_ABBREVIATIONS,
    RELEVANCE,
    Abbreviations,
    SearchRequest,
    parse_words,
)

WORDS, CATEGORY, FROM, TO = "q", "chuyen-muc", "tu-ngay", "den-ngay"
ORDER, PAGE = "sap-xep", "trang"
ORDERS = {"lien-quan": RELEVANCE, "moi-nhat": NEWEST}


class WordsFilter(filters.Filter):
    field_class = WordsField


class DayFilter(filters.Filter):
    field_class = DayField


def _day_filter(label) -> DayFilter:
    attrs = {
        "inputmode": "numeric",
        "placeholder": "dd/mm/yyyy",  # a pattern, the same in every language here
        "autocomplete": "off",
        "maxlength": 40,
    }
    return DayFilter(
        field_name="published_at", label=label, widget=forms.TextInput(attrs)
    )


class SearchFormBase(forms.Form):
    """What concerns two fields at once, and the words of mistakes."""

    def clean(self):
        words = self.cleaned_data.get(WORDS)
        if words and not parse_words(words):
            self.add_error(WORDS, _("There is no letter or digit to search for."))
        first, last = self.cleaned_data.get(FROM), self.cleaned_data.get(TO)
        if first and last and first > last:
            self.add_error(
                TO,
                _("The last day (%(last)s) is before the first (%(first)s).")
                % {"first": f"{first:%d/%m/%Y}", "last": f"{last:%d/%m/%Y}"},
            )


def public_names(named: dict[str, filters.Filter]):
    """Give a FilterSet filters whose names hold hyphens: no class attribute can.

    (A filter called tu_ngay would silently ignore ?tu-ngay=.)
    """

    def add(cls):
        cls.declared_filters.update(named)
        cls.base_filters = cls.get_filters()
        return cls

    return add


@public_names(
    {
        WORDS: WordsFilter(
            field_name="title",
            label=_("Words"),
            widget=forms.TextInput(
                {
                    "type": "search",
                    "maxlength": MAX_QUERY_LENGTH,
                    "autocomplete": "off",
                    "enterkeyhint": "search",
                }
            ),
        ),
        CATEGORY: filters.ChoiceFilter(
            field_name="category",
            label=_("Category"),
            empty_label=_("All categories"),
            error_messages={"invalid_choice": _("There is no category “%(value)s”.")},
        ),
        FROM: _day_filter(_("From day")),
        TO: _day_filter(_("To day")),
    }
)
class ArticleFilter(filters.FilterSet):
    """The search form, bound to what came in the address or empty.

    Order and page are not typed into a form, so they are no fields: an unknown
    order is the default one, `page` is None for what is no number.
    """

    class Meta:
        form = SearchFormBase

    def __init__(self, data=None, *, id_prefix: str, tree: CategoryTree | None = None):
        super().__init__(_shortened(data), Article.objects.none())
        self.id_prefix = id_prefix
        self.tree = tree or CategoryTree.load()
        self.filters[CATEGORY].extra["choices"] = list(_choices(self.tree))
        self.form.auto_id = f"{id_prefix}-%s"

    # For the template, which cannot write a hyphen
    words = property(lambda self: self.form[WORDS])
    category = property(lambda self: self.form[CATEGORY])
    first_day = property(lambda self: self.form[FROM])
    last_day = property(lambda self: self.form[TO])

    @property
    def is_empty(self) -> bool:
        """Nothing was asked: no field holds anything."""
        return not any(clean_line(self.data.get(name, "")) for name in self.filters)

    @property
    def page(self) -> int | None:
        """The page asked for, from 1; None for what is no page."""
        typed = self.data.get(PAGE) or "1"
        if not (typed.isascii() and typed.isdigit() and len(typed) < 7):
            return None
        return int(typed) if 1 <= int(typed) <= MAX_PAGE else None

    @property
    def asked_category(self) -> Category | None:
        return self.tree.find(self.form.cleaned_data[CATEGORY])

    def to_request(
        self, abbreviations: Abbreviations = NO_ABBREVIATIONS
    ) -> SearchRequest:
        """Return the search of a valid form."""
        asked = self.form.cleaned_data
        words = parse_words(asked[WORDS], abbreviations)
        category = self.asked_category
        # Without words there is nothing to be relevant to.
        order = ORDERS.get(self.data.get(ORDER, ""), RELEVANCE) if words else NEWEST
        return SearchRequest(
            words=words,
            category_ids=tuple(self.tree.subtree_ids(category)) if category else (),
            first_day=asked[FROM],
            last_day=asked[TO],
            order=order,
            page=self.page or 1,
        )

    def query(self, without: tuple[str, ...] = (), **changes) -> str:
        """Return the query string of this search, page left out, ending in "&".

        `without` are public names to drop; `changes` are keyed by "words",
        "category" (a slug), "first", "last" (local days) and "order".
        """
        asked = self.form.cleaned_data
        first = changes.get("first", asked[FROM])
        last = changes.get("last", asked[TO])
        values = {
            WORDS: changes.get("words", asked[WORDS]),
            CATEGORY: changes.get("category", asked[CATEGORY]),
            FROM: first and f"{first:%d/%m/%Y}",
            TO: last and f"{last:%d/%m/%Y}",
            ORDER: changes.get("order", self.data.get(ORDER)),
        }
        if values[ORDER] not in ORDERS:
            values[ORDER] = None
        kept = [(k, v) for k, v in values.items() if v and k not in without]
        return urlencode(kept, safe="/") + "&" * bool(kept)

    def address(self, **options) -> str:
        """Return the address of the first page of this search, changed as asked."""
        query = self.query(**options).removesuffix("&")
        return f"{reverse('search')}?{query}" if query else reverse("search")


def search_form(
    data=None, id_prefix: str = "tim", tree: CategoryTree | None = None
) -> ArticleFilter:
    """Return the form for a template; one query where the categories are not given.

    Two forms on one page need different prefixes: they begin every id.
    """
    return ArticleFilter(data, id_prefix=id_prefix, tree=tree)


def _shortened(data):
    """Do not print 10,000 characters back into the form."""
    # One more than allowed: the request still knows that something was cut.
    limit = MAX_QUERY_LENGTH + 1
    if data is None or all(len(value) <= limit for value in data.values()):
        return data
    data = data.copy()
    for name, value in data.items():
        data[name] = value[:limit]
    return data


def _choices(tree: CategoryTree):
    """Yield (slug, indented name) of the visible categories in the tree's order.

    What stands below a hidden category moves up to its place.
    """
    below: dict[int | None, list[Category]] = {}
    for category in tree.by_id.values():
        below.setdefault(category.parent_id, []).append(category)

    def walk(parent_id, depth):
        for category in below.get(parent_id, ()):
            if category.is_visible:
                yield category.slug, "\u2003" * depth + category.name
            yield from walk(category.pk, depth + category.is_visible)

    return walk(None, 0)
