"""An article's form that was sent after the session had ended: nothing is saved by it.

What it held becomes a kept copy (news.autosave) of the account whose session it was,
and only that account can see it, after signing in. This is all that an ended session
is still good for, and not for long; one that was ended by hand is gone altogether.
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import HASH_SESSION_KEY
from django.db import DatabaseError
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from news.models import Article
from portal.models import User
from portal.sessions.models import Session
from portal.sessions.store import SessionStore

logger = logging.getLogger(__name__)
KEPT = timedelta(hours=24)  # rows of sessions after their end; then they are erased
_FORMS = {"admin:news_article_add", "admin:news_article_change"}


def keep_own(request, name: str, kwargs: dict) -> bool:
    """Keep what a form of somebody held who is signed in and must do something first.

    False for other pages.
    """
    return name in _FORMS and _keep(request, kwargs)


def keep(request, name: str, kwargs: dict) -> bool:
    """Keep what a form held; False for other pages and for sessions that say nothing.

    `name` is the view's name, `kwargs` those of its address.
    """
    if name not in _FORMS:
        return False
    user = _owner(request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""))
    if user is None:
        return False
    nobody, request.user = request.user, user
    try:
        return _keep(request, kwargs)
    finally:
        request.user = nobody


def _keep(request, kwargs: dict) -> bool:
    articles = admin.site.get_model_admin(Article)
    try:
        return articles.keep_late(request, kwargs.get("object_id"))
    except DatabaseError:
        logger.exception("A late form could not be kept")
        return False


def sentence() -> str:
    return _(
        "Your session had ended, so nothing was saved. What you wrote is kept: sign in "
        "again, then press “Open that copy”."
    )


def _owner(key: str) -> User | None:
    """Whose session ended by the clock within a day; its password still holds."""
    if not SessionStore()._validate_session_key(key):
        return None
    now = timezone.now()
    ended = Session.objects.select_related("user").filter(
        pk=key, expire_date__lte=now, expire_date__gt=now - KEPT
    )
    row = ended.first()
    user = row and row.user
    if user is None or not (user.is_active and user.is_staff):
        return None
    known = row.get_decoded().get(HASH_SESSION_KEY, "")
    same = constant_time_compare(known, user.get_session_auth_hash())
    return user if same else None
