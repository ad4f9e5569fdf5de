"""The fifteen edge cases of counting visits, by number; more about each elsewhere.

 1. Midnight, time zones, year end, 29 February:
    test_a_hit_belongs_to_the_local_day_of_its_receive_time,
    test_hits_drained_after_midnight_go_to_their_own_day,
    test_at_midnight_today_begins_again
 2. The salt of a day, drawn at once by several processes, kept over a restart:
    test_the_first_in_the_database_decides_for_all_hosts,
    test_a_restart_inside_the_day_keeps_the_salt
 3. A clock that steps: test_a_wrong_clock_is_put_right_and_holds_up_nobody,
    test_a_clock_that_stepped_back_does_not_stop_the_drain
 4. Gaps, repeats, midnight inside a visit, lines out of order:
    test_views_visits_and_visitors, test_random_days_equal_an_independent_oracle,
    test_late_lines_agree_with_an_oracle_of_the_stated_rule
 5. Fetched ahead, in the background, back and forward, twice, in a frame:
    test_not_everybody_is_a_reader, in a browser test_going_back_is_a_view,
    test_a_tab_in_the_background_counts_when_it_is_seen,
    test_what_is_fetched_ahead_is_not_counted, test_a_double_click_is_one_view
 6. GPC, DNT, no JavaScript: test_privacy_signals_are_noted_and_may_be_honoured,
    in a browser test_a_reader_without_javascript_is_counted_by_the_picture
 7. Staff, offices, drafts, errors: test_staff_are_not_counted,
    in a browser test_staff_are_not_counted_on_public_pages
 8. Forgery and replay: test_kill_9_of_workers_and_drainers_loses_and_doubles_nothing
    (its forger), test_every_changed_character_is_noticed,
    test_pages_no_longer_public_are_dropped_with_a_reason
 9. X-Forwarded-For: test_forwarded_addresses_are_believed_hop_by_hop
10. Caches in between, week-old pages, policies, ad blockers:
    test_a_token_is_good_for_35_days, test_the_script_is_at_most_one_kilobyte,
    with nginx test_no_cache_in_front_keeps_an_answer
11. The opening balance: test_set_opening_balance_works_once
12. Corrections, deleted and merged articles: test_the_ledger_only_grows,
    test_an_undo_is_an_opposite_row_and_happens_once,
    test_figures_of_merged_articles_add_up
13. Drainers, disks, backups: test_a_second_drainer_with_an_old_look_counts_nothing,
    test_segments_that_cannot_be_removed_are_not_counted_again,
    test_a_replayed_segment_counts_nothing,
    test_an_unwritable_spool_answers_without_numbers
14. Stopped and started anew: test_no_acknowledged_visit_is_lost_when_workers_are_killed
15. Hosts in a table for Excel: test_of_the_referrer_only_the_foreign_host_is_kept
"""

import errno
import os
import re
import signal
import time
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum
from django.test import Client

from news.models import Article
from stats import clock, drainer, ledger, lines, salts, spool, totals, visitors
from stats.models import Day, DroppedDay, LedgerEntry, PageDay, RefDay, SpoolPosition
from tests.factories import make_article

from .conftest import FIREFOX, NOON, READER, hit, ms
from .test_beacon import spooled

pytestmark = pytest.mark.django_db
TODAY = clock.local_day(NOON)
MINUTE = 60_000


def drain(now_ms=NOON):
    return drainer.drain(now_ms, hold_ms=0)


def figures() -> tuple[int, int, int]:
    """Views, visits, visitors of all days."""
    sums = Day.objects.aggregate(a=Sum("views"), b=Sum("visits"), c=Sum("visitors"))
    return tuple(n or 0 for n in sums.values())


def dropped() -> dict[str, int]:
    rows = DroppedDay.objects.values_list("reason").annotate(n=Sum("n"))
    return dict(rows)


def test_the_map_above_names_tests_that_exist():
    named = set(re.findall(r"test_\w+", __doc__))
    code = "".join(
        path.read_text() for path in Path(__file__).parents[1].rglob("test_*.py")
    )
    assert len(named) > 25
    assert named <= set(re.findall(r"^def (test_\w+)\(", code, re.M))


MIDNIGHTS = {
    "any day": (ms(2026, 11, 20, 23, 59, 59, 999), "2026-11-20", "2026-11-21"),
    "end of the year": (ms(2026, 12, 31, 23, 59, 59, 999), "2026-12-31", "2027-01-01"),
    "into 29 February": (ms(2028, 2, 28, 23, 59, 59, 999), "2028-02-28", "2028-02-29"),
    "out of it": (ms(2028, 2, 29, 23, 59, 59, 999), "2028-02-29", "2028-03-01"),
}


