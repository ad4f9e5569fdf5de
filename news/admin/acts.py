"""The buttons of an article: who sees which, and what happens when one is pressed.

A button of the form saves what is typed and acts in one go; the page of an act
(`<number>/act/<act>/`) acts on what is stored, for those who may not write in it and
for acts that ask something. Both ask news.permissions first.
"""

import re
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from news import act_forms, permissions, publishing, working_copy
from news.models import Article
from news.workflow import Act, State

# The acts that save the form's content with them, by their buttons.
FORM_BUTTONS = {
    "_submit": Act.SUBMIT,
    "_return": Act.RETURN,
    "_approve": Act.APPROVE,
    "_publish": Act.PUBLISH,
    "_emergency": Act.EMERGENCY,
}
FUNCTIONS = {
    Act.SUBMIT: publishing.submit,
    Act.RECALL: publishing.recall,
    Act.RETURN: publishing.give_back,
    Act.APPROVE: publishing.approve,
    Act.PUBLISH: publishing.publish,
    Act.EMERGENCY: publishing.publish_urgently,
    Act.CONFIRM: publishing.confirm,
    Act.RESCHEDULE: publishing.reschedule,
    Act.WITHDRAW: publishing.withdraw,
    Act.DISCARD: working_copy.discard,
    Act.TRASH: publishing.trash,
    Act.RESTORE: publishing.restore,
}
# What the button and the heading of its page say.
LABELS = {
    Act.SUBMIT: gettext_lazy("Submit for review"),
    Act.RECALL: gettext_lazy("Take back from review"),
    Act.RETURN: gettext_lazy("Return to the writer"),
    Act.APPROVE: gettext_lazy("Approve"),
    Act.PUBLISH: gettext_lazy("Publish"),
    Act.EMERGENCY: gettext_lazy("Publish in an emergency"),
    Act.CONFIRM: gettext_lazy("Approve the emergency publication"),
    Act.RESCHEDULE: gettext_lazy("Change the times"),
    Act.WITHDRAW: gettext_lazy("Withdraw"),
    Act.REVISE: gettext_lazy("Change this article"),
    Act.DISCARD: gettext_lazy("Drop this revision"),
    Act.TRASH: gettext_lazy("Put into the bin"),
    Act.RESTORE: gettext_lazy("Take out of the bin"),
}
HINTS = {
    Act.EMERGENCY: gettext_lazy(
        "For what cannot wait. The publication is marked and somebody else has to "
        "approve it afterwards."
    ),
    Act.WITHDRAW: gettext_lazy(
        "Readers no longer see the article; nothing is deleted."
    ),
    Act.DISCARD: gettext_lazy(
        "The article stays as readers see it. What was written here remains in its "
        "history."
    ),
    Act.TRASH: gettext_lazy("It can be taken out again at any time."),
    Act.RETURN: gettext_lazy("The writer is told your reason."),
}


def do(act: Act, article: Article, **arguments) -> Article:
    """Do `act` to a stored article or to a working copy; return what was changed.

    Raises what the functions of news.publishing and news.working_copy raise.
    """
    if act in (Act.PUBLISH, Act.EMERGENCY) and article.revision_of_id:
        return working_copy.publish(article, act=act, **arguments)
    return FUNCTIONS[act](article, **arguments)


@dataclass(frozen=True)
class Button:
    act: Act
    label: str
    url: str


