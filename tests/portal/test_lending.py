"""A connection goes with a request, and comes back when the answer is closed."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.core.signals import request_finished, request_started
from django.db import DEFAULT_DB_ALIAS, connections
from django.http import StreamingHttpResponse

from portal.lending import Lending
from tests.door import connections_stay_open


def held():
    return connections[DEFAULT_DB_ALIAS]


@pytest.fixture
def lending():
    made = Lending(lambda environ, start_response: held())
    yield made
    request_finished.disconnect(made._take_back)
    for free in made._free.values():
        for connection in free:
            connection.close()


def answer(lending, path="/", is_closed=True):
    """Return the connection that the request had."""
    with connections_stay_open():
        lent = lending({"PATH_INFO": path}, None)
        if is_closed:
            request_finished.send(sender=None)
        return lent


@contextmanager
def threads(number: int):
    with ThreadPoolExecutor(number) as pool:
        yield pool


def test_threads_that_answer_one_after_the_other_share_one_connection(lending):
    seen = set()
    for _ in range(5):
        with threads(1) as one:  # another thread each time
            seen.add(one.submit(answer, lending).result())
    assert len(seen) == 1


def test_requests_at_the_same_time_have_connections_of_their_own(lending):
    barrier = threading.Barrier(3, timeout=20)

    def app(environ, start_response):
        barrier.wait()
        return held()

    lending.app = app
    with threads(3) as three:
        asked = [three.submit(answer, lending) for _ in range(3)]
        assert len({one.result() for one in asked}) == 3


def test_the_back_office_has_connections_of_its_own(lending):
    reader, desk = answer(lending), answer(lending, "/admin/")
    assert reader is not desk
    assert answer(lending) is reader
    assert answer(lending, "/admin/news/article/") is desk


def test_outside_of_requests_a_thread_has_its_own(lending):
    own = held()
    assert answer(lending) is not own
    assert held() is own


def test_what_a_thread_opened_outside_of_requests_is_closed_by_its_next(lending):
    closed = []

    def ask():
        held().close = lambda: closed.append(held())  # SQLite keeps one in memory open
        answer(lending)
        return held()

    with threads(1) as one:
        assert [one.submit(ask).result()] == closed


def test_an_export_has_its_connection_until_it_was_sent(lending):
    def rows():
        seen.append(held())
        yield "row"

    seen = []
    lending.app = lambda environ, start_response: StreamingHttpResponse(rows())
    with threads(1) as one, connections_stay_open():
        export = one.submit(lending, {"PATH_INFO": "/admin/"}, None).result()
        assert not lending._free[True]
        assert one.submit(lambda: b"".join(export)).result() == b"row"
        one.submit(export.close).result()
    assert list(lending._free[True]) == seen


def test_an_answer_that_is_still_sent_keeps_its_connection(lending):
    with threads(1) as sending, threads(1) as other:
        kept = sending.submit(answer, lending, "/admin/", is_closed=False).result()
        assert sending.submit(held).result() is kept
        assert other.submit(answer, lending, "/admin/").result() is not kept
        # The next request of a thread whose answer nobody closed.
        assert sending.submit(answer, lending, "/admin/").result() is kept


def test_more_than_are_usual_are_closed(lending):
    lending.most_kept = 1
    barrier = threading.Barrier(3, timeout=20)

    class Told:
        def __init__(self):
            self.is_closed = False

        def close(self):
            self.is_closed = True

    def app(environ, start_response):
        is_desk, _, own = lending._local.lent
        lending._local.lent = is_desk, Told(), own
        barrier.wait()
        told.append(lending._local.lent[1])

    told = []
    lending.app = app
    with threads(3) as three:
        for asked in [three.submit(answer, lending) for _ in range(3)]:
            asked.result()
    assert sorted(one.is_closed for one in told) == [False, True, True]


@pytest.mark.django_db(transaction=True)
def test_a_lent_connection_answers_in_any_thread_and_after_its_server_has_gone(lending):
    def app(environ, start_response):
        request_started.send(sender=None, environ=environ)
        with held().cursor() as cursor:
            cursor.execute("SELECT 1")
            return cursor.fetchone()[0], held()

    def ask():
        answered = lending({"PATH_INFO": "/"}, None)
        request_finished.send(sender=None)
        return answered

    lending.app = app
    with threads(1) as first, threads(1) as second:
        number, connection = first.submit(ask).result()
        assert number == 1
        if connection.vendor == "postgresql":
            connection.connection.close()
        assert second.submit(ask).result() == (1, connection)
