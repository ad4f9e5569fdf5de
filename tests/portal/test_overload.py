"""Too many at once, and too much at once."""

import threading
import time
from collections import deque
from io import BytesIO

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from portal import generation, overload
from portal.overload import Lane, OverloadMiddleware, Readers
from portal.pagecache import FOR_MANY
from portal.wsgi import page_cache
from tests.door import Reader


def asked(path, query="", method="GET", **more) -> dict:
    return {
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "REQUEST_METHOD": method,
        **more,
    }


class Door(Readers):
    """Places before an application whose first request ends when it is told to."""

    def __init__(self, seconds: float):
        self.inside, self.go_on = threading.Event(), threading.Event()
        self.order: list[str] = []
        super().__init__(self.made)
        self.lane = Lane(1, 1, 1, seconds)
        self.first = threading.Thread(
            target=self.ask, args=["/lich-cong-tac/", "wait=1"]
        )
        self.first.start()
        assert self.inside.wait(20)

    def made(self, environ, start_response):
        if environ["QUERY_STRING"] == "wait=1":
            self.inside.set()
            self.go_on.wait(20)
        self.order.append(environ["PATH_INFO"])
        start_response("200 OK", [])
        return [b"made"]

    def ask(self, path, query="", method="GET", **more):
        """Return status, headers and body."""
        said = []
        environ = asked(path, query, method, **more)
        body = b"".join(self(environ, lambda *start: said.extend(start)))
        return said[0][:3], dict(said[1]), body

    def ask_meanwhile(self, got: list, *args, **more) -> threading.Thread:
        """Ask in a thread that waits when this returns."""
        queued = len(self.lane.queue)

        def ask():
            got.append((args, self.ask(*args, **more)[0]))

        waiting = threading.Thread(target=ask)
        waiting.start()
        while len(self.lane.queue) == queued:
            pass
        return waiting


@pytest.fixture(autouse=True)
def _grown_up(monkeypatch):
    monkeypatch.setattr(overload, "YOUNG_SECONDS", 0.0)


@pytest.fixture
def door():
    """Return a function that makes a door whose one place is taken."""
    made = []

    def make(seconds=0.05):
        made.append(Door(seconds))
        return made[-1]

    yield make
    for door in made:
        door.go_on.set()
        door.first.join()


def test_who_finds_no_place_is_asked_to_come_back(door):
    status, headers, body = door().ask("/tin-nong/")
    assert status == "503"
    assert headers["Retry-After"] == "5"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Length"] == str(len(body))
    assert "Đang có rất nhiều người truy cập" in body.decode()


def test_a_refusal_of_head_has_no_body(door):
    status, headers, body = door().ask("/tin-nong/", method="HEAD")
    assert (status, body) == ("503", b"")
    assert int(headers["Content-Length"]) > 0


def test_who_waits_gets_the_place_that_becomes_free(door):
    full, got = door(seconds=20), []
    waiting = full.ask_meanwhile(got, "/tin-nong/")
    full.go_on.set()
    waiting.join()
    assert got == [(("/tin-nong/",), "200")]


def test_who_came_while_the_portal_started_waits_longer(door, monkeypatch):
    full, got = door(seconds=0.01), []
    monkeypatch.setattr(overload, "YOUNG_SECONDS", 3600.0)
    waiting = full.ask_meanwhile(got, "/tin-nong/")
    time.sleep(0.2)  # longer than others wait, and not as long as he does
    assert got == []
    full.go_on.set()
    waiting.join()
    assert got == [(("/tin-nong/",), "200")]


def test_a_leader_who_finds_no_place_gets_his_note_back(door):
    sent = b"answer=return&note=%C4%90o%E1%BA%A1n+hai"
    more = {
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(sent)),
    }
    full = door()
    for path, comes_back in (("/xem-truoc/abc/", True), ("/tin-nong/", False)):
        body = {"wsgi.input": BytesIO(sent)}
        status, headers, page = full.ask(path, method="POST", **more, **body)
        assert status == "503"
        assert headers["Content-Length"] == str(len(page))
        assert ("Đoạn hai" in page.decode()) == comes_back


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"CONTENT_LENGTH": str(2**21)}, "413"),
        ({"HTTP_TRANSFER_ENCODING": "chunked"}, "411"),
        ({"CONTENT_LENGTH": "4", "CONTENT_TYPE": "multipart/form-data"}, "503"),
        ({"CONTENT_LENGTH": "4", "CONTENT_TYPE": "text/plain; charset=x"}, "503"),
        ({"CONTENT_LENGTH": "4", "CONTENT_TYPE": "text/plain; charset=\0"}, "503"),
    ],
)
def test_what_is_no_note_gets_a_plain_refusal(door, more, expected):
    more = {"wsgi.input": BytesIO(b"note"), **more}
    status, _headers, _page = door().ask("/xem-truoc/abc/", method="POST", **more)
    assert status == expected