@pytest.mark.parametrize("at, first, second", MIDNIGHTS.values(), ids=MIDNIGHTS.keys())
def test_01_midnight_parts_counters_salts_and_tokens_alike(
    reader, monkeypatch, at, first, second
):
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")  # the server's zone; 17:00 there
        time.tzset()
        for reader.at in (at, at + 1):
            reader.post()
            assert reader.outcome == "counted"
    time.tzset()
    before, after = spooled()
    assert before.visitor != after.visitor  # another salt
    assert sorted(map(str, salts._read_file())) == [first, second]
    drain(at + 8 * 60 * MINUTE)
    days = Day.objects.values_list("day", "views", "visits", "visitors")
    assert [(str(day), *rest) for day, *rest in days] == [
        (first, 1, 1, 1),
        (second, 1, 1, 1),
    ]


def test_02_processes_that_begin_at_once_share_one_salt(spool_dir):
    go_in, go_out = os.pipe()
    result_in, result_out = os.pipe()
    children = []
    for _ in range(6):
        child = os.fork()
        if child == 0:
            os.read(go_in, 1)
            os.write(result_out, salts.of_day(TODAY))
            os._exit(0)
        children.append(child)
    os.write(go_out, b"x" * 6)
    for child in children:
        assert os.waitpid(child, 0)[1] == 0
    drawn = os.read(result_in, 6 * 32)
    for fd in (go_in, go_out, result_in, result_out):
        os.close(fd)
    assert len(drawn) == 6 * 32
    assert {drawn[n : n + 32] for n in range(0, 192, 32)} == {salts.of_day(TODAY)}


def test_03_a_stepping_clock_takes_nothing_away_and_is_told(reader):
    for hours in (0, -2, -1.9, 0.01):
        reader.at = NOON + int(hours * 3600_000)
        reader.post({"p": reader.token(object_id=int(hours * 100) + 500)})
    reader.at = NOON + clock.DAY_MS  # a day ahead
    reader.post(REMOTE_ADDR="203.0.113.99")
    done = drain(NOON + MINUTE)
    assert (done.views, done.clamped) == (5, 1)
    # The step begins a visit, and so does the step forward.
    assert figures() == (5, 4, 2)
    assert list(Day.objects.values_list("day", flat=True)) == [TODAY]


@pytest.mark.parametrize(
    "gap, expected",
    [
        (29_900, (1, 1, 1)),
        (30_100, (2, 1, 1)),
        (30 * MINUTE, (2, 1, 1)),
        (30 * MINUTE + 1, (2, 2, 1)),
    ],
)
def test_04_gaps_are_kept_to_the_millisecond_between_workers(spool_dir, gap, expected):
    spool_dir.mkdir()
    for worker, at in enumerate((NOON + gap, NOON)):  # the later one is read first
        path = spool_dir / f"{NOON:013d}-{worker}-abc.hits"
        path.write_bytes(lines.encode(hit(at)))
    drain(NOON + gap)
    assert figures() == expected


def test_05_the_picture_is_no_view_when_it_is_fetched_ahead_or_framed(reader):
    query = f"p={reader.token()}"
    for header, value in {
        "HTTP_SEC_PURPOSE": "prefetch;prerender",
        "HTTP_PURPOSE": "prefetch",
        "HTTP_X_PURPOSE": "preview",
        "HTTP_X_MOZ": "prefetch",
        "HTTP_SEC_FETCH_DEST": "iframe",
    }.items():
        reader.send("GET", QUERY_STRING=query, **{header: value})
        assert reader.outcome.startswith("ignored; ")
    for reader.at in (NOON, NOON + 300):  # and twice is once
        reader.send("GET", QUERY_STRING=query)
    drain()
    assert figures() == (1, 1, 1)
    assert dropped() == {"prefetch": 4, "not_a_page": 1}


def test_06_privacy_signals_and_missing_javascript_have_columns(reader, settings):
    reader.post(HTTP_SEC_GPC="1")
    reader.send("GET", QUERY_STRING=f"p={reader.token(object_id=2)}")
    assert "Set-Cookie" not in reader.headers
    drain()
    day = Day.objects.get()
    assert (day.views, day.visits, day.private_views, day.nojs_views) == (2, 1, 1, 1)
    settings.STATS_HONOUR_PRIVACY_SIGNALS = True
    for n in range(3):
        reader.post({"p": reader.token(object_id=n)}, HTTP_DNT="1")
    assert {(one.visitor, one.source) for one in spooled()[-3:]} == {(0, 0)}
    drain()
    day.refresh_from_db()
    assert (day.views, day.visits, day.private_views) == (2, 1, 4)
    assert dropped() == {"privacy": 3}


