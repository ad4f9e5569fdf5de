"""RSS of the whole site and of each category. Links come from SITE_URL only."""

from django.contrib.syndication.views import Feed
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Enclosure, Rss201rev2Feed, rfc3339_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from news import hooks
from news.models import Article, Category
from news.tree import CategoryTree

ITEMS = 30


class UpdatedRss(Rss201rev2Feed):
    """RSS that says when an item was last updated, which RSS itself cannot."""

    def add_item_elements(self, handler, item):
        super().add_item_elements(handler, item)
        handler.addQuickElement("atom:updated", rfc3339_date(item["updateddate"]))

    def latest_post_date(self):
        """The day begins for an empty feed: the same for all who ask on it."""
        if self.items:
            return super().latest_post_date()
        return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)


class LatestFeed(Feed):
    """The articles of the site, by when they came out or were updated for readers.

    A minor change moves nothing: it leaves `revised_at` alone.
    """

    feed_type = UpdatedRss
    title = gettext_lazy("Latest news")
    description = gettext_lazy("The latest articles of this portal")

    def link(self, category=None):
        return _absolute(reverse("home"))

    def feed_url(self, category=None):
        return _absolute(reverse("news:feed"))

    def articles(self, category=None):
        return Article.objects.published()

    def items(self, category=None):
        # The newest of either kind hold the newest of both, and each has its index.
        articles = self.articles(category)
        published = articles.newest_first()
        revised = articles.filter(revised_at__isnull=False).order_by(
            "-revised_at", "-pk"
        )
        # SQLite wants no LIMIT inside a UNION, so each part is wrapped once.
        ids = [
            Article.objects.order_by().filter(pk__in=part.values("pk")).values("pk")
            for part in (published[:ITEMS], revised[:ITEMS])
        ]
        found = Article.objects.filter(pk__in=ids[0].union(ids[1])).for_listing()
        return sorted(found.order_by(), key=_came_up, reverse=True)[:ITEMS]

    def item_title(self, article):
        return article.title

    def item_description(self, article):
        return article.sapo

    def item_link(self, article):
        return _absolute(article.get_absolute_url())

    def item_guid(self, article):
        return f"{hooks.site_url()}/tin-tuc/{article.pk}"

    item_guid_is_permalink = False

    def item_pubdate(self, article):
        return article.published_at

    def item_updateddate(self, article):
        return article.moved_at

    def item_categories(self, article):
        return [article.category.name] if article.category.is_visible else []

    def item_enclosures(self, article):
        renditions = article.cover.renditions if article.cover_id else {}
        path = renditions.get("800", {}).get("jpg")
        # The length is required by RSS and unknown here; readers accept 0.
        return [Enclosure(_absolute(f"/media/{path}"), "0", "image/jpeg")] * bool(path)


class CategoryFeed(LatestFeed):
    """The newest articles of one category and of those below it."""

    def get_object(self, request, slug):
        tree = CategoryTree.load()
        category = tree.find(slug)
        if category is None:
            raise Http404(_("There is no such category."))
        category.subtree_ids = tree.subtree_ids(category)
        return category

    def title(self, category: Category):
        return category.name

    def description(self, category: Category):
        return category.description or _("The latest articles of this category")

    def link(self, category=None):
        return _absolute(category.get_absolute_url())

    def feed_url(self, category=None):
        return _absolute(reverse("news:category_feed", args=[category.slug]))

    def articles(self, category=None):
        return super().articles().in_categories(category.subtree_ids)


def _came_up(article: Article):
    return article.moved_at, article.pk


def _absolute(path: str) -> str:
    return hooks.site_url() + path