class ActsMixin:
    """The part of ArticleAdmin that moves articles on."""

    def get_urls(self):
        view = require_http_methods(["GET", "HEAD", "POST"])(self.act_view)
        return [
            path(
                "<int:pk>/act/<slug:name>/",
                self.admin_site.admin_view(view),
                name="news_article_act",
            ),
            *super().get_urls(),
        ]

    def act_view(self, request, pk, name):
        """Ask what the act needs; do it to what is stored."""
        article = self.get_queryset(request).filter(pk=pk).first()
        if article is None or name not in Act.values:
            raise Http404
        act = Act(name)
        if act == Act.REVISE:
            return self._revise(request, article)
        refusal = ""
        try:
            permissions.require(request.user, article, act)
        except ValidationError as error:
            refusal = error.messages[0]
        is_sent = request.method == "POST" and "act-version" in request.POST
        form = act_forms.form_for(act, article, request.POST if is_sent else None)
        if is_sent and not refusal and form.is_valid():
            try:
                done = self.perform(request, article, act, form)
            except ValidationError as error:
                add_refusal(form, error)
            else:
                self.message_user(request, done_message(act, done), messages.SUCCESS)
                return HttpResponseRedirect(_after(done, act))
        return self._act_page(request, article, act, form, refusal)

    def perform(self, request, article, act: Act, form) -> Article:
        version = request.POST.get("act-version", "")
        # A number that is no version meets no stored one: a conflict, not a loss.
        known = int(version) if re.fullmatch(r"[0-9]{1,9}", version) else 0
        arguments = form.arguments() | {"user": request.user, "version": known}
        return do(act, article, **arguments)

    def _act_page(self, request, article, act, form, refusal):
        context = {
            **self.admin_site.each_context(request),
            "title": LABELS[act],
            "opts": self.opts,
            "article": article,
            "form": form,
            "media": self.media + form.media,
            "hint": HINTS.get(act, ""),
            "refusal": refusal,
            "is_danger": act in (Act.WITHDRAW, Act.TRASH, Act.DISCARD, Act.EMERGENCY),
        }
        return TemplateResponse(request, "admin/news/article/act.html", context)

    def _revise(self, request, article):
        """Open the working copy; made by POST, so a robot's look makes none."""
        copy = working_copy.copy_of(article)
        if copy is None and request.method == "POST":
            try:
                permissions.require(request.user, article, Act.REVISE)
                copy = working_copy.revise(article, user=request.user)
            except ValidationError as error:
                self.message_user(request, error.messages[0], messages.ERROR)
        target = copy or article
        return HttpResponseRedirect(
            reverse("admin:news_article_change", args=[target.pk])
        )

    def buttons(self, user, article: Article) -> dict[str, Button]:
        """Return what `user` can do to an article, by the act's name.

        One that is not stored yet has the buttons of the form only.
        """
        offered = Act if article.pk else FORM_BUTTONS.values()
        return {
            act.value: Button(act, str(LABELS[act]), _act_url(article, act))
            for act in offered
            if permissions.may(user, article, act)
        }


def _act_url(article: Article, act: Act) -> str:
    if article.pk is None:
        return ""
    return reverse("admin:news_article_act", args=[article.pk, act.value])


def _after(article: Article, act: Act) -> str:
    if act in (Act.TRASH, Act.SUBMIT) or article.pk is None:
        return reverse("admin:news_article_changelist")
    return reverse("admin:news_article_change", args=[article.pk])


def add_refusal(form, error: ValidationError) -> None:
    """Put what publishing refused at the fields of the form it is about."""
    names = getattr(form, "REFUSED", {})
    for name, found in error.update_error_dict({}).items():
        own = names.get(name, name)
        form.add_error(own if own in form.fields else None, found)


def done_message(act: Act, article: Article):
    """Say what happened, with a link to what readers now see."""
    title = {"title": article}
    if act in (Act.PUBLISH, Act.EMERGENCY):
        return _published_message(article)
    sentences = {
        Act.SUBMIT: _("“%(title)s” was handed to the editors."),
        Act.RECALL: _("“%(title)s” is a draft again."),
        Act.RETURN: _("“%(title)s” was returned to its writer."),
        Act.APPROVE: _("“%(title)s” is approved."),
        Act.CONFIRM: _("The emergency publication of “%(title)s” is approved."),
        Act.RESCHEDULE: _("The times of “%(title)s” were changed."),
        Act.WITHDRAW: _("Readers no longer see “%(title)s”."),
        Act.DISCARD: _("The revision of “%(title)s” was dropped."),
        Act.TRASH: _("“%(title)s” is in the bin."),
        Act.RESTORE: _("“%(title)s” is out of the bin, as a draft."),
    }
    return sentences[act] % title


def _published_message(article: Article):
    title = {"title": article}
    if article.revision_of_id or not article.is_published():
        return _("“%(title)s” will appear by itself at its time.") % title
    return format_html(
        '{} <a href="{}">{}</a>',
        _("“%(title)s” is published.") % title,
        article.get_absolute_url(),
        _("See it on the site"),
    )


def reason_of_return(article: Article):
    """The revision by which a returned article came back, with who and why."""
    if article.state != State.RETURNED:
        return None
    returned = article.revisions.filter(act=Act.RETURN).select_related("author")
    return returned.defer("content").first()