def test_07_offices_are_no_readers_and_only_public_pages_carry_a_token(
    reader, settings
):
    settings.STATS_OFFICE_NETWORKS = [
        ip_network("203.0.113.0/24"),
        ip_network("2001:db8:1::/48"),
    ]
    for address in (READER, "::ffff:203.0.113.9", "2001:db8:1:7::5"):
        reader.post(REMOTE_ADDR=address)
        assert reader.outcome == "ignored; office"
    for address in ("203.0.114.1", "2001:db8:2::1", "nonsense"):
        reader.post(REMOTE_ADDR=address)
        assert reader.outcome == "counted"
    settings.TRUSTED_PROXIES = 1
    assert visitors.is_office({"HTTP_X_FORWARDED_FOR": "6.6.6.6, 203.0.113.9"})
    draft, public = make_article(state="draft"), make_article()
    assert b"data-visit=" in Client().get(public.get_absolute_url()).content
    for address in (draft.get_absolute_url(), "/khong-co/"):
        response = Client().get(address)
        assert response.status_code == 404
        assert b"data-visit=" not in response.content


@pytest.mark.parametrize("agents", [1, 500])
def test_08_a_forger_moves_the_figures_by_60_visits_at_most(reader, agents):
    for n in range(3000):
        reader.at = NOON + n * 500  # 25 minutes
        reader.post(
            {"p": reader.token(object_id=n)},
            HTTP_USER_AGENT=f"{FIREFOX} forged/{n % agents}",
        )
    reader.post(REMOTE_ADDR="203.0.113.78")  # a neighbour
    drain(reader.at)
    views, visits, visitors = figures()
    assert 1 < visits <= 61 and views <= 301 and visitors == visits
    assert dropped()["rate"] == 3001 - views
    assert Day.objects.get().suspect_views == 3001 - views


def test_08_an_address_may_come_again_after_half_an_hour_or_have_no_limit(
    reader, settings
):
    settings.STATS_VISITS_PER_ADDRESS = 2
    for minute in (0, 1, 2, 29, 32):
        reader.at = NOON + minute * MINUTE
        reader.post(HTTP_USER_AGENT=f"{FIREFOX} {minute}")
        drain(reader.at)
    assert figures() == (3, 3, 3)
    settings.STATS_VISITS_PER_ADDRESS = 0
    for n in range(5):
        reader.post(HTTP_USER_AGENT=f"{FIREFOX} other {n}")
    drain(reader.at)
    assert figures() == (8, 8, 8)


def test_08_an_aborted_drain_takes_nothing_from_an_address(reader, monkeypatch):
    whole = drainer._write
    monkeypatch.setattr(drainer, "_write", lambda tally: 1 / 0)
    for n in range(60):
        reader.post(HTTP_USER_AGENT=f"{FIREFOX} {n}")
    with pytest.raises(ZeroDivisionError):
        drain()
    monkeypatch.setattr(drainer, "_write", whole)
    drain()
    assert figures() == (60, 60, 60)


def test_09_invented_forwarded_addresses_make_no_new_visitors(reader, settings):
    settings.TRUSTED_PROXIES = 1
    for n in range(5):
        reader.post(
            {"p": reader.token(object_id=n)},
            REMOTE_ADDR="10.0.0.1",
            HTTP_X_FORWARDED_FOR=f"198.51.100.{n}, {READER}",
        )
    drain()
    assert figures() == (5, 1, 1)


def test_10_no_answer_may_be_kept_and_a_page_of_last_week_counts(reader):
    old = reader.token()
    reader.at += 7 * clock.DAY_MS
    reader.post({"p": old})
    assert reader.outcome == "counted"
    for method in ("POST", "GET", "HEAD", "PUT"):
        reader.send(method, b"x" * 600 if method == "POST" else b"")
        assert reader.headers["Cache-Control"] == "no-store"
    policy = Client().get("/").headers["Content-Security-Policy"]
    assert "connect-src 'self'" in policy


def test_11_the_opening_balance_is_one_row_of_the_switch_over_day(noon):
    spool.append(hit())
    drain()
    command = ["1.389.678", "--date", f"{TODAY:%d/%m/%Y}"]
    reason = "Bộ đếm cũ dừng lúc 00:00, ảnh chụp số 12/VP"
    call_command("set_opening_balance", *command, reason=reason)
    with pytest.raises(CommandError):
        call_command("set_opening_balance", *command, reason=reason)
    entry = LedgerEntry.objects.get()
    assert (entry.day, entry.reason, entry.source) == (TODAY, reason, "opening")
    seen = [totals.read().total]
    for n in range(1, 4):
        spool.append(hit(visitor=n + 1))
        drain()
        seen.append(totals.read().total)
    assert seen == [1_389_679, 1_389_680, 1_389_681, 1_389_682]


