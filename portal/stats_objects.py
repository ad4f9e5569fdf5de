"""Tells stats what its (kind, id) pairs are, and what else it must not import."""

from functools import partial

from django.db.models import CharField, F, TextField, Value
from django.db.models.functions import Cast, Coalesce, NullIf
from django.utils.translation import gettext_lazy as _

from news import spreadsheet
from news.models import Article, Attachment, Author, Category, Unit
from news.tree import CategoryTree
from portal import audit, generation
from portal.models import Page, SiteSettings
from stats import models as stats_models
from stats import registry


def _titles(queryset, field="title"):
    return lambda ids: dict(queryset.filter(pk__in=ids).values_list("pk", field))


def _ids(queryset):
    return lambda ids: set(queryset().filter(pk__in=ids).values_list("pk", flat=True))


def register() -> None:
    """Fill stats.registry; called once from portal.composition."""
    registry.register(
        "article",
        public=_ids(lambda: Article.objects.published()),
        titles=_titles(Article.objects),
        categories=lambda ids: dict(
            Article.objects.filter(pk__in=ids).values_list("pk", "category_id")
        ),
        facts=_article_facts,
        facets=[
            registry.Facet(
                "category",
                _("Category"),
                _("Categories"),
                _category_choices,
                _in_category,
            ),
            registry.Facet(
                "author", _("Author"), _("Authors"), _author_choices, _of_author
            ),
            registry.Facet(
                "unit",
                _("Signature unit"),
                _("Signature units"),
                lambda: ((str(u.pk), u.name) for u in Unit.objects.all()),
                lambda articles, value: articles.filter(signature_unit=int(value)),
            ),
        ],
    )
    registry.register(
        "category",
        public=_ids(lambda: Category.objects.visible()),
        titles=_titles(Category.objects, "name"),
    )
    registry.register(
        "page",
        public=_ids(lambda: Page.objects.filter(is_published=True)),
        titles=_titles(Page.objects),
    )
    registry.register(
        "download",
        public=_ids(
            lambda: Attachment.objects.filter(
                article__in=Article.objects.published().values("pk")
            )
        ),
        titles=_titles(Attachment.objects),
        facts=lambda: _named(Attachment.objects, "title"),
    )
    registry.choose_public_metric(public_metric)
    registry.exported = _exported
    registry.site_name = lambda: str(SiteSettings.load())
    registry.writers.update(
        csv=spreadsheet.csv_response,
        csv_semicolon=partial(spreadsheet.csv_response, delimiter=";"),
        xlsx=spreadsheet.xlsx_response,
    )


def _named(queryset, title: str):
    return queryset.order_by().values(number=F("pk"), label=F(title))


def _article_facts():
    """Articles with what they are grouped by: the main category, author, unit."""
    written = NullIf(F("author_text"), Value(""))
    author = Coalesce("author__name", written, output_field=CharField())
    return Article.objects.order_by().values(
        number=F("pk"),
        label=F("title"),
        category_key=Cast("category_id", TextField()),
        category_label=F("category__name"),
        author_key=author,  # people without a row have a name all the same
        author_label=author,
        unit_key=Cast("signature_unit_id", TextField()),
        unit_label=F("signature_unit__name"),
    )


def _category_choices():
    """The whole tree, those below a category behind it with a dash."""
    tree = CategoryTree.load()

    def below(parent, depth):
        for category in tree.children(parent):
            yield str(category.pk), f"{'– ' * depth}{category.name}"
            yield from below(category, depth + 1)

    return below(None, 0)


def _in_category(articles, value: str):
    tree = CategoryTree.load()
    if (category := tree.by_id.get(int(value))) is None:
        raise ValueError(value)
    return articles.filter(category__in=tree.subtree_ids(category))


def _author_choices():
    return ((name, name) for name in Author.objects.values_list("name", flat=True))


def _of_author(articles, value: str):
    return articles.filter(author_key=value)


def _exported(user, note: str) -> None:
    audit.record("exported", user=user, object=stats_models.Day, note=note)


_metric: tuple[int, str] | None = None  # the generation it was read in, and it


def public_metric() -> str:
    """What both public numbers count: asked once in a generation of the content."""
    global _metric
    known = generation.edition()
    if known and _metric and _metric[0] == known.generation:
        return _metric[1]
    row = SiteSettings.objects.values_list("public_metric", flat=True).first()
    chosen = row or SiteSettings.PublicMetric.VISITS
    if known:
        _metric = (known.generation, chosen)
    return chosen


def forget() -> None:
    """Ask again at the next call (used by tests, whose generations can be equal)."""
    global _metric
    _metric = None
