"""Segments on disk and the drain: torn, damaged, forked, doubled, held back."""

import fcntl
import os
import threading

import pytest
from django.db import DatabaseError, connection

from stats import clock, drainer, lines, reading, registry, spool
from stats.models import Day, DroppedDay, PageTotal, RefDay, SpoolPosition, Visitor

from .conftest import NOON, hit

pytestmark = pytest.mark.django_db
TODAY = clock.local_day(NOON)


def dead_segment(directory, content: bytes, made_ms: int = NOON, name: str = "1"):
    """A segment whose writer is gone."""
    directory.mkdir(exist_ok=True)
    path = directory / f"{made_ms:013d}-{name}-abc.hits"
    path.write_bytes(content)
    return path


def views() -> int:
    return sum(Day.objects.values_list("views", flat=True))


def drain(now_ms=NOON, hold_ms=0):
    return drainer.drain(now_ms, hold_ms)


def encoded(*hits) -> bytes:
    return b"".join(lines.encode(one) for one in hits)


def test_what_was_appended_is_counted_once(spool_dir):
    for visitor in range(100):
        assert spool.append(hit(visitor=visitor + 1))
    assert drain().views == 100
    assert drain().lines == 0
    assert views() == 100
    day = Day.objects.get(day=TODAY)
    assert (day.visits, day.visitors) == (100, 100)
    assert PageTotal.objects.get(kind="article", object_id=1).views == 100


def test_the_segment_of_a_living_writer_stays_and_goes_on(spool_dir):
    spool.append(hit(visitor=1))
    drain()
    assert len(spool.segments()) == 1
    spool.append(hit(visitor=2))
    drain()
    assert views() == 2
    spool.writer().close()
    assert drain().segments_removed == 1
    assert spool.segments() == []
    assert views() == 2


def test_a_torn_tail_of_a_dead_writer_is_dropped_and_said(spool_dir):
    whole = encoded(hit(visitor=1), hit(visitor=2))
    path = dead_segment(spool_dir, whole + encoded(hit(visitor=3))[:-9])
    done = drain()
    assert (done.views, done.damaged) == (2, 1)
    assert DroppedDay.objects.get(day=TODAY, reason="damaged_line").n == 1
    assert not path.exists()


def test_half_a_line_of_a_living_writer_waits_for_its_rest(spool_dir):
    line = encoded(hit(visitor=2))
    path = dead_segment(spool_dir, encoded(hit(visitor=1)) + line[:20])
    with path.open("ab") as writer:
        fcntl.flock(writer, fcntl.LOCK_SH)
        assert drain().views == 1
        writer.write(line[20:])
        writer.flush()
        assert drain().views == 1
    assert drain().segments_removed == 1
    assert views() == 2
    assert not DroppedDay.objects.exists()


@pytest.mark.parametrize("place", ["inside", "line end"])
def test_a_flipped_byte_costs_its_line_and_no_other(spool_dir, place):
    one = encoded(hit(visitor=1))
    content = bytearray(one + encoded(hit(visitor=2)) + encoded(hit(visitor=3)))
    position = len(one) + 15 if place == "inside" else len(one) - 1
    content[position] ^= 1
    dead_segment(spool_dir, bytes(content))
    done = drain()
    assert done.damaged == 1
    # Without its line end a line takes the next one with it.
    assert done.views == (2 if place == "inside" else 1)


def test_a_run_of_zeros_after_a_power_cut_ends_the_segment(spool_dir):
    path = dead_segment(spool_dir, encoded(hit(visitor=1)) + b"\0" * 3_000_000)
    drain()
    assert views() == 1
    assert not path.exists()


def test_a_replayed_segment_counts_nothing(spool_dir):
    content = encoded(*(hit(visitor=0, reason="bot") for n in range(10)))
    path = dead_segment(spool_dir, content)
    drain()
    assert not path.exists()
    path.write_bytes(content)  # restored from a backup of the spool
    assert drain().lines == 0
    assert Day.objects.get().bot_views == 10
    assert not path.exists()


def test_positions_of_removed_segments_are_forgotten_after_two_days(spool_dir):
    dead_segment(spool_dir, encoded(hit()))
    drain()
    drainer.purge_positions(NOON + drainer.KEEP_POSITIONS_MS)
    assert SpoolPosition.objects.count() == 1
    drainer.purge_positions(NOON + drainer.KEEP_POSITIONS_MS + 1)
    assert not SpoolPosition.objects.exists()


