"""Anything public changed: the content generation moves in the same transaction."""

from django.apps import apps
from django.db.models.signals import m2m_changed, post_delete, post_save

from news.signals import articles_changed
from portal import generation

# Nothing on a public page depends on these.
_PRIVATE = {
    "news.Autosave",
    "news.LeaderLink",
    "news.Presence",
    "news.Revision",
    "portal.AuditEntry",
    "portal.User",
    "portal.ContentState",
    "portal.DemoRecord",
    "portal.Notice",
}


def _public_models():
    for label in ("news", "portal"):
        for model in apps.get_app_config(label).get_models():
            if model._meta.label not in _PRIVATE:
                yield model


def _bump(sender, raw=False, **kwargs):
    generation.bump()


def connect():
    """Listen to every public model; called once from PortalConfig.ready()."""
    for model in _public_models():
        uid = f"generation:{model._meta.label}"
        post_save.connect(_bump, sender=model, dispatch_uid=uid)
        post_delete.connect(_bump, sender=model, dispatch_uid=uid)
        for field in model._meta.many_to_many:
            m2m_changed.connect(
                _bump,
                sender=field.remote_field.through,
                dispatch_uid=f"{uid}.{field.name}",
            )
    articles_changed.connect(_bump, dispatch_uid="generation:articles_changed")
    ledger = apps.get_app_config("stats").models.get("ledgerentry")
    if ledger is not None:
        post_save.connect(_bump, sender=ledger, dispatch_uid="generation:ledger")
