"""The history of an article: who saved what and why, two versions, one restored."""

import re

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from news import (
    act_forms,
    comparison,
    history,
    paging,
    permissions,
    restoring,
    saving,
)
from news.models import Article, Revision
from news.workflow import State


class HistoryMixin:
    """The part of ArticleAdmin that shows what was, and brings it back."""

    def get_urls(self):
        view = self.admin_site.admin_view
        restore = require_http_methods(["GET", "HEAD", "POST"])(self.restore_view)
        return [
            path(
                "<int:pk>/history/<int:old>-<int:new>/",
                view(require_safe(self.compare_view)),
                name="news_article_compare",
            ),
            path(
                "<int:pk>/history/<int:number>/restore/",
                view(restore),
                name="news_article_restore",
            ),
            *super().get_urls(),
        ]

    # The list

    def history_view(self, request, object_id, extra_context=None):
        """Every revision, the newest first; with ?tu= and ?den= two of them."""
        rows = self.get_queryset(request).select_related("working_copy")
        article = rows.filter(pk=_whole(unquote(object_id))).first()
        if article is None:
            return super().history_view(request, object_id, extra_context)
        _require_sight(request.user, article)
        if "tu" in request.GET or "den" in request.GET:
            return self._chosen(request, article)
        target = restoring.target_of(article)
        page = history.page_of(article, paging.page_number(request))
        context = self._context(request, article, _("History")) | {
            "page": page,
            "page_range": page.paginator.get_elided_page_range(page.number),
            "working_copy": _copy_in_sight(request.user, article, target),
            **_restorable(request.user, article, target),
        }
        return TemplateResponse(request, "admin/news/article/history.html", context)

    def _chosen(self, request, article):
        """Lead to the comparison of the two numbers that a form sent."""
        numbers = {_whole(request.GET.get(name)) for name in ("tu", "den")}
        known = history.known(article, *numbers)
        if len(known) == 2:
            return HttpResponseRedirect(_compare_url(article, *sorted(known)))
        sentence = _("Choose two versions of this article, with different numbers.")
        self.message_user(request, sentence, messages.ERROR)
        return HttpResponseRedirect(_history_url(article))

    # Two of them

    def compare_view(self, request, pk, old, new):
        article = self._article(request, pk)
        if old == new:
            return self._chosen(request, article)
        if old > new:
            return HttpResponseRedirect(_compare_url(article, new, old))
        found = history.found(article, old, new)
        if len(found) < 2:
            raise Http404
        before, after = history.neighbours(article, old, new)
        words = _version_words(old, new)
        target = restoring.target_of(article)
        title = _("Versions %(old)s and %(new)s") % {"old": old, "new": new}
        context = self._context(request, article, title) | {
            "old": found[old],
            "new": found[new],
            "shown": comparison.show(found[old].content, found[new].content, words),
            "earlier": before and _compare_url(article, before, old),
            "later": after and _compare_url(article, new, after),
            **_restorable(request.user, article, target),
        }
        return TemplateResponse(request, "admin/news/article/compare.html", context)

    # One of them again

    def restore_view(self, request, pk, number):
        """Ask, with what would change; by POST do it."""
        article = self._article(request, pk)
        revision = history.found(article, number).get(number)
        if revision is None:
            raise Http404
        form = act_forms.NoteForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                return self._restore(request, article, revision, form)
            except saving.Conflict:
                form.add_error(None, _("Somebody saved meanwhile: this is new here."))
            except ValidationError as error:
                for sentence in error.messages:
                    form.add_error(None, sentence)
        return self._restore_page(request, article, revision, form)

    def _restore(self, request, article, revision, form):
        if restoring.refusal(request.user, restoring.target_of(article)):
            raise PermissionDenied
        written, wanted = restoring.restore(
            revision,
            article,
            user=request.user,
            note=form.cleaned_data["note"],
            target_id=_whole(request.POST.get("target")),
            version=_whole(request.POST.get("version")),
        )
        self.message_user(request, _restored(revision, written), messages.SUCCESS)
        for sentence in _lacking(wanted):
            self.message_user(request, sentence, messages.WARNING)
        return HttpResponseRedirect(
            reverse("admin:news_article_change", args=[written.pk])
        )

    def _restore_page(self, request, article, revision, form):
        target = restoring.target_of(article)
        refusal, shown, wanted = restoring.refusal(request.user, target), None, None
        if not refusal:
            try:
                wanted = restoring.plan(revision, target, request.user)
            except ValidationError as error:  # of a body that is refused by now
                refusal = " ".join(error.messages)
            else:
                now = saving.content_of(target)
                shown = comparison.show(now, wanted.content, _restore_words())
        title = _("Bring back version %(number)s") % {"number": revision.number}
        context = self._context(request, article, title) | {
            "revision": revision,
            "target": target,
            "is_live": target.state == State.PUBLISHED,
            "takes_times": restoring.has_own_times(target),
            "form": form,
            "refusal": refusal,
            "shown": shown,
            "lacking": _lacking(wanted) if wanted else [],
        }
        return TemplateResponse(request, "admin/news/article/restore.html", context)

    # What all three need

    def _article(self, request, pk) -> Article:
        article = self.get_queryset(request).filter(pk=pk).first()
        if article is None:
            raise Http404
        _require_sight(request.user, article)
        return article

    def _context(self, request, article, title) -> dict:
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "article": article,
            "history_url": _history_url(article),
        }