def test_young_lines_are_held_back_for_those_of_other_workers(spool_dir):
    dead_segment(spool_dir, encoded(hit(NOON - 999, 1), hit(NOON, 2)), name="1")
    dead_segment(spool_dir, encoded(hit(NOON - 1000, 3), hit(NOON, 4)), name="2")
    assert drainer.drain(NOON).views == 1
    assert drainer.drain(NOON + 1).views == 1
    assert drainer.drain(NOON + 1000).views == 2


def test_lines_of_several_writers_are_applied_in_receive_order(spool_dir):
    minute = 60_000
    early = [hit(NOON - n * minute, page=n) for n in (100, 60, 20)]
    late = [hit(NOON - n * minute, page=n) for n in (80, 40, 1)]
    dead_segment(spool_dir, encoded(*early), NOON - 101 * minute, "1")
    dead_segment(spool_dir, encoded(*late), NOON - 101 * minute, "2")
    drain()
    assert Day.objects.get(day=TODAY).visits == 1  # gaps of 20 min; 40 in one file


def test_a_long_queue_is_taken_in_batches_in_the_same_order(spool_dir, monkeypatch):
    monkeypatch.setattr(drainer, "BATCH_LINES", 7)
    monkeypatch.setattr(reading, "MIN_CHUNK_BYTES", 200)
    monkeypatch.setattr(reading, "CHUNK_BYTES", 200)
    monkeypatch.setattr(reading, "MAX_SEGMENTS", 3)
    step = 20 * 60_000
    start = NOON - 30 * step  # 02:00
    for segment in range(6):
        own = [hit(start + n * step, page=n) for n in range(segment, 30, 6)]
        dead_segment(spool_dir, encoded(*own), start, f"{segment}")
    done = drain()
    assert (done.lines, done.views) == (30, 30)
    assert Day.objects.get(day=TODAY).visits == 1
    assert spool.segments() == []


def test_hits_drained_after_midnight_go_to_their_own_day(spool_dir):
    dead_segment(spool_dir, encoded(hit(NOON)))
    drain(NOON + 30 * 3_600_000)
    assert Day.objects.get().day == TODAY


def test_a_wrong_clock_is_put_right_and_holds_up_nobody(spool_dir):
    ahead, ancient = hit(NOON + 7_200_000, 1), hit(0, 2)
    dead_segment(spool_dir, encoded(ahead, ancient, hit(NOON - 5, 3)))
    done = drain()
    assert (done.views, done.clamped) == (3, 2)
    assert Day.objects.get().day == TODAY


def test_a_clock_that_stepped_back_does_not_stop_the_drain(spool_dir, monkeypatch):
    monkeypatch.setattr(reading, "MAX_SEGMENTS", 1)
    dead_segment(spool_dir, encoded(hit(NOON, 1)), NOON - 2000, "1")
    dead_segment(spool_dir, encoded(hit(NOON - 1500, 2)), NOON - 1900, "2")
    assert drain().views == 2


def test_segments_that_cannot_be_removed_are_not_counted_again(spool_dir, monkeypatch):
    dead_segment(spool_dir, encoded(hit(visitor=0, reason="bot")))

    def read_only(self, missing_ok=False):
        raise PermissionError("read-only file system")

    monkeypatch.setattr("pathlib.Path.unlink", read_only)
    for _ in range(3):
        assert drain().segments_removed == 0
    assert Day.objects.get().bot_views == 1


def test_an_abort_before_commit_counts_nothing_and_loses_nothing(
    spool_dir, monkeypatch
):
    dead_segment(spool_dir, encoded(*(hit(visitor=n + 1) for n in range(5))))
    whole = drainer._write

    def killed(tally):
        whole(tally)
        raise DatabaseError("server closed the connection unexpectedly")

    monkeypatch.setattr(drainer, "_write", killed)
    with pytest.raises(DatabaseError):
        drain()
    assert views() == 0
    assert not SpoolPosition.objects.exists()
    monkeypatch.setattr(drainer, "_write", whole)
    assert drain().views == 5


def test_a_second_drainer_with_an_old_look_counts_nothing(spool_dir, monkeypatch):
    # The 30 s rule would hide a view that is counted twice; a robot is not hidden.
    spool.append(hit(visitor=0, reason="bot"))
    whole = drainer.read_batch

    def overtaken(*arguments):
        batch = whole(*arguments)
        monkeypatch.setattr(drainer, "read_batch", whole)
        assert drain().lines == 1  # the other one comes between reading and counting
        return batch

    monkeypatch.setattr(drainer, "read_batch", overtaken)
    assert drain().lines == 0
    assert Day.objects.get().bot_views == 1