def test_12_corrections_and_deletions_leave_the_measured_days_alone(noon):
    article = make_article()
    spool.append(hit(page=article.pk))
    drain()
    days, pages = list(Day.objects.values()), list(PageDay.objects.values())
    entry = ledger.add(LedgerEntry(delta=40, reason="Cộng thiếu một ngày"))
    assert totals.read().total == 41
    ledger.undo(entry)
    assert totals.read().total == 1
    article.slug = "ten-khac"
    article.save()
    Article.objects.filter(pk=article.pk).delete()
    assert list(Day.objects.values()) == days
    assert list(PageDay.objects.values()) == pages


def test_13_a_kill_between_commit_and_removal_counts_nothing_twice(
    spool_dir, monkeypatch
):
    spool.append(hit(visitor=0, reason="bot"))
    spool.writer().close()

    def killed(batch):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(drainer, "_remove", killed)
        with pytest.raises(SystemExit):
            drain()
    assert drain().segments_removed == 1
    assert Day.objects.get().bot_views == 1


def test_13_what_a_full_disk_refused_is_not_acknowledged(reader, monkeypatch):
    real, full = os.write, [False]

    def write(fd, line):
        if full[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(fd, line)

    monkeypatch.setattr(spool.os, "write", write)
    acknowledged = 0
    for n in range(30):
        full[0] = n % 3 == 1
        reader.post(REMOTE_ADDR=f"203.0.113.{n}")
        acknowledged += reader.outcome == "counted"
    assert acknowledged == 20
    spool.writer().close()
    drain()
    assert figures() == (20, 20, 20)
    assert spool.segments() == []


def test_13_counters_and_positions_come_back_from_a_backup_together(spool_dir):
    models = (Day, DroppedDay, SpoolPosition)
    spool.append(hit(visitor=0, reason="bot"))
    drain()
    backup = [list(model.objects.all()) for model in models]
    spool.append(hit(visitor=0, reason="bot"))
    drain()
    for model, rows in zip(models, backup, strict=True):
        model.objects.all().delete()
        model.objects.bulk_create(rows)
    drain()  # the segment is still there: its second line is counted again, once
    assert Day.objects.get().bot_views == 2
    assert drain().lines == 0


@pytest.mark.parametrize(
    "mounts, expected",
    [
        ("overlay / overlay rw 0 0\n", True),
        ("/dev/sda1 / ext4 rw 0 0\n", False),
        ("overlay / overlay rw 0 0\n/dev/sdb /srv ext4 rw 0 0\n", False),
        ("/dev/sda1 / ext4 rw 0 0\ntmpfs /srv/spool tmpfs rw 0 0\n", True),
        ("", False),
        ("nonsense\n", False),
    ],
)
def test_13_a_folder_that_goes_with_its_container_is_noticed(
    tmp_path, mounts, expected
):
    told = tmp_path / "mounts"
    told.write_text(mounts)
    assert spool.is_volatile(Path("/srv/spool"), told) is expected
    assert not spool.is_volatile(Path("/srv/spool"), tmp_path / "none")


def test_14_a_stopped_worker_has_nothing_to_flush(spool_dir):
    acks_in, acks_out = os.pipe()
    child = os.fork()
    if child == 0:
        n = 0
        while spool.append(hit(visitor=0, reason="bot")):
            os.write(acks_out, b"+")
            n += 1
        os._exit(1)
    acknowledged = 0
    while acknowledged < 200:
        acknowledged += len(os.read(acks_in, 100))
    os.kill(child, signal.SIGTERM)
    os.waitpid(child, 0)
    os.close(acks_out)
    while more := os.read(acks_in, 65536):
        acknowledged += len(more)
    os.close(acks_in)
    drain(clock.now_ms())
    assert Day.objects.get().bot_views - acknowledged in {0, 1}
    assert spool.segments() == []


def test_15_no_referring_host_is_a_formula(reader):
    for n, host in enumerate(["=1+1.vn", "+a.vn", "@a.vn", "-a.vn", "\ta.vn", "b.vn"]):
        reader.post({"p": reader.token(), "r": host}, REMOTE_ADDR=f"203.0.113.{n}")
    drain()
    assert list(RefDay.objects.values_list("host", flat=True)) == ["b.vn"]


def test_the_day_of_the_drain_changes_nothing_in_finished_days(reader):
    reader.post()
    drain()
    before = Day.objects.values().get()
    reader.at = NOON + clock.DAY_MS
    reader.post()
    drain(reader.at)
    assert Day.objects.values().get(day=TODAY) == before
    assert Day.objects.get(day=TODAY + timedelta(days=1)).views == 1