def _require_sight(user, article) -> None:
    if not permissions.may_see_history(user, article):
        raise PermissionDenied


def _copy_in_sight(user, article, target) -> Article | None:
    """The working copy whose history is linked."""
    is_copy = target.pk != article.pk
    return target if is_copy and permissions.may_see_history(user, target) else None


def _restorable(user, article, target) -> dict:
    """Whether versions can be brought back, and the one that needs none."""
    is_own = target.pk == article.pk
    return {
        "may_restore": not restoring.refusal(user, target),
        "standing": article.version if is_own else None,
    }


def _version_words(old: int, new: int) -> comparison.Words:
    return comparison.Words(
        _("struck out: only in version %(number)s") % {"number": old},
        _("underlined: only in version %(number)s") % {"number": new},
        _("[only in version %(number)s:") % {"number": old},
        _("[only in version %(number)s:") % {"number": new},
    )


def _restore_words() -> comparison.Words:
    return comparison.Words(
        _("struck out: stands there now and goes"),
        _("underlined: comes back"),
        _("[goes:"),
        _("[comes back:"),
    )


def _restored(revision: Revision, written: Article) -> str:
    words = {"number": revision.number, "title": written}
    if written.revision_of_id:
        return (
            _(
                "Version %(number)s stands in the revision of “%(title)s” now. Readers "
                "see it once the revision is published."
            )
            % words
        )
    return _("Version %(number)s of “%(title)s” was brought back.") % words


def _lacking(wanted: restoring.Restoration) -> list[str]:
    """Say what does not come back, and what stays though it came later."""
    sentences = []
    if wanted.missing:
        names = ", ".join(wanted.missing)
        sentences.append(_("Left out, no longer there: %(names)s.") % {"names": names})
    if wanted.staying:
        names = ", ".join(wanted.staying)
        sentences.append(
            _(
                "Attached later and kept: %(names)s. Remove in the form what is not "
                "wanted."
            )
            % {"names": names}
        )
    return sentences


def _whole(text) -> int:
    """A number that is none meets no row and no version: a conflict, not a loss."""
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text or "") else 0


def _history_url(article) -> str:
    return reverse("admin:news_article_history", args=[article.pk])


def _compare_url(article, old: int, new: int) -> str:
    return reverse("admin:news_article_compare", args=[article.pk, old, new])
