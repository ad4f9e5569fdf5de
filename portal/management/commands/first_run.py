"""What a new site needs once: an administrator, and demo content when asked."""

import secrets

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils.translation import gettext as _

from news.models import Category
from portal import roles
from portal.models import ContentState, SiteSettings


class Command(BaseCommand):
    @property
    def help(self):
        return _("Create the first administrator and, with DEMO=1, the demo content.")

    def handle(self, **options):
        User = get_user_model()
        state, _created = ContentState.objects.get_or_create(pk=1)
        never_used = not (
            state.ever_used or User.objects.exists() or Category.objects.exists()
        )
        if settings.DEMO and (never_used or self.demo_was_interrupted()):
            call_command("seed_demo", stdout=self.stdout, stderr=self.stderr)
        if not User.objects.filter(is_superuser=True).exists():
            if User.objects.filter(username=settings.ADMIN_USER).exists():
                self.stderr.write(
                    _(
                        "No account is a superuser, and “%(user)s” exists: give it the "
                        "right, or make another with manage.py createsuperuser."
                    )
                    % {"user": settings.ADMIN_USER}
                )
            else:
                self.create_administrator(User)
        if never_used and not settings.DEMO:
            self.stdout.write(
                _(
                    "The site is empty. Sign in at %(url)s/admin/ and begin with the "
                    "site settings and the categories."
                )
                % {"url": settings.SITE_URL}
            )

    @staticmethod
    def demo_was_interrupted() -> bool:
        from portal.demo.seeding import is_unfinished

        return is_unfinished()

    @staticmethod
    def ask_administrators_for_a_second_step():
        """A new public site begins safe; who runs it may choose otherwise later."""
        site = SiteSettings.load()
        if site._state.adding:
            site.save()
        site.second_factor_roles.add(Group.objects.get(name=roles.ADMINISTRATOR))

    @transaction.atomic
    def create_administrator(self, User):
        password = settings.ADMIN_PASSWORD or secrets.token_urlsafe(12)
        # What was printed stands in a journal, what was set in a file of settings. To
        # try the portal out on this machine, the password in the terminal will do.
        is_tried = settings.DEMO or settings.ADMIN_PASSWORD
        User.objects.create_superuser(
            settings.ADMIN_USER,
            password=password,
            must_change_password=settings.IS_PUBLIC or not is_tried,
        )
        if settings.IS_PUBLIC:
            self.ask_administrators_for_a_second_step()
        self.stdout.write(_("Administrator: %(user)s") % {"user": settings.ADMIN_USER})
        if not settings.ADMIN_PASSWORD:
            self.stdout.write(
                _("Password (shown this once, write it down): %(password)s")
                % {"password": password}
            )
