"""A form that came too late: the article went on while it was being written.

It was published, approved, put into the bin, or its working copy is no more. What was
typed is kept for its writer, who lands where he can go on with it.
"""

import re
from uuid import uuid4

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from news import autosave, permissions
from news.admin.autosave import read_token
from news.models import Article


class LateMixin:
    """The part of ArticleAdmin that loses no form at a border of states."""

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except PermissionDenied:
            answer = object_id and self._too_late(request, unquote(object_id))
            if not answer:
                raise
            return answer

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        return self._gone(request) or super()._get_obj_does_not_exist_redirect(
            request, opts, object_id
        )

    def _too_late(self, request, object_id):
        """Answer a form of an article that its writer can no longer write in."""
        article = request.method == "POST" and self.get_object(request, object_id)
        if (
            not article
            or permissions.may_change(request.user, article)
            or not self.has_change_permission(request)
            or not permissions.is_writer(request.user, article)
            or not self._keep_late(request, article, request.POST.get("read_version"))
        ):
            return None
        sentence = _(
            "While you were writing, the article came into the state “%(state)s”; it "
            "can no longer be saved that way. What you wrote is kept for you, below."
        ) % {"state": article.get_state_display()}
        return self._landed(request, article, sentence)

    def _gone(self, request):
        """Answer a form whose row is no more: often a working copy that went out."""
        if request.method != "POST" or not self.has_change_permission(request):
            return None
        article = self._live_one(request)
        kept = self._keep_late(request, article)
        if not kept:
            return None
        if article is None:
            sentence = _(
                "This article is no longer there. What you wrote is kept for you."
            )
            self.message_user(request, sentence, messages.WARNING)
            return HttpResponseRedirect(
                reverse("admin:news_article_kept", args=[kept.token])
            )
        sentence = _(
            "While you were writing, this revision was published or dropped. What you "
            "wrote is kept for you, below."
        )
        return self._landed(request, article, sentence)

    def _live_one(self, request) -> Article | None:
        """The article whose working copy the form held, as far as it is seen."""
        kept = autosave.find(request.user, read_token(request.POST.get("kept_as")))
        number = request.POST.get("revision_of", "")
        known = int(number) if re.fullmatch(r"[0-9]{1,18}", number) else 0
        pk = kept.article_id if kept and kept.article_id else known
        return self.get_queryset(request).filter(pk=pk).first()

    def _keep_late(self, request, article, read_version=""):
        """Keep what was posted; None when that is nothing, or too large."""
        if autosave.is_blank(dict(request.POST.lists())):
            return None
        known = re.fullmatch(r"[0-9]{1,9}", read_version or "")
        token = read_token(request.POST.get("kept_as")) or uuid4()
        return self._keep_posted(request, article, token, int(known[0]) if known else 0)

    def _landed(self, request, article, sentence):
        self.message_user(request, sentence, messages.WARNING)
        return HttpResponseRedirect(
            reverse("admin:news_article_change", args=[article.pk])
        )
