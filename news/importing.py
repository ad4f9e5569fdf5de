"""Articles from a file of records, one JSON object a line, in bulk.

For an archive that moves in: fast, resumable, and told line by line what was
refused. A single article goes through news.publishing, which this module follows
in everything it stores: clean text, canonical body, one revision, one signal
inside the transaction.
"""

import gzip
import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from news import body as bodies
from news import hooks, html
from news.document import Block, Document
from news.models import Article, Category, Revision, State
from news.saving import own_fields
from news.signals import articles_changed
from news.text import clean_line, clean_text, slugify_vi

BATCH = 250  # articles in one transaction: about half a second
MAX_LINE_BYTES = 4 * 2**20  # four times what an article's body may be
MAX_BODY_CHARACTERS = 1_000_000
YEARS = range(1945, 2101)


class BadRecord(Exception):
    """Why one line cannot become an article; the text is for people."""


@dataclass(frozen=True)
class Record:
    """One article as it came, checked and clean."""

    line: int
    key: str
    title: str
    sapo: str
    paragraphs: tuple[str, ...]
    category: str
    published_at: datetime
    source: str


@dataclass
class Result:
    """What a run did, in records."""

    written: int = 0
    existing: int = 0
    bad: int = 0
    new_categories: list[str] = field(default_factory=list)

    @property
    def read(self) -> int:
        return self.written + self.existing + self.bad


def import_file(
    path: Path,
    report: Callable[[int, str], None],
    progress: Callable[[Result], None] = lambda result: None,
) -> Result:
    """Write all records of a file that are not there yet; return what was done.

    `report` gets the line number and the reason of each refused record, and of the
    line from which a packed file cannot be read on. Raises OSError when the
    file cannot be opened.
    """
    result = Result()

    def refuse(line: int, reason: str) -> None:
        result.bad += 1
        report(line, reason)

    batch: list[Record] = []
    categories = dict(Category.objects.values_list("name", "pk"))
    for number, raw in _lines(path, refuse):
        try:
            batch.append(parse(number, raw))
        except BadRecord as error:
            refuse(number, str(error))
        if len(batch) >= BATCH:
            _write(batch, categories, result, refuse)
            batch = []
            progress(result)
    _write(batch, categories, result, refuse)
    progress(result)
    return result


# Reading


def _lines(path: Path, refuse) -> Iterator[tuple[int, bytes]]:
    """The lines with their numbers; blank ones are passed over."""
    number = 0
    with path.open("rb") as plain:
        is_packed = plain.read(2) == b"\x1f\x8b"
        plain.seek(0)
        file = gzip.GzipFile(fileobj=plain) if is_packed else plain
        while True:
            try:
                raw = file.readline(MAX_LINE_BYTES + 1)
                is_long = len(raw) > MAX_LINE_BYTES
                while is_long and raw and not raw.endswith(b"\n"):
                    raw = file.readline(MAX_LINE_BYTES)  # forget the rest of it
            except (EOFError, gzip.BadGzipFile, zlib.error):
                refuse(number + 1, _("the packed file is damaged from here on"))
                return
            if not raw and not is_long:
                return
            number += 1
            if is_long:
                refuse(number, _("the line is longer than 4 MB"))
            elif raw.strip():
                yield number, raw


def parse(line: int, raw: bytes) -> Record:
    """Return one line as a record; raises BadRecord."""
    data = _object(raw)
    source = _line(data, "source", 60)
    published_at = _moment(data)
    sapo = _text(data, "lead", 2000)
    text = _text(data, "body", MAX_BODY_CHARACTERS)
    paragraphs = tuple(filter(None, (clean_line(p) for p in text.split("\n"))))
    try:
        html.check_stored(_document(paragraphs).html())
    except ValidationError as error:
        raise BadRecord(error.messages[0]) from error
    if not (sapo or paragraphs):
        raise BadRecord(_("neither “lead” nor “body” has text"))
    return Record(
        line=line,
        key=f"{source}:{_identity(data)}",
        title=_line(data, "title", 300),
        sapo=sapo,
        paragraphs=paragraphs,
        category=_line(data, "category", 120),
        published_at=published_at,
        source=source,
    )


def _object(raw: bytes) -> dict[str, Any]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRecord(_("not UTF-8 text")) from error
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        reason = _("not JSON (column %(column)d)") % {"column": error.colno}
        raise BadRecord(reason) from error
    except (ValueError, RecursionError) as error:  # a number or a nesting too long
        raise BadRecord(_("not JSON that can be read")) from error
    if not isinstance(data, dict):
        raise BadRecord(_("not a JSON object"))
    return data


