"""From a draft to a published article: the one table of states, acts and hands.

`TRANSITIONS` says which act leads from which states to which, what permission it
asks for and whether it needs a reason. How many people an article must pass is the
site's choice (`Level`); `hands_refusal` is that rule. Who may touch which article at
all stands in news.permissions, what is stored in news.publishing.
"""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from news import hooks


class State(models.TextChoices):
    DRAFT = "draft", gettext_lazy("draft")
    IN_REVIEW = "in_review", gettext_lazy("in review")
    RETURNED = "returned", gettext_lazy("returned")
    APPROVED = "approved", gettext_lazy("approved")
    PUBLISHED = "published", gettext_lazy("published")
    WITHDRAWN = "withdrawn", gettext_lazy("withdrawn")
    TRASHED = "trashed", gettext_lazy("in the bin")


class Act(models.TextChoices):
    """What can be done to an article besides writing; "" in a revision is a save."""

    SUBMIT = "submit", gettext_lazy("submitted for review")
    RECALL = "recall", gettext_lazy("taken back from review")
    RETURN = "return", pgettext_lazy("act", "returned")
    APPROVE = "approve", pgettext_lazy("act", "approved")
    PUBLISH = "publish", pgettext_lazy("act", "published")
    EMERGENCY = "emergency", gettext_lazy("published in an emergency")
    CONFIRM = "confirm", gettext_lazy("emergency publication approved")
    RESCHEDULE = "reschedule", gettext_lazy("times changed")
    WITHDRAW = "withdraw", pgettext_lazy("act", "withdrawn")
    REVISE = "revise", gettext_lazy("revision of the live article begun")
    DISCARD = "discard", gettext_lazy("revision dropped")
    TRASH = "trash", gettext_lazy("put into the bin")
    RESTORE = "restore", gettext_lazy("taken out of the bin")


class Level(models.TextChoices):
    """How many people an article passes before readers see it."""

    ONE = "one", gettext_lazy("one step: who may publish also publishes his own")
    TWO = "two", gettext_lazy("two steps: who submitted does not publish")
    FULL = "full", gettext_lazy("full chain: one writes, one approves, one publishes")


class Withdrawal(models.TextChoices):
    """What readers find at the address of a withdrawn article."""

    NOTICE = "notice", gettext_lazy("a notice with the reason")
    REDIRECT = "redirect", gettext_lazy("another page")
    GONE = "gone", gettext_lazy("only that it is gone")


@dataclass(frozen=True)
class Transition:
    sources: frozenset[State]
    # None: the state stays.
    target: State | None
    permission: str
    needs_reason: bool = False


_WRITING = {State.DRAFT, State.RETURNED}
_UNPUBLISHED = {*_WRITING, State.IN_REVIEW, State.APPROVED, State.WITHDRAWN}
_PUBLISHED = frozenset({State.PUBLISHED})


def _row(sources, target, permission, needs_reason=False) -> Transition:
    return Transition(
        frozenset(sources), target, f"news.{permission}_article", needs_reason
    )


TRANSITIONS: dict[Act, Transition] = {
    Act.SUBMIT: _row({*_WRITING, State.WITHDRAWN}, State.IN_REVIEW, "change"),
    Act.RECALL: _row({State.IN_REVIEW}, State.DRAFT, "change"),
    Act.RETURN: _row(
        {State.IN_REVIEW, State.APPROVED}, State.RETURNED, "review", needs_reason=True
    ),
    Act.APPROVE: _row({State.IN_REVIEW}, State.APPROVED, "review"),
    Act.PUBLISH: _row(_UNPUBLISHED, State.PUBLISHED, "publish"),
    Act.EMERGENCY: _row(
        _UNPUBLISHED, State.PUBLISHED, "publish_urgent", needs_reason=True
    ),
    Act.CONFIRM: _row(_PUBLISHED, None, "review"),
    Act.RESCHEDULE: _row(_PUBLISHED, None, "publish"),
    Act.WITHDRAW: _row(_PUBLISHED, State.WITHDRAWN, "withdraw", needs_reason=True),
    Act.REVISE: _row(_PUBLISHED, None, "change"),
    Act.DISCARD: _row({*_WRITING, State.IN_REVIEW, State.APPROVED}, None, "change"),
    Act.TRASH: _row(_UNPUBLISHED, State.TRASHED, "change"),
    Act.RESTORE: _row({State.TRASHED}, State.DRAFT, "change"),
}


def state_refusal(act: Act, state: State) -> str:
    """Say that `act` is not possible from `state`; "" when it is."""
    if state in TRANSITIONS[act].sources:
        return ""
    return _("In the state “%(state)s” this cannot be done: %(act)s.") % {
        "state": State(state).label,
        "act": act.label,
    }


def hands_refusal(act: Act, article, user) -> str:
    """Say why it must be another's hands, or come later; "" when nothing is wrong.

    `article` is the stored row. A user of None is the site itself (demo, imports).
    """
    if user is None or act not in _COUNTED:
        return ""
    if act == Act.CONFIRM:
        return _confirm_refusal(article, user)
    level = Level(hooks.review_level(user))
    if level == Level.ONE:
        return _no_emergency() if act == Act.EMERGENCY else ""
    if act == Act.APPROVE and article.submitted_by_id == user.pk:
        return _("You submitted this article; another person approves it.")
    if act == Act.PUBLISH:
        return _publish_refusal(level, article, user)
    if act == Act.EMERGENCY and not _publish_refusal(level, article, user):
        return _no_emergency()
    return ""


# The acts for which it counts whose hands an article went through.
_COUNTED = {Act.APPROVE, Act.PUBLISH, Act.EMERGENCY, Act.CONFIRM}


def _publish_refusal(level: Level, article, user) -> str:
    if level == Level.TWO and article.state not in (State.IN_REVIEW, State.APPROVED):
        return _("This site works in two steps: the article is submitted first.")
    if level == Level.FULL and article.state != State.APPROVED:
        return _("This site works with the full chain: the article is approved first.")
    if article.submitted_by_id == user.pk:
        return _("You submitted this article; another person publishes it.")
    if level == Level.FULL and article.approved_by_id == user.pk:
        return _("You approved this article; a third person publishes it.")
    return ""


def _confirm_refusal(article, user) -> str:
    if article.emergency_at is None:
        return _("This article was not published in an emergency.")
    if article.emergency_by_id == user.pk:
        return _("You published this article in an emergency; another approves it.")
    return ""


def _no_emergency() -> str:
    return _("This article can be published in the ordinary way.")
