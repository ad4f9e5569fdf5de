"""Anything public changed: the content generation moves in the same transaction.

What is written in an article that readers know nothing of, a draft or the working copy
of one that is out, changes nothing for them and leaves it where it is; its tags and
further categories move it.
"""

from django.apps import apps
from django.db import connection
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save

from news.models import Article, Attachment, Placement, State
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
    if not _is_hidden(sender, **kwargs):
        generation.bump(takes_away=_takes_away(**kwargs))


def _bump_of_many(sender, **kwargs):
    if sender._meta.label not in _PRIVATE:
        _bump(sender, **kwargs)


def _remember(sender, instance, **kwargs):
    """Before a save: what the stored row was, whatever is written now."""
    instance.was_hidden = instance.pk is None or _is_stored_hidden(instance.pk)


def _is_hidden(sender, signal=None, instance=None, **kwargs) -> bool:
    """Say whether readers see nothing of a change; in doubt, no."""
    if signal is post_save and isinstance(instance, Article):
        return instance.was_hidden and not (
            instance.state == State.PUBLISHED or instance.withdrawal
        )
    # Not tags: those of hidden articles count among the few that are looked through for
    # related ones (news.article_page). No file or picture goes from an article that is
    # out to a hidden one.
    if isinstance(instance, Attachment | Placement):
        return _is_stored_hidden(instance.article_id)
    return False


def _is_stored_hidden(article_id: int) -> bool:
    """Say whether readers know nothing of a stored article, and keep it so.

    The row stays locked until the transaction ends: who publishes it meanwhile waits,
    and moves the generation after this change. Nobody can keep it where there is no
    transaction.
    """
    if not connection.in_atomic_block:
        return False
    rows = Article.objects.select_for_update(no_key=True).filter(pk=article_id)
    found = rows.order_by().values_list("state", "withdrawal").first()
    return found is not None and found[0] != State.PUBLISHED and not found[1]


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
    pre_save.connect(_remember, sender=Article, dispatch_uid="generation:before")
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
