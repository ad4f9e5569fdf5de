"""Around and inside public pages: the frame, addresses, Vietnamese dates.

What depends on no page is rendered once per edition and kept (portal.sidebar).
"""

from datetime import datetime
from functools import lru_cache

from django import template
from django.conf import settings
from django.core.paginator import Paginator
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from portal import sidebar as around
from search.filters import search_form

register = template.Library()

# Python's and Django's own names ("Thứ 4") are not what people write.
_WEEKDAYS = (
    "Thứ Hai",
    "Thứ Ba",
    "Thứ Tư",
    "Thứ Năm",
    "Thứ Sáu",
    "Thứ Bảy",
    "Chủ Nhật",
)


@register.simple_tag
def frame():
    """The prepared surroundings; base.html asks once as `frame`."""
    return around.frame()


@register.simple_tag(takes_context=True)
def once(context, name):
    """Include a template that needs `frame` alone, rendered once for an edition."""
    frame = context["frame"]
    return frame.string((name,), lambda: render_to_string(name, {"frame": frame}))


@register.simple_tag(takes_context=True)
def site_header(context):
    """Emblem, names, date and menu; the menu marks where the reader is.

    `path` in the context are the categories above the page, the topmost first.
    """
    frame = context["frame"]
    request = context.get("request")
    here = request.path if request else ""
    above = [category.get_absolute_url() for category in context.get("path") or ()]
    # Only addresses of the menu make a copy of their own: keys stay few.
    current = next((u for u in (here, *reversed(above)) if u in frame.menu_urls), "")
    is_page = current == here
    return frame.string(
        ("header", current, is_page),
        lambda: render_to_string(
            "includes/_header.html",
            {"frame": frame, "current": current, "is_page": is_page},
        ),
    )


@register.simple_tag(takes_context=True)
def sidebar(context, search=True, lists=True):
    """The sidebar; `search` and `lists` are false where the page has its own."""
    frame = context["frame"]
    return frame.string(
        ("sidebar", search, lists),
        lambda: render_to_string(
            "portal/_sidebar.html",
            {
                "frame": frame,
                "search_form": search_form(tree=frame.tree) if search else None,
                "lists": lists,
            },
        ),
    )


@register.simple_tag
def breadcrumb(path=(), text="", last_is_page=False):
    """The way down to a page: the categories of `path`, then `text` if there is one."""
    steps = tuple((category.name, category.get_absolute_url()) for category in path)
    return _breadcrumb(steps, text, last_is_page)


@lru_cache(maxsize=256)
def _breadcrumb(steps, text, last_is_page):
    return render_to_string(
        "includes/_breadcrumb.html",
        {"steps": steps, "text": text, "last_is_page": last_is_page},
    )


@register.simple_tag
def pagination(page, query=""):
    """Links to the pages of a list; `query` stands before trang=: "a=b&" or nothing."""
    return _pagination(page.number, page.paginator.num_pages, query)


@lru_cache(maxsize=256)
def _pagination(number, count, query):
    page = Paginator(range(count), 1).page(number)
    return render_to_string("includes/_pagination.html", {"page": page, "query": query})


@register.simple_tag
def elided_numbers(page):
    """Numbers of pages near the first, the present and the last; None for a gap."""
    numbers = page.paginator.get_elided_page_range(
        page.number, on_each_side=2, on_ends=1
    )
    return [n if isinstance(n, int) else None for n in numbers]


@register.simple_tag
def absolute(path):
    """A full address; always from SITE_URL, never from the request."""
    return settings.SITE_URL + path


@register.filter
def weekday(value):
    return _WEEKDAYS[value.weekday()]


@register.filter
def long_date(value):
    """Thứ Tư, 19/05/2021, 10:30 (GMT+7), in the site's time zone."""
    local = timezone.localtime(value)
    hours = int(local.utcoffset().total_seconds() // 3600)
    return f"{weekday(local)}, {local:%d/%m/%Y, %H:%M} (GMT{hours:+d})"


@register.filter
def list_date(value):
    """19/05/2021 10:30, in the site's time zone."""
    return f"{timezone.localtime(value):%d/%m/%Y %H:%M}"


@register.filter
def shortened(text, length):
    """`text|truncatechars:length`, which takes 40 microseconds to find it short."""
    return text if len(text) <= length else Truncator(text).chars(length)


# A page prints up to fifty times, and every edition prints most of them again.
@lru_cache(maxsize=4096)
def time_element(value):
    """<time> of an aware datetime, as it is printed in lists."""
    return format_html('<time datetime="{}">{}</time>', iso(value), list_date(value))


@register.simple_tag
def story(article):
    """The plainest form of an article in a list: its title and its time."""
    return _story(article.get_absolute_url(), article.title, article.published_at)


@lru_cache(maxsize=1024)
def _story(address, title, published_at):
    return format_html(
        '<a href="{}">{}</a> {}', address, title, time_element(published_at)
    )


@register.filter
def iso(value):
    """2021-05-19T10:30:00+07:00 for machines; of a day, 2021-05-19."""
    if not isinstance(value, datetime):
        return value.isoformat()
    return timezone.localtime(value).isoformat(timespec="seconds")


@register.filter
def file_kind(attachment):
    """The kind of a file as people name it: PDF, DOCX."""
    _name, dot, suffix = attachment.file_name.rpartition(".")
    return suffix.upper() if dot else _("file")
