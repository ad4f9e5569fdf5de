"""What is unhealthy, in words for an administrator; nothing here repairs anything."""

import logging
import shutil
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from news.models import Article
from portal import backup, health
from portal.integrity import audit
from portal.notices import mail
from portal.sessions import idle
from search import attachment_text, indexing
from stats import health as visits

logger = logging.getLogger(__name__)
LEAST_FREE_BYTES = 2 * 2**30
LEAST_FREE_PART = 0.05
LATE = timedelta(minutes=2)  # of what is done every second
PROVED_WITHIN = timedelta(days=3)  # one is made and proved each night
# The lines of portal.health, which are for operators' tools.
_SENTENCES = {
    "database: no answer": gettext_lazy("The database does not answer."),
    "migrations: not all are applied": gettext_lazy(
        "The database is older than the program: run “migrate”."
    ),
    "disk: cannot be written": gettext_lazy("The data folder cannot be written."),
    "spool: cannot be written": gettext_lazy(
        "The folder of waiting visits cannot be written: visits are being lost."
    ),
}


def problems() -> list[str]:
    """Return one sentence for each thing that wants an administrator."""
    found = [str(_SENTENCES.get(line, line)) for line in health.problems()]
    checks = [
        *(_visits, _revisions, _mails, _search, _files, _space),
        *(_backup, _backup_files, _audit, _accounts),
    ]
    for check in checks:
        try:
            sentence = check()
        except (DatabaseError, OSError):
            logger.warning("the desk could not check %s", check.__name__, exc_info=True)
            sentence = _("Not everything could be checked; the log says what failed.")
        if sentence and sentence not in found:
            found.append(sentence)
    return found


def _visits() -> str:
    state = visits.health()
    # A site without a visit yet has nothing to count.
    if state.is_late and (state.last_drain or state.waiting_bytes):
        return _("Visits are not being counted. Nothing is lost; they wait.")
    return ""


def _revisions() -> str:
    due = Article.objects.filter(apply_at__lt=timezone.now() - LATE)
    if due.exists():
        return _(
            "A released revision has not gone out at its time: its article was "
            "withdrawn, or the background work stands still."
        )
    return ""


def _mails() -> str:
    count = mail.failed_count()
    if not count:
        return ""
    return ngettext(
        "%(count)s notice of the last days could not be sent by e-mail.",
        "%(count)s notices of the last days could not be sent by e-mail.",
        count,
    ) % {"count": count}


def _search() -> str:
    if indexing.is_outdated():
        return _("The search index is out of date: run “rebuild_search_index”.")
    return ""


def _files() -> str:
    if attachment_text.stands_still():
        return _(
            "The text of attached files is not being read, so they are not found: the "
            "background work stands still."
        )
    return ""


def _space() -> str:
    disk = shutil.disk_usage(settings.DATA_DIR)
    if disk.free < LEAST_FREE_BYTES or disk.free < disk.total * LEAST_FREE_PART:
        return _("The disk is nearly full: %(size)s GB are left.") % {
            "size": f"{disk.free / 2**30:.1f}".replace(".", ",")
        }
    return ""


def _accounts() -> str:
    names = idle.told()
    if not names:
        return ""
    return _("Disabled, because nobody used them: %(names)s.") % {
        "names": ", ".join(names)
    }


def _audit() -> str:
    return audit.problem()


def _backup() -> str:
    known = backup.last()
    if known is None and not settings.IS_PUBLIC:
        return ""  # a trial on somebody's own machine
    if known is not None and known.failed_at:
        return _("The last backup did not pass its proof: look at its log at once.")
    proved = known.proved_of() if known is not None else None
    if proved is None:
        return _("No backup of this site was ever proved: set one up.")
    if proved < timezone.now() - PROVED_WITHIN:
        return _("The last proved backup is of %(day)s.") % {
            "day": f"{timezone.localtime(proved):%d/%m/%Y}"
        }
    return ""


def _backup_files() -> str:
    known = backup.last()
    return backup_lacks(known.missing) if known is not None else ""


def backup_lacks(count: int) -> str:
    """Say how many files the newest backup has not though its database names them."""
    if not count:
        return ""
    return ngettext(
        "The newest backup lacks %(count)s file that the database names: "
        "“stray_files” tells which.",
        "The newest backup lacks %(count)s files that the database names: "
        "“stray_files” tells which.",
        count,
    ) % {"count": count}
