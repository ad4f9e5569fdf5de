"""Make the renditions that pictures lack."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from news import images, saving
from news.models import Image

SHOWN = 20  # numbers of pictures named


class Command(BaseCommand):
    @property
    def help(self):
        return _(
            "Make what pictures lack: widths that are new, AVIF, files that are gone. "
            "Safe while the site runs; interrupted, it goes on where it stopped. "
            "--check changes nothing and names the pictures (exit 1)."
        )

    def add_arguments(self, parser):
        parser.add_argument(
            "--check", action="store_true", help=_("name the pictures, exit 1")
        )

    def handle(self, *, check, **options):
        pictures = Image.objects.order_by("pk").iterator(chunk_size=500)
        lacking = [image.pk for image in pictures if images.lacks(image)]
        if check:
            failed = lacking
        else:
            failed = [pk for pk in self.shown(lacking) if not self.complete(pk)]
        if failed:
            shown = ", ".join(map(str, failed[:SHOWN])) + " …" * (len(failed) > SHOWN)
            raise CommandError(
                _("%(count)d pictures lack renditions: %(numbers)s")
                % {"count": len(failed), "numbers": shown},
                returncode=1,
            )
        self.stdout.write(_("All pictures have their renditions."))

    def shown(self, lacking: list[int]):
        """Give the numbers one by one, and say how far it is."""
        end = "\r" if self.stdout.isatty() else "\n"
        for done, pk in enumerate(lacking, start=1):
            yield pk
            text = _("%(done)d of %(total)d") % {"done": done, "total": len(lacking)}
            self.stdout.write(text, ending=end)
            self.stdout.flush()

    def complete(self, pk: int) -> bool:
        """Complete one picture; True when nothing is left to do."""
        image = Image.objects.filter(pk=pk).first()
        if image is None:  # deleted meanwhile
            return True
        try:
            return saving.complete_picture(image)
        except (OSError, ValidationError) as error:
            reason = error.messages[0] if hasattr(error, "messages") else error
            self.stderr.write(
                _("Picture %(number)d: %(reason)s") % {"number": pk, "reason": reason}
            )
            return False
