"""Roles and permissions as the account forms offer them: in words, in Vietnamese."""

from django import forms
from django.contrib.auth.models import Group, Permission
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from news.admin.base import OneRecordMixin
from news.models import Category
from news.widgets import CategoriesField, RowsField
from portal import roles
from portal.models import Passkey, RecoveryCodes, User

_VERBS = {
    "add": _("Add: %(name)s"),
    "change": _("Change: %(name)s"),
    "delete": _("Delete: %(name)s"),
    "view": _("View: %(name)s"),
}
# Stored names are in English, or in the language of the day of `migrate`.
_NAMED = {
    "news.publish_article": _("Publish articles"),
    "news.review_article": _("Return and approve articles"),
    "news.publish_urgent_article": _("Publish alone in an emergency"),
    "news.withdraw_article": _("Withdraw articles"),
    "news.change_others_article": _("Change articles of others"),
    "portal.release_lockout": _("See and release lockouts"),
    "portal.reset_second_factor": _("Reset the second step of signing in"),
    "stats.view_dashboard": _("See the visit statistics"),
    "stats.export": _("Export the visit statistics"),
    "stats.adjust_ledger": _("Add to the ledger of the visit total"),
}


def permission_label(permission: Permission) -> str:
    """Say what a permission allows; an unknown one keeps its stored name."""
    kind = permission.content_type
    named = _NAMED.get(f"{kind.app_label}.{permission.codename}")
    if named:
        return str(named)
    verb, _sep, name = permission.codename.partition("_")
    model = kind.model_class()
    if model and verb in _VERBS and name == kind.model:
        return _VERBS[verb] % {"name": model._meta.verbose_name}
    return permission.name


def group_label(group: Group) -> str:
    """Name a role and say what it is for; other groups have their name only."""
    description = roles.DESCRIPTIONS.get(group.name)
    return f"{group.name}: {description}" if description else group.name


class GroupsField(RowsField):
    def label_from_instance(self, obj):
        return group_label(obj)


class PermissionsField(RowsField):
    def label_from_instance(self, obj):
        return permission_label(obj)


def role_choices() -> dict:
    """How a form offers roles: ticks, one below the other, with what each is for."""
    # Django's class for a column of choices with labels of any length.
    column = {"class": "radiolist"}
    return {
        "form_class": GroupsField,
        "widget": forms.CheckboxSelectMultiple(attrs=column),
    }


class InWordsMixin(OneRecordMixin):
    """For the admin of accounts and groups: choices and deletions without jargon."""

    class Media:  # what every other form of the back office has
        js = [forms.Script("admin_theme/forms.js", type="module")]

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.related_model is Group:
            kwargs |= role_choices()
        elif db_field.related_model is Permission:
            kwargs["form_class"] = PermissionsField
            # Tables that are in no page give nobody a right.
            kwargs["queryset"] = Permission.objects.select_related(
                "content_type"
            ).exclude(content_type__app_label="axes")
        elif db_field.related_model is Category:
            # In a list of lines one click without Ctrl would drop the others.
            kwargs["form_class"] = CategoriesField
        kwargs.setdefault("form_class", RowsField)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.related_model in (Group, Category) and field:
            field.widget.can_add_related = False
        return field

    def get_deleted_objects(self, objs, request):
        """Leave out rows that only join a group, its people and permissions, and
        what an account signs in with, which goes with it."""
        nested, counts, *rest = super().get_deleted_objects(objs, request)
        joins = [
            *(Group.permissions.through._meta, User.groups.through._meta),
            User.user_permissions.through._meta,
            *(model._meta for model in (TOTPDevice, Passkey, RecoveryCodes)),
        ]
        starts = tuple(f"{capfirst(join.verbose_name)}: " for join in joins)
        plurals = {join.verbose_name_plural for join in joins}
        kept = {name: n for name, n in counts.items() if name not in plurals}
        return [_without(nested, starts), kept, *rest]


def _without(lines: list, starts: tuple[str, ...]) -> list:
    """Drop the lines that begin so from a nested list, and lists left empty."""
    kept = []
    for line in lines:
        if isinstance(line, list):
            kept += [inner] if (inner := _without(line, starts)) else []
        elif not str(line).startswith(starts):
            kept.append(line)
    return kept
