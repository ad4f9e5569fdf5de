"""Fills what news and stats ask of the rest: the only place that knows all."""

from django.conf import settings


def compose() -> None:
    """Wire the hooks; called once from PortalConfig.ready()."""
    from news import hooks
    from portal import audit, home, link_targets, newsroom, sitemaps, stats_objects
    from portal.notices import telling
    from search import indexing, log
    from stats import beacon, totals, visitors

    hooks.search_articles = indexing.narrow
    log.is_reader = beacon.is_reader
    hooks.view_counts = totals.article_views
    hooks.downloaded = beacon.record_download
    hooks.review_level = newsroom.review_level
    hooks.category_limit = newsroom.category_limit
    hooks.leader_answered = telling.of_leader
    hooks.client_address = visitors.full_address
    hooks.site_url = lambda: settings.SITE_URL
    hooks.trusted_domains = link_targets.trusted_domains
    hooks.record = _record
    hooks.recording = audit.together
    hooks.public_pages = link_targets.public_pages
    hooks.home_lists = home.lists
    sitemaps.register()
    stats_objects.register()


def _record(act: str, **details) -> None:
    """Keep an act in the audit log and tell those whom it concerns."""
    from portal import audit
    from portal.notices import telling

    audit.record(act, **details)
    telling.of_act(act, **details)
