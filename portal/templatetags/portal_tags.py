"""Around and inside public pages: frame, pictures, Vietnamese dates, JSON-LD.

What depends on no page is rendered once per edition and kept (portal.sidebar).
"""

import json
from datetime import datetime

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html, format_html_join
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
def site_footer(context):
    frame = context["frame"]
    return frame.string(
        ("footer",),
        lambda: render_to_string("includes/_footer.html", {"frame": frame}),
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
                "search_form": search_form() if search else None,
                "lists": lists,
            },
        ),
    )


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


@register.filter
def media_url(path):
    return settings.MEDIA_URL + path


@register.simple_tag
def picture(image, sizes="100vw", alt="", crop=False, lazy=True):
    """AVIF and JPEG in the stored widths; width and height, so nothing jumps.

    `alt` is what the page says about the picture; empty beside a title that
    already does. `crop` lets the style sheet cut it around its focal point.
    """
    sizes_of = _renditions(image)
    if not sizes_of:
        return ""
    fallback = sizes_of[min(1, len(sizes_of) - 1)]
    css = f"fx-{round(image.focal_x / 10)} fy-{round(image.focal_y / 10)}"
    return format_html(
        _LAZY if lazy else _EAGER,
        _source(sizes_of, sizes),
        media_url(fallback["jpg"]),
        _srcset(sizes_of, "jpg"),
        sizes,
        str(fallback["w"]),
        str(fallback["h"]),
        alt,
        css if crop else "whole",
    )


_PICTURE = (
    '<picture>{}<img src="{}" srcset="{}" sizes="{}" width="{}" height="{}"'
    ' alt="{}" class="{}" '
)
_LAZY = _PICTURE + 'loading="lazy" decoding="async"></picture>'
_EAGER = _PICTURE + 'fetchpriority="high"></picture>'


@register.simple_tag
def logo(image):
    """An emblem or logo, with its transparency where it has one.

    Decorative: the name stands beside it.
    """
    rendition = image.renditions.get("logo")
    if rendition is None:
        return picture(image, sizes="72px")
    return format_html(
        '<img src="{}" width="{}" height="{}" alt="">',
        media_url(rendition["png"]),
        str(rendition["w"]),
        str(rendition["h"]),
    )


def _renditions(image) -> list[dict]:
    """The stored widths, the narrowest first; "og" is for other sites only."""
    if image is None:
        return []
    return [
        image.renditions[key]
        for key in sorted((k for k in image.renditions if k.isdigit()), key=int)
    ]


def _srcset(sizes_of, kind) -> str:
    return ", ".join(f"{media_url(size[kind])} {size['w']}w" for size in sizes_of)


def _source(sizes_of, sizes):
    with_avif = [size for size in sizes_of if size.get("avif")]
    return format_html_join(
        "",
        '<source type="image/avif" srcset="{}" sizes="{}">',
        [(_srcset(with_avif, "avif"), sizes)] if with_avif else [],
    )


class _Json(str):
    """JSON for a <script> block; what could end the block is escaped."""

    def __html__(self):
        return (
            self.replace("<", "\\u003C").replace(">", "\\u003E").replace("&", "\\u0026")
        )


@register.simple_tag
def json_ld(data):
    """A schema.org block from a dictionary; empty values are left out."""
    kept = {key: value for key, value in data.items() if value}
    text = json.dumps({"@context": "https://schema.org", **kept}, ensure_ascii=False)
    return format_html('<script type="application/ld+json">{}</script>', _Json(text))


@register.simple_tag
def article_json(page, frame):
    """NewsArticle for search engines."""
    article = page.article
    image = _og(article.cover)
    agency = _agency(frame)
    named = {"@type": "Person", "name": article.byline} if article.byline else agency
    if not article.byline and article.signature_unit_id:
        named = {"@type": "Organization", "name": article.signature_unit.name}
    return json_ld(
        {
            "@type": "NewsArticle",
            "headline": article.title,
            "description": article.sapo,
            "datePublished": iso(article.published_at),
            "dateModified": iso(article.revised_at or article.published_at),
            "articleSection": article.category.name,
            "keywords": [tag.name for tag in page.tags],
            "inLanguage": "vi",
            "image": [absolute(media_url(image["jpg"]))] if image else [],
            "author": named,
            "publisher": agency,
            "mainEntityOfPage": absolute(article.get_absolute_url()),
        }
    )


@register.simple_tag
def site_json(frame):
    return json_ld({**_agency(frame), "description": frame.site.description})


def _agency(frame):
    return {
        "@type": "GovernmentOrganization",
        "name": frame.name,
        "url": frame.site_url + "/",
    }


def _og(image):
    return image.renditions.get("og") if image else None


@register.simple_tag
def og_image(image):
    """The picture other sites show beside a link to this page."""
    rendition = _og(image)
    if not rendition:
        return ""
    return format_html(
        '<meta property="og:image" content="{}">'
        '<meta property="og:image:width" content="{}">'
        '<meta property="og:image:height" content="{}">'
        '<meta name="twitter:card" content="summary_large_image">',
        absolute(media_url(rendition["jpg"])),
        str(rendition["w"]),
        str(rendition["h"]),
    )


@register.simple_tag
def breadcrumb_json(path):
    """BreadcrumbList of categories, from the home page down."""
    steps = [(_("Home page"), "/")]
    steps += [(category.name, category.get_absolute_url()) for category in path]
    return json_ld(
        {
            "@type": "BreadcrumbList",
            "itemListElement": [
                {
                    "@type": "ListItem",
                    "position": number,
                    "name": name,
                    "item": absolute(url),
                }
                for number, (name, url) in enumerate(steps, 1)
            ],
        }
    )
