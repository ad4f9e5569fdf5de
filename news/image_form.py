"""The form of one picture of the library: its words, its focal point, its file."""

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from news import images, library
from news.decode import ACCEPT
from news.models import Image


class ImageForm(forms.ModelForm):
    """A picture with its file; the file is judged before anything is stored."""

    upload = forms.FileField(
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
        help_text=gettext_lazy(
            "JPEG, PNG, WebP, AVIF, GIF or HEIC of an iPhone, up to 30 MB and 50 "
            "million pixels. Where and with what it was taken is removed from the file."
        ),
    )

    class Meta:
        model = Image
        fields = [
            "title",
            "default_alt",
            "default_caption",
            "credit",
            "focal_x",
            "focal_y",
        ]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "title" not in self.fields:
            return  # somebody who may only look
        self.fields["title"].required = False
        self.fields["upload"].label = capfirst(_("file"))
        if self.instance.pk:
            self.fields["upload"].required = False
            self.fields["upload"].label = _("Replace the file")

    def clean_upload(self):
        upload = self.cleaned_data.get("upload")
        if not upload:
            return upload
        twin = images.find_duplicate(upload)
        if twin is not None and twin.pk == self.instance.pk:
            return None  # the same file again: there is nothing to replace
        if twin is not None:
            raise ValidationError(_already_there(twin), code="duplicate")
        images.check(upload)
        return upload

    def clean(self):
        cleaned = super().clean()
        upload = cleaned.get("upload")
        if not cleaned.get("title") and upload:
            cleaned["title"] = library.readable_title(upload.name)
        if not cleaned.get("title") and not self.errors:
            self.add_error("title", _("Give the picture a title."))
        return cleaned


def _already_there(twin: Image):
    return format_html(
        '{} <a href="{}">{}</a>. {}',
        _("The same file is already in the library:"),
        reverse("admin:news_image_change", args=[twin.pk]),
        twin.title,
        _("Use that picture; it was not stored twice."),
    )
