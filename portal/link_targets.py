"""What the link check of news asks of the site: whom to trust, which pages exist."""

from collections.abc import Collection

from news.link_check import domain_of
from portal.models import LinkedSite, Page, SiteSettings


def trusted_domains() -> set[str]:
    """Return the domains of the settings and of the linked sites; two queries."""
    lines = SiteSettings.objects.values_list("trusted_domains", flat=True)
    sites = LinkedSite.objects.order_by().values_list("url", flat=True)
    named = [*"\n".join(lines).splitlines(), *sites]
    return {domain for name in named if (domain := domain_of(name))}


def public_pages(slugs: Collection[str]) -> set[str]:
    """Return those of `slugs` whose standing page readers can open."""
    pages = Page.objects.filter(is_published=True, slug__in=slugs)
    return set(pages.values_list("slug", flat=True))
