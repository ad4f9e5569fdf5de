"""A picture on its page: whole, and as it is cut for readers.

static/admin_theme/focal.js makes the whole one clickable and moves the cuts; without
it there are the number fields below, and the cut of the last save.
"""

import json

from django.utils.html import format_html
from django.utils.translation import gettext as _

from news.body import image_sizes
from news.models import Image
from news.storage import rendition_storage


def preview(image: Image):
    sizes = image_sizes(image)
    if not sizes:
        return "—"
    shown = sizes[min(1, len(sizes) - 1)]
    card = image.renditions.get("og", shown)
    url = rendition_storage().url
    return format_html(
        '<div class="focal" data-focal="{labels}">'
        '<div class="focal-whole"><img src="{src}" alt="{alt}" width="{w}" '
        'height="{h}"></div>'
        '<p class="focal-status help" role="status"></p>'
        '<div class="focal-cuts">'
        '<figure hidden><div class="focal-cut focal-cut--card"><img src="{src}" alt="">'
        "</div><figcaption>{card}</figcaption></figure>"
        '<figure><div class="focal-cut focal-cut--share"><img src="{share_src}" alt="">'
        "</div><figcaption>{share}</figcaption></figure>"
        "</div></div>",
        labels=json.dumps(_labels(), ensure_ascii=False),
        src=url(shown["jpg"]),
        alt=image.default_alt,
        w=shown["w"],
        h=shown["h"],
        share_src=url(card["jpg"]),
        card=_("In lists and on the home page (3:2)"),
        share=_("When shared on Facebook or Zalo"),
    )


def _labels() -> dict[str, str]:
    return {
        "help": _(
            "Click on what must never be cut away: a face, a hand, a sign. By "
            "keyboard: the arrow keys, with Shift in larger steps."
        ),
        "marker": _("Focal point: {x} % from the left, {y} % from the top"),
    }
