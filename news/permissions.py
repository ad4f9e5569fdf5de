"""Who may do what with one article; asked by list, form, actions and preview alike.

A group gives permissions, an account may be limited to categories; these functions
say what that means for an object, and put the table of news.workflow on top.
Superusers have every permission. Nothing here looks at the content: what an article
must have stands in news.publishing.
"""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Case, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from news import hooks, library
from news.models import Article, ArticleQuerySet, Image
from news.workflow import (
    TRANSITIONS,
    Act,
    Level,
    State,
    hands_refusal,
    state_refusal,
)

# What a reporter can still rewrite: nothing that others have approved.
_OWN_STATES = {State.DRAFT, State.RETURNED, State.IN_REVIEW}
# Acts on what is or was before readers, or on others' work; the rest is writing.
_EDITORIAL = {
    *(Act.RETURN, Act.APPROVE, Act.PUBLISH, Act.EMERGENCY, Act.CONFIRM),
    *(Act.RESCHEDULE, Act.WITHDRAW),
}


def visible_articles(user, articles: ArticleQuerySet) -> ArticleQuerySet:
    """Narrow `articles` to those that `user` may see in the back office."""
    if not user.has_perm("news.view_article"):
        return articles.none()
    # What is scheduled by others may be under embargo.
    out = Q(state=State.PUBLISHED, published_at__lte=timezone.now())
    seen = Q(created_by=user) | out
    if user.has_perm("news.change_others_article"):
        limit = hooks.category_limit(user)
        if limit is None:
            return articles
        seen |= Q(category__in=limit)
    # As one condition: nearly every row fulfils it, so an index for either half
    # would cost more than reading the list in its order.
    rule = Case(When(seen, then=Value(True)), default=Value(False))
    return articles.filter(rule)


def tended_articles(user, articles: ArticleQuerySet) -> ArticleQuerySet:
    """Narrow `articles` to those that `user` may begin to change: Act.REVISE."""
    if not user.has_perm("news.change_article"):
        return articles.none()
    limit = hooks.category_limit(user)
    in_reach = Q() if limit is None else Q(category__in=limit)
    if user.has_perm("news.change_others_article"):
        return articles.filter(in_reach)
    return articles.filter(in_reach, created_by=user)


def waiting_for(user, articles: ArticleQuerySet) -> ArticleQuerySet:
    """Narrow `articles` to those whose next step is this person's, not a writer's."""
    return _in_hand(user, articles, _to_pass_on(user) | _to_confirm(user))


def waiting_articles(user, articles: ArticleQuerySet) -> ArticleQuerySet:
    """Narrow `articles` to those in review or approved that wait for `user`.

    Those of which he may do Act.APPROVE or Act.PUBLISH now; what was released for a
    time ahead waits for nobody.
    """
    return _in_hand(user, articles, _to_pass_on(user))


def unconfirmed_articles(user, articles: ArticleQuerySet) -> ArticleQuerySet:
    """Narrow to emergency publications that `user` may approve now: Act.CONFIRM."""
    return _in_hand(user, articles, _to_confirm(user))


def returned_to(user, articles: ArticleQuerySet) -> ArticleQuerySet:
    """Narrow `articles` to those returned to their writer, or submitter, `user`."""
    hands = Q(created_by=user) | Q(submitted_by=user)
    return visible_articles(user, articles).filter(hands, state=State.RETURNED)


def _in_hand(user, articles: ArticleQuerySet, rule: Q) -> ArticleQuerySet:
    limit = hooks.category_limit(user)
    in_reach = Q() if limit is None else Q(category__in=limit)
    return visible_articles(user, articles).filter(rule & in_reach)


def _to_pass_on(user) -> Q:
    """What the table and the rule of hands say of Act.APPROVE and Act.PUBLISH."""
    level = Level(hooks.review_level(user))
    others = Q() if level == Level.ONE else ~Q(submitted_by=user)
    rule = Q(pk__in=[])
    if user.has_perm("news.review_article"):
        rule |= others & Q(state=State.IN_REVIEW)
    if user.has_perm("news.publish_article"):
        if level == Level.FULL:
            rule |= others & ~Q(approved_by=user) & Q(state=State.APPROVED)
        else:
            rule |= others & Q(state__in=[State.IN_REVIEW, State.APPROVED])
    return rule & Q(apply_at=None)


def _to_confirm(user) -> Q:
    if not user.has_perm("news.review_article"):
        return Q(pk__in=[])
    urgent = Q(state=State.PUBLISHED, emergency_at__isnull=False)
    return urgent & ~Q(emergency_by=user)


def may_view(user, article: Article) -> bool:
    """The rule of `visible_articles` for one row."""
    return user.has_perm("news.view_article") and (
        (user.has_perm("news.change_others_article") and is_in_reach(user, article))
        or _is_own(user, article)
        or (article.state == State.PUBLISHED and article.published_at <= timezone.now())
    )


def is_in_reach(user, article: Article) -> bool:
    """Whether the article's section is one that `user` is not kept out of."""
    limit = hooks.category_limit(user)
    return limit is None or article.category_id is None or article.category_id in limit


