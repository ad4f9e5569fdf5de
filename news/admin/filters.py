"""Filters of the lists: few queries each, whatever the number of rows."""

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from news import permissions
from news.models import ListEntry, subtree_ids
from news.tree import CategoryTree
from news.workflow import State

_MANY = 60  # people; a longer list of names is no filter any more


class PersonFilter(admin.SimpleListFilter):
    """By the person in `field`; oneself first."""

    field: str

    def lookups(self, request, model_admin):
        theirs = model_admin.model.objects.order_by().filter(
            **{self.field: OuterRef("pk")}
        )
        people = get_user_model().objects.exclude(pk=request.user.pk)
        others = people.filter(Exists(theirs)).order_by("username")[:_MANY]
        return [
            ("me", _("by me")),
            *((str(person.pk), str(person)) for person in others),
        ]

    def queryset(self, request, queryset):
        value = self.value() or ""
        if value == "me":
            return queryset.filter(**{self.field: request.user})
        if value in dict(self.lookup_choices):
            return queryset.filter(**{self.field: value})
        return queryset


class WriterFilter(PersonFilter):
    title = gettext_lazy("writer")
    parameter_name = "writer"
    field = "created_by"


class SectionFilter(admin.SimpleListFilter):
    """A section with all below it, as readers see it: further sections count."""

    title = gettext_lazy("section")
    parameter_name = "section"

    def lookups(self, request, model_admin):
        return [
            (str(category.pk), f"{'– ' * depth}{category.name}")
            for category, depth in CategoryTree.load().nested()
        ]

    def queryset(self, request, queryset):
        if self.value() in dict(self.lookup_choices):
            return queryset.in_categories(subtree_ids(int(self.value())))
        return queryset


class PlacementFilter(admin.SimpleListFilter):
    """What stands on the home page by hand now."""

    title = gettext_lazy("place on the home page")
    parameter_name = "list"

    def lookups(self, request, model_admin):
        return ListEntry.List.choices

    def queryset(self, request, queryset):
        if self.value() not in ListEntry.List.values:
            return queryset
        running = ListEntry.objects.running().filter(list=self.value()).order_by()
        return queryset.filter(pk__in=running.values("article"))


class StateFilter(admin.SimpleListFilter):
    """States as people mean them: scheduled and expired are told apart."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        drafts = [State.DRAFT, State.IN_REVIEW, State.RETURNED, State.APPROVED]
        shown = [*drafts, State.WITHDRAWN, State.TRASHED]
        return [
            ("live", _("on the site")),
            ("scheduled", _("scheduled")),
            ("expired", _("expired")),
            *((state.value, state.label) for state in shown),
        ]

    def queryset(self, request, queryset):
        value = self.value()
        if value == "live":
            return queryset.published()
        if value == "scheduled":
            return queryset.scheduled()
        if value == "expired":
            return queryset.expired()
        if value in State.values:
            return queryset.filter(state=value)
        return queryset.exclude(state=State.TRASHED)  # shown on request only


class ForMeFilter(admin.SimpleListFilter):
    title = gettext_lazy("my part")
    parameter_name = "forme"

    def lookups(self, request, model_admin):
        return [
            ("waiting", _("waits for me")),
            ("returned", _("returned to me")),
        ]

    def queryset(self, request, queryset):
        if self.value() == "waiting":
            return permissions.waiting_for(request.user, queryset)
        if self.value() == "returned":
            return queryset.filter(created_by=request.user, state=State.RETURNED)
        return queryset
