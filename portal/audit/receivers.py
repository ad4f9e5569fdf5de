"""Every change of a row of ours is noticed here, in the transaction of the change.

What goes round signals is not: see "Audit log" in docs/operations.md.
"""

from functools import partial

from django.apps import apps
from django.contrib.auth.models import Group
from django.contrib.auth.signals import (
    user_logged_in,
    user_logged_out,
    user_login_failed,
)
from django.db import models
from django.db.models.signals import (
    m2m_changed,
    post_delete,
    post_save,
    pre_delete,
    pre_save,
)

from news.models import Article, Attachment, Placement
from portal.audit import recording, signing, values
from portal.audit.models import Action

# Rows that the program writes by itself or that are a log already.
MACHINE_MADE = {
    # What happens to a leader's link is told by news.leader.
    *("news.autosave", "news.leaderlink", "news.presence", "news.revision"),
    *("portal.contentstate", "portal.demorecord", "portal.auditentry"),
    # Who ends a session is told by portal.sessions.views.
    *("portal.session", "portal.notice", "portal.seal"),
    *("search.attachmenttext", "search.soughtwords"),
    # What happens to devices is told by portal.secondfactor, without their secrets.
    *("portal.passkey", "portal.recoverycodes"),
}
# A part is told with what it belongs to: (attribute, name among the changes).
_PARTS = {Placement: ("article", "placements")}


def audited_models() -> list[type[models.Model]]:
    """The models whose rows people change: our apps', the ledger, the groups."""
    found = [
        model
        for label in ("news", "portal", "search")
        for model in apps.get_app_config(label).get_models()
        if model._meta.label_lower not in MACHINE_MADE
    ]
    return [*found, apps.get_model("stats", "LedgerEntry"), Group]


def connect() -> None:
    """Listen to every audited model and to sign-ins; called from ready()."""
    for model in audited_models():
        uid = f"audit:{model._meta.label_lower}"
        pre_save.connect(_saving, sender=model, dispatch_uid=uid)
        post_save.connect(_saved, sender=model, dispatch_uid=uid)
        pre_delete.connect(_deleting, sender=model, dispatch_uid=uid)
        post_delete.connect(_deleted, sender=model, dispatch_uid=uid)
        for field in model._meta.many_to_many:
            m2m_changed.connect(
                partial(_members_changed, field),
                sender=field.remote_field.through,
                weak=False,
                dispatch_uid=f"{uid}.{field.name}",
            )
    user_logged_in.connect(signing.signed_in, dispatch_uid="audit:in")
    user_logged_out.connect(signing.signed_out, dispatch_uid="audit:out")
    user_login_failed.connect(signing.refused, dispatch_uid="audit:refused")


def _saving(sender, instance, raw=False, update_fields=None, **kwargs):
    """Read the row that is about to be replaced."""
    instance.__dict__.pop("_audited", None)
    if raw or instance.pk is None or recording.is_new(instance):
        return
    if _fields(instance, update_fields):
        rows = sender._base_manager.defer(*values.derived_of(sender))
        instance._audited = rows.filter(pk=instance.pk).first()


def _saved(sender, instance, created, raw=False, update_fields=None, **kwargs):
    before = instance.__dict__.pop("_audited", None)
    if raw:  # loaddata restores; it changes nothing by anybody's hand
        return
    fields = _fields(instance, update_fields)
    if before is None:
        found = values.contents(instance, fields)
        changes = {name: [None, value] for name, value in found.items()}
    else:
        changes = values.differences(before, instance, fields)
    if created or changes:
        _note(Action.ADDED if created else Action.CHANGED, instance, changes, before)


def _fields(instance, update_fields) -> list[models.Field]:
    """The audited columns that a save writes."""
    absent = instance.get_deferred_fields()
    found = [f for f in values.fields_of(type(instance)) if f.attname not in absent]
    if update_fields is not None:
        found = [f for f in found if {f.name, f.attname} & set(update_fields)]
    if update_fields is not None and [f.name for f in found] == ["password"]:
        # Django renews an old hash at sign-in: the same password, nobody's act.
        return found if instance._password is not None else []
    return found


def _note(action, instance, changes, before=None) -> None:
    part = _PARTS.get(type(instance))
    if part is None:
        recording.record(
            action, object=instance, changes=changes, told_by=_live_article(instance)
        )
        return
    owner, name = part
    old = [] if before is None else [_part_name(before)]
    new = [] if action == Action.DELETED else [_part_name(instance)]
    row = getattr(instance, owner)
    recording.record(
        Action.CHANGED,
        object=row,
        changes={name: [old, new]},
        told_by=_live_article(row),
    )


def _live_article(row) -> Article | None:
    """The article whose working copy `row` is, or belongs to.

    A copy is made and ended by acts on its article, which say all there is to say.
    """
    article = row.article if isinstance(row, Attachment) else row
    return article.revision_of if isinstance(article, Article) else None


def _part_name(placement: Placement) -> str:
    return ": ".join(filter(None, [str(placement.image), placement.caption]))


def _deleting(sender, instance, origin=None, **kwargs):
    """Read names while the rows they belong to are all there."""
    if sender in _PARTS:
        return
    found = values.contents(instance, _fields(instance, None))
    changes = {name: [value, None] for name, value in found.items()}
    relations = [field.name for field in sender._meta.many_to_many]
    if sender is Group:  # who loses what it gave
        relations.append("user_set")
    for name in relations:
        if members := values.names(getattr(instance, name).all()):
            changes[name] = [members, []]
    instance._audited = changes, _live_article(instance)


def _deleted(sender, instance, origin=None, **kwargs):
    if sender not in _PARTS:
        changes, live = instance.__dict__.pop("_audited", ({}, None))
        recording.record(Action.DELETED, object=instance, changes=changes, told_by=live)
    # With its article a part goes without a word of its own.
    elif sender in (type(origin), getattr(origin, "model", None)):
        _note(Action.DELETED, instance, {}, before=instance)


def _members_changed(field, sender, instance, action, reverse, model, pk_set, **kwargs):
    """Tags, roles, permissions: what was added and what was taken away, by name."""
    if action in ("post_add", "post_remove") and pk_set:
        rows = model._base_manager.filter(pk__in=pk_set)
    elif action == "pre_clear":
        name = field.remote_field.get_accessor_name() if reverse else field.name
        rows = getattr(instance, name).all()
    else:
        return
    if found := values.names(rows):
        name = field.remote_field.get_accessor_name() if reverse else field.name
        change = [[], found] if action == "post_add" else [found, []]
        recording.record(
            Action.CHANGED,
            object=instance,
            changes={name: change},
            told_by=_live_article(instance),
        )
