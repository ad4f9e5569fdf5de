from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from stats import registry, repair


class Command(BaseCommand):
    @property
    def help(self):
        return _(
            "Add the views of one article to another one: two articles became one."
        )

    def add_arguments(self, parser):
        parser.add_argument("old", type=int, help=_("number of the article that goes"))
        parser.add_argument("new", type=int, help=_("number of the one that stays"))

    def handle(self, old: int, new: int, **options):
        if new not in registry.public_ids("article", [new]):
            raise CommandError(
                _("Readers cannot see the article %(id)d.") % {"id": new}
            )
        days = repair.merge("article", old, new)
        self.stdout.write(_("Figures of %(count)d days were moved.") % {"count": days})
