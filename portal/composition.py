"""Fills what news and stats ask of the rest: the only place that knows all."""

import contextlib
from collections.abc import Iterator

from django.conf import settings


def compose() -> None:
    """Wire the hooks; called once from PortalConfig.ready()."""
    from news import hooks
    from portal import (
        home,
        link_targets,
        newsroom,
        sidebar,
        sitemaps,
        stats_objects,
    )
    from portal.notices import telling
    from search import indexing, log
    from stats import articles, beacon, totals, visitors

    hooks.search_articles = indexing.narrow
    log.is_reader = beacon.is_reader
    hooks.category_tree = lambda: sidebar.frame().tree
    hooks.view_counts = totals.article_views
    hooks.views_expression = articles.views_of
    hooks.reading = articles.reading
    hooks.downloaded = beacon.record_download
    hooks.review_level = newsroom.review_level
    hooks.category_limit = newsroom.category_limit
    hooks.leader_answered = telling.of_leader
    hooks.client_address = visitors.full_address
    hooks.site_url = lambda: settings.SITE_URL
    hooks.trusted_domains = link_targets.trusted_domains
    hooks.record = _record
    hooks.recording = _one_act
    hooks.public_pages = link_targets.public_pages
    hooks.home_lists = home.lists
    sitemaps.register()
    stats_objects.register()


@contextlib.contextmanager
def _one_act() -> Iterator[None]:
    """What is done inside is one act: one entry for each object, sealed once."""
    from portal import audit
    from portal.integrity import sealing

    with audit.together(), sealing.together():
        yield


def _record(act: str, **details) -> None:
    """Keep an act in the audit log and tell those whom it concerns."""
    from portal import audit
    from portal.notices import telling

    audit.record(act, **details)
    telling.of_act(act, **details)
