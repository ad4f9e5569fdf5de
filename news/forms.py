"""What an editor may enter, with messages that help; rules stand in publishing."""

import re
from collections.abc import Collection
from pathlib import PurePosixPath

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from news import body as bodies
from news import files, html
from news.models import Article, Attachment, Autosave, Placement, Tag
from news.text import clean_line
from news.widgets import AttachmentInput, CategoryChecks, EditorWidget


def check_body(value: str) -> str:
    """Return `value` as typed; ValidationError says what the body cannot hold."""
    document = html.read(value)
    html.check_stored(document.html())
    for number, figure in enumerate(document.figures(), 1):
        for name in ("caption", "alt"):
            limit = Placement._meta.get_field(name).max_length
            if len(getattr(figure, name)) > limit:
                raise ValidationError(
                    _(
                        "Picture %(number)s: a caption has at most 500 characters "
                        "and an alternative text at most 300."
                    )
                    % {"number": number}
                )
    return value


def paragraphs_of(text: str) -> str:
    """Return what was typed without the editor, as paragraphs; HTML stays as it is."""
    if re.search(r"<[a-z!/]", text, re.IGNORECASE):
        return text
    lines = [part.strip() for part in re.split(r"\n\s*\n", text.replace("\r", ""))]
    return "".join(f"<p>{part.replace(chr(10), '<br>')}</p>" for part in lines if part)


class BodyField(forms.CharField):
    """HTML from the editor; kept as typed when something else is wrong."""

    widget = EditorWidget

    def __init__(self, **kwargs):
        kwargs.pop("max_length", None)
        if kwargs.get("label"):
            kwargs["label"] = capfirst(kwargs["label"])
        super().__init__(strip=False, **kwargs)

    def clean(self, value):
        return check_body(paragraphs_of(super().clean(value)))

    def has_changed(self, initial, data):
        def stored(value):
            return html.read(value or "").html()

        try:
            return stored(initial) != stored(data)
        except ValidationError:
            return True


class TagsField(forms.CharField):
    """Tags as people write them: names with commas between; new ones are made."""

    MAX = 15

    def prepare_value(self, value):
        if isinstance(value, list | tuple):  # of tags; names in an address
            return ", ".join(map(str, value))
        return value

    def clean(self, value):
        if isinstance(value, list):  # as Django splits what an address fills in
            value = ", ".join(value)
        names = _names_in(super().clean(value))
        if len(names) > self.MAX:
            raise ValidationError(
                _("An article has at most %(max)s tags.") % {"max": self.MAX}
            )
        limit = Tag._meta.get_field("name").max_length
        if any(len(name) > limit for name in names.values()):
            raise ValidationError(
                _("A tag has at most %(limit)s characters.") % {"limit": limit}
            )
        return list(names.values())

    def has_changed(self, initial, data):
        before = {tag.name.casefold() for tag in initial or []}
        return before != set(_names_in(data or ""))


def _names_in(text: str) -> dict[str, str]:
    """Return the typed names without doubles, by their folded case."""
    names = {}
    for name in text.replace(";", ",").split(","):
        if name := clean_line(name):
            names.setdefault(name.casefold(), name)
    return names


def tags_named(names: list[str]) -> list[Tag]:
    """Return the tags with these names, whatever their case; makes missing ones."""
    known = _tags_by_name() if names else {}
    return [
        known.get(name.casefold()) or Tag.objects.create(name=name) for name in names
    ]


def _tags_by_name() -> dict[str, Tag]:
    """All tags by folded name: SQLite's iexact knows no case beyond ASCII."""
    return {tag.name.casefold(): tag for tag in Tag.objects.order_by("-pk")}


class TagForm(forms.ModelForm):
    def clean_name(self):
        name = self.cleaned_data["name"]
        twin = _tags_by_name().get(clean_line(name).casefold())
        if twin is not None and twin.pk != self.instance.pk:
            raise ValidationError(
                _("The tag “%(name)s” exists already.") % {"name": twin.name}
            )
        return name


def offer_sections(fields, limit: Collection[int] | None, kept=()) -> None:
    """Offer the sections within `limit`, and those with the ids `kept`; None is all."""
    if limit is None:
        return
    for field in fields:
        field.queryset = field.queryset.filter(pk__in={*limit, *kept})
        field.error_messages["invalid_choice"] = _(
            "You are limited to certain sections; choose one that is offered here."
        )


