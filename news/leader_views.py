"""What a leader finds behind his link: the article as readers will, and two buttons.

The token is the permission: no cookie, no session, no CSRF token. Looking never
answers, because programs that check mail follow every link.
"""

import re
from functools import wraps

from django import forms
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from news import article_page, hooks, leader
from news.leader import Closing
from news.leader_link import LeaderLink
from news.text import clean_lines
from news.views import file_to_save

_STATUS = {Closing.WRONG: 404}  # all others are gone


class AnswerForm(forms.Form):
    note = forms.CharField(
        label=gettext_lazy("Your note (needed when you return it)"),
        required=False,
        max_length=LeaderLink._meta.get_field("note").max_length,
        widget=forms.Textarea(attrs={"rows": 4, "class": "answer__note"}),
    )
    # Of two buttons, which no label belongs to.
    answer = forms.ChoiceField(
        choices=LeaderLink.Answer,
        error_messages={"required": gettext_lazy("Press one of the two buttons.")},
    )

    def clean_note(self):
        return clean_lines(self.cleaned_data["note"])

    def clean(self):
        cleaned = super().clean()
        is_return = cleaned.get("answer") == LeaderLink.Answer.RETURN
        if is_return and not cleaned.get("note") and "note" not in self.errors:
            self.add_error("note", _("Say what is to be changed."))
        return cleaned


def for_the_leader_only(view):
    """No cache keeps the answer, no search engine lists it, no link tells of it."""

    @wraps(view)
    def private(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store, private"
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "no-referrer"
        return response

    return csrf_exempt(private)


@for_the_leader_only
@require_http_methods(["GET", "HEAD", "POST"])
def page(request, token):
    link, closing = leader.find(token)
    if closing:
        return _closed(request, link, closing)
    if request.method == "POST":
        return _answer(request, token, link)
    if request.method == "GET":
        leader.count_opening(link)
    return _article(request, token, link, AnswerForm())


def _answer(request, token, link):
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _article(request, token, link, form)
    version = request.POST.get("version", "")
    try:
        leader.record_answer(
            link,
            **form.cleaned_data,
            # A number that is no version is none that was read.
            version=int(version) if re.fullmatch("[0-9]{1,9}", version) else -1,
            client_address=hooks.client_address(request.META),
        )
    except leader.Changed:
        form.add_error(
            None,
            _(
                "The article was changed after you opened it, and your answer was not "
                "recorded. Read the new text above, then answer again."
            ),
        )
        return _article(request, token, link, form, status=409)
    except leader.Closed:
        pass  # the page says why
    return redirect("news:leader", token)


def _article(request, token, link, form, status=200):
    article = article_page.find_unpublished(link.article_id)
    if article is None:
        return _closed(request, link, Closing.OVER)
    context = {
        "page": article_page.prepare(article),
        "is_preview": True,
        "link": link,
        "token": token,
        "form": form,
    }
    return render(request, "news/leader_page.html", context, status=status)


def _closed(request, link, closing: Closing):
    """Tell nothing of the article, and of an answer only what it was."""
    answered = link if closing == Closing.ANSWERED else None
    context = {"closing": closing.value, "answered": answered}
    status = _STATUS.get(closing, 410)
    return render(request, "news/leader_closed.html", context, status=status)


@for_the_leader_only
@require_safe
def file(request, token, pk):
    """Send a file of the article; those of drafts have no public address."""
    link, closing = leader.find(token)
    if closing:
        return _closed(request, link, closing)
    found = link.article.attachments.filter(pk=pk).first()
    if found is None:
        raise Http404(_("The file is missing."))
    return file_to_save(found)
