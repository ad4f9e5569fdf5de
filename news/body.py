"""The three forms of a body with pictures: public, in the editor, as text.

The stored form holds numbers only (see news.html); captions, alternatives and
addresses of renditions are put in here.
"""

from collections.abc import Iterable, Mapping
from html import escape

from django.utils.translation import gettext as _

from news.document import Block, Document, Figure
from news.embeds import Embed
from news.html import read
from news.models import AltKind, Image, Placement
from news.storage import rendition_storage

# Two pixels of the picture for each of CSS are as sharp as an eye sees on a phone:
# one with three (390 x 3 = 1170 px) takes the 800 px rendition too: half the bytes.
DENSE_PHONE = "(max-width: 40em) and (min-resolution: 2.5dppx) 67vw"
# The text column is at most 44rem wide; below 62rem it fills the screen.
TEXT_COLUMN = "(min-width: 62rem) 44rem, 100vw"
SIZES = f"{DENSE_PHONE}, {TEXT_COLUMN}"


def public_html(document: Document, placements: Mapping[int, Placement]) -> str:
    """Return what readers get; a figure without its placement is left out."""

    def figure(figure: Figure) -> str:
        placement = placements.get(figure.placement)
        if placement is None:
            return ""
        return _public_figure(
            placement.image, placement.alt_kind, placement.alt, placement.caption
        )

    return _finished(document, figure)


def page_html(stored_html: str) -> str:
    """Return a standing page as readers get it; one query when it has pictures."""
    document = read(stored_html)
    images = _images(document)

    def figure(figure: Figure) -> str:
        image = images.get(figure.image)
        if image is None:
            return ""
        return _public_figure(image, figure.alt_kind, figure.alt, figure.caption)

    return _finished(document, figure)


def text(document: Document, placements: Mapping[int, Placement]) -> str:
    """Return the plain text with captions, a line for each block."""

    def caption(figure: Figure) -> str:
        placement = placements.get(figure.placement)
        return placement.caption if placement else figure.caption

    return document.text(caption)


def editor_html(stored_html: str, placements: Iterable[Placement] = ()) -> str:
    """Return the form the editor works on: figures with picture and words."""
    document = read(stored_html)
    by_number = {placement.pk: placement for placement in placements}
    images = _images(document)

    def figure(figure: Figure) -> str:
        if placement := by_number.get(figure.placement):
            figure = Figure(
                placement.pk,
                placement.image_id,
                placement.alt_kind,
                placement.alt,
                placement.caption,
            )
            image = placement.image
        else:
            image = images.get(figure.image)
        return editor_figure(figure, image) if image else ""

    return document.html(figure)


def editor_figure(figure: Figure, image: Image) -> str:
    number = f' data-placement="{figure.placement}"' if figure.placement else ""
    return (
        f'<figure{number} data-image="{image.pk}" data-alt-kind="{figure.alt_kind}">'
        f'<img src="{escape(thumbnail_url(image))}" alt="{escape(figure.alt)}">'
        f"<figcaption>{escape(figure.caption, quote=False)}</figcaption></figure>"
    )


def thumbnail_url(image: Image) -> str:
    """Return the address of the smallest rendition, or "" when there is none."""
    sizes = image_sizes(image)
    return rendition_storage().url(sizes[0]["jpg"]) if sizes else ""


def image_sizes(image: Image) -> list[dict]:
    """Return the renditions for pages, the narrowest first."""
    keys = sorted((key for key in image.renditions if key.isdigit()), key=int)
    return [image.renditions[key] for key in keys]


def _images(document: Document) -> Mapping[int, Image]:
    numbers = {figure.image for figure in document.figures() if figure.image}
    return Image.objects.in_bulk(numbers) if numbers else {}


def _public_figure(image: Image, alt_kind: str, alt: str, caption: str) -> str:
    sizes = image_sizes(image)
    if not sizes:
        return ""
    # With "the caption says it", a text here would be read twice.
    alt = alt if alt_kind == AltKind.TEXT else ""
    url = rendition_storage().url
    shown = sizes[min(1, len(sizes) - 1)]

    def srcset(kind):
        return ", ".join(f"{url(s[kind])} {s['w']}w" for s in sizes if kind in s)

    source = (
        f'<source type="image/avif" srcset="{escape(srcset("avif"))}" sizes="{SIZES}">'
        if srcset("avif")
        else ""
    )
    picture = (
        f'<picture>{source}<img src="{escape(url(shown["jpg"]))}"'
        f' srcset="{escape(srcset("jpg"))}" sizes="{SIZES}"'
        f' width="{shown["w"]}" height="{shown["h"]}" alt="{escape(alt)}"'
        ' loading="lazy" decoding="async"></picture>'
    )
    words = escape(caption, quote=False)
    if image.credit:
        credit = escape(image.credit, quote=False)
        words = f'{words} <span class="credit">{credit}</span>'.lstrip()
    caption_html = f"<figcaption>{words}</figcaption>" if words else ""
    return f'<figure class="picture">{picture}{caption_html}</figure>'


def _public_embed(embed: Embed) -> str:
    """Return a place for a frame that static/js/embed.js makes when it is asked to.

    Until then nothing is fetched from the provider; without the script the link
    under it leads there.
    """
    provider = embed.provider
    names = {"provider": provider.name}
    title = escape(embed.title or provider.name)
    press = _("Show the map") if provider.is_map else _("Play the video")
    note = _("Pressing it loads content from %(provider)s, under their terms.") % names
    kind = _("Map from %(provider)s") if provider.is_map else _("Video on %(provider)s")
    link = _("Open on %(provider)s") % names
    return (
        f'<figure class="embed"><div class="embed__frame" data-title="{title}"'
        f' data-embed-frame="{escape(embed.frame)}">'
        f'<p class="embed__kind">{escape(kind % names)}</p>'
        f'<button class="button" type="button" aria-label="{escape(press)}: {title}"'
        f" hidden>{escape(press)}</button>"
        f'<p class="embed__note" hidden>{escape(note)}</p></div>'
        f'<figcaption>{title} <a class="embed__page" href="{escape(embed.page)}"'
        f' rel="noopener">{escape(link)}</a></figcaption></figure>'
    )


def _finished(document: Document, figure) -> str:
    tables = 0

    def table(block: Block, html: str) -> str:
        # A wide table scrolls by itself on a phone, by keyboard too; regions
        # need names that differ.
        nonlocal tables
        tables += 1
        caption = next((b for b in block.children if b.tag == "caption"), None)
        name = "".join(text for text, _marks in caption.pieces) if caption else ""
        name = name or _("Table %(number)s") % {"number": tables}
        return (
            '<div class="table-scroll" role="region" tabindex="0"'
            f' aria-label="{escape(name)}">{html}</div>'
        )

    for block in document.walk():
        if block.tag == "table":
            _name_header_cells(block)
    return document.html(figure, table, _public_embed)


def _name_header_cells(table: Block) -> None:
    """Say of each header cell what it heads, and make a first row of them a head."""
    parts = {part.tag: part for part in table.children}
    body = parts.get("tbody")
    if "thead" not in parts and body and len(body.children) > 1:
        first = body.children[0]
        if all(cell.tag == "th" for cell in first.children):
            body.children = body.children[1:]
            head = Block("thead", children=[first])
            table.children.insert(table.children.index(body), head)
    for part in table.children:
        for row in part.children:
            for cell in row.children:
                if cell.tag == "th":
                    cell.attrs.setdefault(
                        "scope", "col" if part.tag == "thead" else "row"
                    )
