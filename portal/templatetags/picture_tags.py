"""Pictures and the cards that carry them: 30 on the home page.

A card is written here and not in a template because it is the most frequent piece
of a cold page: 0.05 ms, against 0.16 ms as an included template. It is remembered by
all that it prints, because most pages become cold without any change in their cards.
"""

from dataclasses import dataclass, field
from functools import lru_cache

from django import template
from django.conf import settings
from django.utils.html import format_html, format_html_join

from news.body import DENSE_PHONE, TEXT_COLUMN
from news.models import Image
from portal.templatetags.portal_tags import time_element

register = template.Library()


def media_url(path: str) -> str:
    return settings.MEDIA_URL + path


@register.simple_tag
def picture(image, sizes=TEXT_COLUMN, alt="", crop=False, lazy=True, lead=False):
    """AVIF and JPEG in the stored widths; width and height, so nothing jumps.

    `alt` is what the page says about the picture; empty beside a title that
    already does. `crop` lets the style sheet cut it around its focal point. `lead`
    is the one picture of a page that is fetched before all others.
    """
    sizes_of = _renditions(image)
    if not sizes_of:
        return ""
    if sizes.endswith("100vw"):
        sizes = f"{DENSE_PHONE}, {sizes}"
    fallback = sizes_of[min(1, len(sizes_of) - 1)]
    css = f"fx-{round(image.focal_x / 10)} fy-{round(image.focal_y / 10)}"
    return format_html(
        _LEAD if lead else _LAZY if lazy else _EAGER,
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
_EAGER = _PICTURE + 'decoding="async"></picture>'
_LEAD = _PICTURE + 'fetchpriority="high"></picture>'


@register.simple_tag
def logo(image):
    """An emblem or logo, with its transparency where it has one.

    Decorative: the name stands beside it.
    """
    rendition = image.renditions.get("logo")
    if rendition is None:
        return picture(image, sizes="72px")
    source = ""
    if "avif" in rendition:
        source = format_html(
            '<source type="image/avif" srcset="{}">', media_url(rendition["avif"])
        )
    return format_html(
        '<picture>{}<img src="{}" width="{}" height="{}" alt=""></picture>',
        source,
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


@dataclass(frozen=True)
class _Look:
    """What a variant of a card shows; its proportions are in cards.css."""

    sizes: str
    lead: bool = False
    sapo: bool = False
    category: bool = False


_LOOKS = {
    "front": _Look("(min-width: 64em) 540px, 100vw", True, True, True),
    "lead": _Look("(min-width: 40em) 520px, 100vw", True, True, True),
    "row": _Look("(min-width: 40em) 216px, 34vw", sapo=True, category=True),
    "small": _Look("(min-width: 64em) 280px, 50vw"),
    "mini": _Look("96px"),
}

_CARD = (
    '<article class="card card--{}{}">{}<div class="card__text">'
    '<{} class="card__title"><a href="{}">{}</a></{}>{}'
    '<p class="card__meta">{}{}</p></div></article>'
)


@register.simple_tag
def card(article, variant, level="h3"):
    """An article of a list; `level` is the element of its title."""
    look, category = _LOOKS[variant], article.category
    is_told = look.category and category.is_visible
    return _card(
        variant,
        level,
        article.get_absolute_url(),
        article.title,
        article.sapo if look.sapo else "",
        article.published_at,
        (category.get_absolute_url(), category.name) if is_told else (),
        _Cover.of(article.cover) if article.cover_id else None,
    )


@dataclass(frozen=True)
class _Cover:
    """A picture that equals another when both are printed the same."""

    values: tuple
    image: Image = field(compare=False)

    @classmethod
    def of(cls, image: Image) -> "_Cover":
        return cls((image.focal_x, image.focal_y, str(image.renditions)), image)


# Those of the home page and of the first pages of ten categories: 1 MB a process.
@lru_cache(maxsize=256)
def _card(variant, level, address, title, sapo, published_at, category, cover):
    look, shown = _LOOKS[variant], ""
    if cover:
        shown = picture(cover.image, look.sizes, crop=True, lead=look.lead)
    return format_html(
        _CARD,
        variant,
        "" if shown else " card--plain",
        shown and format_html('<div class="card__picture">{}</div>', shown),
        level,
        address,
        title,
        level,
        sapo and format_html('<p class="card__sapo">{}</p>', sapo),
        time_element(published_at),
        format_html(' <a class="card__category" href="{}">{}</a>', *category)
        if category
        else "",
    )
