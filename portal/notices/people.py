"""Who may be told: members of staff with their rights, in few queries."""

from collections import defaultdict
from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.contrib.auth.models import Permission
from django.db.models import Q

from news import permissions
from news.models import Article
from news.workflow import TRANSITIONS, Act
from portal import newsroom
from portal.models import User

MOST = 100  # people told of one thing; a newsroom has thirty
_ASKED = {
    "news.view_article",
    "news.change_others_article",
    *(transition.permission for transition in TRANSITIONS.values()),
}


def able(article: Article, *acts: Act) -> list[User]:
    """Return the active staff who may do one of `acts` to a stored article.

    Six queries, however many there are.
    """
    return [
        user
        for user in holding(*acts)
        if any(permissions.may(user, article, act) for act in acts)
    ]


def holding(*acts: Act) -> list[User]:
    """Return the active staff whose role includes one of `acts`, on some article."""
    wanted = {TRANSITIONS[act].permission for act in acts}
    return with_rights(reduce(or_, (User.objects.with_perm(name) for name in wanted)))


def of_article(article: Article, *ids: int | None) -> list[User]:
    """Return of these people the active staff who may see a stored article."""
    found = with_rights(User.objects.filter(pk__in=set(ids) - {None}))
    return [user for user in found if permissions.may_view(user, article)]


def with_rights(users) -> list[User]:
    """Load people with their rights and limits, so that no rule asks for each."""
    staff = users.filter(is_active=True, is_staff=True).order_by("pk")
    found = list(staff.distinct()[:MOST])
    rights = _rights([user.pk for user in found])
    for user in found:
        # Where Django's ModelBackend keeps what it has looked up.
        user._perm_cache = rights[user.pk]
    newsroom.remember(found)
    return found


def _rights(ids: Iterable[int]) -> dict[int, set[str]]:
    """The permissions that the acts ask for, by account; two queries."""
    names = [name.partition(".")[2] for name in _ASKED]
    asked = Permission.objects.filter(
        Q(codename__in=names), content_type__app_label="news"
    ).order_by()
    rights = defaultdict(set)
    for way in ("user", "group__user"):
        rows = asked.filter(**{f"{way}__in": ids}).values_list(way, "codename")
        for pk, codename in rows:
            rights[pk].add(f"news.{codename}")
    return rights