class Untouched(deque):
    """A queue that nobody may join."""

    def append(self, turn):
        raise AssertionError("one more waits")


def test_only_so_many_wait(door):
    full, got = door(seconds=20), []
    waiting = full.ask_meanwhile(got, "/tin-nong/")
    full.lane.seconds = 0  # who waited now would leave at once, and leave a trace
    full.lane.queue = Untouched(full.lane.queue)
    assert full.ask("/tin-nong/")[0] == "503"
    full.go_on.set()
    waiting.join()


def test_what_many_wait_for_finds_places_that_nobody_else_takes(door):
    full, got = door(seconds=20), []
    waiting = [full.ask_meanwhile(got, "/tim-kiem/")]
    waiting.append(full.ask_meanwhile(got, "/rss/", **{FOR_MANY: True}))
    # These have an end as well, or threads for what is cheap would have none left.
    assert full.ask("/khong-co/", **{FOR_MANY: True})[0] == "503"
    full.go_on.set()
    for one in waiting:
        one.join()
    assert full.order == ["/lich-cong-tac/", "/tim-kiem/", "/rss/"]
    assert {status for _asked, status in got} == {"200"}


def test_who_came_first_is_next_and_a_newcomer_does_not_push_in():
    lane = Lane(1, 5, 0, 20)
    assert lane.enter()
    came, order = [], []

    def wait(number):
        lane.enter()
        order.append(number)

    for number in range(3):
        came.append(threading.Thread(target=wait, args=[number]))
        came[-1].start()
        while len(lane.queue) <= number:
            pass
    for number in range(3):
        lane.leave()
        came[number].join()
    assert order == [0, 1, 2]
    lane.leave()
    assert (lane.free, len(lane.queue)) == (1, 0)


def test_who_waited_in_vain_leaves_the_queue():
    lane = Lane(1, 1, 0, 0.01)
    assert lane.enter()
    for _ in range(3):
        assert not lane.enter()
    lane.leave()
    assert lane.enter()


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/admin/"])
def test_machines_that_look_after_it_and_the_desk_do_not_wait_here(door, path):
    assert door().ask(path)[2] == b"made"


def test_the_back_office_has_places_of_its_own(settings):
    settings.THREADS = 1
    door = OverloadMiddleware(lambda request: HttpResponse("made"))
    door.lane = Lane(1, 1, 0, 0.05)
    request = RequestFactory().get("/admin/")
    assert door.process_view(request, None, (), {}) is None
    refused = door.process_view(RequestFactory().get("/admin/"), None, (), {})
    assert refused.status_code == 503
    assert door(request).content == b"made"
    # Its place is free again.
    assert door.process_view(RequestFactory().get("/admin/"), None, (), {}) is None


def test_a_place_is_left_whatever_happens():
    def fail(*request):
        raise ValueError("wrong")

    door = Readers(fail)
    desk = OverloadMiddleware(fail)
    door.lane, desk.lane = Lane(1, 1, 0, 0.05), Lane(1, 1, 0, 0.05)
    for _ in range(3):
        with pytest.raises(ValueError, match="wrong"):
            door(asked("/"), None)
        request = RequestFactory().get("/admin/")
        assert desk.process_view(request, None, (), {}) is None
        with pytest.raises(ValueError, match="wrong"):
            desk(request)


@pytest.mark.django_db
@pytest.mark.parametrize("is_ours", [True, False])
def test_a_form_that_the_desk_refuses_comes_back_with_its_text(monkeypatch, is_ours):
    monkeypatch.setattr(Lane, "enter", lambda self: False)
    client = Client(enforce_csrf_checks=True)
    client.cookies["csrftoken"] = "a" * 32
    sent = {"name": "thẻ đã gõ", "csrfmiddlewaretoken": ("a" if is_ours else "b") * 32}
    response = client.post(reverse("admin:news_tag_add"), sent)
    assert response.status_code == (503 if is_ours else 403)
    handed_back = 'name="name" value="thẻ đã gõ"' in response.content.decode()
    assert handed_back is is_ours


