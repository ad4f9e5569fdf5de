"""What an article lacks before readers see it: one list, with the place of each.

Errors keep an article from being published (saving.problems asks here too),
warnings are for a second look. Built on the document that news.html reads, over
what is stored or over what stands unsaved in a form.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Literal, NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from news import html, link_check
from news.document import Block, Document
from news.models import AltKind, Article, Attachment, Placement, State

TITLE_MAX = 100  # characters; more is cut in lists and by search engines
SAPO_MAX = 60  # words; three sentences of a newspaper
FAR_AHEAD = timedelta(days=90)
LONG_AGO = timedelta(days=180)  # a new article of last year: the year is mistyped
_QUOTE = 80  # characters of a quotation


class Target(NamedTuple):
    """Where to jump: a field by its name, or a part of the body by its index.

    Figures (`caption` means the words under one), embeds, tables, headings with text
    and links are counted from 0 in the order of the document.
    """

    kind: Literal["field", "figure", "caption", "embed", "table", "heading", "link"]
    place: str | int


@dataclass(frozen=True)
class Item:
    severity: Literal["error", "warning"]
    code: str
    message: str
    target: Target
    quote: str = ""  # the words it is about


@dataclass(frozen=True)
class Writing:
    """An article as it stands, saved or not.

    `pictures` are the placements of the document's figures, in their order, and
    need no rows of their own; `article` may be unsaved, too.
    """

    article: Article
    document: Document
    pictures: Sequence[Placement] = ()
    attachments: Iterable[Attachment] = ()


def stored(article: Article) -> Writing:
    """Return what is in the database; attachments are asked for when needed."""
    document = html.read(article.body)
    placements = {place.pk: place for place in article.placements.all()}
    pictures = [
        placements[figure.placement]
        for figure in document.figures()
        if figure.placement in placements
    ]
    return Writing(article, document, pictures, article.attachments.all())


def check(writing: Writing, now: datetime | None = None) -> list[Item]:
    """Return everything found: errors first, each part in the reader's order."""
    return [*errors(writing), *_warnings(writing, now or timezone.now())]


def errors(writing: Writing) -> list[Item]:
    """Return what keeps an article from being published; at most one query."""
    article = writing.article
    found = []

    def add(code, message, target):
        found.append(Item("error", code, message, target))

    if not article.title.strip():
        add("no_title", _("The title is missing."), Target("field", "title"))
    if not article.sapo.strip() and not _has_words(writing):
        message = _("The article has neither a lead nor a body.")
        add("empty", message, Target("field", "sapo"))
    if article.cover_id and article.show_cover and _is_cover_mute(article):
        message = _("The cover above the body has no alternative text.")
        add("cover_alt", message, Target("field", "cover_alt"))
    for index, picture in enumerate(writing.pictures):
        if _is_mute(picture):
            message = _("Picture %(number)s in the body has no alternative text.")
            message %= {"number": index + 1}
            add("figure_alt", message, Target("figure", index))
    embeds = (block.embed for block in writing.document.walk() if block.embed)
    for index, embed in enumerate(embeds):
        if not embed.title:
            message = _("Video or map %(number)s in the body has no title.")
            add("embed_title", message % {"number": index + 1}, Target("embed", index))
    return found


def _has_words(writing: Writing) -> bool:
    texts = any(block.pieces or block.embed for block in writing.document.walk())
    return texts or any(picture.caption for picture in writing.pictures)


def _is_mute(picture: Placement) -> bool:
    if picture.alt_kind == AltKind.TEXT:
        return not picture.alt
    return picture.alt_kind == AltKind.CAPTION and not picture.caption


def _is_cover_mute(article: Article) -> bool:
    if article.cover_alt_kind == AltKind.TEXT:
        return not article.cover_alt and not article.cover.default_alt
    return article.cover_alt_kind == AltKind.CAPTION and not article.cover_caption


# Warnings


def _warnings(writing: Writing, now: datetime) -> Iterator[Item]:
    yield from _title(writing.article.title)
    yield from _lead(writing)
    yield from _pictures(writing.pictures)
    yield from _headings(writing.document)
    yield from _tables(writing.document)
    yield from _links(writing)
    yield from _attachments(writing.attachments)
    yield from _times(writing.article, now)


def _warning(code: str, message: str, target: Target, quote: str = "") -> Item:
    if len(quote) > _QUOTE:
        quote = f"{quote[:_QUOTE].rstrip()}…"
    return Item("warning", code, message, target, quote)


def _title(title: str) -> Iterator[Item]:
    target = Target("field", "title")
    if len(title) > TITLE_MAX:
        message = _("The title has %(count)s characters; over %(max)s it is cut.")
        message %= {"count": len(title), "max": TITLE_MAX}
        yield _warning("title_long", message, target)
    letters = [letter for letter in title if letter.isalpha()]
    # "UBND TP.HCM" alone is no shouting.
    if len(letters) > 15 and all(letter.isupper() for letter in letters):
        message = _("The title is all in capitals, which is hard to read.")
        yield _warning("title_capitals", message, target)
    if title.endswith(".") and not title.endswith(("..", "v.v.")):
        message = _("A title ends without a full stop.")
        yield _warning("title_stop", message, target)


def _lead(writing: Writing) -> Iterator[Item]:
    article = writing.article
    words = len(article.sapo.split())
    if not words and _has_words(writing):
        message = _("The lead (sapo) is missing: lists will show the title alone.")
        yield _warning("no_sapo", message, Target("field", "sapo"))
    if words > SAPO_MAX:
        message = _("The lead has %(count)s words; about %(max)s are enough.")
        message %= {"count": words, "max": SAPO_MAX}
        yield _warning("sapo_long", message, Target("field", "sapo"))
    if not article.cover_id:
        message = _("There is no cover picture for lists and for sharing.")
        yield _warning("no_cover", message, Target("field", "cover"))


