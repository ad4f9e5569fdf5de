"""Prints stored bodies; the only door through which a template gets safe HTML."""

from django import template

from news.body import page_html
from news.html import as_safe

register = template.Library()


@register.filter
def body(article):
    """The body of an article, as news.publishing made it."""
    return as_safe(article.body_html)


@register.filter
def page_body(page):
    """The body of a standing page."""
    return as_safe(page_html(page.body))
