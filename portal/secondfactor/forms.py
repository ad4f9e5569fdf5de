"""What is typed to confirm, to add a device and to change one."""

from django import forms
from django.contrib.auth import authenticate
from django.utils.translation import gettext_lazy as _

from news.text import clean_line

LONGEST_NAME = 64  # django-otp's column


class NameField(forms.CharField):
    """What somebody calls a device, on one line."""

    def __init__(self, **kwargs):
        super().__init__(
            label=_("Name of the device"),
            max_length=LONGEST_NAME,
            help_text=_("So that you know it again, for example “My phone”."),
            widget=forms.TextInput(attrs={"class": "vTextField"}),
            **kwargs,
        )

    def to_python(self, value):
        return clean_line(super().to_python(value))


class CodeField(forms.CharField):
    """Six digits; people copy them in two halves."""

    def __init__(self, **attributes):
        super().__init__(
            label=_("The 6 digits that the app shows now"),
            max_length=20,
            widget=forms.TextInput(
                attrs={
                    "inputmode": "numeric",
                    "autocomplete": "one-time-code",
                    "class": "code-field",
                    "size": "10",
                    **attributes,
                }
            ),
        )

    def to_python(self, value):
        return "".join(super().to_python(value).split())


class CodeForm(forms.Form):
    code = CodeField(autofocus=True)


class RecoveryForm(forms.Form):
    recovery = forms.CharField(
        label=_("One of your recovery codes"),
        max_length=40,
        help_text=_("Twelve letters and digits. Each works once."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "class": "code-field", "size": "18"}
        ),
    )


class AppForm(forms.Form):
    code = CodeField()
    name = NameField(initial=_("My phone"))


class PasskeyForm(forms.Form):
    name = NameField(initial=_("This device"))
    credential = forms.CharField(widget=forms.HiddenInput, required=False)


class DeviceForm(forms.Form):
    name = NameField()


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=400,
        help_text=_("For example: the phone was lost. It is kept in the log."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class PasswordForm(forms.Form):
    """One's own password again; a wrong one counts like a refused sign-in."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, request, *args, **kwargs):
        self.request = request
        super().__init__(*args, **kwargs)

    def clean_password(self):
        name = self.request.user.get_username()
        password = self.cleaned_data["password"]
        found = authenticate(self.request, username=name, password=password)
        if found is None or found.pk != self.request.user.pk:
            raise forms.ValidationError(_("This is not your password."))
        return password
