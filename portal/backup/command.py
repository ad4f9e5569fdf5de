"""What the commands share: progress, and faults of the operator as sentences."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.backup import making
from portal.backup.errors import Refused

TELL_SECONDS = 5.0  # between two lines in a log


class BackupCommand(BaseCommand):
    # A site that is being restored has no tables, and an old one lacks some.
    requires_system_checks = []
    _width = 0

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self._told = time.monotonic()
        self.folder = settings.DATA_DIR  # where it writes

    def tell(self, text: str) -> None:
        """Show how far it is, on one line of a terminal or now and then in a log."""
        is_terminal = self.stdout.isatty()
        now = time.monotonic()
        if now - self._told < (0.2 if is_terminal else TELL_SECONDS):
            return
        self._told = now
        self.stdout.write(text.ljust(self._width), ending="\r" if is_terminal else "\n")
        self._width = len(text) if is_terminal else 0
        self.stdout.flush()

    def say(self, text: str) -> None:
        self.stdout.write(text.ljust(self._width))
        self._width = 0
        self.stdout.flush()

    @contextmanager
    def plainly(self) -> Iterator[None]:
        """One work on this folder at a time; its faults are sentences."""
        try:
            with making.only_one(settings.DATA_DIR):
                yield
        except Refused as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(
                _("%(path)s cannot be written: %(reason)s")
                % {
                    "path": error.filename or self.folder,
                    "reason": error.strerror or error,
                }
            ) from error
        except (DatabaseError, psycopg.Error, sqlite3.Error) as error:
            raise CommandError(
                _("The database cannot be used: %(reason)s")
                % {"reason": (str(error).strip() or repr(error)).splitlines()[0]}
            ) from error


def local(at: str) -> str:
    """Return an ISO 8601 time as people read it."""
    return f"{timezone.localtime(datetime.fromisoformat(at)):%H:%M %d/%m/%Y}"


def megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f}".replace(",", " ").replace(".", ",")
