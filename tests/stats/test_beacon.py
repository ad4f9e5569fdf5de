"""Requests in, lines and answers out: what a browser, a robot and a forger get."""

import json

import pytest

from stats import beacon, clock, drainer, spool, tokens, totals, visitors
from stats.lines import decode
from stats.models import Day, DroppedDay

from .conftest import NOON, READER

pytestmark = pytest.mark.django_db


def spooled():
    raw = b"".join(path.read_bytes() for path in spool.segments())
    return [decode(line) for line in raw.splitlines()]


def test_a_report_is_written_down_and_answered_with_both_numbers(reader):
    Day.objects.create(day=clock.local_day(NOON), visits=2502, views=9000)
    assert reader.post() == {"y": "2026-11-20", "d": 2502, "t": 2502}
    assert reader.status == "200 OK"
    assert reader.outcome == "counted"
    (hit,) = spooled()
    assert (hit.ms, hit.kind, hit.object_id) == (NOON, "article", 1)
    assert hit.visitor and not hit.reason and not hit.flags


def test_the_answer_may_not_be_kept_and_sets_nothing(reader):
    reader.post()
    assert reader.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in reader.headers


def test_other_addresses_go_on_to_django(reader):
    assert reader.send("GET", PATH_INFO="/_s/") == b"django"
    assert reader.send("GET", PATH_INFO="/") == b"django"
    assert not spooled()


def test_the_picture_reports_for_readers_without_javascript(reader):
    picture = reader.send("GET", QUERY_STRING=f"p={reader.token()}")
    assert picture == beacon.GIF and len(beacon.GIF) == 43
    assert reader.headers["Content-Type"] == "image/gif"
    assert [hit.flags for hit in spooled()] == ["n"]
    assert reader.send("HEAD", QUERY_STRING=f"p={reader.token()}") == b""
    assert len(spooled()) == 1


REFUSED = {
    "another site": ({"HTTP_SEC_FETCH_SITE": "cross-site"}, "cross_site"),
    "a sibling site": ({"HTTP_SEC_FETCH_SITE": "same-site"}, "cross_site"),
    "a foreign origin": ({"HTTP_ORIGIN": "https://evil.example"}, "cross_site"),
    "an opaque origin": ({"HTTP_ORIGIN": "null"}, "cross_site"),
    "a broken origin": ({"HTTP_ORIGIN": "http://[::1"}, "cross_site"),
    "a frame": ({"HTTP_SEC_FETCH_DEST": "iframe"}, "not_a_page"),
    "a document": ({"HTTP_SEC_FETCH_DEST": "document"}, "not_a_page"),
    "prefetch": ({"HTTP_SEC_PURPOSE": "prefetch"}, "prefetch"),
    "prerender": ({"HTTP_SEC_PURPOSE": "prefetch;prerender"}, "prefetch"),
    "purpose": ({"HTTP_PURPOSE": "prefetch"}, "prefetch"),
    "preview": ({"HTTP_X_PURPOSE": "preview"}, "prefetch"),
    "x-moz": ({"HTTP_X_MOZ": "prefetch"}, "prefetch"),
    "a robot": ({"HTTP_USER_AGENT": "Mozilla/5.0 (compatible; Googlebot/2.1)"}, "bot"),
    "curl": ({"HTTP_USER_AGENT": "curl/8.0"}, "bot"),
    "no agent": ({"HTTP_USER_AGENT": None}, "bot"),
}


@pytest.mark.parametrize("environ, reason", REFUSED.values(), ids=REFUSED.keys())
def test_not_everybody_is_a_reader(reader, environ, reason):
    reader.post(**environ)
    assert reader.status in {"200 OK", "204 No Content"}
    assert reader.outcome == f"ignored; {reason}"
    (hit,) = spooled()
    assert hit.reason == reason
    assert hit.visitor == 0


def test_driven_browsers_say_so_themselves(reader):
    reader.post({"p": reader.token(), "w": 1})
    assert reader.outcome == "ignored; webdriver"


def test_a_page_nobody_printed_is_not_counted(reader):
    reader.post({"p": "article.1.739940.AAAAAAAAAAA"})
    assert reader.outcome == "ignored; bad_token"
    old = tokens.page_token("article", 1, clock.days_before(clock.today(), 40))
    reader.post({"p": old})
    assert reader.outcome == "ignored; old_token"


