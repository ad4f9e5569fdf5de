"""A save that met a newer version: who made it, what differs, what may be done."""

import re
from dataclasses import dataclass

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from news import comparison, saving
from news.models import Article

# What the button says that does the first try again, by the button of that try.
TRY_AGAIN = {
    "_publish": gettext_lazy("Publish my version in its place"),
    "_submit": gettext_lazy("Submit my version in its place"),
    "_return": gettext_lazy("Return with my version in its place"),
    "_approve": gettext_lazy("Approve my version in its place"),
    "_emergency": gettext_lazy("Publish my version in its place"),
    "_continue": gettext_lazy("Save my version in its place"),
    "_save": gettext_lazy("Save my version in its place"),
}
# "7:_publish": the version that is replaced, and that button.
_OVERWRITE = re.compile(rf"(\d{{1,9}}):({'|'.join(TRY_AGAIN)})", re.ASCII)


@dataclass(frozen=True)
class Clash:
    sentence: str
    parts: list[str]
    shown: comparison.Shown
    overwrite: str
    overwrite_label: str
    stored_url: str


def clash(request, form, stored: Article, base_version: int) -> Clash:
    """Compare what was typed with `stored`, and both with what both began with."""
    theirs, mine = saving.content_of(stored), comparison.typed_content(form)
    base = stored.revisions.filter(number=base_version).first()
    button = next((name for name in TRY_AGAIN if name in request.POST), "_save")
    return Clash(
        sentence=_saved_sentence(request.user, stored),
        parts=_parts(base.content, theirs, mine) if base else [],
        shown=comparison.show(theirs, mine),
        overwrite=f"{stored.version}:{button}",
        overwrite_label=str(TRY_AGAIN[button]),
        stored_url=reverse("admin:news_article_change", args=[stored.pk]),
    )


def first_try_again(post: QueryDict) -> QueryDict:
    """Read "save mine" as the first try that knows the version it replaces.

    A still newer one is met again: only what was shown can be replaced.
    """
    wanted = _OVERWRITE.fullmatch(post.get("_overwrite", ""))
    if not wanted:
        return post
    post = post.copy()
    del post["_overwrite"]
    post["read_version"], post[wanted[2]] = wanted[1], "1"
    return post


def newer(user, article) -> str:
    return _who_saved(
        user,
        article,
        mine=_("You saved a newer version at %(time)s, in another window."),
        others=_("%(name)s saved a newer version at %(time)s."),
    )


def _saved_sentence(user, article) -> str:
    return _who_saved(
        user,
        article,
        mine=_("You saved this article at %(time)s in another window."),
        others=_("%(name)s saved this article at %(time)s, while you were writing."),
    )


def _who_saved(user, article, *, mine: str, others: str) -> str:
    revision = (
        article.revisions.filter(number=article.version)
        .select_related("author")
        .defer("content")
        .first()
    )
    author = revision.author if revision else None
    return (mine if author == user else others) % {
        "name": author or _("Somebody"),
        "time": time_of(revision.created_at if revision else article.updated_at),
    }


def time_of(moment) -> str:
    """Hours and minutes, with the day when it is not today."""
    if moment is None:
        return ""
    moment = timezone.localtime(moment)
    if moment.date() == timezone.localdate():
        return f"{moment:%H:%M}"
    return _("%(time)s on %(day)s") % {
        "time": f"{moment:%H:%M}",
        "day": f"{moment:%d/%m/%Y}",
    }


def _parts(base, theirs, mine) -> list[str]:
    """Who changed what since the version both began with."""
    others = comparison.changed_names(base, theirs)
    own = comparison.changed_names(base, mine)
    lines = []
    for names, text in (
        (others, _("Changed in the stored version: %(names)s.")),
        (own, _("Changed by you: %(names)s.")),
    ):
        if names:
            labels = [comparison.label(name).lower() for name in names]
            lines.append(text % {"names": ", ".join(labels)})
    if others and own and not set(others) & set(own):
        lines.append(_("You changed different parts."))
    return lines
