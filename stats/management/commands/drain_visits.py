import time

from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection
from django.utils.translation import gettext as _

from stats import drainer, housekeeping


class Command(BaseCommand):
    @property
    def help(self):
        return _(
            "Count what waits in the visit spool. Harmless while the site runs: "
            "nothing is counted twice."
        )

    def add_arguments(self, parser):
        parser.add_argument(
            "--forever",
            action="store_true",
            help=_("again each second, until stopped"),
        )

    def handle(self, forever, **options):
        if forever:
            self._run_forever()
            return
        done = drainer.drain()
        self.stdout.write(
            _(
                "%(lines)d lines, %(views)d views, %(damaged)d damaged, "
                "%(segments)d finished files removed"
            )
            % {
                "lines": done.lines,
                "views": done.views,
                "damaged": done.damaged,
                "segments": done.segments_removed,
            }
        )

    def _run_forever(self):
        while True:
            try:
                housekeeping.tick()
            except DatabaseError as error:
                self.stderr.write(
                    _("The database is away, lines wait: %(error)s") % {"error": error}
                )
                connection.close()
            time.sleep(1)
