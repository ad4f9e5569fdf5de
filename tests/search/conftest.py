"""The index is no model: what a flush of other tests left there is cleared here."""

import pytest

from tests.search.helpers import backend


@pytest.fixture(autouse=True)
def _empty_index(request):
    marker = request.node.get_closest_marker("django_db")
    if marker is not None:
        transactional = marker.kwargs.get("transaction")
        request.getfixturevalue("transactional_db" if transactional else "db")
        backend().clear()
