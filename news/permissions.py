"""Who may do what with one article; asked by list, form, actions and preview alike.

A group gives permissions; these functions say what they mean for an object.
Superusers have every permission. Nothing here looks at the content: what an
article must have stands in news.publishing.
"""

from django.db.models import Case, Q, Value, When
from django.utils import timezone

from news import library
from news.models import Article, ArticleQuerySet, Image, State
from news.publishing import PUBLISHABLE, SUBMITTABLE, WITHDRAWABLE

# What a reporter can still rewrite: nothing readers have seen.
_OWN_STATES = {State.DRAFT, State.RETURNED, State.IN_REVIEW}


def visible_articles(user, articles: ArticleQuerySet) -> ArticleQuerySet:
    """Narrow `articles` to those that `user` may see in the back office."""
    if not user.has_perm("news.view_article"):
        return articles.none()
    if user.has_perm("news.change_others_article"):
        return articles
    # What is scheduled by others may be under embargo.
    out = Q(state=State.PUBLISHED, published_at__lte=timezone.now())
    # As one condition: nearly every row fulfils it, so an index for either half
    # would cost more than reading the list in its order.
    rule = Case(When(Q(created_by=user) | out, then=Value(True)), default=Value(False))
    return articles.filter(rule)


def may_view(user, article: Article) -> bool:
    """The rule of `visible_articles` for one row."""
    return user.has_perm("news.view_article") and (
        user.has_perm("news.change_others_article")
        or _is_own(user, article)
        or (article.state == State.PUBLISHED and article.published_at <= timezone.now())
    )


def may_change(user, article: Article) -> bool:
    if not user.has_perm("news.change_article") or article.state == State.TRASHED:
        return False
    if article.state == State.PUBLISHED and not user.has_perm("news.publish_article"):
        return False  # a change of a live article is a publication
    if user.has_perm("news.change_others_article"):
        return True
    return _is_own(user, article) and (
        article.state in _OWN_STATES or user.has_perm("news.publish_article")
    )


def may_submit(user, article: Article) -> bool:
    return article.state in SUBMITTABLE and may_change(user, article)


def may_publish(user, article: Article) -> bool:
    return (
        user.has_perm("news.publish_article")
        and article.state in PUBLISHABLE
        and may_change(user, article)
    )


def may_withdraw(user, article: Article) -> bool:
    return (
        user.has_perm("news.withdraw_article")
        and article.state in WITHDRAWABLE
        and may_change(user, article)
    )


def may_delete(user, article: Article) -> bool:
    """Deleting for good; withdrawn is what an editor needs."""
    return user.has_perm("news.delete_article") and may_view(user, article)


def _is_own(user, article: Article) -> bool:
    return article.created_by_id is not None and article.created_by_id == user.pk


def may_change_image(user, image: Image) -> bool:
    """Words, file, focal point and existence of one picture of the library.

    What readers see through it is a publication, so it asks for the same right.
    """
    return user.has_perm("news.change_image") and (
        user.has_perm("news.publish_article") or not is_image_public(image)
    )


def may_delete_image(user, image: Image) -> bool:
    return user.has_perm("news.delete_image") and may_change_image(user, image)


def is_image_public(image: Image) -> bool:
    """Whether a published article (scheduled ones too) or the site shows it."""
    shown = Q(placements__image=image) | Q(cover=image)
    if Article.objects.filter(shown, state=State.PUBLISHED).exists():
        return True
    return any(ask(image) for ask in library.other_uses)
