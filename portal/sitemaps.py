"""What portal adds to the sitemaps of news."""

from news import sitemaps
from portal.models import Page


class PageSitemap(sitemaps.SiteSitemap):
    """The standing pages."""

    def items(self):
        return Page.objects.filter(is_published=True).order_by("pk")

    def lastmod(self, page):
        return page.updated_at


def register() -> None:
    """Fill news.sitemaps; called once from portal.composition."""
    sitemaps.SECTIONS["trang"] = PageSitemap
    sitemaps.ListSitemap.names = [
        "home",
        "calendar",
        "site_map",
        "statistics",
        *_OF_NEWS,
    ]


_OF_NEWS = tuple(sitemaps.ListSitemap.names)
