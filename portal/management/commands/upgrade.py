"""Go over to this version after proving it on a copy of the site."""

import sys
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from portal.backup import databases
from portal.backup.command import BackupCommand
from portal.upgrade.pages import Comparison
from portal.upgrade.steps import Upgrade

SHOWN_DIFFERENCES, SHOWN_NAMES, SHOWN_LINES = 20, 10, 8
LINE_LENGTH = 160


class Command(BackupCommand):
    @property
    def help(self):
        return _(
            "Run by the new version beside the one that runs: back up, migrate a "
            "copy, compare every public page of both versions, then migrate the site "
            "and let LINK lead here. On any failure everything is as it was."
        )

    def add_arguments(self, parser):
        parser.add_argument(
            "link",
            type=Path,
            metavar="LINK",
            help=_("the symbolic link that the service runs"),
        )
        parser.add_argument(
            "--trial", action="store_true", help=_("compare only, change nothing")
        )
        parser.add_argument(
            "--accept", action="store_true", help=_("go on though pages differ")
        )
        parser.add_argument(
            "--stopped", action="store_true", help=_("the portal was stopped before")
        )

    def handle(self, *, link: Path, trial, accept, stopped, **options):
        with self.plainly():
            upgrade = Upgrade(
                link.absolute(),
                databases.of_settings(),
                settings.DATA_DIR,
                self.say,
                self.tell,
            )
            found = upgrade.trial(stopped)
            self.show(found)
            self.warn(upgrade)
            if trial:
                self.say(_("Nothing was changed."))
                return
            if not (found.is_same or accept or self.agrees()):
                raise CommandError(
                    _("Pages differ; everything is as it was. --accept goes on.")
                )
            upgrade.migrate()
            self.warn(upgrade)
            if not (upgrade.demanded or upgrade.gone):  # then every second counts
                self.say(_("Collecting static files ..."))
                upgrade.collect()
            if upgrade.switch():
                self.say(
                    _("%(link)s leads to %(new)s. Now: systemctl restart portal")
                    % {"link": upgrade.link, "new": upgrade.new}
                )
            else:
                self.say(
                    _(
                        "The database is ready for both versions. Now, as root: "
                        "ln -sfn %(new)s %(link)s && systemctl restart portal"
                    )
                    % {"link": upgrade.link, "new": upgrade.new}
                )
            self.say(
                _("The way back: ln -sfn %(old)s %(link)s && systemctl restart portal")
                % {"link": upgrade.link, "old": upgrade.old}
            )

    def show(self, found: Comparison) -> None:
        self.say(
            _(
                "Pages: %(same)d the same, %(rewritten)d written otherwise and read "
                "the same, %(differing)d differ, %(missing)d missing, %(new)d new."
            )
            % {
                "same": found.same,
                "rewritten": found.rewritten,
                "differing": sum(map(len, found.differing.values())),
                "missing": len(found.missing),
                "new": len(found.new),
            }
        )
        for title, names in (
            (_("Missing pages"), found.missing),
            (_("New pages"), found.new),
        ):
            if names:
                self.say(f"{title}: {_some(names)}")
        many = sorted(found.differing.items(), key=lambda item: -len(item[1]))
        for (gone, come), names in many[:SHOWN_DIFFERENCES]:
            self.say(
                _("On %(count)d pages (%(names)s):")
                % {"count": len(names), "names": _some(names)}
            )
            for sign, lines in (("-", gone), ("+", come)):
                for line in lines[:SHOWN_LINES]:
                    self.say(f"  {sign} {line[:LINE_LENGTH]}")
        if (more := len(many) - SHOWN_DIFFERENCES) > 0:
            self.say(_("and %(n)d further differences") % {"n": more})

    def warn(self, upgrade: Upgrade) -> None:
        """Name what the old version cannot do with; before the question, and after."""
        if upgrade.gone:
            self.say(
                _(
                    "Columns that are gone: %(columns)s. Once the database is "
                    "migrated, the present version fails wherever it uses them, also "
                    "after a way back: upgrade while the portal is stopped."
                )
                % {"columns": ", ".join(upgrade.gone)}
            )
        if upgrade.demanded:
            self.say(
                _(
                    "New columns that must be filled and have no default in the "
                    "database: %(columns)s. Once the database is migrated, the present "
                    "version cannot add rows to these tables and saving fails: restart "
                    "at once, or upgrade while the portal is stopped."
                )
                % {"columns": ", ".join(upgrade.demanded)}
            )

    def agrees(self) -> bool:
        if not sys.stdin.isatty():
            return False
        answer = input(_("Is that what the new version is to bring? (yes/no)") + " ")
        return answer.strip().lower() in ("yes", "có", "co", "y")


def _some(names: list[str]) -> str:
    return ", ".join(names[:SHOWN_NAMES]) + (" …" if len(names) > SHOWN_NAMES else "")
