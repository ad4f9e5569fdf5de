"""The health panel: each part of the site with its state in words, as values.

Nothing here repairs anything. A part that cannot be asked is told as that; the page
itself needs the database, so while that is away `/readyz` says so.
"""

import logging
import os
import platform
import shutil
import time
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path

import django
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal import generation, health, proofs
from portal.desk_health import LEAST_FREE_BYTES, LEAST_FREE_PART, backup_lacks
from portal.models import Notice
from portal.notices import mail
from search import attachment_text, indexing
from stats import health as visits

logger = logging.getLogger(__name__)

SLOW_MS, VERY_SLOW_MS = 100, 1000  # of the smallest question
CLOCK_OFF = timedelta(seconds=2)  # from the database's clock
CLOCK_WRONG = timedelta(seconds=30)
LEAST_BYTES = 200 * 2**20  # below that saves will soon fail
# A night's backup, with some hours of patience.
BACKUP_OLD, BACKUP_MISSED = timedelta(hours=36), timedelta(days=7)
AUDIT_OLD = timedelta(hours=36)


class State(Enum):
    GOOD = gettext_lazy("good")
    WARN = gettext_lazy("look at it")
    BAD = gettext_lazy("act now")
    NONE = gettext_lazy("not there yet")

    @property
    def word(self) -> str:
        return str(self.value)

    @property
    def css(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class Part:
    """One line of the panel. `advice` says what to do unless all is well."""

    name: str
    state: State
    value: str
    advice: str = ""


def parts() -> list[Part]:
    """Return all parts, in the order in which they are looked at."""
    found = []
    for check in _CHECKS:
        try:
            found.append(check())
        except (DatabaseError, OSError) as error:
            logger.warning("health panel: %s", check.__name__, exc_info=True)
            name = str(_NAMES[check.__name__])
            found.append(Part(name, State.BAD, type(error).__name__, _LOOK))
    return found


_LOOK = gettext_lazy("It could not be asked; the log says why.")
_CHECKS: list[Callable[[], Part]] = []
_NAMES: dict[str, str] = {}


def _check(name):
    """Register a function as a part of the panel; it returns all but the name."""

    def decorate(ask):
        def part() -> Part:
            return Part(str(name), *ask())

        part.__name__ = ask.__name__
        _CHECKS.append(part)
        _NAMES[ask.__name__] = name
        return part

    return decorate


@_check(gettext_lazy("Database"))
def database():
    with connection.cursor() as cursor:
        begun = time.perf_counter()
        cursor.execute("SELECT 1")
        cursor.fetchone()
        ms = (time.perf_counter() - begun) * 1000
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT current_setting('server_version'),"
                " pg_database_size(current_database())"
            )
            version, size = cursor.fetchone()
        else:
            cursor.execute(
                "SELECT sqlite_version(),"
                " (SELECT page_count * page_size"
                "  FROM pragma_page_count, pragma_page_size)"
            )
            version, size = cursor.fetchone()
    value = f"{connection.display_name} {version.split()[0]}, {filesizeformat(size)}, "
    value += _("answers in %(ms)s ms") % {"ms": number_format(ms, 2)}
    if ms < SLOW_MS:
        return State.GOOD, value
    state = State.BAD if ms > VERY_SLOW_MS else State.WARN
    return state, value, _("It answers slowly: look at the load of its machine.")


@_check(gettext_lazy("Migrations"))
def migrations():
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not waiting:
        return State.GOOD, _("all applied")
    value = _("%(count)s not applied") % {"count": len(waiting)}
    advice = _("The database is older than the program: run “migrate”.")
    return State.BAD, value, advice


@_check(gettext_lazy("Content generation"))
def content():
    until = timezone.localtime(generation.current().until)
    number = number_format(generation.stored_generation())
    value = _("%(number)s, pages are made anew at %(time)s at the latest")
    return State.GOOD, value % {"number": number, "time": f"{until:%H:%M %d/%m}"}


@_check(gettext_lazy("Clock"))
def clock():
    if connection.vendor != "postgresql":
        now = timezone.localtime()
        value = _("%(time)s; the database has the same") % {
            "time": f"{now:%H:%M:%S %d/%m/%Y}"
        }
        return State.GOOD, value
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        theirs = cursor.fetchone()[0]
    difference = timezone.now() - theirs
    seconds = number_format(abs(difference).total_seconds(), 1)
    value = _("%(seconds)s s from the clock of the database") % {"seconds": seconds}
    if abs(difference) < CLOCK_OFF:
        return State.GOOD, value
    state = State.BAD if abs(difference) > CLOCK_WRONG else State.WARN
    return state, value, _("Set both clocks by NTP: publication goes by them.")


@_check(gettext_lazy("Disk"))
def disk():
    usage = shutil.disk_usage(settings.DATA_DIR)
    value = _("%(free)s of %(total)s free") % {
        "free": filesizeformat(usage.free),
        "total": filesizeformat(usage.total),
    }
    advice = _("Make room: old backups, logs, or a larger disk.")
    if "disk: cannot be written" in health.problems():
        return State.BAD, value, _("The data folder cannot be written.")
    if usage.free < LEAST_BYTES:
        return State.BAD, value, advice
    if usage.free < LEAST_FREE_BYTES or usage.free < usage.total * LEAST_FREE_PART:
        return State.WARN, value, advice
    return State.GOOD, value


