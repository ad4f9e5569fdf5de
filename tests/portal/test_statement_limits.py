"""A statement of a reader ends after seconds; a command's does not."""

import time

import pytest
from django.db import OperationalError, connection
from django.test import RequestFactory

from portal import statement_limits, unavailable, views
from portal.wsgi import application
from tests.door import Reader

LONG = {
    "postgresql": "SELECT pg_sleep(20)",
    "sqlite": (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
        " WHERE i < 300000000) SELECT count(*) FROM n"
    ),
}[connection.vendor]


@pytest.fixture(autouse=True)
def _limits(monkeypatch, django_db_setup, django_db_blocker):
    """Without a transaction: nothing is written, and connections come and go."""
    monkeypatch.setattr(statement_limits, "READER_SECONDS", 1)
    with django_db_blocker.unblock():
        # What this test connects knows nothing of requests before.
        vars(statement_limits._local).clear()
        connection.close()
        yield
        vars(statement_limits._local).clear()
        connection.close()


def begin(path: str) -> None:
    statement_limits._begin(None, environ={"PATH_INFO": path})


def run(sql: str):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def told() -> str:
    return run("SHOW statement_timeout")


def test_a_long_statement_of_a_reader_is_ended_and_answered_with_503():
    begin("/tim-kiem/")
    begun = time.monotonic()
    with pytest.raises(OperationalError) as error:
        run(LONG)
    assert time.monotonic() - begun < 15
    request = RequestFactory().get("/tim-kiem/")
    response = unavailable.answer(request, error.value)
    assert response.status_code == 503
    assert "mất quá nhiều thời gian" in response.content.decode()
    # The connection goes on.
    begin("/")
    assert run("SELECT 1") == 1


def test_a_request_through_the_one_door_has_its_limit(monkeypatch):
    """Nothing here begins the request but the server's call."""
    monkeypatch.setattr(views, "frame", lambda *args: run(LONG))
    application.clear()
    status, headers, body = Reader(application)("/")
    assert status == 503
    assert headers["Retry-After"]
    assert "mất quá nhiều thời gian" in body.decode()


def test_outside_of_a_request_nothing_ends():
    if connection.vendor == "postgresql":
        assert told() == "0"
    else:
        assert not statement_limits._is_over()
        begin("/")
        statement_limits._local.ends = 0.0
        assert statement_limits._is_over()
        statement_limits._end(None)
        assert not statement_limits._is_over()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SET is PostgreSQL's")
def test_postgresql_is_told_when_a_thread_turns_from_readers_to_the_desk():
    begin("/")
    assert told() == "1s"
    begin("/admin/")
    assert told() == "1min"
    begin("/tin-nong/")
    assert told() == "1s"


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SET is PostgreSQL's")
def test_requests_of_readers_cost_no_round_trip(monkeypatch):
    begin("/")
    run("SELECT 1")
    raw = connection.connection

    class Silent:
        def __getattr__(self, name):
            raise AssertionError(f"asked for {name}")

    connection.connection = Silent()
    try:
        begin("/tin-nong/")
    finally:
        connection.connection = raw


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SET is PostgreSQL's")
def test_a_connection_that_died_is_made_anew():
    begin("/")
    pid = run("SELECT pg_backend_pid()")
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    finally:
        other.close()
    begin("/admin/")
    assert told() == "1min"
