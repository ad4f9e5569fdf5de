"""A Word file as a proposal for an article; nothing of it is stored anywhere."""

import logging
from dataclasses import dataclass, field

import mammoth
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from mammoth import documents
from mammoth import html as nodes

from news import html
from news.document import Document
from news.docx import tidying
from news.docx.package import Package, unreadable
from news.docx.paper import Grid, Line, Picture, Prepared, items_of, prepare
from news.docx.recognise import Found, recognise
from news.docx.styles import HEADING
from news.library import fold
from news.models import Placement, Unit

logger = logging.getLogger(__name__)

# A picture that is in no library yet is this plus its number in the file. Numbers of
# rows never come near, and the editor keeps numbers as text. An article in which one
# is left loses that figure, as it does any unknown picture.
PENDING = 2**62
_CAPTION = Placement._meta.get_field("caption").max_length
_ALT = Placement._meta.get_field("alt").max_length


@dataclass
class Proposal:
    """What was recognised; the body's pictures are PENDING + number."""

    found: Found
    body: Document
    unit: Unit | None  # of this site
    warnings: list[str] = field(default_factory=list)


def read(file) -> Proposal:
    """Return the proposal of a .docx; ValidationError says why there is none."""
    with Package(file) as package:
        prepared = prepare(package)
    units = {fold(unit.name): unit for unit in Unit.objects.all()}
    found, markup = _convert(prepared, units)
    body = html.read(markup)
    tidying.tidy(body)
    if not (body.blocks or found.title or found.sapo):
        raise ValidationError(
            _("There is neither text nor a picture in this file."), code="no_text"
        )
    return Proposal(
        found,
        body,
        units.get(fold(found.unit)),
        [*found.warnings, *prepared.warnings],
    )


def _convert(prepared: Prepared, units) -> tuple[Found, str]:
    """Recognise and convert what is left; mammoth offers one step for both."""
    found = Found()
    captions: dict[int, str] = {}

    def transform(document: documents.Document):
        nonlocal found
        items = items_of(document)
        found = recognise(items, units)
        captions.update(
            {item.index: item.caption for item in items if isinstance(item, Picture)}
        )
        _level_headings([item for item in items if isinstance(item, Line)])
        return document.copy(children=[_element(item) for item in items])

    def figure(image: documents.Image) -> list:
        shown = prepared.shown[int(image.alt_text)]
        caption = captions.get(int(image.alt_text), "")
        attributes = {"data-image": str(PENDING + shown.number)}
        if shown.alt:
            attributes["data-alt"] = shown.alt[:_ALT]
        elif caption:
            attributes["data-alt-kind"] = "caption"
        words = nodes.element("figcaption", {}, [nodes.text(caption[:_CAPTION])])
        return [nodes.element("figure", attributes, [nodes.force_write, words])]

    try:
        result = mammoth.convert_to_html(
            prepared.file,
            transform_document=transform,
            convert_image=figure,
            # A map inside the file would say how the file is to be read.
            include_embedded_style_map=False,
            external_file_access=False,
        )
    except Exception as error:
        # On malformed files mammoth raises nearly everything: KeyError,
        # TypeError, ValueError, RecursionError.
        logger.info("a .docx could not be converted", exc_info=True)
        raise unreadable() from error
    return found, result.value


def _level_headings(lines: list[Line]) -> None:
    """The highest heading of the body becomes h2, whatever Word calls it."""
    headings = [line.paragraph for line in lines if line.is_heading]
    levels = {int(heading.style_id.removeprefix(HEADING)) for heading in headings}
    for heading in headings:
        level = int(heading.style_id.removeprefix(HEADING)) - min(levels) + 2
        heading.style_id, heading.style_name = f"{HEADING}{min(level, 4)}", None


def _element(item):
    if isinstance(item, Line):
        return item.paragraph
    if isinstance(item, Grid):
        return item.table
    image = documents.image(alt_text=str(item.index), content_type="", open=None)
    return documents.paragraph([documents.run([image])])
