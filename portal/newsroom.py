"""What the newsroom asks of the site: how strict it is, and who is limited to what."""

from collections import defaultdict
from collections.abc import Collection

from news.models import subtree_ids
from news.tree import CategoryTree
from news.workflow import Level
from portal.models import SiteSettings, User


def review_level(user=None) -> str:
    """Return a value of news.workflow.Level; one query for each object of a user."""
    if user is not None and hasattr(user, "_review_level"):
        return user._review_level
    found = SiteSettings.objects.values_list("review_level", flat=True).first()
    if user is not None:
        user._review_level = found or Level.ONE
    return found or Level.ONE


def category_limit(user) -> frozenset[int] | None:
    """Return the ids of the sections, with all below, that `user` is limited to.

    None without a limit, as for superusers. Remembered on the object of the user,
    which lives as long as one request.
    """
    if user.is_superuser or user.pk is None:
        return None
    if not hasattr(user, "_category_limit"):
        chosen = list(user.categories.order_by().values_list("pk", flat=True))
        ids = {pk for category in chosen for pk in subtree_ids(category)}
        user._category_limit = frozenset(ids) if chosen else None
    return user._category_limit


def remember(users: Collection[User]) -> None:
    """Answer both questions for many people at once; three queries."""
    level = review_level()
    chosen = defaultdict(set)
    rows = User.categories.through.objects.filter(user__in=users)
    for user_id, category_id in rows.values_list("user_id", "category_id"):
        chosen[user_id].add(category_id)
    tree = CategoryTree.load() if chosen else None
    for user in users:
        ids = {
            pk
            for category_id in chosen[user.pk]
            for pk in tree.subtree_ids(tree.by_id[category_id])
        }
        user._category_limit = frozenset(ids) if chosen[user.pk] else None
        user._review_level = level
