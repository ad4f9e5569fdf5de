"""Too many at once, and too much at once."""

import threading

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from portal import generation, overload
from portal.overload import Lane, OverloadMiddleware
from portal.wsgi import page_cache
from tests.door import Reader


@pytest.fixture
def full():
    """A middleware of one place a lane, and what lets its first request end."""
    inside, go_on = threading.Event(), threading.Event()

    def view(request):
        if "wait" in request.GET:
            inside.set()
            go_on.wait(20)
        return HttpResponse("made")

    door = OverloadMiddleware(view)
    door.lanes = {name: Lane(1, 1, 0.05) for name in door.lanes}
    door.inside, door.go_on = inside, go_on
    first = threading.Thread(
        target=door, args=[RequestFactory().get("/tin-nong/?wait=1")]
    )
    first.start()
    assert inside.wait(20)
    yield door
    go_on.set()
    first.join()


def test_who_finds_no_place_is_asked_to_come_back(full):
    response = full(RequestFactory().get("/tin-nong/"))
    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert response["Cache-Control"] == "no-store"
    assert "Đang có rất nhiều người truy cập" in response.content.decode()


def test_who_waits_gets_the_place_that_becomes_free(full):
    full.lanes["readers"].seconds = 20
    got = []
    waiting = threading.Thread(
        target=lambda: got.append(full(RequestFactory().get("/tin-nong/")))
    )
    waiting.start()
    full.go_on.set()
    waiting.join()
    assert got[0].content == b"made"


def test_only_so_many_wait(full):
    lane = full.lanes["readers"]
    lane.seconds = 20
    waiting = threading.Thread(target=full, args=[RequestFactory().get("/tin-nong/")])
    waiting.start()
    while not lane.queue:
        pass
    assert full(RequestFactory().get("/tin-nong/")).status_code == 503
    full.go_on.set()
    waiting.join()


def test_who_came_first_is_next_and_a_newcomer_does_not_push_in():
    lane = Lane(1, 5, 20)
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
    lane = Lane(1, 1, 0.01)
    assert lane.enter()
    for _ in range(3):
        assert not lane.enter()
    lane.leave()
    assert lane.enter()


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_machines_that_look_after_it_never_wait(full, path):
    assert full(RequestFactory().get(path)).content == b"made"


def test_the_back_office_has_places_of_its_own(full):
    request = RequestFactory().get("/admin/")
    assert full.process_view(request, None, (), {}) is None
    assert full(request).content == b"made"
    # Its place is free again.
    assert full.process_view(RequestFactory().get("/admin/"), None, (), {}) is None


def test_a_place_is_left_whatever_happens():
    def fail(request):
        raise ValueError("wrong")

    door = OverloadMiddleware(fail)
    door.lanes = {name: Lane(1, 1, 0.05) for name in door.lanes}
    for _ in range(3):
        with pytest.raises(ValueError, match="wrong"):
            door(RequestFactory().get("/"))


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
    monkeypatch.setattr(Lane, "enter", lambda self, seconds: False)
    assert reader("/tin-nong/")[0] == 200
    assert reader("/_s")[0] == 200
    assert reader("/tin-tieu-diem/")[0] == 503
    page_cache.clear()


@pytest.mark.django_db
def test_a_page_that_is_made_for_many_waits_longer(monkeypatch):
    page_cache.clear()
    generation.refresh()
    waited = {}

    def enter(lane, seconds):
        waited[asked] = lane.seconds if seconds is None else seconds
        return True

    monkeypatch.setattr(Lane, "enter", enter)
    reader = Reader(page_cache)
    for asked in ("/tin-nong/", "/tim-kiem/", "/khong-co/"):
        reader(asked, query="q=khoa" if asked == "/tim-kiem/" else "")
    own = overload._SECONDS["readers"]
    assert waited == {
        "/tin-nong/": overload.FOR_MANY_SECONDS,
        "/tim-kiem/": own,
        "/khong-co/": overload.FOR_MANY_SECONDS,  # an address that nobody knows yet
    }
    page_cache.clear()


def test_refusals_are_told_once_in_a_while(full, caplog):
    for _ in range(5):
        full(RequestFactory().get("/tin-nong/"))
    assert [r.name for r in caplog.records] == ["portal.overload"]


def test_each_lane_has_threads_and_some_are_left_for_what_is_cheap():
    door = OverloadMiddleware(None)
    places = sum(lane.free + lane.waiting for lane in door.lanes.values())
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
