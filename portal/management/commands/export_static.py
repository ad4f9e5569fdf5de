"""Keep the public site as files, or say how such files differ from it."""

import os
import time
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.mirror.addresses import link
from portal.mirror.door import Door
from portal.mirror.export import Report, compare, export
from portal.mirror.folder import Folder, Refused

SHOWN_PAGES = 10  # pages named of each broken link
SHOWN_FILES = 50  # files named of each kind of difference
TELL_SECONDS = 10.0  # between two lines in a log


class Command(BaseCommand):
    @property
    def help(self):
        return _(
            "Keep the whole public site as files in FOLDER, which any web server can "
            "show while the portal cannot answer. Interrupted, it goes on where it "
            "stopped; run again, it renders only after something changed. Broken links "
            "are named (exit 1). --check changes nothing and names the files that "
            "differ from the site (exit 1)."
        )

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, metavar="FOLDER")
        parser.add_argument(
            "--check", action="store_true", help=_("name what differs, exit 1")
        )
        parser.add_argument(
            "--all", action="store_true", help=_("render everything again")
        )
        parser.add_argument(
            "--local",
            action="store_true",
            help=_("for a trial: SITE_URL may be an address of this machine only"),
        )

    def handle(self, *, folder: Path, check, local, **options):
        if settings.SITE_IS_LOCAL and not local:
            raise CommandError(
                _(
                    "SITE_URL is %(url)s, which only this machine can reach: the site "
                    "map and the feeds of the mirror would lead nowhere. Set SITE_URL "
                    "to the portal's public address, or add --local for a trial."
                )
                % {"url": settings.SITE_URL}
            )
        self.told, self.began = time.monotonic(), time.monotonic()
        before = os.umask(0o022)  # a mirror holds nothing that is not public
        try:
            kept = Folder(folder.absolute(), settings.SITE_URL)
            if check:
                self.tell_differences(*compare(kept, door(), self.show))
            else:
                if options["all"]:
                    kept.forget()
                self.tell_result(export(kept, door(), self.show), folder)
        except Refused as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(
                _("%(path)s cannot be written: %(reason)s")
                % {"path": error.filename or folder, "reason": error.strerror}
            ) from error
        finally:
            os.umask(before)

    def show(self, report: Report, known: int) -> None:
        is_terminal = self.stdout.isatty()
        if not is_terminal and time.monotonic() - self.told < TELL_SECONDS:
            return
        self.told = time.monotonic()
        text = _("%(files)d of %(known)d addresses known so far, %(new)d new or other")
        text %= {"files": report.files, "known": known, "new": report.changed}
        self.stdout.write(text, ending="\r" if is_terminal else "\n")
        self.stdout.flush()

    def tell_result(self, report: Report, folder: Path) -> None:
        for name in report.removed[:SHOWN_FILES]:
            self.stdout.write(_("Removed: %(name)s") % {"name": name})
        self.tell_more(len(report.removed))
        self.stdout.write(
            _(
                "%(folder)s: %(files)d files, %(rendered)d asked for, %(changed)d new "
                "or other, %(removed)d removed, %(seconds)d seconds."
            )
            % {
                "folder": folder,
                "files": report.files,
                "rendered": report.rendered,
                "changed": report.changed,
                "removed": len(report.removed),
                "seconds": time.monotonic() - self.began,
            }
        )
        self.tell_whether_it_moved(report)
        self.fail(self.tell_problems(report))

    def tell_differences(self, report: Report, comparison, superfluous) -> None:
        wrong = self.tell_problems(report)
        for title, names in (
            (_("Not in the mirror"), comparison.missing),
            (_("Other than the site"), comparison.differing),
            (_("No longer on the site"), superfluous),
        ):
            if names:
                self.stdout.write(f"{title}: {len(names)}")
                for name in names[:SHOWN_FILES]:
                    self.stdout.write(f"  {name}")
                self.tell_more(len(names))
                wrong.append(f"{title}: {len(names)}")
        self.tell_whether_it_moved(report)
        self.fail(wrong)
        self.stdout.write(
            _("%(files)d files agree with the site.") % {"files": report.files}
        )

    def tell_problems(self, report: Report) -> list[str]:
        """Name broken links and pages that failed; return each as half a sentence."""
        for addresses, sentence in (
            (report.failed, _("Cannot be rendered: %(address)s (%(why)s)")),
            (report.broken, _("Broken link: %(address)s (%(why)s)")),
        ):
            for address, why in addresses.items():
                self.stderr.write(sentence % {"address": link(address), "why": why})
                leading = report.pages.get(address, [])
                for page in leading[:SHOWN_PAGES]:
                    self.stderr.write(_("  on %(page)s") % {"page": link(page)})
                if (more := len(leading) - SHOWN_PAGES) > 0:
                    self.stderr.write(_("  and on %(n)d more") % {"n": more})
        found = []
        if n := len(report.failed):
            found.append(
                ngettext("%(n)d page failed", "%(n)d pages failed", n) % {"n": n}
            )
        if n := len(report.broken):
            found.append(
                ngettext("%(n)d broken link", "%(n)d broken links", n) % {"n": n}
            )
        return found

    def tell_whether_it_moved(self, report: Report) -> None:
        if report.has_moved:
            self.stdout.write(
                _("The site changed meanwhile; the next run brings in the rest.")
            )

    def tell_more(self, count: int) -> None:
        if count > SHOWN_FILES:
            self.stdout.write(_("  and %(n)d more files") % {"n": count - SHOWN_FILES})

    @staticmethod
    def fail(reasons: list[str]) -> None:
        if reasons:
            raise CommandError("; ".join(reasons) + ".", returncode=1)


def door() -> Door:
    """Return the way readers come, below the page cache, which would only cost."""
    settings.BACKGROUND_THREADS = False  # they belong to the server
    from portal.wsgi import page_cache

    return Door(page_cache.app)
