"""`{% visit_counter %}` and `{% visit_beacon kind object_id %}` for public pages;
numbers as people read them for the pages of the figures.
"""

import logging

from django import template
from django.db import DatabaseError
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.formats import number_format
from django.utils.html import format_html_join
from django.utils.translation import gettext as _

from stats import beacon, chart, tokens, totals

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


@register.filter
def change(percent):
    """Say how much a figure rose or fell; nothing where nothing was compared."""
    if percent is None:
        return ""
    shown = number_format(abs(percent), 1, force_grouping=True)
    if abs(percent) < 0.05:
        return _("as many")
    text = _("%(percent)s %% more") if percent > 0 else _("%(percent)s %% fewer")
    return text % {"percent": shown}


@register.filter
def share(percent):
    """12.34 as "12,3%"."""
    return f"{number_format(percent, 1)}%"


@register.filter
def dots(number):
    """1389678 as "1.389.678"."""
    return chart.dots(number)


@register.simple_tag
def day_rows(days):
    """The rows of the table by day: thousands of cells, quicker than by a template."""
    names = [str(WEEKDAYS_ABBR[number]) for number in range(7)]
    columns = ("views", "visits", "visitors", "nojs_views", "bot_views")
    columns += ("suspect_views",)
    cells = "<td>{}</td>" * len(columns)
    return format_html_join(
        "\n",
        '<tr><th scope="row">{}</th>' + cells + "</tr>",
        (
            (
                f"{names[day.day.weekday()]} {day.day:%d/%m/%Y}",
                *(chart.dots(getattr(day, column)) for column in columns),
            )
            for day in days
        ),
    )