@pytest.mark.django_db
def test_stored_pages_the_beacon_and_files_do_not_ask_for_a_place(monkeypatch):
    page_cache.clear()
    generation.refresh()
    reader = Reader(page_cache)
    assert reader("/tin-nong/")[0] == 200
    monkeypatch.setattr(Lane, "enter", lambda self, for_many=False: False)
    assert reader("/tin-nong/")[0] == 200
    assert reader("/_s")[0] == 200
    status, headers, _body = reader("/tin-tieu-diem/")
    assert status == 503
    assert "Content-Security-Policy" in headers
    page_cache.clear()


@pytest.mark.django_db
def test_a_page_that_is_kept_is_made_for_many(monkeypatch):
    page_cache.clear()
    generation.refresh()
    seen = {}

    def enter(lane, for_many):
        seen[path] = for_many
        return True

    monkeypatch.setattr(Lane, "enter", enter)
    reader = Reader(page_cache)
    for path in ("/tin-nong/", "/tim-kiem/", "/khong-co/"):
        reader(path, query="q=khoa" if path == "/tim-kiem/" else "")
    # The last is an address that nobody knows yet.
    assert seen == {"/tin-nong/": True, "/tim-kiem/": False, "/khong-co/": True}
    page_cache.clear()


def test_what_many_wait_for_waits_longer(monkeypatch):
    monkeypatch.setattr(overload, "FOR_MANY_SECONDS", 0.01)
    lane = Lane(1, 1, 0, 20)
    assert lane.enter()
    assert not lane.enter(for_many=True)


def test_refusals_are_told_once_in_a_while(door, caplog, monkeypatch):
    monkeypatch.setattr(overload, "_refusals", overload._Refusals())
    full = door()
    for _ in range(5):
        full.ask("/tin-nong/")
    assert [r.name for r in caplog.records] == ["portal.overload"]


def test_each_lane_has_threads_and_some_are_left_for_what_is_cheap(settings):
    settings.THREADS = 4
    lanes = [Readers(None).lane, OverloadMiddleware(None).lane]
    places = sum(lane.free + lane.waiting[True] for lane in lanes)
    assert overload.server_threads(4) == places + overload.CHEAP_THREADS


# Too large

MIB = 2**20


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/tim-kiem/", {"CONTENT_LENGTH": str(MIB + 1)}, 413),
        ("/xem-truoc/abc/", {"CONTENT_LENGTH": str(MIB + 1)}, 413),
        ("/admin/login/", {"CONTENT_LENGTH": str(60 * MIB + 1)}, 413),
        ("/admin/login/", {"CONTENT_LENGTH": "9" * 30}, 413),
        ("/tim-kiem/", {"CONTENT_LENGTH": "1_0"}, 400),
        ("/tim-kiem/", {"CONTENT_LENGTH": "-1"}, 400),
        ("/tim-kiem/", {"CONTENT_LENGTH": "٣"}, 400),
        ("/admin/login/", {"HTTP_TRANSFER_ENCODING": "chunked"}, 411),
        ("/tim-kiem/", {"QUERY_STRING": "q=" + "a" * 8000}, 414),
        ("/admin/", {"QUERY_STRING": "q=" + "a" * 8000}, 414),
        ("/admin/", {"HTTP_COOKIE": "a=" + "b" * 2**15}, 431),
        ("/admin/", {"HTTP_X_ONE": "a" * 2**14, "HTTP_X_TWO": "b" * 2**14}, 431),
    ],
)
def test_what_is_too_large_is_refused_unread(path, headers, status):
    class Body:
        def read(self, *args):
            raise AssertionError("it was read")

        readline = read

    reader = Reader(page_cache)
    app = reader.app
    reader.app = lambda environ, start: app(
        {**environ, "wsgi.input": Body(), **headers}, start
    )
    got, said, body = reader(path, "POST")
    assert got == status
    assert said["Content-Type"].startswith("text/html")
    assert "Content-Security-Policy" in said
    assert "<h1>" in body.decode()


@pytest.mark.django_db
def test_large_files_are_for_the_back_office(client):
    headers = {"CONTENT_LENGTH": str(2 * MIB)}
    response = client.get("/admin/login/", **headers)
    assert response.status_code == 200


@pytest.mark.django_db
def test_too_much_text_and_too_many_fields_are_refused_plainly(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    strict = Client(enforce_csrf_checks=True)
    strict.cookies["csrftoken"] = "a" * 32
    response = strict.post("/admin/login/", {"username": "x" * 2000})
    assert response.status_code == 413
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = MIB
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 5
    many = {f"field{n}": "1" for n in range(9)}
    assert strict.post("/admin/login/", many).status_code == 400
    assert client.get("/tim-kiem/", many).status_code == 400
