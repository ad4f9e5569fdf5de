"""The newsroom of the walk through the back office, made once for a module."""

import pytest
from django.db import transaction

from tests.portal.admin_world import World, snapshot


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """The rows are made once; each test leaves them as they were."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def stored(world):
    """What the database holds as long as no test has done anything."""
    return snapshot()
