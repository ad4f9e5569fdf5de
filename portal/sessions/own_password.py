"""Choosing a password, one's own or a colleague's, and what else that ends."""

from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth import authenticate
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse_lazy
from django.utils.translation import gettext as _

from portal.models import User
from portal.passwords import normalized
from portal.sessions.models import Session


class OwnPasswordForm(AdminPasswordChangeForm):
    request = None  # set by the view

    def clean_old_password(self):
        """A wrong one counts like a refused sign-in: nobody guesses here either."""
        old = self.cleaned_data["old_password"]
        name = self.user.get_username()
        if authenticate(self.request, username=name, password=old) != self.user:
            raise ValidationError(
                self.error_messages["password_incorrect"], code="password_incorrect"
            )
        return old

    def clean_new_password1(self):
        """A password that must be changed is not chosen again."""
        new = self.cleaned_data["new_password1"]
        if normalized(new) == normalized(self.cleaned_data.get("old_password")):
            raise ValidationError(
                _("This is your present password. Please choose another one."),
                code="password_unchanged",
            )
        return new

    def save(self, commit=True):
        self.user.must_change_password = False
        return super().save(commit)


class OwnPasswordView(PasswordChangeView):
    form_class = OwnPasswordForm
    success_url = reverse_lazy("admin:password_change_done")

    def get_form(self, form_class=None):
        form = super().get_form(form_class)
        form.request = self.request
        return form

    @transaction.atomic
    def form_valid(self, form):
        """Sign out everywhere else: whoever had the old password may be there."""
        response = super().form_valid(form)
        own = Session.objects.filter(user=self.request.user)
        own.exclude(pk=self.request.session.session_key).delete()
        return response


def set_for(user: User) -> None:
    """End the sessions of `user`, for whom somebody else just set a password.

    It is to be changed at the next sign-in; where it was taken away, nothing is.
    """
    user.must_change_password = user.has_usable_password()
    user.save(update_fields=["must_change_password"])
    Session.objects.filter(user=user).delete()
