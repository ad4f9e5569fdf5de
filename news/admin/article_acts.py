"""The acts of the list of articles, each by news.permissions and news.publishing."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from news import permissions, publishing, widgets
from news.admin.bulk import BulkAct
from news.models import Category, ListEntry, State


class MoveForm(forms.Form):
    category = widgets.CategoryField(
        label=gettext_lazy("new section"), queryset=Category.objects.all()
    )


class PlaceForm(forms.Form):
    list = forms.ChoiceField(
        label=gettext_lazy("list"),
        choices=ListEntry.List.choices,
        widget=forms.RadioSelect,
    )
    ends_at = widgets.DateTimeField(
        label=gettext_lazy("until"),
        required=False,
        widget=widgets.SplitDateTime,
        help_text=gettext_lazy(
            "At this time the entries leave the list by themselves. Left blank, "
            "they stay until somebody takes them out."
        ),
    )

    def clean_ends_at(self):
        ends_at = self.cleaned_data["ends_at"]
        if ends_at and ends_at <= timezone.now():
            raise ValidationError(_("The end must lie ahead."), code="past")
        return ends_at


def _unless(is_allowed):
    """A rule of news.permissions as the sentence of a bulk act."""

    def why_not(user, article, data) -> str:
        if is_allowed(user, article):
            return ""
        return _("in another state, or not yours to change")

    return why_not


def _why_not_move(user, article, data) -> str:
    if data and data["category"].pk == article.category_id:
        return _("in this section already")
    return _unless(permissions.may_change)(user, article, data)


def _why_not_place(user, article, data) -> str:
    if not permissions.may_view(user, article):
        return _("in another state, or not yours to change")
    if article.state == State.TRASHED:
        return _("in the bin")
    running = ListEntry.objects.running().filter(article=article)
    if data and running.filter(list=data["list"]).exists():
        return _("in this list already")
    return ""


def _place(user, article, data) -> None:
    """Put the article first; an entry that ended or waits begins anew now."""
    times = {"starts_at": None, "ends_at": data["ends_at"], "position": 0}
    ListEntry.objects.update_or_create(
        list=data["list"], article=article, defaults=times
    )


ACTS = [
    BulkAct(
        name="publish_selected",
        label=gettext_lazy("Publish the chosen articles"),
        permission="news.publish_article",
        why_not=_unless(permissions.may_publish),
        do=lambda user, article, data: publishing.publish(
            article, user=user, version=article.version
        ),
        done=lambda count: (
            ngettext(
                "%(count)s article published.", "%(count)s articles published.", count
            )
            % {"count": count}
        ),
    ),
    BulkAct(
        name="withdraw_selected",
        label=gettext_lazy("Withdraw the chosen articles"),
        permission="news.withdraw_article",
        why_not=_unless(permissions.may_withdraw),
        do=lambda user, article, data: publishing.withdraw(
            article, user=user, version=article.version
        ),
        done=lambda count: (
            ngettext(
                "%(count)s article withdrawn.", "%(count)s articles withdrawn.", count
            )
            % {"count": count}
        ),
    ),
    BulkAct(
        name="move_selected",
        label=gettext_lazy("Move to another section"),
        permission="news.change_article",
        form=MoveForm,
        why_not=_why_not_move,
        do=lambda user, article, data: publishing.move(
            article, data["category"], user=user
        ),
        done=lambda count: (
            ngettext("%(count)s article moved.", "%(count)s articles moved.", count)
            % {"count": count}
        ),
    ),
    BulkAct(
        name="place_selected",
        label=gettext_lazy("Add to hot news or to focus"),
        permission="news.add_listentry",
        form=PlaceForm,
        why_not=_why_not_place,
        do=_place,
        done=lambda count: (
            ngettext(
                "%(count)s article was added to the list.",
                "%(count)s articles were added to the list.",
                count,
            )
            % {"count": count}
        ),
    ),
]
