"""What templates show of a search."""

from collections.abc import Iterable

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from search.highlight import Part

register = template.Library()


@register.filter
def marked(parts: Iterable[Part]) -> SafeString:
    """Escape each part and put <mark> around the marked ones."""
    shown = (
        format_html("<mark>{}</mark>", part.text) if part.is_marked else part.text
        for part in parts
    )
    return format_html_join("", "{}", ((text,) for text in shown))