@_check(gettext_lazy("Visits"))
def spool():
    state = visits.health()
    value = _("%(size)s wait, counted last %(time)s") % {
        "size": filesizeformat(state.waiting_bytes),
        "time": _moment(state.last_drain),
    }
    if state.refused:
        return (
            State.BAD,
            value,
            _("Reports could not be written: look at disk and rights of the folder."),
        )
    if state.is_late and (state.last_drain or state.waiting_bytes):
        advice = _("Visits are not being counted. Nothing is lost; they wait.")
        return State.BAD, value, advice
    return State.GOOD, value


@_check(gettext_lazy("Backup"))
def backup():
    known = proofs.last_backup()
    if known is None or known.at is None:
        advice = _("Set up a backup for each night (docs/operations.md).")
        return State.NONE, _("none was made here"), advice
    value = _("made %(made)s, proved %(proved)s") % {
        "made": _moment(known.at),
        "proved": _moment(known.proved_at),
    }
    state, advice = _proof(known)
    if lacking := backup_lacks(known.missing):
        if state is State.GOOD:
            state = State.WARN
        advice = f"{advice} {lacking}".strip()
    return state, value, advice


def _proof(known: proofs.Backup) -> tuple[State, str]:
    now = timezone.now()
    if known.failed_at:
        return State.BAD, _("The last proof failed: this backup is none.")
    if known.proved_of is None:
        return State.WARN, _("No backup was proved by restoring it.")
    if now - known.proved_of > BACKUP_MISSED:
        return State.BAD, _("The last proved backup is older than a week.")
    if now - known.proved_of > BACKUP_OLD:
        return State.WARN, _("The last proved backup is older than a day.")
    return State.GOOD, ""


@_check(gettext_lazy("Manipulations"))
def manipulations():
    known = proofs.last_audit()
    if known is None:
        advice = _("Let “audit_site” run each night (docs/operations.md).")
        return State.NONE, _("never looked for"), advice
    if known.at is None:
        advice = _("Let “audit_site” run again, and look at the site.")
        return State.BAD, _("the kept result was not written by the program"), advice
    value = _("looked for %(time)s, %(count)s found") % {
        "time": _moment(known.at),
        "count": number_format(known.findings),
    }
    if known.findings > known.strays:
        return State.BAD, value, _("Look at what “audit_site” named.")
    if known.findings:
        advice = _(
            "They are files that interrupted uploads may have left: look at what "
            "“stray_files” names, then run “stray_files --remove”."
        )
        return State.WARN, value, advice
    if not known.is_complete:
        return State.WARN, value, _("It did not come to its end: let it run again.")
    if timezone.now() - known.at > AUDIT_OLD:
        return State.WARN, value, _("That is longer than a day ago.")
    return State.GOOD, value


@_check(gettext_lazy("Search"))
def search():
    if indexing.is_outdated():
        advice = _("The search index is out of date: run “rebuild_search_index”.")
        return State.BAD, _("index out of date"), advice
    if attachment_text.stands_still():
        advice = _("The text of attached files is not being read.")
        return State.WARN, _("index up to date"), advice
    return State.GOOD, _("index up to date")


@_check(gettext_lazy("Mail"))
def mails():
    if not settings.SENDS_MAIL:
        return State.GOOD, _("no mail server is set; notices stay in the back office")
    waiting = Notice.objects.filter(mail_due_at__isnull=False).count()
    value = _("%(count)s wait to be sent") % {"count": number_format(waiting)}
    if mail.failed_count():
        return State.WARN, value, _("Some could not be sent; the log says why.")
    return State.GOOD, value


@_check(gettext_lazy("Processes"))
def processes():
    living = _workers()
    wanted = settings.WORKERS
    if living is None:
        return State.GOOD, _("this one; it was not started by portal.serve")
    value = _("%(living)s of %(wanted)s workers") % {
        "living": living,
        "wanted": wanted,
    }
    if living < wanted:
        return State.WARN, value, _("One has ended; it is started again by itself.")
    return State.GOOD, value


@_check(gettext_lazy("Versions"))
def versions():
    value = f"Cổng tin {_version()}, Django {django.get_version()}, "
    return State.GOOD, f"{value}Python {platform.python_version()}"


def _workers() -> int | None:
    """How many workers the server that started this process has now."""
    parent = Path(f"/proc/{os.getppid()}")
    try:
        if b"portal.preloaded" not in (parent / "cmdline").read_bytes():
            return None
        tasks = (parent / "task").iterdir()
        return sum(len((task / "children").read_text().split()) for task in tasks)
    except OSError:
        return None


def _version() -> str:
    try:
        project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())
        return project["project"]["version"]
    except (OSError, ValueError, KeyError):
        return "—"


def _moment(moment: datetime | None) -> str:
    if moment is None:
        return _("never")
    if timezone.now() - moment < timedelta(minutes=1):
        return _("just now")
    return _("%(time)s ago") % {"time": timesince(moment)}
