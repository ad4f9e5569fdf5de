"""Sign-ins, sign-outs and refused sign-ins. Passwords are never looked at."""

from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator

from portal import passwords
from portal.audit import values
from portal.audit.models import Action
from portal.audit.recording import record


def signed_in(sender, request, user, **kwargs):
    note = getattr(request, "second_step", "")
    record(Action.SIGNED_IN, user=user, request=request, note=note)


def signed_out(sender, request, user, **kwargs):
    if user is not None:
        record(Action.SIGNED_OUT, user=user, request=request)


def refused(sender, credentials, request=None, **kwargs):
    """A wrong name or password. The account, if there is one, is the object.

    The lockout is told once; what is tried while it lasts would only fill the log.
    """
    if getattr(request, "is_locked_out_already", False):
        return
    typed = values.encoded(str(credentials.get("username") or ""))[:150]
    account = get_user_model()._default_manager.filter(username=typed).first()
    record(
        Action.SIGN_IN_REFUSED,
        user=AnonymousUser(),
        user_name=typed if account else _masked(typed),
        object=account,
        request=request,
    )


def _masked(typed: str) -> str:
    """The beginning of a name that no account has.

    People type the password into the field of the name; it would stand here for
    ever, above the sign-in that says whose it is.
    """
    return f"{typed[:2]}… ({len(typed)})" if typed else ""


class SignInForm(AdminAuthenticationForm):
    """The right password of somebody who may not come in is a refusal too."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        too_long = MaxLengthValidator(passwords.LONGEST)
        self.fields["password"].validators.append(too_long)

    def confirm_login_allowed(self, user):
        try:
            super().confirm_login_allowed(user)
        except ValidationError:
            # As for a wrong password: whoever tries them must not see a difference.
            credentials = {"username": user.get_username()}
            user_login_failed.send(
                type(self).__module__, credentials=credentials, request=self.request
            )
            raise
