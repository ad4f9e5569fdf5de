"""One act on many rows: who may, what is asked first, what became of each.

An act that asks something shows a page of its own; the answer comes back to the
list's address with the same action, as Django's "delete selected" does.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from news.models import Article

MOST = 300  # rows of one act: some seconds, well inside a request
_SHOWN = 10  # rows told one by one


@dataclass(frozen=True)
class BulkAct:
    """What is done to each chosen article; `data` is what the form asked for.

    Without `permission` the act is not offered. `why_not` gives the sentence that
    keeps one article from it, or "". `do` may raise ValidationError: then that
    article is as it was, and the others go on.
    """

    name: str
    label: str
    permission: str
    why_not: Callable[[object, Article, dict], str]
    do: Callable[[object, Article, dict], object]
    done: Callable[[int], str]
    form: type[forms.Form] | None = None

    def as_action(self):
        def action(model_admin, request, queryset):
            return _run(self, model_admin, request, queryset)

        action.__name__ = self.name
        return admin.action(description=self.label)(action)


def _run(act: BulkAct, model_admin, request, queryset):
    keys = list(queryset.order_by("pk").values_list("pk", flat=True)[: MOST + 1])
    if len(keys) > MOST:
        text = _(
            "Nothing was done: at most %(most)s articles go at a time. Choose "
            "fewer, or filter the list first."
        )
        model_admin.message_user(request, text % {"most": MOST}, messages.ERROR)
        return None
    is_answer = "apply" in request.POST
    form = act.form(request.POST if is_answer else None) if act.form else None
    if form and not (is_answer and form.is_valid()):
        return _ask(act, model_admin, request, keys, form)
    data = form.cleaned_data if form else {}
    done, refused, left = 0, [], Counter()
    # Whole rows: an act saves them again.
    for article in Article.objects.filter(pk__in=keys).order_by("pk"):
        if reason := act.why_not(request.user, article, data):
            left[reason] += 1
            continue
        try:
            act.do(request.user, article, data)
        except ValidationError as error:
            refused.append((article, error))
        else:
            done += 1
    gone = len(set(request.POST.getlist(ACTION_CHECKBOX_NAME))) - len(keys)
    if is_answer and gone > 0:
        left[_("no longer in this list")] += gone
    _tell(model_admin, request, act.done(done) if done else "", refused, left)
    return None


def _ask(act: BulkAct, model_admin, request, keys: list[int], form):
    """The page that asks for what the act needs and says what will be left out."""
    articles = Article.objects.filter(pk__in=keys).defer(
        "body", "body_html", "body_text"
    )
    rows = [
        (article, act.why_not(request.user, article, {}))
        for article in articles.select_related("category").order_by("-pk")
    ]
    context = {
        **model_admin.admin_site.each_context(request),
        "title": act.label,
        "opts": model_admin.opts,
        "media": model_admin.media + form.media,
        "form": form,
        "back": request.get_full_path(),
        "action": act.name,
        "checkbox_name": ACTION_CHECKBOX_NAME,
        "keys": keys,
        "possible": [article for article, reason in rows if not reason],
        "left": [(article, reason) for article, reason in rows if reason],
    }
    return TemplateResponse(request, "admin/news/article/bulk.html", context)


def _tell(model_admin, request, success: str, refused, left: Counter) -> None:
    """One message of what was done, one for each refusal, one for each reason."""
    if success:
        model_admin.message_user(request, success, messages.SUCCESS)
    for article, error in refused[:_SHOWN]:
        message = format_html(
            '<a href="{}">{}</a>: {}',
            reverse("admin:news_article_change", args=[article.pk]),
            article.title,
            " ".join(error.messages),
        )
        model_admin.message_user(request, message, messages.ERROR)
    if len(refused) > _SHOWN:
        further = len(refused) - _SHOWN
        text = ngettext(
            "%(count)s further article was refused.",
            "%(count)s further articles were refused.",
            further,
        )
        model_admin.message_user(request, text % {"count": further}, messages.ERROR)
    for reason, count in left.items():
        text = ngettext(
            "%(count)s article was left as it is: %(reason)s.",
            "%(count)s articles were left as they are: %(reason)s.",
            count,
        )
        told = text % {"count": count, "reason": reason}
        model_admin.message_user(request, told, messages.WARNING)
