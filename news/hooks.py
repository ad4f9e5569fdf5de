"""What news asks of the apps it must not import; portal fills it in ready().

Each default is the honest answer of a site that has no such app.
"""

import contextlib
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING

from django.db.models import QuerySet, Value

if TYPE_CHECKING:
    from django.db.models import Expression

    from news.tree import CategoryTree


def _icontains(queryset: QuerySet, words: str) -> tuple[QuerySet, bool]:
    return queryset.filter(title__icontains=words), False


def _load_tree():
    from news.tree import CategoryTree  # whose models ask the hooks themselves

    return CategoryTree.load()


def _no_counts(article_ids: Iterable[int]) -> dict[int, int]:
    return {}


# Narrow a queryset of articles to those that hold `words`, accents optional; and
# whether only the newest of very many were looked for.
search_articles: Callable[[QuerySet, str], tuple[QuerySet, bool]] = _icontains
# All categories as a news.tree.CategoryTree, for public pages; not to be changed.
category_tree: Callable[[], "CategoryTree"] = _load_tree
# Views of articles by id; articles without views may be missing.
view_counts: Callable[[Iterable[int]], dict[int, int]] = _no_counts
# An expression of all views of the article whose id is in the named column.
views_expression: Callable[[str], "Expression"] = lambda reference: Value(0)  # noqa: E731
# How one article was read lately, as the template admin/stats/_reading.html shows it;
# None where nobody counts.
reading: Callable[[int], object | None] = lambda article_id: None  # noqa: E731
# Told of each file handed to a reader: the request's environment and its id.
downloaded: Callable[[dict, int], object] = lambda environ, attachment_id: None  # noqa: E731
# How many people an article passes: a value of news.workflow.Level. Asked for a
# member of staff it may be remembered as long as that object, a request.
review_level: Callable[..., str] = lambda user=None: "one"  # noqa: E731
# The ids of the categories that a member of staff is limited to, with all below
# them; None for somebody without limits.
category_limit: Callable[[object], Collection[int] | None] = lambda user: None  # noqa: E731
# The network address of whoever sent a request, from its environment.
client_address: Callable[[dict], str] = lambda environ: environ.get("REMOTE_ADDR", "")  # noqa: E731
# The public address of the site without a final slash, for links in mail.
site_url: Callable[[], str] = lambda: ""  # noqa: E731
# Domains that links may lead to without a second look, each with all below it.
trusted_domains: Callable[[], Collection[str]] = lambda: ()  # noqa: E731
# Of these slugs of standing pages, those that readers can open.
public_pages: Callable[[Collection[str]], Collection[str]] = lambda slugs: ()  # noqa: E731
# Ids of the articles that the home page shows of each hand-ordered list at a time.
home_lists: Callable[[datetime], Mapping[str, Collection[int]]] = lambda at: {}  # noqa: E731
# Told of each act that is worth remembering, inside its transaction: (act, *, user,
# object, changes={field: [before, after]}, note, request). The audit log keeps it, and
# those whom an act on an article concerns are told.
record: Callable[..., object] = lambda act, **details: None  # noqa: E731
# Told of the answer of a leader without an account, inside its transaction: (article,
# *, issuer of the link, name of the leader, act, note, is_done).
leader_answered: Callable[..., object] = lambda article, **details: None  # noqa: E731
# What is recorded inside it is one act, and is written at its end.
recording: Callable[[], contextlib.AbstractContextManager] = contextlib.nullcontext


def in_one_record(act: Callable) -> Callable:
    """Make one record of all that `act` does; stands below transaction.atomic."""

    @wraps(act)
    def recorded(*args, **kwargs):
        with recording():
            return act(*args, **kwargs)

    return recorded
