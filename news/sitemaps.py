"""Sitemaps: complete, in sections, and the two days that news search reads.

`SECTIONS` is open: portal adds its standing pages, which news does not know.
"""

from datetime import timedelta
from urllib.parse import urlsplit

from django.contrib.sitemaps import Sitemap
from django.core.paginator import EmptyPage
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from news import hooks
from news.models import Article, Category, Tag

# Google reads news of the last two days, at most 1,000 of them:
# developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap
NEWS_AGE = timedelta(days=2)
NEWS_MAX = 1000


class SiteSitemap(Sitemap):
    """Addresses from SITE_URL, never from the request's Host."""

    limit = 5000  # addresses a section; the protocol allows 50,000

    @property
    def protocol(self):
        return urlsplit(hooks.site_url()).scheme

    def get_domain(self, site=None):
        return urlsplit(hooks.site_url()).netloc


class ArticleSitemap(SiteSitemap):
    """Every published article; ordered by id, so that sections stay as they are."""

    def items(self):
        return (
            Article.objects.published()
            .order_by("pk")
            .only("pk", "slug", "published_at", "revised_at")
        )

    def lastmod(self, article):
        return article.moved_at


class CategorySitemap(SiteSitemap):
    """The visible categories."""

    def items(self):
        return Category.objects.visible().order_by("pk")


class TagSitemap(SiteSitemap):
    """The tags of published articles; others have no page."""

    def items(self):
        published = Article.objects.published().order_by().values("pk")
        return Tag.objects.filter(articles__in=published).distinct().order_by("pk")


class ListSitemap(SiteSitemap):
    """Pages without a row of their own; portal adds to the names."""

    names = ["news:hot", "news:focus"]

    def items(self):
        return self.names

    def location(self, name):
        return reverse(name)


SECTIONS: dict[str, type[Sitemap]] = {
    "bai-viet": ArticleSitemap,
    "chuyen-muc": CategorySitemap,
    "the": TagSitemap,
    "danh-sach": ListSitemap,
}


def index(request):
    addresses = [
        hooks.site_url() + reverse("sitemap_section", args=[name, number])
        for name, section in SECTIONS.items()
        for number in section().paginator.page_range
    ]
    return _xml(request, "news/sitemap_index.xml", {"addresses": addresses})


def section(request, section, number):
    if section not in SECTIONS:
        raise Http404(_("There is no such page."))
    try:
        urls = SECTIONS[section]().get_urls(page=number)
    except EmptyPage as error:
        raise Http404(_("There is no such page.")) from error
    return _xml(request, "news/sitemap_section.xml", {"urls": urls})


def news(request):
    since = timezone.now() - NEWS_AGE
    articles = (
        Article.objects.published()
        .filter(published_at__gt=since)
        .newest_first()
        .only("pk", "slug", "title", "published_at")[:NEWS_MAX]
    )
    context = {"articles": articles, "site_url": hooks.site_url()}
    return _xml(request, "news/sitemap_news.xml", context)


def _xml(request, template, context):
    return render(request, template, context, content_type="application/xml")
