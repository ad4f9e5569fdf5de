"""The checklist and the proofreader beside the article's form.

The browser sends the form as it stands, unsaved; the answer is what is wrong and
where. Without JavaScript the panel shows what the checklist says when the page is
made.
"""

import json
from dataclasses import asdict

from django import forms
from django.core.exceptions import ValidationError
from django.http import JsonResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from news import checklist, html, html_limits, permissions, saving
from news.models import AltKind, Article, Attachment, Image, Placement
from news.proofreading import Finding, proofread
from news.widgets import DateTimeField

_TEXTS = ["title", "sapo", "cover_caption", "cover_alt", "source_url"]
MAX_ATTACHMENTS = 200
MAX_ID = 2**63 - 1


class ChecksMixin(metaclass=forms.MediaDefiningClass):
    """Gives ArticleAdmin the end point, and its form what the panel shows."""

    @property
    def media(self):
        # Before editor.js, in which they take part.
        return super().media + forms.Media(
            css={"all": ["admin_theme/checks.css"]},
            js=[
                forms.Script("admin_theme/checks_places.js", type="module"),
                forms.Script("admin_theme/checks.js", type="module"),
            ],
        )

    def get_urls(self):
        view = self.admin_site.admin_view(require_POST(self.check_view))
        return [path("check/", view, name="news_article_check"), *super().get_urls()]

    def check_view(self, request):
        """Answer {items, findings} for the posted form; nothing is saved."""
        number = request.POST.get("article", "")
        article = None
        if number:
            rows = self.get_queryset(request)
            article = rows.filter(pk=_id(number)).first()
            if article is None:
                return _refusal(_("There is no such article."), 404)
            allowed = permissions.may_change(request.user, article)
        else:
            allowed = self.has_add_permission(request)
        if not allowed:
            return _refusal(_("You may not change this article."), 403)
        try:
            blocks = _blocks(request.POST.get("blocks", "[]"))
            writing = written(request.POST, article)
        except ValidationError as error:
            return _refusal(" ".join(error.messages), 400)
        day = writing.article.published_at
        findings = proofread(blocks, day=timezone.localdate(day) if day else None)
        return JsonResponse(
            {
                "items": [asdict(item) for item in checklist.check(writing)],
                "findings": [_for_script(f, blocks) for f in findings],
            }
        )

    def checks_context(self, request, article: Article | None) -> dict | None:
        """What the panel of the form shows; None where nothing can be changed."""
        subject = article or Article(created_by=request.user)
        if not permissions.may_change(request.user, subject):
            return None
        try:
            if request.method == "POST":  # refused: the form shows what was typed
                items = checklist.check(written(request.POST, article))
            else:
                items = checklist.check(checklist.stored(article)) if article else []
        except ValidationError:
            items = []  # the field says that its text is too large
        errors = [item for item in items if item.severity == "error"]
        warnings = [item for item in items if item.severity == "warning"]
        return {
            "address": reverse("admin:news_article_check"),
            "labels": json.dumps(_labels(), ensure_ascii=False),
            "errors": errors,
            "warnings": warnings,
            "summary": _summary(len(errors), len(warnings)) if article else "",
        }


def written(data, stored: Article | None) -> checklist.Writing:
    """Return the article as a posted form has it; `stored` is changed in memory only.

    Two queries. What cannot be read is taken as empty: the form says so when it is
    saved. ValidationError when the body is over a limit.
    """
    document = html.read(data.get("body", ""))
    # A copy: the caller's object stays what is stored.
    article = Article(pk=stored.pk, state=stored.state) if stored else Article()
    for name in _TEXTS:
        field = Article._meta.get_field(name)
        setattr(article, name, field.to_python(data.get(name, "")))
    article.show_cover = "show_cover" in data
    if data.get("cover_alt_kind") in AltKind.values:
        article.cover_alt_kind = data["cover_alt_kind"]
    article.published_at = _moment(data, "published_at")
    article.expires_at = _moment(data, "expires_at")
    cover = _id(data.get("cover", ""))
    figures = document.figures()
    images = Image.objects.in_bulk({cover, *(f.image for f in figures)} - {None})
    article.cover = images.get(cover)
    placed = {}
    if stored and any(figure.image is None for figure in figures):
        placed = {place.pk: place for place in stored.placements.all()}
    pictures = [
        _picture(figure, images.get(figure.image), placed.get(figure.placement))
        for figure in figures
    ]
    return checklist.Writing(article, document, pictures, _attachments(data, stored))


