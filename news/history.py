"""The past of an article: its revisions, page by page or two to compare.

Who may see them stands in news.permissions; news.restoring brings one back.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.paginator import EmptyPage, Page, Paginator
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from news.models import Article, Revision
from news.workflow import Act, State

PER_PAGE = 50
_RELEASES = (Act.PUBLISH, Act.EMERGENCY)


@dataclass(frozen=True)
class Row:
    """A revision as the list shows it; its content is not loaded."""

    revision: Revision
    previous: int | None  # the number before it
    # Written in a working copy of the article, not in the article.
    in_copy: bool

    @property
    def done(self) -> str:
        revision = self.revision
        if not revision.act:
            return _("saved")
        if revision.state == State.APPROVED and revision.act in _RELEASES:
            return _("released for its time")
        return revision.get_act_display()


def page_of(article: Article, number: int) -> Page:
    """Return a page of `Row`, the newest first; three queries. Http404 beyond."""
    revisions = article.revisions.select_related("author").defer("content")
    paginator = Paginator(revisions, PER_PAGE)
    try:
        page = paginator.page(number)
    except EmptyPage as error:
        raise Http404(_("There is no such page.")) from error
    start = (number - 1) * PER_PAGE
    found = list(revisions[start : start + PER_PAGE + 1])
    page.object_list = _rows(article, found)[:PER_PAGE]
    return page


def _rows(article: Article, revisions: list[Revision]) -> list[Row]:
    """A published or dropped working copy handed over its revisions in one run.

    It begins with Act.REVISE and ends before the article's own next revision.
    """
    rows = []
    is_inside, previous = _is_inside_before(article, revisions), None
    for revision in reversed(revisions):
        if revision.act == Act.REVISE:
            is_inside = True
        elif _is_end(revision):
            is_inside = False
        in_copy = is_inside and article.revision_of_id is None
        rows.append(Row(revision, previous, in_copy))
        previous = revision.number
    return rows[::-1]


def _is_end(revision: Revision) -> bool:
    return revision.act == Act.DISCARD or revision.state == State.PUBLISHED


def _is_inside_before(article: Article, revisions: list[Revision]) -> bool:
    if not revisions:
        return False
    older = article.revisions.filter(number__lt=revisions[-1].number)
    ends = Q(act=Act.DISCARD) | Q(state=State.PUBLISHED)
    borders = older.filter(Q(act=Act.REVISE) | ends)
    return borders.values_list("act", flat=True).first() == Act.REVISE


def found(article: Article, *numbers: int) -> dict[int, Revision]:
    """Return these revisions with their content and author, by number; one query."""
    rows = _numbered(article, numbers).select_related("author")
    return {revision.number: revision for revision in rows}


def known(article: Article, *numbers: int) -> list[int]:
    """Return those of `numbers` that are revisions of the article; one query."""
    return list(_numbered(article, numbers).values_list("number", flat=True))


def _numbered(article: Article, numbers: Iterable[int]) -> QuerySet[Revision]:
    # No article has a version that was not saved; a column holds no such number.
    wanted = [number for number in numbers if number <= article.version]
    return article.revisions.filter(number__in=wanted)


def neighbours(article: Article, old: int, new: int) -> tuple[int | None, int | None]:
    """Return the number before `old` and the one after `new`; two queries."""
    numbers = article.revisions.values_list("number", flat=True)
    before = numbers.filter(number__lt=old).first()
    return before, numbers.filter(number__gt=new).order_by("number").first()