def _pictures(pictures: Sequence[Placement]) -> Iterator[Item]:
    for index, picture in enumerate(pictures):
        # Of "the caption says it" the missing caption is an error already.
        if picture.alt_kind == AltKind.TEXT and not picture.caption:
            message = _("Picture %(number)s in the body has no caption.")
            message %= {"number": index + 1}
            yield _warning("figure_caption", message, Target("caption", index))


def _headings(document: Document) -> Iterator[Item]:
    before = 1  # the title
    headings = [b for b in document.walk() if b.tag in ("h2", "h3", "h4")]
    for index, heading in enumerate(headings):
        level = int(heading.tag[1])
        if level > before + 1:
            message = _("A level of headings is skipped before this one.")
            target = Target("heading", index)
            yield _warning("heading_skip", message, target, _text(heading))
        before = level


def _tables(document: Document) -> Iterator[Item]:
    for index, table in enumerate(b for b in document.walk() if b.tag == "table"):
        rows = [block for block in table.walk() if block.tag == "tr"]
        cells = [cell for row in rows for cell in row.children]
        # One row or one column is a frame around words, and heads nothing.
        is_data = len(rows) > 1 and any(len(row.children) > 1 for row in rows)
        if is_data and not any(cell.tag == "th" for cell in cells):
            message = _("Table %(number)s has no header cells.")
            message %= {"number": index + 1}
            quote = next(filter(None, map(_text, cells)), "")
            yield _warning("table_headers", message, Target("table", index), quote)


def _text(block: Block) -> str:
    return "".join(text for part in block.walk() for text, _marks in part.pieces)


# Links


class _Link(NamedTuple):
    address: str
    text: str
    target: Target


# Words that say nothing about where a link leads, in lower case.
_VAGUE = re.compile(
    "((xem|chi tiết|tải|tải về|bấm|nhấn|click|kích)( thêm| chi tiết| xem)? )?"
    "((tại|ở|vào) )?đây"
    "|(xem|đọc) (thêm|tiếp|chi tiết)|chi tiết|(đường )?link( này)?|liên kết( này)?"
    "|(click )?here|((read|see) )?more"
)


def _links(writing: Writing) -> Iterator[Item]:
    links = _links_of(writing.document)
    for link in links:
        words = link.text.casefold().strip(" .,:;!?…()[]“”\"'»>→")
        if _VAGUE.fullmatch(words) or words.startswith(("http://", "https://", "www.")):
            message = _("The words of this link do not say where it leads.")
            yield _warning("link_text", message, link.target, link.text)
    if source := writing.article.source_url:
        field = Target("field", "source_url")
        links.append(_Link(source, source, field))
    addresses = [link.address for link in links]
    why = link_check.broken(addresses)
    for link in links:
        if link.address in why:
            message = why[link.address]
            yield _warning("link_broken", message, link.target, link.text)
    yield from _outbound(links, link_check.outbound_hosts(addresses))


def _outbound(links: list[_Link], hosts: dict[str, str]) -> Iterator[Item]:
    """Each domain once, however often the text links to it."""
    by_host: dict[str, list[_Link]] = {}
    for link in links:
        if link.address in hosts:
            by_host.setdefault(hosts[link.address], []).append(link)
    for host, found in by_host.items():
        message = ngettext(
            "A link leads to %(host)s, which is not a trusted domain.",
            "%(count)s links lead to %(host)s, which is not a trusted domain.",
            len(found),
        )
        message %= {"host": host, "count": len(found)}
        yield _warning("link_outbound", message, found[0].target, found[0].text)


def addresses_in(document: Document) -> list[str]:
    """Return where the links of a body lead, in its order."""
    return [link.address for link in _links_of(document)]


def _links_of(document: Document) -> list[_Link]:
    """Runs of text under one address; blanks and breaks inside do not end a link."""
    links: list[_Link] = []
    for block in document.walk():
        last_address, blank = "", ""
        for text, marks in block.pieces:
            if not text.strip():  # tidied, a blank between two marks has none
                blank = " "
                continue
            address = next((href for tag, href in marks if tag == "a"), "")
            if address and address == last_address:
                links[-1] = links[-1]._replace(text=links[-1].text + blank + text)
            elif address:
                links.append(_Link(address, text, Target("link", len(links))))
            last_address, blank = address, ""
    return links


# What stands beside the body


def _attachments(attachments: Iterable[Attachment]) -> Iterator[Item]:
    for index, attachment in enumerate(attachments):
        stem = PurePosixPath(attachment.file_name).stem
        # "Quyet-dinh-15_signed": the name of the file stands for a title.
        if stem and " " not in stem and attachment.title.strip() in ("", stem):
            message = _("This attachment has a file name in place of a title.")
            target = Target("field", f"attachments-{index}-title")
            yield _warning("attachment_title", message, target, attachment.file_name)


def _times(article: Article, now: datetime) -> Iterator[Item]:
    begins, ends = article.published_at, article.expires_at
    if ends and ends <= now:
        message = _("The end lies in the past: readers will not see the article.")
        yield _warning("expires_past", message, Target("field", "expires_at"))
    if begins is None:
        return
    target = Target("field", "published_at")
    if begins > now + FAR_AHEAD:
        message = _(
            "The publication is more than three months ahead: is the date right?"
        )
        yield _warning("published_far", message, target)
    is_new = article.state not in (State.PUBLISHED, State.WITHDRAWN)
    if is_new and not article.revision_of_id and begins < now - LONG_AGO:
        message = _("The publication is dated long ago: is the year right?")
        yield _warning("published_long_ago", message, target)