HOSTILE = {
    "no body": ("POST", b"", {}),
    "not json": ("POST", b"{", {}),
    "a list": ("POST", b"[1]", {}),
    "a number": ("POST", b"1", {}),
    "deep": ("POST", b"[" * 500, {}),
    "not utf-8": ("POST", b"\xff\xfe{", {}),
    "nul": ("POST", b'{"p":"\\u0000"}', {}),
    "surrogate": ("POST", b'{"p":"\\ud800","r":"\\ud800.vn"}', {}),
    "token is a list": ("POST", b'{"p":[],"r":{}}', {}),
    "token is a number": ("POST", b'{"p":1e999}', {}),
    "huge number": ("POST", b'{"p":' + b"9" * 480 + b"}", {}),
    "too long": ("POST", b" " * 513, {}),
    "length is a lie": ("POST", b"{}", {"CONTENT_LENGTH": "500"}),
    "length is a word": ("POST", b"{}", {"CONTENT_LENGTH": "ten"}),
    "length is negative": ("POST", b"{}", {"CONTENT_LENGTH": "-1"}),
    "length is superscript": ("POST", b"{}", {"CONTENT_LENGTH": "²"}),
    "length is enormous": ("POST", b"{}", {"CONTENT_LENGTH": "9" * 5000}),
    "no length": ("POST", b"{}", {"CONTENT_LENGTH": None}),
    "no token": ("GET", b"", {}),
    "garbage query": ("GET", b"", {"QUERY_STRING": "p=%ff%00&p=1&;;=&%"}),
    "many fields": ("GET", b"", {"QUERY_STRING": "&".join(["p=1"] * 60)}),
    "long query": ("GET", b"", {"QUERY_STRING": "p=" + "a" * 100_000}),
    "put": ("PUT", b"{}", {}),
    "unknown method": ("BREW", b"", {}),
    "no method": ("", b"", {}),
    "bad cookie": ("POST", b"{}", {"HTTP_COOKIE": "nocount=\x00;;;=\xff" * 500}),
    "no address": ("POST", b"{}", {"REMOTE_ADDR": None}),
    "unix socket": ("POST", b"{}", {"REMOTE_ADDR": ""}),
    "latin agent": ("POST", b"{}", {"HTTP_USER_AGENT": "Mozilla/5.0 \xff\xfe" * 1000}),
    "no host": ("POST", b"{}", {"HTTP_HOST": None}),
}


