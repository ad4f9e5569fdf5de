"""The whole audit: its parts in order, the result that is kept, and the mail.

Nothing is changed but the result, so an audit can be stopped at any time and run
again. It takes as long as rendering every page five times.
"""

import time
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from news import hooks
from portal import administrators
from portal.integrity import folders, keys, program, rows
from portal.integrity.findings import Finding, Tell
from portal.integrity.visiting import Inspector
from portal.models import SiteSettings

RESULT = "result.json"
PARTS = ("rows", "program", "files", "pages")
KEPT = 500  # findings in the result and in a mail
LATE = timedelta(days=3)  # a timer runs each night


@dataclass
class Result:
    """`counts` says how much was looked at; `parts` what was looked at to the end."""

    findings: list[Finding] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    pages: int = 0
    seconds: float = 0.0

    @property
    def is_complete(self) -> bool:
        return set(self.parts) == set(PARTS)


class Audit:
    """`app` is the site below its page store; `stored` a door to what is kept of pages.

    `result` grows as the parts are done, so whoever stops `run` has what was found.
    """

    def __init__(self, app, stored=None, tell: Tell = lambda what, done: None):
        self.app, self.stored, self.tell = app, stored, tell
        self.result = Result()

    def run(self, parts=PARTS) -> Result:
        """Look at `parts`; raises portal.mirror.folder.Refused while the site is away.

        Pages are judged by what sealed rows say, so these are always read.
        """
        began = time.monotonic()
        found, vouched = rows.check(self.tell)
        try:
            if "rows" in parts:
                self._done("rows", found)
            if "program" in parts:
                self._done("program", program.check(self.tell))
            if "files" in parts:
                found = folders.check_media(self.tell)
                self._done("files", found + folders.check_private(self.tell))
            if "pages" in parts:
                self._visit(Inspector(self.app, vouched, self.stored))
        finally:
            self.result.seconds = time.monotonic() - began
        return self.result

    def _visit(self, inspector: Inspector) -> None:
        try:
            inspector.walk(self._tell_page)
            on_disk = folders.check_pages(inspector, self.tell)
        except BaseException:
            self.result.findings += inspector.findings()
            raise
        self._done("pages", inspector.findings() + on_disk)

    def _tell_page(self, what: str, done: int) -> None:
        self.result.pages = done
        self.tell(_("pages"), done)

    def _done(self, part: str, found: list[Finding]) -> None:
        self.result.findings += found
        self.result.parts.append(part)


# The result


def keep(result: Result) -> None:
    """Write the result to DATA_DIR/integrity, sealed; raises OSError."""
    keys.write_sealed(RESULT, contents(result))


def contents(result: Result) -> dict:
    """Return a result as JSON holds it; `at` in ISO 8601, `seconds` of the whole.

    `strays` are the findings that interrupted uploads may have left.
    """
    return {
        "at": timezone.now().isoformat(),
        "is_complete": result.is_complete,
        "parts": result.parts,
        "pages": result.pages,
        "seconds": round(result.seconds, 1),
        "count": len(result.findings),
        "strays": sum(one.kind == folders.STRAY for one in result.findings),
        "findings": [asdict(one) for one in result.findings[:KEPT]],
    }


def last() -> dict | None:
    """Return the last result as `keep` wrote it, None before the first.

    Raises keys.Forged.
    """
    return keys.read_sealed(RESULT)


def problem(now: datetime | None = None) -> str:
    """Return a sentence for the administrators' desk, or ""."""
    try:
        found = last()
    except keys.Forged:
        return _(
            "The result of the last “audit_site” was not written by the application: "
            "run it again, and look at the site."
        )
    if found is None:
        if not settings.IS_PUBLIC:
            return ""
        return _("Nobody has audited this site yet: run “audit_site”.")
    at = datetime.fromisoformat(found["at"])
    when = f"{timezone.localtime(at):%H:%M %d/%m/%Y}"
    if found["count"]:
        return ngettext(
            "“audit_site” found %(count)d sign of manipulation (%(when)s).",
            "“audit_site” found %(count)d signs of manipulation (%(when)s).",
            found["count"],
        ) % {"count": found["count"], "when": when}
    if not found["is_complete"]:
        return _("The last “audit_site” did not look at everything (%(when)s).") % {
            "when": when
        }
    if (now or timezone.now()) - at > LATE:
        return _(
            "The last “audit_site” was on %(when)s; it should run every night."
        ) % {"when": when}
    return ""


# Telling


def lines(result: Result, most: int = KEPT) -> list[str]:
    """Return what was found as people read it, two or three lines each."""
    found = []
    for one in result.findings[:most]:
        found.append(f"* {one.place}")
        found.append("  " + _("Found: %(what)s") % {"what": one.what})
        if one.expected:
            found.append("  " + _("Expected: %(it)s") % {"it": one.expected})
    if (more := len(result.findings) - most) > 0:
        found.append(_("… and %(count)d more") % {"count": more})
    return found


def summary(result: Result) -> str:
    count = len(result.findings)
    if not count:
        text = _("Nothing was found.")
    else:
        text = ngettext("%(n)d finding.", "%(n)d findings.", count) % {"n": count}
    looked_at = _("%(pages)d pages asked for, %(seconds)d seconds.")
    return f"{text} " + looked_at % {"pages": result.pages, "seconds": result.seconds}


def mail(result: Result) -> int:
    """Send the findings to the administrators; return how many mails went out.

    Raises OSError and smtplib.SMTPException of a mail server.
    """
    site = SiteSettings.load()
    subject = _("%(site)s: the audit found %(count)d signs of manipulation") % {
        "site": site.name or hooks.site_url(),
        "count": len(result.findings),
    }
    body = "\n".join(
        [
            f"{hooks.site_url()} {timezone.localtime():%H:%M %d/%m/%Y}",
            summary(result),
            "",
            *lines(result),
            "",
            _("What to do: docs/operations.md, “Is the site still ours?”"),
        ]
    )
    return administrators.mail(subject, body)


# Sealing


def seal(tell: Tell) -> tuple[int, int]:
    """Take rows and files as they are for right; return how many of each.

    Raises OSError.
    """
    from portal.audit import record
    from portal.audit.models import Action
    from portal.integrity import sealing

    # The rows first: `begin` takes a site for sealed when the program is.
    count = sealing.seal_all()
    files = program.seal(tell)
    note = _("%(rows)d rows, %(files)d files of the program")
    record(Action.SEALED, note=note % {"rows": count, "files": files})
    return count, files


def begin() -> None:
    """Seal a site that never was: at the first start of this version, and only then."""
    from portal.audit.models import Action, AuditEntry

    was = AuditEntry.objects.filter(action=Action.SEALED).exists()
    if not was and not program.is_sealed():
        seal(lambda what, done: None)
