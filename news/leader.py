"""A leader without an account reads an article by a link and says yes or no.

The link holds the signed number of its row: who has it may read and answer, until it
ends, is revoked, is answered, or the article is out. An answer is always kept. It
moves the article only where the person who made the link could have done so himself:
see docs/decisions/0012-a-leader-answers-by-link.md.
"""

import logging
from datetime import datetime, timedelta
from enum import Enum

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from news import hooks, permissions, publishing, saving
from news.leader_link import LeaderLink
from news.models import Article, Revision
from news.workflow import Act, State

logger = logging.getLogger(__name__)
LIFETIMES = (1, 3, 7, 14)  # days
DEFAULT_LIFETIME = 3  # days
# What an answer writes, and nothing else: so its seal is made anew.
_ANSWER = ["answer", "note", "answered_at", "answered_version", "client_address", "act"]
_signer = signing.Signer(salt="news.leader", sep=".")


class Closing(Enum):
    """Why a link shows nothing."""

    WRONG = "wrong"
    REVOKED = "revoked"
    ANSWERED = "answered"
    EXPIRED = "expired"
    OVER = "over"


class Closed(Exception):
    """The link was closed before the answer came; nothing was recorded."""


class Changed(Exception):
    """The article is no longer what the leader read; nothing was recorded."""


def make(article: Article, *, leader: str, days: int, user) -> LeaderLink:
    """Make a link to a stored article that ends after `days`."""
    now = timezone.now()
    link = LeaderLink.objects.create(
        article=article,
        version=article.version,
        leader=leader,
        created_by=user,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    hooks.record("link_made", user=user, object=article, note=leader)
    return link


def token(link: LeaderLink) -> str:
    """Return what stands in the address; the same whenever it is asked for."""
    return _signer.sign(_signed_name(link))


def _signed_name(link: LeaderLink) -> str:
    """With its time: after a restored backup a number may be given again."""
    return f"{link.pk}-{int(link.created_at.timestamp()):x}"


def address(link: LeaderLink) -> str:
    """Return the full address, from SITE_URL."""
    return hooks.site_url() + reverse("news:leader", args=[token(link)])


def find(given: str) -> tuple[LeaderLink | None, Closing | None]:
    """Return the link of a token, and why it is closed if it is.

    A wrong token takes the same way as a right one, one query included.
    """
    try:
        name = _signer.unsign(given)
    except signing.BadSignature:
        name = ""
    number = name.partition("-")[0] or "0"
    link = (
        LeaderLink.objects.filter(pk=int(number))
        .select_related("created_by", "article")
        .defer("article__body", "article__body_html", "article__body_text")
        .first()
    )
    if not name:
        return None, Closing.WRONG
    if link is None or _signed_name(link) != name:
        return None, Closing.OVER  # it went with its article
    return link, closing(link, link.article, last_publication(link.article))


def last_publication(article: Article) -> datetime | None:
    """Return when an article last went out; one query."""
    out = Revision.objects.filter(
        article=article.pk, act__in=(Act.PUBLISH, Act.EMERGENCY)
    )
    return out.order_by("-number").values_list("created_at", flat=True).first()


def closing(link, article, published_at: datetime | None) -> Closing | None:
    """Say why `link` is closed; `published_at` as of `last_publication`."""
    if link.revoked_at or link.created_by is None or not link.created_by.is_active:
        return Closing.REVOKED
    if link.answer:
        return Closing.ANSWERED
    if link.expires_at <= timezone.now():
        return Closing.EXPIRED
    if article.state in (State.PUBLISHED, State.TRASHED):
        return Closing.OVER
    if published_at is not None and published_at >= link.created_at:
        return Closing.OVER  # what was asked about is out, or was taken back
    return None


@transaction.atomic
@hooks.in_one_record
def count_opening(link: LeaderLink) -> None:
    """Remember that the link was opened; only the first time goes to the log."""
    LeaderLink.objects.filter(pk=link.pk).update(
        openings=F("openings") + 1, opened_at=Coalesce("opened_at", timezone.now())
    )
    if link.opened_at is None:
        _tell("link_opened", link, note=_issuer(link))


def revoke(link: LeaderLink, *, user) -> None:
    """Close a link that was not answered yet; again does nothing."""
    open_links = LeaderLink.objects.filter(pk=link.pk, revoked_at=None, answer="")
    if open_links.update(revoked_at=timezone.now()):
        hooks.record("link_revoked", user=user, object=link.article, note=link.leader)


@transaction.atomic
@hooks.in_one_record
def record_answer(
    link: LeaderLink, *, answer: str, note: str, version: int, client_address: str
) -> LeaderLink:
    """Keep the answer to what was read at `version`, and act on it where it may.

    Raises Closed and Changed. The article is locked before the link, as everywhere.
    """
    article = saving.lock(Article(pk=link.article_id))
    link = LeaderLink.objects.select_for_update().filter(pk=link.pk).first()
    if article is None or link is None:
        raise Closed
    if closing(link, article, last_publication(article)):
        raise Closed
    if not saving.is_unchanged(article, since=version):
        raise Changed
    link.answer, link.note = answer, note
    link.answered_at, link.answered_version = timezone.now(), article.version
    link.client_address = client_address[:64]
    said = sentence(link)
    link.act = _act_on(link, article, said)
    link.save(update_fields=_ANSWER)
    _tell("link_answered", link, note=said)
    hooks.leader_answered(
        article,
        issuer=link.created_by,
        leader=link.leader,
        act=Act.APPROVE if answer == LeaderLink.Answer.APPROVE else Act.RETURN,
        note=link.note,
        # An approval in the issuer's name tells the writer by itself.
        is_done=link.act == Act.APPROVE,
    )
    return link


def _tell(act: str, link: LeaderLink, note: str) -> None:
    """Tell the log of something that a person without an account did."""
    hooks.record(act, user_name=link.leader, object=link.article, note=note)


def sentence(link: LeaderLink) -> str:
    """Who answered what by whose link, for histories."""
    if link.answer == LeaderLink.Answer.APPROVE:
        text = _("%(leader)s agreed by a link from %(issuer)s.")
    else:
        text = _("%(leader)s returned it by a link from %(issuer)s.")
    return " ".join(
        filter(
            None, [text % {"leader": link.leader, "issuer": _issuer(link)}, link.note]
        )
    )


def _issuer(link: LeaderLink) -> str:
    user = link.created_by
    return (user.get_full_name() or user.get_username())[:300]


def _act_on(link: LeaderLink, stored: Article, said: str) -> str:
    """Return the act that the answer became, "" when it is only kept.

    A fault of the article must not lose the answer.
    """
    article, issuer = Article.objects.get(pk=stored.pk), link.created_by
    try:
        with transaction.atomic():
            if link.answer == LeaderLink.Answer.RETURN:
                if article.state not in (State.IN_REVIEW, State.APPROVED):
                    return ""
                # Nobody's act of the desk: so its writer is told, whoever asked.
                publishing.give_back(article, note=said)
                return Act.RETURN
            if not permissions.may(issuer, article, Act.APPROVE):
                return ""
            publishing.approve(article, user=issuer, note=said)
            return Act.APPROVE
    except ValidationError as error:
        logger.warning("answer of link %s: %s", link.pk, error.messages)
        return ""
