"""What readers look for: counted without anything personal, written by day."""

import subprocess
import sys
import threading
from datetime import date, timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone

from search import log
from search.models import SoughtWords
from search.request import SearchRequest, parse_words
from tests.factories import make_article, make_category
from tests.search.contract import HOSTILE

pytestmark = pytest.mark.django_db
URL = "/tim-kiem/"
BROWSER = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"}
READER = {"HTTP_USER_AGENT": BROWSER["user-agent"]}
DAY = date(2026, 5, 19)


@pytest.fixture(autouse=True)
def nothing_counted():
    log.forget()
    yield
    log.forget()


def look_for(client, headers=BROWSER, **asked):
    response = client.get(URL, asked, headers=headers)
    assert response.status_code in (200, 404)
    return response


def asked(typed) -> SearchRequest:
    return SearchRequest(words=parse_words(typed))


def kept() -> dict[str, tuple[int, int]]:
    """Write what was counted; return (searches, without result) by words."""
    log.flush()
    rows = SoughtWords.objects.values_list("words", "searches", "without_result")
    return {words: (searches, without) for words, searches, without in rows}


# What is counted


def test_a_search_is_counted_with_and_without_result(client):
    make_article(title="Chuyển đổi số")
    look_for(client, q="chuyển đổi số")
    look_for(client, q="xe buýt điện")
    look_for(client, q="xe buýt điện")
    assert kept() == {"chuyển đổi số": (1, 0), "xe buýt điện": (2, 2)}
    assert set(SoughtWords.objects.values_list("day", flat=True)) == {
        timezone.localdate()
    }


def test_ways_of_writing_the_same_words_are_one_entry(client):
    for typed in ("Hoà Bình", "  hòa   bình ", "HÒA BÌNH!", "hoa\u0300 bi\u0300nh"):
        look_for(client, q=typed)
    look_for(client, q="hoa binh")
    assert {words: n for words, (n, _) in kept().items()} == {
        "hòa bình": 4,
        "hoa binh": 1,
    }


def test_further_pages_orders_of_nothing_and_mistakes_are_not_counted(client):
    for n in range(25):
        make_article(title=f"Rừng {n}")
    look_for(client, q="rừng")
    look_for(client, q="rừng", trang="2")
    look_for(client)
    look_for(client, q="…")
    look_for(client, q="rừng", **{"tu-ngay": "32/13/2021"})
    look_for(client, **{"tu-ngay": "01/01/2021"})
    assert kept() == {"rừng": (1, 0)}


def test_words_that_only_the_filters_hide_are_not_without_result(client):
    make_category(name="Khoa học")
    look_for(client, q="rừng", **{"chuyen-muc": "khoa-hoc"})
    look_for(client, q="rừng", **{"den-ngay": "01/01/2021"})
    assert kept() == {"rừng": (2, 0)}


def test_robots_staff_and_pages_fetched_ahead_are_not_counted(client):
    look_for(
        client, {"user-agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"}, q="a"
    )
    look_for(client, {}, q="b")
    look_for(client, BROWSER | {"sec-purpose": "prefetch"}, q="c")
    client.cookies["nocount"] = "1"
    look_for(client, q="d")
    assert kept() == {}


# Nothing personal


@pytest.mark.parametrize(
    "typed",
    [
        "0912345678",
        "gọi 0912 345 678",
        "0912.345.678",
        "0912-345-678",
        "(024) 3826 1234",
        "+84 912 345 678",
        "0912/345/678",
        "0912_345_678",
        "３８２６１２３４",
        "cccd 001099012345",
        "thẻ 4111 1111 1111 1111",
        "B1234567",
        "19/05/2021 0912345678",
        "1234/5678",
        "an.nguyen@example.vn",
        "an＠example.vn",
    ],
)
def test_what_looks_like_a_persons_is_kept_nowhere(client, typed):
    look_for(client, q=typed)
    assert log._counts == {}
    assert kept() == {}


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("84-KH/TU", "84 kh tu"),
        ("123/2021/QĐ-UBND", "123 2021 qđ ubnd"),
        ("1234/2021", "1234 2021"),
        ("19/05/2021", "19 05 2021"),
        ("ngày 2021-05-19", "ngày 2021 05 19"),
        ("từ 01/01/2021 - 31/12/2021", "từ 01 01 2021 31 12 2021"),
        ("giai đoạn 2021-2025", "giai đoạn 2021 2025"),
        ("2023 2024 2025", "2023 2024 2025"),
        ("tháng 5/2021", "tháng 5 2021"),
        ("ngân sách 123.456", "ngân sách 123 456"),
        ("trường 42", "trường 42"),
    ],
)
def test_numbers_of_documents_and_days_are_kept(typed, words):
    assert log.kept_words(typed) == words


