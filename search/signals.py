"""News changed: the index follows, inside the transaction of the change."""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete

from news.models import Article, Attachment, Category
from news.signals import articles_changed
from search import indexing
from search.models import AttachmentText

# update_fields may name a relation or its column.
_INDEXED = indexing.INDEXED_FIELDS | {"category_id"}
_paused: ContextVar[bool] = ContextVar("search_signals_paused", default=False)


@contextlib.contextmanager
def paused() -> Iterator[None]:
    """Let articles change in this thread without the index: for bulk work.

    The caller then calls indexing.index_articles() or rebuild().
    """
    token = _paused.set(True)
    try:
        yield
    finally:
        _paused.reset(token)


def _index(article_ids) -> None:
    if not _paused.get():
        indexing.index_articles(article_ids)


def _article_saved(sender, instance, update_fields=None, **kwargs):
    if update_fields is None or _INDEXED & set(update_fields):
        _index([instance.pk])


def _article_deleted(sender, instance, **kwargs):
    if not _paused.get():
        indexing.remove([instance.pk])


def _categories_changed(sender, instance, action, reverse, pk_set, **kwargs):
    """Further categories changed, from the article's side or the category's."""
    if not reverse:
        if action.startswith("post_"):
            _index([instance.pk])
    elif action == "pre_clear":
        instance._further_articles = _further_ids(instance)
    elif action == "post_clear":
        _index(instance.__dict__.pop("_further_articles", ()))
    elif action.startswith("post_"):
        _index(pk_set)


def _category_going(sender, instance, **kwargs):
    """Django deletes the rows of further categories without a signal."""
    instance._further_articles = _further_ids(instance)


def _category_gone(sender, instance, **kwargs):
    _index(instance.__dict__.pop("_further_articles", ()))


def _further_ids(category: Category) -> list[int]:
    return list(category.further_articles.order_by().values_list("pk", flat=True))


def _attachment_saved(sender, instance, created, **kwargs):
    """Of a file that was replaced nothing is found; the new one is read later."""
    if created:
        return
    texts = AttachmentText.objects.filter(attachment=instance)
    if texts.exclude(file_name=instance.file.name).delete()[0]:
        _index([instance.article_id])


def _attachment_deleted(sender, instance, origin=None, **kwargs):
    # Otherwise the whole article is going, and leaves the index itself.
    if getattr(origin, "model", type(origin)) is Attachment:
        _index([instance.article_id])


def _changed_in_bulk(sender, article_ids, **kwargs):
    _index(article_ids)


def connect() -> None:
    """Listen to news; called once from SearchConfig.ready()."""
    post_save.connect(_article_saved, sender=Article, dispatch_uid="search:saved")
    post_delete.connect(_article_deleted, sender=Article, dispatch_uid="search:deleted")
    m2m_changed.connect(
        _categories_changed,
        sender=Article.further_categories.through,
        dispatch_uid="search:categories",
    )
    pre_delete.connect(_category_going, sender=Category, dispatch_uid="search:going")
    post_delete.connect(_category_gone, sender=Category, dispatch_uid="search:gone")
    post_save.connect(
        _attachment_saved, sender=Attachment, dispatch_uid="search:file_saved"
    )
    post_delete.connect(
        _attachment_deleted, sender=Attachment, dispatch_uid="search:file_deleted"
    )
    articles_changed.connect(_changed_in_bulk, dispatch_uid="search:bulk")
