"""for_connection() is the one place that knows which engine a database has."""

from functools import lru_cache

from django.db import connections, router

from news.models import Article
from search.backends.base import SearchBackend
from search.backends.postgres import PostgresBackend
from search.backends.sqlite import SqliteBackend

_BACKENDS = {"sqlite": SqliteBackend, "postgresql": PostgresBackend}


def for_connection(connection) -> SearchBackend:
    return _BACKENDS[connection.vendor](connection.alias)


@lru_cache
def for_alias(alias: str) -> SearchBackend:
    return for_connection(connections[alias])


def for_writing() -> SearchBackend:
    """Return the backend of the database to which articles are written."""
    return for_alias(router.db_for_write(Article))
