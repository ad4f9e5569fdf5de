"""Look for injected links, hidden text, cloaked pages and foreign files."""

import json
import signal
import smtplib
import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from portal import administrators
from portal.integrity import audit
from portal.integrity.visiting import Server
from portal.mirror.folder import Refused

TELL_SECONDS = 10.0  # between two lines in a log


class Command(BaseCommand):
    @property
    def help(self):
        return _(
            "Look at every public page as a browser, as search engines and as their "
            "visitors, at every row, and at the files of pictures, attachments, stored "
            "pages and the program: is it what was entered and installed? Changes "
            "nothing; stopped, it tells what it has found and is run again."
        )

    def add_arguments(self, parser):
        parser.add_argument(
            "--fail", action="store_true", help=_("exit 1 when something was found")
        )
        parser.add_argument(
            "--json", action="store_true", help=_("print the result as JSON")
        )
        parser.add_argument(
            "--mail", action="store_true", help=_("send what was found by e-mail")
        )
        parser.add_argument(
            "--server",
            metavar="URL",
            help=_("also ask a server that runs, for example http://127.0.0.1:8000"),
        )
        parser.add_argument(
            "--only",
            choices=audit.PARTS,
            action="append",
            help=_("look at this part only; can be given more than once"),
        )
        parser.add_argument(
            "--seal",
            action="store_true",
            help=_("name what differs in rows and program, then take it for right"),
        )

    def handle(self, *, only, server, **options):
        self.quiet, self.told = options["json"], time.monotonic()
        parts = tuple(only or audit.PARTS)
        if options["seal"]:
            self.seal()
            return
        look = audit.Audit(application(), server and Server(server), self.show)
        stopped = self.run(look, parts)
        result = look.result
        if stopped or not only:  # a part says nothing of the rest
            self.keep(result)
        self.print_result(result, stopped)
        if options["mail"] and result.findings:
            self.send(result)
        if stopped:
            raise CommandError(_("Stopped before the end."), returncode=130)
        if options["fail"] and result.findings:
            raise CommandError(audit.summary(result), returncode=1)

    def run(self, look: audit.Audit, parts) -> bool:
        """Return whether somebody stopped it; SIGTERM is taken like Ctrl+C."""
        before = signal.signal(signal.SIGTERM, _stop)
        try:
            look.run(parts)
        except KeyboardInterrupt:
            return True
        except Refused as error:
            raise CommandError(
                _("The portal answers 503 (is the database away?). Run it again later.")
            ) from error
        except OSError as error:
            raise CommandError(str(error)) from error
        finally:
            signal.signal(signal.SIGTERM, before)
        return False

    def show(self, what: str, done: int) -> None:
        is_terminal = self.stderr.isatty()
        if self.quiet or (
            not is_terminal and time.monotonic() - self.told < TELL_SECONDS
        ):
            return
        self.told = time.monotonic()
        text = f"{what}: {done}".ljust(40)
        self.stderr.write(text, ending="\r" if is_terminal else "\n")

    def keep(self, result: audit.Result) -> None:
        try:
            audit.keep(result)
        except OSError as error:
            self.stderr.write(
                _("The result could not be kept: %(reason)s")
                % {"reason": error.strerror}
            )

    def print_result(self, result: audit.Result, stopped: bool) -> None:
        if self.quiet:
            self.stdout.write(json.dumps(audit.contents(result), ensure_ascii=False))
            return
        for line in audit.lines(result):
            self.stdout.write(line)
        self.stdout.write(audit.summary(result))

    def send(self, result: audit.Result) -> None:
        if not settings.SENDS_MAIL:
            self.stderr.write(_("EMAIL_URL is not set: no mail was sent."))
            return
        try:
            count = audit.mail(result)
        except (OSError, smtplib.SMTPException) as error:
            why = administrators.why(error)
            self.stderr.write(_("The mail could not be sent: %(why)s") % {"why": why})
        else:
            self.stderr.write(_("%(count)d mails were sent.") % {"count": count})

    def seal(self) -> None:
        look = audit.Audit(application(), tell=self.show)
        look.run(("rows", "program"))
        for line in audit.lines(look.result):
            self.stdout.write(line)
        rows, files = audit.seal(self.show)
        self.stdout.write(
            _("Sealed: %(rows)d rows, %(files)d files of the program.")
            % {"rows": rows, "files": files}
        )


def application():
    """Return the site below its page store, as readers' requests reach it."""
    settings.BACKGROUND_THREADS = False  # they belong to the server
    from portal.wsgi import page_cache

    return page_cache.app


def _stop(signum, frame):
    raise KeyboardInterrupt
