"""What the content files say, as frozen values with real dates.

Everything is relative to `now`, so that the demo is as fresh on the day it is
put in as it was on the day it was written. No database here.
"""

import tomllib
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path

from django.utils import timezone

from .markup import Figure, figures, fill_dates, read

CONTENT = Path(__file__).parent / "content"


@dataclass(frozen=True)
class DemoFile:
    """A file to download: `name` decides what kind it is."""

    name: str
    title: str


@dataclass(frozen=True)
class DemoArticle:
    """One article, ready to be written."""

    key: str
    title: str
    category: str
    sapo: str
    text: str
    published_at: datetime
    state: str = "published"
    further: tuple[str, ...] = ()
    unit: str = ""
    author: str = ""
    tags: tuple[str, ...] = ()
    source_name: str = ""
    source_url: str = ""
    expires_at: datetime | None = None
    cover: Figure | None = None
    figures: tuple[Figure, ...] = ()
    files: tuple[DemoFile, ...] = ()
    # Place in the two lists, 0 for none; days until the entry ends, 0 for never.
    hot: int = 0
    focus: int = 0
    list_days: int = 0
    head: dict = field(default_factory=dict, compare=False)


def moment(words: str, now: datetime) -> datetime:
    """The time that `when:` means: "last 10:45", "-3 08:15" or "+2 09:00".

    "last" is the last time the local clock showed it, so always within a day.
    Days that are not in the future give nothing later than `now`: a demo that is
    put in before dawn must not schedule its own front page.
    """
    days, _, clock = words.partition(" ")
    hour, minute = clock.split(":")
    today = timezone.localtime(now).date()

    def on(ahead: int) -> datetime:
        day = today + timedelta(days=ahead)
        return timezone.make_aware(datetime.combine(day, time(int(hour), int(minute))))

    if days == "last":
        return on(0) if on(0) <= now else on(-1)
    return on(int(days)) if int(days) > 0 else min(on(int(days)), now)


def _parts(value: str, separator: str = ",") -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(separator) if part.strip())


def article(key: str, text: str, now: datetime) -> DemoArticle:
    """One content file as an article; raises KeyError for a missing head line."""
    raw = read(text)
    when = moment(raw.head["when"], now)
    day = timezone.localtime(when).date()
    head = {name: fill_dates(value, day) for name, value in raw.head.items()}
    body = fill_dates(raw.text, day)
    source_name, _, source_url = head.get("source", "").partition(" | ")
    cover = head.get("cover")
    return DemoArticle(
        key=key,
        title=head["title"],
        category=head["category"],
        sapo=head["sapo"],
        text=body,
        published_at=when,
        state=head.get("state", "published"),
        further=_parts(head.get("also", "")),
        unit=head.get("unit", ""),
        author=head.get("author", ""),
        tags=_parts(head.get("tags", "")),
        source_name=source_name,
        source_url=source_url,
        expires_at=moment(head["until"], now) if "until" in head else None,
        cover=Figure(*_parts(cover, "|")) if cover else None,
        figures=tuple(figures(body)),
        files=tuple(
            DemoFile(*_parts(entry, "|"))
            for entry in _parts(head.get("attach", ""), ";")
        ),
        hot=int(head.get("hot", 0)),
        focus=int(head.get("focus", 0)),
        list_days=int(head.get("list_days", 0)),
        head=head,
    )


def articles(now: datetime) -> list[DemoArticle]:
    """All articles, oldest first, so that ids grow with time."""
    found = [
        article(path.stem, path.read_text(encoding="utf-8"), now)
        for path in sorted((CONTENT / "articles").glob("*.md"))
    ]
    return sorted(found, key=lambda one: (one.published_at, one.key))


def pages(now: datetime) -> list[tuple[str, str, str]]:
    """Standing pages as (slug, title, text), in their order."""
    day = timezone.localtime(now).date()
    found = []
    for path in sorted((CONTENT / "pages").glob("*.md")):
        raw = read(path.read_text(encoding="utf-8"))
        slug = path.stem.partition("-")[2]
        found.append((slug, raw.head["title"], fill_dates(raw.text, day)))
    return found


def table(name: str) -> dict:
    """One of the TOML files: site, categories, calendar."""
    with (CONTENT / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)