@pytest.mark.parametrize("method, body, environ", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_requests_get_a_plain_answer(reader, method, body, environ):
    reader.send(method, body, **environ)
    assert 200 <= int(reader.status[:3]) < 500
    assert reader.headers["Cache-Control"] == "no-store"
    assert drainer.drain(NOON, hold_ms=0).views == 0


def test_512_bytes_are_read_and_513_are_not(reader):
    report = {"p": reader.token(), "x": ""}
    report["x"] = "x" * (512 - len(json.dumps(report)))
    reader.post(report)
    assert reader.outcome == "counted"
    report["x"] += "x"
    reader.post(report)
    assert reader.status == "413 Content Too Large"


HOSTS = {
    "a search engine": ("www.google.com", "google.com"),
    "in capitals": ("Zalo.ME", "zalo.me"),
    "with a port": ("news.example:8080", "news.example"),
    "this site": ("testserver", ""),
    "none": ("", ""),
    "not a host": ("=cmd|' /C calc'!A0", ""),
    "a line end": ("a.vn\n1", ""),
    "no dot": ("localhost", ""),
    "too long": ("a" * 120 + ".vn", ""),
    "vietnamese": ("báo.vn", ""),
}


@pytest.mark.parametrize("sent, kept", HOSTS.values(), ids=HOSTS.keys())
def test_of_the_referrer_only_the_foreign_host_is_kept(reader, sent, kept):
    reader.post({"p": reader.token(), "r": sent})
    (hit,) = spooled()
    assert hit.host == kept


def test_staff_are_not_counted(reader):
    reader.post(HTTP_COOKIE="a=b; nocount=1")
    assert reader.outcome == "ignored; staff"
    assert not spooled()
    reader.post(HTTP_COOKIE="nocount=0; xnocount=1")
    assert reader.outcome == "counted"


def test_privacy_signals_are_noted_and_may_be_honoured(reader, settings):
    reader.post(HTTP_SEC_GPC="1")
    settings.STATS_HONOUR_PRIVACY_SIGNALS = True
    reader.post(HTTP_DNT="1")
    first, second = spooled()
    assert first.flags == second.flags == "p"
    assert first.visitor and not second.visitor


def test_nothing_on_disk_says_who_it_was(reader, spool_dir):
    agent = "Mozilla/5.0 (Linux; Android 14; UncommonPhone) Chrome/140.0 Mobile"
    reader.post(HTTP_USER_AGENT=agent)
    reader.post(HTTP_USER_AGENT=agent, HTTP_SEC_PURPOSE="prefetch")
    reader.send("GET", QUERY_STRING=f"p={reader.token()}", HTTP_USER_AGENT=agent)
    beacon.record_download(
        {"REQUEST_METHOD": "GET", "REMOTE_ADDR": READER, "HTTP_USER_AGENT": agent}, 7
    )
    everything = b"".join(p.read_bytes() for p in spool_dir.iterdir() if p.is_file())
    assert b"article 1" in everything and b"download 7" in everything
    for trace in (READER, "203.0.113", "UncommonPhone", "Mozilla", "Android"):
        assert trace.encode() not in everything


def test_the_same_reader_has_another_hash_tomorrow_and_elsewhere(reader):
    reader.post()
    reader.post()
    reader.post(REMOTE_ADDR="203.0.113.78")
    reader.post(HTTP_USER_AGENT="Mozilla/5.0 another")
    reader.at += clock.DAY_MS
    reader.post()
    hashes = [hit.visitor for hit in spooled()]
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 4


ADDRESSES = {
    "no proxy, header ignored": (0, "198.51.100.1", "10.0.0.1"),
    "one proxy, last entry": (1, "6.6.6.6, 198.51.100.1", "198.51.100.1"),
    "two proxies": (2, "6.6.6.6, 198.51.100.1, 10.1.1.1", "198.51.100.1"),
    "too few entries": (2, "6.6.6.6", "10.0.0.1"),
    "no header": (1, "", "10.0.0.1"),
    "IPv6 is one network": (1, "2001:db8:1:2:aaaa::1", "2001:db8:1:2::"),
    "IPv4 in IPv6": (1, "::ffff:198.51.100.1", "198.51.100.1"),
    "nonsense": (1, "::nonsense::", "::nonsense::"),
}


@pytest.mark.parametrize("hops, header, seen", ADDRESSES.values(), ids=ADDRESSES.keys())
def test_forwarded_addresses_are_believed_hop_by_hop(hops, header, seen):
    environ = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": header}
    assert visitors.client_address(environ, hops) == seen


def test_an_unwritable_spool_answers_without_numbers(reader, spool_dir):
    spool_dir.write_text("a file where the folder should be")
    assert reader.post() == {}
    assert reader.status == "204 No Content"
    assert reader.outcome == "refused"
    assert spool.writer().refused == 1
    spool_dir.unlink()
    reader.post()
    assert reader.outcome == "counted"


def test_without_a_database_the_hit_is_kept_and_the_numbers_are_left_out(
    reader, monkeypatch
):
    from django.db import OperationalError

    def away():
        raise OperationalError("gone")

    monkeypatch.setattr(totals, "read", away)
    monkeypatch.setattr(totals.connection, "close", lambda: None)
    assert reader.post() == {}
    assert reader.status == "204 No Content"
    assert reader.outcome == "counted"
    assert len(spooled()) == 1


def test_forged_reports_of_one_visitor_move_the_figures_by_60_visits_at_most(reader):
    for n in range(3000):
        reader.at = NOON + n * 10_000
        reader.post({"p": reader.token(object_id=n)})
    drainer.drain(reader.at, hold_ms=0)
    day = Day.objects.get(day=clock.local_day(NOON))
    assert day.views <= 300 and day.visits <= 60 and day.visitors == 1
    assert day.suspect_views > 500


def test_downloads_are_counted_by_file_and_are_no_views(noon):
    request = {"REQUEST_METHOD": "GET", "REMOTE_ADDR": READER}
    browser = {**request, "HTTP_USER_AGENT": "Mozilla/5.0 (X11) Firefox/140.0"}
    assert beacon.record_download(browser, 7)
    assert beacon.record_download(browser, 7)  # a double click
    assert beacon.record_download({**request, "HTTP_USER_AGENT": "curl/8"}, 7)
    assert not beacon.record_download({**browser, "REQUEST_METHOD": "HEAD"}, 7)
    drainer.drain(NOON, hold_ms=0)
    assert totals.views_of("download", [7, 8]) == {7: 1, 8: 0}
    assert Day.objects.get().views == 0
    assert DroppedDay.objects.get(reason="bot").n == 1