def test_a_forked_child_writes_to_a_segment_of_its_own(spool_dir):
    spool.append(hit(visitor=1))
    child = os.fork()
    if child == 0:
        os._exit(0 if spool.append(hit(visitor=2)) else 1)
    assert os.waitpid(child, 0)[1] == 0
    spool.append(hit(visitor=3))
    assert len(spool.segments()) == 2
    assert drain().views == 3
    assert len(spool.segments()) == 1  # the child's is finished, ours is not


def test_many_threads_share_one_segment(spool_dir):
    def work(first):
        for n in range(200):
            assert spool.append(hit(visitor=first + n))

    threads = [threading.Thread(target=work, args=(1 + n * 200,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(spool.segments()) == 1
    assert drain().views == 1600


def test_a_full_segment_is_followed_by_another(spool_dir):
    writer = spool.Writer(spool_dir, rotate_bytes=150)
    for visitor in range(20):
        assert writer.append(lines.encode(hit(visitor=visitor + 1)))
    assert len(spool.segments()) > 3
    writer.close()
    drain()
    assert (views(), spool.segments()) == (20, [])


def test_a_short_write_is_refused_and_harms_no_other_line(spool_dir, monkeypatch):
    real = os.write
    spool.append(hit(visitor=1))
    monkeypatch.setattr(spool.os, "write", lambda fd, line: real(fd, line[:10]))
    assert not spool.append(hit(visitor=2))
    monkeypatch.setattr(spool.os, "write", real)
    assert spool.append(hit(visitor=3))
    spool.writer().close()
    done = drain()
    assert (done.views, done.damaged) == (2, 1)


def test_a_removed_segment_is_noticed(spool_dir):
    spool.append(hit(visitor=1))
    (path,) = spool.segments()
    path.unlink()
    spool.writer().sync()
    assert spool.append(hit(visitor=2))
    assert drain().views == 1


def test_nobody_else_can_read_the_spool(spool_dir):
    spool.append(hit())
    modes = {path.stat().st_mode & 0o777 for path in spool_dir.iterdir()}
    assert modes == {0o600}
    assert spool_dir.stat().st_mode & 0o777 == 0o700


def test_pages_no_longer_public_are_dropped_with_a_reason(spool_dir):
    registry.register("article", public=lambda ids: ids - {2}, titles=lambda ids: {})
    for page in (1, 2, 3):
        spool.append(hit(visitor=page, page=page))
    spool.append(hit(visitor=4, page=-1, kind="page"))
    assert drain().views == 3
    assert DroppedDay.objects.get(reason="not_public").n == 1
    assert not PageTotal.objects.filter(object_id=2).exists()


def test_at_most_200_referring_hosts_a_day_have_a_row(spool_dir):
    for n in range(150):
        spool.append(hit(visitor=n + 1, host=f"a{n}.example"))
    drain()
    for n in range(100):
        spool.append(hit(visitor=n + 1000, host=f"b{n:02}.example"))
    spool.append(hit(visitor=5000, host="a0.example"))
    drain()
    assert RefDay.objects.count() == 201
    assert RefDay.objects.get(host=RefDay.OTHER).views == 50
    assert RefDay.objects.get(host="a0.example").views == 2


def test_the_30_second_rule_holds_across_drains(spool_dir):
    spool.append(hit(NOON, visitor=9))
    drain(NOON)
    spool.append(hit(NOON + 29_000, visitor=9))
    drain(NOON + 29_000)
    spool.append(hit(NOON + 70_000, visitor=9))
    drain(NOON + 70_000)
    day = Day.objects.get()
    assert (day.views, day.visits, day.visitors) == (2, 1, 1)
    assert Visitor.objects.get(vh=9).views == 2


def test_a_drain_of_nothing_asks_the_database_nothing(
    spool_dir, django_assert_num_queries
):
    with django_assert_num_queries(0):
        drain()


def test_the_visitor_table_has_no_second_copy_of_its_keys():
    if connection.vendor != "sqlite":
        pytest.skip("WITHOUT ROWID is SQLite's")
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE name = 'stats_visitor'")
        assert "WITHOUT ROWID" in cursor.fetchone()[0]
