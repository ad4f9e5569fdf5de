"""`{% visit_counter %}` and `{% visit_beacon kind object_id %}` for public pages."""

import logging

from django import template
from django.db import DatabaseError

from stats import beacon, tokens, totals

logger = logging.getLogger(__name__)
register = template.Library()


@register.inclusion_tag("stats/_counter.html")
def visit_counter():
    """Both public numbers with the time of the rendering; nothing without database."""
    try:
        return {"totals": totals.current()}
    except DatabaseError:
        logger.warning("visit counter left out", exc_info=True)
        return {"totals": None}


@register.inclusion_tag("stats/_beacon.html")
def visit_beacon(kind, object_id):
    """The script and the picture that report this page, with its token.

    `object_id` is an id, or for the kind "page" a name such as "home".
    """
    return {"token": tokens.page_token(kind, object_id), "path": beacon.PATH}