def test_long_words_are_cut_between_two():
    assert log.kept_words("rừng " * 40) == " ".join(["rừng"] * 20)
    assert log.kept_words("r" * 60 + " " + "s" * 60) == "r" * 60


def test_a_row_holds_no_more_than_words_a_day_and_two_numbers():
    names = {field.name for field in SoughtWords._meta.get_fields()}
    assert names == {"id", "day", "words", "searches", "without_result"}


@pytest.mark.parametrize("typed", [*HOSTILE, "a" * 10_000, "đ " * 5_000])
def test_hostile_words_are_short_or_nothing(typed):
    log.note(READER, asked(typed), typed, 0)
    for words in kept():
        assert 0 < len(words) <= 100
        assert words == log.kept_words(words)


# Writing


def add(words, searches=1, without_result=0, day=DAY):
    log._add(day, words, searches, without_result)


def test_numbers_add_up_to_what_is_there():
    SoughtWords.objects.create(day=DAY, words="rừng", searches=5, without_result=2)
    add("rừng", 2, 1)
    assert kept() == {"rừng": (7, 3)}
    assert kept() == {"rừng": (7, 3)}  # written once
    add("rừng")
    assert kept() == {"rừng": (8, 3)}


def test_each_day_has_its_own_row():
    add("rừng")
    add("rừng", day=DAY + timedelta(days=1))
    log.flush()
    assert SoughtWords.objects.count() == 2


def test_a_database_that_is_away_loses_nothing(monkeypatch):
    def away(rows):
        add("rừng")  # somebody searches meanwhile
        raise DatabaseError

    add("rừng")
    with monkeypatch.context() as patch:
        patch.setattr(log, "_write", away)
        with pytest.raises(DatabaseError):
            log.flush()
    assert kept() == {"rừng": (2, 0)}


def test_what_is_counted_while_writing_is_written_next(monkeypatch):
    write = log._write

    def slow(rows):
        add("rừng")
        write(rows)

    add("rừng")
    with monkeypatch.context() as patch:
        patch.setattr(log, "_write", slow)
        log.flush()
    assert kept() == {"rừng": (2, 0)}


def test_made_up_words_beyond_the_bound_are_one_entry(monkeypatch):
    monkeypatch.setattr(log, "MAX_WORDS_A_DAY", 3)
    for n in range(10):
        add(f"từ {n % 5}", 1, 1)
    log.flush()
    add("từ 0")
    add("từ 9")
    assert kept() == {
        "từ 0": (3, 2),
        "từ 1": (2, 2),
        "từ 2": (2, 2),
        log.OTHERS: (5, 4),
    }
    add("từ 9", day=DAY + timedelta(days=1))
    log.flush()
    assert SoughtWords.objects.get(day=DAY + timedelta(days=1)).words == "từ 9"


def test_many_threads_count_every_search():
    def many():
        for _ in range(500):
            add("rừng", 1, 1)

    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kept() == {"rừng": (2000, 2000)}


def test_after_a_year_rows_are_erased():
    today = timezone.localdate()
    for days in (0, log.KEPT_DAYS, log.KEPT_DAYS + 1):
        SoughtWords.objects.create(day=today - timedelta(days), words=f"{days}")
    log.erase_old()
    left = set(SoughtWords.objects.values_list("words", flat=True))
    assert left == {"0", f"{log.KEPT_DAYS}"}


def test_old_rows_are_a_duty_of_the_housekeeping():
    from portal import housekeeping

    assert log.erase_old in [duty.do for duty in housekeeping.duties()]


def test_counting_asks_the_database_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        log.note(READER, asked("rừng"), "rừng", 1)
    assert kept() == {"rừng": (1, 0)}


ENDS = """
import multiprocessing, sys
import django
django.setup()
from search import log
log.flush = lambda: open(sys.argv[1], "w").close()
worker = multiprocessing.get_context("fork").Process(target=log.start)
worker.start()
worker.join()
"""


def test_a_worker_that_ends_writes_first(tmp_path):
    subprocess.run(
        [sys.executable, "-c", ENDS, tmp_path / "written"], check=True, timeout=60
    )
    assert (tmp_path / "written").exists()
