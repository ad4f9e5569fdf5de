"""What machines read in the head of a page: schema.org and preview pictures."""

import json

from django import template
from django.utils.html import format_html
from django.utils.translation import gettext as _

from portal.templatetags.picture_tags import media_url
from portal.templatetags.portal_tags import absolute, iso

register = template.Library()


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
            "articleSection": page.section,
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
