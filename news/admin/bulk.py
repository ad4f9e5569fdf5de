"""One act on many rows: who may, what is asked first, what became of each.

An act that asks something shows a page of its own; the answer comes back to the
list's address with the same action, as Django's "delete selected" does.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from news.admin import acts
from news.models import Article

MOST = 200  # rows of one act: some seconds, well inside a request
_SHOWN = 10  # rows told one by one


@dataclass(frozen=True)
class BulkAct:
    """What is done to each chosen article; `data` is what the form asked for.

    Without `permission` the act is not offered. `why_not` gives the sentence that
    keeps one article from it, or "". `do` may raise ValidationError: then that
    article is as it was, and the others go on. `form` takes (user, data).
    """

    name: str
    label: str
    permission: str
    why_not: Callable[[object, Article, dict], str]
    do: Callable[[object, Article, dict], None]
    form: Callable[..., forms.Form] | None = None
    hint: str = ""

    def as_action(self):
        def action(model_admin, request, queryset):
            return _run(self, model_admin, request, queryset)

        action.__name__ = self.name
        return admin.action(description=self.label)(action)


@dataclass
class Outcome:
    done: int = 0
    refused: list[tuple[Article, ValidationError]] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)  # rows by reason


def _run(act: BulkAct, model_admin, request, queryset):
    """Ask what the act needs, or do it to each row and say what became of them."""
    keys = list(queryset.order_by("pk").values_list("pk", flat=True)[: MOST + 1])
    if len(keys) > MOST:
        text = _(
            "Nothing was done: at most %(most)s articles go at a time. Choose "
            "fewer, or filter the list first."
        )
        model_admin.message_user(request, text % {"most": MOST}, messages.ERROR)
        return None
    is_answer = "apply" in request.POST
    form = (
        act.form(request.user, request.POST if is_answer else None)
        if act.form
        else None
    )
    if form and not (is_answer and form.is_valid()):
        return _ask(act, model_admin, request, keys, form)
    outcome = _do_each(act, request.user, keys, form)
    if form and form.errors:
        return _ask(act, model_admin, request, keys, form)
    gone = len(set(request.POST.getlist(ACTION_CHECKBOX_NAME))) - len(keys)
    if is_answer and gone > 0:
        outcome.left[_("It is no longer in this list.")] += gone
    _tell(act, model_admin, request, outcome)
    return None


def _do_each(act: BulkAct, user, keys: list[int], form) -> Outcome:
    """Do the act to each row that allows it.

    An answer that the first row refuses is wrong for all: it goes back to the form.
    """
    outcome = Outcome()
    data = form.cleaned_data if form else {}
    # Whole rows: an act saves them again.
    for article in Article.objects.filter(pk__in=keys).order_by("pk"):
        if reason := act.why_not(user, article, data):
            outcome.left[reason] += 1
            continue
        try:
            act.do(user, article, data)
        except ValidationError as error:
            is_first = not (outcome.done or outcome.refused)
            if is_first and _is_about(form, error):
                acts.add_refusal(form, error)
                return outcome
            outcome.refused.append((article, error))
        else:
            outcome.done += 1
    return outcome


def _is_about(form, error: ValidationError) -> bool:
    return bool(
        set(getattr(error, "error_dict", ())) & set(getattr(form, "REFUSED", ()))
    )


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
        "hint": act.hint,
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


def _tell(act: BulkAct, model_admin, request, outcome: Outcome) -> None:
    """One message of what was done, one for each refusal, one for each reason."""

    def say(text, level):
        model_admin.message_user(request, text, level)

    if count := outcome.done:
        text = ngettext(
            "%(act)s: %(count)s article done.",
            "%(act)s: %(count)s articles done.",
            count,
        )
        say(text % {"act": act.label, "count": count}, messages.SUCCESS)
    for article, error in outcome.refused[:_SHOWN]:
        message = format_html(
            '<a href="{}">{}</a>: {}',
            reverse("admin:news_article_change", args=[article.pk]),
            article.title,
            " ".join(error.messages),
        )
        say(message, messages.ERROR)
    if (further := len(outcome.refused) - _SHOWN) > 0:
        text = ngettext(
            "%(count)s further article was refused.",
            "%(count)s further articles were refused.",
            further,
        )
        say(text % {"count": further}, messages.ERROR)
    for reason, count in outcome.left.items():
        text = ngettext(
            "%(count)s article was left as it is. %(reason)s",
            "%(count)s articles were left as they are. %(reason)s",
            count,
        )
        say(text % {"count": count, "reason": reason}, messages.WARNING)