def _picture(figure, image: Image | None, placed: Placement | None) -> Placement:
    """A figure with a picture's number brings its words; else they are stored."""
    if figure.image is None and placed is not None:
        return placed
    return Placement(image=image, **saving.words_of(figure, image or Image()))


def _moment(data, name: str):
    field = DateTimeField(required=False)
    try:
        return field.clean([data.get(f"{name}_0"), data.get(f"{name}_1")])
    except ValidationError:
        return None


def _attachments(data, stored: Article | None) -> list[Attachment]:
    """The rows of the form by their number, one without a file where none counts."""
    total = _id(data.get("attachments-TOTAL_FORMS", "")) or 0
    names = {}
    if stored and total:
        names = dict(stored.attachments.values_list("pk", "file_name"))
    rows = []
    for number in range(min(total, MAX_ATTACHMENTS)):
        row = f"attachments-{number}-"
        name = data.get(f"{row}file") or names.get(_id(data.get(f"{row}id", "")), "")
        if f"{row}DELETE" in data:
            name = ""
        rows.append(Attachment(title=data.get(f"{row}title", ""), file_name=name))
    return rows


def _id(text: str) -> int | None:
    if text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= MAX_ID:
        return int(text)
    return None


def _blocks(text: str) -> list[str]:
    """Title, lead and the editor's paragraphs; ValidationError for anything else."""
    if len(text.encode("utf-8", "ignore")) > html_limits.MAX_BYTES:
        raise ValidationError(
            _("The text is larger than 1 MB. Put long documents into attachments.")
        )
    try:
        blocks = json.loads(text)
    except (ValueError, RecursionError):
        blocks = None
    if isinstance(blocks, list) and all(isinstance(block, str) for block in blocks):
        return blocks
    raise ValidationError(_("The text could not be read."))


def _for_script(finding: Finding, blocks: list[str]) -> dict:
    """The same with offsets as JavaScript counts, in UTF-16 units."""
    block = blocks[finding.block]
    start = _utf16_units(block[: finding.start])
    end = start + _utf16_units(block[finding.start : finding.end])
    return asdict(finding) | {"start": start, "end": end}


def _utf16_units(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)


def _refusal(message: str, status: int) -> JsonResponse:
    return JsonResponse({"error": message}, status=status)


def _summary(errors: int, hints: int) -> str:
    labels = _labels()
    if not errors and not hints:
        return labels["clear"]
    return labels["summary" if errors else "hints"] % {"errors": errors, "hints": hints}


def _labels() -> dict[str, str]:
    return {
        "errors": _("To correct"),
        "warnings": _("Worth a look"),
        "findings": _("Administrative spelling and style"),
        "summary": _("%(errors)s errors, %(hints)s suggestions"),
        "hints": _("%(hints)s suggestions"),
        "clear": _("Nothing to correct was found."),
        "checking": _("Checking…"),
        "go": _("Go there"),
        "fix": _("Change to “%(text)s”"),
        "fixBlank": _("Change to one blank"),
        "fixRemove": _("Remove it"),
        "fixAll": _("Correct all %(count)s places"),
        "leave": _("Leave as it is"),
        "left": _("%(count)s places left as they are"),
        "showLeft": _("Show them again"),
        "changed": _("The text has changed in the meantime; it was checked again."),
        "unreachable": _(
            "The server cannot be reached, so this list may be out of date. The next "
            "change tries again."
        ),
        "signedOut": _(
            "You are no longer signed in. Sign in in another tab; what you wrote stays "
            "here."
        ),
    }