def _text(data: dict, name: str, longest: int) -> str:
    """A text that may be missing or null; clean, with its line ends."""
    value = data.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadRecord(_("“%(name)s” is not a text") % {"name": name})
    if "\0" in value:
        raise BadRecord(_("“%(name)s” holds a NUL character") % {"name": name})
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise BadRecord(_("“%(name)s” holds half a character") % {"name": name})
    value = clean_text(value).strip()
    if len(value) > longest:
        raise BadRecord(
            _("“%(name)s” has %(length)d characters, at most %(longest)d are allowed")
            % {"name": name, "length": len(value), "longest": longest}
        )
    return value


def _line(data: dict, name: str, longest: int) -> str:
    """A text that must be there; on one line."""
    value = clean_line(_text(data, name, longest))
    if not value:
        raise BadRecord(_("“%(name)s” is missing") % {"name": name})
    return value


def _identity(data: dict) -> str:
    value = data.get("id")
    if isinstance(value, int) and not isinstance(value, bool):
        data = {"id": str(value)}
    # With the source and a colon it must fit into the import key.
    return _line(data, "id", 59)


def _moment(data: dict) -> datetime:
    words = _line(data, "published_at", 40)
    try:
        found = parse_datetime(words)
    except ValueError:
        found = None
    if found is None:
        raise BadRecord(
            _("“published_at” is not a date and time in ISO 8601: %(value)s")
            % {"value": words}
        )
    if found.tzinfo is None:
        raise BadRecord(
            _("“published_at” has no time zone: %(value)s") % {"value": words}
        )
    if found.year not in YEARS:
        raise BadRecord(
            _("“published_at” is outside %(first)d–%(last)d: %(value)s")
            % {"first": YEARS[0], "last": YEARS[-1], "value": words}
        )
    return found.astimezone(UTC)


# Writing


def _write(batch: list[Record], categories: dict[str, int], result, refuse) -> None:
    """Write a batch in one transaction; after an error, each record in its own."""
    if not batch:
        return
    known = set(
        Article.objects.filter(import_key__in=[r.key for r in batch]).values_list(
            "import_key", flat=True
        )
    )
    fresh: dict[str, Record] = {}
    for record in batch:
        if record.key not in known:
            fresh.setdefault(record.key, record)
    result.existing += len(batch) - len(fresh)
    try:
        _write_all(list(fresh.values()), categories, result)
    except (DatabaseError, ValidationError):
        for record in fresh.values():
            try:
                _write_all([record], categories, result)
            except (DatabaseError, ValidationError) as error:
                first = str(error).strip().splitlines()[:1]
                reason = _("the database refused it: %(reason)s")
                refuse(record.line, reason % {"reason": "".join(first)})


def _write_all(records: list[Record], categories: dict[str, int], result) -> None:
    if not records:
        return
    made: dict[str, int] = {}
    with transaction.atomic():
        for name in {record.category: None for record in records}:
            if name not in categories:
                made[name] = _category(name).pk
        places = {**categories, **made}
        articles = Article.objects.bulk_create(
            _article(record, places[record.category]) for record in records
        )
        Revision.objects.bulk_create(
            Revision(
                article=article,
                number=1,
                state=article.state,
                content=_content(article),
            )
            for article in articles
        )
        articles_changed.send(Article, article_ids=[a.pk for a in articles])
        # One entry for all of them: ten thousand would hide what people did.
        note = _("%(count)d articles, numbers %(first)d to %(last)d")
        numbers = {"first": articles[0].pk, "last": articles[-1].pk}
        hooks.record(
            "imported", object=Article, note=note % {"count": len(articles), **numbers}
        )
    categories |= made
    result.new_categories += made
    result.written += len(records)


def _category(name: str) -> Category:
    """The category of this name, made at the end of the list if it is new."""
    found = Category.objects.filter(name__iexact=name).first()
    if found:
        return found
    last = Category.objects.filter(parent=None).order_by("-position").first()
    return Category.objects.create(
        name=name, position=last.position + 10 if last else 10
    )


def _article(record: Record, category_id: int) -> Article:
    document = _document(record.paragraphs)
    return Article(
        title=record.title,
        slug=slugify_vi(record.title),
        category_id=category_id,
        sapo=record.sapo,
        body=document.html(),
        body_html=bodies.public_html(document, {}),
        body_text=document.text(),
        source_name=record.source,
        state=State.PUBLISHED,
        published_at=record.published_at,
        import_key=record.key,
        version=1,
    )


def _content(article: Article) -> dict:
    """What saving.content_of says of an article without relations."""
    nothing = ("further_categories", "tags", "placements", "attachments")
    return own_fields(article) | {name: [] for name in nothing}


def _document(paragraphs: Iterable[str]) -> Document:
    """Paragraphs of plain text: nothing in them is markup, so nothing is parsed."""
    return Document([Block("p", pieces=[(text, ())]) for text in paragraphs])
