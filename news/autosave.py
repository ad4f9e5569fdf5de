"""What is being written, kept for its writer; and who else is writing there.

A kept copy never touches its article: no version, no revision, no reader. It is
what the form held, restored into a form and saved, or not, by the person whose it
is. Every function takes that person; nothing here gives one somebody else's copy.
Whether they may see or change the article stands in news.permissions.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from news import html_limits
from news.models import Article, Autosave, Presence
from news.text import clean_line, clean_text

KEPT_DAYS = 30
MAX_NEW = 20  # kept new articles of one person; the oldest goes
MAX_OF_ARTICLE = 5  # kept copies of one article, from as many windows
MAX_BYTES = html_limits.MAX_BYTES + 64 * 1024  # a body and all the short fields
MAX_VALUES = 1000  # further categories are the only long list
# A form tells of itself every 25 seconds: two missed calls are forgiven.
HERE_SECONDS = 75


@dataclass(frozen=True)
class Beat:
    """One call of an open form: I am here, and perhaps what I hold."""

    token: UUID
    user_id: int
    base_version: int
    # The newest version its writer was told of: at least the one it began with.
    seen_version: int
    # Has typed since the last call.
    typed: bool
    # Of this form nothing is kept yet. A call that comes late, after the form was
    # saved and its copy deleted, does not say so and brings nothing back.
    begins: bool
    # The last call: the form is being closed.
    leaving: bool
    content: dict[str, list[str]] | None


def read_beat(raw: bytes, fields: Collection[str]) -> Beat:
    """Return what the form sent; ValidationError with a sentence for what it cannot.

    Only inputs of `fields` are kept, each text as clean as saving makes it.
    """
    try:
        data = json.loads(raw)
        beat = Beat(
            token=UUID(data["token"]),
            user_id=_whole(data["user"]),
            base_version=_whole(data["version"]),
            seen_version=_whole(data["seen"]),
            typed=data.get("typed") is True,
            begins=data.get("begins") is True,
            leaving=data.get("leaving") is True,
            content=_content(data.get("content"), fields),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ValidationError(
            _("This could not be read, so nothing was kept."), code="garbage"
        ) from None
    return beat


def clean_content(items, fields: Collection[str]) -> dict[str, list[str]]:
    """Return what is kept of a form's inputs: (name, values) pairs."""
    content = {
        name: [clean_text(value) for value in values]
        for name, values in items
        if _is_input_of(name, fields)
    }
    size = sum(len(v.encode()) for values in content.values() for v in values)
    body = sum(len(value.encode()) for value in content.get("body", []))
    if size > MAX_BYTES or body > html_limits.MAX_BYTES:
        raise ValidationError(
            _("The text is larger than 1 MB. Put long documents into attachments."),
            code="too_large",
        )
    return content


def keep(
    user,
    article: Article | None,
    token: UUID,
    content: dict[str, list[str]],
    *,
    base_version: int = 0,
    begins: bool = True,
) -> Autosave | None:
    """Keep what a form holds; None when it is over and must not begin again."""
    now = timezone.now()
    values = {
        "article": article,
        "title": clean_line(" ".join(content.get("title", [])))[:300],
        "content": content,
        "base_version": base_version,
        "saved_at": now,
    }
    mine = Autosave.objects.filter(user=user)
    if not begins:
        found = mine.filter(token=token).update(**values)
        return Autosave(user=user, token=token, **values) if found else None
    kept, is_new = Autosave.objects.update_or_create(values, user=user, token=token)
    if is_new:
        # The one place where old copies go, everybody's.
        old = now - timedelta(days=KEPT_DAYS)
        Autosave.objects.filter(saved_at__lt=old).delete()
        limit = MAX_OF_ARTICLE if article else MAX_NEW
        beyond = mine.filter(article=article).values_list("pk", flat=True)[limit:]
        mine.filter(pk__in=list(beyond)).delete()
    return kept


def is_blank(content: dict[str, list[str]]) -> bool:
    """Nothing was written yet: a chosen section alone is no article."""
    words = [content.get(name, []) for name in ("title", "sapo", "body")]
    return not any(value.strip() for values in words for value in values)


def forget(user, token: UUID) -> bool:
    """Delete a copy, because it was saved or dropped; say whether there was one."""
    return bool(Autosave.objects.filter(user=user, token=token).delete()[0])


def find(user, token: UUID) -> Autosave | None:
    return Autosave.objects.filter(user=user, token=token).first()


def copies(user, article: Article | None) -> list[Autosave]:
    """The copies of `user` of one article, or of new ones, the latest first.

    At a working copy also what was written in its article before that went live.
    """
    found = Autosave.objects.filter(user=user)
    if article is None:
        found = found.filter(article=None)
    else:
        both = filter(None, (article.pk, article.revision_of_id))
        found = found.filter(article__in=list(both))
    return list(found.order_by("-saved_at").defer("content"))


def be_here(user, article: Article, *, typed: bool) -> None:
    """Note that `user` has the form of `article` open."""
    now = timezone.now()
    values = {"seen_at": now} | ({"typed_at": now} if typed else {})
    if Presence.objects.filter(user=user, article=article).update(**values):
        return
    Presence.objects.filter(seen_at__lt=now - timedelta(days=1)).delete()
    Presence.objects.update_or_create(values, user=user, article=article)


def leave(user, article: Article) -> None:
    """Note that `user` has closed the form of `article`.

    Another window of his says soon that it is still open.
    """
    Presence.objects.filter(user=user, article=article).delete()


def others_here(user, article: Article) -> list[Presence]:
    """Who else has the form of `article` open, by name."""
    since = timezone.now() - timedelta(seconds=HERE_SECONDS)
    found = Presence.objects.filter(article=article, seen_at__gte=since)
    return sorted(
        found.exclude(user=user).select_related("user"), key=lambda p: str(p.user)
    )


def _whole(value) -> int:
    """Return a number that a column can hold."""
    if type(value) is not int or not 0 <= value < 2**31:
        raise ValueError("not a number")
    return value


def _content(data, fields) -> dict[str, list[str]] | None:
    if data is None:
        return None
    values = [value for values in data.values() for value in values]
    if len(values) > MAX_VALUES or not all(isinstance(v, str) for v in values):
        raise ValueError("not a form")
    if not all(isinstance(values, list) for values in data.values()):
        raise ValueError("not a form")
    return clean_content(data.items(), fields)


def _is_input_of(name: str, fields: Collection[str]) -> bool:
    """A field's own input, or one of the two of a day and a time."""
    return name in fields or (name[-2:] in ("_0", "_1") and name[:-2] in fields)
