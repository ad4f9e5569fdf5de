"""The acts of the list of articles, each by news.permissions and news.publishing."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from news import act_forms, hooks, list_order, permissions, publishing, widgets
from news.admin import acts
from news.admin.bulk import BulkAct
from news.forms import offer_sections
from news.models import Article, Category, ListEntry
from news.workflow import TRANSITIONS, Act, State


class MoveForm(forms.Form):
    category = widgets.CategoryField(
        label=gettext_lazy("New section"), queryset=Category.objects.all()
    )

    def __init__(self, user, data=None):
        super().__init__(data)
        offer_sections([self.fields["category"]], hooks.category_limit(user))


class PlaceForm(forms.Form):
    list = forms.ChoiceField(
        label=gettext_lazy("List"),
        choices=ListEntry.List.choices,
        widget=forms.RadioSelect,
    )
    ends_at = widgets.DateTimeField(
        label=gettext_lazy("Until"),
        required=False,
        help_text=gettext_lazy(
            "At this time the entries leave the list by themselves. Left blank, "
            "they stay until somebody takes them out."
        ),
    )

    def __init__(self, user, data=None):
        super().__init__(data)

    def clean_ends_at(self):
        ends_at = self.cleaned_data["ends_at"]
        if ends_at and ends_at <= timezone.now():
            raise ValidationError(_("The end must lie ahead."), code="past")
        return ends_at


def _why_not_move(user, article, data) -> str:
    if data and data["category"].pk == article.category_id:
        return _("It is in this section already.")
    return permissions.why_not_move(user, article)


def _move(user, article, data) -> None:
    publishing.move(article, data["category"], user=user)


def _why_not_place(user, article, data) -> str:
    if article.revision_of_id:
        return _("This is a revision of a live article; add the article itself.")
    if article.state == State.TRASHED:
        return _("It is in the bin.")
    if not permissions.is_in_reach(user, article):
        return _("You are limited to other sections.")
    lasting = ListEntry.objects.lasting().filter(article=article)
    if data and lasting.filter(list=data["list"]).exists():
        return _("It is in this list already.")
    return ""


def _place(user, article, data) -> None:
    list_order.add(data["list"], article, timezone.now(), ends_at=data["ends_at"])


def _of_workflow(act: Act, is_asked: bool = False) -> BulkAct:
    """An act of news.workflow; `is_asked` shows its page before."""

    def form(user, data=None):
        return act_forms.form_for(act, Article(), data)

    def do(user, article, data):
        acts.do(act, article, user=user, version=article.version, **data)

    return BulkAct(
        name=f"{act}_selected",
        label=acts.LABELS[act],
        permission=TRANSITIONS[act].permission,
        form=form if is_asked else None,
        hint=acts.HINTS.get(act, ""),
        why_not=lambda user, article, data: permissions.why_not(user, article, act),
        do=do,
    )


ACTS = [
    _of_workflow(Act.SUBMIT),
    _of_workflow(Act.RETURN, is_asked=True),
    _of_workflow(Act.APPROVE),
    _of_workflow(Act.PUBLISH),
    _of_workflow(Act.WITHDRAW, is_asked=True),
    _of_workflow(Act.TRASH, is_asked=True),
    _of_workflow(Act.RESTORE),
    BulkAct(
        name="move_selected",
        label=gettext_lazy("Move to another section"),
        permission="news.change_article",
        form=MoveForm,
        why_not=_why_not_move,
        do=_move,
    ),
    BulkAct(
        name="place_selected",
        label=gettext_lazy("Add to hot news or to focus"),
        permission="news.add_listentry",
        form=PlaceForm,
        why_not=_why_not_place,
        do=_place,
    ),
]
