import stat
from datetime import timedelta

import pytest

from stats import clock, health, housekeeping, salts
from stats.models import Hour, Salt, Visitor

from .conftest import NOON

pytestmark = pytest.mark.django_db
TODAY = clock.local_day(NOON)
TOMORROW = TODAY + timedelta(days=1)


def forget():
    salts._memory.clear()


def test_a_restart_inside_the_day_keeps_the_salt(spool_dir):
    first = salts.of_day(TODAY)
    forget()
    assert salts.of_day(TODAY) == first
    assert len(first) == 32
    assert salts.of_day(TOMORROW) != first


def test_the_first_in_the_database_decides_for_all_hosts(spool_dir):
    Salt.objects.create(day=TODAY, salt=b"x" * 32)
    own = salts.of_day(TODAY)
    assert own != b"x" * 32
    salts.ensure(TODAY)
    assert salts.of_day(TODAY) == b"x" * 32
    forget()
    assert salts.of_day(TODAY) == b"x" * 32  # from the file


def test_what_was_drawn_without_the_database_is_kept_in_it(spool_dir):
    drawn = salts.of_day(TODAY)
    salts.ensure(TODAY)
    assert bytes(Salt.objects.get(day=TODAY).salt) == drawn
    assert Salt.objects.count() == 2


def test_tomorrows_salt_is_there_before_midnight(
    noon, spool_dir, django_assert_num_queries
):
    salts.refresh_memory()
    (spool_dir / salts.FILE_NAME).unlink()
    with django_assert_num_queries(0):
        salts.refresh_memory()
        assert salts.of_day(TOMORROW)


def test_salts_and_hashes_are_erased_after_48_hours(spool_dir):
    days = [TODAY + timedelta(days=n) for n in range(-3, 2)]
    for day in days:
        salts._agree_in_file([day])
        Salt.objects.create(day=day, salt=b"x" * 32)
        Visitor.objects.create(
            day=day, vh=1, visit_ms=0, last_ms=0, views=1, visits=1, recent=""
        )
    housekeeping.purge(NOON)
    kept = days[2:]  # yesterday, today, tomorrow
    assert list(Salt.objects.order_by("day").values_list("day", flat=True)) == kept
    assert sorted(salts._read_file()) == kept
    assert sorted(Visitor.objects.values_list("day", flat=True)) == kept


def test_the_file_is_for_the_site_alone(spool_dir):
    salts.of_day(TODAY)
    mode = (spool_dir / salts.FILE_NAME).stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


@pytest.mark.parametrize("content", ["", "{", "[]", '{"x": 1}', '{"2026-11-20": "zz"}'])
def test_a_damaged_file_is_written_anew(spool_dir, content):
    spool_dir.mkdir()
    (spool_dir / salts.FILE_NAME).write_text(content)
    assert len(salts.of_day(TODAY)) == 32


def test_figures_by_hour_are_kept_400_days():
    for ago in (399, 400, 401):
        Hour.objects.create(day=TODAY - timedelta(days=ago), hour=9)
    housekeeping.purge(NOON)
    assert Hour.objects.count() == 2


def test_a_tick_drains_and_notes_its_time(noon, spool_dir):
    housekeeping.tick()
    assert (spool_dir / health.LAST_DRAIN).exists()
    assert Salt.objects.count() == 2
