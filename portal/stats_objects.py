"""Tells stats what its (kind, id) pairs are: public? title? category?"""

from news.models import Article, Attachment, Category
from portal.models import Page
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
    )
