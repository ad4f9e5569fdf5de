import time

from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection

from stats import drainer, housekeeping


class Command(BaseCommand):
    help = (
        "Count what waits in the visit spool. Harmless beside the housekeeping thread:"
        " positions move in the same transaction as the counters."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--forever", action="store_true", help="again each second, until stopped"
        )

    def handle(self, forever, **options):
        if forever:
            self._run_forever()
            return
        done = drainer.drain()
        self.stdout.write(
            f"{done.lines} lines, {done.views} views, {done.damaged} damaged,"
            f" {done.segments_removed} segments removed"
        )

    def _run_forever(self):
        while True:
            try:
                housekeeping.tick()
            except DatabaseError as error:
                self.stderr.write(f"The database is away, lines wait: {error}")
                connection.close()
            time.sleep(1)