def may_see_history(user, article: Article) -> bool:
    """Whether `user` may list, compare and bring back what an article was before.

    Of a public one too only who writes there: its drafts may hold what was never
    meant for readers, and its notes are the newsroom's.
    """
    return (
        user.has_perm("news.view_revision")
        and may_view(user, article)
        and (_is_own(user, article) or is_writer(user, article))
    )


def _reaches_all(user, article: Article) -> bool:
    """`is_in_reach`, for a working copy of its live article too.

    The copy can have been moved to another section; what is published is the live one.
    """
    if not is_in_reach(user, article):
        return False
    if article.revision_of_id is None or hooks.category_limit(user) is None:
        return True
    return is_in_reach(user, article.revision_of)


def may_change(user, article: Article) -> bool:
    """Whether `user` may write in the article itself.

    Nobody in a published one: that is what a working copy is for (Act.REVISE).
    """
    if not user.has_perm("news.change_article"):
        return False
    if article.state in (State.PUBLISHED, State.TRASHED) or _has_working_copy(article):
        return False
    return _may_touch(user, article)


def may_share(user, article: Article) -> bool:
    """Whether `user` may let a leader without an account read and answer it."""
    if article.state in (State.PUBLISHED, State.TRASHED):
        return False
    return may_change(user, article) or any(
        may(user, article, act) for act in (Act.APPROVE, Act.PUBLISH)
    )


def may_follow(user, article: Article) -> bool:
    """Whether `user` may read what leaders answered: its writer, and editors."""
    return user.has_perm("news.view_article") and is_writer(user, article)


def why_not(user, article: Article, act: Act) -> str:
    """Say why `user` may not do `act` to the stored `article`; "" when he may."""
    return _no_right(user, article, act) or _not_now(user, article, act)


def require(user, article: Article, act: Act) -> None:
    """PermissionDenied without the right; ValidationError when it is not the time."""
    if _no_right(user, article, act):
        raise PermissionDenied
    if refusal := _not_now(user, article, act):
        raise ValidationError(refusal, code="transition")


def _no_right(user, article: Article, act: Act) -> str:
    if not user.has_perm(TRANSITIONS[act].permission):
        return _("Your role does not include this.")
    if not _reaches_all(user, article):
        return _("You are limited to other sections.")
    if act in _EDITORIAL:
        is_theirs = may_view(user, article)
    elif act == Act.REVISE:
        is_theirs = is_writer(user, article)
    else:
        is_theirs = _may_touch(user, article)
    return "" if is_theirs else _("This article is not yours to change.")


def _not_now(user, article: Article, act: Act) -> str:
    if refusal := state_refusal(act, State(article.state)):
        return refusal
    is_copy = article.revision_of_id is not None
    if act in (Act.TRASH, Act.DISCARD) and is_copy != (act == Act.DISCARD):
        return _("A revision of a live article is dropped; other articles are binned.")
    if act in (Act.PUBLISH, Act.EMERGENCY, Act.SUBMIT) and _has_working_copy(article):
        return _("A revision of this article is being written; publish that one.")
    return hands_refusal(act, article, user)


def may(user, article: Article, act: Act) -> bool:
    return not why_not(user, article, act)


def why_not_move(user, article: Article) -> str:
    """Say why `user` may not put the article into another section; "" when he may.

    Of a published one that changes where readers find it, and no word of it: who
    publishes may, without a working copy.
    """
    if not user.has_perm("news.change_article"):
        return _("Your role does not include this.")
    if not _reaches_all(user, article):
        return _("You are limited to other sections.")
    if _has_working_copy(article):
        return _("A revision of this article is being written; publish that one.")
    is_live = article.state == State.PUBLISHED
    is_theirs = (
        user.has_perm("news.publish_article") and _may_touch(user, article)
        if is_live
        else may_change(user, article)
    )
    return "" if is_theirs else _("This article is not yours to change.")


def may_delete(user, article: Article) -> bool:
    """Deleting for good, out of the bin only; withdrawn is what an editor needs."""
    return (
        user.has_perm("news.delete_article")
        and article.state == State.TRASHED
        and may_view(user, article)
        and is_in_reach(user, article)
    )


def _may_touch(user, article: Article) -> bool:
    """Own work until others have approved it, and others' with the right for it."""
    return is_writer(user, article) and (
        user.has_perm("news.change_others_article")
        or user.has_perm("news.publish_article")
        or article.state in (*_OWN_STATES, State.TRASHED)
    )


def is_writer(user, article: Article) -> bool:
    """Whether the article is one that `user` writes, in whatever state it is now."""
    return _reaches_all(user, article) and (
        user.has_perm("news.change_others_article") or _is_own(user, article)
    )


def _is_own(user, article: Article) -> bool:
    return article.created_by_id is not None and article.created_by_id == user.pk


def _has_working_copy(article: Article) -> bool:
    """At most one query, for those that can have one: published and withdrawn ones."""
    if article.state not in (State.PUBLISHED, State.WITHDRAWN):
        return False
    if Article.working_copy.is_cached(article):  # read together with it
        return hasattr(article, "working_copy")
    return Article.objects.filter(revision_of=article.pk).exists()


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
