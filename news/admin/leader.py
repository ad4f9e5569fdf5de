"""Links for leaders without an account: made, copied, watched and revoked."""

import re

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from news import leader, permissions
from news.leader import DEFAULT_LIFETIME, LIFETIMES, Closing
from news.leader_link import LeaderLink

SHOWN_MAX = 50  # links of one article, the newest


def _lifetimes():
    return [
        (days, ngettext("%(days)d day", "%(days)d days", days) % {"days": days})
        for days in LIFETIMES
    ]


class LinkForm(forms.Form):
    leader = forms.CharField(
        label=gettext_lazy("Name of the leader"),
        max_length=LeaderLink._meta.get_field("leader").max_length,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=gettext_lazy("Kept with the answer. Example: Nguyễn Văn A, Giám đốc"),
    )
    days = forms.TypedChoiceField(
        label=gettext_lazy("The link works for"),
        choices=_lifetimes,
        coerce=int,
        initial=DEFAULT_LIFETIME,
    )


class LeaderMixin:
    """The part of ArticleAdmin that lets a leader read and answer."""

    def get_urls(self):
        view = require_http_methods(["GET", "HEAD", "POST"])(self.leader_view)
        return [
            path(
                "<int:pk>/leader/",
                self.admin_site.admin_view(view),
                name="news_article_leader",
            ),
            *super().get_urls(),
        ]

    def leader_view(self, request, pk):
        """The links of one article: a new one, what became of them, revoking."""
        article = self.get_queryset(request).filter(pk=pk).first()
        if article is None:
            raise Http404
        may_share = permissions.may_share(request.user, article)
        if not may_share and not permissions.may_follow(request.user, article):
            raise PermissionDenied
        links = article.leader_links.select_related("created_by")[:SHOWN_MAX]
        here = reverse("admin:news_article_leader", args=[pk])
        if "revoke" in request.POST:
            self._revoke(request, article, may_share)
            return HttpResponseRedirect(here)
        form = LinkForm(request.POST if request.method == "POST" else None)
        if request.method == "POST":
            if not may_share:
                raise PermissionDenied
            if form.is_valid():
                leader.make(article, user=request.user, **form.cleaned_data)
                message = _("The link is made. Copy it and send it yourself.")
                self.message_user(request, message, messages.SUCCESS)
                return HttpResponseRedirect(here)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Send to a leader"),
            "opts": self.opts,
            "article": article,
            "form": form if may_share else None,
            "links": _shown(request.user, article, links, may_share),
        }
        return TemplateResponse(request, "admin/news/article/leader.html", context)

    def _revoke(self, request, article, may_share):
        number = request.POST["revoke"]
        known = int(number) if re.fullmatch("[0-9]{1,18}", number) else 0
        link = article.leader_links.filter(pk=known).first()
        if link is None:
            raise Http404
        if not may_share and link.created_by_id != request.user.pk:
            raise PermissionDenied
        leader.revoke(link, user=request.user)
        message = _("The link no longer works.")
        self.message_user(request, message, messages.SUCCESS)


def _shown(user, article, links, may_share) -> list[dict]:
    """Each link with what it is now; the address only of those that still work."""
    published_at = leader.last_publication(article)
    shown = []
    for link in links:
        closing = leader.closing(link, article, published_at)
        is_mine = link.created_by_id == user.pk
        is_open = closing is None and (may_share or is_mine)
        shown.append(
            {
                "link": link,
                "state": _state(closing),
                "is_open": is_open,
                "address": leader.address(link) if is_open else "",
            }
        )
    return shown


def _state(closing: Closing | None) -> str:
    sentences = {
        None: _("waiting for the answer"),
        Closing.REVOKED: _("link revoked"),
        Closing.ANSWERED: _("answered"),
        Closing.EXPIRED: _("link ended, no answer"),
        Closing.OVER: _("article out or removed, no answer"),
    }
    return sentences[closing]


def answers(user, article) -> list[LeaderLink]:
    """The last answers of leaders, for the article's form; one query."""
    if article.pk is None or not permissions.may_follow(user, article):
        return []
    return list(article.leader_links.exclude(answer="").order_by("-answered_at")[:3])
