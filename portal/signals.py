"""Anything public changed: the content generation moves in the same transaction."""

from django.apps import apps
from django.db.models.signals import m2m_changed, post_delete, post_save

from news.models import Article
from news.signals import articles_changed, rows_changed
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
    "portal.Session",
    "portal.Passkey",
    "portal.RecoveryCodes",
    "portal.Seal",
}


def public_models():
    """Yield the models that readers see something of."""
    for label in ("news", "portal"):
        for model in apps.get_app_config(label).get_models():
            if model._meta.label not in _PRIVATE:
                yield model


def _bump(sender, raw=False, **kwargs):
    generation.bump(takes_away=_takes_away(**kwargs))


def _bump_of_many(sender, **kwargs):
    if sender._meta.label not in _PRIVATE:
        _bump(sender, **kwargs)


def _takes_away(signal, instance=None, created=False, **kwargs) -> bool:
    """Say whether readers may lose something by a change; in doubt, yes.

    A draft that never had a time of publication was never theirs.
    """
    if created or signal is m2m_changed:
        return False
    if signal is not post_save:  # a row is deleted, or nobody says what many rows lost
        return True
    if isinstance(instance, Article):
        was_theirs = instance.published_at is not None or instance.withdrawal
        return bool(was_theirs) and not instance.is_published()
    # Categories, pages and linked sites can be hidden.
    return not all(getattr(instance, n, True) for n in ("is_visible", "is_published"))


def connect():
    """Listen to every public model; called once from PortalConfig.ready()."""
    for model in public_models():
        uid = f"generation:{model._meta.label}"
        post_save.connect(_bump, sender=model, dispatch_uid=uid)
        post_delete.connect(_bump, sender=model, dispatch_uid=uid)
        for field in model._meta.many_to_many:
            m2m_changed.connect(
                _bump,
                sender=field.remote_field.through,
                dispatch_uid=f"{uid}.{field.name}",
            )
    rows_changed.connect(_bump_of_many, dispatch_uid="generation:rows_changed")
    articles_changed.connect(_bump, dispatch_uid="generation:articles_changed")
    ledger = apps.get_app_config("stats").models.get("ledgerentry")
    if ledger is not None:
        post_save.connect(_bump, sender=ledger, dispatch_uid="generation:ledger")
