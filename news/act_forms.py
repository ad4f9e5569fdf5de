"""What the newsroom is asked when an article goes on: a reason, a time, a notice."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from news.models import Article, Revision
from news.text import clean_lines
from news.widgets import DateTimeField
from news.workflow import TRANSITIONS, Act, Withdrawal

NOTE_MAX = Revision._meta.get_field("note").max_length
PUBLIC_NOTE_MAX = 300  # characters


class NoteField(forms.CharField):
    def __init__(self, rows=3, **kwargs):
        widget = forms.Textarea(attrs={"rows": rows, "class": "line-field"})
        super().__init__(max_length=NOTE_MAX, widget=widget, **kwargs)

    def clean(self, value):
        return super().clean(clean_lines(value or ""))


class NoteForm(forms.Form):
    """Why, for the history."""

    note = NoteField(required=False, label=gettext_lazy("Note for the newsroom"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, prefix="act", **kwargs)


class ActForm(NoteForm):
    """The note of any act; a reason where the table wants one."""

    def __init__(self, act: Act, article: Article, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.article = article
        if TRANSITIONS[act].needs_reason:
            self.fields["note"].required = True
            self.fields["note"].label = _("Reason (for the newsroom)")

    def arguments(self) -> dict:
        """What the function of the act takes."""
        return self.cleaned_data

    def note_alone(self) -> str:
        """The note of a plain save; what else was typed is not asked then."""
        self.is_valid()
        return self.cleaned_data.get("note", "")

    def sentences(self) -> list[str]:
        """What is wrong, each with the name of its field."""
        return [
            f"{self.fields[name].label}: {message}"
            for name, messages in self.errors.items()
            for message in messages
        ]


class WithdrawForm(ActForm):
    kind = forms.ChoiceField(
        label=gettext_lazy("Readers then find"),
        choices=Withdrawal.choices,
        initial=Withdrawal.NOTICE,
        widget=forms.RadioSelect,
    )
    notice = forms.CharField(
        label=gettext_lazy("Notice to readers"),
        required=False,
        max_length=Article._meta.get_field("withdrawal_notice").max_length,
        widget=forms.Textarea(attrs={"rows": 3, "class": "line-field"}),
        help_text=gettext_lazy("Printed at the address of the article."),
    )
    url = forms.CharField(
        label=gettext_lazy("Address of the other page"),
        required=False,
        max_length=Article._meta.get_field("withdrawal_url").max_length,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=gettext_lazy("A page of this site (/tin-tuc/...) or a full address."),
    )
    # The names of publishing's messages, by field of this form.
    REFUSED = {"withdrawal_notice": "notice", "withdrawal_url": "url"}


class RescheduleForm(ActForm):
    published_at = DateTimeField(required=True, label=gettext_lazy("Published at"))
    expires_at = DateTimeField(required=False, label=gettext_lazy("Ends at"))

    def __init__(self, act, article, *args, **kwargs):
        kwargs["initial"] = {
            "published_at": article.published_at,
            "expires_at": article.expires_at,
        }
        super().__init__(act, article, *args, **kwargs)


class PublishCopyForm(ActForm):
    """How a change of a live article goes out."""

    is_major = forms.TypedChoiceField(
        label=gettext_lazy("This change is"),
        required=False,
        choices=[
            ("", gettext_lazy("minor: readers are not told")),
            ("1", gettext_lazy("major: readers are told, the article counts as new")),
        ],
        coerce=bool,
        empty_value=False,
        widget=forms.RadioSelect,
    )
    public_note = forms.CharField(
        label=gettext_lazy("What readers are told"),
        required=False,
        max_length=PUBLIC_NOTE_MAX,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=gettext_lazy("Example: Sửa số liệu ở đoạn thứ ba."),
    )
    at = DateTimeField(
        label=gettext_lazy("Goes out at"),
        required=False,
        help_text=gettext_lazy("Left blank: at once."),
    )

    def clean(self):
        cleaned = super().clean()
        at, told = cleaned.get("at"), cleaned.get("public_note")
        if at is not None and at <= timezone.now():
            self.add_error("at", _("A scheduled time must lie ahead."))
        if cleaned.get("is_major") and not told and "public_note" not in self.errors:
            self.add_error("public_note", _("Say to readers what has changed."))
        if told and not cleaned.get("is_major"):
            message = _("A minor change tells readers nothing: choose “major”.")
            self.add_error("is_major", message)
        return cleaned

    def arguments(self):
        return {name: self.cleaned_data[name] for name in ("note", "public_note", "at")}


def form_for(act: Act, article: Article, data=None) -> ActForm:
    """Return the form that asks for what `act` needs, bound when there is data."""
    form = ActForm
    if act == Act.WITHDRAW:
        form = WithdrawForm
    elif act == Act.RESCHEDULE:
        form = RescheduleForm
    elif act in (Act.PUBLISH, Act.EMERGENCY) and article.revision_of_id:
        form = PublishCopyForm
    return form(act, article, data)