class ArticleForm(forms.ModelForm):
    body = BodyField(required=False)
    tags = TagsField(
        required=False,
        help_text=gettext_lazy("With commas between: chuyển đổi số, nông nghiệp"),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
    # What the writer read: saving over a newer one is refused.
    read_version = forms.IntegerField(
        required=False, widget=forms.HiddenInput, label=""
    )

    class Meta:
        model = Article
        fields = ["title", "sapo", "body"]  # the admin's fieldsets add the rest
        widgets = {
            "further_categories": CategoryChecks,
            "title": forms.Textarea(attrs={"rows": 2, "class": "line-field title"}),
            "sapo": forms.Textarea(attrs={"rows": 4}),
        }

    # Set by the admin after publishing refused the whole: shown as form errors.
    refusal: ValidationError | None = None
    # Set by the admin: a kept copy that is to be opened in an unbound form.
    kept: Autosave | None = None
    # Set by the admin: the ids of the sections the user is limited to; None is all.
    limit: Collection[int] | None = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in {"body", "tags"} & set(self.fields):
            label = Article._meta.get_field(name).verbose_name
            self.fields[name].label = capfirst(label)
        # Going back, a browser fills in what was typed last time: old words beside a
        # newer version's number, which would replace a colleague's without a question.
        for field in self.fields.values():
            field.widget.attrs["autocomplete"] = "off"
        if self.limit is not None:
            self._narrow_sections()
        if self.instance.pk and "body" in self.fields:
            placements = self.instance.placements.select_related("image")
            self.initial["body"] = bodies.editor_html(self.instance.body, placements)
            self.initial["read_version"] = self.instance.version
        if self.kept is not None and not self.is_bound:
            self._fill_in(self.kept)

    def _narrow_sections(self):
        """What the article has already stays on offer, so a save changes nothing."""
        article, kept = self.instance, []
        if article.pk:
            further = article.further_categories.order_by()
            kept = [article.category_id, *further.values_list("pk", flat=True)]
        names = {"category", "further_categories"} & set(self.fields)
        offer_sections([self.fields[name] for name in names], self.limit, kept)

    def _fill_in(self, kept):
        """Show what was typed, as it was typed; saving compares with its version."""
        data = MultiValueDict(kept.content)
        for name, field in self.fields.items():
            self.initial[name] = field.widget.value_from_datadict(data, {}, name)
        self.initial["read_version"] = kept.base_version

    def clean(self):
        cleaned = super().clean()
        if self.refusal is not None:
            self._add_refusal(self.refusal)
        return cleaned

    def _add_refusal(self, refusal):
        if hasattr(refusal, "error_dict"):
            known = {k: v for k, v in refusal.error_dict.items() if k in self.fields}
            rest = [
                e for k, v in refusal.error_dict.items() if k not in known for e in v
            ]
            for name, errors in known.items():
                self.add_error(name, errors)
            refusal = ValidationError(rest) if rest else None
        if refusal is not None:
            self.add_error(None, refusal)


class AttachmentForm(forms.ModelForm):
    class Meta:
        model = Attachment
        fields = ["title", "file", "position"]
        widgets = {"file": AttachmentInput}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "title" in self.fields:  # else somebody who may only look
            self.fields["title"].required = False
        if self.instance.pk and "file" in self.fields:
            self.fields["file"].widget.attachment = self.instance

    def clean(self):
        cleaned = super().clean()
        upload = cleaned.get("file")
        if upload is not None and "file" in self.changed_data and upload:
            try:
                accepted = files.accept(upload)
            except ValidationError as error:
                self.add_error("file", error)
            else:
                files.describe(self.instance, accepted)
                cleaned["file"] = accepted.file
                cleaned["file"].name = accepted.file_name
        if not clean_line(cleaned.get("title") or "") and self.instance.file_name:
            cleaned["title"] = PurePosixPath(self.instance.file_name).stem
        return cleaned


class ListEntryFormSet(forms.BaseInlineFormSet):
    """The places of one article in hot news and focus: each list once."""

    def clean(self):
        seen = set()
        for form in self.forms:
            chosen = getattr(form, "cleaned_data", {}).get("list")
            if not chosen or form.cleaned_data.get("DELETE"):
                continue
            if chosen in seen:
                # One sentence at the field, instead of Django's two or three.
                form.errors.pop(NON_FIELD_ERRORS, None)
                message = _("This list is chosen twice; an article stands in it once.")
                form.add_error("list", message)
            seen.add(chosen)
