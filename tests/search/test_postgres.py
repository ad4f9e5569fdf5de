"""The contract on PostgreSQL; the whole suite runs once for each database."""

import pytest
from django.db import connection

from tests.search.contract import SearchContract
from tests.search.properties import SearchProperties

if connection.vendor != "postgresql":
    pytest.skip("this run's database is not PostgreSQL", allow_module_level=True)

pytestmark = pytest.mark.django_db


class TestPostgres(SearchContract):
    pass


class TestPostgresProperties(SearchProperties):
    pass
