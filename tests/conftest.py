"""Fixtures that everybody needs; few. And what a second database need not see."""

import gc
from datetime import timedelta

import pytest

from portal import generation

# Made ready for the whole run; what asks for one of them asks for the database.
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup"}


def pytest_addoption(parser):
    parser.addoption(
        "--only-with-database",
        action="store_true",
        help="leave out tests that know no database: they ran on another",
    )


def knows_a_database(item) -> bool:
    """Say whether a test may touch the database and is not marked with `once`.

    pytest-django refuses it to every other, so what those do is the same on each.
    `own_database` marks those that reach it by processes of their own.
    """
    return not any(item.iter_markers("once")) and (
        any(item.iter_markers("django_db"))
        or any(item.iter_markers("own_database"))
        or not DATABASE_FIXTURES.isdisjoint(item.fixturenames)
    )


def pytest_collection_modifyitems(config, items):
    if config.getoption("only_with_database"):
        left_out = [item for item in items if not knows_a_database(item)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if knows_a_database(item)]


def pytest_collection_finish():
    """Spare the collector the program and 5,000 tests, which stay until the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(autouse=True)
def _no_memory_between_tests():
    """Each test begins in a process that knows no generation and printed no page.

    Editions of two tests can be equal, as all end with the day.
    """
    # Their models need a Django that is set up.
    from portal import health, sidebar, stats_objects

    yield
    generation.forget()
    health.forget()
    sidebar.forget()
    stats_objects.forget()


@pytest.fixture(autouse=True)
def _no_five_minutes_end_in_a_test(request, monkeypatch):
    """The printed counter's edition ends by the clock; a test may run at that instant.

    Tests of just that are marked with `by_the_clock`.
    """
    if "by_the_clock" not in request.keywords:
        monkeypatch.setattr(
            generation, "_counter_ends", lambda now: now + generation.COUNTER_MAX_AGE
        )


@pytest.fixture(autouse=True)
def _no_minute_of_a_session_ends_in_a_test(request, monkeypatch):
    """Being seen is written once a minute: a query more wherever one is counted."""
    if "by_the_clock" not in request.keywords:
        monkeypatch.setattr("portal.sessions.store.SEEN_EVERY", timedelta(days=1))


@pytest.fixture
def steady_totals(monkeypatch):
    """Let the public numbers be fetched once, however slow the machine is.

    Their memory lapses after seconds; a page rendered then costs one query more.
    """
    monkeypatch.setattr("stats.totals.FRESH_SECONDS", float("inf"))


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    """Only loopback may be reached."""
    import socket

    real = socket.socket.connect

    def connect(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in (
            "127.0.0.1",
            "::1",
            "localhost",
        ):
            raise OSError(f"tests must not reach {address}")
        return real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
