"""The contract on PostgreSQL; the whole suite runs once for each database."""

import pytest
from django.db import connection

from search.backends import postgres
from search.backends.base import SearchTimeout
from tests.factories import make_article
from tests.search.contract import SearchContract
from tests.search.helpers import search
from tests.search.properties import SearchProperties

if connection.vendor != "postgresql":
    pytest.skip("this run's database is not PostgreSQL", allow_module_level=True)

pytestmark = pytest.mark.django_db


class TestPostgres(SearchContract):
    def test_a_search_that_takes_too_long_is_stopped(self, monkeypatch):
        monkeypatch.setattr(postgres, "STATEMENT_TIMEOUT_MS", 20)
        monkeypatch.setattr(
            postgres.PostgresBackend,
            "condition",
            lambda self, expressions: ("pg_sleep(1) IS NOT NULL", []),
        )
        make_article()
        with pytest.raises(SearchTimeout):
            search("rừng")


class TestPostgresProperties(SearchProperties):
    pass
