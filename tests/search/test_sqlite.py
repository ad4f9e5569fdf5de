"""The contract on SQLite; the whole suite runs once for each database."""

import pytest
from django.db import connection

from tests.search.contract import SearchContract
from tests.search.properties import SearchProperties

if connection.vendor != "sqlite":
    pytest.skip("this run's database is not SQLite", allow_module_level=True)

pytestmark = pytest.mark.django_db


class TestSqlite(SearchContract):
    pass


class TestSqliteProperties(SearchProperties):
    pass
