"""Nhập từ Word: upload, review, create; the article's half of it is news.docx.

Nothing is stored in the database before the button "Create the draft". Whoever may
add articles and pictures may import; the file is only its uploader's.
"""

from html import escape

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin.helpers import AdminForm
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from news import hooks, images
from news.document import Document, Figure, figure_html
from news.docx import creating, form, reading, uploads
from news.docx.package import Package
from news.models import Article

_PREVIEW_WIDTH = 800  # px, as wide as the editor
_FIELDSETS = [
    (None, {"fields": ["title", "sapo", "category", "body"]}),
    (
        gettext_lazy("Signature, author, source"),
        {
            "fields": [
                *("signature_unit", "new_unit", "author_text"),
                *("source_name", "source_url"),
            ]
        },
    ),
    (gettext_lazy("Publication time"), {"fields": ["published_at"]}),
]


class WordImportMixin:
    """The part of ArticleAdmin below news/article/word/."""

    def get_urls(self):
        def view(methods, function):
            return self.admin_site.admin_view(methods(function))

        both = require_http_methods(["GET", "POST"])
        return [
            path("word/", view(both, self.word), name="news_article_word"),
            path(
                "word/<slug:token>/",
                view(both, self.word_review),
                name="news_article_word_review",
            ),
            path(
                "word/<slug:token>/<int:number>/",
                view(require_GET, self.word_picture),
                name="news_article_word_picture",
            ),
            *super().get_urls(),
        ]

    def _check_may_import(self, request):
        if not (
            self.has_add_permission(request) and request.user.has_perm("news.add_image")
        ):
            raise PermissionDenied

    # Uploading

    def word(self, request):
        """Take files, each on its own: what is wrong with one is told of that one."""
        self._check_may_import(request)
        if request.method == "POST":
            uploads.remove_old()
            kept = self._keep(request, request.FILES.getlist("files"))
            waiting = uploads.waiting(request.user)
            if len(waiting) == 1 and kept:
                return HttpResponseRedirect(_review_url(waiting[0]))
            # To itself, so that a reload sends nothing again.
            return HttpResponseRedirect(reverse("admin:news_article_word"))
        return self._page(
            request,
            "admin/news/article/docx_upload.html",
            title=_("Import from Word"),
            uploads=[(u, _review_url(u)) for u in uploads.waiting(request.user)],
            limit=settings.MAX_ATTACHMENT_BYTES // 2**20,
            media=_media(),
        )

    def _keep(self, request, files) -> int:
        kept, room = 0, uploads.MAX_WAITING - len(uploads.waiting(request.user))
        if not files:
            self.message_user(request, _("Choose a file first."), messages.ERROR)
        for file in files:
            try:
                if kept >= room:
                    raise ValidationError(
                        _("%(max)s files wait already; review or drop some first.")
                        % {"max": uploads.MAX_WAITING}
                    )
                reading.read(file)
            except ValidationError as error:
                sentence = f"“{file.name}”: {' '.join(error.messages)}"
                self.message_user(request, sentence, messages.ERROR)
            else:
                uploads.keep(request.user, file)
                kept += 1
        return kept

    # Reviewing

    def word_review(self, request, token):
        self._check_may_import(request)
        waiting = {upload.token: upload for upload in uploads.waiting(request.user)}
        upload = waiting.get(token)
        if upload is None:
            message = _(
                "This file no longer waits: it was imported, dropped, or is older than "
                "a day."
            )
            self.message_user(request, message, messages.WARNING)
            return HttpResponseRedirect(reverse("admin:news_article_word"))
        if "_drop" in request.POST:
            uploads.discard(request.user, token)
            message = _("“%(name)s” was dropped; nothing was stored.")
            self.message_user(request, message % {"name": upload.name})
            return HttpResponseRedirect(self._next_url(request))
        with uploads.open_file(request.user, token) as file:
            return self._review(request, upload, file)

    def _review(self, request, upload, file):
        may_add_units = request.user.has_perm("news.add_unit")
        try:
            proposal = reading.read(file)
        except ValidationError as error:  # a newer version of the site is stricter
            uploads.discard(request.user, upload.token)
            self.message_user(request, " ".join(error.messages), messages.ERROR)
            return HttpResponseRedirect(reverse("admin:news_article_word"))
        body = _editor_html(proposal.body, upload.token)
        review = form.ReviewForm(
            request.POST if request.method == "POST" else None,
            initial=form.initial(proposal, body, may_add_units),
            may_add_units=may_add_units,
            limit=hooks.category_limit(request.user),
        )
        if request.method == "POST" and review.is_valid():
            try:
                with Package(file) as package:
                    created = creating.create(review, package, request.user)
            except ValidationError as error:
                _add_errors(review, error)
            else:
                return self._created(request, upload, created)
        fieldsets = [
            (
                name,
                options
                | {"fields": [f for f in options["fields"] if f in review.fields]},
            )
            for name, options in _FIELDSETS
        ]
        others = [u for u in uploads.waiting(request.user) if u != upload]
        return self._page(
            request,
            "admin/news/article/docx_review.html",
            title=_("Review what was recognised"),
            upload=upload,
            others=len(others),
            warnings=proposal.warnings,
            adminform=AdminForm(review, fieldsets, {}),
            errors=review.errors,
            media=_media() + review.media,
        )

    def _created(self, request, upload, created):
        uploads.discard(request.user, upload.token)
        self.log_addition(request, created.article, [{"added": {}}])
        for image in created.images:
            self.log_addition(request, image, [{"added": {}}])
        message = _("The draft was made from “%(name)s”; nobody sees it yet.")
        self.message_user(request, message % {"name": upload.name}, messages.SUCCESS)
        if left := uploads.waiting(request.user):
            message = ngettext(
                "%(count)s more Word file waits:",
                "%(count)s more Word files wait:",
                len(left),
            )
            link = format_html(
                '{} <a href="{}">{}</a>',
                message % {"count": len(left)},
                _review_url(left[0]),
                _("review “%(name)s”") % {"name": left[0].name},
            )
            self.message_user(request, link)
        url = reverse("admin:news_article_change", args=[created.article.pk])
        return HttpResponseRedirect(url)

    def _next_url(self, request) -> str:
        left = uploads.waiting(request.user)
        return _review_url(left[0]) if left else reverse("admin:news_article_word")

    def word_picture(self, request, token, number):
        """A picture of a waiting file, decoded and made anew; never its bytes."""
        self._check_may_import(request)
        file = uploads.open_file(request.user, token)
        if file is None:
            raise Http404
        try:
            with file, Package(file) as package:
                name = dict(enumerate(package.media(), 1)).get(number)
                if name is None:
                    raise Http404
                data = creating.read_picture(package, name)
            jpeg = images.small_jpeg(data, _PREVIEW_WIDTH)
        except ValidationError as error:
            raise Http404 from error
        return HttpResponse(
            jpeg,
            content_type="image/jpeg",
            headers={
                "Cache-Control": "no-store, private",
                "X-Content-Type-Options": "nosniff",
            },
        )

    def _page(self, request, template, **context):
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "opts": Article._meta,
            **context,
        }
        return render(request, template, context)


def _review_url(upload: uploads.Upload) -> str:
    return reverse("admin:news_article_word_review", args=[upload.token])


def _media() -> forms.Media:
    return forms.Media(
        css={"all": ["admin_theme/docx.css"]},
        # Django's calendar builds on core.js, which a ModelAdmin's form brings.
        js=["admin/js/core.js", forms.Script("admin_theme/forms.js", type="module")],
    )


def _editor_html(body: Document, token: str) -> str:
    """Return the body with previews in its figures, as the editor works on it."""

    def figure(figure: Figure) -> str:
        number = figure.image - reading.PENDING
        source = reverse("admin:news_article_word_picture", args=[token, number])
        img = f'<img src="{escape(source)}" alt="{escape(figure.alt)}">'
        start, end = figure_html(figure).split(">", 1)
        return f"{start}>{img}{end}"

    return body.html(figure)


def _add_errors(review, error: ValidationError) -> None:
    if hasattr(error, "error_dict"):
        for name, errors in error.error_dict.items():
            review.add_error(name if name in review.fields else None, errors)
    else:
        review.add_error(None, error)
